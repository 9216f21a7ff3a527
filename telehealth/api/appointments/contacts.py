"""Who will come, as programs say it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from marshmallow import fields, validate

from telehealth.api.parsing import Body, DayField, YesOrNo, word
from telehealth.domain import contact
from telehealth.domain.appointments.openness import settle_booking_for
from telehealth.domain.client_facts import EARLIEST_BIRTH
from telehealth.domain.companions import CompanionFacts, MessagesTo, Relationship, clean_companion
from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput
from telehealth.domain.languages import ENGLISH, LANGUAGES
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


class BookerSchema(Body):
    """Somebody else who books for the client. They agree to nothing for the client."""

    name = fields.String(required=True, metadata={"example": "Maria Rivera"})
    relationship = word(Relationship, required=True, metadata={"description": "What they are to the client."})
    email = fields.String(
        load_default="", metadata={"description": "May be empty with a `number_proof` of their number."}
    )
    phone = fields.String(load_default=None, allow_none=True)
    text_consent = YesOrNo(
        load_default=False, metadata={"description": "Their own yes to the practice's `text_consent` wording."}
    )
    locale = fields.String(
        load_default=ENGLISH, validate=validate.OneOf([*LANGUAGES]), metadata={"description": "What they read."}
    )
    messages_to = word(
        MessagesTo,
        load_default=MessagesTo.COMPANION.value,
        metadata={
            "description": "Who gets the messages: them (`companion`), the client, or `both`. A client who has been "
            "there before is told in any case, and no answer says so."
        },
    )


class BirthField(DayField):
    """A date that may be long ago."""

    earliest_year = EARLIEST_BIRTH.year


def one(
    client: dict[str, Any],
    mode: Mode,
    *,
    field: str = "client",
    needs_email: bool = True,
    is_booked_for: bool = False,
) -> Contact:
    """A checked contact. Raises InvalidInput in the names that the API uses."""
    given = {**client, "wants_texts": client["text_consent"]}
    with _named(field):
        return contact.parse_contact(given, mode=mode, needs_email=needs_email, is_booked_for=is_booked_for)


def booker_of(
    typed: dict[str, Any] | None, client: Contact, born_on: date | None, *, on: date
) -> CompanionFacts | None:
    """Whoever books for a client, checked, for a date. Raises InvalidInput in the names that the API uses."""
    if typed is None:
        return None
    with _named("booker"):
        booker = clean_companion(
            CompanionFacts(
                name=typed["name"],
                relationship=Relationship(typed["relationship"]),
                email=typed["email"],
                phone=typed["phone"],
                locale=typed["locale"],
                messages_to=MessagesTo(typed["messages_to"]),
                wants_texts=typed["text_consent"],
            )
        )
    try:
        settle_booking_for(booker, client, born_on, on=on)
    except InvalidInput as problem:
        named = {name.replace("client_", "client."): sentence for name, sentence in problem.fields.items()}
        raise InvalidInput(named) from problem
    return booker


@contextmanager
def _named(field: str) -> Iterator[None]:
    try:
        yield
    except InvalidInput as problem:
        raise InvalidInput({f"{field}.{name}": sentence for name, sentence in problem.fields.items()}) from problem


def several(
    clients: Sequence[dict[str, Any]], mode: Mode, *, field: str, needs_email: bool = True
) -> tuple[Contact, ...]:
    """Checked contacts in their order. Raises InvalidInput for the first one that cannot be used."""
    return tuple(
        one(client, mode, field=f"{field}.{place}", needs_email=needs_email) for place, client in enumerate(clients)
    )
