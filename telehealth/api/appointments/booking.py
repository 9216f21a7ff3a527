"""Booking. What comes after it is done with the link to the appointment (``api.appointments.links``) or by staff
(``api.appointments.reading``).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.acting import by_client
from telehealth.api.appointments import contacts
from telehealth.api.appointments.contacts import CLIENT_EXAMPLE, MOST_PEOPLE, BirthField, BookerSchema, ClientSchema
from telehealth.api.appointments.fits import MET_SAID, fit_field, fit_of
from telehealth.api.appointments.shapes import AppointmentSchema, addresses, as_client
from telehealth.api.errors import PREFIX
from telehealth.api.idempotency import REPLAYED, IdempotencySchema, replayed
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Instant, Several, YesOrNo, key, word
from telehealth.domain import access
from telehealth.domain.companions import CompanionFacts
from telehealth.domain.contact import Contact, make_match_key
from telehealth.domain.errors import (
    GroupFull,
    GuardianBooks,
    IdempotencyMismatch,
    NotFound,
    NumberNotProved,
    PleaseCall,
    ServiceEnded,
    SlotNotOffered,
    SlotTaken,
    TooManyForOthers,
)
from telehealth.domain.words import Mode
from telehealth.models import Appointment, Attendee
from telehealth.services.appointments.booking import BookingWish, book_appointment

blueprint = Blueprint("Appointments", "Booking. No credentials needed.")


class BookingSchema(Body):
    """What somebody wants to book."""

    service = key(required=True)
    start = Instant(required=True, metadata={"description": "One of the listed slots."})
    mode = word(Mode, required=True)
    therapist = key(load_default=None, allow_none=True, metadata={"description": "Without one: the best fit."})
    co_therapist = key(
        load_default=None,
        allow_none=True,
        metadata={"description": "For services that two therapists give together; without one: whoever fits."},
    )
    location = key(load_default=None, allow_none=True, metadata={"description": "Needed in person."})
    client = fields.Nested(ClientSchema, required=True)
    others = Several(
        fields.Nested(ClientSchema),
        load_default=list,
        validate=validate.Length(max=MOST_PEOPLE),
        metadata={
            "description": "Who comes along: a partner, the family. Each is told at their own address and has a "
            "link of their own; nobody sees another's address."
        },
    )
    fit = fit_field()
    has_met = YesOrNo(load_default=False, metadata={"description": MET_SAID})
    hold = key(
        load_default=None,
        allow_none=True,
        metadata={"description": "A hold of your own on this slot. One that is over is passed by."},
    )


class OnlineBookingSchema(BookingSchema):
    """The same, asked for by a client."""

    number_proof = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=64),
        metadata={
            "description": 'The `proof` of the number, for a client without an e-mail address (`email` is ""), where '
            "people book by phone only (`books_phone_only`); they agree to texts then. With a `booker`, of theirs."
        },
    )
    booker = fields.Nested(
        BookerSchema,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Somebody else who books for the client: a parent, a daughter, a case manager. The client's "
            '`email` may be "" then, and of a minor (`born_on`) the number may be missing, too. The tokens in the '
            "answer are the booker's, for this one appointment."
        },
    )
    born_on = BirthField(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "When the client was born. For a `booker`; and without one where the practice wants a "
            "parent or guardian to book for minors (`guardian_books`)."
        },
    )


BOOKING_EXAMPLE = {
    "service": "0d7a3c1e-5c4e-4d0e-9a53-2f4f0a8f6b11",
    "start": "2026-11-24T16:00:00Z",
    "mode": "virtual",
    "client": CLIENT_EXAMPLE,
}


BOOKED_HEADERS = {
    "Location": {"description": "The appointment.", "schema": {"type": "string"}},
    **REPLAYED,
}


@blueprint.post("/practices/<key:practice>/appointments")
@access.public
@operation(
    "bookAppointment",
    NotFound,
    PleaseCall,
    ServiceEnded,
    SlotTaken,
    SlotNotOffered,
    GroupFull,
    IdempotencyMismatch,
    NumberNotProved,
    TooManyForOthers,
    GuardianBooks,
)
@blueprint.arguments(OnlineBookingSchema, example=BOOKING_EXAMPLE)
@blueprint.arguments(IdempotencySchema, location="headers")
@blueprint.response(201, AppointmentSchema, headers=BOOKED_HEADERS)
def post_appointment(body: dict[str, Any], headers: dict[str, Any], practice: str) -> Any:
    """Book an appointment

    The slot is taken and the client is told, or nothing happens. Where the practice has to agree first, the answer
    is `pending` and the slot is kept until `expires_at`. In a group, a seat is booked.
    """
    now, proof = clock.now(), body["number_proof"]
    about = {"needs_email": proof is None, "is_booked_for": body["booker"] is not None}
    wish = wish_of(body, headers.get("key"), secret=proof, born_on=body["born_on"], **about)
    booker = contacts.booker_of(body["booker"], wish.contact, wish.born_on, on=wish.starts_at.date())
    wish = replace(wish, booker=booker)
    booked = book_appointment(practice=practice, wish=wish, by=by_client(), now=now)
    seat = seat_for(booked, wish.contact, booker)
    seen = as_client(seat, companion=seat.booked_by, now=now)
    return seen, 201, booked_headers(f"/appointments/{seen.manage_token}", booked, headers.get("key"), now=now)


def wish_of(
    body: dict[str, Any],
    idempotency_key: str | None,
    *,
    needs_email: bool = True,
    is_booked_for: bool = False,
    **more: Any,
) -> BookingWish:
    """What a body asks for. Raises InvalidInput."""
    return BookingWish(
        service=body["service"],
        starts_at=body["start"],
        mode=body["mode"],
        therapist=body["therapist"],
        co_therapist=body["co_therapist"],
        location=body["location"],
        contact=contacts.one(body["client"], body["mode"], needs_email=needs_email, is_booked_for=is_booked_for),
        others=contacts.several(body["others"], body["mode"], field="others", needs_email=needs_email),
        fit=fit_of(body["fit"]),
        has_met=body["has_met"],
        hold=body["hold"],
        idempotency_key=idempotency_key,
        **more,
    )


def seat_for(appointment: Appointment, contact: Contact, booker: CompanionFacts | None = None) -> Attendee:
    """The seat that a booking made. By who they are: when a request is repeated, others may have joined since."""
    who = booker and (booker.name, booker.email, booker.phone)
    return next(
        seat
        for seat in reversed(appointment.attendees)
        if make_match_key(seat.name, seat.email, seat.phone) == contact.match_key
        and (seat.booked_by and (seat.booked_by.name, seat.booked_by.email, seat.booked_by.phone)) == who
    )


def booked_headers(path: str, booked: Appointment, idempotency_key: str | None, *, now: datetime) -> dict[str, str]:
    """Where the appointment is, and whether it was there before."""
    where = {"Location": f"{addresses().base_url}{PREFIX}{path}"}
    return where | replayed(booked.practice_id, idempotency_key, now=now)
