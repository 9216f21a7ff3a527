"""Where people meet by video: what is chosen, for whom, and the video services elsewhere that a practice uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import current_app
from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import find_therapist_for_staff, staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments.staff_shapes import find_appointment_for_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, OneLine, Schema, bounded, word
from telehealth.domain import access
from telehealth.domain.appointments.joining import LIMITS as ROOM_LIMITS
from telehealth.domain.errors import VideoOff
from telehealth.domain.words import Role, VideoKind
from telehealth.late import Library
from telehealth.models import Practice, VideoConnection
from telehealth.queries.practice.practices import find_practice, find_service
from telehealth.services.practice.practice_settings import RoomRules, set_room_rules

if TYPE_CHECKING:
    from telehealth.queries.video import kinds
    from telehealth.services.video import choosing, connecting
else:
    kinds = Library("telehealth.queries.video.kinds")
    choosing = Library("telehealth.services.video.choosing")
    connecting = Library("telehealth.services.video.connecting")

blueprint = Blueprint(
    "Video",
    "Where people meet by video. What is said closest to an appointment counts: for itself, its service, its "
    "therapist, the practice. The link in messages stays the same.",
)
ALL = "/practices/<key:practice>/video"
THERAPIST = "/practices/<key:practice>/therapists/<key:therapist>/video"
SERVICE = "/practices/<key:practice>/services/<key:service>/video"
APPOINTMENT = "/practices/<key:practice>/appointments/<key:appointment>/video"
LONGEST = 300
LONGEST_SECRET = 8000
EXAMPLE = {"kind": "built_in"}


class VideoChoiceSchema(Body):
    """Where people meet."""

    kind = word(VideoKind, required=True, allow_none=True, metadata={"description": "Null: as usual."})


class ChosenVideoSchema(VideoChoiceSchema):
    """The same, and where that leads."""

    meets = word(VideoKind, dump_only=True, metadata={"description": "Where an appointment meets as things are now."})


class VideoConnectionSchema(Schema):
    """A video service elsewhere, without its secret."""

    kind = word(VideoKind)
    address = fields.String()
    settings = fields.Dict(keys=fields.String(), values=fields.String())
    has_secret = fields.Function(lambda each: each.secret is not None, metadata={"type": "boolean"})


class VideoSchema(VideoChoiceSchema):
    """What a practice has chosen, and what it has connected."""

    connections = fields.List(fields.Nested(VideoConnectionSchema))


class NewVideoConnectionSchema(Body):
    """What is said about a video service elsewhere. A secret that is left out stays as it is."""

    kind = word(VideoKind, required=True)
    address = OneLine(load_default="", longest=LONGEST)
    app_id = OneLine(load_default="", longest=LONGEST)
    key_id = OneLine(load_default="", longest=LONGEST, metadata={"description": "For JaaS."})
    audience = OneLine(load_default="", longest=LONGEST)
    app_secret = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_SECRET),
        metadata={"description": "Of Jitsi. Never given out again."},
    )
    account_id = OneLine(load_default="", longest=LONGEST, metadata={"description": "Of Zoom."})
    client_id = OneLine(load_default="", longest=LONGEST, metadata={"description": "Of Zoom."})
    client_secret = OneLine(
        load_default="", longest=LONGEST, metadata={"description": "Of Zoom. Never given out again."}
    )
    host = OneLine(
        load_default="",
        longest=LONGEST,
        metadata={"description": "Of Zoom: whose meetings they are. Empty: each therapist's."},
    )
    api_key = OneLine(load_default="", longest=LONGEST, metadata={"description": "Of Daily. Never given out again."})


class ConnectedKindSchema(Body):
    """Which one."""

    kind = word(VideoKind, required=True)


class RoomRulesSchema(Body):
    """When virtual rooms can be entered, also those of what is booked. A call that goes on in ours keeps it open."""

    room_opens_minutes = bounded(ROOM_LIMITS["room_opens_minutes"], "So long before the start.")
    room_stays_minutes = bounded(ROOM_LIMITS["room_stays_minutes"], "So long after the end.")


ROOM_RULES_EXAMPLE = {"room_opens_minutes": 15, "room_stays_minutes": 30}


def _acting() -> dict[str, Any]:
    return {"house": current_app.extensions["house_video"], "by": by_staff(), "now": clock.now()}


def _told() -> dict[str, Any]:
    found = find_practice(staff().practice_slug)
    return {"kind": found.video_kind, "connections": kinds.list_video_connections(found.id)}


@blueprint.get(ALL)
@access.staff(Role.OWNER)
@operation("getVideo")
@blueprint.response(200, VideoSchema)
def get_video() -> dict[str, Any]:
    """Read where the practice meets, and what it has connected"""
    return _told()


@blueprint.put(ALL)
@access.staff(Role.OWNER)
@operation("chooseVideo")
@blueprint.arguments(VideoChoiceSchema, example=EXAMPLE)
@blueprint.response(200, VideoSchema)
def put_video(body: dict[str, Any]) -> dict[str, Any]:
    """Choose where the practice meets

    What is not connected yet is refused.
    """
    choosing.choose_video_of_practice(practice_id=staff().practice_id, kind=body["kind"], **_acting())
    return _told()


@blueprint.put(f"{ALL}/connections")
@access.staff(Role.OWNER)
@operation("connectVideo", VideoOff)
@blueprint.arguments(
    NewVideoConnectionSchema, example={"kind": "jitsi", "address": "https://meet.your-practice.example"}
)
@blueprint.response(200, VideoConnectionSchema)
def put_connection(body: dict[str, Any]) -> VideoConnection:
    """Connect a video service elsewhere, or change how it is used

    One of each kind. Our own room needs none.
    """
    kind = body.pop("kind")
    return connecting.connect_video(
        practice_id=staff().practice_id,
        kind=kind,
        typed=body,
        ring=current_app.extensions["key_ring"],
        by=by_staff(),
        now=clock.now(),
    )


@blueprint.post(f"{ALL}/connections/end")
@access.staff(Role.OWNER)
@operation("endVideoConnection")
@blueprint.arguments(ConnectedKindSchema, example={"kind": "jitsi"})
@blueprint.response(200, VideoSchema)
def post_connection_end(body: dict[str, Any]) -> dict[str, Any]:
    """Use a video service elsewhere no more, and forget its secret"""
    connecting.end_video(practice_id=staff().practice_id, kind=body["kind"], by=by_staff(), now=clock.now())
    return _told()


@blueprint.get("/practices/<key:practice>/room-rules")
@access.staff()
@operation("getRoomRules")
@blueprint.response(200, RoomRulesSchema, example=ROOM_RULES_EXAMPLE)
def get_room_rules() -> Practice:
    """Read when virtual rooms can be entered"""
    return find_practice(staff().practice_slug)


@blueprint.put("/practices/<key:practice>/room-rules")
@access.staff(Role.OWNER)
@operation("changeRoomRules")
@blueprint.arguments(RoomRulesSchema, example=ROOM_RULES_EXAMPLE)
@blueprint.response(200, RoomRulesSchema, example=ROOM_RULES_EXAMPLE)
def put_room_rules(body: dict[str, Any]) -> dict[str, Any]:
    """Change when virtual rooms can be entered"""
    set_room_rules(practice_id=staff().practice_id, rules=RoomRules(**body), by=by_staff(), now=clock.now())
    return body


@blueprint.put(THERAPIST)
@access.staff(Role.OWNER, Role.THERAPIST)
@operation("chooseVideoOfTherapist")
@blueprint.arguments(VideoChoiceSchema, example=EXAMPLE)
@blueprint.response(200, VideoChoiceSchema, example=EXAMPLE)
def put_video_of_therapist(body: dict[str, Any], therapist: str) -> dict[str, Any]:
    """Choose where a therapist meets"""
    found = find_therapist_for_staff(therapist)
    kept = choosing.choose_video_of_therapist(
        practice_id=found.practice_id, therapist_public_id=found.public_id, kind=body["kind"], **_acting()
    )
    return {"kind": kept.video_kind}


@blueprint.put(SERVICE)
@access.staff(Role.OWNER)
@operation("chooseVideoOfService")
@blueprint.arguments(VideoChoiceSchema, example=EXAMPLE)
@blueprint.response(200, VideoChoiceSchema, example=EXAMPLE)
def put_video_of_service(body: dict[str, Any], service: str) -> dict[str, Any]:
    """Choose where people meet for a service

    Our own room carries six people: a larger group needs another one.
    """
    found = find_service(staff().practice_id, service)
    kept = choosing.choose_video_of_service(
        practice_id=found.practice_id, service_public_id=found.public_id, kind=body["kind"], **_acting()
    )
    return {"kind": kept.video_kind}


@blueprint.get(APPOINTMENT)
@access.staff()
@operation("getVideoOfAppointment")
@blueprint.response(200, ChosenVideoSchema)
def get_video_of_appointment(appointment: str) -> dict[str, Any]:
    """Read where an appointment meets"""
    found = find_appointment_for_staff(appointment)
    return {"kind": found.video_kind, "meets": kinds.decide_now(found, current_app.extensions["house_video"])[0]}


@blueprint.put(APPOINTMENT)
@access.staff()
@operation("chooseVideoOfAppointment")
@blueprint.arguments(VideoChoiceSchema, example=EXAMPLE)
@blueprint.response(200, ChosenVideoSchema)
def put_video_of_appointment(body: dict[str, Any], appointment: str) -> dict[str, Any]:
    """Choose where an appointment meets

    Also while it goes on: whoever enters next, by the link they have, comes there. Nobody is told by this.
    """
    found = find_appointment_for_staff(appointment)
    choosing.choose_video_of_appointment(
        practice_id=found.practice_id, appointment_id=found.id, kind=body["kind"], **_acting()
    )
    return get_video_of_appointment(appointment)
