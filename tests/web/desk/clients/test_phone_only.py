"""A client without an e-mail address at the desk: from the setting to the appointment."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.models import Appointment, Task
from telehealth.queries.practice.clients import search_clients
from tests.factories import BY_STAFF, Office, book, cancel, make_contact, make_office
from tests.moments import at
from tests.web.staff import Staff, as_front_desk, as_owner, filled_in, words_of

PHONE = "+13035550123"
NEW = {"name": "Ana Rivera", "email": "", "phone": "303 555 0123", "timezone": "America/Denver", "locale": "en"}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(practice={"takes_phone_only": True}, therapist={"name": "Dana Rivera"})


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


def test_an_owner_lets_staff_enter_them(app: Flask, client: FlaskClient) -> None:
    office = make_office()
    owner = as_owner(app, office)
    assert "Please enter the e-mail address." in words_of(owner.post("/desk/clients/new", NEW))
    assert "Saved." in owner.send("/desk/settings/phone-only", {"takes_phone_only": "y"})
    assert filled_in(owner.get("/desk/settings").text)["takes_phone_only"] == ["y"]
    assert "Clients by phone only: from no → to yes" in owner.read("/desk/changes")
    assert "Ana Rivera is a client now." in owner.send("/desk/clients/new", NEW)
    owner.send("/desk/settings/phone-only", {})
    assert owner.post("/desk/clients/new", {**NEW, "name": "Ben Ito"}).status_code == 422


def test_only_owners_decide_it(front_desk: Staff) -> None:
    assert front_desk.post("/desk/settings/phone-only", {"takes_phone_only": "y"}).status_code == 403


def test_their_pages_show_no_address(front_desk: Staff, office: Office) -> None:
    contact = make_contact(name="Ana Rivera", email="", phone=PHONE, wants_texts=False)
    made = book(office, at(10, days=1), contact=contact, by=BY_STAFF)
    client = made.attendees[0].client
    for page in (
        f"clients/{client.public_id}",
        f"appointments/{made.public_id}",
        f"clients/{client.public_id}/contact",
    ):
        answer = front_desk.get(f"/desk/{page}")
        assert answer.status_code == 200
        assert "mailto:" not in answer.text.partition("<main")[2].partition("</main>")[0]
    assert "E-mail None" in front_desk.read(f"/desk/clients/{client.public_id}")
    assert "No e-mail" in front_desk.read("/desk/clients")
    assert "Ana Rivera,,(303) 555-0123" in front_desk.get("/desk/clients/file").get_data(as_text=True)
    cancel(made, by=BY_STAFF)
    task = db.session.scalars(select(Task)).one()
    words = front_desk.read(f"/desk/tasks/{task.public_id}")
    assert "take no texts" in words
    assert "or e-mail" not in words


def test_they_are_booked_again_under_their_number(front_desk: Staff, office: Office) -> None:
    front_desk.send("/desk/clients/new", NEW)
    (known,) = search_clients(office.practice.id)
    asked = {
        "service": office.service.public_id,
        "who": office.therapist.public_id,
        "mode": "virtual",
        "state": "CO",
        "client": known.public_id,
        "start": "20261124T1700Z",
    }
    path = f"/desk/book/details?{urlencode(asked)}"
    page = front_desk.get(path)
    assert "No e-mail address: only texts" in words_of(page)
    form = {name: values[0] for name, values in filled_in(page.text).items()}
    answer = front_desk.post(path, {**form, "name-0": known.name, "email-0": "", "phone-0": "303 555 0188"})
    assert answer.status_code == 422
    assert "They are known by their number." in words_of(answer)
    assert front_desk.post(path, {**form, "name-0": known.name, "email-0": ""}).status_code == 302
    made = db.session.scalars(select(Appointment)).one()
    assert made.attendees[0].client_id == known.id


def test_their_own_pages_promise_no_e_mail(client: FlaskClient, office: Office, addresses: Addresses) -> None:
    for wants_texts, says in ((False, "You get no messages from us."), (True, "Stop texts")):
        contact = make_contact(name="Ana Rivera", email="", phone=PHONE, wants_texts=wants_texts)
        made = book(office, at(10 if wants_texts else 12, days=1), contact=contact, by=BY_STAFF)
        manage = addresses.manage(made.attendees[0]).removeprefix(addresses.base_url)
        pages = [words_of(client.get(each)) for each in (manage, f"{manage}/texts")]
        assert any(says in each for each in pages)
        assert not any("e-mail only" in each or "E-mail about" in each for each in pages)


def test_whoever_books_online_needs_an_address_as_before(client: FlaskClient, office: Office) -> None:
    body = {
        "service": office.service.public_id,
        "start": "2026-11-24T17:00:00Z",
        "mode": "virtual",
        "client": {
            "name": "Ana Rivera",
            "email": "",
            "phone": PHONE,
            "timezone": "America/Denver",
            "jurisdiction": "CO",
        },
    }
    answer = client.post(f"/api/v1/practices/{office.practice.slug}/appointments", json=body)
    assert answer.status_code == 422
    assert "client.email" in answer.text
