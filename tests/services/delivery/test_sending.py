"""Sending: once, on time, with the words of the moment, and with no transaction open while a provider is asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import delete, event, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.delivery.retries import REASONS
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason, TaskKind
from telehealth.domain.messages.rules import BEFORE
from telehealth.domain.ports import DeliveryStatus, Email, Gateways, Receipt, Remedy, Text
from telehealth.models import Appointment, Message, Task
from telehealth.services.delivery import claiming, sending, status_reports
from telehealth.services.delivery.claiming import claim_messages, expire_messages
from telehealth.services.delivery.leases import Claimed
from telehealth.services.delivery.sending import DeliveryOutcome
from telehealth.services.leasing import LEASE
from telehealth.services.messages import planning, replanning
from tests.delivering import deliver_one
from tests.factories import Office, book, cancel, make_contact, make_office, make_rule
from tests.fakes import FakeClock, FakeEmails, FakeTexts, FakeVideo
from tests.moments import NOW, at

S = MessageStatus
AT_ONCE = {"grace_minutes": 0}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass
class Post:
    """The outbox and whoever carries it: everything a worker needs, at the clock's time."""

    addresses: Addresses
    gateways: Gateways
    clock: FakeClock

    def claim(self, worker: str = "w1", limit: int = 100) -> list[Claimed]:
        return claim_messages(worker=worker, addresses=self.addresses, limit=limit, now=self.clock())

    def deliver(self, claimed: list[Claimed]) -> None:
        for each in claimed:
            deliver_one(each, gateways=self.gateways, now=self.clock())

    def tick(self, worker: str = "w1") -> int:
        """Claim and deliver everything that is due; how many there were."""
        claimed = self.claim(worker)
        self.deliver(claimed)
        return len(claimed)


@pytest.fixture
def post(addresses: Addresses, gateways: Gateways, clock: FakeClock) -> Post:
    return Post(addresses, gateways, clock)


@pytest.fixture
def office(database: Session) -> Office:
    """Nobody is reminded of anything."""
    office = make_office(practice=AT_ONCE, with_rules=False)
    for kind in BEFORE:
        make_rule(office.practice, kind=kind, is_on=False)
    return office


@pytest.fixture
def booked(office: Office) -> Appointment:
    return book(office, at(10, days=7))


@pytest.fixture
def message(booked: Appointment, database: Session) -> Message:
    """The confirmation by text; the e-mails are out of the way."""
    for row in database.scalars(select(Message).where(Message.channel == Channel.EMAIL)):
        row.status = S.DELIVERED
    database.commit()
    return database.scalars(select(Message).where(Message.channel == Channel.TEXT)).one()


def statuses(database: Session) -> Counter[str]:
    return Counter(database.scalars(select(Message.status)))


# The way it should be


def test_everything_due_is_sent_once(
    post: Post, booked: Appointment, texts: FakeTexts, emails: FakeEmails, database: Session
) -> None:
    assert post.tick() == 3
    assert (len(texts.sent), len(emails.sent)) == (1, 2)
    assert post.tick() == 0
    assert (len(texts.sent), len(emails.sent)) == (1, 2)
    assert statuses(database) == {S.ACCEPTED: 1, S.SENT: 2}


def test_a_sent_message_keeps_what_was_said(
    post: Post, message: Message, texts: FakeTexts, booked: Appointment
) -> None:
    post.tick()
    assert (message.body, message.provider_id, message.sent_at) == (texts.sent[0].body, "text-1", NOW)
    assert (message.worker, message.lease_until, message.unsure, message.attempts) == (None, None, False, 1)
    assert texts.sent[0] == Text(message.public_id, "+13035550123", message.body, booked.starts_at)


def test_nothing_is_sent_before_it_is_due(post: Post, message: Message, texts: FakeTexts) -> None:
    message.due_at = NOW + MINUTE
    db.session.commit()
    assert post.tick() == 0
    post.clock.advance(MINUTE)
    assert post.tick() == 1


def test_nothing_due_is_fine(post: Post, database: Session) -> None:
    assert post.claim() == []


