"""What monitors ask."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import tzdata
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select, text
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.ports import Remedy
from telehealth.jobs import ticks
from telehealth.models import Message
from telehealth.queries.schema import newest_version
from telehealth.services.practice.examining import leave_heartbeat
from tests import databases
from tests.factories import book, make_office
from tests.fakes import FakeClock, FakeTexts
from tests.moments import NOW
from tests.web.conftest import Served

TOKEN = "a-token-of-the-operator"


@pytest.fixture
def watched(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The headers of somebody who may read the metrics."""
    monkeypatch.setitem(app.config, "METRICS_TOKEN", TOKEN)
    return {"Authorization": f"Bearer {TOKEN}"}


def asked(served: Served) -> tuple[int, str, list[str]]:
    answer = served.browser.get("/health")
    assert ("Retry-After" in answer.headers) == (answer.status_code == 503)
    return answer.status_code, answer.json["status"], answer.json["problems"]  # type: ignore[index]


@pytest.fixture
def well(served: Served, clock: FakeClock) -> Served:
    """Jobs have just said that they live."""
    leave_heartbeat(now=clock())
    return served


def test_all_is_well(well: Served, clock: FakeClock) -> None:
    clock.advance(timedelta(seconds=4))
    answer = well.browser.get("/health")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok",
        "problems": [],
        "schema": newest_version(),
        "oldest_due_seconds": 0,
        "jobs_beat_seconds_ago": 4,
        "disk_free_mib": answer.json["disk_free_mib"],  # type: ignore[index]
        "zone_data": tzdata.IANA_VERSION,
    }


def test_jobs_that_never_ran_or_stopped_are_told(served: Served, clock: FakeClock) -> None:
    assert asked(served) == (200, "late", ["jobs_silent"])
    leave_heartbeat(now=clock())
    assert asked(served) == (200, "ok", [])
    clock.advance(timedelta(seconds=30))
    assert asked(served) == (200, "late", ["jobs_silent"])


def test_a_clock_that_stepped_back_is_told_at_once(well: Served, clock: FakeClock) -> None:
    clock.advance(timedelta(hours=-1))
    assert asked(well) == (200, "late", ["jobs_silent"])
    leave_heartbeat(now=clock())
    assert asked(well) == (200, "ok", [])


def test_messages_are_late_and_pages_still_work(well: Served, clock: FakeClock) -> None:
    book(make_office(practice={"grace_minutes": 0}))
    clock.advance(timedelta(minutes=2))
    leave_heartbeat(now=clock())
    assert well.browser.get("/health").json["oldest_due_seconds"] == 120  # type: ignore[index]
    clock.advance(timedelta(minutes=4))
    leave_heartbeat(now=clock())
    assert asked(well) == (200, "late", ["messages_late"])
    assert well.browser.get("/health").json["oldest_due_seconds"] == 360  # type: ignore[index]


def test_a_disk_that_is_nearly_full_is_told(well: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=2**20))
    assert asked(well) == (200, "unwell", ["disk_nearly_full"])


def test_a_database_that_cannot_be_written_to(well: Served) -> None:
    with read_only_for_all(well):
        assert asked(well) == (503, "unwell", ["cannot_write"])
    assert asked(well) == (200, "ok", [])


@contextmanager
def read_only_for_all(served: Served) -> Iterator[None]:
    """For the connection of the health check, too."""
    if not served.is_sqlite:
        with served.read_only():
            yield
        return

    def begin(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA query_only=ON")

    event.listen(Engine, "connect", begin)
    try:
        yield
    finally:
        event.remove(Engine, "connect", begin)


def test_a_locked_database_does_not_hold_it_up(well: Served) -> None:
    with well.held("BEGIN IMMEDIATE", "LOCK TABLE heartbeat IN EXCLUSIVE MODE"):
        assert asked(well) == (503, "unwell", ["cannot_write"])
    assert asked(well) == (200, "ok", [])


def test_a_database_of_another_version(well: Served) -> None:
    version = text("UPDATE alembic_version SET version_num = :is")
    ours = newest_version()
    try:
        with transaction() as session:
            session.execute(version, {"is": "0005"})
        assert asked(well) == (503, "unwell", ["other_schema"])
    finally:
        with transaction() as session:
            session.execute(version, {"is": ours})


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database_that_nobody_migrated_or_that_is_away(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"empty_{worker_id}")
    app = databases.make_app(url, folder=tmp_path)
    assert asked(Served(app, url)) == (503, "unwell", ["other_schema"])
    databases.close(app)
    away = "sqlite:////nowhere/at/all.db" if kind == "sqlite" else "postgresql://nobody@127.0.0.1:9/nothing"
    app = databases.make_app(away, folder=tmp_path)
    assert asked(Served(app, away)) == (503, "unwell", ["cannot_read"])
    databases.close(app)


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
