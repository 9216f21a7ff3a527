"""How standing slots look, and what a plan for one is read from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from marshmallow import fields, validate

from telehealth.api.appointments.obstacles import ObstacleSchema, obstacles
from telehealth.api.appointments.shapes import LocalStart, NamedSchema
from telehealth.api.parsing import (
    Beside,
    Body,
    ClockTime,
    DayField,
    Instant,
    Schema,
    Several,
    Zone,
    jurisdiction,
    key,
    word,
)
from telehealth.domain.series.patterns import (
    LONGEST_INTERVAL,
    MOST_DATES,
    DateOutcome,
    DateResult,
    MonthWeek,
    Plan,
    PlannedDate,
    read_obstacles,
)
from telehealth.domain.words import AppointmentStatus, Mode, OccurrenceStatus
from telehealth.models import Occurrence, Series

NEEDS_ONE_DATE = "Every choice has to be about another date."


class PlanSchema(Body):
    """A standing slot in wall time: on the weekday of its first date, every so many weeks or once a month."""

    service = key(required=True)
    therapist = key(required=True)
    co_therapist = key(load_default=None, allow_none=True)
    mode = word(Mode, required=True)
    location = key(load_default=None, allow_none=True, metadata={"description": "Needed in person."})
    timezone = Zone(required=True, metadata={"description": "Whose clock `local_time` is on."})
    local_time = ClockTime(required=True, metadata={"example": "15:00"})
    starts_on = DayField(required=True, metadata={"description": "The first date."})
    every_weeks = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, LONGEST_INTERVAL))
    week_of_month = word(
        MonthWeek,
        load_default=None,
        allow_none=True,
        metadata={"description": "Once a month, on this one of the weekday's dates, instead of every so many weeks."},
    )
    until = DayField(load_default=None, allow_none=True, metadata={"description": "The last date, itself included."})
    count = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, MOST_DATES),
        metadata={"description": "A number of dates instead of `until`; neither: until further notice."},
    )
    minutes = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, 24 * 60),
        metadata={"description": "How long its dates last: one of the service's lengths. Null: as long as usual."},
    )


PLAN_EXAMPLE = {
    "service": "0d7a3c1e-5c4e-4d0e-9a53-2f4f0a8f6b11",
    "therapist": "6e1c9d0a-7b52-4a52-8a9c-5d9be1f8c4d2",
    "mode": "virtual",
    "timezone": "America/Denver",
    "local_time": "15:00",
    "starts_on": "2026-12-01",
}


class ComingSchema(Body):
    """Somebody who will come: enough to see what is in the way."""

    client = key(load_default=None, allow_none=True, metadata={"description": "The id of a client who is known."})
    jurisdiction = jurisdiction(load_default=None, allow_none=True)


class PreviewSchema(PlanSchema):
    """A plan, and who will come."""

    members = Several(fields.Nested(ComingSchema), load_default=list, validate=validate.Length(max=100))


class ChoiceSchema(Body):
    """What to do about one date."""

    day = DayField(required=True)
    start = Instant(required=True, allow_none=True, metadata={"description": "Meet then instead; null: not at all."})


class PlannedDateSchema(Schema):
    """One date of a plan."""

    day = DayField()
    start = Instant(attribute="starts_at")
    local_start = LocalStart()
    obstacles = fields.List(fields.Nested(ObstacleSchema))
    alternatives = fields.List(Instant(), metadata={"description": "The nearest free starts that week."})


class PreviewAnswerSchema(Schema):
    """The first dates of a plan."""

    timezone = fields.String()
    dates = fields.List(fields.Nested(PlannedDateSchema))


class MemberSchema(Schema):
    """Whose slot it is, from and to dates that are included."""

    id = fields.String(attribute="public_id", metadata={"description": "The membership's id."})
    client = fields.Nested(NamedSchema)
    joined_on = DayField()
    left_on = DayField(allow_none=True)


class SeriesSchema(Schema):
    """A standing slot."""

    id = fields.String(attribute="public_id")
    service = fields.Nested(NamedSchema)
    therapist = fields.Nested(NamedSchema)
    co_therapist = fields.Nested(NamedSchema, allow_none=True)
    mode = word(Mode)
    location = fields.Nested(NamedSchema, allow_none=True)
    timezone = fields.String()
    local_time = ClockTime()
    weekday = fields.Integer(metadata={"description": "0 is Monday."})
    every_weeks = fields.Integer()
    week_of_month = word(MonthWeek, allow_none=True)
    minutes = fields.Integer(metadata={"description": "How long its dates last."})
    starts_on = DayField()
    until = DayField(allow_none=True, metadata={"description": "Null: until further notice."})
    members = fields.List(fields.Nested(MemberSchema))


class SeriesListSchema(Schema):
    """Standing slots, the oldest first."""

    series = fields.List(fields.Nested(SeriesSchema))


class DateSchema(Schema):
    """One date of a standing slot."""

    day = DayField(metadata={"description": "The date it was meant for; it names the date."})
    start = Instant(attribute="starts_at")
    local_start = LocalStart()
    status = word(OccurrenceStatus)
    reason = fields.String(metadata={"description": "Why it is skipped."})
    obstacles = fields.List(fields.Nested(ObstacleSchema))
    alternatives = fields.List(Instant(), metadata={"description": "Of a conflict."})
    appointment = fields.String(allow_none=True, metadata={"description": "Its id, once it is made."})
    appointment_status = word(AppointmentStatus, allow_none=True)


class DatesSchema(Schema):
    """Dates in order."""

    dates = fields.List(fields.Nested(DateSchema))


class ConflictSchema(Schema):
    """One date that staff must decide about."""

    series = fields.String(attribute="series.public_id", metadata={"description": "The standing slot's id."})
    day = DayField()
    start = Instant(attribute="starts_at")
    local_start = LocalStart()
    therapist = fields.Nested(NamedSchema)
    obstacles = fields.List(fields.Nested(ObstacleSchema))


class ConflictsSchema(Schema):
    """Conflicts, the earliest first."""

    conflicts = fields.List(fields.Nested(ConflictSchema))


class DateResultSchema(Schema):
    """What a change did to one date."""

    day = DayField()
    start = Instant(attribute="starts_at")
    outcome = word(DateOutcome)
    obstacles = fields.List(fields.Nested(ObstacleSchema))
    alternatives = fields.List(Instant())


class ChangedSchema(Schema):
    """The standing slot as it goes on, and what became of each date."""

    series = fields.Nested(SeriesSchema)
    dates = fields.List(fields.Nested(DateResultSchema))


class ChangePreviewSchema(Schema):
    """What would become of each date."""

    dates = fields.List(fields.Nested(DateResultSchema), required=True)


def plan_of(body: Mapping[str, Any]) -> Plan:
    """The plan in a body."""
    return Plan(**{**{name: body[name] for name in Plan.__slots__}, "mode": Mode(body["mode"])})


def series(found: Series) -> Beside:
    """A standing slot. Its members have the names that were given for it."""
    members = [Beside(each, client=Beside(each.client, name=each.name)) for each in found.members]
    return Beside(found, weekday=found.starts_on.weekday(), members=members)


def planned(found: PlannedDate, timezone: str, therapist_name: str) -> Beside:
    """One date of a plan."""
    return Beside(found, timezone=timezone, obstacles=obstacles(found.obstacles, therapist_name))


def one_date(found: Occurrence, of: Series, alternatives: Mapping[date, Sequence[datetime]]) -> Beside:
    """One date of a standing slot. One that has an appointment is where the appointment is now."""
    in_conflict = found.status == OccurrenceStatus.CONFLICT
    appointment = found.appointment
    return Beside(
        found,
        starts_at=appointment.starts_at if appointment is not None else found.starts_at,
        timezone=of.timezone,
        reason="" if in_conflict else found.reason,
        obstacles=obstacles(read_obstacles(found.reason), of.therapist.name) if in_conflict else [],
        alternatives=alternatives.get(found.day, ()),
        appointment=appointment.public_id if appointment is not None else None,
        appointment_status=appointment.status if appointment is not None else None,
    )


def conflict(found: Occurrence) -> Beside:
    """One date that staff must decide about."""
    of = found.series
    why = obstacles(read_obstacles(found.reason), of.therapist.name)
    return Beside(found, timezone=of.timezone, therapist=of.therapist, obstacles=why)


def result(found: DateResult, therapist_name: str) -> Beside:
    """What a change did to one date."""
    return Beside(found, obstacles=obstacles(found.obstacles, therapist_name))


def results(dates: Iterable[DateResult], therapist_name: str) -> list[Beside]:
    """The same of each date."""
    return [result(each, therapist_name) for each in dates]


def changed(of: Series, dates: Iterable[DateResult], therapist_name: str = "") -> dict[str, Any]:
    """The standing slot and what became of its dates; ``therapist_name`` when a stand-in gives them."""
    return {"series": series(of), "dates": results(dates, therapist_name or of.therapist.name)}
