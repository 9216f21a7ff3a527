"""What calendar feeds say of what fills somebody's days: as much as their address may tell, and no more. Pure.

Each event is made from rows in which the database said all that it shows (``queries.calendars.feed_rows``), and from
nothing else. So what was made of equal rows is kept and given again, by every process for itself, and cannot be old.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple

from telehealth.domain.contact import say_phone
from telehealth.domain.icalendar import Entry, EntryStatus, FeedDetail, FeedSubject, write_event
from telehealth.domain.messages.phrases import IN
from telehealth.domain.naming import initials
from telehealth.domain.words import AppointmentStatus

MOST_KEPT: Final = 10_000
"""Events that a process keeps as they were written: some twenty megabytes."""

FeedRow = tuple[Any, ...]  # Whatever the columns hold.
"""An event for one client who comes to it: its start (microseconds since 1970), its uid, and what else is shown."""

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class ShownKind(StrEnum):
    """What an event of a feed stands for."""

    APPOINTMENT = "appointment"
    KEPT = "kept"  # A date of a standing slot whose appointment is not made yet.
    TIME_OFF = "time_off"


class FeedShape(NamedTuple):
    """What all events of a feed have in common: how much it tells, and whose it is. ``stamped_at`` is when the address
    was last changed: time off knows no such instant itself. ``language`` is that of a client's own feed.
    """

    subject: FeedSubject
    detail: FeedDetail
    shows_place: bool
    sender_name: str
    phone: str
    base_url: str
    stamped_at: datetime
    language: str


@dataclass(frozen=True, slots=True)
class _Shown:
    """An appointment, or a kept date, in what all of its rows have in common, and who comes as (name, code name)."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    sequence: int
    status: AppointmentStatus
    path: str
    therapists: str
    place: str
    clients: Sequence[tuple[str, str]]


def list_shown(texts: Mapping[ShownKind, str]) -> list[tuple[ShownKind, tuple[FeedRow, ...]]]:
    """The events in what the database said of each kind, rows with commas between them; by their starts."""
    found: defaultdict[tuple[int, str, ShownKind], list[FeedRow]] = defaultdict(list)
    for kind, text in texts.items():
        for row in json.loads(f"[{text}]"):
            found[row[0], row[1], kind].append(tuple(row))
    return [(kind, tuple(rows)) for (*_, kind), rows in sorted(found.items())]


@lru_cache(maxsize=MOST_KEPT)
def write_shown(shape: FeedShape, kind: ShownKind, rows: tuple[FeedRow, ...]) -> bytes:
    """One event: of time off one row, else one for each client who comes."""
    if kind == ShownKind.TIME_OFF:
        return write_event(_time_off(shape, *rows[0]))
    return write_event(_entry(shape, _read(kind, rows)))


def say_appointment(shape: FeedShape, rows: Iterable[FeedRow]) -> Entry:
    """An appointment as a feed of this shape says it: for whoever writes it elsewhere otherwise."""
    return _entry(shape, _read(ShownKind.APPOINTMENT, rows))


def _read(kind: ShownKind, rows: Iterable[FeedRow]) -> _Shown:
    first, *others = sorted(rows, key=lambda row: row[-3] or 0)
    starts, uid, ends, changed, sequence, status, public_id, therapist, colleague, place, address, *_ = first
    is_kept = kind == ShownKind.KEPT
    return _Shown(
        uid=uid,
        starts_at=_instant(starts),
        ends_at=_instant(starts) + timedelta(minutes=ends) if is_kept else _instant(ends),
        changed_at=_instant(changed),
        sequence=sequence,
        status=AppointmentStatus(status),
        path=f"/desk/{'series' if is_kept else 'appointments'}/{public_id}",
        therapists=" and ".join(each for each in (therapist, colleague) if each),
        place=f"{place}, {address}" if place else "",
        clients=[(name, code) for *_, name, code in (first, *others) if name is not None],
    )


