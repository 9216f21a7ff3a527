"""What a practice says about itself: its name, how it is reached, its zone, and a few words for its page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from telehealth.database import RowValues, transaction
from telehealth.domain import contact
from telehealth.domain.colours import clean_colour
from telehealth.domain.errors import InvalidInput
from telehealth.domain.web_links import clean_web_link
from telehealth.models import Practice
from telehealth.services.audit import ActedBy
from telehealth.services.practice.practice_settings import change_practice

LONGEST_ABOUT = 4000
MOST_LINKS, MOST_LANGUAGES = 5, 30
LONGEST_LANGUAGE = 40


@dataclass(frozen=True, slots=True)
class PracticeProfile:
    """What everybody sees of a practice; see models.Practice. ``languages`` are the names of those spoken there."""

    name: str
    sender_name: str
    email: str
    phone: str
    timezone: str
    about: str = ""
    web_links: Sequence[str] = ()
    languages: Sequence[str] = ()


def change_practice_profile(*, practice_id: int, profile: PracticeProfile, by: ActedBy, now: datetime) -> Practice:
    """Change what everybody sees of the practice, also in the next messages. Raises InvalidInput by field."""
    values = clean_profile(profile)
    with transaction() as session:
        return change_practice(session, practice_id, values, by, now=now)


def read_accent(typed: str) -> str:
    """A colour for the practice's pages as it would be kept. Raises InvalidInput (field ``accent``)."""
    try:
        return clean_colour(typed)
    except ValueError as problem:
        raise InvalidInput({"accent": str(problem)}) from problem


def set_accent(*, practice_id: int, colour: str | None, by: ActedBy, now: datetime) -> Practice:
    """Let the practice's pages have a colour of their own; None: the usual one. Raises InvalidInput (``accent``)."""
    kept = None if colour is None else read_accent(colour)
    with transaction() as session:
        return change_practice(session, practice_id, {"accent": kept}, by, now=now)


def clean_profile(profile: PracticeProfile) -> RowValues:
    """The columns of it. Raises InvalidInput with everything that cannot be used."""
    problems: dict[str, str] = {}
    checks: dict[str, Callable[[Any], Any]] = {
        "name": contact.clean_sender_name,
        "sender_name": contact.clean_sender_name,
        "email": contact.clean_email,
        "phone": partial(contact.clean_phone, needed=True),
        "timezone": contact.clean_timezone,
        "about": clean_about,
        "web_links": _clean_links,
        "languages": partial(contact.clean_words, most=MOST_LANGUAGES, longest=LONGEST_LANGUAGE),
    }
    values: RowValues = {
        field: contact.read_field(problems, field, check, getattr(profile, field)) for field, check in checks.items()
    }
    if problems:
        raise InvalidInput(problems)
    return values


def clean_about(typed: str) -> str:
    """Prose of people about themselves: paragraphs as they are typed. Raises ValueError."""
    text = typed.replace("\0", "").replace("\r\n", "\n").strip()
    if len(text) > LONGEST_ABOUT:
        raise ValueError(f"That is {len(text):,} characters long; please use at most {LONGEST_ABOUT:,}.")
    return text


def _clean_links(typed: Sequence[str]) -> list[str]:
    """Each of them once."""
    if len(typed) > MOST_LINKS:
        raise ValueError(f"Please give at most {MOST_LINKS} links.")
    return list(dict.fromkeys(clean_web_link(each) for each in typed))
