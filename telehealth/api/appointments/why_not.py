"""Why not this time? In words, by the function that offers and books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import find_client_for_staff, find_therapist_for_staff, staff
from telehealth.api.appointments.obstacles import ObstacleSchema, obstacles
from telehealth.api.appointments.shapes import NamedSchema
from telehealth.api.appointments.staff_shapes import find_appointment_for_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Instant, Query, Schema, jurisdiction, key, word
from telehealth.domain import access
from telehealth.domain.appointments.explaining import in_order
from telehealth.domain.appointments.overriding import BINDS_CHOICE
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Appointment
from telehealth.queries.appointments.licences import jurisdictions_of
from telehealth.queries.appointments.own_standing import find_met_for_staff
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import explain_lengths, obstacles_at, say_busy_source
from telehealth.queries.practice.practices import find_location, find_service
from telehealth.queries.practice.therapists import therapist_names

blueprint = Blueprint("Why not", "Why a time is not offered.")


class WhyNotQuery(Query):
    """Which time, with whom."""

    therapist = key(required=True, metadata={"description": "A therapist's id."})
    service = key(required=True, metadata={"description": "A service's id."})
    mode = word(Mode, required=True, metadata={"description": "How people would meet."})
    start = Instant(required=True, metadata={"description": "When it would begin."})
    jurisdiction = jurisdiction(metadata={"description": "The state the client would be in."})
    location = key(metadata={"description": "A location's id; needed in person."})
    client = key(
        metadata={
            "description": "A client's id: then also whether they are free, and whether a therapist who takes no new "
            "clients has met them."
        }
    )
    minutes = fields.Integer(
        validate=validate.Range(1, 24 * 60),
        metadata={"description": "How long it would last, where that is not the service's usual length."},
    )


class WhyNotSchema(Schema):
    """The answer; without obstacles the time can be booked."""

    therapist = fields.Nested(NamedSchema)
    service = fields.Nested(NamedSchema)
    start = Instant()
    bookable = fields.Boolean()
    obstacles = fields.List(fields.Nested(ObstacleSchema))


class LengthSchema(Schema):
    """One length, at the appointment's present time."""

    minutes = fields.Integer()
    end = Instant()
    possible = fields.Boolean()
    obstacles = fields.List(fields.Nested(ObstacleSchema))


class LengthsSchema(Schema):
    """How long it lasts, and how long it could last; no lengths once it has begun or is cancelled."""

    minutes = fields.Integer()
    lengths = fields.List(fields.Nested(LengthSchema))


LENGTHS_EXAMPLE = {
    "minutes": 50,
    "lengths": [{"minutes": 50, "end": "2026-11-24T17:50:00Z", "possible": True, "obstacles": []}],
}


@blueprint.get("/practices/<key:practice>/why-not")
@access.staff()
@operation("whyNot")
@blueprint.arguments(WhyNotQuery, location="query")
@blueprint.response(200, WhyNotSchema)
def get_why_not(query: dict[str, Any]) -> dict[str, Any]:
    """Ask why a time is not offered

    For any therapist and time. A therapist asks about themselves. Where two give a group together, what stands in the
    way of a seat with either of them is told.
    """
    practice_id, mode = staff().practice_id, query["mode"]
    therapist = find_therapist_for_staff(query["therapist"])
    service = find_service(practice_id, query["service"])
    clients = (find_client_for_staff(query["client"]).id,) if "client" in query else ()
    asked = SlotQuery(
        practice_id=practice_id,
        service=service,
        mode=mode,
        since=query["start"],
        therapist_id=therapist.id,
        location_id=_location(practice_id, mode, query.get("location")),
        jurisdiction=query.get("jurisdiction") if mode != Mode.IN_PERSON else None,
        minutes=query.get("minutes"),
        client_ids=clients,
        known_to=find_met_for_staff(service, therapist, clients, starts_at=query["start"]) if clients else None,
    )
    found = {therapist.id: [Obstacle.NOT_GIVEN], **obstacles_at(asked, now=clock.now())}
    return {
        "therapist": therapist,
        "service": service,
        "start": query["start"],
        "bookable": not any(found.values()),
        "obstacles": _say_each(asked, found, state=query.get("jurisdiction")),
    }


def _say_each(asked: SlotQuery, found: Mapping[int, Sequence[Obstacle]], *, state: str | None) -> list[dict[str, Any]]:
    """Each obstacle once, with the name of the first therapist in whose way it is."""
    names = therapist_names(found)
    whose = {each: who for who in reversed(list(found)) for each in found[who]}
    busy = whose.get(Obstacle.BUSY)
    source = say_busy_source(asked, busy, now=clock.now()) if busy is not None else ""
    return [
        line for each in in_order(whose) for line in obstacles([each], names[whose[each]], state=state, source=source)
    ]


@blueprint.get("/practices/<key:practice>/appointments/<key:appointment>/lengths")
@access.staff()
@operation("listLengthsOfAppointment")
@blueprint.response(200, LengthsSchema, example=LENGTHS_EXAMPLE)
def get_lengths(appointment: str) -> dict[str, Any]:
    """List how long an appointment could last

    Every length that its service allows, and the one it has, with what stands in the way of each at its present time.
    Moving it there with `minutes` changes it.
    """
    found = find_appointment_for_staff(appointment)
    lengths = sorted({*found.service.lengths, found.minutes})
    return {"minutes": found.minutes, "lengths": _lengths_of(found, lengths) if found.is_ahead(now=clock.now()) else []}


def _lengths_of(found: Appointment, lengths: list[int]) -> list[dict[str, Any]]:
    query = SlotQuery.about_appointment(found, further_jurisdictions=tuple(sorted(jurisdictions_of(found))))
    query = replace(
        query,
        therapist_id=found.therapist_id,
        co_therapist_id=found.co_therapist_id,
        client_ids=tuple(each.client_id for each in found.seats),
    )
    said = explain_lengths(query, lengths, now=clock.now())
    names = {each.id: each.name for each in found.therapists}
    in_the_way = {
        minutes: {each: key for key, why in by_therapist.items() for each in why if each not in BINDS_CHOICE}
        for minutes, by_therapist in said.items()
    }
    return [
        {
            "minutes": minutes,
            "end": found.starts_at + timedelta(minutes=minutes),
            "possible": not why,
            "obstacles": [line for each, key in why.items() for line in obstacles([each], names[key])],
        }
        for minutes, why in in_the_way.items()
    ]


def _location(practice_id: int, mode: Mode, public_id: str | None) -> int | None:
    if mode != Mode.IN_PERSON:
        return None
    if public_id is None:
        raise InvalidInput({"location": "Please choose where they would meet."})
    return find_location(practice_id, public_id).id
