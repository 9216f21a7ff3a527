"""Colleagues take over, each appointment by itself."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.errors import NotFound
from telehealth.domain.message_words import MessageStatus
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, AppointmentEvent, Message, Therapist
from telehealth.services.appointments.reassigning import ReassignmentOutcome, ReassignmentResult, reassign_appointments
from tests.factories import BY_STAFF, Office, add_licence, book, cancel, make_office, make_therapist
from tests.moments import NOW, at


@pytest.fixture
def office(database: Session) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def colleague(office: Office) -> Therapist:
    return make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")


def hand_over(office: Office, **given: Any) -> list[ReassignmentResult]:
    usual = {"practice_id": office.practice.id, "away": office.therapist.id, "moves": {}, "by": BY_STAFF, "now": NOW}
    return reassign_appointments(**{**usual, **given})


def again(database: Session, appointment: Appointment) -> Appointment:
    return database.get_one(Appointment, appointment.id, populate_existing=True)


def test_a_colleague_takes_over_at_the_same_time(database: Session, office: Office, colleague: Therapist) -> None:
    made = book(office)
    assert hand_over(office, moves={made.id: colleague.public_id}) == [
        ReassignmentResult(made.id, ReassignmentOutcome.TAKEN_OVER)
    ]
    found = again(database, made)
    assert (found.therapist_id, found.starts_at, found.sequence) == (colleague.id, at(10), 1)
    last = database.scalars(select(AppointmentEvent).order_by(AppointmentEvent.id.desc())).first()
    assert last is not None
    assert last.details["reason"] == "Dana Rivera cannot be there"
    assert book(office), "the time of who is away is free again"


def test_everybody_is_told_once(database: Session, office: Office, colleague: Therapist) -> None:
    made = book(office)
    hand_over(office, moves={made.id: colleague.public_id})
    planned = select(Message).where(Message.appointment_id == made.id, Message.status == MessageStatus.PLANNED)
    told = [(each.kind, each.channel, each.recipient, each.minutes) for each in database.scalars(planned)]
    assert len(told) == len(set(told))


def test_one_that_fails_holds_up_no_other(database: Session, office: Office, colleague: Therapist) -> None:
    first, second, gone = book(office, at(10)), book(office, at(12)), cancel(book(office, at(14)))
    book(office, at(10), therapist=colleague.public_id)
    results = hand_over(office, moves=dict.fromkeys((first.id, second.id, gone.id), colleague.public_id))
    assert [each.outcome for each in results] == [
        ReassignmentOutcome.REFUSED,
        ReassignmentOutcome.TAKEN_OVER,
        ReassignmentOutcome.REFUSED,
    ]
    assert "no longer free" in results[0].why
    assert "status" in results[2].why
    assert again(database, first).therapist_id == office.therapist.id


def test_some_are_cancelled_and_never_late(database: Session, office: Office) -> None:
    made = book(office)
    assert hand_over(office, cancellations=[made.id]) == [ReassignmentResult(made.id, ReassignmentOutcome.CANCELLED)]
    found = again(database, made)
    assert (found.status, found.cancel_reason) == (AppointmentStatus.CANCELLED, "Dana Rivera cannot be there")
    assert not found.attendees[0].late_cancel
    (twice,) = hand_over(office, cancellations=[made.id])
    assert twice.outcome == ReassignmentOutcome.REFUSED
    assert "already cancelled" in twice.why


def test_what_is_with_somebody_else_by_now_is_left_alone(office: Office, colleague: Therapist) -> None:
    made = book(office, therapist=colleague.public_id)
    for given in ({"moves": {made.id: colleague.public_id}}, {"cancellations": [made.id]}):
        (result,) = hand_over(office, **given)
        assert "somebody else by now" in result.why
    (unknown,) = hand_over(office, moves={10**9: colleague.public_id})
    assert unknown.outcome == ReassignmentOutcome.REFUSED


def test_a_therapist_of_another_practice_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        hand_over(office, away=make_office().therapist.id)


@pytest.mark.parametrize("ill", ["first", "second"])
def test_of_two_therapists_only_the_ill_one_is_replaced(database: Session, ill: str) -> None:
    office = make_office(service={"therapists_needed": 2}, therapist={"name": "Dana Rivera"})
    second, third = (make_therapist(office.practice, office.service, name=name) for name in ("Second", "Third"))
    add_licence(third, "WY")
    made = book(office, co_therapist=second.public_id)
    away, staying = (office.therapist, second) if ill == "first" else (second, office.therapist)
    (result,) = hand_over(office, away=away.id, moves={made.id: third.public_id})
    assert result == ReassignmentResult(made.id, ReassignmentOutcome.TAKEN_OVER)
    found = again(database, made)
    assert {found.therapist_id, found.co_therapist_id} == {third.id, staying.id}


def test_clients_are_asked_to_choose_another_time(database: Session, office: Office, colleague: Therapist) -> None:
    made, elsewhere = book(office), book(office, at(12), therapist=colleague.public_id)
    results = hand_over(office, asks=[made.id, elsewhere.id])
    assert [each.outcome for each in results] == [ReassignmentOutcome.ASKED, ReassignmentOutcome.REFUSED]
    found = again(database, made)
    assert (found.is_asked_to_move, found.status) == (True, AppointmentStatus.BOOKED)
    last = database.scalars(select(AppointmentEvent).order_by(AppointmentEvent.id.desc())).first()
    assert last is not None
    assert last.details["reason"] == "Dana Rivera cannot be there"