def _entry(shape: FeedShape, shown: _Shown) -> Entry:
    is_for_client, is_full = shape.subject == FeedSubject.CLIENT, shape.detail == FeedDetail.FULL
    # The desk asks for a password. A client's links open without one, so no feed has them: their mails do.
    url = "" if is_for_client or shape.detail == FeedDetail.BUSY else f"{shape.base_url}{shown.path}"
    questions = IN[shape.language].around.entry_questions.format(phone=_say_phone(shape.phone))
    return Entry(
        uid=shown.uid,
        sequence=shown.sequence,
        starts_at=shown.starts_at,
        ends_at=shown.ends_at,
        updated_at=shown.changed_at,
        summary=_client_summary(shape) if is_for_client else _summary(shape, shown),
        description=questions if is_for_client else f"Open: {url}\n{questions}" if is_full else "",
        location=shown.place if shape.shows_place else "",
        url=url,
        status=_STATUS.get(shown.status, EntryStatus.CONFIRMED),
    )


_STATUS = {
    AppointmentStatus.PENDING: EntryStatus.TENTATIVE,
    AppointmentStatus.CANCELLED: EntryStatus.CANCELLED,
}


def _client_summary(shape: FeedShape) -> str:
    return IN[shape.language].around.entry.format(sender=shape.sender_name)


def _summary(shape: FeedShape, shown: _Shown) -> str:
    """Nothing, or who comes; in what is not one therapist's own, with whom."""
    if shape.detail == FeedDetail.BUSY:
        return "Busy"
    is_request = shown.status == AppointmentStatus.PENDING
    names = [_say_client(shape.detail, *each, is_request=is_request) for each in shown.clients]
    said = ", ".join(names) or "Appointment"
    said = f"Request: {said}" if is_request else said
    return said if shape.subject == FeedSubject.THERAPIST else f"{shown.therapists}: {said}"


def _say_client(detail: FeedDetail, name: str, code_name: str, *, is_request: bool) -> str:
    """A request is not from a client yet, perhaps from nobody: it never says more than initials."""
    if detail == FeedDetail.INITIALS or is_request:
        return initials(code_name or name)
    if detail == FeedDetail.CODE_NAME:
        return code_name or initials(name)
    return code_name or name


def _time_off(shape: FeedShape, starts: int, uid: str, ends: int, therapist: str) -> Entry:
    """Why somebody is away is for staff at the desk only."""
    is_own = shape.subject == FeedSubject.THERAPIST
    return Entry(
        uid=uid,
        sequence=0,
        starts_at=_instant(starts),
        ends_at=_instant(ends),
        updated_at=shape.stamped_at,
        summary="Busy" if shape.detail == FeedDetail.BUSY else "Away" if is_own else f"{therapist}: away",
    )


def _instant(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND


@lru_cache(maxsize=64)
def _say_phone(number: str) -> str:
    return say_phone(number)


# The first that fits: some programs call themselves by the names of others as well.
_PROGRAMS: Final = (
    ("Google Calendar", r"google"),
    ("Outlook", r"outlook|microsoft|exchange|msoffice"),
    ("Thunderbird", r"thunderbird|lightning"),
    ("ICSx⁵", r"icsx5|davx5"),
    ("vdirsyncer", r"vdirsyncer"),
    ("khal", r"khal"),
    ("Nextcloud", r"nextcloud|sabre"),
    ("Fastmail", r"fastmail|cyrus"),
    ("Proton Calendar", r"proton"),
    ("Yahoo Calendar", r"yahoo"),
    ("GNOME Calendar", r"evolution|gnome"),
    ("KOrganizer", r"korganizer|akonadi|kde"),
    ("Apple Calendar", r"dataaccessd|calendaragent|calendard|cfnetwork|darwin|ios/|macos/|mac os x/"),
    ("A script", r"curl|wget|python|node|ruby|go-http|java"),
    ("A browser", r"mozilla"),
)


def name_program(user_agent: str) -> str:
    """Which family of programs asks, and no more: versions and devices tell who somebody is."""
    said = user_agent[:400].lower()
    return next((name for name, hint in _PROGRAMS if re.search(hint, said)), "Another program")
