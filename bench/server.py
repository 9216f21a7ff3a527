"""gunicorn on a port of its own, and a client that costs as little as possible.

The workers are of the sync class: with threads and kept connections, all connections may end up with one worker, and
the same figure jumps by four from run to run.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from flask import Flask

from bench.processes import PATIENCE, ending, peak_of, spent_by

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens, and its first process."""

    port: int
    process: int

    def send(self, request: bytes, *, may_lose: bool = False) -> bytes:
        """One request on a connection of its own; the whole answer. Raises AssertionError for a refusal, unless it is
        the one that losers of a race get.
        """
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            connection.sendall(request)
            answer = b"".join(iter(lambda: connection.recv(1 << 20), b""))
        status = answer[9:12]
        assert status in {b"200", b"201", b"304"} or (may_lose and status == b"409"), answer[:1000].decode()
        return answer

    def per_second(self, requests: Sequence[bytes], *, clients: int) -> float:
        """How many requests are answered in a second when so many clients send them, each one after the other."""
        with ThreadPoolExecutor(clients) as crowd:
            begun = time.perf_counter()
            for _ in crowd.map(self.send, requests):
                pass
            return len(requests) / (time.perf_counter() - begun)

    def peak(self) -> float:
        """The most memory that any worker ever held, in MiB."""
        return max(map(peak_of, self._workers()))

    def spent(self) -> float:
        """Seconds of processor time that its workers have had so far, to the microsecond."""
        return sum(map(spent_by, self._workers()))

    def _workers(self) -> list[int]:
        return [*map(int, Path(f"/proc/{self.process}/task/{self.process}/children").read_text().split())]


@contextmanager
def running(application: str, environ: Mapping[str, str], *, workers: int = 1) -> Iterator[Server]:
    """Serve an application ("module:name") until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener, tempfile.TemporaryFile() as said:
        port, number = listener.getsockname()[1], listener.fileno()
        gunicorn = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", application]
        process = subprocess.Popen(  # noqa: S603 -- our own command
            [*gunicorn, "--bind", f"fd://{number}", "--worker-class=sync", "--threads=1", f"--workers={workers}"],
            cwd=ROOT,
            env={**os.environ, **environ},
            stderr=said,
            pass_fds=[number],
            start_new_session=True,  # A Ctrl-C is for us: requests that are under way get their answer first.
        )
        with ending(process):
            try:
                yield Server(port, process.pid)
            except Exception as error:
                said.seek(0)
                error.add_note(f"{application} said last:\n{said.read().decode()[-4000:]}")
                raise


def answer_here(app: Flask, request: bytes) -> bytes:
    """The same request and its answer's body in this process, without HTTP. Raises AssertionError for a refusal."""
    head, _, body = request.partition(b"\r\n\r\n")
    method, path, _ = head.decode().split(" ", 2)
    answer = app.test_client().open(path, method=method, data=body, content_type="application/json")
    assert answer.status_code in {HTTPStatus.OK, HTTPStatus.CREATED}, answer.text[:1000]
    return answer.data


def get(path: str, *headers: str) -> bytes:
    """The bytes of a request."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: bench", "Connection: close", *headers, "", ""]).encode()


def post(path: str, body: bytes, *headers: str) -> bytes:
    """The bytes of a request with a JSON body."""
    fields = ["Host: bench", "Connection: close", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([f"POST {path} HTTP/1.1", *fields, *headers, "", ""]).encode() + body
