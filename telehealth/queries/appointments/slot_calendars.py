"""Rows about therapists turned into the calendars that ``domain.appointments.availability`` judges.

The calendars of one therapist or of many come in one statement, and what changes rarely is read once: equal texts make
equal hours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.appointments.availability import Calendar, Rules
from telehealth.domain.appointments.licences import Held, uncovered
from telehealth.domain.appointments.load import ORDINARY, Bookings
from telehealth.domain.appointments.openness import find_time_for_known
from telehealth.domain.calendar_words import WhenUnread
from telehealth.domain.hours.closures import ClosedDates, closed_periods
from telehealth.domain.hours.opening import FOREVER, ONE_DAY, Hours, Override, Period, time_after_leaving
from telehealth.domain.words import Mode, Obstacle
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slot_rows import (
    CALENDARS,
    CALENDARS_TOLD_APART,
    ROOMS,
    ROOMS_WITHOUT_OWN,
    AnyResult,
    AnyRow,
    AnySelect,
)
from telehealth.queries.json_rows import rows_in

MARGIN = timedelta(days=2)  # Wall times and instants differ by less than a day: this never misses a row.
A_WEEK_AROUND = timedelta(days=9)  # What counts towards a weekly cap lies within a week, and the margin.
EARLIEST, LATEST = datetime(1971, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
NEVER_LICENSED: tuple[Period, ...] = ((-FOREVER, FOREVER),)
ALWAYS: tuple[Period, ...] = ((-FOREVER, FOREVER),)
KINDS = (Obstacle.TAKEN, Obstacle.HELD, Obstacle.STANDING)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A therapist and their calendar. ``gives`` is whether they give the service, now and at all; ``traits`` are their
    modalities, specialties and languages, each list as JSON.
    """

    therapist_id: int
    resource_id: int
    calendar: Calendar
    gives: bool
    traits: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What decides about a question: who could take it, and the periods in which each room that would do (None when
    none is needed) and one of the clients are taken.
    """

    candidates: Sequence[Candidate]
    rooms: Sequence[Sequence[Period]] | None = None
    clients: Sequence[Period] = ()


def rules_of(query: SlotQuery) -> Rules:
    """The service's numbers as the rules want them."""
    service = query.service
    return Rules(
        duration=query.minutes or service.duration_minutes,
        buffer_before=service.buffer_before_minutes,
        buffer_after=service.buffer_after_minutes,
        step=service.step_minutes,
        notice=service.notice_minutes,
        horizon=service.horizon_days,
        load=service.load_percent,
    )


def gather_able(query: SlotQuery, *, now: datetime) -> Gathered:
    """With everybody who gives the service and may treat where the clients are, and their calendars around the time
    asked about.
    """
    if query.mode not in query.service.modes or query.is_closed:
        return Gathered([])
    is_plain = not (query.own_appointment_id or query.own_hold_id or query.client_ids)
    statements = CALENDARS if is_plain else CALENDARS_TOLD_APART
    found = _gather(statements, query, [] if query.is_for_two else query.named, now=now)
    able = [who for who in found.candidates if who.gives and who.calendar.unlicensed is not NEVER_LICENSED]
    return replace(found, candidates=able)


def gather_all(query: SlotQuery, therapist_ids: Sequence[int], *, now: datetime) -> Gathered:
    """With these therapists of the practice (at most two, in this order), or when there are none everybody who gives
    the service, whether or not they could take it. Their calendars tell apart who has what of their time.
    """
    found = _gather(CALENDARS_TOLD_APART, query, therapist_ids, now=now)
    if not therapist_ids:
        return found
    return replace(found, candidates=sorted(found.candidates, key=lambda who: therapist_ids.index(who.therapist_id)))


def _gather(statements: Mapping[bool, AnySelect], query: SlotQuery, named: Sequence[int], *, now: datetime) -> Gathered:
    given = parameters(query, now=now)
    given["therapist"], given["co_therapist"] = (*named, 0, 0)[:2]
    rows = execute(statements[bool(named)], given).all()
    return Gathered(
        candidates=[_candidate(row, query, now=now) for row in rows],
        rooms=list(rooms_of(query, now=now).values()) if query.mode == Mode.IN_PERSON else None,
        clients=list(rows_in(rows[0].clients)) if rows else (),
    )


