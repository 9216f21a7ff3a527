"""What goes wrong at the desk is said in the desk's frame, to staff."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.domain.words import Role
from tests.factories import Office, make_office, make_user
from tests.factories.users import PASSWORD
from tests.fakes import FakeClock
from tests.web.staff import Staff, as_front_desk, sign_in, words_of

IDLE_LIMIT = timedelta(minutes=60)

FOR_CLIENTS = ("your latest message", "Your appointments", "call us")


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/desk/settings", 403, "Your role does not include this page It belongs to another role at Riverside"),
        ("GET", "/desk/nonsense", 404, "We could not find that It may have been removed a moment ago"),
        ("GET", "/desk/appointments/unknown", 404, "We could not find that"),
        ("GET", "/desk?therapist=unknown", 404, "We could not find that"),
        ("POST", "/desk/week", 405, "That address is only for sending a form"),
        ("POST", "/desk/time-off/unknown/remove", 404, "Choose a section above to see how things stand."),
    ],
)
def test_it_keeps_the_frame(front_desk: Staff, method: str, path: str, status: int, said: str) -> None:
    answer = front_desk.get(path) if method == "GET" else front_desk.post(path)
    assert answer.status_code == status
    words = words_of(answer)
    assert said in words
    assert not [sentence for sentence in FOR_CLIENTS if sentence in words]
    for part in ('action="/sign-out"', 'class="desk-nav"', 'href="/desk/hours"', "Robin Reed", 'href="/desk/account"'):
        assert part in answer.text, part
    assert "/desk/settings" not in answer.text


def test_a_form_without_its_token_keeps_the_frame(front_desk: Staff) -> None:
    answer = front_desk.browser.post("/desk/time-off/new", data={"first_day": "2026-12-21"})
    assert answer.status_code == 400
    assert "Go back, load the page once more and send the form again." in words_of(answer)
    assert 'class="desk-nav"' in answer.text


@pytest.mark.parametrize("path", ["/desk/nonsense", "/nonsense", "/desk/settings"])
def test_strangers_see_no_desk(client: FlaskClient, office: Office, path: str) -> None:
    page = client.get(path, follow_redirects=True).text
    assert "desk-nav" not in page
    assert office.practice.name not in page


def test_staff_away_from_the_desk_read_what_everybody_reads(front_desk: Staff) -> None:
    answer = front_desk.get("/nonsense/at/all")
    assert "Check the link in your latest message" in words_of(answer)
    assert "desk-nav" not in answer.text


def test_a_login_without_a_desk_gets_no_frame(app: Flask, office: Office) -> None:
    answer = sign_in(app, make_user(office.practice, Role.CLIENT, password=PASSWORD)).get("/desk")
    assert answer.status_code == 403
    assert "This page is not open to you" in words_of(answer)
    assert "desk-nav" not in answer.text


def test_a_sign_in_that_has_ended_shows_no_frame(front_desk: Staff, office: Office, clock: FakeClock) -> None:
    clock.advance(IDLE_LIMIT)
    for answer in (front_desk.browser.post("/desk/time-off/new"), front_desk.get("/desk/nonsense")):
        assert answer.status_code in {400, 404}
        assert "desk-nav" not in answer.text
        assert office.practice.name not in answer.text
