"""The text that clients agree to before they meet by video."""

from __future__ import annotations

from datetime import date

import pytest

from telehealth.domain.consent.telehealth import (
    READY,
    Block,
    TextVersion,
    clean_signature,
    clean_texts,
    may_companion_agree,
    needs_somebody,
    split_text,
)
from telehealth.domain.errors import InvalidInput
from telehealth.domain.languages import LANGUAGES

TODAY = date(2026, 11, 23)
CHILD, TEEN, GROWN = date(2018, 1, 1), date(2012, 1, 1), date(1990, 1, 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ready_text_holds_what_such_a_text_must(language: str) -> None:
    headings = [each.text for each in split_text(READY.in_language(language)) if each.is_heading]
    told = {
        "en": ("What video", "go wrong", "private", "line breaks", "emergency", "Where you may", "stop", "agree"),
        "es": ("Qué son", "salir mal", "privado", "conexión", "emergencia", "Dónde puede", "parar", "acepta"),
    }[language]
    assert len(headings) == len(told)
    for words, heading in zip(told, headings, strict=True):
        assert words in heading
    assert clean_texts(READY.texts) == dict(READY.texts)


def test_what_is_typed_becomes_no_structure_but_headings_and_paragraphs() -> None:
    blocks = split_text("# <b>One</b>\ntwo\nthree\n\n\n  four  \n#\n")
    assert blocks == [
        Block(is_heading=True, text="<b>One</b>"),
        Block(is_heading=False, text="two\nthree"),
        Block(is_heading=False, text="four"),
    ]


def test_what_is_too_short_or_too_long_is_refused_by_language() -> None:
    with pytest.raises(InvalidInput) as refusal:
        clean_texts({"en": "Yes?", "es": "x" * 12_001})
    assert set(refusal.value.fields) == {"text_en", "text_es"}


def test_a_language_that_nobody_wrote_is_read_in_english() -> None:
    assert TextVersion(3, {"en": "Words"}).in_language("es") == "Words"


def test_the_mark_of_what_was_read_changes_with_a_letter() -> None:
    first, second = TextVersion(2, {"en": "Words"}), TextVersion(2, {"en": "Words."})
    assert first.mark("en") != second.mark("en")
    assert first.mark("en-US") == first.mark("en")


@pytest.mark.parametrize(
    ("born_on", "alone", "by_another"),
    [(None, True, True), (GROWN, True, False), (TEEN, True, True), (CHILD, False, True)],
)
def test_who_agrees(born_on: date | None, alone: bool, by_another: bool) -> None:
    assert needs_somebody(born_on, "CO", on=TODAY) is not alone
    assert may_companion_agree(born_on, "CO", on=TODAY) is by_another


def test_a_name_is_one_line() -> None:
    assert clean_signature("  Jane \n Doe ") == "Jane Doe"
    for typed in (" ", "x" * 121):
        with pytest.raises(InvalidInput):
            clean_signature(typed)
