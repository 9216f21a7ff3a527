"""From which age people agree to their own care, and until which somebody has to act for them.

States differ. The age of majority is 18 but for a few. Many let younger people agree to outpatient counselling; some
only to a few sessions of it. Laws change: the year behind each says when it was written down here, from general
knowledge of the statute that it names, and a practice checks its own state before it relies on it. Whatever is not
listed takes the age of majority, which is the stricter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from telehealth.domain.errors import InvalidInput

MAJORITY = 18
MAJORITY_OF: Mapping[str, int] = MappingProxyType({"AL": 19, "NE": 19, "MS": 21})


@dataclass(frozen=True, slots=True)
class OwnConsent:
    """From which age somebody may agree to outpatient counselling, by which statute, and when that was written here."""

    age: int
    statute: str
    written_down: int = 2026


OWN_CONSENT: Mapping[str, OwnConsent] = MappingProxyType(
    {
        "AL": OwnConsent(14, "Ala. Code 22-8-4"),
        "CA": OwnConsent(12, "Health and Safety Code 124260"),
        "CO": OwnConsent(12, "C.R.S. 12-245-203.5"),
        "HI": OwnConsent(14, "H.R.S. 577-29"),
        "IL": OwnConsent(12, "405 ILCS 5/3-550"),
        "MD": OwnConsent(12, "Health-General 20-104"),
        "MI": OwnConsent(14, "M.C.L. 330.1707"),
        "NJ": OwnConsent(16, "N.J.S.A. 9:17A-4"),
        "NM": OwnConsent(14, "N.M.S.A. 32A-6A-15"),
        "OH": OwnConsent(14, "O.R.C. 5122.04"),
        "OR": OwnConsent(14, "O.R.S. 109.675"),
        "PA": OwnConsent(14, "35 P.S. 10101.1"),
        "TN": OwnConsent(16, "T.C.A. 33-8-202"),
        "WA": OwnConsent(13, "R.C.W. 71.34.530"),
    }
)
"""By the postal code of the state in which they are."""


def age_on(born_on: date, day: date) -> int:
    """Whole years. Whoever was born on a leap day is a year older on March 1 of other years."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


class WhenMinor(StrEnum):
    """What a practice wants where a minor is booked for whom somebody has to act."""

    TELL = "tell"  # Staff read so.
    REQUIRE = "require"  # They are booked by, or with, whoever acts for them.


NEEDS_GUARDIAN = (
    "The client is a minor, and nobody acts for them on file. "
    "Please write down with the client who does, or say why nobody has to."
)


def require_guardian_reason(reason: str) -> None:
    """Staff say why nobody has to act for a minor. Raises InvalidInput (``guardian_reason``)."""
    if not reason.strip():
        raise InvalidInput({"guardian_reason": NEEDS_GUARDIAN})


class AgeStanding(StrEnum):
    """What somebody's age means for who agrees to their care."""

    OF_AGE = "of_age"
    AGREES_ALONE = "agrees_alone"  # A minor who may agree to their own care where they are.
    NEEDS_SOMEBODY = "needs_somebody"  # A minor for whom somebody has to act.


def judge_age(born_on: date | None, state: str | None, *, on: date) -> AgeStanding:
    """What it means in a state (its postal code) on a day; of nobody's birth nothing follows, and of no state the usual
    age of majority counts.
    """
    if born_on is None or age_on(born_on, on) >= MAJORITY_OF.get(state or "", MAJORITY):
        return AgeStanding.OF_AGE
    own = OWN_CONSENT.get(state or "")
    if own is not None and age_on(born_on, on) >= own.age:
        return AgeStanding.AGREES_ALONE
    return AgeStanding.NEEDS_SOMEBODY
