"""The page about what clients agree to before they meet by video, and noting an answer."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.consent.telehealth import READY_TEXTS
from telehealth.models import Practice, TelehealthConsent
from tests.factories import Office, book, make_contact, make_office
from tests.factories.rows import change
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, words_of

PAGE = "/desk/video/consent"
OTHER = {f"text_{language}": f"{text}\n\n# Parking\n\nBehind <b>us</b>." for language, text in READY_TEXTS.items()}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(practice={"asks_telehealth_consent": True})


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def test_a_practice_writes_its_own_words_and_reads_earlier_ones(owner: Staff, office: Office) -> None:
    assert PAGE in owner.get("/desk/video").text
    assert "the text that is ready for everybody" in owner.read(PAGE)
    assert "Saved as version 1. Nobody had answered it yet." in owner.send(PAGE, OTHER)
    assert "<b>us</b>" not in owner.get(PAGE).text
    who = book(office, at(10), contact=make_contact(name="Jane Doe"), now=NOW).attendees[0].client
    noted = {"answer": "agreed", "way": "paper", "signature": "Jane Doe", "answered_on": "2026-11-20"}
    assert "Noted, with your name." in owner.send(f"/desk/clients/{who.public_id}/video", noted)
    plain = {f"text_{language}": text for language, text in READY_TEXTS.items()}
    assert "Saved as version 2. Everybody is asked again, once." in owner.send(PAGE, plain)
    assert "Parking" in owner.read(f"{PAGE}?version=1")
    assert owner.get(f"{PAGE}?version=9").status_code == 404
    assert "Consent to video in English" in owner.read("/desk/changes")


def test_what_is_too_short_is_said_and_stays(owner: Staff) -> None:
    page = owner.post(PAGE, data={**OTHER, "text_es": "Sí"})
    assert page.status_code == 422
    assert "That is too short" in words_of(page)
    assert "Parking" in page.text


def test_asking_is_switched_off_and_on(owner: Staff, office: Office) -> None:
    for typed, kept in (({}, False), ({"is_asked": "y"}, True)):
        owner.send(f"{PAGE}/asking", typed)
        db.session.rollback()
        assert db.session.get_one(Practice, office.practice.id).asks_telehealth_consent is kept


def test_a_therapist_sees_how_it_stands_and_notes_what_was_said(app: Flask, office: Office) -> None:
    staff = as_therapist(app, office)
    made = book(office, at(10), contact=make_contact(name="Jane Doe"), now=NOW)
    page, video = f"/desk/appointments/{made.public_id}", f"/desk/clients/{made.attendees[0].client.public_id}/video"
    assert "Not agreed yet" in words_of(staff.get(page))
    assert "Jane Doe: Not agreed yet" in staff.get(f"{page}/whereabouts").text
    wrong = staff.post(video, {"answer": "agreed", "way": "voice", "signature": " ", "answered_on": "2030-01-01"})
    assert wrong.status_code == 422
    noted = {"answer": "agreed", "way": "voice", "signature": "Jane Doe", "answered_on": "2026-11-20"}
    assert staff.post(video, noted).status_code == 302
    assert "Consent of 2026-11-20, version 1" in words_of(staff.get(page))
    assert "Agreed to meet by video on 2026-11-20, version 1, by voice: Jane Doe" in words_of(staff.get(video))
    db.session.rollback()
    assert db.session.scalars(select(TelehealthConsent.user_id)).all() != [None]
    change(office.practice, asks_telehealth_consent=False)
    assert "version 1" not in words_of(staff.get(page))


def test_only_owners_write_the_text(app: Flask, office: Office) -> None:
    for staff in (as_therapist(app, office), as_front_desk(app, office)):
        assert staff.get(PAGE).status_code == 403


def test_a_new_practice_asks(owner: Staff) -> None:
    assert Practice.__table__.c.asks_telehealth_consent.default.arg is True
