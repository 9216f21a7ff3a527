"""Status callbacks: signed, stored once, never backwards."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.models import Message, MessageEvent
from tests.factories.appointments import book
from tests.factories.offices import make_office


@pytest.fixture
def message(database: Session, clock: Any) -> Message:
    """A text that the provider has taken."""
    appointment = book(make_office())
    found = database.scalars(
        select(Message).where(
            Message.appointment_id == appointment.id,
            Message.channel == Channel.TEXT,
            Message.kind == MessageKind.CONFIRMATION,
        )
    ).one()
    found.status, found.provider_id = MessageStatus.ACCEPTED, "SM1"
    database.commit()
    return found


@pytest.fixture
def post(app: Flask, client: FlaskClient) -> Any:
    def send(reference: str, *, token: str | None = None, query: str = "", **fields: str) -> TestResponse:
        path = f"/webhooks/twilio/status/{reference}{query}"
        key = token or app.config["TWILIO_AUTH_TOKEN"]
        signature = RequestValidator(key).compute_signature(app.config["PUBLIC_URL"] + path, fields)
        return client.post(path, data=fields, headers={"X-Twilio-Signature": signature})

    return send


def status_of(database: Session, message: Message) -> MessageStatus:
    database.expire_all()
    return database.get_one(Message, message.id).status


def test_a_signed_report_moves_the_message_forward(database: Session, message: Message, post: Any) -> None:
    answer = post(message.public_id, MessageSid="SM1", MessageStatus="delivered", To="+13035550123", Body="words")
    assert answer.status_code == 204
    assert status_of(database, message) == MessageStatus.DELIVERED
    event = database.scalars(select(MessageEvent)).one()
    assert event.raw == {"MessageSid": "SM1", "MessageStatus": "delivered"}, "neither number nor body is stored"


def test_the_query_is_part_of_what_was_signed(database: Session, message: Message, post: Any) -> None:
    assert post(message.public_id, query="?a=1", MessageSid="SM1", MessageStatus="sent").status_code == 204
    assert status_of(database, message) == MessageStatus.SENT


@pytest.mark.parametrize("signature", ["", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "\u00e9" * 40, "x" * 4000])
def test_an_unsigned_report_is_refused_and_changes_nothing(
    database: Session, client: FlaskClient, message: Message, signature: str
) -> None:
    answer = client.post(
        f"/webhooks/twilio/status/{message.public_id}",
        data={"MessageSid": "SM1", "MessageStatus": "delivered"},
        headers={"X-Twilio-Signature": signature},
    )
    assert answer.status_code == 403
    assert status_of(database, message) == MessageStatus.ACCEPTED


def test_a_report_signed_with_another_token_is_refused(database: Session, message: Message, post: Any) -> None:
    assert post(message.public_id, token="other", MessageSid="SM1", MessageStatus="delivered").status_code == 403
    assert status_of(database, message) == MessageStatus.ACCEPTED


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])))
def test_reports_in_any_order_end_the_same(
    database: Session, message: Message, post: Any, order: tuple[str, ...]
) -> None:
    for status in (*order, *order):
        assert post(message.public_id, MessageSid="SM1", MessageStatus=status).status_code == 204
    assert status_of(database, message) == MessageStatus.DELIVERED
    assert database.scalar(select(func.count()).select_from(MessageEvent)) == len(order), "each is stored once"


def test_a_failure_is_kept_with_its_code(database: Session, message: Message, post: Any) -> None:
    post(message.public_id, MessageSid="SM1", MessageStatus="undelivered", ErrorCode="30003")
    database.expire_all()
    found = database.get_one(Message, message.id)
    assert (found.status, found.error_code) == (MessageStatus.UNDELIVERED, "30003")


def test_a_report_about_another_text_changes_nothing(database: Session, message: Message, post: Any) -> None:
    assert post(message.public_id, MessageSid="SM-other", MessageStatus="failed").status_code == 204
    assert status_of(database, message) == MessageStatus.ACCEPTED


def test_a_status_nobody_knows_yet_is_stored(database: Session, message: Message, post: Any) -> None:
    assert post(message.public_id, MessageSid="SM1", MessageStatus="teleported").status_code == 204
    assert status_of(database, message) == MessageStatus.ACCEPTED
    assert database.scalars(select(MessageEvent.provider_status)).all() == ["teleported"]


@pytest.mark.parametrize("reference", ["nothing", "a" * 500, "%00", "é"])
def test_an_unknown_reference_is_answered_and_harmless(message: Message, post: Any, reference: str) -> None:
    assert post(reference, MessageSid="SM1", MessageStatus="sent").status_code in (204, 403, 404)


def test_long_fields_are_cut_to_what_a_row_holds(database: Session, message: Message, post: Any) -> None:
    answer = post(message.public_id, MessageSid="S" * 5000, MessageStatus="x" * 5000, ErrorCode="9" * 5000)
    assert answer.status_code == 204
