"""From when until when clients and therapists met, for programs that bill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments.shapes import NamedSchema
from telehealth.api.appointments.staff_shapes import find_appointment_for_staff, reason_field, seat_in
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Instant, Schema, in_our_names, key, word
from telehealth.domain import access
from telehealth.domain.errors import ImpossibleStatus
from telehealth.domain.video.calls import CallerRole
from telehealth.domain.words import TimeSource
from telehealth.late import Library
from telehealth.queries.appointments.attendance import list_proposed

if TYPE_CHECKING:
    from telehealth.domain.appointments import face_to_face as rules
    from telehealth.queries.appointments import face_to_face as meetings
    from telehealth.services.appointments import face_to_face as saying
    from telehealth.services.appointments import not_coming
else:
    rules = Library("telehealth.domain.appointments.face_to_face")
    meetings = Library("telehealth.queries.appointments.face_to_face")
    not_coming = Library("telehealth.services.appointments.not_coming")
    saying = Library("telehealth.services.appointments.face_to_face")

FACE_TO_FACE = "/practices/<key:practice>/appointments/<key:appointment>/face-to-face"
PUT_AWAY_EXAMPLE = {"attendee": "7b1ce6a8-22c5-4d3a-9a1f-0c2b4d5e6f70"}
MET_EXAMPLE = {"start": "2026-11-24T17:02:00Z", "end": "2026-11-24T17:51:00Z", "reason": "We went on by phone."}

blueprint = Blueprint(
    "Face-to-face time",
    "When clients and therapists met, and who never came. Our own video room counts it; of anything else staff say it.",
)


class StaySchema(Schema):
    """From one instant until another."""

    start = Instant(attribute="began_at")
    end = Instant(attribute="ended_at")


class FaceToFaceSchema(Schema):
    """When somebody and a therapist met first and parted last, and the whole minutes together, without the gaps."""

    start = Instant(attribute="starts_at")
    end = Instant(attribute="ends_at")
    minutes = fields.Integer()
    stretches = fields.List(fields.Nested(StaySchema))
    source = word(TimeSource, metadata={"description": "`room`: our own video room counted it; `staff` said it."})


class MetSeatSchema(Schema):
    """One client of it. Whoever acts for them counts as them."""

    client = fields.Nested(NamedSchema, attribute="seat.client")
    met = fields.Nested(FaceToFaceSchema, allow_none=True, metadata={"description": "Null: nothing is known."})
    counted = fields.Nested(
        FaceToFaceSchema,
        allow_none=True,
        metadata={"description": "What our own room counted, whatever staff say."},
    )


class InsideSchema(Schema):
    """Somebody who was inside our own video room."""

    name = fields.String()
    role = word(CallerRole)
    stays = fields.List(fields.Nested(StaySchema))


class AllMetSchema(Schema):
    """All that is known of one appointment."""

    clients = fields.List(fields.Nested(MetSeatSchema))
    together = fields.Nested(
        FaceToFaceSchema, allow_none=True, metadata={"description": "When anybody of them and a therapist met."}
    )
    inside = fields.List(fields.Nested(InsideSchema))


class SaidMetSchema(Body):
    """When they met; both null: as our own room counted."""

    start = Instant(required=True, allow_none=True)
    end = Instant(required=True, allow_none=True)
    attendee = key(
        load_default=None,
        allow_none=True,
        metadata={"description": "The id of one client of several; without it, everybody who has a seat."},
    )
    reason = reason_field("Needed where our own room counted something else. Kept in the audit.")


class NoShowProposalSchema(Schema):
    """A client who never came to our own video room, where a therapist was. Nobody has marked that."""

    appointment = fields.String(attribute="appointment.public_id", metadata={"description": "The appointment's id."})
    start = Instant(attribute="appointment.starts_at")
    therapist = fields.Nested(NamedSchema, attribute="appointment.therapist")
    client = fields.Nested(NamedSchema)
    proposed = Instant(attribute="absence_proposed_at")


class NoShowProposalsSchema(Schema):
    """The first ones in order, at most 50."""

    proposals = fields.List(fields.Nested(NoShowProposalSchema))


class ProposalPutAwaySchema(Body):
    """Who is not to be marked."""

    attendee = key(required=True, metadata={"description": "The client's id."})


@blueprint.get(FACE_TO_FACE)
@access.staff_and(*access.LOOKING_ON)
@operation("getFaceToFace")
@blueprint.response(200, AllMetSchema)
def get_face_to_face(appointment: str) -> Any:
    """When the clients of an appointment met a therapist

    While somebody is still inside, it is counted up to when they were last heard of.
    """
    return _listed(appointment)


@blueprint.post(FACE_TO_FACE)
@access.staff()
@operation("sayFaceToFace", ImpossibleStatus)
@blueprint.arguments(SaidMetSchema, example=MET_EXAMPLE)
@blueprint.response(200, AllMetSchema)
def post_face_to_face(body: dict[str, Any], appointment: str) -> Any:
    """Say when they met, or put right what was counted

    What was there before stands in the audit of the appointment.
    """
    found = find_appointment_for_staff(appointment)
    with in_our_names({"met_from": "start", "met_until": "end"}):
        saying.say_met(
            practice_id=found.practice_id,
            appointment_id=found.id,
            attendee_id=seat_in(found, body["attendee"]),
            met=rules.read_met(body["start"], body["end"]),
            reason=body["reason"],
            by=by_staff(),
            now=clock.now(),
        )
    return _listed(appointment)


@blueprint.get("/practices/<key:practice>/no-show-proposals")
@access.staff()
@operation("listNoShowProposals")
@blueprint.response(200, NoShowProposalsSchema)
def get_no_show_proposals() -> Any:
    """List who never came and is proposed as a no-show

    `recordStatus` with `noshow` accepts one. Nobody is marked by itself.
    """
    who = staff()
    return {"proposals": list_proposed(who.practice_id, therapist_id=who.only_therapist)}


@blueprint.post("/practices/<key:practice>/appointments/<key:appointment>/no-show-proposal/away")
@access.staff()
@operation("putAwayNoShowProposal")
@blueprint.arguments(ProposalPutAwaySchema, example=PUT_AWAY_EXAMPLE)
@blueprint.response(204)
def post_put_away(body: dict[str, Any], appointment: str) -> None:
    """Put a proposal away: it was otherwise"""
    found = find_appointment_for_staff(appointment)
    seat_id = seat_in(found, body["attendee"])
    seat = next(each for each in found.attendees if each.id == seat_id)
    not_coming.put_away_absence(
        practice_id=found.practice_id, attendee_public_id=seat.public_id, by=by_staff(), now=clock.now()
    )


def _listed(public_id: str) -> dict[str, Any]:
    found = find_appointment_for_staff(public_id)
    met = meetings.find_face_to_face(found)
    return {
        "clients": [
            {"seat": each, "met": met.seats.get(each.id), "counted": met.counted.get(each.id)} for each in found.seats
        ],
        "together": met.together,
        "inside": met.inside,
    }
