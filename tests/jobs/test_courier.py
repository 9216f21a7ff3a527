"""The courier: many at a time, once each, and what happens when it is stopped or the database goes away."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, insert, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.delivery.budget import SendingLimits
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.domain.ports import Email, Gateways, Receipt, Text
from telehealth.jobs.courier import IN_HAND_FOR, Courier, CourierPace
from telehealth.models import Attendee, Message, SenderBudget
from telehealth.services.delivery.budgets import SenderBudgets
from telehealth.services.leasing import LEASE
from tests.factories import book, make_office
from tests.fakes import FakeClock, FakeEmails, FakeVideo
from tests.moments import NOW

S = MessageStatus
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass
class Post:
    """A gateway that counts, and lets a test look on while it sends."""

    sent: list[str] = field(default_factory=list)
    most_at_once: int = 0
    at_once: int = 0
    lock: Any = field(default_factory=threading.Lock)
    before: Any = None
    together: threading.Barrier | None = None

    def send(self, message: Text | Email, /) -> Receipt:
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        if self.before is not None:
            self.before()
        if self.together is not None:
            self.together.wait(timeout=20)
        with self.lock:
            self.at_once -= 1
            self.sent.append(message.reference)
        return Receipt(f"id-{message.reference}")

    def find(self, text: Text, /, *, since: datetime) -> Receipt | None:
        return None

    def look_up(self, provider_id: str, /) -> Receipt | None:
        return None


def fill(database: Session, count: int, channel: Channel = Channel.TEXT, **given: Any) -> None:
    """So many texts that are due, each to a phone of its own; or e-mails."""
    office = make_office(practice={"texts_from": 0, "texts_until": 1440, **given}, with_rules=False)
    made = book(office)
    database.execute(text("DELETE FROM message"))
    first = made.attendees[0]
    like_it = {each.key: getattr(first, each.key) for each in Attendee.__table__.columns if each.key != "id"}
    rows = [{**like_it, "public_id": f"seat-{number}", "phone": f"+1303555{number:04}"} for number in range(count)]
    database.execute(insert(Attendee), rows)
    seats = database.execute(select(Attendee.id, Attendee.public_id).where(Attendee.public_id.like("seat-%"))).all()
    about = {"practice_id": made.practice_id, "appointment_id": made.id, "kind": MessageKind.REMINDER}
    when = {"planned_for": NOW, "due_at": NOW, "not_after": made.starts_at, "created_at": NOW, "changed_at": NOW}
    texts = [
        {"attendee_id": seat.id, "recipient": f"attendee:{seat.public_id}", "public_id": f"text-{seat.public_id}"}
        for seat in seats
    ]
    version = {"channel": channel, "version": made.sequence}
    database.execute(insert(Message), [{**about, **when, **each, **version} for each in texts])
    database.commit()


@pytest.fixture
def post() -> Post:
    return Post()


def courier(app: Flask, post: Post, clock: FakeClock, senders: int = 4, *, emails: Any = None, **given: Any) -> Courier:
    gateways = Gateways(texts=post, emails=emails or FakeEmails(), video=FakeVideo())
    addresses = app.extensions["addresses"]
    return Courier("w", addresses, gateways, CourierPace(senders, timeout=10), clock, **given)


def statuses() -> Counter[str]:
    db.session.expire_all()
    return Counter(db.session.scalars(select(Message.status)))


def test_everything_goes_once_and_many_at_a_time(app: Flask, database: Session, clock: FakeClock, post: Post) -> None:
    fill(database, 40)
    post.together = threading.Barrier(4)  # Nobody gets through before four of them are there.
    assert courier(app, post, clock).run() == 40
    assert set(Counter(post.sent).values()) == {1}
    assert post.most_at_once == 4
    assert statuses() == {S.ACCEPTED: 40}


def test_all_senders_help_with_what_becomes_due_meanwhile(
    app: Flask, database: Session, clock: FakeClock, post: Post
) -> None:
    fill(database, 9)
    early = select(Message.id).order_by(Message.id).limit(1).scalar_subquery()
    database.execute(update(Message).where(Message.id != early).values(due_at=NOW + MINUTE))
    database.commit()
    together = threading.Barrier(4)

    def carry() -> None:
        if clock() > NOW:
            together.wait(timeout=5)  # Nobody gets through before four of them are there.
        clock.instant = NOW + MINUTE

    post.before = carry
    assert courier(app, post, clock).run() == 9
    assert statuses() == {S.ACCEPTED: 9}


def test_one_sender_needs_no_thread(app: Flask, database: Session, clock: FakeClock, post: Post) -> None:
    fill(database, 5)
    here = threading.current_thread()
    threads = []
    post.before = lambda: threads.append(threading.current_thread())
    assert courier(app, post, clock, senders=1).run() == 5
    assert set(threads) == {here}


def test_it_is_told_to_stop(app: Flask, database: Session, clock: FakeClock, post: Post) -> None:
    fill(database, 60)
    stop = threading.Event()
    post.before = stop.set
    courier(app, post, clock, stop=stop).run()
    found = statuses()
    assert found[S.SENDING] == 0
    assert found[S.ACCEPTED] == len(post.sent) < 60, "what was begun is finished"
    left = list(database.scalars(select(Message).where(Message.status == S.PLANNED)))
    assert {(each.worker, each.lease_until, each.unsure) for each in left} == {(None, None, False)}, "the rest is free"
    assert courier(app, Post(), clock).run() == len(left)


@pytest.mark.parametrize("senders", [1, 4])
def test_it_was_told_to_stop_before(app: Flask, database: Session, clock: FakeClock, post: Post, senders: int) -> None:
    fill(database, 8)
    stop = threading.Event()
    stop.set()
    courier(app, post, clock, senders, stop=stop).run()
    assert (post.sent, statuses()) == ([], {S.PLANNED: 8})


@contextmanager
def no_records(database: Session) -> Iterator[None]:
    """The database goes away whenever somebody wants to write down what a provider took."""
    engine = database.get_bind().engine

    def away(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE message") and "provider_id" in statement:
            raise OperationalError(statement, {}, ConnectionError("gone"))

    event.listen(engine, "before_cursor_execute", away)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", away)


def test_what_could_not_be_recorded_is_recorded_later(
    app: Flask, database: Session, clock: FakeClock, post: Post
) -> None:
    fill(database, 6)
    one = courier(app, post, clock)
    with no_records(database), pytest.raises(OperationalError):
        one.run()
    assert (len(post.sent), statuses()) == (6, {S.SENDING: 6})
    one.run()
    assert (len(post.sent), statuses()) == (6, {S.ACCEPTED: 6})


def test_nobody_takes_more_than_a_provider_that_hangs_leaves_time_for() -> None:
    for senders, timeout in ((24, 10), (24, 60), (1, 20), (200, 5), (4, 1000)):
        pace = CourierPace(senders, timeout)
        rounds = -(-pace.in_hand // senders)
        assert rounds == 1 or rounds * 2 * timeout <= IN_HAND_FOR.total_seconds()


@pytest.mark.parametrize("senders", [1, 2])
def test_what_is_in_hand_stays_there_while_the_provider_is_slow(
    app: Flask, database: Session, clock: FakeClock, post: Post, senders: int
) -> None:
    fill(database, 12)
    renewed, alone, third = threading.Event(), threading.Lock(), LEASE / 3

    def watch(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE message SET lease_until="):
            renewed.set()

    def take_a_while() -> None:  # All of them take longer than a lease; time stands still until it was renewed.
        with alone:
            clock.advance(third / 2)
            if senders > 1 and (clock() - NOW) % third == timedelta(0):
                renewed.clear()
                assert renewed.wait(timeout=20)

    post.before = take_a_while
    clock.advance(timedelta(hours=1))
    one = courier(app, post, clock, senders=senders)
    clock.advance(timedelta(hours=-1))  # A clock that steps back is no reason not to renew.
    engine = database.get_bind().engine
    event.listen(engine, "before_cursor_execute", watch)
    try:
        one.run()
    finally:
        event.remove(engine, "before_cursor_execute", watch)
    assert renewed.is_set()
    assert set(Counter(post.sent).values()) == {1}
    assert clock() - NOW > LEASE
    assert set(database.execute(select(Message.status, Message.attempts)).all()) == {(S.ACCEPTED, 1)}


def test_what_a_killed_worker_held_is_free_within_a_minute(app: Flask, database: Session, clock: FakeClock) -> None:
    fill(database, 3)
    courier(app, Post(), clock)._claim()
    clock.advance(timedelta(minutes=1, seconds=1))
    assert courier(app, post := Post(), clock).run() == 3
    assert len(post.sent) == 3


def test_no_thread_begins_an_e_mail_before_its_last_one_is_recorded(
    app: Flask, database: Session, clock: FakeClock, post: Post
) -> None:
    fill(database, 60, Channel.EMAIL)
    engine, recorded, in_doubt = database.get_bind().engine, [], []

    def watch(_connection: Any, _cursor: Any, statement: str, given: Any, _context: Any, is_many: bool) -> None:
        if statement.startswith("UPDATE message") and "provider_id" in statement:
            recorded.extend(given if is_many else [given])

    post.before = lambda: in_doubt.append(len(post.sent) - len(recorded))
    event.listen(engine, "before_cursor_execute", watch)
    try:
        courier(app, post, clock, senders=3, emails=post).run()
    finally:
        event.remove(engine, "before_cursor_execute", watch)
    assert (len(post.sent), statuses()) == (60, {S.ACCEPTED: 60})
    assert max(in_doubt) < 3, "whoever begins has nothing in doubt"


def test_threads_go_home_when_their_e_mails_cannot_be_recorded(
    app: Flask, database: Session, clock: FakeClock, post: Post
) -> None:
    fill(database, 20, Channel.EMAIL)
    one = courier(app, post, clock, senders=2, emails=post)
    with no_records(database), pytest.raises(OperationalError):
        one.run()
    assert not [each for each in threading.enumerate() if each.name.startswith("sender-")]
    assert len(post.sent) <= 2
    one.run()
    assert set(Counter(post.sent).values()) == {1}
    assert (len(post.sent), statuses()) == (20, {S.ACCEPTED: 20})


def test_what_waited_too_long_in_hand_is_not_begun(app: Flask, database: Session, clock: FakeClock, post: Post) -> None:
    fill(database, 12)

    def take_ages() -> None:
        clock.instant = NOW + LEASE * 9 / 10

    post.before = take_ages
    one = courier(app, post, clock, senders=2)
    one.run()
    assert set(Counter(post.sent).values()) == {1}
    assert statuses()[S.ACCEPTED] == 12, "given back and taken again, under a new lease"


# Budgets


def limited(app: Flask, post: Post, clock: FakeClock, **limits: Any) -> Courier:
    class Waiting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            clock.advance(timedelta(seconds=timeout or 0))
            return self.is_set()

    return courier(app, post, clock, limits=SendingLimits(**limits, sender="us"), stop=Waiting())


def test_segments_go_at_the_pace_of_their_sender(app: Flask, database: Session, clock: FakeClock, post: Post) -> None:
    fill(database, 12)
    seconds: list[float] = []
    post.before = lambda: seconds.append((clock() - NOW).total_seconds())
    limited(app, post, clock, per_second=2).run()
    segments = sum(database.scalars(select(Message.segments)))  # type: ignore[arg-type]
    assert len(post.sent) == 12 < segments
    assert segments / 2 - 2 <= max(seconds) <= segments / 2


def test_two_workers_share_one_budget(app: Flask, database: Session, clock: FakeClock) -> None:
    fill(database, 12)
    posts = [Post(), Post()]
    for each in posts:
        limited(app, each, clock, per_day=5).run()
    assert [len(each.sent) for each in posts] == [5, 0]
    assert statuses() == {S.ACCEPTED: 5, S.PLANNED: 7}
    assert database.scalars(select(SenderBudget)).one().sent_today == 5
    clock.advance(timedelta(days=1))
    database.execute(update(Message).values(not_after=clock() + MINUTE))
    limited(app, posts[1], clock, per_day=5).run()
    assert len(posts[1].sent) == 5


def test_a_sender_that_is_chosen_during_a_claim_waits_for_the_next(database: Session) -> None:
    limits = SendingLimits(per_second=1, sender="us")
    practice = make_office().practice
    purse = SenderBudgets(database, limits, now=NOW)
    practice.text_sender = "+13035550199"
    assert not purse.has_room(practice)
    purse.spend(practice, 1)  # What may have gone before is asked about without a look at the budget.
    database.flush()
    assert SenderBudgets(database, limits, now=NOW).has_room(practice)


def test_e_mails_do_not_wait_behind_texts(app: Flask, database: Session, clock: FakeClock, post: Post) -> None:
    fill(database, 12)
    last = database.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
    last.channel, last.due_at = Channel.EMAIL, NOW
    database.commit()
    limited(app, post, clock, per_day=2).run()
    assert statuses() == {S.ACCEPTED: 2, S.SENT: 1, S.PLANNED: 9}
