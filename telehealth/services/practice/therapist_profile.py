"""What a therapist says about themselves, to those who choose and in messages; and where it stands on the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from telehealth.database import RowValues, transaction
from telehealth.domain import contact
from telehealth.domain.errors import InvalidInput
from telehealth.domain.web_links import clean_web_link
from telehealth.models import Therapist
from telehealth.services.audit import ActedBy, change_row
from telehealth.services.hours.freed_times import note_possible
from telehealth.services.locking import lock_own
from telehealth.services.practice.practice_profile import clean_about
from telehealth.services.practice.therapists import LONGEST_CREDENTIAL, named_therapist

LONGEST_PRONOUNS = 40
LONGEST_WORD, MOST_WORDS = 60, 30
LAST_POSITION = 1000


@dataclass(frozen=True, slots=True)
class TherapistProfile:
    """See models.Therapist. Lists are in the practice's own words; "Individuals" and "8 to 12" are both ages."""

    name: str
    timezone: str
    credential: str = ""
    pronouns: str = ""
    about: str = ""
    modalities: Sequence[str] = ()
    specialties: Sequence[str] = ()
    ages: Sequence[str] = ()
    languages: Sequence[str] = ()
    video_url: str = ""


@dataclass(frozen=True, slots=True)
class PageEntry:
    """Where a therapist stands on the practice's page (0 first, by name among equals), and whether they do."""

    position: int = 0
    is_hidden: bool = False


def change_therapist_profile(
    *,
    practice_id: int,
    therapist_public_id: str,
    profile: TherapistProfile,
    by: ActedBy,
    now: datetime,
    entry: PageEntry | None = None,
) -> Therapist:
    """Say otherwise who a therapist is; without an ``entry``, that part stays. Raises InvalidInput by field, NotFound.

    What is booked stays when it is. Hours are wall time, so another zone moves what is offered, and who waits is asked.
    """
    values = _checked(profile, entry)
    with transaction() as session:
        found = lock_own(session, Therapist, practice_id, public_id=therapist_public_id)
        if found.timezone != values["timezone"] and found.ended_at is None:
            note_possible(session, practice_id, [found.id], now=now)
        change_row(session, practice_id, found, values, named_therapist, by, now=now)
        return found


def _checked(profile: TherapistProfile, entry: PageEntry | None) -> RowValues:
    """The columns of it. Raises InvalidInput with everything that cannot be used."""
    problems: dict[str, str] = {}
    values: RowValues = {
        field: contact.read_field(problems, field, check, getattr(profile, field)) for field, check in CHECKS.items()
    }
    if entry is not None:
        values |= {"position": entry.position, "is_hidden": entry.is_hidden}
        if not 0 <= entry.position <= LAST_POSITION:
            problems["position"] = f"Please choose from 0 to {LAST_POSITION:,}."
    if problems:
        raise InvalidInput(problems)
    return values


def _clean_video_url(typed: str) -> str | None:
    return clean_web_link(typed) if typed.strip() else None


CHECKS: dict[str, Callable[[Any], Any]] = {
    "name": contact.clean_name,
    "timezone": contact.clean_timezone,
    "credential": partial(contact.clean_line, longest=LONGEST_CREDENTIAL),
    "pronouns": partial(contact.clean_line, longest=LONGEST_PRONOUNS),
    "about": clean_about,
    **dict.fromkeys(
        ("modalities", "specialties", "ages", "languages"),
        partial(contact.clean_words, most=MOST_WORDS, longest=LONGEST_WORD),
    ),
    "video_url": _clean_video_url,
}