def test_the_oldest_come_first_and_no_more_than_asked(post: Post, office: Office, database: Session) -> None:
    for days, minutes in ((1, 5), (2, 1), (3, 3)):
        book(office, at(10, days=days), now=NOW - minutes * MINUTE, contact=make_contact(wants_texts=False))
    first = [post.claim(limit=2)[0].message_id, post.claim(limit=2)[0].message_id]
    due = [database.get_one(Message, key).due_at for key in first]
    assert due == [NOW - 5 * MINUTE, NOW - 3 * MINUTE]


def test_the_words_are_those_of_the_moment_of_sending(
    post: Post, office: Office, booked: Appointment, emails: FakeEmails
) -> None:
    office.practice.sender_name = "Hillside Office"
    office.therapist.name = "Dana Brooks"
    db.session.commit()
    post.tick()
    assert {email.sender_name for email in emails.sent} == {"Hillside Office"}
    assert "Dana Brooks" in str(emails.sent[1].letter)


def test_each_gets_their_own_links_and_names(
    post: Post, booked: Appointment, emails: FakeEmails, addresses: Addresses
) -> None:
    post.tick()
    by_address = {email.to: str(email.letter) for email in emails.sent}
    seat = booked.attendees[0]
    assert addresses.manage(seat) in by_address[seat.email]
    to_therapist = by_address[booked.therapist.email]
    assert "J. D." in to_therapist
    assert "Jane" not in to_therapist
    assert addresses.manage(seat) not in to_therapist


def test_confirmation_and_cancellation_carry_the_same_entry(
    post: Post, booked: Appointment, emails: FakeEmails
) -> None:
    post.tick()
    cancel(booked, now=post.clock())
    post.tick()
    entries = [
        (email.to, email.invite.method, event["UID"], event["SEQUENCE"], event["STATUS"])
        for email in emails.sent
        if email.invite
        for event in Calendar.from_ical(email.invite.content).walk("VEVENT")
    ]
    for address in (booked.therapist.email, booked.attendees[0].email):
        assert [entry[1:] for entry in entries if entry[0] == address] == [
            ("REQUEST", booked.uid, 0, "CONFIRMED"),
            ("CANCEL", booked.uid, 1, "CANCELLED"),
        ]


def test_reminders_carry_no_invite(post: Post, emails: FakeEmails, database: Session) -> None:
    office = make_office(practice=AT_ONCE)
    made = book(office, at(10, days=7))
    post.tick()
    post.clock.instant = made.starts_at - 3 * DAY
    emails.sent.clear()
    post.tick()
    assert [email.invite for email in emails.sent] == [None]
    assert "Reminder" in emails.sent[0].letter.subject


# Never obsolete, never late


def test_what_is_cancelled_before_anybody_heard_of_it_is_never_said(
    post: Post, booked: Appointment, texts: FakeTexts, emails: FakeEmails, database: Session
) -> None:
    cancel(booked, now=post.clock())
    post.tick()
    assert (texts.sent, emails.sent, statuses(database)) == ([], [], {S.VOID: 3})


def test_after_cancelling_nothing_about_the_old_plan_is_sent(
    post: Post, booked: Appointment, texts: FakeTexts, emails: FakeEmails, database: Session
) -> None:
    claimed = post.claim()
    cancel(booked, now=post.clock())
    post.deliver(claimed)
    post.tick()
    assert ["you cancelled" in text.body for text in texts.sent] == [True]
    assert {email.letter.subject.partition(":")[0] for email in emails.sent} == {"Cancelled"}
    post.tick()
    assert statuses(database) == {S.VOID: 3, S.ACCEPTED: 1, S.SENT: 2}


def test_a_message_about_an_older_version_is_void(
    post: Post, message: Message, booked: Appointment, texts: FakeTexts
) -> None:
    booked.sequence += 1
    db.session.commit()
    assert post.tick() == 0
    assert (message.status, message.reason, texts.sent) == (S.VOID, Reason.APPOINTMENT_CHANGED, [])


def test_a_batch_of_obsolete_messages_does_not_hold_up_the_rest(
    post: Post, office: Office, message: Message, booked: Appointment, emails: FakeEmails, addresses: Addresses
) -> None:
    booked.sequence += 1
    db.session.commit()
    book(office, at(12))
    claimed = claim_messages(worker="w", addresses=addresses, limit=1, now=post.clock())
    assert len(claimed) == 1, "one fresh message is found behind those that were put aside"


