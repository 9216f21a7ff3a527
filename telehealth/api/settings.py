"""What holds for the whole practice: how long things wait, and its rooms."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff, take_practice
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, OneLine, Schema
from telehealth.api.shapes import NamedSchema, named
from telehealth.domain import access
from telehealth.domain.words import Role
from telehealth.models import Practice, Room
from telehealth.queries import practices
from telehealth.services import offers
from telehealth.services import practices as setting_up
from telehealth.services.offers import LONGEST_KIND
from telehealth.services.practices import LIMITS, Pace

blueprint = Blueprint("Settings", "What holds for the whole practice. Staff read it, owners change it.")
blueprint.url_value_preprocessor(take_practice)


def _number(name: str, description: str) -> fields.Integer:
    least, most, sentence = LIMITS[name]
    return fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(least, most, error=sentence),
        metadata={"description": description},
    )


class PaceSchema(Body):
    """How long things wait, in minutes, and how many weeks ahead standing slots become appointments."""

    grace_minutes = _number("grace_minutes", "Nothing is said for so long after a change: move-and-undo tells nobody.")
    hold_minutes = _number("hold_minutes", "A chosen slot is kept for so long while somebody types.")
    offer_minutes = _number("offer_minutes", "A slot is kept for so long for somebody from the waitlist.")
    quiet_minutes = _number("quiet_minutes", "A freed time rests for so long before it is offered.")
    series_weeks = _number("series_weeks", "So far ahead the appointments of standing slots are made.")


PACE_EXAMPLE = {"grace_minutes": 3, "hold_minutes": 10, "offer_minutes": 120, "quiet_minutes": 5, "series_weeks": 10}


class RoomSchema(NamedSchema):
    """A room."""

    kind = fields.String(required=True, metadata={"description": "In the practice's own words; may be empty."})
    location = fields.Nested(NamedSchema, required=True)


class RoomsSchema(Schema):
    """Rooms by location."""

    rooms = fields.List(fields.Nested(RoomSchema), required=True)


class RoomKindSchema(Body):
    """What kind of room it is."""

    kind = OneLine(required=True, longest=LONGEST_KIND, metadata={"example": "playroom"})


@blueprint.route("/practices/<key:practice>/pace")
@access.staff()
class PaceView(MethodView):
    """How long things wait."""

    @operation("getPace")
    @blueprint.response(200, PaceSchema, example=PACE_EXAMPLE)
    def get(self) -> Practice:
        """Read how long things wait"""
        return practices.by_slug(staff().practice_slug)


@blueprint.route("/practices/<key:practice>/pace")
@access.staff(Role.OWNER)
class ChangePaceView(MethodView):
    """Other waits."""

    @operation("changePace")
    @blueprint.arguments(PaceSchema, example=PACE_EXAMPLE)
    @blueprint.response(200, PaceSchema, example=PACE_EXAMPLE)
    def put(self, body: dict[str, Any]) -> dict[str, Any]:
        """Change how long things wait"""
        setting_up.set_pace(practice_id=staff().practice_id, pace=Pace(**body))
        return body


@blueprint.route("/practices/<key:practice>/rooms")
@access.staff()
class RoomsView(MethodView):
    """Rooms."""

    @operation("listRooms")
    @blueprint.response(200, RoomsSchema)
    def get(self) -> dict[str, Any]:
        """List rooms"""
        places = practices.locations(staff().practice_id)
        return {"rooms": [_room(room) for place in places for room in place.rooms]}


@blueprint.route("/practices/<key:practice>/rooms/<key:room>")
@access.staff(Role.OWNER)
class RoomView(MethodView):
    """A room."""

    @operation("changeRoom")
    @blueprint.arguments(RoomKindSchema)
    @blueprint.response(200, RoomSchema)
    def put(self, body: dict[str, Any], room: str) -> dict[str, Any]:
        """Say what kind of room it is

        A service may ask for a kind; empty: a room like any other.
        """
        changed = offers.change_room(practice_id=staff().practice_id, room=room, kind=body["kind"], now=clock.now())
        return _room(changed)


def _room(room: Room) -> dict[str, Any]:
    return {**named(room), "kind": room.kind, "location": named(room.location)}
