"""A small Twilio on loopback, for the real SDK to talk to.

It checks every request against Twilio's public description, keeps the messages it accepted, fetches and lists them, and
does what a test scripts for the next requests: refuse, wait for ever before or after accepting, or answer nonsense. It
honours STOP and START, refuses what is too much at once, and signs what it posts to our webhooks as Twilio does.

``python -m tests.fake_twilio --port 4010`` runs one in a process of its own (``tests.twilio_process``).
"""

from __future__ import annotations

import base64
import json
import random
import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import requests
from twilio.request_validator import RequestValidator

from tests.twilio_requests import CREATE_PATH, FETCH_PATH, Problem, problem

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "a-test-token"
STOP_WORDS = frozenset(["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"])
START_WORDS = frozenset(["START", "YES", "UNSTOP"])
OPTED_OUT, NOT_FOUND, TOO_MANY, NOT_SIGNED_IN = 21610, 20404, 20429, 20003


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
    """Close the connection without an answer, having accepted the message or not."""

    accepted: bool = True


@dataclass(frozen=True, slots=True)
class Garble:
    """Accept the message and answer with something that is not about it."""

    content: bytes = b"<html>Bad gateway</html>"


Answer = Accept | Refuse | Hang | Drop | Garble


@dataclass(frozen=True, slots=True)
class Callback:
    """A signed request to one of our webhooks, ready to be posted."""

    url: str
    fields: dict[str, str]
    headers: dict[str, str]


