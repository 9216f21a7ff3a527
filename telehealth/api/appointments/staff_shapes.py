"""How appointments look to staff, and finding the ones that are theirs to see."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from telehealth.api.access import staff
from telehealth.api.appointments.events import EventSchema, events
from telehealth.api.appointments.shapes import NamedSchema, PlaceSchema, TermsSchema, named_if, outline
from telehealth.api.parsing import DayField, Instant, Schema, word
from telehealth.domain.errors import NotFound
from telehealth.domain.reasons import say_why
from telehealth.domain.words import AppointmentStatus, Channel, MessageKind, MessageStatus, Mode, Obstacle, Reason
from telehealth.models import Appointment, Attendee, Message
from telehealth.queries.appointments.appointments import find_appointment, list_messages
from telehealth.queries.series.occurrences import find_occurrence


class AttendeeSchema(Schema):
    """A client's seat, with the contact given when it was booked."""

    id = fields.String(required=True, metadata={"description": "The client's id."})
    name = fields.String(required=True)
    email = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    timezone = fields.String(required=True)
    jurisdiction = fields.String(required=True, allow_none=True)
    text_consent = fields.Boolean(required=True)
    status = word(AppointmentStatus, required=True)
    confirmed = Instant(required=True, allow_none=True, metadata={"description": "When they said that they will come."})
    late_cancel = fields.Boolean(required=True)
    cancelled = Instant(required=True, allow_none=True)
    cancel_reason = fields.String(required=True)


class StaffAppointmentSchema(Schema):
    """An appointment as staff see it."""

    id = fields.String(required=True)
    status = word(AppointmentStatus, required=True)
    expires_at = Instant(
        required=True, allow_none=True, metadata={"description": "Until then a pending one waits for a yes."}
    )
    answer = fields.String(required=True, metadata={"description": "What was written to the client with a no."})
    mode = word(Mode, required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    timezone = fields.String(required=True, metadata={"description": "The zone that was meant, and of `local_start`."})
    local_start = fields.String(required=True, metadata={"format": "date-time"})
    service = fields.Nested(NamedSchema, required=True)
    therapist = fields.Nested(NamedSchema, required=True)
    co_therapist = fields.Nested(NamedSchema, required=True, allow_none=True)
    location = fields.Nested(PlaceSchema, required=True, allow_none=True)
    room = fields.Nested(NamedSchema, required=True, allow_none=True)
    attendees = fields.List(fields.Nested(AttendeeSchema), required=True)
    terms = fields.Nested(TermsSchema, required=True, allow_none=True)
    overrides = fields.List(
        word(Obstacle), required=True, metadata={"description": "The obstacles that staff set aside knowingly."}
    )
    override_reason = fields.String(required=True)
    created = Instant(required=True)
    cancelled = Instant(required=True, allow_none=True)
    cancel_reason = fields.String(required=True)


class MessageSchema(Schema):
    """One text or e-mail about the appointment. Its words are on the desk's page, not here."""

    id = fields.String(required=True)
    kind = word(MessageKind, required=True)
    channel = word(Channel, required=True)
    recipient = fields.String(
        required=True, metadata={"description": "`therapist`, `co_therapist`, or the id of a client."}
    )
    status = word(MessageStatus, required=True)
    reason = fields.String(required=True)
    reason_code = word(
        Reason, required=True, allow_none=True, metadata={"description": "The same, for programs; null for none."}
    )
    planned_for = Instant(required=True)
    sent = Instant(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    error_code = fields.String(required=True, allow_none=True)


class OfSeriesSchema(Schema):
    """One date of a standing slot."""

    id = fields.String(required=True, metadata={"description": "The standing slot's id."})
    day = DayField(required=True, metadata={"description": "The date it was meant for at first."})


class StaffAppointmentDetailSchema(StaffAppointmentSchema):
    """An appointment with its history."""

    series = fields.Nested(
        OfSeriesSchema, required=True, allow_none=True, metadata={"description": "The standing slot it belongs to."}
    )

    messages = fields.List(fields.Nested(MessageSchema), required=True)
    events = fields.List(fields.Nested(EventSchema), required=True)


def find_appointment_for_staff(public_id: str) -> Appointment:
    """An appointment that this member of staff may see. Raises NotFound, NotAllowed."""
    who = staff()
    return find_appointment(who.practice_id, public_id, therapist_id=who.only_therapist)


def seat_in(appointment: Appointment, client: str | None) -> int | None:
    """The seat of a client (their public id), the latest one; None when nobody is named. Raises NotFound."""
    if client is None:
        return None
    found = [seat for seat in appointment.attendees if seat.client.public_id == client]
    if not found:
        raise NotFound
    active = [seat for seat in found if seat.status != AppointmentStatus.CANCELLED]
    return (active or found)[-1].id


def as_staff(appointment: Appointment) -> dict[str, Any]:
    """An appointment in a list."""
    return {
        **outline(appointment, appointment.timezone),
        "room": named_if(appointment.room),
        "attendees": [attendee(seat) for seat in appointment.attendees],
        "terms": appointment.policy,
        "overrides": appointment.overrides,
        "override_reason": appointment.override_reason,
        "created": appointment.created_at,
        "cancelled": appointment.cancelled_at,
        "cancel_reason": appointment.cancel_reason,
    }


def in_detail(appointment: Appointment) -> dict[str, Any]:
    """An appointment with its history."""
    occurrence = find_occurrence(appointment.id)
    return {
        **as_staff(appointment),
        "series": occurrence and {"id": occurrence.series.public_id, "day": occurrence.day},
        "messages": [_message(message, appointment) for message in list_messages(appointment.id)],
        "events": events(appointment),
    }


def attendee(seat: Attendee) -> dict[str, Any]:
    """One client's seat."""
    return {
        # The public id of a seat is half of the client's link, so staff programs get the client's id instead.
        "id": seat.client.public_id,
        "name": seat.name,
        "email": seat.email,
        "phone": seat.phone,
        "timezone": seat.timezone,
        "jurisdiction": seat.jurisdiction,
        "text_consent": seat.text_consent_at is not None,
        "status": seat.status,
        "confirmed": seat.confirmed_at,
        "late_cancel": seat.late_cancel,
        "cancelled": seat.cancelled_at,
        "cancel_reason": seat.cancel_reason,
    }


def _recipient(message: Message, appointment: Appointment) -> str:
    if message.attendee is not None:
        return message.attendee.client.public_id
    is_second = message.therapist_id is not None and message.therapist_id == appointment.co_therapist_id
    return "co_therapist" if is_second else "therapist"


def _message(message: Message, appointment: Appointment) -> dict[str, Any]:
    return {
        "id": message.public_id,
        "kind": message.kind,
        "channel": message.channel,
        "recipient": _recipient(message, appointment),
        "status": message.status,
        "reason": say_why(message),
        "reason_code": message.reason,
        "planned_for": message.planned_for,
        "sent": message.sent_at,
        "attempts": message.attempts,
        "error_code": message.error_code,
    }
