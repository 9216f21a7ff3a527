"""The rules of availability once more, as slow and as plain as possible, to judge the fast ones by.

It looks for starts every five minutes, walks through each appointment minute by minute, asks zoneinfo what the wall
says, and checks every rule on its own. It shares no line with ``telehealth.domain``: it only reads the fields of the
calendar, the rules and the ask. Grids must fall on ticks of five minutes; clocks may change at any minute (00:01 in
St John's).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from telehealth.domain.appointments.availability import Ask, Calendar, Rules
    from telehealth.domain.hours.opening import Hours, Override

TICK = 300
MINUTE = 60


class Window(NamedTuple):
    """Hours on a certain date, as two naive wall times."""

    begins: datetime
    ends: datetime


class Oracle:
    """Judges one start at a time."""

    def __init__(self, calendar: Calendar, rules: Rules, ask: Ask, now: int) -> None:
        self.calendar, self.rules, self.ask, self.now = calendar, rules, ask, now
        self.duration = rules.duration * 60
        self.open_at: dict[int, list[Window]] = {}
        self.windows: dict[date, list[Window]] = {}

    def free_starts(self) -> list[int]:
        """Every start from ``ask.since`` on, ascending."""
        return [start for start in range(self.ask.since, self.ask.until, TICK) if self.is_free(start)]

    def is_free(self, start: int) -> bool:
        """Whether every rule allows ``start``."""
        return not self.obstacles(start)

    def obstacles(self, start: int) -> set[str]:
        """The names of the rules that forbid ``start``."""
        calendar, ends = self.calendar, start + self.duration
        is_open = self.is_open_throughout(start)
        forbidden = {
            "outside_hours": not is_open,
            "off_grid": is_open and not self.is_on_grid(start),
            "past": start < self.now,
            "notice": start >= self.now and start - self.now < self.rules.notice * 60,
            "horizon": self.wall(start).date() > self.wall(self.now).date() + timedelta(days=self.rules.horizon),
            "taken": self.is_touched(start, calendar.occupied),
            "busy": self.is_touched(start, calendar.busy),
            "time_off": any(touch(start, ends, *period) for period in calendar.time_off),
            "licence": any(touch(start, ends, *period) for period in calendar.unlicensed),
            "daily_cap": self.is_too_much(calendar.daily_cap, start, date.toordinal),
            "weekly_cap": self.is_too_much(calendar.weekly_cap, start, monday_of),
            "longest_run": calendar.longest_run is not None and self.run_with(start) > calendar.longest_run,
            "room": not self.has_room(start),
            "client_busy": any(touch(start, ends, *period) for period in self.ask.clients),
        }
        return {name for name, is_forbidden in forbidden.items() if is_forbidden}

    def is_on_grid(self, start: int) -> bool:
        step, wall = timedelta(minutes=self.rules.step), self.wall(start)
        return any((wall - window.begins) % step == timedelta(0) for window in self.windows_at(start))

    def is_open_throughout(self, start: int) -> bool:
        return all(self.is_open(instant) for instant in range(start, start + self.duration, MINUTE))

    def is_touched(self, start: int, periods: Iterable[tuple[int, int]]) -> bool:
        """Whether an appointment with its buffers and the time for notes touches one of the periods."""
        begins = start - self.rules.buffer_before * 60
        ends = start + self.duration + max(self.rules.buffer_after, self.calendar.note_minutes) * 60
        return any(touch(begins, ends, *period) for period in periods)

    def is_too_much(self, cap: int | None, start: int, stretch_of: Callable[[date], int]) -> bool:
        """Whether one more would exceed the cap of the stretch of dates in which it starts."""
        here = stretch_of(self.wall(start).date())
        others = [each for each in self.calendar.appointments if stretch_of(self.wall(each.starts).date()) == here]
        return cap is not None and sum(each.load for each in others) + self.rules.load > cap * 100

    def run_with(self, start: int) -> int:
        """How many would be in a row: whatever is near, what is near to that, and so on."""
        row = [(start, start + self.duration)]
        others = [(each.starts, each.ends) for each in self.calendar.appointments]
        pause = self.calendar.break_minutes * 60
        while near := [each for each in others if any(gap_between(each, member) < pause for member in row)]:
            row += near
            for each in near:
                others.remove(each)
        return len(row)

    def has_room(self, start: int) -> bool:
        if self.ask.rooms is None:
            return True
        return any(all(not touch(start, start + self.duration, *period) for period in room) for room in self.ask.rooms)

    def is_open(self, instant: int) -> bool:
        return bool(self.windows_at(instant))

    def windows_at(self, instant: int) -> list[Window]:
        """The windows, begun today or yesterday, that contain what the wall says then."""
        if instant not in self.open_at:
            wall = self.wall(instant)
            begun = self.windows_on(wall.date()) + self.windows_on(wall.date() - timedelta(days=1))
            self.open_at[instant] = [window for window in begun if window.begins <= wall < window.ends]
        return self.open_at[instant]

    def windows_on(self, day: date) -> list[Window]:
        """The windows that begin on ``day`` and suit the ask."""
        if day not in self.windows:
            self.windows[day] = [as_window(entry, day) for entry in self.entries(day) if self.suits(entry)]
        return self.windows[day]

    def entries(self, day: date) -> list[Hours | Override]:
        overrides = [override for override in self.calendar.overrides if override.day == day]
        if any(override.starts is None for override in overrides):
            return []
        return list(overrides) or [hours for hours in self.calendar.hours if applies(hours, day)]

    def suits(self, entry: Hours | Override) -> bool:
        if self.ask.mode == "in_person":
            at_the_place = self.ask.location_id is not None and self.ask.location_id == entry.location_id
            return at_the_place and "in_person" in entry.modes
        return self.ask.mode in entry.modes

    def wall(self, instant: int) -> datetime:
        return datetime.fromtimestamp(instant, self.calendar.zone).replace(tzinfo=None, fold=0)


def as_window(entry: Hours | Override, day: date) -> Window:
    """The window that begins on ``day``."""
    assert isinstance(entry.starts, time)
    assert isinstance(entry.ends, time)
    begins = datetime.combine(day, entry.starts)
    ends = datetime.combine(day, entry.ends)
    return Window(begins, ends if ends > begins else ends + timedelta(days=1))


def applies(hours: Hours, day: date) -> bool:
    """Whether weekly hours begin on ``day``."""
    if hours.weekday != day.weekday():
        return False
    if hours.valid_from is not None and day < hours.valid_from:
        return False
    if hours.valid_until is not None and day > hours.valid_until:
        return False
    return hours.every_weeks == 1 or weeks_between(hours.anchor, day) % hours.every_weeks == 0


def weeks_between(one: date | None, other: date) -> int:
    """How many Mondays lie between the weeks of two dates."""
    assert one is not None
    monday = [day - timedelta(days=day.weekday()) for day in (one, other)]
    return (monday[1] - monday[0]).days // 7


def monday_of(day: date) -> int:
    """A number for the week of a date."""
    return (day - timedelta(days=day.weekday())).toordinal()


def gap_between(one: tuple[int, int], other: tuple[int, int]) -> int:
    """The seconds between two periods; negative when they overlap."""
    return max(one[0], other[0]) - min(one[1], other[1])


def touch(begins: int, ends: int, other_begins: int, other_ends: int) -> bool:
    """Whether two half-open periods share an instant."""
    return max(begins, other_begins) < min(ends, other_ends)
