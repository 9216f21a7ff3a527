"""How figures are taken: medians of five rounds, each round beside the yardstick, so that a busy machine slows both."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROUNDS = 5
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


def in_fresh_process(function: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """What a function returns in a process of its own, and the most memory that process ever held, in MiB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_with_peak, (function, arguments))


def _with_peak(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, float]:
    result = function(*arguments)
    return result, peak_of(os.getpid())


def peak_of(process: int) -> float:
    """The most memory that a running process ever held, in MiB.

    ``VmHWM`` of proc(5), and not ``ru_maxrss``, which a new process takes over from the one that started it.
    """
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
