"""What is booked at another time than was agreed, because the rules of a zone's clocks have changed since."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments.staff_shapes import (
    StaffAppointmentDetailSchema,
    StaffAppointmentSchema,
    find_appointment_for_staff,
    in_detail,
)
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Body, DayField, Instant, Schema, word
from telehealth.domain import access, walltime
from telehealth.domain.errors import ImpossibleStatus, SlotNotOffered, SlotTaken, TooLate
from telehealth.queries.appointments.clock_changes import agreed_start, list_out_of_step
from telehealth.queries.series.clock_changes import ShiftedSeries, list_shifted_series
from telehealth.services.appointments.clock_changes import KeptTime, keep_instant, keep_wall_time

blueprint = Blueprint("Changed clocks", "What new rules of a zone's clocks have done to what is booked.")


class OutOfStepSchema(Schema):
    """An appointment, and the instant at which its clock shows what was agreed."""

    appointment = fields.Nested(StaffAppointmentSchema)
    agreed_start = Instant()


class ShiftedSeriesSchema(Schema):
    """A standing slot, and its dates that keep another time than the slot's."""

    series = fields.String(metadata={"description": "Its id."})
    days = fields.List(DayField())


class ClockChangesSchema(Schema):
    """All of it, the soonest first."""

    zone_data = fields.String(metadata={"description": "The release of the IANA's zone data.", "example": "2026f"})
    appointments = fields.List(fields.Nested(OutOfStepSchema))
    series = fields.List(fields.Nested(ShiftedSeriesSchema))


class KeepSchema(Body):
    """Which of the two holds."""

    keep = word(KeptTime, required=True, metadata={"description": "`wall_time` moves it; `instant` leaves it there."})


KEEP_EXAMPLE = {"keep": "wall_time"}


@blueprint.get("/practices/<key:practice>/clock-changes")
@access.staff()
@operation("listClockChanges")
@blueprint.response(200, ClockChangesSchema)
def get_clock_changes() -> dict[str, Any]:
    """List what is booked at another time than was agreed

    A therapist sees their own. A standing slot is put back at its time by a change of `all` its dates to the time it
    has.
    """
    who, now = staff(), clock.now()
    found = list_out_of_step(who.practice_id, therapist_id=who.only_therapist, now=now)
    series = list_shifted_series(who.practice_id, therapist_id=who.only_therapist, now=now)
    return {
        "zone_data": walltime.zone_data_version(),
        "appointments": [{"appointment": each, "agreed_start": agreed_start(each)} for each in found],
        "series": [_series(each) for each in series],
    }


@blueprint.post("/practices/<key:practice>/appointments/<key:appointment>/keep-time")
@access.staff()
@operation("keepTime", ImpossibleStatus, TooLate, SlotTaken, SlotNotOffered)
@blueprint.arguments(KeepSchema, example=KEEP_EXAMPLE)
@blueprint.response(200, StaffAppointmentDetailSchema)
def post_keep_time(body: dict[str, Any], appointment: str) -> Beside:
    """Say which time of an appointment holds after its clocks have changed

    Everybody concerned is told. One that is at its time already stays as it is.
    """
    found = find_appointment_for_staff(appointment)
    keep = keep_wall_time if body["keep"] == KeptTime.WALL else keep_instant
    keep(practice_id=found.practice_id, appointment_id=found.id, by=by_staff(), now=clock.now())
    return in_detail(appointment)


def _series(found: ShiftedSeries) -> dict[str, Any]:
    return {"series": found.series.public_id, "days": [each.day for each in found.dates]}
