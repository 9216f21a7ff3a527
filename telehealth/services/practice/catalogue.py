"""What a practice offers: services, therapists with their licences and limits, places.

Time that a licence, a limit, a room or a service opens is written down for those who wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import RowValues, transaction
from telehealth.domain import contact, walltime
from telehealth.domain.appointments.licences import Basis
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.waitlist.loosening import opens_time
from telehealth.domain.words import Approval, Mode, ResourceKind, Role, ServiceKind, WhenOneCancels
from telehealth.models import Licence, Location, Resource, Room, Service, Therapist
from telehealth.services.hours.freed_times import ONE_DAY, list_givers, note_possible
from telehealth.services.practice.accounts import Login, add_user
from telehealth.services.practice.policies import A_DAY, renew_terms

Named = TypeVar("Named", Service, Room)
LONGEST_CREDENTIAL = 40
LONGEST_KIND = 40
LONGEST_NUMBER = 80
HOUR, DAY = 60, 24 * 60
SHARED = (ServiceKind.COUPLE, ServiceKind.FAMILY, ServiceKind.GROUP)
LIMITS: Mapping[str, tuple[int, int, str]] = {
    "duration_minutes": (1, DAY, "Please give a length of at least one minute, and at most a day."),
    "step_minutes": (1, DAY, "Please give at least one minute between two starts, and at most a day."),
    "buffer_before_minutes": (0, 12 * HOUR, "Please give a number of minutes from 0 to 720."),
    "buffer_after_minutes": (0, 12 * HOUR, "Please give a number of minutes from 0 to 720."),
    "notice_minutes": (0, 90 * DAY, "Please choose a time from none to 90 days ahead."),
    "horizon_days": (1, 366, "Please choose from 1 to 366 days."),
    "capacity": (1, 100, "Please choose from 1 to 100 people."),
    "load_percent": (0, 1000, "Please choose from 0 to 1,000 percent."),
    "approval_minutes": (15, 14 * DAY, "Please give yourselves from 15 minutes to 14 days."),
    "therapists_needed": (1, 2, "Please choose one therapist or two."),
    "daily_cap": (1, 50, "Please choose from 1 to 50, or leave it empty for no limit."),
    "weekly_cap": (1, 200, "Please choose from 1 to 200, or leave it empty for no limit."),
    "longest_run": (1, 20, "Please choose from 1 to 20, or leave it empty for no limit."),
    "break_minutes": (0, 4 * HOUR, "Please give a number of minutes from 0 to 240."),
    "note_minutes": (0, 4 * HOUR, "Please give a number of minutes from 0 to 240."),
}
"""The smallest and the largest number of each field, both allowed, and what to say about any other."""


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """A service, field by field as in models.Service: lengths in minutes, the horizon in days.

    ``therapists`` are the public ids of those who give it; None leaves that as it is.
    """

    kind: ServiceKind
    name: str
    duration_minutes: int
    modes: Sequence[Mode]
    description: str = ""
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 10
    step_minutes: int = 15
    notice_minutes: int = 12 * HOUR
    horizon_days: int = 60
    position: int = 0
    capacity: int = 1
    opened_by_staff: bool = False
    when_one_cancels: WhenOneCancels = WhenOneCancels.ALL_OFF
    load_percent: int = 100
    approval: Approval = Approval.NEVER
    approval_minutes: int = 2 * DAY
    room_kind: str = ""
    therapists_needed: int = 1
    therapists: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class TherapistFacts:
    """A therapist, who gives all of ``services`` (public ids; all of the practice's when empty)."""

    name: str
    credential: str
    email: str
    timezone: str
    licences: Sequence[tuple[str, date, date | None]] = ()
    about: str = ""
    modalities: Sequence[str] = ()
    specialties: Sequence[str] = ()
    languages: Sequence[str] = ("English",)
    video_url: str | None = None
    daily_cap: int | None = None
    services: Sequence[str] = field(default=())


def add_service(*, practice_id: int, facts: ServiceFacts, now: datetime) -> Service:
    """Offer a service, with the terms that most practices have (``policies.A_DAY``). Raises InvalidInput, NotFound."""
    values = _service_values(facts)
    with transaction() as session:
        service = Service(practice_id=practice_id, **values)
        session.add(service)
        session.flush()
        renew_terms(session, service, A_DAY, now=now)
        _let_give(session, service, facts.therapists)
        return service


def change_service(*, practice_id: int, service: str, facts: ServiceFacts, now: datetime) -> Service:
    """Offer a service (its public id) otherwise; what is booked stays as it is. Raises InvalidInput, NotFound."""
    values = _service_values(facts)
    with transaction() as session:
        found = _find(session, Service, practice_id, service)
        gave, is_opened = set(list_givers(session, [found.id])), _change(found, values)
        _let_give(session, found, facts.therapists)
        session.flush()
        give = list_givers(session, [found.id])
        if found.ended_at is None:
            note_possible(session, practice_id, give if is_opened else sorted(set(give) - gave), now=now)
        return found


def end_service(*, practice_id: int, service: str, now: datetime) -> Service:
    """Close a service to new bookings; what is booked stays as it is. Raises NotFound."""
    with transaction() as session:
        found = _find(session, Service, practice_id, service)
        found.ended_at = found.ended_at or now
        return found


def reopen_service(*, practice_id: int, service: str, now: datetime) -> Service:
    """Let a service be booked again. Raises NotFound."""
    with transaction() as session:
        found = _find(session, Service, practice_id, service)
        if found.ended_at is not None:
            found.ended_at = None
            note_possible(session, practice_id, list_givers(session, [found.id]), now=now)
        return found


def _service_values(facts: ServiceFacts) -> RowValues:
    """The columns of a service. Raises InvalidInput with everything that cannot be."""
    values = {name: getattr(facts, name) for name in facts.__slots__ if name != "therapists"}
    problems = _out_of_bounds(values)
    values["name"] = _line(
        problems, "name", facts.name, longest=contact.LONGEST_NAME, needed="Please name the service."
    )
    values["room_kind"] = _line(problems, "room_kind", facts.room_kind, longest=LONGEST_KIND) or None
    values["description"] = facts.description.replace("\0", "").strip()
    values["modes"] = [mode.value for mode in facts.modes]
    if not facts.modes:
        problems["modes"] = "Please choose at least one way to meet."
    if facts.kind in SHARED and facts.capacity == 1:
        problems["capacity"] = "Couples, families and groups need room for at least two people."
    if facts.kind == ServiceKind.GROUP and facts.approval != Approval.NEVER:
        problems["approval"] = "Seats in a group are booked at once, so this has to be never."
    if problems:
        raise InvalidInput(problems)
    return values


def _out_of_bounds(values: RowValues) -> dict[str, str]:
    bounded = ((name, values[name], *LIMITS[name]) for name in values if name in LIMITS and values[name] is not None)
    return {name: sentence for name, value, least, most, sentence in bounded if not least <= value <= most}


def _line(problems: dict[str, str], field: str, given: str, *, longest: int, needed: str = "") -> str:
    """One clean line; what is wrong with it is noted among the problems."""
    try:
        cleaned = contact.clean_line(given, longest=longest)
    except ValueError as problem:
        problems[field] = str(problem)
        return ""
    if needed and not cleaned:
        problems[field] = needed
    return cleaned


def _let_give(session: Session, service: Service, therapists: Sequence[str] | None) -> None:
    """Exactly these therapists of the practice give the service. Raises NotFound."""
    if therapists is None:
        return
    session.flush()
    of_practice = session.scalars(select(Therapist).where(Therapist.practice_id == service.practice_id)).all()
    if not set(therapists) <= {each.public_id for each in of_practice}:
        raise NotFound
    for therapist in of_practice:
        gives = service in therapist.services
        if gives and therapist.public_id not in therapists and therapist.ended_at is None:
            therapist.services.remove(service)
        elif not gives and therapist.public_id in therapists:
            therapist.services.append(service)


def add_location(
    *, practice_id: int, name: str, address: str, jurisdiction: str, timezone: str, rooms: Sequence[str]
) -> Location:
    """Add a place with its rooms; every appointment in person takes one of them. Raises InvalidInput."""
    if jurisdiction not in JURISDICTIONS:
        raise InvalidInput({"jurisdiction": "Please give the two letters of the state, for example CO."})
    if not rooms:
        raise InvalidInput({"rooms": "Please name at least one room: appointments in person need one."})
    with transaction() as session:
        location = Location(
            practice_id=practice_id,
            name=contact.clean_line(name, longest=contact.LONGEST_NAME),
            address=contact.clean_line(address, longest=2 * contact.LONGEST_NAME),
            jurisdiction=jurisdiction,
            timezone=walltime.zone(timezone).key,
        )
        location.rooms = [
            Room(practice_id=practice_id, name=room, resource=_resource(practice_id, ResourceKind.ROOM))
            for room in rooms
        ]
        session.add(location)
        return location


def add_therapist(*, practice_id: int, facts: TherapistFacts, login: Login | None = None) -> Therapist:
    """Let a therapist be booked; with a login, let them sign in. Raises InvalidInput."""
    with transaction() as session:
        therapist = Therapist(
            practice_id=practice_id,
            resource=_resource(practice_id, ResourceKind.THERAPIST),
            name=contact.clean_name(facts.name),
            credential=contact.clean_line(facts.credential, longest=LONGEST_CREDENTIAL),
            email=contact.clean_email(facts.email),
            timezone=walltime.zone(facts.timezone).key,
            about=facts.about,
            modalities=list(facts.modalities),
            specialties=list(facts.specialties),
            languages=list(facts.languages),
            video_url=facts.video_url,
            daily_cap=facts.daily_cap,
            services=_services(session, practice_id, facts.services),
            licences=[
                Licence(
                    practice_id=practice_id,
                    jurisdiction=jurisdiction,
                    basis=Basis.LICENCE.value,
                    number="",
                    valid_from=first,
                    valid_until=last,
                )
                for jurisdiction, first, last in facts.licences
            ],
        )
        session.add(therapist)
        if login is not None:
            user = add_user(session, practice_id, login, Role.THERAPIST)
            user.therapist = therapist
            session.add(user)
        return therapist


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    """An authority to practise in one state; both dates inclusive, without a last one it holds until it is ended."""

    jurisdiction: str
    valid_from: date
    valid_until: date | None = None
    basis: Basis = Basis.LICENCE
    number: str = ""


def add_licence(*, practice_id: int, therapist_id: int, facts: LicenceFacts, now: datetime) -> Licence:
    """Let a therapist treat people who are in a state, between two dates. Raises InvalidInput, NotFound."""
    problems: dict[str, str] = {}
    number = _line(problems, "number", facts.number, longest=LONGEST_NUMBER)
    if facts.jurisdiction not in JURISDICTIONS:
        problems["jurisdiction"] = "Please choose a state."
    if facts.valid_until is not None and facts.valid_until < facts.valid_from:
        problems["valid_until"] = "The last date is before the first one."
    if problems:
        raise InvalidInput(problems)
    with transaction() as session:
        licence = Licence(
            practice_id=practice_id,
            therapist_id=_therapist(session, practice_id, therapist_id).id,
            jurisdiction=facts.jurisdiction,
            basis=facts.basis.value,
            number=number,
            valid_from=facts.valid_from,
            valid_until=facts.valid_until,
        )
        session.add(licence)
        last = facts.valid_until or date.max
        note_possible(session, practice_id, [therapist_id], first=facts.valid_from, last=last, now=now)
        return licence


def end_licence(
    *, practice_id: int, therapist_id: int, licence_id: int, last_day: date | None, now: datetime
) -> Licence:
    """Set the last date (inclusive) of an authority, earlier or later; None for one without an end.

    Nothing that is booked changes; ``queries.appointments.licences`` names what is uncovered. Raises InvalidInput,
    NotFound.
    """
    with transaction() as session:
        licence = session.scalar(
            select(Licence).where(
                Licence.practice_id == practice_id, Licence.therapist_id == therapist_id, Licence.id == licence_id
            )
        )
        if licence is None:
            raise NotFound
        if last_day is not None and last_day < licence.valid_from:
            raise InvalidInput({"valid_until": "The last date is before the first one."})
        before, after = licence.valid_until or date.max, last_day or date.max
        if after > before:
            note_possible(session, practice_id, [therapist_id], first=before + ONE_DAY, last=after, now=now)
        licence.valid_until = last_day
        return licence


@dataclass(frozen=True, slots=True)
class TherapistLimits:
    """How much a therapist takes on; see models.Therapist. None is "no limit", lengths are minutes."""

    daily_cap: int | None
    weekly_cap: int | None
    longest_run: int | None
    break_minutes: int = 15
    note_minutes: int = 0


def change_limits(*, practice_id: int, therapist_id: int, limits: TherapistLimits, now: datetime) -> Therapist:
    """Offer no more than this from now on; what is booked stays. Raises InvalidInput, NotFound."""
    values = {name: getattr(limits, name) for name in limits.__slots__}
    problems = _out_of_bounds(values)
    if limits.longest_run is not None and limits.break_minutes == 0:
        problems["break_minutes"] = "A longest run ends with a break: please give it at least one minute."
    if problems:
        raise InvalidInput(problems)
    with transaction() as session:
        therapist = _therapist(session, practice_id, therapist_id)
        if _change(therapist, values):
            note_possible(session, practice_id, [therapist_id], now=now)
        return therapist


def change_room_kind(*, practice_id: int, room: str, kind: str, now: datetime) -> Room:
    """Say what kind of room (its public id) it is, in the practice's own words. Raises InvalidInput, NotFound."""
    problems: dict[str, str] = {}
    cleaned = _line(problems, "kind", kind, longest=LONGEST_KIND)
    if problems:
        raise InvalidInput(problems)
    with transaction() as session:
        found = _find(session, Room, practice_id, room)
        if found.kind.casefold() != cleaned.casefold():
            note_possible(
                session, practice_id, list_givers(session, _in_rooms_of(session, practice_id, cleaned)), now=now
            )
        found.kind = cleaned
        return found


def _change(row: Service | Therapist, values: RowValues) -> bool:
    """Write the columns; whether that can make more times bookable."""
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    return opens_time(before, values)


def _in_rooms_of(session: Session, practice_id: int, kind: str) -> Sequence[int]:
    """The ids of the services that ask for this kind of room."""
    asking = select(Service).where(Service.practice_id == practice_id, Service.room_kind.is_not(None))
    return [each.id for each in session.scalars(asking) if (each.room_kind or "").casefold() == kind.casefold()]


def _find(session: Session, model: type[Named], practice_id: int, public_id: str) -> Named:
    found: Named | None = session.scalar(
        select(model).where(model.practice_id == practice_id, model.public_id == public_id)
    )
    if found is None:
        raise NotFound
    return found


def _therapist(session: Session, practice_id: int, therapist_id: int) -> Therapist:
    found = session.scalar(select(Therapist).where(Therapist.practice_id == practice_id, Therapist.id == therapist_id))
    if found is None:
        raise NotFound
    return found


def _services(session: Session, practice_id: int, public_ids: Sequence[str]) -> list[Service]:
    wanted = select(Service).where(Service.practice_id == practice_id)
    if public_ids:
        wanted = wanted.where(Service.public_id.in_(public_ids))
    return list(session.scalars(wanted))


def _resource(practice_id: int, kind: ResourceKind) -> Resource:
    return Resource(practice_id=practice_id, kind=kind)
