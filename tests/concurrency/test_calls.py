"""Everybody in a call does something at the same moment: nobody waits forever, and what it comes to holds."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from telehealth.database import db
from telehealth.domain.video.calls import CallerRole, CallerState, SignalSent
from telehealth.models import Appointment, Caller, CallSignal, CallVisit
from telehealth.services.video.coming import Came, Comer, come, leave
from telehealth.services.video.conducting import end_for_all, let_in
from telehealth.services.video.exchanging import exchange
from tests.concurrency.conftest import Race
from tests.concurrency.racing import Call, look_again
from tests.factories import BY_STAFF, book, make_office
from tests.moments import at

pytestmark = pytest.mark.concurrency

STARTS = at(10, days=3)
NOW = STARTS - timedelta(minutes=5)
DANA = Comer("user:1", CallerRole.THERAPIST, "Dana")
JANE = Comer("guest:jane", CallerRole.GUEST, "Jane")
AGAIN = 4


def make_appointment() -> Appointment:
    return book(make_office(), STARTS)


def coming(appointment: Appointment, comer: Comer, **given: Any) -> Call:
    about = {"practice_id": appointment.practice_id, "appointment_id": appointment.id}
    return partial(come, **about, comer=comer, by=BY_STAFF, now=NOW, **given)


def who(came: Came) -> dict[str, str]:
    return {"caller_public_id": came.caller_public_id, "key": came.key}


def open_visits() -> int:
    open_ones = select(func.count()).select_from(CallVisit).where(CallVisit.ended_at.is_(None))
    return db.session.scalar(open_ones) or 0


def test_of_two_devices_that_come_at_once_one_is_asked_first(race: Race, committed: Flask) -> None:
    appointment = make_appointment()
    outcomes = race([coming(appointment, JANE) for _ in range(AGAIN * 2)])
    assert sorted(each.error for each in outcomes) == ["", *["OpenElsewhere"] * (AGAIN * 2 - 1)]
    look_again()
    assert db.session.scalars(select(Caller.device)).all() == [1]


def test_whoever_takes_over_last_has_it_and_is_counted_once(race: Race, committed: Flask) -> None:
    appointment = make_appointment()
    outcomes = race([coming(appointment, DANA, takes_over=True) for _ in range(AGAIN * 2)])
    assert {each.error for each in outcomes} == {""}
    look_again()
    assert db.session.scalars(select(Caller.device)).all() == [AGAIN * 2]
    assert open_visits() == 1


def test_letting_in_while_they_leave_and_come(race: Race, committed: Flask) -> None:
    appointment = make_appointment()
    dana, jane = coming(appointment, DANA)(), coming(appointment, JANE)()
    calls: list[Call] = []
    for _ in range(AGAIN):
        calls.append(partial(let_in, **who(dana), by=BY_STAFF, now=NOW))
        calls.append(partial(leave, **who(jane), now=NOW))
        calls.append(coming(appointment, JANE, takes_over=True))
    outcomes = race(calls)
    assert {each.error for each in outcomes} <= {"", "OpenElsewhere"}
    look_again()
    inside = db.session.scalars(select(Caller).where(Caller.state == CallerState.ADMITTED)).all()
    assert open_visits() == len(inside)


def test_the_end_for_all_while_everybody_tells_and_comes(race: Race, committed: Flask) -> None:
    """Nobody is left inside unless they came as the therapist, or were let in, after it."""
    appointment = make_appointment()
    dana, jane = coming(appointment, DANA)(), coming(appointment, JANE)()
    let_in(**who(dana), by=BY_STAFF, now=NOW)
    calls: list[Call] = [partial(end_for_all, **who(dana), by=BY_STAFF, now=NOW)]
    for turn in range(1, AGAIN + 1):
        for one, other in ((dana, jane), (jane, dana)):
            sent = [SignalSent(other.caller_public_id, turn, "{}")]
            later = NOW + timedelta(seconds=6)
            calls.append(partial(exchange, **who(one), after=turn, sent=sent, now=later))
    calls.append(coming(appointment, JANE, takes_over=True))
    outcomes = race(calls)
    assert {each.error for each in outcomes} <= {"", "OpenElsewhere"}
    look_again()
    assert db.session.scalars(select(Caller.state).where(Caller.whom == JANE.whom)).one() != CallerState.ADMITTED
    assert open_visits() == 0
    assert (db.session.scalar(select(func.count()).select_from(CallSignal)) or 0) <= AGAIN * 2
