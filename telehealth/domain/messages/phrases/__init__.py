"""The sentences of every message, by what it is about and who reads it, in every language. ``wording`` fills them in.

Plain, warm and short, and discreet: see ``wording``. Texts keep to the letters of the GSM alphabet. Therapists read
English.
"""

from __future__ import annotations

from collections.abc import Mapping

from telehealth.domain import languages
from telehealth.domain.message_words import MessageKind
from telehealth.domain.messages.phrases.english import (
    ENDINGS_TO_THERAPISTS,
    ENGLISH,
    SLOTS_TO_THERAPISTS,
    TO_THERAPISTS,
)
from telehealth.domain.messages.phrases.shapes import CANCELLED, Ending, Language, Phrase, SlotWords
from telehealth.domain.messages.phrases.spanish import SPANISH

__all__ = [
    "CANCELLED",
    "ENDINGS_TO_THERAPISTS",
    "IN",
    "SLOTS_TO_THERAPISTS",
    "TO_THERAPISTS",
    "Ending",
    "Language",
    "Phrase",
    "SlotWords",
    "phrase",
]

IN: Mapping[str, Language] = {languages.ENGLISH: ENGLISH, languages.SPANISH: SPANISH}
"""All words by the code of their language."""


def phrase(kind: MessageKind, ending: Ending | None, locale: str, *, for_therapist: bool) -> Phrase:
    """The sentences for one reader. Raises KeyError for what this reader is never told."""
    spoken = IN[locale]
    endings, usual = (ENDINGS_TO_THERAPISTS, TO_THERAPISTS) if for_therapist else (spoken.endings, spoken.to_clients)
    return endings[ending] if ending is not None and ending in endings else usual[kind]
