"""Recurrence rules (RFC 5545 section 3.3.10): the wall times that a rule makes of a first one, within bounds.

Whatever a rule says, to follow it costs no more than the days between the bounds: a rule without an end is taken up at
the first bound, and one that never comes true (30 February) is given up at the last. Only a rule with COUNT has to be
followed from its beginning. Each day and each time that is looked at is paid for from an ``Effort``.
"""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from itertools import chain, product
from itertools import count as count_up

from telehealth.domain.calendar_ports import CalendarFailed
from telehealth.domain.calendar_words import CalendarFailure

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_MOST_INTERVAL = 100_000
"""Beyond a human life in hours, days and weeks alike; more would only overflow."""


class Frequency(IntEnum):
    """How often; what comes every minute or second is not followed."""

    YEARLY = 0
    MONTHLY = 1
    WEEKLY = 2
    DAILY = 3
    HOURLY = 4


class Effort:
    """What reading may still cost. Raises CalendarFailed (TOO_LARGE) when it is spent."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def spend(self, steps: int = 1) -> None:
        """Pay for some steps."""
        self._left -= steps
        if self._left < 0:
            raise CalendarFailed(CalendarFailure.TOO_LARGE)


@dataclass(frozen=True, slots=True)
class RepeatRule:
    """A rule, with each of its BY-parts under a name of its own; empty where it has none. ``until`` is its text."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: str = ""
    months: frozenset[int] = frozenset()
    weeks: frozenset[int] = frozenset()
    year_days: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    weekdays: frozenset[tuple[int, int]] = frozenset()
    hours: frozenset[int] = frozenset()
    minutes: frozenset[int] = frozenset()
    seconds: frozenset[int] = frozenset()
    positions: frozenset[int] = frozenset()
    week_start: int = 0


def read_rule(text: str) -> RepeatRule:
    """A rule from its text. Raises ValueError for one that cannot be read, or comes more often than hourly."""
    parts = dict(_pairs(text))
    if parts.get("RSCALE", "GREGORIAN") != "GREGORIAN":
        raise ValueError("only the Gregorian calendar is counted by")
    try:
        frequency = Frequency[parts.get("FREQ", "")]
        week_start = _WEEKDAYS.index(parts.get("WKST", "MO"))
    except KeyError:
        raise ValueError("a frequency that is not followed") from None
    interval, times = int(parts.get("INTERVAL", "1")), int(parts.get("COUNT", "0"))
    if interval < 1:
        raise ValueError("an interval that leads nowhere")
    return RepeatRule(
        frequency=frequency,
        interval=min(interval, _MOST_INTERVAL),
        count=times if times > 0 else None,  # "-1" and "0" are written for "without end".
        until=parts.get("UNTIL", ""),
        months=_numbers(parts, "BYMONTH", 1, 12),
        weeks=_numbers(parts, "BYWEEKNO", -53, 53),
        year_days=_numbers(parts, "BYYEARDAY", -366, 366),
        month_days=_numbers(parts, "BYMONTHDAY", -31, 31),
        weekdays=_weekdays(parts.get("BYDAY", "")),
        hours=_numbers(parts, "BYHOUR", 0, 23),
        minutes=_numbers(parts, "BYMINUTE", 0, 59),
        seconds=_numbers(parts, "BYSECOND", 0, 60),
        positions=_numbers(parts, "BYSETPOS", -366, 366),
        week_start=week_start,
    )


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for part in text.upper().split(";"):
        name, equals, value = part.partition("=")
        if equals:
            yield name.strip(), value.strip()


def _numbers(parts: dict[str, str], name: str, least: int, most: int) -> frozenset[int]:
    text = parts.get(name)
    if not text:
        return frozenset()
    found = frozenset(int(each) for each in text.strip(",").split(","))
    if not all(least <= each <= most for each in found) or (0 in found and least < 0):
        raise ValueError("a number that its part of a rule does not have")
    return found


def _weekdays(text: str) -> frozenset[tuple[int, int]]:
    """ "-1FR" is (-1, 4), and "FR" (0, 4)."""
    if not text:
        return frozenset()
    found = [_WEEKDAY.fullmatch(each.strip()) for each in text.strip(",").split(",")]
    if None in found:
        raise ValueError("a weekday that there is not")
    return frozenset((int(each[1] or 0), _WEEKDAYS.index(each[2])) for each in found if each)


