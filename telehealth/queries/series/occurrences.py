"""Whether an appointment is one date of a standing slot."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from telehealth.database import db
from telehealth.models import Occurrence

_OF_AN_APPOINTMENT = (
    select(Occurrence)
    .where(Occurrence.appointment_id == bindparam("appointment"))
    .options(joinedload(Occurrence.series))
)


def find_occurrence(appointment_id: int) -> Occurrence | None:
    """The date that an appointment was made for, with its series; None when it stands alone."""
    found: Occurrence | None = db.session.scalar(_OF_AN_APPOINTMENT, {"appointment": appointment_id})
    return found
