"""When somebody can start: the one decision behind every time that is offered and every time that is booked.

A pure function of what it is given. All instants are int epoch SECONDS, all periods half-open ``(start, end)`` tuples
of them: a page may ask for a month of a thousand therapists at once. Lengths in ``Rules`` are minutes and days, as
people set them. Hours are wall time in the therapist's zone; notice, buffers and durations are elapsed time.

How it works: the hours give a grid of candidate starts, and every rule then strikes out the starts it forbids. Closed
time, time off, other appointments, full days and busy rooms are all the same thing to it: periods to keep clear of.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from itertools import chain
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from telehealth.domain.walltime import DAY, day_segments, local_date, wall_midnight
from telehealth.domain.words import Mode

Key = TypeVar("Key")
Period = tuple[int, int]

_MINUTE = 60
_WEEK = 7
_ONE_DAY = timedelta(days=1)
_FOREVER = 1 << 62  # Later than any instant.


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly hours, wall time in the therapist's zone, on ``weekday`` (0 is Monday).

    ``ends`` at or before ``starts`` runs into the next day, so time(0) as the end is midnight. ``location_id`` is where
    the therapist is in person then. ``valid_from`` and ``valid_until`` are inclusive and speak of the date on which the
    hours begin. With ``every_weeks=2`` they hold in the Monday-based week of ``anchor`` and every other week before and
    after it. Raises ValueError for a weekday that does not exist, or skipped weeks without an anchor.
    """

    weekday: int
    starts: time
    ends: time
    modes: frozenset[Mode]
    location_id: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    every_weeks: int = 1
    anchor: date | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.weekday < _WEEK:
            raise ValueError("weekday goes from 0 (Monday) to 6")
        if self.every_weeks < 1 or (self.every_weeks > 1 and self.anchor is None):
            raise ValueError("hours that skip weeks need an anchor date, and every_weeks starts at 1")

    def hold_on(self, day: date) -> bool:
        """Whether these hours begin on ``day``."""
        return (
            self.weekday == day.weekday()
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day <= self.valid_until)
            and (self.anchor is None or (_week_of(day) - _week_of(self.anchor)) % self.every_weeks == 0)
        )


@dataclass(frozen=True, slots=True)
class Override:
    """Other hours for one date. ``starts`` and ``ends`` None: closed, whatever other overrides say about that date.

    The overrides of a date replace all weekly hours that begin on it. A night that began the day before goes on.
    """

    day: date
    starts: time | None
    ends: time | None
    modes: frozenset[Mode] = frozenset()
    location_id: int | None = None

    def __post_init__(self) -> None:
        if (self.starts is None) != (self.ends is None):
            raise ValueError("an override has a start and an end, or neither")


@dataclass(frozen=True, slots=True)
class Rules:
    """What the service asks for: minutes, except ``horizon``, which is days ahead on the therapist's wall calendar.

    ``step`` is the distance of offered starts, counted on the wall from the beginning of each window of hours.
    Raises ValueError for a duration or step below one and for anything negative.
    """

    duration: int
    buffer_before: int = 0
    buffer_after: int = 0
    step: int = 15
    notice: int = 0
    horizon: int = 60

    def __post_init__(self) -> None:
        if self.duration <= 0 or self.step <= 0:
            raise ValueError("duration and step are at least one minute")
        if min(self.buffer_before, self.buffer_after, self.notice, self.horizon) < 0:
            raise ValueError("buffers, notice and horizon are never negative")


