"""Whoever opens a link that was ended reads what happened and whom to call; nothing else happens."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import Purpose
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Attendee, Client
from tests.factories import Office, book, make_contact, make_couple_office, make_office, make_therapist, wait
from tests.moments import at
from tests.web.staff import Staff, as_front_desk, as_therapist, words_of
from tests.web.visitor import form_of

EMAIL = "jane@example.com"
ENDED = "This link was ended by the practice"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(practice={"sender_name": "Elm Street", "phone": "+13035550100"})


@pytest.fixture
def booked(office: Office) -> Appointment:
    return book(office, at(10), contact=make_contact(email=EMAIL))


@pytest.fixture
def desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


def path_of(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def test_the_page_says_what_happened_and_whom_to_call(
    client: FlaskClient, office: Office, booked: Appointment, desk: Staff, addresses: Addresses, database: Session
) -> None:
    seat = booked.attendees[0]
    entry = wait(office, contact=make_contact(email=EMAIL))
    paths = [
        path_of(addresses.manage(seat)),
        path_of(addresses.manage(seat)) + "/cancel",
        path_of(addresses.manage(seat)) + "/appointment.ics",
        path_of(addresses.join(seat)),
        path_of(addresses.wait(entry)),
        path_of(addresses.unsubscribe(seat.client, Purpose.OFFERS)),
    ]
    assert all(client.get(path).status_code == 200 for path in paths)
    words = desk.send(f"/desk/clients/{seat.client.public_id}/links/end")
    assert "Every link that was sent is ended." in words
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 410, path
        said = words_of(answer)
        assert ENDED in said
        assert "Your appointments are not affected." in said
        assert "open the link in your latest message, or call Elm Street at (303) 555-0100." in said
        assert "Jane" not in said


def test_a_form_that_was_open_cancels_nothing_any_more(
    client: FlaskClient, booked: Appointment, desk: Staff, addresses: Addresses, database: Session
) -> None:
    path = path_of(addresses.manage(booked.attendees[0])) + "/cancel"
    fields = form_of(client.get(path)).fields
    words = desk.send(f"/desk/appointments/{booked.public_id}/links/end")
    assert "The links to this appointment are ended." in words
    assert "Links ended" in words
    assert client.post(path, data=fields).status_code == 410
    assert client.post(path, data={}).status_code == 410, "without a form's token, too"
    database.rollback()
    assert database.scalars(select(Appointment.status)).one() == AppointmentStatus.BOOKED


def test_of_a_couple_each_has_a_button(
    app: Flask, client: FlaskClient, addresses: Addresses, database: Session
) -> None:
    office = make_couple_office()
    both = book(office, at(10), others=(make_contact(name="Sam Lee", email="sam@example.com"),))
    desk = as_front_desk(app, office)
    words = desk.read(f"/desk/appointments/{both.public_id}")
    assert words.count("End their links") == 2
    first, second = (path_of(addresses.manage(each)) for each in both.attendees)
    desk.send(f"/desk/appointments/{both.public_id}/links/end?seat={both.attendees[1].public_id}")
    assert [client.get(each).status_code for each in (first, second)] == [200, 410]
    desk.send(f"/desk/appointments/{both.public_id}/links/end")
    assert client.get(first).status_code == 410


def test_a_mistyped_address_is_corrected_at_the_desk(
    client: FlaskClient, booked: Appointment, desk: Staff, addresses: Addresses, database: Session
) -> None:
    seat = booked.attendees[0]
    path, page = path_of(addresses.manage(seat)), f"/desk/clients/{seat.client.public_id}/contact"
    assert f'value="{seat.email}"' in desk.get(page).text
    refused = desk.post(f"{page}/correct", {"email": "jane@", "phone": ""})
    assert refused.status_code == 422
    assert 'value="jane@"' in refused.text
    assert "links that went elsewhere are ended" in desk.send(f"{page}/correct", {"email": "jo@example.com"})
    assert client.get(path).status_code == 410
    database.rollback()
    assert database.scalars(select(Client.email)).one() == "jo@example.com"
    history = words_of(desk.get(f"/desk/appointments/{booked.public_id}"))
    assert "Contact changed" in history
    assert "Links ended" in history


def test_a_therapist_ends_only_their_own(app: Flask, office: Office, booked: Appointment, client: FlaskClient) -> None:
    stranger = as_therapist(app, office, make_therapist(office.practice))
    client_id = booked.attendees[0].client.public_id
    for path in (f"/desk/appointments/{booked.public_id}/links/end", f"/desk/clients/{client_id}/links/end"):
        assert stranger.post(path).status_code == 404
    own = as_therapist(app, office)
    assert own.post(f"/desk/appointments/{booked.public_id}/links/end").status_code == 302


def test_the_clients_own_page_goes_on_with_the_new_link(
    client: FlaskClient, booked: Appointment, addresses: Addresses, database: Session
) -> None:
    path = path_of(addresses.manage(booked.attendees[0]))
    fields: dict[str, Any] = form_of(client.get(f"{path}/texts")).fields
    answer = client.post(f"{path}/texts", data={**fields, "do": "on", "wants_texts": "y", "phone": "(303) 555-0188"})
    assert answer.status_code == 303
    database.expire_all()
    assert answer.location == path_of(addresses.manage(database.scalars(select(Attendee)).one())) != path
    assert client.get(answer.location).status_code == 200
    assert client.get(path).status_code == 410
