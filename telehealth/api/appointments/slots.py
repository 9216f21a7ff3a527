"""Free times. Asked more often than anything else, so slots are written by hand and not by a schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app
from marshmallow import fields

from telehealth import clock
from telehealth.api.appointments import links, slot_writing
from telehealth.api.appointments.fits import MET_SAID, FitQuery, fit_of
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Instant, Period, Schema, Zone, jurisdiction, key, read_period, utc, word
from telehealth.domain import access, walltime
from telehealth.domain.contact import REGIONS_WITHOUT_STATES
from telehealth.domain.errors import InvalidInput, LinkEnded, LinkInvalid, NotFound, ServiceEnded
from telehealth.domain.words import Mode
from telehealth.models import Location, Service
from telehealth.queries.appointments.groups import list_joinable_groups
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered_seconds
from telehealth.queries.practice.practices import find_location, find_open_service, find_practice, find_therapist
from telehealth.queries.practice.therapists import therapist_public_ids

USUAL_WINDOW = timedelta(days=14)
LONGEST_WINDOW = timedelta(days=62)

blueprint = Blueprint("Slots", "Free times. No credentials needed.")


class TimesQuery(FitQuery):
    """When, how and with whom."""

    mode = word(Mode, required=True, metadata={"description": "How people meet."})
    therapist = key(metadata={"description": "A therapist's id; without one, the best fit who is free is named."})
    location = key(metadata={"description": "A location's id; needed in person."})
    jurisdiction = jurisdiction(
        metadata={
            "description": "The state the client will be in. Without it, times may be shown that cannot be booked."
        }
    )
    since = Instant(metadata={"description": "From this instant on; now when left out."})
    until = Instant(
        metadata={"description": "Before this instant: 14 days after `since` when left out, at most 62 days after it."}
    )
    timezone = Zone(
        metadata={
            "description": "The zone of `local`; the practice's when left out. In person it is always the location's."
        }
    )


class SlotsQuery(TimesQuery):
    """What somebody looks for."""

    service = key(required=True, metadata={"description": "A service's id."})
    has_met = fields.Boolean(load_default=False, metadata={"description": MET_SAID})


class SlotSchema(Schema):
    """A free time."""

    sometimes = ("seats_left",)

    start = Instant()
    local = fields.String(metadata={"format": "date-time", "description": "The start in `timezone`."})
    therapist = fields.String(metadata={"description": "Who would take it: a therapist's id."})
    seats_left = fields.Integer(metadata={"description": "For groups only: how many can still book a seat."})


class SlotsSchema(Schema):
    """Free times, the earliest first, in [since, until)."""

    service = fields.String()
    mode = word(Mode)
    timezone = fields.String()
    since = Instant()
    until = Instant()
    slots = fields.List(fields.Nested(SlotSchema))


SLOTS_EXAMPLE = {
    "service": "0d7a3c1e-5c4e-4d0e-9a53-2f4f0a8f6b11",
    "mode": "virtual",
    "timezone": "America/Denver",
    "since": "2026-11-23T16:00:00Z",
    "until": "2026-12-07T16:00:00Z",
    "slots": [
        {
            "start": "2026-11-24T16:00:00Z",
            "local": "2026-11-24T09:00:00-07:00",
            "therapist": "6e1c9d0a-7b52-4a52-8a9c-5d9be1f8c4d2",
        }
    ],
}


@blueprint.get("/practices/<key:practice>/slots")
@access.public
@operation("listSlots", NotFound, ServiceEnded)
@blueprint.arguments(SlotsQuery, location="query")
@blueprint.response(200, SlotsSchema, example=SLOTS_EXAMPLE)
def get_slots(query: dict[str, Any], practice: str) -> Response:
    """Find free times

    What is listed can be booked, as long as nobody else takes it first. Several therapists may be free at one
    time; it is listed once, with the one who fits best, and of equals the one who has the least to do. A group that
    stands already is listed while it has seats left.
    """
    now = clock.now()
    found = find_practice(practice)
    service, window = find_open_service(found.id, query["service"]), _window(query, now)
    location = _location(found.id, query)
    zone = location.timezone if location is not None else query.get("timezone", found.timezone)
    return _answer(query, _asked(service, query, window, location), zone, now=now)


@blueprint.get("/appointments/<token:manage_token>/slots")
@access.by_link
@operation("listSlotsToMoveTo", LinkInvalid, LinkEnded, NotFound, ServiceEnded)
@blueprint.arguments(TimesQuery, location="query")
@blueprint.response(200, SlotsSchema, example=SLOTS_EXAMPLE)
def get_slots_by_link(query: dict[str, Any], manage_token: str) -> Response:
    """Find times that an appointment can move to

    It is not in its own way: a part of its own time counts as free.
    """
    now, seat = clock.now(), links.seat_behind_link(manage_token)
    appointment = seat.appointment
    location = _location(appointment.practice_id, query)
    zone = location.timezone if location is not None else query.get("timezone", seat.timezone)
    asked = _asked(appointment.service, query, _window(query, now), location)
    asked = replace(
        asked,
        jurisdiction=asked.jurisdiction or _state_of(seat.jurisdiction, asked.mode),
        fit=replace(asked.fit, therapist_id=appointment.therapist_id),
        client_ids=tuple(each.client_id for each in appointment.seats),
        own_appointment_id=appointment.id,
        leaves_own_time=appointment.is_asked_to_move,
        known_to=frozenset(each.id for each in appointment.therapists),
        minutes=appointment.service.keep_length(appointment.minutes),
    )
    return _answer({**query, "service": appointment.service.public_id}, asked, zone, now=now)


def _window(query: Mapping[str, Any], now: datetime) -> Period:
    return read_period(query, now=now, usual=USUAL_WINDOW, longest=LONGEST_WINDOW)


def _location(practice_id: int, query: Mapping[str, Any]) -> Location | None:
    if query["mode"] != Mode.IN_PERSON:
        return None
    if "location" not in query:
        raise InvalidInput({"location": "Please choose where you would like to meet."})
    return find_location(practice_id, query["location"])


def _asked(service: Service, query: Mapping[str, Any], window: Period, location: Location | None) -> SlotQuery:
    mode = query["mode"]
    if service.ended_at is not None:
        raise ServiceEnded
    if mode not in service.modes:
        raise InvalidInput({"mode": "This service is not given that way. Please choose another way to meet."})
    therapist = find_therapist(service.practice_id, query["therapist"]) if "therapist" in query else None
    return SlotQuery(
        practice_id=service.practice_id,
        service=service,
        mode=mode,
        since=window[0],
        until=window[1],
        therapist_id=therapist.id if therapist is not None else None,
        location_id=location.id if location is not None else None,
        jurisdiction=_state_of(query.get("jurisdiction"), mode),
        fit=fit_of(dict(query)),
        known_to=frozenset({therapist.id} if therapist is not None and query.get("has_met") else ()),
    )


def _state_of(jurisdiction: str | None, mode: Mode) -> str | None:
    return None if mode in REGIONS_WITHOUT_STATES else jurisdiction


def _answer(query: Mapping[str, Any], asked: SlotQuery, timezone: str, *, now: datetime) -> Response:
    free, seats = _free(asked, now=now)
    names = {asked.therapist_id: query["therapist"]} if asked.therapist_id else therapist_public_ids(free.values())
    head = {
        "service": query["service"],
        "mode": query["mode"],
        "timezone": timezone,
        "since": utc(asked.since),
        "until": utc(asked.end),
    }
    listed = slot_writing.slots_as_json(free, names, walltime.zone(timezone), seats)
    body = f'{json.dumps(head)[:-1]}, "slots": {listed}}}'
    return current_app.response_class(body, mimetype="application/json")


def _free(asked: SlotQuery, *, now: datetime) -> tuple[dict[int, int], dict[int, int] | None]:
    """Free starts (epoch seconds) with who would take them, and for groups the seats that are left."""
    if not asked.service.is_group:
        return offered_seconds(asked, now=now), None
    free = offered_seconds(asked, now=now)
    seats = dict.fromkeys(free, asked.service.capacity)
    # Of two groups at one time, the one with more room is joined.
    for group in sorted(list_joinable_groups(asked, now=now), key=lambda each: each.seats_left):
        start = int(group.starts_at.timestamp())
        free[start], seats[start] = group.therapist_id, group.seats_left
    return free, seats
