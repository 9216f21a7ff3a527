"""What opens calendars elsewhere: sealed for the row that keeps it, and opened for whoever is about to go there."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from telehealth.domain.calendar_ports import CalendarAccess
from telehealth.domain.calendar_refusals import CalendarsOff
from telehealth.domain.sealing import KeyRing, SealBroken
from telehealth.models import CalendarConnection

log = logging.getLogger(__name__)


def find_place(public_id: str) -> str:
    """What the secret of a connection is bound to."""
    return f"calendar_connection.secret:{public_id}"


def seal_secrets(ring: KeyRing, public_id: str, secrets: Mapping[str, str]) -> bytes:
    """The secrets of a connection, sealed for its row. Raises CalendarsOff where there is no key."""
    if ring.is_empty:
        raise CalendarsOff
    return ring.seal(json.dumps(dict(secrets)).encode(), place=find_place(public_id))


def open_access(ring: KeyRing, connection: CalendarConnection) -> CalendarAccess:
    """How to get in. Raises SealBroken, also for a connection that has ended."""
    sealed = connection.secret or b""
    secrets = json.loads(ring.open(sealed, place=find_place(connection.public_id)))
    return CalendarAccess(address=connection.address, username=connection.username, secrets=secrets)


def try_to_open(ring: KeyRing, connection: CalendarConnection) -> CalendarAccess | None:
    """The same for whoever goes on without it: None where a key of ours is missing, which the log tells the operator
    and no therapist can mend, and for a connection that has ended.
    """
    try:
        return open_access(ring, connection)
    except SealBroken:
        if connection.secret is not None:
            about = {"connection": connection.public_id}
            log.error("no key of ENCRYPTION_KEYS opens a calendar's secret", extra=about)  # noqa: TRY400 -- says it all
        return None
