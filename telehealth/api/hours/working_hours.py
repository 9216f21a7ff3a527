"""When a therapist works, for staff programs. Wall time in the therapist's zone, which every answer names."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from flask.views import MethodView
from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import Staff, staff, take_practice
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, ClockTime, DayField, Instant, Schema, Several, WallTime, key, word
from telehealth.domain import access, walltime
from telehealth.domain.words import Mode
from telehealth.models import HoursOverride, Therapist, TimeOff, WeeklyHours
from telehealth.queries.practice.practices import find_therapist, list_locations
from telehealth.services.hours.working_hours_changes import (
    DAYS_IN_A_WEEK,
    LONGEST_NOTE,
    MOST_WEEKS,
    OverrideWish,
    WeeklyWish,
    add_override,
    add_time_off,
    add_weekly_hours,
    change_override,
    change_time_off,
    change_weekly_hours,
    remove_override,
    remove_time_off,
    remove_weekly_hours,
)

blueprint = Blueprint(
    "Hours", "Weekly hours, other hours on a date, and time off. A therapist sees and changes their own."
)
blueprint.url_value_preprocessor(take_practice)

THERAPIST = "/practices/<key:practice>/therapists/<key:therapist>"


class WeeklyHoursSchema(Body):
    """Hours that come back every week, or every few weeks."""

    id = fields.String(dump_only=True)
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
    location = key(load_default=None, allow_none=True, metadata={"description": "Needed with `in_person`."})
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

    id = fields.String(dump_only=True)
    day = DayField(required=True)
    starts = ClockTime(load_default=None, allow_none=True)
    ends = ClockTime(load_default=None, allow_none=True)
    modes = Several(word(Mode), load_default=list, validate=validate.Length(max=len(Mode)))
    location = key(load_default=None, allow_none=True)


CLOSED_EXAMPLE = {"day": "2026-12-24"}


class TimeOffSchema(Body):
    """A stretch in which the therapist is away."""

    id = fields.String(dump_only=True)
    starts = WallTime(required=True, metadata={"example": "2026-12-24T12:00"})
    ends = WallTime(required=True, metadata={"example": "2027-01-02T00:00"})
    start = Instant(dump_only=True, metadata={"description": "`starts` as an instant."})
    end = Instant(dump_only=True, metadata={"description": "`ends` as an instant."})
    note = fields.String(
        load_default="", validate=validate.Length(max=LONGEST_NOTE), metadata={"description": "For staff only."}
    )


AWAY_EXAMPLE = {"starts": "2026-12-24T12:00", "ends": "2027-01-02T00:00", "note": "Winter break"}


class WeeklyHoursListSchema(Schema):
    """All weekly hours of a therapist."""

    timezone = fields.String(required=True)
    weekly_hours = fields.List(fields.Nested(WeeklyHoursSchema), required=True)


class OverridesSchema(Schema):
    """All dates with other hours."""

    timezone = fields.String(required=True)
    overrides = fields.List(fields.Nested(OverrideSchema), required=True)


class TimeOffListSchema(Schema):
    """All time off."""

    timezone = fields.String(required=True)
    time_off = fields.List(fields.Nested(TimeOffSchema), required=True)


@blueprint.route(f"{THERAPIST}/weekly-hours")
@access.staff()
class WeeklyHoursView(MethodView):
    """Weekly hours."""

    @operation("listWeeklyHours")
    @blueprint.response(200, WeeklyHoursListSchema)
    def get(self, therapist: str) -> dict[str, Any]:
        """List weekly hours"""
        found = _therapist(staff(), therapist)
        places = _places(staff())
        return {"timezone": found.timezone, "weekly_hours": [_weekly(row, places) for row in found.weekly_hours]}

    @operation("addWeeklyHours")
    @blueprint.arguments(WeeklyHoursSchema, example=WEEKLY_EXAMPLE)
    @blueprint.response(201, WeeklyHoursSchema)
    def post(self, body: dict[str, Any], therapist: str) -> dict[str, Any]:
        """Add weekly hours

        What is booked already stays as it is.
        """
        who = staff()
        therapist_id = _therapist(who, therapist).id
        added = add_weekly_hours(
            practice_id=who.practice_id, therapist_id=therapist_id, wish=_weekly_wish(body), now=clock.now()
        )
        return _weekly(added, _places(who))


@blueprint.route(f"{THERAPIST}/weekly-hours/<key:entry>")
@access.staff()
class WeeklyHoursEntryView(MethodView):
    """One entry of the weekly hours."""

    @operation("changeWeeklyHours")
    @blueprint.arguments(WeeklyHoursSchema, example=WEEKLY_EXAMPLE)
    @blueprint.response(200, WeeklyHoursSchema)
    def put(self, body: dict[str, Any], therapist: str, entry: str) -> dict[str, Any]:
        """Change weekly hours

        The body replaces the entry: what is left out goes back to its default. What is booked already stays as it is.
        """
        who = staff()
        therapist_id = _therapist(who, therapist).id
        changed = change_weekly_hours(
            practice_id=who.practice_id,
            therapist_id=therapist_id,
            public_id=entry,
            wish=_weekly_wish(body),
            now=clock.now(),
        )
        return _weekly(changed, _places(who))

    @operation("removeWeeklyHours")
    @blueprint.response(204)
    def delete(self, therapist: str, entry: str) -> Response:
        """Remove weekly hours

        What is booked already stays as it is.
        """
        who = staff()
        therapist_id = _therapist(who, therapist).id
        remove_weekly_hours(practice_id=who.practice_id, therapist_id=therapist_id, public_id=entry, now=clock.now())
        return _nothing()


@blueprint.route(f"{THERAPIST}/overrides")
@access.staff()
class OverridesView(MethodView):
    """Other hours on a date."""

    @operation("listOverrides")
    @blueprint.response(200, OverridesSchema)
    def get(self, therapist: str) -> dict[str, Any]:
        """List dates with other hours"""
        found = _therapist(staff(), therapist)
        places = _places(staff())
        return {"timezone": found.timezone, "overrides": [_override(row, places) for row in found.overrides]}

    @operation("addOverride")
    @blueprint.arguments(OverrideSchema, example=CLOSED_EXAMPLE)
    @blueprint.response(201, OverrideSchema)
    def post(self, body: dict[str, Any], therapist: str) -> dict[str, Any]:
        """Work other hours on a date, or not at all"""
        who = staff()
        therapist_id = _therapist(who, therapist).id
        added = add_override(
            practice_id=who.practice_id, therapist_id=therapist_id, wish=_override_wish(body), now=clock.now()
        )
        return _override(added, _places(who))


@blueprint.route(f"{THERAPIST}/overrides/<key:entry>")
@access.staff()
class OverrideEntryView(MethodView):
    """One date with other hours."""

    @operation("changeOverride")
    @blueprint.arguments(OverrideSchema, example=CLOSED_EXAMPLE)
    @blueprint.response(200, OverrideSchema)
    def put(self, body: dict[str, Any], therapist: str, entry: str) -> dict[str, Any]:
        """Change a date with other hours

        The body replaces the entry: without `starts` and `ends` the date is closed.
        """
        who = staff()
        therapist_id = _therapist(who, therapist).id
        changed = change_override(
            practice_id=who.practice_id,
            therapist_id=therapist_id,
            public_id=entry,
            wish=_override_wish(body),
            now=clock.now(),
        )
        return _override(changed, _places(who))

    @operation("removeOverride")
    @blueprint.response(204)
    def delete(self, therapist: str, entry: str) -> Response:
        """Go back to the weekly hours on that date"""
        who = staff()
        therapist_id = _therapist(who, therapist).id
        remove_override(practice_id=who.practice_id, therapist_id=therapist_id, public_id=entry, now=clock.now())
        return _nothing()


@blueprint.route(f"{THERAPIST}/time-off")
@access.staff()
class TimeOffView(MethodView):
    """Time off."""

    @operation("listTimeOff")
    @blueprint.response(200, TimeOffListSchema)
    def get(self, therapist: str) -> dict[str, Any]:
        """List time off"""
        found = _therapist(staff(), therapist)
        return {"timezone": found.timezone, "time_off": [_time_off(row, found.timezone) for row in found.time_off]}

    @operation("addTimeOff")
    @blueprint.arguments(TimeOffSchema, example=AWAY_EXAMPLE)
    @blueprint.response(201, TimeOffSchema)
    def post(self, body: dict[str, Any], therapist: str) -> dict[str, Any]:
        """Add time off

        What is booked already stays as it is: cancel or move it.
        """
        who = staff()
        found = _therapist(who, therapist)
        timezone = found.timezone
        added = add_time_off(practice_id=who.practice_id, therapist_id=found.id, **_away(body), now=clock.now())
        return _time_off(added, timezone)


@blueprint.route(f"{THERAPIST}/time-off/<key:entry>")
@access.staff()
class TimeOffEntryView(MethodView):
    """One stretch of time off."""

    @operation("changeTimeOff")
    @blueprint.arguments(TimeOffSchema, example=AWAY_EXAMPLE)
    @blueprint.response(200, TimeOffSchema)
    def put(self, body: dict[str, Any], therapist: str, entry: str) -> dict[str, Any]:
        """Change time off

        The body replaces the entry. What is booked already stays as it is: cancel or move it.
        """
        who = staff()
        found = _therapist(who, therapist)
        timezone = found.timezone
        changed = change_time_off(
            practice_id=who.practice_id, therapist_id=found.id, public_id=entry, **_away(body), now=clock.now()
        )
        return _time_off(changed, timezone)

    @operation("removeTimeOff")
    @blueprint.response(204)
    def delete(self, therapist: str, entry: str) -> Response:
        """Be there after all"""
        who = staff()
        therapist_id = _therapist(who, therapist).id
        remove_time_off(practice_id=who.practice_id, therapist_id=therapist_id, public_id=entry, now=clock.now())
        return _nothing()


def _therapist(who: Staff, public_id: str) -> Therapist:
    """A therapist whose hours this member of staff may see and change. Raises NotFound, NotAllowed."""
    found = find_therapist(who.practice_id, public_id)
    who.require(found.id)
    return found


def _places(who: Staff) -> dict[int | None, str]:
    return {location.id: location.public_id for location in list_locations(who.practice_id)}


def _weekly_wish(body: dict[str, Any]) -> WeeklyWish:
    return WeeklyWish(**{**body, "modes": _modes(body)})


def _override_wish(body: dict[str, Any]) -> OverrideWish:
    return OverrideWish(**{**body, "modes": _modes(body)})


def _away(body: dict[str, Any]) -> dict[str, Any]:
    return {"starts_local": body["starts"], "ends_local": body["ends"], "note": body["note"]}


def _modes(body: dict[str, Any]) -> list[Mode]:
    return [Mode(mode) for mode in dict.fromkeys(body["modes"])]


def _weekly(row: WeeklyHours, places: dict[int | None, str]) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "weekday": row.weekday,
        "starts": row.starts,
        "ends": row.ends,
        "modes": row.modes,
        "location": places.get(row.location_id),
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "every_weeks": row.every_weeks,
        "anchor": row.anchor,
    }


def _override(row: HoursOverride, places: dict[int | None, str]) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "day": row.day,
        "starts": row.starts,
        "ends": row.ends,
        "modes": row.modes,
        "location": places.get(row.location_id),
    }


def _time_off(row: TimeOff, timezone: str) -> dict[str, Any]:
    zone = walltime.zone(timezone)
    return {
        "id": row.public_id,
        "starts": row.starts_local,
        "ends": row.ends_local,
        "start": walltime.resolve(row.starts_local, zone),
        "end": walltime.resolve(row.ends_local, zone),
        "note": row.note,
    }


def _nothing() -> Response:
    return current_app.response_class(status=204)
