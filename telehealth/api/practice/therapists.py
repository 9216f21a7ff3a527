"""Who can be booked: owners add somebody, take them out of booking, and let them back in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Body, DayField, Instant, Schema, Several, Zone, key
from telehealth.domain import access, walltime
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.models import Therapist
from telehealth.queries.practice.ahead import find_first_day_after, list_booked_from, list_series_from
from telehealth.queries.practice.practices import find_therapist
from telehealth.queries.practice.staff import find_person
from telehealth.services.practice.therapists import TherapistFacts, add_therapist, end_therapist, reopen_therapist

if TYPE_CHECKING:
    from telehealth.services.practice import leaving
else:
    leaving = Library("telehealth.services.practice.leaving")

THERAPIST = "/practices/<key:practice>/therapists/<key:therapist>"

blueprint = Blueprint("Therapists", "Who can be booked.")


MOST_SERVICES = 200
EXAMPLE = {"name": "Dana Rivera", "credential": "LCSW", "email": "dana@clinic.example", "timezone": "America/Denver"}


class NewTherapistSchema(Body):
    """Somebody who sees clients."""

    name = fields.String(required=True, metadata={"description": "As clients read it."})
    credential = fields.String(load_default="")
    email = fields.String(required=True, metadata={"description": "For what concerns their appointments."})
    timezone = Zone(required=True, metadata={"description": "IANA name; their hours are meant in it."})
    video_url = fields.String(load_default=None, allow_none=True)
    services = Several(
        key(),
        load_default=list,
        validate=validate.Length(max=MOST_SERVICES),
        metadata={"description": "Ids of those that they give; all of the practice's when empty."},
    )
    person = key(
        load_default=None,
        allow_none=True,
        metadata={"description": "The id of a login that the practice has already, which then gives care as well."},
    )


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


@blueprint.post("/practices/<key:practice>/therapists")
@access.staff(Role.OWNER)
@operation("addTherapist", NotFound)
@blueprint.arguments(NewTherapistSchema, example=EXAMPLE)
@blueprint.response(201, TherapistStateSchema)
def post_therapist(body: dict[str, Any]) -> Therapist:
    """Let somebody see clients

    They can be booked as soon as they have hours and, except in person, a licence. Whoever is to have a login of their
    own is invited (`invitePerson`).
    """
    practice_id, person = staff().practice_id, body.pop("person")
    user = find_person(practice_id, person).user if person is not None else None
    return add_therapist(
        practice_id=practice_id,
        facts=TherapistFacts(**body),
        login=user.id if user is not None else None,
        by=by_staff(),
        now=clock.now(),
    )


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
    found = leaving.set_leaving(
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
    leaving.take_leaving_back(
        practice_id=staff().practice_id, therapist_public_id=therapist, by=by_staff(), now=clock.now()
    )


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
