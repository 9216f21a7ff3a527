"""What was said and what will be said, sending it again, and what it did, for staff programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, DayField, Instant, Query, Schema, key, word
from telehealth.domain import access, walltime
from telehealth.domain.addresses import without_keys
from telehealth.domain.errors import CannotResend, InvalidInput
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.domain.reasons import say_why
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.models import Message
from telehealth.queries.delivery.message_log import LogFilters, find_message, list_log
from telehealth.queries.practice.practices import find_practice
from telehealth.services.delivery.resending import resend_message

if TYPE_CHECKING:
    from telehealth.queries.delivery import message_report
else:
    message_report = Library("telehealth.queries.delivery.message_report")

USUAL_PAGE, LONGEST_PAGE = 50, 200
LONGEST_REPORT_DAYS = 366

blueprint = Blueprint("Messages", "What was said, what will be said, and what it did.")


class MessagesQuery(Query):
    """Which messages."""

    client = key(load_default=None, metadata={"description": "A client's id."})
    appointment = key(load_default=None, metadata={"description": "An appointment's id."})
    status = word(MessageStatus, load_default=None, metadata={"description": "How far it came."})
    channel = word(Channel, load_default=None, metadata={"description": "How it travels."})
    kind = word(MessageKind, load_default=None, metadata={"description": "What it is about."})
    since = Instant(load_default=None, metadata={"description": "Due then or later."})
    until = Instant(load_default=None, metadata={"description": "Due before."})
    after = key(load_default=None, metadata={"description": "`next` of the page before; keep the other parameters."})
    limit = fields.Integer(load_default=USUAL_PAGE, validate=validate.Range(1, LONGEST_PAGE))


class MessageLineSchema(Schema):
    """One message of the log."""

    id = fields.String(attribute="public_id")
    kind = word(MessageKind)
    channel = word(Channel)
    recipient = fields.String(
        metadata={
            "description": "Who reads it: `attendee:`, `companion:`, `therapist:`, `entry:`, `phone:`, `user:` or "
            "`practice:`, and what names them."
        }
    )
    appointment = fields.String(
        allow_none=True, attribute="appointment.public_id", metadata={"description": "The appointment's id."}
    )
    status = word(MessageStatus)
    reason = fields.String(attribute="why", metadata={"description": "Why it waits or ended, in plain words."})
    reason_code = word(
        Reason, allow_none=True, attribute="reason", metadata={"description": "The same, for programs; null for none."}
    )
    due = Instant(attribute="due_at")
    not_after = Instant(metadata={"description": "Later than this it would be useless."})
    sent = Instant(allow_none=True, attribute="sent_at")
    error_code = fields.String(allow_none=True)
    segments = fields.Integer(allow_none=True, metadata={"description": "What a text cost."})
    subject = fields.String()
    body = fields.String(metadata={"description": "As sent, without the keys of links; empty before."})


class MessagesSchema(Schema):
    """The latest first."""

    messages = fields.List(fields.Nested(MessageLineSchema))
    next = fields.String(allow_none=True, metadata={"description": "Ask again with it as `after`."})


class ReportQuery(Query):
    """Which days, on the practice's calendar."""

    since = DayField(required=True, metadata={"description": "The first day."})
    until = DayField(required=True, metadata={"description": "The day after the last one."})


class Bound(fields.Float):
    """Four digits say enough about a share."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> float:
        del attr, obj, kwargs
        return round(float(value), 4)


class ShareSchema(Schema):
    """So many of so many, and between which bounds the true share lies with 95 % confidence (Wilson's interval)."""

    part = fields.Integer()
    whole = fields.Integer()
    low = Bound()
    high = Bound()


class ReportSchema(Schema):
    """Attendance is seats kept of seats kept or missed."""

    attendance = fields.Nested(ShareSchema)
    by_channel = fields.Dict(fields.String(), fields.Nested(ShareSchema))
    by_lead = fields.Dict(fields.String(), fields.Nested(ShareSchema))
    confirmed = fields.Nested(ShareSchema)
    unconfirmed = fields.Nested(ShareSchema)
    replies = fields.Dict(fields.String(), fields.Integer())
    opt_outs = fields.Dict(fields.String(), fields.Integer())
    texts = fields.Integer()
    segments = fields.Integer()


@blueprint.get("/practices/<key:practice>/messages")
@access.staff()
@operation("listMessages")
@blueprint.arguments(MessagesQuery, location="query")
@blueprint.response(200, MessagesSchema)
def get_messages(query: dict[str, Any]) -> dict[str, Any]:
    """List messages, sent or planned

    A therapist sees what is about their appointments; owners and the front desk see all.
    """
    who = staff()
    wanted = ("client", "appointment", "channel", "kind", "since", "until")
    filters = LogFilters(
        **{name: query[name] for name in wanted},
        statuses=[query["status"]] if query["status"] else [],
        therapist_id=who.only_therapist,
    )
    page = list_log(who.practice_id, filters, after=query["after"], limit=query["limit"])
    return {"messages": [_line(each) for each in page.rows], "next": page.following}


@blueprint.get("/practices/<key:practice>/messages/<key(but='report rehearsal'):message>")
@access.staff()
@operation("getMessage")
@blueprint.response(200, MessageLineSchema)
def get_message(message: str) -> Beside:
    """Read one message"""
    return _line(_find(message))


@blueprint.post("/practices/<key:practice>/messages/<key:message>/resend")
@access.staff()
@operation("resendMessage", CannotResend)
@blueprint.response(201, MessageLineSchema)
def post_resend(message: str) -> Beside:
    """Send a message again

    To the same person, in the words of now. Answers with the new message, which waits to be sent.
    """
    found = _find(message)
    made = resend_message(
        practice_id=found.practice_id, message_public_id=found.public_id, by=by_staff(), now=clock.now()
    )
    return _line(find_message(made.practice_id, made.public_id))


@blueprint.get("/practices/<key:practice>/messages/report")
@access.staff(Role.OWNER, Role.FRONT_DESK, Role.SUPERVISOR)
@operation("reportOnMessages")
@blueprint.arguments(ReportQuery, location="query")
@blueprint.response(200, ReportSchema)
def get_report(query: dict[str, Any]) -> message_report.MessageReport:
    """Read what messages did: attendance, replies, opt-outs, cost"""
    if not 0 < (query["until"] - query["since"]).days <= LONGEST_REPORT_DAYS:
        raise InvalidInput({"until": "Please give a day after since, at most 366 days later."})
    zone = walltime.zone(find_practice(staff().practice_slug).timezone)
    since, until = (walltime.midnight(query[name], zone) for name in ("since", "until"))
    return message_report.report_of_period(staff().practice_id, since=since, until=until)


def _find(public_id: str) -> Message:
    """A message that this member of staff may see. Raises NotFound, NotAllowed."""
    return find_message(staff().practice_id, public_id, therapist_id=staff().only_therapist)


def _line(row: Message) -> Beside:
    return Beside(row, why=say_why(row), body=without_keys(row.body))
