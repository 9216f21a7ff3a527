"""Where people meet in person: places, their rooms, and what kinds of rooms these are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain import contact, walltime
from telehealth.domain.errors import InvalidInput
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import AuditAction, AuditSubject, ResourceKind
from telehealth.models import Location, Resource, Room, Service
from telehealth.services.audit import ActedBy, Setting, record_change, record_setting
from telehealth.services.hours.freed_times import list_givers, note_possible
from telehealth.services.locking import lock_own
from telehealth.services.practice.catalogue import LONGEST_KIND


@dataclass(frozen=True, slots=True)
class LocationFacts:
    """A place with its rooms, by name; ``jurisdiction`` is the state it stands in ("CO")."""

    name: str
    address: str
    jurisdiction: str
    timezone: str
    rooms: Sequence[str]


def add_location(*, practice_id: int, facts: LocationFacts, by: ActedBy, now: datetime) -> Location:
    """Add a place with its rooms; every appointment in person takes one of them. Raises InvalidInput."""
    if facts.jurisdiction not in JURISDICTIONS:
        raise InvalidInput({"jurisdiction": "Please give the two letters of the state, for example CO."})
    if not facts.rooms:
        raise InvalidInput({"rooms": "Please name at least one room: appointments in person need one."})
    values = {
        "address": contact.clean_line(facts.address, longest=2 * contact.LONGEST_NAME),
        "jurisdiction": facts.jurisdiction,
        "timezone": walltime.zone(facts.timezone).key,
    }
    with transaction() as session:
        location = Location(
            practice_id=practice_id, name=contact.clean_line(facts.name, longest=contact.LONGEST_NAME), **values
        )
        location.rooms = [
            Room(
                practice_id=practice_id,
                name=room,
                resource=Resource(practice_id=practice_id, kind=ResourceKind.ROOM),
            )
            for room in facts.rooms
        ]
        session.add(location)
        session.flush()
        about = Setting(AuditSubject.LOCATION, location.public_id, location.name)
        after = {**values, "rooms": facts.rooms}
        record_setting(session, practice_id, about, AuditAction.ADDED, by, now=now, after=after)
        return location


def change_room_kind(*, practice_id: int, room_public_id: str, kind: str, by: ActedBy, now: datetime) -> Room:
    """Say what kind of room (its public id) it is, in the practice's own words. Raises InvalidInput, NotFound."""
    problems: dict[str, str] = {}
    cleaned = contact.read_line(problems, "kind", kind, longest=LONGEST_KIND)
    if problems:
        raise InvalidInput(problems)
    with transaction() as session:
        found = lock_own(session, Room, practice_id, public_id=room_public_id)
        if found.kind.casefold() != cleaned.casefold():
            note_possible(
                session, practice_id, list_givers(session, _in_rooms_of(session, practice_id, cleaned)), now=now
            )
        about = Setting(AuditSubject.ROOM, found.public_id, f"{found.name}, {found.location.name}")
        record_change(session, practice_id, about, by, before={"kind": found.kind}, after={"kind": cleaned}, now=now)
        found.kind = cleaned
        return found


def _in_rooms_of(session: Session, practice_id: int, kind: str) -> Sequence[int]:
    """The ids of the services that ask for this kind of room."""
    asking = select(Service).where(Service.practice_id == practice_id, Service.room_kind.is_not(None))
    return [each.id for each in session.scalars(asking) if (each.room_kind or "").casefold() == kind.casefold()]
