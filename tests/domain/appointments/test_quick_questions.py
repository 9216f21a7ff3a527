"""Questions about a free time, as people type them: understood, or said not to be."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.appointments.quick_questions import Matter, Named, QuickQuestion, read_quick_question

TODAY = date(2026, 11, 23)  # A Monday.
NAMES = [
    Named(Matter.SERVICE, "couple", "Couples session"),
    Named(Matter.SERVICE, "one", "Individual session"),
    Named(Matter.SERVICE, "intake", "First conversation"),
    Named(Matter.THERAPIST, "dana", "Dana Rivera"),
    Named(Matter.THERAPIST, "diego", "Diego Rivera"),
    Named(Matter.THERAPIST, "jose", "José Ortiz"),
    Named(Matter.LANGUAGE, "Spanish", "Spanish"),
    Named(Matter.MODE, "virtual", "Video", ("virtual", "online")),
    Named(Matter.MODE, "in-person", "In-person", ("office",)),
    Named(Matter.STATE, "CO", "Colorado", ("co",)),
]


def ask(text: str) -> QuickQuestion:
    return read_quick_question(text, NAMES, today=TODAY)


def test_the_example() -> None:
    found = ask("tomorrow 3pm, couple, Spanish")
    assert (found.day, found.at) == (date(2026, 11, 24), time(15))
    assert {matter: each.key for matter, each in found.named.items()} == {
        Matter.SERVICE: "couple",
        Matter.LANGUAGE: "Spanish",
    }
    assert not found.doubts


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("today", date(2026, 11, 23)),
        ("tomorrow", date(2026, 11, 24)),
        ("day after tomorrow", date(2026, 11, 25)),
        ("thu", date(2026, 11, 26)),
        ("Monday", date(2026, 11, 30)),
        ("12/1", date(2026, 12, 1)),
        ("12/1/2027", date(2027, 12, 1)),
        ("2026-12-01", date(2026, 12, 1)),
        ("Dec 1", date(2026, 12, 1)),
        ("december 1st", date(2026, 12, 1)),
        ("1 December", date(2026, 12, 1)),
        ("Jan 5", date(2027, 1, 5)),
    ],
)
def test_days(said: str, day: date) -> None:
    found = ask(f"{said} noon")
    assert (found.day, found.at, found.doubts) == (day, time(12), [])


@pytest.mark.parametrize(
    ("said", "at"),
    [("3pm", time(15)), ("3 pm", time(15)), ("3 p.m.", time(15)), ("3:30pm", time(15, 30)), ("15:00", time(15)),
     ("12am", time(0)), ("12pm", time(12)), ("noon", time(12)), ("13", time(13))],
)  # fmt: skip
def test_times(said: str, at: time) -> None:
    found = ask(f"tomorrow at {said}")
    assert (found.at, found.doubts) == (at, [])


def test_a_bare_hour_is_asked_about() -> None:
    found = ask("who is free at 3 tomorrow?")
    assert found.at is None
    assert [each.instead for each in found.doubts] == [("who is free at 3am tomorrow?", "who is free at 3pm tomorrow?")]


def test_next_friday_is_not_guessed() -> None:
    found = ask("next friday 3pm")
    assert found.day is None
    assert "different days to different people" in found.doubts[0].sentence


def test_several_of_a_name_are_offered_and_a_second_word_decides() -> None:
    doubt = ask("rivera tomorrow 3pm").doubts[0]
    assert doubt.instead == ("Dana Rivera tomorrow 3pm", "Diego Rivera tomorrow 3pm")
    assert ask("diego rivera tomorrow 3pm").named[Matter.THERAPIST].key == "diego"


def test_a_whole_name_decides_among_those_that_begin_alike() -> None:
    names = [Named(Matter.SERVICE, "a", "Individual session"), Named(Matter.SERVICE, "b", "Individual longer session")]
    doubt = read_quick_question("individual 12/1 3pm", names, today=TODAY).doubts[0]
    assert doubt.instead[0] == "Individual session 12/1 3pm"
    assert read_quick_question(doubt.instead[0], names, today=TODAY).named[Matter.SERVICE].key == "a"


def test_accents_and_hyphens_do_not_matter() -> None:
    found = ask("jose in person 12/1 9am")
    assert (found.named[Matter.THERAPIST].key, found.named[Matter.MODE].key) == ("jose", "in-person")


def test_what_is_not_known_is_said() -> None:
    assert ask("tomorrow 3pm yoga").doubts[0].sentence == "“yoga” is nothing we know here."


@pytest.mark.parametrize("said", ["2/30 3pm", "tomorrow 25:00", "tomorrow 13pm", "today tomorrow 3pm", "mon 3pm 4pm",
                                  "couple individual tomorrow"])  # fmt: skip
def test_what_cannot_be_is_said(said: str) -> None:
    assert ask(said).doubts


@given(st.text(max_size=60))
def test_anything_can_be_typed(text: str) -> None:
    ask(text)


WORDS = ["tomorrow", "next", "mon", "3", "3pm", "12/1", "dec", "1", "couple", "rivera", ",", "in", "person", "co", "31"]


@given(st.lists(st.sampled_from(WORDS)))
def test_words_in_any_order_are_read_or_doubted(words: list[str]) -> None:
    found = ask(" ".join(words))
    said = set(words) - {",", "in", "person", "next"}
    assert found.doubts or found.day or found.at or found.named or not said
