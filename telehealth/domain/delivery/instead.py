"""What is done instead of a message that did not get through, and how staff read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from telehealth.domain.message_words import Reason
from telehealth.domain.reasons import say_reason

PLEASE_CALL = "Please call them if it matters."


class Instead(StrEnum):
    """What is done instead of what did not get through."""

    BY_EMAIL = "by_email"
    BY_EMAIL_ANYWAY = "by_email_anyway"
    OTHERWISE = "otherwise"
    OUT_OF_DATE = "out_of_date"
    NOTHING = "nothing"


WORDS: Mapping[Instead, str] = MappingProxyType(
    {
        Instead.BY_EMAIL: "We e-mail it instead.",
        Instead.BY_EMAIL_ANYWAY: "The same goes by e-mail anyway.",
        Instead.OTHERWISE: "They are told in another way, too.",
        Instead.OUT_OF_DATE: "It is out of date by now, so nothing was sent instead.",
        Instead.NOTHING: PLEASE_CALL,
    }
)
TOLD_BY_EMAIL = frozenset({Instead.BY_EMAIL, Instead.BY_EMAIL_ANYWAY})


@dataclass(frozen=True, slots=True)
class DoneInstead:
    """What was done, and ``why`` an e-mail was not possible, where that is the reason."""

    what: Instead
    why: Reason | None = None

    def __str__(self) -> str:
        """In words for staff."""
        return " ".join(part for part in (say_reason(self.why), WORDS[self.what]) if part)
