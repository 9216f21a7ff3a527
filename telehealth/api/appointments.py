"""Booking, and what a client may do with the link to one appointment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, current_app
from flask.views import MethodView
from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.errors import PREFIX
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Instant, OneLine, Schema, YesOrNo, key, word
from telehealth.domain import access, icalendar, walltime, wording
from telehealth.domain import contact as contacts
from telehealth.domain.addresses import Addresses, Purpose
from telehealth.domain.contact import Contact
from telehealth.domain.errors import (
    AlreadyCancelled,
    IdempotencyMismatch,
    ImpossibleStatus,
    InvalidInput,
    LinkInvalid,
    NotFound,
    ServiceEnded,
    SlotNotOffered,
    SlotTaken,
    TooLate,
)
from telehealth.domain.words import Actor, AppointmentStatus, Mode
from telehealth.models import Appointment, Attendee
from telehealth.queries import appointments as questions
from telehealth.queries import facts, practices
from telehealth.services import appointments
from telehealth.services.appointments import By, Wish

LONGEST_REASON = 500

blueprint = Blueprint("Appointments", "Booking, and what a client may do with the link to one appointment.")


class ClientSchema(Body):
    """Who will come."""

    name = fields.String(required=True, metadata={"example": "Ana Rivera", "description": "At most 100 characters."})
    email = fields.String(required=True, metadata={"example": "ana@example.com"})
    phone = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "Needed for texts and for phone appointments.", "example": "+13035550123"},
    )
    timezone = fields.String(required=True, metadata={"description": "IANA name.", "example": "America/Denver"})
    text_consent = YesOrNo(
        load_default=False,
        metadata={"description": "The client agreed to the practice's `text_consent` wording."},
    )
    jurisdiction = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "The state the client will be in; needed unless in person.", "example": "CO"},
    )


class BookingSchema(Body):
    """What somebody wants to book."""

    service = key(required=True)
    start = Instant(required=True, metadata={"description": "One of the listed slots."})
    mode = word(Mode, required=True)
    therapist = key(load_default=None, allow_none=True, metadata={"description": "Without one: first available."})
    location = key(load_default=None, allow_none=True, metadata={"description": "Needed in person."})
    client = fields.Nested(ClientSchema, required=True)


BOOKING_EXAMPLE = {
    "service": "0d7a3c1e-5c4e-4d0e-9a53-2f4f0a8f6b11",
    "start": "2026-11-24T16:00:00Z",
    "mode": "virtual",
    "client": {
        "name": "Ana Rivera",
        "email": "ana@example.com",
        "phone": "+13035550123",
        "timezone": "America/Denver",
        "text_consent": True,
        "jurisdiction": "CO",
    },
}


class IdempotencySchema(Schema):
    """The header that makes a repeated request count once."""

    key = fields.String(
        data_key="Idempotency-Key",
        validate=validate.Regexp("^[!-~]{1,255}$", error="Please use 1 to 255 visible ASCII characters, no spaces."),
        metadata={
            "description": "A name of your own for this request, such as a UUID. The same key with the same body gives "
            "the same appointment, with `Idempotent-Replayed: true`; with another body it is refused."
        },
    )


class CancelSchema(Body):
    """Why."""

    reason = OneLine(longest=LONGEST_REASON, load_default="", metadata={"description": "For the practice."})


class NamedSchema(Schema):
    """An id and a name."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class PlaceSchema(NamedSchema):
    """Where it is."""

    address = fields.String(required=True)


