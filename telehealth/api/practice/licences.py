"""Where a therapist may practise and until when, what is booked beyond that, how much they take on, and where they are
told at once.
"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import find_therapist_for_staff, staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments.shapes import NamedSchema
from telehealth.api.appointments.staff_shapes import StaffAppointmentSchema
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, DayField, Instant, Schema, jurisdiction, word
from telehealth.domain import access
from telehealth.domain.appointments.licences import Basis
from telehealth.domain.contact import LONGEST_PHONE
from telehealth.domain.errors import NotFound
from telehealth.domain.words import Role
from telehealth.models import Licence, Therapist
from telehealth.queries.appointments.licences import list_authorities, uncovered_appointments
from telehealth.services.practice.therapists import (
    LIMITS,
    LONGEST_NUMBER,
    LicenceFacts,
    TherapistLimits,
    add_licence,
    change_limits,
    end_licence,
    set_alert_phone,
)

THERAPIST = "/practices/<key:practice>/therapists/<key:therapist>"

blueprint = Blueprint("Licences", "Where therapists may practise, how much they take on, and where they are told.")


class LicenceSchema(Body):
    """An authority to practise in one state; both dates inclusive."""

    id = fields.String(dump_only=True)
    jurisdiction = jurisdiction(required=True)
    basis = word(Basis, load_default=Basis.LICENCE)
    number = fields.String(load_default="", validate=validate.Length(max=4 * LONGEST_NUMBER))
    valid_from = DayField(required=True)
    valid_until = DayField(load_default=None, allow_none=True, metadata={"description": "The last date; null: no end."})


LICENCE_EXAMPLE = {"jurisdiction": "CO", "number": "LPC.0012345", "valid_from": "2026-01-01"}


class LastDaySchema(Body):
    """When it ends."""

    valid_until = DayField(required=True, allow_none=True, metadata={"description": "The last date; null: no end."})


class LicencesSchema(Schema):
    """Every authority a therapist has or had."""

    licences = fields.List(fields.Nested(LicenceSchema))


class GapSchema(Schema):
    """A stretch, [since, until), without an authority that was there before or comes after, and what lies in it."""

    therapist = fields.Nested(NamedSchema, attribute="gap.therapist")
    jurisdiction = fields.String(attribute="gap.jurisdiction")
    last_day = DayField(
        allow_none=True,
        attribute="gap.last_day",
        metadata={"description": "With authority, before the gap; null: none yet."},
    )
    since = Instant(attribute="gap.since")
    until = Instant(attribute="gap.until")
    appointments = fields.List(fields.Nested(StaffAppointmentSchema))


class GapsSchema(Schema):
    """What is booked without an authority on its date, the earliest first."""

    gaps = fields.List(fields.Nested(GapSchema))


def _limit(name: str, description: str, **options: Any) -> fields.Integer:
    least, most, sentence = LIMITS[name]
    return fields.Integer(
        strict=True,
        validate=validate.Range(least, most, error=sentence),
        metadata={"description": description},
        **options,
    )


class LimitsSchema(Body):
    """How much a therapist takes on; null is "no limit"."""

    daily_cap = _limit("daily_cap", "The most appointments on one date.", required=True, allow_none=True)
    weekly_cap = _limit("weekly_cap", "The most in one week, from Monday.", required=True, allow_none=True)
    longest_run = _limit("longest_run", "The most in a row without a break.", required=True, allow_none=True)
    break_minutes = _limit("break_minutes", "What counts as a break.", load_default=15)
    note_minutes = _limit("note_minutes", "Kept free after each for notes.", load_default=0)


LIMITS_EXAMPLE = {"daily_cap": 6, "weekly_cap": 25, "longest_run": 3, "break_minutes": 15, "note_minutes": 10}


class AlertPhoneSchema(Body):
    """Where a therapist is texted when a client's text must not wait."""

    phone = fields.String(
        required=True,
        validate=validate.Length(max=LONGEST_PHONE),
        metadata={"description": "E.164; empty: by e-mail only. Clients never see it."},
    )


ALERT_PHONE_EXAMPLE = {"phone": "+13035550140"}


@blueprint.get(f"{THERAPIST}/licences")
@access.staff()
@operation("listLicences")
@blueprint.response(200, LicencesSchema)
def get_licences(therapist: str) -> dict[str, Any]:
    """List where a therapist may practise

    Licences, privileges under a compact, exemptions; also those that are over.
    """
    return {"licences": list_authorities(find_therapist_for_staff(therapist).id)}