def follow_rule(
    rule: RepeatRule, start: datetime, first: datetime, last: datetime, effort: Effort
) -> Iterator[datetime]:
    """The wall times that ``rule`` makes of ``start``, in order, from ``first`` to ``last`` (naive, both included)."""
    whole = _complete(rule, start)
    told = 0
    for wall in chain.from_iterable(_sets(whole, start, first, last, effort)):
        if wall < start:
            continue
        told += 1
        if wall > last or (whole.count is not None and told > whole.count):
            return
        if wall >= first:
            yield wall


def _complete(rule: RepeatRule, start: datetime) -> RepeatRule:
    """With what a rule leaves to its first date: the day of the month, the weekday, the time of day."""
    says_days = rule.weeks or rule.year_days or rule.month_days or rule.weekdays
    if not says_days and rule.frequency <= Frequency.MONTHLY:
        is_yearly = rule.frequency is Frequency.YEARLY
        months = rule.months or (frozenset({start.month}) if is_yearly else rule.months)
        rule = replace(rule, months=months, month_days=frozenset({start.day}))
    elif not (rule.year_days or rule.month_days or rule.weekdays) and rule.frequency <= Frequency.WEEKLY:
        rule = replace(rule, weekdays=frozenset({(0, start.weekday())}))
    hours = rule.hours or (rule.hours if rule.frequency is Frequency.HOURLY else frozenset({start.hour}))
    minutes, seconds = rule.minutes or frozenset({start.minute}), rule.seconds or frozenset({start.second})
    return replace(rule, hours=hours, minutes=minutes, seconds=frozenset(min(each, 59) for each in seconds))


def _sets(
    rule: RepeatRule, start: datetime, first: datetime, last: datetime, effort: Effort
) -> Iterator[Iterable[datetime]]:
    """The wall times of one year, month, week, day or hour after the other."""
    ahead = first if rule.count is None and first > start else start
    if rule.frequency is Frequency.HOURLY:
        yield from _hourly_sets(rule, start, ahead, last, effort)
        return
    times = [time(*parts) for parts in sorted(product(rule.hours, rule.minutes, rule.seconds))]
    for days in _periods(rule, start.date(), ahead.date(), last.date()):
        effort.spend(len(days))
        chosen = [day for day in map(date.fromordinal, days) if _holds(rule, day)]
        effort.spend(len(chosen) * len(times))
        yield _choose(rule, [datetime.combine(day, at) for day in chosen for at in times])


