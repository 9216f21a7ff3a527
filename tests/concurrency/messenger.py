"""A process that sends what is due until it is killed, on a clock that runs faster than the wall's."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy.exc import DBAPIError

from telehealth import clock
from telehealth.database import db
from telehealth.jobs.courier import Courier
from telehealth.services.leasing import LEASE
from tests import databases
from tests.fake_twilio import ACCOUNT_SID, AUTH_TOKEN
from tests.moments import NOW

SPEED = 60  # A minute a second: leases and waits are over soon.
PAUSE = 0.1
LONG_ENOUGH = LEASE * 5
"""A second a lease would be too short for a busy machine: who lives must come to renew it."""


def hurried(started: datetime, instant: datetime | None = None) -> datetime:
    """An instant, or the present one, on the fast clock.

    It showed NOW when it ``started``, long ago: a text is never older at Twilio, whose clock is the wall's, than here.
    """
    return NOW + ((instant or datetime.now(UTC)) - started) * SPEED


def by_twilio(address: str) -> dict[str, Any]:
    """Settings of a worker whose texts go to this Twilio."""
    return {
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_FROM": "+15550009999",
        "TWILIO_API_URL": address,
        "TWILIO_TIMEOUT": 0.2,
        "JOBS_SENDERS": 6,
    }


def by_smtp(port: int, *, senders: int) -> dict[str, Any]:
    """Settings of a worker whose e-mails go to this mail server, by so many threads."""
    return {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": port,
        "SMTP_SECURITY": "none",
        "MAIL_FROM": "appointments@practice.example",
        "JOBS_SENDERS": senders,
    }


def work(url: str, folder: Path, given: dict[str, Any], started: datetime) -> None:
    """Never stop, whatever the database does."""
    app = databases.make_app(url, folder=folder, **{"DATABASE_POOL_SIZE": 1, "LOG_LEVEL": "CRITICAL", **given})
    with app.app_context(), clock.running_on(partial(hurried, started)):
        courier = Courier.of(app)
        courier.pace = replace(courier.pace, lease=LONG_ENOUGH)
        while True:
            with suppress(DBAPIError):
                courier.run()
            db.session.remove()
            Event().wait(PAUSE)
