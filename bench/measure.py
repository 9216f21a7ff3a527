"""How figures are taken: medians of rounds, each round beside the yardstick, so that a busy machine slows both."""

from __future__ import annotations

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


def milliseconds(ours: Callable[[], object], yardstick: Callable[[], object], *, calls: int) -> tuple[float, float]:
    """The medians of what one call of each takes, in milliseconds, after one call that is not counted."""
    ours(), yardstick()
    rounds = [(_one_round(ours, calls), _one_round(yardstick, calls)) for _ in range(ROUNDS)]
    return median(one for one, _ in rounds), median(other for _, other in rounds)


def _one_round(call: Callable[[], object], calls: int) -> float:
    begun = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - begun) / calls * MILLISECONDS