def _hourly_sets(
    rule: RepeatRule, start: datetime, ahead: datetime, last: datetime, effort: Effort
) -> Iterator[Iterable[datetime]]:
    hour = start.replace(minute=0, second=0)
    step = rule.interval * _HOUR
    hour += max(0, (ahead - hour) // step) * step
    within = sorted(product(rule.minutes, rule.seconds))
    while hour <= last:
        effort.spend()
        if _holds(rule, hour.date()) and (not rule.hours or hour.hour in rule.hours):
            effort.spend(len(within))
            yield _choose(rule, [hour.replace(minute=minute, second=second) for minute, second in within])
        hour += step


def _choose(rule: RepeatRule, walls: list[datetime]) -> Iterable[datetime]:
    """Of all in one period those at the places that BYSETPOS names."""
    if not rule.positions:
        return walls
    places = {each - 1 if each > 0 else len(walls) + each for each in rule.positions}
    return [wall for place, wall in enumerate(walls) if place in places]


def _periods(rule: RepeatRule, start: date, ahead: date, last: date) -> Iterator[range]:
    """The days, as ordinals, of each period from that of ``ahead`` to that of ``last``, counted from ``start``'s."""
    days_of = _PERIODS[rule.frequency]
    for number in count_up(_periods_before(rule, start, ahead)):
        try:
            days = days_of(rule, start, number * rule.interval)
        except (ValueError, OverflowError):  # Beyond the year 9999.
            return
        if days.start > last.toordinal():
            return
        yield days


def _periods_before(rule: RepeatRule, start: date, ahead: date) -> int:
    """How many steps of the rule are over before ``ahead``'s period."""
    if rule.frequency is Frequency.YEARLY:
        passed = ahead.year - start.year
    elif rule.frequency is Frequency.MONTHLY:
        passed = 12 * (ahead.year - start.year) + ahead.month - start.month
    elif rule.frequency is Frequency.WEEKLY:
        passed = (ahead - start).days // 7
    else:
        passed = (ahead - start).days
    return max(0, passed) // rule.interval


def _year(_: RepeatRule, start: date, passed: int) -> range:
    begin = date(start.year + passed, 1, 1).toordinal()
    return range(begin, begin + _length_of_year(start.year + passed))


def _month(_: RepeatRule, start: date, passed: int) -> range:
    years, month = divmod(start.month - 1 + passed, 12)
    begin = date(start.year + years, month + 1, 1)
    return range(begin.toordinal(), begin.toordinal() + monthrange(begin.year, begin.month)[1])


def _week(rule: RepeatRule, start: date, passed: int) -> range:
    begin = start.toordinal() - (start.weekday() - rule.week_start) % 7 + 7 * passed
    return _existing(begin, begin + 7)


def _single_day(_: RepeatRule, start: date, passed: int) -> range:
    begin = start.toordinal() + passed
    return _existing(begin, begin + 1)


def _existing(begin: int, end: int) -> range:
    """Without days before the year 1; raises ValueError after the year 9999."""
    if end > date.max.toordinal():
        raise ValueError("there is no such day")
    return range(max(1, begin), end)


_PERIODS = {
    Frequency.YEARLY: _year,
    Frequency.MONTHLY: _month,
    Frequency.WEEKLY: _week,
    Frequency.DAILY: _single_day,
}


def _holds(rule: RepeatRule, day: date) -> bool:
    """Whether every BY-part that speaks of days is true of one."""
    return (
        (not rule.months or day.month in rule.months)
        and (not rule.month_days or _is_one(day.day, monthrange(day.year, day.month)[1], rule.month_days))
        and (not rule.weekdays or _has_weekday(rule, day))
        and (not rule.year_days or _is_one(_day_of_year(day), _length_of_year(day.year), rule.year_days))
        and (not rule.weeks or _is_one(*_week_of_year(day, rule.week_start), rule.weeks))
    )


def _is_one(number: int, length: int, wanted: frozenset[int]) -> bool:
    """Whether a number that counts from 1 to ``length`` is wanted, also as counted from the end."""
    return number in wanted or number - length - 1 in wanted


def _has_weekday(rule: RepeatRule, day: date) -> bool:
    """ "-1FR" is the last Friday of the month in a monthly rule and in a yearly one with months, else of the year."""
    weekday = day.weekday()
    if (0, weekday) in rule.weekdays:
        return True
    if rule.frequency > Frequency.MONTHLY:  # "1MO" of a week or a day is a Monday.
        return any(each == weekday for _, each in rule.weekdays)
    if rule.frequency is Frequency.MONTHLY or rule.months:
        number, length = day.day, monthrange(day.year, day.month)[1]
    else:
        number, length = _day_of_year(day), _length_of_year(day.year)
    nth, nth_from_end = (number - 1) // 7 + 1, -((length - number) // 7 + 1)
    return (nth, weekday) in rule.weekdays or (nth_from_end, weekday) in rule.weekdays


def _day_of_year(day: date) -> int:
    return day.toordinal() - date(day.year, 1, 1).toordinal() + 1


def _length_of_year(year: int) -> int:
    return 366 if isleap(year) else 365


def _week_of_year(day: date, week_start: int) -> tuple[int, int]:
    """The number of a day's week and how many its year has: a week is of the year that four of its days are in."""
    middle = day.toordinal() - (day.weekday() - week_start) % 7 + 3
    year = date.fromordinal(min(max(middle, 1), date.max.toordinal())).year
    begin = date(year, 1, 1).toordinal()
    last = date(year, 12, 28)  # Always in the last week: the middle of its own lies from 25 to 31 December.
    middle_of_last = last.toordinal() - (last.weekday() - week_start) % 7 + 3
    return (middle - begin) // 7 + 1, (middle_of_last - begin) // 7 + 1
