"""What a practice shows to everybody: itself, its services, people and places."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from marshmallow import fields

from telehealth import clock
from telehealth.api.appointments.shapes import PriceSchema, TermsSchema, addresses
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, DayField, Query, Schema, Zone, key, word
from telehealth.domain import access
from telehealth.domain.appointments.openness import LISTED, NewClients, OpenTo
from telehealth.domain.contact import TEXT_CONSENT
from telehealth.domain.errors import NotFound
from telehealth.domain.walltime import wall, zone
from telehealth.domain.words import Approval, Mode, ServiceKind
from telehealth.models import Service, Therapist
from telehealth.queries.hours.closures import list_closures
from telehealth.queries.practice.offers import find_returns
from telehealth.queries.practice.practices import (
    find_named_service,
    find_practice,
    list_locations,
    list_offered_services,
    list_therapists,
)

blueprint = Blueprint("Practices", "What a practice shows to everybody. No credentials needed.")


class ClosedSchema(Schema):
    """Dates on which the practice is closed, both inclusive, of each therapist's own calendar."""

    first_day = DayField()
    last_day = DayField()
    yields_to_hours = fields.Boolean(metadata={"description": "Some work then all the same; see the free times."})


class PracticeSchema(Schema):
    """A practice."""

    slug = fields.String(metadata={"example": "elm-street"})
    name = fields.String()
    phone = fields.String()
    timezone = Zone(metadata={"example": "America/Denver"})
    email = fields.String()
    about = fields.String()
    web_links = fields.List(fields.String(), metadata={"description": "Its own addresses on the web."})
    languages = fields.List(fields.String(), metadata={"description": "Spoken there, by their names."})
    logo_url = fields.String(allow_none=True, metadata={"description": "A picture; null: it has none."})
    accent = fields.String(allow_none=True, metadata={"description": "The colour of its pages, #rrggbb; null: none."})
    closures = fields.List(
        fields.Nested(ClosedSchema), metadata={"description": "When it is closed, now and later, the next ones first."}
    )
    text_consent = fields.String(
        metadata={"description": "Show exactly this to a client before sending `text_consent: true` for them."}
    )
    books_phone_only = fields.Boolean(
        metadata={"description": "Whoever proves their number books without an e-mail address (`number-codes`)."}
    )


class ServiceSchema(Schema):
    """What can be booked."""

    id = fields.String(attribute="public_id")
    kind = word(ServiceKind)
    name = fields.String()
    description = fields.String()
    duration_minutes = fields.Integer()
    modes = fields.List(word(Mode))
    notice_minutes = fields.Integer(metadata={"description": "The shortest time before a start."})
    horizon_days = fields.Integer(metadata={"description": "How far ahead it can be booked."})
    capacity = fields.Integer(
        metadata={"description": "How many clients one appointment takes; in a group, its seats."}
    )
    therapists_needed = fields.Integer(metadata={"description": "2: two therapists give it together."})
    price = fields.Nested(
        PriceSchema,
        allow_none=True,
        attribute="shown_price",
        metadata={"description": "What it costs; null where the practice does not show it. Nothing is paid here."},
    )
    fee_note = fields.String(metadata={"description": "A sliding scale, for example; may be empty."})
    approval = word(
        Approval,
        attribute="needs_yes_of",
        metadata={"description": "Whose bookings wait until the practice has agreed."},
    )
    terms = fields.Nested(
        TermsSchema,
        allow_none=True,
        attribute="policy",
        metadata={"description": "What is agreed to by booking now; null: free to change until the start."},
    )
    open_to = word(
        OpenTo,
        metadata={"description": "For whom it is. What is for new or known clients is a request of whoever books it."},
    )
    bookable = fields.Boolean(
        metadata={"description": "False once the service has ended, and while only the practice books it."}
    )


class TherapistSchema(Schema):
    """Who gives care."""

    id = fields.String(attribute="public_id")
    name = fields.String()
    credential = fields.String()
    pronouns = fields.String()
    about = fields.String()
    modalities = fields.List(fields.String())
    specialties = fields.List(fields.String())
    languages = fields.List(fields.String())
    ages = fields.List(fields.String(), metadata={"description": "Of clients, in the practice's own words."})
    photo_url = fields.String(allow_none=True, metadata={"description": "A picture; null: there is none."})
    services = fields.List(fields.String(), metadata={"description": "Ids of services."})
    jurisdictions = fields.List(
        fields.String(), metadata={"description": "Where the therapist may treat today: `CO`, `NM`."}
    )
    new_clients = word(
        NewClients,
        metadata={"description": "Whether people whom they have not met are offered their time: see `has_met`."},
    )
    new_clients_from = DayField(allow_none=True, metadata={"description": "With `later`: from that date on."})
    away_until = DayField(
        allow_none=True,
        metadata={"description": "When they are back, if they are away and the practice says so; null otherwise."},
    )


