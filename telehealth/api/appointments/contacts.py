"""Who will come, as programs say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import fields, validate

from telehealth.api.parsing import Body, YesOrNo
from telehealth.domain import contact
from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput
from telehealth.domain.languages import LANGUAGES
from telehealth.domain.words import Mode

MOST_PEOPLE = 12
"""In one request; a service's own capacity is usually far below."""


class ClientSchema(Body):
    """Who will come."""

    name = fields.String(required=True, metadata={"example": "Ana Rivera", "description": "At most 100 characters."})
    email = fields.String(
        required=True,
        metadata={
            "description": 'Staff may leave it empty ("") for somebody without one, where the practice takes clients '
            "by phone only (`phone-only`); they need a number then.",
            "example": "ana@example.com",
        },
    )
    phone = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "Needed for texts and for phone appointments.", "example": "+13035550123"},
    )
    timezone = fields.String(required=True, metadata={"description": "IANA name.", "example": "America/Denver"})
    text_consent = YesOrNo(
        load_default=False,
        metadata={
            "description": "The client agreed to the practice's `text_consent` wording. When staff book, what the "
            "client agreed to before for this number holds without it."
        },
    )
    jurisdiction = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "The state the client will be in; needed unless in person.", "example": "CO"},
    )
    locale = fields.String(
        load_default="",
        validate=validate.OneOf([*LANGUAGES, ""]),
        metadata={"description": "Of messages. Left out, it stays as it is; at first `en`.", "example": "en"},
    )


CLIENT_EXAMPLE = {
    "name": "Ana Rivera",
    "email": "ana@example.com",
    "phone": "+13035550123",
    "timezone": "America/Denver",
    "text_consent": True,
    "jurisdiction": "CO",
}


def one(client: dict[str, Any], mode: Mode, *, field: str = "client", needs_email: bool = True) -> Contact:
    """A checked contact. Raises InvalidInput in the names that the API uses."""
    given = {**client, "wants_texts": client["text_consent"]}
    try:
        return contact.parse_contact(given, mode=mode, needs_email=needs_email)
    except InvalidInput as problem:
        raise InvalidInput({f"{field}.{name}": sentence for name, sentence in problem.fields.items()}) from problem


def several(
    clients: Sequence[dict[str, Any]], mode: Mode, *, field: str, needs_email: bool = True
) -> tuple[Contact, ...]:
    """Checked contacts in their order. Raises InvalidInput for the first one that cannot be used."""
    return tuple(
        one(client, mode, field=f"{field}.{place}", needs_email=needs_email) for place, client in enumerate(clients)
    )
