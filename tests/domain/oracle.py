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
    from telehealth.domain.availability import Ask, Calendar, Hours, Override, Rules

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
        return (
            self.is_on_grid(start)
            and self.is_in_time(start)
            and self.is_open_throughout(start)
            and self.is_undisturbed(start)
            and self.is_below_cap(start)
            and self.has_room(start)
        )

    def is_on_grid(self, start: int) -> bool:
        step, wall = timedelta(minutes=self.rules.step), self.wall(start)
        return any((wall - window.begins) % step == timedelta(0) for window in self.windows_at(start))

    def is_in_time(self, start: int) -> bool:
        last = self.wall(self.now).date() + timedelta(days=self.rules.horizon)
        return start - self.now >= self.rules.notice * 60 and self.wall(start).date() <= last

    def is_open_throughout(self, start: int) -> bool:
        return all(self.is_open(instant) for instant in range(start, start + self.duration, MINUTE))

    def is_undisturbed(self, start: int) -> bool:
        begins = start - self.rules.buffer_before * 60
        ends = start + self.duration + self.rules.buffer_after * 60
        return not any(touch(begins, ends, *period) for period in self.calendar.occupied) and not any(
            touch(start, start + self.duration, *period) for period in self.calendar.time_off
        )

    def is_below_cap(self, start: int) -> bool:
        if self.calendar.daily_cap is None:
            return True
        dates = [self.wall(other).date() for other in self.calendar.appointment_starts]
        return dates.count(self.wall(start).date()) < self.calendar.daily_cap

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


def touch(begins: int, ends: int, other_begins: int, other_ends: int) -> bool:
    """Whether two half-open periods share an instant."""
    return max(begins, other_begins) < min(ends, other_ends)
