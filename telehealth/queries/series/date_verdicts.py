"""Which dates of a standing slot can be had, what is in the way of the others, and which starts are free instead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.errors import InvalidInput, NotFound, ServiceEnded
from telehealth.domain.series.patterns import PROTECTED_DAYS, WEEK, Pattern, Plan, PlannedDate, monday_of, pattern_of
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Client, Location, Practice, Series, Service, Therapist
from telehealth.queries.appointments.slot_calendars import Candidate
from telehealth.queries.appointments.slot_query import NOT_A_LENGTH, ONE_SECOND, SlotQuery
from telehealth.queries.appointments.slots import explain_each, openings
from telehealth.queries.series.standing_slots import MOST_SHOWN

WAIVED = frozenset({Obstacle.NOTICE, Obstacle.HORIZON, Obstacle.OFF_GRID, Obstacle.UNREAD})
"""Standing slots are agreed between people: short notice, the horizon and the grid of offered starts do not
bind, nor does a calendar that could not be read lately.
"""

ALREADY_KEPT = WAIVED | {
    Obstacle.TAKEN, Obstacle.BUFFER, Obstacle.HELD, Obstacle.STANDING, Obstacle.BUSY, Obstacle.ROOM,
    Obstacle.CLIENT_BUSY, Obstacle.DAILY_CAP, Obstacle.WEEKLY_CAP, Obstacle.LONGEST_RUN,
}  # fmt: skip
"""A date that keeps its time is in nobody's way but its own: only hours, time off and licences are asked again."""

ALTERNATIVES = 3


@dataclass(frozen=True, slots=True)
class SlotMember:
    """A member of a standing slot, as far as its dates are concerned. The dates are inclusive."""

    client_id: int
    resource_id: int
    jurisdiction: str | None
    joined_on: date = date.min
    left_on: date | None = None

    def comes_on(self, day: date) -> bool:
        """Whether that date is theirs."""
        return self.joined_on <= day and (self.left_on is None or day <= self.left_on)


@dataclass(frozen=True, slots=True)
class SlotOfSeries:
    """Everything that decides about the dates of a standing slot."""

    practice: Practice
    service: Service
    therapist: Therapist
    co_therapist: Therapist | None
    location: Location | None
    mode: Mode
    pattern: Pattern
    members: tuple[SlotMember, ...] = ()
    minutes: int | None = None
    """How long its dates last, where that is not as long as the service usually does."""

    @property
    def length(self) -> int:
        """How long its dates last, in minutes."""
        return self.minutes or self.service.duration_minutes

    def members_on(self, day: date) -> tuple[SlotMember, ...]:
        """Whoever that date belongs to."""
        return tuple(each for each in self.members if each.comes_on(day))

    def states(self, day: date) -> tuple[str, ...]:
        """The states in which the therapist must be allowed on that date; in person the place speaks for itself."""
        if self.mode == Mode.IN_PERSON:
            return ()
        return tuple(sorted({each.jurisdiction for each in self.members_on(day) if each.jurisdiction}))

    def query(self, day: date, starts_at: datetime) -> SlotQuery:
        """The question that decides one date. A group goes on without a member who is busy then."""
        busy_counts = () if self.service.is_group else self.members_on(day)
        states = self.states(day)
        return SlotQuery(
            practice_id=self.practice.id,
            service=self.service,
            mode=self.mode,
            since=starts_at,
            therapist_id=self.therapist.id,
            co_therapist_id=self.co_therapist.id if self.co_therapist is not None else None,
            location_id=self.location.id if self.location is not None else None,
            jurisdiction=states[0] if states else None,
            further_jurisdictions=states[1:],
            client_ids=tuple(each.client_id for each in busy_counts),
            waived=WAIVED,
            minutes=self.minutes,
        )


@dataclass(frozen=True, slots=True)
class DateVerdict:
    """What the rules say about one date: who would give it, or what is in the way."""

    candidates: Sequence[Candidate]
    obstacles: tuple[Obstacle, ...]


Dates = Sequence[tuple[date, datetime]]
"""The date that was meant, and the instant it starts at."""


