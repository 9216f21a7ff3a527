"""The first page."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.cli.demo.reading import PASSWORD as DEMO_PASSWORD
from telehealth.cli.demo.reading import list_logins
from telehealth.domain.words import Role
from tests.factories import make_office, make_practice, make_user
from tests.factories.users import PASSWORD
from tests.web.staff import sign_in, words_of


def test_the_only_practice_is_where_it_leads(client: FlaskClient) -> None:
    make_practice(slug="elm-street")
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/elm-street")


def test_of_several_practices_none_is_named(client: FlaskClient) -> None:
    make_practice(name="Elm Street")
    make_practice(name="Oak Lane")
    answer = client.get("/")
    assert answer.status_code == 200
    assert "Please use the address that your practice gave you." in words_of(answer)
    assert 'href="/sign-in"' in answer.text
    assert "Elm Street" not in answer.text


def test_without_a_practice_it_says_how_one_begins(client: FlaskClient) -> None:
    words = words_of(client.get("/"))
    assert "There is no practice here yet." in words
    assert "flask setup-link prints a link" in words


def test_on_the_own_machine_it_offers_both(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "starts_without_link", True)
    assert "Look at the demo practice" not in words_of(client.get("/"))
    make_practice(slug="demo", name="Juniper Street")
    answer = client.get("/")
    assert "Start your own practice" in words_of(answer)
    assert "Juniper Street has therapists" in words_of(answer)
    assert 'href="/start"' in answer.text
    assert 'href="/demo"' in answer.text
    assert {*(email for email, _ in list_logins()), DEMO_PASSWORD} <= set(re.findall("<code>(.+?)</code>", answer.text))
    make_practice(slug="elm", name="Elm Street")
    answer = client.get("/")
    assert "The practices on this machine: Elm Street Juniper Street" in words_of(answer)
    assert 'href="/elm"' in answer.text
    assert 'href="/start"' not in answer.text


@pytest.mark.parametrize(
    ("role", "leads_to"),
    [(Role.OWNER, "/desk"), (Role.THERAPIST, "/desk"), (Role.FRONT_DESK, "/desk"), (Role.CLIENT, "/elm")],
)
def test_staff_go_to_their_desk(app: Flask, client: FlaskClient, role: Role, leads_to: str) -> None:
    office = make_office(practice={"slug": "elm"})
    somebody = sign_in(app, make_user(office.practice, role, password=PASSWORD))
    assert somebody.get("/").headers["Location"] == leads_to


def test_a_page_that_is_not_there_leads_back_here(client: FlaskClient) -> None:
    answer = client.get("/nowhere/at/all")
    assert answer.status_code == 404
    assert '<a class="button button--primary" href="/">Go to the first page</a>' in answer.text
