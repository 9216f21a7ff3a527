"""Staff answer a request from the link in their e-mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import Actor, Via
from telehealth.domain.words import AppointmentStatus, Approval, Mode
from telehealth.models import Appointment, AppointmentEvent
from telehealth.services.appointments.approving import decline_request, expire_requests
from telehealth.services.appointments.cancelling import cancel_appointment
from telehealth.services.audit import ActedBy
from tests.discretion import NUMBERS
from tests.factories import Office, book, make_contact, make_office
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import words_of
from tests.web.visitor import form_of, problem_of, read

TEN = at(10, days=3)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(service={"approval": Approval.ALWAYS})


@pytest.fixture
def asked(office: Office) -> Appointment:
    return book(office, TEN, contact=make_contact(timezone="America/New_York"))


def path_of(addresses: Addresses, appointment: Appointment) -> str:
    return addresses.answer(appointment.public_id).removeprefix(addresses.base_url)


@pytest.fixture
def path(addresses: Addresses, asked: Appointment) -> str:
    return path_of(addresses, asked)


def press(client: FlaskClient, path: str, answer: str, **typed: str) -> TestResponse:
    fields = form_of(client.get(path)).fields
    return client.post(path, data={**fields, "do": answer, **typed})


def status_of(database: Any) -> AppointmentStatus:
    database.rollback()
    status: AppointmentStatus = database.scalar(select(Appointment.status))
    return status


def of(appointment: Appointment) -> dict[str, int]:
    return {"practice_id": appointment.practice_id, "appointment_id": appointment.id}


def test_shows_who_when_and_how_and_until_when(client: FlaskClient, path: str) -> None:
    words = words_of(client.get(path))
    assert (
        "A request for an appointment Please answer by Wed, Nov 25 at 9:00 AM MST . The time is kept until then."
        in words
    )
    assert "Who J. D. When Thursday, November 26, 2026, 10:00 AM Mountain Time (MST), 50 minutes" in words
    assert "That is Thursday, November 26, 12:00 PM Eastern Time (EST)" in words
    assert "How By video With Dana Rivera" in words


def test_in_person_says_where(client: FlaskClient, office: Office, addresses: Addresses) -> None:
    words = words_of(client.get(path_of(addresses, book(office, TEN, mode=Mode.IN_PERSON))))
    assert "How In person Where Main Street office" in words


def test_is_discreet_and_kept_out_of_search_engines(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert 'name="robots" content="noindex, nofollow"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    for word in ("Jane", "jane-", "Individual session", "therap", "LPC", "Counseling", *NUMBERS):
        assert word not in answer.text


def test_looking_answers_nothing(client: FlaskClient, path: str, database: Any) -> None:
    for _ in range(2):
        client.get(path)
    assert status_of(database) == AppointmentStatus.PENDING
    assert client.get(f"{path}?do=approve").status_code == 200
    assert status_of(database) == AppointmentStatus.PENDING


def test_a_yes_books_it(client: FlaskClient, path: str, database: Any) -> None:
    assert press(client, path, "approve").location == path
    assert status_of(database) == AppointmentStatus.BOOKED
    page = client.get(path)
    assert "It is booked" in words_of(page)
    assert read(page).forms == []
    event = database.scalars(select(AppointmentEvent).order_by(AppointmentEvent.id.desc())).first()
    assert (event.action, event.actor, event.via, event.user_id) == ("approved", Actor.STAFF, Via.LINK, None)


def test_a_no_frees_the_time_and_passes_the_words_on(client: FlaskClient, path: str, database: Any) -> None:
    press(client, path, "decline", message="We are full\r\nuntil May.")
    assert status_of(database) == AppointmentStatus.CANCELLED
    assert database.scalar(select(Appointment.answer)) == "We are full until May."
    assert "The request was declined The client is told, and the time is free again." in words_of(client.get(path))


@pytest.mark.parametrize("message", ["x" * 501, "a\0b"])
def test_words_that_cannot_be_kept_come_back(client: FlaskClient, path: str, database: Any, message: str) -> None:
    answer = press(client, path, "decline", message=message)
    assert answer.status_code == 422
    assert "lease use" in problem_of(answer)
    assert message in answer.text
    assert status_of(database) == AppointmentStatus.PENDING


def test_another_button_answers_nothing(client: FlaskClient, path: str, database: Any) -> None:
    assert press(client, path, "perhaps").location == path
    assert status_of(database) == AppointmentStatus.PENDING


def test_of_two_answers_the_first_one_counts(client: FlaskClient, path: str, database: Any) -> None:
    fields = form_of(client.get(path)).fields
    client.post(path, data={**fields, "do": "approve"})
    late = client.post(path, data={**fields, "do": "decline", "message": "No"})
    words = words_of(client.get(late.location))
    assert "It is booked Somebody was faster It had been answered before. Nothing was changed." in words
    assert status_of(database) == AppointmentStatus.BOOKED


@pytest.mark.parametrize(("button", "said"), [("approve", "It is booked"), ("decline", "The request was declined")])
def test_a_button_pressed_twice_is_no_race(client: FlaskClient, path: str, button: str, said: str) -> None:
    fields = form_of(client.get(path)).fields
    for _ in range(2):
        answer = client.post(path, data={**fields, "do": button})
    words = words_of(client.get(answer.location))
    assert said in words
    assert "Somebody was faster" not in words


def test_answered_at_the_desk_meanwhile(client: FlaskClient, path: str, asked: Appointment) -> None:
    decline_request(**of(asked), by=ActedBy(Actor.STAFF), now=NOW)
    assert "The request was declined" in words_of(client.get(path))


def test_taken_back_meanwhile(client: FlaskClient, path: str, asked: Appointment) -> None:
    fields = form_of(client.get(path)).fields
    cancel_appointment(**of(asked), by=ActedBy(Actor.CLIENT), now=NOW)
    assert "The request was taken back" in words_of(client.get(path))
    late = client.post(path, data={**fields, "do": "approve"})
    assert "Nothing was changed." in words_of(client.get(late.location))


def test_too_late(client: FlaskClient, path: str, clock: FakeClock, database: Any) -> None:
    fields = form_of(client.get(path)).fields
    clock.advance(timedelta(hours=48))
    assert "Nobody answered in time" in words_of(client.get(path))
    client.post(path, data={**fields, "do": "approve"})
    assert status_of(database) == AppointmentStatus.PENDING
    expire_requests(now=clock.instant)
    assert "Nobody answered in time" in words_of(client.get(path))


def test_after_the_yes_a_cancellation_shows_the_yes(client: FlaskClient, path: str, asked: Appointment) -> None:
    press(client, path, "approve")
    cancel_appointment(**of(asked), by=ActedBy(Actor.CLIENT), now=NOW)
    assert "It was cancelled since" in words_of(client.get(path))


def test_a_form_without_its_token_comes_back(client: FlaskClient, path: str, database: Any) -> None:
    answer = client.post(path, data={"do": "decline", "message": "We are full."})
    assert answer.status_code == 422
    assert "Nothing is answered yet." in problem_of(answer)
    assert "We are full." in answer.text
    assert status_of(database) == AppointmentStatus.PENDING


@pytest.mark.parametrize("token", ["x", "a.b", "\0", "ü", "x" * 3_000, "AAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA"])
def test_guessed_links(client: FlaskClient, asked: Appointment, token: str) -> None:
    assert client.get(f"/a/{token}").status_code == 404
    assert client.post(f"/a/{token}").status_code == 404


def test_the_clients_link_answers_nothing(client: FlaskClient, addresses: Addresses, asked: Appointment) -> None:
    manage = addresses.manage(asked.attendees[0]).removeprefix(addresses.base_url)
    assert client.get(manage.replace("/m/", "/a/")).status_code == 404
