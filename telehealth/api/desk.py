"""Appointments for staff: a bearer token opens one practice, and a therapist sees their own."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.views import MethodView
from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import Staff, staff, take_practice
from telehealth.api.appointments import CancelSchema, NamedSchema, PlaceSchema, outline
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import ID, Instant, Schema, key, word
from telehealth.domain import access
from telehealth.domain.errors import AlreadyCancelled, ImpossibleStatus, InvalidInput, TooLate
from telehealth.domain.words import Actor, AppointmentStatus, Channel, MessageKind, MessageStatus, Mode
from telehealth.models import Appointment, AppointmentEvent, Attendee, Message
from telehealth.queries import appointments as questions
from telehealth.queries import practices
from telehealth.queries.appointments import Place
from telehealth.services import appointments
from telehealth.services.appointments import By

USUAL_WINDOW = timedelta(days=31)
LONGEST_WINDOW = timedelta(days=366)
USUAL_PAGE, LONGEST_PAGE = 50, 200

CURSOR = re.compile(rf"([0-9]{{1,10}}) ({ID})")
NOT_A_CURSOR = {"cursor": "This is not a cursor from a page before."}

blueprint = Blueprint("Desk", "Appointments of the practice, for staff programs.")
blueprint.url_value_preprocessor(take_practice)


class StaffQuery(Schema):
    """Which appointments."""

    since = Instant(metadata={"description": "Starts from this instant on; now when left out."})
    until = Instant(
        metadata={"description": "Starts before this instant: 31 days after `since` when left out, at most 366 days."}
    )
    therapist = key(metadata={"description": "Only this therapist's."})
    limit = fields.Integer(load_default=USUAL_PAGE, validate=validate.Range(1, LONGEST_PAGE))
    cursor = fields.String(metadata={"description": "`next_cursor` of the page before; keep the other parameters."})


class AttendeeSchema(Schema):
    """A client's seat, with the contact given when it was booked."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    timezone = fields.String(required=True)
    jurisdiction = fields.String(required=True, allow_none=True)
    text_consent = fields.Boolean(required=True)


