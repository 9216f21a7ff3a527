"""What a therapist says about themselves, as they or an owner write it."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import find_therapist_for_staff, staff
from telehealth.api.acting import by_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, DayField, OneLine, Several, YesOrNo, Zone, word
from telehealth.domain import access
from telehealth.domain.appointments.openness import NewClients
from telehealth.domain.contact import LONGEST_NAME
from telehealth.domain.errors import NotAllowed
from telehealth.domain.web_links import LONGEST_LINK
from telehealth.domain.words import Role
from telehealth.models import Therapist
from telehealth.services.practice.practice_profile import LONGEST_ABOUT
from telehealth.services.practice.therapist_profile import (
    LAST_POSITION,
    LONGEST_PRONOUNS,
    LONGEST_WORD,
    MOST_WORDS,
    PageEntry,
    TherapistProfile,
    change_therapist_profile,
)
from telehealth.services.practice.therapists import LONGEST_CREDENTIAL, set_new_clients

PROFILE = "/practices/<key:practice>/therapists/<key:therapist>/profile"
ON_THE_PAGE = ("position", "is_hidden")

blueprint = Blueprint("Profiles", "What therapists say about themselves. Owners write all, therapists their own.")


def _words(description: str) -> Several:
    each = fields.String(validate=validate.Length(max=LONGEST_WORD))
    metadata = {"description": description}
    return Several(each, load_default=list, validate=validate.Length(max=MOST_WORDS), metadata=metadata)


class TherapistProfileSchema(Body):
    """What everybody sees of a therapist, and where they meet by video."""

    name = OneLine(required=True, longest=LONGEST_NAME)
    timezone = Zone(required=True, metadata={"description": "Hours are meant in it. What is booked stays when it is."})
    credential = OneLine(load_default="", longest=LONGEST_CREDENTIAL)
    pronouns = OneLine(load_default="", longest=LONGEST_PRONOUNS)
    about = fields.String(load_default="", validate=validate.Length(max=LONGEST_ABOUT))
    modalities = _words("Methods.")
    specialties = _words("What they know well.")
    ages = _words("Of clients, in the practice's own words.")
    languages = _words("Spoken, by their names.")
    video_url = fields.String(
        load_default="",
        allow_none=True,
        validate=validate.Length(max=LONGEST_LINK),
        metadata={"description": "A room that is always the same; null or empty: one for each appointment."},
    )
    position = fields.Integer(
        strict=True,
        validate=validate.Range(0, LAST_POSITION),
        metadata={"description": "Place on the practice's page. For owners; left out with `is_hidden`: both stay."},
    )
    is_hidden = YesOrNo(metadata={"description": "Not on the practice's page. For owners."})


class NewClientsSchema(Body):
    """Whether people whom a therapist has not met are offered their time."""

    new_clients = word(NewClients, required=True)
    since = DayField(
        load_default=None,
        allow_none=True,
        attribute="new_clients_from",
        metadata={"description": "With `later`: the first date for them, of the therapist's own calendar."},
    )


EXAMPLE = {
    "name": "Dana Rivera",
    "timezone": "America/Denver",
    "credential": "LPC",
    "pronouns": "she/her",
    "about": "I work with people who grieve.",
    "modalities": ["CBT"],
    "specialties": ["Grief"],
    "ages": ["Adults"],
    "languages": ["English", "Spanish"],
    "video_url": "",
}


@blueprint.get(PROFILE)
@access.staff()
@operation("getTherapistProfile")
@blueprint.response(200, TherapistProfileSchema)
def get_therapist_profile(therapist: str) -> Therapist:
    """Read a therapist's profile"""
    return find_therapist_for_staff(therapist)


@blueprint.put(PROFILE)
@access.staff(Role.OWNER, Role.THERAPIST)
@operation("changeTherapistProfile")
@blueprint.arguments(TherapistProfileSchema, example=EXAMPLE)
@blueprint.response(200, TherapistProfileSchema)
def put_therapist_profile(body: dict[str, Any], therapist: str) -> Therapist:
    """Change a therapist's profile

    Therapists change their own; where they stand on the page is for owners.
    """
    found = find_therapist_for_staff(therapist)
    given = {name: body.pop(name) for name in ON_THE_PAGE if name in body}
    if given and not staff().is_owner:
        raise NotAllowed
    entry = PageEntry(**{name: given.get(name, getattr(found, name)) for name in ON_THE_PAGE}) if given else None
    return change_therapist_profile(
        practice_id=found.practice_id,
        therapist_public_id=therapist,
        profile=TherapistProfile(**{**body, "video_url": body["video_url"] or ""}),
        entry=entry,
        by=by_staff(),
        now=clock.now(),
    )


@blueprint.put("/practices/<key:practice>/therapists/<key:therapist>/new-clients")
@access.staff(Role.OWNER, Role.THERAPIST)
@operation("setNewClients")
@blueprint.arguments(NewClientsSchema, example={"new_clients": "later", "since": "2027-02-01"})
@blueprint.response(200, NewClientsSchema)
def put_new_clients(body: dict[str, Any], therapist: str) -> Therapist:
    """Take new clients, or not

    Whoever has not met the therapist is not offered their time, nor are they the first available; clients who say that
    they have met (`has_met`) ask for a time, and you say yes or no. You may still book anybody: for somebody new it
    takes a reason (`new_client` in `waived`). What is booked stays.
    """
    found = find_therapist_for_staff(therapist)
    return set_new_clients(
        practice_id=found.practice_id,
        therapist_public_id=therapist,
        takes=body["new_clients"],
        since=body["new_clients_from"],
        by=by_staff(),
        now=clock.now(),
    )
