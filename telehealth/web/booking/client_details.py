"""What a client types about themselves. It travels in the body of a request only, never in an address."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from telehealth.domain import contact, languages
from telehealth.domain.appointments.openness import require_own_booking, settle_booking_for
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.companions import CompanionFacts, MessagesTo, Relationship
from telehealth.domain.consent.texting import countries_texted
from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.messages.number_codes import check_phone_only
from telehealth.domain.words import Mode
from telehealth.models import Service
from telehealth.queries.practice.offers import AnyTherapist
from telehealth.web.booking.choices import Choices
from telehealth.web.form_reader import TICKED, FormReader, Say, say_plainly


class ForWhom(StrEnum):
    """Who will come."""

    ME = "me"
    ANOTHER = "another"


KEY = re.compile(r"[A-Za-z0-9_-]{22,64}")
OTHER = re.compile(r"other-([1-9]\d?)-name")
FIELDS = ("name", "email", "phone")
BOXES = ("wants_texts", "no_email")
WHERE = ("jurisdiction", "timezone")
"""What is asked of whoever comes along as well: a partner by video may be in another state, and in another zone."""
NO_STATE = "Please choose the state they will be in."
UNSEEN = "{therapist} cannot see somebody in {state} by video or phone. Please call us: we look for a way."
NO_DATE = "Please enter the date with day, month and year."
SAME_PERSON = "You have already listed this person. Please leave the fields empty, or add somebody else."


@dataclass(frozen=True, slots=True)
class TypedPerson:
    """Somebody as typed."""

    name: str = ""
    email: str = ""
    phone: str = ""
    wants_texts: bool = False
    jurisdiction: str = ""
    timezone: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed about them."""
        return not (self.name.strip() or self.email.strip() or self.phone.strip())


@dataclass(frozen=True, slots=True)
class TypedClient(TypedPerson):
    """For whom somebody else books, as typed: what whoever books is to them, and who gets the messages."""

    born_on: str = ""
    relationship: str = ""
    messages_to: str = MessagesTo.COMPANION.value

    def contact(self, choices: Choices) -> Contact:
        """Their checked contact, as far as there is one. Raises InvalidInput."""
        return contact.parse_contact({**_fields(self), **_place(choices)}, mode=_mode(choices), is_booked_for=True)

    def booker(self, who: Contact) -> CompanionFacts:
        """Whoever books for them. Raises InvalidInput."""
        typed = FormReader(MultiDict({"relationship": self.relationship, "messages_to": self.messages_to}))
        relationship = typed.word("relationship", Relationship, "Please say what you are to them.")
        messages_to = typed.word("messages_to", MessagesTo, "Please say who gets the messages.")
        typed.refuse()
        return CompanionFacts(
            name=who.name,
            relationship=relationship or Relationship.OTHER,
            email=who.email,
            phone=who.phone,
            locale=who.locale or languages.ENGLISH,
            messages_to=messages_to or MessagesTo.COMPANION,
            wants_texts=who.wants_texts,
        )

    def birth(self) -> date | None:
        """When they were born, if that was typed. Raises InvalidInput."""
        return read_birth(self.born_on)

    @property
    def hidden(self) -> dict[str, str]:
        """The fields as hidden inputs."""
        named = {f"client-{name}": getattr(self, name) for name in (*FIELDS, "born_on")}
        return {**named, "relationship": self.relationship, "messages_to": self.messages_to}


@dataclass(frozen=True, slots=True)
class Booked:
    """Who will come, checked: the first of them may be ``born_on`` a date that was typed, and somebody else may be the
    ``booker``.
    """

    contact: Contact
    others: tuple[Contact, ...] = ()
    booker: CompanionFacts | None = None
    born_on: date | None = None


