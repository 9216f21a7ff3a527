"""What a client may look for in a therapist: a language, an approach, a focus, as the therapists themselves list them.

In an address each stands as a few letters of a digest: what somebody seeks help with does not belong into the history
of a shared computer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from telehealth.domain.appointments.matching import Fit
from telehealth.queries.practice.offers import AnyTherapist

ANYTHING = "any"
ASPECTS = {"language": "languages", "approach": "modalities", "focus": "specialties"}
"""The answer's name in an address, and the therapist's column."""
KEY_LENGTH = 8


def list_words(therapists: Sequence[AnyTherapist]) -> dict[str, list[str]]:
    """What they list, by aspect and in alphabetical order; without the aspects of which nobody lists anything."""
    found = {
        name: sorted({word for each in therapists for word in getattr(each, column)})
        for name, column in ASPECTS.items()
    }
    return {name: words for name, words in found.items() if words}


def make_key(word: str) -> str:
    """How a word stands in an address."""
    return hashlib.sha256(word.encode()).hexdigest()[:KEY_LENGTH]


def read_matches(therapists: Sequence[AnyTherapist], given: Mapping[str, str]) -> dict[str, str]:
    """The answers by aspect, empty for "anything". What was not answered, or names nothing, is missing."""
    answers = {}
    for name, words in list_words(therapists).items():
        named = {ANYTHING: "", **{make_key(word): word for word in words}}
        if given.get(name) in named:
            answers[name] = named[given[name]]
    return answers


def write_answers(answers: Mapping[str, str]) -> dict[str, str]:
    """The answers as they stand in an address."""
    return {name: make_key(word) if word else ANYTHING for name, word in answers.items()}


def make_fit(answers: Mapping[str, str]) -> Fit:
    """The answers as the rules want them."""
    words = {ASPECTS[name]: (word,) for name, word in answers.items() if word}
    none: tuple[str, ...] = ()
    return Fit(
        modalities=words.get("modalities", none),
        specialties=words.get("specialties", none),
        languages=words.get("languages", none),
    )
