"""How appointments look to staff, and finding the ones that are theirs to see."""

from __future__ import annotations

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.appointments.booking import BOOKING_EXAMPLE, BookingSchema
from telehealth.api.appointments.events import EventSchema, events
from telehealth.api.appointments.links import LONGEST_REASON, MoveSchema
from telehealth.api.appointments.shapes import LocalStart, NamedSchema, PlaceSchema, TermsSchema
from telehealth.api.parsing import Beside, DayField, Instant, IsGiven, OneLine, Schema, Several, YesOrNo, key, word
from telehealth.domain.appointments.ending import CancelledBy
from telehealth.domain.calendar_words import CalendarAnswer
from telehealth.domain.companions import Relationship
from telehealth.domain.errors import NotFound
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.domain.reasons import say_why
from telehealth.domain.words import AppointmentStatus, Mode, Obstacle
from telehealth.models import Appointment, Message
from telehealth.queries.appointments.appointments import find_appointment, list_messages
from telehealth.queries.appointments.licences import find_unfit
from telehealth.queries.series.occurrences import find_occurrence


class SeatBookerSchema(NamedSchema):
    """Who booked a seat online for its client."""

    relationship = word(Relationship, metadata={"description": "What they are to the client."})
    is_known = fields.Boolean(
        metadata={"description": "`false`: they have to do with this seat alone until staff know them."}
    )


class AttendeeSchema(Schema):
    """A client's seat, with the contact given when it was booked."""

    # The public id of a seat is half of the client's link, so staff programs get the client's id instead.
    id = fields.String(attribute="client.public_id", metadata={"description": "The client's id."})
    name = fields.String()
    email = fields.String()
    phone = fields.String(allow_none=True)
    timezone = fields.String()
    jurisdiction = fields.String(allow_none=True)
    text_consent = IsGiven(attribute="text_consent_at")
    status = word(AppointmentStatus)
    confirmed = Instant(
        allow_none=True, attribute="confirmed_at", metadata={"description": "When they said that they will come."}
    )
    calendar_answer = word(
        CalendarAnswer,
        allow_none=True,
        metadata={"description": "What their calendar last answered to the invite. It confirms and cancels nothing."},
    )
    booked_by = fields.Nested(
        SeatBookerSchema,
        allow_none=True,
        metadata={"description": "Who booked it online for the client; null where the client or staff did."},
    )
    late_cancel = fields.Boolean()
    cancelled = Instant(allow_none=True, attribute="cancelled_at")
    cancelled_by = word(CancelledBy, allow_none=True)
    cancel_reason = fields.String()
    cancel_message = fields.String(metadata={"description": "What was written to the client when it was cancelled."})


class StaffAppointmentSchema(Schema):
    """An appointment as staff see it."""

    id = fields.String(attribute="public_id")
    status = word(AppointmentStatus)
    expires_at = Instant(allow_none=True, metadata={"description": "Until then a pending one waits for a yes."})
    answer = fields.String(metadata={"description": "What was written to the client with a no."})
    mode = word(Mode)
    start = Instant(attribute="starts_at")
    end = Instant(attribute="ends_at")
    timezone = fields.String(metadata={"description": "The zone that was meant, and of `local_start`."})
    local_start = LocalStart()
    service = fields.Nested(NamedSchema)
    therapist = fields.Nested(NamedSchema)
    co_therapist = fields.Nested(NamedSchema, allow_none=True)
    location = fields.Nested(PlaceSchema, allow_none=True)
    room = fields.Nested(NamedSchema, allow_none=True)
    attendees = fields.List(fields.Nested(AttendeeSchema))
    terms = fields.Nested(TermsSchema, allow_none=True, attribute="policy")
    asked_to_move_at = Instant(
        allow_none=True,
        metadata={"description": "Since when its clients are asked to choose another time; null when they are not."},
    )
    overrides = fields.List(word(Obstacle), metadata={"description": "The obstacles that staff set aside knowingly."})
    override_reason = fields.String()
    created = Instant(attribute="created_at")
    cancelled = Instant(allow_none=True, attribute="cancelled_at")
    cancel_reason = fields.String()


