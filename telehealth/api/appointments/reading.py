"""Appointments for staff: a bearer token opens one practice, and a therapist sees their own."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import find_therapist_for_staff, staff
from telehealth.api.appointments.events import EventsSchema, events
from telehealth.api.appointments.staff_shapes import (
    StaffAppointmentDetailSchema,
    StaffAppointmentSchema,
    find_appointment_for_staff,
    in_detail,
)
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Instant, Query, Schema, key, read_period
from telehealth.api.paths import ID
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput
from telehealth.models import Appointment
from telehealth.queries.appointments.appointments import PageEnd, page_of_appointments
from telehealth.queries.hours.outside_hours import list_outside_hours

USUAL_WINDOW = timedelta(days=31)
LONGEST_WINDOW = timedelta(days=366)
USUAL_PAGE, LONGEST_PAGE = 50, 200

CURSOR = re.compile(rf"([0-9]{{1,10}}) ({ID})")
NOT_A_CURSOR = {"cursor": "This is not a cursor from a page before."}

blueprint = Blueprint("Desk", "Appointments of the practice, for staff programs.")


class StaffQuery(Query):
    """Which appointments."""

    since = Instant(metadata={"description": "Starts from this instant on; now when left out."})
    until = Instant(
        metadata={"description": "Starts before this instant: 31 days after `since` when left out, at most 366 days."}
    )
    therapist = key(metadata={"description": "Only this therapist's."})
    limit = fields.Integer(load_default=USUAL_PAGE, validate=validate.Range(1, LONGEST_PAGE))
    cursor = fields.String(metadata={"description": "`next_cursor` of the page before; keep the other parameters."})


class StaffAppointmentsSchema(Schema):
    """A page of appointments by start, cancelled ones too."""

    appointments = fields.List(fields.Nested(StaffAppointmentSchema))
    next_cursor = fields.String(
        allow_none=True, metadata={"description": "Ask again with it for more; null at the end."}
    )


class OutsideHoursSchema(Schema):
    """Appointments in hours that were taken away since."""

    appointments = fields.List(fields.Nested(StaffAppointmentSchema))


@blueprint.get("/practices/<key:practice>/appointments")
@access.staff_and(*access.LOOKING_ON)
@operation("listAppointments")
@blueprint.arguments(StaffQuery, location="query")
@blueprint.response(200, StaffAppointmentsSchema)
def get_appointments(query: dict[str, Any]) -> dict[str, Any]:
    """List appointments

    A therapist sees their own; owners, the front desk, supervisors and billers see all.
    """
    who, limit = staff(), query["limit"]
    found = page_of_appointments(
        who.practice_id,
        *read_period(query, now=clock.now(), usual=USUAL_WINDOW, longest=LONGEST_WINDOW),
        therapist_id=find_therapist_for_staff(query["therapist"]).id if "therapist" in query else who.only_therapist,
        after=_read_cursor(query["cursor"]) if "cursor" in query else None,
        limit=limit + 1,
    )
    more = len(found) > limit
    return {"appointments": found[:limit], "next_cursor": _cursor(found[limit - 1]) if more else None}


@blueprint.get("/practices/<key:practice>/appointments/<key:appointment>")
@access.staff()
@operation("getAppointment")
@blueprint.response(200, StaffAppointmentDetailSchema)
def get_appointment(appointment: str) -> Beside:
    """Read an appointment with its history and messages"""
    return in_detail(appointment)


@blueprint.get("/practices/<key:practice>/appointments/<key:appointment>/events")
@access.staff()
@operation("listAppointmentEvents")
@blueprint.response(200, EventsSchema)
def get_appointment_events(appointment: str) -> dict[str, Any]:
    """Read who did what to an appointment

    When, by which way and from where; lines are added and never changed.
    """
    return {"events": events(find_appointment_for_staff(appointment))}


@blueprint.get("/practices/<key:practice>/therapists/<key:therapist>/outside-hours")
@access.staff()
@operation("listOutsideHours")
@blueprint.response(200, OutsideHoursSchema)
def get_outside_hours(therapist: str) -> dict[str, Any]:
    """List what is booked outside the hours

    What lies ahead and would not be offered any more, by hours, dates and time off as they are now. What staff booked
    there knowingly is left out. Nothing is cancelled by itself: move it, or cancel it.
    """
    return {"appointments": list_outside_hours(find_therapist_for_staff(therapist), now=clock.now())}


def _cursor(last: Appointment) -> str:
    plain = f"{int(last.starts_at.timestamp())} {last.public_id}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> PageEnd:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        plain = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except ValueError as problem:
        raise InvalidInput(NOT_A_CURSOR) from problem
    match = CURSOR.fullmatch(plain)
    if match is None:
        raise InvalidInput(NOT_A_CURSOR)
    return PageEnd(datetime.fromtimestamp(int(match[1]), UTC), match[2])