def test_asking_again_takes_longer_each_time(post: Post, message: Message, texts: FakeTexts) -> None:
    waits = []
    for _ in range(4):
        texts.fail_next(Remedy.ASK)
        post.tick()
        waits.append((message.due_at - post.clock()) / MINUTE)
        post.clock.instant = message.due_at
    assert [round(wait / 1.05) for wait in waits] == [1, 2, 4, 8]


def test_a_withdrawn_consent_counts_at_once(
    post: Post, message: Message, booked: Appointment, texts: FakeTexts
) -> None:
    booked.attendees[0].text_consent_at = None
    db.session.commit()
    post.tick()
    assert (message.status, texts.sent) == (S.VOID, [])


def test_a_message_that_comes_too_late_is_not_sent(post: Post, message: Message, texts: FakeTexts) -> None:
    post.clock.instant = message.not_after
    assert post.tick() == 0
    assert (message.status, texts.sent) == (S.EXPIRED, [])


def test_a_message_that_waited_too_long_in_its_batch_is_not_sent(
    post: Post, database: Session, office: Office, emails: FakeEmails, texts: FakeTexts
) -> None:
    book(office, at(10, days=7))
    for row in database.scalars(select(Message)):
        row.not_after = NOW + MINUTE
    database.commit()
    claimed = post.claim()
    post.clock.advance(MINUTE)
    post.deliver(claimed)
    post.tick()
    assert (emails.sent, texts.sent, statuses(database)) == ([], [], {S.EXPIRED: 3})


def test_what_was_planned_under_older_rules_is_planned_anew_first(
    post: Post, booked: Appointment, office: Office, texts: FakeTexts, database: Session
) -> None:
    make_rule(office.practice, 0, kind=MessageKind.CONFIRMATION, channel=Channel.TEXT, is_on=False)
    make_rule(office.practice, 0, kind=MessageKind.CONFIRMATION, channel=Channel.EMAIL)
    planning.bump_plans(database, office.practice.id)
    database.commit()
    assert post.tick() == 2
    assert texts.sent == [], "the new rules say so"


def test_what_nobody_claims_expires(post: Post, message: Message) -> None:
    assert expire_messages(now=message.not_after - MINUTE) == 0
    assert expire_messages(now=message.not_after) == 1
    assert (message.status, expire_messages(now=message.not_after)) == (S.EXPIRED, 0)


def test_what_may_have_been_sent_does_not_expire_unasked(post: Post, message: Message) -> None:
    message.unsure = True
    db.session.commit()
    assert expire_messages(now=message.not_after) == 0


# Workers die


def test_a_claim_is_one_workers_until_its_lease_ends(post: Post, message: Message) -> None:
    assert len(post.claim("w1")) == 1
    assert (message.status, message.worker, message.lease_until) == (S.SENDING, "w1", NOW + LEASE)
    assert post.claim("w2") == []
    post.clock.advance(LEASE)
    assert post.claim("w2") == []
    post.clock.advance(timedelta(microseconds=1))
    assert len(post.claim("w2")) == 1
    assert (message.worker, message.attempts) == ("w2", 2)


@pytest.mark.parametrize("it_was_sent", [False, True])
def test_after_a_dead_worker_the_provider_is_asked_first(
    post: Post, message: Message, texts: FakeTexts, it_was_sent: bool
) -> None:
    claimed = post.claim("w1")
    if it_was_sent:
        assert isinstance(claimed[0].content, Text)
        texts.send(claimed[0].content)  # … and then the worker died.
    post.clock.advance(LEASE + MINUTE)
    post.tick("w2")
    assert (len(texts.sent), message.status, message.provider_id) == (1, S.ACCEPTED, "text-1")


def test_a_dead_worker_sent_it_and_then_it_was_cancelled(
    post: Post, message: Message, booked: Appointment, texts: FakeTexts
) -> None:
    claimed = post.claim("w1")
    assert isinstance(claimed[0].content, Text)
    texts.send(claimed[0].content)
    cancel(booked, now=post.clock())
    post.clock.advance(LEASE + MINUTE)
    post.tick("w2")
    assert message.status == S.ACCEPTED  # It did go out, and the history says so.
    assert ["you cancelled" in text.body for text in texts.sent] == [False, True]


def test_a_dead_worker_did_not_send_it_and_then_it_was_cancelled(
    post: Post, message: Message, booked: Appointment, texts: FakeTexts
) -> None:
    post.claim("w1")
    cancel(booked, now=post.clock())
    post.clock.advance(LEASE + MINUTE)
    post.tick("w2")
    post.tick("w2")
    assert message.status == S.VOID
    assert ["you cancelled" in text.body for text in texts.sent] == [True]