def preview_dates(
    *, practice_id: int, plan: Plan, members: Sequence[int] = (), jurisdictions: Sequence[str] = (), now: datetime
) -> list[PlannedDate]:
    """The first dates of a plan (at most 52, none in the past), with what is in their way and up to three free starts
    of the same week with the same therapist instead.

    ``members`` are ids of clients, ``jurisdictions`` the states they will be in. Nothing is kept by asking.
    Raises NotFound, ServiceEnded, InvalidInput.
    """
    found = list_members(practice_id, members)
    states = [*jurisdictions, *[None] * len(found)]
    coming = [replace(each, jurisdiction=state) for each, state in zip(found, states, strict=False)]
    # Whoever is not known as a client yet still decides by the state they will be in.
    coming += [SlotMember(0, 0, state) for state in jurisdictions[len(found) :]]
    slot = slot_of_plan(practice_id, plan, coming)
    dates = list(islice(dates_ahead(slot.pattern, plan.starts_on, now=now), MOST_SHOWN))
    said = judge_dates(slot, dates, now=now)
    instead = list_alternatives(slot, [each for each in dates if said[each[0]].obstacles], now=now)
    return [PlannedDate(day, starts_at, said[day].obstacles, tuple(instead.get(day, ()))) for day, starts_at in dates]


def dates_ahead(pattern: Pattern, first: date, *, now: datetime) -> Iterable[tuple[date, datetime]]:
    """The dates from ``first`` on that are still to come, as far as dates are known."""
    last = walltime.wall(now, pattern.zone).date() + timedelta(days=PROTECTED_DAYS)
    return ((day, starts) for day in pattern.days(first, last) if (starts := pattern.instant(day)) > now)


def judge_dates(
    slot: SlotOfSeries,
    dates: Dates,
    *,
    waived: frozenset[Obstacle] = WAIVED,
    own_appointment_id: int | None = None,
    now: datetime,
) -> dict[date, DateVerdict]:
    """What the rules that offer and book say about each date. The rows are gathered once for all dates that the same
    people come to, and only those that count for something beside what is ``waived``. The appointment that is to be
    moved (``own_appointment_id``) is no obstacle to itself.
    """
    together: dict[tuple[SlotMember, ...], list[tuple[date, datetime]]] = defaultdict(list)
    for day, starts_at in dates:
        together[slot.members_on(day)].append((day, starts_at))
    found: dict[date, DateVerdict] = {}
    for group in together.values():
        starts = [starts_at for _, starts_at in group]
        query = replace(
            slot.query(*group[0]),
            since=min(starts),
            until=max(starts) + ONE_SECOND,
            own_appointment_id=own_appointment_id,
        )
        if Obstacle.CLIENT_BUSY in waived:
            query = replace(query, client_ids=())
        answers = explain_each(query, starts, now=now)
        found.update((day, _verdict(answers[at], waived)) for day, at in group)
    return found


def _verdict(answer: Sequence[tuple[Candidate, list[Obstacle]]], waived: frozenset[Obstacle]) -> DateVerdict:
    """What forbids it for one of the therapists forbids it."""
    forbidding = {obstacle for _, why in answer for obstacle in why}
    return DateVerdict([who for who, _ in answer], tuple(sorted(forbidding - waived)))


def list_alternatives(slot: SlotOfSeries, dates: Dates, *, now: datetime) -> dict[date, list[datetime]]:
    """Up to three free starts (aware UTC) in the week of each date, the nearest first, asked for all dates at once."""
    if not dates:
        return {}
    zone = slot.pattern.zone
    first, last = monday_of(min(day for day, _ in dates)), monday_of(max(day for day, _ in dates)) + WEEK
    query = replace(
        slot.query(*dates[0]),
        since=max(now, _midnight(first, zone)),
        until=_midnight(last, zone),
        waived=frozenset({Obstacle.NOTICE, Obstacle.HORIZON}),
    )
    free = openings(query, now=now) if query.since < query.end else []
    return {day: _nearest(free, day, starts_at, slot) for day, starts_at in dates}


