"""Calendars elsewhere: what a tick costs over many that hardly change, and what it costs to write appointments into
them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from bench import databases, workload
from bench.calendar_server import CalendarServer, serving_calendars
from bench.measure import ROUNDS, Figure, spent_here
from bench.options import sized
from telehealth.adapters.caldav import CalDavCalendars
from telehealth.adapters.calendar_parsing import CalendarParser
from telehealth.adapters.guarded_http import GuardedHttp
from telehealth.adapters.ics import IcsCalendars
from telehealth.database import db
from telehealth.domain.calendar_ports import CalendarAccess, CalendarGateway, FoundCalendar
from telehealth.domain.calendar_words import CalendarKind, WrittenState
from telehealth.domain.sealing import KeyRing
from telehealth.models import BusyInterval, CalendarConnection, WrittenAppointment
from telehealth.services.audit import COMMAND
from telehealth.services.calendars.carrying import CalendarCarrier
from telehealth.services.calendars.comparing import compare_calendars
from telehealth.services.calendars.connecting import MOST_CONNECTIONS, NewConnection, connect_account
from telehealth.services.calendars.syncing import AT_ONCE, sync_due_calendars
from telehealth.services.calendars.written_calendars import WritingWish, set_written_calendar

CONNECTIONS, CHANGED = sized(500, quick=50), 10
EACH = 10  # Appointments of each therapist, who has as many connections as anybody may have.
HOUR = timedelta(hours=1)
READ = {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED, HTTPStatus.MULTI_STATUS}
WRITTEN = {HTTPStatus.CREATED}
ASK_FOR_NEWS = (
    b'<D:sync-collection xmlns:D="DAV:"><D:sync-token>1</D:sync-token><D:sync-level>1</D:sync-level>'
    b"<D:prop><D:getetag/></D:prop></D:sync-collection>"
)


def calendars(folder: Path) -> Generator[Figure, None, None]:
    """A tick over all connections."""
    for kind in (CalendarKind.ICS, CalendarKind.CALDAV):
        yield from _ticks(folder, kind)


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """Connections to calendars of one kind on one server."""

    kind: CalendarKind
    server: CalendarServer
    ring: KeyRing

    @property
    def gateways(self) -> dict[CalendarKind, CalendarGateway]:
        """What reads and writes them."""
        http, parser = self.server.make_http(), CalendarParser()
        is_file = self.kind == CalendarKind.ICS
        return {self.kind: IcsCalendars(http, parser) if is_file else CalDavCalendars(http, parser)}

    def sync(self, now: datetime) -> None:
        """Read all that are due."""
        found = sum(iter(partial(sync_due_calendars, gateways=self.gateways, ring=self.ring, now=now), 0))
        assert found == CONNECTIONS

    def ask(self) -> None:
        """What must be asked in any case, and nothing else: the yardstick."""
        http = self.server.make_http()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            assert all(pool.map(partial(self._ask_one, http), range(CONNECTIONS)))

    def _ask_one(self, http: GuardedHttp, number: int) -> bool:
        if self.kind == CalendarKind.ICS:
            url = f"{self.server.address}/ics/{number}"
            return http.request("GET", url, headers={"If-None-Match": '"1"'}).status in READ
        return http.request("REPORT", f"{self.server.address}/dav/{number}/", body=ASK_FOR_NEWS).status in READ

    def put(self, number: int) -> None:
        """So many events written, and nothing else: the yardstick."""
        http = self.server.make_http()
        for event in range(number):
            url = f"{self.server.address}/dav/0/yardstick-{event}.ics"
            assert http.request("PUT", url, headers={"If-None-Match": "*"}, body=b"BEGIN:VCALENDAR").status in WRITTEN

    def connect(self, number: int, *, now: datetime) -> None:
        """Connect the calendar of this number."""
        connect_account(
            practice_id=1,
            therapist_id=number // MOST_CONNECTIONS + 1,
            new=NewConnection(kind=self.kind, name=f"Calendar {number}", **self._describe(number)),
            ring=self.ring,
            by=COMMAND,
            now=now,
        )

    def _describe(self, number: int) -> dict[str, Any]:
        if self.kind == CalendarKind.ICS:
            access = CalendarAccess("calendar.example", "", {"url": f"{self.server.address}/ics/{number}"})
            return {"access": access, "found": [FoundCalendar("", "", can_write=False)]}
        access = CalendarAccess(self.server.address, f"person{number}", {"password": "secret"})
        return {"access": access, "found": [FoundCalendar(f"{self.server.address}/dav/{number}/", "", can_write=True)]}


def _ticks(folder: Path, kind: CalendarKind) -> Generator[Figure, None, None]:
    """By the clock and in our processor time; the server has a process of its own."""
    now = datetime.now(UTC).replace(microsecond=0)
    url = databases.sqlite(folder, f"calendars_{kind.value}")
    therapists, app = CONNECTIONS // MOST_CONNECTIONS, databases.make(url, folder)
    booked = [(1 + turn % therapists, now + (48 + turn // therapists) * HOUR) for turn in range(therapists * EACH)]
    with serving_calendars(folder, now) as server, app.app_context():
        workload.fill(therapists, booked, now=now)
        elsewhere = _Elsewhere(kind, server, KeyRing(["a key for figures"]))
        for number in range(CONNECTIONS):
            elsewhere.connect(number, now=now)
        elsewhere.sync(now)
        rounds = [_one_tick(elsewhere, turn, now) for turn in range(1, ROUNDS + 1)]
        what = f"tick over {CONNECTIONS} by {kind.value}, {CHANGED} changed"
        yield from _two_figures(what, rounds, "<= 5 s")
        if kind == CalendarKind.CALDAV:
            yield from _writing(elsewhere, app, now + ROUNDS * HOUR)


_Took = tuple[float, float]
"""Seconds by the clock, and of our processors."""


def _one_tick(elsewhere: _Elsewhere, turn: int, now: datetime) -> tuple[_Took, _Took]:
    """Some calendars more are otherwise than they were."""
    elsewhere.server.changed.value = turn * CHANGED
    took = _time(partial(elsewhere.sync, now + turn * HOUR))
    moved = select(func.count(BusyInterval.id)).where(BusyInterval.starts_at == now + timedelta(hours=25))
    assert db.session.scalar(moved) == turn * CHANGED
    return took, _time(elsewhere.ask)


def _time(call: Callable[[], object]) -> _Took:
    begun, spent = time.perf_counter(), spent_here()
    call()
    return time.perf_counter() - begun, spent_here() - spent


def _two_figures(what: str, rounds: Iterable[tuple[_Took, _Took]], aim: str) -> Generator[Figure, None, None]:
    ours, bare = ([median(each) for each in zip(*took, strict=True)] for took in zip(*rounds, strict=True))
    for name, value, other in zip((what, "  processor time of it"), ours, bare, strict=True):
        yield Figure(name=f"k  {name}", value=value, unit="s", yardstick=other, aim=aim)


def _writing(elsewhere: _Elsewhere, app: Flask, now: datetime) -> Generator[Figure, None, None]:
    """The first calendar of each therapist gets all of their appointments."""
    firsts = select(CalendarConnection).where(CalendarConnection.id % MOST_CONNECTIONS == 1)
    for connection in db.session.scalars(firsts).all():
        chosen = connection.calendars[0].public_id
        set_written_calendar(practice_id=1, calendar_public_id=chosen, wish=WritingWish(), by=COMMAND, now=now)
    addresses = app.extensions["addresses"]
    compare = partial(compare_calendars, addresses=addresses, now=now)
    carrier = CalendarCarrier(elsewhere.gateways, elsewhere.ring, addresses, lambda: now)
    took = _time(lambda: (compare(), carrier.run()))
    standing = select(func.count(WrittenAppointment.id)).where(WrittenAppointment.state == WrittenState.STANDS)
    number = CONNECTIONS // MOST_CONNECTIONS * EACH
    assert db.session.scalar(standing) == number
    what = f"{number} appointments written into {CONNECTIONS // MOST_CONNECTIONS} calendars"
    yield from _two_figures(what, [(took, _time(partial(elsewhere.put, number)))], "")
