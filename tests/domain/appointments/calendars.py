"""Calendars, and what they offer, written as wall times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from telehealth.domain import walltime
from telehealth.domain.appointments.availability import Ask, Calendar, Rules, free_starts, obstacles
from telehealth.domain.appointments.load import Booked
from telehealth.domain.hours.opening import Hours
from telehealth.domain.words import Mode

NEW_YORK = "America/New_York"
MONDAY = date(2026, 6, 1)
ANY_MODE = frozenset(Mode)
MINUTE, HOUR = 60, 3600
HOURLY = Rules(duration=60, step=60, horizon=400)


def at(text: str, zone: str = NEW_YORK, *, fold: int = 0) -> int:
    """Epoch seconds of a wall time such as "2026-06-01 09:00"."""
    return int(datetime.fromisoformat(text).replace(tzinfo=walltime.zone(zone), fold=fold).timestamp())


def period(begins: str, ends: str, zone: str = NEW_YORK) -> tuple[int, int]:
    return at(begins, zone), at(ends, zone)


def hours(day: date, starts: str, ends: str, **more: Any) -> Hours:
    """Weekly hours on the weekday of ``day``."""
    modes = more.pop("modes", ANY_MODE)
    return Hours(day.weekday(), time.fromisoformat(starts), time.fromisoformat(ends), modes, **more)


def calendar(*weekly: Hours, zone: str = NEW_YORK, **more: Any) -> Calendar:
    return Calendar(zone=walltime.zone(zone), hours=weekly, **more)


def offered(on: Calendar, rules: Rules, first: date, days: int = 1, **more: Any) -> list[str]:
    """What is offered from the midnight of ``first`` on, as wall times with their offset; now is two days before."""
    since = int(datetime.combine(first, time(0), on.zone).timestamp())
    until = int(datetime.combine(first + timedelta(days=days), time(0), on.zone).timestamp())
    now = more.pop("now", since - 48 * HOUR)
    ask = Ask(since, until, **{"mode": Mode.VIRTUAL, **more})
    return [f"{datetime.fromtimestamp(start, on.zone):%d %H:%M %z}" for start in free_starts(on, rules, ask, now=now)]


def is_free(on: Calendar, rules: Rules, start: int, *, now: int, **more: Any) -> bool:
    """Whether nothing stands in the way of one start."""
    return not obstacles(on, rules, Ask(start, start + 1, **{"mode": Mode.VIRTUAL, **more}), now=now)


def booked(*starts: int, minutes: int = 50, load: int = 100) -> list[Booked]:
    """Appointments at these instants."""
    return [Booked(start, start + minutes * MINUTE, load) for start in starts]


def clock(starts: Sequence[str]) -> list[str]:
    """Only the wall times of what is offered."""
    return [start.split()[1] for start in starts]
