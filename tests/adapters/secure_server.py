"""A web server with a certificate on loopback, whose answers a test says; and a client of ours that may ask it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

import trustme

from telehealth.adapters.guarded_http import GuardedHttp, IPAddress

HOST = "127.0.0.1"
NAMES = ("localhost", "calendar.example", "p01-calendar.example", "other.example", "xn--kalender-6za.example")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Says:
    """One answer. ``parts`` follow the body for as long as somebody reads."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    parts: Iterator[bytes] | None = None


@dataclass(slots=True)
class SecureServer:
    """What a test sees of it. ``answer`` says what is answered; ``asked`` is what was asked for."""

    port: int
    authorities: str
    answer: Callable[[Asked], Says] = lambda _: Says()
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/calendar.ics", *, host: str = "calendar.example") -> str:
        """An address here."""
        return f"https://{host}:{self.port}{path}"

    def make_http(self, **settings: Any) -> GuardedHttp:
        """A client for which loopback is public, as well as every name."""
        usual: dict[str, Any] = {
            "counts_as_public": is_here,
            "resolve": lambda _host, _port: [HOST],
            "authorities": self.authorities,
        }
        return GuardedHttp(**{**usual, **settings})


def is_here(address: IPAddress) -> bool:
    """Whether an address is the one server of a test."""
    return address == ip_address(HOST)


@contextmanager
def serve(folder: Path) -> Iterator[SecureServer]:
    """A server with a certificate for ``NAMES``, until the block ends."""
    authority = trustme.CA()
    bundle = folder / "authorities.pem"
    authority.cert_pem.write_to_path(str(bundle))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*NAMES, HOST).configure_cert(tls)
    web = ThreadingHTTPServer((HOST, 0), _Handler)
    web.daemon_threads = True
    known = SecureServer(web.server_address[1], str(bundle))
    web.known = known  # type: ignore[attr-defined]
    web.socket = tls.wrap_socket(web.socket, server_side=True, do_handshake_on_connect=False)
    thread = Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield known
    finally:
        web.shutdown()
        web.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.server.known.connections += 1  # type: ignore[attr-defined]

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # Whoever asked has gone away, or did not like the certificate.
            self.close_connection = True

    def _serve(self) -> None:
        known: SecureServer = self.server.known  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        known.asked.append(asked)
        said = known.answer(asked)
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        if said.parts is None:
            self.send_header("Content-Length", str(len(said.body)))
        else:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said.body)
        for part in said.parts or ():
            self.wfile.write(part)
            self.wfile.flush()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_PROPFIND = do_REPORT = _serve  # noqa: N815 -- as HTTP writes them

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""
