"""Texts from the row to a Twilio over HTTP and back through our webhooks, with Twilio's own client in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import permutations
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.adapters.twilio import REMEDIES, TwilioAccount, TwilioTexts
from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.delivery.states import LOST
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, TaskKind
from telehealth.domain.ports import Gateways, Remedy
from telehealth.models import Message, Suppression, Task
from telehealth.services.delivery.catching_up import collapse_late_messages
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.sending import deliver_all
from telehealth.services.delivery.silent_texts import look_after_silent_texts
from telehealth.services.messages.replanning import replan_stale
from tests.factories import Office, book, make_contact, make_office, make_rule
from tests.fake_twilio import ACCOUNT_SID, Answer, Callback, Drop, FakeTwilio, Garble, Hang, Refuse
from tests.fakes import FakeClock, FakeEmails, FakeVideo
from tests.moments import at

S = MessageStatus
SENDER, PHONE = "+15550009999", "+13035550123"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WAY_BACK = {Remedy.SUPPRESS, Remedy.BLOCKED, Remedy.BAD_ADDRESS}


@pytest.fixture
def twilio(app: Flask, clock: FakeClock) -> Iterator[FakeTwilio]:
    with FakeTwilio(now=clock, auth_token=app.config["TWILIO_AUTH_TOKEN"]) as server:
        yield server


class Post:
    """A worker, and the internet between Twilio and us."""

    def __init__(self, twilio: FakeTwilio, app: Flask, client: FlaskClient, clock: FakeClock) -> None:
        self.twilio, self.client, self.clock = twilio, client, clock
        self.addresses: Addresses = app.extensions["addresses"]
        self.base = app.config["PUBLIC_URL"]
        account = TwilioAccount(
            account_sid=ACCOUNT_SID,
            auth_token=twilio.auth_token,
            sender=SENDER,
            status_callback_base=f"{self.base}/webhooks/twilio/status",
            base_url=twilio.url,
            timeout=0.3,
        )
        self.gateways = Gateways(TwilioTexts(account, now=clock), FakeEmails(), FakeVideo())

    def work(self, after: timedelta = timedelta(0)) -> None:
        self.clock.advance(after)
        replan_stale(now=self.clock())
        collapse_late_messages(now=self.clock())
        while claimed := claim_messages(worker="w", addresses=self.addresses, limit=20, now=self.clock()):
            deliver_all(claimed, gateways=self.gateways, now=self.clock)

    def bring(self, callback: Callback) -> int:
        path = urlsplit(callback.url).path
        answer = self.client.post(path, data=callback.fields, headers=callback.headers)
        db.session.expire_all()
        return answer.status_code

    def report(self, status: str, code: int | None = None) -> None:
        """Twilio's newest message reaches ``status``, and we hear of it."""
        assert self.bring(self.twilio.end(self.twilio.messages[-1], status, error_code=code)) == 204

    def text_us(self, body: str) -> None:
        inbound = f"{self.base}/webhooks/twilio/inbound"
        assert self.bring(self.twilio.text_in(inbound, sender=PHONE, to=SENDER, body=body)) == 200


@pytest.fixture
def post(twilio: FakeTwilio, app: Flask, client: FlaskClient, clock: FakeClock) -> Post:
    return Post(twilio, app, client, clock)


@pytest.fixture
def office(database: Session) -> Office:
    """An office that reminds by text, and by e-mail only when that fails."""
    made = make_office(practice={"grace_minutes": 0}, with_rules=False)
    make_rule(made.practice, 24 * 60, channel=Channel.TEXT)
    return made


@pytest.fixture
def booked(office: Office, clock: FakeClock) -> Message:
    """The reminder of an appointment, which is due now. All that was said before has arrived."""
    book(office, at(12), contact=make_contact(phone=PHONE))
    for each in db.session.scalars(select(Message).where(Message.kind == MessageKind.CONFIRMATION)):
        each.status = S.DELIVERED
    db.session.commit()
    (reminder,) = reminders(Channel.TEXT)
    clock.instant = reminder.due_at
    return reminder


def reminders(channel: Channel) -> Sequence[Message]:
    db.session.expire_all()
    wanted = select(Message).where(Message.kind == MessageKind.REMINDER, Message.channel == channel)
    return db.session.scalars(wanted.order_by(Message.id)).all()


def emailed() -> list[MessageStatus]:
    return [each.status for each in reminders(Channel.EMAIL)]


def tasks() -> list[TaskKind]:
    return list(db.session.scalars(select(Task.kind).order_by(Task.id)))


def test_a_text_goes_and_arrives(post: Post, booked: Message, twilio: FakeTwilio) -> None:
    post.work()
    assert (booked.status, booked.provider_id) == (S.ACCEPTED, twilio.messages[0]["sid"])
    for status in ("sent", "delivered"):
        post.report(status)
    assert (booked.status, twilio.problems, emailed(), tasks()) == (S.DELIVERED, [], [], [])


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])))
def test_callbacks_in_any_order_twice_and_late_end_alike(
    post: Post, booked: Message, twilio: FakeTwilio, order: Sequence[str]
) -> None:
    post.work()
    callbacks = [twilio.callback(twilio.messages[0], status) for status in order]
    post.clock.advance(HOUR)
    for callback in [*callbacks, *callbacks]:
        assert post.bring(callback) == 204
    post.work()
    assert (booked.status, len(twilio.creates)) == (S.DELIVERED, 1)


