"""Who can be booked: owners take somebody out of booking, and let them back in."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Body, DayField, Instant, Schema
from telehealth.domain import access, walltime
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Role
from telehealth.models import Therapist
from telehealth.queries.practice.ahead import find_first_day_after, list_booked_from, list_series_from
from telehealth.queries.practice.practices import find_therapist
from telehealth.services.practice.leaving import set_leaving, take_leaving_back
from telehealth.services.practice.therapists import end_therapist, reopen_therapist

THERAPIST = "/practices/<key:practice>/therapists/<key:therapist>"

blueprint = Blueprint("Therapists", "Who can be booked.")


class TherapistStateSchema(Schema):
    """Whether a therapist is offered to clients."""

    id = fields.String(attribute="public_id")
    name = fields.String()
    leaves_on = DayField(
        allow_none=True,
        metadata={"description": "The first date, of their own calendar, on which they are not here any more."},
    )
    ended = Instant(
        allow_none=True,
        attribute="ended_at",
        metadata={"description": "Since when nothing of theirs is offered; null: they can be booked."},
    )


class LeavingSchema(TherapistStateSchema):
    """The same, and what is still booked from then on: hand it over, or cancel it."""

    booked = fields.List(fields.String(), metadata={"description": "Ids of appointments, the next ones first."})
    standing_slots = fields.List(fields.String(), metadata={"description": "Ids of standing slots that go on."})


class LeavesOnSchema(Body):
    """When somebody leaves."""

    leaves_on = DayField(required=True, metadata={"example": "2027-02-01"})


@blueprint.get(f"{THERAPIST}/leaving")
@access.staff(Role.OWNER)
@operation("findLeaving")
@blueprint.response(200, LeavingSchema)
def get_leaving(therapist: str) -> Beside:
    """Find out what lies after a therapist leaves

    From `leaves_on` on, or from today without one.
    """
    return _leaving(find_therapist(staff().practice_id, therapist))


@blueprint.put(f"{THERAPIST}/leaving")
@access.staff(Role.OWNER)
@operation("setLeaving")
@blueprint.arguments(LeavesOnSchema)
@blueprint.response(200, LeavingSchema)
def put_leaving(body: dict[str, Any], therapist: str) -> Beside:
    """Say when a therapist leaves

    From that date on nothing of theirs is offered, booked or promised, and on that day they are taken out of booking.
    What is booked after it stays; `booked` names it, and nobody is told.
    """
    found = set_leaving(
        practice_id=staff().practice_id,
        therapist_public_id=therapist,
        leaves_on=body["leaves_on"],
        by=by_staff(),
        now=clock.now(),
    )
    return _leaving(found)


@blueprint.delete(f"{THERAPIST}/leaving")
@access.staff(Role.OWNER)
@operation("takeLeavingBack", InvalidInput)
@blueprint.response(204)
def delete_leaving(therapist: str) -> None:
    """Let a therapist stay after all

    Before that day; later they can be let back in.
    """
    take_leaving_back(practice_id=staff().practice_id, therapist_public_id=therapist, by=by_staff(), now=clock.now())


def _leaving(found: Therapist) -> Beside:
    now = clock.now()
    day = find_first_day_after(found, now=now)
    booked = list_booked_from(found, max(now, walltime.midnight(day, walltime.zone(found.timezone))))
    return Beside(
        found,
        booked=[each.public_id for each in booked],
        standing_slots=[each.public_id for each in list_series_from(found, day)],
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
