"""Ten thousand reminders in one minute, planning, and claims beside a long history.

The naive design is what many start with: one APScheduler job a reminder, with the default settings and a job store that
outlives the process. It sends through the same adapter to the same provider, and what it drops is counted.
"""

from __future__ import annotations

import logging
import os
import time as stopwatch
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import Any

from sqlalchemy import func, insert, select, text, update

import config
from bench import databases, slow_twilio, workload
from bench.measure import Figure
from bench.options import sized
from bench.processes import SPAWN, in_fresh_process, in_processes
from bench.slow_twilio import SlowTwilio
from telehealth import app as service
from telehealth.database import db, transaction
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.domain.ports import Text
from telehealth.jobs.courier import Courier
from telehealth.models import Appointment, Attendee, Message, Practice
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.leases import give_back_claims
from telehealth.services.messages.replanning import replan_stale

DUE = int(os.environ.get("BENCH_DUE", sized(10_000, quick=1_000)))
PLANNED = int(os.environ.get("BENCH_PLANNED", sized(100_000, quick=2_000)))
PLANNING_AIMS = {"sqlite": ">= 1,370/s", "postgresql": ">= 545/s"}
OLD = int(os.environ.get("BENCH_OLD", sized(5_000_000, quick=100_000)))
EACH = 90  # appointments of a therapist in workload W
BATCH, CLAIMS = 100, sized(40, quick=20)
LEAD = timedelta(days=3)
PATIENCE = 60  # Seconds that one worker waits until the other is ready.


def sending(folder: Path, kind: str) -> Generator[Figure, None, None]:
    """One worker, and on PostgreSQL two."""
    one = 0.0
    for workers in (1, 2) if kind == "postgresql" else (1,):
        rate, peak, growth = _sent_per_second(folder, kind, workers)
        name = f"m  {DUE:,} texts due at once, {workers} worker{'s' * (workers > 1)}, {kind}"
        yield Figure(name=name, value=rate, unit="/s", aim=">= 300/s", peak=peak)
        yield Figure(name="m    memory from a fifth of them to the last", value=growth, unit="MiB", aim="flat")
        if workers == 1:
            one = rate
        else:
            yield Figure(name="m    two workers beside one", value=rate / one, unit="x", aim=">= 1.7x")


@dataclass(frozen=True, slots=True)
class _Run:
    url: str
    folder: Path
    environ: dict[str, str]


def _sent_per_second(folder: Path, kind: str, workers: int) -> tuple[float, float, float]:
    url = getattr(databases, kind)(folder, f"due_{kind}_{workers}")
    with databases.make(url, folder).app_context():
        _fill_with_due(DUE, now=datetime.now(UTC))
    with slow_twilio.running() as twilio:
        run = _Run(url, folder, twilio.environ)
        told = in_processes(_work, [(run, SPAWN.Barrier(workers))] * workers)
        assert twilio.count() == (DUE, DUE), f"lost or sent twice: {twilio.count()}"
    with databases.service(url, folder).app_context():
        statuses = dict(db.session.execute(select(Message.status, func.count()).group_by(Message.status)).all())
        assert statuses == {MessageStatus.ACCEPTED: DUE}, statuses
    seconds = max(ended for (_, ended, _), _ in told) - min(begun for (begun, _, _), _ in told)
    return DUE / seconds, max(peak for _, peak in told), max(growth for (_, _, growth), _ in told)


