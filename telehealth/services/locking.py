"""Reading an appointment, or a message, in order to change it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from telehealth.domain.errors import NotFound
from telehealth.models import Appointment, Message


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
