"""What the desk sees of our own video room."""

from __future__ import annotations

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


def test_looking_at_links_is_no_arrival(
    client: FlaskClient, appointment: Appointment, addresses: Addresses, database: Session
) -> None:
    for each in (room(addresses, appointment), room(addresses, appointment).replace("/room", "/enter")):
        assert client.get(each).status_code in {200, 302}
    database.refresh(appointment)
    assert appointment.attendees[0].entered_at is None
    assert appointment.status == AppointmentStatus.BOOKED
