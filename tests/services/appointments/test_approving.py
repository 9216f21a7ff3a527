"""Requests hold their slot until somebody answers, or nobody does; of two answers the first one counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.errors import AlreadyAnswered, NotFound, SlotTaken
from telehealth.domain.message_words import MessageKind
from telehealth.domain.words import AppointmentStatus, Approval
from telehealth.models import Appointment, Message
from telehealth.services.appointments.approving import approve_request, decline_request, expire_requests
from tests.factories import BY_STAFF, Office, book, cancel, make_contact, make_office, move
from tests.factories.rows import change
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def office() -> Office:
    return make_office(service={"approval": Approval.ALWAYS, "approval_minutes": 120})


def about(made: Appointment, **given: Any) -> dict[str, Any]:
    return {"practice_id": made.practice_id, "appointment_id": made.id, "by": BY_STAFF, "now": LATER, **given}


def test_it_waits_and_holds_its_slot(office: Office) -> None:
    made = book(office)
    assert (made.status, made.expires_at) == (AppointmentStatus.PENDING, NOW + timedelta(hours=2))
    assert {each.status for each in made.attendees} == {AppointmentStatus.PENDING}
    with pytest.raises(SlotTaken):
        book(office)


def test_it_never_waits_until_the_start(office: Office) -> None:
    change(office.service, approval_minutes=7 * 24 * 60)
    soon, tomorrow = at(9, 30, days=0), at(10)
    assert book(office, soon).expires_at == NOW + (soon - NOW) / 2, "half of the time that is left, at the least"
    assert book(office, at(12)).expires_at == at(11), "nor within the last hour"
    change(office.service, notice_minutes=120)
    assert book(office, tomorrow).expires_at == tomorrow - timedelta(hours=2), "not into the notice of the service"


def test_a_request_that_is_moved_nearer_ends_sooner(office: Office) -> None:
    change(office.service, approval_minutes=7 * 24 * 60, notice_minutes=120)
    made = book(office, at(10, days=8))
    move(made, at(10), by=BY_STAFF)
    assert made.expires_at == at(8)


def test_what_staff_book_needs_no_yes(office: Office) -> None:
    assert book(office, by=BY_STAFF).status == AppointmentStatus.BOOKED


def test_where_new_clients_wait_the_answer_does_not_tell_who_is_one(database: Session) -> None:
    """Everybody could type a name and an address: who has been here comes by their own link, and does not wait."""
    office, contact = make_office(service={"approval": Approval.NEW_CLIENTS}), make_contact()
    first = book(office, contact=contact)
    assert first.status == AppointmentStatus.PENDING
    approve_request(**about(first))
    assert book(office, at(14), contact=contact).status == AppointmentStatus.PENDING
    assert book(office, at(15), contact=make_contact(name="Ben")).status == AppointmentStatus.PENDING
    assert book(office, at(16), contact=contact, by=BY_STAFF).status == AppointmentStatus.BOOKED


def test_yes(database: Session, office: Office) -> None:
    made = approve_request(**about(book(office)))
    assert (made.status, made.expires_at, made.sequence) == (AppointmentStatus.BOOKED, None, 1)
    assert {each.status for each in made.attendees} == {AppointmentStatus.BOOKED}
    assert made.events[-1].action == "approved"
    with pytest.raises(SlotTaken):
        book(office)


def test_no_with_a_few_words(office: Office) -> None:
    made = decline_request(**about(book(office), message="We are full this month."))
    assert (made.status, made.answer) == (AppointmentStatus.CANCELLED, "We are full this month.")
    assert book(office)


def test_the_second_answer_is_too_late(office: Office) -> None:
    made = approve_request(**about(book(office)))
    for answer in (approve_request, decline_request):
        with pytest.raises(AlreadyAnswered):
            answer(**about(made))
    assert (made.status, made.sequence) == (AppointmentStatus.BOOKED, 1)


def test_nobody_answered(database: Session, office: Office) -> None:
    made = book(office)
    assert expire_requests(now=NOW + timedelta(hours=2) - timedelta(microseconds=1)) == 0
    assert expire_requests(now=NOW + timedelta(hours=2)) == 1
    database.refresh(made)
    assert (made.status, made.events[-1].action) == (AppointmentStatus.CANCELLED, "expired")
    assert expire_requests(now=NOW + timedelta(hours=3)) == 0
    assert book(office)


def test_an_answer_after_the_time_does_not_count(office: Office) -> None:
    made = book(office)
    with pytest.raises(AlreadyAnswered):
        approve_request(**about(made, now=NOW + timedelta(hours=2)))


def test_the_client_may_take_it_back(office: Office) -> None:
    made = cancel(book(office))
    assert made.status == AppointmentStatus.CANCELLED
    with pytest.raises(AlreadyAnswered):
        approve_request(**about(made))


def test_another_practice_finds_nothing(office: Office) -> None:
    made = book(office)
    with pytest.raises(NotFound):
        approve_request(**about(made, practice_id=make_office().practice.id))


def test_no_reminders_before_the_yes(database: Session, office: Office) -> None:
    made = book(office, at(10, days=7))
    kinds = select(Message.kind).where(Message.appointment_id == made.id)
    assert set(database.scalars(kinds)) == {MessageKind.REQUEST}
    approve_request(**about(made))
    assert MessageKind.REMINDER in set(database.scalars(kinds))
