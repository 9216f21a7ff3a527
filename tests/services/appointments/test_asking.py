"""Asking clients to choose another time: one message, no reminder, freely moved, and the desk goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.appointments.policies import when_desk_goes_on
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import ImpossibleStatus, InsideWindow, MovedTooOften, NotAllowed, SlotTaken, TooLate
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, TaskKind
from telehealth.domain.words import AppointmentStatus, Approval
from telehealth.models import Appointment, AppointmentEvent, Message, Task, Therapist
from telehealth.services.appointments.asking import ask_to_move, have_desk_go_on, keep_after_all
from telehealth.services.appointments.attending import confirm_seat, set_status
from telehealth.services.appointments.reassigning import reassign_appointments
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    cancel,
    make_contact,
    make_couple_office,
    make_group_office,
    make_office,
    make_therapist,
    move,
)
from tests.factories.rows import change
from tests.moments import NOW, at

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLIENT_READS = (MessageKind.CHOOSE_AGAIN, MessageKind.CONFIRMATION, MessageKind.MOVED, MessageKind.CANCELLATION)
K = MessageKind


@pytest.fixture
def office(database: Session) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def colleague(office: Office) -> Therapist:
    return make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")


def far(office: Office) -> Appointment:
    """In five days, so that both reminders are planned; its confirmations were sent."""
    made = book(office, at(10, days=8))
    everything_goes(made)
    return made


def everything_goes(made: Appointment) -> None:
    """What is news of it by now was sent."""
    for each in [*planned(made), *planned(made, to_client=False)]:
        if each.kind in CLIENT_READS:
            change(each, status=MessageStatus.SENT, sent_at=NOW)


def planned(made: Appointment, *, to_client: bool = True) -> list[Message]:
    waiting = select(Message).where(Message.appointment_id == made.id, Message.status == MessageStatus.PLANNED)
    found = db.session.scalars(waiting.order_by(Message.id).execution_options(populate_existing=True)).all()
    return [each for each in found if (each.attendee_id is not None) == to_client]


def kinds(made: Appointment) -> set[MessageKind]:
    return {each.kind for each in planned(made)}


def ask(made: Appointment, **given: object) -> Appointment:
    usual = {"practice_id": made.practice_id, "appointment_id": made.id, "by": BY_STAFF, "now": NOW}
    return ask_to_move(**{**usual, **given})  # type: ignore[arg-type]


def keep(made: Appointment) -> Appointment:
    return keep_after_all(practice_id=made.practice_id, appointment_id=made.id, by=BY_STAFF, now=NOW)


def actions(database: Session, made: Appointment) -> list[AuditAction]:
    lines = select(AppointmentEvent.action).where(AppointmentEvent.appointment_id == made.id)
    return list(database.scalars(lines.order_by(AppointmentEvent.id)))


def test_one_message_and_no_reminder(database: Session, office: Office) -> None:
    made = far(office)
    assert K.REMINDER in kinds(made)
    ask(made, reason="Dana Rivera is ill")
    assert kinds(made) == {K.CHOOSE_AGAIN}
    first = [each.id for each in planned(made)]
    assert {each.channel for each in planned(made)} <= set(Channel)
    assert planned(made, to_client=False) == [], "their therapist has nothing new to read"
    ask(made)
    assert [each.id for each in planned(made)] == first, "a second press sends no second message"
    assert actions(database, made) == [AuditAction.BOOKED, AuditAction.ASKED_TO_MOVE]
    event = database.scalars(select(AppointmentEvent).order_by(AppointmentEvent.id.desc())).first()
    assert event is not None
    assert event.details["reason"] == "Dana Rivera is ill"
    assert (made.status, made.starts_at) == (AppointmentStatus.BOOKED, at(10, days=8)), "it keeps its time meanwhile"


def test_nothing_is_said_when_it_is_taken_back_in_time(office: Office) -> None:
    made = far(office)
    ask(made)
    keep(made)
    assert kinds(made) & set(CLIENT_READS) == set()
    assert K.REMINDER in kinds(made)


def test_who_was_asked_is_told_that_it_is_kept(database: Session, office: Office) -> None:
    made = far(office)
    ask(made)
    everything_goes(made)
    keep(made)
    assert K.CONFIRMATION in kinds(made)
    assert K.MOVED not in kinds(made)
    everything_goes(made)
    ask(made)
    assert kinds(made) == {K.CHOOSE_AGAIN}, "asked again is a message of its own"
    assert actions(database, made).count(AuditAction.KEPT_AFTER_ALL) == 1


def test_who_has_chosen_is_told_of_a_move(database: Session, office: Office) -> None:
    made = far(office)
    ask(made)
    everything_goes(made)
    move(made, at(12, days=9))
    assert made.asked_to_move_at is None
    assert made.desk_goes_on_at is None
    assert K.MOVED in kinds(made)
    assert K.REMINDER in kinds(made)
    last = database.scalars(select(AppointmentEvent).order_by(AppointmentEvent.id.desc())).first()
    assert last is not None
    assert last.details["asked"] is True


def test_who_is_handed_over_to_a_colleague_reads_that_it_is_booked(office: Office, colleague: Therapist) -> None:
    made = far(office)
    ask(made)
    everything_goes(made)
    reassign_appointments(
        practice_id=office.practice.id,
        away=office.therapist.id,
        moves={made.id: colleague.public_id},
        by=BY_STAFF,
        now=NOW,
    )
    assert made.asked_to_move_at is None
    assert K.CONFIRMATION in kinds(made)


def test_the_terms_do_not_bind_who_was_asked(office: Office) -> None:
    made = book(office, at(10))  # Inside the window of a day.
    change(office.practice, most_moves=0)
    later = NOW + HOUR
    with pytest.raises((InsideWindow, MovedTooOften)):
        move(made, at(12, days=2), now=later)
    ask(made)
    move(made, at(12, days=7), now=later)
    assert made.starts_at == at(12, days=7)
    assert made.places_left_behind == [], "it does not count towards how often they may move"


def test_no_yes_is_needed_for_a_time_that_they_were_asked_to_choose(office: Office) -> None:
    made = far(office)
    change(office.practice, moves_ask_again=True)
    change(office.service, approval=Approval.ALWAYS)
    ask(made)
    move(made, at(12, days=9))
    assert made.status == AppointmentStatus.BOOKED


def test_the_time_that_cannot_be_kept_is_no_choice(office: Office) -> None:
    made = far(office)
    ask(made)
    with pytest.raises(SlotTaken):
        move(made, at(10, 30, days=8))
    move(made, at(10, 30, days=8), by=BY_STAFF)
    assert made.starts_at == at(10, 30, days=8), "staff may still move it there"


def test_cancelling_is_not_late(office: Office) -> None:
    made = book(office, at(10))
    ask(made)
    cancel(made, now=at(9))
    assert not made.attendees[0].late_cancel
    assert made.asked_to_move_at is None


def test_nobody_misses_it(office: Office) -> None:
    made = book(office, at(10))
    ask(made)
    with pytest.raises(NotAllowed, match="no missed session"):
        set_status(
            practice_id=made.practice_id,
            appointment_id=made.id,
            status=AppointmentStatus.NOSHOW,
            by=BY_STAFF,
            now=at(11),
        )
    with pytest.raises(TooLate):
        cancel(made, now=at(11))
    cancel(made, by=BY_STAFF, now=at(11))
    assert made.status == AppointmentStatus.CANCELLED


def test_they_came_all_the_same(office: Office) -> None:
    made = book(office, at(10))
    ask(made)
    set_status(
        practice_id=made.practice_id,
        appointment_id=made.id,
        status=AppointmentStatus.FULFILLED,
        by=BY_STAFF,
        now=at(11),
    )
    assert made.asked_to_move_at is None


def test_nobody_confirms_a_time_that_they_were_asked_to_leave(office: Office) -> None:
    made = far(office)
    confirm_seat(attendee_public_id=made.attendees[0].public_id, by=BY_CLIENT, now=NOW)
    ask(made)
    assert made.attendees[0].confirmed_at is None
    with pytest.raises(ImpossibleStatus):
        confirm_seat(attendee_public_id=made.attendees[0].public_id, by=BY_CLIENT, now=NOW)


def test_couples_are_asked_each_and_the_first_to_choose_moves_it(database: Session) -> None:
    made = book(make_couple_office(), at(10, days=8), others=(make_contact(name="Alex Roe", email="alex@example.com"),))
    ask(made)
    assert {each.attendee_id for each in planned(made)} == {each.id for each in made.attendees}
    move(made, at(12, days=9))
    assert (made.starts_at, made.asked_to_move_at) == (at(12, days=9), None)


def test_who_cannot_be_asked(database: Session, office: Office) -> None:
    over, off = book(office, at(10)), cancel(book(office, at(12)))
    group = make_group_office()
    seated = book(group, at(10, days=8))
    with pytest.raises(TooLate):
        ask(over, now=at(10))
    with pytest.raises(ImpossibleStatus):
        ask(off)
    with pytest.raises(NotAllowed, match="group"):
        ask(seated)
    with pytest.raises(NotAllowed):
        ask(over, by=BY_CLIENT)
    asking = make_office(service={"approval": Approval.ALWAYS})
    with pytest.raises(NotAllowed, match="request"):
        ask(book(asking, at(10, days=8)))
    with pytest.raises(ImpossibleStatus):
        keep(off)


def test_when_the_desk_goes_on() -> None:
    assert when_desk_goes_on(asked_at=NOW, starts_at=NOW + 5 * DAY) == NOW + 4 * DAY
    assert when_desk_goes_on(asked_at=NOW, starts_at=NOW + 6 * HOUR) == NOW + 3 * HOUR


def test_somebody_calls_who_has_not_chosen(database: Session, office: Office) -> None:
    made, other = far(office), book(office, at(12, days=8))
    ask(made)
    ask(other)
    move(other, at(14, days=9))
    before = made.starts_at - DAY
    assert have_desk_go_on(now=before - HOUR) == 0
    assert have_desk_go_on(now=before) == 1
    assert have_desk_go_on(now=before) == 0, "once is enough"
    (task,) = database.scalars(select(Task)).all()
    assert (task.kind, task.appointment_id, task.client_id) == (TaskKind.CALL, made.id, made.attendees[0].client_id)
    assert task.is_urgent
    move(made, at(14, days=10))


def test_who_is_asked_at_the_last_moment_is_called(database: Session, office: Office) -> None:
    made = far(office)
    ask(made, now=made.starts_at - HOUR)
    notes = [each.note for each in database.scalars(select(Task)) if each.kind == TaskKind.CALL]
    assert any("another time" in each for each in notes)
