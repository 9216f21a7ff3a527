"""What a practice shows to everybody: itself, its services, people and places."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask.views import MethodView
from marshmallow import fields

from telehealth import clock
from telehealth.api.appointments.shapes import TermsSchema
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Schema, Zone, key, word
from telehealth.domain import access
from telehealth.domain.contact import TEXT_CONSENT
from telehealth.domain.errors import NotFound
from telehealth.domain.words import Approval, Mode, ServiceKind
from telehealth.models import Practice, Therapist
from telehealth.queries.practice.practices import (
    find_practice,
    find_service,
    find_therapist,
    list_locations,
    list_services,
    list_therapists,
)

blueprint = Blueprint("Practices", "What a practice shows to everybody. No credentials needed.")


class PracticeSchema(Schema):
    """A practice."""

    slug = fields.String(required=True, metadata={"example": "elm-street"})
    name = fields.String(required=True)
    phone = fields.String(required=True)
    timezone = Zone(required=True, metadata={"example": "America/Denver"})
    about = fields.String(required=True)
    text_consent = fields.String(
        required=True,
        metadata={"description": "Show exactly this to a client before sending `text_consent: true` for them."},
    )


class ServiceSchema(Schema):
    """What can be booked."""

    id = fields.String(required=True, attribute="public_id")
    kind = word(ServiceKind, required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    duration_minutes = fields.Integer(required=True)
    modes = fields.List(word(Mode), required=True)
    notice_minutes = fields.Integer(required=True, metadata={"description": "The shortest time before a start."})
    horizon_days = fields.Integer(required=True, metadata={"description": "How far ahead it can be booked."})
    capacity = fields.Integer(
        required=True, metadata={"description": "How many clients one appointment takes; in a group, its seats."}
    )
    therapists_needed = fields.Integer(required=True, metadata={"description": "2: two therapists give it together."})
    approval = word(
        Approval, required=True, metadata={"description": "Whose bookings wait until the practice has agreed."}
    )
    terms = fields.Nested(
        TermsSchema,
        required=True,
        allow_none=True,
        attribute="policy",
        metadata={"description": "What is agreed to by booking now; null: free to change until the start."},
    )
    bookable = fields.Function(
        lambda service: service.ended_at is None,
        required=True,
        metadata={"type": "boolean", "description": "False once the service has ended."},
    )


class TherapistSchema(Schema):
    """Who gives care."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    credential = fields.String(required=True)
    about = fields.String(required=True)
    modalities = fields.List(fields.String(), required=True)
    specialties = fields.List(fields.String(), required=True)
    languages = fields.List(fields.String(), required=True)
    services = fields.List(fields.String(), required=True, metadata={"description": "Ids of services."})
    jurisdictions = fields.List(
        fields.String(), required=True, metadata={"description": "Where the therapist may treat today: `CO`, `NM`."}
    )


class LocationSchema(Schema):
    """Where people meet in person."""

    id = fields.String(required=True, attribute="public_id")
    name = fields.String(required=True)
    address = fields.String(required=True)
    jurisdiction = fields.String(required=True)
    timezone = fields.String(required=True)


class ServicesSchema(Schema):
    """Services in the practice's order."""

    services = fields.List(fields.Nested(ServiceSchema), required=True)


class TherapistsSchema(Schema):
    """Therapists by name."""

    therapists = fields.List(fields.Nested(TherapistSchema), required=True)


class LocationsSchema(Schema):
    """Locations by name."""

    locations = fields.List(fields.Nested(LocationSchema), required=True)


class TherapistsQuery(Schema):
    """Which therapists."""

    service = key(metadata={"description": "Only those who give this service."})


@blueprint.route("/practices/<key:practice>")
@access.public
class PracticeView(MethodView):
    """A practice."""

    @operation("getPractice", NotFound)
    @blueprint.response(200, PracticeSchema)
    def get(self, practice: str) -> dict[str, Any]:
        """Read a practice"""
        return _practice(find_practice(practice))


@blueprint.route("/practices/<key:practice>/services")
@access.public
class ServicesView(MethodView):
    """Services."""

    @operation("listServices", NotFound)
    @blueprint.response(200, ServicesSchema)
    def get(self, practice: str) -> dict[str, Any]:
        """List what can be booked"""
        return {"services": list_services(find_practice(practice).id)}


@blueprint.route("/practices/<key:practice>/services/<key:service>")
@access.public
class ServiceView(MethodView):
    """A service."""

    @operation("getService", NotFound)
    @blueprint.response(200, ServiceSchema)
    def get(self, practice: str, service: str) -> Any:
        """Read a service

        Also one that has ended, so that old appointments can still name it.
        """
        return find_service(find_practice(practice).id, service)


@blueprint.route("/practices/<key:practice>/therapists")
@access.public
class TherapistsView(MethodView):
    """Therapists."""

    @operation("listTherapists", NotFound)
    @blueprint.arguments(TherapistsQuery, location="query")
    @blueprint.response(200, TherapistsSchema)
    def get(self, query: dict[str, Any], practice: str) -> dict[str, Any]:
        """List who gives care"""
        found = find_practice(practice)
        service_id = find_service(found.id, query["service"]).id if "service" in query else None
        now = clock.now()
        return {"therapists": [_therapist(who, now) for who in list_therapists(found.id, service_id=service_id)]}


@blueprint.route("/practices/<key:practice>/therapists/<key:therapist>")
@access.public
class TherapistView(MethodView):
    """A therapist."""

    @operation("getTherapist", NotFound)
    @blueprint.response(200, TherapistSchema)
    def get(self, practice: str, therapist: str) -> dict[str, Any]:
        """Read a therapist"""
        found = find_therapist(find_practice(practice).id, therapist)
        if found.ended_at is not None:
            raise NotFound
        return _therapist(found, clock.now())


@blueprint.route("/practices/<key:practice>/locations")
@access.public
class LocationsView(MethodView):
    """Locations."""

    @operation("listLocations", NotFound)
    @blueprint.response(200, LocationsSchema)
    def get(self, practice: str) -> dict[str, Any]:
        """List where people can meet in person"""
        return {"locations": list_locations(find_practice(practice).id)}


def _practice(practice: Practice) -> dict[str, Any]:
    return {
        "slug": practice.slug,
        "name": practice.name,
        "phone": practice.phone,
        "timezone": practice.timezone,
        "about": practice.about,
        "text_consent": TEXT_CONSENT.format(sender=practice.sender_name),
    }


def _therapist(therapist: Therapist, now: datetime) -> dict[str, Any]:
    """What everybody may know: never an address, a number or a login."""
    return {
        "id": therapist.public_id,
        "name": therapist.name,
        "credential": therapist.credential,
        "about": therapist.about,
        "modalities": therapist.modalities,
        "specialties": therapist.specialties,
        "languages": therapist.languages,
        "services": [service.public_id for service in therapist.services if service.ended_at is None],
        "jurisdictions": sorted(therapist.states(now=now)),
    }
