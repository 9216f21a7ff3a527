"""Finding clients: the same answers, in the same order, on every database."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from telehealth.domain.audit_words import Actor
from telehealth.queries.practice.clients import search_clients
from telehealth.services.audit import ActedBy
from telehealth.services.consent.contact_correcting import RightContact, correct_contact
from telehealth.services.consent.contact_preferences import ContactPreferences, change_contact_preferences
from tests.factories import Office, book, make_client, make_contact, make_office
from tests.moments import NOW, at

BY = ActedBy(Actor.STAFF)
PEOPLE = {
    "José García": ("jose.g@example.com", "+13035550101"),
    "Sinéad O’Brien": ("sob@example.com", "+13035550102"),
    "Nguyễn Thị Ánh": ("anh@example.org", "+442079460958"),
    "Mary Ann Smith-Jones": ("mary@example.com", None),
    "Élodie Josephs": ("elodie@example.com", "+13035559999"),
    "100%_sure": ("sure@example.com", None),
}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    office = make_office()
    for name, (email, phone) in PEOPLE.items():
        make_client(office.practice, name=name, email=email, phone=phone)
    return office


def found(office: Office, text: str) -> list[str]:
    return [each.name for each in search_clients(office.practice.id, text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("jose", ["José García", "Élodie Josephs"]),
        ("JOSÉ", ["José García", "Élodie Josephs"]),
        ("garcia jose", ["José García"]),
        ("obrien", ["Sinéad O’Brien"]),
        ("o'brien", ["Sinéad O’Brien"]),
        ("nguyen", ["Nguyễn Thị Ánh"]),
        ("maryann", ["Mary Ann Smith-Jones"]),
        ("smith jones", ["Mary Ann Smith-Jones"]),
        ("smith-jones", ["Mary Ann Smith-Jones"]),
        ("jose.g@", ["José García"]),
        ("555-01", ["José García", "Sinéad O’Brien"]),
        ("(303) 555-0102", ["Sinéad O’Brien"]),
        ("+1 303.555.0102", ["Sinéad O’Brien"]),
        ("0102", ["Sinéad O’Brien"]),
        ("020 7946 0958", ["Nguyễn Thị Ánh"]),
        ("0044 (0)20 7946 0958", ["Nguyễn Thị Ánh"]),
        ("jose 303 555 01", ["José García"]),
        ("1%sure", []),
        ("1__ sure", ["100%_sure"]),
        ("%", []),
        ("nobody", []),
    ],
)
def test_who_is_found(office: Office, text: str, names: list[str]) -> None:
    assert found(office, text) == names


def test_everybody_stands_by_folded_name(office: Office) -> None:
    names = ["100%_sure", "Élodie Josephs", "José García", "Mary Ann Smith-Jones", "Nguyễn Thị Ánh", "Sinéad O’Brien"]
    assert found(office, "") == names


def test_whose_name_begins_like_this_stands_first(client: FlaskClient) -> None:
    office = make_office()
    for name in ("Bertann Roe", "Zoe Ann", "Ann Zimmer"):
        make_client(office.practice, name=name)
    assert found(office, "ann") == ["Ann Zimmer", "Zoe Ann", "Bertann Roe"]


def test_a_number_typed_for_an_appointment_finds_too(office: Office) -> None:
    contact = make_contact(name="José García", email="jose.g@example.com", phone="+13035557777")
    book(office, at(10), contact=contact)
    assert found(office, "7777") == ["José García"]
    assert search_clients(make_office().practice.id, "7777") == []


def test_what_is_put_right_is_found(office: Office) -> None:
    (jose,) = search_clients(office.practice.id, "garcia")
    wish = RightContact("pepe@example.net", "303 555 4444")
    about = {"practice_id": office.practice.id, "client_public_id": jose.public_id, "by": BY, "now": NOW}
    correct_contact(wish=wish, **about)
    assert found(office, "pepe@") == found(office, "5554444") == ["José García"]
    assert found(office, "jose.g@") == []
    change_contact_preferences(wish=ContactPreferences("es", safe_phone="303 555 8888"), **about)
    assert found(office, "8888") == ["José García"]
