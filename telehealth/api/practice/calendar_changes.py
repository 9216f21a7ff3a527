"""What therapists did to appointments in their own calendars, and what is meant by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments.staff_shapes import StaffAppointmentSchema
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Body, Instant, Query, Schema, word
from telehealth.domain import access
from telehealth.domain.calendar_refusals import MovedThereAgain
from telehealth.domain.calendar_words import SeenAnswer, SeenChange
from telehealth.domain.errors import InvalidInput, SlotNotOffered, SlotTaken
from telehealth.late import Library

if TYPE_CHECKING:
    from telehealth.queries.calendars import conflicts, seen_changes
    from telehealth.services.calendars import answering
else:
    conflicts = Library("telehealth.queries.calendars.conflicts")
    seen_changes = Library("telehealth.queries.calendars.seen_changes")
    answering = Library("telehealth.services.calendars.answering")

blueprint = Blueprint(
    "Changes in own calendars",
    "Appointments that a therapist moved, lengthened or deleted in their own calendar. Nothing is changed here, and no "
    "client is told, before somebody says what is meant. Therapists see their own, owners and the front desk all.",
)
ALL = "/practices/<key:practice>/calendar-changes"


class SeenChangeSchema(Schema):
    """One appointment that does not stand in a calendar as it was written."""

    id = fields.String(attribute="public_id")
    appointment = fields.String(attribute="appointment.public_id", metadata={"description": "The appointment's id."})
    connection = fields.String(
        attribute="calendar.connection.public_id", metadata={"description": "The id of the connection to the calendar."}
    )
    seen = word(SeenChange)
    start = Instant(attribute="appointment.starts_at", metadata={"description": "When it begins here."})
    seen_start = Instant(attribute="seen_starts_at", allow_none=True, metadata={"description": "When it begins there."})
    seen_end = Instant(attribute="seen_ends_at", allow_none=True)
    minutes_there = fields.Integer(
        allow_none=True,
        metadata={
            "description": "How long it would last once moved there: as long as there if its service has that length, "
            "else as long as it does here. Null: it cannot be moved there (`move`), only put back."
        },
    )
    asked = Instant(attribute="asked_at")


class MissingAppointmentsSchema(Schema):
    """A calendar in which most of what was written is not found any more."""

    calendar = fields.String(attribute="calendar.public_id")
    connection = fields.String(attribute="calendar.connection.public_id")
    appointments = fields.Integer(attribute="count", metadata={"description": "How many that are ahead."})


class SeenChangesSchema(Schema):
    """Those of what is ahead, the next first."""

    changes = fields.List(fields.Nested(SeenChangeSchema))
    missing = fields.List(fields.Nested(MissingAppointmentsSchema))


class OverlaidAppointmentsSchema(Schema):
    """Those of the next four weeks, the next first."""

    count = fields.Integer(metadata={"description": "How many there are; more than are listed, it may be."})
    appointments = fields.List(fields.Nested(StaffAppointmentSchema))


class ConflictsQuery(Query):
    """How many to list."""

    limit = fields.Integer(load_default=20, validate=validate.Range(1, 1_000))


class SeenAnswerSchema(Body):
    """What is meant."""

    answer = word(SeenAnswer, required=True)
    seen_start = Instant(metadata={"description": "When it begins there, as it was listed. Needed for `move`."})
    seen_end = Instant(metadata={"description": "When it ends there, as it was listed. Needed for `move`."})


class MissingAnswerSchema(Body):
    """Whether it was taken out on purpose: then nothing more is written there, else all of it is written anew."""

    on_purpose = fields.Boolean(required=True)


@blueprint.get(ALL)
@access.staff()
@operation("listCalendarChanges")
@blueprint.response(200, SeenChangesSchema)
def get_changes() -> dict[str, Any]:
    """List what was changed in own calendars"""
    return _asked()


@blueprint.put(f"{ALL}/<key:calendar_change>/answer")
@access.staff()
@operation("answerCalendarChange", InvalidInput, MovedThereAgain, SlotTaken, SlotNotOffered)
@blueprint.arguments(SeenAnswerSchema, example={"answer": "put_back"})
@blueprint.response(200, SeenChangesSchema)
def put_answer(body: dict[str, Any], calendar_change: str) -> dict[str, Any]:
    """Say what is meant by a change in an own calendar

    `move` moves the appointment to where it stands there: it is checked like any other move, and its clients are told.
    It takes `seen_start` and `seen_end` as they were listed, and is refused when it was moved there again since.
    `put_back` writes it there again as it is here. `leave_out` is for what was deleted there: it takes place all the
    same. The answer is what is still asked.
    """
    who = staff()
    answering.answer_seen(
        practice_id=who.practice_id,
        written_public_id=calendar_change,
        answer=body["answer"],
        by=by_staff(),
        now=clock.now(),
        shown=(body["seen_start"], body["seen_end"]) if {"seen_start", "seen_end"} <= body.keys() else None,
        therapist_id=who.only_therapist,
    )
    return _asked()


@blueprint.put("/practices/<key:practice>/connected-calendars/<key:connected_calendar>/missing")
@access.staff()
@operation("answerMissingAppointments", InvalidInput)
@blueprint.arguments(MissingAnswerSchema, example={"on_purpose": False})
@blueprint.response(200, SeenChangesSchema)
def put_missing(body: dict[str, Any], connected_calendar: str) -> dict[str, Any]:
    """Say whether what is missing in a calendar was taken out on purpose"""
    who = staff()
    answering.answer_missing(
        practice_id=who.practice_id,
        calendar_public_id=connected_calendar,
        is_on_purpose=body["on_purpose"],
        by=by_staff(),
        now=clock.now(),
        therapist_id=who.only_therapist,
    )
    return _asked()


@blueprint.get("/practices/<key:practice>/calendar-conflicts")
@access.staff()
@operation("listCalendarConflicts")
@blueprint.arguments(ConflictsQuery, location="query")
@blueprint.response(200, OverlaidAppointmentsSchema)
def get_conflicts(query: dict[str, int]) -> dict[str, Any]:
    """List appointments at the same time as something in their therapist's own calendar

    What was booked knowingly over it is left out. One is gone from here once it was moved, or what stands there was.
    """
    who, now = staff(), clock.now()
    whose = {"therapist_id": who.only_therapist}
    found = conflicts.list_calendar_conflicts(who.practice_id, **whose, now=now, most=query["limit"])
    return {"count": conflicts.count_overlaid(who.practice_id, **whose, now=now), "appointments": found}


def _asked() -> dict[str, Any]:
    who, now = staff(), clock.now()
    asked = seen_changes.list_seen_changes(who.practice_id, now=now, therapist_id=who.only_therapist)
    return {
        "changes": [Beside(each, minutes_there=seen_changes.find_minutes_there(each)) for each in asked],
        "missing": seen_changes.list_missing(who.practice_id, now=now, therapist_id=who.only_therapist),
    }
