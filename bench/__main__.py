"""``python -m bench``: takes every figure, prints them as a table and keeps them in bench/results.json.

``python -m bench 5 7`` takes only those whose number begins so; ``m`` are the messages.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench import contention, figures, in_play, messages, standing_slots, waitlist
from bench.measure import Figure

RESULTS = Path(__file__).parent / "results.json"
HEAD = f"{'':48}{'ours':>12}{'yardstick':>12}{'ratio':>8}  {'aim':12}{'peak MiB':>9}"


def free_times(folder: Path) -> Iterator[Figure]:
    """Figures 1, 2 and 3 share a practice of twenty."""
    yield from in_play.in_play(folder)
    place = figures.half_full(folder, 20)
    yield figures.one_therapist(place)
    name = "2  the same, whole request"
    yield figures.slots_over_http(place, name, "<= 4 ms", which=figures.ONE_THERAPIST, calls=40)
    yield figures.slots_over_http(place, "3  first available of 20, whole request", "<= 12 ms", calls=20)


def many_therapists(folder: Path) -> Iterator[Figure]:
    """Figure 4 needs a large hospital."""
    place = figures.half_full(folder, 1_000)
    yield figures.slots_over_http(place, "4  first available of 1,000, whole request", "<= 350 ms", calls=2)


def bookings(folder: Path) -> Iterator[Figure]:
    """Figure 5 on both databases."""
    for kind in ("sqlite", "postgresql"):
        yield from figures.bookings(folder, kind)
    yield from contention.contention(folder)


def cold_start(folder: Path) -> Iterator[Figure]:
    """Figure 8."""
    yield figures.cold_start(figures.half_full(folder, 1))


GROUPS: dict[str, Callable[[Path], Iterator[Figure]]] = {
    "123": free_times,
    "4": many_therapists,
    "5": bookings,
    "6": figures.history,
    "7": figures.feed,
    "8": cold_start,
    "9": waitlist.matching,
    "0": standing_slots.materialising,
    "m": messages.figures,
}


def main(wanted: list[str]) -> None:
    """Take the figures and show each one as soon as it is there."""
    logging.disable(logging.WARNING)
    print(HEAD)
    taken: list[Figure] = []
    for numbers, group in GROUPS.items():
        if wanted and not set(wanted) & set(numbers):
            continue
        with tempfile.TemporaryDirectory(prefix="bench") as folder:
            for figure in group(Path(folder)):
                print(_line(figure), flush=True)
                taken.append(figure)
    RESULTS.write_text(json.dumps(_document(taken), indent=2) + "\n")


def _line(figure: Figure) -> str:
    ratio = "" if figure.ratio is None else f"{figure.ratio:.1f}x"
    other = "" if figure.yardstick is None else f"{figure.yardstick:.2f} {figure.unit}"
    peak = "" if figure.peak is None else f"{figure.peak:.0f}"
    return f"{figure.name:48}{f'{figure.value:.2f} {figure.unit}':>12}{other:>12}{ratio:>8}  {figure.aim:12}{peak:>9}"


def _document(taken: list[Figure]) -> dict[str, object]:
    return {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"python": platform.python_version(), "cores": os.cpu_count(), "system": platform.platform()},
        "figures": [{**asdict(figure), "ratio": figure.ratio} for figure in taken],
    }


if __name__ == "__main__":
    main(sys.argv[1:])
