"""The practice in figures, for owners' programs."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import DayField, Query, Schema, word
from telehealth.domain import access, walltime
from telehealth.domain.appointments.outcomes import Outcome
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Role, WaitlistStatus
from telehealth.queries.appointments.activity import ActivityReport, report_activity
from telehealth.queries.practice.practices import find_practice

LONGEST_DAYS = 366

blueprint = Blueprint("Report", "What became of the sessions of a period, and of the hours that were offered.")


class ActivityQuery(Query):
    """Which days, on the practice's calendar."""

    since = DayField(required=True, metadata={"description": "The first day."})
    until = DayField(required=True, metadata={"description": "The day after the last one."})


def tallies(description: str) -> fields.Dict:
    """Counts of seats by outcome, under names."""
    counts = fields.Dict(word(Outcome), fields.Integer())
    return fields.Dict(fields.String(), counts, metadata={"description": description})


class WorkedSchema(Schema):
    """One therapist's time."""

    therapist = fields.String(attribute="name")
    offered_minutes = fields.Integer(
        attribute="offered", metadata={"description": "Working hours without time off, on the therapist's own clock."}
    )
    given_minutes = fields.Integer(
        attribute="booked", metadata={"description": "Appointments that were not cancelled, without buffers."}
    )


class ActivitySchema(Schema):
    """Seats whose time has come, by what became of them. Requests that were never agreed to do not count."""

    total = fields.Dict(word(Outcome), fields.Integer())
    by_month = tallies("Months are written 2026-11.")
    by_therapist = tallies("By name.")
    by_service = tallies("By name.")
    by_lead = tallies("By how long before the start it was booked.")
    by_channel = tallies("By how it was reminded of.")
    hours = fields.List(fields.Nested(WorkedSchema), attribute="worked")
    new_clients = fields.Dict(
        fields.String(),
        fields.Integer(),
        metadata={"description": "Clients by the month of their very first session."},
    )
    waits = fields.Dict(
        word(WaitlistStatus),
        fields.Integer(),
        metadata={"description": "Who began to wait in the period, by what became of it."},
    )


@blueprint.get("/practices/<key:practice>/report")
@access.staff(Role.OWNER)
@operation("reportOnPractice")
@blueprint.arguments(ActivityQuery, location="query")
@blueprint.response(200, ActivitySchema)
def get_activity(query: dict[str, Any]) -> ActivityReport:
    """Read what became of sessions, hours offered and given, new clients, the waitlist"""
    if not 0 < (query["until"] - query["since"]).days <= LONGEST_DAYS:
        raise InvalidInput({"until": "Please give a day after since, at most 366 days later."})
    zone = walltime.zone(find_practice(staff().practice_slug).timezone)
    now = clock.now()
    return report_activity(staff().practice_id, first=query["since"], until=query["until"], zone=zone, now=now)
