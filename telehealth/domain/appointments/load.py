"""How much one therapist can carry: caps on a date and on a week, and a break after so many in a row.

No trial says where the limits lie; practices set their own (surveys of burnout put the usual week at 21 to 30 hours of
care). So they are numbers of the therapist's, part of what is offered, and staff may exceed them knowingly.

All instants are int epoch SECONDS. Dates and weeks are those of the therapist's own wall calendar, with their real
length: 23 or 25 hours on the days on which clocks change.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property, lru_cache
from itertools import accumulate, starmap
from typing import NamedTuple, overload
from zoneinfo import ZoneInfo

from telehealth.domain.hours.opening import WEEK, Period
from telehealth.domain.walltime import day_segments, local_date
from telehealth.domain.words import Obstacle

ORDINARY = 100  # The load of an ordinary appointment, in percent.
_MONDAY = 1  # 1 January of year 1, the first day that is counted, was one.


class Booked(NamedTuple):
    """Time that somebody has, without its buffers, and how much of the therapist's strength it takes, in percent.

    ``kind`` is how it stands in the way of others: an appointment (TAKEN), a hold (HELD), a standing slot (STANDING).
    """

    starts: int
    ends: int
    load: int = ORDINARY
    kind: Obstacle = Obstacle.TAKEN


class Bookings(Sequence[Booked]):
    """What one therapist has booked, by start, kept in columns: limits are counted for many therapists at once.

    The columns are ``starts``, ``ends`` (epoch seconds), ``loads`` and ``kinds`` of ``Booked``, of equal lengths.
    """

    def __init__(self, starts: list[int], ends: list[int], loads: list[int], kinds: Sequence[Obstacle] = ()) -> None:
        """The columns may come in any order of their rows; without ``kinds`` all are appointments."""
        self.starts, self.ends, self.loads, self.kinds = starts, ends, loads, kinds
        if sorted(starts) != starts:
            rows = sorted(self, key=lambda each: each.starts)
            self.starts, self.ends, self.loads, self.kinds = map(list, zip(*rows, strict=True))

    @classmethod
    def of(cls, booked: Iterable[Booked]) -> Bookings:
        """The same things booked, in columns."""
        if isinstance(booked, Bookings):
            return booked
        rows = sorted(booked)
        return cls(*map(list, zip(*rows, strict=True))) if rows else cls([], [], [])

    def within(self, since: int, until: int) -> Bookings:
        """Those of them that begin after ``since`` and before ``until``."""
        these = slice(bisect_right(self.starts, since), bisect_left(self.starts, until))
        return Bookings(self.starts[these], self.ends[these], self.loads[these], self.kinds[these])

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[Booked]:
        columns = (self.starts, self.ends, self.loads)
        return starmap(Booked, zip(*columns, self.kinds, strict=True) if self.kinds else zip(*columns, strict=True))

    @overload
    def __getitem__(self, place: int) -> Booked: ...

    @overload
    def __getitem__(self, place: slice) -> list[Booked]: ...

    def __getitem__(self, place: int | slice) -> Booked | list[Booked]:
        return list(self)[place]

    @cached_property
    def sums(self) -> list[int]:
        """The load of the first none, one, two and so on of them."""
        return [0, *accumulate(self.loads)]

    @cached_property
    def reach(self) -> list[int]:
        """When the last of the first one, two and so on of them ends."""
        return self.ends if sorted(self.ends) == self.ends else list(accumulate(self.ends, max))


def without_full_days(
    starts: Sequence[int], booked: Iterable[Booked], zone: ZoneInfo, *, cap: int, load: int
) -> Sequence[int]:
    """The starts (ascending) on dates on which ``load`` more is not above ``cap`` ordinary appointments."""
    return _without_full(starts, Bookings.of(booked), zone, 1, cap * ORDINARY - load)


def without_full_weeks(
    starts: Sequence[int], booked: Iterable[Booked], zone: ZoneInfo, *, cap: int, load: int
) -> Sequence[int]:
    """The same for weeks from Monday to Sunday."""
    return _without_full(starts, Bookings.of(booked), zone, WEEK, cap * ORDINARY - load)


def _without_full(starts: Sequence[int], booked: Bookings, zone: ZoneInfo, days: int, most: int) -> Sequence[int]:
    """The starts in stretches of so many dates, from a Monday on, that carry no more than ``most`` already."""
    begun, sums = booked.starts, booked.sums
    if sums[-1] <= most:
        return starts
    kept: list[int] = []
    place = 0
    while place < len(starts):  # One piece of a stretch after the other, those without starts left out.
        until, pieces = _stretch(starts[place], days, zone)
        carried = 0
        for begins, ends in pieces:
            carried += sums[bisect_left(begun, ends)] - sums[bisect_left(begun, begins)]
        end = bisect_left(starts, until, place)
        if carried <= most:
            kept += starts[place:end]
        place = end
    return kept


@lru_cache(maxsize=65_536)
def _stretch(instant: int, days: int, zone: ZoneInfo) -> tuple[int, tuple[Period, ...]]:
    """The stretch of so many dates, from a Monday on, that an instant lies in; and when its piece there ends."""
    day = local_date(instant, zone).toordinal()
    pieces = _pieces(day - (day - _MONDAY) % days, days, zone)
    return next(ends for begins, ends in pieces if begins <= instant < ends), pieces


@lru_cache(maxsize=4096)
def _pieces(first: int, days: int, zone: ZoneInfo) -> tuple[Period, ...]:
    """The time of so many dates from one on (a proleptic ordinal), those pieces joined that touch."""
    dates = map(date.fromordinal, range(first, first + days))
    joined: list[Period] = []
    for begins, ends in sorted(piece[1:] for day in dates for piece in day_segments(day, zone)):
        if joined and joined[-1][1] == begins:
            joined[-1] = (joined[-1][0], ends)
        else:
            joined.append((begins, ends))
    return tuple(joined)


def without_too_long_runs(
    starts: Sequence[int], booked: Iterable[Booked], *, duration: int, longest: int, pause: int
) -> Sequence[int]:
    """The starts that do not make more than ``longest`` appointments in a row. Durations are seconds.

    Appointments are in a row when less than ``pause`` lies between them; a new one may join what lies on both sides.
    """
    booked = Bookings.of(booked)
    begins, reach = booked.starts, booked.reach
    many = len(begins)
    if many < longest:
        return starts
    kept: list[int] = []
    for start in starts:
        # It joins all that lies so close, and what is in a row with these.
        first, last = bisect_right(reach, start - pause), bisect_left(begins, start + duration + pause)
        if first < last:
            while first > 0 and begins[first] - reach[first - 1] < pause:
                first -= 1
            while last < many and begins[last] - reach[last - 1] < pause:
                last += 1
        if last - first < longest:
            kept.append(start)
    return kept
