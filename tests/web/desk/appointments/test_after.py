"""How did it go? After the room, on To do, on Today and on the page of an appointment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Attendee
from telehealth.services.appointments.not_coming import propose_no_shows
from tests.factories import Office, book, make_contact, make_couple_office, make_office
from tests.factories.calls import make_visit
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_therapist

STARTS = at(10)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def appointment(office: Office, clock: FakeClock) -> Appointment:
    booked = book(office, STARTS, contact=make_contact(name="Jane Doe"), now=NOW)
    clock.instant = STARTS + timedelta(minutes=55)
    return booked


@pytest.fixture
def staff(app: Flask, office: Office, appointment: Appointment) -> Staff:
    return as_therapist(app, office)


def status_of(appointment: Appointment) -> AppointmentStatus:
    db.session.rollback()
    return db.session.get_one(Appointment, appointment.id).status


def after(appointment: Appointment) -> str:
    return f"/desk/appointments/{appointment.public_id}/after"


def set_status_url(appointment: Appointment) -> str:
    return f"/desk/appointments/{appointment.public_id}/status"


def test_one_tap_says_that_it_took_place(staff: Staff, appointment: Appointment) -> None:
    (jane,) = appointment.attendees
    make_visit(appointment, 0, 50)
    make_visit(appointment, 1, 49, seat=jane, name="Jane")
    change(jane, status=AppointmentStatus.ARRIVED)
    change(appointment, status=AppointmentStatus.ARRIVED)
    page = staff.get(after(appointment)).text
    assert f'value="fulfilled {jane.public_id}"' in page
    assert "Face to face: 48 minutes" in staff.read(after(appointment))
    told = staff.post(set_status_url(appointment), {"status": f"fulfilled {jane.public_id}", "from_after": "1"})
    assert told.location.endswith(after(appointment))
    assert status_of(appointment) == AppointmentStatus.FULFILLED
    assert "Everything is marked. Thank you." in staff.read(after(appointment))


def test_the_part_for_the_room_is_only_a_part(staff: Staff, appointment: Appointment) -> None:
    page = staff.get(f"{after(appointment)}?part=1")
    assert "<html" not in page.text
    assert 'name="csrf_token"' in page.text


def test_before_it_begins_nothing_is_asked(staff: Staff, appointment: Appointment, clock: FakeClock) -> None:
    clock.instant = STARTS - timedelta(minutes=5)
    words = staff.read(after(appointment))
    assert "It has not begun" in words
    assert "Did not come" not in words


def test_each_of_a_couple_is_marked_alone(app: Flask, client: FlaskClient, clock: FakeClock) -> None:
    couple = make_couple_office()
    others = [make_contact(name="Ben Doe", email="ben@example.com")]
    made = book(couple, STARTS, contact=make_contact(name="Jane Doe"), others=others, now=NOW)
    clock.instant = STARTS + timedelta(minutes=55)
    jane, ben = made.attendees
    desk = as_front_desk(app, couple)
    desk.post(set_status_url(made), {"status": f"fulfilled {jane.public_id}", "from_after": "1"})
    desk.post(set_status_url(made), {"status": f"noshow {ben.public_id}", "from_after": "1"})
    db.session.rollback()
    assert [each.status for each in db.session.query(Attendee).order_by(Attendee.id)] == ["fulfilled", "noshow"]
    assert status_of(made) == AppointmentStatus.FULFILLED


@pytest.mark.parametrize(("page", "name"), [("/desk", "today"), ("/desk/tasks", "tasks")])
def test_who_never_came_is_proposed_and_marked_or_put_away(
    staff: Staff, appointment: Appointment, page: str, name: str
) -> None:
    make_visit(appointment, 0, 50)
    assert propose_no_shows(now=STARTS + timedelta(minutes=55)) == 1
    assert "1 client never came" in staff.read(page)
    assert "1 client who never came" in staff.read("/desk")
    assert "1 client never came" in staff.read(f"/desk/appointments/{appointment.public_id}")
    (jane,) = appointment.attendees
    away = f"/desk/appointments/{appointment.public_id}/absence/away"
    assert staff.post(f"{away}?seat=unknown").status_code == 404
    told = staff.post(f"{away}?seat={jane.public_id}", {f"from_{name}": "1"})
    assert told.location.endswith(page)
    words = staff.read(page)
    assert "Put away. Nothing was marked." in words
    assert "never came" not in words
    assert status_of(appointment) == AppointmentStatus.BOOKED


def test_a_press_accepts_it(staff: Staff, appointment: Appointment) -> None:
    make_visit(appointment, 0, 50)
    propose_no_shows(now=STARTS + timedelta(minutes=55))
    (jane,) = appointment.attendees
    told = staff.post(set_status_url(appointment), {"status": f"noshow {jane.public_id}", "from_tasks": "1"})
    assert told.location.endswith("/desk/tasks")
    assert status_of(appointment) == AppointmentStatus.NOSHOW
    assert "never came" not in staff.read("/desk/tasks")
