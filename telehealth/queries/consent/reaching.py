"""Where a client is reached, and whether that is left alone, as the database is asked about many at once.

The rules are those of ``domain.consent.contactability``; tests run both over the same cases.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Exists, case, exists, func, or_
from sqlalchemy.orm import InstrumentedAttribute

from telehealth.domain.companions import MessagesTo
from telehealth.domain.message_words import Channel, SuppressionReason
from telehealth.models import Attendee, Client, Companion, Message, Suppression, WaitlistEntry

Contacts = type[Attendee] | type[WaitlistEntry]


def folded(address: ColumnElement[str | None] | InstrumentedAttribute[str]) -> ColumnElement[str]:
    """A number or address as it is compared (``fold_address``). Addresses are ASCII, and numbers have no letters."""
    return func.lower(func.trim(address))


def reached_by_text(*contacts: Contacts) -> ColumnElement[str | None]:
    """The number of a Client, given what was typed for a seat or for a wait (``reached_at``); NULL for none."""
    return func.coalesce(func.nullif(Client.safe_phone, ""), *(func.nullif(each.phone, "") for each in contacts))


def reached_by_email(*contacts: Contacts) -> ColumnElement[str | None]:
    """The same for e-mail."""
    return func.coalesce(func.nullif(Client.safe_email, ""), *(func.nullif(each.email, "") for each in contacts))


def reached_by(channel: InstrumentedAttribute[Channel], *contacts: Contacts) -> ColumnElement[str | None]:
    """The same for the channel in a column."""
    return case((channel == Channel.TEXT, reached_by_text(*contacts)), else_=reached_by_email(*contacts))


def text_goes_to(*contacts: Contacts) -> ColumnElement[str | None]:
    """The number that a Message goes to: that of its Companion, who is outer-joined, or the Client's."""
    return case((Message.companion_id.is_not(None), func.nullif(Companion.phone, "")), else_=reached_by_text(*contacts))


def email_goes_to(*contacts: Contacts) -> ColumnElement[str | None]:
    """The same for e-mail."""
    return case(
        (Message.companion_id.is_not(None), func.nullif(Companion.email, "")), else_=reached_by_email(*contacts)
    )


def message_goes_to(*contacts: Contacts) -> ColumnElement[str | None]:
    """The same for the channel of the Message."""
    own = case((Message.channel == Channel.TEXT, Companion.phone), else_=Companion.email)
    return case((Message.companion_id.is_not(None), func.nullif(own, "")), else_=reached_by(Message.channel, *contacts))


def is_companion_at(channel: Channel, address: str, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a Client has a companion now who gets messages at a number or (folded) address, and of whom ``more`` is
    true.
    """
    own = Companion.phone == address if channel == Channel.TEXT else folded(Companion.email) == address
    gets = Companion.messages_to != MessagesTo.CLIENT, Companion.ended_at.is_(None)
    return exists().where(Companion.client_id == Client.id, own, *gets, *more).correlate(Client, Attendee)


def is_reached_at(channel: Channel, address: str, typed: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a Client is reached at a number or (folded) address: it is their safe one, or they have none and
    ``typed`` holds. Written so that indexes help.
    """
    safe = Client.safe_phone if channel == Channel.TEXT else Client.safe_email
    is_safe = safe == address if channel == Channel.TEXT else func.lower(func.trim(safe)) == address
    return or_(is_safe, or_(safe.is_(None), safe == "") & typed)


def is_left_alone(
    practice_id: InstrumentedAttribute[int],
    channel: InstrumentedAttribute[Channel],
    address: InstrumentedAttribute[str],
    *,
    besides: Collection[SuppressionReason] = (),
) -> Exists:
    """Whether a practice leaves the number or address in a column alone (``OptOuts.why_suppressed``), for any reason
    ``besides`` some.
    """
    return exists().where(
        Suppression.reason.not_in(besides),
        Suppression.practice_id == practice_id,
        Suppression.channel == channel,
        Suppression.address == folded(address),
        Suppression.ended_at.is_(None),
    )
