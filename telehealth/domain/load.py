"""How much one therapist can carry: caps on a date and on a week, and a break after so many in a row.

No trial says where the limits lie; practices set their own (surveys of burnout put the usual week at 21 to 30 hours of
care). So they are numbers of the therapist's, part of what is offered, and staff may exceed them knowingly.

All instants are int epoch SECONDS. Dates and weeks are those of the therapist's own wall calendar, with their real
length: 23 or 25 hours on the days on which clocks change.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from telehealth.domain.opening import ONE_DAY, WEEK, Period, dates
from telehealth.domain.walltime import day_segments, local_date
from telehealth.domain.words import Obstacle

ORDINARY = 100  # The load of an ordinary appointment, in percent.


class Booked(NamedTuple):
    """Time that somebody has, without its buffers, and how much of the therapist's strength it takes, in percent.

    ``kind`` is how it stands in the way of others: an appointment (TAKEN), a hold (HELD), a standing slot (STANDING).
    """

    starts: int
    ends: int
    load: int = ORDINARY
    kind: Obstacle = Obstacle.TAKEN


def full_days(
    booked: Iterable[Booked], zone: ZoneInfo, first: int, last: int, *, cap: int, load: int
) -> Iterator[Period]:
    """The pieces of those dates, from the one of ``first`` to the one of ``last`` (both instants), on which ``load``
    more would be above ``cap`` ordinary appointments.
    """
    around = dates(local_date(first, zone) - ONE_DAY, local_date(last, zone) + ONE_DAY)
    return _full(booked, zone, ([day] for day in around), cap * ORDINARY - load)


def full_weeks(
    booked: Iterable[Booked], zone: ZoneInfo, first: int, last: int, *, cap: int, load: int
) -> Iterator[Period]:
    """The same for weeks from Monday to Sunday."""
    first_day, last_day = local_date(first, zone) - ONE_DAY, local_date(last, zone) + ONE_DAY
    mondays = range((first_day - timedelta(days=first_day.weekday())).toordinal(), last_day.toordinal() + 1, WEEK)
    weeks = (map(date.fromordinal, range(monday, monday + WEEK)) for monday in mondays)
    return _full(booked, zone, weeks, cap * ORDINARY - load)


def _full(booked: Iterable[Booked], zone: ZoneInfo, stretches: Iterable[Iterable[date]], most: int) -> Iterator[Period]:
    """The pieces of those stretches of dates that carry more than ``most`` already."""
    in_order = sorted(booked)
    starts = [each.starts for each in in_order]
    sums = [0, *accumulate(each.load for each in in_order)]
    for days in stretches:
        pieces = [(begins, ends) for day in days for _, begins, ends in day_segments(day, zone)]
        if sum(sums[bisect_left(starts, ends)] - sums[bisect_left(starts, begins)] for begins, ends in pieces) > most:
            yield from pieces


def without_too_long_runs(
    starts: Sequence[int], booked: Iterable[Booked], *, duration: int, longest: int, pause: int
) -> list[int]:
    """The starts that do not make more than ``longest`` appointments in a row. Durations are seconds.

    Appointments are in a row when less than ``pause`` lies between them; a new one may join what lies on both sides.
    """
    runs = list(_runs(booked, pause))
    begins, ends = [run[0] for run in runs], [run[1] for run in runs]
    sums = [0, *accumulate(run[2] for run in runs)]

    def length(start: int) -> int:
        joined_from = bisect_right(ends, start - pause)
        joined_to = bisect_left(begins, start + duration + pause)
        return sums[max(joined_from, joined_to)] - sums[joined_from] + 1

    return [start for start in starts if length(start) <= longest]


def _runs(booked: Iterable[Booked], pause: int) -> Iterator[tuple[int, int, int]]:
    """Begin, end and number of each row of appointments, ascending."""
    in_order = sorted(booked)
    if not in_order:
        return
    begins, reach, count = in_order[0].starts, in_order[0].ends, 0
    for each in in_order:
        if each.starts - reach >= pause and count:
            yield begins, reach, count
            begins, reach, count = each.starts, each.ends, 0
        reach, count = max(reach, each.ends), count + 1
    yield begins, reach, count
