"""A name that was mistyped, put right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.contact import make_match_key
from telehealth.domain.errors import InvalidInput
from telehealth.models import Appointment, Attendee, Client, PracticeEvent
from telehealth.queries.practice.clients import find_twin, search_clients
from telehealth.services.consent.contact_correcting import RightContact, correct_contact
from tests.factories import BY_STAFF, Office, book, make_contact, make_office, make_series, wait
from tests.moments import NOW, at

JAN = {"name": "Jan Deo", "email": "jane@example.com", "phone": "+13035550123"}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def booked(office: Office) -> Appointment:
    return book(office, at(10, days=3), contact=make_contact(**JAN))


def correct(seat: Attendee, name: str | None, email: str = JAN["email"]) -> Client:
    return correct_contact(
        practice_id=seat.practice_id,
        client_public_id=seat.client.public_id,
        wish=RightContact(email, JAN["phone"], name),
        by=BY_STAFF,
        now=NOW,
    )


def test_the_name_is_right_on_file_and_ahead_and_finds_them_again(office: Office, booked: Appointment) -> None:
    past = book(office, at(10, days=-4), contact=make_contact(**JAN), now=NOW - timedelta(days=10))
    series = make_series(office, contacts=[make_contact(**JAN)], count=2)
    entry = wait(office, contact=make_contact(**JAN))
    found = correct(booked.attendees[0], "Jane Doe")
    db.session.expire_all()
    assert found.match_key == make_match_key("Jane Doe", JAN["email"], None)
    assert [found.name, booked.attendees[0].name, series.members[0].name, entry.name] == ["Jane Doe"] * 4
    assert past.attendees[0].name == "Jan Deo"
    assert [each.name for each in search_clients(office.practice.id, "doe")] == ["Jane Doe"]
    again = book(office, at(14, days=4), contact=make_contact(**{**JAN, "name": "Jane Doe"}))
    assert again.attendees[0].client_id == found.id


def test_nobody_is_told_of_a_name_and_no_link_ends(booked: Appointment) -> None:
    correct(booked.attendees[0], "Jane Doe")
    db.session.expire_all()
    assert (booked.attendees[0].links_version, booked.attendees[0].client.links_version) == (0, 0)


def test_it_is_written_down_with_what_it_was(booked: Appointment) -> None:
    correct(booked.attendees[0], "Jane Doe")
    line = db.session.scalars(select(PracticeEvent).order_by(PracticeEvent.id.desc())).first()
    assert line is not None
    assert (line.details["before"], line.details["after"]) == ({"name": "Jan Deo"}, {"name": "Jane Doe"})


def test_what_is_right_changes_nothing(booked: Appointment) -> None:
    correct(booked.attendees[0], None)
    correct(booked.attendees[0], JAN["name"])
    assert db.session.scalars(select(PracticeEvent)).all() == []


@pytest.mark.parametrize("name", ["", "!!", "Visit www.example.com"])
def test_what_is_no_name_is_refused(booked: Appointment, name: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        correct(booked.attendees[0], name)
    assert "name" in refusal.value.fields


def test_two_records_stay_two_and_say_so(office: Office, booked: Appointment) -> None:
    other = book(office, at(14, days=3), contact=make_contact(**{**JAN, "name": "Jane Doe"})).attendees[0].client
    found = correct(booked.attendees[0], "Jane Doe")
    assert found.match_key != other.match_key
    twin = find_twin(found)
    assert twin is not None
    assert twin.id == other.id
