"""Clients as staff type them: who an appointment is for while somebody is on the phone (``TypedPeople``), and the
blocks of fields of other forms, each for somebody the practice knows or somebody new (``read_contacts``).

The fields of the first block are called ``known-1``, ``name-1`` and so on. A block that nobody filled in counts for
nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from werkzeug.datastructures import MultiDict

from telehealth.domain import contact, walltime
from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.searching import fold_name
from telehealth.domain.words import Mode
from telehealth.models import Attendee, Client
from telehealth.queries.appointments.appointments import list_seats_of_client
from telehealth.queries.consent.opt_outs import refuses_texts
from telehealth.queries.practice.clients import find_client, find_latest_contact
from telehealth.web.booking import client_details, zones
from telehealth.web.booking.client_details import FIELDS, WHERE, TypedPerson
from telehealth.web.desk.appointments.slot_search import SlotSearch
from telehealth.web.desk.clients.finding import find_known_in
from telehealth.web.desk.frame import PUBLIC_ID, Desk
from telehealth.web.form_reader import TICKED, FormReader, Say

MOST_PEOPLE = 12
BLOCK = ("known", *FIELDS, "timezone", "jurisdiction", "wants_texts")
STATES = (("", "Choose a state"), *JURISDICTIONS.items())
TWICE = "This person is on the list already. Please take one of the two off."
NO_STATE = "Please choose the state they will be in."
OTHER_NUMBER = "They are known by their number. Please correct it on their page first."
NO_PHONE = "We have no number of this client. Please enter one."
LOOKED_AT = 10
ALONE = "alone"
"""The field that says that only one person of a couple comes."""
WHO_ELSE = "A couple comes as two. Please fill in the second person, or tick that only one comes."
NOBODY = "Please choose somebody, or fill in who it is for."
TWO_NAMES = "{client} is chosen, and another name is typed. Choose “Somebody new”, or empty the name."
UNKNOWN = "We could not find this client. Please choose again."


@dataclass(frozen=True, slots=True)
class TypedPeople:
    """Everybody as typed, whoever is on the phone first. ``key`` makes a form that is sent twice book once."""

    all: tuple[TypedPerson, ...]
    timezone: str
    key: str

    def with_one_more(self, question: SlotSearch) -> TypedPeople:
        """The same with an empty set of fields, up to what the service takes."""
        return replace(self, all=(*self.all, TypedPerson())[: _most(question)])

    def renewed(self) -> TypedPeople:
        """The same as a new wish."""
        return replace(self, key=client_details.make_key())

    def contacts(self, question: SlotSearch) -> list[Contact]:
        """Checked contacts. Raises InvalidInput with all that cannot be used, by field: "name-0", "email-1"."""
        typed = FormReader()
        blocks = [
            (_say(number, (*FIELDS, *WHERE) if number else FIELDS), partial(self._checked, number, question))
            for number in range(len(self.all))
        ]
        found = typed.read_people(blocks, twice=TWICE)
        typed.refuse()
        return found

    def match_keys(self, question: SlotSearch) -> list[str]:
        """By what those who come are known; none while something cannot be used as it is typed."""
        try:
            return [each.match_key for each in self.contacts(question)]
        except InvalidInput:
            return []

    def _checked(self, number: int, question: SlotSearch) -> Contact | None:
        """The therapist calls the first one, so nobody else needs a number for that."""
        person, mode, is_first = self.all[number], question.mode or Mode.VIRTUAL, number == 0
        if person.is_empty and not is_first:
            return None
        given = {
            **{name: getattr(person, name) for name in FIELDS},
            "wants_texts": person.wants_texts,
            "timezone": person.timezone or self.timezone,
            "jurisdiction": person.jurisdiction or question.state,
        }
        mode = Mode.VIRTUAL if mode == Mode.PHONE and not is_first else mode
        found = contact.parse_contact(given, mode=mode, needs_email=not question.practice.takes_phone_only)
        if is_first and question.client is not None:
            _require_own_number(question.client, found.name, found.email, found.phone)
        return found


def read_people(form: Mapping[str, str]) -> TypedPeople:
    """What was typed."""
    numbers = [number for number in range(MOST_PEOPLE) if f"name-{number}" in form] or [0]
    return TypedPeople(
        all=tuple(
            TypedPerson(
                **{name: form.get(f"{name}-{number}", "") for name in FIELDS},
                jurisdiction=form.get(f"jurisdiction-{number}", ""),
                timezone=form.get(f"timezone-{number}", ""),
                wants_texts=form.get(f"texts-{number}") == TICKED,
            )
            for number in numbers
        ),
        timezone=form.get("timezone", ""),
        key=client_details.read_key(form),
    )


def suggest_people(question: SlotSearch) -> TypedPeople:
    """The form before anybody typed: the client's latest contact, when they are known, and fields for a partner."""
    first, timezone = TypedPerson(), question.zone.key
    client, company = question.client, []
    if client is not None and _most(question) > 1:
        company = _list_company(question, client)
    if client is not None:
        latest = find_latest_contact(question.practice.id, client.id)
        phone = (latest.phone if latest is not None else None) or client.phone
        first = TypedPerson(client.name, client.email, contact.say_phone(phone) if phone else "")
        timezone = latest.timezone if latest is not None else client.timezone
    everybody = (first, *company) if company else (first, TypedPerson())
    return TypedPeople(all=everybody[: _most(question)], timezone=timezone, key=client_details.make_key())


