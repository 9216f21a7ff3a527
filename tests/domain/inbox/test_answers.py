"""What we answer to texts: every sentence in both languages, discreet, in the letters of texts."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta

import pytest

from telehealth.domain import walltime
from telehealth.domain.inbox.answers import IN, MOST_CHOICES, Ahead, Answers, Sentences
from telehealth.domain.messages import discretion, segments
from tests.moments import NOW

MANAGE = "https://appointments.example.com/m/AbCdEfGhIjKl.AbCdEfGhIjKlMnOpQrStUv"
DENVER = walltime.zone("America/Denver")


def ahead(starts_at: datetime = NOW + timedelta(days=5)) -> Ahead:
    """A Saturday: "sábado" has a letter that texts lack."""
    return Ahead(starts_at, DENVER, MANAGE)


def everything(locale: str) -> list[str]:
    said = Answers("Riverside Office", "(303) 555-0100", locale)
    one, two = ahead(), ahead(NOW + timedelta(days=6))
    return [
        said.confirmed([one]), said.confirmed([one, two]), said.move(one), said.move_by_phone(one),
        said.which([one, two], may_be_all=True), said.which([one] * MOST_CHOICES, may_be_all=False),
        said.nothing_ahead(), said.is_cancelled(one), said.is_request(one), said.received(None), said.received(one),
        said.crisis(), said.texts_again(), said.help(),
    ]  # fmt: skip


@pytest.mark.parametrize("locale", IN)
def test_answers_cost_little_and_say_nothing_about_why_people_come(locale: str) -> None:
    for answer in everything(locale):
        assert answer.startswith("Riverside Office: ")
        assert segments.measure_text(answer).odd == (), answer
        assert segments.measure_text(answer).segments <= 3, answer
        assert discretion.revealing(answer) == [], answer
        assert "{" not in answer


@pytest.mark.parametrize("locale", IN)
def test_no_answer_invites_a_word_that_carriers_reserve(locale: str) -> None:
    for answer in everything(locale):
        asked_for = answer.partition("Reply ")[2] or answer.partition("Responda ")[2]
        assert not asked_for.upper().startswith(("CANCEL", "YES", "END", "QUIT", "C,", "1", "2"))


@pytest.mark.parametrize("locale", IN)
def test_times_name_their_zone(locale: str) -> None:
    answers = everything(locale)
    assert sum("MST" in answer for answer in answers) == 8


@pytest.mark.parametrize("locale", IN)
def test_who_writes_in_need_finds_where_help_is(locale: str) -> None:
    said = Answers("Riverside Office", "(303) 555-0100", locale)
    assert "988" in said.crisis()
    for answer in (said.received(None), said.received(ahead()), said.crisis(), said.help()):
        assert "911" in answer


@pytest.mark.parametrize("locale", IN)
def test_the_crisis_line_is_named_to_everybody_only_where_the_practice_wishes_it(locale: str) -> None:
    quiet, loud = (Answers("Riverside Office", "1", locale, names_988=each) for each in (False, True))
    for usual in (lambda a: a.received(None), lambda a: a.received(ahead()), lambda a: a.help()):
        assert ("988" in usual(quiet), "988" in usual(loud)) == (False, True)
    assert quiet.crisis() == loud.crisis()


@pytest.mark.parametrize("locale", IN)
def test_a_sender_with_other_letters_does_not_make_an_answer_dearer(locale: str) -> None:
    said = Answers("Clínica “Río”", "(303) 555-0100", locale)
    for answer in (said.received(None), said.confirmed([ahead()]), said.note("see you then")):
        assert answer.startswith('Clinica "Rio": ')
        assert segments.measure_text(answer).encoding == "GSM-7"


def test_both_languages_say_everything() -> None:
    for field in fields(Sentences):
        english, spanish = (getattr(IN[locale], field.name) for locale in ("en", "es"))
        assert english
        assert spanish
        placeholders = ("{when}", "{manage}", "{phone}", "{letters}", "{options}")
        assert [each in english for each in placeholders] == [each in spanish for each in placeholders], field.name


def test_the_letters_skip_c() -> None:
    said = Answers("Office", "1", "en").which([ahead()] * 4, may_be_all=True)
    assert "Reply A, B, D or E, or ALL." in said
