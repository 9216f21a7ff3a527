"""Mail that came back: handed in over HTTP, or through a pipe."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from telehealth.database import db, transaction
from telehealth.domain.consent.bounces import Bounce
from telehealth.domain.message_words import Channel, MessageStatus, SuppressionReason, TaskKind
from telehealth.models import Appointment, Message, MessageEvent, Suppression, Task
from telehealth.services.delivery.bounces import MOST, record_bounces
from telehealth.services.messages.replanning import replan_stale
from tests.factories import book, make_contact, make_office
from tests.moments import NOW

SAMPLES = Path(__file__).resolve().parents[1] / "data" / "bounces"
THEIRS = "5f0c2b9e-4a64-4c0e-9a57-2f5f1c7d8e01"
PATH = "/webhooks/mail/bounces"


@pytest.fixture
def appointment(client: FlaskClient) -> Appointment:
    return book(make_office(), contact=make_contact(email="jane@example.com"))


@pytest.fixture
def message(appointment: Appointment) -> Message:
    """The confirmation, as it went out by e-mail."""
    with transaction() as session:
        found = session.scalars(
            select(Message).where(
                Message.appointment_id == appointment.id,
                Message.attendee_id.is_not(None),
                Message.channel == Channel.EMAIL,
            )
        ).first()
        assert found is not None
        found.status, found.sent_at, found.sent_to = MessageStatus.SENT, NOW, "jane@example.com"
        found.provider_id = f"<{found.public_id}@riverside.example>"
        return found


@pytest.fixture
def post(app: Flask, client: FlaskClient) -> Any:
    def send(raw: bytes, token: str | None = None) -> TestResponse:
        secret = app.config["BOUNCE_TOKEN"] if token is None else token
        return client.post(PATH, data=raw, headers={"Authorization": f"Bearer {secret}"})

    return send


def sample(name: str, message: Message) -> bytes:
    return (SAMPLES / f"{name}.eml").read_bytes().replace(THEIRS.encode(), message.public_id.encode())


def status_of(database: Session, message: Message) -> MessageStatus:
    database.rollback()
    return database.get_one(Message, message.id, populate_existing=True).status


def test_a_hard_bounce(database: Session, post: Any, message: Message, appointment: Appointment) -> None:
    answer = post(sample("postfix", message))
    assert (answer.status_code, answer.data) == (204, b"")
    assert status_of(database, message) == MessageStatus.UNDELIVERED
    row = database.scalars(select(Suppression)).one()
    assert (row.channel, row.address, row.reason) == (Channel.EMAIL, "jane@example.com", SuppressionReason.BAD_ADDRESS)
    task = database.scalars(select(Task)).one()
    assert (task.kind, task.message_id, task.appointment_id) == (TaskKind.ADDRESS, message.id, appointment.id)
    assert database.scalars(select(MessageEvent)).one().error_code == "5.1.1"


def test_nothing_more_is_sent_there(database: Session, post: Any, message: Message, appointment: Appointment) -> None:
    post(sample("gmail", message))
    replan_stale(now=NOW)
    database.rollback()
    waiting = select(Message.channel).where(
        Message.appointment_id == appointment.id,
        Message.attendee_id.is_not(None),
        Message.status == MessageStatus.PLANNED,
    )
    assert set(database.scalars(waiting)) == {Channel.TEXT}


def test_twice_is_once(database: Session, post: Any, message: Message) -> None:
    assert [post(sample("exim", message)).status_code for _ in range(2)] == [204, 204]
    assert [len(database.scalars(select(table)).all()) for table in (Task, Suppression, MessageEvent)] == [1, 1, 1]


def test_a_full_mailbox_is_a_right_address(database: Session, post: Any, message: Message) -> None:
    post(sample("gmail_full", message))
    assert status_of(database, message) == MessageStatus.UNDELIVERED
    assert database.scalars(select(Suppression)).all() == []
    assert database.scalars(select(Task)).one().kind == TaskKind.UNDELIVERED


@pytest.mark.parametrize("name", ["postfix_delayed", "out_of_office", "read_receipt"])
def test_what_is_no_failure(database: Session, post: Any, message: Message, name: str) -> None:
    assert post(sample(name, message)).status_code == 204
    assert status_of(database, message) == MessageStatus.SENT


def test_another_address_changes_nothing(database: Session, post: Any, message: Message) -> None:
    """Whoever knows one of our mails must not mark somebody else's address with it."""
    forged = sample("postfix", message).replace(b"jane@", b"victim@").replace(b"Jane@", b"victim@")
    assert post(forged).status_code == 204
    assert status_of(database, message) == MessageStatus.SENT
    assert database.scalars(select(Suppression)).all() == []


@pytest.mark.parametrize("raw", [b"", b"\xff\x00 nonsense", (SAMPLES / "postfix.eml").read_bytes()])
def test_what_is_not_about_us(database: Session, post: Any, message: Message, raw: bytes) -> None:
    assert post(raw).status_code == 204
    assert status_of(database, message) == MessageStatus.SENT


@pytest.mark.parametrize("token", ["", "wrong", "ä"])
def test_without_the_secret(database: Session, post: Any, message: Message, token: str) -> None:
    assert post(sample("postfix", message), token=token).status_code == 403
    assert status_of(database, message) == MessageStatus.SENT


@pytest.mark.parametrize("command", ["read-mail", "read-bounce"])
def test_a_pipe(app: Flask, database: Session, message: Message, command: str) -> None:
    runner = app.test_cli_runner()
    done = runner.invoke(args=[command], input=io.BytesIO(sample("exchange", message)))
    assert done.exception is None, repr(done.exception)
    assert (done.exit_code, done.output) == (0, "Taken down.\n")
    assert status_of(database, message) == MessageStatus.UNDELIVERED
    done = runner.invoke(args=[command], input=io.BytesIO(b"Subject: hello\n\nhello\n"))
    assert (done.exit_code, done.output) == (0, "Nothing in it was about a mail of ours.\n")


def test_a_report_of_any_length_is_looked_at_for_a_moment_only(message: Message) -> None:
    names = tuple(f"stranger-{number}" for number in range(1000))
    strangers = [Bounce(names, ("jane@example.com",), "5.1.1") for _ in names]
    asked: list[int] = []

    def look(_connection: Any, _cursor: Any, _statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append(len(parameters))

    event.listen(db.engine, "before_cursor_execute", look)
    try:
        assert record_bounces(bounces=strangers, now=NOW) == 0
        assert record_bounces(bounces=[Bounce((message.public_id,), ("jane@example.com",), "5.1.1")], now=NOW) == 1
    finally:
        event.remove(db.engine, "before_cursor_execute", look)
    assert len(asked) < 2 * MOST
    assert max(asked) < 2 * MOST
