"""When a therapist is open: weekly hours and other hours for single dates, as a grid of starts.

All instants are int epoch SECONDS and all periods half-open ``(start, end)`` tuples of them. Hours are wall time in the
therapist's zone; the grid is counted on the wall from the beginning of each window of hours.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

from telehealth.domain.walltime import DAY, day_segments, local_date, midnight, wall_midnight
from telehealth.domain.words import Mode

Period = tuple[int, int]

WEEK = 7
ONE_DAY = timedelta(days=1)
FOREVER = 1 << 62  # Later than any instant.


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
        if not 0 <= self.weekday < WEEK:
            raise ValueError("weekday goes from 0 (Monday) to 6")
        if self.every_weeks < 1 or (self.every_weeks > 1 and self.anchor is None):
            raise ValueError("hours that skip weeks need an anchor date, and every_weeks starts at 1")

    def hold_on(self, day: date) -> bool:
        """Whether these hours begin on ``day``."""
        return (
            self.weekday == day.weekday()
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day <= self.valid_until)
            and (self.anchor is None or (week_number(day) - week_number(self.anchor)) % self.every_weeks == 0)
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


def clear_of(periods: Iterable[Period], starts: Sequence[int], before: int, after: int) -> list[int]:
    """The starts (ascending) for which [start - before, start + after) overlaps none of the periods (in any order)."""
    free: list[int] = []
    seen = 0
    for begins, ends in sorted(periods) if starts else ():
        if seen == len(starts):
            break
        # An empty period overlaps nothing. What is over before the next start is passed over: much is, at night.
        if begins < ends and ends + before > starts[seen]:
            clear_until = bisect_right(starts, begins - after, seen)
            free += starts[seen:clear_until]
            seen = bisect_left(starts, ends + before, clear_until)
    free += starts[seen:]
    return free


class Schedule(NamedTuple):
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
def starts_in_hours(schedule: Schedule, duration: int, step: int, first_day: date, last_day: date) -> tuple[int, ...]:
    """The starts on the grid, on the dates from first to last, whose whole appointment lies in open time. In seconds.

    Remembered, since hours change rarely and calendars with equal hours share an answer.
    """
    pieces = _open_pieces(schedule, duration, first_day, last_day)
    grid = (
        range(piece.begins + (piece.grid - piece.begins) % step, piece.ends, step)
        for piece in pieces
        if first_day <= piece.day <= last_day
    )
    starts = dict.fromkeys(sorted(chain.from_iterable(grid)))  # Overlapping windows may share starts.
    return tuple(clear_of(_closed(pieces), list(starts), 0, duration))


def is_open_throughout(schedule: Schedule, start: int, duration: int) -> bool:
    """Whether [start, start + duration) lies in open time, wherever the grid may be. In seconds."""
    day = local_date(start, schedule.zone)
    pieces = _open_pieces(schedule, duration, day - ONE_DAY, day + ONE_DAY)
    return bool(clear_of(_closed(pieces), [start], 0, duration))


def _open_pieces(schedule: Schedule, duration: int, first_day: date, last_day: date) -> list[_Piece]:
    """The open time in which an appointment that starts on the dates from first to last may lie."""
    # A night may have begun the day before, and the appointment may run on, even over a date that was skipped.
    days = dates_between(first_day - ONE_DAY, last_day + timedelta(days=2, seconds=duration))
    return [
        piece
        for day in days
        for begins, ends in _windows(schedule, day)
        for piece in _pieces(schedule.zone, day, begins, ends)
    ]


def _windows(schedule: Schedule, day: date) -> Iterator[Period]:
    """The windows of hours that begin on ``day`` and suit the ask, in wall seconds."""
    midnight = wall_midnight(day)
    for entry in _entries(schedule, day):
        if entry.starts is not None and entry.ends is not None and _suits(entry, schedule):
            begins, ends = _seconds(entry.starts), _seconds(entry.ends)
            yield midnight + begins, midnight + ends + (DAY if ends <= begins else 0)


def _entries(schedule: Schedule, day: date) -> Sequence[Hours | Override]:
    """The overrides of ``day``, none if one of them closes it, else the weekly hours."""
    special = [override for override in schedule.overrides if override.day == day]
    if not special:
        return [hours for hours in schedule.hours if hours.hold_on(day)]
    is_closed = any(override.starts is None for override in special)
    return () if is_closed else special


def _suits(entry: Hours | Override, schedule: Schedule) -> bool:
    """Whether people can meet in these hours in the way asked for, and at the place if it is in person."""
    if schedule.mode is Mode.IN_PERSON and (schedule.location_id is None or entry.location_id != schedule.location_id):
        return False
    return schedule.mode in entry.modes


def _pieces(zone: ZoneInfo, day: date, begins: int, ends: int) -> Iterator[_Piece]:
    """The instants at which the wall shows a time in the window [begins, ends), given in wall seconds, cut by date."""
    overnight = ends > wall_midnight(day) + DAY
    for piece_day in (day, day + ONE_DAY) if overnight else (day,):
        for offset, piece_begins, piece_ends in day_segments(piece_day, zone):
            piece = _Piece(
                piece_day, begins - offset, max(piece_begins, begins - offset), min(piece_ends, ends - offset)
            )
            if piece.begins < piece.ends:
                yield piece


def _closed(pieces: Iterable[_Piece]) -> Iterator[Period]:
    """The time between the pieces, and after them."""
    reach = -FOREVER
    for begins, ends in sorted((piece.begins, piece.ends) for piece in pieces):
        if reach < begins:
            yield reach, begins
        reach = max(reach, ends)
    yield reach, FOREVER


def time_after_leaving(leaves_on: date | None, zone: ZoneInfo) -> Sequence[Period]:
    """When a therapist who leaves on that date of their own calendar is not with the practice any more."""
    return () if leaves_on is None else ((int(midnight(leaves_on, zone).timestamp()), FOREVER),)


def dates_between(first: date, last: date) -> Iterator[date]:
    """Every date from first to last, both included."""
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _seconds(wall: time) -> int:
    """Seconds since midnight on the wall."""
    return wall.hour * 3600 + wall.minute * 60 + wall.second


def week_number(day: date) -> int:
    """A number for the Monday-based week of ``day``."""
    return (day.toordinal() - 1) // WEEK
