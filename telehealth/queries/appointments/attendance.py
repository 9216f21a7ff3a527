"""When clients cancelled late or did not come: facts with their dates, for staff only and without a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from telehealth.database import db
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Attendee
from telehealth.queries.loading import APPOINTMENTS, is_given_by

MOST_UNMARKED = 50
MARKED_WITHIN = timedelta(days=60)
"""What nobody has marked for so long is left alone: a practice that never marks is not asked about years."""


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


def list_unmarked(practice_id: int, *, therapist_id: int | None = None, now: datetime) -> Sequence[Appointment]:
    """What is over, and nobody has said whether it took place: the first ones of the last weeks, in order; of one
    therapist when given.
    """
    ids = (
        select(Appointment.id)
        .where(
            Appointment.practice_id == practice_id,
            Appointment.status.in_((AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED)),
            Appointment.starts_at > now - MARKED_WITHIN,
            Appointment.starts_at < now,
            Appointment.ends_at <= now,
            *(() if therapist_id is None else (is_given_by(therapist_id),)),
        )
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(MOST_UNMARKED)
    )
    statement = APPOINTMENTS.where(Appointment.id.in_(ids)).options(joinedload(Appointment.room))
    return db.session.scalars(statement.order_by(Appointment.starts_at, Appointment.id)).unique().all()
