"""The days to come as if they had come, for staff programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.appointments.shapes import addresses
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, DayField, Instant, Query, Schema, word
from telehealth.domain import access, walltime
from telehealth.domain.message_words import Channel, MessageKind, Reason
from telehealth.domain.words import Role
from telehealth.queries.practice.practices import find_practice
from telehealth.services.rehearsal.rehearsing import LONGEST, end_of_rehearsal, rehearse_practice

USUAL_DAYS = 7

blueprint = Blueprint("Rehearsal", "The days to come as if they had come. Nothing is sent, and nothing is kept.")


class RehearsalQuery(Query):
    """Which days, on the practice's calendar."""

    first = DayField(data_key="from", load_default=None, metadata={"description": "The first day; without it: today."})
    days = fields.Integer(
        load_default=USUAL_DAYS,
        validate=validate.Range(1, LONGEST.days),
        metadata={"description": "How many days."},
    )


class RehearsedSchema(Schema):
    """One message that would go out, or that would not."""

    at = Instant()
    timezone = fields.String(attribute="zone", metadata={"description": "Of the reader's clock."})
    to = fields.String(metadata={"description": "The reader's name."})
    kind = word(MessageKind)
    channel = word(Channel)
    minutes = fields.Integer(metadata={"description": "What its rule says; 0 for news."})
    goes = fields.Boolean()
    reason = fields.String(
        attribute="why", metadata={"description": "Why it would not go, or not at its usual time, in plain words."}
    )
    reason_code = word(
        Reason, allow_none=True, attribute="reason", metadata={"description": "The same, for programs; null for none."}
    )
    subject = fields.String()
    body = fields.String(metadata={"description": "Without the keys of links."})
    appointment = fields.String(
        allow_none=True, metadata={"description": "The id of the appointment, where it has one yet."}
    )


class RehearsalSchema(Schema):
    """In order of time."""

    until = Instant(
        metadata={
            "description": "Before this instant: the end of the days that were asked for, or sooner where there are "
            "thousands of messages in them. Ask again from there on."
        }
    )
    would_go = fields.Integer()
    would_not = fields.Integer()
    messages = fields.List(fields.Nested(RehearsedSchema))


@blueprint.get("/practices/<key:practice>/messages/rehearsal")
@access.staff(Role.OWNER, Role.FRONT_DESK)
@operation("rehearse")
@blueprint.arguments(RehearsalQuery, location="query")
@blueprint.response(200, RehearsalSchema)
def get_rehearsal(query: dict[str, Any]) -> dict[str, Any]:
    """Rehearse some days: every message that would go out, and why others would not

    The clock runs forward over the real plans, also of standing slots whose appointments are made later. What has
    gone out is left out; what was due before now and did not go is explained.
    """
    zone = walltime.zone(find_practice(staff().practice_slug).timezone)
    now = clock.now()
    first = query["first"] or now.astimezone(zone).date()
    about: dict[str, Any] = {"practice_id": staff().practice_id, "since": walltime.midnight(first, zone)}
    until = end_of_rehearsal(until=walltime.midnight(first + timedelta(days=query["days"]), zone), **about)
    lines = rehearse_practice(until=until, addresses=addresses(), now=now, **about)
    go = sum(line.goes for line in lines)
    told = [Beside(line, appointment=line.appointment or None) for line in lines]
    return {"until": until, "would_go": go, "would_not": len(lines) - go, "messages": told}
