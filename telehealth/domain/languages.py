"""The languages that messages to clients are written in. Staff read English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

ENGLISH, SPANISH = "en", "es"
LANGUAGES = {ENGLISH: "English", SPANISH: "Español"}
"""By the code that is kept with a client, the name as its speakers write it."""


def nearest_language(code: str) -> str:
    """The language of ours that is meant by a code such as "es-MX"; English when it is none of ours."""
    return preferred_language([code])


def preferred_language(codes: Iterable[str]) -> str:
    """The first of these codes that is ours, such as those of an Accept-Language header; English when none is."""
    shortened = (code.replace("_", "-").partition("-")[0].strip().lower() for code in codes)
    return next((short for short in shortened if short in LANGUAGES), ENGLISH)


def choose_words(table: Mapping[str, Sequence[str]], language: str) -> dict[str, str]:
    """All words of a table, which has them in the order of ``LANGUAGES``, in the one nearest to a code."""
    column = list(LANGUAGES).index(nearest_language(language))
    return {name: words[column] for name, words in table.items()}


def clean_language(value: object) -> str:
    """A code of ours; empty when nobody said anything. Raises ValueError with a sentence for the person."""
    typed = value.strip().lower() if isinstance(value, str) else ""
    if typed and typed not in LANGUAGES:
        raise ValueError(f"Please choose one of: {', '.join(LANGUAGES.values())}.")
    return typed
