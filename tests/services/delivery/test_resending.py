"""Sending a message again because somebody asks for it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.errors import CannotResend, NotAllowed, NotFound
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.models import AppointmentEvent, Message
from telehealth.queries.delivery.message_log import list_copies
from telehealth.services.consent.suppressions import stop_texts
from telehealth.services.delivery.resending import resend_message
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, cancel, make_contact, make_office, make_rule, move
from tests.moments import NOW, at

K, S = MessageKind, MessageStatus
PHONE = "+13035550123"


@pytest.fixture
def office(database: Session) -> Office:
    made = make_office(practice={"grace_minutes": 0}, with_rules=False)
    make_rule(made.practice, 24 * 60, channel=Channel.TEXT)
    return made


@pytest.fixture
def reminder(office: Office, database: Session) -> Message:
    """A reminder by text that was delivered, of an appointment tomorrow at noon."""
    appointment = book(office, at(12), contact=make_contact(phone=PHONE))
    found = database.scalars(
        select(Message).where(Message.appointment_id == appointment.id, Message.kind == K.REMINDER)
    ).one()
    found.status, found.sent_to = S.DELIVERED, PHONE
    db.session.commit()
    return found


def resend(former: Message, now: datetime = NOW, **given: Any) -> Message:
    wanted = {"practice_id": former.practice_id, "message_public_id": former.public_id, "by": BY_STAFF, "now": now}
    return resend_message(**{**wanted, **given})


def test_it_goes_out_again_at_once_and_that_is_written_down(reminder: Message) -> None:
    again = resend(reminder)
    assert (again.status, again.due_at, again.copy, again.instead_of_id) == (S.PLANNED, NOW, 1, reminder.id)
    assert (again.channel, again.kind, again.minutes) == (Channel.TEXT, K.REMINDER, 24 * 60)
    assert db.session.scalars(select(AppointmentEvent.action).order_by(AppointmentEvent.id)).all()[-1] == (
        "message_resent"
    )


def test_as_often_as_they_like(reminder: Message) -> None:
    for copy in (1, 2, 3):
        again = resend(reminder)
        assert again.copy == copy
        again.status = S.DELIVERED
        db.session.commit()


def test_pressed_twice_it_goes_once(reminder: Message) -> None:
    again = resend(reminder)
    with pytest.raises(CannotResend, match="by itself"):
        resend(reminder)
    assert resend(reminder, channel=Channel.EMAIL).channel == Channel.EMAIL
    again.status = S.UNDELIVERED
    db.session.commit()
    assert resend(reminder).copy == 2


def test_what_replaced_it_is_found_without_reading_the_whole_log(reminder: Message, database: Session) -> None:
    again = resend(reminder)
    is_postgresql = database.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        database.execute(text("SET LOCAL enable_seqscan = off"))  # It would read a table this small as a whole.
    plans: list[str] = []

    @event.listens_for(database.connection(), "before_cursor_execute")
    def note(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "instead_of_id =" in statement:
            cursor.execute(f"{'EXPLAIN' if is_postgresql else 'EXPLAIN QUERY PLAN'} {statement}", parameters)
            plans.append(str(cursor.fetchall()))

    assert [each.id for each in list_copies(reminder)] == [again.id]
    assert re.search(r"\(+appointment_id ?=", plans[0]), plans[0]


def test_on_another_channel(reminder: Message) -> None:
    assert resend(reminder, channel=Channel.EMAIL).channel == Channel.EMAIL


def test_until_the_appointment_begins(reminder: Message) -> None:
    late = at(11)
    assert resend(reminder, now=late).not_after == at(12)
    with pytest.raises(CannotResend, match="begun"):
        resend(reminder, now=at(12))


def test_what_is_wrong_by_now_is_not_sent(reminder: Message) -> None:
    assert reminder.appointment is not None
    move(reminder.appointment, at(14, days=2))
    with pytest.raises(CannotResend, match="changed"):
        resend(reminder)


def test_the_end_of_it_can_be_told_again(reminder: Message) -> None:
    assert reminder.appointment is not None
    cancel(reminder.appointment, by=BY_STAFF)
    ends = db.session.scalars(select(Message).where(Message.kind == K.CANCELLATION)).all()
    for end in ends:
        end.status = S.SENT
    db.session.commit()
    assert all(resend(end).not_after == NOW + timedelta(days=1) for end in ends)


@pytest.mark.parametrize("status", [S.PLANNED, S.SENDING])
def test_what_still_waits_goes_by_itself(reminder: Message, status: MessageStatus) -> None:
    reminder.status = status
    db.session.commit()
    with pytest.raises(CannotResend, match="by itself"):
        resend(reminder)


def test_nobody_is_texted_who_ended_texts(reminder: Message) -> None:
    stop_texts(phone=PHONE, now=NOW)
    with pytest.raises(CannotResend, match="ended texts with STOP"):
        resend(reminder)
    assert resend(reminder, channel=Channel.EMAIL).channel == Channel.EMAIL


def test_it_is_for_staff(reminder: Message) -> None:
    with pytest.raises(NotAllowed):
        resend(reminder, by=BY_CLIENT)


def test_another_practice_does_not_find_it(reminder: Message) -> None:
    with pytest.raises(NotFound):
        resend(reminder, practice_id=make_office().practice.id)
    with pytest.raises(NotFound):
        resend(reminder, message_public_id="nonsense")
