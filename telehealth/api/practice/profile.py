"""What everybody sees of a practice, as its owner writes it."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, OneLine, Schema, Several, Zone
from telehealth.domain import access
from telehealth.domain.colours import make_accent
from telehealth.domain.contact import LONGEST_EMAIL, LONGEST_NAME, LONGEST_PHONE
from telehealth.domain.web_links import LONGEST_LINK
from telehealth.domain.words import Role
from telehealth.models import Practice
from telehealth.queries.practice.practices import find_practice
from telehealth.services.practice.practice_profile import (
    LONGEST_ABOUT,
    LONGEST_LANGUAGE,
    MOST_LANGUAGES,
    MOST_LINKS,
    PracticeProfile,
    change_practice_profile,
    set_accent,
)

LONGEST_COLOUR = 20

blueprint = Blueprint("Practice", "The practice itself. Staff read it, owners change it.")


class ProfileSchema(Body):
    """What everybody sees of a practice."""

    name = OneLine(required=True, longest=LONGEST_NAME, metadata={"description": "On its page."})
    sender_name = OneLine(
        required=True,
        longest=LONGEST_NAME,
        metadata={"description": "What texts, e-mails and calendars show; neutral is discreet."},
    )
    phone = fields.String(required=True, validate=validate.Length(max=LONGEST_PHONE))
    email = fields.String(required=True, validate=validate.Length(max=LONGEST_EMAIL))
    timezone = Zone(required=True, metadata={"description": "For what belongs to the whole practice."})
    about = fields.String(load_default="", validate=validate.Length(max=LONGEST_ABOUT))
    web_links = Several(
        fields.String(validate=validate.Length(max=LONGEST_LINK)),
        load_default=list,
        validate=validate.Length(max=MOST_LINKS),
        metadata={"description": "Addresses on the web, http or https."},
    )
    languages = Several(
        fields.String(validate=validate.Length(max=LONGEST_LANGUAGE)),
        load_default=list,
        validate=validate.Length(max=MOST_LANGUAGES),
        metadata={"description": "Spoken there, by their names."},
    )


PROFILE_EXAMPLE = {
    "name": "Riverside Counseling",
    "sender_name": "Riverside Office",
    "phone": "+13035550100",
    "email": "desk@riverside.example",
    "timezone": "America/Denver",
    "about": "A small practice by the river.",
    "web_links": ["https://riverside.example"],
    "languages": ["English", "Spanish"],
}


@blueprint.get("/practices/<key:practice>/profile")
@access.staff()
@operation("getPracticeProfile")
@blueprint.response(200, ProfileSchema, example=PROFILE_EXAMPLE)
def get_profile() -> Practice:
    """Read what everybody sees of the practice"""
    return find_practice(staff().practice_slug)


@blueprint.put("/practices/<key:practice>/profile")
@access.staff(Role.OWNER)
@operation("changePracticeProfile")
@blueprint.arguments(ProfileSchema, example=PROFILE_EXAMPLE)
@blueprint.response(200, ProfileSchema, example=PROFILE_EXAMPLE)
def put_profile(body: dict[str, Any]) -> Practice:
    """Change what everybody sees of the practice

    The next messages use it. What is booked stays when it is, whatever the zone.
    """
    return change_practice_profile(
        practice_id=staff().practice_id, profile=PracticeProfile(**body), by=by_staff(), now=clock.now()
    )


class AccentSchema(Body):
    """The colour of the practice's pages."""

    accent = fields.String(
        required=True,
        allow_none=True,
        validate=validate.Length(max=LONGEST_COLOUR),
        metadata={"description": "As #rrggbb; null: the usual one.", "example": "#7a3f8f"},
    )


class ShadesSchema(Schema):
    """What one theme makes of a colour, so that it can be read there."""

    accent = fields.String(metadata={"description": "Of links, and behind what stands on a button."})
    on_accent = fields.String(metadata={"description": "Of what stands on a button."})


class ShownAccentSchema(Schema):
    """A colour, and how it is shown."""

    accent = fields.String(allow_none=True)
    light = fields.Nested(ShadesSchema, allow_none=True)
    dark = fields.Nested(ShadesSchema, allow_none=True)
    notes = fields.List(fields.String(), metadata={"description": "Where it is shown otherwise than it was chosen."})


@blueprint.get("/practices/<key:practice>/accent")
@access.staff()
@operation("getAccent")
@blueprint.response(200, ShownAccentSchema)
def get_accent() -> dict[str, Any]:
    """Read the colour of the practice's pages"""
    return _say_accent(find_practice(staff().practice_slug))


@blueprint.put("/practices/<key:practice>/accent")
@access.staff(Role.OWNER)
@operation("setAccent")
@blueprint.arguments(AccentSchema, example={"accent": "#7a3f8f"})
@blueprint.response(200, ShownAccentSchema)
def put_accent(body: dict[str, Any]) -> dict[str, Any]:
    """Choose the colour of the practice's pages

    Where it could not be read, it is shown darker or lighter; `notes` say so.
    """
    return _say_accent(
        set_accent(practice_id=staff().practice_id, colour=body["accent"], by=by_staff(), now=clock.now())
    )


def _say_accent(practice: Practice) -> dict[str, Any]:
    shown = None if practice.accent is None else make_accent(practice.accent)
    if shown is None:
        return {"accent": None, "light": None, "dark": None, "notes": []}
    return {"accent": shown.colour, "light": shown.light, "dark": shown.dark, "notes": shown.notes}
