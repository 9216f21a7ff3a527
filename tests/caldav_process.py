"""Real CalDAV servers (Radicale and xandikos) in processes of their own, with TLS and passwords, and whoever else uses
the calendars on them.
"""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import fromstring
from xml.sax.saxutils import escape

import requests
import trustme
from icalendar import Calendar, Event

from telehealth.adapters.guarded_http import GuardedHttp
from telehealth.domain.calendar_ports import CalendarAccess
from telehealth.domain.hours.busy_spans import BusySpan
from tests.adapters.mail_server import HOST, free_port
from tests.adapters.secure_server import is_here

KINDS = ("radicale", "xandikos")
NAME = "calendar.example"
PASSWORD = "app-password"
_XML = {"Content-Type": "application/xml"}
_MAKE = """<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<D:displayname>{name}</D:displayname>
<C:supported-calendar-component-set><C:comp name="{component}"/></C:supported-calendar-component-set>
</D:prop></D:set></C:mkcalendar>"""
_RADICALE = """import sys
from radicale import config, log, server
settings = config.load([(sys.argv[1], False)])
settings.update({"storage": {"_filesystem_fsync": "False"}}, "for tests", privileged=True)
log.setup()
server.serve(settings)
"""
"""Without waiting for the disk after each file, which cannot be set in its own file."""
_LIST = '<D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/></D:prop></D:propfind>'


@dataclass
class CalDavServer:
    """A server of one of ``KINDS`` that keeps everything in ``folder``, and can be stopped and started again."""

    kind: str
    folder: Path
    port: int = field(default_factory=free_port)
    passwords: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """A certificate, and nobody who may sign in."""
        (self.folder / "certs").mkdir(parents=True)
        (self.folder / "data").mkdir()
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.authorities))
        issued = authority.issue_cert(NAME, HOST)
        self._certificate.write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(str(self._key))
        self._write_passwords()
        (self.folder / "config").write_text(
            f"[server]\nhosts = {HOST}:{self.port}\nssl = True\n"
            f"certificate = {self._certificate}\nkey = {self._key}\n"
            f"[auth]\ntype = htpasswd\nhtpasswd_filename = {self._users}\nhtpasswd_encryption = plain\ndelay = 0\n"
            f"[storage]\nfilesystem_folder = {self.folder / 'data'}\n[logging]\nlevel = error\n"
        )

    def start(self) -> None:
        """Until it answers."""
        command = {
            "radicale": ["-c", _RADICALE, str(self.folder / "config")],
            "xandikos": [
                *("-m", "xandikos", "serve", "--autocreate", "--autocert", "--no-detect-systemd"),
                *("-d", str(self.folder / "data"), "--state-dir", str(self.folder), "--htpasswd", str(self._users)),
                *("-l", HOST, "-p", str(self.port), "--current-user-principal", "/user/"),
            ],
        }[self.kind]
        output = (self.folder / "log").open("ab")
        with output:
            self._process = subprocess.Popen([sys.executable, *command], stdout=output, stderr=output)  # noqa: S603
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, "the server did not start"

    def stop(self) -> None:
        """At once, as a machine that lost its power."""
        if self._process:
            self._process.kill()
            self._process.wait(timeout=20)
            self._process = None

    def set_password(self, username: str, password: str) -> CalendarAccess:
        """A new account, or another password of one; how to get in."""
        self.passwords[username] = password
        self._write_passwords()
        return CalendarAccess(self.url("/"), username, {"password": password})

    def url(self, path: str) -> str:
        return f"https://{NAME}:{self.port}{path}"

    def make_http(self, **settings: Any) -> GuardedHttp:
        """Our client, for which loopback is public here."""
        usual = {"counts_as_public": is_here, "resolve": lambda *_: [HOST], "authorities": str(self.authorities)}
        return GuardedHttp(**{**usual, **settings})

    @property
    def authorities(self) -> Path:
        return self.folder / "authorities.pem"

    @property
    def _certificate(self) -> Path:
        return self.folder / "certs" / "selfsigned.crt"

    @property
    def _key(self) -> Path:
        return self.folder / "certs" / "selfsigned.key"

    @property
    def _users(self) -> Path:
        return self.folder / "users"

    def _write_passwords(self) -> None:
        lines = [f"{name}:{self._hash(password)}\n" for name, password in self.passwords.items()]
        draft = self.folder / "users.new"
        draft.write_text("".join(lines) or "nobody:{SHA}-\n")
        os.utime(draft, (time.time(), self._users.stat().st_mtime + 1 if self._users.exists() else time.time()))
        draft.replace(self._users)

    def _hash(self, password: str) -> str:
        if self.kind == "radicale":
            return password
        return "{SHA}" + base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()  # noqa: S324 -- its format

    def _answers(self) -> bool:
        try:
            requests.get(f"https://{HOST}:{self.port}/", verify=str(self.authorities), timeout=10)
        except requests.ConnectionError:
            return False
        return True