def _candidate(row: AnyRow, query: SlotQuery, *, now: datetime) -> Candidate:
    zone = walltime.zone(row.timezone)
    calendar = Calendar(
        zone=zone,
        hours=_hours(row.hours),
        overrides=_overrides(row.overrides),
        time_off=time_off(row.time_off, zone),
        closed=closed_dates(row, zone),
        left=time_after_leaving(row.leaves_on, zone),
        occupied=list(rows_in(row.occupied)),
        busy=_busy(row.busy, row.busy_before_minutes * 60, row.busy_after_minutes * 60),
        unread=_unread(row, now=now),
        unlicensed=unlicensed(row, query, zone),
        unmet=time_for_known(row, query, zone),
        appointments=_bookings(row.booked, row.weights) if row.booked else (),
        daily_cap=row.daily_cap,
        weekly_cap=row.weekly_cap,
        longest_run=row.longest_run,
        break_minutes=row.break_minutes,
        note_minutes=row.note_minutes,
    )
    traits = (row.modalities, row.specialties, row.languages)
    return Candidate(row.id, row.resource_id, calendar, row.gives, traits)


@lru_cache(maxsize=256)
def _busy(kept: str, before: int, after: int) -> Sequence[Period]:
    """What is taken in their own calendar, in order, with the seconds that the practice keeps free around it."""
    return tuple(sorted((starts - before, ends + after) for starts, ends in rows_in(kept)))


def _unread(row: AnyRow, *, now: datetime) -> Sequence[Period]:
    """All time, where that calendar was not read for so long that the practice offers nothing of theirs."""
    is_old = row.read_at is not None and row.read_at < seconds(now) - row.unread_hours * 3600
    return ALWAYS if is_old and row.when_unread == WhenUnread.STOP else ()


def unlicensed(row: AnyRow, query: SlotQuery, zone: ZoneInfo) -> Sequence[Period]:
    """When the therapist of a row, with ``licences`` and ``place``, may not treat in one of the states that count: the
    place's own in person, else those the clients will be in.
    """
    states = query.states if query.mode != Mode.IN_PERSON else (row.place,) if row.place else ()
    return _gaps(row.licences, states, zone) if states else ()


def time_for_known(row: AnyRow, query: SlotQuery, zone: ZoneInfo) -> Sequence[Period]:
    """When the therapist of a row, with ``new_clients`` and ``new_clients_from``, takes nobody like these clients."""
    return find_time_for_known(row.new_clients, row.new_clients_from, zone) if query.is_unmet(row.id) else ()


@lru_cache(maxsize=4096)
def _gaps(kept: str, states: tuple[str, ...], zone: ZoneInfo) -> Sequence[Period]:
    licences = [Held.read(*each) for each in rows_in(kept)]
    if not {each.jurisdiction for each in licences}.issuperset(states):
        return NEVER_LICENSED
    gaps = (gap for state in states for gap in uncovered(licences, jurisdiction=state))
    return tuple((_midnight(first, zone), _midnight(last, zone)) for first, last in gaps)


def closed_dates(row: AnyRow, zone: ZoneInfo) -> Sequence[Period]:
    """When the whole practice is closed for a therapist in that zone, from ``slot_rows.CLOSURES``."""
    return _closed(row.closures, row.overrides, zone)


@lru_cache(maxsize=1024)
def _closed(kept: str, overrides: str, zone: ZoneInfo) -> Sequence[Period]:
    closures = [
        ClosedDates(date.fromisoformat(first), date.fromisoformat(last), bool(yields))
        for first, last, yields in rows_in(kept)
    ]
    open_days = {each.day for each in _overrides(overrides) if each.starts is not None} if closures else ()
    return tuple(closed_periods(closures, open_days, zone))


@lru_cache(maxsize=1024)
def time_off(kept: str, zone: ZoneInfo) -> Sequence[Period]:
    """When a therapist in that zone is away, from ``slot_rows.TIME_OFF``."""
    return tuple((_local(starts, zone), _local(ends, zone)) for starts, ends in rows_in(kept))


def closed_days(kept: str, zone: ZoneInfo) -> Iterator[Period]:
    """The dates on which a therapist in that zone has closed, from ``slot_rows.OVERRIDES``."""
    for each in _overrides(kept):
        if each.starts is None:
            yield _midnight(each.day, zone), _midnight(each.day + ONE_DAY, zone)


