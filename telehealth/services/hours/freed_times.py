"""Writing down what became free, so that a tick can offer it to whoever waits.

Nothing is decided here: time that is written down and is not free after all is offered to nobody, and forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from telehealth.domain import walltime
from telehealth.models import (
    FreedTime,
    HoursOverride,
    Offer,
    Practice,
    Service,
    Therapist,
    TherapistService,
    TimeOff,
    WeeklyHours,
)
from telehealth.models.users import GIVES_CARE
from telehealth.queries.hours.working_hours import holds_on

Period = tuple[datetime, datetime]
"""Aware instants, half-open."""

ONE_DAY = timedelta(days=1)

# Built once: building a statement takes longer than running it.
_QUIET, _INSERT = select(Practice.quiet_minutes), insert(FreedTime)


def note_freed(
    session: Session, practice: Practice, therapist_id: int, periods: Iterable[Period], *, now: datetime
) -> None:
    """Remember that a therapist's time in these periods is free. Looked at after the practice's quiet minutes: whoever
    cancelled by mistake, or moves it somewhere near, comes first.
    """
    look_at = now + timedelta(minutes=practice.quiet_minutes)
    _write(session, practice.id, therapist_id, periods, look_at=look_at, now=now)


def note_opened(session: Session, row: WeeklyHours | HoursOverride | TimeOff, *, now: datetime) -> None:
    """Remember what new hours open. Time off opens nothing."""
    zone = walltime.zone(row.therapist.timezone)
    periods: list[Period] = []
    if isinstance(row, WeeklyHours):
        first = walltime.wall(now, zone).date() - ONE_DAY  # A night that began yesterday may still go on.
        days = [first + ahead * ONE_DAY for ahead in range(_horizon(session, row.therapist_id) + 2)]
        periods = [_between(day, row.starts, row.ends, zone) for day in days if holds_on(row, day)]
    elif isinstance(row, HoursOverride) and row.starts is not None and row.ends is not None:
        periods = [_between(row.day, row.starts, row.ends, zone)]
    _remember(session, row.practice_id, row.therapist_id, periods, now=now)


def note_reopened(session: Session, row: WeeklyHours | HoursOverride | TimeOff, *, now: datetime) -> None:
    """Remember what is open again without time off, or without other hours on a date. Fewer hours open nothing."""
    periods: list[Period] = []
    if isinstance(row, TimeOff):
        periods = [(row.starts_at, row.ends_at)]
    elif isinstance(row, HoursOverride):
        periods = [_between(row.day, time(), time(), walltime.zone(row.therapist.timezone))]
    _remember(session, row.practice_id, row.therapist_id, periods, now=now)


def note_possible(
    session: Session,
    practice_id: int,
    therapist_ids: Iterable[int],
    *,
    first: date = date.min,
    last: date = date.max,
    now: datetime,
) -> None:
    """Remember the dates (inclusive, of each therapist's own calendar) on which something else than hours opens: a
    licence, a limit, a room, a service.
    """
    for therapist_id in therapist_ids:
        zone = walltime.zone(_zone_of(session, therapist_id))
        today = walltime.wall(now, zone).date()
        furthest = today + _horizon(session, therapist_id) * ONE_DAY
        begins, ends = max(first, today), min(last, furthest) + ONE_DAY
        period = (_midnight(begins, zone), _midnight(ends, zone))
        _remember(session, practice_id, therapist_id, [period], now=now)


def list_givers(session: Session, service_ids: Sequence[int]) -> Sequence[int]:
    """The ids of everybody who gives one of these services: what opens for the services opens for them."""
    gives = Therapist.services.any(Service.id.in_(service_ids))
    return session.scalars(select(Therapist.id).where(gives, GIVES_CARE).order_by(Therapist.id)).all()


def note_not_taken(session: Session, offer: Offer, *, now: datetime) -> None:
    """Remember that an offered slot is free again: the next one is asked at once.

    What was put off is looked at again, too: whoever did not take this slot may be waiting for another. Only what still
    rests for its quiet minutes is left alone.
    """
    put_off = FreedTime.look_at > now + _quiet_time(session, offer.practice_id)
    session.execute(update(FreedTime).where(FreedTime.practice_id == offer.practice_id, put_off).values(look_at=now))
    _write(session, offer.practice_id, offer.therapist_id, [(offer.starts_at, offer.ends_at)], look_at=now, now=now)


def _remember(
    session: Session, practice_id: int, therapist_id: int, periods: Iterable[Period], *, now: datetime
) -> None:
    look_at = now + _quiet_time(session, practice_id)
    _write(session, practice_id, therapist_id, periods, look_at=look_at, now=now)


def _write(
    session: Session,
    practice_id: int,
    therapist_id: int,
    periods: Iterable[Period],
    *,
    look_at: datetime,
    now: datetime,
) -> None:
    rows = [
        {
            "practice_id": practice_id,
            "therapist_id": therapist_id,
            "starts_at": max(starts_at, now),
            "ends_at": ends_at,
            "look_at": look_at,
        }
        for starts_at, ends_at in periods
        if max(starts_at, now) < ends_at
    ]
    if rows:
        session.connection().execute(_INSERT, rows)


def _quiet_time(session: Session, practice_id: int) -> timedelta:
    return timedelta(minutes=session.scalar(_QUIET.where(Practice.id == practice_id)) or 0)


def _between(day: date, starts: time, ends: time, zone: ZoneInfo) -> Period:
    """From one wall time to another on a date, into the next day when the end is not later."""
    last_day = day if starts < ends else day + ONE_DAY
    return (
        walltime.resolve(datetime.combine(day, starts), zone),
        walltime.resolve(datetime.combine(last_day, ends), zone),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return walltime.resolve(datetime.combine(day, time()), zone)


def _zone_of(session: Session, therapist_id: int) -> str:
    return session.scalars(select(Therapist.timezone).where(Therapist.id == therapist_id)).one()


def _horizon(session: Session, therapist_id: int) -> int:
    """How many days ahead any of the therapist's services can be booked: nothing beyond is offered to anybody."""
    given = select(TherapistService.service_id).where(TherapistService.therapist_id == therapist_id)
    return session.scalar(select(func.max(Service.horizon_days)).where(Service.id.in_(given))) or 0