@contextmanager
def serve_caldav(kind: str, folder: Path) -> Iterator[CalDavServer]:
    """A server until the block ends."""
    server = CalDavServer(kind, folder)
    server.prepare()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass
class CalDavOwner:
    """Somebody with an account on a server, and a program of their own for the calendar at ``path``."""

    server: CalDavServer
    username: str
    path: str

    def make_calendar(self, path: str = "", *, name: str = "Home", component: str = "VEVENT") -> str:
        """A calendar of theirs; its address."""
        answer = self.ask("MKCALENDAR", path or self.path, _MAKE.format(name=escape(name), component=component), _XML)
        assert answer.status_code == 201, answer.text
        return self.server.url(path or self.path)

    def put_busy(self, span: BusySpan, *, uid: str, **more: Any) -> str:
        event = Event({"UID": uid, "SUMMARY": "Dentist"})
        event.add("dtstamp", datetime(2026, 1, 1, tzinfo=UTC))
        event.add("dtstart", span.starts_at)
        event.add("dtend", span.ends_at)
        for name, value in more.items():
            event.add(name, value)
        return self.put(f"{self.path}{uid}.ics", event)

    def put(self, entry_id: str, event: Event) -> str:
        calendar = Calendar({"PRODID": "-//Somebody//EN", "VERSION": "2.0"})
        calendar.add_component(event)
        return self.put_text(entry_id, calendar.to_ical().decode())

    def put_text(self, entry_id: str, text: str) -> str:
        answer = self.ask("PUT", entry_id, text, {"Content-Type": "text/calendar; charset=utf-8"})
        assert answer.status_code in {200, 201, 204}, answer.text
        return entry_id

    def get(self, entry_id: str) -> Event:
        answer = self.ask("GET", entry_id)
        assert answer.status_code == 200, answer.text
        calendar: Any = Calendar.from_ical(answer.content)
        event = calendar.walk("VEVENT")[0]
        assert isinstance(event, Event)
        return event

    def move(self, entry_id: str, to: BusySpan) -> None:
        event = self.get(entry_id)
        del event["DTSTART"], event["DTEND"]
        event.add("dtstart", to.starts_at)
        event.add("dtend", to.ends_at)
        self.put(entry_id, event)

    def copy(self, entry_id: str, *, uid: str) -> str:
        event = self.get(entry_id)
        event["UID"] = uid
        return self.put(f"{self.path}{uid}.ics", event)

    def delete(self, entry_id: str) -> None:
        answer = self.ask("DELETE", entry_id)
        assert answer.status_code in {200, 204}, answer.text

    def remove_calendar(self) -> None:
        self.delete(self.path)

    def list_entries(self) -> list[str]:
        """The paths of everything in the calendar."""
        answer = self.ask("PROPFIND", self.path, _LIST, _XML | {"Depth": "1"})
        found = [each.text or "" for each in fromstring(answer.content).iter("{DAV:}href")]  # noqa: S314 -- our server
        return sorted(each for each in found if not each.endswith("/"))

    def forget_tokens(self) -> None:
        """The calendar is put back from a copy, as after a crash of the server: its history is lost."""
        kept = {entry: self.ask("GET", entry).text for entry in self.list_entries()}
        self.remove_calendar()
        self.make_calendar()
        # A server that names what it holds by its content must never hold the same again on the way there.
        passing = self.put_busy(BusySpan(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)), uid="tmp")
        for entry, text in kept.items():
            self.put_text(entry, text)
        self.delete(passing)

    def ask(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> requests.Response:
        """As any program of theirs asks the server."""
        return requests.request(
            method,
            urljoin(f"https://{HOST}:{self.server.port}/", path),
            data=body.encode(),
            headers=headers,
            auth=(self.username, self.server.passwords[self.username]),
            verify=str(self.server.authorities),
            timeout=30,
        )
