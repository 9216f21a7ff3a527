"""Whoever is invited to one video appointment besides its clients: an interpreter, a school counsellor, a caseworker.

A guest belongs to the appointment, not to a client: they are no attendee, are reminded of nothing, and read nothing but
when and how to come in.
"""

from __future__ import annotations

from dataclasses import dataclass

from telehealth.domain import languages
from telehealth.domain.contact import clean_email, clean_name, read_field
from telehealth.domain.errors import InvalidInput
from telehealth.domain.video.calls import MOST_CALLERS, GuestKind

MOST_GUESTS = MOST_CALLERS - 2
"""At a time: beside a client and a therapist our own room carries so many."""
MOST_EVER_INVITED = 20
"""To one appointment, those who were uninvited with them: each of them may have been written to."""
NEEDS_A_NAME = "Please enter their name."


@dataclass(frozen=True, slots=True)
class GuestFacts:
    """As typed. ``name`` is what everybody in the room reads; ``email`` is empty where the link is given to them
    otherwise; ``locale`` is the language they read.
    """

    name: str
    kind: GuestKind
    email: str = ""
    locale: str = languages.ENGLISH


def clean_guest(typed: GuestFacts) -> GuestFacts:
    """The same, cleaned. Raises InvalidInput by field."""
    problems: dict[str, str] = {}
    facts = GuestFacts(
        name=read_field(problems, "name", clean_name, typed.name) if typed.name.strip() else "",
        kind=typed.kind,
        email=read_field(problems, "email", clean_email, typed.email) if typed.email.strip() else "",
        locale=read_field(problems, "locale", languages.clean_language, typed.locale) or languages.ENGLISH,
    )
    if facts.name == "":
        problems["name"] = NEEDS_A_NAME
    if problems:
        raise InvalidInput(problems)
    return facts
