"""Who an appointment is for, as staff type it while somebody is on the phone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from telehealth.domain import contact
from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Mode
from telehealth.queries import clients
from telehealth.web.booking import details
from telehealth.web.desk.asking import Question

MOST_FOUND = 12
FIELDS = ("name", "email", "phone")
TWICE = "This person is on the list already. Please take one of the two off."


@dataclass(frozen=True, slots=True)
class Person:
    """One person as typed."""

    name: str = ""
    email: str = ""
    phone: str = ""
    wants_texts: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed about them."""
        return not (self.name.strip() or self.email.strip() or self.phone.strip())


@dataclass(frozen=True, slots=True)
class People:
    """Everybody as typed, whoever is on the phone first. ``key`` makes a form that is sent twice book once."""

    all: tuple[Person, ...]
    timezone: str
    key: str

    def with_one_more(self, question: Question) -> People:
        """The same with an empty set of fields, up to what the service takes."""
        return replace(self, all=(*self.all, Person())[: _most(question)])

    def renewed(self) -> People:
        """The same as a new wish."""
        return replace(self, key=details.new_key())

    def contacts(self, question: Question) -> list[Contact]:
        """Checked contacts. Raises InvalidInput with all that cannot be used, by field: "name-0", "email-1"."""
        found: list[Contact] = []
        problems: dict[str, str] = {}
        for number, person in enumerate(self.all):
            if number and person.is_empty:
                continue
            try:
                checked = self._checked(person, question, is_first=number == 0)
            except InvalidInput as refusal:
                problems.update(_by_field(refusal.fields, number))
                continue
            if checked.match_key in {each.match_key for each in found}:
                problems[f"name-{number}"] = TWICE
            found.append(checked)
        if problems:
            raise InvalidInput(problems)
        return found

    def _checked(self, person: Person, question: Question, *, is_first: bool) -> Contact:
        """The therapist calls the first one, so nobody else needs a number for that."""
        mode = question.mode or Mode.VIRTUAL
        given = {
            **{name: getattr(person, name) for name in FIELDS},
            "wants_texts": person.wants_texts,
            "timezone": self.timezone,
            "jurisdiction": question.state,
        }
        return contact.parse(given, mode=Mode.VIRTUAL if mode == Mode.PHONE and not is_first else mode)


def read(form: Mapping[str, str]) -> People:
    """What was typed; a key that is not one of ours is replaced."""
    numbers = [number for number in range(MOST_FOUND) if f"name-{number}" in form] or [0]
    key = form.get("key", "")
    return People(
        all=tuple(
            Person(
                **{name: form.get(f"{name}-{number}", "") for name in FIELDS},
                wants_texts=form.get(f"texts-{number}") == "y",
            )
            for number in numbers
        ),
        timezone=form.get("timezone", ""),
        key=key if details.KEY.fullmatch(key) else details.new_key(),
    )


def suggested(question: Question) -> People:
    """The form before anybody typed: the client's latest contact, when they are known, and fields for a partner."""
    first, timezone = Person(), question.zone.key
    client = question.client
    if client is not None:
        latest = clients.latest_contact(question.practice.id, client.id)
        phone = (latest.phone if latest is not None else None) or client.phone
        first = Person(client.name, client.email, contact.say_phone(phone) if phone else "")
        timezone = latest.timezone if latest is not None else client.timezone
    return People(all=(first, Person())[: _most(question)], timezone=timezone, key=details.new_key())


def _most(question: Question) -> int:
    """How many may be named at once: of a group one at a time, because they do not know each other."""
    service = question.service
    return 1 if service is None or service.is_group else min(service.capacity, MOST_FOUND)


def _by_field(fields: Mapping[str, str], number: int) -> dict[str, str]:
    """Of the zone and the state there is one for all; "your" is not how staff speak of a client."""
    said = {name: sentence.replace("your ", "the ") for name, sentence in fields.items()}
    return {f"{name}-{number}" if name in FIELDS else name: sentence for name, sentence in said.items()}
