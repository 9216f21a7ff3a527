"""A small Twilio on loopback, for the real SDK to talk to.

It keeps the messages it accepted, lists them, and does what a test scripts for the next requests: refuse, wait for ever
before or after accepting, or answer nonsense. It signs status callbacks as Twilio does.
"""

from __future__ import annotations

import base64
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import requests
from twilio.request_validator import RequestValidator

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "a-test-token"


@dataclass(frozen=True, slots=True)
class Accept:
    """Take the message, as Twilio does when nothing is scripted."""

    status: str = "queued"


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with an error; ``code`` is Twilio's own, if it gives one."""

    http_status: int
    code: int | None = None
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class Hang:
    """Never answer, having accepted the message before or not."""

    accepted: bool


@dataclass(frozen=True, slots=True)
class Drop:
    """Close the connection without an answer, having accepted the message."""


@dataclass(frozen=True, slots=True)
class Garble:
    """Accept the message and answer with something that is not about it."""

    content: bytes = b"<html>Bad gateway</html>"


Answer = Accept | Refuse | Hang | Drop | Garble


@dataclass(frozen=True, slots=True)
class Callback:
    """A signed status callback, ready to be posted."""

    url: str
    fields: dict[str, str]
    headers: dict[str, str]


@dataclass
class FakeTwilio:
    """A context manager: the server runs inside the ``with`` block. ``now`` dates the messages."""

    now: Callable[[], datetime]
    auth_token: str = AUTH_TOKEN
    messages: list[dict[str, Any]] = field(default_factory=list)
    creates: list[dict[str, str]] = field(default_factory=list)
    lists: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._script: deque[Answer] = deque()
        self._closing = threading.Event()

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def script(self, *answers: Answer) -> None:
        """What happens with the next requests, one answer each, whether they create or list."""
        self._script.extend(answers)

    def add_message(self, fields: Mapping[str, str], *, status: str = "queued", **more: Any) -> dict[str, Any]:
        """Put a message into the account, as if it had been created now."""
        message = {
            "sid": f"SM{len(self.messages):032x}",
            "account_sid": ACCOUNT_SID,
            "status": status,
            "to": fields["To"],
            "from": fields.get("From"),
            "messaging_service_sid": fields.get("MessagingServiceSid"),
            "body": fields["Body"],
            "direction": "outbound-api",
            "date_created": format_datetime(self.now().replace(microsecond=0)),
            "date_sent": None,
            "error_code": None,
            "status_callback": fields.get("StatusCallback"),
            **more,
        }
        self.messages.append(message)
        return message

    def callback(self, message: Mapping[str, Any], status: str, *, error_code: int | None = None) -> Callback:
        """The callback Twilio would post when ``message`` reaches ``status``."""
        fields = {
            "MessageSid": message["sid"],
            "SmsSid": message["sid"],
            "MessageStatus": status,
            "SmsStatus": status,
            "AccountSid": ACCOUNT_SID,
            "To": message["to"],
            "From": message["from"] or "",
            "ApiVersion": "2010-04-01",
        }
        if error_code is not None:
            fields["ErrorCode"] = str(error_code)
        url = str(message["status_callback"])
        signature = RequestValidator(self.auth_token).compute_signature(url, fields)
        return Callback(url, fields, {"X-Twilio-Signature": signature})

    def post(self, callback: Callback) -> int:
        """Post a callback over HTTP; the status the other side answered with."""
        return requests.post(callback.url, data=callback.fields, headers=callback.headers, timeout=15).status_code

    def next_answer(self) -> Answer:
        return self._script.popleft() if self._script else Accept()

    def wait_for_end(self) -> None:
        self._closing.wait(timeout=30)


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # So that closing waits for them, and no thread outlives its test.

    def __init__(self, twilio: FakeTwilio) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.twilio = twilio


class _Handler(BaseHTTPRequestHandler):
    @property
    def twilio(self) -> FakeTwilio:
        assert isinstance(self.server, _Server)
        return self.server.twilio

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        fields = _flat(self.rfile.read(length).decode())
        self.twilio.creates.append(fields)
        self._answer(lambda status: self.twilio.add_message(fields, status=status), http_status=201)

    def do_GET(self) -> None:
        query = _flat(urlsplit(self.path).query)
        self.twilio.lists.append(query)
        found = [message for message in reversed(self.twilio.messages) if message["to"] == query.get("To")]
        self._answer(lambda _: {"messages": found, "page": 0, "next_page_uri": None}, http_status=200)

    def _answer(self, accept: Callable[[str], dict[str, Any]], *, http_status: int) -> None:
        if not self._is_signed_in():
            self._write(401, {"code": 20003, "message": "Authenticate", "status": 401})
            return
        match self.twilio.next_answer():
            case Accept(status):
                self._write(http_status, accept(status))
            case Refuse(status, code, retry_after):
                # Twilio's own messages quote the number like this.
                body = {"code": code, "message": "The 'To' number +15550001111 is not valid", "status": status}
                self._write(status, body, retry_after)
            case Hang(accepted):
                if accepted:
                    accept("queued")
                self.twilio.wait_for_end()
            case Drop():
                accept("queued")
            case Garble(content):
                accept("queued")
                self._write(http_status, content)

    def _is_signed_in(self) -> bool:
        wanted = base64.b64encode(f"{ACCOUNT_SID}:{self.twilio.auth_token}".encode()).decode()
        return self.headers["Authorization"] == f"Basic {wanted}"

    def _write(self, status: int, body: dict[str, Any] | bytes, retry_after: str | None = None) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        # The client may have given up on us, which is what such a test is about.
        with suppress(OSError):
            self.send_response(status)
            if retry_after:
                self.send_header("Retry-After", retry_after)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def _flat(encoded: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(encoded, keep_blank_values=True).items()}
