"""What a therapist still has to do: for whoever is about to take them out of booking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select

from telehealth.database import db
from telehealth.domain.appointments.states import ACTIVE
from telehealth.models import Appointment, Therapist
from telehealth.queries.loading import is_given_by


def count_ahead(practice_id: int, *, now: datetime) -> Mapping[int, int]:
    """How many appointments each therapist of a practice still has ahead, by id; two count for both."""
    rows = db.session.execute(
        select(Therapist.id, func.count(Appointment.id))
        .join(Appointment, is_given_by(Therapist.id))
        .where(Therapist.practice_id == practice_id, Appointment.practice_id == practice_id)
        .where(Appointment.status.in_(ACTIVE), Appointment.starts_at > now)
        .group_by(Therapist.id)
    )
    return {row[0]: row[1] for row in rows}
