"""A therapist cannot come: who of the others takes which appointment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments.obstacles import ObstacleSchema, obstacles
from telehealth.api.appointments.shapes import NamedSchema
from telehealth.api.appointments.staff_shapes import StaffAppointmentSchema, find_appointment_for_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Instant, Query, Schema, Several, key, read_period, word
from telehealth.domain import access
from telehealth.domain.words import Role
from telehealth.queries.appointments.reassignments import ReassignmentProposal, propose_colleagues
from telehealth.queries.practice.practices import find_therapist
from telehealth.services.appointments.reassigning import ReassignmentOutcome, ReassignmentResult, reassign_appointments

LONGEST = timedelta(days=62)
MOST_APPOINTMENTS = 500

blueprint = Blueprint("Reassignments", "A therapist cannot come: who of the others takes which appointment.")


class PeriodQuery(Query):
    """When the therapist cannot come."""

    since = Instant(required=True, metadata={"description": "Starts from this instant on."})
    until = Instant(required=True, metadata={"description": "Starts before this instant, at most 62 days later."})


class ColleagueSchema(Schema):
    """Somebody who can take it."""

    id = fields.String(attribute="therapist.public_id")
    name = fields.String(attribute="therapist.name")
    knows = fields.Boolean(metadata={"description": "They have met one of its clients before."})


class HinderedSchema(Schema):
    """Somebody who gives the service and cannot take this appointment."""

    therapist = fields.Nested(NamedSchema)
    obstacles = fields.List(fields.Nested(ObstacleSchema))


class ProposalSchema(Schema):
    """One appointment and who could take it."""

    appointment = fields.Nested(StaffAppointmentSchema)
    colleagues = fields.List(fields.Nested(ColleagueSchema), metadata={"description": "Best first."})
    others = fields.List(fields.Nested(HinderedSchema))


class ProposalsSchema(Schema):
    """Every appointment that is still ahead, in order."""

    proposals = fields.List(fields.Nested(ProposalSchema))


class HandOverSchema(Body):
    """Who takes it."""

    appointment = key(required=True)
    therapist = key(required=True)


class ReassignSchema(Body):
    """What is to be done with each appointment; what is not named stays as it is."""

    moves = Several(fields.Nested(HandOverSchema), load_default=list, validate=validate.Length(max=MOST_APPOINTMENTS))
    asks = Several(
        key(),
        load_default=list,
        validate=validate.Length(max=MOST_APPOINTMENTS),
        metadata={"description": "Ids of appointments whose clients are asked to choose another time."},
    )
    cancellations = Several(
        key(),
        load_default=list,
        validate=validate.Length(max=MOST_APPOINTMENTS),
        metadata={"description": "Ids of appointments."},
    )


REASSIGN_EXAMPLE = {
    "moves": [
        {
            "appointment": "6f3c64b8-0a55-4c7c-8a44-6e0a7c0a6d0e",
            "therapist": "6e1c9d0a-7b52-4a52-8a9c-5d9be1f8c4d2",
        }
    ],
    "asks": ["0b8f0c67-2d5b-4c0e-9a64-2f3f7a9d1c52"],
    "cancellations": [],
}


class ResultSchema(Schema):
    """What became of one appointment."""

    appointment = fields.String()
    outcome = word(ReassignmentOutcome)
    why = fields.String(metadata={"description": "When it was refused; then nothing was changed."})


class ResultsSchema(Schema):
    """One result an appointment."""

    results = fields.List(fields.Nested(ResultSchema))


@blueprint.get("/practices/<key:practice>/therapists/<key:therapist>/reassignments")
@access.staff(Role.OWNER, Role.FRONT_DESK)
@operation("proposeReassignments")
@blueprint.arguments(PeriodQuery, location="query")
@blueprint.response(200, ProposalsSchema)
def get_reassignments(query: dict[str, Any], therapist: str) -> dict[str, Any]:
    """Ask who could take a therapist's appointments

    Colleagues who give the service, are licensed where care happens and are free; those who know the client come
    first, then who works most alike, then who has least to do.
    """
    away = find_therapist(staff().practice_id, therapist)
    now = clock.now()
    since, until = read_period(query, now=now, usual=LONGEST, longest=LONGEST)
    found = propose_colleagues(away.practice_id, away.id, since, until, now=now)
    return {"proposals": [_proposal(each) for each in found]}


@blueprint.post("/practices/<key:practice>/therapists/<key:therapist>/reassignments")
@access.staff(Role.OWNER, Role.FRONT_DESK)
@operation("reassign")
@blueprint.arguments(ReassignSchema, example=REASSIGN_EXAMPLE)
@blueprint.response(200, ResultsSchema)
def post_reassignments(body: dict[str, Any], therapist: str) -> dict[str, Any]:
    """Give a therapist's appointments to colleagues, ask their clients to choose another time, or cancel them

    Each by itself, so none holds up another, and everybody is told once. What is refused says why. Asked again,
    what was done before is refused and nothing is done twice.
    """
    away = find_therapist(staff().practice_id, therapist)
    moves = {find_appointment_for_staff(each["appointment"]).id: each for each in body["moves"]}
    asks = {find_appointment_for_staff(each).id: each for each in body["asks"]}
    off = {find_appointment_for_staff(each).id: each for each in body["cancellations"]}
    results = reassign_appointments(
        practice_id=away.practice_id,
        away=away.id,
        moves={number: each["therapist"] for number, each in moves.items()},
        asks=list(asks),
        cancellations=list(off),
        by=by_staff(),
        now=clock.now(),
    )
    names = {**off, **asks, **{number: each["appointment"] for number, each in moves.items()}}
    return {"results": [_result(each, names) for each in results]}


def _proposal(proposal: ReassignmentProposal) -> dict[str, Any]:
    return {
        "appointment": proposal.appointment,
        "colleagues": proposal.colleagues,
        "others": [
            {"therapist": therapist, "obstacles": obstacles(found, therapist.name)}
            for therapist, found in proposal.obstacles
        ],
    }


def _result(result: ReassignmentResult, names: Mapping[int, str]) -> dict[str, Any]:
    return {"appointment": names[result.appointment_id], "outcome": result.outcome, "why": result.why}
