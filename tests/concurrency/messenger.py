"""A process that sends what is due until it is killed, on a clock that runs faster than the wall's."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event

from sqlalchemy.exc import DBAPIError

from telehealth import clock
from telehealth.database import db
from telehealth.jobs.courier import Courier
from tests import databases
from tests.fake_twilio import ACCOUNT_SID, AUTH_TOKEN
from tests.moments import NOW

SPEED = 60  # A minute a second: leases and waits are over soon.
PAUSE = 0.1


def hurried(started: datetime, instant: datetime | None = None) -> datetime:
    """An instant, or the present one, on the fast clock.

    It showed NOW when it ``started``, long ago: a text is never older at Twilio, whose clock is the wall's, than here.
    """
    return NOW + ((instant or datetime.now(UTC)) - started) * SPEED


def work(url: str, folder: Path, twilio: str, started: datetime) -> None:
    """Never stop, whatever the database does."""
    settings = {
        "DATABASE_POOL_SIZE": 1,
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_FROM": "+15550009999",
        "TWILIO_API_URL": twilio,
        "TWILIO_TIMEOUT": 0.2,
        "JOBS_SENDERS": 6,
        "LOG_LEVEL": "CRITICAL",
    }
    app = databases.make_app(url, folder=folder, **settings)
    with app.app_context(), clock.running_on(partial(hurried, started)):
        courier = Courier.of(app)
        while True:
            with suppress(DBAPIError):
                courier.run()
            db.session.remove()
            Event().wait(PAUSE)
