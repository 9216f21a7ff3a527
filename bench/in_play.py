"""What standing slots, holds, limits and licences cost: the same question to a practice with and without them."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from sqlalchemy import insert, update

from bench import databases, workload, yardstick
from bench.figures import Place, half_full
from bench.measure import Figure, milliseconds
from bench.processes import in_fresh_process
from telehealth.database import db, transaction
from telehealth.domain.words import Mode, OccurrenceStatus
from telehealth.models import Hold, Occupancy, Occurrence, Series, Service, Therapist
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered_seconds

THERAPISTS, HOLDS_EACH, DATES_EACH = 20, 2, 4
CALLS = {1: 100, None: 20}


def in_play(folder: Path) -> Generator[Figure, None, None]:
    """Figures 1 and 3 again; the yardstick is ourselves without them."""
    plain, full = half_full(folder, THERAPISTS), half_full(folder, THERAPISTS, past=1)
    with databases.service(full.url, full.folder).app_context():
        _furnish(full)
    for therapist, name in ((1, "one therapist"), (None, f"first of {THERAPISTS}")):
        (ours, without), peak = in_fresh_process(_measure, plain, full, therapist)
        title = f"1  {name}, with holds, series, limits"
        yield Figure(name=title, value=ours, unit="ms", yardstick=without, aim="<= 1.2 x", peak=peak)


def _measure(plain: Place, full: Place, therapist: int | None) -> tuple[float, float]:
    """Both services live in one process, each with its own database."""
    apps = [databases.service(place.url, place.folder) for place in (full, plain)]

    def ask(number: int) -> int:
        place = (full, plain)[number]
        with apps[number].app_context():
            service = db.session.get_one(Service, 1)
            state = workload.STATE if number == 0 else None
            query = SlotQuery(1, service, Mode.VIRTUAL, place.weeks.since, place.weeks.until, therapist, None, state)
            return len(offered_seconds(query, now=place.now))

    assert 0 < ask(0) < ask(1)
    return milliseconds(partial(ask, 0), partial(ask, 1), calls=CALLS[therapist])


def _furnish(place: Place) -> None:
    """Limits for everybody, and in the free time of each some holds and the dates of a standing slot."""
    bare = yardstick.Database(place.url)
    since, until = int(place.weeks.since.timestamp()), int(place.weeks.until.timestamp())
    with transaction() as session:
        session.execute(update(Therapist).values(daily_cap=8, weekly_cap=40, longest_run=7, break_minutes=15))
        for number in range(1, THERAPISTS + 1):
            session.execute(insert(Series), _series(number, place))
            free = _free_hours(yardstick.free_starts(bare, number, since, until))
            for order, start in enumerate(islice(free, HOLDS_EACH + DATES_EACH)):
                key = number * 100 + order
                is_hold = order < HOLDS_EACH
                session.execute(
                    insert(Hold if is_hold else Occurrence), _owner(key, number, start, place, hold=is_hold)
                )
                session.execute(insert(Occupancy), _taken(key, number, start, place, hold=is_hold))


def _free_hours(starts: list[int]) -> Iterator[int]:
    free_from = 0
    for start in starts:
        if start >= free_from:
            free_from = start + yardstick.NEEDS
            yield start


def _series(number: int, place: Place) -> dict[str, object]:
    return {
        "id": number,
        "practice_id": 1,
        "service_id": 1,
        "therapist_id": number,
        "mode": Mode.VIRTUAL,
        "timezone": workload.ZONE.key,
        "local_time": workload.OPENS,
        "starts_on": place.weeks.since.date(),
        "created_at": place.now,
        "changed_at": place.now,
    }


def _owner(key: int, number: int, start: int, place: Place, *, hold: bool) -> dict[str, object]:
    begins = _instant(start, place)
    if hold:
        return {
            "id": key,
            "practice_id": 1,
            "service_id": 1,
            "therapist_id": number,
            "mode": Mode.VIRTUAL,
            "starts_at": begins,
            "ends_at": begins + workload.DURATION,
            "expires_at": place.now + timedelta(days=1),
            "created_at": place.now,
        }
    return {
        "id": key,
        "practice_id": 1,
        "series_id": number,
        "day": begins.date() + timedelta(days=key),  # Any date of its own will do.
        "starts_at": begins,
        "duration_minutes": workload.DURATION // timedelta(minutes=1),
        "status": OccurrenceStatus.PLANNED,
    }


def _taken(key: int, number: int, start: int, place: Place, *, hold: bool) -> dict[str, object]:
    begins = _instant(start, place)
    return {
        "practice_id": 1,
        "resource_id": number,
        "hold_id": key if hold else None,
        "occurrence_id": None if hold else key,
        "starts_at": begins,
        "ends_at": begins + workload.DURATION + workload.BUFFER,
        "core_starts_at": begins,
        "core_ends_at": begins + workload.DURATION,
        "service_id": 1,
        "expires_at": place.now + timedelta(days=1) if hold else None,
    }


def _instant(start: int, place: Place) -> datetime:
    return datetime.fromtimestamp(start, place.now.tzinfo)
