"""Who among those who wait would like a time that became free, and who is asked first.

A pure function of what it is given. Instants are int epoch SECONDS, as in ``domain.appointments.availability``: one
freed hour is held against thousands of wishes. A wish is wall time in the client's own zone: it means what the clock at
home shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from telehealth.domain.walltime import DAY, day_segments, local_date
from telehealth.domain.words import Mode

Span = tuple[int, int]
"""Half-open seconds of the week, counted on the wall from Monday's midnight; the end may lie in the week after."""

_DAYS = 7
_WEEK = _DAYS * DAY
_THURSDAY = 3 * DAY  # Wall seconds count from 1 January 1970, which was one.
_ONE_DAY = timedelta(days=1)

LAST_CALL = timedelta(minutes=15)
"""An offer ends at least this long before the appointment would start: somebody has to get there, or to a screen."""
SHORTEST_OFFER = timedelta(minutes=10)
"""Less time than this to read and answer a text is no offer."""


@dataclass(frozen=True, slots=True)
class WeeklyWindow:
    """A stretch of every week in the client's wall time, on ``weekday`` (0 is Monday).

    ``ends`` at or before ``starts`` runs into the next day, as hours do: 22:00 to 02:00 is a night, 20:00 to 00:00 an
    evening, 00:00 to 00:00 a whole day. Windows that touch are one. Raises ValueError for a weekday that
    does not exist.
    """

    weekday: int
    starts: time
    ends: time

    def __post_init__(self) -> None:
        if not 0 <= self.weekday < _DAYS:
            raise ValueError("weekday goes from 0 (Monday) to 6")

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> WeeklyWindow:  # As JSON may hold it.
        """From the form in which rows keep it. Raises ValueError, KeyError or TypeError for anything else."""
        return cls(int(kept["weekday"]), time.fromisoformat(kept["starts"]), time.fromisoformat(kept["ends"]))

    def kept(self) -> dict[str, int | str]:
        """The form in which rows keep it."""
        return {"weekday": self.weekday, "starts": f"{self.starts:%H:%M}", "ends": f"{self.ends:%H:%M}"}


class Wait(NamedTuple):
    """One wish on the waitlist. ``spans`` are its windows, none of them meaning any time; ``until`` is inclusive.

    ``therapist_ids`` is empty for anybody. ``is_their_own`` says that the therapist whose time is free treats this
    client. ``before`` is the start of the appointment ``appointment_id`` that would be given up: only an earlier one is
    better.
    ``refused`` are the slots of that therapist that were offered before and not taken. ``asked_until`` is when an open
    offer ends.
    """

    entry_id: int
    service_id: int
    location_id: int | None
    modes: tuple[Mode, ...]
    therapist_ids: frozenset[int]
    spans: tuple[Span, ...]
    zone: ZoneInfo
    jurisdiction: str | None
    until: date
    since: int
    client_id: int = 0
    is_their_own: bool = False
    before: int | None = None
    appointment_id: int | None = None
    refused: tuple[tuple[int, int], ...] = ()
    asked_until: int | None = None


def spans_of(windows: Iterable[WeeklyWindow]) -> tuple[Span, ...]:
    """The windows as seconds of the week, ascending, those that touch or overlap joined, also around the week's end."""
    once = [_span(window) for window in windows]
    # A week before and a week after, so that Sunday night and Monday morning are neighbours.
    around = sorted((first + shift, last + shift) for first, last in once for shift in (-_WEEK, 0, _WEEK))
    return tuple((first, last) for first, last in _joined(around) if last > 0 and first < _WEEK)


def rank_waits(waits: Iterable[Wait], therapist_id: int) -> list[Wait]:
    """Those who would take this therapist, in the order in which they are asked.

    First whoever named the therapist or is the therapist's own client: to them nobody else will do. Then who has
    waited longest.
    """
    willing = [wait for wait in waits if not wait.therapist_ids or therapist_id in wait.therapist_ids]
    return sorted(willing, key=lambda wait: (not (wait.therapist_ids or wait.is_their_own), wait.since, wait.entry_id))


