"""Changing standing slots: one date, one and all that follow, or every date ahead; ending, pausing, and who belongs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments import contacts
from telehealth.api.appointments.contacts import CLIENT_EXAMPLE, ClientSchema
from telehealth.api.appointments.links import LONGEST_REASON
from telehealth.api.appointments.staff_shapes import guardian_reason_field
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import (
    Beside,
    Body,
    ClockTime,
    DayField,
    Instant,
    OneLine,
    in_our_names,
    jurisdiction,
    key,
    word,
)
from telehealth.api.series import shapes
from telehealth.api.series.shapes import ChangedSchema, ChangePreviewSchema, DateResultSchema
from telehealth.api.series.standing_slots import ONE, find_series_for_staff
from telehealth.domain import access
from telehealth.domain.errors import (
    GroupFull,
    InvalidInput,
    NotFound,
    ServiceEnded,
    SlotNotOffered,
    SlotTaken,
)
from telehealth.domain.series.patterns import LONGEST_INTERVAL, DateResult, MonthWeek, SeriesChange, SeriesScope
from telehealth.domain.words import Mode
from telehealth.models import Series
from telehealth.queries.practice.practices import find_therapist
from telehealth.services.hours.hours_setting import DAYS_IN_A_WEEK
from telehealth.services.series.changing import change_series, preview_change
from telehealth.services.series.ending import (
    end_series,
    pause_series,
    restore_occurrence,
    settle_conflict,
    skip_occurrence,
)
from telehealth.services.series.members import add_member, remove_member

DATE = f"{ONE}/dates/<key:day>"

blueprint = Blueprint("Series changes", "Changing standing slots. The past is never touched.")


def _reason() -> OneLine:
    return OneLine(longest=LONGEST_REASON, load_default="", metadata={"description": "Kept in the audit."})


class ReasonSchema(Body):
    """Why."""

    reason = _reason()


class SettleSchema(Body):
    """What to do instead."""

    start = Instant(required=True, allow_none=True, metadata={"description": "Meet then; null: not at all."})


class ChangeSchema(Body):
    """What is to be different; what is left out stays as it is."""

    scope = word(
        SeriesScope,
        required=True,
        metadata={"description": "`this` date, this and all `following`, or `all` that are still ahead."},
    )
    day = DayField(load_default=None, allow_none=True, metadata={"description": "Needed unless the scope is `all`."})
    weekday = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, DAYS_IN_A_WEEK - 1),
        metadata={"description": "0 is Monday."},
    )
    local_time = ClockTime(load_default=None, allow_none=True)
    every_weeks = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, LONGEST_INTERVAL)
    )
    week_of_month = word(
        MonthWeek,
        load_default=None,
        allow_none=True,
        metadata={"description": "Once a month from then on; `every_weeks` makes it weekly again."},
    )
    mode = word(Mode, load_default=None, allow_none=True)
    location = key(load_default=None, allow_none=True, metadata={"description": "Needed in person."})
    jurisdiction = jurisdiction(
        load_default=None,
        allow_none=True,
        metadata={"description": "When clients who came in person are to meet by video or phone."},
    )
    therapist = key(load_default=None, allow_none=True)
    co_therapist = key(load_default=None, allow_none=True)
    minutes = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, 24 * 60),
        metadata={"description": "How long they last: one of the service's lengths."},
    )
    reason = _reason()
    guardian_reason = guardian_reason_field()


CHANGE_EXAMPLE = {"scope": "following", "day": "2027-01-12", "local_time": "16:00"}


class EndSchema(Body):
    """Which dates end."""

    scope = word(SeriesScope, load_default=SeriesScope.ALL.value)
    day = DayField(load_default=None, allow_none=True, metadata={"description": "Needed unless the scope is `all`."})
    reason = _reason()


class PauseSchema(Body):
    """From when to when, both included."""

    first = DayField(required=True)
    last = DayField(required=True)
    reason = _reason()


class NewMemberSchema(Body):
    """Who joins, and when."""

    client = fields.Nested(ClientSchema, required=True)
    first_day = DayField(load_default=None, allow_none=True, metadata={"description": "Null: from the next date on."})
    reason = _reason()
    guardian_reason = guardian_reason_field()


class LeaveSchema(Body):
    """When somebody comes for the last time."""

    last_day = DayField(required=True, metadata={"description": "The last date of the membership, itself included."})
    reason = _reason()


@blueprint.post(f"{DATE}/skip")
@access.staff()
@operation("skipSeriesDate")
@blueprint.arguments(ReasonSchema, required=False)
@blueprint.response(200, DateResultSchema)
def post_skip(body: dict[str, Any], series: str, day: str) -> Beside:
    """Leave one date out

    Its time is free; an appointment that was made is cancelled, and everybody is told.
    """
    found = find_series_for_staff(series)
    done = skip_occurrence(**_given(found), day=_day(day), reason=body["reason"])
    return shapes.result(done, found.therapist.name)


@blueprint.post(f"{DATE}/restore")
@access.staff()
@operation("restoreSeriesDate", InvalidInput)
@blueprint.response(200, DateResultSchema)
def post_restore(series: str, day: str) -> Beside:
    """Let a skipped date take place after all

    If its time is still free; else it is a conflict.
    """
    found = find_series_for_staff(series)
    return shapes.result(restore_occurrence(**_given(found), day=_day(day)), found.therapist.name)


@blueprint.post(f"{DATE}/settle")
@access.staff()
@operation("settleSeriesDate", SlotTaken, SlotNotOffered)
@blueprint.arguments(SettleSchema, example={"start": "2026-12-30T22:00:00Z"})
@blueprint.response(200, DateResultSchema)
def post_settle(body: dict[str, Any], series: str, day: str) -> Beside:
    """Decide about a date in conflict

    Meet at another time, or not at all.
    """
    found = find_series_for_staff(series)
    done = settle_conflict(**_given(found), day=_day(day), alternative=body["start"])
    return shapes.result(done, found.therapist.name)


@blueprint.post(f"{ONE}/change")
@access.staff()
@operation("changeSeries", ServiceEnded)
@blueprint.arguments(ChangeSchema, example=CHANGE_EXAMPLE)
@blueprint.response(200, ChangedSchema)
def post_change(body: dict[str, Any], series: str) -> dict[str, Any]:
    """Change a standing slot

    With `following` it ends the day before, and a new one goes on: the answer is the one that goes on. A date that
    cannot go along is listed with what is in its way, and does not keep the others back.
    """
    found = find_series_for_staff(series)
    change = _change(found, body)
    done = change_series(**_given(found), **change, reason=body["reason"])
    return shapes.changed(done.series, done.dates, _giver(done.series, change["to"]))


@blueprint.post(f"{ONE}/change/preview")
@access.staff()
@operation("previewSeriesChange", ServiceEnded)
@blueprint.arguments(ChangeSchema, example=CHANGE_EXAMPLE)
@blueprint.response(200, ChangePreviewSchema)
def post_change_preview(body: dict[str, Any], series: str) -> dict[str, Any]:
    """See what a change of a standing slot would come to

    Date by date, with what is in the way and the nearest free starts of the same week. Nothing is changed or kept by
    asking, and nobody is told.
    """
    found = find_series_for_staff(series)
    change = _change(found, body)
    dates = preview_change(**_given(found), **change)
    return {"dates": shapes.results(dates, _giver(found, change["to"]))}


@blueprint.post(f"{ONE}/end")
@access.staff()
@operation("endSeries")
@blueprint.arguments(EndSchema, required=False)
@blueprint.response(200, ChangedSchema)
def post_end(body: dict[str, Any], series: str) -> dict[str, Any]:
    """End a standing slot

    With everything ahead, or with one date and all that follow. Appointments that were made are cancelled.
    """
    done = end_series(
        **_given(find_series_for_staff(series)),
        scope=SeriesScope(body["scope"]),
        day=body["day"],
        reason=body["reason"],
    )
    return _answer(series, done)


@blueprint.post(f"{ONE}/pause")
@access.staff()
@operation("pauseSeries")
@blueprint.arguments(PauseSchema, example={"first": "2026-12-21", "last": "2027-01-03", "reason": "Holiday"})
@blueprint.response(200, ChangedSchema)
def post_pause(body: dict[str, Any], series: str) -> dict[str, Any]:
    """Pause a standing slot

    Every date from the first to the last day is left out; the slot goes on afterwards.
    """
    return _answer(series, pause_series(**_given(find_series_for_staff(series)), **body))


@blueprint.post(f"{ONE}/members")
@access.staff()
@operation("addSeriesMember", GroupFull)
@blueprint.arguments(NewMemberSchema, example={"client": CLIENT_EXAMPLE})
@blueprint.response(201, ChangedSchema)
def post_member(body: dict[str, Any], series: str) -> dict[str, Any]:
    """Let one more client belong to a standing slot

    They get a seat in every appointment that was made; what stands in the way is listed date by date.
    """
    found = find_series_for_staff(series)
    contact = contacts.one(body["client"], found.mode, needs_email=False)
    with in_our_names({"name": "client.name"}):
        done = add_member(
            **_given(found),
            contact=contact,
            first_day=body["first_day"],
            reason=body["reason"],
            guardian_reason=body["guardian_reason"],
        )
    return _answer(series, done)


@blueprint.post(f"{ONE}/members/<key:member>/leave")
@access.staff()
@operation("endSeriesMembership")
@blueprint.arguments(LeaveSchema, example={"last_day": "2026-12-15"})
@blueprint.response(200, ChangedSchema)
def post_leave(body: dict[str, Any], series: str, member: str) -> dict[str, Any]:
    """End a client's membership

    Their seats after the last day are cancelled. A group goes on, even when nobody is left in it.
    """
    return _answer(series, remove_member(**_given(find_series_for_staff(series)), member_public_id=member, **body))


def _given(found: Series) -> dict[str, Any]:
    """What every change is told."""
    return {
        "practice_id": found.practice_id,
        "series_public_id": found.public_id,
        "by": by_staff(),
        "now": clock.now(),
    }


def _answer(series: str, dates: Sequence[DateResult]) -> dict[str, Any]:
    return shapes.changed(find_series_for_staff(series), dates)


def _day(text: str) -> date:
    """A date in a path; what is none is not found."""
    try:
        found: date = DayField().deserialize(text)
    except ValidationError as problem:
        raise NotFound from problem
    return found


def _change(found: Series, body: dict[str, Any]) -> dict[str, Any]:
    """Which dates are to be different, and how. Raises NotAllowed."""
    staff().require_kept((found.therapist, found.co_therapist), body["therapist"], body["co_therapist"])
    given = {name: body[name] for name in SeriesChange.__slots__}
    to = SeriesChange(**{**given, "mode": Mode(body["mode"]) if body["mode"] else None})
    about = {"day": body["day"], "guardian_reason": body["guardian_reason"]}
    return {"scope": SeriesScope(body["scope"]), "to": to, **about}


def _giver(found: Series, to: SeriesChange) -> str:
    """The name of the therapist with whom the changed dates are."""
    return (find_therapist(found.practice_id, to.therapist) if to.therapist else found.therapist).name
