"""Cancelling: the slot is free at once, what was planned is void, everybody is told, nothing is deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.domain.audit_words import Actor
from telehealth.domain.errors import AlreadyCancelled, ImpossibleStatus, NotFound, TooLate
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment, Message, Occupancy
from telehealth.services.appointments.cancelling import cancel_appointment
from telehealth.services.audit import ActedBy
from tests.factories import Office, book, cancel, make_contact, make_office, make_user
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def office() -> Office:
    return make_office()


def messages(database: Session, **wanted: object) -> list[Message]:
    return list(database.scalars(select(Message).filter_by(**wanted).order_by(Message.id)))


def test_the_appointment_stays_as_history(office: Office) -> None:
    made = cancel(book(office), now=LATER, reason="ill")
    assert (made.status, made.cancelled_at, made.changed_at, made.cancel_reason) == (
        AppointmentStatus.CANCELLED,
        LATER,
        LATER,
        "ill",
    )
    assert made.created_at == NOW


def test_calendars_see_a_change_of_the_same_entry(office: Office) -> None:
    made = book(office)
    uid = made.uid
    cancel(made)
    assert (made.uid, made.sequence) == (uid, 1)


@pytest.mark.parametrize("mode", list(Mode))
def test_therapist_room_and_client_are_free_at_once(database: Session, office: Office, mode: Mode) -> None:
    contact = make_contact(jurisdiction="CO")
    cancel(book(office, mode=mode, contact=contact))
    assert database.scalar(select(func.count()).select_from(Occupancy)) == 0
    assert book(office, mode=mode, contact=contact)


def test_other_appointments_keep_their_time(database: Session, office: Office) -> None:
    gone, kept = book(office, at(10)), book(office, at(11))
    cancel(gone)
    assert set(database.scalars(select(Occupancy.appointment_id))) == {kept.id}


def test_who_and_when_are_on_record(office: Office) -> None:
    user = make_user(office.practice)
    made = cancel(book(office), by=ActedBy(Actor.STAFF, user.id), now=LATER)
    line = made.events[-1]
    assert (line.action, line.actor, line.user_id, line.at, line.details) == (
        "cancelled",
        Actor.STAFF,
        user.id,
        LATER,
        {"sequence": 1},
    )


def test_whatever_was_planned_is_void(database: Session, office: Office) -> None:
    made = book(office, at(10, days=7))
    assert len(messages(database, status=MessageStatus.PLANNED)) == 8
    cancel(made, now=LATER)
    void = messages(database, version=0)
    assert {row.status for row in void} == {MessageStatus.VOID}
    assert {row.reason for row in void} == {Reason.APPOINTMENT_CHANGED}
    assert {row.changed_at for row in void} == {LATER}


def test_what_was_sent_before_stays_sent(database: Session, office: Office) -> None:
    made = book(office)
    first = messages(database)[0]
    first.status = MessageStatus.DELIVERED
    database.commit()
    cancel(made)
    assert first.status == MessageStatus.DELIVERED


def test_another_appointments_messages_stay_planned(database: Session, office: Office) -> None:
    gone, kept = book(office, at(10)), book(office, at(11))
    cancel(gone)
    assert {row.status for row in messages(database, appointment_id=kept.id)} == {MessageStatus.PLANNED}


def told_of(made: Appointment, database: Session) -> Appointment:
    """The confirmations have gone out."""
    for row in messages(database, kind=MessageKind.CONFIRMATION):
        row.status = MessageStatus.DELIVERED
    database.commit()
    return made


def test_whoever_was_never_told_is_not_told_that_it_is_off(database: Session, office: Office) -> None:
    cancel(book(office), now=NOW + timedelta(minutes=1))
    assert {row.status for row in messages(database)} == {MessageStatus.VOID}


def test_everybody_is_told_once(database: Session, office: Office) -> None:
    made = cancel(told_of(book(office), database), now=LATER)
    client = f"attendee:{made.attendees[0].public_id}"
    told = messages(database, kind=MessageKind.CANCELLATION)
    soon = LATER + timedelta(minutes=office.practice.grace_minutes)
    assert sorted((row.recipient, row.channel) for row in told) == [
        (client, Channel.EMAIL),
        (client, Channel.TEXT),
        (f"therapist:{office.therapist.public_id}", Channel.EMAIL),
    ]
    assert {(row.version, row.status, row.due_at, row.not_after) for row in told} == {
        (1, MessageStatus.PLANNED, soon, soon + timedelta(days=1))
    }


def test_cancelling_twice_says_so_and_changes_nothing(database: Session, office: Office) -> None:
    made = cancel(book(office))
    count = len(messages(database))
    with pytest.raises(AlreadyCancelled):
        cancel(made, now=LATER)
    assert (made.sequence, made.changed_at, len(made.events)) == (1, NOW, 2)
    assert len(messages(database)) == count


def test_until_the_start_and_not_a_moment_longer(office: Office) -> None:
    made = book(office)
    with pytest.raises(TooLate):
        cancel(made, now=made.starts_at)
    assert made.status == AppointmentStatus.BOOKED
    cancel(made, now=made.starts_at - timedelta(microseconds=1))


def test_once_it_is_over_it_stays_as_it_was(database: Session, office: Office) -> None:
    made = book(office)
    made.status = AppointmentStatus.FULFILLED
    database.commit()
    with pytest.raises(ImpossibleStatus):
        cancel(made)


def test_another_practice_finds_nothing(database: Session, office: Office) -> None:
    made, stranger = book(office), make_office()
    for practice_id, appointment_id in ((stranger.practice.id, made.id), (office.practice.id, made.id + 1000)):
        with pytest.raises(NotFound):
            cancel_appointment(practice_id=practice_id, appointment_id=appointment_id, by=ActedBy(Actor.STAFF), now=NOW)
    assert made.status == AppointmentStatus.BOOKED


def test_cancelled_appointments_do_not_count_as_busy_or_towards_the_cap() -> None:
    office = make_office(therapist={"daily_cap": 1})
    for _ in range(3):
        cancel(book(office))
    assert book(office)
