"""Recurrence by looking at every hour of some years and asking of each whether the rule means it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class WrittenRule:
    """A rule as it is written; weekdays are "MO" or "-1FR"."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    months: list[int] = field(default_factory=list)
    month_days: list[int] = field(default_factory=list)
    weekdays: list[str] = field(default_factory=list)
    hours: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        parts = [f"FREQ={self.freq}", f"INTERVAL={self.interval}"]
        parts += [f"COUNT={self.count}"] if self.count else []
        parts += [f"UNTIL={self.until:%Y%m%dT%H%M%S}"] if self.until else []
        lists = {
            "BYMONTH": self.months,
            "BYMONTHDAY": self.month_days,
            "BYDAY": self.weekdays,
            "BYHOUR": self.hours,
            "BYSETPOS": self.positions,
        }
        return ";".join(parts + [f"{name}={','.join(map(str, each))}" for name, each in lists.items() if each])


def list_walls(rule: WrittenRule, start: datetime, end: datetime) -> list[datetime]:
    """Every wall time of the rule from ``start``, which is at a full hour, to before ``end``, when a year begins."""
    period_of = PERIODS[rule.freq]
    first = period_of(start)
    begin = min(start, datetime(start.year, 1, 1))  # A set begins before its first date.
    hours = (begin + number * HOUR for number in range((end - begin) // HOUR))
    meant = [each for each in hours if (period_of(each) - first) % rule.interval == 0 and means(rule, start, each)]
    sets = (list(group) for _, group in groupby(meant, key=period_of))
    chosen = [wall for walls in sets for wall in pick(walls, rule.positions) if wall >= start]
    kept = chosen[: rule.count] if rule.count else chosen
    return [wall for wall in kept if rule.until is None or wall <= rule.until]


PERIODS: dict[str, Callable[[datetime], int]] = {
    "YEARLY": lambda wall: wall.year,
    "MONTHLY": lambda wall: wall.year * 12 + wall.month,
    "WEEKLY": lambda wall: (wall.toordinal() - 1) // 7,  # Day 1 was a Monday.
    "DAILY": lambda wall: wall.toordinal(),
    "HOURLY": lambda wall: wall.toordinal() * 24 + wall.hour,
}


def pick(walls: list[datetime], positions: list[int]) -> Iterator[datetime]:
    for number, wall in enumerate(walls, start=1):
        if not positions or number in positions or number - len(walls) - 1 in positions:
            yield wall


def means(rule: WrittenRule, start: datetime, wall: datetime) -> bool:
    if (rule.hours or rule.freq != "HOURLY") and wall.hour not in (rule.hours or [start.hour]):
        return False
    if rule.months and wall.month not in rule.months:
        return False
    if rule.month_days and not {wall.day, wall.day - monthrange(wall.year, wall.month)[1] - 1} & set(rule.month_days):
        return False
    if rule.weekdays and not any(is_weekday(rule, each, wall.date()) for each in rule.weekdays):
        return False
    return bool(rule.month_days or rule.weekdays) or is_like(rule, start, wall)


def is_like(rule: WrittenRule, start: datetime, wall: datetime) -> bool:
    """Where a rule says no day, its first date does."""
    if rule.freq == "WEEKLY":
        return wall.weekday() == start.weekday()
    if rule.freq in {"MONTHLY", "YEARLY"} and wall.day != start.day:
        return False
    return rule.freq != "YEARLY" or bool(rule.months) or wall.month == start.month


def is_weekday(rule: WrittenRule, asked: str, day: date) -> bool:
    """Counts the same weekdays of the month or year that the day is in."""
    if WEEKDAYS[day.weekday()] != asked[-2:]:
        return False
    if asked in WEEKDAYS:
        return True
    in_month = rule.freq == "MONTHLY" or rule.months
    same = [
        each
        for each in (day + number * timedelta(days=7) for number in range(-53, 54))
        if each.year == day.year and (not in_month or each.month == day.month)
    ]
    number = int(asked[:-2])
    return 0 < abs(number) <= len(same) and same[number - 1 if number > 0 else number] == day
