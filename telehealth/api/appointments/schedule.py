"""The schedule as programs see it, and who is free at a time, with the reasons of those who are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import find_therapist_for_staff, staff
from telehealth.api.appointments.obstacles import ObstacleSchema, obstacles
from telehealth.api.appointments.shapes import NamedSchema
from telehealth.api.appointments.staff_shapes import StaffAppointmentSchema
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Instant, OneLine, Query, Schema, jurisdiction, key, read_period, word
from telehealth.domain import access, walltime
from telehealth.domain.appointments.quick_questions import LONGEST, Doubt, Matter, QuickQuestion, read_quick_question
from telehealth.domain.errors import InvalidInput
from telehealth.domain.hours.opening import dates_between
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Location, Practice, Therapist
from telehealth.queries.appointments.quick_answers import complete_question, list_names
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import obstacles_at
from telehealth.queries.calendars.filled_days import FilledDays, read_filled_days
from telehealth.queries.practice.practices import (
    find_location,
    find_practice,
    find_service,
    list_locations,
    list_therapists,
)

ONE_DAY = timedelta(days=1)
A_WEEK, LONGEST_SCHEDULE = timedelta(days=7), timedelta(days=42)

blueprint = Blueprint("Schedule", "What fills the days of the practice, and who is free at a time.")


class ScheduleQuery(Query):
    """Which days, and whose."""

    since = Instant(metadata={"description": "From this instant on; now when left out."})
    until = Instant(
        metadata={"description": "Before this instant: a week after `since` when left out, 42 days at most."}
    )
    therapist = key(metadata={"description": "Only this therapist's."})


class SpanSchema(Schema):
    """A stretch of time, half-open."""

    start = Instant(attribute="starts_at")
    end = Instant(attribute="ends_at")


class TimeOffSpanSchema(SpanSchema):
    """Time off, with the note for staff."""

    note = fields.String()


class KeptSpanSchema(SpanSchema):
    """Time that no appointment has yet: kept by a hold, or by a date of a standing slot."""

    service = fields.String()
    series = fields.String(
        allow_none=True, attribute="series_public_id", metadata={"description": "The standing slot; null for a hold."}
    )


class TherapistDaysSchema(Schema):
    """What is known of the days of one therapist."""

    therapist = fields.Nested(NamedSchema)
    timezone = fields.String()
    hours = fields.List(fields.Nested(SpanSchema), metadata={"description": "Hours; time off is not taken out."})
    time_off = fields.List(fields.Nested(TimeOffSpanSchema))
    busy = fields.List(fields.Nested(SpanSchema), metadata={"description": "In their own calendar."})
    holds = fields.List(fields.Nested(KeptSpanSchema))


class ScheduleSchema(Schema):
    """Everything between two instants."""

    since = Instant()
    until = Instant()
    therapists = fields.List(fields.Nested(TherapistDaysSchema))
    appointments = fields.List(
        fields.Nested(StaffAppointmentSchema), metadata={"description": "By start, cancelled ones too."}
    )


class WhoIsFreeQuery(Query):
    """A question in words, or its parts; a part that is named counts more than what the words say."""

    q = OneLine(
        longest=LONGEST,
        load_default="",
        metadata={"description": "As typed into the box of the desk: `tomorrow 3pm, couple, Spanish`."},
    )
    start = Instant(metadata={"description": "When it would begin."})
    service = key(metadata={"description": "A service's id."})
    mode = word(Mode, metadata={"description": "How people would meet."})
    therapist = key(metadata={"description": "Ask about this one only."})
    location = key(metadata={"description": "A location's id; needed in person where there are several."})
    jurisdiction = jurisdiction(metadata={"description": "The state the client would be in."})
    language = fields.String(validate=validate.Length(max=40), metadata={"description": "Spoken by the therapist."})


class DoubtSchema(Schema):
    """What is not clear, as a question to a person, with ways to say it."""

    sentence = fields.String()
    ways = fields.List(fields.String())


class WhoIsFreeAnswerSchema(Schema):
    """One therapist at that time."""

    therapist = fields.Nested(NamedSchema)
    free = fields.Boolean(metadata={"description": "Can be booked as it is, and speaks the language asked for."})
    speaks = fields.Boolean(metadata={"description": "The language asked for; true when none was."})
    obstacles = fields.List(fields.Nested(ObstacleSchema))


class WhoIsFreeSchema(Schema):
    """What was understood, and the answers: who is free comes first. None while something is in doubt."""

    start = Instant(allow_none=True)
    service = fields.Nested(NamedSchema, allow_none=True)
    mode = word(Mode, allow_none=True)
    jurisdiction = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    assumed = fields.List(fields.String(), metadata={"description": "What was taken as said, in words."})
    doubts = fields.List(fields.Nested(DoubtSchema))
    answers = fields.List(fields.Nested(WhoIsFreeAnswerSchema))


DANA = {"id": "6e1c9d0a-7b52-4a52-8a9c-5d9be1f8c4d2", "name": "Dana Rivera"}
SCHEDULE_EXAMPLE = {
    "since": "2026-11-24T07:00:00Z",
    "until": "2026-11-25T07:00:00Z",
    "therapists": [
        {
            "therapist": DANA,
            "timezone": "America/Denver",
            "hours": [{"start": "2026-11-24T16:00:00Z", "end": "2026-11-25T00:00:00Z"}],
            "time_off": [{"start": "2026-11-24T22:00:00Z", "end": "2026-11-25T00:00:00Z", "note": "Dentist"}],
            "busy": [],
            "holds": [],
        }
    ],
    "appointments": [],
}
WHO_IS_FREE_EXAMPLE = {
    "start": "2026-11-24T22:00:00Z",
    "service": {"id": "0b8f0c67-2d5b-4c0e-9a64-2f3f7a9d1c52", "name": "Couple session"},
    "mode": "virtual",
    "jurisdiction": "CO",
    "language": "Spanish",
    "assumed": ["a client in Colorado, where the practice is"],
    "doubts": [],
    "answers": [
        {
            "therapist": DANA,
            "free": False,
            "speaks": True,
            "obstacles": [{"code": "time_off", "sentence": "Dana Rivera is away then.", "may_waive": True}],
        }
    ],
}


@blueprint.get("/practices/<key:practice>/schedule")
@access.staff()
@operation("getSchedule")
@blueprint.arguments(ScheduleQuery, location="query")
@blueprint.response(200, ScheduleSchema, example=SCHEDULE_EXAMPLE)
def get_schedule(query: dict[str, Any]) -> dict[str, Any]:
    """Read the schedule

    Appointments, hours, time off, busy times and what is kept, of a day, a week or up to six weeks. A therapist sees
    their own.
    """
    who, now = staff(), clock.now()
    since, until = read_period(query, now=now, usual=A_WEEK, longest=LONGEST_SCHEDULE)
    asked = find_therapist_for_staff(query["therapist"]).id if "therapist" in query else who.only_therapist
    team = [each for each in list_therapists(who.practice_id) if asked in {None, each.id}]
    only = None if asked is None else [asked]
    filled = read_filled_days(who.practice_id, since, until, therapists=team, only=only, now=now)
    return {
        "since": since,
        "until": until,
        "therapists": [_days_of(each, filled, since, until) for each in team],
        "appointments": filled.appointments,
    }


@blueprint.get("/practices/<key:practice>/who-is-free")
@access.staff()
@operation("whoIsFree")
@blueprint.arguments(WhoIsFreeQuery, location="query")
@blueprint.response(200, WhoIsFreeSchema, example=WHO_IS_FREE_EXAMPLE)
def get_who_is_free(query: dict[str, Any]) -> dict[str, Any]:
    """Ask who is free at a time

    In words, as at the desk, or by its parts. Who is not free comes with the reasons. A therapist asks about
    themselves.
    """
    who, now = staff(), clock.now()
    practice = find_practice(who.practice_slug)
    team = [each for each in list_therapists(practice.id) if who.only_therapist in {None, each.id}]
    text = query["q"].strip()
    today = walltime.wall(now, walltime.zone(practice.timezone)).date()
    found = read_quick_question(text, list_names(practice.id, team), today=today)
    given = {name: value for name, value in query.items() if name != "q"}
    assumed = complete_question(practice.id, found, text) if text else []
    return _answer(practice, team, {**_said(practice, found), **given}, assumed, _open_doubts(found, given), now=now)


def _days_of(therapist: Therapist, filled: FilledDays, since: datetime, until: datetime) -> dict[str, Any]:
    own = walltime.zone(therapist.timezone)
    first, last = (walltime.wall(each, own).date() for each in (since, until))
    hours = sorted(set(_hours(therapist, filled, first, last)))
    off = [
        {**_span(*(walltime.resolve(at, own) for at in (each.starts_local, each.ends_local))), "note": each.note}
        for each in filled.time_off.get(therapist.id, ())
    ]
    return {
        "therapist": therapist,
        "timezone": therapist.timezone,
        "hours": [_span(*each) for each in hours if each[0] < until and each[1] > since],
        "time_off": [each for each in off if each["starts_at"] < until and each["ends_at"] > since],
        "busy": filled.busy.get(therapist.id, ()),
        "holds": filled.kept.get(therapist.resource_id, ()),
    }


def _hours(therapist: Therapist, filled: FilledDays, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
    for day in dates_between(first, last + ONE_DAY):
        yield from filled.open_spans(therapist, day)


def _span(starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    return {"starts_at": starts_at, "ends_at": ends_at}


def _said(practice: Practice, found: QuickQuestion) -> dict[str, Any]:
    """What the words name, as the parts would name it."""
    names = {
        Matter.SERVICE: "service",
        Matter.THERAPIST: "therapist",
        Matter.LANGUAGE: "language",
        Matter.STATE: "jurisdiction",
    }
    said: dict[str, Any] = {names[matter]: each.key for matter, each in found.named.items() if matter in names}
    if Matter.MODE in found.named:
        said["mode"] = Mode(found.named[Matter.MODE].key)
    if found.day is not None and found.at is not None:
        local = datetime.combine(found.day, found.at)
        if not walltime.is_in_gap(local, walltime.zone(practice.timezone)):
            said["start"] = walltime.resolve(local, walltime.zone(practice.timezone))
    return said


def _open_doubts(found: QuickQuestion, given: dict[str, Any]) -> list[Doubt]:
    """What is not clear from the words; what is named besides leaves nothing open."""
    is_complete = {"start", "service", "mode"} <= given.keys()
    return [] if is_complete else found.doubts


def _answer(
    practice: Practice,
    team: Sequence[Therapist],
    asked: dict[str, Any],
    assumed: list[str],
    doubts: list[Doubt],
    *,
    now: datetime,
) -> dict[str, Any]:
    language = asked.get("language")
    service = find_service(practice.id, asked["service"]) if "service" in asked else None
    understood = {
        "start": asked.get("start"),
        "service": service,
        "mode": asked.get("mode"),
        "jurisdiction": asked.get("jurisdiction"),
        "language": language,
        "assumed": assumed,
        "doubts": [{"sentence": each.sentence, "ways": each.instead} for each in doubts],
    }
    if doubts:
        return {**understood, "answers": []}
    open_parts = {name: OPEN[name] for name in OPEN if asked.get(name) is None}
    if service is None or open_parts:
        raise InvalidInput(open_parts)
    named = find_therapist_for_staff(asked["therapist"]) if "therapist" in asked else None
    place = _place(practice, asked)
    query = SlotQuery.about(
        service,
        asked["mode"],
        asked["start"],
        therapist=named,
        location=place,
        jurisdiction=asked.get("jurisdiction"),
    )
    found = obstacles_at(query, now=now)
    state = place.jurisdiction if place is not None else asked.get("jurisdiction")
    answers = [
        _of_therapist(each, found.get(each.id, [Obstacle.NOT_GIVEN]), language, state)
        for each in ([named] if named is not None else team)
        if named is not None or each.id in found
    ]
    return {**understood, "answers": sorted(answers, key=lambda each: (not each["free"], len(each["obstacles"])))}


OPEN = {
    "start": "Please say when it would begin.",
    "service": "Please choose a service.",
    "mode": "Please say how people would meet.",
}


def _place(practice: Practice, asked: dict[str, Any]) -> Location | None:
    if asked["mode"] != Mode.IN_PERSON:
        if asked.get("jurisdiction") is None:
            raise InvalidInput({"jurisdiction": "Please say which state the client would be in."})
        return None
    if "location" in asked:
        return find_location(practice.id, asked["location"])
    places = list_locations(practice.id)
    if len(places) != 1:
        raise InvalidInput({"location": "Please choose where they would meet."})
    return places[0]


def _of_therapist(
    therapist: Therapist, found: Sequence[Obstacle], language: str | None, state: str | None
) -> dict[str, Any]:
    speaks = language is None or language in therapist.languages
    return {
        "therapist": therapist,
        "free": not found and speaks,
        "speaks": speaks,
        "obstacles": obstacles(found, therapist.name, state=state),
    }
