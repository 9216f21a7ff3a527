"""What a client may do with the link to one appointment: see it, move it, cancel it, keep it in a calendar."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, current_app
from marshmallow import fields

from telehealth import clock
from telehealth.api.acting import by_client
from telehealth.api.appointments.fits import fit_field, fit_of
from telehealth.api.appointments.shapes import AppointmentSchema, addresses, as_client
from telehealth.api.idempotency import REPLAYED, IdempotencySchema, replayed
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Body, Instant, OneLine, YesOrNo, jurisdiction, key, word
from telehealth.domain import access, contact, icalendar
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.errors import (
    AlreadyCancelled,
    GroupFull,
    IdempotencyMismatch,
    ImpossibleStatus,
    InsideWindow,
    InvalidInput,
    LinkEnded,
    LinkInvalid,
    LinkTooOld,
    MovedTooOften,
    NotAllowed,
    NotFound,
    PleaseCall,
    ServiceEnded,
    SlotNotOffered,
    SlotTaken,
    TooLate,
)
from telehealth.domain.links import Signed
from telehealth.domain.messages import wording
from telehealth.domain.words import Mode
from telehealth.models import Attendee
from telehealth.queries.appointments.appointments import find_seat_and_reader, find_seat_by_link
from telehealth.queries.appointments.own_standing import own_contact
from telehealth.queries.messages.facts import facts_for_attendee
from telehealth.services.appointments.attending import confirm_by_link
from telehealth.services.appointments.booking import BookingWish, book_by_own_link
from telehealth.services.appointments.cancelling import cancel_by_link
from telehealth.services.appointments.moving import Destination, move_by_link
from telehealth.services.consent.consents import set_texts

LONGEST_REASON = 500

blueprint = Blueprint("By link", "What a client may do with the `manage_token` of one appointment.")


class CancelSchema(Body):
    """Why."""

    reason = OneLine(longest=LONGEST_REASON, load_default="", metadata={"description": "For the practice."})


class MoveSchema(Body):
    """Where to."""

    start = Instant(required=True, metadata={"description": "One of the listed slots."})
    mode = word(Mode, required=True, metadata={"description": "It may change: room and link are swapped."})
    therapist = key(
        load_default=None,
        allow_none=True,
        metadata={"description": "Without one: the same if possible, else the best fit."},
    )
    location = key(load_default=None, allow_none=True, metadata={"description": "Needed in person."})
    jurisdiction = jurisdiction(
        load_default=None,
        allow_none=True,
        metadata={"description": "The state the client will be in, when it changes or was not asked before."},
    )
    phone = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "Where to call, when it was not asked before."},
    )
    fit = fit_field()
    hold = key(load_default=None, allow_none=True, metadata={"description": "A hold of your own on this slot."})


class AgainSchema(Body):
    """What to book once more."""

    service = key(required=True, metadata={"description": "Of last time, or another one that is listed."})
    start = Instant(required=True, metadata={"description": "One of the listed slots."})
    mode = word(Mode, required=True)
    therapist = key(load_default=None, allow_none=True, metadata={"description": "Without one: the best fit."})
    location = key(load_default=None, allow_none=True, metadata={"description": "Needed in person."})
    jurisdiction = jurisdiction(
        load_default=None,
        allow_none=True,
        metadata={"description": "The state the client will be in; left out: of last time."},
    )
    hold = key(load_default=None, allow_none=True, metadata={"description": "A hold of your own on this slot."})


class TextsSchema(Body):
    """Whether the client wants texts."""

    text_consent = YesOrNo(required=True)
    phone = fields.String(
        load_default=None, allow_none=True, metadata={"description": "Without one: the number on file."}
    )


AGAIN_EXAMPLE = {
    "service": "0d7a3c1e-5c4e-4d0e-9a53-2f4f0a8f6b11",
    "start": "2026-12-02T16:00:00Z",
    "mode": "virtual",
}
MOVE_EXAMPLE = {"start": "2026-11-25T16:00:00Z", "mode": "virtual"}


@blueprint.get("/appointments/<token:manage_token>")
@access.by_link
@operation("getAppointmentByLink", LinkInvalid, LinkEnded)
@blueprint.response(200, AppointmentSchema)
def get_appointment_by_link(manage_token: str) -> Beside:
    """Read an appointment

    With the terms agreed to, and what they still allow.
    """
    seat, companion = find_seat_and_reader(_read_link(manage_token))
    return as_client(seat, companion=companion, now=clock.now())


@blueprint.post("/appointments/<token:manage_token>/move")
@access.by_link
@operation(
    "moveAppointmentByLink",
    LinkInvalid,
    LinkEnded,
    NotFound,
    ServiceEnded,
    SlotTaken,
    SlotNotOffered,
    NotAllowed,
    InsideWindow,
    MovedTooOften,
    PleaseCall,
    TooLate,
    ImpossibleStatus,
)
@blueprint.arguments(MoveSchema, example=MOVE_EXAMPLE)
@blueprint.response(200, AppointmentSchema)
def post_move_by_link(body: dict[str, Any], manage_token: str) -> Beside:
    """Move an appointment

    To any slot that is offered, also onto a part of itself. When the new slot is lost, the old one is untouched.
    A seat in a group cannot be moved: cancel it and book a seat on another date. Where the practice always has to say
    yes first, it may have to say so again: the status is `pending` then.
    """
    now = clock.now()
    link = _read_link(manage_token)
    return _answer(move_by_link(link=link, to=destination_of(body), by=by_client(), now=now), link, now=now)


@blueprint.post("/appointments/<token:manage_token>/again")
@access.by_link
@operation(
    "bookAgainByLink",
    LinkInvalid,
    LinkEnded,
    LinkTooOld,
    NotAllowed,
    NotFound,
    PleaseCall,
    ServiceEnded,
    SlotTaken,
    SlotNotOffered,
    GroupFull,
    IdempotencyMismatch,
)
@blueprint.arguments(AgainSchema, example=AGAIN_EXAMPLE)
@blueprint.arguments(IdempotencySchema, location="headers")
@blueprint.response(201, AppointmentSchema, headers=REPLAYED)
def post_again_by_link(body: dict[str, Any], headers: dict[str, Any], manage_token: str) -> Any:
    """Book once more

    For the same client alone, with the contact of this appointment. If the practice made it or agreed to it, or they
    came to it, the link says who they are: what is for clients whom the practice knows is booked at once, and so is a
    therapist who takes no new clients, if they have met. Anybody else has only typed a name, and is answered as a
    stranger, whether or not there is such a client. Up to a year after the appointment (`link_too_old`). Whoever acts
    for the client books with a token of their own, once the practice knows them, and gets the tokens that are theirs.
    """
    now, once = clock.now(), headers.get("key")
    link = _read_link(manage_token)
    seat, companion = find_seat_and_reader(link)
    state = None if body["mode"] == Mode.IN_PERSON else body["jurisdiction"] or seat.jurisdiction
    wish = BookingWish(
        service=body["service"],
        starts_at=body["start"],
        mode=body["mode"],
        therapist=body["therapist"],
        location=body["location"],
        contact=own_contact(seat, jurisdiction=state),
        hold=body["hold"],
        idempotency_key=once,
    )
    made = book_by_own_link(link=link, wish=wish, by=by_client(), now=now)
    mine = [each for each in made.attendees if each.client_id == seat.client_id]
    return as_client(mine[-1], companion=companion, now=now), 201, replayed(made.practice_id, once, now=now)


@blueprint.post("/appointments/<token:manage_token>/cancel")
@access.by_link
@operation(
    "cancelAppointmentByLink",
    LinkInvalid,
    LinkEnded,
    NotAllowed,
    AlreadyCancelled,
    InsideWindow,
    TooLate,
    ImpossibleStatus,
)
@blueprint.arguments(CancelSchema, required=False)
@blueprint.response(200, AppointmentSchema)
def post_cancel_by_link(body: dict[str, Any], manage_token: str) -> Beside:
    """Cancel an appointment

    This client cannot come: the time is free at once, and everybody is told. In a group the others go on; with a
    couple or a family the practice's rule for the service decides. Late, by the terms agreed to, it is refused or
    counts as late: see `change`.
    """
    now = clock.now()
    link = _read_link(manage_token)
    return _answer(cancel_by_link(link=link, by=by_client(), reason=body["reason"], now=now), link, now=now)


@blueprint.post("/appointments/<token:manage_token>/confirm")
@access.by_link
@operation("confirmAppointmentByLink", LinkInvalid, LinkEnded, NotAllowed, AlreadyCancelled, TooLate, ImpossibleStatus)
@blueprint.response(200, AppointmentSchema)
def post_confirm_by_link(manage_token: str) -> Beside:
    """Say that you will come

    Twice is once. When the appointment moves, it is to be said anew.
    """
    now = clock.now()
    link = _read_link(manage_token)
    return _answer(confirm_by_link(link=link, by=by_client(), now=now), link, now=now)


@blueprint.put("/appointments/<token:manage_token>/texts")
@access.by_link
@operation("setTexts", LinkInvalid, LinkEnded, AlreadyCancelled, TooLate, ImpossibleStatus)
@blueprint.arguments(TextsSchema, example={"text_consent": False})
@blueprint.response(200, AppointmentSchema)
def put_texts(body: dict[str, Any], manage_token: str) -> Beside:
    """Turn texts about an appointment on or off

    On: the client agreed to the practice's `text_consent` wording. With another number than was texted so far, the
    links that were sent are ended: use the `manage_token` of the answer from now on. Off is possible at any time, on
    until the appointment begins.
    """
    now = clock.now()
    changed = set_texts(
        link=read_manage_link(manage_token),
        wants=body["text_consent"],
        phone=body["phone"] or "",
        by=by_client(),
        now=now,
    )
    return as_client(changed, now=now)


@blueprint.get("/appointments/<token:manage_token>/invite.ics")
@access.by_link
@operation("downloadInvite", LinkInvalid, LinkEnded)
@blueprint.response(200, {"type": "string"}, content_type="text/calendar", description="An iCalendar file (RFC 5545).")
def get_invite(manage_token: str) -> Response:
    """Download a calendar file"""
    seat, companion = find_seat_and_reader(_read_link(manage_token))
    entry = wording.entry(facts_for_attendee(seat, addresses(), companion=companion))
    response = current_app.response_class(icalendar.download(entry), mimetype="text/calendar")
    response.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


def _answer(seat: Attendee, link: Signed, *, now: datetime) -> Beside:
    """The appointment as whoever holds the link may see it: the client, or somebody who acts for them."""
    companion = find_seat_and_reader(link)[1] if link.companion else None
    return as_client(seat, companion=companion, now=now)


def _read_link(manage_token: str) -> Signed:
    return addresses().read(LinkPurpose.MANAGE, manage_token)


def seat_behind_link(manage_token: str) -> Attendee:
    """The seat that a token opens, with its appointment. Raises LinkInvalid, LinkEnded."""
    return find_seat_by_link(read_manage_link(manage_token))


def read_manage_link(manage_token: str) -> Signed:
    """What a client's own token names, for what is theirs alone: their texts, and booking as who they are. Raises
    LinkInvalid, also for one of somebody who acts for them.
    """
    found = _read_link(manage_token)
    if found.companion:
        raise LinkInvalid
    return found


def _phone(given: str | None) -> str | None:
    try:
        return contact.clean_phone(given, needed=False)
    except ValueError as problem:
        raise InvalidInput({"phone": str(problem)}) from problem


def destination_of(body: dict[str, Any], **more: Any) -> Destination:
    """Where a body wants an appointment to go. Raises InvalidInput."""
    return Destination(
        starts_at=body["start"],
        mode=body["mode"],
        therapist=body["therapist"],
        location=body["location"],
        jurisdiction=body["jurisdiction"],
        phone=_phone(body["phone"]),
        hold=body["hold"],
        fit=fit_of(body["fit"]),
        **more,
    )
