"""Workload W: a practice whose therapists are a good half full for four weeks.

28 days from a Monday, one zone, Monday to Friday 9–17; for each therapist 90 appointments of 50 minutes with a buffer
of ten, four or five a day at pseudo-random quarter hours. What is asked: 50-minute starts every quarter hour, all 28
days.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import insert, text

from telehealth.database import Base, transaction
from telehealth.domain import links, walltime
from telehealth.domain.icalendar import FeedDetail
from telehealth.domain.messages.rules import BEFORE, usual_rules
from telehealth.domain.words import AppointmentStatus, Mode, ServiceKind
from telehealth.models import (
    Appointment,
    Attendee,
    CalendarFeed,
    Client,
    Licence,
    MessageRule,
    Occupancy,
    Practice,
    Resource,
    Service,
    Therapist,
    TherapistService,
    WeeklyHours,
)
from telehealth.models.practices import ResourceKind

SLUG = "elm-street"
STATE = "CO"
ZONE = walltime.zone("America/Denver")
WORKDAYS = range(5)
DAYS = 28
OPENS, CLOSES = time(9), time(17)
MINUTE, QUARTER, HOUR = timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1)
DURATION, BUFFER = timedelta(minutes=50), timedelta(minutes=10)
QUARTERS_OPEN, QUARTERS_TAKEN = 32, 4
CLIENTS_EACH = 30
FEED_SECRET = "opens-nothing-but-the-database-of-this-run"  # noqa: S105

Table = tuple[type[Base], list[dict[str, Any]]]
"""Rows of a table."""
Booked = tuple[int, datetime]
"""A therapist's number and when the appointment starts."""


@dataclass(frozen=True, slots=True)
class Weeks:
    """The four weeks asked about, from a Monday."""

    monday: date

    @classmethod
    def after(cls, now: datetime) -> Weeks:
        """The next ones, so that nothing asked about is in the past."""
        today = now.astimezone(ZONE).date()
        return cls(today + timedelta(days=7 - today.weekday()))

    @property
    def since(self) -> datetime:
        """Their first instant, in UTC."""
        return _instant(self.monday, time(0))

    @property
    def until(self) -> datetime:
        """The first instant after them, in UTC."""
        return _instant(self.monday + timedelta(days=DAYS), time(0))

    def taken(self, therapist: int) -> Iterator[datetime]:
        """When the 90 appointments of a therapist start: the same in every run."""
        chance = random.Random(therapist)  # noqa: S311 -- a workload, not a secret
        for day in range(DAYS):
            if day % 7 in WORKDAYS:
                opens = _instant(self.monday + timedelta(days=day), OPENS)
                appointments = 4 + day % 2
                idle = QUARTERS_OPEN - appointments * QUARTERS_TAKEN
                gaps = sorted(chance.randint(0, idle) for _ in range(appointments))
                yield from (opens + (gap + turn * QUARTERS_TAKEN) * QUARTER for turn, gap in enumerate(gaps))


LETTERS = str.maketrans("0123456789.", "abcdefghijx")


def name_of(number: object) -> str:
    """The name of somebody with a number: names are taken with letters only."""
    return f"Person {str(number).translate(LETTERS).title()}"


def _instant(day: date, wall: time) -> datetime:
    return datetime.combine(day, wall, ZONE).astimezone(UTC)


def public_id(noun: str, number: int) -> str:
    """The public id of a row of the workload."""
    return f"{noun}-{number}"


def half_full(therapists: int, weeks: Weeks) -> Iterator[Booked]:
    """The 90 appointments of each therapist."""
    return ((number, start) for number in range(1, therapists + 1) for start in weeks.taken(number))


def hourly(hours: int, *, before: datetime) -> Iterator[Booked]:
    """Appointments of the first therapist, one an hour, night and day, up to an instant."""
    return ((1, before - back * HOUR) for back in range(hours, 0, -1))


def fill(therapists: int, booked: Iterable[Booked], *, now: datetime) -> None:
    """Write a practice with its therapists, clients and appointments into an empty database."""
    with transaction() as session:
        session.add(Practice(id=1, slug=SLUG, timezone=ZONE.key, created_at=now, **_SHOWN))
        session.flush()
        session.add_all([_service(), *_reminders()])
        session.flush()
        people = _people(range(1, therapists + 1), now)
        appointments = _appointments(list(booked), first_client_resource=therapists, now=now)
        for model, rows in chain(people, appointments):
            if rows:
                session.connection().execute(insert(model), rows)
        if session.connection().dialect.name == "postgresql":
            for model in (Resource, Client, Appointment):  # They got their ids from us.
                table = model.__tablename__
                session.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) + 1 FROM {table}))"))  # noqa: S608


_SHOWN = {
    "name": "Elm Street Counseling",
    "sender_name": "Elm Street",
    "email": "office@elm.example",
    "phone": "+13035550100",
}


