"""Who did what to which appointment or standing slot, when, and from where. Lines are added, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from telehealth.domain.words import Actor, Via
from telehealth.models import Appointment, AppointmentEvent, Series, SeriesEvent

# Built once: building a statement takes longer than running it.
_OF_APPOINTMENT, _OF_SERIES = insert(AppointmentEvent), insert(SeriesEvent)


@dataclass(frozen=True, slots=True)
class ActedBy:
    """Who does it, by which way, and from which network address (as the door saw it)."""

    actor: Actor
    user_id: int | None = None
    via: Via | None = None
    remote_address: str | None = None

    @property
    def is_staff(self) -> bool:
        """Whether rules that bind clients may be set aside."""
        return self.actor != Actor.CLIENT


SYSTEM = ActedBy(Actor.SYSTEM, via=Via.JOBS)


def raise_sequence(appointment: Appointment, *, now: datetime) -> None:
    """Every change of an appointment is a new version of it: SEQUENCE only grows (RFC 5546 section 2.1.4)."""
    appointment.sequence += 1
    appointment.changed_at = now


def record_event(
    session: Session, about: Appointment | Series, action: str, by: ActedBy, *, now: datetime, **details: Any
) -> None:
    """Write one line. ``details`` must be what JSON can hold; instants and dates are given as such and kept as ISO
    8601, and what is None is left out.
    """
    given = {key: value for key, value in details.items() if value is not None}
    said = {key: value.isoformat() if isinstance(value, date) else value for key, value in given.items()}
    if isinstance(about, Series):
        statement, subject = _OF_SERIES, "series_id"
    else:
        statement, subject = _OF_APPOINTMENT, "appointment_id"
        said = {"sequence": about.sequence, **said}
    line = {
        "practice_id": about.practice_id,
        subject: about.id,
        "at": now,
        "action": action,
        "actor": by.actor,
        "user_id": by.user_id,
        "via": by.via,
        "remote_address": by.remote_address,
        "details": said,
    }
    session.connection().execute(statement, line)