def test_cancelled_while_a_second_worker_held_it(
    post: Post, message: Message, booked: Appointment, texts: FakeTexts
) -> None:
    post.claim("w1")
    post.clock.advance(LEASE + MINUTE)
    claimed = post.claim("w2")
    cancel(booked, now=post.clock())
    post.deliver(claimed)
    post.tick()
    assert message.status == S.VOID
    assert ["you cancelled" in text.body for text in texts.sent] == [True]


def test_a_worker_that_was_only_slow_sends_nothing(post: Post, message: Message, texts: FakeTexts) -> None:
    slow = post.claim("w1")
    post.clock.advance(LEASE + MINUTE)
    post.deliver(post.claim("w2"))
    post.deliver(slow)
    assert (len(texts.sent), message.status) == (1, S.ACCEPTED)


def test_a_slow_worker_leaves_it_to_whoever_took_over(post: Post, message: Message, texts: FakeTexts) -> None:
    slow = post.claim("w1")
    post.clock.advance(LEASE + MINUTE)
    held = post.claim("w2")
    post.deliver(slow)
    assert (texts.attempts, message.worker) == (0, "w2")
    post.deliver(held)
    assert (len(texts.sent), message.status) == (1, S.ACCEPTED)


def test_a_receipt_that_comes_after_the_lease_still_counts(post: Post, message: Message, texts: FakeTexts) -> None:
    """w1 sends slowly; w2 takes over, cannot ask, and plans again; then w1 has its receipt."""
    slow = post.claim("w1")[0]
    post.clock.advance(LEASE + MINUTE)
    texts.fail_next(Remedy.ASK)
    post.tick("w2")
    assert (message.status, message.unsure) == (S.PLANNED, True)
    sending.record_outcomes([DeliveryOutcome(slow, NOW, post.clock(), Receipt("text-slow"))])
    assert (message.status, message.provider_id) == (S.ACCEPTED, "text-slow")
    post.clock.advance(HOUR)
    assert post.tick() == 0


def test_what_may_run_out_while_the_provider_is_asked_is_left_to_the_next(
    post: Post, message: Message, texts: FakeTexts
) -> None:
    slow = post.claim("w1")
    post.clock.advance(LEASE - timedelta(seconds=1))  # The rest of the batch took this long.
    post.deliver(slow)
    assert texts.attempts == 0
    post.clock.advance(MINUTE)
    post.tick("w2")
    assert (len(texts.sent), message.status) == (1, S.ACCEPTED)


def test_a_report_that_comes_while_asking_stays(post: Post, message: Message, texts: FakeTexts) -> None:
    class Reporting(FakeTexts):
        def find(self, text: Text, /, *, since: datetime) -> Receipt | None:
            report = status_reports.StatusReport("SM1", "delivered", DeliveryStatus.DELIVERED, None, {})
            status_reports.record_status(reference=text.reference, report=report, now=NOW)
            return None

    texts.fail_next(Remedy.ASK, taken=True)
    post.tick()
    post.clock.advance(2 * MINUTE)
    claimed = post.claim()
    assert message.appointment is not None
    cancel(message.appointment, now=post.clock())
    post.gateways = Gateways(texts=Reporting(), emails=FakeEmails(), video=FakeVideo())
    post.deliver(claimed)
    assert (message.status, message.provider_id) == (S.DELIVERED, "SM1")


def test_two_workers_share_the_work(post: Post, office: Office, texts: FakeTexts, emails: FakeEmails) -> None:
    for hour in (9, 10, 11, 12):
        book(office, at(hour), contact=make_contact(phone=f"+130355501{hour:02}"))
    one, two = post.claim("w1", limit=5), post.claim("w2")
    assert (len(one), len(two)) == (5, 7)
    post.deliver([*two, *one])
    assert (len(texts.sent), len(emails.sent)) == (4, 8)


