"""Whether an appointment is one date of a standing slot."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from telehealth.database import db
from telehealth.models import Occurrence


def find_occurrence(appointment_id: int) -> Occurrence | None:
    """The date that an appointment was made for, with its series; None when it stands alone."""
    return db.session.scalar(
        select(Occurrence).where(Occurrence.appointment_id == appointment_id).options(joinedload(Occurrence.series))
    )
