"""Workers are killed while they send, the provider has its moods, and the database goes away: no message is lost, none
goes out twice, and none comes too late.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from telehealth.database import db, transaction
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.models import Attendee, Message
from tests import databases, smtp_process, twilio_process
from tests.concurrency.conftest import Place
from tests.concurrency.messenger import SPEED, by_smtp, by_twilio, hurried, work
from tests.concurrency.racing import look_again
from tests.factories import book, make_office
from tests.moments import NOW, at

pytestmark = pytest.mark.concurrency

MESSAGES = int(os.environ.get("KILL_MESSAGES", "200"))
WORKERS = 3
KILLS = max(6, MESSAGES // 50)
PATIENCE = 60 + MESSAGES / 10  # seconds
PLANNED = "planned-"
"""How the names of the messages begin that the test puts there."""
MAIL_SENDERS = 2
SEATS = max(50, MESSAGES // 20)  # of one appointment
ON_ITS_WAY = timedelta(seconds=2) * SPEED
"""A request that left in time may wait for a busy machine; for how long its text is valid, Twilio is told."""
STILL_OPEN = (MessageStatus.PLANNED, MessageStatus.SENDING)


def fill(message_to: Callable[[Attendee, int], Message]) -> None:
    """Messages that are due, to somebody else each."""
    office = make_office(practice={"texts_from": 0, "texts_until": 24 * 60}, with_rules=False)
    for number in range(0, MESSAGES, SEATS):
        made = book(office, at(9 + number // SEATS % 5, days=1 + number // SEATS // 5))
        texts = range(number, min(number + SEATS, MESSAGES))
        with transaction() as session:
            first = session.scalars(select(Attendee).where(Attendee.appointment_id == made.id)).one()
            like_it = {
                column.key: getattr(first, column.key) for column in Attendee.__table__.columns if column.key != "id"
            }
            seats = [
                Attendee(**{**like_it, "public_id": f"seat-{each}", "phone": f"+1303555{each:04}"}) for each in texts
            ]
            session.add_all(seats)
            session.flush()
            session.add_all(message_to(seat, each) for seat, each in zip(seats, texts, strict=True))
    with transaction() as session:
        session.execute(delete(Message).where(Message.kind != MessageKind.REMINDER))
        session.execute(delete(Message).where(Message.public_id.not_like(f"{PLANNED}%")))
    db.session.remove()


def text_to(seat: Attendee, number: int) -> Message:
    """For every fifth there is so little time that some will be too late."""
    minutes = 5 + number % 10 if number % 5 == 0 else 24 * 60
    return _message_to(seat, number, Channel.TEXT, timedelta(minutes=minutes))


def mail_to(seat: Attendee, number: int) -> Message:
    return _message_to(seat, number, Channel.EMAIL, timedelta(days=1))


def _message_to(seat: Attendee, number: int, channel: Channel, time_left: timedelta) -> Message:
    return Message(
        public_id=f"{PLANNED}{number}",
        practice_id=seat.practice_id,
        appointment_id=seat.appointment_id,
        attendee_id=seat.id,
        recipient=f"attendee:{seat.public_id}",
        kind=MessageKind.REMINDER,
        channel=channel,
        version=0,
        planned_for=NOW,
        due_at=NOW,
        not_after=NOW + time_left,
        created_at=NOW,
        changed_at=NOW,
    )


@dataclass
class Crew:
    """Workers that are killed and replaced."""

    place: Place
    settings: dict[str, Any]
    started: datetime
    workers: list[BaseProcess] = field(default_factory=list)

    def hire(self) -> None:
        arguments = (self.place.url, self.place.folder, self.settings, self.started)
        process = CONTEXT.Process(target=work, args=arguments, daemon=True)
        process.start()
        self.workers.append(process)

    def kill(self, process: BaseProcess) -> None:
        """SIGKILL it. It must not have ended by itself before."""
        assert process.exitcode is None
        process.kill()
        process.join(PATIENCE)
        self.workers.remove(process)

    def dismiss(self) -> None:
        for process in list(self.workers):
            self.kill(process)


CONTEXT = get_context("forkserver")  # A process that has no threads yet, and imports everything once.
CONTEXT.set_forkserver_preload(["telehealth.app", "tests.databases", "tests.concurrency.messenger"])


ALL_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def cut_all_connections(url: str) -> None:
    """As a restart of the database does. SQLite has no server that could restart."""
    if url.startswith("postgresql"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(ALL_OTHERS)


def wait_until_done(deadline: float) -> None:
    while db.session.scalar(select(func.count()).where(Message.status.in_(STILL_OPEN))):
        look_again()
        assert time.monotonic() < deadline, Counter(db.session.execute(select(Message.status, Message.reason)).all())
        Event().wait(0.25)
    look_again()


def test_each_text_is_sent_once_or_accounted_for(committed: Flask, place: Place, tmp_path: Path) -> None:
    chance = random.Random(11)
    fill(text_to)
    databases.close(committed)
    journal, started = tmp_path / "accepted.jsonl", datetime.now(UTC)
    deadline = time.monotonic() + PATIENCE
    with twilio_process.running(journal, trouble=0.15, hangs=True, seed=11) as twilio, ExitStack() as end:
        crew = Crew(place, by_twilio(twilio), started)
        end.callback(crew.dismiss)
        for _ in range(WORKERS):
            crew.hire()
        for number in range(KILLS):
            Event().wait(chance.uniform(0.2, 0.8))
            crew.kill(chance.choice(crew.workers))
            crew.hire()
            if number % 3 == 0:
                cut_all_connections(place.url)
        databases.close(committed)
        wait_until_done(deadline)
    require_each_once(journal, started)


def require_said_instead(rows: Mapping[str, Message], more: Message) -> str:
    """A text that a busy provider refuses, and that cannot be tried again in time, goes by e-mail: then there is a row
    more than was planned. Which text it stands for.
    """
    (text,) = (row for row in rows.values() if row.id == more.instead_of_id)
    assert (text.status, text.reason) == (MessageStatus.FAILED, Reason.OUT_OF_TIME)
    assert (more.channel, more.text_reason) == (Channel.EMAIL, Reason.OUT_OF_TIME)
    return text.public_id


def require_each_once(journal: Path, started: datetime) -> None:
    accepted = twilio_process.accepted(journal)
    times = Counter(each["reference"] for each in accepted)
    rows = {row.public_id: row for row in db.session.scalars(select(Message))}
    lost = Counter(require_said_instead(rows, rows.pop(name)) for name in set(rows) if not name.startswith(PLANNED))
    assert set(lost.values()) <= {1}, "said instead twice"
    assert len(rows) == MESSAGES
    assert set(times.values()) == {1}, "sent twice"
    assert set(times) == {name for name, row in rows.items() if row.status == MessageStatus.ACCEPTED}
    assert all(row.reason for name, row in rows.items() if name not in times), "lost without a word"
    for each in accepted:
        at_ = hurried(started, datetime.fromisoformat(each["at"]))
        assert at_ < rows[each["reference"]].not_after + ON_ITS_WAY, "too late"
    assert len(times) > MESSAGES / 2, "little was sent, so little was tested"


def test_of_the_mails_of_a_killed_worker_no_more_than_one_a_thread_goes_twice(
    committed: Flask, place: Place, tmp_path: Path
) -> None:
    """A mail server cannot be asked what it has: what it took and we did not write down is sent again."""
    chance = random.Random(12)
    fill(mail_to)
    databases.close(committed)
    journal, started = tmp_path / "accepted.txt", datetime.now(UTC)
    deadline, killed = time.monotonic() + PATIENCE, 0
    with smtp_process.running(journal) as port, ExitStack() as end:
        crew = Crew(place, by_smtp(port, senders=MAIL_SENDERS), started)
        end.callback(crew.dismiss)
        crew.hire()
        while len(set(smtp_process.accepted(journal))) < MESSAGES * 3 / 4:
            assert time.monotonic() < deadline
            seen = len(smtp_process.accepted(journal))
            while len(smtp_process.accepted(journal)) < seen + chance.randint(MESSAGES // 12, MESSAGES // 5):
                assert time.monotonic() < deadline
                Event().wait(0.01)
            crew.kill(crew.workers[0])
            crew.hire()
            killed += 1
        wait_until_done(deadline)
    times = Counter(smtp_process.accepted(journal))
    assert set(times) == {f"{PLANNED}{number}" for number in range(MESSAGES)}
    assert set(db.session.scalars(select(Message.status))) == {MessageStatus.SENT}
    assert killed > 1
    assert sum(times.values()) - MESSAGES <= killed * MAIL_SENDERS
