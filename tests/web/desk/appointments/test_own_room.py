"""What the desk sees of our own video room."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from telehealth.adapters.video import OurRooms
from telehealth.domain.addresses import Addresses
from telehealth.domain.video.calls import GONE_AFTER, CallerRole
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment
from telehealth.services.video.coming import Comer, come
from tests.factories import BY_CLIENT, Office, book, make_office
from tests.fakes import FakeClock
from tests.moments import at
from tests.web.staff import as_front_desk, as_therapist

STARTS = at(10)


@pytest.fixture
def office(app: Flask, database: Session, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setitem(app.extensions, "gateways", replace(app.extensions["gateways"], video=OurRooms()))
    return make_office()


@pytest.fixture
def appointment(office: Office, clock: FakeClock) -> Appointment:
    clock.instant = STARTS - timedelta(minutes=5)
    return book(office, STARTS, now=STARTS - timedelta(days=2))


def room(addresses: Addresses, appointment: Appointment) -> str:
    return addresses.join(appointment.attendees[0]).removeprefix(addresses.base_url) + "/room"


def comes(appointment: Appointment, now: datetime) -> None:
    seat = appointment.attendees[0]
    comer = Comer(f"attendee:{seat.public_id}", CallerRole.CLIENT, seat.name, attendee_id=seat.id)
    come(practice_id=seat.practice_id, appointment_id=appointment.id, comer=comer, by=BY_CLIENT, now=now)


def test_who_waits_and_since_when_stands_on_today_and_on_the_appointment(
    app: Flask, office: Office, appointment: Appointment, clock: FakeClock
) -> None:
    therapist, desk = as_therapist(app, office), as_front_desk(app, office)
    page = f"/desk/appointments/{appointment.public_id}"
    sentence = f"{appointment.attendees[0].name} waits in the video room since 9:55 AM"
    assert sentence not in therapist.read(page)
    comes(appointment, clock.instant)
    for reader in (therapist, desk):
        assert sentence in reader.read(page)
        assert sentence in reader.read("/desk")
    clock.advance(GONE_AFTER)
    assert sentence not in therapist.read(page)


def test_that_whoever_waits_cannot_speak_freely_stands_beside_it(
    app: Flask, office: Office, appointment: Appointment, addresses: Addresses, client: FlaskClient
) -> None:
    page = room(addresses, appointment)
    token = re.findall(r'data-csrf="([^"]+)"', client.get(page).text)[0]
    given = client.post(f"{page}/come", json={}, headers={"X-CSRFToken": token}).json
    assert given is not None
    about = {"caller": given["caller"], "key": given["key"], "do": "set_cannot_speak"}
    therapist = as_therapist(app, office)
    for cannot_speak in (True, False):
        assert client.post("/call/do", json={**about, "cannot_speak": cannot_speak}).status_code == 204
        for path in ("/desk", f"/desk/appointments/{appointment.public_id}"):
            assert ("AM MST, and cannot speak freely." in therapist.read(path)) == cannot_speak


def test_the_room_asks_its_therapist_where_clients_are_and_nobody_else(
    app: Flask, office: Office, appointment: Appointment, addresses: Addresses, client: FlaskClient
) -> None:
    page = as_therapist(app, office).get(f"/desk/appointments/{appointment.public_id}/room").text
    assert f'data-places-url="/desk/appointments/{appointment.public_id}/whereabouts"' in page
    assert "data-cannot-speak>" not in page
    theirs = client.get(room(addresses, appointment)).text
    assert "data-places-url" not in theirs
    assert theirs.count("data-cannot-speak>") == 2  # Where they wait, and inside.


def test_looking_at_links_is_no_arrival(
    client: FlaskClient, appointment: Appointment, addresses: Addresses, database: Session
) -> None:
    for each in (room(addresses, appointment), room(addresses, appointment).replace("/room", "/enter")):
        assert client.get(each).status_code in {200, 302}
    database.refresh(appointment)
    assert appointment.attendees[0].entered_at is None
    assert appointment.status == AppointmentStatus.BOOKED
