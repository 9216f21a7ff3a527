"""How appointments look from outside: what clients and staff both see, and what only the client with the link sees."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol

from flask import current_app
from marshmallow import fields

from telehealth.api.parsing import Instant, Schema, word
from telehealth.domain import walltime
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.appointments.policies import Freedom
from telehealth.domain.words import AppointmentStatus, LateChange, Mode
from telehealth.models import Appointment, Attendee

OPEN_TO_JOIN = frozenset({AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED})


class Named(Protocol):
    """A row that people know by a name and programs by an id."""

    @property
    def public_id(self) -> Any: ...
    @property
    def name(self) -> Any: ...


class NamedSchema(Schema):
    """An id and a name."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class PlaceSchema(NamedSchema):
    """Where it is."""

    address = fields.String(required=True)


class TermsSchema(Schema):
    """The version of the terms that holds for an appointment, however the practice changes them later."""

    version = fields.Integer(required=True)
    window_minutes = fields.Integer(required=True, metadata={"description": "Before the start; 0: no window."})
    when_late = word(
        LateChange,
        required=True,
        metadata={
            "description": "What a client who cancels inside the window finds. `call`: it is refused, please call; "
            "`mark`: it works, and counts as late."
        },
    )
    text = fields.String(
        required=True, attribute="terms", metadata={"description": "The practice's own sentence; may be empty."}
    )


class AgreedTermsSchema(TermsSchema):
    """The terms of one appointment."""

    free_until = Instant(required=True, metadata={"description": "Until then nothing is late."})


class AppointmentSchema(Schema):
    """An appointment as its client sees it."""

    id = fields.String(required=True)
    status = word(
        AppointmentStatus,
        required=True,
        metadata={"description": "Of this client's seat. `pending`: the practice has to agree until `expires_at`."},
    )
    expires_at = Instant(required=True, allow_none=True)
    answer = fields.String(required=True, metadata={"description": "What the practice wrote with its no."})
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
    co_therapist = fields.Nested(NamedSchema, required=True, allow_none=True)
    location = fields.Nested(PlaceSchema, required=True, allow_none=True)
    seats = fields.Integer(
        required=True, metadata={"description": "How many come together: 1, or more for couples and families."}
    )
    terms = fields.Nested(AgreedTermsSchema, required=True, allow_none=True)
    change = word(
        Freedom,
        required=True,
        metadata={
            "description": "What the client may do now: `free`; `late`: cancelling works and counts as late; `call`: "
            "only the practice can change it; `over`: it has begun."
        },
    )
    confirmed = Instant(
        required=True, allow_none=True, metadata={"description": "When this client said that they will come."}
    )
    manage_token = fields.String(required=True, metadata={"description": "Opens this appointment. Keep it secret."})
    manage_url = fields.Url(required=True, metadata={"description": "The client's page."})
    join_url = fields.Url(required=True, allow_none=True, metadata={"description": "The way into the video room."})


def addresses() -> Addresses:
    """What makes and reads links."""
    found: Addresses = current_app.extensions["addresses"]
    return found


def named(row: Named) -> dict[str, Any]:
    """An id and a name."""
    return {"id": row.public_id, "name": row.name}


def named_if(row: Named | None) -> dict[str, Any] | None:
    """The same for what may be missing."""
    return None if row is None else named(row)


def as_client(seat: Attendee, *, now: datetime) -> dict[str, Any]:
    """An appointment for whoever holds the seat. Nothing about anybody else's."""
    appointment = seat.appointment
    zone = appointment.timezone if appointment.mode == Mode.IN_PERSON else seat.timezone
    can_join = appointment.mode == Mode.VIRTUAL and seat.status in OPEN_TO_JOIN
    return {
        **outline(appointment, zone),
        "status": seat.status,
        "practice": appointment.practice.slug,
        "seats": 1 if appointment.service.is_group else len(appointment.seats),
        "terms": _agreed(appointment),
        "change": _freedom(appointment, now=now),
        "confirmed": seat.confirmed_at,
        "manage_token": addresses().token(LinkPurpose.MANAGE, seat.public_id),
        "manage_url": addresses().manage(seat.public_id),
        "join_url": addresses().join(seat.public_id) if can_join else None,
    }


def outline(appointment: Appointment, zone: str) -> dict[str, Any]:
    """What clients and staff both see, with the local start in a zone."""
    location = appointment.location
    return {
        "id": appointment.public_id,
        "status": appointment.status,
        "expires_at": appointment.expires_at,
        "answer": appointment.answer,
        "mode": appointment.mode,
        "start": appointment.starts_at,
        "end": appointment.ends_at,
        "timezone": zone,
        "local_start": local(appointment.starts_at, zone),
        "service": named(appointment.service),
        "therapist": named(appointment.therapist),
        "co_therapist": named_if(appointment.co_therapist),
        "location": location and {**named(location), "address": location.address},
    }


def local(instant: datetime, zone: str) -> str:
    """An instant on the clocks of a zone, with the offset."""
    return instant.astimezone(walltime.zone(zone)).isoformat(timespec="seconds")


def _agreed(appointment: Appointment) -> dict[str, Any] | None:
    policy = appointment.policy
    if policy is None:
        return None
    return {
        "version": policy.version,
        "window_minutes": policy.window_minutes,
        "when_late": policy.when_late,
        "terms": policy.terms,
        "free_until": appointment.starts_at - timedelta(minutes=policy.window_minutes),
    }


def _freedom(appointment: Appointment, *, now: datetime) -> Freedom:
    return appointment.freedom(now=now)
