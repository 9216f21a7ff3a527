"""Time taken in a therapist's own calendar."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.models import BusyInterval


def list_busy_intervals(therapist_id: int, *, since: datetime) -> list[BusySpan]:
    """What is taken and not over at ``since``, in order."""
    rows = db.session.execute(
        select(BusyInterval.starts_at, BusyInterval.ends_at)
        .where(BusyInterval.therapist_id == therapist_id, BusyInterval.ends_at > since)
        .order_by(BusyInterval.starts_at)
    )
    return [BusySpan(*row) for row in rows]
