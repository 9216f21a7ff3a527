"""Requests at the desk."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.domain.audit_words import Actor
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.words import AppointmentStatus, Approval
from telehealth.models import Appointment
from telehealth.services.appointments.approving import approve_request, expire_requests
from telehealth.web.desk.appointments.requests import IN_VIEW
from tests.factories import BY_STAFF, Office, book, make_client, make_contact, make_office, make_therapist
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_therapist, words_of

HOUR = timedelta(hours=1)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(service={"approval": Approval.ALWAYS, "approval_minutes": 20 * 60})


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


@pytest.fixture
def request_made(office: Office) -> Appointment:
    return book(office, at(10, days=2), contact=make_contact(name="Ana Rivera", timezone="America/New_York"))


def status_of(appointment: Appointment) -> AppointmentStatus:
    db.session.expire_all()
    return db.session.get_one(Appointment, appointment.id).status


def approve(appointment: Appointment) -> None:
    given = {"practice_id": appointment.practice_id, "appointment_id": appointment.id}
    approve_request(**given, by=BY_STAFF, now=NOW)


def test_nobody_waits(front_desk: Staff) -> None:
    assert "Nobody is waiting" in front_desk.read("/desk/requests")
    assert "Requests (" not in front_desk.get("/desk").text
    assert "for your answer" not in front_desk.read("/desk")


def test_many_are_a_line_each_after_the_first(front_desk: Staff, office: Office) -> None:
    for hour in range(9, 9 + IN_VIEW + 2):
        book(office, at(hour, days=2), contact=make_contact(name=f"Ana {hour}", phone=None))
    cards, line, rest = front_desk.get("/desk/requests").text.partition("<summary>2 more</summary>")
    assert line
    assert cards.count(">Approve ") == IN_VIEW
    assert rest.count(">Approve ") == 2
    assert "MST" in rest


def test_whoevers_time_runs_out_first_comes_first(front_desk: Staff, office: Office, request_made: Appointment) -> None:
    book(office, at(12, days=3), contact=make_contact(name="Ben Ito"), now=NOW - 2 * HOUR)
    words = front_desk.read("/desk/requests")
    assert words.index("Ben Ito") < words.index("Ana Rivera")
    assert "Tue, Nov 24 at 5:00 AM MST (20 hours left)" in words
    assert "in Colorado; for them Wed, Nov 25 at 12:00 PM EST" in words


def test_the_last_hour_is_said_in_minutes(
    app: Flask, office: Office, request_made: Appointment, clock: FakeClock
) -> None:
    clock.advance(19.5 * HOUR)
    assert "(30 minutes left)" in as_front_desk(app, office).read("/desk/requests")


def test_the_count_stands_on_every_page_and_on_today(front_desk: Staff, request_made: Appointment) -> None:
    assert "Requests (1)" in front_desk.get("/desk/week").text
    assert "1 request waits for your answer" in front_desk.read("/desk")


def test_approving_takes_one_tap(front_desk: Staff, request_made: Appointment) -> None:
    words = front_desk.send(f"/desk/requests/{request_made.public_id}/approve")
    assert "Approved: Ana Rivera. Everybody gets the invitation in 3 minutes." in words
    assert "Nobody is waiting" in words
    assert status_of(request_made) == AppointmentStatus.BOOKED
    assert "Approved by Robin Reed" in front_desk.read(f"/desk/appointments/{request_made.public_id}")


def test_declining_takes_a_few_words_along(front_desk: Staff, request_made: Appointment) -> None:
    page = f"/desk/requests/{request_made.public_id}/decline"
    assert "Decline this request?" in front_desk.read(page)
    words = front_desk.send(page, {"message": "We are full.\r\nTry Thursday."})
    assert "Declined. The client is told in 3 minutes" in words
    appointment = front_desk.read(f"/desk/appointments/{request_made.public_id}")
    assert "Written to the client: We are full. Try Thursday." in appointment
    assert "Declined by Robin Reed" in appointment


def test_a_message_that_is_too_long_is_kept_and_explained(front_desk: Staff, request_made: Appointment) -> None:
    answer = front_desk.post(f"/desk/requests/{request_made.public_id}/decline", {"message": "x" * 501})
    assert answer.status_code == 422
    assert "please use at most 500" in words_of(answer)
    assert "x" * 501 in answer.text
    assert status_of(request_made) == AppointmentStatus.PENDING


def test_the_second_answer_is_told_kindly(front_desk: Staff, request_made: Appointment) -> None:
    approve(request_made)
    already = "Somebody has approved this request already"
    assert already in front_desk.send(f"/desk/requests/{request_made.public_id}/approve")
    assert already in front_desk.send(f"/desk/requests/{request_made.public_id}/decline")
    assert already in front_desk.read(f"/desk/requests/{request_made.public_id}/decline")
    assert status_of(request_made) == AppointmentStatus.BOOKED


def test_a_request_out_of_time_is_closed(
    app: Flask, office: Office, request_made: Appointment, clock: FakeClock
) -> None:
    clock.advance(21 * HOUR)
    somebody = as_front_desk(app, office)
    assert "Nobody is waiting" in somebody.read("/desk/requests")
    words = somebody.send(f"/desk/requests/{request_made.public_id}/approve")
    assert "This request has been answered already" in words
    expire_requests(now=clock())
    db.session.rollback()
    assert "closed already" in somebody.send(f"/desk/requests/{request_made.public_id}/approve")


def test_a_request_out_of_time_offers_no_answer_on_its_page(
    app: Flask, office: Office, request_made: Appointment, clock: FakeClock
) -> None:
    clock.instant = request_made.expires_at or NOW
    words = as_front_desk(app, office).read(f"/desk/appointments/{request_made.public_id}")
    assert "Nobody answered this request in time" in words
    assert "This is a request" not in words


def test_the_page_of_a_request_answers_it_too(front_desk: Staff, request_made: Appointment) -> None:
    page = front_desk.get(f"/desk/appointments/{request_made.public_id}")
    assert "This is a request" in words_of(page)
    assert f"/desk/requests/{request_made.public_id}/approve" in page.text
    assert "Asked for by the client" in words_of(page)


def test_a_therapist_answers_their_own_only(app: Flask, office: Office, request_made: Appointment) -> None:
    colleague = make_therapist(office.practice, office.service, location=office.location)
    somebody = as_therapist(app, office, colleague)
    assert "Nobody is waiting" in somebody.read("/desk/requests")
    assert somebody.post(f"/desk/requests/{request_made.public_id}/approve").status_code == 404
    assert somebody.get(f"/desk/requests/{request_made.public_id}/decline").status_code == 404
    assert "Ana Rivera" in as_therapist(app, office).read("/desk/requests")


def test_the_audit_tells_from_where(front_desk: Staff, request_made: Appointment) -> None:
    front_desk.send(f"/desk/requests/{request_made.public_id}/approve")
    event = db.session.get_one(Appointment, request_made.id).events[-1]
    assert (event.action, event.actor, event.remote_address) == ("approved", Actor.STAFF, "127.0.0.1")
    assert "On a page, from 127.0.0.1" in front_desk.read(f"/desk/appointments/{request_made.public_id}")


def test_a_minor_for_whom_nobody_acts_is_approved_with_a_reason(app: Flask, office: Office) -> None:
    leo = make_client(office.practice, name="Leo Doe", email="leo@example.com")
    change(leo, born_on=date(2018, 5, 4))
    made = book(office, at(10, days=2), contact=make_contact(name=leo.name, email=leo.email))
    change(office.practice, when_minor=WhenMinor.REQUIRE)
    front_desk = as_front_desk(app, office)
    path = f"/desk/requests/{made.public_id}/approve"
    first = front_desk.post(path)
    assert first.status_code == 422
    assert "Approve without a guardian?" in words_of(first)
    assert f"/desk/clients/{leo.public_id}#companions" in first.text
    assert status_of(made) == AppointmentStatus.PENDING
    assert "or say why nobody has to" in words_of(front_desk.post(path, {"guardian_reason": " "}))
    front_desk.post(path, {"guardian_reason": "The court has said so."})
    assert status_of(made) == AppointmentStatus.BOOKED
    assert "for a minor for whom nobody acts on file" in front_desk.read(f"/desk/appointments/{made.public_id}")
