"""People who act for a client: a parent, a guardian, a partner, a case manager (FHIR RelatedPerson). We call them
companions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Protocol

from telehealth.domain import languages
from telehealth.domain.contact import clean_email, clean_name, clean_phone, read_field
from telehealth.domain.errors import InvalidInput

MOST_COMPANIONS = 12
"""Of one client at a time."""
NEEDS_A_WAY = "Please enter an e-mail address or a number, so that they can be reached."
NEEDS_A_WAY_FOR_MESSAGES = "For messages, please enter an e-mail address, or a number with their yes to texts."


class Relationship(StrEnum):
    """What a companion is to the client."""

    PARENT = "parent"
    GUARDIAN = "guardian"
    PARTNER = "partner"
    CHILD = "child"  # Of age: a daughter or son.
    CASE_MANAGER = "case_manager"
    OTHER = "other"


class MessagesTo(StrEnum):
    """Who gets the messages about a client's appointments, as far as one companion is concerned."""

    CLIENT = "client"
    COMPANION = "companion"  # And not the client, as long as there is one who can be reached.
    BOTH = "both"


class GetsMessages(Protocol):
    """A companion, as far as it decides who gets messages."""

    @property
    def messages_to(self) -> MessagesTo: ...


@dataclass(frozen=True, slots=True)
class CompanionFacts:
    """As typed. ``email`` or ``phone`` may be empty, not both; ``locale`` is the language they read. ``wants_texts`` is
    their own yes to texts; ``may_change`` whether they may confirm, move and cancel for the client.
    """

    name: str
    relationship: Relationship
    email: str = ""
    phone: str | None = None
    locale: str = languages.ENGLISH
    messages_to: MessagesTo = MessagesTo.CLIENT
    may_change: bool = True
    wants_texts: bool = False


def clean_companion(typed: CompanionFacts) -> CompanionFacts:
    """The same, cleaned, with the number in E.164 form. Raises InvalidInput by field."""
    problems: dict[str, str] = {}
    facts = CompanionFacts(
        name=read_field(problems, "name", clean_name, typed.name),
        relationship=typed.relationship,
        email=read_field(problems, "email", clean_email, typed.email) if typed.email.strip() else "",
        phone=read_field(problems, "phone", partial(clean_phone, needed=typed.wants_texts), typed.phone),
        locale=read_field(problems, "locale", languages.clean_language, typed.locale) or languages.ENGLISH,
        messages_to=typed.messages_to,
        may_change=typed.may_change,
        wants_texts=typed.wants_texts,
    )
    if not problems and not facts.email and not facts.phone:
        problems["email"] = NEEDS_A_WAY
    elif not problems and not facts.email and not facts.wants_texts and facts.messages_to != MessagesTo.CLIENT:
        problems["email"] = NEEDS_A_WAY_FOR_MESSAGES
    if problems:
        raise InvalidInput(problems)
    return facts


def is_client_told(companions: Iterable[GetsMessages]) -> bool:
    """Whether the client gets messages, given those who act for them and can be reached now: whoever cannot, such as a
    mother who ended texts and has no e-mail, reads nothing for them.
    """
    return all(each.messages_to != MessagesTo.COMPANION for each in companions)


class OnePerson(Protocol):
    """A companion, as far as it says who they are."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def phone(self) -> str | None: ...


class OnceThere(OnePerson, Protocol):
    """The same, with whether the practice knew them, and until when they were on file."""

    @property
    def is_known(self) -> bool: ...
    @property
    def ended_at(self) -> datetime | None: ...


def find_turning_away(person: OnePerson, others: Iterable[OnceThere]) -> datetime | None:
    """When staff last ended somebody as not known who has the same address or number as this person, whatever they
    called themselves. Only staff are told: whoever books again learns nothing.
    """
    reached_by = {person.email.casefold(), person.phone} - {"", None}
    ended = (
        each.ended_at
        for each in others
        if each.ended_at is not None and not each.is_known and {each.email.casefold(), each.phone} & reached_by
    )
    return max(ended, default=None)


class WrittenTo(OnePerson, Protocol):
    """The same, with their own yes to texts."""

    @property
    def text_consent_at(self) -> datetime | None: ...


class SomeSeat(Protocol):
    """The seat that a companion is written to about."""

    @property
    def client_id(self) -> int: ...
    @property
    def timezone(self) -> str: ...
    @property
    def jurisdiction(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class _NothingOnFile:
    """What the client has said, and where the client is safe, is not about a companion."""

    id: int = 0
    safe_email: None = None
    safe_phone: None = None


@dataclass(frozen=True, slots=True)
class CompanionContact:
    """A companion as somebody who is written to about a seat: at their own number and address, with their own yes, by
    the clock of the seat.
    """

    name: str
    email: str
    phone: str | None
    text_consent_at: datetime | None
    client_id: int
    timezone: str
    jurisdiction: str | None
    client: _NothingOnFile = _NothingOnFile()


def contact_for_seat(companion: WrittenTo, seat: SomeSeat) -> CompanionContact:
    """How a companion is reached about a seat of their client's."""
    return CompanionContact(
        companion.name,
        companion.email,
        companion.phone,
        companion.text_consent_at,
        seat.client_id,
        seat.timezone,
        seat.jurisdiction,
    )
