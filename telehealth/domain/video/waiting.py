"""What whoever waits before a video room reads from the practice: plain text, in the languages of clients."""

from __future__ import annotations

from collections.abc import Mapping

from telehealth.domain.languages import ENGLISH, SPANISH, nearest_language

LONGEST_WAITING_WORDS = 1_000
WAITING_COLUMNS: Mapping[str, str] = {ENGLISH: "waiting_words", SPANISH: "waiting_words_spanish"}
"""By the language, the column of the practice that has them."""


def clean_waiting_words(typed: str) -> str:
    """Paragraphs as they are typed. Raises ValueError with a sentence for the person."""
    text = typed.replace("\0", "").replace("\r\n", "\n").strip()
    if len(text) > LONGEST_WAITING_WORDS:
        raise ValueError(f"That is {len(text):,} characters long; please use at most {LONGEST_WAITING_WORDS:,}.")
    return text


def find_waiting_words(practice: object, language: str) -> list[str]:
    """The paragraphs of a practice's own words in the language nearest to a code; none where it has none in it."""
    words: str = getattr(practice, WAITING_COLUMNS[nearest_language(language)])
    return [each.strip() for each in words.split("\n") if each.strip()]
