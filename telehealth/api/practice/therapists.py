"""Who can be booked: owners take somebody out of booking, and let them back in."""

from __future__ import annotations

from marshmallow import fields

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Instant, Schema
from telehealth.domain import access
from telehealth.domain.words import Role
from telehealth.models import Therapist
from telehealth.services.practice.therapists import end_therapist, reopen_therapist

THERAPIST = "/practices/<key:practice>/therapists/<key:therapist>"

blueprint = Blueprint("Therapists", "Who can be booked.")


class TherapistStateSchema(Schema):
    """Whether a therapist is offered to clients."""

    id = fields.String(attribute="public_id")
    name = fields.String()
    ended = Instant(
        allow_none=True,
        attribute="ended_at",
        metadata={"description": "Since when nothing of theirs is offered; null: they can be booked."},
    )


@blueprint.post(f"{THERAPIST}/end")
@access.staff(Role.OWNER)
@operation("endTherapist")
@blueprint.response(200, TherapistStateSchema)
def post_therapist_end(therapist: str) -> Therapist:
    """Take a therapist out of booking

    Nothing of theirs is offered or booked any more, and a login that is theirs alone is switched off. What is booked
    stays: hand it over, or cancel it.
    """
    return end_therapist(practice_id=staff().practice_id, therapist_public_id=therapist, by=by_staff(), now=clock.now())


@blueprint.post(f"{THERAPIST}/reopen")
@access.staff(Role.OWNER)
@operation("reopenTherapist")
@blueprint.response(200, TherapistStateSchema)
def post_therapist_reopen(therapist: str) -> Therapist:
    """Let a therapist be booked again

    A login that was switched off works again, with its old password.
    """
    return reopen_therapist(
        practice_id=staff().practice_id, therapist_public_id=therapist, by=by_staff(), now=clock.now()
    )
