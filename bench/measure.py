"""How figures are taken: medians of rounds, each round beside the yardstick, so that a busy machine slows both."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from bench.options import sized

ROUNDS = sized(5, quick=3)
LONGER = 3
"""So many times as many writes the yardstick gets in a round: it is quick, and a moment tells more of the machine."""
MILLISECONDS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. ``ratio`` is what we take beside the yardstick; ``peak`` is memory in MiB."""

    name: str
    value: float
    unit: str
    yardstick: float | None = None
    aim: str
    peak: float | None = None

    @property
    def ratio(self) -> float | None:
        """More than one: so many times slower than the yardstick, whichever way the unit counts."""
        if not self.yardstick:
            return None
        return self.yardstick / self.value if self.unit.endswith("/s") else self.value / self.yardstick


Clock = Callable[[], float]
"""Seconds since whenever."""


def nothing() -> None:
    """Happens before a call where nothing must."""


def milliseconds(
    ours: Callable[[], object],
    yardstick: Callable[[], object],
    *,
    calls: int,
    before: Callable[[], object] = nothing,
    clocks: tuple[Clock, Clock] = (time.perf_counter, time.perf_counter),
) -> tuple[float, float]:
    """The medians of what one call of each takes, in milliseconds by its clock, after one call that is not counted.
    ``before`` happens before each of ours, and is not counted either.
    """
    before(), ours(), yardstick()
    mine, theirs = clocks
    rounds = [
        (one_round(ours, calls=calls, before=before, clock=mine), one_round(yardstick, calls=calls, clock=theirs))
        for _ in range(ROUNDS)
    ]
    return median(one for one, _ in rounds), median(other for _, other in rounds)


def one_round(
    call: Callable[[], object],
    *,
    calls: int,
    before: Callable[[], object] = nothing,
    clock: Clock = time.perf_counter,
) -> float:
    """What one of some calls takes, in milliseconds."""
    took = 0.0
    for _ in range(calls):
        before()
        begun = clock()
        call()
        took += clock() - begun
    return took / calls * MILLISECONDS


def spent_here() -> float:
    """Seconds of processor time of this process, and of those that it has started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
