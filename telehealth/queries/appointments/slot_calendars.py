"""Rows about therapists turned into the calendars that ``domain.appointments.availability`` judges.

The calendars of one therapist or of many come in a handful of statements. The statements are built once, because
building one costs as much as running it, and what is rare is asked for only where it is there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain, groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.appointments.availability import Calendar, Rules
from telehealth.domain.appointments.licences import uncovered
from telehealth.domain.appointments.load import ORDINARY, Bookings
from telehealth.domain.hours.opening import Hours, Override, Period
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Location, Service
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slot_rows import (
    CLIENTS,
    FOR_ALL,
    FOR_ONE,
    ROOMS,
    ROOMS_WITHOUT_OWN,
    SERVICES,
    AnyResult,
    AnyRow,
    AnySelect,
)

MARGIN = timedelta(days=2)  # Wall times and instants differ by less than a day: this never misses a row.
A_WEEK_AROUND = timedelta(days=9)  # What counts towards a weekly cap lies within a week, and the margin.
EARLIEST, LATEST = datetime(1971, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
NEVER_LICENSED: tuple[Period, ...] = ((-1 << 62, 1 << 62),)
KINDS = {0: Obstacle.TAKEN, 1: Obstacle.HELD, 2: Obstacle.STANDING}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A therapist and their calendar. ``gives`` is whether they give the service, now and at all."""

    therapist_id: int
    resource_id: int
    calendar: Calendar
    gives: bool = True


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


def candidates(query: SlotQuery, *, now: datetime) -> list[Candidate]:
    """Everybody who gives the service and may treat in the jurisdiction, with their calendars around the time asked
    about.
    """
    if query.mode not in query.service.modes or query.is_closed:
        return []
    given = parameters(query, now=now)
    given["jurisdiction"] = where_care_happens(query)
    statements = FOR_ALL if query.therapist_id is None or query.is_for_two else FOR_ONE
    found = execute(statements["therapists"], given).all()
    without = without_licence(found, statements["licences"], given)
    therapists = [row for row in found if without[row.id] != NEVER_LICENSED]
    return _with_calendars(query.service, therapists, statements, given, without) if therapists else []


def explained(query: SlotQuery, therapist_ids: Sequence[int], *, now: datetime) -> list[Candidate]:
    """These therapists of the practice, or when there are none everybody who gives the service, whether or not they
    could take it. Their calendars tell apart who has what of their time.
    """
    given = parameters(query, now=now)
    given["jurisdiction"] = where_care_happens(query)
    if not therapist_ids:
        return _explained(query.service, FOR_ALL, "therapists", given)
    asked = ({**given, "therapist": each} for each in therapist_ids)
    return [one for each in asked for one in _explained(query.service, FOR_ONE, "anybody", each)]


def _explained(
    service: Service, statements: Mapping[str, AnySelect], who: str, given: dict[str, Any]
) -> list[Candidate]:
    therapists = execute(statements[who], given).all()
    without = without_licence(therapists, statements["licences"], given)
    return _with_calendars(service, therapists, statements, given, without, tell_apart=True)


def _with_calendars(
    service: Service,
    therapists: Sequence[AnyRow],
    statements: Mapping[str, AnySelect],
    given: dict[str, Any],
    without: Mapping[int, Sequence[Period]],
    *,
    tell_apart: bool = False,
) -> list[Candidate]:
    rows = _Rows.load(service, therapists, statements, given, tell_apart=tell_apart)
    return [
        Candidate(row.id, row.resource_id, rows.calendar(row, without[row.id]), getattr(row, "gives", True))
        for row in therapists
    ]


def without_licence(
    therapists: Collection[AnyRow], statement: AnySelect, given: dict[str, Any]
) -> dict[int, Sequence[Period]]:
    """When each of the therapists may not treat in the jurisdiction that was given, if one was."""
    jurisdiction = given["jurisdiction"]
    # A licence is looked at closely only where one begins or ends around the time asked about, or there is none.
    if jurisdiction is None or all(getattr(row, "is_licensed", False) for row in therapists):
        return {row.id: () for row in therapists}
    held = grouped(execute(statement, given))
    return {row.id: _gaps(held.get(row.id, ()), jurisdiction, row.timezone) for row in therapists}


