"""A therapist who subscribes to their own feed, in a calendar that is read here, is not busy because of it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.adapters.calendar_parsing import CalendarParser
from telehealth.database import db
from telehealth.domain.calendar_ports import Bookmark, CalendarAccess, CalendarEntry, CalendarReading, ReadingWindow
from telehealth.domain.calendar_words import CalendarKind
from telehealth.domain.words import OccurrenceStatus
from telehealth.models import BusyInterval, Occurrence
from telehealth.services.calendars.syncing import sync_due_calendars
from tests.factories import add_time_off, book, make_office
from tests.factories.connections import RING, connect_calendars
from tests.factories.feeds import ALL, make_feed
from tests.factories.series import make_series
from tests.fakes_calendars import FakeCalendars
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")


@dataclass
class OneFile(FakeCalendars):
    """Calendars at an address, which all say the same."""

    content: bytes = b""

    def read(
        self,
        access: CalendarAccess,
        remote_id: str,
        bookmark: Bookmark,
        window: ReadingWindow,
        /,
    ) -> CalendarReading:
        times = CalendarParser().read(self.content, window)
        entry = CalendarEntry(remote_id, "1", times.spans, times.own, times.unread)
        return CalendarReading(Bookmark(version="1"), is_whole=True, entries=[entry])


def test_nothing_that_their_own_feed_shows_is_busy(client: FlaskClient) -> None:
    office = make_office()
    series = make_series(office)
    appointment = book(office, at(16, days=1))
    away = add_time_off(office.therapist, at(9, days=20).replace(tzinfo=None), at(17, days=24).replace(tzinfo=None))
    _, path = make_feed(office.practice, office.therapist, **ALL)
    content = client.get(path).data
    kept = select(Occurrence).where(Occurrence.series_id == series.id, Occurrence.status == OccurrenceStatus.PLANNED)
    dates = db.session.scalars(kept).all()
    names = [appointment.uid, away.public_id, *(each.public_id for each in dates)]
    assert len(dates) > 1
    assert all(name.encode() in content for name in names)
    connect_calendars(office.therapist, CalendarKind.ICS)
    gateways = {CalendarKind.ICS: OneFile(content=content)}
    sync_due_calendars(gateways=gateways, ring=RING, now=NOW)
    assert db.session.scalars(select(BusyInterval)).all() == []
