"""The list of clients: what it says of each, whom it is narrowed to, its pages, and the file."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.domain.words import AppointmentStatus
from telehealth.models import Attendee, Client
from telehealth.web.desk.clients import client_list
from tests.factories import (
    BY_STAFF,
    Office,
    book,
    cancel,
    make_client,
    make_companion,
    make_contact,
    make_office,
    make_therapist,
    wait,
)
from tests.factories.rows import change
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


def miss(seat: Attendee) -> None:
    change(seat, status=AppointmentStatus.NOSHOW)


def test_nobody_yet(front_desk: Staff) -> None:
    assert "No clients yet" in front_desk.read("/desk/clients")


def test_finding_a_client(front_desk: Staff, office: Office, ana: Client) -> None:
    make_client(office.practice, name="Ben Ito", email="ben@example.com")
    everybody = front_desk.read("/desk/clients")
    assert everybody.index("Ana Rivera") < everybody.index("Ben Ito")
    found = front_desk.get("/desk/clients?q=ito")
    assert "Ben Ito" in words_of(found)
    assert "Ana Rivera" not in words_of(found)
    assert 'value="ito"' in found.text
    assert "Nobody of that name, address or number is known here." in front_desk.read("/desk/clients?q=zzz")


def test_a_long_list_says_so(front_desk: Staff, office: Office) -> None:
    for number in range(client_list.AT_A_TIME + 1):
        make_client(office.practice, name=f"Client {number:02}")
    words = front_desk.read("/desk/clients")
    assert "There are more." in words
    assert f"Client {client_list.AT_A_TIME:02}" not in words


def test_pages_follow_each_other(front_desk: Staff, office: Office) -> None:
    for number in range(client_list.AT_A_TIME + 1):
        make_client(office.practice, name=f"Client {number:02}")
    first, second = (front_desk.get(f"/desk/clients?page={page}") for page in (1, 2))
    assert "/desk/clients?page=2" in first.text
    assert f"Client {client_list.AT_A_TIME:02}" in words_of(second)
    assert f"Client {client_list.AT_A_TIME - 1:02}" not in words_of(second)
    assert "Nobody." in front_desk.read("/desk/clients?page=3")


def test_each_with_therapist_last_and_next_session(front_desk: Staff, office: Office, ana: Client) -> None:
    book(office, at(9, days=-4), contact=make_contact(**ANA), now=NOW - 240 * HOUR)
    miss(book(office, at(9, days=-3), contact=make_contact(**ANA), now=NOW - 240 * HOUR).attendees[0])
    cancel(book(office, at(9), contact=make_contact(**ANA)), by=BY_STAFF)
    make_client(office.practice, name="Ben Ito", phone=None)
    words = front_desk.read("/desk/clients")
    assert "Therapist Dana Rivera Last session Thu, Nov 19, 2026 Next session" in words
    assert "Next session Tue, Nov 24, 2026 at 10:00 AM MST" in words
    assert "(303) 555-0123" in words
    assert "Therapist Nobody yet Last session Never Next session Nothing booked" in words


def test_whom_it_is_narrowed_to(app: Flask, front_desk: Staff, office: Office, ana: Client) -> None:
    miss(book(office, at(9, days=-4), contact=make_contact(name="Max Missed"), now=NOW - 240 * HOUR).attendees[0])
    twice = make_contact(name="Tom Twice")
    for days in (-4, -3):
        miss(book(office, at(11, days=days), contact=twice, now=NOW - 240 * HOUR).attendees[0])
    wait(office, contact=make_contact(name="Wanda Waits"))
    read = {who: front_desk.read(f"/desk/clients?who={who}") for who in ("no_next", "missed_twice", "wait")}
    assert "Ana Rivera" not in read["no_next"].partition("Next session")[2]
    assert "Tom Twice" in read["no_next"]
    assert "Tom Twice" in read["missed_twice"]
    assert "Max Missed" not in read["missed_twice"]
    assert "Wanda Waits" in read["wait"]
    assert "Tom Twice" not in read["wait"]
    assert "On the waitlist" not in as_therapist(app, office).read("/desk/clients")


def test_a_therapist_sees_their_own_sessions_only(app: Flask, office: Office, ana: Client) -> None:
    colleague = make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")
    book(office, at(9), therapist=colleague.public_id, contact=make_contact(**ANA))
    words = as_therapist(app, office).read("/desk/clients")
    assert "10:00 AM" in words
    assert "9:00 AM" not in words
    assert "Sam Okafor" not in words


def test_the_file_holds_all_pages_and_no_formula(front_desk: Staff, office: Office, ana: Client) -> None:
    for number in range(51):
        make_client(office.practice, name=f"=Client {number:02}")
    make_companion(ana, name="Maria Rivera", email="maria@example.com", phone="+17205550142")
    answer = front_desk.get("/desk/clients/file")
    rows = list(csv.reader(answer.text.lstrip("\ufeff").splitlines()))
    assert rows[0] == list(client_list.COLUMNS)
    assert len(rows) == 53
    assert ["Ana Rivera", "ana@example.com", "(303) 555-0123"] in [each[:3] for each in rows]
    assert {each[-1] for each in rows[1:]} == {"", "Maria Rivera (parent), maria@example.com, (720) 555-0142"}
    assert "'=Client 00" in [each[0] for each in rows]
    assert 'filename="clients-' in answer.headers["Content-Disposition"]
    narrowed = front_desk.get("/desk/clients/file?q=ana")
    assert len(narrowed.text.splitlines()) == 2
