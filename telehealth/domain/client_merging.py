"""Two records of one client made into one: whose value is kept of each field, and what is in the way.

One record is kept, the other leads to it. Of each field one of the two values is kept; tags and notes of both may be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from telehealth.domain import times
from telehealth.domain.client_facts import MOST_TAGS, Booking
from telehealth.domain.errors import InvalidInput

UNDONE_WITHIN = timedelta(days=1)
LONGEST_JOINED = 2_000
WHO_THEY_ARE = ("name", "email", "phone", "timezone", "locale")
"""What somebody typed, so that a record which the practice knows is believed first."""
JOINED = ("tags", "contact_note", "desk_note")
"""What can be kept of both."""
FIELDS = (
    *WHO_THEY_ARE,
    *("born_on", "pronouns", "code_name", "safe_email", "safe_phone", "emergency_contact", "may_book"),
    *JOINED,
)
"""What somebody chooses, in the order of the page."""
_STRICTNESS = (Booking.ONLINE, Booking.BY_PHONE, Booking.BLOCKED)
_MATTERS = "Please choose one of the two."


class Side(StrEnum):
    """Whose value is kept."""

    KEPT = "kept"
    OTHER = "other"
    BOTH = "both"


class Double(StrEnum):
    """Why two records may be of one person."""

    NAME_AND_BIRTH = "name_and_birth"
    PHONE = "phone"
    EMAIL = "email"


class InTheWay(StrEnum):
    """Why two records cannot become one."""

    SAME_APPOINTMENT = "same_appointment"  # They are two people: a couple, members of a group.
    SAME_TIME = "same_time"
    SAME_SERIES = "same_series"
    SAME_WAIT = "same_wait"
    TWO_LOGINS = "two_logins"


@dataclass(frozen=True, slots=True)
class MergeObstacle:
    """What is in the way, when it is and what it is called, where that says more."""

    kind: InTheWay
    at: datetime | None = None
    name: str = ""


class OnFile(Protocol):
    """What is on file of a client, as far as it decides whose value is kept."""

    known_at: datetime | None


def choose_sides(kept: OnFile, other: OnFile, *, other_is_newer: bool) -> dict[str, Side]:
    """Whose value of each field is kept unless somebody chooses: the one that there is; of who they are, the one of a
    record that the practice knows; then the newer one. Of how they may book the stricter, and of notes and tags both.
    """
    return {field: _choose(field, kept, other, other_is_newer=other_is_newer) for field in FIELDS}


def _choose(field: str, kept: OnFile, other: OnFile, *, other_is_newer: bool) -> Side:
    ours, theirs = getattr(kept, field), getattr(other, field)
    if ours == theirs or not theirs:
        return Side.KEPT
    if not ours:
        return Side.OTHER
    if field == "may_book":
        return Side.OTHER if _STRICTNESS.index(theirs) > _STRICTNESS.index(ours) else Side.KEPT
    if field in JOINED:
        return Side.BOTH
    if field in WHO_THEY_ARE and (kept.known_at is None) != (other.known_at is None):
        return Side.KEPT if other.known_at is None else Side.OTHER
    return Side.OTHER if other_is_newer else Side.KEPT


# Each field has a type of its own.
def merge_values(kept: OnFile, other: OnFile, sides: Mapping[str, Side]) -> dict[str, Any]:
    """What is on file afterwards, by field. Raises InvalidInput for sides that a field does not have, and for notes and
    tags that are too long together.
    """
    problems: dict[str, str] = {}
    values = {}
    for field in FIELDS:
        side, ours, theirs = sides[field], getattr(kept, field), getattr(other, field)
        if side == Side.BOTH and field not in JOINED:
            problems[field] = _MATTERS
        elif side == Side.BOTH:
            values[field] = _join(field, ours, theirs, problems)
        else:
            values[field] = ours if side == Side.KEPT else theirs
    if problems:
        raise InvalidInput(problems)
    return values


def _join(field: str, ours: Any, theirs: Any, problems: dict[str, str]) -> Any:  # A list of tags, or a note.
    if field == "tags":
        known = {each.casefold() for each in ours}
        tags = [*ours, *(each for each in theirs if each.casefold() not in known)]
        if len(tags) > MOST_TAGS:
            problems[field] = f"Together these are more than {MOST_TAGS} tags. {_MATTERS}"
        return tags
    note = "\n".join(filter(None, [ours, theirs])) if ours != theirs else ours
    if len(note) > (LONGEST_JOINED if field == "desk_note" else LONGEST_JOINED // 2):
        problems[field] = f"Together these are too long. {_MATTERS}"
    return note


def say_obstacles(found: Sequence[MergeObstacle], zone: ZoneInfo) -> list[str]:
    """What is in the way, in plain words; times in the zone."""
    return [_say(each, zone) for each in found]


def _say(each: MergeObstacle, zone: ZoneInfo) -> str:
    when = f" on {times.say_briefly(each.at, zone)}" if each.at is not None else ""
    return {
        InTheWay.SAME_APPOINTMENT: f"Both come to the same appointment{when}, so they are two people.",
        InTheWay.SAME_TIME: f"Both have something at the same time{when}. Please move or cancel one of the two first.",
        InTheWay.SAME_SERIES: f"Both are in the same standing slot ({each.name}), so they are two people.",
        InTheWay.SAME_WAIT: f"Both wait for {each.name}. Please end one of the two waits first.",
        InTheWay.TWO_LOGINS: "Each of them has a login. Please switch one of the two off first.",
    }[each.kind]
