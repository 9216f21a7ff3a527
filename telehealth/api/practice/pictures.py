"""The practice's logo and the photos of its therapists."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from marshmallow import fields

from telehealth import clock
from telehealth.api.access import find_therapist_for_staff, staff
from telehealth.api.acting import by_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Schema, in_our_names
from telehealth.api.practice.public import say_picture
from telehealth.domain import access
from telehealth.domain.pictures import LARGEST_PICTURE, PictureKind
from telehealth.domain.words import Role
from telehealth.services.practice.pictures import remove_logo, remove_photo, set_logo, set_photo

LOGO = "/practices/<key:practice>/logo"
PHOTO = "/practices/<key:practice>/therapists/<key:therapist>/photo"
CALLED = {kind.value: "content" for kind in PictureKind}

blueprint = Blueprint("Pictures", "The logo, which owners choose, and photos, which therapists choose for themselves.")


class FileField(fields.String):
    """The bytes of a file, in base64."""

    default_error_messages = {"invalid": "Please send the bytes of the file in base64."}  # noqa: RUF012 -- the library declares it so

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as problem:
            raise self.make_error("invalid") from problem


class PictureSchema(Body):
    """A picture."""

    content = FileField(
        required=True,
        metadata={
            "description": f"A JPEG, PNG or WebP file of at most {LARGEST_PICTURE:,} bytes, in base64. It is drawn "
            "anew: upright, small, without whatever else the file held.",
            "contentEncoding": "base64",
        },
    )


class PictureAddressSchema(Schema):
    """Where a picture is."""

    url = fields.String(metadata={"description": "For everybody. What is there never changes."})


EXAMPLE = {
    "content": "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAQAAAABbAUdZAAAAEUlEQVR42mP8z8DAwMQwaAkAswEBP25AfJYAAAAASUVORK5CYII="
}
ADDRESS_EXAMPLE = {"url": f"https://clinic.example/pictures/{'0' * 64}.webp"}


@blueprint.put(LOGO)
@access.staff(Role.OWNER)
@operation("setLogo")
@blueprint.arguments(PictureSchema, example=EXAMPLE)
@blueprint.response(200, PictureAddressSchema, example=ADDRESS_EXAMPLE)
def put_logo(body: dict[str, Any]) -> dict[str, str | None]:
    """Show a logo on the practice's pages"""
    with in_our_names(CALLED):
        found = set_logo(practice_id=staff().practice_id, file=body["content"], by=by_staff(), now=clock.now())
    return {"url": say_picture(found.logo)}


@blueprint.delete(LOGO)
@access.staff(Role.OWNER)
@operation("removeLogo")
@blueprint.response(204)
def delete_logo() -> None:
    """Show no logo any more"""
    remove_logo(practice_id=staff().practice_id, by=by_staff(), now=clock.now())


@blueprint.put(PHOTO)
@access.staff(Role.OWNER, Role.THERAPIST)
@operation("setTherapistPhoto")
@blueprint.arguments(PictureSchema, example=EXAMPLE)
@blueprint.response(200, PictureAddressSchema, example=ADDRESS_EXAMPLE)
def put_photo(body: dict[str, Any], therapist: str) -> dict[str, str | None]:
    """Show a photo of a therapist

    Therapists choose their own.
    """
    with in_our_names(CALLED):
        found = set_photo(**_which(therapist), file=body["content"], by=by_staff(), now=clock.now())
    return {"url": say_picture(found.photo)}


@blueprint.delete(PHOTO)
@access.staff(Role.OWNER, Role.THERAPIST)
@operation("removeTherapistPhoto")
@blueprint.response(204)
def delete_photo(therapist: str) -> None:
    """Show no photo of a therapist any more"""
    remove_photo(**_which(therapist), by=by_staff(), now=clock.now())


def _which(therapist: str) -> dict[str, Any]:
    found = find_therapist_for_staff(therapist)
    return {"practice_id": found.practice_id, "therapist_public_id": found.public_id}
