"""Where things stand in a grid of hours: minutes of a date's wall, and lanes beside each other. Pure, no rows.

A grid counts in steps of five minutes. What is shorter is drawn one step long, so that it can be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from telehealth.domain import walltime

STEP, HOUR, DAY = 5, 60, 24 * 60
MOST_LANES = 6
"""More than that beside each other are too narrow to read: they share the last lane."""
USUAL_HOURS = (9, 17)

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Stretch:
    """From a minute of a date's wall on, for so many minutes, both in whole steps."""

    begins: int
    minutes: int

    @property
    def ends(self) -> int:
        """The minute after it."""
        return self.begins + self.minutes


@dataclass(frozen=True, slots=True)
class Placed(Generic[Thing]):
    """One thing in the grid: where, and in which of how many lanes."""

    thing: Thing
    stretch: Stretch
    lane: int = 0
    lanes: int = 1


def stretch_on(day: date, starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> Stretch | None:
    """The part of [starts_at, ends_at), aware instants, that the wall of ``zone`` shows on a date; None for none.

    In the hour that comes twice in autumn the end may be shown before the start: one step is drawn then.
    """
    begins, ends = _minute(day, walltime.wall(starts_at, zone)), _minute(day, walltime.wall(ends_at, zone))
    if starts_at >= ends_at or ends <= 0 or begins >= DAY:
        return None
    first = max(begins, 0) // STEP * STEP
    last = -(-min(ends, DAY) // STEP) * STEP
    return Stretch(first, max(last - first, STEP))


def place_in_lanes(found: Sequence[tuple[Thing, Stretch]]) -> list[Placed[Thing]]:
    """In order of time; what overlaps stands in lanes side by side, and all that hang together share their number."""
    ordered = sorted(found, key=lambda each: (each[1].begins, -each[1].minutes))
    placed: list[Placed[Thing]] = []
    together: list[tuple[Thing, Stretch]] = []
    reach = 0
    for each in ordered:
        if together and each[1].begins >= reach:
            placed += _lanes_of(together)
            together = []
        together.append(each)
        reach = max(reach, each[1].ends)
    return placed + _lanes_of(together)


def hours_needed(stretches: Iterable[Stretch]) -> tuple[int, int]:
    """The first hour and the hour after the last one that a grid needs; ordinary hours when nothing is there."""
    found = list(stretches)
    if not found:
        return USUAL_HOURS
    first = min(each.begins for each in found) // HOUR
    last = -(-max(each.ends for each in found) // HOUR)
    return first, min(last, DAY // HOUR)


def _minute(day: date, wall: datetime) -> int:
    return (wall - datetime.combine(day, time())) // timedelta(minutes=1)


def _lanes_of(together: Sequence[tuple[Thing, Stretch]]) -> list[Placed[Thing]]:
    ends: list[int] = []
    chosen: list[int] = []
    for _, stretch in together:
        free = next((lane for lane, until in enumerate(ends) if until <= stretch.begins), len(ends))
        lane = min(free, MOST_LANES - 1)
        ends[lane : lane + 1] = [stretch.ends]
        chosen.append(lane)
    return [Placed(thing, stretch, lane, len(ends)) for (thing, stretch), lane in zip(together, chosen, strict=True)]
