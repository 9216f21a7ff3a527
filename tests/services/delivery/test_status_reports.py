"""What providers report: stored once, believed forwards only."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.errors import NotFound
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.domain.ports import DeliveryStatus, Gateways, Remedy
from telehealth.models import Message, MessageEvent
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.status_reports import StatusReport, record_status
from tests.delivering import deliver_one
from tests.factories import book, cancel, make_office
from tests.fakes import FakeClock, FakeTexts
from tests.moments import NOW

D, S = DeliveryStatus, MessageStatus


@pytest.fixture
def message(database: Session) -> Message:
    """A text that the provider has under the name SM1."""
    book(make_office(practice={"grace_minutes": 0}, with_rules=False))
    found = database.scalars(
        select(Message).where(Message.channel == Channel.TEXT, Message.kind == MessageKind.CONFIRMATION)
    ).one()
    found.status, found.provider_id = S.ACCEPTED, "SM1"
    db.session.commit()
    return found


def report(
    message: Message,
    status: DeliveryStatus | None,
    word: str = "",
    *,
    provider_id: str = "SM1",
    code: str | None = None,
) -> None:
    said = StatusReport(provider_id, word or (status or "unheard-of"), status, code, {"MessageStatus": word})
    record_status(reference=message.public_id, report=said, now=NOW + timedelta(minutes=1))


def events() -> int:
    return db.session.scalar(select(func.count()).select_from(MessageEvent)) or 0


def test_reports_move_a_message_forward(message: Message) -> None:
    seen = []
    for status in (D.SENT, D.DELIVERED):
        report(message, status)
        seen.append(message.status)
    assert seen == [S.SENT, S.DELIVERED]
    assert message.changed_at == NOW + timedelta(minutes=1)


@pytest.mark.parametrize("order", list(permutations([D.ACCEPTED, D.SENT, D.DELIVERED])))
def test_the_order_does_not_matter(message: Message, order: tuple[DeliveryStatus, ...]) -> None:
    for status in order:
        report(message, status)
    assert (message.status, events()) == (S.DELIVERED, 3)


def test_a_repeated_report_is_stored_once(message: Message) -> None:
    for _ in range(3):
        report(message, D.SENT)
    assert (message.status, events()) == (S.SENT, 1)


def test_a_failure_says_why(message: Message) -> None:
    report(message, D.UNDELIVERED, code="30005")
    report(message, D.SENT)
    assert (message.status, message.error_code) == (S.UNDELIVERED, "30005")


def test_a_failure_that_comes_late_leaves_no_error_on_what_arrived(message: Message) -> None:
    report(message, D.DELIVERED)
    report(message, D.FAILED, code="30008")
    report(message, D.UNDELIVERED, code="30003")
    assert (message.status, message.error_code, events()) == (S.DELIVERED, None, 3)


def test_a_word_we_do_not_know_is_stored_and_changes_nothing(message: Message) -> None:
    report(message, None, "teleported")
    assert (message.status, events()) == (S.ACCEPTED, 1)


def test_a_report_about_another_copy_is_stored_and_changes_nothing(message: Message) -> None:
    report(message, D.FAILED, provider_id="SM2")
    assert (message.status, message.provider_id, events()) == (S.ACCEPTED, "SM1", 1)


def test_what_we_never_sent_is_not_found(database: Session) -> None:
    with pytest.raises(NotFound):
        record_status(reference="nonsense", report=StatusReport("SM1", "sent", D.SENT, None, {}), now=NOW)


@pytest.mark.parametrize("status", [S.PLANNED, S.SENDING])
def test_a_report_answers_what_nobody_knew(message: Message, status: MessageStatus) -> None:
    message.status, message.unsure, message.provider_id = status, True, None
    db.session.commit()
    report(message, D.SENT)
    found = (message.status, message.unsure, str(message.provider_id))
    assert found == (S.SENT, False, "SM1")


def test_after_such_an_answer_nothing_is_sent_again(
    message: Message, addresses: Addresses, gateways: Gateways, texts: FakeTexts, clock: FakeClock
) -> None:
    message.status, message.provider_id = S.PLANNED, None
    db.session.commit()

    def tick() -> None:
        for each in claim_messages(worker="w", addresses=addresses, limit=10, now=clock()):
            deliver_one(each, gateways=gateways, now=clock())

    texts.fail_next(Remedy.ASK, taken=True)
    tick()
    report(message, D.DELIVERED)
    clock.advance(timedelta(hours=1))
    tick()
    sent = [each for each in texts.sent if each.reference == message.public_id]
    assert (len(sent), message.status) == (1, S.DELIVERED)


def test_a_void_message_stays_void(message: Message) -> None:
    message.status = S.PLANNED
    db.session.commit()
    assert message.appointment is not None
    cancel(message.appointment)
    assert message.status == S.VOID
    report(message, D.SENT)
    assert (message.status, events()) == (S.VOID, 1)
