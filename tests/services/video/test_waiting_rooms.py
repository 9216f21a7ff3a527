"""The waiting room: who has arrived, who let them in, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from telehealth.database import db, transaction
from telehealth.domain.audit_words import Actor, AuditAction
from telehealth.domain.errors import CallFull, NotAllowed
from telehealth.domain.video.calls import GONE_AFTER, KEPT_FOR, CallerRole, CallerState, SignalSent
from telehealth.domain.words import AppointmentStatus, Role
from telehealth.jobs import ticks
from telehealth.models import Appointment, AppointmentEvent, Caller, CallSignal, CallVisit, User
from telehealth.services.appointments.attending import set_status
from telehealth.services.video.coming import Came, Comer, come, forget_signals, leave, leave_who_are_gone
from telehealth.services.video.conducting import end_for_all, let_in, put_out, set_lock
from telehealth.services.video.exchanging import exchange
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, make_contact, make_office, make_user
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import at

pytestmark = pytest.mark.usefixtures("database")

STARTS = at(10, days=3)
NOW = STARTS - timedelta(minutes=5)
ARRIVED, BOOKED = AppointmentStatus.ARRIVED, AppointmentStatus.BOOKED


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.fixture
def appointment(office: Office) -> Appointment:
    return book(office, STARTS)


@pytest.fixture
def dana(office: Office) -> User:
    user = make_user(office.practice, Role.THERAPIST, email="dana@riverside.example")
    change(office.therapist, user_id=user.id)
    return user


def therapist_comes(appointment: Appointment, user: User, *, now: datetime = NOW) -> dict[str, Any]:
    comer = Comer(f"user:{user.id}", CallerRole.THERAPIST, "Dana", user_id=user.id)
    return {**comes(appointment, comer, now=now), "login_id": user.login_id}


def client_comes(appointment: Appointment, seat: int = 0, *, now: datetime = NOW) -> dict[str, Any]:
    attendee = appointment.attendees[seat]
    comer = Comer(f"attendee:{attendee.public_id}", CallerRole.CLIENT, attendee.name, attendee_id=attendee.id)
    return comes(appointment, comer, now=now)


def comes(appointment: Appointment, comer: Comer, *, now: datetime) -> dict[str, Any]:
    by = BY_STAFF if comer.role == CallerRole.THERAPIST else BY_CLIENT
    came: Came = come(
        practice_id=appointment.practice_id, appointment_id=appointment.id, comer=comer, takes_over=True, by=by, now=now
    )
    return {"caller_public_id": came.caller_public_id, "key": came.key}


def lines(appointment: Appointment) -> list[tuple[AuditAction, Actor, int | None]]:
    """What the audit says of it since it was booked."""
    found = db.session.query(AppointmentEvent).filter_by(appointment_id=appointment.id).order_by(AppointmentEvent.id)
    return [(each.action, each.actor, each.user_id) for each in found][1:]


def test_whoever_comes_has_arrived_once_and_it_is_on_record(appointment: Appointment) -> None:
    client_comes(appointment)
    client_comes(appointment)
    assert (appointment.status, appointment.attendees[0].status) == (ARRIVED, ARRIVED)
    assert appointment.attendees[0].entered_at == NOW
    assert lines(appointment) == [
        (AuditAction.ENTERED, Actor.CLIENT, None),
        (AuditAction.ARRIVED, Actor.CLIENT, None),
    ]


def test_of_two_the_appointment_arrives_with_the_last(office: Office) -> None:
    change(office.service, capacity=2)
    pair = book(office, STARTS, others=[make_contact(name="John Doe", email="john@example.org")])
    client_comes(pair, 0)
    assert (pair.status, [each.status for each in pair.attendees]) == (BOOKED, [ARRIVED, BOOKED])
    client_comes(pair, 1)
    assert pair.status == ARRIVED


def test_arriving_changes_no_record_that_was_made_and_none_after_the_end(appointment: Appointment) -> None:
    set_status(
        practice_id=appointment.practice_id, appointment_id=appointment.id, status=AppointmentStatus.FULFILLED,
        by=BY_STAFF, now=STARTS,
    )  # fmt: skip
    client_comes(appointment, now=STARTS)
    assert appointment.status == AppointmentStatus.FULFILLED
    assert appointment.attendees[0].entered_at == STARTS


def test_after_the_end_nobody_arrives_any_more(appointment: Appointment) -> None:
    client_comes(appointment, now=appointment.ends_at)
    assert appointment.status == BOOKED


def test_a_guest_who_comes_is_no_client_who_has_arrived(appointment: Appointment) -> None:
    comes(appointment, Comer("guest:1", CallerRole.GUEST, "Interpreter"), now=NOW)
    assert (appointment.status, lines(appointment)) == (BOOKED, [])


def test_what_a_therapist_does_is_on_record_with_who_did_it(appointment: Appointment, dana: User) -> None:
    jane, therapist = client_comes(appointment), therapist_comes(appointment, dana)
    let_in(**therapist, whom=jane["caller_public_id"], by=BY_STAFF, now=NOW)
    for is_locked in (True, True, False):
        set_lock(**therapist, is_locked=is_locked, by=BY_STAFF, now=NOW)
    put_out(**therapist, whom=jane["caller_public_id"], by=BY_STAFF, now=NOW)
    put_out(**therapist, whom=jane["caller_public_id"], by=BY_STAFF, now=NOW)
    end_for_all(**therapist, by=BY_STAFF, now=NOW)
    done = [AuditAction.LET_IN, AuditAction.LOCKED, AuditAction.UNLOCKED, AuditAction.PUT_OUT, AuditAction.CALL_ENDED]
    assert lines(appointment)[3:] == [(each, Actor.STAFF, dana.id) for each in done]


def test_letting_in_twice_counts_their_time_once(appointment: Appointment, dana: User) -> None:
    jane, therapist = client_comes(appointment), therapist_comes(appointment, dana)
    for _ in range(2):
        let_in(**therapist, whom=jane["caller_public_id"], by=BY_STAFF, now=NOW)
    assert db.session.query(CallVisit).count() == 2, "one of each of them"


def test_nobody_is_let_in_by_everybody_while_the_room_is_locked(appointment: Appointment, dana: User) -> None:
    jane, therapist = client_comes(appointment), therapist_comes(appointment, dana)
    set_lock(**therapist, is_locked=True, by=BY_STAFF, now=NOW)
    with pytest.raises(NotAllowed, match="locked"):
        let_in(**therapist, by=BY_STAFF, now=NOW)
    let_in(**therapist, whom=jane["caller_public_id"], by=BY_STAFF, now=NOW)
    assert exchange(**jane, after=0, now=NOW).caller.state == CallerState.ADMITTED


def test_who_was_let_in_after_they_were_gone_was_not_inside(appointment: Appointment, dana: User) -> None:
    jane, later = client_comes(appointment), NOW + timedelta(seconds=30)
    let_in(**therapist_comes(appointment, dana, now=later), whom=jane["caller_public_id"], by=BY_STAFF, now=later)
    assert leave_who_are_gone(now=later) == 1
    (visit,) = db.session.query(CallVisit).join(Caller).filter(Caller.role == CallerRole.CLIENT).all()
    assert visit.began_at == visit.ended_at == later


def test_signals_of_calls_that_are_over_or_old_are_forgotten(appointment: Appointment, dana: User) -> None:
    jane, therapist = client_comes(appointment), therapist_comes(appointment, dana)
    let_in(**therapist, by=BY_STAFF, now=NOW)
    sent = [SignalSent(therapist["caller_public_id"], 1, "{}")]
    exchange(**jane, after=0, sent=sent, now=NOW)
    assert forget_signals(now=NOW + KEPT_FOR - timedelta(seconds=1)) == 0
    assert forget_signals(now=NOW + KEPT_FOR) == 1
    exchange(**jane, after=0, sent=[replace(sent[0], number=2)], now=NOW)  # A number is taken once.
    with transaction() as session:
        session.get_one(Caller, db.session.query(CallSignal).one().recipient_id).call.ended_at = NOW
    assert forget_signals(now=NOW) == 1


def test_a_tick_lets_leave_who_are_gone(app: Flask, appointment: Appointment, clock: FakeClock) -> None:
    clock.advance(NOW - clock())
    client_comes(appointment)
    assert ticks.let_leave_who_are_gone(app) == 0
    clock.advance(GONE_AFTER)
    assert ticks.let_leave_who_are_gone(app) == 1


class TestAFullRoom:
    """Each browser in it sends its picture to every other one."""

    @staticmethod
    def guest_comes(appointment: Appointment, number: int, *, now: datetime = NOW) -> dict[str, Any]:
        return comes(appointment, Comer(f"guest:{number}", CallerRole.GUEST, f"Guest {number}"), now=now)

    @staticmethod
    def states() -> list[CallerState]:
        found = db.session.query(Caller).filter_by(role=CallerRole.GUEST).order_by(Caller.id)
        return [each.state for each in found]

    def test_all_are_let_in_for_whom_there_is_room_and_no_more(self, appointment: Appointment, dana: User) -> None:
        devices = [self.guest_comes(appointment, number) for number in range(7)]
        therapist = therapist_comes(appointment, dana)
        let_in(**therapist, by=BY_STAFF, now=NOW)
        admitted, waiting = CallerState.ADMITTED, CallerState.WAITING
        assert self.states() == [admitted] * 5 + [waiting] * 2
        for whom in ("", devices[6]["caller_public_id"]):
            with pytest.raises(CallFull):
                let_in(**therapist, whom=whom, by=BY_STAFF, now=NOW)
        assert self.states() == [admitted] * 5 + [waiting] * 2
        leave(**devices[0], now=NOW)
        let_in(**therapist, whom=devices[6]["caller_public_id"], by=BY_STAFF, now=NOW)
        assert self.states() == [CallerState.LEFT, *[admitted] * 4, waiting, admitted]

    def test_who_was_in_and_comes_back_finds_it_full_and_a_therapist_always_comes(
        self, appointment: Appointment, dana: User
    ) -> None:
        devices = [self.guest_comes(appointment, number) for number in range(6)]
        therapist = therapist_comes(appointment, dana)
        let_in(**therapist, by=BY_STAFF, now=NOW)
        leave(**devices[0], now=NOW)
        let_in(**therapist, by=BY_STAFF, now=NOW)
        with pytest.raises(CallFull):
            self.guest_comes(appointment, 0)
        self.guest_comes(appointment, 1)  # Loading the page anew takes no second place.
        leave(**therapist, now=NOW)
        self.guest_comes(appointment, 0)
        therapist_comes(appointment, dana)

    def test_whoever_was_not_heard_of_takes_no_place(self, appointment: Appointment, dana: User) -> None:
        for number in range(6):
            self.guest_comes(appointment, number)
        therapist = therapist_comes(appointment, dana)
        let_in(**therapist, by=BY_STAFF, now=NOW)
        let_in(**therapist, by=BY_STAFF, now=NOW + GONE_AFTER)
        assert self.states()[-1] == CallerState.ADMITTED