def _reminders() -> Iterator[MessageRule]:
    """The usual ones as rows, so that the design it is compared with reads them, too."""
    for rule in chain.from_iterable(map(usual_rules, BEFORE)):
        yield MessageRule(practice_id=1, **{**asdict(rule), "modes": list(rule.modes)})


def _service() -> Service:
    return Service(
        id=1,
        public_id=public_id("service", 1),
        practice_id=1,
        kind=ServiceKind.INDIVIDUAL,
        name="Individual",
        duration_minutes=DURATION // MINUTE,
        buffer_after_minutes=BUFFER // MINUTE,
        step_minutes=QUARTER // MINUTE,
        modes=[Mode.VIRTUAL.value],
    )


def _people(therapists: range, now: datetime) -> Iterator[Table]:
    clients = range(1, len(therapists) * CLIENTS_EACH + 1)
    kinds = [ResourceKind.THERAPIST] * len(therapists) + [ResourceKind.CLIENT] * len(clients)
    yield Resource, [{"id": number, "practice_id": 1, "kind": kind} for number, kind in enumerate(kinds, 1)]
    yield Therapist, [_therapist(number) for number in therapists]
    yield TherapistService, [{"therapist_id": number, "service_id": 1} for number in therapists]
    yield Licence, [_licence(number) for number in therapists]
    yield WeeklyHours, [_hours(number, weekday) for number in therapists for weekday in WORKDAYS]
    yield Client, [_client(number, len(therapists) + number, now) for number in clients]
    yield CalendarFeed, [_feed(now)]


def _therapist(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "public_id": public_id("therapist", number),
        "practice_id": 1,
        "resource_id": number,
        "name": f"Therapist {number}",
        "credential": "LCSW",
        "email": f"therapist{number}@elm.example",
        "timezone": ZONE.key,
    }


def _licence(number: int) -> dict[str, Any]:
    return {"practice_id": 1, "therapist_id": number, "jurisdiction": STATE, "valid_from": date(2020, 1, 1)}


def _hours(number: int, weekday: int) -> dict[str, Any]:
    modes = [Mode.VIRTUAL.value]
    return {
        "practice_id": 1,
        "therapist_id": number,
        "weekday": weekday,
        "starts": OPENS,
        "ends": CLOSES,
        "modes": modes,
    }


def _client(number: int, resource: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "practice_id": 1,
        "resource_id": resource,
        "match_key": f"client {number}",
        "name": f"Client {number}",
        "email": f"client{number}@people.example",
        "timezone": ZONE.key,
        "created_at": now,
    }


def _feed(now: datetime) -> dict[str, Any]:
    return {
        "public_id": public_id("feed", 1),
        "practice_id": 1,
        "therapist_id": 1,
        "secret_digest": links.digest_of(FEED_SECRET),
        "detail": FeedDetail.INITIALS,
        "created_at": now,
        "changed_at": now,
    }


def _appointments(booked: list[Booked], *, first_client_resource: int, now: datetime) -> Iterator[Table]:
    numbered = [
        (number, therapist, (therapist - 1) * CLIENTS_EACH + number % CLIENTS_EACH + 1, start)
        for number, (therapist, start) in enumerate(booked, 1)
    ]
    yield Appointment, [_appointment(number, therapist, start, now) for number, therapist, _, start in numbered]
    yield Attendee, [_attendee(number, client) for number, _, client, _ in numbered]
    yield (
        Occupancy,
        [
            row
            for number, therapist, client, start in numbered
            for row in (
                _occupancy(number, therapist, start, start + DURATION + BUFFER, core=True),
                _occupancy(number, first_client_resource + client, start, start + DURATION),
            )
        ],
    )


def _appointment(number: int, therapist: int, start: datetime, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "practice_id": 1,
        "service_id": 1,
        "therapist_id": therapist,
        "mode": Mode.VIRTUAL,
        "status": AppointmentStatus.BOOKED,
        "starts_at": start,
        "ends_at": start + DURATION,
        "timezone": ZONE.key,
        "local_start": start.astimezone(ZONE).replace(tzinfo=None),
        "organizer_email": "hello@practice.example",
        "video_name": f"room {number}",
        "created_at": now,
        "changed_at": now,
    }


def _attendee(number: int, client: int) -> dict[str, Any]:
    return {
        "public_id": public_id("attendee", number),
        "practice_id": 1,
        "appointment_id": number,
        "client_id": client,
        "name": f"Client {client}",
        "email": f"client{client}@people.example",
        "timezone": ZONE.key,
        "jurisdiction": STATE,
    }


def _occupancy(
    appointment: int, resource: int, starts: datetime, ends: datetime, *, core: bool = False
) -> dict[str, Any]:
    return {
        "practice_id": 1,
        "appointment_id": appointment,
        "resource_id": resource,
        "starts_at": starts,
        "ends_at": ends,
        "core_starts_at": starts if core else None,
        "core_ends_at": starts + DURATION if core else None,
        "service_id": 1 if core else None,
    }