def days_off(zones: Mapping[int, str], given: dict[str, Any]) -> Mapping[int, list[Period]]:
    """When each of the therapists, by id with their zone, is away around the time asked about: time off, and dates that
    are closed.
    """
    away: dict[int, list[Period]] = defaultdict(list)
    for therapist_id, starts, ends in execute(FOR_ALL["time_off"], given):
        if therapist_id in zones:
            zone = walltime.zone(zones[therapist_id])
            away[therapist_id].append((_instant(starts, zone), _instant(ends, zone)))
    for therapist_id, day, starts, *_ in execute(FOR_ALL["overrides"], given):
        if therapist_id in zones and starts is None:
            zone = walltime.zone(zones[therapist_id])
            away[therapist_id].append((_midnight(day, zone), _midnight(day + timedelta(days=1), zone)))
    return away


def _gaps(licences: Sequence[AnyRow], jurisdiction: str, timezone: str) -> Sequence[Period]:
    if not licences:
        return NEVER_LICENSED
    zone = walltime.zone(timezone)
    return [
        (_midnight(first, zone), _midnight(last, zone))
        for first, last in uncovered(licences, jurisdiction=jurisdiction)
    ]


@lru_cache(maxsize=1024)
def _midnight(day: date, zone: ZoneInfo) -> int:
    within = min(max(day, EARLIEST.date()), LATEST.date())
    return _instant(datetime.combine(within, time()), zone)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows around the time asked about, by therapist."""

    hours: Mapping[int, list[AnyRow]]
    overrides: Mapping[int, list[AnyRow]]
    time_off: Mapping[int, list[AnyRow]]
    busy: Mapping[int, list[Period]]
    occupied: Mapping[int, list[Period]]
    appointments: Mapping[int, Bookings]

    @classmethod
    def load(
        cls,
        service: Service,
        therapists: Sequence[AnyRow],
        statements: Mapping[str, AnySelect],
        given: dict[str, Any],
        *,
        tell_apart: bool,
    ) -> _Rows:
        def rows(kind: str, *, needed: bool = True) -> dict[int, list[AnyRow]]:
            return grouped(execute(statements[kind], given) if needed else ())

        # What is rare is asked for only when it is there: a statement costs more than its rows.
        busy = any(row.is_busy for row in therapists)
        occupied, appointments = _occupied(
            service, statements, given, tell_apart=tell_apart, has_limits=any(map(_has_limits, therapists))
        )
        return cls(
            hours=rows("hours"),
            overrides=rows("overrides", needed=any(row.has_overrides for row in therapists)),
            time_off=rows("time_off", needed=any(row.has_time_off for row in therapists)),
            busy=_periods(execute(statements["busy"], given)) if busy else {},
            occupied=occupied,
            appointments=appointments,
        )

    def calendar(self, therapist: AnyRow, unlicensed: Sequence[Period]) -> Calendar:
        key, zone = therapist.id, walltime.zone(therapist.timezone)
        return Calendar(
            zone=zone,
            hours=[_hours(*row[1:4], tuple(row[4]), *row[5:]) for row in self.hours.get(key, ())],
            overrides=[_override(*row[1:4], tuple(row[4]), row[5]) for row in self.overrides.get(key, ())],
            time_off=[(_instant(row[1], zone), _instant(row[2], zone)) for row in self.time_off.get(key, ())],
            occupied=self.occupied.get(key, ()),
            busy=self.busy.get(key, ()),
            unlicensed=unlicensed,
            appointments=self.appointments.get(key, ()),
            daily_cap=therapist.daily_cap,
            weekly_cap=therapist.weekly_cap,
            longest_run=therapist.longest_run,
            break_minutes=therapist.break_minutes,
            note_minutes=therapist.note_minutes,
        )


def _has_limits(therapist: AnyRow) -> bool:
    return any(limit is not None for limit in (therapist.daily_cap, therapist.weekly_cap, therapist.longest_run))


def _occupied(
    service: Service, statements: Mapping[str, AnySelect], given: dict[str, Any], *, tell_apart: bool, has_limits: bool
) -> tuple[Mapping[int, list[Period]], Mapping[int, Bookings]]:
    """What is occupied, by therapist, and what is booked in it, if limits count it or it is to be told apart."""
    by_others = "_by_others" if given["own_appointment"] or given["own_hold"] else ""
    if not tell_apart and not has_limits:
        return _periods(execute(statements["occupied" + by_others], given)), {}
    around = {**given, "since": given["since"] - A_WEEK_AROUND, "until": given["until"] + A_WEEK_AROUND}
    rows = execute(statements["told_apart" if tell_apart else "carried" + by_others], around).partitions(1_000)
    by_therapist = groupby(chain.from_iterable(rows), key=itemgetter(0))
    columns = {key: list(zip(*group, strict=True))[1:] for key, group in by_therapist}
    loads = _loads(set().union(*(each[4] for each in columns.values())), service, given)
    periods = {key: list(zip(begins, ends, strict=True)) for key, (begins, ends, *_) in columns.items()}
    return periods, {key: _bookings(loads, *rest) for key, (_, _, *rest) in columns.items()}


def _bookings(
    loads: Mapping[int | None, int],
    starts: Sequence[int],
    ends: Sequence[int],
    services: Sequence[int | None],
    kinds: Sequence[int] = (),
) -> Bookings:
    return Bookings(list(starts), list(ends), [loads[each] for each in services], [KINDS[kind] for kind in kinds])


def _loads(service_ids: Iterable[int | None], service: Service, given: dict[str, Any]) -> dict[int | None, int]:
    """How much each service weighs; what says no service is ordinary.

    The service that is asked about is at hand; others are looked up only where they are.
    """
    known: dict[int | None, int] = {None: ORDINARY, service.id: service.load_percent}
    if not known.keys() >= set(service_ids):
        known.update((key, load) for key, load in execute(SERVICES, given))
    return known


def parameters(query: SlotQuery, *, now: datetime) -> dict[str, Any]:
    """What the statements need, the time asked about with a margin wide enough for every zone, buffer and duration."""
    since, until = _clamped(query.since) - MARGIN, _clamped(query.end) + MARGIN
    return {
        "practice": query.practice_id,
        "service": query.service.id,
        "therapist": query.therapist_id,
        "location": query.location_id,
        "clients": query.client_ids,
        "own_appointment": query.own_appointment_id or 0,
        "own_hold": query.own_hold_id or 0,
        "now": now,
        "since": since,
        "until": until,
        "first_day": since.date(),
        "last_day": until.date(),
        "since_local": since.replace(tzinfo=None),
        "until_local": until.replace(tzinfo=None),
    }


def where_care_happens(query: SlotQuery) -> str | None:
    """The state whose licence counts: the place's own in person, else the one the client will be in."""
    if query.mode != Mode.IN_PERSON:
        return query.jurisdiction
    return db.session.scalar(select(Location.jurisdiction).where(Location.id == query.location_id))


