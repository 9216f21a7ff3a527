"""A calendar of 1,000 appointments as calendar programs poll it, beside the yardstick, which writes it anew each time.

Every figure is taken twice: by the clock of whoever waits, and in processor time of the worker that answers, which
tells more on a machine that is busy.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

from bench import workload, yardstick
from bench.figures import Place, fill_place
from bench.measure import ROUNDS, Figure, milliseconds, nothing, one_round
from bench.server import Server, get, running

BUSY_HOURS = 1_000
CALLS = 5
MOMENTS_AGO = 600  # Seconds, after which a reading is noted again.


@dataclass(frozen=True, slots=True)
class _Way:
    """One way of asking for a feed, and what happens before each time."""

    name: str
    aim: str
    request: bytes
    before: Callable[[], object] = nothing


def feed(folder: Path, kind: str) -> Generator[Figure, None, None]:
    """For whoever has it already, and when that is noted; again; after a change of one appointment; cold, which means
    that nothing of what is kept will do; and as the first that a worker ever writes.
    """
    now = datetime.now(UTC)
    booked = list(workload.hourly(BUSY_HOURS, before=now + timedelta(days=60)))
    place = fill_place(folder, "feed", 1, booked, kind=kind, now=now)
    asked = get(f"/calendar/{workload.FEED_SECRET}.ics")
    with running("wsgi:app", place.environ) as service, running("bench.yardstick:application", place.environ) as rod:
        for way in _ways(place, asked, _ask_for_news(service, asked)):
            yield from _figures(way, service, rod, kind)
        yield _first_of_a_worker(place, asked, rod, kind)


def _ask_for_news(service: Server, asked: bytes) -> bytes:
    """The request of a program that has the newest copy."""
    answer = service.send(asked)
    assert answer.count(b"BEGIN:VEVENT") == BUSY_HOURS
    tag = next(line for line in answer.decode().splitlines() if line.lower().startswith("etag:"))
    known = asked.replace(b"\r\n\r\n", f"\r\nIf-None-Match: {tag.partition(': ')[2]}\r\n\r\n".encode())
    assert service.send(known).startswith(b"HTTP/1.1 304")
    return known


def _ways(place: Place, asked: bytes, known: bytes) -> list[_Way]:
    database, phones = yardstick.Database(place.url), count(1_000)
    read_at = database.instant(int(place.now.timestamp()) - MOMENTS_AGO)
    was_long_ago = partial(database.run, "UPDATE calendar_feed SET read_at = ?", read_at)
    change_one = partial(database.run, "UPDATE appointment SET sequence = sequence + 1 WHERE id = 1")

    def change_all() -> None:
        """Every event may show it, so none of those that are kept will do."""
        database.run("UPDATE practice SET phone = ?", f"+1303456{next(phones)}")

    return [
        _Way("304", "<= 4 ms", known),
        _Way("304 and noted", "", known, was_long_ago),
        _Way("again", "<= 6 ms", asked),
        _Way("one changed", "<= 250 ms", asked, change_one),
        _Way("cold", "<= 250 ms", asked, change_all),
    ]


def _figures(way: _Way, service: Server, rod: Server, kind: str) -> Generator[Figure, None, None]:
    calls = partial(service.send, way.request), partial(rod.send, get("/feed.ics"))
    name = f"7  feed of {BUSY_HOURS:,}, {way.name}, {kind}"
    value, other = milliseconds(*calls, calls=CALLS, before=way.before)
    yield Figure(name=name, value=value, unit="ms", yardstick=other, aim=way.aim, peak=service.peak())
    spent, other = milliseconds(*calls, calls=CALLS, before=way.before, clocks=(service.spent, rod.spent))
    yield Figure(name="7    processor time of it", value=spent, unit="ms", yardstick=other, aim=way.aim)


def _first_of_a_worker(place: Place, asked: bytes, rod: Server, kind: str) -> Figure:
    """Libraries are loaded for it, too; they have been loaded before, so that none is compiled."""
    environ = {**place.environ, "PYTHONPYCACHEPREFIX": str(place.folder / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
    rounds = []
    for _ in range(1 + ROUNDS):
        with running("wsgi:app", environ) as fresh:
            fresh.send(get("/health"))
            ours = one_round(partial(fresh.send, asked), calls=1)
        rounds.append((ours, one_round(partial(rod.send, get("/feed.ics")), calls=1)))
    value, other = (median(each) for each in zip(*rounds[1:], strict=True))
    name = f"7  feed of {BUSY_HOURS:,}, first of a worker, {kind}"
    return Figure(name=name, value=value, unit="ms", yardstick=other, aim="<= 250 ms")
