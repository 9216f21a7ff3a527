"""Where people meet in person, and its rooms."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments.shapes import NamedSchema
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Body, Instant, OneLine, Schema, Several, Zone, jurisdiction
from telehealth.api.practice.public import LocationSchema
from telehealth.domain import access
from telehealth.domain.contact import LONGEST_NAME
from telehealth.domain.web_links import LONGEST_LINK
from telehealth.domain.words import Role
from telehealth.models import Location, Room
from telehealth.queries.practice.places import count_booked_at, list_all_places
from telehealth.queries.practice.practices import find_location
from telehealth.services.practice.catalogue import LONGEST_KIND
from telehealth.services.practice.places import (
    LONGEST_ADDRESS,
    LONGEST_DIRECTIONS,
    MOST_ROOMS,
    LocationFacts,
    add_location,
    add_room,
    change_location,
    end_location,
    end_room,
    reopen_location,
    reopen_room,
    set_room,
)

blueprint = Blueprint(
    "Places", "Where people meet in person, and the rooms there. Staff read them, owners change them."
)
PLACE, ROOM = "/practices/<key:practice>/locations/<key:location>", "/practices/<key:practice>/rooms/<key:room>"


class RoomSchema(NamedSchema):
    """A room."""

    kind = fields.String(metadata={"description": "In the practice's own words; may be empty."})
    location = fields.Nested(NamedSchema)
    ended = Instant(allow_none=True, attribute="ended_at", metadata={"description": "When it was closed."})


class RoomsSchema(Schema):
    """Rooms by location."""

    rooms = fields.List(fields.Nested(RoomSchema))


class RoomFactsSchema(Body):
    """What a room is called, and what kind of room it is."""

    name = OneLine(
        load_default=None,
        allow_none=True,
        longest=LONGEST_NAME,
        metadata={"description": "Left out, it stays as it is.", "example": "Room 2"},
    )
    kind = OneLine(required=True, longest=LONGEST_KIND, metadata={"example": "playroom"})


class NewRoomSchema(Body):
    """One more room."""

    name = OneLine(required=True, longest=LONGEST_NAME, metadata={"example": "Room 2"})
    kind = OneLine(load_default="", longest=LONGEST_KIND, metadata={"example": "playroom"})


class LocationFactsSchema(Body):
    """Where a place is, and how it is found."""

    name = OneLine(required=True, longest=LONGEST_NAME)
    address = OneLine(required=True, longest=LONGEST_ADDRESS)
    jurisdiction = jurisdiction(required=True, metadata={"description": "The state it stands in."})
    timezone = Zone(required=True, metadata={"description": "Times in person are always said in it."})
    directions = fields.String(load_default="", validate=validate.Length(max=LONGEST_DIRECTIONS))
    map_url = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_LINK),
        metadata={"description": "An address on the web that shows where it is; may be empty."},
    )


PLACE_EXAMPLE = {
    "name": "Main Street office",
    "address": "1 Main Street, Denver, CO 80202",
    "jurisdiction": "CO",
    "timezone": "America/Denver",
    "directions": "Ring the upper bell.",
    "map_url": "https://www.openstreetmap.org/?mlat=39.74&mlon=-104.98",
}


class NewLocationSchema(LocationFactsSchema):
    """A place with its rooms."""

    rooms = Several(
        OneLine(longest=LONGEST_NAME),
        required=True,
        validate=validate.Length(min=1, max=MOST_ROOMS),
        metadata={"description": "Their names. Every appointment in person takes one."},
    )


class LocationWithRoomsSchema(LocationSchema):
    """A place, with its rooms and how much is booked there."""

    rooms = fields.List(fields.Nested(RoomSchema))
    booked_ahead = fields.Integer(metadata={"description": "Appointments that are still to take place there."})
    ended = Instant(allow_none=True, attribute="ended_at", metadata={"description": "When it was closed."})


class LocationsWithRoomsSchema(Schema):
    """Places, the open ones first."""

    places = fields.List(fields.Nested(LocationWithRoomsSchema))


@blueprint.get("/practices/<key:practice>/places")
@access.staff()
@operation("listPlaces")
@blueprint.response(200, LocationsWithRoomsSchema)
def get_places() -> dict[str, Any]:
    """List places, also those that are closed"""
    practice_id = staff().practice_id
    booked = count_booked_at(practice_id, now=clock.now())
    return {"places": [Beside(each, booked_ahead=booked.get(each.id, 0)) for each in list_all_places(practice_id)]}


@blueprint.post("/practices/<key:practice>/locations")
@access.staff(Role.OWNER)
@operation("addLocation")
@blueprint.arguments(NewLocationSchema, example={**PLACE_EXAMPLE, "rooms": ["Room 1", "Room 2"]})
@blueprint.response(201, LocationWithRoomsSchema)
def post_location(body: dict[str, Any]) -> Beside:
    """Add a place

    Hours of therapists have to name it before anything is offered there.
    """
    facts = LocationFacts(**body)
    return _place(add_location(practice_id=staff().practice_id, facts=facts, by=by_staff(), now=clock.now()))


@blueprint.put(PLACE)
@access.staff(Role.OWNER)
@operation("changeLocation")
@blueprint.arguments(LocationFactsSchema, example=PLACE_EXAMPLE)
@blueprint.response(200, LocationWithRoomsSchema)
def put_location(body: dict[str, Any], location: str) -> Beside:
    """Say otherwise where a place is

    What is booked there stays when it is; the next messages give the new address.
    """
    return _place(
        change_location(
            practice_id=staff().practice_id,
            location_public_id=location,
            facts=LocationFacts(**body),
            by=by_staff(),
            now=clock.now(),
        )
    )


@blueprint.post(f"{PLACE}/end")
@access.staff(Role.OWNER)
@operation("endLocation")
@blueprint.response(200, LocationWithRoomsSchema)
def post_location_end(location: str) -> Beside:
    """Close a place

    Its rooms are closed with it, and nothing is offered there. What is booked stays; `booked_ahead` says how much.
    """
    given: dict[str, Any] = {"practice_id": staff().practice_id, "location_public_id": location}
    return _place(end_location(**given, by=by_staff(), now=clock.now()))


@blueprint.post(f"{PLACE}/reopen")
@access.staff(Role.OWNER)
@operation("reopenLocation")
@blueprint.response(200, LocationWithRoomsSchema)
def post_location_reopen(location: str) -> Beside:
    """Meet there again"""
    given: dict[str, Any] = {"practice_id": staff().practice_id, "location_public_id": location}
    return _place(reopen_location(**given, by=by_staff(), now=clock.now()))


@blueprint.get("/practices/<key:practice>/rooms")
@access.staff()
@operation("listRooms")
@blueprint.response(200, RoomsSchema)
def get_rooms() -> dict[str, Any]:
    """List rooms

    Also those that are closed.
    """
    return {"rooms": [room for place in list_all_places(staff().practice_id) for room in place.rooms]}


@blueprint.post(f"{PLACE}/rooms")
@access.staff(Role.OWNER)
@operation("addRoom")
@blueprint.arguments(NewRoomSchema)
@blueprint.response(201, RoomSchema)
def post_room(body: dict[str, Any], location: str) -> Room:
    """Add a room"""
    given: dict[str, Any] = {"practice_id": staff().practice_id, "location_public_id": location}
    return add_room(**given, **body, by=by_staff(), now=clock.now())


@blueprint.put(ROOM)
@access.staff(Role.OWNER)
@operation("changeRoom")
@blueprint.arguments(RoomFactsSchema)
@blueprint.response(200, RoomSchema)
def put_room(body: dict[str, Any], room: str) -> Room:
    """Say what a room is called, and what kind of room it is

    A service may ask for a kind; empty: a room like any other.
    """
    return set_room(practice_id=staff().practice_id, room_public_id=room, **body, by=by_staff(), now=clock.now())


@blueprint.post(f"{ROOM}/end")
@access.staff(Role.OWNER)
@operation("endRoom")
@blueprint.response(200, RoomSchema)
def post_room_end(room: str) -> Room:
    """Close a room

    What is booked in it stays.
    """
    return end_room(practice_id=staff().practice_id, room_public_id=room, by=by_staff(), now=clock.now())


@blueprint.post(f"{ROOM}/reopen")
@access.staff(Role.OWNER)
@operation("reopenRoom")
@blueprint.response(200, RoomSchema)
def post_room_reopen(room: str) -> Room:
    """Use a room again"""
    return reopen_room(practice_id=staff().practice_id, room_public_id=room, by=by_staff(), now=clock.now())


def _place(found: Location) -> Beside:
    """A place after a change, as anybody would read it then."""
    place = find_location(found.practice_id, found.public_id)
    return Beside(place, booked_ahead=count_booked_at(place.practice_id, now=clock.now()).get(place.id, 0))