class StaffAppointmentSchema(Schema):
    """An appointment as staff see it."""

    id = fields.String(required=True)
    status = word(AppointmentStatus, required=True)
    mode = word(Mode, required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    timezone = fields.String(required=True, metadata={"description": "The zone that was meant, and of `local_start`."})
    local_start = fields.String(required=True, metadata={"format": "date-time"})
    service = fields.Nested(NamedSchema, required=True)
    therapist = fields.Nested(NamedSchema, required=True)
    location = fields.Nested(PlaceSchema, required=True, allow_none=True)
    attendees = fields.List(fields.Nested(AttendeeSchema), required=True)
    created = Instant(required=True)
    cancelled = Instant(required=True, allow_none=True)
    cancel_reason = fields.String(required=True)


class MessageSchema(Schema):
    """One text or e-mail about the appointment. Its words are on the desk's page, not here."""

    id = fields.String(required=True)
    kind = word(MessageKind, required=True)
    channel = word(Channel, required=True)
    recipient = fields.String(required=True, metadata={"description": "`therapist`, or the id of an attendee."})
    status = word(MessageStatus, required=True)
    reason = fields.String(required=True)
    planned_for = Instant(required=True)
    sent = Instant(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    error_code = fields.String(required=True, allow_none=True)


class EventSchema(Schema):
    """One line of the audit."""

    at = Instant(required=True)
    action = fields.String(required=True)
    actor = word(Actor, required=True)


class StaffAppointmentDetailSchema(StaffAppointmentSchema):
    """An appointment with its history."""

    messages = fields.List(fields.Nested(MessageSchema), required=True)
    events = fields.List(fields.Nested(EventSchema), required=True)


class StaffAppointmentsSchema(Schema):
    """A page of appointments by start, cancelled ones too."""

    appointments = fields.List(fields.Nested(StaffAppointmentSchema), required=True)
    next_cursor = fields.String(
        required=True, allow_none=True, metadata={"description": "Ask again with it for more; null at the end."}
    )


@blueprint.route("/practices/<key:practice>/appointments")
@access.staff()
class StaffAppointmentsView(MethodView):
    """The practice's appointments."""

    @operation("listAppointments")
    @blueprint.arguments(StaffQuery, location="query")
    @blueprint.response(200, StaffAppointmentsSchema)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List appointments

        A therapist sees their own; owners and the front desk see all.
        """
        who, limit = staff(), query["limit"]
        since, until = _window(query, clock.now())
        found = questions.page(
            who.practice_id,
            since,
            until,
            therapist_id=_therapist(who, query.get("therapist")),
            after=_read_cursor(query["cursor"]) if "cursor" in query else None,
            limit=limit + 1,
        )
        more = len(found) > limit
        return {
            "appointments": [_as_staff(appointment) for appointment in found[:limit]],
            "next_cursor": _cursor(found[limit - 1]) if more else None,
        }


@blueprint.route("/practices/<key:practice>/appointments/<key:appointment>")
@access.staff()
class StaffAppointmentView(MethodView):
    """One appointment."""

    @operation("getAppointment")
    @blueprint.response(200, StaffAppointmentDetailSchema)
    def get(self, appointment: str) -> dict[str, Any]:
        """Read an appointment with its history and messages"""
        return _in_detail(_find(appointment))


@blueprint.route("/practices/<key:practice>/appointments/<key:appointment>/cancel")
@access.staff()
class StaffCancelView(MethodView):
    """Cancelling."""

    @operation("cancelAppointment", AlreadyCancelled, TooLate, ImpossibleStatus)
    @blueprint.arguments(CancelSchema, required=False)
    @blueprint.response(200, StaffAppointmentDetailSchema)
    def post(self, body: dict[str, Any], appointment: str) -> dict[str, Any]:
        """Cancel an appointment

        The slot is free at once, and everybody is told.
        """
        who = staff()
        appointments.cancel(
            practice_id=who.practice_id,
            appointment_id=_find(appointment).id,
            by=By(Actor.STAFF, who.user_id),
            reason=body["reason"],
            now=clock.now(),
        )
        return _in_detail(_find(appointment))


def _find(public_id: str) -> Appointment:
    who = staff()
    return questions.by_public_id(who.practice_id, public_id, therapist_id=who.only_therapist)


def _window(query: dict[str, Any], now: datetime) -> tuple[datetime, datetime]:
    since = query.get("since", now)
    until = query.get("until", since + USUAL_WINDOW)
    if not since < until <= since + LONGEST_WINDOW:
        raise InvalidInput({"until": "Please give an instant after since, at most 366 days later."})
    return since, until


def _therapist(who: Staff, public_id: str | None) -> int | None:
    """The one therapist to show; None for all. Raises NotFound and NotAllowed."""
    if public_id is None:
        return who.only_therapist
    therapist_id = practices.therapist(who.practice_id, public_id).id
    who.require(therapist_id)
    return therapist_id


def _cursor(last: Appointment) -> str:
    plain = f"{int(last.starts_at.timestamp())} {last.public_id}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> Place:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        plain = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except ValueError as problem:
        raise InvalidInput(NOT_A_CURSOR) from problem
    match = CURSOR.fullmatch(plain)
    if match is None:
        raise InvalidInput(NOT_A_CURSOR)
    return Place(datetime.fromtimestamp(int(match[1]), UTC), match[2])


def _as_staff(appointment: Appointment) -> dict[str, Any]:
    return {
        **outline(appointment, appointment.timezone),
        "attendees": [_attendee(attendee) for attendee in appointment.attendees],
        "created": appointment.created_at,
        "cancelled": appointment.cancelled_at,
        "cancel_reason": appointment.cancel_reason,
    }


def _in_detail(appointment: Appointment) -> dict[str, Any]:
    return {
        **_as_staff(appointment),
        "messages": [_message(message) for message in questions.messages(appointment.id)],
        "events": [_event(event) for event in appointment.events],
    }


def _attendee(attendee: Attendee) -> dict[str, Any]:
    return {
        # The public id of a seat is half of the client's link, so staff programs get the client's id instead.
        "id": attendee.client.public_id,
        "name": attendee.name,
        "email": attendee.email,
        "phone": attendee.phone,
        "timezone": attendee.timezone,
        "jurisdiction": attendee.jurisdiction,
        "text_consent": attendee.text_consent_at is not None,
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "id": message.public_id,
        "kind": message.kind,
        "channel": message.channel,
        "recipient": message.attendee.client.public_id if message.attendee is not None else "therapist",
        "status": message.status,
        "reason": message.reason,
        "planned_for": message.planned_for,
        "sent": message.sent_at,
        "attempts": message.attempts,
        "error_code": message.error_code,
    }


def _event(event: AppointmentEvent) -> dict[str, Any]:
    return {"at": event.at, "action": event.action, "actor": event.actor}
