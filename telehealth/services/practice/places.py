"""Where people meet in person: places, their rooms, and what kinds of rooms these are.

Time that a new or reopened room opens is written down for those who wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import RowValues, transaction
from telehealth.domain import contact, walltime
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.errors import InvalidInput
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.web_links import clean_web_link
from telehealth.domain.words import Mode
from telehealth.models import Location, Resource, Room, Service
from telehealth.models.practices import ResourceKind
from telehealth.services.audit import ActedBy, Setting, change_row, end_row, record_setting, reopen_row
from telehealth.services.hours.freed_times import list_givers, note_possible
from telehealth.services.locking import lock_own
from telehealth.services.practice.catalogue import LONGEST_KIND

LONGEST_ADDRESS = 2 * contact.LONGEST_NAME
LONGEST_DIRECTIONS = 2000
MOST_ROOMS = 100
IS_CLOSED = "This place is closed. Please open it again first."


@dataclass(frozen=True, slots=True)
class LocationFacts:
    """A place with its rooms, by name, which count when it is added; ``jurisdiction`` is the state it stands in ("CO").

    ``directions`` say how to find it, and ``map_url`` is an address on the web that shows where it is.
    """

    name: str
    address: str
    jurisdiction: str
    timezone: str
    rooms: Sequence[str] = ()
    directions: str = ""
    map_url: str = ""


def add_location(*, practice_id: int, facts: LocationFacts, by: ActedBy, now: datetime) -> Location:
    """Add a place with its rooms; every appointment in person takes one of them. Raises InvalidInput."""
    problems: dict[str, str] = {}
    values = _location_values(facts, problems)
    rooms = _room_names(facts.rooms, problems)
    if problems:
        raise InvalidInput(problems)
    with transaction() as session:
        location = Location(practice_id=practice_id, **values)
        location.rooms = [_new_room(practice_id, name) for name in rooms]
        session.add(location)
        session.flush()
        after = {**values, "rooms": rooms}
        record_setting(session, practice_id, _named(location), AuditAction.ADDED, by, now=now, after=after)
        return location


def change_location(
    *, practice_id: int, location_public_id: str, facts: LocationFacts, by: ActedBy, now: datetime
) -> Location:
    """Say otherwise where a place is and how it is found; its rooms have changes of their own. What is booked there
    stays when and where it is. Raises InvalidInput, NotFound.
    """
    problems: dict[str, str] = {}
    values = _location_values(facts, problems)
    if problems:
        raise InvalidInput(problems)
    with transaction() as session:
        found = lock_own(session, Location, practice_id, public_id=location_public_id)
        change_row(session, practice_id, found, values, _named, by, now=now)
        return found


def end_location(*, practice_id: int, location_public_id: str, by: ActedBy, now: datetime) -> Location:
    """Close a place and its rooms: nothing is offered there any more, and what is booked stays. Raises NotFound."""
    with transaction() as session:
        found = lock_own(session, Location, practice_id, public_id=location_public_id)
        if end_row(session, practice_id, found, _named, by, now=now):
            for room in found.open_rooms:
                room.ended_at = now
        return found


def reopen_location(*, practice_id: int, location_public_id: str, by: ActedBy, now: datetime) -> Location:
    """Meet there again, in the rooms that were closed with it. Raises NotFound."""
    with transaction() as session:
        found = lock_own(session, Location, practice_id, public_id=location_public_id)
        closed_with_it = [each for each in found.rooms if each.ended_at == found.ended_at]
        if reopen_row(session, practice_id, found, _named, by, now=now):
            for room in closed_with_it:
                room.ended_at = None
            _note_in_person(session, practice_id, now=now)
        return found


def add_room(
    *, practice_id: int, location_public_id: str, name: str, kind: str = "", by: ActedBy, now: datetime
) -> Room:
    """One more room of a place that is open. Raises InvalidInput, NotFound."""
    values = _room_values(name, kind)
    with transaction() as session:
        location = lock_own(session, Location, practice_id, public_id=location_public_id)
        if location.ended_at is not None:
            raise InvalidInput({"name": IS_CLOSED})
        if len(location.open_rooms) >= MOST_ROOMS:
            raise InvalidInput({"name": f"A place has at most {MOST_ROOMS} rooms."})
        room = _new_room(practice_id, values["name"], kind=values["kind"])
        location.rooms.append(room)
        session.flush()
        record_setting(session, practice_id, _named_room(room), AuditAction.ADDED, by, now=now, after=values)
        _note_in_person(session, practice_id, now=now)
        return room


def set_room(
    *, practice_id: int, room_public_id: str, kind: str, name: str | None = None, by: ActedBy, now: datetime
) -> Room:
    """Say what a room (its public id) is called (None: as it is) and of what kind it is, in the practice's own words.
    Raises InvalidInput, NotFound.
    """
    values = _room_values(name if name is not None else "-", kind)
    if name is None:
        del values["name"]
    with transaction() as session:
        found = lock_own(session, Room, practice_id, public_id=room_public_id)
        if found.kind.casefold() != values["kind"].casefold():
            asking = _in_rooms_of(session, practice_id, values["kind"])
            note_possible(session, practice_id, list_givers(session, asking), now=now)
        change_row(session, practice_id, found, values, _named_room, by, now=now)
        return found


def end_room(*, practice_id: int, room_public_id: str, by: ActedBy, now: datetime) -> Room:
    """Close a room: nothing new takes place in it, and what is booked there stays. Raises NotFound."""
    with transaction() as session:
        found = lock_own(session, Room, practice_id, public_id=room_public_id)
        end_row(session, practice_id, found, _named_room, by, now=now)
        return found


def reopen_room(*, practice_id: int, room_public_id: str, by: ActedBy, now: datetime) -> Room:
    """Use a room again. Raises InvalidInput while its place is closed, NotFound."""
    with transaction() as session:
        found = lock_own(session, Room, practice_id, public_id=room_public_id)
        if found.location.ended_at is not None:
            raise InvalidInput({"room": IS_CLOSED})
        if reopen_row(session, practice_id, found, _named_room, by, now=now):
            _note_in_person(session, practice_id, now=now)
        return found


def _location_values(facts: LocationFacts, problems: dict[str, str]) -> RowValues:
    """The columns of a place; what cannot be used is noted among the problems."""
    values: RowValues = {
        "name": contact.read_line(
            problems, "name", facts.name, longest=contact.LONGEST_NAME, needed="Please name the place."
        ),
        "address": contact.read_line(
            problems, "address", facts.address, longest=LONGEST_ADDRESS, needed="Please give its address."
        ),
        "jurisdiction": facts.jurisdiction,
        "directions": facts.directions.replace("\0", "").replace("\r\n", "\n").strip(),
    }
    if facts.jurisdiction not in JURISDICTIONS:
        problems["jurisdiction"] = "Please give the two letters of the state, for example CO."
    if len(values["directions"]) > LONGEST_DIRECTIONS:
        problems["directions"] = f"Please use at most {LONGEST_DIRECTIONS:,} characters."
    values["timezone"] = contact.read_field(problems, "timezone", lambda name: walltime.zone(name).key, facts.timezone)
    read_link = clean_web_link if facts.map_url.strip() else lambda _: ""
    values["map_url"] = contact.read_field(problems, "map_url", read_link, facts.map_url)
    return values


def _room_names(given: Sequence[str], problems: dict[str, str]) -> list[str]:
    found = [contact.read_line(problems, "rooms", each, longest=contact.LONGEST_NAME) for each in given]
    if not any(found):
        problems.setdefault("rooms", "Please name at least one room: appointments in person need one.")
    if len(found) > MOST_ROOMS:
        problems["rooms"] = f"A place has at most {MOST_ROOMS} rooms."
    return [each for each in found if each]


def _room_values(name: str, kind: str) -> dict[str, str]:
    """The columns of a room. Raises InvalidInput."""
    problems: dict[str, str] = {}
    values = {
        "name": contact.read_line(problems, "name", name, longest=contact.LONGEST_NAME, needed="Please name the room."),
        "kind": contact.read_line(problems, "kind", kind, longest=LONGEST_KIND),
    }
    if problems:
        raise InvalidInput(problems)
    return values


def _new_room(practice_id: int, name: str, *, kind: str = "") -> Room:
    resource = Resource(practice_id=practice_id, kind=ResourceKind.ROOM)
    return Room(practice_id=practice_id, name=name, kind=kind, resource=resource)


def _note_in_person(session: Session, practice_id: int, *, now: datetime) -> None:
    """A room more may open time for whoever meets people in person."""
    services = session.scalars(select(Service).where(Service.practice_id == practice_id, Service.ended_at.is_(None)))
    ids = [each.id for each in services if Mode.IN_PERSON in each.modes]
    note_possible(session, practice_id, list_givers(session, ids), now=now)


def _in_rooms_of(session: Session, practice_id: int, kind: str) -> Sequence[int]:
    """The ids of the services that ask for this kind of room."""
    asking = select(Service).where(Service.practice_id == practice_id, Service.room_kind.is_not(None))
    return [each.id for each in session.scalars(asking) if (each.room_kind or "").casefold() == kind.casefold()]


def _named(location: Location) -> Setting:
    return Setting(AuditSubject.LOCATION, location.public_id, location.name)


def _named_room(room: Room) -> Setting:
    return Setting(AuditSubject.ROOM, room.public_id, f"{room.name}, {room.location.name}")
