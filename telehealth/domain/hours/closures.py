"""Dates on which the whole practice is closed: a holiday, a move, a week in August."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from telehealth.domain.hours.opening import ONE_DAY, Period
from telehealth.domain.walltime import resolve


class ClosedDates(NamedTuple):
    """From one date to another, both inclusive, of each therapist's own calendar. ``yields_to_hours``: whoever has set
    other hours for one of these dates works then.
    """

    first_day: date
    last_day: date
    yields_to_hours: bool


def is_closed_on(day: date, closures: Iterable[ClosedDates]) -> bool:
    """Whether a date is one of them, whoever may work then all the same."""
    return any(each.first_day <= day <= each.last_day for each in closures)


def closed_periods(closures: Iterable[ClosedDates], open_days: Collection[date], zone: ZoneInfo) -> Iterator[Period]:
    """When a therapist in that zone has nothing to offer because of them; epoch seconds. ``open_days`` are the dates
    for which the therapist has set other hours.
    """
    for closed in closures:
        begins = closed.first_day
        if closed.yields_to_hours:
            for day in sorted(each for each in open_days if closed.first_day <= each <= closed.last_day):
                if begins < day:
                    yield _midnight(begins, zone), _midnight(day, zone)
                begins = day + ONE_DAY
        if begins <= closed.last_day:
            yield _midnight(begins, zone), _midnight(closed.last_day + ONE_DAY, zone)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(resolve(datetime.combine(day, time()), zone).timestamp())
