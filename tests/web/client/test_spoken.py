"""The pages before a video appointment in the language of whoever reads them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.languages import LANGUAGES
from telehealth.domain.words import Mode
from telehealth.models import Appointment
from telehealth.web.client.door_words import DOOR_WORDS, find_door_words, say_problems
from tests.factories import BY_STAFF, book, cancel, make_office
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.client.test_call_words import HOLES
from tests.web.staff import words_of
from tests.web.visitor import form_of, problem_of, read

TEN = at(10)
PAGES = Path(__file__).resolve().parents[3] / "telehealth" / "web" / "templates" / "client"
SAID = re.compile(r"(?<!frame_)words\.(\w+)")


@pytest.fixture
def appointment(client: FlaskClient, clock: FakeClock) -> Appointment:
    """Of somebody who reads Spanish, ten minutes before it begins."""
    booked = book(make_office(), TEN, now=NOW)
    change(booked.attendees[0].client, locale="es-MX")
    clock.instant = TEN - timedelta(minutes=10)
    return booked


@pytest.fixture
def door(appointment: Appointment, addresses: Addresses) -> str:
    return f"/j/{addresses.token(LinkPurpose.JOIN, appointment.attendees[0])}"


def left_in_english(page: str) -> set[str]:
    """Whole sentences of ours that a page in Spanish says in English."""
    return {
        name for name, (english, _) in DOOR_WORDS.items() if " " in english and "{" not in english and english in page
    }


def test_every_word_is_there_in_every_language_with_the_same_holes() -> None:
    for name, words in DOOR_WORDS.items():
        assert len(words) == len(LANGUAGES), name
        assert all(words), name
        assert len({tuple(sorted(HOLES.findall(each))) for each in words}) == 1, name


def test_pages_say_only_words_that_there_are() -> None:
    names = ("join", "before", "call_me", "door_facts")
    said = {name for page in names for name in SAID.findall((PAGES / f"{page}.html").read_text())}
    assert len(said) > 50
    assert said <= set(DOOR_WORDS)


def test_the_door_the_questions_and_the_call_are_in_spanish(client: FlaskClient, door: str) -> None:
    for path, says in (
        (door, "La sala está abierta"),
        (f"{door}/before", "¿Dónde está ahora?"),
        (f"{door}/call", "Mejor llámenme"),
    ):
        page = client.get(path)
        assert '<html lang="es"' in page.text
        assert says in words_of(page)
        assert left_in_english(page.text) == set(), path
    assert read(client.get(door)).links["Entrar al video"] == f"{door}/before"


@pytest.mark.parametrize(
    ("moment", "says"),
    [
        (at(9), "La sala se abre a las 9:45 a.m. MST , 15 minutos antes del comienzo."),
        (at(9, days=-1), "La sala se abre el martes 24 de nov a las 9:45 a.m. MST"),
        (at(10, 55), "La hora ha terminado, pero todavía puede volver a entrar un rato."),
        (at(13), "La sala está cerrada."),
    ],
)
def test_it_says_when_in_spanish(client: FlaskClient, door: str, clock: FakeClock, moment: datetime, says: str) -> None:
    clock.instant = moment
    page = client.get(door)
    assert says in words_of(page)
    assert "a las 10:00 a.m. MST" in words_of(page) or "10:00 a.m. MST (hora de la montaña)" in words_of(page)
    assert left_in_english(page.text) == set()


def test_another_zone_is_said_beside_it(client: FlaskClient, door: str, appointment: Appointment) -> None:
    change(appointment.attendees[0], timezone="America/New_York")
    assert "12:00 p.m. EST (hora del Este)" in words_of(client.get(door))


@pytest.mark.parametrize(("mode", "says"), [(Mode.PHONE, "Nosotros le llamamos"), (Mode.IN_PERSON, "en persona")])
def test_what_is_not_by_video_says_so(
    client: FlaskClient, door: str, appointment: Appointment, mode: Mode, says: str
) -> None:
    change(appointment, mode=mode)
    page = client.get(door)
    assert says in words_of(page)
    assert left_in_english(page.text) == set()


def test_what_is_cancelled_says_so(client: FlaskClient, door: str, appointment: Appointment, clock: FakeClock) -> None:
    cancel(appointment, by=BY_STAFF, now=clock())
    page = client.get(door)
    assert "Esta cita está cancelada" in words_of(page)
    assert left_in_english(page.text) == set()


def test_what_is_wrong_is_said_in_spanish(client: FlaskClient, door: str) -> None:
    fields = form_of(client.get(f"{door}/before")).fields
    page = client.post(f"{door}/before", data={**fields, "phone": "12"})
    assert "<title>Error: Antes de entrar" in page.text
    assert "Revise lo siguiente, por favor" in problem_of(page)
    for sentence in ("Elija el estado en el que está.", "Diga dónde es,", "Revise el número,"):
        assert sentence in problem_of(page)
    assert "(opcional)" in page.text
    assert left_in_english(page.text) == set()
    asked = client.post(f"{door}/call", data={**fields, "phone": "12"})
    assert "Revise el número" in problem_of(asked)


def test_who_answered_reads_it_in_spanish(client: FlaskClient, door: str) -> None:
    fields = form_of(client.get(f"{door}/before")).fields
    typed = {"state": "abroad", "place": "Un hotel en Cancún", "phone": "303 555 0188", "cannot_speak": "y"}
    client.post(f"{door}/before", data={**fields, **typed})
    page = client.get(f"{door}/before")
    assert "Un hotel en Cancún, Fuera de Estados Unidos" in words_of(page)
    assert "Sabemos que no puede hablar con libertad." in words_of(page)
    assert left_in_english(page.text) == set()
    asked = client.post(f"{door}/call", data=fields, follow_redirects=True)
    assert "Llamamos al número que termina en" in words_of(asked)
    assert left_in_english(asked.text) == set()


def test_english_keeps_what_was_found_and_other_languages_say_it_by_the_field() -> None:
    found = {"phone": "Please check the number: it has a digit too many."}
    assert say_problems(found, {"phone": "1"}, "en-US") == found
    assert say_problems(found, {}, "es") == {"phone": find_door_words("es")["problem_phone_missing"]}
    assert say_problems({"else": "As it is."}, {}, "es") == {"else": "As it is."}