@blueprint.post(f"{THERAPIST}/licences")
@access.staff(Role.OWNER, Role.THERAPIST)
@operation("addLicence")
@blueprint.arguments(LicenceSchema, example=LICENCE_EXAMPLE)
@blueprint.response(201, LicenceSchema)
def post_licence(body: dict[str, Any], therapist: str) -> Licence:
    """Practise in another state, or on another basis"""
    found = find_therapist_for_staff(therapist)
    return add_licence(
        practice_id=found.practice_id,
        therapist_id=found.id,
        facts=LicenceFacts(**body),
        by=by_staff(),
        now=clock.now(),
    )


@blueprint.post(f"{THERAPIST}/licences/<key:licence>/end")
@access.staff(Role.OWNER, Role.THERAPIST)
@operation("endLicence")
@blueprint.arguments(LastDaySchema, example={"valid_until": "2027-06-30"})
@blueprint.response(200, LicenceSchema)
def post_licence_end(body: dict[str, Any], therapist: str, licence: str) -> Licence:
    """Set the last date of an authority

    Earlier or later. Nothing that is booked changes: see what is uncovered then.
    """
    found = find_therapist_for_staff(therapist)
    number = next((each.id for each in list_authorities(found.id) if str(each.id) == licence), None)
    if number is None:
        raise NotFound
    return end_licence(
        practice_id=found.practice_id,
        therapist_id=found.id,
        licence_id=number,
        last_day=body["valid_until"],
        by=by_staff(),
        now=clock.now(),
    )


@blueprint.get("/practices/<key:practice>/uncovered")
@access.staff()
@operation("listUncovered")
@blueprint.response(200, GapsSchema)
def get_uncovered() -> dict[str, Any]:
    """List what is booked without a licence on its date

    A licence that ends, or has not begun, before an appointment it is needed for, or that there never was: a client may
    turn out to be in another state. A therapist sees their own;
    what staff booked so knowingly is left out.
    """
    who = staff()
    return {"gaps": uncovered_appointments(who.practice_id, who.only_therapist, clock.now())}


@blueprint.get(f"{THERAPIST}/limits")
@access.staff()
@operation("getLimits")
@blueprint.response(200, LimitsSchema, example=LIMITS_EXAMPLE)
def get_limits(therapist: str) -> Therapist:
    """Read how much a therapist takes on"""
    return find_therapist_for_staff(therapist)


@blueprint.put(f"{THERAPIST}/limits")
@access.staff(Role.OWNER, Role.THERAPIST)
@operation("changeLimits")
@blueprint.arguments(LimitsSchema, example=LIMITS_EXAMPLE)
@blueprint.response(200, LimitsSchema, example=LIMITS_EXAMPLE)
def put_limits(body: dict[str, Any], therapist: str) -> Therapist:
    """Change how much a therapist takes on

    It counts for what is offered from now on. Staff may exceed it knowingly.
    """
    return change_limits(
        practice_id=staff().practice_id,
        therapist_id=find_therapist_for_staff(therapist).id,
        limits=TherapistLimits(**body),
        by=by_staff(),
        now=clock.now(),
    )


@blueprint.get(f"{THERAPIST}/alert-phone")
@access.staff()
@operation("getAlertPhone")
@blueprint.response(200, AlertPhoneSchema, example=ALERT_PHONE_EXAMPLE)
def get_alert_phone(therapist: str) -> dict[str, Any]:
    """Read where a therapist is texted when something must not wait"""
    return {"phone": find_therapist_for_staff(therapist).phone or ""}


@blueprint.put(f"{THERAPIST}/alert-phone")
@access.staff(Role.OWNER, Role.THERAPIST)
@operation("changeAlertPhone")
@blueprint.arguments(AlertPhoneSchema, example=ALERT_PHONE_EXAMPLE)
@blueprint.response(200, AlertPhoneSchema, example=ALERT_PHONE_EXAMPLE)
def put_alert_phone(body: dict[str, Any], therapist: str) -> dict[str, Any]:
    """Choose where a therapist is texted when something must not wait"""
    found = find_therapist_for_staff(therapist)
    kept = set_alert_phone(
        practice_id=found.practice_id, therapist_id=found.id, phone=body["phone"], by=by_staff(), now=clock.now()
    )
    return {"phone": kept.phone or ""}
