from __future__ import annotations

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

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
        "dana@riverside.example!",
        "eight888",
        "x" * 200,
        "P@ssw0rd2026!",
        "therapist2026",
        "qwertyuiop1234",
    ],
)
def test_what_is_guessed_first(password: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        passwords.check_password(password, email=EMAIL, field="new_password")
    assert list(refused.value.fields) == ["new_password"]


@pytest.mark.parametrize(
    "password",
    ["all small letters", "   spaces   ", "пароль и чай", "seven green umbrellas", "correct-horse", "tulip9 harbor"],
)
def test_nothing_else_is_asked(password: str) -> None:
    passwords.check_password(password, email=EMAIL)


def test_the_commonest_three_thousand_are_refused() -> None:
    common = [each for each in FREQUENCY_LISTS["passwords"][:3_000] if len(each) >= passwords.SHORTEST]
    assert len(common) > 500, "the others are too short"
    assert [each for each in common if passwords.count_guesses(each, near=[]) >= passwords.FEWEST_GUESSES] == []


@pytest.mark.parametrize(
    "password",
    [
        "Robin-Reed",
        "robinreed1",
        "Riverside counseling",
        "RiversideCounseling!",
        "riverside2026",
        "R0bin Reed",
        "reedrobin",
    ],
)
def test_what_is_close_to_a_name_or_the_practice_is_refused(password: str) -> None:
    about = ("Robin Reed", "Riverside Counseling", "riverside-counseling")
    with pytest.raises(InvalidInput):
        passwords.check_password(password, email=EMAIL, about=about)


@pytest.mark.parametrize("slow", ["4@8({[<369|!1/|\\" * 60, "4@({3691!0$7%2" * 70, "ab12" * 250, "a" * 1_000])
def test_no_password_takes_long_to_look_at(slow: str) -> None:
    """The part that is looked at is bounded, whatever is typed behind it."""
    looked_at = slow[: passwords.READ]
    assert passwords.count_guesses(slow, near=[]) == passwords.count_guesses(looked_at, near=[])


def test_letters_written_in_two_ways_are_one_password() -> None:
    assert passwords.normalise_password("caf\u00e9") == passwords.normalise_password("cafe\u0301")


def test_a_request_full_of_marks_is_refused_at_once() -> None:
    """Their normal form takes a time that grows with the square of their number."""
    marks = "a" + "\N{COMBINING ACUTE ACCENT}\N{COMBINING GRAVE ACCENT BELOW}" * 60_000
    with pytest.raises(InvalidInput):
        passwords.check_password(marks, email="a@example.com")
    assert passwords.normalise_password(marks) == marks, "it is left as it is"
