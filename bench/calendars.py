"""Calendars elsewhere: what a tick costs over many that hardly change, and what many busy times cost whoever looks for
free ones.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import ClassVar

import trustme
from sqlalchemy import insert

from bench import databases, workload
from bench.figures import Place, half_full
from bench.measure import Figure, milliseconds
from bench.options import sized
from bench.processes import in_fresh_process
from telehealth.adapters.calendar_parsing import CalendarParser
from telehealth.adapters.guarded_http import GuardedHttp
from telehealth.adapters.ics import IcsCalendars
from telehealth.database import db, transaction
from telehealth.domain.calendar_ports import CalendarAccess, FoundCalendar
from telehealth.domain.calendar_words import CalendarKind
from telehealth.domain.sealing import KeyRing
from telehealth.domain.words import Mode
from telehealth.models import BusyInterval, Service
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered_seconds
from telehealth.services.audit import COMMAND
from telehealth.services.calendars.connecting import MOST_CONNECTIONS, NewConnection, connect_account
from telehealth.services.calendars.syncing import sync_due_calendars

CONNECTIONS, CHANGED = sized(500, quick=50), 10
EVENTS = 50
BUSY_TIMES, THERAPISTS = 20_000, 20
HOST, HOUR = "127.0.0.1", timedelta(hours=1)


def calendars(folder: Path) -> Generator[Figure, None, None]:
    """A tick over all connections, and free times with and without many busy ones."""
    yield _tick(folder)
    yield _among_busy_times(folder)


def _tick(folder: Path) -> Figure:
    therapists = -(-CONNECTIONS // MOST_CONNECTIONS)
    now, url = datetime.now(UTC), databases.sqlite(folder, "calendars")
    with _serving(folder) as server, databases.make(url, folder).app_context():
        workload.fill(therapists, [], now=now)
        ring = KeyRing(["a key for figures"])
        for number in range(CONNECTIONS):
            _connect(number, server, ring, now=now)
        gateways = {CalendarKind.ICS: IcsCalendars(server.make_http(), CalendarParser())}
        assert _sync(gateways, ring, now) == CONNECTIONS
        server.changed = frozenset(range(CHANGED))
        later, begun = now + HOUR, time.perf_counter()
        assert _sync(gateways, ring, later) == CONNECTIONS
        took = time.perf_counter() - begun
    name = f"a tick over {CONNECTIONS} calendars elsewhere, of which {CHANGED} changed"
    return Figure(name=name, value=took, unit="s", aim="<= 5 s")


def _sync(gateways: dict[CalendarKind, IcsCalendars], ring: KeyRing, now: datetime) -> int:
    return sum(iter(partial(sync_due_calendars, gateways=gateways, ring=ring, now=now), 0))


def _connect(number: int, server: _Server, ring: KeyRing, *, now: datetime) -> None:
    connect_account(
        practice_id=1,
        therapist_id=number // MOST_CONNECTIONS + 1,
        new=NewConnection(
            kind=CalendarKind.ICS,
            name=f"Calendar {number}",
            access=CalendarAccess("calendar.example", "", {"url": f"https://calendar.example:{server.port}/{number}"}),
            found=[FoundCalendar("", "", can_write=False)],
        ),
        ring=ring,
        by=COMMAND,
        now=now,
    )


class _Server:
    """Calendars of ``EVENTS`` events each, by their number; ``changed`` are those that are otherwise than before."""

    def __init__(self, folder: Path) -> None:
        authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._bundle = folder / "authorities.pem"
        authority.cert_pem.write_to_path(str(self._bundle))
        authority.issue_cert("calendar.example").configure_cert(tls)
        self.changed: frozenset[int] = frozenset()
        self.begin = datetime.now(UTC)
        self.web = ThreadingHTTPServer((HOST, 0), _Handler)
        self.web.daemon_threads = True
        self.web.socket = tls.wrap_socket(self.web.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.web.server_address[1]

    def make_http(self) -> GuardedHttp:
        """A client that may ask it."""
        return GuardedHttp(
            counts_as_public=lambda address: address == ip_address(HOST),
            resolve=lambda _host, _port: [HOST],
            authorities=str(self._bundle),
        )

    def write(self, number: int) -> tuple[str, bytes]:
        """The version of a calendar, and what stands in it."""
        shift = 1 if number in self.changed else 0
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//figures//"]
        for day in range(1, EVENTS + 1):
            start = self.begin + day * timedelta(days=1) + shift * HOUR
            times = [f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{start + HOUR:%Y%m%dT%H%M%SZ}"]
            lines += ["BEGIN:VEVENT", f"UID:{number}-{day}", "DTSTAMP:20260101T000000Z", *times, "END:VEVENT"]
        return f'"{shift}"', "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    calendars: ClassVar[_Server]

    def do_GET(self) -> None:
        """One calendar, or that it is as it was."""
        version, body = self.calendars.write(int(self.path[1:]))
        is_same = self.headers.get("If-None-Match") == version
        self.send_response(304 if is_same else 200)
        for name, value in (("ETag", version), ("Content-Type", "text/calendar")):
            self.send_header(name, value)
        self.send_header("Content-Length", "0" if is_same else str(len(body)))
        self.end_headers()
        if not is_same:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@contextmanager
def _serving(folder: Path) -> Iterator[_Server]:
    server = _Handler.calendars = _Server(folder)
    Thread(target=server.web.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.web.shutdown()
        server.web.server_close()


def _among_busy_times(folder: Path) -> Figure:
    """Beside a colleague who has none, so that the ratio says how much slower it is."""
    place = half_full(folder, THERAPISTS + 1)
    (ours, bare), peak = in_fresh_process(_with_and_without, place)
    name = f"free starts of one of {THERAPISTS} therapists with {BUSY_TIMES:,} busy times, beside one with none"
    return Figure(name=name, value=ours, unit="ms", yardstick=bare, aim="<= 1.1 of it", peak=peak)


def _with_and_without(place: Place) -> tuple[float, float]:
    with databases.service(place.url, place.folder).app_context():
        midnight = place.weeks.since.replace(hour=9, minute=0, second=0, microsecond=0)  # Night where they work.
        with transaction() as session:
            rows = [_busy_row(midnight, number) for number in range(BUSY_TIMES)]
            session.connection().execute(insert(BusyInterval), rows)
        service = db.session.get_one(Service, 1)
        asked = SlotQuery(1, service, Mode.VIRTUAL, place.weeks.since, place.weeks.until, therapist_id=1)
        beside = replace(asked, therapist_id=THERAPISTS + 1)
        assert offered_seconds(asked, now=place.now)
        ours, theirs = (partial(offered_seconds, each, now=place.now) for each in (asked, beside))
        return milliseconds(ours, theirs, calls=100)


def _busy_row(first: datetime, number: int) -> dict[str, object]:
    """One of a therapist's, two or three a night."""
    turn, therapist = divmod(number, THERAPISTS)
    starts_at = first + turn * timedelta(hours=10)
    starts_at = first + (starts_at - first).days * timedelta(days=1) + (turn % 3) * timedelta(minutes=30)
    return {"practice_id": 1, "therapist_id": therapist + 1, "starts_at": starts_at, "ends_at": starts_at + HOUR / 3}
