"""Texts of which no news came are looked up."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.domain.ports import DeliveryStatus, Gateways, Receipt, Remedy
from telehealth.models import Message, MessageEvent
from telehealth.services.delivery.silent_texts import look_after_silent_texts
from telehealth.services.delivery.status_reports import StatusReport, record_status
from tests.factories import book, make_office
from tests.fakes import FakeTexts
from tests.moments import NOW, at

D, S = DeliveryStatus, MessageStatus
HOUR = timedelta(hours=1)


def make_text(database: Session, days: int = 3) -> Message:
    """A confirmation by text that the provider took at NOW."""
    appointment = book(make_office(practice={"grace_minutes": 0}), at(10, days=days))
    found = database.scalars(
        select(Message).where(
            Message.appointment_id == appointment.id,
            Message.channel == Channel.TEXT,
            Message.kind == MessageKind.CONFIRMATION,
        )
    ).one()
    found.status, found.provider_id = S.ACCEPTED, f"SM{found.id}"
    found.sent_at = found.changed_at = NOW
    db.session.commit()
    return found


@pytest.fixture
def text(database: Session) -> Message:
    return make_text(database)


def look(gateways: Gateways, now: datetime, **given: int) -> int:
    return look_after_silent_texts(gateways=gateways, now=now, **given)


def says(texts: FakeTexts, message: Message, status: DeliveryStatus, *why: object) -> None:
    texts.news[str(message.provider_id)] = Receipt(str(message.provider_id), status, *why)  # type: ignore[arg-type]


def test_after_an_hour_the_provider_is_asked(text: Message, texts: FakeTexts, gateways: Gateways) -> None:
    says(texts, text, D.DELIVERED)
    assert look(gateways, NOW + timedelta(minutes=59)) == 0
    assert texts.asked == []
    assert look(gateways, NOW + HOUR) == 1
    assert (text.status, text.lease_until) == (S.DELIVERED, None)
    assert db.session.scalars(select(MessageEvent.raw)).all() == [{"source": "looked up"}]


def test_a_failure_has_its_consequences(text: Message, texts: FakeTexts, gateways: Gateways) -> None:
    says(texts, text, D.UNDELIVERED, "30003", Remedy.RETRY_LATER)
    assert look(gateways, NOW + HOUR) == 1
    again = db.session.scalars(select(Message).where(Message.instead_of_id == text.id)).one()
    assert (text.status, text.error_code, again.channel) == (S.UNDELIVERED, "30003", Channel.TEXT)


def test_without_news_it_is_asked_less_and_less_and_not_for_ever(
    text: Message, texts: FakeTexts, gateways: Gateways
) -> None:
    says(texts, text, D.ACCEPTED)
    asked_after: list[float] = []
    for half_hours in range(1, 200):
        if look(gateways, NOW + half_hours * HOUR / 2) or len(texts.asked) > len(asked_after):
            asked_after.append(half_hours / 2)
    assert asked_after == [1, 2, 4, 8, 16, 32]


def test_a_callback_that_comes_late_is_news_enough(text: Message, texts: FakeTexts, gateways: Gateways) -> None:
    said = StatusReport(str(text.provider_id), "sent", D.SENT, None, {})
    record_status(reference=text.public_id, report=said, now=NOW + HOUR)
    assert look(gateways, NOW + HOUR) == 0
    assert texts.asked == []


def test_what_the_callback_said_is_not_stored_again(text: Message, texts: FakeTexts, gateways: Gateways) -> None:
    says(texts, text, D.DELIVERED)
    look(gateways, NOW + HOUR)
    said = StatusReport(str(text.provider_id), "delivered", D.DELIVERED, None, {})
    record_status(reference=text.public_id, report=said, now=NOW + 2 * HOUR)
    assert len(db.session.scalars(select(MessageEvent)).all()) == 1


def test_a_text_that_nobody_knows_is_left_alone(text: Message, texts: FakeTexts, gateways: Gateways) -> None:
    assert look(gateways, NOW + HOUR) == 0
    assert (texts.asked, text.status) == ([text.provider_id], S.ACCEPTED)


def test_a_provider_that_does_not_answer_is_asked_later(
    database: Session, text: Message, texts: FakeTexts, gateways: Gateways
) -> None:
    make_text(database, days=4)
    texts.fail_next(Remedy.ASK)
    assert look(gateways, NOW + HOUR) == 0
    assert len(texts.asked) == 1, "the others are not tried"


def test_so_many_at_a_time(database: Session, texts: FakeTexts, gateways: Gateways) -> None:
    for days in (2, 3, 4):
        says(texts, make_text(database, days), D.DELIVERED)
    assert [look(gateways, NOW + HOUR, limit=2), look(gateways, NOW + HOUR, limit=2)] == [2, 1]


@pytest.mark.parametrize("status", [S.DELIVERED, S.FAILED, S.PLANNED, S.VOID])
def test_what_is_not_on_its_way_is_not_looked_up(
    text: Message, texts: FakeTexts, gateways: Gateways, status: MessageStatus
) -> None:
    text.status = status
    db.session.commit()
    look(gateways, NOW + HOUR)
    assert texts.asked == []
