"""Requests: appointments that wait for a yes. Staff answer with their token, or with the one in the e-mail."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_mailbox, by_staff
from telehealth.api.appointments.links import LONGEST_REASON
from telehealth.api.appointments.shapes import LocalStart, NamedSchema, addresses
from telehealth.api.appointments.staff_shapes import (
    StaffAppointmentDetailSchema,
    StaffAppointmentSchema,
    find_appointment_for_staff,
    guardian_reason_field,
    in_detail,
)
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Body, Instant, OneLine, Schema, word
from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.errors import AlreadyAnswered, InvalidInput, LinkInvalid, SlotNotOffered
from telehealth.domain.naming import initials
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment
from telehealth.queries.appointments.requests import find_request_by_link, list_requests
from telehealth.services.appointments.approving import approve_request, decline_request
from telehealth.services.audit import ActedBy

APPOINTMENT = "/practices/<key:practice>/appointments/<key:appointment>"
MAILED = "/requests/<token:answer_token>"

blueprint = Blueprint("Requests", "Appointments that wait for the practice's yes; of two answers the first one counts.")
by_link = Blueprint("Answers", "Answering one request with the token from the e-mail about it.")


class DeclineSchema(Body):
    """A few words."""

    message = OneLine(longest=LONGEST_REASON, load_default="", metadata={"description": "The client reads it."})


class ApproveSchema(Body):
    """What has to be said for some."""

    guardian_reason = guardian_reason_field()


DECLINE_EXAMPLE = {"message": "I am full until spring. Ari Bell has time on Tuesdays."}


class RequestsSchema(Schema):
    """What waits for an answer, the most urgent first."""

    requests = fields.List(fields.Nested(StaffAppointmentSchema))


class Initials(fields.String):
    """As much of a client's name as a mailbox may show."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str:
        del attr, obj, kwargs
        return initials(value.name)


class RequestSchema(Schema):
    """A request as a mailbox may show it: initials only, the rest is behind the login."""

    status = word(AppointmentStatus)
    expires_at = Instant(allow_none=True)
    start = Instant(attribute="starts_at")
    end = Instant(attribute="ends_at")
    timezone = fields.String()
    local_start = LocalStart()
    mode = word(Mode)
    therapist = fields.Nested(NamedSchema)
    clients = fields.List(Initials(), attribute="attendees", metadata={"description": "Initials."})


@blueprint.get("/practices/<key:practice>/requests")
@access.staff()
@operation("listRequests")
@blueprint.response(200, RequestsSchema)
def get_requests() -> dict[str, Any]:
    """List what waits for an answer

    A therapist sees their own; owners and the front desk see all.
    """
    who = staff()
    return {"requests": list_requests(who.practice_id, therapist_id=who.only_therapist, now=clock.now())}


@blueprint.post(f"{APPOINTMENT}/approve")
@access.staff()
@operation("approveRequest", AlreadyAnswered, SlotNotOffered)
@blueprint.arguments(ApproveSchema, required=False, example={})
@blueprint.response(200, StaffAppointmentDetailSchema)
def post_approve(body: dict[str, Any], appointment: str) -> Beside:
    """Say yes to a request

    It is booked, and everybody gets the invite. Where a practice wants minors to be booked by, or with, whoever acts
    for them, and nobody does, it needs a reason.
    """
    _approve(find_appointment_for_staff(appointment), body["guardian_reason"], by=by_staff())
    return in_detail(appointment)


@blueprint.post(f"{APPOINTMENT}/decline")
@access.staff()
@operation("declineRequest", AlreadyAnswered)
@blueprint.arguments(DeclineSchema, required=False, example=DECLINE_EXAMPLE)
@blueprint.response(200, StaffAppointmentDetailSchema)
def post_decline(body: dict[str, Any], appointment: str) -> Beside:
    """Say no to a request

    With a few words to the client. The slot is free.
    """
    _decline(find_appointment_for_staff(appointment), body["message"], by=by_staff())
    return in_detail(appointment)


@by_link.get(MAILED)
@access.by_link
@operation("getRequestByLink", LinkInvalid)
@by_link.response(200, RequestSchema)
def get_request_by_link(answer_token: str) -> Appointment:
    """Read a request"""
    return _mailed(answer_token)


@by_link.post(f"{MAILED}/approve")
@access.by_link
@operation("approveRequestByLink", LinkInvalid, AlreadyAnswered, SlotNotOffered, InvalidInput)
@by_link.response(200, RequestSchema)
def post_approve_by_link(answer_token: str) -> Appointment:
    """Say yes to a request, without signing in"""
    _approve(_mailed(answer_token), "", by=by_mailbox())
    return _mailed(answer_token)


@by_link.post(f"{MAILED}/decline")
@access.by_link
@operation("declineRequestByLink", LinkInvalid, AlreadyAnswered)
@by_link.arguments(DeclineSchema, required=False, example=DECLINE_EXAMPLE)
@by_link.response(200, RequestSchema)
def post_decline_by_link(body: dict[str, Any], answer_token: str) -> Appointment:
    """Say no to a request, without signing in"""
    _decline(_mailed(answer_token), body["message"], by=by_mailbox())
    return _mailed(answer_token)


def _approve(found: Appointment, guardian_reason: str, *, by: ActedBy) -> None:
    facts = {"practice_id": found.practice_id, "appointment_id": found.id}
    approve_request(**facts, guardian_reason=guardian_reason, by=by, now=clock.now())


def _decline(found: Appointment, message: str, *, by: ActedBy) -> None:
    decline_request(practice_id=found.practice_id, appointment_id=found.id, message=message, by=by, now=clock.now())


def _mailed(answer_token: str) -> Appointment:
    """The request that a token from an e-mail opens. Raises LinkInvalid."""
    return find_request_by_link(addresses().read(LinkPurpose.ANSWER, answer_token))
