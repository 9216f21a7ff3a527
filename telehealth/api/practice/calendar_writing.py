"""Into which of their own calendars a therapist has appointments written, and how much it is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import find_therapist_for_staff, staff
from telehealth.api.acting import by_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, OneLine, Query, Schema, word
from telehealth.domain import access, calendar_refusals
from telehealth.domain.calendar_words import CalendarKind
from telehealth.domain.errors import InvalidInput
from telehealth.domain.icalendar import FeedDetail
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.models import ConnectedCalendar, Therapist

if TYPE_CHECKING:
    from telehealth.queries.calendars import connections
    from telehealth.services.calendars import written_calendars
else:
    connections = Library("telehealth.queries.calendars.connections")
    written_calendars = Library("telehealth.services.calendars.written_calendars")

blueprint = Blueprint(
    "Appointments in own calendars",
    "The calendar elsewhere into which a therapist's appointments are written, and how much it is told. For the "
    "therapist alone: others may read what stands there.",
)
WRITING = "/practices/<key:practice>/therapists/<key:therapist>/calendar-writing"
LONGEST_CATEGORY = 40
UNKNOWN_CALENDAR = "Please choose one of your connected calendars that can be written into."
DETAIL = {"description": "What it says of who comes: `busy` says nothing."}
PLACE = {"description": "Whether it says where: the place's name and address."}
LINK = {"description": "Whether it holds the way into the room, or to the appointment; that asks for a sign-in."}
REQUESTS = {"description": "Whether requests that wait for an answer stand there, as tentative."}
CATEGORY = {"description": "Many calendars give each category a colour."}


TAKE_OUT = {"description": "They are taken out first: it is `leaving` until then, for a day at most. Else they stay."}


class EndingQuery(Query):
    """What becomes of the appointments that were written there."""

    take_out = fields.Boolean(load_default=False, metadata=TAKE_OUT)


class CalendarWritingSchema(Schema):
    """Where appointments are written, if anywhere, and what it is told."""

    calendar = fields.String(
        allow_none=True, metadata={"description": "The id of a connected calendar; null: nothing is written."}
    )
    detail = word(FeedDetail, allow_none=True, metadata=DETAIL)
    place = fields.Boolean(metadata=PLACE)
    link = fields.Boolean(metadata=LINK)
    requests = fields.Boolean(metadata=REQUESTS)
    category = fields.String(metadata=CATEGORY)


class CalendarWritingWishSchema(Body):
    """The same, as it is to be from now on."""

    calendar = fields.String(
        required=True,
        allow_none=True,
        validate=validate.Length(max=64),
        metadata={"description": "The id of a connected calendar; null: nowhere, and what is ahead is taken out."},
    )
    detail = word(FeedDetail, load_default=FeedDetail.BUSY, metadata=DETAIL)
    place = fields.Boolean(load_default=False, metadata=PLACE)
    link = fields.Boolean(load_default=False, metadata=LINK)
    requests = fields.Boolean(load_default=True, metadata=REQUESTS)
    category = OneLine(load_default="", longest=LONGEST_CATEGORY, metadata=CATEGORY)


@blueprint.get(WRITING)
@access.staff(Role.OWNER, Role.THERAPIST)
@operation("getCalendarWriting")
@blueprint.response(200, CalendarWritingSchema)
def get_writing(therapist: str) -> dict[str, Any]:
    """Read into which calendar appointments are written, and what it is told"""
    return _told(_find_own(therapist))


@blueprint.put(WRITING)
@access.staff(Role.OWNER, Role.THERAPIST)
@operation("setCalendarWriting", InvalidInput, calendar_refusals.ConnectionEnded)
@blueprint.arguments(CalendarWritingWishSchema, example={"calendar": None, "detail": "busy"})
@blueprint.response(200, CalendarWritingSchema)
def put_writing(body: dict[str, Any], therapist: str) -> dict[str, Any]:
    """Choose into which calendar appointments are written, and what it is told

    What stands in the calendar before is taken out as soon as it can be reached, and written into the new one.
    """
    found, calendar = _find_own(therapist), body.pop("calendar")
    acting: Any = {"practice_id": found.practice_id, "by": by_staff(), "now": clock.now()}
    before = _find_written(found)
    if calendar is not None:
        if calendar not in {each.public_id for each in _list_calendars(found)}:
            raise InvalidInput({"calendar": UNKNOWN_CALENDAR})
        wish = written_calendars.WritingWish(**body)
        written_calendars.set_written_calendar(calendar_public_id=calendar, wish=wish, **acting)
    elif before is not None:
        written_calendars.stop_writing(calendar_public_id=before.public_id, **acting)
    return _told(found)


def _find_own(public_id: str) -> Therapist:
    """The therapist who asks. Raises NotFound, NotAllowed."""
    found = find_therapist_for_staff(public_id)
    connections.require_may_connect(user_id=staff().user_id, therapist=found, kind=CalendarKind.CALDAV)
    return found


def _list_calendars(therapist: Therapist) -> list[ConnectedCalendar]:
    """Those that can be written into."""
    found = connections.list_connections(therapist.practice_id, therapist.id)
    return [each for row in found for each in row.calendars if each.can_write]


def _find_written(therapist: Therapist) -> ConnectedCalendar | None:
    return next((each for each in _list_calendars(therapist) if each.is_written), None)


def _told(therapist: Therapist) -> dict[str, Any]:
    found = _find_written(therapist)
    if found is None:
        nothing = {"place": False, "link": False, "requests": False, "category": ""}
        return {"calendar": None, "detail": None, **nothing}
    return {
        "calendar": found.public_id,
        "detail": found.writes_detail,
        "place": found.writes_place,
        "link": found.writes_link,
        "requests": found.writes_requests,
        "category": found.writes_category,
    }
