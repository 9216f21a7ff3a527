"""Asking to be called, at the door of the virtual room."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.links import Signed
from telehealth.models import Appointment, Attendee, Task
from tests.factories import Office, book, make_office
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import as_front_desk, words_of
from tests.web.visitor import form_of, read

TEN = at(10)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def appointment(office: Office, clock: FakeClock) -> Appointment:
    booked = book(office, TEN, now=NOW - timedelta(days=1))
    clock.instant = TEN
    return booked


@pytest.fixture
def door(appointment: Appointment, addresses: Addresses) -> str:
    return f"/j/{addresses.token(LinkPurpose.JOIN, Signed(appointment.attendees[0].public_id))}"


def send(client: FlaskClient, door: str, **typed: str) -> Any:
    fields = form_of(client.get(f"{door}/call")).fields
    return client.post(f"{door}/call", data={**fields, **typed}, follow_redirects=True)


def phones(database: Session) -> list[str | None]:
    database.rollback()
    return list(database.scalars(select(Attendee.call_phone).order_by(Attendee.id)))


def test_the_door_and_the_room_lead_there(client: FlaskClient, door: str) -> None:
    assert read(client.get(door)).links["Call me instead"] == f"{door}/call"
    assert f'href="{door}/call"' in client.get(f"{door}/room").text


def test_the_number_of_the_seat_is_offered_by_its_end_alone(client: FlaskClient, database: Session, door: str) -> None:
    page = client.get(f"{door}/call")
    assert "Leave this empty, and we call the number ending in 0123." in words_of(page)
    assert "5550123" not in page.text
    words = words_of(send(client, door))
    assert "We call the number ending in 0123" in words
    assert "Call us at (303) 555-0100" in words
    assert phones(database) == ["+13035550123"]


def test_another_number_and_a_second_press(client: FlaskClient, database: Session, door: str) -> None:
    assert "We call the number ending in 0188" in words_of(send(client, door, phone="303 555 0188"))
    send(client, door, phone="303 555 0188")
    assert phones(database) == ["+13035550188"]
    assert len(database.scalars(select(Task)).all()) == 1


def test_a_safe_number_is_neither_shown_nor_called_unasked(
    client: FlaskClient, database: Session, door: str, appointment: Appointment
) -> None:
    change(appointment.attendees[0].client, safe_phone="+13035550199")
    assert "ending in" not in words_of(client.get(f"{door}/call"))
    answer = send(client, door)
    assert answer.status_code == 422
    assert phones(database) == [None]


def test_what_is_no_number_stays_in_the_field(client: FlaskClient, database: Session, door: str) -> None:
    answer = send(client, door, phone="303 555")
    assert answer.status_code == 422
    assert 'value="303 555"' in answer.text
    assert phones(database) == [None]


def test_at_another_time_the_door_says_what_is(
    client: FlaskClient, database: Session, door: str, clock: FakeClock
) -> None:
    fields = form_of(client.get(f"{door}/call")).fields
    for moment in (at(9), at(12)):
        clock.instant = moment
        assert client.get(f"{door}/call").location == door
        assert client.post(f"{door}/call", data=fields).location == door
    assert phones(database) == [None]


def test_the_desk_reads_whom_to_call_where(app: Flask, client: FlaskClient, office: Office, door: str) -> None:
    send(client, door, phone="303 555 0188")
    staff = as_front_desk(app, office)
    words = staff.read("/desk/tasks")
    assert "Asks to be called" in words
    assert "(303) 555-0188" in words
    task = read(staff.get("/desk/tasks")).links["Look at it Jane Doe"]
    assert "Please call them now Video does not work for them" in staff.read(task)
    assert "Call (303) 555-0188" in staff.read(task)
