"""The way into a video room is never lost without a word: it goes by e-mail, and somebody is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason, TaskKind
from telehealth.domain.ports import Gateways, Remedy
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Message, Task
from telehealth.services.delivery.catching_up import collapse_late_messages
from telehealth.services.delivery.claiming import claim_messages, expire_messages
from tests.delivering import deliver_one
from tests.factories import Office, book, cancel, make_contact, make_office, make_rule
from tests.fakes import FakeClock, FakeEmails, FakeTexts
from tests.moments import at

K, S = MessageKind, MessageStatus
START = at(10, days=3)
DUE = START - timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def office(database: Session) -> Office:
    office = make_office(practice={"grace_minutes": 0}, with_rules=False)
    make_rule(office.practice, kind=K.REMINDER, is_on=False)
    make_rule(office.practice, 15, kind=K.JOIN_LINK, channel=Channel.TEXT)
    return office


@pytest.fixture
def made(office: Office) -> Appointment:
    """Booked, and everybody has the confirmation."""
    booked = book(office, START)
    for row in db.session.scalars(select(Message).where(Message.kind == K.CONFIRMATION)):
        row.status = S.SENT
    db.session.commit()
    return booked


@pytest.fixture
def tick(addresses: Addresses, gateways: Gateways, clock: FakeClock) -> Callable[[datetime], None]:
    def send(now: datetime) -> None:
        clock.advance(now - clock())
        for each in claim_messages(worker="w", addresses=addresses, limit=50, now=now):
            deliver_one(each, gateways=gateways, now=now)

    return send


def links(channel: Channel) -> list[Message]:
    found = select(Message).where(Message.kind == K.JOIN_LINK, Message.channel == channel).order_by(Message.id)
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def tasks() -> list[tuple[TaskKind, bool, str]]:
    return [(row.kind, row.is_urgent, row.note) for row in db.session.scalars(select(Task).order_by(Task.id))]


def test_usually_it_is_a_text_and_nothing_else(
    made: Appointment, tick: Callable[[datetime], None], texts: FakeTexts, emails: FakeEmails
) -> None:
    tick(DUE)
    assert ("/j/" in texts.sent[-1].body, emails.sent, tasks()) == (True, [], [])


def test_a_number_that_has_had_its_day_of_texts(
    office: Office, made: Appointment, tick: Callable[[datetime], None], texts: FakeTexts, emails: FakeEmails
) -> None:
    office.practice.texts_a_day = 1
    db.session.commit()
    other = book(office, at(15, days=3), now=DUE - 5 * MINUTE)
    tick(DUE - 5 * MINUTE)
    assert len(texts.sent) == 1, "the confirmation of the other one"
    tick(DUE)
    assert (links(Channel.TEXT)[0].reason, len(texts.sent)) == (Reason.MANY_TEXTS, 1)
    assert "/j/" in str(emails.sent[-1].letter.actions)
    ((kind, is_urgent, note),) = tasks()
    assert (kind, is_urgent) == (TaskKind.UNDELIVERED, True)
    assert note.startswith("The way into the video room did not get through: the number had 1 texts")
    assert other.status == AppointmentStatus.BOOKED


def test_while_the_provider_is_away_it_goes_by_email_and_is_tried_on(
    made: Appointment, tick: Callable[[datetime], None], texts: FakeTexts, emails: FakeEmails
) -> None:
    for _ in range(3):
        texts.fail_next(Remedy.RETRY)
    tick(DUE)
    assert (emails.sent, tasks()) == ([], []), "one failure is nothing yet"
    tick(DUE + 2 * MINUTE)
    tick(DUE + 3 * MINUTE)
    assert [("/j/" in str(each.letter.actions)) for each in emails.sent] == [True]
    tick(DUE + 8 * MINUTE)
    assert (len(emails.sent), len(tasks())) == (1, 1)
    tick(DUE + 14 * MINUTE)
    assert "/j/" in texts.sent[-1].body, "the text goes when it can"


@pytest.mark.parametrize("who", ["claim", "expiry", "outage"])
def test_when_nobody_was_there_to_send_it(
    made: Appointment,
    tick: Callable[[datetime], None],
    texts: FakeTexts,
    emails: FakeEmails,
    who: str,
) -> None:
    late = START + (5 if who != "outage" else 20) * MINUTE
    if who == "expiry":
        expire_messages(now=late)
    if who == "outage":
        collapse_late_messages(now=late)
    tick(late)
    tick(late)
    assert texts.sent == []
    assert links(Channel.TEXT)[0].status == S.EXPIRED
    (mail,) = links(Channel.EMAIL)
    assert (mail.status, mail.not_after, mail.reason) == (S.SENT, made.ends_at, None)
    assert "/j/" in str(emails.sent[-1].letter.actions)
    assert [kind for kind, _, _ in tasks()] == [TaskKind.UNDELIVERED]


def test_after_the_end_nobody_is_bothered(made: Appointment, tick: Callable[[datetime], None]) -> None:
    expire_messages(now=made.ends_at)
    assert (links(Channel.EMAIL), tasks()) == ([], [])


def test_nor_is_whoever_has_arrived_or_cancelled(office: Office, made: Appointment) -> None:
    made.attendees[0].status = AppointmentStatus.ARRIVED
    db.session.commit()
    expire_messages(now=START + MINUTE)
    assert (links(Channel.EMAIL), tasks()) == ([], [])
    other = book(office, at(15, days=3), contact=make_contact(phone="+13035550177"))
    cancel(other)
    expire_messages(now=at(15, days=3) + MINUTE)
    assert (links(Channel.EMAIL), tasks()) == ([], [])


def test_without_an_address_somebody_calls(made: Appointment, tick: Callable[[datetime], None]) -> None:
    made.attendees[0].email = ""
    db.session.commit()
    tick(START + MINUTE)
    ((_, _, note),) = tasks()
    assert note.endswith("Please call them if it matters.")