@lru_cache(maxsize=4096)
def _hours(kept: str) -> Sequence[Hours]:
    return tuple(
        Hours(
            weekday,
            time.fromisoformat(starts),
            time.fromisoformat(ends),
            frozenset(map(Mode, modes)),
            location_id,
            _date(valid_from),
            _date(valid_until),
            every_weeks,
            _date(anchor),
        )
        for weekday, starts, ends, modes, location_id, valid_from, valid_until, every_weeks, anchor in rows_in(kept)
    )


@lru_cache(maxsize=1024)
def _overrides(kept: str) -> Sequence[Override]:
    return tuple(
        Override(date.fromisoformat(day), _time(starts), _time(ends), frozenset(map(Mode, modes)), location_id)
        for day, starts, ends, modes, location_id in rows_in(kept)
    )


def _bookings(kept: str, weights: str) -> Bookings:
    """What is booked. A service whose weight is not said is ordinary, and so is what says no service."""
    starts, ends, services, *kinds = json.loads(kept)
    known = _weights(weights)
    loads = [known.get(each, ORDINARY) for each in services] if known else [ORDINARY] * len(services)
    return Bookings(starts, ends, loads, [KINDS[kind] for kind in chain(*kinds)])


@lru_cache(maxsize=256)
def _weights(kept: str) -> Mapping[int, int]:
    return dict(rows_in(kept))


@lru_cache(maxsize=256)
def read_words(kept: str) -> tuple[str, ...]:
    """A list of words that came as JSON."""
    return tuple(json.loads(kept))


def _date(said: str | None) -> date | None:
    return None if said is None else date.fromisoformat(said)


def _time(said: str | None) -> time | None:
    return None if said is None else time.fromisoformat(said)


def _local(said: str, zone: ZoneInfo) -> int:
    return _instant(datetime.fromisoformat(said), zone)


@lru_cache(maxsize=1024)
def _midnight(day: date, zone: ZoneInfo) -> int:
    within = min(max(day, EARLIEST.date()), LATEST.date())
    return _instant(datetime.combine(within, time()), zone)


def parameters(query: SlotQuery, *, now: datetime) -> dict[str, Any]:
    """What the statements need, the time asked about with a margin wide enough for every zone, buffer and duration."""
    since, until = _clamped(query.since) - MARGIN, _clamped(query.end) + MARGIN
    return {
        "practice": query.practice_id,
        "service": query.service.id,
        "location": query.location_id if query.mode == Mode.IN_PERSON else None,
        "states": query.states,
        "clients": query.client_ids,
        "own_appointment": 0 if query.leaves_own_time else query.own_appointment_id or 0,
        "own_hold": query.own_hold_id or 0,
        "now": now,
        "since": since,
        "until": until,
        "weeks_since": since - A_WEEK_AROUND,
        "weeks_until": until + A_WEEK_AROUND,
        "first_day": since.date(),
        "last_day": until.date(),
        "since_local": since.replace(tzinfo=None),
        "until_local": until.replace(tzinfo=None),
    }


def rooms_of(query: SlotQuery, *, now: datetime) -> dict[int, list[Period]]:
    """The rooms of the location asked for that suit the service, by id, with the periods in which each is taken."""
    given, wanted = parameters(query, now=now), query.service.room_kind
    has_own = given["own_appointment"] or given["own_hold"]
    rooms = execute(ROOMS_WITHOUT_OWN if has_own else ROOMS, given)
    return {
        room_id: list(rows_in(taken))
        for room_id, kind, taken in rooms
        if not wanted or kind.casefold() == wanted.casefold()
    }


def execute(statement: AnySelect, given: dict[str, Any]) -> AnyResult:
    """Run one of the statements: no rows of the session are involved."""
    return db.session.connection().execute(statement, given)


def seconds(instant: datetime) -> int:
    """Epoch seconds, as the rules want them."""
    return int(instant.timestamp())


def _instant(local: datetime, zone: Any) -> int:
    return seconds(walltime.resolve(local, zone))


def _clamped(instant: datetime) -> datetime:
    """Keep absurd asks within the years that a database can hold."""
    return min(max(instant, EARLIEST), LATEST)
