"""Asking to be called when video does not work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import InvalidInput, RoomClosed
from telehealth.domain.inbox.alerting import AlertReason
from telehealth.domain.message_words import Channel, MessageKind, TaskKind
from telehealth.domain.words import Mode, Role
from telehealth.models import Alert, Appointment, AppointmentEvent, Message
from telehealth.queries.inbox.tasks import list_open_tasks, phones_of_tasks
from telehealth.services.inbox.alert_rounds import tell_of_what_waits
from telehealth.services.inbox.task_list import finish_task
from telehealth.services.video.calling_instead import ask_for_call
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, cancel, make_contact, make_office, make_user
from tests.factories.rows import change
from tests.moments import at
from tests.texting import tasks

pytestmark = pytest.mark.usefixtures("database")

STARTS = at(10, days=3)
NOW = STARTS + timedelta(minutes=4)
NUMBER, OTHER = "+13035550171", "+13035550172"


@pytest.fixture
def office() -> Office:
    office = make_office()
    user = make_user(office.practice, Role.THERAPIST, email="dana@riverside.example")
    change(office.therapist, user_id=user.id, email="dana@riverside.example")
    return office


@pytest.fixture
def appointment(office: Office) -> Appointment:
    return book(office, STARTS)


def ask(appointment: Appointment, phone: str = NUMBER, *, seat: int = 0, minutes: int = 0) -> None:
    ask_for_call(
        attendee_public_id=appointment.attendees[seat].public_id,
        phone=phone,
        by=BY_CLIENT,
        now=NOW + timedelta(minutes=minutes),
    )


def test_is_one_urgent_task_with_the_number_however_often_it_is_pressed(
    database: Session, appointment: Appointment
) -> None:
    for phone in ("(303) 555-0171", NUMBER, OTHER):
        ask(appointment, phone)
    (task,) = tasks(database)
    assert (task.kind, task.is_urgent, task.appointment_id) == (TaskKind.CALL_BACK, True, appointment.id)
    assert task.client_id == appointment.attendees[0].client_id
    assert phones_of_tasks([task]) == {task.id: OTHER}, "the number that was given last"
    assert "0172" not in task.note
    events = select(AppointmentEvent.action).where(AppointmentEvent.action == AuditAction.CALL_ASKED)
    assert len(database.scalars(events).all()) == 2, "one line for each number, and none for what changed nothing"


def test_the_therapist_sees_it_and_is_told_at_once(database: Session, office: Office, appointment: Appointment) -> None:
    ask(appointment)
    assert [each.kind for each in list_open_tasks(office.practice.id, therapist_id=office.therapist.id)] == [
        TaskKind.CALL_BACK
    ]
    (alert,) = database.scalars(select(Alert)).all()
    assert (alert.reason, alert.began_at) == (AlertReason.CALL_BACK, NOW)
    told = database.scalars(select(Message).where(Message.kind == MessageKind.ALERT)).all()
    assert (office.therapist.email, Channel.EMAIL, NOW) in {(each.sent_to, each.channel, each.due_at) for each in told}
    ask(appointment, OTHER)
    assert len(database.scalars(select(Message).where(Message.kind == MessageKind.ALERT)).all()) == len(told)


def test_whoever_is_on_duty_is_told_when_nobody_looks(
    database: Session, office: Office, appointment: Appointment
) -> None:
    owner = make_user(office.practice, Role.OWNER, email="olive@riverside.example")
    ask(appointment)
    tell_of_what_waits(now=NOW + timedelta(minutes=3))
    told = select(Message.sent_to).where(Message.kind == MessageKind.ALERT, Message.minutes == 3)
    assert set(database.scalars(told)) == {owner.email}


def test_once_it_is_done_it_waits_anew(database: Session, office: Office, appointment: Appointment) -> None:
    ask(appointment)
    (task,) = tasks(database)
    finish_task(practice_id=office.practice.id, task_public_id=task.public_id, by=BY_STAFF, now=NOW)
    ask(appointment, minutes=6)
    assert [each.opened_at for each in list_open_tasks(office.practice.id)] == [NOW + timedelta(minutes=6)]


def test_each_seat_asks_for_itself(database: Session, office: Office) -> None:
    partner = make_contact(name="Ben Ito", email="ben@example.com", phone="+13035550179")
    change(office.service, capacity=2)
    couple = book(office, STARTS, others=(partner,))
    ask(couple, NUMBER)
    ask(couple, OTHER, seat=1)
    found = tasks(database)
    assert phones_of_tasks(found) == dict(zip([each.id for each in found], [NUMBER, OTHER], strict=True))


def test_what_is_no_number_changes_nothing(database: Session, appointment: Appointment) -> None:
    for typed in ("", "call me", "12"):
        with pytest.raises(InvalidInput) as refused:
            ask(appointment, typed)
        assert set(refused.value.fields) == {"phone"}
    assert tasks(database) == []


def test_only_while_the_room_is_open(database: Session, office: Office, appointment: Appointment) -> None:
    for minutes in (-20, 120):
        with pytest.raises(RoomClosed):
            ask(appointment, minutes=minutes)
    in_person = book(office, at(14, days=3), mode=Mode.IN_PERSON)
    with pytest.raises(RoomClosed):
        ask(in_person, minutes=240)
    with pytest.raises(RoomClosed):
        ask(cancel(appointment, by=BY_STAFF))
    assert tasks(database) == []
