"""A client who is entered before anything is booked."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from telehealth.database import db
from telehealth.models import Client, PracticeEvent
from tests.factories import Office, book, make_contact, make_office
from tests.moments import at
from tests.web.staff import Staff, as_front_desk, as_therapist, words_of

ANA = {
    "name": "Ana Rivera",
    "email": "ana@example.com",
    "phone": "(303) 555-0101",
    "timezone": "America/Denver",
    "locale": "es",
}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


def test_somebody_is_written_down_and_found_when_they_book(front_desk: Staff, office: Office) -> None:
    answer = front_desk.post("/desk/clients/new", ANA)
    made = db.session.scalars(select(Client)).one()
    assert answer.location == f"/desk/clients/{made.public_id}"
    assert (made.phone, made.locale, made.known_at is not None) == ("+13035550101", "es", True)
    assert "Ana Rivera" in front_desk.read("/desk/clients?q=rivera")
    assert db.session.scalars(select(PracticeEvent)).one().name == "Ana Rivera"
    seat = book(office, at(10), contact=make_contact(name="Ana Rivera", email="ana@example.com")).attendees[0]
    assert seat.client_id == made.id


def test_nobody_becomes_two_and_nothing_typed_is_lost(front_desk: Staff) -> None:
    front_desk.post("/desk/clients/new", ANA)
    again = front_desk.post("/desk/clients/new", {**ANA, "name": "ana rivera"})
    assert again.status_code == 422
    assert "There is a client of this name and address already." in words_of(again)
    wrong = front_desk.post("/desk/clients/new", {**ANA, "email": "ana@", "phone": "12"})
    assert wrong.status_code == 422
    assert 'value="ana@"' in wrong.text
    assert db.session.scalar(select(func.count()).select_from(Client)) == 1


def test_a_therapist_adds_nobody(app: Flask, office: Office) -> None:
    assert as_therapist(app, office).get("/desk/clients/new").status_code in {403, 404}
