"""The table of ticks and the scheduler around it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.message_words import MessageStatus
from telehealth.domain.ports import Gateways, Remedy
from telehealth.jobs import runner, ticks
from telehealth.models import Heartbeat, IdempotencyKey, Message, Practice, SignIn
from telehealth.services.practice.sign_ins import begin_sign_in
from tests.factories.appointments import book
from tests.factories.offices import make_office
from tests.factories.users import make_user
from tests.fakes import FakeClock, FakeEmails, FakeTexts
from tests.moments import NOW, at


def count(database: Session, *where: Any) -> int:
    return database.scalar(select(func.count()).select_from(Message).where(*where)) or 0


def test_a_tick_sends_everything_that_is_due_and_nothing_else(
    app: Flask, database: Session, gateways: Gateways, clock: FakeClock, texts: FakeTexts, emails: FakeEmails
) -> None:
    office = make_office(practice={"grace_minutes": 0})
    book(office, at(10, days=7))
    due = count(database, Message.due_at <= NOW)
    assert ticks.send_due_messages(app) == due > 0
    assert len(texts.sent) + len(emails.sent) == due
    assert ticks.send_due_messages(app) == 0, "a second beat finds nothing to do"
    assert count(database, Message.status == MessageStatus.PLANNED) > 0, "later reminders wait for their time"


def test_what_nobody_could_send_in_time_is_marked(app: Flask, database: Session, clock: FakeClock) -> None:
    book(make_office(), at(10))
    clock.advance(timedelta(days=3))
    assert ticks.expire_messages(app) == count(database, Message.status == MessageStatus.EXPIRED) > 0


def test_planning_anew_ends_although_the_practice_was_read_before_its_rules_changed(
    app: Flask, database: Session, clock: FakeClock
) -> None:
    office = make_office()
    made = book(office, at(10, days=7))
    known = office.practice.plan_version
    with transaction() as session:  # As another process does it: what this session holds stays as it was read.
        session.connection().execute(update(Practice).values(plan_version=known + 1))
    assert office.practice.plan_version == known
    assert ticks.plan_anew(app) == 1
    database.refresh(made)
    assert made.plan_version == known + 1


def test_planning_anew_gives_way_to_the_other_ticks(
    app: Flask, database: Session, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticks.replanning, "replan_stale", lambda **_: 1)
    assert ticks.plan_anew(app) == ticks.ROUNDS_OF_PLANNING


def test_a_provider_that_is_down_does_not_stop_the_rest(
    app: Flask, database: Session, gateways: Gateways, clock: FakeClock, texts: FakeTexts, emails: FakeEmails
) -> None:
    book(make_office(practice={"grace_minutes": 0}), at(10))
    texts.fail_next(Remedy.RETRY)
    ticks.send_due_messages(app)
    assert texts.sent == []
    assert len(emails.sent) == 2
    clock.advance(timedelta(minutes=2))
    ticks.send_due_messages(app)
    assert len(texts.sent) == 1


def test_old_keys_and_sign_ins_are_forgotten_and_new_ones_kept(app: Flask, database: Session, clock: FakeClock) -> None:
    office = make_office()
    user = make_user(office.practice)
    book(office, at(10), idempotency_key="old")
    begin_sign_in(login_id=user.login_id, now=NOW)
    clock.advance(timedelta(days=3))
    begin_sign_in(login_id=user.login_id, now=clock())
    assert ticks.forget_old_keys(app) == 2
    assert database.scalars(select(IdempotencyKey)).all() == []
    assert len(database.scalars(select(SignIn)).all()) == 1


def test_the_scheduler_is_a_heartbeat_with_grace(app: Flask) -> None:
    with scheduling(app, ticks.table(5), start_at=NOW, paused=True) as scheduler:
        jobs = scheduler.get_jobs()
        assert {job.id for job in jobs} == {tick.name for tick in ticks.table(5)}
        assert all(job.coalesce and job.max_instances == 1 for job in jobs)
        assert {job.misfire_grace_time for job in jobs} == {None}, "the default of one second drops beats silently"


@contextmanager
def scheduling(
    app: Flask, table: Sequence[ticks.Tick], *, start_at: datetime, paused: bool = False
) -> Iterator[BackgroundScheduler]:
    scheduler = runner.make_scheduler(app, table, start_at=start_at)
    scheduler.start(paused=paused)
    try:
        yield scheduler
    finally:
        scheduler.shutdown(wait=not paused)


def test_a_clock_that_steps_back_leaves_no_tick_asleep(app: Flask) -> None:
    with scheduling(app, ticks.table(5), start_at=NOW, paused=True) as scheduler:
        assert runner.wake_ticks(scheduler, now=NOW) == []
        assert runner.wake_ticks(scheduler, now=NOW - timedelta(seconds=3)) == [], "no more than it waits anyway"
        back = NOW - timedelta(hours=2)
        assert set(runner.wake_ticks(scheduler, now=back)) == {tick.name for tick in ticks.table(5)}
        assert {job.next_run_time for job in scheduler.get_jobs()} == {back}
        assert runner.wake_ticks(scheduler, now=back) == []


def test_a_tick_that_was_asleep_runs_at_once(app: Flask) -> None:
    """APScheduler reads the system's clock, so here it is the plan that lies an hour ahead of it."""
    ran = threading.Event()
    tick = ticks.Tick("ring", 5, lambda _app: ran.set())
    now = datetime.now(UTC)
    with scheduling(app, [tick], start_at=now + timedelta(hours=1)) as scheduler:
        runner.wake_ticks(scheduler, now=now)
        assert ran.wait(timeout=20)


def test_a_clock_that_steps_forward_makes_each_tick_due_once(app: Flask) -> None:
    ran, often = threading.Event(), []

    def ring(_app: Flask) -> None:
        often.append(1)
        ran.set()

    with scheduling(app, [ticks.Tick("ring", 3600, ring)], start_at=datetime.now(UTC) - timedelta(days=3)):
        assert ran.wait(timeout=20)
    assert len(often) == 1


def test_after_a_step_forward_what_is_due_is_sent_once(
    app: Flask, database: Session, clock: FakeClock, gateways: Gateways, texts: FakeTexts, emails: FakeEmails
) -> None:
    book(make_office(practice={"grace_minutes": 0}), at(10, days=7))
    clock.advance(timedelta(days=6, hours=3))
    ticks.send_due_messages(app)
    sent = len(texts.sent) + len(emails.sent)
    clock.advance(timedelta(days=-1))
    ticks.send_due_messages(app)
    clock.advance(timedelta(days=1))
    ticks.send_due_messages(app)
    assert len(texts.sent) + len(emails.sent) == sent > 0


def test_jobs_say_that_they_live(app: Flask, database: Session, clock: FakeClock) -> None:
    for _ in range(2):
        ticks.leave_heartbeat(app)
        assert [(row.name, row.beat_at) for row in database.scalars(select(Heartbeat))] == [("jobs", clock())]
        clock.advance(timedelta(minutes=1))
        database.expire_all()


def test_a_tick_that_fails_is_logged_and_the_next_one_runs(
    app: Flask, database: Session, caplog: pytest.LogCaptureFixture
) -> None:
    beats = []

    def stumble(_app: Flask) -> int:
        beats.append(1)
        raise ConnectionError

    tick = ticks.Tick("stumble", 1, stumble)
    log = runner.log
    log.addHandler(caplog.handler)
    try:
        runner.beat(app, tick)
        runner.beat(app, tick)
    finally:
        log.removeHandler(caplog.handler)
    assert len(beats) == 2
    assert {record.getMessage() for record in caplog.records} == {"tick failed"}
