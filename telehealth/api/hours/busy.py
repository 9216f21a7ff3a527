"""A therapist's own calendar, for programs that read it: when they are busy, and never with what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import find_therapist_for_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Instant, Several
from telehealth.domain import access
from telehealth.queries.hours.busy_intervals import list_busy_intervals
from telehealth.services.hours.busy_reports import MOST_INTERVALS, BusySpan, replace_busy_intervals

blueprint = Blueprint("Busy", "Time taken in a therapist's own calendar. No titles, ever.")


class IntervalSchema(Body):
    """A half-open stretch of time."""

    start = Instant(required=True)
    end = Instant(required=True)


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
    return _busy(list_busy_intervals(find_therapist_for_staff(therapist).id, since=clock.now()))


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
    spans = [BusySpan(each["start"], each["end"]) for each in body["busy"]]
    found = find_therapist_for_staff(therapist)
    kept = replace_busy_intervals(practice_id=found.practice_id, therapist_id=found.id, spans=spans, now=clock.now())
    return _busy(kept)


def _busy(spans: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    return {"busy": [{"start": starts, "end": ends} for starts, ends in spans]}
