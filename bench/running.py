"""One workload after the other: what one of them does wrong costs no other its figures."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from bench import databases
from bench.measure import Figure
from bench.options import GROUPS, sized
from bench.report import Report

Workload = Callable[[Path], Generator[Figure, None, None]]
"""Takes its figures in a folder of its own, one after the other."""

LONGEST = sized(1_200, quick=180)  # Seconds that a workload may take: several times what it takes on two cores.
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class UnknownWorkload(LookupError):
    """No workload has a name like that."""


class TookTooLong(RuntimeError):
    """It was not done in time."""


def choose(workloads: Mapping[str, Workload], wishes: Sequence[str]) -> dict[str, Workload]:
    """Those whose name contains one of the wishes, or of what a group of that name stands for; all when there are none.
    Raises UnknownWorkload.
    """
    wishes = [part for wish in wishes for part in GROUPS.get(wish, (wish,))]
    unknown = [wish for wish in wishes if not any(wish in name for name in workloads)]
    if unknown:
        raise UnknownWorkload(f"There is no {', no '.join(unknown)}. There are: {', '.join(workloads)}.")
    return {name: workload for name, workload in workloads.items() if not wishes or any(w in name for w in wishes)}


def run(workloads: Mapping[str, Workload], report: Report) -> None:
    """Take the figures of each, and tell the report of every one as soon as it is there."""
    for number, (name, workload) in enumerate(workloads.items(), 1):
        report.begin(f"{name} ({number} of {len(workloads)})")
        begun = time.monotonic()
        error = _measure(workload, partial(report.add, name))
        report.end(name, time.monotonic() - begun, error)
    report.finish()


def _measure(workload: Workload, keep: Callable[[Figure], None]) -> Exception | None:
    """What went wrong, if anything did."""
    try:
        with databases.temporary_folder() as folder, no_longer_than(LONGEST), closing(workload(folder)) as figures:
            for figure in figures:
                keep(figure)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is reported, and the others have their turn
        return error
    return None


@contextmanager
def no_longer_than(seconds: int) -> Iterator[None]:
    """Raises TookTooLong in the block when it takes longer, whatever it waits for."""

    def stop(*_: object) -> None:
        raise TookTooLong(f"not done after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def stoppable() -> Iterator[None]:
    """Whatever asks us to stop raises KeyboardInterrupt in the block, once: nothing interrupts the cleaning up."""
    before = {number: handler for number in STOPS if (handler := signal.getsignal(number)) is not signal.SIG_IGN}

    def stop(*_: object) -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
