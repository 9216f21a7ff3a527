"""What is booked in hours that were taken away since: it stays until a person moves or cancels it, so it is named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.appointments.states import ACTIVE
from telehealth.domain.hours.closures import closed_periods
from telehealth.domain.hours.opening import ONE_DAY, Override, Schedule, is_open_throughout, time_after_leaving
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Appointment, HoursOverride, Therapist, TimeOff
from telehealth.queries.hours.closures import closed_dates_of, list_closures
from telehealth.queries.hours.working_hours import list_weekly_hours, rule_of
from telehealth.queries.loading import APPOINTMENTS, is_given_by

KNOWN = {Obstacle.OUTSIDE_HOURS, Obstacle.TIME_OFF, Obstacle.CLOSED}
"""What staff set aside when they booked outside the hours on purpose: that is no news."""


def list_outside_hours(therapist: Therapist, *, now: datetime) -> Sequence[Appointment]:
    """The therapist's appointments ahead, in order, that the hours as they are now would not offer any more: none that
    day, not that way to meet or at that place, time off, or after they have left.
    """
    ahead = APPOINTMENTS.where(
        is_given_by(therapist.id), Appointment.status.in_(ACTIVE), Appointment.starts_at > now
    ).order_by(Appointment.starts_at, Appointment.id)
    found = [each for each in db.session.scalars(ahead).unique() if not KNOWN & set(each.overrides)]
    return _outside(therapist, found) if found else []


def _outside(therapist: Therapist, found: Sequence[Appointment]) -> Sequence[Appointment]:
    zone = walltime.zone(therapist.timezone)
    hours = tuple(rule_of(each) for each in list_weekly_hours(therapist.id))
    overrides = tuple(
        Override(each.day, each.starts, each.ends, frozenset(map(Mode, each.modes)), each.location_id)
        for each in db.session.scalars(select(HoursOverride).where(HoursOverride.therapist_id == therapist.id))
    )
    away = [
        (int(each.starts_at.timestamp()), int(each.ends_at.timestamp()))
        for each in db.session.scalars(select(TimeOff).where(TimeOff.therapist_id == therapist.id))
    ]
    closures = map(closed_dates_of, list_closures(therapist.practice_id, since=found[0].starts_at.date() - ONE_DAY))
    away += closed_periods(closures, {each.day for each in overrides if each.starts is not None}, zone)

    away += time_after_leaving(therapist.leaves_on, zone)

    def is_covered(each: Appointment) -> bool:
        where = each.location_id if each.mode == Mode.IN_PERSON else None
        schedule = Schedule(zone, hours, overrides, each.mode, where)
        length = (each.ends_at - each.starts_at) // timedelta(seconds=1)
        starts_at = int(each.starts_at.timestamp())
        is_away = any(starts < starts_at + length and starts_at < ends for starts, ends in away)
        return not is_away and is_open_throughout(schedule, starts_at, length)

    return [each for each in found if not is_covered(each)]
