"""The figures. Each function prepares nothing that it measures and measures nothing that it prepares."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median

from bench import databases, server, workload, yardstick
from bench.measure import LONGER, ROUNDS, Figure, milliseconds
from bench.options import sized
from bench.processes import PATIENCE, in_fresh_process
from bench.server import Server, get, post, running
from bench.workload import SLUG, Weeks
from telehealth.database import db
from telehealth.domain.words import Mode
from telehealth.models import Service
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered_seconds

API = f"/api/v1/practices/{SLUG}"
ONE_THERAPIST = f"&therapist={workload.public_id('therapist', 1)}"
THERAPISTS, MANY_THERAPISTS = 20, sized(1_000, quick=200)
HISTORIES = sized((1_000, 10_000, 100_000), quick=(1_000, 20_000))
THERAPISTS_TO_BOOK = sized(120, quick=36)
BOOKINGS = sized({1: 60, 8: 120}, quick={1: 30, 8: 60})
"""In one round, by how many clients at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """A database with a workload in it."""

    url: str
    folder: Path
    now: datetime

    @property
    def weeks(self) -> Weeks:
        """What is asked about."""
        return Weeks.after(self.now)

    @property
    def environ(self) -> dict[str, str]:
        """The variables to start a server with."""
        return databases.environment(self.url, self.folder)


def half_full(folder: Path, therapists: int, *, kind: str = "sqlite", past: int = 0) -> Place:
    """A database with workload W, and hours of history of the first therapist."""
    now = datetime.now(UTC)
    weeks = Weeks.after(now)
    history = workload.hourly(past, before=now - timedelta(days=7))
    booked = [*workload.half_full(therapists, weeks), *history]
    return fill_place(folder, f"{therapists}_{past}", therapists, booked, kind=kind, now=now)


def fill_place(
    folder: Path, name: str, therapists: int, booked: list[workload.Booked], *, kind: str = "sqlite", now: datetime
) -> Place:
    """A database with so many therapists and these appointments."""
    url = getattr(databases, kind)(folder, f"{kind}_{name}")
    with databases.make(url, folder).app_context():
        workload.fill(therapists, booked, now=now)
    return Place(url, folder, now)


def one_therapist(place: Place, name: str = "1  free starts of one therapist, no HTTP") -> Figure:
    """From rows to the answer: four weeks of one therapist."""
    (ours, bare), peak = in_fresh_process(_one_therapist, place)
    return Figure(name=name, value=ours, unit="ms", yardstick=bare, aim="<= 0.6 ms", peak=peak)


def _one_therapist(place: Place) -> tuple[float, float]:
    bare = yardstick.Database(place.url)
    since, until = int(place.weeks.since.timestamp()), int(place.weeks.until.timestamp())
    with databases.service(place.url, place.folder).app_context():
        service = db.session.get_one(Service, 1)
        query = SlotQuery(1, service, Mode.VIRTUAL, place.weeks.since, place.weeks.until, therapist_id=1)
        ours = partial(offered_seconds, query, now=place.now)
        theirs = partial(yardstick.free_starts, bare, 1, since, until)
        assert list(ours()) == theirs()
        return milliseconds(ours, theirs, calls=200)


def free_times(folder: Path) -> Generator[Figure, None, None]:
    """Figures 1, 2 and 3 share a practice of twenty."""
    place = half_full(folder, THERAPISTS)
    yield one_therapist(place)
    yield slots_over_http(place, "2  the same, whole request", "<= 4 ms", which=ONE_THERAPIST, calls=40)
    yield slots_over_http(place, f"3  first available of {THERAPISTS}, whole request", "<= 12 ms", calls=20)


def many_therapists(folder: Path) -> Generator[Figure, None, None]:
    """Figure 4 needs a large hospital."""
    name = f"4  first available of {MANY_THERAPISTS:,}, whole request"
    yield slots_over_http(half_full(folder, MANY_THERAPISTS), name, "<= 350 ms", calls=2)


def history(folder: Path) -> Generator[Figure, None, None]:
    """The past must cost nothing."""
    for past in HISTORIES:
        yield one_therapist(half_full(folder, 1, past=past), f"6  the same with {past:,} past appointments")


