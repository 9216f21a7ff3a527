"""After an outage: one message for each person, and nothing about the past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.domain.ports import DeliveryStatus, Gateways, Remedy
from telehealth.models import Appointment, Message, MessageRule
from telehealth.services.consent.suppressions import stop_texts
from telehealth.services.delivery.catching_up import collapse_late_messages
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.sending import deliver_all
from telehealth.services.delivery.status_reports import StatusReport, record_status
from tests.factories import BY_STAFF, Office, book, cancel, make_contact, make_office, make_rule
from tests.fakes import FakeClock, FakeEmails, FakeTexts
from tests.moments import NOW, at
from tests.statements import listening

K, S = MessageKind, MessageStatus
PHONE = "+13035550123"
JANE = make_contact(email="jane@example.com")
BACK = NOW + timedelta(hours=6)


@pytest.fixture
def office(database: Session) -> Office:
    """An office that reminds a day ahead, on both channels."""
    made = make_office(practice={"grace_minutes": 0}, with_rules=False)
    make_rule(made.practice, 24 * 60)
    make_rule(made.practice, 24 * 60, channel=Channel.TEXT)
    return made


@pytest.fixture
def jane(office: Office) -> list[Appointment]:
    """Three appointments of hers, booked before the outage: an e-mail, a text, and a reminder of each on both."""
    return [book(office, at(hour), contact=JANE, now=NOW) for hour in (11, 13, 15)]


def rows(*, channel: Channel | None = None, kind: MessageKind | None = None) -> Sequence[Message]:
    db.session.expire_all()
    wanted = select(Message).where(Message.attendee_id.is_not(None)).order_by(Message.id)
    wanted = wanted.where(Message.channel == channel) if channel else wanted
    wanted = wanted.where(Message.kind == kind) if kind else wanted
    return db.session.scalars(wanted).all()


def catch_ups() -> Sequence[Message]:
    return rows(kind=K.CATCH_UP)


def rows_of_rules(office: Office) -> Sequence[MessageRule]:
    return db.session.scalars(select(MessageRule).where(MessageRule.practice_id == office.practice.id)).all()


def collapse(now: datetime = BACK) -> int:
    return collapse_late_messages(now=now)


class Post:
    """A worker who looks, claims and delivers, until nothing is left."""

    def __init__(self, addresses: Addresses, gateways: Gateways, clock: FakeClock) -> None:
        self.addresses, self.gateways, self.clock = addresses, gateways, clock

    def work(self, now: datetime = BACK) -> None:
        self.clock.instant = now
        collapse(now)
        while claimed := claim_messages(worker="w", addresses=self.addresses, limit=20, now=now):
            deliver_all(claimed, gateways=self.gateways, now=self.clock)


@pytest.fixture
def post(addresses: Addresses, gateways: Gateways, clock: FakeClock) -> Post:
    return Post(addresses, gateways, clock)


def test_several_late_texts_become_one(jane: list[Appointment]) -> None:
    assert collapse() == 6 + 3
    told = [each for each in rows(channel=Channel.TEXT) if each.kind != K.CATCH_UP]
    (by_text,) = [each for each in catch_ups() if each.channel == Channel.TEXT]
    assert {(each.status, each.reason, each.told_by_id) for each in told} == {(S.VOID, Reason.SAID_IN_ONE, by_text.id)}
    assert (by_text.appointment_id, by_text.status, by_text.due_at) == (jane[0].id, S.PLANNED, BACK)
    assert by_text.not_after == jane[2].starts_at


def test_invites_stay_and_reminder_emails_become_one(jane: list[Appointment]) -> None:
    collapse()
    emails = rows(channel=Channel.EMAIL)
    assert {each.status for each in emails if each.kind == K.CONFIRMATION} == {S.PLANNED}
    assert {each.status for each in emails if each.kind == K.REMINDER} == {S.VOID}
    assert len([each for each in emails if each.kind == K.CATCH_UP]) == 1


def test_what_goes_out_is_one_text(post: Post, jane: list[Appointment], texts: FakeTexts, emails: FakeEmails) -> None:
    post.work()
    assert len(texts.sent) == 1
    theirs = [each for each in emails.sent if each.to == "jane@example.com"]
    assert len(theirs) == 3 + 1, "three invites and one reminder of all"
    post.work(BACK + timedelta(hours=1))
    assert len(texts.sent) == 1


def test_one_late_message_stays_as_it_is(office: Office) -> None:
    book(office, at(15, days=7), now=NOW)
    assert collapse() == 0
    assert {each.status for each in rows()} == {S.PLANNED}


def test_half_an_hour_late_is_not_an_outage(jane: list[Appointment]) -> None:
    assert collapse(NOW + timedelta(minutes=29)) == 0
    assert catch_ups() == []


def test_a_provider_that_took_nothing_for_an_hour_is_one(post: Post, jane: list[Appointment], texts: FakeTexts) -> None:
    for row in rows(channel=Channel.TEXT, kind=K.CONFIRMATION):
        row.first_tried_at, row.due_at = NOW, NOW + timedelta(minutes=55)
    db.session.commit()
    post.work(NOW + timedelta(hours=1))
    assert len(texts.sent) == 1
    assert len([each for each in catch_ups() if each.channel == Channel.TEXT]) == 1


def test_nothing_is_said_about_the_past(post: Post, jane: list[Appointment], texts: FakeTexts) -> None:
    post.work(jane[1].starts_at + timedelta(minutes=10))
    for appointment in jane[:2]:
        by_text = [each for each in rows(channel=Channel.TEXT) if each.appointment_id == appointment.id]
        assert {each.status for each in by_text} == {S.EXPIRED}
        assert {each.reason for each in by_text} <= {Reason.HAS_BEGUN, Reason.TOO_LATE}
    assert len(texts.sent) == 1, "only the third one is still ahead"


def test_the_end_of_what_has_begun_is_not_texted(office: Office, texts: FakeTexts, post: Post) -> None:
    booked = book(office, at(12, days=0), by=BY_STAFF, contact=JANE, now=NOW)
    post.work(NOW)
    cancel(booked, now=NOW + timedelta(minutes=5))
    post.work(booked.starts_at + timedelta(hours=1))
    (end,) = rows(channel=Channel.TEXT, kind=K.CANCELLATION)
    assert (end.status, end.reason) == (S.EXPIRED, Reason.HAS_BEGUN)
    (invite,) = rows(channel=Channel.EMAIL, kind=K.CANCELLATION)
    assert invite.status == S.SENT, "the calendar is put right all the same"


def test_everybody_gets_their_own(office: Office, jane: list[Appointment]) -> None:
    ana = make_contact(email="ana@example.com", phone="+13035550188", name="Ana Silva")
    for hour in (11, 13):
        book(office, at(hour, days=2), contact=ana, now=NOW)
    collapse()
    assert [each.channel for each in catch_ups()].count(Channel.TEXT) == 2


def test_two_people_with_one_phone_are_not_shown_each_others_links_by_e_mail(
    office: Office, post: Post, texts: FakeTexts, emails: FakeEmails, addresses: Addresses
) -> None:
    for each in rows_of_rules(office):
        if each.channel == Channel.EMAIL:
            db.session.delete(each)
    db.session.commit()
    ana, ben = (make_contact(name=f"{name} Rivera", email=f"{name}@example.com") for name in ("ana", "ben"))
    hers, his = (
        [book(office, at(hour), contact=contact, now=NOW).attendees[0] for hour in hours]
        for contact, hours in ((ana, (10, 11)), (ben, (13, 14)))
    )
    post.work()
    assert len(texts.sent) == 2
    for each in catch_ups():
        lost = StatusReport(
            each.provider_id or "", "undelivered", DeliveryStatus.UNDELIVERED, "30006", {}, Remedy.GIVE_UP
        )
        record_status(reference=each.public_id, report=lost, now=BACK + timedelta(hours=1))
    emails.sent.clear()
    post.work(BACK + timedelta(hours=1))
    letters = {each.to: str(each.letter) for each in emails.sent}
    assert sorted(letters) == ["ana@example.com", "ben@example.com"]
    for whose, theirs, others in (("ana@example.com", hers, his), ("ben@example.com", his, hers)):
        assert all(addresses.manage(seat) in letters[whose] for seat in theirs)
        assert not any(addresses.manage(seat) in letters[whose] for seat in others)


def test_a_family_with_one_phone_and_one_mailbox_gets_one_text(office: Office, post: Post, texts: FakeTexts) -> None:
    for name, hour in (("Ana Rivera", 11), ("Ben Rivera", 13)):
        book(office, at(hour), contact=make_contact(name=name, email="home@example.com"), now=NOW)
    post.work()
    assert len(texts.sent) == 1


def test_what_is_cancelled_is_not_counted(office: Office, jane: list[Appointment], post: Post) -> None:
    cancel(jane[0], now=NOW + timedelta(minutes=1))
    cancel(jane[1], now=NOW + timedelta(minutes=1))
    collapse()
    assert not [each for each in catch_ups() if each.channel == Channel.EMAIL], "one reminder is left"


def test_what_may_have_been_sent_is_left_alone(jane: list[Appointment]) -> None:
    unsure = rows(channel=Channel.TEXT)[0]
    unsure.unsure = True
    db.session.commit()
    collapse()
    assert db.session.get_one(Message, unsure.id).status == S.PLANNED


def test_at_night_it_waits_for_the_morning(post: Post, jane: list[Appointment], texts: FakeTexts) -> None:
    post.work(at(23, days=0))
    assert texts.sent == []
    post.work(at(8, 1, days=1))
    assert len(texts.sent) == 1


def test_after_stop_it_goes_by_email(post: Post, jane: list[Appointment], texts: FakeTexts, emails: FakeEmails) -> None:
    collapse()
    stop_texts(phone=PHONE, now=BACK)
    post.work()
    assert texts.sent == []
    by_email = [each for each in catch_ups() if each.channel == Channel.EMAIL]
    assert {each.status for each in by_email} == {S.SENT}


def test_one_late_text_goes_by_email_when_texts_end_meanwhile(post: Post, office: Office, emails: FakeEmails) -> None:
    office.practice.plan_version += 1
    for each in rows_of_rules(office):
        if each.channel == Channel.EMAIL:
            db.session.delete(each)
    db.session.commit()
    book(office, at(11), contact=JANE, now=NOW)
    post.work(NOW)
    emails.sent.clear()
    stop_texts(phone=PHONE, now=NOW + timedelta(hours=3))
    post.work(NOW + timedelta(hours=3))
    (mail,) = emails.sent
    assert mail.to == "jane@example.com"


def test_a_catch_up_that_is_lost_goes_by_email(post: Post, office: Office, texts: FakeTexts) -> None:
    # No reminders by e-mail: so that there is something that no e-mail says.
    make_rule(office.practice, 48 * 60, channel=Channel.TEXT)
    for hour in (11, 13):
        book(office, at(hour, days=3), contact=JANE, now=NOW)
    post.work(NOW)
    post.work(at(14, days=1))
    (lost,) = [each for each in catch_ups() if each.channel == Channel.TEXT]
    said = StatusReport(lost.provider_id or "", "undelivered", DeliveryStatus.UNDELIVERED, "1", {}, Remedy.GIVE_UP)
    record_status(reference=lost.public_id, report=said, now=at(14, 1, days=1))
    (instead,) = [each for each in catch_ups() if each.instead_of_id == lost.id]
    told = [each for each in rows(kind=K.REMINDER) if each.told_by_id == instead.id]
    assert (instead.channel, len(told)) == (Channel.EMAIL, 2)


def test_when_nothing_is_late_it_asks_once(office: Office) -> None:
    book(office, at(15, days=7), now=NOW)
    with listening() as asked:
        assert collapse(NOW) == 0
    assert len([each for each in asked if each.startswith("SELECT")]) == 1
