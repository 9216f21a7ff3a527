"""The jobs process: APScheduler as a heartbeat.

One job a tick, never one a message: its job stores cannot be shared by two processes, and its default grace of a second
silently drops what comes due together. Any number of these processes may run side by side; the rows decide who sends.

It waits until an hour on the clock, so a clock that steps back would leave every tick asleep for as long. This process
looks after it by monotonic time (``wake_ticks``). A clock that steps forward makes each tick due once.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from types import FrameType

import click
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app
from flask.cli import with_appcontext
from prometheus_client import start_http_server

from telehealth import clock
from telehealth.database import db
from telehealth.jobs.courier import Courier
from telehealth.jobs.ticks import Tick, table
from telehealth.queries.schema import why_not_ready

log = logging.getLogger(__name__)

APART = timedelta(milliseconds=300)
EARLY = timedelta(seconds=1)
JOB_DEFAULTS = {
    "coalesce": True,  # Ten missed beats are one beat: the rows hold everything that is due.
    "max_instances": 1,  # A slow beat is not joined by a second one in the same process.
    "misfire_grace_time": None,  # However late (a laptop asleep, a clock put forward), late is better than never.
}


def beat(app: Flask, tick: Tick) -> None:
    """Run one tick once. What goes wrong is logged with its trace, and the next beat tries again."""
    with app.app_context():
        try:
            done = tick.action(app)
        except Exception:
            # The heartbeat has to outlive a database that is away for a minute; the rows still wait.
            log.exception("tick failed", extra={"tick": tick.name})
        else:
            if done:
                log.info("tick", extra={"tick": tick.name, "done": done})
        finally:
            db.session.remove()


def make_scheduler(app: Flask, ticks: Sequence[Tick], *, start_at: datetime) -> BackgroundScheduler:
    """A scheduler with the table of ticks; it is not started yet."""
    scheduler = BackgroundScheduler(
        timezone="UTC", executors={"default": ThreadPoolExecutor(len(ticks))}, job_defaults=JOB_DEFAULTS
    )
    for place, tick in enumerate(ticks):
        scheduler.add_job(
            beat,
            "interval",
            seconds=tick.every,
            args=(app, tick),
            id=tick.name,
            next_run_time=start_at + place * APART,
        )
    return scheduler


def wake_ticks(scheduler: BackgroundScheduler, *, now: datetime) -> list[str]:
    """Make due what lies more than its interval ahead, because the clock stepped back to ``now``; which ones."""
    asleep = [job for job in scheduler.get_jobs() if job.next_run_time > now + job.trigger.interval + EARLY]
    for job in asleep:
        job.modify(next_run_time=now)
    return [job.id for job in asleep]


def _serve_metrics(port: int) -> None:
    """Serve this process's metrics to this machine, when a port is set."""
    if port:
        start_http_server(port, addr="127.0.0.1")


@click.command("jobs")
@with_appcontext
def run() -> None:
    """Send what is due and keep the house, until told to stop. Run as many as you like.

    Told to stop, it finishes what it is sending, and gives back what it only holds.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 -- threads need the app
    stop = threading.Event()

    def finish(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    if why_not := why_not_ready():
        raise click.ClickException(why_not)
    signal.signal(signal.SIGTERM, finish)
    signal.signal(signal.SIGINT, finish)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    _serve_metrics(app.config["JOBS_METRICS_PORT"])
    poll_seconds = app.config["JOBS_POLL_SECONDS"]
    scheduler = make_scheduler(app, table(poll_seconds, Courier.of(app, stop)), start_at=clock.now())
    scheduler.start()
    log.info("jobs started", extra={"ticks": [job.id for job in scheduler.get_jobs()]})
    while not stop.wait(poll_seconds):
        if woken := wake_ticks(scheduler, now=clock.now()):
            log.warning("the clock stepped back", extra={"ticks": woken})
    scheduler.shutdown(wait=True)  # What is being sent at this moment is finished and recorded.
    log.info("jobs stopped")
