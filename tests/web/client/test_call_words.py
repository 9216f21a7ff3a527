"""The words of the virtual room: whole in every language, and in the one that the reader reads."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

from flask.testing import FlaskClient

from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.languages import LANGUAGES
from telehealth.web.call_words import WORDS, find_call_words
from tests.factories import book, make_office
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at

HOLES = re.compile(r"\{\w+\}")
SCRIPTS = Path(__file__).resolve().parents[3] / "telehealth" / "web" / "assets" / "js" / "call"
SAID = re.compile(r"say\(\"(\w+)\"")


def test_every_word_is_there_in_every_language_with_the_same_holes() -> None:
    for name, words in WORDS.items():
        assert len(words) == len(LANGUAGES), name
        assert all(words), name
        assert len({tuple(sorted(HOLES.findall(each))) for each in words}) == 1, name


def test_whatever_the_script_says_is_among_the_words() -> None:
    said = {name for script in SCRIPTS.glob("*.js") for name in SAID.findall(script.read_text())}
    assert len(said) > 20
    assert said <= set(find_call_words())


def test_a_language_that_is_none_of_ours_is_english() -> None:
    assert find_call_words("es-MX")["go_in"] == "Entrar"
    assert find_call_words("fr")["go_in"] == "Go in"


def test_the_room_is_in_the_language_of_its_client(client: FlaskClient, addresses: Addresses, clock: FakeClock) -> None:
    made = book(make_office(), at(10), now=NOW)
    change(made.attendees[0].client, locale="es")
    clock.advance(at(10) - timedelta(minutes=5) - NOW)
    page = client.get(f"/j/{addresses.token(LinkPurpose.JOIN, made.attendees[0])}/room").text
    assert '<html lang="es"' in page
    assert "Saltar al contenido" in page
    given = re.search(r"data-call-words>(.*?)</script>", page, re.DOTALL)
    assert given is not None
    assert json.loads(given[1]) == find_call_words("es")