@dataclass(frozen=True, slots=True)
class Details(TypedPerson):
    """Whoever books, as typed. ``key`` is made with the empty form, so that sending it twice books once.

    ``born_on`` is asked where minors are booked by whoever acts for them. ``for_whom`` says whether it is for them, or
    for somebody else: the ``client``.

    ``no_email`` says that they have no address, and are to be reached by phone only; an address that is typed all the
    same counts. ``locale`` is the language of messages. ``others`` come along to a couple's or a family's appointment.
    Whether they want texts, and what they read, is theirs to say.
    """

    no_email: bool = False
    born_on: str = ""
    locale: str = ""
    for_whom: str = ForWhom.ME.value
    client: TypedClient = TypedClient()
    others: tuple[TypedPerson, ...] = ()
    key: str = ""

    @property
    def is_for_another(self) -> bool:
        """Whether somebody else will come."""
        return self.for_whom == ForWhom.ANOTHER

    def contact(self, choices: Choices) -> Contact:
        """The checked contact of whoever books. Raises InvalidInput."""
        given = {**_fields(self), "wants_texts": self.wants_texts, "locale": self.locale, **_place(choices)}
        practice, by_phone_only = choices.practice, self.no_email and choices.practice.books_phone_only
        found = contact.parse_contact(given, mode=_mode(choices), needs_email=not by_phone_only)
        countries = countries_texted(practice.phone, practice.text_countries)
        if not found.email and (problems := check_phone_only(found, countries)):
            raise InvalidInput(problems)
        return found

    def people(self, choices: Choices, therapist: AnyTherapist, *, at: datetime) -> Booked:
        """Whoever will come first, for whom somebody else may book, and everybody who comes along, whom the therapist
        may see where they will be ``at`` that instant. Raises InvalidInput with all that cannot be used.
        """
        typed = FormReader()
        company = [(number, each) for number, each in enumerate(self.others, 1) if not each.is_empty]
        blocks = [(_say_other(number), partial(_other, each, choices, therapist, at)) for number, each in company]
        client = [(_say_client, partial(self.client.contact, choices))] if self.is_for_another else []
        first = (say_plainly, partial(self.contact, choices))
        found = typed.read_people([first, *client, *blocks], twice=SAME_PERSON)
        booker = self._booker(typed, found, at) if self.is_for_another else None
        born_on = None if self.is_for_another else self._own_birth(typed, choices, at)
        typed.refuse()
        if booker is None:
            return Booked(found[0], tuple(found[1:]), born_on=born_on)
        return Booked(found[1], tuple(found[2:]), booker, self.client.birth())

    def _own_birth(self, typed: FormReader, choices: Choices, at: datetime) -> date | None:
        """When whoever books for themselves was born, where the practice asks."""
        born_on = None
        if choices.practice.when_minor == WhenMinor.REQUIRE:
            place = choices.location if choices.in_person else None
            with typed.noting():
                born_on = read_birth(self.born_on)
                require_own_booking(born_on, place.jurisdiction if place else choices.state, on=at.date())
        return born_on

    def _booker(self, typed: FormReader, found: Sequence[Contact], at: datetime) -> CompanionFacts | None:
        booker, born_on = None, None
        with typed.noting(_say_client):
            born_on = self.client.birth()
        with typed.noting():
            booker = self.client.booker(found[0]) if found else None
        if booker is not None and not typed.problems:
            with typed.noting(_say_client):
                settle_booking_for(booker, found[1], born_on, on=at.date())
        return booker

    @property
    def has_anything(self) -> bool:
        """Whether anything was typed yet."""
        typed = (self.client, *self.others)
        return self.is_for_another or any(_fields(self).values()) or not all(each.is_empty for each in typed)

    @property
    def hidden(self) -> dict[str, str]:
        """The fields as hidden inputs, so that every page of the form carries all that was typed."""
        shown = {**_fields(self), "locale": self.locale, "for_whom": self.for_whom, "key": self.key}
        shown |= {"born_on": self.born_on, **self.client.hidden}
        for number, each in enumerate(self.others, 1):
            shown.update({f"other-{number}-{name}": getattr(each, name) for name in (*FIELDS, *WHERE)})
        return {**shown, **{name: TICKED for name in BOXES if getattr(self, name)}}

    def with_room(self, service: Service, *, more: bool = False) -> Details:
        """The same with fields for whoever comes along: one empty set to begin with, and with ``more`` another one."""
        most = 0 if service.is_group else service.capacity - 1
        wanted = max(len(self.others) + more, 1)
        others = (*self.others, TypedPerson())[:wanted] if wanted > len(self.others) else self.others
        return replace(self, others=others[:most])

    def renewed(self) -> Details:
        """The same fields with a new key: what is sent next is another wish."""
        return replace(self, key=make_key())


