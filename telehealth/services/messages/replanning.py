"""Planning anew what lies ahead of some people, after something was said that concerns all of their appointments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from telehealth.domain.appointments.states import ACTIVE
from telehealth.domain.words import Channel
from telehealth.models import Appointment, Attendee, Client
from telehealth.queries.consent.reaching import folded, is_reached_at
from telehealth.services.locking import lock_appointment
from telehealth.services.messages.planning import replan_appointment

NEVER = -1
"""A plan version that no practice has: the appointment is planned anew by the next tick, or before its next message."""


def belongs_to(client_ids: Iterable[int]) -> ColumnElement[bool]:
    """Seats of these clients."""
    return Attendee.client_id.in_(list(client_ids))


def goes_to(channel: Channel, address: str) -> ColumnElement[bool]:
    """Seats whose messages would go to this number or (folded) address."""
    typed = Attendee.phone == address if channel == Channel.TEXT else folded(Attendee.email) == address
    return is_reached_at(channel, address, typed)


def lock_ahead(
    session: Session, seats: ColumnElement[bool], *, now: datetime, practice_id: int | None = None
) -> list[Appointment]:
    """The appointments ahead in which such seats are, locked in the order of their ids.

    To be called before anything is written: whoever plans anew holds the appointments first.
    """
    found = session.execute(
        select(Appointment.practice_id, Appointment.id)
        .where(*_ahead(seats, practice_id, now=now))
        .order_by(Appointment.id)
    ).all()
    return [lock_appointment(session, row.practice_id, row.id) for row in found]


def replan_all(session: Session, appointments: Iterable[Appointment], *, now: datetime) -> None:
    """Plan each of them anew; what was said about it before is kept."""
    for appointment in appointments:
        replan_appointment(session, appointment, now=now)


def have_replanned(session: Session, seats: ColumnElement[bool], *, now: datetime, practice_id: int) -> None:
    """Let the next tick plan them anew. For callers who hold a message: they must not wait for an appointment, so one
    that somebody else is changing is passed over; before it is sent, every message is looked at again anyway.
    """
    free = (
        select(Appointment.id)
        .where(*_ahead(seats, practice_id, now=now))
        .order_by(Appointment.id)
        .with_for_update(of=Appointment, skip_locked=True)
    )
    ids = session.scalars(free).all()
    if ids:
        stale = update(Appointment).where(Appointment.id.in_(ids)).values(plan_version=NEVER)
        session.execute(stale, execution_options={"synchronize_session": False})


def _ahead(seats: ColumnElement[bool], practice_id: int | None, *, now: datetime) -> tuple[ColumnElement[bool], ...]:
    sits = exists().where(
        Attendee.appointment_id == Appointment.id,
        Attendee.client_id == Client.id,
        Attendee.status.in_(ACTIVE),
        seats,
    )
    of_practice = () if practice_id is None else (Appointment.practice_id == practice_id,)
    return (Appointment.starts_at > now, Appointment.status.in_(ACTIVE), sits, *of_practice)
