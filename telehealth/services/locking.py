"""Reading an appointment in order to change it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from telehealth.domain.errors import NotFound
from telehealth.models import Appointment


def locked(session: Session, practice_id: int, appointment_id: int) -> Appointment:
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
