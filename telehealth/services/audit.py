"""Who did what to which appointment, standing slot, or setting of a practice, when, and from where. Lines are added,
never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from itertools import takewhile
from typing import Any, TypeVar

from sqlalchemy import insert
from sqlalchemy.orm import Session

from telehealth.database import RowValues
from telehealth.domain.audit_words import Actor, AuditAction, AuditSubject, Via
from telehealth.domain.errors import NotAllowed
from telehealth.domain.links import Linked, companion_of
from telehealth.domain.networks import network_of
from telehealth.models import (
    Appointment,
    AppointmentEvent,
    Companion,
    Location,
    PracticeEvent,
    Room,
    Series,
    SeriesEvent,
    Service,
)

Row = TypeVar("Row")
LastingRow = TypeVar("LastingRow", Companion, Location, Room, Service)
"""What may end, and some of it be in use again."""

# Built once: building a statement takes longer than running it.
_OF_APPOINTMENT, _OF_SERIES, _OF_PRACTICE = insert(AppointmentEvent), insert(SeriesEvent), insert(PracticeEvent)
LONGEST_TOLD, LEAD = 200, 20
"""So many letters of a text are kept in a line, and so many of what is the same before the part that changed."""


@dataclass(frozen=True, slots=True)
class ActedBy:
    """Who does it, by which way, and from which network address (as the door saw it). ``companion`` is who did it for
    the client (public id), if somebody did.
    """

    actor: Actor
    user_id: int | None = None
    via: Via | None = None
    remote_address: str | None = None
    companion: str = ""

    def through(self, link: Linked) -> ActedBy:
        """The same, as whoever the link was made for."""
        return replace(self, companion=companion_of(link))

    @property
    def network(self) -> str:
        """The network that the address is in, which is what is counted."""
        return network_of(self.remote_address)

    @property
    def is_staff(self) -> bool:
        """Whether rules that bind clients may be set aside."""
        return self.actor != Actor.CLIENT

    def require_staff(self) -> None:
        """Raises NotAllowed for clients."""
        if not self.is_staff:
            raise NotAllowed


@dataclass(frozen=True, slots=True)
class Setting:
    """Something that a practice sets: of which kind, the public id where it has one, and what people call it."""

    subject: AuditSubject
    public_id: str | None = None
    name: str = ""


SYSTEM = ActedBy(Actor.SYSTEM, via=Via.JOBS)
COMMAND = ActedBy(Actor.STAFF, via=Via.COMMAND)
"""Whoever has a shell on the server."""


def raise_sequence(appointment: Appointment, *, now: datetime) -> None:
    """Every change of an appointment is a new version of it: SEQUENCE only grows (RFC 5546 section 2.1.4)."""
    appointment.sequence += 1
    appointment.changed_at = now


def record_event(
    session: Session,
    about: Appointment | Series,
    action: AuditAction,
    by: ActedBy,
    *,
    now: datetime,
    **details: Any,  # Whatever JSON can hold.
) -> None:
    """Write one line about an appointment or a standing slot. Of the ``details`` those that are None are left out;
    instants, dates and times are kept as ISO 8601.
    """
    record_events(session, [(about, details)], action, by, now=now)


def record_events(
    session: Session,
    told: Sequence[tuple[Appointment | Series, Mapping[str, object]]],
    action: AuditAction,
    by: ActedBy,
    *,
    now: datetime,
) -> None:
    """The same about each of many appointments, with the details of each, in one statement."""
    rows = [_line_about(about, action, by, now, details) for about, details in told]
    if rows:
        session.connection().execute(_OF_SERIES if "series_id" in rows[0] else _OF_APPOINTMENT, rows)


def _line_about(
    about: Appointment | Series, action: AuditAction, by: ActedBy, now: datetime, details: Mapping[str, object]
) -> RowValues:
    said = _as_json({key: value for key, value in details.items() if value is not None})
    said |= {"companion": by.companion} if by.companion else {}
    if isinstance(about, Series):
        which = {"series_id": about.id}
    else:
        which, said = {"appointment_id": about.id}, {"sequence": about.sequence, **said}
    return {"practice_id": about.practice_id, **which, **_line(action, by, now, said)}


def record_setting(
    session: Session,
    practice_id: int,
    about: Setting,
    action: AuditAction,
    by: ActedBy,
    *,
    now: datetime,
    **details: Any,  # Whatever JSON can hold.
) -> None:
    """Write one line about something that a practice sets, best with ``**differences(before, after)``. Details are kept
    as ``record_event`` keeps them, and long texts are cut.
    """
    said = _cut(_as_json({key: value for key, value in details.items() if value is not None}))
    which = {"subject": about.subject, "subject_public_id": about.public_id, "name": about.name[:200]}
    session.connection().execute(_OF_PRACTICE, {"practice_id": practice_id, **which, **_line(action, by, now, said)})


def record_change(
    session: Session,
    practice_id: int,
    about: Setting,
    by: ActedBy,
    *,
    before: Mapping[str, object],
    after: Mapping[str, object],
    now: datetime,
    **details: Any,  # Whatever JSON can hold.
) -> None:
    """Write one line about what is otherwise now; none when nothing is."""
    if said := differences(before, after):
        record_setting(session, practice_id, about, AuditAction.CHANGED, by, now=now, **said, **details)


def change_row(
    session: Session,
    practice_id: int,
    row: Row,
    values: RowValues,
    named: Callable[[Row], Setting],
    by: ActedBy,
    *,
    now: datetime,
) -> RowValues:
    """Give a row other values, and write one line about what is otherwise now; none when nothing is. ``named`` says
    what it is called, as it is then. Returns what it had before.
    """
    before: RowValues = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    record_change(session, practice_id, named(row), by, before=before, after=values, now=now)
    return before


def end_row(
    session: Session,
    practice_id: int,
    row: LastingRow,
    named: Callable[[LastingRow], Setting],
    by: ActedBy,
    *,
    now: datetime,
) -> bool:
    """Let a row end, on record. Whether it did just now: twice is as good as once."""
    if row.ended_at is not None:
        return False
    row.ended_at = now
    record_setting(session, practice_id, named(row), AuditAction.ENDED, by, now=now)
    return True


def reopen_row(
    session: Session,
    practice_id: int,
    row: LastingRow,
    named: Callable[[LastingRow], Setting],
    by: ActedBy,
    *,
    now: datetime,
) -> bool:
    """Let a row be in use again, on record. Whether it had ended."""
    if row.ended_at is None:
        return False
    row.ended_at = None
    record_setting(session, practice_id, named(row), AuditAction.REOPENED, by, now=now)
    return True


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """``before`` and ``after`` with only what is not the same; nothing when everything is."""
    old, new = _as_json(before), _as_json(after)
    changed = {key: _parted(old.get(key), new[key]) for key in new if old.get(key) != new[key]}
    if not changed:
        return {}
    return {
        "before": {key: first for key, (first, _) in changed.items()},
        "after": {key: last for key, (_, last) in changed.items()},
    }


def _parted(old: object, new: object) -> tuple[object, object]:
    """Of two long texts what follows from where they part: their beginnings may be the same."""
    if not (isinstance(old, str) and isinstance(new, str)) or max(len(old), len(new)) <= LONGEST_TOLD:
        return old, new
    alike = takewhile(lambda letters: letters[0] == letters[1], zip(old, new, strict=False))
    begin = sum(1 for _ in alike) - LEAD
    return (f"…{old[begin:]}", f"…{new[begin:]}") if begin > 0 else (old, new)


def _cut(value: object) -> Any:  # What JSON can hold.
    if isinstance(value, dict):
        return {key: _cut(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_cut(each) for each in value]
    return f"{value[: LONGEST_TOLD - 1]}…" if isinstance(value, str) and len(value) > LONGEST_TOLD else value


def _line(action: AuditAction, by: ActedBy, now: datetime, details: Mapping[str, object]) -> RowValues:
    return {
        "at": now,
        "action": action,
        "actor": by.actor,
        "user_id": by.user_id,
        "via": by.via,
        "remote_address": by.remote_address,
        "details": details,
    }


def _as_json(value: object) -> Any:  # What JSON can hold.
    if isinstance(value, Mapping):
        return {key: _as_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(each) for each in value]
    return value.isoformat() if isinstance(value, date | time) else value
