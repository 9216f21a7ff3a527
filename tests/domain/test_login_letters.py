from __future__ import annotations

import pytest

from telehealth.domain.login_letters import USEFUL_FOR, LoginLetterKind, write_login_letter
from telehealth.domain.messages.discretion import revealing

LINK, DESK = "https://example.org/sign-in/k/abc", "https://example.org/desk"


@pytest.mark.parametrize("kind", LoginLetterKind)
def test_every_letter_has_words_that_reveal_nothing(kind: LoginLetterKind) -> None:
    letter = write_login_letter(kind, sender="Riverside", link=LINK, desk=DESK)
    assert kind in USEFUL_FOR
    assert not revealing(" ".join((letter.subject, *letter.paragraphs, *letter.closing)))
    assert "Riverside" in letter.closing


def test_a_new_password_is_not_the_advice_against_a_foreign_passkey() -> None:
    letter = write_login_letter(LoginLetterKind.PASSKEY_ADDED, sender="Riverside", link=LINK, desk=DESK)
    assert "take it off on the page of your account" in letter.closing[0]
    assert "a new password alone leaves it" in letter.closing[0]


def test_only_the_button_holds_the_link() -> None:
    letter = write_login_letter(LoginLetterKind.RESET, sender="Riverside", link=LINK, desk=DESK)
    assert letter.actions == (("Choose a new password", LINK),)
    assert LINK not in " ".join(letter.paragraphs + letter.closing)