def read_birth(typed: str) -> date | None:
    """The date that was typed, if one was. Raises InvalidInput."""
    try:
        return date.fromisoformat(typed.strip()) if typed.strip() else None
    except ValueError:
        raise InvalidInput({"born_on": NO_DATE}) from None


def _say_other(number: int) -> Say:
    """Of those who come along."""

    def say(field: str, sentence: str) -> tuple[str, str]:
        is_asked = field == "jurisdiction" and "you will be" in sentence
        return f"other-{number}-{field}", NO_STATE if is_asked else sentence.replace("your ", "their ")

    return say


def _say_client(field: str, sentence: str) -> tuple[str, str]:
    """Of whom somebody else books for."""
    name = field.removeprefix("client_")
    return (f"client-{name}" if name in (*FIELDS, "born_on") else name), sentence.replace("your ", "their ")


def make_blank_details() -> Details:
    """An empty form, in the language that the browser asks for."""
    return Details(locale=languages.preferred_language(request.accept_languages.values()), key=make_key())


def read_details(form: Mapping[str, str]) -> Details:
    """What was typed."""
    return Details(
        **{name: form.get(name, "") for name in FIELDS},
        wants_texts=form.get("wants_texts") == TICKED,
        no_email=form.get("no_email") == TICKED,
        born_on=form.get("born_on", ""),
        locale=form.get("locale", ""),
        for_whom=form.get("for_whom", ForWhom.ME.value),
        client=_client(form),
        others=_others(form),
        key=read_key(form),
    )


def _client(form: Mapping[str, str]) -> TypedClient:
    return TypedClient(
        name=form.get("client-name", ""),
        email=form.get("client-email", ""),
        phone=form.get("client-phone", ""),
        born_on=form.get("client-born_on", ""),
        relationship=form.get("relationship", ""),
        messages_to=form.get("messages_to", MessagesTo.COMPANION.value),
    )


def _others(form: Mapping[str, str]) -> tuple[TypedPerson, ...]:
    """As many as the form has fields for, in their order."""
    numbers = sorted({int(match[1]) for match in map(OTHER.fullmatch, form) if match})
    given: Iterable[dict[str, Any]] = (
        {name: form.get(f"other-{number}-{name}", "") for name in (*FIELDS, *WHERE)} for number in numbers
    )
    return tuple(TypedPerson(**each) for each in given)


def _fields(typed: TypedPerson) -> dict[str, str]:
    return {name: getattr(typed, name) for name in FIELDS}


def _other(person: TypedPerson, choices: Choices, therapist: AnyTherapist, at: datetime) -> Contact:
    """Nobody agrees to texts for somebody else, and nobody else's number is needed: the therapist calls the first."""
    mode = _mode(choices) if choices.in_person else Mode.VIRTUAL
    where = {"timezone": person.timezone or choices.client_zone.key, "jurisdiction": person.jurisdiction}
    found = contact.parse_contact({**_fields(person), **where}, mode=mode)
    if found.jurisdiction is not None and found.jurisdiction not in therapist.states(now=at):
        state = JURISDICTIONS[found.jurisdiction]
        raise InvalidInput({"jurisdiction": UNSEEN.format(therapist=therapist.name, state=state)})
    return found


def _place(choices: Choices) -> dict[str, Any]:
    return {"timezone": choices.client_zone.key, "jurisdiction": choices.state}


def _mode(choices: Choices) -> Mode:
    return choices.mode or Mode.VIRTUAL


def read_key(form: Mapping[str, str]) -> str:
    """The key that a form was made with; one that is not ours is replaced."""
    key = form.get("key", "")
    return key if KEY.fullmatch(key) else make_key()


def make_key() -> str:
    """A key nobody can guess: whoever knows it and the whole form is shown the appointment it made."""
    return f"page-{secrets.token_urlsafe(24)}"
