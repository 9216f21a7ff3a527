"""Many calendars elsewhere, in a process of their own: as files that are polled (``/ics/7``), and by CalDAV
(``/dav/7/``) with a token that says what is new (RFC 6578). As little of both as the service asks for.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import trustme

from bench.processes import PATIENCE, SPAWN, ProcessFailed
from telehealth.adapters.guarded_http import GuardedHttp

EVENTS = 50
"""In each calendar, one a day."""
LOOPBACK, NAME = "127.0.0.1", "calendar.example"
BUNDLE = "authorities.pem"
TOKEN, HREF = re.compile(rb"sync-token>([^<]+)<"), re.compile(rb"href>([^<]+)<")
HEAD = '<?xml version="1.0"?><multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'


@dataclass(frozen=True, slots=True)
class CalendarServer:
    """Where it listens. The first ``changed`` calendars are otherwise than they were at first, by one event."""

    port: int
    changed: Synchronized[int]
    folder: Path

    @property
    def address(self) -> str:
        """Where its calendars are."""
        return f"https://{NAME}:{self.port}"

    def make_http(self) -> GuardedHttp:
        """A client that may ask it."""
        return GuardedHttp(
            counts_as_public=lambda address: address == ip_address(LOOPBACK),
            resolve=lambda _host, _port: [LOOPBACK],
            authorities=str(self.folder / BUNDLE),
        )


@contextmanager
def serving_calendars(folder: Path, begin: datetime) -> Iterator[CalendarServer]:
    """Serve until the end of the block; the first event of each calendar is on the day after ``begin``."""
    receiver, sender = SPAWN.Pipe(duplex=False)
    changed = SPAWN.Value("i", 0)
    process = SPAWN.Process(target=_serve, args=(sender, changed, folder, begin), daemon=True)
    process.start()
    try:
        if not receiver.poll(PATIENCE):
            raise ProcessFailed("the calendars cannot be served")
        yield CalendarServer(receiver.recv(), changed, folder)
    finally:
        process.kill()
        process.join()


def _serve(sender: Connection, changed: Synchronized[int], folder: Path, begin: datetime) -> None:
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.cert_pem.write_to_path(str(folder / BUNDLE))
    authority.issue_cert(NAME).configure_cert(tls)
    handler = type("Handler", (_Handler,), {"changed": changed, "begin": begin, "written": {}})
    web = ThreadingHTTPServer((LOOPBACK, 0), handler)
    web.daemon_threads = True
    web.socket = tls.wrap_socket(web.socket, server_side=True, do_handshake_on_connect=False)
    sender.send(web.server_address[1])
    web.serve_forever()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    changed: Synchronized[int]
    begin: datetime
    written: dict[str, bytes]

    def do_GET(self) -> None:
        """One calendar as a file, or that it is as it was."""
        calendar = _Calendar(int(self.path.split("/")[2]), self.changed.value, self.begin)
        if self.headers.get("If-None-Match") == f'"{calendar.version}"':
            return self._answer(304, etag=calendar.version)
        return self._answer(200, calendar.write(range(EVENTS)), etag=calendar.version)

    def do_PROPFIND(self) -> None:
        """That it is a calendar, and its newest token, whatever is asked."""
        self._read()
        kind = "<resourcetype><collection/><C:calendar/></resourcetype>"
        self._tell([_response(self.path, f"{kind}<sync-token>{self._calendar.version}</sync-token>")])

    def do_REPORT(self) -> None:
        """What is new since a token, what there is, or some of it."""
        asked, calendar = self._read(), self._calendar
        token = f"<sync-token>{calendar.version}</sync-token>"
        if b"sync-collection" in asked:
            since = TOKEN.findall(asked)[0].decode()
            return self._tell(self._list([0] if since != calendar.version else []), token)
        if b"calendar-multiget" in asked:
            return self._tell(self._list([_number(href) for href in HREF.findall(asked)], with_data=True))
        return self._tell(self._list(range(EVENTS)))

    def do_PUT(self) -> None:
        """Keep one event more."""
        self.written[self.path] = self._read()
        self._answer(201, etag="written")

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""

    @property
    def _calendar(self) -> _Calendar:
        return _Calendar(int(self.path.split("/")[2]), self.changed.value, self.begin)

    def _read(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _list(self, events: Iterable[int], *, with_data: bool = False) -> Iterator[str]:
        calendar = self._calendar
        for event in events:
            data = f"<C:calendar-data>{calendar.write([event]).decode()}</C:calendar-data>" if with_data else ""
            yield _response(f"{self.path}{event}.ics", f'<getetag>"{calendar.version_of(event)}"</getetag>{data}')

    def _tell(self, responses: Iterable[str], token: str = "") -> None:
        self._answer(207, f"{HEAD}{''.join(responses)}{token}</multistatus>".encode())

    def _answer(self, status: int, body: bytes = b"", *, etag: str = "") -> None:
        self.send_response(status)
        for name, value in (("ETag", f'"{etag}"'), ("Content-Length", str(len(body)))):
            if name != "ETag" or etag:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@dataclass(frozen=True, slots=True)
class _Calendar:
    """One of many, by its number, when so many ``changed``: its first event is an hour later then."""

    number: int
    changed: int
    begin: datetime

    @property
    def version(self) -> str:
        """Another one after the change."""
        return "2" if self.number < self.changed else "1"

    def version_of(self, event: int) -> str:
        """The version of one event."""
        return self.version if event == 0 else "1"

    def write(self, events: Iterable[int]) -> bytes:
        """Some of its events."""
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//figures//"]
        for event in events:
            later = self.version_of(event) == "2"
            start = self.begin + timedelta(days=event + 1, hours=later)
            times = [f"{name}:{at:%Y%m%dT%H%M%SZ}" for name, at in _ends(start)]
            uid = f"UID:{self.number}-{event}"
            lines += ["BEGIN:VEVENT", uid, "DTSTAMP:20260101T000000Z", *times, "END:VEVENT"]
        return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def _ends(start: datetime) -> tuple[tuple[str, datetime], ...]:
    return ("DTSTART", start), ("DTEND", start + timedelta(hours=1))


def _number(href: bytes) -> int:
    return int(href.rpartition(b"/")[2].removesuffix(b".ics"))


def _response(path: str, properties: str) -> str:
    said = f"<prop>{properties}</prop><status>HTTP/1.1 200 OK</status>"
    return f"<response><href>{path}</href><propstat>{said}</propstat></response>"
