"""Making the appointments of many standing slots for twelve weeks, as the tick does."""

from __future__ import annotations

import time as stopwatch
from collections.abc import Generator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update

from bench import databases, workload
from bench.costs import counted
from bench.measure import Figure
from bench.options import sized
from bench.processes import in_fresh_process
from bench.workload import BUFFER, DURATION, STATE, ZONE
from telehealth.database import Base, db, transaction
from telehealth.domain.words import Mode, OccurrenceStatus
from telehealth.models import Appointment, Occupancy, Occurrence, Practice, Series, SeriesMember
from telehealth.services.series.materialising import materialise_series

WEEKS = 12
THERAPISTS, HOURS_A_DAY = sized(50, quick=4), 4
SLOTS_EACH = 5 * HOURS_A_DAY
SLOTS = THERAPISTS * SLOTS_EACH
AIMS = {"sqlite": ">= 150/s", "postgresql": ">= 100/s"}


def materialising(folder: Path, kind: str) -> Generator[Figure, None, None]:
    """From rows that keep their time to appointments with seats, messages and audit."""
    url = getattr(databases, kind)(folder, f"standing_{kind}")
    seconds, peak = in_fresh_process(_materialise, url, folder)
    name = f"0  appointments of {SLOTS:,} standing slots, {kind}"
    yield Figure(name=name, value=SLOTS * WEEKS / seconds, unit="/s", aim=AIMS[kind], peak=peak)


def _materialise(url: str, folder: Path) -> float:
    now = datetime.now(UTC)
    with databases.make(url, folder).app_context():
        workload.fill(THERAPISTS, [], now=now)
        _fill(now)
        begun = stopwatch.perf_counter()
        made = materialise_series(now=now)
        seconds = stopwatch.perf_counter() - begun
        assert made == SLOTS * WEEKS == db.session.scalar(select(func.count()).select_from(Appointment)), made
        return seconds


def cost_of_a_date(folder: Path, kind: str) -> tuple[float, float, float]:
    """The statements, flushes and written rows of one date, of all those of one therapist's slots."""
    now, url = datetime.now(UTC), getattr(databases, kind)(folder, f"dates_{kind}")
    with databases.make(url, folder).app_context():
        workload.fill(THERAPISTS, [], now=now)
        _fill(now, therapists=1)
        with counted() as costs:
            made = materialise_series(now=now)
    assert made == SLOTS_EACH * WEEKS, made
    return costs.statements / made, costs.flushes / made, costs.rows / made


def _fill(now: datetime, *, therapists: int = THERAPISTS) -> None:
    """With each, slots on every weekday at ten, eleven, one and two, whose next twelve dates keep their time."""
    monday = now.astimezone(ZONE).date() + timedelta(days=7 - now.astimezone(ZONE).weekday())
    slots = [
        (therapist, monday + timedelta(days=weekday), time(hour))
        for therapist in range(1, therapists + 1)
        for weekday in range(5)
        for hour in (10, 11, 13, 14)
    ]
    rows: dict[type[Base], list[dict[str, Any]]] = {Series: [], SeriesMember: [], Occurrence: [], Occupancy: []}
    for number, (therapist, first, wall) in enumerate(slots, 1):
        _add(rows, number, therapist, first, wall, now=now)
    with transaction() as session:
        session.execute(update(Practice).values(series_weeks=WEEKS + 2))
        for model, made in rows.items():
            session.connection().execute(insert(model), made)


def _add(
    rows: dict[type[Base], list[dict[str, Any]]], number: int, therapist: int, first: date, wall: time, *, now: datetime
) -> None:
    client = (therapist - 1) * workload.CLIENTS_EACH + number % workload.CLIENTS_EACH + 1
    rows[Series].append(_series(number, therapist, first, wall, now))
    rows[SeriesMember].append(_member(number, client, first))
    for week in range(WEEKS):
        day = first + timedelta(weeks=week)
        starts = datetime.combine(day, wall, ZONE).astimezone(UTC)
        key = (number - 1) * WEEKS + week + 1
        rows[Occurrence].append(
            {
                "id": key,
                "practice_id": 1,
                "series_id": number,
                "day": day,
                "starts_at": starts,
                "duration_minutes": DURATION // timedelta(minutes=1),
                "status": OccurrenceStatus.PLANNED,
            }
        )
        keep = partial(_occupancy, key, starts)
        rows[Occupancy] += [keep(therapist, DURATION + BUFFER), keep(THERAPISTS + client, DURATION)]


def _series(number: int, therapist: int, first: date, wall: time, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "practice_id": 1,
        "service_id": 1,
        "therapist_id": therapist,
        "mode": Mode.VIRTUAL,
        "timezone": ZONE.key,
        "local_time": wall,
        "starts_on": first,
        "known_until": first + timedelta(days=500),
        "created_at": now,
        "changed_at": now,
    }


def _member(number: int, client: int, first: date) -> dict[str, Any]:
    return {
        "practice_id": 1,
        "series_id": number,
        "client_id": client,
        "name": f"Client {client}",
        "email": f"client{client}@people.example",
        "timezone": ZONE.key,
        "jurisdiction": STATE,
        "joined_on": first,
    }


def _occupancy(occurrence: int, starts: datetime, resource: int, length: timedelta) -> dict[str, Any]:
    return {
        "practice_id": 1,
        "occurrence_id": occurrence,
        "resource_id": resource,
        "starts_at": starts,
        "ends_at": starts + length,
        "core_starts_at": starts,
        "core_ends_at": starts + DURATION,
    }