def _work(run: _Run, together: Barrier) -> tuple[float, float, float]:
    """One ``flask jobs``: everything that is due, once all are ready. When it began and ended, in seconds, and by how
    many MiB it grew meanwhile.
    """
    logging.disable(logging.WARNING)
    made = service.create_app(config.load(databases.environment(run.url, run.folder) | run.environ))
    with made.app_context(), _sampled_memory() as sampled:
        courier = Courier.of(made)
        db.session.execute(text("SELECT 1"))
        db.session.rollback()
        together.wait(PATIENCE)
        begun = stopwatch.monotonic()
        tried = courier.run()
        ended = stopwatch.monotonic()
    assert tried > 0
    return begun, ended, sampled[-1] - sampled[len(sampled) // 5]


@contextmanager
def _sampled_memory() -> Iterator[list[float]]:
    sampled, stop = [_resident()], Event()

    def sample() -> None:
        while not stop.wait(0.25):
            sampled.append(_resident())

    thread = Thread(target=sample)
    thread.start()
    try:
        yield sampled
    finally:
        stop.set()
        thread.join()


def _resident() -> float:
    """What this process holds now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _fill_with_due(count: int, *, now: datetime) -> None:
    """So many reminders by text that are due, each to a phone of its own, about appointments three days ahead."""
    _fill_with_appointments(count, now=now)
    with transaction() as session:
        seats = session.execute(select(Attendee.id, Attendee.public_id, Attendee.appointment_id).limit(count)).all()
        rows = [
            _reminder(number, seat.appointment_id, seat.id, f"attendee:{seat.public_id}", now)
            for number, seat in enumerate(seats)
        ]
        session.connection().execute(insert(Message), rows)
        _look_at_statistics(session)


def _fill_with_appointments(count: int, *, now: datetime) -> None:
    """Texts are welcome at any hour: the figures are taken at night, too."""
    therapists = -(-count // EACH)
    workload.fill(therapists, workload.half_full(therapists, workload.Weeks.after(now)), now=now)
    phone = "'+1303' || (2000000 + id)"  # No exchange begins with 0: those are numbers of no country, and not texted.
    with transaction() as session:
        session.execute(update(Attendee).values(phone=text(phone), text_consent_at=now, text_consent_wording="yes"))
        session.execute(update(Practice).values(texts_from=0, texts_until=24 * 60))


def _reminder(number: int, appointment: int, seat: int, recipient: str, now: datetime) -> dict[str, Any]:
    return {
        "public_id": f"due-{number}",
        "practice_id": 1,
        "appointment_id": appointment,
        "attendee_id": seat,
        "recipient": recipient,
        "kind": MessageKind.REMINDER,
        "channel": Channel.TEXT,
        "minutes": 72 * 60,
        "version": 0,
        "planned_for": now - timedelta(seconds=1),
        "due_at": now - timedelta(seconds=1),
        "not_after": now + LEAD / 2,
        "created_at": now,
        "changed_at": now,
    }


def _look_at_statistics(session: Any) -> None:
    """What autovacuum does by itself within a minute."""
    session.execute(text("ANALYZE"))


def naive(folder: Path) -> Generator[Figure, None, None]:
    """One job a reminder, all due in the same second."""
    with slow_twilio.running() as twilio:
        (seconds, dropped), peak = in_fresh_process(_naively, f"sqlite:///{folder}/jobs.db", twilio)
        taken, _ = twilio.count()
    name = f"m  the naive design: drops {dropped:,} of {DUE:,}"
    yield Figure(name=name, value=taken / seconds, unit="/s", aim="no figure", peak=peak)


_sent_naively: list[Callable[[Text], object]] = []


def _naively(url: str, twilio: SlowTwilio) -> tuple[float, int]:
    from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MISSED
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.disable(logging.CRITICAL)
    _sent_naively.append(_adapter(twilio).send)
    scheduler = BackgroundScheduler(jobstores={"default": SQLAlchemyJobStore(url)}, timezone="UTC")
    ends: list[tuple[float, int]] = []
    scheduler.add_listener(
        lambda event: ends.append((stopwatch.monotonic(), event.code)),
        EVENT_JOB_EXECUTED | EVENT_JOB_MISSED | EVENT_JOB_ERROR,
    )
    scheduler.start(paused=True)
    soon = write_jobs_down(scheduler, lead=timedelta(seconds=10 + DUE / 150))
    scheduler.resume()
    stopwatch.sleep((soon - datetime.now(UTC)).total_seconds())
    begun = stopwatch.monotonic()
    quiet_since, seen = begun, 0
    while len(ends) < DUE and stopwatch.monotonic() < quiet_since + 20:
        if len(ends) > seen:
            quiet_since, seen = stopwatch.monotonic(), len(ends)
        stopwatch.sleep(0.1)
    scheduler.shutdown(wait=False)
    done = [at for at, code in ends if code == EVENT_JOB_EXECUTED]
    return max(done, default=begun + 1) - begun, DUE - len(done)


def write_jobs_down(scheduler: Any, *, lead: timedelta) -> datetime:
    """When all of them are due: later than the last one was written. How long that takes is known only afterwards, so
    whoever was late begins again, with twice the time.
    """
    while True:
        begun = datetime.now(UTC)
        for number in range(DUE):
            scheduler.add_job(send_naively, "date", run_date=begun + lead, args=(f"due-{number}",))
        if datetime.now(UTC) < begun + lead:
            return begun + lead
        lead = 2 * (datetime.now(UTC) - begun)
        scheduler.remove_all_jobs()


def send_naively(reference: str) -> None:
    """The job."""
    until = datetime.now(UTC) + timedelta(hours=1)
    _sent_naively[0](Text(reference, "+13035550123", "Reminder: Tue, Dec 1, 9:00 AM. Elm Street", until))


def _adapter(twilio: SlowTwilio) -> Any:
    settings = config.load({"TELEHEALTH_ENV": "testing", **twilio.environ})
    return service._twilio(settings)  # noqa: SLF001 -- the same as the service's


def planning(folder: Path, kind: str) -> Generator[Figure, None, None]:
    """A rule changed: everything that is not yet sent is planned anew, an appointment a transaction."""
    url = getattr(databases, kind)(folder, f"planning_{kind}")
    rate, peak = in_fresh_process(_plan, url, folder)
    yield Figure(name=f"m  planning messages, {kind}", value=rate, unit="/s", aim=PLANNING_AIMS[kind], peak=peak)


def _plan(url: str, folder: Path) -> float:
    now = datetime.now(UTC)
    with databases.make(url, folder).app_context():
        _fill_with_appointments(min(PLANNED // 7, 13_000), now=now)
        with transaction() as session:
            session.execute(update(Appointment).values(plan_version=-1))
            _look_at_statistics(session)
        begun = stopwatch.monotonic()
        while replan_stale(now=now, limit=500):
            pass
        seconds = stopwatch.monotonic() - begun
        return (db.session.scalar(select(func.count()).select_from(Message)) or 0) / seconds


def claims(folder: Path, kind: str) -> Generator[Figure, None, None]:
    """How long a claim of a hundred takes beside millions of messages that were sent, and without them, in turn."""
    apps = {name: databases.make(getattr(databases, kind)(folder, name), folder) for name in ("with_old", "without")}
    for name, app in apps.items():
        with app.app_context():
            _fill_with_due(2_000, now=datetime.now(UTC))
            if name == "with_old":
                _add_history()
    took: dict[str, list[float]] = {name: [] for name in apps}
    for _ in range(CLAIMS):
        for name, app in apps.items():
            with app.app_context():
                took[name].append(_claim_milliseconds())
    beside, without = (median(times[2:]) for times in took.values())
    name = f"m  a claim of {BATCH}, {OLD:,} old messages, {kind}"
    yield Figure(name=name, value=beside, unit="ms", yardstick=without, aim="<= 1.1x")


def _claim_milliseconds() -> float:
    now = datetime.now(UTC)
    begun = stopwatch.perf_counter()
    claimed = claim_messages(worker="bench", addresses=_addresses(), limit=BATCH, now=now)
    took = stopwatch.perf_counter() - begun
    assert len(claimed) == BATCH
    give_back_claims(claimed)
    return took * 1000


def _addresses() -> Any:
    """The addresses of the service at hand."""
    from flask import current_app

    return current_app.extensions["addresses"]


_HISTORY = """
INSERT INTO message (
    public_id, practice_id, appointment_id, recipient, kind, channel, minutes, template, version, copy, status,
    reason_detail, planned_for, due_at, not_after, attempts, unsure, provider_id, says, sent_to, subject, body, sent_at,
    created_at, changed_at
)
SELECT 'old-' || n, 1, 1 + n % 1000, 'attendee:old', 'reminder', 'text', n, '', 0, 0, 'delivered', '',
    {at}, {at}, {at}, 1, {no}, 'SM' || n, '', '+1303' || (1000000 + n % 9000000), '', 'Reminder', {at}, {at}, {at}
FROM {numbers}
"""


_COUNTED = "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {}) SELECT n FROM s)"


def _add_history() -> None:
    """Millions of messages that were delivered over the last years. Foreign keys hold, and are not looked at."""
    with transaction() as session:
        if session.connection().dialect.name == "postgresql":
            session.execute(text("SET LOCAL session_replication_role = replica"))
            numbers = f"generate_series(1, {OLD}) AS n"
            at, no = f"now() - interval '1 year' - ({OLD} - n) * interval '20 seconds'", "false"
        else:
            numbers = _COUNTED.format(OLD)
            at, no = f"(unixepoch() - 31536000 - ({OLD} - n) * 20) * 1000000", "0"
        session.execute(text(_HISTORY.format(at=at, no=no, numbers=numbers)))
    with transaction() as session:
        _look_at_statistics(session)
