"""Clients in a form of the desk: somebody the practice knows, or somebody new, one block of fields each.

The fields of the first are called ``known-1``, ``name-1`` and so on. A block that nobody filled in counts for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from telehealth.domain import contact, walltime
from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import Mode
from telehealth.queries import clients
from telehealth.web.booking import zones
from telehealth.web.desk.frame import PUBLIC_ID, Desk

FIELDS = ("known", "name", "email", "phone", "timezone", "jurisdiction", "wants_texts")
SOMEBODY_NEW = ("", "Somebody new: fill in below")
STATES = (("", "Choose a state"), *JURISDICTIONS.items())
MOST_KNOWN = 500
NO_STATE = "Please choose the state they will be in."
NO_PHONE = "We have no number of this client. Please enter one."
NOBODY = "Please choose somebody, or fill in who it is for."
UNKNOWN = "We could not find this client. Please choose again."


def typed_contacts(
    form: MultiDict[str, str], desk: Desk, *, number: int, mode: Mode, needed: bool = True
) -> list[Contact]:
    """The contacts in the first ``number`` blocks. Raises InvalidInput with the fields of all blocks."""
    problems: dict[str, str] = {}
    found = [_one(form, desk, place, mode, problems) for place in range(1, number + 1)]
    contacts = [each for each in found if each is not None]
    if needed and not contacts and not problems:
        problems["name-1"] = NOBODY
    if problems:
        raise InvalidInput(problems)
    return contacts


def _one(form: MultiDict[str, str], desk: Desk, place: int, mode: Mode, problems: dict[str, str]) -> Contact | None:
    given: dict[str, Any] = {name: form.get(f"{name}-{place}", "").replace("\0", "") for name in FIELDS}
    try:
        if given["known"]:
            return _known(desk, given, mode)
        if not any(given[name].strip() for name in ("name", "email", "phone")):
            return None
        return contact.parse(given, mode=mode)
    except InvalidInput as problem:
        problems.update({f"{name}-{place}": sentence for name, sentence in problem.fields.items()})
        return None


def _known(desk: Desk, given: Mapping[str, str], mode: Mode) -> Contact:
    """Somebody the practice knows, with the contact they gave last; the state they will be in may be another today."""
    public_id = given["known"] if PUBLIC_ID.fullmatch(given["known"]) else ""
    try:
        client = clients.by_public_id(desk.practice.id, public_id, therapist_id=desk.only_therapist)
    except NotFound as problem:
        raise InvalidInput({"known": UNKNOWN}) from problem
    latest = clients.latest_contact(desk.practice.id, client.id)
    state = given["jurisdiction"] or (latest.jurisdiction if latest is not None else None)
    phone = _phone(given["phone"].strip() or (latest.phone if latest is not None else client.phone))
    if mode == Mode.PHONE and phone is None:
        raise InvalidInput({"phone": NO_PHONE})
    if mode != Mode.IN_PERSON and state not in JURISDICTIONS:
        raise InvalidInput({"jurisdiction": NO_STATE})
    return Contact(
        name=client.name,
        email=client.email,
        phone=phone,
        timezone=latest.timezone if latest is not None else client.timezone,
        wants_texts=phone is not None and latest is not None and latest.text_consent_at is not None,
        jurisdiction=state if mode != Mode.IN_PERSON else None,
    )


def _phone(given: str | None) -> str | None:
    try:
        return contact.clean_phone(given, needed=False)
    except ValueError as problem:
        raise InvalidInput({"phone": str(problem)}) from problem


def choices(desk: Desk, zone: str) -> dict[str, Any]:
    """What the fields offer: clients to choose from, states, and zones with ``zone`` among them."""
    found = clients.search(desk.practice.id, therapist_id=desk.only_therapist, limit=MOST_KNOWN)
    return {
        "known": [SOMEBODY_NEW, *((each.public_id, f"{each.name}, {each.email}") for each in found)],
        "states": STATES,
        "zones": zones.options(walltime.zone(zone)),
        "zone": zone,
    }


def fields_of(form: MultiDict[str, str], leave_out: Iterable[str] = ()) -> Sequence[tuple[str, str]]:
    """Everything that was typed, to be kept in hidden fields until the next step."""
    without = {"csrf_token", *leave_out}
    return [(name, value) for name, value in form.items(multi=True) if name not in without]
