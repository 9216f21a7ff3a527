"""Asking the clients of one appointment to choose another time, from its page."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.models import Appointment
from telehealth.services.appointments.asking import ask_to_move
from tests.factories import BY_STAFF, Office, book, make_contact, make_group_office, make_office
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_therapist, words_of

ASKED = "Asked to choose another time"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def therapist(app: Flask, office: Office) -> Staff:
    return as_therapist(app, office)


@pytest.fixture
def made(office: Office) -> Appointment:
    return book(office, at(10), contact=make_contact(name="Ana Rivera", email="ana@example.com"))


def page_of(appointment: Appointment, more: str = "") -> str:
    return f"/desk/appointments/{appointment.public_id}{more}"


def again(appointment: Appointment) -> Appointment:
    db.session.rollback()
    return db.session.get_one(Appointment, appointment.id, populate_existing=True)


def test_looked_at_before_anybody_is_told(therapist: Staff, made: Appointment) -> None:
    assert "Ask to choose another time" in words_of(therapist.get(page_of(made)))
    words = words_of(therapist.get(page_of(made, "/ask")))
    assert "Ana Rivera gets one message in 3 minutes, by text or e-mail as usual" in words
    assert "Dana Rivera and of others who may see them" in words
    assert again(made).asked_to_move_at is None


def test_asked_marked_everywhere_and_taken_back(therapist: Staff, made: Appointment) -> None:
    answer = therapist.post(page_of(made, "/ask"), {"reason": "Water in the office"})
    assert answer.status_code == 302
    page = words_of(therapist.get(page_of(made)))
    assert "Ana Rivera will be asked to choose another time in 3 minutes." in page
    assert f"{ASKED} Asked Mon, Nov 23" in page
    assert "Asked to choose another time by" in page, "in what happened"
    assert "Reason: Water in the office" in page
    assert "They said they will come" not in page
    assert ASKED in words_of(therapist.get("/desk"))
    assert ASKED in words_of(therapist.get("/desk/schedule?day=2026-11-24"))
    assert "They cannot be asked" in words_of(therapist.get(page_of(made, "/ask")))
    therapist.post(page_of(made, "/keep"))
    page = words_of(therapist.get(page_of(made)))
    assert "It takes place at its time." in page
    assert "Kept at its time after all by" in page
    assert again(made).asked_to_move_at is None


def test_what_is_over_and_was_not_kept_is_cancelled_and_not_missed(
    app: Flask, office: Office, made: Appointment, clock: FakeClock
) -> None:
    ask_to_move(practice_id=made.practice_id, appointment_id=made.id, by=BY_STAFF, now=NOW)
    clock.advance(at(12) - NOW)
    therapist = as_therapist(app, office)
    words = words_of(therapist.get("/desk"))
    assert "1 session needs a mark" in words
    assert "Took place" in words
    assert "Did not come" not in words
    assert "Cancel this appointment" in words_of(therapist.get(page_of(made)))
    assert therapist.post(page_of(made, "/cancel"), {"reason": ""}).status_code == 302
    assert again(made).status == "cancelled"


def test_a_group_is_not_asked(app: Flask, client: FlaskClient) -> None:
    group = make_group_office()
    seated = book(group, at(10, days=8))
    staff = as_front_desk(app, group)
    assert "Ask to choose another time" not in words_of(staff.get(page_of(seated)))
    assert "They cannot be asked" in words_of(staff.get(page_of(seated, "/ask")))
    staff.post(page_of(seated, "/ask"))
    assert "A group meets at its own times" in words_of(staff.get(page_of(seated)))


def test_a_therapist_asks_only_their_own(app: Flask, made: Appointment, office: Office) -> None:
    other = make_office(practice={"slug": "elm-two"})
    stranger = as_therapist(app, other)
    for method in (stranger.get, stranger.post):
        assert method(page_of(made, "/ask")).status_code == 404
    assert stranger.post(page_of(made, "/keep")).status_code == 404


def test_a_reason_that_is_too_long_is_kept_and_said(therapist: Staff, made: Appointment) -> None:
    answer = therapist.post(page_of(made, "/ask"), {"reason": "x" * 501})
    assert answer.status_code == 422
    assert "x" * 501 in answer.text
    assert again(made).asked_to_move_at is None


def test_keeping_what_is_off_changes_nothing(therapist: Staff, made: Appointment) -> None:
    therapist.post(page_of(made, "/cancel"), {"reason": ""})
    therapist.post(page_of(made, "/keep"))
    assert "nothing was changed" in words_of(therapist.get(page_of(made)))