def fits(wait: Wait, starts: int, ends: int) -> bool:
    """Whether [starts, ends) suits the wish: all of it inside the windows, on time, early enough to be better than what
    would be given up, and not something that was turned down before.

    It lies inside when at every moment of it the client's clock shows a time within the windows. So on the night on
    which clocks go back, 01:30 to 02:30 holds a slot that begins at the second 01:30, and none that begins at the
    first: half an hour later that one would see 01:00 again.
    """
    first_day, pieces = _on_the_wall(starts, ends, wait.zone)
    if first_day > wait.until or (wait.before is not None and starts >= wait.before):
        return False
    if wait.refused and any(starts < last and first < ends for first, last in wait.refused):
        return False
    return not wait.spans or _are_within(pieces, wait.spans)


def on_the_wall(starts: int, ends: int, zone: ZoneInfo) -> list[Span]:
    """The seconds of the week, from Monday's midnight, that the clock in ``zone`` shows in [starts, ends)."""
    _, pieces = _on_the_wall(starts, ends, zone)
    return [*pieces, *((first - _WEEK, last - _WEEK) for first, last in pieces if last > _WEEK)]


def may_touch(spans: Sequence[Span], shown: Sequence[Span]) -> bool:
    """Whether something that suits a wish with these ``spans`` may lie in the time that the clock ``shown`` so.

    A quick look at thousands of wishes: ``fits`` would refuse all that this does, and some more.
    """
    if not spans:
        return True
    for first, last in shown:
        for opens, closes in spans:
            if opens < last and first < closes:
                return True
    return False


def offer_ends(starts_at: datetime, *, minutes: int, now: datetime) -> datetime | None:
    """When an offer made now of a slot at ``starts_at`` ends: so many minutes later, or ``LAST_CALL`` before the slot.

    None when that leaves no time to answer.
    """
    ends = min(now + timedelta(minutes=minutes), starts_at - LAST_CALL).replace(microsecond=0)
    shortest = min(SHORTEST_OFFER, timedelta(minutes=minutes))
    return ends if ends >= (now + shortest).replace(microsecond=0) else None


def _span(window: WeeklyWindow) -> Span:
    midnight = window.weekday * DAY
    first, last = midnight + _seconds(window.starts), midnight + _seconds(window.ends)
    return first, last if last > first else last + DAY


def _seconds(wall: time) -> int:
    return (wall.hour * 60 + wall.minute) * 60 + wall.second


def _joined(ascending: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for first, last in ascending:
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _are_within(pieces: Sequence[Span], spans: Sequence[Span]) -> bool:
    """Plain loops: thousands of these are asked, and generators would take twice as long."""
    for first, last in pieces:
        for opens, closes in spans:
            if opens <= first and last <= closes:
                break
        else:
            return False
    return True


@lru_cache(maxsize=16_384)
def _on_the_wall(starts: int, ends: int, zone: ZoneInfo) -> tuple[date, tuple[Span, ...]]:
    """The date on which [starts, ends) begins in ``zone``, and the seconds of the week that the clock shows in it: one
    span, or two around a change of the clock.
    """
    first_day = local_date(starts, zone)
    # One date more on either side: two dates interleave when a clock goes back over midnight.
    day, last_day = first_day - _ONE_DAY, local_date(ends, zone) + _ONE_DAY
    pieces: list[tuple[int, int, int]] = []
    while day <= last_day:
        pieces += [
            (max(starts, first), min(ends, last), offset)
            for offset, first, last in day_segments(day, zone)
            if first < ends and starts < last
        ]
        day += _ONE_DAY
    return first_day, tuple(_in_week(*piece) for piece in _without_midnights(sorted(pieces)))


def _without_midnights(pieces: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Pieces that meet at midnight are one, unless the clock changed there."""
    if not pieces:
        return []
    whole = [pieces[0]]
    for before, after in pairwise(pieces):
        if before[1] == after[0] and before[2] == after[2]:
            whole[-1] = (whole[-1][0], after[1], after[2])
        else:
            whole.append(after)
    return whole


def _in_week(first: int, last: int, offset: int) -> Span:
    on_the_wall = (first + offset + _THURSDAY) % _WEEK
    return on_the_wall, on_the_wall + last - first
