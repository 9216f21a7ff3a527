"""Clients that take their time, at the real server with one worker: nobody else waits for them, and they are let go."""

from __future__ import annotations

import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from config import LARGEST_REQUEST, LARGEST_UPLOAD
from tests.journeys.test_serving import PATIENCE, Service
from webserver.worker import SLOWEST

MANY = 60
"""More than the threads of a worker, several times over."""
REQUEST_SECONDS = 2
GET = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /api/v1/practices/elm/appointments HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
IN_CHUNKS = b"Transfer-Encoding: chunked\r\n\r\n"
PIECE = b"x" * 32 * 1024
LONGEST_PAGE = b"GET /static/build/swagger/swagger-ui-bundle.js HTTP/1.1\r\nHost: a\r\n\r\n"

Dial = Callable[[bytes], socket.socket]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Service]:
    """The web server alone, as `flask serve` starts it."""
    folder = tmp_path_factory.mktemp("slow")
    shutil.copy(migrated, folder / "telehealth.db")
    service = Service(folder)
    service.environment |= {"REQUEST_SECONDS": str(REQUEST_SECONDS), "XDG_RUNTIME_DIR": str(folder)}
    gunicorn = (sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn")
    service.start(*gunicorn, "--bind", f"127.0.0.1:{service.port}", "wsgi:app")
    yield service
    assert service.stop(signal.SIGTERM) == 0


@pytest.fixture
def dial(service: Service) -> Iterator[Dial]:
    """Open a connection and say something."""
    with ExitStack() as open_lines:

        def dial(said: bytes) -> socket.socket:
            line = open_lines.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE))
            line.sendall(said)
            return line

        yield dial


def test_two_services_of_one_user_share_nothing(service: Service) -> None:
    """gunicorn's control socket would lie here, and the second one would complain that it is there."""
    assert [path.name for path in service.folder.iterdir() if path.is_socket()] == []


def everything(line: socket.socket) -> bytes:
    """What comes until the other side closes."""
    said = b""
    with suppress(ConnectionResetError):
        while more := line.recv(65536):
            said += more
    return said


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HT",
        GET[:-2],
        POST + b"Content-Length: 10\r\n\r\n{",
        POST + IN_CHUNKS + b"5\r\n{",
    ],
    ids=["silent", "half a line", "half a head", "half a body", "half a chunk"],
)
def test_those_who_do_not_finish_hold_nobody_up_and_are_let_go(service: Service, dial: Dial, said: bytes) -> None:
    slow = [dial(said) for _ in range(MANY)]
    assert service.get("/health") is not None
    answers = {everything(line).partition(b"\r\n")[0] for line in slow}
    assert answers == {b"HTTP/1.1 408 Request Timeout" if said else b""}


@pytest.mark.parametrize("begun", [GET[:-2] + b"X: ", POST + b"Content-Length: 9999\r\n\r\n"], ids=["head", "body"])
def test_a_drip_does_not_put_the_end_off(service: Service, dial: Dial, begun: bytes) -> None:
    dripping = [dial(begun) for _ in range(MANY)]
    assert service.get("/health") is not None
    line = dripping[0]
    line.settimeout(0.1)
    drops = 0
    while drops < 10 * PATIENCE:
        try:
            answer = line.recv(1000)
            break
        except TimeoutError:
            line.sendall(b"x")
            drops += 1
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert drops > 5


def test_those_who_do_not_listen_hold_nobody_up(service: Service, dial: Dial) -> None:
    deaf = [dial(LONGEST_PAGE * 3) for _ in range(MANY)]
    assert service.get("/health") is not None
    for line in deaf[:3]:
        line.shutdown(socket.SHUT_WR)
        assert everything(line).count(b"HTTP/1.1 200 OK") == 3


def test_requests_may_follow_one_another(dial: Dial) -> None:
    line = dial(GET * 3 + GET[:20])
    line.sendall(GET[20:-4] + b"\r\nConnection: close\r\n\r\n")
    assert everything(line).count(b"HTTP/1.1 200 OK") == 4


@pytest.mark.parametrize(
    "said",
    [b"Content-Length: 2\r\n\r\n{}", IN_CHUNKS + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"],
    ids=["of a length", "in chunks"],
)
def test_bodies_arrive(dial: Dial, said: bytes) -> None:
    answer = everything(dial(POST + b"Connection: close\r\n" + said))
    assert answer.startswith(b"HTTP/1.1 422 ")
    assert b"invalid_input" in answer


def test_a_picture_may_be_large(dial: Dial) -> None:
    head = (
        b"PUT /api/v1/practices/elm/logo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n"
    )
    body = b"x" * (LARGEST_UPLOAD - 1)
    assert everything(dial(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)).startswith(b"HTTP/1.1 401 ")


def test_a_picture_may_take_its_time(dial: Dial) -> None:
    """Over a slow line it takes longer than a request may, and is waited for as long as it goes on coming."""
    head = (
        b"PUT /api/v1/practices/elm/logo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n"
    )
    pieces = 20 * REQUEST_SECONDS
    line = dial(head + b"Content-Length: %d\r\n\r\n" % (pieces * len(PIECE)))
    line.settimeout(0.1)
    for _ in range(pieces):
        with pytest.raises(TimeoutError):
            line.recv(1)
        line.sendall(PIECE)
    line.settimeout(PATIENCE)
    assert everything(line).startswith(b"HTTP/1.1 401 ")


def test_who_only_says_that_much_will_come_is_let_go(service: Service, dial: Dial) -> None:
    head = b"PUT /api/v1/practices/elm/logo HTTP/1.1\r\nHost: a\r\n"
    line = dial(head + b"Content-Length: %d\r\n\r\n" % LARGEST_UPLOAD + PIECE)
    began = time.monotonic()
    assert everything(line).startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - began < 3 * REQUEST_SECONDS + len(PIECE) / SLOWEST


def test_who_asks_whether_to_send_a_body_is_told(dial: Dial) -> None:
    line = dial(POST + b"Connection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert line.recv(25, socket.MSG_WAITALL) == b"HTTP/1.1 100 Continue\r\n\r\n"
    line.sendall(b"{}")
    assert b"HTTP/1.1 422 " in everything(line)


REFUSED = {
    "body": (POST + b"Content-Length: %d\r\n\r\n" % (LARGEST_REQUEST + 1), 413),
    "endless head": (b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000, 431),
    "header": (b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", 431),
    "address": (b"GET /" + b"x" * 5_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "nonsense": (b"nonsense\r\n\r\n", 400),
    "chunks": (POST + IN_CHUNKS + b"zz\r\n", 400),
    "extension": (POST + IN_CHUNKS + b"2;\x01\r\n{}\r\n0\r\n\r\n", 400),
    "trailer": (POST + IN_CHUNKS + b"2\r\n{}\r\n0\r\nno trailer\r\n\r\n", 400),
    "chunk": (POST + IN_CHUNKS + b"ffffffff\r\n{}", 413),
    "all chunks": (POST + IN_CHUNKS + (b"8000\r\n" + b"x" * 0x8000 + b"\r\n") * 9 + b"0\r\n\r\n", 413),
    "two lengths": (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
}


@pytest.mark.parametrize(("said", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_too_large_or_makes_no_sense_is_refused_at_once(dial: Dial, said: bytes, status: int) -> None:
    assert everything(dial(said)).startswith(b"HTTP/1.1 %d " % status)


def test_who_goes_away_is_forgotten(service: Service, dial: Dial) -> None:
    for said in (b"", GET[:9], GET, LONGEST_PAGE):
        for _ in range(MANY):
            dial(said).close()
    assert service.get("/health") is not None
