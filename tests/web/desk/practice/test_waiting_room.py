"""A practice's own words for whoever waits before its video room."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.video.waiting import LONGEST_WAITING_WORDS, find_waiting_words
from telehealth.models import Practice
from tests.factories import Office, book, make_office
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_owner, words_of
from tests.web.visitor import problem_of

PAGE = "/desk/video/waiting-room"
ENGLISH = "Make yourself comfortable.\n\nTea & a <b>blanket</b> help {{ 7 * 7 }}."
BOTH = {"waiting_words": ENGLISH, "waiting_words_spanish": "Póngase cómodo."}
TEN = at(10)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def room(office: Office, addresses: Addresses, clock: FakeClock) -> Any:
    booked = book(office, TEN, now=NOW)
    clock.instant = TEN - timedelta(minutes=5)
    return booked, addresses.join(booked.attendees[0]).removeprefix(addresses.base_url) + "/room"


@pytest.fixture
def owner(app: Flask, office: Office, room: Any) -> Staff:
    """Signed in while the room is open."""
    return as_owner(app, office)


def test_own_words_are_read_where_somebody_waits_in_their_language(
    owner: Staff, client: FlaskClient, room: Any, clock: FakeClock
) -> None:
    booked, path = room
    assert "While you wait" in words_of(client.get(path))
    assert "Words for the waiting room" in words_of(owner.get("/desk/video"))
    assert "Saved. Whoever waits next reads it." in owner.send(PAGE, BOTH)
    page = owner.get(PAGE).text
    assert "Tea &amp; a &lt;b&gt;blanket&lt;/b&gt; help {{ 7 * 7 }}.</textarea>" in page
    page = client.get(path).text
    assert "<p>Make yourself comfortable.</p><p>Tea &amp; a &lt;b&gt;blanket&lt;/b&gt; help {{ 7 * 7 }}.</p>" in page
    assert "data-calm" not in page
    change(booked.attendees[0].client, locale="es")
    assert "Póngase cómodo." in client.get(path).text
    assert "for the waiting room" in owner.read("/desk/changes")


def test_without_words_in_their_language_somebody_finds_a_calm_page(
    owner: Staff, client: FlaskClient, room: Any
) -> None:
    booked, path = room
    owner.send(PAGE, {**BOTH, "waiting_words_spanish": "  "})
    change(booked.attendees[0].client, locale="es-US")
    page = words_of(client.get(path))
    assert "Mientras espera" in page
    assert "Make yourself" not in page


def test_too_many_words_are_refused_and_kept_on_the_page(owner: Staff) -> None:
    page = owner.post(PAGE, {**BOTH, "waiting_words": "x" * (LONGEST_WAITING_WORDS + 1)})
    assert page.status_code == 422
    assert "please use at most 1,000" in problem_of(page)
    assert "Póngase cómodo." in page.text
    assert db.session.query(Practice.waiting_words).all() == [("",)]


def test_only_an_owner_chooses_them(app: Flask, office: Office) -> None:
    assert as_front_desk(app, office).get(PAGE).status_code == 403


def test_any_language_finds_those_nearest_to_it() -> None:
    practice = Practice(waiting_words="One\n\n two ", waiting_words_spanish="")
    assert find_waiting_words(practice, "en-GB") == find_waiting_words(practice, "fr") == ["One", "two"]
    assert find_waiting_words(practice, "es") == []
