"""What the practice offers, as owners set it: every rule of a service, and its terms."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments.shapes import PriceSchema, TermsSchema, addresses
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Body, Instant, Schema, Several, YesOrNo, in_our_names, key, word
from telehealth.domain import access
from telehealth.domain.appointments.openness import OpenTo
from telehealth.domain.colours import ServiceColour
from telehealth.domain.errors import InvalidInput
from telehealth.domain.money import parse_price
from telehealth.domain.words import Approval, LateChange, Mode, Role, ServiceKind, WhenOneCancels
from telehealth.models import Service
from telehealth.queries.practice.practices import find_practice, find_service, list_therapists
from telehealth.services.practice.catalogue import (
    LIMITS,
    MOST_LENGTHS,
    ServiceFacts,
    add_service,
    change_service,
    end_service,
    renew_service_link,
    reopen_service,
)
from telehealth.services.practice.policies import (
    LONGEST_TERMS,
    LONGEST_WINDOW,
    NewTerms,
    change_practice_terms,
    change_terms,
    take_practice_terms,
)

LONGEST_DESCRIPTION = 2_000
MOST_THERAPISTS = 500

blueprint = Blueprint("Services", "Every rule of a service. Staff read them, owners change them.")


def _number(name: str, description: str = "", **options: Any) -> fields.Integer:
    least, most, sentence = LIMITS[name]
    return fields.Integer(
        strict=True,
        validate=validate.Range(least, most, error=sentence),
        metadata={"description": description} if description else {},
        **options,
    )


class ServiceSettingsSchema(Body):
    """A service with all its rules: lengths in minutes, the horizon in days."""

    id = fields.String(dump_only=True, attribute="public_id")
    kind = word(ServiceKind, required=True)
    name = fields.String(required=True)
    description = fields.String(load_default="", validate=validate.Length(max=LONGEST_DESCRIPTION))
    modes = Several(word(Mode), required=True, validate=validate.Length(1, len(Mode)))
    duration_minutes = _number("duration_minutes", required=True)
    other_lengths = Several(
        fields.Integer(strict=True),
        load_default=list,
        validate=validate.Length(max=MOST_LENGTHS),
        metadata={
            "description": "Which lengths staff may choose for an appointment besides, in minutes. Whoever books "
            "online gets the usual one."
        },
    )
    step_minutes = _number("step_minutes", "The distance between the starts that are offered.", load_default=15)
    buffer_before_minutes = _number("buffer_before_minutes", load_default=0)
    buffer_after_minutes = _number("buffer_after_minutes", load_default=10)
    notice_minutes = _number("notice_minutes", "The shortest time before a start.", load_default=12 * 60)
    horizon_days = _number("horizon_days", "How far ahead it can be booked.", load_default=60)
    position = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(0, 10_000),
        metadata={"description": "Its place in the list."},
    )
    capacity = _number("capacity", "How many clients one appointment takes.", load_default=1)
    opened_by_staff = YesOrNo(
        load_default=False, metadata={"description": "Of a group: only where staff have set one up."}
    )
    when_one_cancels = word(
        WhenOneCancels,
        load_default=WhenOneCancels.ALL_OFF,
        metadata={"description": "What becomes of a couple's or family's appointment."},
    )
    load_percent = _number("load_percent", "How much it weighs against a therapist's caps.", load_default=100)
    approval = word(Approval, load_default=Approval.NEVER, metadata={"description": "Whose bookings wait."})
    approval_minutes = _number("approval_minutes", "How long they wait at most.", load_default=48 * 60)
    room_kind = fields.String(
        load_default="", allow_none=True, metadata={"description": "The kind of room it needs in person."}
    )
    therapists_needed = _number("therapists_needed", "2: two therapists give it together.", load_default=1)
    open_to = word(
        OpenTo,
        load_default=OpenTo.EVERYBODY,
        metadata={
            "description": "Who may book it without staff. What is for new or known clients is a request of whoever "
            "asks for it. `link`: it is on no list, and booked by its link; `staff`: only you book it, for now."
        },
    )
    price = fields.Nested(
        PriceSchema, load_default=None, allow_none=True, metadata={"description": "What it costs; null: not said here."}
    )
    price_shown = YesOrNo(load_default=True, metadata={"description": "Whether everybody reads the price."})
    fee_note = fields.String(
        load_default="", metadata={"description": "Read by everybody: a sliding scale, a package, whom to ask."}
    )
    colour = word(
        ServiceColour,
        load_default=None,
        allow_none=True,
        metadata={"description": "Of it in the schedule; null: one is chosen."},
    )
    booking_url = fields.Url(
        dump_only=True, allow_none=True, metadata={"description": "The link of what is on no list. Keep it secret."}
    )
    link_word = fields.String(
        dump_only=True,
        allow_none=True,
        metadata={"description": "What names it for programs of clients, in place of its id."},
    )
    therapists = Several(
        key(),
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=MOST_THERAPISTS),
        metadata={"description": "Ids of those who give it; left out, that stays as it is."},
    )
    terms = fields.Nested(TermsSchema, dump_only=True, allow_none=True, attribute="policy")
    has_practice_terms = fields.Boolean(
        dump_only=True, metadata={"description": "They are the practice's, and follow them."}
    )
    ended = Instant(dump_only=True, allow_none=True, attribute="ended_at")


SERVICE_EXAMPLE = {
    "kind": "couple",
    "name": "Couple session",
    "modes": ["virtual", "in_person"],
    "duration_minutes": 80,
    "capacity": 2,
    "when_one_cancels": "all_off",
}


class NewTermsSchema(Body):
    """Terms for what is booked from now on."""

    window_minutes = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, LONGEST_WINDOW),
        metadata={"description": "Before the start; 0: free until the start."},
    )
    when_late = word(LateChange, required=True)
    text = fields.String(load_default="", validate=validate.Length(max=4 * LONGEST_TERMS))


class PracticeTermsSchema(Schema):
    """The terms of services that have none of their own."""

    window_minutes = fields.Integer(metadata={"description": "Before the start; 0: free until the start."})
    when_late = word(LateChange)
    text = fields.String(attribute="terms", metadata={"description": "The practice's own sentence; may be empty."})


TERMS_EXAMPLE = {"window_minutes": 1440, "when_late": "mark", "text": "Late cancellations may be charged."}


@blueprint.post("/practices/<key:practice>/services")
@access.staff(Role.OWNER)
@operation("addService")
@blueprint.arguments(ServiceSettingsSchema, example=SERVICE_EXAMPLE)
@blueprint.response(201, ServiceSettingsSchema)
def post_service(body: dict[str, Any]) -> Beside:
    """Offer a service

    With the practice's terms, which it follows until it is given its own.
    """
    made = add_service(practice_id=staff().practice_id, facts=_facts(body), by=by_staff(), now=clock.now())
    return _settings(made)


@blueprint.get("/practices/<key:practice>/services/<key:service>/settings")
@access.staff()
@operation("getServiceSettings")
@blueprint.response(200, ServiceSettingsSchema)
def get_settings(service: str) -> Beside:
    """Read every rule of a service"""
    return _settings(find_service(staff().practice_id, service))


@blueprint.put("/practices/<key:practice>/services/<key:service>/settings")
@access.staff(Role.OWNER)
@operation("changeService")
@blueprint.arguments(ServiceSettingsSchema, example=SERVICE_EXAMPLE)
@blueprint.response(200, ServiceSettingsSchema)
def put_settings(body: dict[str, Any], service: str) -> Beside:
    """Offer a service otherwise

    The body replaces the rules: what is left out goes back to its default. What is booked, or kept for a date of a
    standing slot, stays as it is.
    """
    who, facts = staff(), _facts(body)
    return _settings(
        change_service(
            practice_id=who.practice_id, service_public_id=service, facts=facts, by=by_staff(), now=clock.now()
        )
    )


@blueprint.put("/practices/<key:practice>/services/<key:service>/terms")
@access.staff(Role.OWNER)
@operation("changeTerms")
@blueprint.arguments(NewTermsSchema, example=TERMS_EXAMPLE)
@blueprint.response(200, TermsSchema)
def put_terms(body: dict[str, Any], service: str) -> Any:
    """Change the terms for cancelling and moving

    To terms of the service's own: a new version, for what is booked from now on. Appointments keep the version their
    clients agreed to. When nothing differs, the version stays.
    """
    wanted = NewTerms(body["window_minutes"], body["when_late"], body["text"])
    with in_our_names({"terms": "text"}):
        return change_terms(
            practice_id=staff().practice_id, service_public_id=service, terms=wanted, by=by_staff(), now=clock.now()
        )


@blueprint.delete("/practices/<key:practice>/services/<key:service>/terms")
@access.staff(Role.OWNER)
@operation("takePracticeTerms")
@blueprint.response(204)
def delete_terms(service: str) -> None:
    """Have no terms of its own

    New appointments come with the practice's, and follow them.
    """
    take_practice_terms(practice_id=staff().practice_id, service_public_id=service, by=by_staff(), now=clock.now())


@blueprint.get("/practices/<key:practice>/terms")
@access.staff()
@operation("getPracticeTerms")
@blueprint.response(200, PracticeTermsSchema)
def get_practice_terms() -> Any:
    """Read the terms of services that have none of their own"""
    return find_practice(staff().practice_slug)


@blueprint.put("/practices/<key:practice>/terms")
@access.staff(Role.OWNER)
@operation("changePracticeTerms")
@blueprint.arguments(NewTermsSchema, example=TERMS_EXAMPLE)
@blueprint.response(200, PracticeTermsSchema)
def put_practice_terms(body: dict[str, Any]) -> Any:
    """Change the terms of services that have none of their own

    For what is booked from now on; appointments keep the version their clients agreed to.
    """
    wanted = NewTerms(body["window_minutes"], body["when_late"], body["text"])
    with in_our_names({"terms": "text"}):
        return change_practice_terms(practice_id=staff().practice_id, terms=wanted, by=by_staff(), now=clock.now())


@blueprint.post("/practices/<key:practice>/services/<key:service>/link")
@access.staff(Role.OWNER)
@operation("renewServiceLink", InvalidInput)
@blueprint.response(200, ServiceSettingsSchema)
def post_link(service: str) -> Beside:
    """Give a service that is on no list another link

    The one before stops working.
    """
    return _settings(
        renew_service_link(practice_id=staff().practice_id, service_public_id=service, by=by_staff(), now=clock.now())
    )


@blueprint.post("/practices/<key:practice>/services/<key:service>/end")
@access.staff(Role.OWNER)
@operation("endService")
@blueprint.response(200, ServiceSettingsSchema)
def post_end(service: str) -> Beside:
    """Close a service to new bookings

    What is booked stays as it is.
    """
    return _settings(
        end_service(practice_id=staff().practice_id, service_public_id=service, by=by_staff(), now=clock.now())
    )


@blueprint.post("/practices/<key:practice>/services/<key:service>/reopen")
@access.staff(Role.OWNER)
@operation("reopenService")
@blueprint.response(200, ServiceSettingsSchema)
def post_reopen(service: str) -> Beside:
    """Let a service be booked again"""
    return _settings(
        reopen_service(practice_id=staff().practice_id, service_public_id=service, by=by_staff(), now=clock.now())
    )


def _facts(body: dict[str, Any]) -> ServiceFacts:
    modes = list(dict.fromkeys(body["modes"]))
    price = parse_price(**given) if (given := body["price"]) is not None else None
    return ServiceFacts(**{**body, "modes": modes, "room_kind": body["room_kind"] or "", "price": price})


def _settings(service: Service) -> Beside:
    givers, word = list_therapists(service.practice_id, service_id=service.id), service.link_word
    return Beside(
        service,
        therapists=[each.public_id for each in givers],
        booking_url=addresses().booking(staff().practice_slug, word) if word is not None else None,
    )
