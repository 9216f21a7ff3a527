"""Erasing a record at the desk: until when it is kept, asked for by one, agreed to by another, and gone."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.domain.words import Role
from telehealth.models import Client
from tests.factories import Office, book, make_client, make_contact, make_office, make_user
from tests.factories.rows import change
from tests.factories.users import PASSWORD
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_therapist, sign_in

LONG_AGO = NOW.replace(year=2018)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return sign_in(app, make_user(office.practice, Role.OWNER, password=PASSWORD))


@pytest.fixture
def ana(office: Office) -> Client:
    return change(make_client(office.practice, name="Ana Rivera", email="ana@example.com"), created_at=LONG_AGO)


def test_one_asks_another_agrees_and_it_is_gone(front_desk: Staff, owner: Staff, ana: Client) -> None:
    page = f"/desk/clients/{ana.public_id}"
    assert "Ana Rivera" in front_desk.read("/desk/clients/past-keeping")
    assert "Kept until November 23, 2025" in front_desk.read(f"{page}/erase")
    assert "Nothing is erased before it is agreed to." in front_desk.send(f"{page}/erase")
    assert "An owner has to agree." in front_desk.read(f"{page}/erase")
    agree = front_desk.get(f"{page}/erase").text.partition('/agree"')[0].rpartition('action="')[2]
    assert "one of them has to be an owner" in front_desk.send(f"{agree}/agree")
    said = owner.send(f"{agree}/agree")
    assert "The record was erased." in said
    assert "Erased client This record was erased on November 23, 2026" in said
    assert "Ana Rivera" not in owner.read("/desk/clients")
    assert "It was erased already." in owner.read(f"{page}/erase")


def test_it_is_kept_after_all(front_desk: Staff, owner: Staff, ana: Client) -> None:
    page = f"/desk/clients/{ana.public_id}"
    front_desk.post(f"{page}/erase")
    withdraw = front_desk.get(f"{page}/erase").text.partition('/withdraw"')[0].rpartition('action="')[2]
    assert "The record is kept." in owner.send(f"{withdraw}/withdraw")


def test_before_its_time_only_an_owner_with_a_reason(front_desk: Staff, owner: Staff, office: Office) -> None:
    young = make_client(office.practice, name="Ben Ito")
    change(young, born_on=date(2020, 1, 1))
    path = f"/desk/clients/{young.public_id}/erase"
    assert "Kept until January 1, 2041" in front_desk.read(path)
    assert "Ask for it" not in front_desk.read(path)
    assert "has to be kept until January 1, 2041" in front_desk.send(path, {"reason": "They asked."})
    refused = owner.post(path, {"reason": " "})
    assert refused.status_code == 422
    assert "Please say how and when the client asked for it." in refused.text
    assert "Asked for." in owner.send(path, {"reason": "By letter."})
    assert "“By letter.”" in front_desk.read(path)


def test_what_is_ahead_is_said(front_desk: Staff, office: Office) -> None:
    client = book(office, at(10), contact=make_contact()).attendees[0].client
    said = front_desk.read(f"/desk/clients/{client.public_id}/erase")
    assert "They have an appointment ahead. Please cancel it first." in said


def test_an_owner_decides_how_long(front_desk: Staff, owner: Staff) -> None:
    path = "/desk/clients/past-keeping"
    assert "Nobody" in front_desk.read(path)
    assert front_desk.post(path, {"kept_years": "5", "kept_years_of_minors": "3"}).status_code == 403
    refused = owner.post(path, {"kept_years": "0", "kept_years_of_minors": "x"})
    assert refused.status_code == 422
    assert 'value="x"' in refused.text
    assert (
        "Please choose from 1 to 50 years." in owner.post(path, {"kept_years": "0", "kept_years_of_minors": "1"}).text
    )
    assert "Records are kept 10 years" in owner.send(path, {"kept_years": "10", "kept_years_of_minors": "5"})


def test_therapists_neither_see_nor_do_it(app: Flask, office: Office, ana: Client) -> None:
    staff = as_therapist(app, office)
    path = f"/desk/clients/{ana.public_id}/erase"
    assert [staff.get(path).status_code, staff.post(path).status_code] == [403, 403]
    assert staff.get("/desk/clients/past-keeping").status_code == 403
