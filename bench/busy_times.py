"""What many busy times in therapists' own calendars cost whoever looks for free ones and whoever books: each beside a
colleague in the same practice who has none.

Calendars are read for so many days ahead: all at one therapist are fifty a night, which nobody's own calendar holds. As
many a night as others have, for years, show whether all of them are read. Nobody works at night: what is free, and so
what is told, is the same for everybody.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench import contention, databases
from bench.figures import API, Place, half_full
from bench.measure import Clock, Figure, milliseconds, spent_here
from bench.processes import in_fresh_process
from bench.server import answer_here
from telehealth.database import db, transaction
from telehealth.domain.words import Mode
from telehealth.models import BusyInterval, Service
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered_seconds
from telehealth.services.calendars.syncing import LONGEST_HORIZON

BUSY_TIMES = 20_000
SPREAD = range(1, 21)
FOR_YEARS, FIFTY_A_NIGHT, *NONE = range(21, 26)
"""Numbers of therapists. Each of those who have none stands beside one of the others."""
PAIRS = {
    "over 20 therapists": (SPREAD[0], NONE[0]),
    "of one, for years": (FOR_YEARS, NONE[1]),
    "of one, fifty a night": (FIFTY_A_NIGHT, NONE[2]),
}
CALLS, BOOKINGS = 100, 4
NIGHT = timedelta(hours=20)
"""After the midnight that a week begins with."""


def busy_times(folder: Path, kind: str) -> Generator[Figure, None, None]:
    """Both questions, however the times are spread."""
    place = half_full(folder, NONE[-1], kind=kind)
    with databases.service(place.url, place.folder).app_context(), transaction() as session:
        for each in SPREAD:
            _fill(session, place, each, BUSY_TIMES // len(SPREAD))
        _fill(session, place, FOR_YEARS, BUSY_TIMES, days=LONGEST_HORIZON.days * len(SPREAD))
        _fill(session, place, FIFTY_A_NIGHT, BUSY_TIMES)
    for what, measure in (("free starts", _look), ("a booking", _book)):
        for whose, pair in PAIRS.items():
            (ours, bare), peak = in_fresh_process(measure, place, pair, kind)
            name = f"{what}, {BUSY_TIMES:,} busy times {whose}, {kind}"
            yield Figure(name=name, value=ours, unit="ms", yardstick=bare, aim="<= 1.1 of it", peak=peak)


def _fill(session: Session, place: Place, therapist: int, times: int, *, days: int = LONGEST_HORIZON.days) -> None:
    """Twenty minutes each, on some half hour of ten hours of a night."""
    whose, rows = {"practice_id": 1, "therapist_id": therapist}, []
    for number in range(times):
        night = place.weeks.since + number * days // times * timedelta(days=1) + NIGHT
        starts_at = night + number % 20 * timedelta(minutes=30)
        rows.append({**whose, "starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=20)})
    session.connection().execute(insert(BusyInterval), rows)


def _look(place: Place, pair: Sequence[int], kind: str) -> tuple[float, float]:
    with databases.service(place.url, place.folder).app_context():
        service = db.session.get_one(Service, 1)
        weeks = (Mode.VIRTUAL, place.weeks.since, place.weeks.until)
        ours, theirs = (
            partial(offered_seconds, SlotQuery(1, service, *weeks, therapist_id=each), now=place.now) for each in pair
        )
        assert ours()
        return milliseconds(ours, theirs, calls=CALLS, clocks=_clocks(kind))


def _book(place: Place, pair: Sequence[int], kind: str) -> tuple[float, float]:
    """Whole requests, in this process and without HTTP."""
    app = databases.service(place.url, place.folder)
    ours, theirs = (partial(_answer_next, app, _requests(place, each)) for each in pair)
    return milliseconds(ours, theirs, calls=BOOKINGS, clocks=_clocks(kind))


def _requests(place: Place, therapist: int) -> Iterator[bytes]:
    book = contention.bookings(f"{API}/appointments", 1)
    return (book(*slot)[0] for slot in contention.free_hours(place, therapist) if slot[0] == therapist)


def _answer_next(app: Flask, requests: Iterator[bytes]) -> bytes:
    return answer_here(app, next(requests))


def _clocks(kind: str) -> tuple[Clock, Clock]:
    """With SQLite all work is done in this process, and others on the machine do not count."""
    clock = spent_here if kind == "sqlite" else time.perf_counter
    return clock, clock
