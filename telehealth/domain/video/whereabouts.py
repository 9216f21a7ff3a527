"""Where a client is during a video appointment, and how they are called back when it drops.

Care happens where the client is (ATA practice guidelines), and help can only be sent to a place that somebody knows, so
both are asked every time. No answer keeps anybody out: a therapist decides what follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from telehealth.domain.contact import clean_line, clean_phone
from telehealth.domain.errors import InvalidInput
from telehealth.domain.jurisdictions import JURISDICTIONS

ABROAD = "abroad"
"""What a form or a program says for "outside the United States"."""
OUTSIDE = "Outside the United States"
LONGEST_PLACE = 200
LONGEST_REASON = 500
CHOOSE_STATE = "Please choose the state you are in."
SAY_PLACE = "Please say where that is: an address, or the name of the place."
SAY_NUMBER = "Please enter a number, so that we can call you back."
SAY_REASON = "Please say your reason in a few words."


class LicenceDecision(StrEnum):
    """What a therapist does who has no licence where the client is."""

    REASON = "reason"  # They have one, and say it: a visitor's exemption, an emergency.
    NEXT_STEPS = "next_steps"  # They treat nobody there, and talk about what comes next only.


@dataclass(frozen=True, slots=True)
class Whereabout:
    """A checked answer. ``jurisdiction`` is a postal code ("CO"), None outside the United States; ``phone`` is E.164.
    ``cannot_speak``: somebody is with them.
    """

    jurisdiction: str | None
    place: str
    phone: str
    cannot_speak: bool = False


def read_whereabout(state: str, place: str, phone: str, *, known_phone: str, cannot_speak: bool) -> Whereabout:
    """What somebody typed; an empty ``phone`` means the one that is known. Raises InvalidInput with all that is wrong,
    by field: ``state``, ``place``, ``phone``.
    """
    problems = {} if state in JURISDICTIONS or state == ABROAD else {"state": CHOOSE_STATE}
    cleaned = _clean_place(place, problems)
    number = known_phone
    if phone.strip() or not known_phone:
        try:
            number = clean_phone(phone, needed=True) or ""
        except ValueError as problem:
            problems["phone"] = str(problem) if phone.strip() else SAY_NUMBER
    if problems:
        raise InvalidInput(problems)
    return Whereabout(None if state == ABROAD else state, cleaned, number, cannot_speak)


def _clean_place(place: str, problems: dict[str, str]) -> str:
    try:
        cleaned = clean_line(" ".join(place.split()), longest=LONGEST_PLACE)
    except ValueError as problem:
        problems["place"] = str(problem)
        return ""
    if not cleaned:
        problems["place"] = SAY_PLACE
    return cleaned


def clean_decision(decision: LicenceDecision, reason: str) -> str:
    """The reason as it is kept; nothing where none is asked for. Raises InvalidInput for ``reason``."""
    if decision == LicenceDecision.NEXT_STEPS:
        return ""
    try:
        cleaned = clean_line(" ".join(reason.split()), longest=LONGEST_REASON)
    except ValueError as problem:
        raise InvalidInput({"reason": str(problem)}) from problem
    if not cleaned:
        raise InvalidInput({"reason": SAY_REASON})
    return cleaned


def say_state(jurisdiction: str | None) -> str:
    """The name of a state: "Utah", or that it is none."""
    return OUTSIDE if jurisdiction is None else JURISDICTIONS.get(jurisdiction, jurisdiction)


def say_where(jurisdiction: str | None, place: str) -> str:
    """All of it: "12 Main Street, Utah"."""
    return ", ".join(filter(None, (place, say_state(jurisdiction))))
