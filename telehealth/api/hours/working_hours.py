"""When a therapist works, for staff programs. Wall time in the therapist's zone, which every answer names."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import find_therapist_for_staff
from telehealth.api.acting import by_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, ClockTime, DayField, Instant, Schema, Several, WallTime, YesOrNo, key, word
from telehealth.domain import access
from telehealth.domain.hours.absences import AbsenceKind
from telehealth.domain.words import Mode
from telehealth.models import HoursOverride, Therapist, TimeOff, WeeklyHours
from telehealth.queries.hours.working_hours import HoursEntry
from telehealth.services.hours.hours_setting import (
    DAYS_IN_A_WEEK,
    LONGEST_NOTE,
    MOST_WEEKS,
    HoursWish,
    OverrideWish,
    TimeOffWish,
    WeeklyWish,
    add_hours_entry,
    change_hours_entry,
    remove_hours_entry,
)

blueprint = Blueprint(
    "Hours", "Weekly hours, other hours on a date, and time off. A therapist sees and changes their own."
)

THERAPIST = "/practices/<key:practice>/therapists/<key:therapist>"


class PlaceKey(fields.String):
    """A place: its public id comes in, and is written when its row goes out."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return super()._serialize(None if value is None else value.public_id, attr, obj, **kwargs)


class WeeklyHoursSchema(Body):
    """Hours that come back every week, or every few weeks."""

    id = fields.String(dump_only=True, attribute="public_id")
    weekday = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, DAYS_IN_A_WEEK - 1),
        metadata={"description": "0 is Monday."},
    )
    starts = ClockTime(required=True, metadata={"example": "09:00"})
    ends = ClockTime(
        required=True, metadata={"example": "17:00", "description": "At or before `starts`: on the next day."}
    )
    modes = Several(word(Mode), required=True, validate=validate.Length(1, len(Mode)))
    location = key(PlaceKey, load_default=None, allow_none=True, metadata={"description": "Needed with `in_person`."})
    valid_from = DayField(load_default=None, allow_none=True)
    valid_until = DayField(
        load_default=None, allow_none=True, metadata={"description": "The last date, itself included."}
    )
    every_weeks = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, MOST_WEEKS))
    anchor = DayField(
        load_default=None,
        allow_none=True,
        metadata={"description": "A date in a week in which they hold; needed when `every_weeks` is more than 1."},
    )


WEEKLY_EXAMPLE = {"weekday": 0, "starts": "09:00", "ends": "17:00", "modes": ["virtual", "phone"]}


class OverrideSchema(Body):
    """Other hours on one date, instead of the weekly ones; no hours at all without `starts` and `ends`."""

    id = fields.String(dump_only=True, attribute="public_id")
    day = DayField(required=True)
    starts = ClockTime(load_default=None, allow_none=True)
    ends = ClockTime(load_default=None, allow_none=True)
    modes = Several(word(Mode), load_default=list, validate=validate.Length(max=len(Mode)))
    location = key(PlaceKey, load_default=None, allow_none=True)


CLOSED_EXAMPLE = {"day": "2026-12-24"}


class TimeOffSchema(Body):
    """A stretch in which the therapist is away."""

    id = fields.String(dump_only=True, attribute="public_id")
    starts = WallTime(required=True, attribute="starts_local", metadata={"example": "2026-12-24T12:00"})
    ends = WallTime(required=True, attribute="ends_local", metadata={"example": "2027-01-02T00:00"})
    start = Instant(dump_only=True, attribute="starts_at", metadata={"description": "`starts` as an instant."})
    end = Instant(dump_only=True, attribute="ends_at", metadata={"description": "`ends` as an instant."})
    note = fields.String(
        load_default="", validate=validate.Length(max=LONGEST_NOTE), metadata={"description": "For staff only."}
    )
    kind = word(
        AbsenceKind,
        load_default=AbsenceKind.TIME_OFF,
        metadata={"description": "A leave, or days off. For staff only."},
    )
    is_shown = YesOrNo(
        load_default=False, metadata={"description": "Whether the practice's page says meanwhile until when."}
    )


AWAY_EXAMPLE = {"starts": "2026-12-24T12:00", "ends": "2027-01-02T00:00", "note": "Winter break"}


class WeeklyHoursListSchema(Schema):
    """All weekly hours of a therapist."""

    timezone = fields.String()
    weekly_hours = fields.List(fields.Nested(WeeklyHoursSchema))


class OverridesSchema(Schema):
    """All dates with other hours."""

    timezone = fields.String()
    overrides = fields.List(fields.Nested(OverrideSchema))


class TimeOffListSchema(Schema):
    """All time off."""

    timezone = fields.String()
    time_off = fields.List(fields.Nested(TimeOffSchema))


@blueprint.get(f"{THERAPIST}/weekly-hours")
@access.staff()
@operation("listWeeklyHours")
@blueprint.response(200, WeeklyHoursListSchema)
def get_weekly_hours(therapist: str) -> Therapist:
    """List weekly hours"""
    return find_therapist_for_staff(therapist)