def test_no_transaction_is_open_while_a_provider_is_asked(post: Post, booked: Appointment) -> None:
    seen: list[bool] = []

    class Watching:
        def send(self, message: Text | Email, /) -> Receipt:
            seen.append(db.session().in_transaction())
            return Receipt("id")

        def find(self, text: Text, /, *, since: datetime) -> Receipt | None:
            seen.append(db.session().in_transaction())
            return None

    watching = Watching()
    gateways = Gateways(texts=watching, emails=watching, video=FakeVideo())
    post.claim("w0")
    post.clock.advance(LEASE + MINUTE)  # So that it is asked first, too.
    for each in post.claim("w1"):
        deliver_one(each, gateways=gateways, now=post.clock())
    assert seen == [False] * 4


# Providers fail


def after(message: Message) -> tuple[str, str | None, timedelta]:
    return message.status, message.error_code, message.due_at - NOW


@pytest.mark.parametrize(
    ("remedy", "status", "least", "most"),
    [
        (Remedy.RETRY, S.PLANNED, timedelta(seconds=30), timedelta(seconds=33)),
        (Remedy.ASK, S.PLANNED, MINUTE, MINUTE * 1.1),
        (Remedy.ALERT, S.PLANNED, 15 * MINUTE, 17 * MINUTE),
        (Remedy.GIVE_UP, S.FAILED, timedelta(0), timedelta(0)),
        (Remedy.SUPPRESS, S.FAILED, timedelta(0), timedelta(0)),
        (Remedy.BAD_ADDRESS, S.FAILED, timedelta(0), timedelta(0)),
    ],
)
def test_every_remedy(
    post: Post, message: Message, texts: FakeTexts, remedy: Remedy, status: str, least: timedelta, most: timedelta
) -> None:
    texts.fail_next(remedy, code="4711")
    post.tick()
    found, code, wait = after(message)
    assert (found, code) == (status, "4711")
    assert least <= wait <= most
    assert message.reason == REASONS[remedy]
    assert (message.worker, message.lease_until) == (None, None)
    assert message.unsure == (remedy == Remedy.ASK)
    post.clock.instant = message.due_at
    post.tick()
    assert len(texts.sent) == (1 if status == S.PLANNED else 0)


def test_every_remedy_is_known() -> None:
    assert set(REASONS) == set(Remedy)


def test_waits_double_and_stop_growing(post: Post, message: Message, texts: FakeTexts) -> None:
    waits = []
    for _ in range(10):
        texts.fail_next(Remedy.RETRY)
        post.tick()
        waits.append((message.due_at - post.clock()).total_seconds())
        post.clock.instant = message.due_at
    for number, wait in enumerate(waits):
        usual = min(30 * 2**number, 3600)
        assert usual <= wait <= usual * 1.1


@pytest.mark.parametrize(("asked", "least"), [(600.0, 600), (0.5, 30), (None, 30)])
def test_the_provider_may_ask_for_a_longer_wait(
    post: Post, message: Message, texts: FakeTexts, asked: float | None, least: int
) -> None:
    texts.fail_next(Remedy.RETRY, retry_after=asked)
    post.tick()
    assert least <= (message.due_at - NOW).total_seconds() <= least * 1.1


def test_it_is_not_tried_beyond_its_use(post: Post, message: Message, texts: FakeTexts) -> None:
    message.not_after = NOW + timedelta(seconds=20)
    db.session.commit()
    texts.fail_next(Remedy.RETRY)
    post.tick()
    assert (message.status, message.reason) == (S.FAILED, Reason.OUT_OF_TIME)


def test_what_cannot_be_tried_again_in_time_goes_by_e_mail_while_it_is_of_use(
    post: Post, message: Message, texts: FakeTexts, emails: FakeEmails, database: Session
) -> None:
    """A busy provider, or a busy machine, and ten seconds left: one more row, and one message for its reader."""
    message.not_after = NOW + timedelta(seconds=10)
    database.execute(delete(Message).where(Message.id != message.id))
    database.commit()
    texts.fail_next(Remedy.RETRY)
    post.tick()
    post.tick()
    instead = database.scalars(select(Message).where(Message.instead_of_id == message.id)).one()
    assert (instead.channel, instead.status, instead.text_reason) == (Channel.EMAIL, S.SENT, Reason.OUT_OF_TIME)
    assert (texts.sent, [each.reference for each in emails.sent]) == ([], [instead.public_id])


