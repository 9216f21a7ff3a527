"""Which starts are free, asked of the rows: the one query behind what is offered and what is booked.

It gathers the calendars of one therapist or of many in a handful of statements and leaves every decision to
``domain.availability``. The statements are built once, because building one costs as much as running it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CursorResult, Row, Select, bindparam, exists, select

from telehealth.database import db, epoch_seconds
from telehealth.domain import walltime
from telehealth.domain.availability import (
    Ask,
    Calendar,
    Hours,
    Override,
    Period,
    Rules,
    first_free,
    free_starts,
)
from telehealth.domain.licences import uncovered
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import (
    Appointment,
    HoursOverride,
    Licence,
    Location,
    Occupancy,
    Room,
    Service,
    Therapist,
    TherapistService,
    TimeOff,
    WeeklyHours,
)

AnySelect = Select[*tuple[Any, ...]]
AnyRow = Row[*tuple[Any, ...]]
AnyResult = CursorResult[*tuple[Any, ...]]

MARGIN = timedelta(days=2)  # Wall times and instants differ by less than a day: this never misses a row.
EARLIEST, LATEST = datetime(1971, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SlotQuery:
    """What somebody looks for. ``therapist_id`` None means whoever is free; instants are aware, [since, until).

    ``jurisdiction`` is the state the client will be in; None when it is not known yet or does not matter.
    """

    practice_id: int
    service: Service
    mode: Mode
    since: datetime
    until: datetime
    therapist_id: int | None = None
    location_id: int | None = None
    jurisdiction: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A therapist who gives the service, may treat in the jurisdiction, and has this calendar."""

    therapist_id: int
    resource_id: int
    calendar: Calendar


def rules_of(service: Service) -> Rules:
    """The service's numbers as the rules want them."""
    return Rules(
        duration=service.duration_minutes,
        buffer_before=service.buffer_before_minutes,
        buffer_after=service.buffer_after_minutes,
        step=service.step_minutes,
        notice=service.notice_minutes,
        horizon=service.horizon_days,
    )


def offered(query: SlotQuery, *, now: datetime) -> dict[datetime, int]:
    """Every free start (aware UTC, ascending) and the id of the therapist who would take it.

    When several are free, the one with the least to do in the time asked about comes first.
    """
    found = offered_seconds(query, now=now)
    return {datetime.fromtimestamp(start, UTC): therapist_id for start, therapist_id in found.items()}


def offered_seconds(query: SlotQuery, *, now: datetime) -> dict[int, int]:
    """The same with starts in epoch seconds, for programs that ask for a month and need no calendar arithmetic."""
    least_busy_first = sorted(candidates(query), key=lambda candidate: len(candidate.calendar.occupied))
    pairs = ((candidate.therapist_id, candidate.calendar) for candidate in least_busy_first)
    return first_free(pairs, rules_of(query.service), _ask(query), now=_seconds(now))


def free_at(query: SlotQuery, *, now: datetime) -> list[Candidate]:
    """The candidates for whom ``query.since`` itself is offered, the least busy of that day first."""
    ask, rules = _ask_at(query), rules_of(query.service)
    free = [who for who in candidates(query) if free_starts(who.calendar, rules, ask, now=_seconds(now))]
    return sorted(free, key=lambda candidate: len(candidate.calendar.occupied))


def would_be_offered_if_free(query: SlotQuery, *, now: datetime) -> bool:
    """Whether ``query.since`` is refused only because something else takes the time."""
    ask, rules = _ask_at(query), rules_of(query.service)
    ask = replace(ask, rooms=ask.rooms and [() for _ in ask.rooms])
    empty = (replace(who.calendar, occupied=(), appointment_starts=()) for who in candidates(query))
    return any(free_starts(calendar, rules, ask, now=_seconds(now)) for calendar in empty)


def candidates(query: SlotQuery) -> list[Candidate]:
    """Everybody who could take the appointment, with their calendars around the time asked about."""
    if query.mode not in query.service.modes or query.service.ended_at is not None:
        return []
    given = {**_parameters(query), "jurisdiction": _where_care_happens(query)}
    statements = _FOR_ALL if query.therapist_id is None else _FOR_ONE
    found = _execute(statements["therapists"], given).all()
    away = _unlicensed(found, statements["licences"], given)
    therapists = [row for row in found if row.id in away]
    if not therapists:
        return []
    rows = _Rows.load(therapists, statements, given)
    return [Candidate(row.id, row.resource_id, rows.calendar(row, away[row.id])) for row in therapists]


def _ask(query: SlotQuery) -> Ask:
    return Ask(
        since=_seconds(query.since),
        until=_seconds(query.until),
        mode=query.mode,
        location_id=query.location_id,
        rooms=_room_periods(query) if query.mode == Mode.IN_PERSON else None,
    )


