"""The worker: slow clients wait here, and no thread waits with them.

gunicorn's threads read from the socket and write to it themselves, for as long as the client likes: as many slow
clients as there are threads stop the service, and ``timeout`` never ends them. Here the loop that accepts connections
also reads what comes and writes what goes, without waiting for any of them. A thread gets a request when it has wholly
come, and is free again as soon as its answer is made. Whoever is slower than is allowed is let go, however steadily
something drips; when too much waits, the oldest goes first.
"""

from __future__ import annotations

import io
import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from gunicorn.http import get_parser
from gunicorn.workers.gthread import TConn, ThreadWorker

from config import largest_body, load
from webserver.arriving import Arrival

AT_ONCE: Final = 64 * 1024
MOST_HELD: Final = 64 * 1024 * 1024
"""Bytes of requests and answers that wait with their clients, all together."""
LINGER_SECONDS: Final = 2
SLOWEST: Final = 32 * 1024
"""Bytes a second (a quarter of a megabit), which a picture or a file of clients has to come with after its first
seconds: over a slow line it takes minutes, and who only pretends to send one is let go as soon as anybody.
"""


class Answer:
    """What a thread writes to instead of the socket: it takes everything at once."""

    def __init__(self) -> None:
        self.data = bytearray()

    def sendall(self, data: bytes) -> None:
        self.data += data

    def send(self, data: bytes) -> int:
        self.data += data
        return len(data)

    def recv(self, _most: int) -> bytes:
        """The request has come already: there is nothing more."""
        return b""

    def gettimeout(self) -> float | None:
        return None

    def settimeout(self, _seconds: float | None) -> None: ...

    def setblocking(self, _flag: bool) -> None: ...  # noqa: FBT001 -- a socket's own signature

    def shutdown(self, _how: int) -> None: ...

    def close(self) -> None: ...


