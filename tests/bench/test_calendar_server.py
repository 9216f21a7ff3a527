"""The calendars that figures are taken from: our own gateways read them, and notice what changes there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bench.calendar_server import EVENTS, NAME, CalendarServer, serving_calendars
from telehealth.adapters.caldav import CalDavCalendars
from telehealth.adapters.calendar_parsing import CalendarParser
from telehealth.adapters.ics import IcsCalendars
from telehealth.domain.calendar_ports import Bookmark, CalendarAccess, ReadingWindow
from tests.moments import NOW

WINDOW = ReadingWindow(NOW, NOW + timedelta(days=90), "UTC")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[CalendarServer]:
    with serving_calendars(tmp_path, NOW) as server:
        yield server


def test_by_caldav_only_what_changed_is_fetched(server: CalendarServer) -> None:
    gateway, url = CalDavCalendars(server.make_http(), CalendarParser()), f"{server.address}/dav/3/"
    access = CalendarAccess(server.address, "person", {"password": "secret"})
    first = gateway.read(access, url, Bookmark(), WINDOW)
    assert len(first.entries) == EVENTS
    assert gateway.read(access, url, first.bookmark, WINDOW).is_unchanged
    server.changed.value = 4
    (entry,) = gateway.read(access, url, first.bookmark, WINDOW).entries
    assert entry.spans[0].starts_at == NOW + timedelta(days=1, hours=1)


def test_a_file_is_known_by_its_version(server: CalendarServer) -> None:
    gateway = IcsCalendars(server.make_http(), CalendarParser())
    changing, other = (CalendarAccess(NAME, "", {"url": f"{server.address}/ics/{number}"}) for number in (3, 4))
    first = gateway.read(changing, "", Bookmark(), WINDOW)
    assert gateway.read(changing, "", first.bookmark, WINDOW).is_unchanged
    server.changed.value = 4
    assert not gateway.read(changing, "", first.bookmark, WINDOW).is_unchanged
    assert gateway.read(other, "", first.bookmark, WINDOW).is_unchanged
