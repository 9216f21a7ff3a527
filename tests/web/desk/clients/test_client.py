"""Clients at the desk."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.domain.words import AppointmentStatus, WaitlistStatus
from telehealth.models import Client, WaitlistEntry
from telehealth.queries.series.standing_slots import list_dates
from telehealth.services.appointments.attending import set_status
from telehealth.services.series.materialising import materialise_series
from telehealth.web.desk import series_words
from tests.factories import (
    BY_STAFF,
    Office,
    book,
    cancel,
    make_client,
    make_contact,
    make_office,
    make_series,
    make_therapist,
)
from tests.factories.rows import keep
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_therapist, words_of

HOUR = timedelta(hours=1)
ANA = {"name": "Ana Rivera", "email": "ana@example.com"}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


@pytest.fixture
def ana(office: Office) -> Client:
    return book(office, at(10), contact=make_contact(**ANA)).attendees[0].client


def page_of(client: Client) -> str:
    return f"/desk/clients/{client.public_id}"


def test_appointments_ahead_and_before(app: Flask, front_desk: Staff, office: Office, ana: Client) -> None:
    book(office, at(9, days=-4), contact=make_contact(**ANA), now=NOW - 240 * HOUR)
    book(office, at(9, days=2), contact=make_contact(**ANA))
    words = front_desk.read(page_of(ana))
    ahead, _, before = words.partition("Before")
    tuesday, wednesday = "Tuesday, November 24, 2026, 10:00 AM MST", "Wednesday, November 25, 2026, 9:00 AM MST"
    assert ahead.index(tuesday) < ahead.index(wednesday)
    assert "Thursday, November 19, 2026, 9:00 AM MST" in before
    assert "Own therapist Dana Rivera" in words
    assert "No late cancellations, and nothing missed." in words


def test_late_cancellations_and_no_shows_have_their_dates(front_desk: Staff, office: Office, ana: Client) -> None:
    cancel(book(office, at(12), contact=make_contact(**ANA)), by=BY_STAFF, late=True)
    missed = book(office, at(14), contact=make_contact(**ANA))
    set_status(
        practice_id=office.practice.id,
        appointment_id=missed.id,
        status=AppointmentStatus.NOSHOW,
        by=BY_STAFF,
        now=missed.starts_at,
    )
    words = front_desk.read(page_of(ana))
    assert "Cancelled late 1 Tue, Nov 24 at 12:00 PM MST" in words
    assert "Did not come 1 Tue, Nov 24 at 2:00 PM MST" in words


def test_somebody_who_was_never_here(front_desk: Staff, office: Office) -> None:
    words = front_desk.read(page_of(make_client(office.practice, name="Ben Ito", phone=None, wants_texts=False)))
    assert "Nothing is booked." in words
    assert "Nothing yet." in words
    assert "Not given" in words


def test_a_place_on_the_waitlist(app: Flask, front_desk: Staff, office: Office, ana: Client) -> None:
    wait_for(office, ana)
    words = front_desk.read(page_of(ana))
    assert "Individual session, until Thu, Dec 31, 2026: place 1 in the queue" in words
    assert "in the queue" not in as_therapist(app, office).read(page_of(ana))


def wait_for(office: Office, client: Client) -> WaitlistEntry:
    return keep(
        WaitlistEntry(
            practice_id=office.practice.id,
            client_id=client.id,
            service_id=office.service.id,
            name=client.name,
            email=client.email,
            timezone=client.timezone,
            modes=["virtual"],
            therapist_ids=[],
            windows=[],
            until=date(2026, 12, 31),
            status=WaitlistStatus.WAITING,
            created_at=NOW,
            changed_at=NOW,
        )
    )


def test_a_therapist_sees_their_own_clients_and_appointments(app: Flask, office: Office, ana: Client) -> None:
    colleague = make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")
    book(office, at(15), therapist=colleague.public_id, contact=make_contact(**ANA))
    theirs = book(office, at(16), therapist=colleague.public_id).attendees[0].client
    somebody = as_therapist(app, office)
    assert "Jane Doe" not in somebody.read("/desk/clients")
    assert somebody.get(page_of(theirs)).status_code == 404
    words = somebody.read(page_of(ana))
    assert "10:00 AM" in words
    assert "3:00 PM" not in words
    assert "Own therapist" not in words


def test_clients_of_another_practice_are_not_found(front_desk: Staff) -> None:
    stranger = book(make_office()).attendees[0].client
    assert front_desk.get(page_of(stranger)).status_code == 404
    assert "No clients yet" in front_desk.read("/desk/clients")


def test_from_a_client_to_their_next_appointment(front_desk: Staff, ana: Client) -> None:
    assert f"/desk/book?client={ana.public_id}" in front_desk.get(page_of(ana)).text


def test_a_standing_slot_is_named_on_both_pages(app: Flask, front_desk: Staff, office: Office, ana: Client) -> None:
    standing = make_series(office, contacts=[make_contact(**ANA)])
    materialise_series(now=NOW)
    assert series_words.title(standing) in front_desk.read(page_of(ana))
    assert f"/desk/series/{standing.public_id}" in front_desk.get(page_of(ana)).text
    dates = list_dates(standing, since=NOW)
    made = next(each.appointment for each in dates if each.appointment is not None)
    page = front_desk.get(f"/desk/appointments/{made.public_id}")
    assert "One date of a standing slot" in words_of(page)
    assert f"/desk/series/{standing.public_id}" in page.text
    colleague = make_therapist(office.practice, office.service, location=office.location)
    book(office, at(16), therapist=colleague.public_id, contact=make_contact(**ANA))
    assert series_words.title(standing) not in as_therapist(app, office, colleague).read(page_of(ana))
