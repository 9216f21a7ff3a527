"""What staff do with appointments: book, move, cancel, record who came, change the room, add somebody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from marshmallow import fields

from telehealth import clock
from telehealth.api.access import Staff, staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments import contacts
from telehealth.api.appointments.booking import BOOKED_HEADERS, booked_headers, wish_of
from telehealth.api.appointments.contacts import CLIENT_EXAMPLE, ClientSchema
from telehealth.api.appointments.links import MOVE_EXAMPLE, destination_of
from telehealth.api.appointments.staff_shapes import (
    STAFF_BOOKING_EXAMPLE,
    StaffAppointmentDetailSchema,
    StaffBookingSchema,
    StaffMoveSchema,
    find_appointment_for_staff,
    guardian_reason_field,
    in_detail,
    reason_field,
    seat_in,
)
from telehealth.api.idempotency import IdempotencySchema
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Body, YesOrNo, in_our_names, key, word
from telehealth.domain import access
from telehealth.domain.errors import (
    AlreadyCancelled,
    GroupFull,
    IdempotencyMismatch,
    ImpossibleStatus,
    NeedsReason,
    ServiceEnded,
    SlotNotOffered,
    SlotTaken,
    TooEarly,
    TooLate,
)
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment
from telehealth.queries.practice.therapists import therapist_public_ids
from telehealth.services.appointments.asking import ask_to_move, keep_after_all
from telehealth.services.appointments.attending import add_attendee, confirm_seat, set_status
from telehealth.services.appointments.booking import BookingWish, book_appointment
from telehealth.services.appointments.cancelling import cancel_appointment
from telehealth.services.appointments.moving import change_room, move_appointment
from telehealth.services.consent.link_ending import end_links_of_appointment

APPOINTMENT = "/practices/<key:practice>/appointments/<key:appointment>"

blueprint = Blueprint("Desk changes", "What staff do with appointments. A therapist changes their own only.")


class StaffCancelSchema(Body):
    """Who cannot come, and why."""

    attendee = key(
        load_default=None,
        allow_none=True,
        metadata={"description": "The id of the client who cannot come; without it, the appointment is off for all."},
    )
    late = YesOrNo(
        load_default=None,
        allow_none=True,
        metadata={"description": "Mark it as a late cancellation, or forgive one; null: by the terms agreed to."},
    )
    reason = reason_field("For the practice.")
    message = reason_field("A few words to the client, sent by e-mail with the cancellation.")
    asked_by_client = YesOrNo(
        load_default=False,
        metadata={"description": "The client asked for it: they are told that they cancelled, not the practice."},
    )


class AskSchema(Body):
    """Why the time cannot be kept."""

    reason = reason_field("For the practice.")


class StatusSchema(Body):
    """What happened."""

    status = word(
        AppointmentStatus,
        required=True,
        metadata={
            "description": "`arrived`, `fulfilled` or `noshow`; `booked` takes a mistaken record or cancellation back."
        },
    )
    attendee = key(
        load_default=None,
        allow_none=True,
        metadata={"description": "The id of one client of several; without it, all of them are meant."},
    )
    reason = reason_field()


class ConfirmSchema(Body):
    """Who said that they will come."""

    attendee = key(
        load_default=None,
        allow_none=True,
        metadata={"description": "The id of one client of several; without it, all of them said so."},
    )


class WhoseLinksSchema(Body):
    """Whose links end."""

    attendee = key(
        load_default=None,
        allow_none=True,
        metadata={"description": "The id of one client of several; without it, everybody's."},
    )


class OtherRoomSchema(Body):
    """Which room."""

    room = key(required=True, metadata={"description": "The id of a room of the same location."})


class NewAttendeeSchema(Body):
    """Who joins."""

    client = fields.Nested(ClientSchema, required=True)
    reason = reason_field()
    guardian_reason = guardian_reason_field()


@blueprint.post("/practices/<key:practice>/desk/appointments")
@access.staff()
@operation(
    "bookAppointmentForClient", ServiceEnded, SlotTaken, SlotNotOffered, GroupFull, NeedsReason, IdempotencyMismatch
)
@blueprint.arguments(StaffBookingSchema, example=STAFF_BOOKING_EXAMPLE)
@blueprint.arguments(IdempotencySchema, location="headers")
@blueprint.response(201, StaffAppointmentDetailSchema, headers=BOOKED_HEADERS)
def post_desk_appointment(body: dict[str, Any], headers: dict[str, Any]) -> Any:
    """Book an appointment for somebody

    It needs no yes from the practice. Obstacles can be set aside by name, with a reason that is kept:
    also `new_client`, which stands where a therapist who takes no new clients has met nobody of those who come.
    """
    who, now = staff(), clock.now()
    wish = _own(who, wish_of(body, headers.get("key"), needs_email=False, room=body["room"], **_overriding(body)))
    booked = book_appointment(practice=who.practice_id, wish=wish, by=by_staff(), now=now)
    where = f"/practices/{booked.practice.slug}/appointments/{booked.public_id}"
    return in_detail(booked.public_id), 201, booked_headers(where, booked, headers.get("key"), now=now)


@blueprint.post(f"{APPOINTMENT}/move")
@access.staff()
@operation(
    "moveAppointment", ServiceEnded, SlotTaken, SlotNotOffered, GroupFull, NeedsReason, TooLate, ImpossibleStatus
)
@blueprint.arguments(StaffMoveSchema, example=MOVE_EXAMPLE)
@blueprint.response(200, StaffAppointmentDetailSchema)
def post_move(body: dict[str, Any], appointment: str) -> Beside:
    """Move an appointment

    To another time, therapist, place or way to meet, or to another length at the same time (see
    `listLengthsOfAppointment`). When the new slot is lost, the old one is untouched.
    """
    who, found = staff(), find_appointment_for_staff(appointment)
    move_appointment(
        practice_id=who.practice_id,
        appointment_id=found.id,
        to=destination_of(
            {**body, "therapist": _still_own(who, found, body["therapist"])},
            tells_clients=body["tell_clients"],
            **_overriding(body),
        ),
        by=by_staff(),
        now=clock.now(),
    )
    return in_detail(appointment)


@blueprint.post(f"{APPOINTMENT}/ask-to-move")
@access.staff()
@operation("askToChooseAnotherTime", TooLate, ImpossibleStatus)
@blueprint.arguments(AskSchema, required=False, example={"reason": "The therapist is ill."})
@blueprint.response(200, StaffAppointmentDetailSchema)
def post_ask(body: dict[str, Any], appointment: str) -> Beside:
    """Ask the clients to choose another time

    Each gets one message with their own link. The appointment keeps its time until one of them has chosen; nothing
    reminds anybody of it, and they may move and cancel it freely. Asked twice is asked once. Not for groups and
    requests.
    """
    found = find_appointment_for_staff(appointment)
    ask_to_move(
        practice_id=found.practice_id,
        appointment_id=found.id,
        by=by_staff(),
        reason=body["reason"],
        now=clock.now(),
    )
    return in_detail(appointment)


@blueprint.post(f"{APPOINTMENT}/keep-after-all")
@access.staff()
@operation("keepAppointmentAfterAll", ImpossibleStatus)
@blueprint.response(200, StaffAppointmentDetailSchema)
def post_keep(appointment: str) -> Beside:
    """Let an appointment take place at its time after all

    Takes back that its clients are asked to choose another time; whoever was told so is told that it is booked.
    """
    found = find_appointment_for_staff(appointment)
    keep_after_all(practice_id=found.practice_id, appointment_id=found.id, by=by_staff(), now=clock.now())
    return in_detail(appointment)


@blueprint.post(f"{APPOINTMENT}/cancel")
@access.staff()
@operation("cancelAppointment", AlreadyCancelled, TooLate, ImpossibleStatus)
@blueprint.arguments(StaffCancelSchema, required=False)
@blueprint.response(200, StaffAppointmentDetailSchema)
def post_cancel(body: dict[str, Any], appointment: str) -> Beside:
    """Cancel an appointment, or one client's seat in it

    The time is free at once, and everybody whom it concerns is told.
    """
    found = find_appointment_for_staff(appointment)
    cancel_appointment(
        practice_id=found.practice_id,
        appointment_id=found.id,
        attendee_id=seat_in(found, body["attendee"]),
        late=body["late"],
        by=by_staff(),
        reason=body["reason"],
        message=body["message"],
        asked_by_client=body["asked_by_client"],
        now=clock.now(),
    )
    return in_detail(appointment)


@blueprint.post(f"{APPOINTMENT}/status")
@access.staff()
@operation("recordAttendance", ImpossibleStatus, AlreadyCancelled, TooEarly, SlotTaken, GroupFull)
@blueprint.arguments(StatusSchema, example={"status": "arrived"})
@blueprint.response(200, StaffAppointmentDetailSchema)
def post_status(body: dict[str, Any], appointment: str) -> Beside:
    """Record who came

    A mistake can be corrected, and the audit shows it. A cancelled appointment that becomes `booked` again takes
    its time again, if that is still free.
    """
    found = find_appointment_for_staff(appointment)
    set_status(
        practice_id=found.practice_id,
        appointment_id=found.id,
        attendee_id=seat_in(found, body["attendee"]),
        status=body["status"],
        by=by_staff(),
        reason=body["reason"],
        now=clock.now(),
    )
    return in_detail(appointment)


@blueprint.post(f"{APPOINTMENT}/confirm")
@access.staff()
@operation("confirmAppointment", ImpossibleStatus, AlreadyCancelled, TooLate)
@blueprint.arguments(ConfirmSchema, required=False)
@blueprint.response(200, StaffAppointmentDetailSchema)
def post_confirm(body: dict[str, Any], appointment: str) -> Beside:
    """Record that clients said that they will come

    Twice is once. When the appointment moves, it is to be said anew.
    """
    found = find_appointment_for_staff(appointment)
    named = seat_in(found, body["attendee"])
    for seat in [each for each in found.attendees if each.id == named] if named else found.seats:
        confirm_seat(attendee_public_id=seat.public_id, by=by_staff(), now=clock.now())
    return in_detail(appointment)


@blueprint.post(f"{APPOINTMENT}/links/end")
@access.staff()
@operation("endAppointmentLinks")
@blueprint.arguments(WhoseLinksSchema, required=False)
@blueprint.response(200, StaffAppointmentDetailSchema)
def post_links_end(body: dict[str, Any], appointment: str) -> Beside:
    """End all links to an appointment

    What its clients were sent opens nothing any more (`link_ended`). Nothing is cancelled, and the next message has a
    new link.
    """
    found = find_appointment_for_staff(appointment)
    end_links_of_appointment(
        practice_id=found.practice_id,
        appointment_id=found.id,
        attendee_id=seat_in(found, body["attendee"]),
        by=by_staff(),
        now=clock.now(),
    )
    return in_detail(appointment)


@blueprint.post(f"{APPOINTMENT}/room")
@access.staff()
@operation("changeRoomOfAppointment", SlotTaken, ImpossibleStatus)
@blueprint.arguments(OtherRoomSchema)
@blueprint.response(200, StaffAppointmentDetailSchema)
def post_room(body: dict[str, Any], appointment: str) -> Beside:
    """Meet in another room

    Of the same location. Nobody is told: rooms are found on the day.
    """
    found = find_appointment_for_staff(appointment)
    change_room(
        practice_id=found.practice_id,
        appointment_id=found.id,
        room_public_id=body["room"],
        by=by_staff(),
        now=clock.now(),
    )
    return in_detail(appointment)


@blueprint.post(f"{APPOINTMENT}/attendees")
@access.staff()
@operation("addAttendee", GroupFull, SlotTaken, ImpossibleStatus)
@blueprint.arguments(NewAttendeeSchema, example={"client": CLIENT_EXAMPLE})
@blueprint.response(201, StaffAppointmentDetailSchema)
def post_attendee(body: dict[str, Any], appointment: str) -> Beside:
    """Add somebody to an appointment

    To a group, or to a couple or family that is not complete.
    """
    found = find_appointment_for_staff(appointment)
    contact = contacts.one(body["client"], found.mode, needs_email=False)
    with in_our_names({"name": "client.name"}):
        add_attendee(
            practice_id=found.practice_id,
            appointment_id=found.id,
            contact=contact,
            reason=body["reason"],
            guardian_reason=body["guardian_reason"],
            by=by_staff(),
            now=clock.now(),
        )
    return in_detail(appointment)


def _overriding(body: dict[str, Any]) -> dict[str, Any]:
    return {"waived": frozenset(body["waived"]), "reason": body["reason"], "minutes": body["minutes"]}


def _own(who: Staff, wish: BookingWish) -> BookingWish:
    """A therapist who names nobody books for themselves. Raises NotFound, NotAllowed."""
    if who.only_therapist is not None and wish.therapist is None and wish.co_therapist is None:
        return replace(wish, therapist=therapist_public_ids([who.only_therapist])[who.only_therapist])
    who.require_among(wish.therapist, wish.co_therapist)
    return wish


def _still_own(who: Staff, found: Appointment, therapist: str | None) -> str | None:
    """Whoever is named, and for a therapist who names nobody, the one who has it. Raises NotAllowed."""
    who.require_kept(found.therapists, therapist)
    return therapist if who.only_therapist is None else therapist or found.therapist.public_id
