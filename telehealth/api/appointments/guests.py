"""Who is invited to a video appointment besides its clients: an interpreter, somebody from a school, a caseworker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from telehealth import clock
from telehealth.api.acting import by_staff
from telehealth.api.appointments.shapes import addresses
from telehealth.api.appointments.staff_shapes import find_appointment_for_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Body, Instant, Schema, word
from telehealth.domain import access
from telehealth.domain.languages import ENGLISH
from telehealth.domain.video.calls import GuestKind
from telehealth.late import Library
from telehealth.models import Appointment

if TYPE_CHECKING:
    from telehealth.domain.video import guests as invitations
    from telehealth.queries.video import guests as invited
    from telehealth.services.video import inviting
else:
    invitations = Library("telehealth.domain.video.guests")
    invited = Library("telehealth.queries.video.guests")
    inviting = Library("telehealth.services.video.inviting")

GUESTS = "/practices/<key:practice>/appointments/<key:appointment>/guests"
GUEST_EXAMPLE = {"name": "Ana Gómez", "kind": "interpreter", "locale": "es"}

blueprint = Blueprint(
    "Guests", "Whoever is invited to one video appointment by a link of their own, and waits there until let in."
)


class GuestSchema(Schema):
    """Somebody who is invited."""

    id = fields.String(attribute="public_id")
    name = fields.String(metadata={"description": "Everybody in the room reads it."})
    kind = word(GuestKind)
    locale = fields.String(metadata={"description": "The language they read."})
    invited = Instant(attribute="created_at")
    link = fields.String(metadata={"description": "For them alone. It follows the appointment, and ends with it."})


class GuestsSchema(Schema):
    """Everybody who is invited now."""

    guests = fields.List(fields.Nested(GuestSchema))


class NewGuestSchema(Body):
    """Whom to invite."""

    name = fields.String(required=True)
    kind = word(GuestKind, required=True)
    locale = fields.String(load_default=ENGLISH, metadata={"description": "The language they read."})


@blueprint.get(GUESTS)
@access.staff()
@operation("listGuests")
@blueprint.response(200, GuestsSchema)
def get_guests(appointment: str) -> Any:
    """Who is invited to a video appointment"""
    return _list_guests(find_appointment_for_staff(appointment))


@blueprint.post(GUESTS)
@access.staff()
@operation("inviteGuest")
@blueprint.arguments(NewGuestSchema, example=GUEST_EXAMPLE)
@blueprint.response(201, GuestsSchema)
def post_guest(body: dict[str, Any], appointment: str) -> Any:
    """Invite somebody to a video appointment

    Nobody is written to by this: give them the `link`. The client's page of the appointment says who was invited.
    """
    found = find_appointment_for_staff(appointment)
    facts = invitations.GuestFacts(body["name"], body["kind"], locale=body["locale"])
    inviting.invite_guest(
        practice_id=found.practice_id, appointment_id=found.id, facts=facts, by=by_staff(), now=clock.now()
    )
    return _list_guests(found)


@blueprint.delete(f"{GUESTS}/<key:guest>")
@access.staff()
@operation("endGuest")
@blueprint.response(204)
def delete_guest(appointment: str, guest: str) -> None:
    """End an invitation: the link opens nothing, and they are out of the room"""
    found = find_appointment_for_staff(appointment)
    inviting.end_guest(
        practice_id=found.practice_id, appointment_id=found.id, guest_public_id=guest, by=by_staff(), now=clock.now()
    )


def _list_guests(found: Appointment) -> dict[str, list[Beside]]:
    return {"guests": [Beside(each, link=addresses().guest(each)) for each in invited.list_invited(found)]}
