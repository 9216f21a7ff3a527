"""Taking time and giving it back. The database decides; nobody looks first.

Lock order: therapists, then clients, then rooms, each kind by id. Every caller takes in this order, so two of them can
never wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from telehealth.database import insert_unless_taken
from telehealth.models import Appointment, Occupancy


@dataclass(frozen=True, slots=True)
class Interval:
    """A half-open stretch of one resource, as aware instants."""

    resource_id: int
    starts_at: datetime
    ends_at: datetime


def take(session: Session, appointment: Appointment, interval: Interval) -> bool:
    """Take one resource for one interval; False when something else overlaps it.

    No row comes back for what overlaps: on PostgreSQL the exclusion constraint's conflict is passed over, on SQLite a
    trigger ignores the row.
    """
    values = {
        "practice_id": appointment.practice_id,
        "appointment_id": appointment.id,
        "resource_id": interval.resource_id,
        "starts_at": interval.starts_at,
        "ends_at": interval.ends_at,
        "overlap_allowed": False,
    }
    return insert_unless_taken(session, Occupancy, values) is not None


def take_first(session: Session, appointment: Appointment, intervals: Iterable[Interval]) -> Interval | None:
    """Take the first of several that is still free, and say which; None when all are gone."""
    return next((interval for interval in intervals if take(session, appointment, interval)), None)


def give_back(session: Session, appointment: Appointment) -> None:
    """Free everything that an appointment took. What happened stays in the appointment and its audit."""
    session.execute(delete(Occupancy).where(Occupancy.appointment_id == appointment.id))
