"""The box "Who is free?"."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.models import Therapist
from tests.factories import Office, book, make_contact, make_office, make_service, make_therapist
from tests.factories.rows import change
from tests.moments import at
from tests.web.staff import Staff, as_front_desk, as_therapist


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def colleague(office: Office) -> Therapist:
    found = make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")
    return change(found, languages=["English", "Spanish"])


@pytest.fixture
def desk(app: Flask, office: Office, colleague: Therapist) -> Staff:
    return as_front_desk(app, office)


def free_and_not(words: str) -> tuple[str, str]:
    free, _, others = words.partition(" Free ")[2].partition("Not free, and why")
    return free, others


def test_who_is_free_and_who_is_not_and_why(desk: Staff, office: Office) -> None:
    book(office, at(15), contact=make_contact(name="Ana Rivera"))
    words = desk.read("/desk/free?q=tomorrow+3pm")
    assert "Tuesday, November 24, 3:00 PM Mountain Time (MST)" in words
    assert "Taken as video, as nothing else was said; and a client in Colorado, where the practice is." in words
    free, others = free_and_not(words)
    assert "Sam Okafor" in free
    assert "Dana Rivera It overlaps another appointment of Dana Rivera, 3:00 PM to 3:50 PM MST." in others


def test_a_language_counts(desk: Staff) -> None:
    free, others = free_and_not(desk.read("/desk/free?q=tomorrow+3pm+spanish"))
    assert "Sam Okafor" in free
    assert "Dana Rivera Does not speak Spanish." in others


def test_one_click_leads_from_the_answer_to_whose_it_is(desk: Staff, colleague: Therapist) -> None:
    page = desk.get("/desk/free?q=tomorrow+3pm+okafor").text
    href = page.partition('button--secondary" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert f"who={colleague.public_id}" in href
    assert "start=20261124T2200Z" in href
    assert desk.get(href).status_code == 200


def test_what_could_be_two_things_is_asked(desk: Staff, office: Office) -> None:
    make_service(office.practice, name="Couples session")
    words = desk.read("/desk/free?q=tomorrow+at+3")
    assert "Is 3 in the morning or in the afternoon? tomorrow at 3am tomorrow at 3pm" in words
    assert "Which service is it for? tomorrow at 3 Individual session tomorrow at 3 Couples session" in words
    assert "Free " not in words.partition("Which service")[2]


def test_nothing_is_guessed_about_words_that_are_not_known(desk: Staff) -> None:
    words = desk.read("/desk/free?q=tomorrow+3pm+yoga+%3Cb%3E")
    assert "“yoga” is nothing we know here." in words
    assert " Free " not in words


def test_a_therapist_asks_about_themselves(app: Flask, office: Office, colleague: Therapist) -> None:
    words = as_therapist(app, office, colleague).read("/desk/free?q=tomorrow+3pm")
    assert "Sam Okafor" in words
    assert "Dana" not in words
    assert "nothing we know" in as_therapist(app, office).read("/desk/free?q=tomorrow+3pm+okafor")


@pytest.mark.parametrize("text", ["", "%00", "3", "tomorrow", "2027-03-14 2:30am", "x" * 500])
def test_anything_can_be_typed(desk: Staff, text: str) -> None:
    assert desk.get("/desk/free", query_string={"q": text}).status_code == 200


def test_the_box_is_on_every_page_of_the_desk(desk: Staff) -> None:
    for path in ("/desk", "/desk/clients", "/desk/schedule"):
        assert 'action="/desk/free"' in desk.get(path).text
