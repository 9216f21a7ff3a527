"""Reading an appointment, a message, or something that a practice sets, in order to change it."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from telehealth.database import Base
from telehealth.domain.errors import NotFound
from telehealth.models import Appointment, Message

Row = TypeVar("Row", bound=Base)


def lock_own(session: Session, model: type[Row], practice_id: int, **which: object) -> Row:
    """A row of this practice, locked: of two changes each finds, and writes down, what the other left. Raises NotFound.

    Whoever only refers to the row, as a booking does to its service, does not wait: its key stays as it is.
    """
    found = session.scalar(
        select(model)
        .filter_by(practice_id=practice_id, **which)
        .with_for_update(of=model, key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def lock_appointment(session: Session, practice_id: int, appointment_id: int) -> Appointment:
    """The appointment with its attendees, locked so that two changes come one after the other. Raises NotFound."""
    found = session.scalar(
        select(Appointment)
        .where(Appointment.practice_id == practice_id, Appointment.id == appointment_id)
        .with_for_update(of=Appointment)
        .options(selectinload(Appointment.attendees))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def lock_message(session: Session, message_id: int) -> Message:
    """A message, locked, and before it its appointment: what follows from its end may plan anew, and whoever changes an
    appointment holds its row before it waits for messages.
    """
    about = select(Message.appointment_id).where(Message.id == message_id).scalar_subquery()
    session.scalar(select(Appointment.id).where(Appointment.id == about).with_for_update())
    return session.get_one(Message, message_id, with_for_update=True, populate_existing=True)
