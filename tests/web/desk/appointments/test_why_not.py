"""Why not this slot?"""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.domain.words import Mode
from tests.factories import (
    Office,
    add_override,
    add_time_off,
    book,
    make_location,
    make_office,
    make_service,
    make_therapist,
)
from tests.web.staff import Staff, as_front_desk, as_therapist, filled_in, words_of


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


def ask(office: Office, **given: str) -> str:
    usual = {
        "service": office.service.public_id,
        "who": office.therapist.public_id,
        "mode": Mode.VIRTUAL.value,
        "state": "CO",
        "day": "2026-11-24",
        "time": "10:00",
        "ask": "1",
    }
    return "/desk/why-not?" + urlencode({**usual, **given})


def test_the_empty_form_asks_nothing_yet(front_desk: Staff) -> None:
    words = front_desk.read("/desk/why-not")
    assert "Name a time" in words
    assert "Please choose" not in words


def test_what_is_free_can_be_booked(front_desk: Staff, office: Office) -> None:
    page = front_desk.get(ask(office))
    assert "Dana Rivera: this can be booked" in words_of(page)
    assert "/desk/book/details?" in page.text
    assert "start=20261124T1700Z" in page.text


def test_what_is_taken_says_when_the_other_one_is(front_desk: Staff, office: Office) -> None:
    book(office)
    words = front_desk.read(ask(office, time="10:30"))
    assert "It overlaps another appointment of Dana Rivera, 10:00 AM to 10:50 AM MST." in words
    assert "Book it all the same, with Dana Rivera" in words


def test_everything_in_the_way_is_listed(front_desk: Staff, office: Office) -> None:
    add_time_off(office.therapist, datetime(2026, 11, 24), datetime(2026, 11, 25))
    words = front_desk.read(ask(office, time="20:00", state="UT"))
    assert "It is outside Dana Rivera's hours." in words
    assert "Dana Rivera is away then." in words
    assert "Dana Rivera has no authority to practise in Utah on that date." in words


def test_everybody_is_looked_at_who_is_free_first(front_desk: Staff, office: Office) -> None:
    make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")
    make_therapist(office.practice, name="Unrelated Person")
    book(office)
    words = front_desk.read(ask(office, who="any"))
    assert words.index("Sam Okafor: this can be booked") < words.index("It overlaps another appointment of Dana Rivera")
    assert "Unrelated Person" not in words.partition("Another question")[0]


def test_what_nobody_can_set_aside_is_not_offered(front_desk: Staff, office: Office) -> None:
    other = make_service(office.practice, name="Supervision")
    make_therapist(office.practice, office.service, name="Sam Okafor")
    words = front_desk.read(ask(office, service=other.public_id))
    assert "Dana Rivera does not give this service, or not in this way." in words
    assert "Book it all the same" not in words
    assert "Nobody gives this service in this way." in front_desk.read(ask(office, service=other.public_id, who="any"))


def test_in_person_the_places_clock_counts(front_desk: Staff, office: Office) -> None:
    far = make_location(office.practice, name="Far office", timezone="America/New_York")
    page = front_desk.read(ask(office, mode="in_person", place=far.public_id))
    assert "Tuesday, November 24, 10:00 AM Eastern Time (EST)" in page
    near = front_desk.read(ask(office, mode="in_person", place=office.location.public_id))
    assert "this can be booked" in near


def test_what_was_typed_stays(front_desk: Staff, office: Office) -> None:
    page = front_desk.get(ask(office, mode="", state="", day="nonsense", time="25:00"))
    words = words_of(page)
    for sentence in ("Please choose how to meet.", "Please choose a date.", "Please choose a time."):
        assert sentence in words
    assert 'value="nonsense"' in page.text
    assert filled_in(page.text)["who"] == [office.therapist.public_id]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"service": "nonsense"}, "Please choose a service."),
        ({"state": "XX"}, "Please choose the state the client will be in"),
        ({"mode": "telepathy"}, "Please choose how to meet."),
        ({"day": "1066-10-14"}, "Please check the year of this date."),
        ({"day": "2027-03-14", "time": "02:30"}, "Clocks jump over this time on that date."),
    ],
)
def test_what_cannot_be_answered_is_explained(
    front_desk: Staff, office: Office, given: dict[str, str], sentence: str
) -> None:
    assert sentence in front_desk.read(ask(office, **given))


def test_in_person_needs_one_of_several_places(front_desk: Staff, office: Office) -> None:
    make_location(office.practice, name="Far office")
    assert "Please choose where to meet." in front_desk.read(ask(office, mode="in_person", state=""))


def test_a_service_is_not_given_in_every_way(front_desk: Staff, office: Office) -> None:
    by_phone = make_service(office.practice, name="Call", modes=["phone"])
    assert "This service is not given that way." in front_desk.read(ask(office, service=by_phone.public_id))


@pytest.mark.parametrize("start", ["20261124T1700", "20261399T9900Z", "x" * 200, "20261124T1700Z\0"])
def test_a_start_that_is_none_is_not_taken(front_desk: Staff, office: Office, start: str) -> None:
    assert "Please choose a date." in front_desk.read(ask(office, start=start, day="", time=""))


def test_a_start_in_the_address_fills_the_form(front_desk: Staff, office: Office) -> None:
    page = front_desk.get(ask(office, start="20261124T1700Z", day="", time=""))
    assert filled_in(page.text)["day"] == ["2026-11-24"]
    assert filled_in(page.text)["time"] == ["10:00"]


def test_a_therapist_asks_about_themselves(app: Flask, office: Office) -> None:
    make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")
    somebody = as_therapist(app, office)
    assert "Sam Okafor" not in somebody.read(ask(office, who="any"))
    assert "Dana Rivera: this can be booked" in somebody.read(ask(office, who="any"))


def test_a_closed_date_is_outside_hours(front_desk: Staff, office: Office) -> None:
    add_override(office.therapist, date(2026, 11, 24), None, None)
    assert "It is outside Dana Rivera's hours." in front_desk.read(ask(office))
