"""What one booking, one move, one page of times, one look at a calendar feed and one date of a standing slot cost, each
count beside its bound.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import timedelta
from pathlib import Path

from bench import contention, databases, pages, standing_slots
from bench.costs import counted
from bench.figures import API, half_full
from bench.measure import Figure
from bench.server import answer_here, get
from bench.workload import FEED_SECRET

Counts = tuple[float, float, float]
"""Statements, flushes and rows written."""

THERAPISTS = 20
ALL_REMINDERS = timedelta(days=8)
BOUNDS: dict[str, Counts] = {
    "a booking": (12, 1, 18),
    "a move": (12, 1, 12),
    "a page of times": (5, 0, 0),
    "a feed again": (4, 0, 0),
    "a series' date": (1, 0, 11),
}
"""As many rows as there is to say: one more is one that was written twice."""


def counts(folder: Path, kind: str) -> Generator[Figure, None, None]:
    """In this process and without HTTP."""
    for name, cost in _requests(folder, kind):
        yield from _figures(name, cost, kind)
    yield from _figures("a series' date", standing_slots.cost_of_a_date(folder, kind), kind)


def _requests(folder: Path, kind: str) -> Iterator[tuple[str, Counts]]:
    """Each is made once before it is counted: a worker has seen one."""
    place = half_full(folder, THERAPISTS, kind=kind)
    app = databases.service(place.url, place.folder)
    book, move = contention.bookings(f"{API}/appointments", 1), contention.moves(app.extensions["addresses"])
    # So far ahead that every reminder is planned, on whichever day of the week it is counted.
    slots = (slot for slot in contention.free_hours(place, 1) if slot[-1] > place.now + ALL_REMINDERS)
    for name, requests in (
        ("a booking", [book(*next(slots))[0], book(*next(slots))[0]]),
        ("a move", [move(*next(slots))[0], move(*next(slots))[0]]),
        ("a page of times", [pages.page_of_times(place, "")] * 2),
        ("a feed again", [get(f"/calendar/{FEED_SECRET}.ics")] * 2),
    ):
        for request in requests:
            with counted() as costs:
                answer_here(app, request)
        yield name, (costs.statements, costs.flushes, costs.rows)


def _figures(name: str, cost: Counts, kind: str) -> Iterator[Figure]:
    for what, count, bound in zip(("statements", "flushes", "rows written"), cost, BOUNDS[name], strict=True):
        yield Figure(name=f"c  {name}: {what}, {kind}", value=count, unit="", aim=f"<= {bound:g}")
