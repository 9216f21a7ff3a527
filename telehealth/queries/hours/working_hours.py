"""When a therapist works and is away, for people to read; what can be booked is decided by
``domain.appointments.availability``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import TypeVar

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload

from telehealth.database import db
from telehealth.domain.errors import NotFound
from telehealth.domain.hours.opening import Hours
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment, Closure, HoursOverride, TimeOff, WeeklyHours
from telehealth.queries.loading import APPOINTMENTS, is_given_by

HoursEntry = TypeVar("HoursEntry", WeeklyHours, HoursOverride, TimeOff)
"""One of the three kinds of rows that say when a therapist works."""


def list_weekly_hours(therapist_id: int) -> Sequence[WeeklyHours]:
    """Weekly hours, by day and time."""
    return db.session.scalars(
        select(WeeklyHours)
        .where(WeeklyHours.therapist_id == therapist_id)
        .options(joinedload(WeeklyHours.location))
        .order_by(WeeklyHours.weekday, WeeklyHours.starts, WeeklyHours.id)
    ).all()


def list_overrides(therapist_id: int, *, since: date) -> Sequence[HoursOverride]:
    """Dates with other hours, from ``since`` on."""
    return db.session.scalars(
        select(HoursOverride)
        .where(HoursOverride.therapist_id == therapist_id, HoursOverride.day >= since)
        .options(joinedload(HoursOverride.location))
        .order_by(HoursOverride.day, HoursOverride.starts, HoursOverride.id)
    ).all()


def list_time_off(therapist_id: int, *, since: datetime) -> Sequence[TimeOff]:
    """Time off that ends after the naive wall time ``since``."""
    return db.session.scalars(
        select(TimeOff)
        .where(TimeOff.therapist_id == therapist_id, TimeOff.ends_local > since)
        .order_by(TimeOff.starts_local, TimeOff.id)
    ).all()


def find_hours_entry(model: type[HoursEntry], therapist_id: int, public_id: str) -> HoursEntry:
    """Weekly hours, a date with other hours, or time off of this therapist. Raises NotFound."""
    found = db.session.scalar(select(model).where(model.therapist_id == therapist_id, model.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def count_hours_ahead(model: type[HoursEntry], therapist_id: int, *, today: date) -> int:
    """How many entries of a kind are not over; a day more or less, as zones have it, does not matter here."""
    if issubclass(model, WeeklyHours):
        is_ahead = or_(model.valid_until.is_(None), model.valid_until >= today)
    elif issubclass(model, HoursOverride):
        is_ahead = model.day >= today
    else:
        is_ahead = TimeOff.ends_local >= datetime.combine(today, time())
    ahead = select(func.count()).where(model.therapist_id == therapist_id, is_ahead)
    return db.session.scalar(ahead) or 0


def list_booked_during(therapist_id: int, *spans: tuple[datetime, datetime]) -> Sequence[Appointment]:
    """The therapist's appointments that overlap one of the spans [since, until), aware instants, without cancelled
    ones.
    """
    if not spans:
        return ()
    within = (and_(Appointment.starts_at < until, Appointment.ends_at > since) for since, until in spans)
    statement = APPOINTMENTS.where(
        is_given_by(therapist_id), or_(*within), Appointment.status != AppointmentStatus.CANCELLED
    )
    return db.session.scalars(statement.order_by(Appointment.starts_at, Appointment.id)).unique().all()


def hours_beginning_on(
    day: date,
    hours: Sequence[WeeklyHours],
    overrides: Sequence[HoursOverride],
    closures: Sequence[Closure] = (),
) -> Sequence[WeeklyHours | HoursOverride]:
    """What begins on ``day``: the overrides of that date, nothing if one of them closes it, else the weekly hours.
    While the practice is closed there is nothing, or only the overrides, if the closure yields to them.
    """
    special = [override for override in overrides if override.day == day]
    closed = [each for each in closures if each.first_day <= day <= each.last_day]
    if any(override.starts is None for override in special) or not all(each.yields_to_hours for each in closed):
        return ()
    if closed:
        return special
    return special or [each for each in hours if holds_on(each, day)]


def rule_of(hours: WeeklyHours) -> Hours:
    """Weekly hours as the rules want them."""
    return Hours(
        weekday=hours.weekday,
        starts=hours.starts,
        ends=hours.ends,
        modes=frozenset(map(Mode, hours.modes)),
        location_id=hours.location_id,
        valid_from=hours.valid_from,
        valid_until=hours.valid_until,
        every_weeks=hours.every_weeks,
        anchor=hours.anchor,
    )


def holds_on(hours: WeeklyHours, day: date) -> bool:
    """Whether weekly hours begin on ``day``."""
    return rule_of(hours).hold_on(day)
