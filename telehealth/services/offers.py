"""What a practice offers: services, therapists, licences, places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain import contact, walltime
from telehealth.domain.errors import InvalidInput
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import Mode, ResourceKind, Role, ServiceKind
from telehealth.models import Licence, Location, Resource, Room, Service, Therapist
from telehealth.services.practices import Login, add_user

LONGEST_CREDENTIAL = 40


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """A service: lengths in minutes, the horizon in days."""

    kind: ServiceKind
    name: str
    duration_minutes: int
    modes: Sequence[Mode]
    description: str = ""
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 10
    step_minutes: int = 15
    notice_minutes: int = 12 * 60
    horizon_days: int = 60
    position: int = 0


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


def add_service(*, practice_id: int, facts: ServiceFacts) -> Service:
    """Offer a service. Raises InvalidInput."""
    if facts.duration_minutes <= 0 or facts.step_minutes <= 0:
        raise InvalidInput({"duration_minutes": "Please give a length of at least one minute."})
    if not facts.modes:
        raise InvalidInput({"modes": "Please choose at least one way to meet."})
    with transaction() as session:
        service = Service(
            practice_id=practice_id,
            kind=facts.kind,
            name=contact.clean_line(facts.name, longest=contact.LONGEST_NAME),
            description=facts.description,
            duration_minutes=facts.duration_minutes,
            buffer_before_minutes=facts.buffer_before_minutes,
            buffer_after_minutes=facts.buffer_after_minutes,
            step_minutes=facts.step_minutes,
            notice_minutes=facts.notice_minutes,
            horizon_days=facts.horizon_days,
            modes=[mode.value for mode in facts.modes],
            position=facts.position,
        )
        session.add(service)
        return service


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
                    basis="licence",
                    number="",
                    valid_from=first,
                    valid_until=last,
                )
                for jurisdiction, first, last in facts.licences
            ],
        )
        if login is not None:
            therapist.user = add_user(session, practice_id, login, Role.THERAPIST)
        session.add(therapist)
        return therapist


def _services(session: Session, practice_id: int, public_ids: Sequence[str]) -> list[Service]:
    wanted = select(Service).where(Service.practice_id == practice_id)
    if public_ids:
        wanted = wanted.where(Service.public_id.in_(public_ids))
    return list(session.scalars(wanted))


def _resource(practice_id: int, kind: ResourceKind) -> Resource:
    return Resource(practice_id=practice_id, kind=kind)
