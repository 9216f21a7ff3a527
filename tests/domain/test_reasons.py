"""Every reason has its words."""

from __future__ import annotations

from telehealth.domain.message_words import Reason
from telehealth.domain.reasons import WORDS, say_reason


def test_every_reason_has_words_of_its_own() -> None:
    assert set(WORDS) == set(Reason)
    assert len(set(WORDS.values())) == len(Reason)
    assert all(len(each) <= 40 for each in Reason), "more than a row holds"


def test_no_reason_needs_no_words() -> None:
    assert say_reason(None) == ""


def test_what_only_one_case_knows_stands_in_the_words() -> None:
    assert say_reason(Reason.MANY_TEXTS, detail="6") == "the number had 6 texts in 24 hours already"
    assert say_reason(Reason.OTHER, detail="it {rained}") == "it {rained}"


def test_an_email_instead_of_a_text_says_why_the_text_did_not_go() -> None:
    said = say_reason(Reason.INSTEAD_OF_TEXT, text_reason=Reason.DID_NOT_AGREE)
    assert said == "instead of a text: They did not agree to texts."
    many = say_reason(Reason.INSTEAD_OF_TEXT, text_reason=Reason.MANY_TEXTS, detail="6")
    assert many == "instead of a text: the number had 6 texts in 24 hours already"
