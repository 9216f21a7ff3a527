"""When clients cancelled late or did not come: facts with their dates, for staff only and without a verdict; and who
never came to our own video room, as is proposed to be marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from telehealth.database import db
from telehealth.domain.video.calls import CallerRole
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment, Attendee, Caller, Practice, VideoCall
from telehealth.queries.loading import APPOINTMENTS, is_given_by

MOST_UNMARKED = 50
MARKED_WITHIN = timedelta(days=60)
"""What nobody has marked for so long is left alone: a practice that never marks is not asked about years."""
LOOKED_AT_FOR = timedelta(days=1)
"""After the start: whoever did not come and nobody noticed by then, nobody proposes any more."""
GOES_ON = (AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED)
MOST_PROPOSED = 50


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
            Appointment.status.in_(GOES_ON),
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


def list_absent(*, now: datetime) -> Sequence[Attendee]:
    """Seats of appointments of the last day, with their appointments, in whose call nobody has come for the client and
    a therapist has, and of which nothing was proposed yet. Who asked to be called instead is none of them.
    """
    came = exists().where(Caller.call_id == VideoCall.id, Caller.attendee_id == Attendee.id)
    therapist = exists().where(Caller.call_id == VideoCall.id, Caller.role == CallerRole.THERAPIST)
    never_entered = or_(Attendee.entered_at.is_(None), Attendee.entered_at < now - LOOKED_AT_FOR)
    statement = (
        select(Attendee)
        .join(Attendee.appointment)
        # By way of the practice, whose appointments stand in an index by their starts.
        .join(Practice, Practice.id == Appointment.practice_id)
        .join(VideoCall, VideoCall.appointment_id == Appointment.id)
        .where(
            Appointment.starts_at > now - LOOKED_AT_FOR,
            Appointment.starts_at <= now,
            Appointment.mode == Mode.VIRTUAL,
            Appointment.status.in_(GOES_ON),
            Appointment.asked_to_move_at.is_(None),
            Attendee.status == AppointmentStatus.BOOKED,
            Attendee.absence_proposed_at.is_(None),
            Attendee.call_asked_at.is_(None),
            never_entered,
            ~came,
            therapist,
        )
        .options(contains_eager(Attendee.appointment))
        .order_by(Attendee.id)
    )
    return db.session.scalars(statement).unique().all()


def list_proposed(practice_id: int, *, therapist_id: int | None = None) -> Sequence[Attendee]:
    """Seats of which it is proposed, and nobody has answered, that their client did not come; the first ones in order,
    of one therapist when given.
    """
    statement = (
        select(Attendee)
        .join(Attendee.appointment)
        .where(*_waits(practice_id, therapist_id))
        .options(contains_eager(Attendee.appointment))
        .order_by(Appointment.starts_at, Attendee.id)
        .limit(MOST_PROPOSED)
    )
    return db.session.scalars(statement).unique().all()


def select_proposed(practice_id: int, therapist_id: int | None = None) -> Select[int]:
    """The statement that counts them."""
    return select(func.count(Attendee.id)).join(Attendee.appointment).where(*_waits(practice_id, therapist_id))


def is_proposed(seat: Attendee) -> bool:
    """Whether that is proposed of a seat."""
    return (
        seat.absence_proposed_at is not None
        and seat.absence_answered_at is None
        and seat.status == AppointmentStatus.BOOKED
        and seat.appointment.status in GOES_ON
    )


def _waits(practice_id: int, therapist_id: int | None) -> Sequence[ColumnElement[bool]]:
    theirs: tuple[Any, ...] = () if therapist_id is None else (is_given_by(therapist_id),)
    return (
        Attendee.practice_id == practice_id,
        Attendee.absence_proposed_at.is_not(None),
        Attendee.absence_answered_at.is_(None),
        Attendee.status == AppointmentStatus.BOOKED,
        Appointment.status.in_(GOES_ON),
        *theirs,
    )
