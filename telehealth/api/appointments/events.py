"""The audit of an appointment or a standing slot: who did what to it, when, how and from where. For staff only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from marshmallow import fields

from telehealth.api.parsing import Beside, Instant, Schema, word
from telehealth.domain.audit_words import Actor, AuditAction, Via
from telehealth.models import Appointment, Series
from telehealth.queries.practice.practices import list_former_locations_too
from telehealth.queries.practice.staff import login_names
from telehealth.queries.practice.therapists import therapist_public_ids

Translate = Callable[[Any], Any]


class EventSchema(Schema):
    """One line of the audit."""

    at = Instant()
    action = word(AuditAction, metadata={"example": "moved"})
    actor = word(Actor)
    name = fields.String(allow_none=True, metadata={"description": "Of the login, when somebody was signed in."})
    via = word(Via, allow_none=True)
    remote_address = fields.String(allow_none=True)
    details = fields.Dict(
        keys=fields.String(),
        metadata={"description": "What changed, as far as it was noted: `before` and `after`, `reason`, `late`, …"},
    )


class EventsSchema(Schema):
    """The audit, the oldest line first."""

    events = fields.List(fields.Nested(EventSchema))


def events(of: Appointment | Series) -> list[Beside]:
    """The lines, with everybody and every place under the ids that programs know."""
    names = login_names(of.practice_id, {line.user_id for line in of.events if line.user_id is not None})
    translate = _translator(of)
    return [
        Beside(line, name=names.get(line.user_id or 0), details=translate(line.details or {})) for line in of.events
    ]


def _translator(of: Appointment | Series) -> Translate:
    """Row numbers mean nothing outside, and the public id of a seat is half of the client's link."""
    seated = of.attendees if isinstance(of, Appointment) else []
    seats = {seat.public_id: seat.client.public_id for seat in seated}
    kept = [line.details or {} for line in of.events]
    people = {number for details in kept for key, number in _numbers(details) if key.endswith("therapist_id")}
    places = _places(of.practice_id) if any(_numbers(details) for details in kept) else {}
    known: dict[str, Mapping[int, str]] = {**places, "therapist_id": therapist_public_ids(people) if people else {}}
    known["co_therapist_id"] = known["therapist_id"]

    def translate(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name.removesuffix("_id"): translate(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [translate(each) for each in value]
        if key in known:
            return known[key].get(value)
        return seats.get(value, value) if isinstance(value, str) else value

    return translate


def _numbers(details: Mapping[str, Any]) -> list[tuple[str, int]]:
    """The row numbers among the details, with what they number."""
    return list(_find_numbers(details))


def _find_numbers(details: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for key, value in details.items():
        if isinstance(value, dict):
            yield from _find_numbers(value)
        elif key.endswith("_id") and isinstance(value, int):
            yield key, value


def _places(practice_id: int) -> dict[str, Mapping[int, str]]:
    locations = list_former_locations_too(practice_id, with_rooms=True)
    rooms = {room.id: room.public_id for location in locations for room in location.rooms}
    return {"location_id": {location.id: location.public_id for location in locations}, "room_id": rooms}