@pytest.mark.parametrize("taken", [False, True])
def test_an_answer_that_is_lost_does_not_send_twice(
    post: Post, message: Message, texts: FakeTexts, taken: bool
) -> None:
    texts.fail_next(Remedy.ASK, taken=taken)
    post.tick()
    assert (message.status, message.unsure) == (S.PLANNED, True)
    post.clock.advance(2 * MINUTE)
    post.tick()
    assert (len(texts.sent), message.status, message.unsure) == (1, S.ACCEPTED, False)


def test_the_words_stay_the_same_while_nobody_knows(
    post: Post, office: Office, message: Message, texts: FakeTexts
) -> None:
    texts.fail_next(Remedy.ASK, taken=True)
    post.tick()
    office.practice.sender_name = "Another Name"
    db.session.commit()
    post.clock.advance(2 * MINUTE)
    post.tick()
    assert len(texts.sent) == 1


def test_asking_fails_too_and_is_tried_again(post: Post, message: Message, texts: FakeTexts) -> None:
    texts.fail_next(Remedy.ASK, taken=True)
    post.tick()
    for _ in range(5):
        post.clock.advance(HOUR)
        texts.fail_next(Remedy.RETRY)
        post.tick()
        assert (message.status, message.unsure) == (S.PLANNED, True)
    post.clock.advance(HOUR)
    post.tick()
    assert (len(texts.sent), message.status) == (1, S.ACCEPTED)


def test_asking_goes_on_after_it_has_lost_its_use_but_not_for_ever(
    post: Post, message: Message, texts: FakeTexts
) -> None:
    message.not_after = NOW + timedelta(seconds=30)
    db.session.commit()
    texts.fail_next(Remedy.ASK)
    post.tick()
    assert message.status == S.PLANNED
    post.clock.instant = NOW + DAY
    texts.fail_next(Remedy.ASK)
    post.tick()
    assert (message.status, len(texts.sent)) == (S.FAILED, 0)


def test_an_e_mail_whose_answer_was_lost_goes_again_under_the_same_name(
    post: Post, booked: Appointment, emails: FakeEmails
) -> None:
    emails.fail_next(Remedy.ASK, taken=True)
    post.tick()
    post.clock.advance(2 * MINUTE)
    post.tick()
    references = Counter(email.reference for email in emails.sent)
    assert sorted(references.values()) == [1, 2]


def test_an_e_mail_whose_answer_is_always_lost_does_not_fill_the_mailbox(
    post: Post, booked: Appointment, emails: FakeEmails, database: Session
) -> None:
    for _ in range(24 * 6):
        for _ in range(2):
            emails.fail_next(Remedy.ASK, taken=True)
        post.tick()
        post.clock.advance(10 * MINUTE)
    copies = Counter(email.reference for email in emails.sent)
    assert 2 <= max(copies.values()) <= 8
    failed = database.scalars(select(Message).where(Message.channel == Channel.EMAIL))
    assert {(each.status, each.reason) for each in failed} == {(S.FAILED, Reason.NOBODY_KNOWS)}


def test_what_may_have_been_sent_is_asked_about_even_when_cancelled(
    post: Post, message: Message, texts: FakeTexts
) -> None:
    texts.fail_next(Remedy.ASK, taken=True)
    post.tick()
    assert message.appointment is not None
    cancel(message.appointment, now=post.clock())
    post.clock.advance(2 * MINUTE)
    post.tick()
    assert (message.status, message.provider_id) == (S.ACCEPTED, "text-1")


@pytest.mark.parametrize("remedy", [Remedy.SUPPRESS, Remedy.BAD_ADDRESS])
def test_what_cannot_arrive_stops_the_other_texts_and_only_those(
    post: Post, texts: FakeTexts, database: Session, remedy: Remedy
) -> None:
    book(make_office(practice=AT_ONCE), at(10, days=7))
    texts.fail_next(remedy)
    post.tick()
    assert replanning.replan_stale(now=post.clock()) == 1
    found = Counter((row.channel, row.status) for row in database.scalars(select(Message)))
    assert found == {
        (Channel.TEXT, S.FAILED): 1,
        (Channel.TEXT, S.VOID): 3,
        (Channel.EMAIL, S.SENT): 2,
        (Channel.EMAIL, S.PLANNED): 3,  # The way into the room, too, which is otherwise texted.
    }


def test_an_address_that_cannot_receive_fails_for_good(post: Post, booked: Appointment, database: Session) -> None:
    booked.attendees[0].email = "no body@example.com"
    db.session.commit()
    post.tick()
    failed = database.scalars(select(Message).where(Message.status == S.FAILED)).one()
    assert failed.channel == Channel.EMAIL


