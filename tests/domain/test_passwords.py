from __future__ import annotations

import pytest

from telehealth.domain import passwords
from telehealth.domain.errors import InvalidInput

EMAIL = "Dana@Riverside.example"


@pytest.mark.parametrize(
    "password",
    [
        "",
        "seven77",
        "password",
        "PassWord1",
        "12345678",
        "ｐａｓｓｗｏｒｄ",
        "dana@riverside.example",
        " dana@RIVERSIDE.example ",
    ],
)
def test_what_is_guessed_first(password: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        passwords.check_password(password, email=EMAIL, field="new_password")
    assert list(refused.value.fields) == ["new_password"]


@pytest.mark.parametrize(
    "password", ["eight888", "all small letters", "   spaces   ", "пароль и чай", "x" * 200, "dana@riverside.example!"]
)
def test_nothing_else_is_asked(password: str) -> None:
    passwords.check_password(password, email=EMAIL)


def test_the_list_holds_what_the_length_lets_through() -> None:
    assert len(passwords.MOST_COMMON) >= 100
    assert all(len(each) >= passwords.SHORTEST and each == each.casefold() for each in passwords.MOST_COMMON)


def test_letters_written_in_two_ways_are_one_password() -> None:
    assert passwords.normalise_password("caf\u00e9") == passwords.normalise_password("cafe\u0301")


def test_a_request_full_of_marks_is_refused_at_once() -> None:
    """Their normal form takes a time that grows with the square of their number."""
    marks = "a" + "\N{COMBINING ACUTE ACCENT}\N{COMBINING GRAVE ACCENT BELOW}" * 60_000
    with pytest.raises(InvalidInput):
        passwords.check_password(marks, email="a@example.com")
    assert passwords.normalise_password(marks) == marks, "it is left as it is"
