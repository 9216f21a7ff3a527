"""A provider of texts that takes 50 ms for each, and next to no processor time: ``python -m bench.slow_twilio``.

It prints its port, answers what Twilio answers, and says on ``/count`` how many texts it took and about how many
messages.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.processes import PATIENCE, ending

TAKES = 0.05  # seconds
ACCOUNT = "AC" + "0" * 32
HEAD = b"HTTP/1.1 201 CREATED\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
LENGTH, REFERENCE = b"content-length:", b"StatusCallback="


class _Connection(asyncio.Protocol):
    taken = 0
    references: set[bytes] = set()  # noqa: RUF012 -- of the process

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._read = b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end].lower()
            at = head.find(LENGTH)
            length = int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._read) < end + 4 + length:
                return
            self._answer(head, self._read[end + 4 : end + 4 + length])
            self._read = self._read[end + 4 + length :]

    def _answer(self, head: bytes, body: bytes) -> None:
        kind = type(self)
        if head.startswith(b"get"):
            counts = json.dumps({"taken": kind.taken, "messages": len(kind.references)}).encode()
            self._transport.write(HEAD % (len(counts), counts))
            return
        kind.taken += 1
        kind.references.add(body.partition(REFERENCE)[2].partition(b"&")[0])
        made = b'{"sid": "SM%032x", "status": "queued"}' % kind.taken
        asyncio.get_running_loop().call_later(TAKES, self._transport.write, HEAD % (len(made), made))


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@dataclass(frozen=True, slots=True)
class SlowTwilio:
    """One that runs."""

    url: str

    def count(self) -> tuple[int, int]:
        """How many texts it took, and about how many messages."""
        with urllib.request.urlopen(f"{self.url}/count", timeout=PATIENCE) as answer:  # noqa: S310 -- ours
            found = json.load(answer)
        return found["taken"], found["messages"]

    @property
    def environ(self) -> dict[str, str]:
        """What makes the service send there."""
        return {
            "TWILIO_API_URL": self.url,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": "a token",
            "TWILIO_FROM": "+13035550100",
        }


@contextmanager
def running() -> Iterator[SlowTwilio]:
    """One in a process of its own, until the end of the block."""
    command = [sys.executable, "-m", "bench.slow_twilio"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)  # noqa: S603 -- ours
    with ending(process):
        assert process.stdout is not None
        with process.stdout as said:
            yield SlowTwilio(f"http://127.0.0.1:{int(said.readline())}")


if __name__ == "__main__":
    asyncio.run(_serve())
