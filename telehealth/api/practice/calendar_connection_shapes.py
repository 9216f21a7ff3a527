"""What is sent and answered about calendars that therapists keep elsewhere."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth.api.appointments.shapes import NamedSchema
from telehealth.api.parsing import Body, Instant, OneLine, Schema, Several, word
from telehealth.domain.calendar_words import CalendarKind

LONGEST_ADDRESS, LONGEST_PASSWORD, LONGEST_ID, LONGEST_NAME, MOST_CALENDARS = 2_000, 500, 2_000, 60, 100
PASSWORD = {"description": "An app password (CalDAV). Never given out again."}
PRIVATE = {"description": "A private address (ICS; https or webcal). Never given out again."}


def _secret(longest: int, **options: Any) -> fields.String:
    return fields.String(load_only=True, load_default="", validate=validate.Length(max=longest), **options)


class AccountSchema(Body):
    """How to get in: `private_address` for `ics`; `address`, `username` and `password` for `caldav`. Google and
    Microsoft are connected by signing in, on the page.
    """

    kind = word(CalendarKind, required=True)
    address = OneLine(load_default="", longest=200, metadata={"description": "The server's address (CalDAV)."})
    username = OneLine(load_default="", longest=320)
    password = _secret(LONGEST_PASSWORD, metadata=PASSWORD)
    private_address = _secret(LONGEST_ADDRESS, metadata=PRIVATE)


class NewConnectionSchema(AccountSchema):
    """An account, what it is called here, and what of it takes time."""

    name = OneLine(required=True, longest=LONGEST_NAME)
    blocking = Several(
        fields.String(validate=validate.Length(max=LONGEST_ID)),
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=MOST_CALENDARS),
        metadata={
            "description": "The `remote_id` of each calendar that takes time here; left out: all there is room for."
        },
    )


class ConnectionWishSchema(Body):
    """Another name, and a new way in; what is left out stays."""

    name = OneLine(required=True, longest=LONGEST_NAME)
    password = _secret(LONGEST_PASSWORD, metadata=PASSWORD)
    private_address = _secret(LONGEST_ADDRESS, metadata=PRIVATE)


class BlockingSchema(Body):
    """Which of its calendars take time here."""

    calendars = Several(
        fields.String(validate=validate.Length(max=64)),
        required=True,
        validate=validate.Length(max=MOST_CALENDARS),
        metadata={"description": "Their ids."},
    )


class TriedCalendarSchema(Schema):
    """A calendar that was found."""

    remote_id = fields.String(attribute="found.remote_id")
    name = fields.String(attribute="found.name")
    can_write = fields.Boolean(attribute="found.can_write")
    is_main = fields.Boolean(attribute="found.is_main")
    busy_times = fields.Integer(
        allow_none=True,
        metadata={
            "description": "Taken in the next four weeks; null where it was not counted: only the first few are."
        },
    )


class TrialSchema(Schema):
    """What was found. Nothing was kept."""

    calendars = fields.List(fields.Nested(TriedCalendarSchema))


class ConnectionSchema(Schema):
    """How a connection stands, without anything that opens it."""

    id = fields.String(attribute="public_id")
    therapist = fields.Nested(NamedSchema)
    kind = fields.String()
    name = fields.String()
    state = fields.String(
        metadata={"description": "`new`, `working`, `failing`, `refused` (sign in anew), `leaving`, `ended`."}
    )
    problem = fields.String(
        allow_none=True, metadata={"description": "The code of what is wrong, as in the problem documents."}
    )
    read = Instant(allow_none=True, attribute="synced_at", metadata={"description": "When it was last read well."})
    failing_since = Instant(allow_none=True)
    next_reading = Instant(attribute="due_at")
    unread_events = fields.Integer(
        metadata={"description": "Events that could not be read, or not wholly: they may take time that is offered."}
    )


class ConnectionsSchema(Schema):
    """The oldest first."""

    connections = fields.List(fields.Nested(ConnectionSchema))


class ConnectedCalendarSchema(Schema):
    """One calendar of a connection."""

    id = fields.String(attribute="public_id")
    name = fields.String(metadata={"description": "Empty for anybody but its therapist."})
    blocks = fields.Boolean(metadata={"description": "Nothing is offered while it says busy."})
    can_write = fields.Boolean()
    is_written = fields.Boolean(metadata={"description": "Appointments are written into it."})
    unread_events = fields.Integer(
        metadata={"description": "Events that could not be read, or not wholly: they may take time that is offered."}
    )


class ConnectionInFullSchema(ConnectionSchema):
    """A connection with its calendars."""

    calendars = fields.List(fields.Nested(ConnectedCalendarSchema))


class AskedSchema(Schema):
    """Whether it will be read as soon as somebody has time."""

    is_asked = fields.Boolean(
        metadata={"description": "False for one that lets us in no more, and while its server asked us to wait."}
    )