def _list_company(question: SlotSearch, client: Client) -> list[TypedPerson]:
    """Who came along with a client the last time that this service was booked for them, as they were reached then."""
    seats = list_seats_of_client(question.practice.id, client.id, limit=LOOKED_AT)
    of_service = (each.appointment for each in seats if question.service == each.appointment.service)
    last = next((each for each in of_service if len(each.attendees) > 1), None)
    return [
        TypedPerson(
            each.name,
            each.email,
            contact.say_phone(each.phone) if each.phone else "",
            jurisdiction=each.jurisdiction or "",
            timezone=each.timezone,
        )
        for each in (last.attendees if last is not None else ())
        if each.client_id != client.id
    ]


def _most(question: SlotSearch) -> int:
    """How many may be named at once: of a group one at a time, because they do not know each other."""
    service = question.service
    return 1 if service is None or service.is_group else min(service.capacity, MOST_PEOPLE)


def read_contacts(
    form: MultiDict[str, str], desk: Desk, *, number: int, mode: Mode, needed: bool = True
) -> list[Contact]:
    """The contacts in the first ``number`` blocks. Raises InvalidInput with the fields of all blocks."""
    typed = FormReader(form)
    blocks = [(_say(place, BLOCK), partial(_one, form, desk, place, mode)) for place in range(1, number + 1)]
    found = typed.read_people(blocks, twice=TWICE)
    typed.refuse()
    if needed and not found:
        raise InvalidInput({"name-1": NOBODY})
    return found


def _one(form: MultiDict[str, str], desk: Desk, place: int, mode: Mode) -> Contact | None:
    given: dict[str, Any] = {name: form.get(f"{name}-{place}", "").replace("\0", "") for name in BLOCK}
    if given["known"]:
        return _known(desk, given, mode)
    if not any(given[name].strip() for name in FIELDS):
        return None
    return contact.parse_contact(given, mode=mode, needs_email=not desk.practice.takes_phone_only)


def _known(desk: Desk, given: Mapping[str, str], mode: Mode) -> Contact:
    """Somebody the practice knows, with the contact they gave last; the state they will be in may be another today."""
    public_id = given["known"] if PUBLIC_ID.fullmatch(given["known"]) else ""
    try:
        client = find_client(desk.practice.id, public_id, therapist_id=desk.only_therapist)
    except NotFound as problem:
        raise InvalidInput({"known": UNKNOWN}) from problem
    latest = find_latest_contact(desk.practice.id, client.id)
    state = given["jurisdiction"] or (latest.jurisdiction if latest is not None else None)
    phone = _phone(given["phone"].strip() or (latest.phone if latest is not None else client.phone))
    if mode == Mode.PHONE and phone is None:
        raise InvalidInput({"phone": NO_PHONE})
    typed = given["name"].strip()
    if typed and fold_name(typed) != fold_name(client.name):
        raise InvalidInput({"known": TWO_NAMES.format(client=client.name)})
    _require_own_number(client, client.name, client.email, phone)
    if mode != Mode.IN_PERSON and state not in JURISDICTIONS:
        raise InvalidInput({"jurisdiction": NO_STATE})
    return Contact(
        name=client.name,
        email=client.email,
        phone=phone,
        timezone=latest.timezone if latest is not None else client.timezone,
        wants_texts=phone is not None and _takes_texts(client, latest),
        jurisdiction=state if mode != Mode.IN_PERSON else None,
    )


def _require_own_number(client: Client, name: str, email: str, phone: str | None) -> None:
    """Who has no e-mail address is known by their number: with another one they would be somebody new. Raises
    InvalidInput.
    """
    if not (client.email or email) and name == client.name and phone != client.phone:
        raise InvalidInput({"phone": OTHER_NUMBER})


def _takes_texts(client: Client, latest: Attendee | None) -> bool:
    """Whether they agreed when they came last, and have not said no since."""
    return latest is not None and latest.text_consent_at is not None and not refuses_texts(client.id)


def _phone(given: str | None) -> str | None:
    try:
        return contact.clean_phone(given, needed=False)
    except ValueError as problem:
        raise InvalidInput({"phone": str(problem)}) from problem


def list_choices(desk: Desk, zone: str, values: MultiDict[str, str], *, number: int) -> dict[str, Any]:
    """What the fields of so many blocks offer: clients who were looked for, states, zones with ``zone`` among them."""
    return {
        "found": {each: find_known_in(values, desk, each) for each in range(1, number + 1)},
        "states": STATES,
        "zones": zones.list_zones(walltime.zone(zone), walltime.zone(desk.practice.timezone)),
        "zone": zone,
    }


def list_typed_fields(form: MultiDict[str, str], leave_out: Iterable[str] = ()) -> Sequence[tuple[str, str]]:
    """Everything that was typed, to be kept in hidden fields until the next step."""
    without = {"csrf_token", *leave_out}
    return [(name, value) for name, value in form.items(multi=True) if name not in without]


def _say(number: int, numbered: Collection[str]) -> Say:
    """Of what is not ``numbered`` there is one for all; "you" and "your" are not how staff speak of a client."""

    def say(field: str, sentence: str) -> tuple[str, str]:
        text = NO_STATE if field == "jurisdiction" else sentence.replace("your ", "the ")
        return (f"{field}-{number}" if field in numbered else field), text

    return say
