"""After an earlier state of the records was restored: what was sent since is not sent again; the rest goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import Channel, MessageStatus, Reason, TaskKind
from telehealth.domain.ports import Gateways
from telehealth.models import Message, Task
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.restoring import Settled, settle_restored
from tests.delivering import deliver_one
from tests.factories import book, make_office
from tests.fakes import FakeClock, FakeEmails, FakeTexts
from tests.moments import at

Rows = list[Mapping[str, Any]]


@pytest.fixture
def sent(database: Session, addresses: Addresses, gateways: Gateways, clock: FakeClock) -> Any:
    """Send what is due; to whom everything went so far, and how often."""

    def send() -> Counter[str]:
        while claimed := claim_messages(worker="w", addresses=addresses, limit=100, now=clock()):
            for each in claimed:
                deliver_one(each, gateways=gateways, now=clock())
        texts: Any = gateways.texts
        emails: Any = gateways.emails
        return Counter(each.reference for each in (*texts.sent, *emails.sent))

    return send


def copy_messages(database: Session) -> Rows:
    return [dict(row) for row in database.execute(select(Message.__table__)).mappings()]


def restore_messages(database: Session, rows: Rows) -> None:
    for row in rows:
        database.execute(update(Message).where(Message.id == row["id"]).values(row))
    database.commit()


@pytest.fixture
def copied(database: Session, clock: FakeClock) -> Rows:
    """The messages of two practices, as they were when they had just been planned."""
    for slug in ("one", "two"):
        book(make_office(practice={"slug": slug, "grace_minutes": 0}), at(10, days=7))
    return copy_messages(database)


def test_what_was_sent_since_the_copy_is_not_sent_again(
    database: Session, clock: FakeClock, copied: Rows, sent: Any
) -> None:
    before = sent()
    clock.advance(timedelta(hours=2))
    restore_messages(database, copied)
    settled = settle_restored(now=clock())
    assert (settled.texts > 0, settled.emails > 0) == (True, True)
    assert sum(before.values()) == settled.texts + settled.emails
    assert sent() == before
    rows = database.scalars(select(Message).where(Message.public_id.in_(before))).all()
    texts = {each.status for each in rows if each.channel == Channel.TEXT}
    emails = {(each.status, each.reason) for each in rows if each.channel == Channel.EMAIL}
    assert texts == {MessageStatus.ACCEPTED}
    assert emails == {(MessageStatus.FAILED, Reason.RESTORED)}


def test_each_practice_is_told_once_in_a_task(database: Session, clock: FakeClock, copied: Rows, sent: Any) -> None:
    sent()
    restore_messages(database, copied)
    settle_restored(now=clock())
    assert settle_restored(now=clock()) == Settled(0, 0)
    tasks = database.scalars(select(Task)).all()
    assert len({each.practice_id for each in tasks}) == len(tasks) == 2
    assert {each.kind for each in tasks} == {TaskKind.RESTORED}
    assert all("was restored" in each.note and len(each.note) < 200 for each in tasks)


def test_a_text_that_was_not_sent_goes_now(
    database: Session, clock: FakeClock, copied: Rows, texts: FakeTexts, emails: FakeEmails, sent: Any
) -> None:
    settle_restored(now=clock())
    sent()
    assert len(texts.sent) == 2
    assert emails.sent == []


def test_what_is_due_later_goes_as_planned(
    database: Session, clock: FakeClock, copied: Rows, texts: FakeTexts, emails: FakeEmails, sent: Any
) -> None:
    settle_restored(now=clock())
    sent()
    assert (len(texts.sent), len(emails.sent)) == (2, 0)
    clock.advance(at(10, days=6) + timedelta(minutes=1) - clock())
    sent()
    assert len(texts.sent) > 2
    assert len(emails.sent) > 0


def test_what_was_in_the_hands_of_a_worker_is_settled_too(
    database: Session, clock: FakeClock, copied: Rows, addresses: Addresses, sent: Any
) -> None:
    claimed = claim_messages(worker="gone", addresses=addresses, limit=100, now=clock())
    held = copy_messages(database)
    for row in database.scalars(select(Message)):
        row.status, row.worker, row.lease_until = MessageStatus.PLANNED, None, None
    database.commit()
    before = sent()
    restore_messages(database, held)
    settled = settle_restored(now=clock())
    assert settled.texts + settled.emails == len(claimed)
    assert sent() == before