def test_what_callbacks_lost_is_looked_up(post: Post, booked: Message, twilio: FakeTwilio) -> None:
    post.work()
    twilio.end(twilio.messages[0], "undelivered", error_code=30006)
    post.clock.advance(HOUR)
    assert look_after_silent_texts(gateways=post.gateways, now=post.clock()) == 1
    post.work()
    assert (booked.status, emailed(), tasks()) == (S.UNDELIVERED, [S.SENT], [TaskKind.ADDRESS])


@pytest.mark.parametrize("code", [code for code in REMEDIES if code < 30_000])
def test_each_refusal_ends_with_somebody_told(post: Post, booked: Message, twilio: FakeTwilio, code: int) -> None:
    twilio.script(Refuse(429 if code == 20429 else 400, code))
    post.work()
    if REMEDIES[code] == Remedy.RETRY:
        post.work(HOUR)
        assert (booked.status, len(twilio.messages), tasks()) == (S.ACCEPTED, 1, [])
        return
    if REMEDIES[code] == Remedy.ALERT:
        assert (booked.status, tasks()) == (S.PLANNED, [TaskKind.ACCOUNT])
        twilio.script(*[Refuse(400, code)] * 9)
        for _ in range(5):
            post.work(16 * MINUTE)
    post.work(MINUTE)
    assert (booked.status, booked.error_code, twilio.messages) == (S.FAILED, str(code), [])
    assert (emailed(), len(tasks())) == ([S.SENT], 1)
    assert len(db.session.scalars(select(Suppression)).all()) == (REMEDIES[code] in WAY_BACK)


@pytest.mark.parametrize("code", [code for code in REMEDIES if 30_000 <= code < 35_000] + [63038])
def test_each_later_failure_ends_with_somebody_told(post: Post, booked: Message, twilio: FakeTwilio, code: int) -> None:
    post.work()
    for _ in range(5):
        if reminders(Channel.TEXT)[-1].status in LOST:
            break
        post.report("undelivered", code)
        post.work(HOUR)
    tries = {Remedy.RETRY_LATER: 2, Remedy.RETRY: 4}.get(REMEDIES[code], 1)
    assert [each.status for each in reminders(Channel.TEXT)] == [S.UNDELIVERED] * tries
    assert (len(twilio.messages), emailed(), len(tasks())) == (tries, [S.SENT], 1)
    assert len(db.session.scalars(select(Suppression)).all()) == (REMEDIES[code] in WAY_BACK)


@pytest.mark.parametrize("trouble", [Hang(accepted=True), Drop(accepted=True), Garble(), Garble(b"{}")])
def test_an_answer_that_is_lost_after_it_was_taken(
    post: Post, booked: Message, twilio: FakeTwilio, trouble: Answer
) -> None:
    twilio.script(trouble)
    post.work()
    assert (booked.status, booked.unsure) == (S.PLANNED, True)
    post.work(2 * MINUTE)
    assert (booked.status, booked.unsure, len(twilio.messages)) == (S.ACCEPTED, False, 1)


@pytest.mark.parametrize("trouble", [Hang(accepted=False), Drop(accepted=False), Refuse(500), Refuse(503)])
def test_an_answer_that_is_lost_before(post: Post, booked: Message, twilio: FakeTwilio, trouble: Answer) -> None:
    twilio.script(trouble)
    post.work()
    assert (booked.status, twilio.messages) == (S.PLANNED, [])
    post.work(2 * MINUTE)
    assert (booked.status, len(twilio.messages)) == (S.ACCEPTED, 1)


def test_a_callback_answers_before_we_ask(post: Post, booked: Message, twilio: FakeTwilio) -> None:
    twilio.script(Hang(accepted=True))
    post.work()
    post.report("sent")
    post.work(2 * MINUTE)
    assert (booked.status, len(twilio.messages), twilio.lists) == (S.SENT, 1, [])


def test_a_burst_is_spread_until_everybody_has_theirs(post: Post, office: Office, twilio: FakeTwilio) -> None:
    for hour in range(10, 15):
        book(office, at(hour, days=3), contact=make_contact(phone=f"+1303555{hour:04d}"))
    twilio.script(*[Refuse(429, 20429, retry_after="3")] * 7)
    for _ in range(6):
        post.work(2 * MINUTE)
    assert Counter(each["to"] for each in twilio.messages) == {f"+1303555{hour:04d}": 1 for hour in range(10, 15)}


def test_stop_turns_to_email_and_start_back(post: Post, booked: Message, office: Office, twilio: FakeTwilio) -> None:
    post.clock.advance(-HOUR)
    post.text_us("Stop")
    post.work(HOUR)
    assert (twilio.creates, emailed()) == ([], [S.SENT])
    post.text_us("START")
    book(office, at(14, days=2), contact=make_contact(phone=PHONE), now=post.clock())
    post.work()
    assert [each["to"] for each in twilio.messages] == [PHONE], "the new confirmation; Twilio answers START itself"


def test_a_stop_that_only_twilio_knows_of_is_learnt(
    post: Post, booked: Message, office: Office, twilio: FakeTwilio
) -> None:
    twilio.text_in("https://lost.example/", sender=PHONE, to=SENDER, body="STOP")
    post.work()
    post.work(MINUTE)
    assert (booked.error_code, emailed(), len(twilio.creates)) == ("21610", [S.SENT], 1)
    book(office, at(14, days=2), contact=make_contact(phone=PHONE), now=post.clock())
    post.work()
    assert len(twilio.creates) == 1, "nobody asks Twilio again"
