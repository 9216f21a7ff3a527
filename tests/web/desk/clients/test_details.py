"""What staff keep of a client, at the desk; and what the booking page says to whom it keeps from booking."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.domain.client_facts import Booking
from telehealth.models import Client
from tests.factories import Office, make_client, make_office
from tests.factories.rows import change
from tests.web.staff import Staff, as_front_desk, as_therapist, words_of
from tests.web.visitor import TYPED, Visitor, problem_of

FILLED = {
    "born_on": "1990-05-12",
    "pronouns": "she/her",
    "tags": "school, interpreter",
    "emergency_contact": "Ben Ito, brother",
    "desk_note": "Needs a room without stairs.",
    "may_book": "blocked",
}
SHOWN = ("Born May 12, 1990", "she/her", "school, interpreter", "Ben Ito, brother", "without stairs", "Do not book")


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


@pytest.fixture
def ana(office: Office) -> Client:
    return make_client(office.practice, name=TYPED["name"], email=TYPED["email"])


def test_it_is_kept_and_shown(front_desk: Staff, ana: Client) -> None:
    page = f"/desk/clients/{ana.public_id}"
    front_desk.post(f"{page}/details", FILLED)
    words = front_desk.read(page)
    assert [each for each in SHOWN if each not in words] == []
    form = front_desk.get(f"{page}/details").text
    assert 'value="1990-05-12"' in form
    assert 'value="school, interpreter"' in form
    assert "Do not book" in front_desk.read(f"/desk/book?client={ana.public_id}")


@pytest.mark.parametrize(("field", "value"), [("born_on", "1990"), ("born_on", "2190-01-01"), ("may_book", "never")])
def test_what_cannot_be_kept_is_said_and_nothing_typed_is_lost(
    front_desk: Staff, ana: Client, field: str, value: str
) -> None:
    answer = front_desk.post(f"/desk/clients/{ana.public_id}/details", {**FILLED, field: value})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert "Needs a room without stairs." in answer.text


def test_a_colleagues_client_is_not_found(app: Flask, office: Office, ana: Client) -> None:
    assert as_therapist(app, office).get(f"/desk/clients/{ana.public_id}/details").status_code == 404


def test_the_booking_page_asks_them_to_call(client: FlaskClient, office: Office, ana: Client) -> None:
    change(ana, may_book=Booking.BY_PHONE)
    visitor = Visitor(client, office)
    answer = visitor.send(visitor.send(visitor.details(), "Review", **TYPED), "Confirm appointment")
    said = "We would like to arrange this with you ourselves, so nothing was booked. Please call us at"
    assert said in problem_of(answer)
    assert TYPED["email"] in answer.text
    assert "blocked" not in words_of(answer)
