"""Several workers, one outbox: each message goes out once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from threading import Lock

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.domain.ports import DeliveryStatus, Email, Gateways, Receipt, Text
from telehealth.domain.words import ServiceKind
from telehealth.models import Message
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.status_reports import StatusReport, record_status
from telehealth.services.leasing import LEASE
from tests.concurrency.conftest import Race
from tests.concurrency.racing import look_again
from tests.concurrency.test_booking import booking, cancelling, winners
from tests.delivering import deliver_one
from tests.factories import book, make_contact, make_location, make_office, make_room, make_wish
from tests.fakes import FakeVideo
from tests.moments import NOW, at

pytestmark = pytest.mark.concurrency

AT_ONCE = {"grace_minutes": 0}
ADDRESSES = Addresses("https://practice.example", ["a key"])


@dataclass
class Counting:
    """A gateway that counts."""

    sent: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def send(self, message: Text | Email, /) -> Receipt:
        with self.lock:
            self.sent.append(message.reference)
        return Receipt(message.reference, DeliveryStatus.SENT)

    def find(self, text: Text, /, *, since: object) -> Receipt | None:
        return None


def work(worker: str, gateway: Counting, *, limit: int = 20) -> int:
    """Claim and deliver until nothing is due; how many there were."""
    gateways = Gateways(texts=gateway, emails=gateway, video=FakeVideo())
    done = 0
    while claimed := claim_messages(worker=worker, addresses=ADDRESSES, limit=limit, now=NOW):
        for each in claimed:
            deliver_one(each, gateways=gateways, now=NOW)
        done += len(claimed)
    return done


def claim_only(worker: str) -> list[int]:
    """Every message that one worker gets hold of."""
    taken: list[int] = []
    while claimed := claim_messages(worker=worker, addresses=ADDRESSES, limit=20, now=NOW):
        taken += [each.message_id for each in claimed]
    return taken


def outbox_of(count: int) -> None:
    """So many due messages: e-mails, for texts to one phone would be made one."""
    office = make_office(practice=AT_ONCE, with_rules=False)
    made = book(office)
    row = db.session.scalars(select(Message).where(Message.channel == Channel.EMAIL).order_by(Message.id)).first()
    assert row is not None
    shared = {
        column.key: getattr(row, column.key)
        for column in Message.__table__.columns
        if column.key not in {"id", "public_id", "minutes"}
    }
    db.session.add_all(Message(**shared, minutes=number) for number in range(1, count + 1 - 3))
    db.session.commit()
    assert made.id


def test_workers_in_many_processes_share_two_hundred_messages(race: Race) -> None:
    outbox_of(200)
    outcomes = race([partial(claim_only, f"worker-{number}") for number in range(4)])
    assert [outcome.error for outcome in outcomes] == [""] * 4, outcomes
    taken = [message for outcome in outcomes for message in outcome.value]
    assert (len(taken), len(set(taken))) == (200, 200)


def test_each_message_is_sent_once(threads: Race) -> None:
    outbox_of(200)
    gateway = Counting()
    outcomes = threads([partial(work, f"worker-{number}", gateway) for number in range(6)])
    assert [outcome.error for outcome in outcomes] == [""] * 6, outcomes
    assert set(Counter(gateway.sent).values()) == {1}
    assert len(gateway.sent) == 200
    look_again()
    assert set(db.session.scalars(select(Message.status))) == {MessageStatus.SENT}


def test_abandoned_messages_are_taken_up_by_one_worker(threads: Race) -> None:
    outbox_of(40)
    assert len(claim_only("dead")) == 40
    later = NOW + LEASE + timedelta(seconds=1)
    again = [
        partial(claim_messages, worker=f"w{number}", addresses=ADDRESSES, limit=40, now=later) for number in range(4)
    ]
    outcomes = threads(again)
    taken = [each.message_id for outcome in outcomes for each in outcome.value]
    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 40


def test_cancelling_while_everything_is_being_sent(threads: Race) -> None:
    """Whatever wins, the outbox ends with every message either sent once or void, and one notice for everybody."""
    office = make_office(practice=AT_ONCE, with_rules=False)
    for day in (1, 2, 3):
        make_room(make_location(office.practice))
        made = [book(office, at(hour, days=day), contact=make_contact()) for hour in (9, 11, 14)]
        gateway = Counting()
        calls = [partial(work, f"w{number}", gateway, limit=2) for number in range(3)]
        outcomes = threads([*calls, *(cancelling(office, each.id) for each in made)])
        assert [outcome.error for outcome in outcomes] == [""] * 6, outcomes
        look_again()
        open_ones = select(Message.kind).where(Message.status.in_([MessageStatus.SENDING]))
        assert list(db.session.scalars(open_ones)) == []
        assert set(Counter(gateway.sent).values()) <= {1}
        for each in db.session.scalars(select(Message).where(Message.version == 0)):
            assert each.status in {MessageStatus.SENT, MessageStatus.VOID}


def test_reports_at_the_same_moment(threads: Race) -> None:
    office = make_office(practice=AT_ONCE, with_rules=False)
    book(office)
    message = db.session.scalars(select(Message).order_by(Message.id)).first()
    assert message is not None
    said = [
        StatusReport("SM1", status, status, None, {}) for status in (DeliveryStatus.SENT, DeliveryStatus.DELIVERED)
    ] * 5
    calls = [partial(record_status, reference=message.public_id, report=each, now=NOW) for each in said]
    winners(threads(calls), expected=10)
    look_again()
    assert message.status == MessageStatus.DELIVERED
    assert len(message.events) == 2


def test_booking_and_sending_do_not_wait_for_each_other(threads: Race) -> None:
    office = make_office(practice=AT_ONCE)
    gateway = Counting()
    wishes = [make_wish(office, at(hour, days=days)) for hour in range(9, 16) for days in (1, 2)]
    workers = [partial(work, f"w{number}", gateway) for number in range(3)]
    outcomes = threads([*workers, *(booking(office, wish) for wish in wishes)])
    assert [outcome.error for outcome in outcomes] == [""] * len(outcomes), outcomes
    work("last", gateway)
    assert set(Counter(gateway.sent).values()) == {1}


def test_a_group_fills_up_while_its_messages_are_being_sent(threads: Race) -> None:
    """Every seat is a new version of the appointment: nobody's confirmation is lost by the next one, or sent twice."""
    office = make_office(practice=AT_ONCE | {"texts_a_day": 99}, service={"kind": ServiceKind.GROUP, "capacity": 10})
    gateway = Counting()
    for days in (1, 2):
        contacts = [make_contact(phone=f"+1303555{days}0{number:02}") for number in range(6)]
        wishes = [make_wish(office, at(10, days=days), contact=each) for each in contacts]
        workers = [partial(work, f"w{number}", gateway, limit=2) for number in range(3)]
        outcomes = threads([*workers, *(booking(office, wish) for wish in wishes), *workers])
        assert [outcome.error for outcome in outcomes] == [""] * len(outcomes), outcomes
        work("last", gateway)
        look_again()
    assert set(Counter(gateway.sent).values()) == {1}
    sent = select(Message.attendee_id, Message.channel).where(
        Message.kind == MessageKind.CONFIRMATION,
        Message.attendee_id.is_not(None),
        Message.status == MessageStatus.SENT,
    )
    told = Counter(db.session.execute(sent).all())
    assert (len(told), set(told.values())) == (24, {1})
    assert Counter(db.session.scalars(select(Message.status).where(Message.due_at <= NOW)))[MessageStatus.PLANNED] == 0
