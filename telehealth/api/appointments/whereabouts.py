"""Where the clients of video appointments said they are, and what their therapist decides who has no licence there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import fields

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments.shapes import NamedSchema
from telehealth.api.appointments.staff_shapes import find_appointment_for_staff, reason_field
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Body, Instant, Schema, key, word
from telehealth.domain import access
from telehealth.domain.video.whereabouts import LicenceDecision
from telehealth.late import Library
from telehealth.queries.practice.staff import login_names

if TYPE_CHECKING:
    from telehealth.queries.video import whereabouts as answers
    from telehealth.queries.video.whereabouts import SaidWhere
    from telehealth.services.video import whereabouts as keeping
else:
    answers = Library("telehealth.queries.video.whereabouts")
    keeping = Library("telehealth.services.video.whereabouts")

WHEREABOUTS = "/practices/<key:practice>/appointments/<key:appointment>/whereabouts"
DECISION_EXAMPLE = {
    "whereabouts": "7b1ce6a8-22c5-4d3a-9a1f-0c2b4d5e6f70",
    "decision": "next_steps",
}

blueprint = Blueprint("Whereabouts", "Where clients are during video appointments. They are asked before each one.")


class WhereaboutsSchema(Schema):
    """The latest answer of one client about the appointment."""

    id = fields.String(attribute="said.public_id")
    client = fields.Nested(NamedSchema, attribute="said.attendee.client")
    jurisdiction = fields.String(
        allow_none=True, attribute="said.jurisdiction", metadata={"description": "Null: outside the United States."}
    )
    place = fields.String(attribute="said.place")
    phone = fields.String(attribute="said.phone", metadata={"description": "To call them back at, in E.164."})
    cannot_speak = fields.Boolean(
        attribute="said.cannot_speak", metadata={"description": "Somebody is with them: they cannot speak freely."}
    )
    said = Instant(attribute="said.said_at")
    unlicensed = fields.List(
        fields.String(), metadata={"description": "Names of therapists of the appointment without a licence there."}
    )
    decision = word(
        LicenceDecision,
        allow_none=True,
        attribute="said.decision",
        metadata={"description": "`reason`: they go on, and say why; `next_steps`: they talk about those only."},
    )
    decision_reason = fields.String(attribute="said.decision_reason")
    decided_by = fields.String(allow_none=True)
    decided = Instant(allow_none=True, attribute="said.decided_at")


class AllWhereaboutsSchema(Schema):
    """Of everybody who answered."""

    whereabouts = fields.List(fields.Nested(WhereaboutsSchema))


class DecisionSchema(Body):
    """What follows from where a client is."""

    whereabouts = key(required=True, metadata={"description": "The id of the answer that it is about."})
    decision = word(LicenceDecision, required=True, metadata={"description": "`reason` needs a `reason`."})
    reason = reason_field()


@blueprint.get(WHEREABOUTS)
@access.staff()
@operation("listWhereabouts")
@blueprint.response(200, AllWhereaboutsSchema)
def get_whereabouts(appointment: str) -> Any:
    """Where the clients of an appointment are

    As each said last, before they went into its video room.
    """
    return _listed(appointment)


@blueprint.post(f"{WHEREABOUTS}/decision")
@access.staff()
@operation("decideAboutLicence")
@blueprint.arguments(DecisionSchema, example=DECISION_EXAMPLE)
@blueprint.response(200, AllWhereaboutsSchema)
def post_decision(body: dict[str, Any], appointment: str) -> Any:
    """Decide what follows where a therapist has no licence

    Only a therapist of the appointment decides. It is kept with their name and the time, and changes nothing else.
    """
    found = find_appointment_for_staff(appointment)
    keeping.decide_about_licence(
        practice_id=found.practice_id,
        appointment_id=found.id,
        whereabouts_public_id=body["whereabouts"],
        decision=body["decision"],
        reason=body["reason"],
        by=by_staff(),
        now=clock.now(),
    )
    return _listed(appointment)


def _listed(appointment: str) -> dict[str, list[Beside]]:
    said = answers.list_said(find_appointment_for_staff(appointment))
    ids = {each.said.decided_by_id for each in said if each.said.decided_by_id is not None}
    names = login_names(staff().practice_id, ids) if ids else {}
    return {"whereabouts": [_shown(each, names) for each in said]}


def _shown(each: SaidWhere, names: Mapping[int, str]) -> Beside:
    return Beside(each, decided_by=names.get(each.said.decided_by_id or 0))
