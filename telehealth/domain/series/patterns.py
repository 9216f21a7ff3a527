"""Standing slots: "Tuesdays at three, every other week, until June", and which moments that is.

A standing slot is a wish in wall time, so its dates keep the wall clock through every change of the clocks: each is
resolved by itself (``domain.walltime.resolve``). A time that a clock change skips is moved forward by the length of the
gap, and one that happens twice means the first (RFC 5545 section 3.3.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from telehealth.domain import walltime
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Mode, Obstacle

PROTECTED_DAYS = 400
"""How far ahead the dates of a standing slot are known, and their time is kept."""

LONGEST_INTERVAL = 52
MOST_DATES = 1_000
WEEK = timedelta(weeks=1)
ONE_DAY = timedelta(days=1)
LONGEST_MONTH = 6
"""In weeks: two second Tuesdays lie four or five weeks apart, and the first one may lie some weeks ahead."""
BETWEEN = ", "


class MonthWeek(StrEnum):
    """Which of a weekday's dates in a month: the second Tuesday, the last Friday."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    FOURTH = "fourth"
    LAST = "last"


IN_ORDER = (MonthWeek.FIRST, MonthWeek.SECOND, MonthWeek.THIRD, MonthWeek.FOURTH)


class SeriesScope(StrEnum):
    """Which dates a change is about."""

    THIS = "this"
    FOLLOWING = "following"  # This one and all after it.
    ALL = "all"  # Every date that is still ahead.


@dataclass(frozen=True, slots=True)
class Plan:
    """A standing slot as somebody wishes for it. Ids are public ids; ``local_time`` and the dates are wall time in
    ``timezone``.

    ``until`` is inclusive; ``count`` is a number of dates instead; neither is "until further notice". ``minutes`` is
    how long its dates last, where that is not as long as its service usually does.
    """

    service: str
    therapist: str
    mode: Mode
    location: str | None
    co_therapist: str | None
    timezone: str
    local_time: time
    starts_on: date
    every_weeks: int = 1
    week_of_month: MonthWeek | None = None
    until: date | None = None
    count: int | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """What is to be different; None is "as it is". Ids are public ids, ``weekday`` 0 is Monday, ``local_time`` is wall
    time in the slot's own zone.

    ``location`` is needed in person; ``jurisdiction`` when clients who came in person are to meet by video or phone.
    """

    weekday: int | None = None
    local_time: time | None = None
    every_weeks: int | None = None
    week_of_month: MonthWeek | None = None
    mode: Mode | None = None
    location: str | None = None
    jurisdiction: str | None = None
    therapist: str | None = None
    co_therapist: str | None = None
    minutes: int | None = None

    @property
    def moves_time(self) -> bool:
        """Whether people are to meet at another time of the week."""
        return self.weekday is not None or self.local_time is not None

    @property
    def is_at_other_times(self) -> bool:
        """Whether there will be dates at times of which nobody spoke before."""
        return self.moves_time or self.every_weeks is not None or self.week_of_month is not None

    @property
    def only_when(self) -> bool:
        """Whether they go on to meet in the same way, as long, at the same place and with the same people."""
        others = (self.mode, self.location, self.therapist, self.co_therapist, self.minutes)
        return all(each is None for each in others)