@blueprint.post(f"{THERAPIST}/weekly-hours")
@access.staff()
@operation("addWeeklyHours")
@blueprint.arguments(WeeklyHoursSchema, example=WEEKLY_EXAMPLE)
@blueprint.response(201, WeeklyHoursSchema)
def post_weekly_hours(body: dict[str, Any], therapist: str) -> WeeklyHours:
    """Add weekly hours

    What is booked already stays as it is.
    """
    return _add(WeeklyWish(**body), therapist)


@blueprint.put(f"{THERAPIST}/weekly-hours/<key:entry>")
@access.staff()
@operation("changeWeeklyHours")
@blueprint.arguments(WeeklyHoursSchema, example=WEEKLY_EXAMPLE)
@blueprint.response(200, WeeklyHoursSchema)
def put_weekly_hours(body: dict[str, Any], therapist: str, entry: str) -> WeeklyHours:
    """Change weekly hours

    The body replaces the entry: what is left out goes back to its default. What is booked already stays as it is.
    """
    return _change(WeeklyWish(**body), therapist, entry)


@blueprint.delete(f"{THERAPIST}/weekly-hours/<key:entry>")
@access.staff()
@operation("removeWeeklyHours")
@blueprint.response(204)
def delete_weekly_hours(therapist: str, entry: str) -> None:
    """Remove weekly hours

    What is booked already stays as it is.
    """
    _remove(WeeklyHours, therapist, entry)


@blueprint.get(f"{THERAPIST}/overrides")
@access.staff()
@operation("listOverrides")
@blueprint.response(200, OverridesSchema)
def get_overrides(therapist: str) -> Therapist:
    """List dates with other hours"""
    return find_therapist_for_staff(therapist)


@blueprint.post(f"{THERAPIST}/overrides")
@access.staff()
@operation("addOverride")
@blueprint.arguments(OverrideSchema, example=CLOSED_EXAMPLE)
@blueprint.response(201, OverrideSchema)
def post_override(body: dict[str, Any], therapist: str) -> HoursOverride:
    """Work other hours on a date, or not at all"""
    return _add(OverrideWish(**body), therapist)


@blueprint.put(f"{THERAPIST}/overrides/<key:entry>")
@access.staff()
@operation("changeOverride")
@blueprint.arguments(OverrideSchema, example=CLOSED_EXAMPLE)
@blueprint.response(200, OverrideSchema)
def put_override(body: dict[str, Any], therapist: str, entry: str) -> HoursOverride:
    """Change a date with other hours

    The body replaces the entry: without `starts` and `ends` the date is closed.
    """
    return _change(OverrideWish(**body), therapist, entry)


@blueprint.delete(f"{THERAPIST}/overrides/<key:entry>")
@access.staff()
@operation("removeOverride")
@blueprint.response(204)
def delete_override(therapist: str, entry: str) -> None:
    """Go back to the weekly hours on that date"""
    _remove(HoursOverride, therapist, entry)


@blueprint.get(f"{THERAPIST}/time-off")
@access.staff()
@operation("listTimeOff")
@blueprint.response(200, TimeOffListSchema)
def get_time_off(therapist: str) -> Therapist:
    """List time off"""
    return find_therapist_for_staff(therapist)


@blueprint.post(f"{THERAPIST}/time-off")
@access.staff()
@operation("addTimeOff")
@blueprint.arguments(TimeOffSchema, example=AWAY_EXAMPLE)
@blueprint.response(201, TimeOffSchema)
def post_time_off(body: dict[str, Any], therapist: str) -> TimeOff:
    """Add time off

    What is booked already stays as it is: cancel or move it.
    """
    return _add(TimeOffWish(**body), therapist)


@blueprint.put(f"{THERAPIST}/time-off/<key:entry>")
@access.staff()
@operation("changeTimeOff")
@blueprint.arguments(TimeOffSchema, example=AWAY_EXAMPLE)
@blueprint.response(200, TimeOffSchema)
def put_time_off(body: dict[str, Any], therapist: str, entry: str) -> TimeOff:
    """Change time off

    The body replaces the entry. What is booked already stays as it is: cancel or move it.
    """
    return _change(TimeOffWish(**body), therapist, entry)


@blueprint.delete(f"{THERAPIST}/time-off/<key:entry>")
@access.staff()
@operation("removeTimeOff")
@blueprint.response(204)
def delete_time_off(therapist: str, entry: str) -> None:
    """Be there after all"""
    _remove(TimeOff, therapist, entry)


def _add(wish: HoursWish[HoursEntry], therapist: str) -> HoursEntry:
    found = find_therapist_for_staff(therapist)
    return add_hours_entry(
        practice_id=found.practice_id, therapist_id=found.id, wish=wish, by=by_staff(), now=clock.now()
    )


def _change(wish: HoursWish[HoursEntry], therapist: str, entry: str) -> HoursEntry:
    found = find_therapist_for_staff(therapist)
    return change_hours_entry(
        practice_id=found.practice_id,
        therapist_id=found.id,
        public_id=entry,
        wish=wish,
        by=by_staff(),
        now=clock.now(),
    )


def _remove(model: type[HoursEntry], therapist: str, entry: str) -> None:
    found = find_therapist_for_staff(therapist)
    remove_hours_entry(
        model,
        practice_id=found.practice_id,
        therapist_id=found.id,
        public_id=entry,
        by=by_staff(),
        now=clock.now(),
    )
