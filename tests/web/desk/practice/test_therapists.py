"""Who can be booked, as the owner sets it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.queries.practice.practices import list_therapists
from tests.factories import Office, book, make_office, make_therapist
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def test_somebody_leaves_and_comes_back(owner: Staff, office: Office) -> None:
    book(office)
    make_therapist(office.practice, office.service, name="Sam Okafor")
    words = owner.read("/desk/therapists")
    assert "Dana Rivera LPC. 1 appointment ahead" in words
    assert "Sam Okafor LPC. Nothing booked ahead" in words
    address = f"/desk/therapists/{office.therapist.public_id}"
    asked = owner.read(f"{address}/end")
    assert "Nothing is cancelled. Hand it over to colleagues" in asked
    assert [each.name for each in list_therapists(office.practice.id)] == ["Dana Rivera", "Sam Okafor"]
    words = owner.send(f"{address}/end")
    assert "Dana Rivera is not offered any more." in words
    assert "Not offered any more Dana Rivera 1 appointment ahead" in words
    assert [each.name for each in list_therapists(office.practice.id)] == ["Sam Okafor"]
    assert "Dana Rivera can be booked again." in owner.send(f"{address}/reopen")
    changes = owner.read("/desk/changes")
    assert "Therapist: Dana Rivera" in changes
    assert "Opened again" in changes


def test_when_nobody_is_left_the_page_says_so(owner: Staff, office: Office) -> None:
    words = owner.send(f"/desk/therapists/{office.therapist.public_id}/end")
    assert "Nobody can be booked" in words


def test_whoever_left_cannot_sign_in_and_is_not_on_the_practices_page(app: Flask, office: Office, owner: Staff) -> None:
    dana = as_therapist(app, office)
    assert "Dana Rivera" in app.test_client().get(f"/{office.practice.slug}").text
    owner.send(f"/desk/therapists/{office.therapist.public_id}/end")
    assert dana.get("/desk/week").status_code == 302
    assert "Dana Rivera" not in app.test_client().get(f"/{office.practice.slug}").text


def test_only_owners_decide_it(app: Flask, office: Office) -> None:
    for staff in (as_front_desk(app, office), as_therapist(app, office)):
        assert staff.get("/desk/therapists").status_code == 403
        assert staff.post(f"/desk/therapists/{office.therapist.public_id}/end").status_code == 403


def test_another_practices_therapist_is_not_there(owner: Staff) -> None:
    other = make_office()
    assert owner.get(f"/desk/therapists/{other.therapist.public_id}/end").status_code == 404
    assert owner.post(f"/desk/therapists/{other.therapist.public_id}/end").status_code == 404
