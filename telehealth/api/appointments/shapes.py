"""How appointments look from outside: what clients and staff both see, and what only the client with the link sees."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from marshmallow import fields

from telehealth.api.parsing import Beside, Body, Instant, Schema, word
from telehealth.domain import walltime
from telehealth.domain.addresses import Addresses
from telehealth.domain.appointments.policies import Freedom
from telehealth.domain.words import AppointmentStatus, LateChange, Mode
from telehealth.models import Attendee, Companion
from telehealth.queries.messages.facts import link_to

OPEN_TO_JOIN = frozenset({AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED})


class NamedSchema(Schema):
    """An id and a name."""

    id = fields.String(attribute="public_id")
    name = fields.String()


class PlaceSchema(NamedSchema):
    """Where it is."""

    address = fields.String()


class LocalStart(fields.String):
    """When it starts on the clocks of its own ``timezone``, with the offset."""

    _CHECK_ATTRIBUTE = False  # An appointment's own ``local_start`` has no offset.

    def __init__(self) -> None:
        super().__init__(metadata={"format": "date-time"})

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str:
        del value, attr, kwargs
        return local(obj.starts_at, obj.timezone)


class PriceSchema(Body):
    """An amount of money."""

    amount = fields.String(
        required=True,
        metadata={"example": "150.00", "description": "In full units, with at most the digits of the currency."},
    )
    currency = fields.String(required=True, metadata={"example": "USD", "description": "A code of ISO 4217."})


class TermsSchema(Schema):
    """The version of the terms that holds for an appointment, however the practice changes them later."""

    version = fields.Integer()
    window_minutes = fields.Integer(metadata={"description": "Before the start; 0: no window."})
    when_late = word(
        LateChange,
        metadata={
            "description": "What a client who cancels inside the window finds. `call`: it is refused, please call; "
            "`mark`: it works, and counts as late."
        },
    )
    text = fields.String(attribute="terms", metadata={"description": "The practice's own sentence; may be empty."})


class AgreedTermsSchema(TermsSchema):
    """The terms of one appointment."""

    free_until = Instant(metadata={"description": "Until then nothing is late."})


class AppointmentSchema(Schema):
    """An appointment as its client sees it."""

    id = fields.String(attribute="public_id")
    status = word(
        AppointmentStatus,
        metadata={"description": "Of this client's seat. `pending`: the practice has to agree until `expires_at`."},
    )
    expires_at = Instant(allow_none=True)
    answer = fields.String(metadata={"description": "What the practice wrote with its no."})
    mode = word(Mode)
    start = Instant(attribute="starts_at")
    end = Instant(attribute="ends_at")
    timezone = fields.String(
        metadata={"description": "The zone of `local_start`: the location's in person, else the client's."}
    )
    local_start = LocalStart()
    practice = fields.String(attribute="practice.slug", metadata={"description": "The practice's word in addresses."})
    service = fields.Nested(NamedSchema)
    therapist = fields.Nested(NamedSchema)
    co_therapist = fields.Nested(NamedSchema, allow_none=True)
    location = fields.Nested(PlaceSchema, allow_none=True)
    seats = fields.Integer(metadata={"description": "How many come together: 1, or more for couples and families."})
    terms = fields.Nested(AgreedTermsSchema, allow_none=True)
    change = word(
        Freedom,
        metadata={
            "description": "What the client may do now: `free`; `late`: cancelling works and counts as late; `call`: "
            "only the practice can change it; `over`: it has begun."
        },
    )
    asked_to_move = fields.Boolean(
        attribute="is_asked_to_move",
        metadata={"description": "The practice cannot keep this time, and asks its clients to choose another one."},
    )
    confirmed = Instant(allow_none=True, metadata={"description": "When this client said that they will come."})
    manage_token = fields.String(metadata={"description": "Opens this appointment. Keep it secret."})
    manage_url = fields.Url(metadata={"description": "The client's page."})
    join_url = fields.Url(allow_none=True, metadata={"description": "The way into the video room."})


def addresses() -> Addresses:
    """What makes and reads links."""
    found: Addresses = current_app.extensions["addresses"]
    return found


def as_client(seat: Attendee, *, companion: Companion | None = None, now: datetime) -> Beside:
    """An appointment for whoever holds the seat, or for the ``companion`` who acts for them: the tokens are the
    reader's. Nothing about anybody else's.
    """
    appointment, policy = seat.appointment, seat.appointment.policy
    can_join = appointment.mode == Mode.VIRTUAL and seat.status in OPEN_TO_JOIN
    links, link = addresses(), link_to(seat, companion)
    manage_url = links.manage(link)
    return Beside(
        appointment,
        status=seat.status,
        timezone=appointment.timezone if appointment.mode == Mode.IN_PERSON else seat.timezone,
        seats=1 if appointment.service.is_group else len(appointment.seats),
        terms=policy and Beside(policy, free_until=appointment.starts_at - timedelta(minutes=policy.window_minutes)),
        change=appointment.freedom(now=now),
        confirmed=seat.confirmed_at,
        manage_token=manage_url.rpartition("/")[2],
        manage_url=manage_url,
        join_url=links.join(link) if can_join else None,
    )


def local(instant: datetime, zone: str) -> str:
    """An instant on the clocks of a zone, with the offset."""
    return instant.astimezone(walltime.zone(zone)).isoformat(timespec="seconds")
