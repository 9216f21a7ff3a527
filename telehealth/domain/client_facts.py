"""What a practice keeps of a client beside how they are reached, checked and cleaned; and how they may book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from telehealth.domain.contact import read_line
from telehealth.domain.errors import InvalidInput

EARLIEST_BIRTH = date(1900, 1, 1)
LONGEST_SHORT, LONGEST_LINE, LONGEST_NOTE = 40, 200, 2_000
MOST_TAGS = 12


class Booking(StrEnum):
    """How a client may book with a practice. What staff enter is never refused by it."""

    ONLINE = "online"
    BY_PHONE = "by_phone"
    BLOCKED = "blocked"  # Staff are warned as well.


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """As typed by staff. Empty means that it is not known. The note is for the desk, and no client reads it."""

    born_on: date | None = None
    pronouns: str = ""
    tags: Sequence[str] = ()
    emergency_contact: str = ""
    desk_note: str = ""
    may_book: Booking = Booking.ONLINE


def clean_facts(typed: ClientFacts, *, today: date) -> ClientFacts:
    """The same, cleaned: one spelling of each tag, in the order they were typed. Raises InvalidInput by field."""
    problems: dict[str, str] = {}

    tags = [read_line(problems, "tags", each, longest=LONGEST_SHORT) for each in typed.tags]
    by_spelling: dict[str, str] = {}
    for each in filter(None, tags):
        by_spelling.setdefault(each.casefold(), each)
    note = typed.desk_note.replace("\0", "").strip()
    facts = ClientFacts(
        born_on=typed.born_on,
        pronouns=read_line(problems, "pronouns", typed.pronouns, longest=LONGEST_SHORT),
        tags=tuple(by_spelling.values()),
        emergency_contact=read_line(problems, "emergency_contact", typed.emergency_contact, longest=LONGEST_LINE),
        desk_note=note,
        may_book=typed.may_book,
    )
    if typed.born_on is not None and not EARLIEST_BIRTH <= typed.born_on <= today:
        problems["born_on"] = "Please check the year of this date."
    if len(facts.tags) > MOST_TAGS:
        problems["tags"] = f"Please use at most {MOST_TAGS} tags."
    if len(note) > LONGEST_NOTE:
        problems["desk_note"] = f"That is {len(note):,} characters long; please use at most {LONGEST_NOTE:,}."
    if problems:
        raise InvalidInput(problems)
    return facts
