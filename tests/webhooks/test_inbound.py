"""Texts to us: signed, taken once, answered through the outbox."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from telehealth.domain.message_words import MessageKind, ReplyMeaning
from telehealth.models import Attendee, InboundText, Message, Task
from tests.factories.appointments import book
from tests.factories.contacts import make_contact
from tests.factories.offices import make_office

NUMBER, OURS = "+13035550123", "+13035550999"


@pytest.fixture
def post(app: Flask, client: FlaskClient) -> Any:
    def send(*, token: str | None = None, sid: str = "SM1", **fields: str) -> TestResponse:
        path = "/webhooks/twilio/inbound"
        given = {"MessageSid": sid, "From": NUMBER, "To": OURS, "Body": "C", "NumMedia": "0", **fields}
        key = token or app.config["TWILIO_AUTH_TOKEN"]
        signature = RequestValidator(key).compute_signature(app.config["PUBLIC_URL"] + path, given)
        return client.post(path, data=given, headers={"X-Twilio-Signature": signature})

    return send


def test_a_text_is_taken_and_answered_with_empty_twiml(database: Session, post: Any) -> None:
    book(make_office())
    answer = post()
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert answer.text.endswith("<Response/>")
    assert database.scalars(select(InboundText)).one().meaning == ReplyMeaning.CONFIRM
    assert database.scalars(select(Attendee)).one().confirmed_at is not None


def test_the_same_text_twice_is_taken_once(database: Session, post: Any) -> None:
    book(make_office())
    assert [post().status_code, post(Body="R").status_code] == [200, 200]
    assert database.scalar(select(func.count()).select_from(InboundText)) == 1
    replies = select(func.count()).select_from(Message).where(Message.kind == MessageKind.REPLY)
    assert database.scalar(replies) == 1


def test_what_is_not_signed_by_twilio_is_refused(database: Session, client: FlaskClient, post: Any) -> None:
    make_office()
    assert post(token="other").status_code == 403
    assert client.post("/webhooks/twilio/inbound", data={"MessageSid": "SM1", "Body": "STOP"}).status_code == 403
    assert database.scalar(select(func.count()).select_from(InboundText)) == 0


def test_opt_out_type_decides(database: Session, post: Any) -> None:
    book(make_office())
    post(Body="please end this", OptOutType="STOP")
    assert database.scalars(select(InboundText)).one().meaning == ReplyMeaning.STOP
    assert database.scalars(select(Message).where(Message.kind == MessageKind.REPLY)).all() == []


def test_a_picture_without_words_is_for_a_person(database: Session, post: Any) -> None:
    book(make_office())
    post(Body="", NumMedia="1", MediaUrl0="https://api.example/secret.jpg")
    assert "picture" in database.scalars(select(Task)).one().note


@pytest.mark.parametrize("fields", [{"From": ""}, {"From": OURS}, {"Body": "x\0y" * 2000}, {"NumMedia": "many"}])
def test_odd_requests_are_harmless(post: Any, fields: dict[str, str]) -> None:
    make_office()
    assert post(**fields).status_code == 200


def test_a_text_without_an_id_is_answered_and_not_kept(database: Session, post: Any) -> None:
    make_office()
    assert post(sid="").status_code == 200
    assert database.scalar(select(func.count()).select_from(InboundText)) == 0


def test_neither_numbers_nor_words_reach_the_log(post: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    book(make_office(), contact=make_contact(name="Quentin Zebra"))
    for sid, body in (("SM1", "xyzzy plugh"), ("SM2", "STOP"), ("SM3", "C"), ("SM4", "I want to die")):
        post(sid=sid, Body=body)
    post(sid="SM5", From="+13035550188", Body="plugh")
    said = " ".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    for secret in (NUMBER, "5550188", "xyzzy", "plugh", "Zebra", "want to die"):
        assert secret not in said


def test_the_answer_is_in_the_outbox_for_an_hour(database: Session, post: Any, clock: Any) -> None:
    book(make_office())
    post()
    found = database.scalars(select(Message).where(Message.kind == MessageKind.REPLY)).one()
    assert (found.recipient, found.due_at, found.not_after) == (
        f"phone:{NUMBER}", clock(), clock() + timedelta(hours=1)
    )  # fmt: skip
