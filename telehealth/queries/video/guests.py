"""Who is invited to a video appointment by a link of their own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import contains_eager

from telehealth.database import db
from telehealth.domain.errors import LinkInvalid
from telehealth.domain.links import Linked, is_ended
from telehealth.models import Appointment, CallGuest
from telehealth.queries.loading import STANDS_FOR

# Built once: building a statement takes longer than running it.
_BY_LINK = (
    select(CallGuest)
    .join(CallGuest.appointment)
    .where(CallGuest.public_id == bindparam("guest"))
    .options(contains_eager(CallGuest.appointment).options(*STANDS_FOR))
)
_OF_APPOINTMENT = select(CallGuest).where(CallGuest.appointment_id == bindparam("appointment")).order_by(CallGuest.id)


def list_guests(appointment: Appointment) -> Sequence[CallGuest]:
    """Everybody who was ever invited to it, in the order in which they were; also those who are not any more."""
    return db.session.scalars(_OF_APPOINTMENT, {"appointment": appointment.id}).all()


def list_invited(appointment: Appointment) -> list[CallGuest]:
    """Who is invited to it now."""
    return [each for each in list_guests(appointment) if each.ended_at is None]


def find_guest_by_link(link: Linked) -> tuple[CallGuest, bool]:
    """The guest that a signed link names, with the appointment, and whether it still lets them in: who is not invited
    any more reads that. Raises LinkInvalid.
    """
    found = db.session.scalar(_BY_LINK, {"guest": link.public_id})
    if found is None:
        raise LinkInvalid
    return found, found.ended_at is None and not is_ended(link, found)
