"""E-mails about one appointment to one reader stand together in a mail program."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses
from telehealth.domain.ports import Gateways
from telehealth.services.delivery.claiming import claim_messages
from tests.delivering import deliver_one
from tests.factories import BY_STAFF, book, make_contact, make_office, move
from tests.fakes import FakeEmails
from tests.moments import NOW, at
from tests.statements import listening

Tick = Callable[[datetime], None]


@pytest.fixture
def tick(addresses: Addresses, gateways: Gateways, database: Session) -> Tick:
    def send(now: datetime) -> None:
        for each in claim_messages(worker="w", addresses=addresses, limit=100, now=now):
            deliver_one(each, gateways=gateways, now=now)

    return send


def test_whatever_follows_names_the_first(tick: Tick, emails: FakeEmails) -> None:
    office = make_office(practice={"grace_minutes": 0})
    made = book(office, at(10, days=7), contact=make_contact(email="jane@example.com"))
    tick(NOW)
    first = {each.to: each for each in emails.sent}
    assert {each.follows for each in emails.sent} == {""}
    for hours in (1, 2):
        move(made, at(10 + hours, days=7), by=BY_STAFF, now=NOW + timedelta(hours=hours))
        tick(NOW + timedelta(hours=hours))
    later = emails.sent[len(first) :]
    assert len(later) == 2 * len(first) > 2
    assert all(each.follows == first[each.to].reference for each in later)


def test_a_batch_asks_once(tick: Tick, emails: FakeEmails) -> None:
    office = make_office(practice={"grace_minutes": 0})
    for days in range(7, 11):
        book(office, at(10, days=days), contact=make_contact(phone=f"+130355501{days:02}"))
    with listening() as asked:
        tick(NOW)
    assert sum("ORDER BY message_1.sent_at" in each or "ORDER BY message_2.sent_at" in each for each in asked) == 1
    assert len(emails.sent) > 4
