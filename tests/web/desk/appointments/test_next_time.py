"""From a session to the next one, and a known client with everything filled in."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from telehealth.database import db
from telehealth.domain.words import Mode
from telehealth.models import Appointment, Attendee, Client
from tests.factories import (
    Office,
    book,
    cancel,
    make_contact,
    make_group_office,
    make_office,
    make_service,
    make_therapist,
)
from tests.moments import at
from tests.web.staff import Staff, as_front_desk, as_therapist, filled_in


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def desk(app: Flask, office: Office) -> Staff:
    make_service(office.practice, name="Couples session")
    make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")
    return as_front_desk(app, office)


@pytest.fixture
def last(office: Office) -> Appointment:
    return book(office, at(15), contact=make_contact(name="Ana Rivera"))


def link(staff: Staff, path: str, text: str) -> str:
    """Where a link of a page leads."""
    found = re.search(rf'href="([^"]*)"[^>]*>\s*{text}', staff.get(path).text)
    assert found is not None, (path, text)
    return unescape(found[1])


def test_a_known_client_is_booked_with_four_clicks(desk: Staff, last: Appointment) -> None:
    client = link(desk, "/desk/clients", "Ana Rivera")
    times = link(desk, client, "New appointment</a></div>")
    page = desk.get(times)
    assert "Filled in from their last session." in page.text
    slot = re.search(r'class="slot" href="([^"]*)"', page.text)
    assert slot is not None
    details = desk.get(unescape(slot[1]))
    form = {name: values[0] for name, values in filled_in(details.text).items()}
    answer = desk.post(unescape(slot[1]), form)
    assert answer.status_code == 302, answer.text
    assert db.session.scalar(select(func.count()).select_from(Appointment)) == 2
    made = db.session.scalars(select(Appointment).order_by(Appointment.id.desc())).first()
    assert made is not None
    assert (made.therapist_id, made.service_id, made.mode) == (last.therapist_id, last.service_id, Mode.VIRTUAL)
    assert made.attendees[0].client_id == last.attendees[0].client_id


def test_what_the_address_says_counts_more_than_the_last_time(desk: Staff, office: Office, last: Appointment) -> None:
    client = last.attendees[0].client.public_id
    filled = filled_in(desk.get(f"/desk/book?client={client}&mode=in_person").text)
    assert filled["mode"][0] == "in_person"
    assert filled["service"][0] == office.service.public_id
    assert filled_in(desk.get(f"/desk/book?client={client}&ask=1&service=").text).get("service") is None


def test_what_was_cancelled_fills_in_nothing(desk: Staff, last: Appointment) -> None:
    cancel(last)
    assert "Filled in" not in desk.read(f"/desk/book?client={last.attendees[0].client.public_id}")


def test_a_colleagues_client_is_not_found(app: Flask, office: Office, last: Appointment) -> None:
    stranger = make_therapist(office.practice, office.service, location=office.location, name="Kim")
    staff = as_therapist(app, office, stranger)
    assert staff.get(f"/desk/book?client={last.attendees[0].client.public_id}").status_code == 404
    assert staff.get(f"/desk/series/new?after={last.public_id}").status_code == 404


def test_the_same_time_next_week_is_two_clicks_away(desk: Staff, last: Appointment) -> None:
    path = link(desk, f"/desk/appointments/{last.public_id}", "Same time next week")
    answer = desk.get(path)
    assert answer.location.startswith("/desk/book/details?")
    page = desk.get(answer.location)
    assert "Tuesday, December 1" in page.text
    assert filled_in(page.text)["name-0"] == ["Ana Rivera"]


def test_another_time_shows_the_week_after(desk: Staff, last: Appointment) -> None:
    assert "November 30 to December 6, 2026" in desk.read(
        link(desk, f"/desk/appointments/{last.public_id}", "Another time").partition("#")[0]
    )


def test_the_same_time_every_week_is_filled_in(desk: Staff, last: Appointment) -> None:
    path = link(desk, f"/desk/appointments/{last.public_id}", "Same time every week")
    filled = filled_in(desk.get(path).text)
    assert (filled["starts_on"], filled["local_time"]) == (["2026-12-01"], ["15:00"])
    assert filled["giver"] == [last.therapist.public_id]
    form = {name: values[0] for name, values in filled.items()}
    words = desk.send("/desk/series/preview", form)
    assert "Ana Rivera" in words
    assert "Tuesdays at 3:00 PM" in words


def test_a_group_has_no_next_one(app: Flask, client: FlaskClient) -> None:
    group = make_group_office()
    seats = book(group, at(15), contact=make_contact(name="Uma"))
    staff = as_front_desk(app, group)
    assert "The next one" not in staff.read(f"/desk/appointments/{seats.public_id}")
    assert staff.get(f"/desk/series/new?after={seats.public_id}").status_code == 404


def test_showing_times_goes_to_the_times(desk: Staff, last: Appointment) -> None:
    assert 'action="/desk/book#times"' in desk.get("/desk/book").text
    path = f"/desk/appointments/{last.public_id}/move"
    assert f'action="{path}#times"' in desk.get(path).text


def test_an_appointment_is_moved_with_four_clicks_from_the_list(desk: Staff, last: Appointment) -> None:
    times = link(desk, link(desk, "/desk", "Ana Rivera"), "Move")
    slot = re.search(r'class="slot" href="([^"]*)"', desk.get(times).text)
    assert slot is not None
    assert desk.post(unescape(slot[1])).status_code == 302
    moved = db.session.get_one(Appointment, last.id)
    db.session.refresh(moved)
    assert moved.starts_at != at(15)
    assert db.session.scalar(select(func.count()).select_from(Attendee)) == 1
    assert db.session.scalar(select(func.count()).select_from(Client)) == 1
