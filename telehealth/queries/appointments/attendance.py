"""When clients cancelled late or did not come: facts with their dates, for staff only and without a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Attendee
from telehealth.queries.loading import is_given_by


@dataclass(frozen=True, slots=True)
class AttendanceRecord:
    """When (aware starts, the latest first) a client cancelled late, and when they did not come."""

    late_cancellations: tuple[datetime, ...] = ()
    no_shows: tuple[datetime, ...] = ()


def attendance_of_client(practice_id: int, client_id: int, *, therapist_id: int | None = None) -> AttendanceRecord:
    """The record of one client of this practice; only with one therapist when given."""
    late = (Attendee.status == AppointmentStatus.CANCELLED) & Attendee.late_cancel
    statement = (
        select(Appointment.starts_at, Attendee.status)
        .join(Attendee.appointment)
        .where(
            Appointment.practice_id == practice_id,
            Attendee.client_id == client_id,
            late | (Attendee.status == AppointmentStatus.NOSHOW),
        )
        .order_by(Appointment.starts_at.desc(), Attendee.id.desc())
    )
    if therapist_id is not None:
        statement = statement.where(is_given_by(therapist_id))
    rows = db.session.execute(statement).all()
    missed = AppointmentStatus.NOSHOW
    return AttendanceRecord(
        late_cancellations=tuple(row.starts_at for row in rows if row.status != missed),
        no_shows=tuple(row.starts_at for row in rows if row.status == missed),
    )