def _ask_at(query: SlotQuery) -> Ask:
    """The same for the one instant ``query.since``."""
    return replace(_ask(query), until=_seconds(query.since) + 1)


_OVERRIDES_NEAR = (HoursOverride.day >= bindparam("first_day"), HoursOverride.day <= bindparam("last_day"))
_TIME_OFF_NEAR = (TimeOff.ends_local > bindparam("since_local"), TimeOff.starts_local < bindparam("until_local"))
_THERAPISTS = (
    select(
        Therapist.id,
        Therapist.resource_id,
        Therapist.timezone,
        Therapist.daily_cap,
        exists().where(HoursOverride.therapist_id == Therapist.id, *_OVERRIDES_NEAR).label("has_overrides"),
        exists().where(TimeOff.therapist_id == Therapist.id, *_TIME_OFF_NEAR).label("has_time_off"),
    )
    .join(TherapistService, TherapistService.therapist_id == Therapist.id)
    .where(
        TherapistService.service_id == bindparam("service"),
        Therapist.practice_id == bindparam("practice"),
        Therapist.ended_at.is_(None),
    )
    .order_by(Therapist.id)
)
_LICENCES = select(Licence.therapist_id, Licence.jurisdiction, Licence.valid_from, Licence.valid_until).where(
    Licence.practice_id == bindparam("practice"), Licence.jurisdiction == bindparam("jurisdiction")
)


def _unlicensed(therapists: Sequence[AnyRow], statement: AnySelect, given: dict[str, Any]) -> dict[int, list[Period]]:
    """When each of the therapists may not treat in the jurisdiction: a licence that ends is like going away for good.

    Whoever never may is left out.
    """
    jurisdiction = given["jurisdiction"]
    if jurisdiction is None:
        return {row.id: [] for row in therapists}
    held = _grouped(_execute(statement, given))
    return {row.id: _without(held[row.id], jurisdiction, row.timezone) for row in therapists if held[row.id]}


def _without(licences: Iterable[AnyRow], jurisdiction: str, timezone: str) -> list[Period]:
    zone = walltime.zone(timezone)
    return [
        (_midnight(first, zone), _midnight(last, zone))
        for first, last in uncovered(licences, jurisdiction=jurisdiction)
    ]


@lru_cache(maxsize=1024)
def _midnight(day: date, zone: ZoneInfo) -> int:
    within = min(max(day, EARLIEST.date()), LATEST.date())
    return _instant(datetime.combine(within, time()), zone)


# The statements come in two sizes: for one therapist by id, and for all therapists of a practice in one go.
_HOURS = select(
    WeeklyHours.therapist_id,
    WeeklyHours.weekday,
    WeeklyHours.starts,
    WeeklyHours.ends,
    WeeklyHours.modes,
    WeeklyHours.location_id,
    WeeklyHours.valid_from,
    WeeklyHours.valid_until,
    WeeklyHours.every_weeks,
    WeeklyHours.anchor,
)
_OVERRIDES = select(
    HoursOverride.therapist_id,
    HoursOverride.day,
    HoursOverride.starts,
    HoursOverride.ends,
    HoursOverride.modes,
    HoursOverride.location_id,
).where(*_OVERRIDES_NEAR)
_TIME_OFF = select(TimeOff.therapist_id, TimeOff.starts_local, TimeOff.ends_local).where(*_TIME_OFF_NEAR)
_OCCUPIED = (
    select(
        Therapist.id.label("therapist_id"),
        epoch_seconds(Occupancy.starts_at),
        epoch_seconds(Occupancy.ends_at),
    )
    .join(Occupancy, Occupancy.resource_id == Therapist.resource_id)
    .where(Occupancy.ends_at > bindparam("since"), Occupancy.starts_at < bindparam("until"))
)
_STARTS = select(Appointment.therapist_id, epoch_seconds(Appointment.starts_at)).where(
    Appointment.starts_at >= bindparam("since"),
    Appointment.starts_at < bindparam("until"),
    Appointment.status != AppointmentStatus.CANCELLED,
)


def _of_one(statement: AnySelect, column: Any) -> AnySelect:
    return statement.where(column == bindparam("therapist"))


def _of_practice(statement: AnySelect, column: Any) -> AnySelect:
    return statement.where(column == bindparam("practice"))


