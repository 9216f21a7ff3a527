"""Appointments as people ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from telehealth.database import db
from telehealth.domain.errors import LinkInvalid, NotFound
from telehealth.models import Appointment, Attendee, Message
from telehealth.queries.facts import APPOINTMENTS


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the start and the public id of its last appointment."""

    starts_at: datetime
    public_id: str


def seat(attendee_public_id: str) -> Attendee:
    """The seat that a signed link names, with its appointment. Raises LinkInvalid."""
    found = db.session.scalar(
        select(Attendee)
        .where(Attendee.public_id == attendee_public_id)
        .options(
            joinedload(Attendee.appointment).options(
                joinedload(Appointment.practice),
                joinedload(Appointment.service),
                joinedload(Appointment.therapist),
                joinedload(Appointment.location),
            )
        )
    )
    if found is None:
        raise LinkInvalid
    return found


def by_public_id(practice_id: int, public_id: str, *, therapist_id: int | None = None) -> Appointment:
    """An appointment of this practice, and of this therapist when one is given. Raises NotFound."""
    statement = APPOINTMENTS.where(Appointment.practice_id == practice_id, Appointment.public_id == public_id)
    if therapist_id is not None:
        statement = statement.where(Appointment.therapist_id == therapist_id)
    found = db.session.scalars(statement.options(selectinload(Appointment.events))).unique().one_or_none()
    if found is None:
        raise NotFound
    return found


def between(
    practice_id: int, since: datetime, until: datetime, *, therapist_id: int | None = None
) -> Sequence[Appointment]:
    """Appointments that start in [since, until), cancelled ones too, in order; of one therapist when given."""
    statement = APPOINTMENTS.where(
        Appointment.practice_id == practice_id, Appointment.starts_at >= since, Appointment.starts_at < until
    )
    if therapist_id is not None:
        statement = statement.where(Appointment.therapist_id == therapist_id)
    return db.session.scalars(statement.order_by(Appointment.starts_at, Appointment.id)).unique().all()


def page(
    practice_id: int,
    since: datetime,
    until: datetime,
    *,
    therapist_id: int | None,
    after: Place | None,
    limit: int,
) -> Sequence[Appointment]:
    """At most ``limit`` of what ``between`` gives, from the place where the page before ended."""
    statement = APPOINTMENTS.where(
        Appointment.practice_id == practice_id, Appointment.starts_at >= since, Appointment.starts_at < until
    )
    if therapist_id is not None:
        statement = statement.where(Appointment.therapist_id == therapist_id)
    if after is not None:
        later_id = (Appointment.starts_at == after.starts_at) & (Appointment.public_id > after.public_id)
        statement = statement.where((Appointment.starts_at > after.starts_at) | later_id)
    ordered = statement.order_by(Appointment.starts_at, Appointment.public_id).limit(limit)
    return db.session.scalars(ordered).unique().all()


def messages(appointment_id: int) -> Sequence[Message]:
    """Everything said or to be said about an appointment, in the order it was planned for."""
    return (
        db.session.scalars(
            select(Message)
            .where(Message.appointment_id == appointment_id)
            .outerjoin(Message.attendee)
            .options(contains_eager(Message.attendee), selectinload(Message.events))
            .order_by(Message.planned_for, Message.id)
        )
        .unique()
        .all()
    )
