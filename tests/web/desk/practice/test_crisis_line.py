"""The page about a practice's own number for crises."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.models import Practice
from tests.factories import Office, make_office
from tests.web.staff import Staff, as_owner, as_therapist

PAGE = "/desk/video/crisis"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def kept(office: Office) -> tuple[str | None, str]:
    db.session.rollback()
    practice = db.session.get_one(Practice, office.practice.id)
    return practice.crisis_phone, practice.crisis_about


def test_a_number_is_kept_shown_and_given_up_on_record(owner: Staff, office: Office) -> None:
    assert PAGE in owner.get("/desk/video").text
    typed = {"crisis_phone": "(303) 555-0142", "crisis_about": "A counsellor of ours, day and night"}
    assert "Saved. Clients find it from now on." in owner.send(PAGE, typed)
    assert kept(office) == ("+13035550142", typed["crisis_about"])
    assert "Call (303) 555-0142" in owner.read(PAGE)
    assert "Number for crises" in owner.read("/desk/changes")
    owner.send(PAGE, {"crisis_phone": "", "crisis_about": "Nobody"})
    assert kept(office) == (None, "")


def test_what_is_wrong_is_said_and_stays(owner: Staff, office: Office) -> None:
    page = owner.post(PAGE, data={"crisis_phone": "12", "crisis_about": "Day and night"})
    assert page.status_code == 422
    assert 'value="Day and night"' in page.text
    assert 'href="#crisis_phone"' in page.text
    assert kept(office) == (None, "")


def test_only_owners_set_it(app: Flask, office: Office) -> None:
    assert as_therapist(app, office).get(PAGE).status_code == 403
