"""A client's own seat in an appointment."""

from __future__ import annotations

from sqlalchemy import select

from telehealth.database import db
from telehealth.models import Attendee


def find_seat_of_client(appointment_id: int, client_id: int) -> Attendee | None:
    """The client's latest seat in the appointment; None when they have none."""
    mine = select(Attendee).where(Attendee.appointment_id == appointment_id, Attendee.client_id == client_id)
    return db.session.scalars(mine.order_by(Attendee.id.desc())).first()