_FOR_ONE = {
    "therapists": _of_one(_THERAPISTS, Therapist.id),
    "licences": _of_one(_LICENCES, Licence.therapist_id),
    "hours": _of_one(_HOURS, WeeklyHours.therapist_id),
    "overrides": _of_one(_OVERRIDES, HoursOverride.therapist_id),
    "time_off": _of_one(_TIME_OFF, TimeOff.therapist_id),
    "occupied": _of_one(_OCCUPIED, Therapist.id),
    "starts": _of_one(_STARTS, Appointment.therapist_id),
}
_FOR_ALL = {
    "therapists": _THERAPISTS,
    "licences": _LICENCES,
    "hours": _of_practice(_HOURS, WeeklyHours.practice_id),
    "overrides": _of_practice(_OVERRIDES, HoursOverride.practice_id),
    "time_off": _of_practice(_TIME_OFF, TimeOff.practice_id),
    "occupied": _of_practice(_OCCUPIED, Therapist.practice_id),
    "starts": _of_practice(_STARTS, Appointment.practice_id),
}


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows around the time asked about, by therapist."""

    hours: dict[int, list[AnyRow]]
    overrides: dict[int, list[AnyRow]]
    time_off: dict[int, list[AnyRow]]
    occupied: dict[int, list[Period]]
    starts: dict[int, list[AnyRow]]

    @classmethod
    def load(cls, therapists: Sequence[AnyRow], statements: Mapping[str, AnySelect], given: dict[str, Any]) -> _Rows:
        def rows(kind: str, *, needed: bool = True) -> dict[int, list[AnyRow]]:
            return _grouped(_execute(statements[kind], given) if needed else ())

        # What is rare is asked for only when it is there: a statement costs more than its rows.
        return cls(
            hours=rows("hours"),
            overrides=rows("overrides", needed=any(row.has_overrides for row in therapists)),
            time_off=rows("time_off", needed=any(row.has_time_off for row in therapists)),
            occupied=_periods(_execute(statements["occupied"], given)),
            starts=rows("starts", needed=any(row.daily_cap is not None for row in therapists)),
        )

    def calendar(self, therapist: AnyRow, away: Sequence[Period]) -> Calendar:
        key, zone = therapist.id, walltime.zone(therapist.timezone)
        return Calendar(
            zone=zone,
            hours=[_hours(*row[1:4], tuple(row[4]), *row[5:]) for row in self.hours[key]],
            overrides=[_override(*row[1:4], tuple(row[4]), row[5]) for row in self.overrides[key]],
            time_off=[*away, *((_instant(row[1], zone), _instant(row[2], zone)) for row in self.time_off[key])],
            occupied=self.occupied[key],
            appointment_starts=[row[1] for row in self.starts[key]],
            daily_cap=therapist.daily_cap,
        )


def _parameters(query: SlotQuery) -> dict[str, Any]:
    """What the statements need, the time asked about with a margin wide enough for every zone, buffer and duration."""
    since, until = _clamped(query.since) - MARGIN, _clamped(query.until) + MARGIN
    return {
        "practice": query.practice_id,
        "service": query.service.id,
        "therapist": query.therapist_id,
        "location": query.location_id,
        "since": since,
        "until": until,
        "first_day": since.date(),
        "last_day": until.date(),
        "since_local": since.replace(tzinfo=None),
        "until_local": until.replace(tzinfo=None),
    }


def _where_care_happens(query: SlotQuery) -> str | None:
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


_ROOMS = (
    select(Room.id, epoch_seconds(Occupancy.starts_at), epoch_seconds(Occupancy.ends_at))
    .outerjoin(
        Occupancy,
        (Occupancy.resource_id == Room.resource_id)
        & (Occupancy.ends_at > bindparam("since"))
        & (Occupancy.starts_at < bindparam("until")),
    )
    .where(Room.location_id == bindparam("location"), Room.practice_id == bindparam("practice"))
    .order_by(Room.id)
)


def _room_periods(query: SlotQuery) -> list[list[Period]]:
    return list(rooms_of(query).values())


def rooms_of(query: SlotQuery) -> dict[int, list[Period]]:
    """The rooms of the location asked for, by id, with the periods in which each is taken."""
    rooms: dict[int, list[Period]] = {}
    for room_id, starts, ends in _execute(_ROOMS, _parameters(query)):
        periods = rooms.setdefault(room_id, [])
        if starts is not None:
            periods.append((starts, ends))
    return rooms


def _execute(statement: AnySelect, given: dict[str, Any]) -> AnyResult:
    return db.session.connection().execute(statement, given)


def _grouped(rows: Iterable[AnyRow]) -> dict[int, list[AnyRow]]:
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


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def _instant(local: datetime, zone: Any) -> int:
    return _seconds(walltime.resolve(local, zone))


def _clamped(instant: datetime) -> datetime:
    """Keep absurd asks within the years that a database can hold."""
    return min(max(instant, EARLIEST), LATEST)
