"""Who acts for a client, at the desk."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.models import Client
from tests.factories import Office, make_client, make_companion, make_office
from tests.web.staff import Staff, as_front_desk, as_therapist

MARIA = {"name": "Maria Doe", "relationship": "parent", "email": "", "phone": "(720) 555-0142", "locale": "es"}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


@pytest.fixture
def leo(office: Office) -> Client:
    return make_client(office.practice, name="Leo Doe")


def test_they_are_added_shown_changed_and_ended(front_desk: Staff, leo: Client) -> None:
    page = f"/desk/clients/{leo.public_id}"
    assert "Nobody. A parent or guardian" in front_desk.read(page)
    front_desk.post(f"{page}/companions/new", MARIA)
    words = front_desk.read(page)
    assert re.search(r"Maria Doe ?, parent \(720\) 555-0142", words), words
    one = f"{page}/companions/{leo.companions[0].public_id}"
    assert 'value="+17205550142"' in front_desk.get(one).text
    front_desk.post(one, {**MARIA, "relationship": "guardian", "email": "maria@example.com"})
    words = front_desk.read(page)
    assert re.search(r"Maria Doe ?, guardian \(720\) 555-0142 ?, maria@example.com", words), words
    front_desk.post(f"{one}/end", {})
    assert "Nobody. A parent or guardian" in front_desk.read(page)
    assert front_desk.get(one).status_code == 404


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("relationship", ""), ("phone", "12"), ("phone", "")])
def test_what_cannot_be_kept_is_said_and_nothing_typed_is_lost(
    front_desk: Staff, leo: Client, field: str, value: str
) -> None:
    typed = {**MARIA, "name": "Maria Doe-Quill", field: value}
    answer = front_desk.post(f"/desk/clients/{leo.public_id}/companions/new", typed)
    assert answer.status_code == 422
    said = "email" if (field, value) == ("phone", "") else field
    assert f'href="#{said}"' in answer.text
    assert "Maria Doe-Quill" in answer.text or field == "name"
    assert "(720) 555-0142" in answer.text or field == "phone"


def test_the_desk_finds_a_client_by_them(front_desk: Staff, leo: Client) -> None:
    make_companion(leo, name="Zoë Quill", phone="+17205550142")
    for text in ("zoe", "7205550142"):
        assert "Leo Doe" in front_desk.read(f"/desk/clients?q={text}")


def test_a_colleagues_client_is_not_found(app: Flask, office: Office, leo: Client) -> None:
    assert as_therapist(app, office).get(f"/desk/clients/{leo.public_id}/companions/new").status_code == 404
