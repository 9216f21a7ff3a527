"""A process that writes appointments into a calendar on a real server until it is killed, on a clock that runs faster
than the wall's.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from multiprocessing.synchronize import Event as SharedEvent
from pathlib import Path
from threading import Event

from sqlalchemy.exc import DBAPIError

from telehealth import clock
from telehealth.adapters.caldav import CalDavCalendars
from telehealth.adapters.calendar_parsing import CalendarParser
from telehealth.adapters.guarded_http import GuardedHttp
from telehealth.database import db
from telehealth.domain.calendar_words import CalendarKind
from telehealth.services.calendars.carrying import CalendarCarrier
from telehealth.services.calendars.comparing import compare_calendars
from tests import databases
from tests.adapters.mail_server import HOST
from tests.adapters.secure_server import is_here
from tests.factories.connections import RING
from tests.moments import NOW
from tests.writing_calendars import ADDRESSES

SPEED = 20  # What a killed worker held is free again after six seconds, and a busy machine can keep what it holds.
PAUSE = 0.05


def hurried(started: datetime) -> datetime:
    """The present instant on the fast clock, which showed NOW when it ``started``."""
    return NOW + (datetime.now(UTC) - started) * SPEED


def write_on(url: str, folder: Path, authorities: str, started: datetime, has_begun: SharedEvent) -> None:
    """Say when it has begun, and never stop, whatever the database does."""
    app = databases.make_app(url, folder=folder, DATABASE_POOL_SIZE=1, LOG_LEVEL="CRITICAL")
    http = GuardedHttp(counts_as_public=is_here, resolve=lambda *_: [HOST], authorities=authorities)
    gateways = {CalendarKind.CALDAV: CalDavCalendars(http, CalendarParser())}
    with app.app_context(), clock.running_on(partial(hurried, started)):
        has_begun.set()
        while True:
            with suppress(DBAPIError):
                compare_calendars(addresses=ADDRESSES, now=clock.now())
                CalendarCarrier(gateways, RING, ADDRESSES, clock.now).run()
            db.session.remove()
            Event().wait(PAUSE)
