"""What waits is told to whoever is next, until somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.inbox.alert_steps import AlertTo, AlertWay
from telehealth.domain.inbox.alerting import AlertReason
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason, SuppressionReason, TaskKind
from telehealth.domain.ports import Gateways, Remedy
from telehealth.domain.video.calls import CallerRole
from telehealth.domain.words import AppointmentStatus, Mode, Role
from telehealth.models import Alert, AlertRule, Appointment, DutyTurn, Message, User
from telehealth.services.appointments.approving import approve_request
from telehealth.services.appointments.attending import (
    record_client_entered,
    record_therapist_entered,
    set_status,
)
from telehealth.services.consent.suppressions import suppress_address
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.sending import deliver_all
from telehealth.services.inbox.alert_looks import see_appointments, see_tasks, take_alerts
from telehealth.services.inbox.alert_rounds import tell_of_what_waits
from telehealth.services.inbox.task_list import finish_task
from telehealth.services.task_opening import open_task
from telehealth.services.video.coming import Came, Comer, come, leave
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, make_office, make_user
from tests.factories.rows import change, keep
from tests.fakes import FakeEmails, FakeTexts
from tests.moments import NOW, at
from tests.texting import tasks

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CRISIS = "I want to die"
OWNERS_PHONE, DESK_PHONE = "+13035550140", "+13035550141"
MORNING = at(9, days=0)


@pytest.fixture
def owner(office: Office) -> User:
    return make_user(office.practice, Role.OWNER)


@pytest.fixture
def desk(office: Office) -> User:
    return make_user(office.practice, Role.FRONT_DESK)


@pytest.fixture
def send(gateways: Gateways, addresses: Addresses) -> Callable[[datetime], None]:
    def send_at(now: datetime) -> None:
        claimed = claim_messages(worker="w", addresses=addresses, limit=50, now=now)
        deliver_all(claimed, gateways=gateways, now=lambda: now)

    return send_at


def alerts(database: Session, *where: Any) -> list[Message]:
    found = select(Message).where(Message.kind == MessageKind.ALERT, *where).order_by(Message.id)
    return list(database.scalars(found.execution_options(populate_existing=True)))


def told_at(database: Session, now: datetime) -> set[tuple[str, Channel]]:
    """Whom a round at an instant tells, and how."""
    before = {each.id for each in alerts(database)}
    tell_of_what_waits(now=now)
    added = [each for each in alerts(database) if each.id not in before and each.told_by_id is None]
    return {(each.sent_to, each.channel) for each in added}


def put_on_the_desk(office: Office, *, now: datetime, kind: TaskKind = TaskKind.CALL, **given: Any) -> None:
    with transaction() as session:
        open_task(session, practice_id=office.practice.id, kind=kind, now=now, **given)


def rule(office: Office, reason: AlertReason, to: AlertTo, **given: Any) -> AlertRule:
    values = {"way": AlertWay.BOTH, "minutes": 0, "days": list(range(7)), **given}
    return keep(AlertRule(practice_id=office.practice.id, reason=reason, to=to, **values))


def request(office: Office, *, now: datetime) -> Appointment:
    change(office.service, approval="always")
    return book(office, at(10, days=7), now=now)


# --- by the usual rules -----------------------------------------------------------------------------------------------


def test_a_crisis_that_nobody_looks_at_is_told_again_to_duty_and_owner(
    database: Session, office: Office, owner: User, desk: User, text: Any
) -> None:
    book(office)
    text(CRISIS, now=NOW)
    assert told_at(database, NOW + 4 * MINUTE) == set(), "they were told at once"
    assert told_at(database, NOW + 5 * MINUTE) == {(owner.email, Channel.EMAIL)}, "nobody is on duty: the owner"
    assert told_at(database, NOW + 15 * MINUTE) == {(owner.email, Channel.EMAIL)}
    assert told_at(database, NOW + 10 * HOUR) == set(), "that was the last step"


def test_whoever_has_looked_ends_it(
    database: Session, office: Office, owner: User, text: Any, send: Callable[[datetime], None], emails: FakeEmails
) -> None:
    text(CRISIS, now=NOW)
    tell_of_what_waits(now=NOW + 6 * MINUTE)
    see_tasks(tasks(database), by=BY_STAFF, now=NOW + 7 * MINUTE)
    assert told_at(database, NOW + 30 * MINUTE) == set()
    send(NOW + 30 * MINUTE)
    assert [each.status for each in alerts(database, Message.minutes > 0)] == [MessageStatus.VOID]
    assert [each.reason for each in alerts(database, Message.minutes > 0)] == [Reason.LOOKED_AT]
    assert database.scalars(select(Alert.seen_at)).all() == [NOW + 7 * MINUTE]


def test_what_is_done_is_not_told(
    database: Session, office: Office, owner: User, text: Any, send: Callable[[datetime], None], emails: FakeEmails
) -> None:
    text(CRISIS, now=NOW)
    task = tasks(database)[0]
    finish_task(practice_id=office.practice.id, task_public_id=task.public_id, by=BY_STAFF, now=NOW)
    assert told_at(database, NOW + 30 * MINUTE) == set()
    send(NOW + 30 * MINUTE)
    assert emails.sent == []


def test_a_request_waits_for_the_desk_then_for_the_owner_by_day(
    database: Session, office: Office, owner: User, desk: User
) -> None:
    evening = at(19, days=0)
    request(office, now=evening)
    assert told_at(database, evening + HOUR) == set()
    assert told_at(database, evening + 3 * HOUR) == set(), "it is night"
    assert told_at(database, at(8, days=1)) == {(desk.email, Channel.EMAIL), (owner.email, Channel.EMAIL)}


def test_an_answered_request_is_told_to_nobody(database: Session, office: Office, desk: User) -> None:
    found = request(office, now=MORNING)
    tell_of_what_waits(now=MORNING)
    approve_request(practice_id=office.practice.id, appointment_id=found.id, by=BY_STAFF, now=MORNING + HOUR)
    assert told_at(database, MORNING + 3 * HOUR) == set()


def test_a_request_that_was_seen_is_told_to_nobody_whether_a_round_came_first_or_not(
    database: Session, office: Office, desk: User
) -> None:
    first = request(office, now=MORNING)
    see_appointments([first], by=BY_STAFF, now=MORNING)
    second = book(office, at(13, days=7), now=MORNING)
    tell_of_what_waits(now=MORNING)
    see_appointments([second], by=BY_STAFF, now=MORNING + MINUTE)
    assert told_at(database, MORNING + 3 * HOUR) == set()
    assert len(database.scalars(select(Alert)).all()) == 2


def test_a_failed_message_is_told_in_half_an_hour(database: Session, office: Office, owner: User, desk: User) -> None:
    put_on_the_desk(office, now=MORNING)
    assert told_at(database, MORNING + 29 * MINUTE) == set()
    assert told_at(database, MORNING + 30 * MINUTE) == {(desk.email, Channel.EMAIL)}
    assert told_at(database, MORNING + 4 * HOUR) == {(owner.email, Channel.EMAIL)}


def test_without_a_desk_the_practices_mailbox_hears_of_it(database: Session, office: Office) -> None:
    put_on_the_desk(office, now=MORNING)
    assert told_at(database, MORNING + HOUR) == {(office.practice.email, Channel.EMAIL)}


def test_what_waits_for_days_is_left_alone(database: Session, office: Office, desk: User) -> None:
    put_on_the_desk(office, now=NOW - timedelta(days=4))
    assert told_at(database, MORNING) == set()


# --- who is here ------------------------------------------------------------------------------------------------------


def test_the_therapist_hears_who_has_arrived_unless_they_said_so(database: Session, office: Office, desk: User) -> None:
    theirs = make_user(office.practice, Role.THERAPIST)
    change(office.therapist, user_id=theirs.id)
    first, second = book(office, at(10)), book(office, at(13))
    for found, who in ((first, desk), (second, theirs)):
        set_status(
            practice_id=office.practice.id, appointment_id=found.id, status=AppointmentStatus.ARRIVED,
            by=type(BY_STAFF)(BY_STAFF.actor, user_id=who.id), now=found.starts_at - 5 * MINUTE,
        )  # fmt: skip
        expected = {(theirs.email, Channel.EMAIL)} if who is desk else set()
        assert told_at(database, found.starts_at - 4 * MINUTE) == expected


def test_a_client_alone_in_the_video_room_is_told_to_the_therapist_then_to_the_desk(
    database: Session, office: Office, desk: User, owner: User
) -> None:
    found = book(office, at(10), mode=Mode.VIRTUAL)
    record_client_entered(attendee_id=found.attendees[0].id, by=BY_CLIENT, now=at(9, 50))
    assert told_at(database, at(10, 2)) == set(), "it begins at ten"
    assert told_at(database, at(10, 3)) == {(office.therapist.email, Channel.EMAIL)}
    assert told_at(database, at(10, 8)) == {(desk.email, Channel.EMAIL), (owner.email, Channel.EMAIL)}
    assert told_at(database, at(11)) == set(), "it is over"


def test_where_the_therapist_is_nobody_is_told(database: Session, office: Office) -> None:
    found = book(office, at(10), mode=Mode.VIRTUAL)
    seat = found.attendees[0].id
    record_client_entered(attendee_id=seat, by=BY_CLIENT, now=at(9, 50))
    tell_of_what_waits(now=at(10))
    record_therapist_entered(practice_id=found.practice_id, appointment_id=found.id, by=BY_STAFF, now=at(10, 1))
    assert told_at(database, at(10, 20)) == set()
    record_client_entered(attendee_id=seat, by=BY_CLIENT, now=at(10, 21))
    db.session.refresh(found.attendees[0])
    assert found.attendees[0].entered_at == at(9, 50), "the first time counts"


def test_with_a_link_of_the_therapists_own_nobody_can_tell(database: Session, office: Office) -> None:
    change(office.therapist, video_url="https://meet.example/me")
    found = book(office, at(10), mode=Mode.VIRTUAL)
    record_client_entered(attendee_id=found.attendees[0].id, by=BY_CLIENT, now=at(9, 50))
    assert told_at(database, at(10, 20)) == set()


def test_who_waits_at_the_door_of_our_own_room_is_told_at_once_unless_a_therapist_is_in(
    database: Session, office: Office
) -> None:
    waits, with_therapist = book(office, at(10), mode=Mode.VIRTUAL), book(office, at(12), mode=Mode.VIRTUAL)
    comes_to_room(waits, CallerRole.CLIENT, now=at(9, 50))
    assert told_at(database, at(9, 50)) == {(office.therapist.email, Channel.EMAIL)}
    comes_to_room(with_therapist, CallerRole.THERAPIST, now=at(11, 50))
    comes_to_room(with_therapist, CallerRole.CLIENT, now=at(11, 51))
    assert told_at(database, at(11, 51)) == set()


def test_whoever_the_therapist_leaves_alone_in_our_own_room_is_told(database: Session, office: Office) -> None:
    found = book(office, at(10), mode=Mode.VIRTUAL)
    therapist = comes_to_room(found, CallerRole.THERAPIST, now=at(9, 58))
    comes_to_room(found, CallerRole.CLIENT, now=at(9, 59))
    leave(caller_public_id=therapist.caller_public_id, key=therapist.key, now=at(10, 20))
    assert told_at(database, at(10, 21)) == set(), "a page may be loaded anew"
    assert told_at(database, at(10, 23)) == {(office.therapist.email, Channel.EMAIL)}
    comes_to_room(found, CallerRole.THERAPIST, now=at(10, 24))
    assert told_at(database, at(10, 29)) == set()


def comes_to_room(found: Appointment, role: CallerRole, *, now: datetime) -> Came:
    seat = found.attendees[0].id if role == CallerRole.CLIENT else None
    comer = Comer(role.value, role, role.value, attendee_id=seat)
    by = BY_STAFF if role == CallerRole.THERAPIST else BY_CLIENT
    return come(practice_id=found.practice_id, appointment_id=found.id, comer=comer, takes_over=True, by=by, now=now)


# --- by rules of the practice's own -----------------------------------------------------------------------------------


def test_own_rules_replace_the_usual_ones_of_a_kind(database: Session, office: Office, owner: User, desk: User) -> None:
    rule(office, AlertReason.TO_DO, AlertTo.PERSON, user_id=owner.id, minutes=10)
    put_on_the_desk(office, now=MORNING)
    assert told_at(database, MORNING + 9 * MINUTE) == set()
    assert told_at(database, MORNING + 10 * MINUTE) == {(owner.email, Channel.EMAIL)}
    assert told_at(database, MORNING + 5 * HOUR) == set()


def test_nobody_means_nobody(database: Session, office: Office, desk: User) -> None:
    rule(office, AlertReason.TO_DO, AlertTo.NOBODY)
    put_on_the_desk(office, now=MORNING)
    assert told_at(database, MORNING + HOUR) == set()


def test_who_is_on_duty_by_the_roster_past_midnight(database: Session, office: Office, owner: User, desk: User) -> None:
    monday = NOW.weekday()
    turn = {"practice_id": office.practice.id, "weekday": monday, "starts": 20 * 60, "ends": 6 * 60}
    keep(DutyTurn(user_id=desk.id, **turn))
    rule(office, AlertReason.TO_DO, AlertTo.ON_DUTY)
    for now, who in ((at(19, days=0), owner), (at(21, days=0), desk), (at(5, days=1), desk), (at(6, days=1), owner)):
        put_on_the_desk(office, now=now, kind=TaskKind.CALL, message=None)
        assert told_at(database, now) == {(who.email, Channel.EMAIL)}


def test_a_step_has_days_and_hours(database: Session, office: Office, desk: User) -> None:
    tomorrow = (NOW.weekday() + 1) % 7
    rule(office, AlertReason.TO_DO, AlertTo.FRONT_DESK, days=[tomorrow], starts=13 * 60, ends=14 * 60)
    put_on_the_desk(office, now=MORNING)
    assert told_at(database, at(13, days=0)) == set()
    assert told_at(database, at(12, days=1)) == set()
    assert told_at(database, at(13, days=1)) == {(desk.email, Channel.EMAIL)}


def test_people_choose_how_they_are_told(database: Session, office: Office, owner: User, desk: User) -> None:
    change(owner, alert_phone=OWNERS_PHONE, alert_phone_proved_at=NOW)
    change(desk, alert_phone=DESK_PHONE, alert_phone_proved_at=NOW, alert_way=AlertWay.TEXT)
    rule(office, AlertReason.TO_DO, AlertTo.FRONT_DESK, way=AlertWay.EMAIL)
    rule(office, AlertReason.TO_DO, AlertTo.OWNERS, way=AlertWay.BOTH)
    put_on_the_desk(office, now=MORNING)
    assert told_at(database, MORNING) == {
        (DESK_PHONE, Channel.TEXT), (OWNERS_PHONE, Channel.TEXT), (owner.email, Channel.EMAIL),
    }  # fmt: skip


def test_who_ended_texts_is_e_mailed(database: Session, office: Office, desk: User) -> None:
    change(desk, alert_phone=DESK_PHONE, alert_phone_proved_at=NOW)
    rule(office, AlertReason.TO_DO, AlertTo.FRONT_DESK, way=AlertWay.TEXT)
    with transaction() as session:
        suppress_address(
            session, practice_id=office.practice.id, channel=Channel.TEXT, address=DESK_PHONE,
            reason=SuppressionReason.STOP, now=NOW,
        )  # fmt: skip
    put_on_the_desk(office, now=MORNING)
    assert told_at(database, MORNING) == {(desk.email, Channel.EMAIL)}


def test_a_text_that_fails_goes_as_an_e_mail_to_the_same_person(
    database: Session, office: Office, desk: User, send: Callable[[datetime], None], texts: FakeTexts
) -> None:
    change(desk, alert_phone=DESK_PHONE, alert_phone_proved_at=NOW)
    rule(office, AlertReason.TO_DO, AlertTo.FRONT_DESK, way=AlertWay.TEXT)
    put_on_the_desk(office, now=MORNING)
    put_on_the_desk(office, now=MORNING)
    tell_of_what_waits(now=MORNING)
    texts.fail_next(Remedy.GIVE_UP)
    send(MORNING)
    instead = alerts(database)[-1]
    assert (instead.sent_to, instead.channel) == (desk.email, Channel.EMAIL)
    assert {each.told_by_id for each in alerts(database, Message.status == MessageStatus.VOID)} == {instead.id}
    assert told_at(database, MORNING + HOUR) == set(), "a lost alert is no alert"


# --- not too often ----------------------------------------------------------------------------------------------------


def test_many_at_once_are_one_message_that_counts(
    database: Session, office: Office, desk: User, send: Callable[[datetime], None], emails: FakeEmails
) -> None:
    for _ in range(12):
        put_on_the_desk(office, now=MORNING)
    assert told_at(database, MORNING + HOUR) == {(desk.email, Channel.EMAIL)}
    assert len(alerts(database)) == 12
    send(MORNING + HOUR)
    (email,) = emails.sent
    assert "and 11 more like it" in email.letter.paragraphs[0]
    first = database.scalars(select(Alert.public_id).order_by(Alert.id)).first()
    assert email.letter.actions[0][1].endswith(f"/desk/alerts/{first}")


def test_what_comes_meanwhile_waits_for_the_next_one(database: Session, office: Office, desk: User) -> None:
    put_on_the_desk(office, now=MORNING)
    assert told_at(database, MORNING + 30 * MINUTE) != set()
    for minutes in range(5):
        put_on_the_desk(office, now=MORNING + minutes * MINUTE)
    assert told_at(database, MORNING + 40 * MINUTE) == set()
    assert told_at(database, MORNING + 60 * MINUTE) == {(desk.email, Channel.EMAIL)}
    assert len([each for each in alerts(database) if each.told_by_id is None]) == 2


def test_two_rounds_at_one_moment_tell_once(database: Session, office: Office, desk: User) -> None:
    put_on_the_desk(office, now=MORNING)
    assert tell_of_what_waits(now=MORNING + HOUR) == 1
    assert tell_of_what_waits(now=MORNING + HOUR) == 0


# --- taking it --------------------------------------------------------------------------------------------------------


def test_who_has_it_first_stays(database: Session, office: Office, owner: User, desk: User) -> None:
    put_on_the_desk(office, now=MORNING)
    tell_of_what_waits(now=MORNING)
    (found,) = database.scalars(select(Alert)).all()
    for minutes, who in ((1, desk), (2, owner)):
        by = type(BY_STAFF)(BY_STAFF.actor, user_id=who.id)
        take_alerts(practice_id=office.practice.id, alert_ids=[found.id], by=by, now=MORNING + minutes * MINUTE)
    database.refresh(found)
    assert (found.taken_by_id, found.taken_at, found.seen_by_id) == (desk.id, MORNING + MINUTE, desk.id)
    assert told_at(database, MORNING + HOUR) == set()


def test_one_practice_does_not_hear_of_another(database: Session, office: Office, desk: User) -> None:
    other = make_office()
    theirs = make_user(other.practice, Role.FRONT_DESK)
    put_on_the_desk(other, now=MORNING)
    assert told_at(database, MORNING + HOUR) == {(theirs.email, Channel.EMAIL)}