@dataclass
class FakeTwilio:
    """A context manager: the server runs inside the ``with`` block. ``now`` dates the messages.

    ``at_once`` is how many messages may be on their way in at the same moment; one more is refused with 429.
    ``latency`` is how many seconds every answer takes. ``mood`` says what becomes of a request to create when nothing
    is scripted, and ``on_accept`` hears of every message that was taken.
    """

    now: Callable[[], datetime]
    auth_token: str = AUTH_TOKEN
    port: int = 0
    at_once: int | None = None
    latency: float = 0.0
    mood: Callable[[], Answer] = Accept
    on_accept: Callable[[dict[str, Any]], None] | None = None
    messages: list[dict[str, Any]] = field(default_factory=list)
    creates: list[dict[str, str]] = field(default_factory=list)
    lists: list[dict[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stopped: set[tuple[str, str]] = field(default_factory=set)
    connections: int = 0

    def __post_init__(self) -> None:
        self._script: deque[Answer] = deque()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._under_way = 0
        self._to: dict[str, list[dict[str, Any]]] = {}
        self._by_sid: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self.hang_up()
        self._server.server_close()
        self._thread.join(20)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def script(self, *answers: Answer) -> None:
        """What happens with the next requests, one answer each, whether they create, fetch or list."""
        self._script.extend(answers)

    def add_message(self, fields: Mapping[str, str], *, status: str = "queued", **more: Any) -> dict[str, Any]:
        """Put a message into the account, as if it had been created now."""
        with self._lock:
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
            self._to.setdefault(message["to"], []).append(message)
            self._by_sid[message["sid"]] = message
        return message

    def callback(self, message: Mapping[str, Any], status: str, *, error_code: int | None = None) -> Callback:
        """The callback Twilio would post when ``message`` reaches ``status``. Posted late, twice, in another order or
        never, it is what the internet makes of it.
        """
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
        return self._signed(str(message["status_callback"]), fields)

    def end(self, message: dict[str, Any], status: str, *, error_code: int | None = None) -> Callback:
        """Let ``message`` reach ``status``, as whoever fetches it sees; the callback about it, not posted yet."""
        message |= {"status": status, "error_code": error_code}
        return self.callback(message, status, error_code=error_code)

    def text_in(self, webhook: str, *, sender: str, to: str, body: str, sid: str = "", **more: str) -> Callback:
        """What Twilio would post to ``webhook`` when somebody texts us. STOP words and START words are heeded at once,
        when they are the whole text, and posted all the same.
        """
        word = body.strip().upper()
        if word in STOP_WORDS:
            self.stopped.add((to, sender))
        elif word in START_WORDS:
            self.stopped.discard((to, sender))
        fields = {
            "MessageSid": sid or f"SM{random.getrandbits(128):032x}",
            "AccountSid": ACCOUNT_SID,
            "From": sender,
            "To": to,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
            "ApiVersion": "2010-04-01",
            **more,
        }
        return self._signed(webhook, fields)

    def post(self, callback: Callback) -> int:
        """Post a callback over HTTP; the status the other side answered with."""
        return requests.post(callback.url, data=callback.fields, headers=callback.headers, timeout=15).status_code

    def _signed(self, url: str, fields: dict[str, str]) -> Callback:
        signature = RequestValidator(self.auth_token).compute_signature(url, fields)
        return Callback(url, fields, {"X-Twilio-Signature": signature})

    def hang_up(self) -> None:
        """End the connections that clients keep open, as servers do after a while."""
        self._server.hang_up()

    # What the server asks.

    def refusal(self, fields: Mapping[str, Sequence[str]]) -> Refuse | None:
        """Why a request to create is not even looked at, as Twilio would answer it."""
        wrong = problem(fields)
        if wrong is not None:
            self.problems.append(wrong)
            return Refuse(400, wrong.code)
        sender = (fields.get("MessagingServiceSid") or fields["From"])[0]
        return Refuse(400, OPTED_OUT) if (sender, fields["To"][0]) in self.stopped else None

    def next_answer(self, *, creates: bool) -> Answer:
        if self._script:
            return self._script.popleft()
        return self.mood() if creates else Accept()

    def enter(self) -> bool:
        """Whether one more request may be under way now; whoever was let in has to ``leave``."""
        with self._lock:
            is_free = self.at_once is None or self._under_way < self.at_once
            self._under_way += is_free
        return is_free

    def leave(self) -> None:
        with self._lock:
            self._under_way -= 1

    def sent_to(self, number: str | None) -> list[dict[str, Any]]:
        """The account's messages to a number, or all, the newest first."""
        return list(reversed(self.messages if number is None else self._to.get(number, [])))

    def fetched(self, sid: str) -> dict[str, Any] | None:
        return self._by_sid.get(sid)

    def wait(self, seconds: float) -> None:
        """Wait as long, or until the end of the block."""
        self._closing.wait(timeout=seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # So that closing waits for them, and no thread outlives its test.
    request_queue_size = 128

    def __init__(self, twilio: FakeTwilio) -> None:
        super().__init__(("127.0.0.1", twilio.port), _Handler)
        self.twilio = twilio
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.twilio.connections += 1
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep open."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # Connections stay open, as Twilio's do.
    wbufsize = 65_536  # One packet an answer: head and body apart would wait for each other (Nagle, delayed ACK).
    disable_nagle_algorithm = True

    @property
    def twilio(self) -> FakeTwilio:
        assert isinstance(self.server, _Server)
        return self.server.twilio

    def do_POST(self) -> None:
        fields = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True)
        self.twilio.creates.append({name: values[-1] for name, values in fields.items()})
        if not self._is_signed_in():
            self._refuse(Refuse(401, NOT_SIGNED_IN))
        elif not CREATE_PATH.match(urlsplit(self.path).path):
            self._refuse(Refuse(404, NOT_FOUND))
        elif not self.twilio.enter():
            self._refuse(Refuse(429, TOO_MANY))
        else:
            try:
                self._create(fields)
            finally:
                self.twilio.leave()

    def _create(self, fields: Mapping[str, Sequence[str]]) -> None:
        answer = self.twilio.next_answer(creates=True)
        refusal = self.twilio.refusal(fields) if isinstance(answer, Accept) else None
        flat = {name: values[-1] for name, values in fields.items()}

        def accept(status: str) -> dict[str, Any]:
            message = self.twilio.add_message(flat, status=status)
            if self.twilio.on_accept:
                self.twilio.on_accept(message)
            return message

        self._answer(refusal or answer, accept, http_status=201)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        if not self._is_signed_in():
            self._refuse(Refuse(401, NOT_SIGNED_IN))
        elif one := FETCH_PATH.match(parts.path):
            message = self.twilio.fetched(one["sid"])
            answer = self.twilio.next_answer(creates=False) if message else Refuse(404, NOT_FOUND)
            self._answer(answer, lambda _: message or {}, http_status=200)
        elif CREATE_PATH.match(parts.path):
            self.twilio.lists.append(query)
            found = self.twilio.sent_to(query.get("To"))[: int(query.get("PageSize", "50"))]
            listed = {"messages": found, "page": 0, "next_page_uri": None}
            self._answer(self.twilio.next_answer(creates=False), lambda _: listed, http_status=200)
        else:
            self._refuse(Refuse(404, NOT_FOUND))

    def _answer(self, answer: Answer, accept: Callable[[str], dict[str, Any]], *, http_status: int) -> None:
        if self.twilio.latency:
            self.twilio.wait(self.twilio.latency)
        match answer:
            case Accept(status):
                self._write(http_status, accept(status))
            case Refuse():
                self._refuse(answer)
            case Garble(content):
                accept("queued")
                self._write(http_status, content)
            case Hang(accepted) | Drop(accepted):
                if accepted:
                    accept("queued")
                self.close_connection = True
                self.twilio.wait(30 if isinstance(answer, Hang) else 0)

    def _refuse(self, refusal: Refuse) -> None:
        # Twilio's own messages quote the number like this.
        said = {"code": refusal.code, "message": "The 'To' number +15550001111 is not valid"}
        self._write(refusal.http_status, said | {"status": refusal.http_status}, refusal.retry_after)

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
            self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    from tests.twilio_process import main

    main()
