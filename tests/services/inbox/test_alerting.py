"""Somebody is told at once: what must not wait reaches the therapist and the desk, and says nothing on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.inbox.alerting import AlertReason, StaffAlerts, alert_letter, alert_text
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason, SuppressionReason, TaskKind
from telehealth.domain.messages import segments
from telehealth.domain.messages.discretion import revealing
from telehealth.domain.ports import DeliveryStatus, Gateways, Remedy
from telehealth.domain.words import Mode, Role
from telehealth.models import Message, Policy, Suppression, Task
from telehealth.queries.inbox.inbound_texts import list_thread
from telehealth.services.consent.suppressions import suppress_address
from telehealth.services.delivery.claiming import claim_messages, expire_messages
from telehealth.services.delivery.resending import resend_message
from telehealth.services.delivery.sending import deliver_all
from telehealth.services.delivery.status_reports import StatusReport, record_status
from tests.factories import BY_STAFF, Office, book, make_contact, make_office, make_practice, make_therapist, make_user
from tests.factories.rows import change, keep
from tests.fakes import FakeEmails, FakeTexts
from tests.moments import NOW, at
from tests.texting import HOUR, NUMBER, OTHER, seat_of, tasks

MINUTE = timedelta(minutes=1)
CRISIS = "I want to die"
THERAPISTS_PHONE, DESK_PHONE = "+13035550140", "+13035550141"


@dataclass(frozen=True)
class Staff:
    """Whom the office has: addresses."""

    owner: str
    desk: str
    therapist: str


@pytest.fixture
def staff(database: Session, office: Office) -> Staff:
    """An owner, a front desk, a therapist who signs in with an address of their own, and a number for alerts."""
    owner = make_user(office.practice, Role.OWNER)
    desk = make_user(office.practice, Role.FRONT_DESK)
    make_user(office.practice, Role.FRONT_DESK, active=False)
    theirs = make_user(office.practice, Role.THERAPIST)
    change(office.therapist, user_id=theirs.id, phone=THERAPISTS_PHONE, phone_proved_at=NOW)
    change(office.practice, alert_phone=DESK_PHONE)
    return Staff(owner.email, desk.email, theirs.email)


@pytest.fixture
def send(gateways: Gateways, addresses: Addresses) -> Callable[[datetime], None]:
    def send_at(now: datetime) -> None:
        claimed = claim_messages(worker="w", addresses=addresses, limit=50, now=now)
        deliver_all(claimed, gateways=gateways, now=lambda: now)

    return send_at


def alerts(database: Session) -> list[Message]:
    found = select(Message).where(Message.kind == MessageKind.ALERT).order_by(Message.id)
    return list(database.scalars(found.execution_options(populate_existing=True)))


def told(database: Session) -> set[str]:
    return {each.sent_to for each in alerts(database)}


def report(message: Message, status: DeliveryStatus, *, now: datetime, remedy: Remedy | None = None) -> None:
    given = StatusReport(message.provider_id or "text-x", status, status, None, {}, remedy)
    record_status(reference=message.public_id, report=given, now=now)


def answer(database: Session) -> Message:
    return database.scalars(
        select(Message).where(Message.kind == MessageKind.REPLY).order_by(Message.id.desc()).limit(1)
    ).one()


# --- who is told ------------------------------------------------------------------------------------------------------


def test_a_crisis_is_told_to_therapist_and_desk_at_once(
    database: Session, office: Office, staff: Staff, text: Any, send: Callable[[datetime], None],
    texts: FakeTexts, emails: FakeEmails,
) -> None:  # fmt: skip
    book(office, at(10, days=4))
    night = at(3)
    text(CRISIS, now=night)
    send(night)
    assert {each.to for each in emails.sent} >= {staff.owner, staff.desk, staff.therapist}
    assert {each.to for each in texts.sent} == {NUMBER, THERAPISTS_PHONE, DESK_PHONE}, "quiet hours are for clients"
    url = f"/desk/tasks/{tasks(database)[0].public_id}"
    for each in texts.sent:
        assert (url in each.body) == (each.to != NUMBER)
    assert all(email.letter.actions[0][1].endswith(url) for email in emails.sent if email.to in told(database))


def test_an_alert_says_nothing_of_whom_it_is_about_or_of_what_they_wrote(
    database: Session, office: Office, staff: Staff, text: Any, send: Callable[[datetime], None],
    texts: FakeTexts, emails: FakeEmails,
) -> None:  # fmt: skip
    client = seat_of(book(office)).client
    text(CRISIS)
    send(NOW)
    ours = [each.body for each in texts.sent if each.to != NUMBER]
    letters = [" ".join([each.letter.subject, *each.letter.paragraphs]) for each in emails.sent]
    letters = [each for each in letters if "Please look" in each]
    assert len(ours) == 2
    assert len(letters) == 3
    for said in (*ours, *letters):
        assert not [each for each in (*client.name.split(), "die", NUMBER) if each in said]
        assert revealing(said) == []


@pytest.mark.parametrize("why", AlertReason)
def test_the_words_fit_a_text_and_a_locked_screen(why: AlertReason) -> None:
    said = alert_text("Riverside Office", why, "https://x.example/desk/tasks/00000000-0000-0000-0000-000000000000")
    letter = alert_letter("Riverside Office", why, "https://x.example")
    assert segments.measure_text(said).segments <= 2
    assert segments.measure_text(said).odd == ()
    assert revealing(f"{said} {letter.subject} {' '.join(letter.paragraphs)} {' '.join(letter.closing)}") == []


def test_a_second_one_is_told_and_answered_too(database: Session, office: Office, staff: Staff, text: Any) -> None:
    book(office)
    assert "988" in text(CRISIS)
    one = len(alerts(database))
    assert "988" in text(CRISIS, now=NOW + MINUTE)
    assert len(alerts(database)) == 2 * one


def test_a_repeated_delivery_is_told_once(database: Session, office: Office, staff: Staff, text: Any) -> None:
    book(office)
    text(CRISIS, sid="SM7")
    one = len(alerts(database))
    text(CRISIS, sid="SM7")
    assert len(alerts(database)) == one


def test_nobody_is_told_twice_of_one_text(database: Session, text: Any) -> None:
    office = make_office()
    solo = make_user(office.practice, Role.OWNER, email="Solo@riverside.example")
    change(
        office.therapist, user_id=solo.id, phone=THERAPISTS_PHONE, phone_proved_at=NOW, email="solo@riverside.example"
    )
    change(office.practice, alert_phone=THERAPISTS_PHONE)
    book(office)
    text(CRISIS)
    assert sorted(each.sent_to for each in alerts(database)) == [THERAPISTS_PHONE, "Solo@riverside.example"]


def test_the_therapist_of_the_next_else_of_the_last_appointment(database: Session, office: Office, text: Any) -> None:
    other = make_therapist(office.practice, office.service)
    client = make_contact()
    book(office, contact=client)
    text(CRISIS, now=at(15))
    assert told(database) == {office.therapist.email}, "it was at ten"
    book(office, at(10, days=7), contact=client, therapist=other.public_id)
    text(CRISIS, now=at(16))
    assert {each.sent_to for each in alerts(database)[1:]} == {other.email}


def test_without_anybody_the_practices_own_address_is_told(database: Session, office: Office, text: Any) -> None:
    text(CRISIS, sender=OTHER)
    assert told(database) == {office.practice.email}


def test_addresses_that_do_not_work_are_passed_over(database: Session, office: Office, staff: Staff, text: Any) -> None:
    book(office)
    for channel, address in ((Channel.TEXT, THERAPISTS_PHONE), (Channel.EMAIL, staff.desk)):
        with transaction() as session:
            suppress_address(
                session,
                practice_id=office.practice.id,
                channel=channel,
                address=address,
                reason=SuppressionReason.BAD_ADDRESS,
                now=NOW,
            )
    text(CRISIS)
    assert told(database) == {staff.therapist, staff.owner, DESK_PHONE}


# --- near a session ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [-110, -30, 0, 10, 49])
def test_near_a_session_whatever_needs_a_person_is_told_and_answered_each_time(
    database: Session, office: Office, staff: Staff, text: Any, minutes: int, addresses: Addresses
) -> None:
    found = book(office)
    now = at(10) + minutes * MINUTE
    for body in ("the link is broken", "hello? running late"):
        said = text(body, now=now)
        assert "passing this on" in said
        assert addresses.join(seat_of(found)) in said
    assert {each.says for each in alerts(database)} == {AlertReason.NEAR}
    assert len(alerts(database)) == 2 * 5
    assert [task.appointment_id for task in tasks(database)] == [found.id] * 2
    assert not any(task.is_urgent for task in tasks(database))


@pytest.mark.parametrize("minutes", [-121, 51])
def test_at_other_times_it_is_a_task_alone(
    database: Session, office: Office, staff: Staff, text: Any, minutes: int
) -> None:
    book(office)
    assert "somebody will read" in text("the link is broken", now=at(10) + minutes * MINUTE)
    assert alerts(database) == []


def test_what_needs_nobody_is_not_told(database: Session, office: Office, staff: Staff, text: Any) -> None:
    book(office)
    for body in ("C", "thanks!", "👍"):
        text(body, now=at(9, 30))
    assert alerts(database) == []


def test_wanting_another_time_right_before_is_told(database: Session, office: Office, staff: Staff, text: Any) -> None:
    policy = Policy(practice_id=office.practice.id, version=1, window_minutes=24 * 60, when_late="call", created_at=NOW)
    change(office.service, policy=keep(policy))
    book(office, mode=Mode.PHONE)
    assert "Please call" in text("R", now=at(9))
    assert told(database) >= {staff.therapist, staff.desk}


# --- the practice's rule ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "urgent", "near"),
    [(StaffAlerts.OFF, False, False), (StaffAlerts.URGENT, True, False), (StaffAlerts.NEAR, True, True)],
)
def test_the_practice_decides(
    database: Session, office: Office, text: Any, rule: StaffAlerts, urgent: bool, near: bool
) -> None:
    change(office.practice, alerts=rule)
    book(office)
    text("the link is broken", now=at(9))
    assert bool(alerts(database)) == near
    text(CRISIS, now=at(9, 1))
    assert any(each.says == AlertReason.URGENT for each in alerts(database)) == urgent
    assert len(tasks(database)) == 2


def test_it_is_on_unless_the_practice_says_otherwise(database: Session) -> None:
    assert make_practice().alerts == StaffAlerts.NEAR


def test_a_machine_does_not_ring_all_night(database: Session, office: Office, text: Any) -> None:
    book(office)
    for minutes in range(9):
        text(CRISIS, now=NOW + minutes * MINUTE)
    assert len({each.alert_id for each in alerts(database)}) == 5
    assert len(tasks(database)) == 9
    text(CRISIS, now=NOW + 2 * HOUR)
    assert len({each.alert_id for each in alerts(database)}) == 6


# --- when it does not get through -------------------------------------------------------------------------------------


def test_a_number_that_does_not_work_and_has_no_mailbox_is_told_at_the_practices(
    database: Session, office: Office, staff: Staff, text: Any, send: Callable[[datetime], None]
) -> None:
    book(office)
    text(CRISIS)
    send(NOW)
    (ours,) = [each for each in alerts(database) if each.sent_to == DESK_PHONE]
    report(ours, DeliveryStatus.UNDELIVERED, now=NOW + MINUTE, remedy=Remedy.BAD_ADDRESS)
    added = alerts(database)[-1]
    assert (added.channel, added.sent_to, added.status) == (Channel.EMAIL, office.practice.email, MessageStatus.PLANNED)
    assert any(task.kind == TaskKind.ADDRESS for task in tasks(database))
    assert database.scalars(select(Suppression.address)).all() == [DESK_PHONE]


def test_who_is_told_on_the_other_channel_is_told(
    database: Session, office: Office, staff: Staff, text: Any, send: Callable[[datetime], None]
) -> None:
    book(office)
    text(CRISIS)
    send(NOW)
    before = len(alerts(database))
    (theirs,) = [each for each in alerts(database) if each.sent_to == THERAPISTS_PHONE]
    report(theirs, DeliveryStatus.UNDELIVERED, now=NOW + MINUTE, remedy=Remedy.GIVE_UP)
    assert len(alerts(database)) == before
    assert "in another way" in tasks(database)[-1].note


def test_the_last_way_is_tried_once(
    database: Session, office: Office, text: Any, send: Callable[[datetime], None], emails: FakeEmails
) -> None:
    text(CRISIS, sender=OTHER)
    emails.fail_next(Remedy.GIVE_UP)
    send(NOW)
    assert [each.status for each in alerts(database)] == [MessageStatus.FAILED]
    assert [task.kind for task in tasks(database)] == [TaskKind.CRISIS, TaskKind.UNDELIVERED]


def test_an_alert_is_tried_again_like_every_message(
    database: Session, office: Office, staff: Staff, text: Any, send: Callable[[datetime], None], texts: FakeTexts
) -> None:
    book(office)
    text(CRISIS)
    for _ in range(3):
        texts.fail_next(Remedy.RETRY)
    send(NOW)
    send(NOW + 2 * MINUTE)
    assert {each.to for each in texts.sent} == {NUMBER, THERAPISTS_PHONE, DESK_PHONE}


def test_an_alert_goes_again_the_way_it_went(
    database: Session, office: Office, staff: Staff, text: Any, send: Callable[[datetime], None], texts: FakeTexts
) -> None:
    book(office)
    text(CRISIS)
    send(NOW)
    (theirs,) = [each for each in alerts(database) if each.sent_to == THERAPISTS_PHONE]
    again = resend_message(
        practice_id=office.practice.id, message_public_id=theirs.public_id, by=BY_STAFF, now=NOW + MINUTE
    )
    send(NOW + MINUTE)
    assert [each.to for each in texts.sent].count(THERAPISTS_PHONE) == 2
    assert again.sent_to == THERAPISTS_PHONE


def test_the_thread_with_a_client_does_not_show_what_staff_were_told(
    database: Session, office: Office, staff: Staff, text: Any
) -> None:
    book(office)
    text(CRISIS)
    kinds = {each.ours.kind for each in list_thread(office.practice.id, NUMBER) if each.ours is not None}
    assert kinds == {MessageKind.REPLY}


# --- our answer with 988 ----------------------------------------------------------------------------------------------


def crisis_note(database: Session) -> str:
    return database.scalars(select(Task.note).where(Task.kind == TaskKind.CRISIS)).one()


def test_they_were_given_988_only_when_it_was_delivered(
    database: Session, office: Office, text: Any, send: Callable[[datetime], None]
) -> None:
    text(CRISIS, sender=OTHER)
    assert "being texted" in crisis_note(database)
    send(NOW)
    assert "were given" not in crisis_note(database)
    report(answer(database), DeliveryStatus.SENT, now=NOW + MINUTE)
    assert "were given" not in crisis_note(database)
    report(answer(database), DeliveryStatus.DELIVERED, now=NOW + MINUTE)
    assert "They were given 988 and 911." in crisis_note(database)
    assert "being texted" not in crisis_note(database)
    assert "No client of ours has this number." in crisis_note(database)


def test_a_provider_that_knows_at_once_is_believed(
    database: Session, office: Office, text: Any, send: Callable[[datetime], None], texts: FakeTexts
) -> None:
    texts.status = DeliveryStatus.DELIVERED
    book(office)
    text(CRISIS)
    send(NOW)
    assert "They were given 988 and 911." in crisis_note(database)


@pytest.mark.parametrize("remedy", [Remedy.GIVE_UP, Remedy.SUPPRESS, Remedy.BAD_ADDRESS, Remedy.RETRY_LATER, None])
def test_when_988_does_not_arrive_it_is_urgent(
    database: Session, office: Office, staff: Staff, text: Any, send: Callable[[datetime], None], remedy: Remedy | None
) -> None:
    book(office)
    text(CRISIS)
    send(NOW)
    before = len(alerts(database))
    report(answer(database), DeliveryStatus.UNDELIVERED, now=NOW + MINUTE, remedy=remedy)
    added = alerts(database)[before:]
    assert {each.sent_to for each in added} == {staff.owner, staff.desk, staff.therapist, THERAPISTS_PHONE, DESK_PHONE}
    assert {each.says for each in added} == {AlertReason.UNANSWERED}
    (lost,) = [task for task in tasks(database) if task.kind == TaskKind.UNDELIVERED]
    assert lost.is_urgent
    assert "did not reach them" in lost.note
    assert "did not reach them" in crisis_note(database)
    assert "were given" not in crisis_note(database)


def test_when_988_is_refused_at_once_it_is_urgent(
    database: Session, office: Office, text: Any, send: Callable[[datetime], None], texts: FakeTexts
) -> None:
    text(CRISIS, sender=OTHER)
    texts.fail_next(Remedy.GIVE_UP)
    send(NOW)
    assert [task.is_urgent for task in tasks(database)] == [True, True]
    assert [each.says for each in alerts(database)] == [AlertReason.URGENT, AlertReason.UNANSWERED]


@pytest.mark.parametrize("swept", [True, False])
def test_when_988_comes_too_late_it_is_urgent(
    database: Session, office: Office, text: Any, send: Callable[[datetime], None], swept: bool
) -> None:
    text(CRISIS, sender=OTHER)
    late = NOW + 2 * HOUR
    if swept:
        expire_messages(now=late)
    else:
        send(late)
    assert answer(database).status == MessageStatus.EXPIRED
    assert answer(database).reason == Reason.TOO_LATE
    assert [task.is_urgent for task in tasks(database)] == [True, True]
    assert AlertReason.UNANSWERED in {each.says for each in alerts(database)}


def test_of_one_lost_answer_nobody_is_told_twice(
    database: Session, office: Office, text: Any, send: Callable[[datetime], None]
) -> None:
    text(CRISIS, sender=OTHER)
    send(NOW)
    report(answer(database), DeliveryStatus.UNDELIVERED, now=NOW + MINUTE, remedy=Remedy.RETRY_LATER)
    send(NOW + 40 * MINUTE)
    report(answer(database), DeliveryStatus.UNDELIVERED, now=NOW + 41 * MINUTE, remedy=Remedy.RETRY_LATER)
    assert [each.says for each in alerts(database)] == [AlertReason.URGENT, AlertReason.UNANSWERED]