@dataclass(frozen=True, slots=True)
class Calendar:
    """One therapist's time. ``occupied`` already contains the buffers of what occupies it; order does not matter.

    ``appointment_starts`` are the starts that count towards ``daily_cap``, appointments a date in the therapist's zone.
    Only what lies near the ask need be given: years of history cost time and change nothing.
    """

    zone: ZoneInfo
    hours: Sequence[Hours]
    overrides: Sequence[Override] = ()
    time_off: Sequence[Period] = ()
    occupied: Sequence[Period] = ()
    appointment_starts: Sequence[int] = ()
    daily_cap: int | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody looks for: starts in [since, until), how they meet, and where if in person.

    ``rooms`` holds the occupied periods of each room that would do; None when no room is needed. An empty sequence says
    that one is needed and there is none.
    """

    since: int
    until: int
    mode: Mode
    location_id: int | None = None
    rooms: Sequence[Sequence[Period]] | None = None


def free_starts(calendar: Calendar, rules: Rules, ask: Ask, *, now: int) -> list[int]:
    """Every instant at which the appointment could start, ascending. ``now`` and the result are epoch seconds.

    - The whole appointment lies in hours that allow the mode (and are at the place, in person). Hours that touch are
      one, over midnight and over a change of the clocks. Wall times that do not happen are not offered, and those
      that happen twice are offered twice.
    - It touches no time off. With its buffers it touches nothing that is occupied.
    - It starts ``notice`` or more after ``now``, at most ``horizon`` dates ahead, on a date that is not full.
    - One single room is free for all of it, when a room is needed.
    """
    return _strike_out(_candidates(calendar, rules, ask, now), calendar, rules, ask)


def is_free(
    calendar: Calendar,
    rules: Rules,
    start: int,
    *,
    mode: Mode,
    location_id: int | None = None,
    rooms: Sequence[Sequence[Period]] | None = None,
    now: int,
) -> bool:
    """Whether ``free_starts`` would offer ``start``: booking asks the same function that offered the time."""
    ask = Ask(since=start, until=start + 1, mode=mode, location_id=location_id, rooms=rooms)
    return bool(free_starts(calendar, rules, ask, now=now))


def first_free(calendars: Iterable[tuple[Key, Calendar]], rules: Rules, ask: Ask, *, now: int) -> dict[int, Key]:
    """Every start that somebody has free, ascending, with the first one in the given order who has.

    ``ask.rooms`` are the rooms for all of them. Starts that someone earlier has are not worked out again.
    """
    found: dict[int, Key] = {}
    for key, calendar in calendars:
        starts = _candidates(calendar, rules, ask, now)
        open_to_us = [start for start in starts if start not in found] if found else starts
        found.update(dict.fromkeys(_strike_out(open_to_us, calendar, rules, ask), key))
    return {start: found[start] for start in sorted(found)}


def _candidates(calendar: Calendar, rules: Rules, ask: Ask, now: int) -> Sequence[int]:
    """The starts that hours, notice, horizon and the ask itself allow, ascending."""
    last_day = local_date(now, calendar.zone) + timedelta(days=rules.horizon)
    since = max(ask.since, now + rules.notice * _MINUTE)
    # Two days after midnight UTC that date is over in every zone. This keeps absurd asks within the years of datetime.
    until = min(ask.until, wall_midnight(last_day) + 2 * DAY)
    if since >= until:
        return ()
    schedule = _Schedule(calendar.zone, tuple(calendar.hours), tuple(calendar.overrides), ask.mode, ask.location_id)
    # One date more on either side: two dates interleave when a clock goes back over midnight.
    first_day = local_date(since, calendar.zone) - _ONE_DAY
    last_day = min(last_day, local_date(until, calendar.zone) + _ONE_DAY)
    starts = _starts_in_hours(schedule, rules.duration * _MINUTE, rules.step * _MINUTE, first_day, last_day)
    return starts[bisect_left(starts, since) : bisect_left(starts, until)]


def _strike_out(starts: Sequence[int], calendar: Calendar, rules: Rules, ask: Ask) -> list[int]:
    """The candidates that neither time off, other appointments, a full day nor a lack of rooms forbids."""
    duration = rules.duration * _MINUTE
    before = rules.buffer_before * _MINUTE
    after = duration + rules.buffer_after * _MINUTE
    free = _clear_of(calendar.occupied, starts, before, after)
    free = _clear_of(calendar.time_off, free, 0, duration)
    if free and calendar.daily_cap is not None:
        free = _clear_of(_full_days(calendar, calendar.daily_cap, free), free, 0, 1)
    if ask.rooms is not None:
        free = sorted(set().union(*(_clear_of(room, free, 0, duration) for room in ask.rooms)))
    return free


def _clear_of(periods: Iterable[Period], starts: Sequence[int], before: int, after: int) -> list[int]:
    """The starts (ascending) for which [start - before, start + after) overlaps none of the periods (in any order)."""
    free: list[int] = []
    seen = 0
    for begins, ends in sorted(periods) if starts else ():
        if begins < ends:  # An empty period overlaps nothing.
            clear_until = bisect_right(starts, begins - after, seen)
            free += starts[seen:clear_until]
            seen = bisect_left(starts, ends + before, clear_until)
    free += starts[seen:]
    return free


def _full_days(calendar: Calendar, cap: int, starts: Sequence[int]) -> Iterator[Period]:
    """The pieces of those dates, from the first to the last of ``starts``, that have ``cap`` appointments or more."""
    taken = sorted(calendar.appointment_starts)
    first_day, last_day = local_date(starts[0], calendar.zone), local_date(starts[-1], calendar.zone)
    for day in _dates(first_day - _ONE_DAY, last_day + _ONE_DAY):
        pieces = [(begins, ends) for _, begins, ends in day_segments(day, calendar.zone)]
        if sum(bisect_left(taken, ends) - bisect_left(taken, begins) for begins, ends in pieces) >= cap:
            yield from pieces


class _Schedule(NamedTuple):
    """What open time depends on: the part of a calendar and of an ask that has nothing to do with appointments."""

    zone: ZoneInfo
    hours: tuple[Hours, ...]
    overrides: tuple[Override, ...]
    mode: Mode
    location_id: int | None


class _Piece(NamedTuple):
    """A part of one window of hours, on one date, with one offset. ``grid`` is the instant the grid is counted from."""

    day: date
    grid: int
    begins: int
    ends: int


@lru_cache(maxsize=1024)
def _starts_in_hours(schedule: _Schedule, duration: int, step: int, first_day: date, last_day: date) -> tuple[int, ...]:
    """The starts on the grid, on the dates from first to last, whose whole appointment lies in open time. In seconds.

    Remembered, since hours change rarely and calendars with equal hours share an answer.
    """
    # A night may have begun the day before, and the appointment may run on, even over a date that was skipped.
    days = _dates(first_day - _ONE_DAY, last_day + timedelta(days=2, seconds=duration))
    pieces = [
        piece
        for day in days
        for begins, ends in _windows(schedule, day)
        for piece in _pieces(schedule.zone, day, begins, ends)
    ]
    grid = (
        range(piece.begins + (piece.grid - piece.begins) % step, piece.ends, step)
        for piece in pieces
        if first_day <= piece.day <= last_day
    )
    starts = dict.fromkeys(sorted(chain.from_iterable(grid)))  # Overlapping windows may share starts.
    return tuple(_clear_of(_closed(pieces), list(starts), 0, duration))


def _windows(schedule: _Schedule, day: date) -> Iterator[Period]:
    """The windows of hours that begin on ``day`` and suit the ask, in wall seconds."""
    midnight = wall_midnight(day)
    for entry in _entries(schedule, day):
        if entry.starts is not None and entry.ends is not None and _suits(entry, schedule):
            begins, ends = _seconds(entry.starts), _seconds(entry.ends)
            yield midnight + begins, midnight + ends + (DAY if ends <= begins else 0)


def _entries(schedule: _Schedule, day: date) -> Sequence[Hours | Override]:
    """The overrides of ``day``, none if one of them closes it, else the weekly hours."""
    special = [override for override in schedule.overrides if override.day == day]
    if not special:
        return [hours for hours in schedule.hours if hours.hold_on(day)]
    is_closed = any(override.starts is None for override in special)
    return () if is_closed else special


def _suits(entry: Hours | Override, schedule: _Schedule) -> bool:
    """Whether people can meet in these hours in the way asked for, and at the place if it is in person."""
    if schedule.mode is Mode.IN_PERSON and (schedule.location_id is None or entry.location_id != schedule.location_id):
        return False
    return schedule.mode in entry.modes


def _pieces(zone: ZoneInfo, day: date, begins: int, ends: int) -> Iterator[_Piece]:
    """The instants at which the wall shows a time in the window [begins, ends), given in wall seconds, cut by date."""
    overnight = ends > wall_midnight(day) + DAY
    for piece_day in (day, day + _ONE_DAY) if overnight else (day,):
        for offset, piece_begins, piece_ends in day_segments(piece_day, zone):
            piece = _Piece(
                piece_day, begins - offset, max(piece_begins, begins - offset), min(piece_ends, ends - offset)
            )
            if piece.begins < piece.ends:
                yield piece


def _closed(pieces: Iterable[_Piece]) -> Iterator[Period]:
    """The time between the pieces, and after them."""
    reach = -_FOREVER
    for begins, ends in sorted((piece.begins, piece.ends) for piece in pieces):
        if reach < begins:
            yield reach, begins
        reach = max(reach, ends)
    yield reach, _FOREVER


def _dates(first: date, last: date) -> Iterator[date]:
    """Every date from first to last, both included."""
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _seconds(wall: time) -> int:
    """Seconds since midnight on the wall."""
    return wall.hour * 3600 + wall.minute * 60 + wall.second


def _week_of(day: date) -> int:
    """A number for the Monday-based week of ``day``."""
    return (day.toordinal() - 1) // _WEEK
