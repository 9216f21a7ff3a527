"""Texts under contention: one text delivered many times at once, and a yes against a cancellation."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import MessageKind
from telehealth.domain.words import AppointmentStatus
from telehealth.models import AppointmentEvent, Attendee, InboundText, Message, Practice, Suppression, Task
from telehealth.services.appointments.attending import confirm_seat
from telehealth.services.appointments.cancelling import cancel_appointment
from telehealth.services.inbox.receiving import receive_text
from telehealth.services.practice.practice_settings import set_text_sender
from tests.concurrency.conftest import Race
from tests.concurrency.racing import look_again
from tests.factories import BY_CLIENT, BY_STAFF, book, make_office
from tests.moments import NOW

pytestmark = pytest.mark.concurrency

NUMBER, OURS = "+13035550123", "+13035550999"
ADDRESSES = Addresses("http://localhost", ["k" * 32])
MANY = 8


def coming(body: str, sid: str) -> partial[InboundText | None]:
    return partial(
        receive_text, provider_id=sid, sender=NUMBER, recipient=OURS, body=body, addresses=ADDRESSES, now=NOW
    )


def count(model: type, *where: object) -> int:
    look_again()
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0  # type: ignore[arg-type]


@pytest.mark.parametrize("body", ["C", "R", "STOP", "Is there parking?", "I want to die"])
def test_one_text_delivered_many_times_at_once_is_taken_once(race: Race, body: str) -> None:
    book(make_office())
    outcomes = race([coming(body, "SM1")] * MANY)
    assert {outcome.error for outcome in outcomes} == {""}
    assert count(InboundText) == 1
    assert count(Message, Message.kind == MessageKind.REPLY) == (0 if body == "STOP" else 1)
    assert count(Task) == (1 if len(body) > 4 else 0)
    assert count(AppointmentEvent, AppointmentEvent.action == "confirmed") == (1 if body == "C" else 0)
    assert count(Suppression) == (1 if body == "STOP" else 0)


def test_many_yeses_at_once_are_one(race: Race) -> None:
    book(make_office())
    outcomes = race([coming("C", f"SM{number}") for number in range(MANY)])
    assert {outcome.error for outcome in outcomes} == {""}
    assert count(InboundText) == MANY
    assert count(AppointmentEvent, AppointmentEvent.action == "confirmed") == 1


def test_a_yes_against_a_cancellation(race: Race) -> None:
    """Whoever comes first: what is cancelled is not confirmed afterwards, and nobody hangs."""
    found = book(make_office())
    off = partial(cancel_appointment, practice_id=found.practice_id, appointment_id=found.id, by=BY_CLIENT, now=NOW)
    by_page = partial(confirm_seat, attendee_public_id=found.attendees[0].public_id, by=BY_CLIENT, now=NOW)
    outcomes = race([off, *(coming("C", f"SM{number}") for number in range(4)), by_page])
    assert {outcome.error for outcome in outcomes} <= {"", "AlreadyCancelled"}
    look_again()
    seat = db.session.scalars(select(Attendee)).one()
    assert seat.status == AppointmentStatus.CANCELLED
    actions = db.session.scalars(select(AppointmentEvent.action).order_by(AppointmentEvent.id)).all()
    assert "confirmed" not in actions[actions.index("cancelled") :]


def test_a_stop_while_answers_are_planned(race: Race, committed: Flask) -> None:
    book(make_office())
    outcomes = race([coming("STOP", "SM0"), *(coming("hello there", f"SM{number}") for number in range(1, MANY))])
    assert {outcome.error for outcome in outcomes} == {""}
    assert count(Suppression) == 1
    assert count(InboundText) == MANY


def test_two_practices_do_not_choose_one_number_at_once(race: Race) -> None:
    """Answers would reach the wrong one."""
    offices = [make_office() for _ in range(MANY)]
    choices = [
        partial(set_text_sender, practice_id=each.practice.id, text_sender=OURS, ours=(), by=BY_STAFF, now=NOW)
        for each in offices
    ]
    assert sorted(outcome.error for outcome in race(choices)) == ["", *["InvalidInput"] * (MANY - 1)]
    assert count(Practice, Practice.text_sender == OURS) == 1
