"""The dates on which a whole practice is closed, and what is booked on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.appointments.states import ACTIVE
from telehealth.domain.errors import NotFound
from telehealth.domain.hours.closures import ClosedDates
from telehealth.models import Appointment, Closure
from telehealth.queries.loading import APPOINTMENTS

ANY_ZONE = timedelta(hours=26)
"""No date begins earlier or ends later than this before or after the same one in UTC."""


def list_closures(practice_id: int, *, since: date) -> Sequence[Closure]:
    """Those that are not over on a date, the next ones first."""
    return db.session.scalars(
        select(Closure)
        .where(Closure.practice_id == practice_id, Closure.last_day >= since)
        .order_by(Closure.first_day, Closure.last_day, Closure.id)
    ).all()


def find_closure(practice_id: int, public_id: str) -> Closure:
    """One of this practice. Raises NotFound."""
    found = db.session.scalar(select(Closure).filter_by(practice_id=practice_id, public_id=public_id))
    if found is None:
        raise NotFound
    return found


def closed_dates_of(closure: Closure) -> ClosedDates:
    """A closure as the rules want it."""
    return ClosedDates(closure.first_day, closure.last_day, closure.yields_to_hours)


def list_booked_on(practice_id: int, closures: Sequence[Closure], *, now: datetime) -> Sequence[Appointment]:
    """The practice's appointments ahead that begin on one of these dates, by the calendar of their therapist, the next
    ones first.
    """
    if not closures:
        return []
    first, last = min(each.first_day for each in closures), max(each.last_day for each in closures)
    since = max(datetime.combine(first, time(), UTC) - ANY_ZONE, now)
    until = datetime.combine(last, time(), UTC) + ANY_ZONE + timedelta(days=1)
    near = APPOINTMENTS.where(
        Appointment.practice_id == practice_id,
        Appointment.status.in_(ACTIVE),
        Appointment.starts_at >= since,
        Appointment.starts_at < until,
    ).order_by(Appointment.starts_at, Appointment.id)
    return [each for each in db.session.scalars(near).unique() if any(is_booked_on(each, one) for one in closures)]


def is_booked_on(appointment: Appointment, closure: Closure) -> bool:
    """Whether an appointment begins on one of its dates."""
    day = walltime.wall(appointment.starts_at, walltime.zone(appointment.therapist.timezone)).date()
    return closure.first_day <= day <= closure.last_day
