"""What the file says about the demo practice, in our words: refused when it names what it does not list."""

from __future__ import annotations

import calendar
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain import audit_words, contact, message_words, walltime, words
from telehealth.domain.contact import Contact
from telehealth.domain.words import Mode
from telehealth.models import Location, Service, Therapist

FILE = Path(__file__).with_name("practice.toml")
SLUG = "demo"
PASSWORD = "demo-practice"  # noqa: S105 -- shown on the screen, for a practice that does not exist
ENUMS: Mapping[str, type[StrEnum]] = {
    "kind": words.ServiceKind,
    "modes": words.Mode,
    "approval": words.Approval,
    "when_one_cancels": words.WhenOneCancels,
    "when_late": words.LateChange,
    "channel": message_words.Channel,
    "by": audit_words.Actor,
}
WEEKDAYS = {name: number for number, name in enumerate(calendar.day_name)}

Facts = dict[str, Any]
"""The file, or one table of it."""
Meanings = dict[str, Mapping[str, object]]
"""By the key at which it stands in the file: each word that may stand there, and what it means."""
Named = TypeVar("Named", Service, Therapist, Location)


def read_practice(path: Path = FILE) -> Facts:
    """All that the file says, with words and numbers (0 is Monday) of ours. Raises ValueError with a sentence when it
    uses a word that means nothing, or names what it does not list.
    """
    facts = tomllib.loads(path.read_text(encoding="utf-8"))
    lists = {
        "service": facts["services"],
        "place": facts["places"],
        "therapist": facts["therapists"],
        "second_therapist": facts["therapists"],
        "who": _clients(facts),
    }
    meanings: Meanings = {key: {each["name"]: each["name"] for each in listed} for key, listed in lists.items()}
    meanings |= {key: {word.value: word for word in enum} for key, enum in ENUMS.items()}
    meanings |= {"weekday": WEEKDAYS, "days": WEEKDAYS}
    return {section: _in_our_words(section, told, meanings) for section, told in facts.items()}


def _in_our_words(key: str, told: Any, meanings: Meanings) -> Any:
    if isinstance(told, dict):
        return {inner: _in_our_words(inner, each, meanings) for inner, each in told.items()}
    if isinstance(told, list):
        return [_in_our_words(key, each, meanings) for each in told]
    if key not in meanings:
        return told
    if told not in meanings[key]:
        raise ValueError(f'{FILE.name} says {key} = "{told}", and there is nothing by that name.')
    return meanings[key][told]


def _clients(facts: Facts) -> list[Facts]:
    return [*facts["clients"]["regulars"], *facts["clients"]["others"]]


def list_logins() -> list[tuple[str, str]]:
    """The addresses to sign in with, and as what."""
    facts = read_practice()
    people = {"owner": facts["owner"], "therapist": facts["therapists"][0], "front desk": facts["front_desk"]}
    return [(person["email"], role) for role, person in people.items()]


@dataclass(frozen=True, slots=True)
class Demo:
    """The practice in the making at the instant ``now``."""

    practice_id: int
    facts: Facts
    now: datetime

    @property
    def opened(self) -> datetime:
        return self.now - timedelta(days=self.facts["chance"]["opened_days_ago"])

    def moment(self, told: Facts) -> datetime:
        """When it was: days ago at a wall time of the practice, or so long before now."""
        ago = timedelta(days=told.get("days_ago", 0), minutes=told.get("minutes_ago", 0))
        if "at" not in told:
            return self.now - ago
        zone = walltime.zone(self.facts["practice"]["timezone"])
        return walltime.resolve(datetime.combine(walltime.wall(self.now, zone).date() - ago, told["at"]), zone)

    def find(self, model: type[Named], name: str) -> Named:
        """The row that was made of what is listed by that name."""
        return db.session.scalars(select(model).where(model.practice_id == self.practice_id, model.name == name)).one()

    def client(self, name: str) -> Facts:
        return next(each for each in _clients(self.facts) if each["name"] == name)

    def contact(
        self, name: str, *, timezone: str, state: str | None, mode: Mode = Mode.VIRTUAL, wants_texts: bool = True
    ) -> Contact:
        """What a client types about themselves; ``state`` is where they will be, None in person."""
        here = {"timezone": timezone, "jurisdiction": state, "wants_texts": wants_texts}
        return contact.parse_contact(self.client(name) | here, mode=mode)


def on_weekday(day: date, weekday: int) -> date:
    """That day of the week, on ``day`` or after it."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)