@lru_cache(maxsize=4096)
def _hours(weekday: int, starts: Any, ends: Any, modes: tuple[str, ...], location_id: int | None, *rest: Any) -> Hours:
    return Hours(weekday, starts, ends, frozenset(map(Mode, modes)), location_id, *rest)


@lru_cache(maxsize=1024)
def _override(day: Any, starts: Any, ends: Any, modes: tuple[str, ...], location_id: int | None) -> Override:
    return Override(day, starts, ends, frozenset(map(Mode, modes)), location_id)


def rooms_of(query: SlotQuery, *, now: datetime) -> dict[int, list[Period]]:
    """The rooms of the location asked for that suit the service, by id, with the periods in which each is taken."""
    given, wanted = parameters(query, now=now), query.service.room_kind
    has_own = given["own_appointment"] or given["own_hold"]
    rooms: dict[int, list[Period]] = {}
    for room_id, kind, starts, ends in execute(ROOMS_WITHOUT_OWN if has_own else ROOMS, given):
        if wanted and kind.casefold() != wanted.casefold():
            continue
        periods = rooms.setdefault(room_id, [])
        if starts is not None:
            periods.append((starts, ends))
    return rooms


def time_of_clients(query: SlotQuery, *, now: datetime) -> list[Period]:
    """The periods in which one of the clients is taken."""
    if not query.client_ids:
        return []
    return [(starts, ends) for starts, ends in execute(CLIENTS, parameters(query, now=now))]


def execute(statement: AnySelect, given: dict[str, Any]) -> AnyResult:
    """Run one of the statements: no rows of the session are involved."""
    return db.session.connection().execute(statement, given)


def grouped(rows: Iterable[AnyRow]) -> dict[int, list[AnyRow]]:
    """By their first column."""
    groups: dict[int, list[AnyRow]] = defaultdict(list)
    for row in rows:
        groups[row[0]].append(row)
    return groups


def _periods(result: AnyResult) -> dict[int, list[Period]]:
    """By therapist. In portions: the garbage collector looks again and again at 90,000 rows held at once."""
    groups: dict[int, list[Period]] = defaultdict(list)
    for portion in result.partitions(1_000):
        for key, starts, ends in portion:
            groups[key].append((starts, ends))
    return groups


def seconds(instant: datetime) -> int:
    """Epoch seconds, as the rules want them."""
    return int(instant.timestamp())


def _instant(local: datetime, zone: Any) -> int:
    return seconds(walltime.resolve(local, zone))


def _clamped(instant: datetime) -> datetime:
    """Keep absurd asks within the years that a database can hold."""
    return min(max(instant, EARLIEST), LATEST)