class AppointmentSchema(Schema):
    """An appointment as its client sees it."""

    id = fields.String(required=True)
    status = word(AppointmentStatus, required=True)
    mode = word(Mode, required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    timezone = fields.String(
        required=True,
        metadata={"description": "The zone of `local_start`: the location's in person, else the client's."},
    )
    local_start = fields.String(required=True, metadata={"format": "date-time"})
    practice = fields.String(required=True, metadata={"description": "The practice's word in addresses."})
    service = fields.Nested(NamedSchema, required=True)
    therapist = fields.Nested(NamedSchema, required=True)
    location = fields.Nested(PlaceSchema, required=True, allow_none=True)
    manage_token = fields.String(required=True, metadata={"description": "Opens this appointment. Keep it secret."})
    manage_url = fields.Url(required=True, metadata={"description": "The client's page."})
    join_url = fields.Url(required=True, allow_none=True, metadata={"description": "The way into the video room."})


@blueprint.route("/practices/<key:practice>/appointments")
@access.public
class BookingView(MethodView):
    """Booking."""

    @operation("bookAppointment", NotFound, ServiceEnded, SlotTaken, SlotNotOffered, IdempotencyMismatch)
    @blueprint.arguments(BookingSchema, example=BOOKING_EXAMPLE)
    @blueprint.arguments(IdempotencySchema, location="headers")
    @blueprint.response(
        201,
        AppointmentSchema,
        headers={
            "Location": {"description": "The appointment, for its client.", "schema": {"type": "string"}},
            "Idempotent-Replayed": {
                "description": "`true` when an earlier request with this key had booked it.",
                "schema": {"type": "string", "const": "true"},
            },
        },
    )
    def post(self, body: dict[str, Any], headers: dict[str, Any], practice: str) -> Any:
        """Book an appointment

        The slot is taken and the client is told, or nothing happens.
        """
        now = clock.now()
        appointment = appointments.book(
            practice_id=practices.id_of(practice),
            wish=_wish(body, headers.get("key")),
            by=By(Actor.CLIENT),
            now=now,
        )
        seen = _as_client(appointment.attendees[0])
        return seen, 201, _booked_headers(seen["manage_token"], is_replay=appointment.created_at != now)


@blueprint.route("/appointments/<token:manage_token>")
@access.by_link
class ManagedAppointmentView(MethodView):
    """One appointment, for whoever holds its token."""

    @operation("getAppointmentByLink", LinkInvalid)
    @blueprint.response(200, AppointmentSchema)
    def get(self, manage_token: str) -> dict[str, Any]:
        """Read an appointment"""
        return _as_client(_seat(manage_token))


@blueprint.route("/appointments/<token:manage_token>/cancel")
@access.by_link
class CancelByLinkView(MethodView):
    """Cancelling, for whoever holds the token."""

    @operation("cancelAppointmentByLink", LinkInvalid, AlreadyCancelled, TooLate, ImpossibleStatus)
    @blueprint.arguments(CancelSchema, required=False)
    @blueprint.response(200, AppointmentSchema)
    def post(self, body: dict[str, Any], manage_token: str) -> dict[str, Any]:
        """Cancel an appointment

        The slot is free at once, and everybody is told.
        """
        seat = _seat(manage_token)
        appointments.cancel(
            practice_id=seat.practice_id,
            appointment_id=seat.appointment_id,
            by=By(Actor.CLIENT),
            reason=body["reason"],
            now=clock.now(),
        )
        return _as_client(seat)


@blueprint.route("/appointments/<token:manage_token>/invite.ics")
@access.by_link
class InviteView(MethodView):
    """The appointment as a calendar file."""

    @operation("downloadInvite", LinkInvalid)
    @blueprint.response(
        200, {"type": "string"}, content_type="text/calendar", description="An iCalendar file (RFC 5545)."
    )
    def get(self, manage_token: str) -> Response:
        """Download a calendar file"""
        entry = wording.entry(facts.for_attendee(_seat(manage_token), _addresses()))
        response = current_app.response_class(icalendar.download(entry), mimetype="text/calendar")
        response.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
        return response


def _wish(body: dict[str, Any], key: str | None) -> Wish:
    mode = Mode(body["mode"])
    return Wish(
        service=body["service"],
        starts_at=body["start"],
        mode=mode,
        therapist=body["therapist"],
        location=body["location"],
        contact=_contact(body["client"], mode),
        idempotency_key=key,
    )


def _contact(client: dict[str, Any], mode: Mode) -> Contact:
    """Raises InvalidInput in the names that the API uses."""
    try:
        return contacts.parse({**client, "wants_texts": client["text_consent"]}, mode=mode)
    except InvalidInput as problem:
        raise InvalidInput({f"client.{name}": sentence for name, sentence in problem.fields.items()}) from problem


def _booked_headers(manage_token: str, *, is_replay: bool) -> dict[str, str]:
    headers = {"Location": f"{_addresses().base_url}{PREFIX}/appointments/{manage_token}"}
    return {**headers, "Idempotent-Replayed": "true"} if is_replay else headers


def _seat(manage_token: str) -> Attendee:
    return questions.seat(_addresses().read(Purpose.MANAGE, manage_token))


def _addresses() -> Addresses:
    found: Addresses = current_app.extensions["addresses"]
    return found


def _as_client(seat: Attendee) -> dict[str, Any]:
    appointment, addresses = seat.appointment, _addresses()
    zone = appointment.timezone if appointment.mode == Mode.IN_PERSON else seat.timezone
    can_join = appointment.mode == Mode.VIRTUAL and appointment.status != AppointmentStatus.CANCELLED
    return {
        **outline(appointment, zone),
        "practice": appointment.practice.slug,
        "manage_token": addresses.token(Purpose.MANAGE, seat.public_id),
        "manage_url": addresses.manage(seat.public_id),
        "join_url": addresses.join(seat.public_id) if can_join else None,
    }


def outline(appointment: Appointment, zone: str) -> dict[str, Any]:
    """What clients and staff both see, with the local start in a zone."""
    location = appointment.location
    return {
        "id": appointment.public_id,
        "status": appointment.status,
        "mode": appointment.mode,
        "start": appointment.starts_at,
        "end": appointment.ends_at,
        "timezone": zone,
        "local_start": _local(appointment.starts_at, zone),
        "service": {"id": appointment.service.public_id, "name": appointment.service.name},
        "therapist": {"id": appointment.therapist.public_id, "name": appointment.therapist.name},
        "location": location and {"id": location.public_id, "name": location.name, "address": location.address},
    }


def _local(instant: datetime, zone: str) -> str:
    return instant.astimezone(walltime.zone(zone)).isoformat(timespec="seconds")
