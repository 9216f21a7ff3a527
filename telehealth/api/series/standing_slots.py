"""Standing slots: seeing what a plan would meet, setting one up, reading it and its dates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import find_client_for_staff, staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments import contacts
from telehealth.api.appointments.contacts import CLIENT_EXAMPLE, ClientSchema
from telehealth.api.appointments.events import EventsSchema, events
from telehealth.api.appointments.staff_shapes import guardian_reason_field
from telehealth.api.idempotency import REPLAYED, IdempotencySchema, replayed
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Instant, Query, Several
from telehealth.api.series import shapes
from telehealth.api.series.shapes import (
    NEEDS_ONE_DATE,
    PLAN_EXAMPLE,
    ChoiceSchema,
    ConflictsSchema,
    DatesSchema,
    PlanSchema,
    PreviewAnswerSchema,
    PreviewSchema,
    SeriesListSchema,
    SeriesSchema,
    plan_of,
)
from telehealth.domain import access
from telehealth.domain.errors import IdempotencyMismatch, InvalidInput, NotFound, ServiceEnded
from telehealth.domain.words import OccurrenceStatus
from telehealth.models import Series
from telehealth.queries.practice.practices import find_therapist
from telehealth.queries.series.date_verdicts import list_alternatives, preview_dates, slot_of
from telehealth.queries.series.standing_slots import MOST_SHOWN, find_series, list_conflicts, list_dates, list_running
from telehealth.services.series.making import create_series

SERIES = "/practices/<key:practice>/series"
ONE = f"{SERIES}/<key(but='preview conflicts'):series>"
MOST_MEMBERS, MOST_CHOICES = 100, 400

blueprint = Blueprint("Series", "Standing slots: every week, or every few weeks, in wall time.")


class NewSeriesSchema(PlanSchema):
    """A plan, who it is for, and what to do about the dates that something is in the way of."""

    clients = Several(
        fields.Nested(ClientSchema),
        load_default=list,
        validate=validate.Length(max=MOST_MEMBERS),
        metadata={"description": "One client, a couple, or the standing members of a group; a group may begin empty."},
    )
    choices = Several(fields.Nested(ChoiceSchema), load_default=list, validate=validate.Length(max=MOST_CHOICES))
    guardian_reason = guardian_reason_field()


SERIES_EXAMPLE = {
    **PLAN_EXAMPLE,
    "clients": [CLIENT_EXAMPLE],
    "choices": [{"day": "2026-12-22", "start": None}, {"day": "2026-12-29", "start": "2026-12-30T22:00:00Z"}],
}


class DatesQuery(Query):
    """Which dates."""

    since = Instant(metadata={"description": "From this instant on; now when left out."})
    limit = fields.Integer(
        load_default=MOST_SHOWN,
        validate=validate.Range(1, 400),
        metadata={"description": "At most so many dates."},
    )


@blueprint.post(f"{SERIES}/preview")
@access.staff()
@operation("previewSeries", ServiceEnded)
@blueprint.arguments(PreviewSchema, example=PLAN_EXAMPLE)
@blueprint.response(200, PreviewAnswerSchema)
def post_preview(body: dict[str, Any]) -> dict[str, Any]:
    """See the dates of a plan

    With what is in their way, one by one, and the nearest free starts of the same week. Nothing is kept by asking.
    """
    who, plan = staff(), plan_of(body)
    who.require_among(plan.therapist, plan.co_therapist)
    therapist = find_therapist(who.practice_id, plan.therapist)
    # Those who are known come first, as the two lists are read side by side.
    coming = sorted(body["members"], key=lambda each: each["client"] is None)
    found = preview_dates(
        practice_id=who.practice_id,
        plan=plan,
        members=[find_client_for_staff(each["client"]).id for each in coming if each["client"] is not None],
        jurisdictions=[each["jurisdiction"] for each in coming],
        now=clock.now(),
    )
    dates = [shapes.planned(each, plan.timezone, therapist.name) for each in found]
    return {"timezone": plan.timezone, "dates": dates}


@blueprint.get(SERIES)
@access.staff()
@operation("listSeries")
@blueprint.response(200, SeriesListSchema)
def get_series_list() -> dict[str, Any]:
    """List standing slots

    That have dates ahead. A therapist sees their own; owners and the front desk see all.
    """
    who = staff()
    found = list_running(who.practice_id, therapist_id=who.only_therapist, now=clock.now())
    return {"series": [shapes.series(each) for each in found]}


@blueprint.post(SERIES)
@access.staff()
@operation("createSeries", ServiceEnded, IdempotencyMismatch)
@blueprint.arguments(NewSeriesSchema, example=SERIES_EXAMPLE)
@blueprint.arguments(IdempotencySchema, location="headers")
@blueprint.response(201, SeriesSchema, headers=REPLAYED)
def post_series(body: dict[str, Any], headers: dict[str, Any]) -> Any:
    """Set up a standing slot

    Its dates keep their time from now on; their appointments are made some weeks ahead. A date that cannot be had
    is a conflict to decide about, never a refusal of the whole.
    """
    who, plan, now, once = staff(), plan_of(body), clock.now(), headers.get("key")
    who.require_among(plan.therapist, plan.co_therapist)
    made = create_series(
        practice_id=who.practice_id,
        plan=plan,
        contacts=contacts.several(body["clients"], plan.mode, field="clients", needs_email=False),
        choices=_choices(body["choices"]),
        by=by_staff(),
        idempotency_key=once,
        guardian_reason=body["guardian_reason"],
        now=now,
    )
    return shapes.series(made), 201, replayed(who.practice_id, once, now=now)


@blueprint.get(f"{SERIES}/conflicts")
@access.staff()
@operation("listSeriesConflicts")
@blueprint.response(200, ConflictsSchema)
def get_conflicts() -> dict[str, Any]:
    """List the dates that somebody must decide about

    Of every standing slot. Its own dates say when people could meet instead.
    """
    who = staff()
    found = list_conflicts(who.practice_id, therapist_id=who.only_therapist, now=clock.now())
    return {"conflicts": [shapes.conflict(each) for each in found]}


@blueprint.get(ONE)
@access.staff()
@operation("getSeries")
@blueprint.response(200, SeriesSchema)
def get_series(series: str) -> Beside:
    """Read a standing slot"""
    return shapes.series(find_series_for_staff(series))


@blueprint.get(f"{ONE}/dates")
@access.staff()
@operation("listSeriesDates")
@blueprint.arguments(DatesQuery, location="query")
@blueprint.response(200, DatesSchema)
def get_dates(query: dict[str, Any], series: str) -> dict[str, Any]:
    """List the dates of a standing slot

    Conflicts come with what is in the way and the nearest free starts of the same week.
    """
    found, now = find_series_for_staff(series), clock.now()
    dates = list_dates(found, since=query.get("since", now), limit=query["limit"])
    stuck = [
        (each.day, each.starts_at)
        for each in dates
        if each.status == OccurrenceStatus.CONFLICT and each.starts_at > now
    ]
    instead = list_alternatives(slot_of(found), stuck, now=now)
    return {"dates": [shapes.one_date(each, found, instead) for each in dates]}


@blueprint.get(f"{ONE}/events")
@access.staff()
@operation("listSeriesEvents")
@blueprint.response(200, EventsSchema)
def get_series_events(series: str) -> dict[str, Any]:
    """Read who did what to a standing slot

    As a whole or to a date that is only planned; what became of an appointment is in its own history.
    """
    return {"events": events(find_series_for_staff(series))}


def find_series_for_staff(public_id: str) -> Series:
    """A standing slot that this member of staff may see. Raises NotFound, NotAllowed."""
    who = staff()
    found = find_series(who.practice_id, public_id)
    if who.only_therapist not in {None, found.therapist_id, found.co_therapist_id}:
        raise NotFound
    return found


def _choices(given: list[dict[str, Any]]) -> dict[date, datetime | None]:
    choices = {each["day"]: each["start"] for each in given}
    if len(choices) < len(given):
        raise InvalidInput({"choices": NEEDS_ONE_DATE})
    return choices
