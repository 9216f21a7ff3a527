"""A therapist's own calendar, for programs that read it: when they are busy, and never with what."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import find_therapist_for_staff
from telehealth.api.acting import by_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Instant, Several
from telehealth.domain import access
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.queries.hours.busy_intervals import list_busy_intervals
from telehealth.services.hours.busy_times import MOST_INTERVALS, replace_busy_intervals

blueprint = Blueprint("Busy", "Time taken in a therapist's own calendar. No titles, ever.")


class IntervalSchema(Body):
    """A half-open stretch of time."""

    start = Instant(required=True, attribute="starts_at")
    end = Instant(required=True, attribute="ends_at")


class BusySchema(Body):
    """All of the time that is taken."""

    busy = Several(
        fields.Nested(IntervalSchema),
        required=True,
        validate=validate.Length(max=MOST_INTERVALS, error=f"Please send at most {MOST_INTERVALS:,} intervals."),
    )


BUSY_EXAMPLE = {"busy": [{"start": "2026-11-24T18:00:00Z", "end": "2026-11-24T19:30:00Z"}]}


@blueprint.get("/practices/<key:practice>/therapists/<key:therapist>/busy")
@access.staff()
@operation("getBusy")
@blueprint.response(200, BusySchema, example=BUSY_EXAMPLE)
def get_busy(therapist: str) -> dict[str, Any]:
    """Read a therapist's busy time"""
    return {"busy": list_busy_intervals(find_therapist_for_staff(therapist).id, since=clock.now())}


@blueprint.put("/practices/<key:practice>/therapists/<key:therapist>/busy")
@access.staff()
@operation("replaceBusy")
@blueprint.arguments(BusySchema, example=BUSY_EXAMPLE)
@blueprint.response(200, BusySchema, example=BUSY_EXAMPLE)
def put_busy(body: dict[str, Any], therapist: str) -> dict[str, Any]:
    """Replace a therapist's busy time

    The body is the whole calendar, so a report that got lost is mended by the next one: what is not in it is free.
    Nothing new is offered at these times; what is booked already stays. The answer is what is kept: in order, with
    what touches joined, and without what is over.
    """
    found = find_therapist_for_staff(therapist)
    spans = [BusySpan(**each) for each in body["busy"]]
    kept = replace_busy_intervals(
        practice_id=found.practice_id, therapist_id=found.id, spans=spans, by=by_staff(), now=clock.now()
    )
    return {"busy": kept}
