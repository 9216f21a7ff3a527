"""What was tried and is not kept yet: it goes to the page and comes back with the answer, sealed. So nobody types a
password twice, and no page holds one.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from telehealth.domain.calendar_ports import CalendarAccess, FoundCalendar
from telehealth.domain.calendar_refusals import CalendarsOff, DraftEnded
from telehealth.domain.calendar_words import CalendarKind
from telehealth.domain.sealing import KeyRing, SealBroken

KEPT_FOR: Final = timedelta(minutes=30)
LONGEST: Final = 200_000
PLACE: Final = "calendar_connection.draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An account that opened, and the calendars that were found."""

    kind: CalendarKind
    access: CalendarAccess = field(repr=False)
    found: Sequence[FoundCalendar]


def seal_draft(ring: KeyRing, draft: Draft, *, place: str, now: datetime) -> str:
    """The draft as a word that opens for half an hour, and only for ``place``: who tried it for which therapist. Raises
    CalendarsOff.
    """
    if ring.is_empty:
        raise CalendarsOff
    access = draft.access
    told = {
        "kind": draft.kind,
        "access": [access.address, access.username, dict(access.secrets)],
        "found": [[each.remote_id, each.name, each.can_write, each.zone, each.is_main] for each in draft.found],
        "until": (now + KEPT_FOR).timestamp(),
    }
    sealed = ring.seal(json.dumps(told).encode(), place=f"{PLACE}:{place}")
    return base64.urlsafe_b64encode(sealed).decode()


def open_draft(ring: KeyRing, word: str, *, place: str, now: datetime) -> Draft:
    """The draft again. Raises DraftEnded for one that is over, or not theirs."""
    if not 0 < len(word) <= LONGEST:
        raise DraftEnded
    try:
        sealed = base64.urlsafe_b64decode(word.encode())
        told = json.loads(ring.open(sealed, place=f"{PLACE}:{place}"))
    except (SealBroken, ValueError) as problem:
        raise DraftEnded from problem
    if told["until"] <= now.timestamp():
        raise DraftEnded
    return Draft(
        kind=CalendarKind(told["kind"]),
        access=CalendarAccess(*told["access"]),
        found=[FoundCalendar(*each) for each in told["found"]],
    )