class MessageSchema(Schema):
    """One text or e-mail about the appointment. Its words are on the desk's page, not here."""

    id = fields.String(attribute="public_id")
    kind = word(MessageKind)
    channel = word(Channel)
    recipient = fields.String(
        metadata={"description": "`therapist`, `co_therapist`, or the id of a client or of who acts for them."}
    )
    status = word(MessageStatus)
    reason = fields.String()
    reason_code = word(Reason, allow_none=True, metadata={"description": "The same, for programs; null for none."})
    planned_for = Instant()
    sent = Instant(allow_none=True, attribute="sent_at")
    attempts = fields.Integer()
    error_code = fields.String(allow_none=True)


class OfSeriesSchema(Schema):
    """One date of a standing slot."""

    id = fields.String(attribute="series.public_id", metadata={"description": "The standing slot's id."})
    day = DayField(metadata={"description": "The date it was meant for at first."})


class UnlicensedSchema(Schema):
    """A therapist who may not treat a client where they will be, on that date."""

    therapist = fields.Nested(NamedSchema)
    jurisdiction = fields.String()


class StaffAppointmentDetailSchema(StaffAppointmentSchema):
    """An appointment with its history."""

    series = fields.Nested(
        OfSeriesSchema, allow_none=True, metadata={"description": "The standing slot it belongs to."}
    )

    unlicensed = fields.List(
        fields.Nested(UnlicensedSchema),
        metadata={"description": "Therapists of it without a licence where a client will be. People decide."},
    )
    messages = fields.List(fields.Nested(MessageSchema))
    events = fields.List(fields.Nested(EventSchema))


def reason_field(description: str = "Kept in the audit.") -> OneLine:
    """Why, in one line."""
    return OneLine(longest=LONGEST_REASON, load_default="", metadata={"description": description})


def guardian_reason_field() -> OneLine:
    """Why nobody has to act for a minor, in one line."""
    return reason_field(
        "Why nobody has to act for a minor. Needed where the practice wants minors to be booked by, or with, whoever "
        "acts for them, and nobody does. Kept in the audit."
    )


def _waived() -> Several:
    return Several(
        word(Obstacle),
        load_default=list,
        validate=validate.Length(max=len(Obstacle)),
        metadata={
            "description": "Obstacles to set aside knowingly, by name; `reason` is then needed. Whatever stands in the "
            "way and is not named is still refused. `taken` and its kind make a deliberate overlap, which is flagged."
        },
    )


def _minutes(description: str) -> fields.Integer:
    return fields.Integer(load_default=None, allow_none=True, strict=True, metadata={"description": description})


class StaffBookingSchema(BookingSchema):
    """What staff book for somebody."""

    minutes = _minutes("One of the lengths that the service allows; null: its usual one.")
    room = key(load_default=None, allow_none=True, metadata={"description": "In person: this room and no other."})
    waived = _waived()
    reason = reason_field("Why the obstacles are set aside.")


STAFF_BOOKING_EXAMPLE = {**BOOKING_EXAMPLE, "waived": ["notice"], "reason": "Agreed on the phone."}


class StaffMoveSchema(MoveSchema):
    """Where to."""

    minutes = _minutes("One of the lengths that the service allows; null: as long as it is.")
    tell_clients = YesOrNo(
        load_default=True,
        metadata={"description": "Where only the length changes: false when somebody else tells the clients."},
    )
    waived = _waived()
    reason = reason_field()


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


def in_detail(public_id: str) -> Beside:
    """An appointment that this member of staff may see, as it is now, with its history. Raises NotFound, NotAllowed."""
    found = find_appointment_for_staff(public_id)
    return Beside(
        found,
        series=find_occurrence(found.id),
        unlicensed=find_unfit(found, now=clock.now()),
        messages=[_message(each, found) for each in list_messages(found.id)],
        events=events(found),
    )


def _message(message: Message, appointment: Appointment) -> Beside:
    return Beside(
        message, recipient=_recipient(message, appointment), reason=say_why(message), reason_code=message.reason
    )


def _recipient(message: Message, appointment: Appointment) -> str:
    if message.companion is not None:
        return message.companion.public_id
    if message.attendee is not None:
        return message.attendee.client.public_id
    is_second = message.therapist_id is not None and message.therapist_id == appointment.co_therapist_id
    return "co_therapist" if is_second else "therapist"
