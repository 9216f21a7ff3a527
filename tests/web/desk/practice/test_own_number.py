"""Proving the number for alerts on the page of one's account."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.models import NumberCode
from tests.factories import Office, make_office
from tests.web.staff import as_front_desk, as_owner

ACCOUNT = "/desk/account"
UNPROVED = "This number is not proved yet"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


def test_a_code_and_it_is_theirs(app: Flask, office: Office, addresses: Addresses) -> None:
    who = as_front_desk(app, office)
    assert UNPROVED not in who.read(ACCOUNT)
    assert "Please give a number first." in who.send(f"{ACCOUNT}/alerts/code", {})
    who.send(f"{ACCOUNT}/alerts", {"phone": "(303) 555-0140"})
    assert UNPROVED in who.read(ACCOUNT)
    assert "We texted you a code." in who.send(f"{ACCOUNT}/alerts/code", {})
    assert "This is not the code that we texted last." in who.send(f"{ACCOUNT}/alerts/proof", {"code": "12"})
    made = db.session.scalars(select(NumberCode)).one()
    assert made.network is None
    right = addresses.number_code(made.public_id)
    assert "You are texted at this number from now on." in who.send(f"{ACCOUNT}/alerts/proof", {"code": right})
    assert UNPROVED not in who.read(ACCOUNT)
    changes = as_owner(app, office).read("/desk/changes")
    assert "Number for alerts is proved to be theirs: from no → to yes" in changes


def test_too_many(app: Flask, office: Office, addresses: Addresses) -> None:
    who = as_front_desk(app, office)
    who.send(f"{ACCOUNT}/alerts", {"phone": "(303) 555-0140"})
    who.send(f"{ACCOUNT}/alerts/code", {})
    made = db.session.scalars(select(NumberCode)).one()
    for _ in range(4):
        who.send(f"{ACCOUNT}/alerts/proof", {"code": "x"})
    assert "too many tries" in who.send(f"{ACCOUNT}/alerts/proof", {"code": "x"})
    assert "too many tries" in who.send(f"{ACCOUNT}/alerts/proof", {"code": addresses.number_code(made.public_id)})
    assert UNPROVED in who.read(ACCOUNT)
