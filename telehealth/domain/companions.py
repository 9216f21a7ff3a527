"""People who act for a client: a parent, a guardian, a partner, a case manager (FHIR RelatedPerson). We call them
companions.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from telehealth.domain import languages
from telehealth.domain.contact import clean_email, clean_name, clean_phone, read_field
from telehealth.domain.errors import InvalidInput

MOST_COMPANIONS = 12
"""Of one client at a time."""
NEEDS_A_WAY = "Please enter an e-mail address or a number, so that they can be reached."


class Relationship(StrEnum):
    """What a companion is to the client."""

    PARENT = "parent"
    GUARDIAN = "guardian"
    PARTNER = "partner"
    CASE_MANAGER = "case_manager"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CompanionFacts:
    """As typed. ``email`` or ``phone`` may be empty, not both; ``locale`` is the language they read."""

    name: str
    relationship: Relationship
    email: str = ""
    phone: str | None = None
    locale: str = languages.ENGLISH


def clean_companion(typed: CompanionFacts) -> CompanionFacts:
    """The same, cleaned, with the number in E.164 form. Raises InvalidInput by field."""
    problems: dict[str, str] = {}
    facts = CompanionFacts(
        name=read_field(problems, "name", clean_name, typed.name),
        relationship=typed.relationship,
        email=read_field(problems, "email", clean_email, typed.email) if typed.email.strip() else "",
        phone=read_field(problems, "phone", partial(clean_phone, needed=False), typed.phone),
        locale=read_field(problems, "locale", languages.clean_language, typed.locale) or languages.ENGLISH,
    )
    if not problems and not facts.email and not facts.phone:
        problems["email"] = NEEDS_A_WAY
    if problems:
        raise InvalidInput(problems)
    return facts
