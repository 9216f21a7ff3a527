"""A mail server in a process of its own, so that it outlives workers that are killed.

It writes the Message-ID of every mail into a journal, a line each, before it says that it has the mail: whatever
becomes of the answer, the journal says how often each mail of ours was taken.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import TextIO

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.adapters.mail_server import HOST, free_port

ROOT = Path(__file__).resolve().parents[1]


class Sink:
    """Takes everything, and keeps nothing but its name."""

    def __init__(self, journal: TextIO) -> None:
        self.journal = journal

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.SMTP)
        self.journal.write(f"{message['Message-ID']}\n")
        return "250 OK"


def main() -> None:
    """Run until told to stop. The first line of output is the port."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--journal", required=True)
    stop = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stop.set())
    with Path(parser.parse_args().journal).open("a", buffering=1) as journal:
        controller = Controller(Sink(journal), hostname=HOST, port=free_port())
        controller.start()
        print(controller.port, flush=True)  # noqa: T201 -- whoever started it reads it
        stop.wait()
        controller.stop()


def accepted(journal: Path) -> list[str]:
    """The references of what was accepted so far: our message ids."""
    lines = journal.read_text().splitlines() if journal.exists() else []
    return [line.strip("<>").partition("@")[0] for line in lines]


@contextmanager
def running(journal: Path) -> Iterator[int]:
    """A mail server in a process of its own, for as long as the block; its port."""
    command = [sys.executable, "-m", "tests.smtp_process", f"--journal={journal}"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603 -- ourselves
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(timeout=40)
        process.stdout.close()


if __name__ == "__main__":
    main()
