"""Booking once more by a link: what a seat says of whoever holds its link."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.appointments.openness import OpenTo
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Attendee
from telehealth.queries.appointments.own_standing import OwnStanding, read_standing
from telehealth.services.appointments.approving import approve_request
from telehealth.services.appointments.attending import set_status
from telehealth.services.appointments.booking import book_by_own_link
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    make_contact,
    make_group_office,
    make_office,
    make_wish,
)
from tests.factories.rows import change
from tests.moments import NOW, at

JANE = make_contact(name="Jane Known", email="jane.known@example.com")
PENDING, BOOKED = AppointmentStatus.PENDING, AppointmentStatus.BOOKED


@pytest.fixture
def office(database: Session) -> Office:
    """Staff have entered Jane for nine o'clock: the practice knows her."""
    office = make_office()
    book(office, at(9), contact=JANE, by=BY_STAFF)
    return office


def book_again(office: Office, seat: Attendee, starts_at: datetime) -> Appointment:
    return book_by_own_link(link=seat, wish=make_wish(office, starts_at), by=BY_CLIENT, now=NOW)


def standing(made: Appointment) -> OwnStanding:
    db.session.rollback()
    return read_standing(made.attendees[-1], now=NOW)


def test_a_typed_name_says_nothing_of_its_client(office: Office) -> None:
    made = book(office, at(10), contact=JANE)
    found = standing(made)
    assert (found.is_proved, found.met, found.is_known, found.is_new) == (False, frozenset(), False, True)


def test_nor_does_what_is_booked_by_that_link(office: Office) -> None:
    second = book_again(office, book(office, at(10), contact=JANE).attendees[0], at(11))
    assert second.status == BOOKED
    assert not standing(second).is_proved
    change(office.service, open_to=OpenTo.KNOWN_CLIENTS)
    assert book_again(office, second.attendees[0], at(14)).status == PENDING


def test_what_staff_made_does_and_what_is_booked_by_that_link(office: Office) -> None:
    made = book(office, at(10), contact=JANE, by=BY_STAFF)
    second = book_again(office, made.attendees[0], at(11))
    for each in (made, second):
        found = standing(each)
        assert (found.is_proved, found.met, found.is_known, found.is_new) == (
            True, frozenset({office.therapist.id}), True, False,
        )  # fmt: skip


def test_a_yes_of_staff_does(office: Office) -> None:
    change(office.service, open_to=OpenTo.KNOWN_CLIENTS)
    made = book(office, at(10), contact=JANE)
    assert not standing(made).is_proved
    approve_request(practice_id=made.practice_id, appointment_id=made.id, by=BY_STAFF, now=NOW)
    assert standing(made).is_proved


def test_coming_does(office: Office) -> None:
    made = book(office, at(10), contact=JANE)
    set_status(
        practice_id=made.practice_id,
        appointment_id=made.id,
        status=AppointmentStatus.FULFILLED,
        by=BY_STAFF,
        now=made.ends_at,
    )
    assert standing(made).is_proved


def test_a_seat_in_a_group_that_staff_opened_does_not(database: Session) -> None:
    office = make_group_office()
    opened = book(office, at(10), contact=make_contact(), by=BY_STAFF)
    joined = book(office, at(10), contact=JANE)
    assert joined.id == opened.id
    assert standing(joined).is_proved is False
    assert read_standing(joined.attendees[0], now=NOW).is_proved
