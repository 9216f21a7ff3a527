"""Face-to-face time on the page of an appointment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.domain.words import Role
from telehealth.models import Appointment
from tests.factories import Office, book, make_contact, make_office, make_user
from tests.factories.calls import make_visit
from tests.factories.users import PASSWORD
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_therapist, sign_in, words_of

STARTS = at(10)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def appointment(office: Office, clock: FakeClock) -> Appointment:
    booked = book(office, STARTS, contact=make_contact(name="Jane Doe"), now=NOW)
    clock.instant = STARTS + timedelta(hours=1)
    return booked


@pytest.fixture
def staff(app: Flask, office: Office, appointment: Appointment) -> Staff:
    return as_therapist(app, office)


def url(appointment: Appointment) -> str:
    return f"/desk/appointments/{appointment.public_id}"


def was_inside(appointment: Appointment) -> None:
    (jane,) = appointment.attendees
    make_visit(appointment, -2, 53)
    make_visit(appointment, 1, 20, seat=jane, name="Jane")
    make_visit(appointment, 22, 51, seat=jane, name="Jane")


def test_the_page_says_who_was_there_and_how_long_they_met(staff: Staff, appointment: Appointment) -> None:
    was_inside(appointment)
    words = staff.read(url(appointment))
    assert "48 minutes, from 10:01 AM to 10:51 AM, with 1 gap" in words
    assert "Dana (therapist): 9:58 AM to 10:53 AM" in words
    assert "Jane (client): 10:01 AM to 10:20 AM, 10:22 AM to 10:51 AM" in words
    assert "Times are in Mountain time" in words.replace("Mountain Time", "Mountain time")


def test_before_it_begins_nothing_is_said(staff: Staff, appointment: Appointment, clock: FakeClock) -> None:
    clock.instant = STARTS - timedelta(hours=1)
    assert "Face to face" not in staff.read(url(appointment))


def test_where_nothing_is_known_staff_say_it(staff: Staff, appointment: Appointment) -> None:
    assert "Nothing is known" in staff.read(url(appointment))
    typed = {"met_from": "10:03", "met_until": "10:50"}
    assert staff.post(f"{url(appointment)}/met", typed).status_code == 303
    words = staff.read(url(appointment))
    assert "47 minutes, from 10:03 AM to 10:50 AM Said by staff" in words
    assert "Face-to-face time put right by" in words
    assert "As counted → From Tue, Nov 24 at 10:03 AM MST As counted → Until Tue, Nov 24 at 10:50 AM MST" in words


def test_what_is_wrong_is_said_and_what_was_typed_stays(staff: Staff, appointment: Appointment) -> None:
    was_inside(appointment)
    for typed, sentence in (
        ({"met_from": "10:03", "met_until": "10:50"}, "why the counted time is not right"),
        ({"met_from": "", "met_until": "10:50", "met_reason": "Phone"}, "Please choose a time."),
        ({"met_from": "10:50", "met_until": "10:03", "met_reason": "Phone"}, "longer than 12 hours"),
        ({"met_from": "10:03", "met_until": "11:30", "met_reason": "Phone"}, "still to come"),
    ):
        refused = staff.post(f"{url(appointment)}/met", typed)
        assert refused.status_code == 422
        assert sentence in words_of(refused)
        assert f'value="{typed["met_until"]}"' in refused.text
    assert "Said by staff" not in staff.read(url(appointment))


def test_what_staff_said_is_taken_back(staff: Staff, appointment: Appointment) -> None:
    was_inside(appointment)
    typed = {"met_from": "10:03", "met_until": "10:50", "met_reason": "By phone"}
    staff.post(f"{url(appointment)}/met", typed)
    assert "our room counted 48 minutes" in staff.read(url(appointment))
    staff.post(f"{url(appointment)}/met", {"as_counted": "y"})
    words = staff.read(url(appointment))
    assert "48 minutes, from 10:01 AM" in words
    assert "Said by staff" not in words


def test_a_session_over_midnight(app: Flask, office: Office, clock: FakeClock) -> None:
    late = book(office, at(16), contact=make_contact(name="Late Doe"), now=NOW)
    clock.instant = at(16) + timedelta(hours=2)
    staff = as_front_desk(app, office)
    staff.post(f"{url(late)}/met", {"met_from": "16:00", "met_until": "17:05"})
    assert "65 minutes, from 4:00 PM to 5:05 PM" in staff.read(url(late))


def test_billers_read_it_and_say_nothing(app: Flask, office: Office, appointment: Appointment) -> None:
    was_inside(appointment)
    biller = sign_in(app, make_user(office.practice, Role.BILLER, password=PASSWORD))
    words = biller.read(url(appointment))
    assert "48 minutes, from 10:01 AM to 10:51 AM" in words
    assert "put it right" not in words
    assert biller.post(f"{url(appointment)}/met", {"met_from": "10:03", "met_until": "10:50"}).status_code == 403
