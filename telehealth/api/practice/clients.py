"""Clients as staff look for them, and how reliably one of them has come."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth.api.access import find_client_for_staff, staff
from telehealth.api.appointments.shapes import NamedSchema
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Instant, Query, Schema
from telehealth.domain import access
from telehealth.queries.appointments.attendance import attendance_of_client
from telehealth.queries.practice.clients import search_clients

blueprint = Blueprint("Clients", "Clients as staff look for them, and how reliably one of them has come.")
LONGEST_TEXT = 200


class AttendanceSchema(Schema):
    """Facts with their dates, the latest first, and without a verdict."""

    client = fields.Nested(NamedSchema)
    late_cancels = fields.Integer()
    noshows = fields.Integer()
    late_cancelled_starts = fields.List(Instant())
    noshow_starts = fields.List(Instant())


class FoundClientSchema(NamedSchema):
    """A client."""

    email = fields.String()
    phone = fields.String(allow_none=True)
    timezone = fields.String()


class ClientsSchema(Schema):
    """Clients by name."""

    clients = fields.List(fields.Nested(FoundClientSchema))


class ClientsQuery(Query):
    """Which clients."""

    text = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_TEXT),
        metadata={
            "description": "Every word of it stands in the name, the address or a number, however it is spelt: "
            "without accents and apostrophes, and any part of a number."
        },
    )


@blueprint.get("/practices/<key:practice>/clients")
@access.staff()
@operation("listClients")
@blueprint.arguments(ClientsQuery, location="query")
@blueprint.response(200, ClientsSchema)
def get_clients(query: dict[str, Any]) -> dict[str, Any]:
    """Look for clients

    The first 50: those whose name begins like this stand first. A therapist finds those who have, or
    had, an appointment with them.
    """
    who = staff()
    found = search_clients(who.practice_id, query["text"].replace("\0", ""), therapist_id=who.only_therapist)
    return {"clients": found}


@blueprint.get("/practices/<key:practice>/clients/<key:client>/attendance")
@access.staff()
@operation("getAttendance")
@blueprint.response(200, AttendanceSchema)
def get_attendance(client: str) -> dict[str, Any]:
    """Count a client's late cancellations and missed appointments

    A therapist's count is of their own.
    """
    who = staff()
    found = find_client_for_staff(client)
    record = attendance_of_client(who.practice_id, found.id, therapist_id=who.only_therapist)
    return {
        "client": found,
        "late_cancels": len(record.late_cancellations),
        "noshows": len(record.no_shows),
        "late_cancelled_starts": record.late_cancellations,
        "noshow_starts": record.no_shows,
    }
