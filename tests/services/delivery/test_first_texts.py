"""The first text that a number gets from a practice says more: what texts cost, how to get help, how to end them."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses
from telehealth.domain.messages.phrases import IN
from telehealth.domain.ports import Gateways
from telehealth.services.delivery.claiming import claim_messages
from tests.delivering import deliver_one
from tests.factories import book, make_contact, make_office
from tests.fakes import FakeTexts
from tests.moments import NOW, at
from tests.statements import listening

FIRST, USUAL = (getattr(IN["en"].around, each) for each in ("first_stop", "stop"))
AT_ONCE = {"grace_minutes": 0}


@pytest.fixture
def tick(addresses: Addresses, gateways: Gateways, database: Session) -> object:
    def send() -> None:
        for each in claim_messages(worker="w", addresses=addresses, limit=100, now=NOW):
            deliver_one(each, gateways=gateways, now=NOW)

    return send


def test_only_the_first_text_to_a_number_says_it(tick: object, texts: FakeTexts) -> None:
    office = make_office(practice=AT_ONCE)
    for days in (7, 8):
        book(office, at(10, days=days))
        tick()  # type: ignore[operator]
    assert [(FIRST in each.body, USUAL in each.body) for each in texts.sent] == [(True, False), (False, True)]
    book(office, at(10, days=9))
    tick()  # type: ignore[operator]
    assert FIRST not in texts.sent[-1].body


def test_every_practice_and_every_number_has_a_first_one(tick: object, texts: FakeTexts) -> None:
    here, there = make_office(practice=AT_ONCE), make_office(practice=AT_ONCE)
    book(here, at(10, days=7))
    book(there, at(10, days=7))
    book(here, at(10, days=8), contact=make_contact(phone="+13035550199", email="other@example.com", name="Kim Poe"))
    tick()  # type: ignore[operator]
    assert [FIRST in each.body for each in texts.sent] == [True] * 3


def test_a_batch_asks_once(tick: object, texts: FakeTexts) -> None:
    office = make_office(practice=AT_ONCE)
    for days in range(7, 11):
        book(office, at(10, days=days), contact=make_contact(phone=f"+130355501{days:02}"))
    with listening() as asked:
        tick()  # type: ignore[operator]
    assert sum("EXISTS" in each and "message_1" in each for each in asked) == 1
    assert len(texts.sent) == 4