@dataclass(frozen=True, slots=True)
class Pattern:
    """The dates of a standing slot from ``starts_on`` to ``until`` (inclusive): every ``every_weeks`` weeks, or with
    ``week_of_month`` once a month, on that one of the weekday's dates ("the second Tuesday").
    """

    zone: ZoneInfo
    local_time: time
    starts_on: date
    every_weeks: int = 1
    until: date | None = None
    week_of_month: MonthWeek | None = None

    def days(self, first: date, last: date) -> Iterator[date]:
        """The dates from ``first`` to ``last``, both inclusive, ascending."""
        step = 7 * (1 if self.week_of_month else self.every_weeks)
        start = self.starts_on.toordinal()
        begin = start + max(0, -(-(first.toordinal() - start) // step)) * step
        end = min(last, self.until or last).toordinal()
        days = map(date.fromordinal, range(begin, end + 1, step))
        return (each for each in days if self.week_of_month in weeks_of_month(each)) if self.week_of_month else days

    def instant(self, day: date) -> datetime:
        """When it starts on one of its dates, aware UTC."""
        return walltime.resolve(datetime.combine(day, self.local_time), self.zone)

    @property
    def is_monthly(self) -> bool:
        """Whether it comes once a month instead of every so many weeks."""
        return self.week_of_month is not None

    def in_week_of(self, day: date) -> date:
        """The date of this pattern's weekday in the week of ``day``; weeks begin on Monday."""
        return monday_of(day) + timedelta(days=self.starts_on.weekday())


def pattern_of(plan: Plan) -> Pattern:
    """The pattern behind a plan. A count becomes the date it ends on. Raises InvalidInput by field."""
    problems: dict[str, str] = {}
    if not 1 <= plan.every_weeks <= LONGEST_INTERVAL:
        problems["every_weeks"] = f"Please choose a number of weeks from 1 to {LONGEST_INTERVAL}."
    if plan.until is not None and plan.count is not None:
        problems["until"] = "Please give an end date or a number of dates, not both."
    elif plan.until is not None and plan.until < plan.starts_on:
        problems["until"] = "The last date must not lie before the first."
    if plan.count is not None and not 1 <= plan.count <= MOST_DATES:
        problems["count"] = f"Please choose a number of dates from 1 to {MOST_DATES:,}."
    if plan.local_time.second or plan.local_time.microsecond or plan.local_time.tzinfo is not None:
        problems["local_time"] = "Please give the time in hours and minutes."
    if problems:
        raise InvalidInput(problems)
    zone = walltime.zone(plan.timezone)
    found = Pattern(zone, plan.local_time, plan.starts_on, plan.every_weeks, plan.until, plan.week_of_month)
    return found if plan.count is None else replace(found, until=last_of(found, plan.count))


def last_of(pattern: Pattern, count: int) -> date:
    """The last of ``count`` dates. Dates count whether or not people meet on them. Raises InvalidInput after 9999."""
    weeks = LONGEST_MONTH if pattern.week_of_month else pattern.every_weeks
    try:
        furthest = pattern.starts_on + count * weeks * WEEK
    except OverflowError as problem:
        raise InvalidInput({"count": "That is too far ahead."}) from problem
    return next(islice(pattern.days(pattern.starts_on, furthest), count - 1, None))


def weeks_of_month(day: date) -> set[MonthWeek]:
    """Which of its weekday's dates in the month a date is; the fourth one may be the last, too, and a fifth one is only
    that.
    """
    found = {MonthWeek.LAST} if (day + WEEK).month != day.month else set()
    number = (day.day - 1) // 7
    return found | {IN_ORDER[number]} if number < len(IN_ORDER) else found


def monday_of(day: date) -> date:
    """The Monday on or before ``day``."""
    return day - timedelta(days=day.weekday())


def pair_dates(
    old: Iterable[date], new: Iterable[date], *, monthly: bool = False
) -> Iterator[tuple[date | None, date | None]]:
    """Which new date replaces which old one: the one in the same week, from Monday, or of the same month where both are
    ``monthly``. In the order of the calendar.

    A change from Tuesday to Thursday keeps every week's date; a change to every other week leaves old dates without a
    new one, and a change back the other way round. At most one date a week or month is expected on either side.
    """
    of = _month_of if monthly else monday_of
    before, after = {of(day): day for day in old}, {of(day): day for day in new}
    return ((before.get(span), after.get(span)) for span in sorted(before.keys() | after.keys()))


def _month_of(day: date) -> date:
    return day.replace(day=1)


def write_obstacles(obstacles: Iterable[Obstacle]) -> str:
    """The obstacles as a conflict keeps them: "client_busy, time_off"."""
    return BETWEEN.join(sorted({each.value for each in obstacles}))


def read_obstacles(reason: str) -> list[Obstacle]:
    """The obstacles of a reason that ``write_obstacles`` wrote; what is not one is left out."""
    known = {each.value: each for each in Obstacle}
    return [known[word] for word in reason.split(BETWEEN) if word in known]


class DateOutcome(StrEnum):
    """What a change did to one date."""

    PLANNED = "planned"  # The time is kept; the appointment is made later.
    MOVED = "moved"  # The appointment that was made goes along.
    KEPT = "kept"  # Nothing had to change, or it may not: it has begun, or it was moved by itself before.
    SKIPPED = "skipped"
    CANCELLED = "cancelled"  # Skipped, and the appointment that was made is off.
    DROPPED = "dropped"  # The slot no longer falls on this week.
    JOINED = "joined"
    LEFT = "left"
    CONFLICT = "conflict"  # Something is in the way; an appointment that was made stays where it was.


@dataclass(frozen=True, slots=True)
class DateResult:
    """One date after a change: ``starts_at`` is aware UTC; ``alternatives`` are the nearest free starts that week."""

    day: date
    starts_at: datetime
    outcome: DateOutcome
    obstacles: tuple[Obstacle, ...] = ()
    alternatives: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedDate:
    """One date of a plan: what is in its way, if anything, and the nearest free starts of that week. Aware UTC."""

    day: date
    starts_at: datetime
    obstacles: tuple[Obstacle, ...] = ()
    alternatives: tuple[datetime, ...] = ()
