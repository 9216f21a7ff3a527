"""How long the record of a client is kept, and who has to agree before it is erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from telehealth.domain.bounds import Bounds

OF_AGE = 18
USUAL_YEARS, USUAL_YEARS_OF_MINORS = 7, 3
"""Of the American Psychological Association's record keeping guidelines: seven years after the last service, or three
after a minor comes of age, whichever is later. States differ, so a practice sets its own.
"""
LIMITS: Bounds = {
    "kept_years": (1, 50, "Please choose from 1 to 50 years."),
    "kept_years_of_minors": (0, 50, "Please choose from 0 to 50 years."),
}
ASKED_AGAIN_AFTER = timedelta(days=1)
"""An owner who is alone agrees with themselves, on another day."""
AGREED_WITHIN = timedelta(days=30)
LONGEST_REASON = 500
ERASED_NAME = "Erased client"


class ErasureStep(StrEnum):
    """What an agreement needs before it counts."""

    COUNTS = "counts"
    NEEDS_ANOTHER = "needs_another"  # Another person, and one of the two an owner.
    NEEDS_A_DAY = "needs_a_day"  # The owner who asked, on another day.
    LAPSED = "lapsed"  # Nobody agreed in time: it has to be asked again.


@dataclass(frozen=True, slots=True)
class Agreeing:
    """Who asked, who agrees, and whether they are owners."""

    asked_by: int | None
    agreed_by: int | None
    asker_is_owner: bool
    agreer_is_owner: bool


def kept_until(last_contact: date, born_on: date | None, *, years: int, years_of_minors: int) -> date:
    """The first date on which a record need not be kept any more: so many years after the last contact, and after the
    client came of age, whichever is later.
    """
    after_contact = _add_years(last_contact, years)
    return after_contact if born_on is None else max(after_contact, _add_years(born_on, OF_AGE + years_of_minors))


def judge_agreement(who: Agreeing, *, asked_at: datetime, now: datetime) -> ErasureStep:
    """Whether an agreement counts: two people agree, one of them an owner, or an owner twice, a day apart."""
    if now >= asked_at + AGREED_WITHIN:
        return ErasureStep.LAPSED
    if who.agreed_by is None or not (who.asker_is_owner or who.agreer_is_owner):
        return ErasureStep.NEEDS_ANOTHER
    if who.agreed_by != who.asked_by:
        return ErasureStep.COUNTS
    return ErasureStep.COUNTS if now >= asked_at + ASKED_AGAIN_AFTER else ErasureStep.NEEDS_A_DAY


def say_date(day: date) -> str:
    """ "November 24, 2033": years later, nobody looks for the weekday."""
    return f"{day:%B} {day.day}, {day.year}"


def _add_years(day: date, years: int) -> date:
    """The same date so many years later; February 29 becomes March 1."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