def test_a_database_that_went_away_makes_no_message_a_bad_one(
    post: Post, booked: Appointment, database: Session
) -> None:
    """It is lost at the practice's own words, which are read while a message is written."""

    def lose(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM message_template" in statement:
            raise OperationalError(statement, {}, Exception("gone"), connection_invalidated=True)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", lose)
    try:
        with pytest.raises(OperationalError):
            post.tick()
    finally:
        event.remove(engine, "before_cursor_execute", lose)
        db.session.rollback()
    assert set(database.scalars(select(Message.status))) == {S.PLANNED}


@pytest.mark.parametrize(("column", "value"), [("email", "nobody"), ("timezone", "Mars/Olympus")])
def test_one_bad_row_does_not_hold_up_the_others(
    post: Post, booked: Appointment, database: Session, texts: FakeTexts, emails: FakeEmails, column: str, value: str
) -> None:
    setattr(booked.therapist, column, value)
    db.session.commit()
    post.tick()
    failed = database.scalars(select(Message).where(Message.status == S.FAILED)).one()
    assert (failed.recipient, failed.reason) == (f"therapist:{booked.therapist.public_id}", Reason.UNWRITABLE)
    task = database.scalars(select(Task)).one()
    assert (task.kind, task.message_id, task.appointment_id) == (TaskKind.UNDELIVERED, failed.id, booked.id)
    assert task.note == "The e-mail did not arrive: it could not be written. Please call them if it matters."
    assert (len(emails.sent), len(texts.sent)) == (1, 1)


def test_a_message_that_fails_does_not_stop_the_next(post: Post, office: Office, texts: FakeTexts) -> None:
    book(office, at(9))
    book(office, at(10), contact=make_contact(phone="+13035550177"))
    texts.fail_next(Remedy.GIVE_UP)
    post.tick()
    assert len(texts.sent) == 1


def test_a_fault_in_a_gateway_holds_up_nobody_else(
    post: Post, office: Office, database: Session, emails: FakeEmails
) -> None:
    class Broken(FakeTexts):
        def send(self, text: Text, /) -> Receipt:
            raise KeyError("nobody thought of this")

    book(office, at(9))
    book(office, at(10), contact=make_contact(phone="+13035550177"))
    post.gateways = Gateways(texts=Broken(), emails=emails, video=FakeVideo())
    post.tick()
    assert len(emails.sent) == 4
    stuck = list(database.scalars(select(Message).where(Message.channel == Channel.TEXT)))
    assert {(each.status, each.unsure, each.error_code) for each in stuck} == {(S.PLANNED, True, "KeyError")}


def test_a_report_that_is_faster_than_the_receipt_wins(post: Post, message: Message) -> None:
    class Quick:
        def send(self, text: Text, /) -> Receipt:
            report = status_reports.StatusReport("SM1", "delivered", DeliveryStatus.DELIVERED, None, {})
            status_reports.record_status(reference=text.reference, report=report, now=NOW)
            return Receipt("SM1", DeliveryStatus.ACCEPTED)

        def find(self, text: Text, /, *, since: datetime) -> Receipt | None:
            return None

    gateways = Gateways(texts=Quick(), emails=FakeEmails(), video=FakeVideo())
    for each in post.claim():
        deliver_one(each, gateways=gateways, now=NOW)
    assert (message.status, message.provider_id) == (S.DELIVERED, "SM1")


def test_only_open_messages_are_looked_through(booked: Appointment, database: Session) -> None:
    """The claim reads the index of what is still open, whatever the size of the history."""
    explain = "EXPLAIN QUERY PLAN"
    if database.get_bind().dialect.name == "postgresql":
        database.execute(text("SET LOCAL enable_seqscan = off"))  # It would read a table this small as a whole.
        explain = "EXPLAIN"
    plans: list[str] = []

    @event.listens_for(database.connection(), "before_cursor_execute")
    def note(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT message.id"):
            cursor.execute(f"{explain} {statement}", parameters)
            plans.append(str(cursor.fetchall()))

    database.scalars(claiming._DUE, {"now": NOW, "limit": 5}).all()
    assert "ix_message_due" in plans[0]
    assert "due_at<" in plans[0].replace(" ", "")  # Not what waits for its day, either.
