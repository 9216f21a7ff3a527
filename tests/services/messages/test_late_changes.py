"""A change that may not be read in time: said at once, and somebody at the practice calls."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, TaskKind
from telehealth.domain.messages.rules import Rule
from telehealth.models import Appointment, Message, Task
from telehealth.services.messages.replanning import replan_stale
from telehealth.services.messages.rule_setting import RulesWish, save_rules
from tests.factories import BY_CLIENT, BY_STAFF, Office, add_hours, book, cancel, make_contact, make_office, move
from tests.moments import NOW, at

K, S = MessageKind, MessageStatus
GRACE = timedelta(minutes=3)


@pytest.fixture
def office(database: Session) -> Office:
    office = make_office()
    add_hours(office.therapist, time(7), time(23))
    return office


def calls() -> list[Task]:
    return list(db.session.scalars(select(Task).where(Task.kind == TaskKind.CALL)))


def have_told(made: Appointment) -> None:
    for row in db.session.scalars(select(Message).where(Message.kind.in_([K.CONFIRMATION, K.MOVED]))):
        row.status = S.SENT
    db.session.commit()


def due(kind: MessageKind, channel: Channel = Channel.EMAIL) -> datetime:
    found = select(Message).where(Message.kind == kind, Message.channel == channel, Message.attendee_id.is_not(None))
    return db.session.scalars(found.order_by(Message.id.desc())).first().due_at  # type: ignore[union-attr]


@pytest.mark.parametrize(("now", "starts"), [(at(22), at(8, days=2)), (at(20, 58), at(21, 30))])
def test_a_late_cancellation_by_the_practice_opens_a_task_and_goes_at_once(
    office: Office, now: datetime, starts: datetime
) -> None:
    made = book(office, starts)
    have_told(made)
    cancel(made, by=BY_STAFF, now=now)
    (task,) = calls()
    assert (task.is_urgent, task.appointment_id, task.client_id) == (True, made.id, made.attendees[0].client_id)
    assert task.note.endswith("Please call them.")
    assert due(K.CANCELLATION) == now


def test_every_client_of_it_is_called_once(office: Office) -> None:
    made = book(office, at(10))
    have_told(made)
    move(made, at(15), by=BY_STAFF, now=at(9))
    assert len(calls()) == 1
    assert due(K.MOVED) == at(9)


def test_what_they_did_themselves_waits_for_the_grace_and_needs_no_call(office: Office) -> None:
    made = book(office, at(10))
    have_told(made)
    cancel(made, by=BY_CLIENT, now=NOW)
    assert (calls(), due(K.CANCELLATION)) == ([], NOW + GRACE)


def test_what_can_be_read_in_time_needs_no_call(office: Office) -> None:
    made = book(office, at(10, days=3))
    have_told(made)
    cancel(made, by=BY_STAFF, now=NOW)
    assert (calls(), due(K.CANCELLATION)) == ([], NOW + GRACE)


def test_whoever_can_be_written_to_nowhere_is_called_all_the_same(office: Office) -> None:
    made = book(office, at(10), contact=make_contact(wants_texts=False))
    have_told(made)
    for seat in made.attendees:
        seat.email = ""
    db.session.commit()
    cancel(made, by=BY_STAFF, now=at(9))
    assert len(calls()) == 1


def test_a_rule_that_changes_thirty_hours_before_loses_no_reminder(office: Office) -> None:
    """24 hours become 48 hours: the new time has passed, the old one is taken back."""
    made = book(office, at(15, days=7))
    have_told(made)
    wish = RulesWish(K.REMINDER, [Rule(K.REMINDER, channel, 24 * 60) for channel in Channel])
    save_rules(practice_id=office.practice.id, wish=wish, by=BY_STAFF, now=NOW)
    replan_stale(now=NOW)
    thirty_before = at(9, days=6)
    wish = RulesWish(K.REMINDER, [Rule(K.REMINDER, channel, 48 * 60) for channel in Channel])
    save_rules(practice_id=office.practice.id, wish=wish, by=BY_STAFF, now=thirty_before)
    replan_stale(now=thirty_before)
    waiting = db.session.scalars(select(Message).where(Message.kind == K.REMINDER, Message.status == S.PLANNED)).all()
    assert {(each.channel, each.minutes, each.due_at) for each in waiting} == {
        (channel, 48 * 60, thirty_before) for channel in Channel
    }


@pytest.mark.parametrize("minutes", [72 * 60, 71 * 60])
def test_whoever_booked_after_the_time_of_a_reminder_gets_the_next_one_only(office: Office, minutes: int) -> None:
    """Whatever makes it be planned anew: another rule about reminders, a change of something else."""
    made = book(office, at(15, days=2), now=NOW)
    have_told(made)
    later = NOW + timedelta(hours=10)
    rules = [Rule(K.REMINDER, channel, each) for channel in Channel for each in (minutes, 24 * 60)]
    save_rules(practice_id=office.practice.id, wish=RulesWish(K.REMINDER, rules), by=BY_STAFF, now=later)
    replan_stale(now=later)
    waiting = db.session.scalars(select(Message).where(Message.kind == K.REMINDER, Message.status == S.PLANNED)).all()
    assert {each.minutes for each in waiting} == {24 * 60}
    assert all(each.due_at > later for each in waiting)