def _nearest(free: Sequence[datetime], day: date, wished: datetime, slot: SlotOfSeries) -> list[datetime]:
    monday = monday_of(day)
    since, until = _midnight(monday, slot.pattern.zone), _midnight(monday + WEEK, slot.pattern.zone)
    same_week = [start for start in free if since <= start < until and start != wished]
    return sorted(same_week, key=lambda start: (abs(start - wished), start))[:ALTERNATIVES]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return walltime.resolve(datetime.combine(day, time()), zone)


def slot_of_plan(practice_id: int, plan: Plan, members: Iterable[SlotMember] = ()) -> SlotOfSeries:
    """The rows behind a plan. Raises NotFound, ServiceEnded, InvalidInput."""
    practice = db.session.get(Practice, practice_id)
    service = _named(Service, practice_id, plan.service)
    therapist = _named(Therapist, practice_id, plan.therapist)
    together = _named(Therapist, practice_id, plan.co_therapist) if plan.co_therapist else None
    location = _named(Location, practice_id, plan.location) if plan.location and plan.mode == Mode.IN_PERSON else None
    if practice is None:
        raise NotFound
    _require_possible(service, plan.mode, location, [therapist, *([together] if together is not None else [])])
    minutes, pattern = _length(service, plan.minutes), pattern_of(plan)
    return SlotOfSeries(practice, service, therapist, together, location, plan.mode, pattern, tuple(members), minutes)


def _length(service: Service, minutes: int | None) -> int | None:
    """Another length than usual, or None. Raises InvalidInput for one that the service does not allow."""
    if minutes is not None and minutes not in service.lengths:
        raise InvalidInput({"minutes": NOT_A_LENGTH})
    return None if minutes == service.duration_minutes else minutes


def _require_possible(service: Service, mode: Mode, location: Location | None, therapists: Sequence[Therapist]) -> None:
    if service.ended_at is not None:
        raise ServiceEnded
    if mode not in service.modes:
        raise InvalidInput({"mode": "This service is not given that way. Please choose another way to meet."})
    if mode == Mode.IN_PERSON and location is None:
        raise InvalidInput({"location": "Please choose where to meet."})
    if location is not None and location.ended_at is not None:
        raise InvalidInput({"location": "This place is closed. Please choose another one."})
    if len({each.id for each in therapists}) != service.therapists_needed:
        wanted = "two different therapists" if service.therapists_needed > 1 else "one therapist"
        raise InvalidInput({"co_therapist": f"This service is given by {wanted}."})


NamedRow = TypeVar("NamedRow", Service, Therapist, Location)


def _named(model: type[NamedRow], practice_id: int, public_id: str) -> NamedRow:
    found: NamedRow | None = db.session.scalar(
        select(model).where(model.practice_id == practice_id, model.public_id == public_id)
    )
    if found is None:
        raise NotFound
    return found


def list_members(practice_id: int, ids: Sequence[int]) -> list[SlotMember]:
    """The clients with these ids, in the order asked for. Raises NotFound."""
    rows = db.session.execute(
        select(Client.id, Client.resource_id).where(Client.practice_id == practice_id, Client.id.in_(ids))
    ).all()
    resources = {row.id: row.resource_id for row in rows}
    if set(ids) != resources.keys():
        raise NotFound
    return [SlotMember(each, resources[each], None) for each in ids]


def slot_of(series: Series) -> SlotOfSeries:
    """The same of a standing slot that exists."""
    members = tuple(
        SlotMember(each.client_id, each.client.resource_id, each.jurisdiction, each.joined_on, each.left_on)
        for each in series.members
    )
    return SlotOfSeries(
        series.practice,
        series.service,
        series.therapist,
        series.co_therapist,
        series.location,
        series.mode,
        pattern_of_series(series),
        members,
        series.minutes if series.duration_minutes is not None else None,
    )


def pattern_of_series(series: Series) -> Pattern:
    """The dates of a standing slot that exists."""
    zone = walltime.zone(series.timezone)
    return Pattern(zone, series.local_time, series.starts_on, series.every_weeks, series.until, series.week_of_month)
