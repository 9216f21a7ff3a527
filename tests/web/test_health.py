"""What monitors ask."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.ports import Remedy
from telehealth.jobs import ticks
from telehealth.models import Message
from tests.factories import book, make_office
from tests.fakes import FakeClock, FakeTexts
from tests.moments import NOW

TOKEN = "a-token-of-the-operator"


@pytest.fixture
def watched(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The headers of somebody who may read the metrics."""
    monkeypatch.setitem(app.config, "METRICS_TOKEN", TOKEN)
    return {"Authorization": f"Bearer {TOKEN}"}


def test_all_is_well(client: FlaskClient, database: Session) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "oldest_due_seconds": 0})


def test_messages_are_late_and_pages_still_work(client: FlaskClient, database: Session, clock: FakeClock) -> None:
    book(make_office(practice={"grace_minutes": 0}))
    clock.advance(timedelta(minutes=2))
    assert client.get("/health").json == {"status": "ok", "oldest_due_seconds": 120}
    clock.advance(timedelta(minutes=4))
    answer = client.get("/health")
    assert (answer.status_code, answer.json) == (200, {"status": "late", "oldest_due_seconds": 360})


def test_metrics_are_closed_unless_they_are_opened(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/metrics").status_code == 404
    monkeypatch.setitem(app.config, "METRICS_TOKEN", TOKEN)
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer guessed"}).status_code == 401


def test_metrics_say_what_waits(
    client: FlaskClient, database: Session, clock: FakeClock, watched: dict[str, str]
) -> None:
    book(make_office(practice={"grace_minutes": 0}))
    due = len(database.scalars(select(Message).where(Message.due_at <= NOW)).all())
    clock.advance(timedelta(minutes=2))
    said = client.get("/metrics", headers=watched).text
    assert f"telehealth_messages_due {due}.0" in said
    assert "telehealth_oldest_due_seconds 120.0" in said


def test_metrics_tell_what_became_of_messages_and_name_nobody(
    client: FlaskClient, app: Flask, database: Session, texts: FakeTexts, watched: dict[str, str]
) -> None:
    book(make_office(practice={"grace_minutes": 0}))
    texts.fail_next(Remedy.RETRY, code="20429")
    ticks.send_due_messages(app)
    said = client.get("/metrics", headers=watched).text
    assert 'telehealth_messages_total{channel="email",kind="confirmation",status="accepted"}' in said
    assert 'telehealth_provider_errors_total{channel="text",code="20429"}' in said
    assert 'telehealth_message_delay_seconds_count{channel="email"}' in said
    assert "telehealth_claim_seconds_count" in said
    assert 'telehealth_send_seconds_count{channel="text"}' in said
    assert "@" not in said
    assert "+1303" not in said
