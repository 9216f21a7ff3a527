"""A therapist's own calendar, for programs that read it: when they are busy, and never with what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask.views import MethodView
from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff, take_practice
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Instant, Several
from telehealth.domain import access
from telehealth.queries.hours.busy_intervals import list_busy_intervals
from telehealth.queries.practice.practices import find_therapist
from telehealth.services.hours.busy_reports import MOST_INTERVALS, BusySpan, replace_busy_intervals

blueprint = Blueprint("Busy", "Time taken in a therapist's own calendar. No titles, ever.")
blueprint.url_value_preprocessor(take_practice)


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


@blueprint.route("/practices/<key:practice>/therapists/<key:therapist>/busy")
@access.staff()
class BusyView(MethodView):
    """Busy time."""

    @operation("getBusy")
    @blueprint.response(200, BusySchema, example=BUSY_EXAMPLE)
    def get(self, therapist: str) -> dict[str, Any]:
        """Read a therapist's busy time"""
        return _busy(list_busy_intervals(_therapist(therapist), since=clock.now()))

    @operation("replaceBusy")
    @blueprint.arguments(BusySchema, example=BUSY_EXAMPLE)
    @blueprint.response(200, BusySchema, example=BUSY_EXAMPLE)
    def put(self, body: dict[str, Any], therapist: str) -> dict[str, Any]:
        """Replace a therapist's busy time

        The body is the whole calendar, so a report that got lost is mended by the next one: what is not in it is free.
        Nothing new is offered at these times; what is booked already stays. The answer is what is kept: in order, with
        what touches joined, and without what is over.
        """
        spans = [BusySpan(each["start"], each["end"]) for each in body["busy"]]
        kept = replace_busy_intervals(
            practice_id=staff().practice_id, therapist_id=_therapist(therapist), spans=spans, now=clock.now()
        )
        return _busy(kept)


def _therapist(public_id: str) -> int:
    """A therapist whose calendar this member of staff may see and change. Raises NotFound, NotAllowed."""
    found = find_therapist(staff().practice_id, public_id)
    staff().require(found.id)
    return found.id


def _busy(spans: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    return {"busy": [{"start": starts, "end": ends} for starts, ends in spans]}