def slots_over_http(place: Place, name: str, aim: str, *, which: str = "", calls: int) -> Figure:
    """The whole request, one client after the other."""
    weeks = place.weeks
    asked = f"since={zulu(weeks.since)}&until={zulu(weeks.until)}{which}"
    ours = get(f"{API}/slots?service={workload.public_id('service', 1)}&mode=virtual&{asked}")
    bare = get(f"/slots?{asked}")
    with running("wsgi:app", place.environ) as service, running("bench.yardstick:application", place.environ) as rod:
        assert _slots(service.send(ours)) == _slots(rod.send(bare))
        value, other = milliseconds(lambda: service.send(ours), lambda: rod.send(bare), calls=calls)
        return Figure(name=name, value=value, unit="ms", yardstick=other, aim=aim, peak=service.peak())


def zulu(instant: datetime) -> str:
    """An instant as the API takes it."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def _slots(answer: bytes) -> object:
    return json.loads(answer.partition(b"\r\n\r\n")[2])["slots"]


def bookings(folder: Path, kind: str) -> Generator[Figure, None, None]:
    """Bookings a second: distinct slots and clients, the load generator on the same machine."""
    place = half_full(folder, THERAPISTS_TO_BOOK, kind=kind)
    wishes = _wishes(place)
    workers = 1 if kind == "sqlite" else 2  # With SQLite the service refuses to run more than one.
    start = partial(running, environ=place.environ, workers=workers)
    with start("wsgi:app") as service, start("bench.yardstick:application") as rod:
        for _ in range(4 * workers):  # Every worker has seen one before the clock runs.
            service.send(post(f"{API}/appointments", next(wishes)))
            rod.send(post("/appointments", next(wishes)))
        for clients, number in BOOKINGS.items():
            ours = partial(_rate, service, f"{API}/appointments", wishes, number, clients)
            bare = partial(_rate, rod, "/appointments", wishes, LONGER * number, clients)
            rounds = [(ours(), bare()) for _ in range(ROUNDS)]
            yield Figure(
                name=f"5  bookings, {clients} client{'s' * (clients > 1)}, {kind}",
                value=median(rate for rate, _ in rounds),
                unit="/s",
                yardstick=median(rate for _, rate in rounds),
                aim="<= 2.5 x",
                peak=service.peak(),
            )
        yield Figure(name=f"5  memory of a worker, {kind}", value=service.peak(), unit="MiB", aim="<= 110 MiB")


def _rate(target: Server, path: str, wishes: Iterator[bytes], number: int, clients: int) -> float:
    requests = [post(path, body) for body in islice(wishes, number)]
    assert len(requests) == number, "no hour is free any more"
    return target.per_second(requests, clients=clients)


def _wishes(place: Place) -> Iterator[bytes]:
    """Request bodies for every free hour of every therapist, each for another client."""
    database = yardstick.Database(place.url)
    since, until = int(place.weeks.since.timestamp()), int(place.weeks.until.timestamp())
    for therapist in range(1, THERAPISTS_TO_BOOK + 1):
        free_from = since
        for start in yardstick.free_starts(database, therapist, since, until):
            if start >= free_from:
                free_from = start + yardstick.NEEDS
                yield json.dumps(booking(therapist, datetime.fromtimestamp(start, UTC))).encode()


def booking(therapist: int, start: datetime, rival: int = 0) -> dict[str, object]:
    """The body of a request by a client of its own."""
    person = f"{therapist}.{start.timestamp():.0f}.{rival}"
    return {
        "service": workload.public_id("service", 1),
        "start": zulu(start),
        "mode": "virtual",
        "therapist": workload.public_id("therapist", therapist),
        "client": {
            "name": workload.name_of(person),
            "email": f"person{person}@people.example",
            "phone": "+13034567890",
            "timezone": workload.ZONE.key,
            "text_consent": True,
            "jurisdiction": workload.STATE,
        },
    }


LIBRARIES = "import flask, flask_limiter, flask_migrate, flask_security, flask_smorest, flask_sqlalchemy, icalendar"
FIRST_PAGE = """
import wsgi
assert wsgi.app.test_client().get({page!r}).status_code == 200
"""


def cold_start(folder: Path) -> Generator[Figure, None, None]:
    """A fresh interpreter until its first page; beside it, one that only loads the libraries. Both have been started
    before, so that neither is compiled.
    """
    place = half_full(folder, 1)
    environ = {**place.environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
    ours = partial(_python, FIRST_PAGE.format(page=f"/{SLUG}"), environ)
    value, other = milliseconds(ours, partial(_python, LIBRARIES, environ), calls=1)
    yield Figure(name="8  start and first page", value=value, unit="ms", yardstick=other, aim="<= 1.5 x")


def _python(code: str, environ: dict[str, str]) -> None:
    command = [sys.executable, "-c", code]
    subprocess.run(command, env=environ, cwd=server.ROOT, check=True, timeout=PATIENCE)  # noqa: S603 -- our own code