class LocationSchema(Schema):
    """Where people meet in person."""

    id = fields.String(attribute="public_id")
    name = fields.String()
    address = fields.String()
    jurisdiction = fields.String()
    timezone = fields.String()
    directions = fields.String()
    map_url = fields.String(metadata={"description": "An address on the web that shows where it is; may be empty."})


class ServicesSchema(Schema):
    """Services in the practice's order."""

    services = fields.List(fields.Nested(ServiceSchema))


class TherapistsSchema(Schema):
    """Therapists in the order of the practice's page."""

    therapists = fields.List(fields.Nested(TherapistSchema))


class LocationsSchema(Schema):
    """Locations by name."""

    locations = fields.List(fields.Nested(LocationSchema))


class TherapistsQuery(Query):
    """Which therapists."""

    service = key(metadata={"description": "Only those who give this service."})


@blueprint.get("/practices/<key:practice>")
@access.public
@operation("getPractice", NotFound)
@blueprint.response(200, PracticeSchema)
def get_practice(practice: str) -> Beside:
    """Read a practice"""
    found = find_practice(practice)
    consent = TEXT_CONSENT.format(sender=found.sender_name)
    today = wall(clock.now(), zone(found.timezone)).date()
    closures = list_closures(found.id, since=today)
    return Beside(found, text_consent=consent, logo_url=say_picture(found.logo), closures=closures)


@blueprint.get("/practices/<key:practice>/services")
@access.public
@operation("listServices", NotFound)
@blueprint.response(200, ServicesSchema)
def get_services(practice: str) -> dict[str, Any]:
    """List what can be booked"""
    found = list_offered_services(find_practice(practice).id)
    return {"services": [_service(each, each.public_id) for each in found]}


@blueprint.get("/practices/<key:practice>/services/<key:service>")
@access.public
@operation("getService", NotFound)
@blueprint.response(200, ServiceSchema)
def get_service(practice: str, service: str) -> Beside:
    """Read a service

    Also one that has ended, so that old appointments can still name it. One that is on no list is read, and booked, by
    the word of its link in place of its id.
    """
    return _service(find_named_service(find_practice(practice).id, service), service)


@blueprint.get("/practices/<key:practice>/therapists")
@access.public
@operation("listTherapists", NotFound)
@blueprint.arguments(TherapistsQuery, location="query")
@blueprint.response(200, TherapistsSchema)
def get_therapists(query: dict[str, Any], practice: str) -> dict[str, Any]:
    """List who gives care

    In the order of the practice's page. Those who are not on it are left out; they can be read by their id.
    """
    found = find_practice(practice)
    service_id = find_named_service(found.id, query["service"]).id if "service" in query else None
    now = clock.now()
    shown = [who for who in list_therapists(found.id, service_id=service_id) if not who.is_hidden]
    back = find_returns(found.id, now=now)
    return {"therapists": [_therapist(who, back, now) for who in sorted(shown, key=attrgetter("position"))]}


@blueprint.get("/practices/<key:practice>/therapists/<key:therapist>")
@access.public
@operation("getTherapist", NotFound)
@blueprint.response(200, TherapistSchema)
def get_therapist(practice: str, therapist: str) -> Beside:
    """Read a therapist"""
    offered = list_therapists(find_practice(practice).id)
    found = next((each for each in offered if each.public_id == therapist), None)
    if found is None:
        raise NotFound
    now = clock.now()
    return _therapist(found, find_returns(found.practice_id, now=now), now)


@blueprint.get("/practices/<key:practice>/locations")
@access.public
@operation("listLocations", NotFound)
@blueprint.response(200, LocationsSchema)
def get_locations(practice: str) -> dict[str, Any]:
    """List where people can meet in person"""
    return {"locations": list_locations(find_practice(practice).id)}


def say_picture(digest: str | None) -> str | None:
    """The address of a picture; None for none."""
    return None if digest is None else addresses().picture(digest)


def _service(service: Service, word: str) -> Beside:
    """As whoever used this word for it may know it: the word of a link is told to nobody who does not have it."""
    return Beside(service, public_id=word, bookable=word == service.asking_word)


def _therapist(therapist: Therapist, back: Mapping[int, date], now: datetime) -> Beside:
    """What everybody may know: never an address, a number or a login."""
    return Beside(
        therapist,
        photo_url=say_picture(therapist.photo),
        services=[each.public_id for each in therapist.services if each.ended_at is None and each.open_to in LISTED],
        jurisdictions=sorted(therapist.states(now=now)),
        away_until=back.get(therapist.id),
    )
