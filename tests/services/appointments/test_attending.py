"""What became of an appointment, and putting a mistake right."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.errors import ImpossibleStatus, NotAllowed, SlotTaken, TooEarly
from telehealth.domain.message_words import MessageKind
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment, Message, Occupancy
from telehealth.services.appointments.attending import confirm_seat, set_status
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, cancel, make_office, make_therapist, move
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")

ARRIVED, FULFILLED, NOSHOW, BOOKED, CANCELLED = (
    AppointmentStatus.ARRIVED,
    AppointmentStatus.FULFILLED,
    AppointmentStatus.NOSHOW,
    AppointmentStatus.BOOKED,
    AppointmentStatus.CANCELLED,
)


@pytest.fixture
def office() -> Office:
    return make_office()


def record(made: Appointment, status: AppointmentStatus, **given: Any) -> Appointment:
    usual = {"by": BY_STAFF, "now": at(11)}
    return set_status(practice_id=made.practice_id, appointment_id=made.id, status=status, **{**usual, **given})


@pytest.mark.parametrize("status", [ARRIVED, FULFILLED, NOSHOW])
def test_it_is_written_down_and_nobody_is_told(database: Session, office: Office, status: AppointmentStatus) -> None:
    made = book(office)
    before = len(database.scalars(select(Message)).all())
    record(made, status, now=at(10, 45))
    assert (made.status, made.attendees[0].status, made.sequence) == (status, status, 0)
    assert made.events[-1].action == status.value
    after = database.scalars(select(Message).where(Message.kind != MessageKind.FOLLOW_UP)).all()
    assert len(after) == before


def test_arrived_and_then_fulfilled(office: Office) -> None:
    assert record(record(book(office), ARRIVED, now=at(10)), FULFILLED).status == FULFILLED


def test_nobody_is_here_once_it_is_over(office: Office) -> None:
    """Neither as a next step nor as a correction, by whichever door."""
    made = book(office)
    for before in (BOOKED, FULFILLED, NOSHOW):
        if before != BOOKED:
            record(made, before, now=made.ends_at)
        with pytest.raises(ImpossibleStatus):
            record(made, ARRIVED, now=made.ends_at)


@pytest.mark.parametrize("status", [FULFILLED, NOSHOW])
def test_not_before_it_has_begun(office: Office, status: AppointmentStatus) -> None:
    with pytest.raises(TooEarly):
        record(book(office), status, now=at(9, 59))


def test_people_may_come_an_hour_early(office: Office) -> None:
    made = book(office)
    with pytest.raises(TooEarly):
        record(made, ARRIVED, now=at(8, 59))
    assert record(made, ARRIVED, now=at(9)).status == ARRIVED


def test_a_mistake_is_put_right_and_the_audit_shows_it(office: Office) -> None:
    made = record(record(book(office), NOSHOW), FULFILLED, reason="she was in the other room")
    line = made.events[-1]
    assert (line.action, line.details["before"], line.details["to"], line.details["reason"]) == (
        "corrected",
        "noshow",
        "fulfilled",
        "she was in the other room",
    )


@pytest.mark.parametrize(("first", "then"), [(CANCELLED, FULFILLED), (FULFILLED, CANCELLED), (NOSHOW, CANCELLED)])
def test_what_is_not_in_the_table_does_not_happen(
    office: Office, first: AppointmentStatus, then: AppointmentStatus
) -> None:
    made = book(office)
    made = cancel(made) if first == CANCELLED else record(made, first)
    with pytest.raises(ImpossibleStatus):
        record(made, then)


def test_clients_do_not(office: Office) -> None:
    with pytest.raises(NotAllowed):
        record(book(office), FULFILLED, by=BY_CLIENT)


@pytest.mark.parametrize("mode", [Mode.VIRTUAL, Mode.IN_PERSON])
def test_a_mistaken_cancellation_takes_its_time_again(database: Session, office: Office, mode: Mode) -> None:
    made = book(office, mode=mode)
    before = len(database.scalars(select(Occupancy)).all())
    cancel(made)
    record(made, BOOKED, now=NOW)
    assert (made.status, made.attendees[0].status, made.cancelled_at) == (BOOKED, BOOKED, None)
    assert len(database.scalars(select(Occupancy)).all()) == before
    with pytest.raises(SlotTaken):
        book(office)


def test_unless_somebody_else_has_it_now(office: Office) -> None:
    made = cancel(book(office))
    book(office)
    with pytest.raises(SlotTaken):
        record(made, BOOKED, now=NOW)
    assert made.status == CANCELLED


def test_what_is_past_stays_cancelled(office: Office) -> None:
    with pytest.raises(ImpossibleStatus):
        record(cancel(book(office)), BOOKED, now=at(10))


def test_what_comes_back_after_a_mistaken_cancellation_is_not_confirmed(database: Session) -> None:
    found = book(make_office())
    confirm_seat(attendee_public_id=found.attendees[0].public_id, by=BY_STAFF, now=NOW)
    cancel(found)
    given = {"practice_id": found.practice_id, "appointment_id": found.id, "by": BY_STAFF, "now": NOW}
    back = set_status(status=AppointmentStatus.BOOKED, reason="The wrong client.", **given)
    assert [seat.confirmed_at for seat in back.attendees] == [None]


def test_a_change_of_therapist_alone_leaves_a_confirmation(database: Session) -> None:
    office = make_office()
    colleague = make_therapist(office.practice, office.service)
    found = book(office)
    confirm_seat(attendee_public_id=found.attendees[0].public_id, by=BY_STAFF, now=NOW)
    move(found, found.starts_at, by=BY_STAFF, therapist=colleague.public_id)
    assert found.attendees[0].confirmed_at == NOW
    move(found, found.starts_at, by=BY_STAFF, mode=Mode.PHONE)
    assert found.attendees[0].confirmed_at is None, "they agreed to a video call"
