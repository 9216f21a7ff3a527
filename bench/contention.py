"""Bookings and moves when four people at a time want each slot: one gets it, three are told, and how fast that is. And
what happens when fifty want one slot at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

from bench import databases, workload, yardstick
from bench.figures import API, Place, booking, half_full, zulu
from bench.measure import LONGER, ROUNDS, Figure
from bench.options import sized
from bench.server import Server, post, running
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.links import Signed

_Race = Callable[[int, int, datetime], list[bytes]]

RIVALS, CLIENTS = 4, 8
THERAPISTS, SLOTS = sized((60, 30), quick=(12, 10))
SEATS_EACH = 90
AIMS = {"bookings": "<= 3 x", "moves": "<= 4 x"}
CROWD, CROWDS = 50, sized(11, quick=5)


def contention(folder: Path, kind: str) -> Generator[Figure, None, None]:
    """Figure 5 again, with rivals."""
    place = half_full(folder, THERAPISTS, kind=kind)
    addresses = databases.service(place.url, place.folder).extensions["addresses"]
    slots = free_hours(place, THERAPISTS)
    workers = 1 if kind == "sqlite" else 2
    with (
        running("wsgi:app", environ=place.environ, workers=workers) as service,
        running("bench.yardstick:application", environ=place.environ, workers=workers) as rod,
    ):
        for name, ours, bare in (
            ("bookings", bookings(f"{API}/appointments"), bookings("/appointments")),
            ("moves", moves(addresses), moves(None)),
        ):
            _rate(service, [ours(*next(slots))])  # Each has seen one before the clock runs.
            _rate(rod, [bare(*next(slots))])
            rounds = [
                (
                    _rate(service, [ours(*slot) for slot in islice(slots, SLOTS)]),
                    _rate(rod, [bare(*slot) for slot in islice(slots, LONGER * SLOTS)]),
                )
                for _ in range(ROUNDS)
            ]
            yield Figure(
                name=f"5  {name}, {RIVALS} rivals a slot, {kind}",
                value=median(rate for rate, _ in rounds),
                unit="/s",
                yardstick=median(rate for _, rate in rounds),
                aim=AIMS[name],
                peak=service.peak(),
            )


def crowd(folder: Path, kind: str) -> Generator[Figure, None, None]:
    """Seconds until fifty who want one slot have their answers."""
    place = half_full(folder, CROWDS, kind=kind)
    slots = free_hours(place, CROWDS)
    workers = 1 if kind == "sqlite" else 2
    with (
        running("wsgi:app", environ=place.environ, workers=workers) as service,
        running("bench.yardstick:application", environ=place.environ, workers=workers) as rod,
    ):
        ours, bare = bookings(f"{API}/appointments", CROWD), bookings("/appointments", CROWD)
        _rate(service, [bookings(f"{API}/appointments")(*next(slots))])
        _rate(rod, [bookings("/appointments")(*next(slots))])
        trials = [(_rush(service, ours(*next(slots))), _rush(rod, bare(*next(slots)))) for _ in range(CROWDS)]
        yield Figure(
            name=f"5  {CROWD} clients on one slot, {kind}",
            value=median(seconds for seconds, _ in trials),
            unit="s",
            yardstick=median(seconds for _, seconds in trials),
            aim="<= 0.3 s",
            peak=service.peak(),
        )


def _rush(target: Server, race: list[bytes]) -> float:
    """All at once. Raises AssertionError unless one has it and all others are told so."""
    with ThreadPoolExecutor(len(race)) as crowd:
        begun = perf_counter()
        answers = list(crowd.map(partial(target.send, may_lose=True), race))
        taken = perf_counter() - begun
    won = [answer for answer in answers if answer[9:12] == b"201"]
    assert len(won) == 1, f"{len(won)} got it"
    return taken


def _rate(target: Server, races: list[list[bytes]]) -> float:
    """Answers a second. Raises AssertionError unless each slot has exactly one winner."""

    def answer(request: bytes) -> bool:
        return target.send(request, may_lose=True)[9:12] != b"409"

    with ThreadPoolExecutor(CLIENTS) as crowd:
        begun = perf_counter()
        won = list(crowd.map(answer, [request for race in races for request in race]))
        taken = perf_counter() - begun
    winners = [sum(won[number * RIVALS : (number + 1) * RIVALS]) for number in range(len(races))]
    assert winners == [1] * len(races), winners
    return len(won) / taken


def free_hours(place: Place, therapists: int) -> Iterator[tuple[int, int, datetime]]:
    """Therapist, number of the slot among theirs, and when: hours that are free and do not touch each other."""
    database = yardstick.Database(place.url)
    since, until = int(place.weeks.since.timestamp()), int(place.weeks.until.timestamp())
    for therapist in range(1, therapists + 1):
        free_from, number = since, 0
        for start in yardstick.free_starts(database, therapist, since, until):
            if start >= free_from and (number + 1) * RIVALS <= SEATS_EACH:
                free_from = start + yardstick.NEEDS
                yield therapist, number, datetime.fromtimestamp(start, UTC)
                number += 1


def bookings(path: str, rivals: int = RIVALS) -> _Race:
    """So many people who have never been here go for one slot."""

    def race(therapist: int, _number: int, start: datetime) -> list[bytes]:
        wishes = [booking(therapist, start, rival) for rival in range(rivals)]
        return [post(path, json.dumps(wish).encode()) for wish in wishes]

    return race


def moves(addresses: Addresses | None) -> _Race:
    """Four appointments of the same therapist go for one slot; each appointment is moved once at most."""

    def race(therapist: int, number: int, start: datetime) -> list[bytes]:
        first = (therapist - 1) * SEATS_EACH + number * RIVALS + 1
        seats = [workload.public_id("attendee", first + rival) for rival in range(RIVALS)]
        return [_move(addresses, seat, therapist, start) for seat in seats]

    return race


def _move(addresses: Addresses | None, seat: str, therapist: int, start: datetime) -> bytes:
    if addresses is None:
        return post("/moves", json.dumps({"seat": seat, "start": zulu(start)}).encode())
    path = f"/api/v1/appointments/{addresses.token(LinkPurpose.MANAGE, Signed(seat))}/move"
    body = {"start": zulu(start), "mode": "virtual", "therapist": workload.public_id("therapist", therapist)}
    return post(path, json.dumps(body).encode())