class Visit(TConn):  # type: ignore[misc]  # gunicorn has no types.
    """One connection: its socket, what has come on it, what is still to go, and until when it may take its time."""

    def __init__(self, cfg: Any, line: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, line, client, server)
        self.line = line
        self.sock = Answer()
        self.initialized = True
        self.arrival = Arrival(largest_body)
        self.goes_on = False
        """Whether another request may follow."""
        self.deadline = 0.0

    @property
    def held(self) -> int:
        """Bytes that wait."""
        return len(self.arrival.data) + len(self.sock.data)

    def begin_handling(self) -> None:
        """Give the request to gunicorn's parser, and keep what came after it."""
        request, rest = self.arrival.split()
        self.goes_on = not self.arrival.is_cut_off
        self.parser = get_parser(self.cfg, [request], self.client)
        self.arrival = Arrival(largest_body)
        self.arrival.add(rest)


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threads, behind a loop that waits for slow clients."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.request_seconds: int = load()["REQUEST_SECONDS"]
        self.waiting: dict[Visit, None] = {}
        """Everybody who is not with a thread; who began to wait first comes first."""

    def accept(self, listener: socket.socket) -> None:
        """Let somebody in; when it is full, the one who has waited longest goes."""
        try:
            line, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections and self.waiting:
            self.end(next(iter(self.waiting)))
        self.expect_request(Visit(self.cfg, line, client, listener.getsockname()))

    def expect_request(self, visit: Visit) -> None:
        """Wait for a request to come, or handle the one that came behind the last."""
        if visit.arrival.data:
            self.wait(visit, self.read, selectors.EVENT_READ, self.request_seconds)
            self.look_at(visit)
        else:
            self.wait(visit, self.read, selectors.EVENT_READ, self.cfg.keepalive)

    def wait(self, visit: Visit, then: Callable[[Visit, Any], None], event: int, seconds: float) -> None:
        """Leave a connection to the loop until something can be done with it, and no longer than so many seconds."""
        visit.deadline = time.monotonic() + seconds
        self.waiting[visit] = None
        self.poller.register(visit.line, event, partial(self.go_on, then, visit))

    def go_on(self, then: Callable[[Visit, Any], None], visit: Visit, line: Any) -> None:
        """Do what was waited for, unless the connection was closed in the same turn of the loop."""
        if visit in self.waiting:
            then(visit, line)

    def stop_waiting(self, visit: Visit) -> None:
        """Take a connection from the loop."""
        del self.waiting[visit]
        self.poller.unregister(visit.line)

    def end(self, visit: Visit) -> None:
        """Close a connection that the loop waits for."""
        self.stop_waiting(visit)
        self.nr_conns -= 1
        visit.line.close()

    def read(self, visit: Visit, line: socket.socket) -> None:
        """Take what came. From the first byte on, the whole request has so many seconds, and what has come of it adds
        to them as much as it may take.
        """
        try:
            data = line.recv(AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.end(visit)
            return
        if not visit.arrival.data:
            visit.deadline = time.monotonic() + self.request_seconds
        visit.deadline += len(data) / SLOWEST
        visit.arrival.add(data)
        self.look_at(visit)

    def look_at(self, visit: Visit) -> None:
        """Hand a request to a thread when it has wholly come."""
        if visit.arrival.refusal:
            self.refuse(visit, visit.arrival.refusal)
        elif visit.arrival.is_whole:
            self.stop_waiting(visit)
            visit.begin_handling()
            self.enqueue_req(visit)
        elif visit.arrival.expects_word:
            visit.arrival.expects_word = False
            with suppress(OSError):
                visit.line.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def refuse(self, visit: Visit, status: HTTPStatus) -> None:
        """Answer without a thread, and let go."""
        with suppress(OSError):
            visit.line.send(f"HTTP/1.1 {status} {status.phrase}\r\nConnection: close\r\n\r\n".encode())
        self.stop_waiting(visit)
        self.linger(visit)

    def handle_request(self, req: Any, conn: Visit) -> bool:
        """Answer a request; in a thread. A body in chunks that make no sense is refused before the service reads it."""
        if conn.goes_on:
            req.body = io.BytesIO(req.body.read())
        return bool(super().handle_request(req, conn))

    def finish_request(self, visit: Visit, handled: Future[bool]) -> None:
        """A thread is done: send its answer."""
        visit.goes_on = visit.goes_on and not handled.cancelled() and handled.exception() is None and handled.result()
        self.wait(visit, self.write, selectors.EVENT_WRITE, self.cfg.timeout)
        self.write(visit, visit.line)

    def write(self, visit: Visit, line: socket.socket) -> None:
        """Send what the client takes at the moment; after the last of it, the next request may come."""
        try:
            sent = line.send(visit.sock.data)
        except BlockingIOError:
            return
        except OSError:
            self.end(visit)
            return
        del visit.sock.data[:sent]
        if visit.sock.data:
            return
        self.stop_waiting(visit)
        if visit.goes_on:
            self.expect_request(visit)
        else:
            self.linger(visit)

    def linger(self, visit: Visit) -> None:
        """Say that nothing more comes, and close once the client has: closing while something unread has come would
        take the answer away from under it (RFC 9112 section 9.6).
        """
        with suppress(OSError):
            visit.line.shutdown(socket.SHUT_WR)
        visit.arrival = Arrival(largest_body)
        self.wait(visit, self.drain, selectors.EVENT_READ, LINGER_SECONDS)

    def drain(self, visit: Visit, line: socket.socket) -> None:
        """Throw away what still comes."""
        try:
            if line.recv(AT_ONCE):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self.end(visit)

    def murder_pending(self) -> None:
        """Let go who is over time, and whoever has waited longest while too much is held. gunicorn calls this at least
        once a second, and calls it so.
        """
        now, held = time.monotonic(), 0
        for visit in reversed(list(self.waiting)):
            held += visit.held
            if visit.deadline > now and held <= MOST_HELD:
                continue
            if visit.arrival.data and not visit.sock.data:
                self.refuse(visit, HTTPStatus.REQUEST_TIMEOUT)
            else:
                self.end(visit)

    def _cap_keepalive(self, deadline: float) -> None:
        """When the service stops, who has not begun to ask is not waited for."""
        for visit in self.waiting:
            if not visit.held:
                visit.deadline = min(visit.deadline, deadline)
