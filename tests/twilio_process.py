"""The small Twilio in a process of its own, so that it outlives workers that are killed.

It writes every message that it accepts into a journal, one JSON object a line, at the moment of accepting: whatever
becomes of the answer, the journal says how often each message of ours was taken.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import requests

from tests.fake_twilio import Accept, Answer, Drop, FakeTwilio, Garble, Hang, Refuse

ROOT = Path(__file__).resolve().parents[1]
LATEST = 0.5  # seconds that a rough callback may be late
TROUBLES: tuple[Answer, ...] = (
    Refuse(429, 20429, retry_after="1"),
    Refuse(503, 20503),
    Refuse(500),
    Drop(accepted=True),
    Drop(accepted=False),
    Garble(),
)


@dataclass
class Weather:
    """A mood: a share of requests goes wrong in one of the ways of ``TROUBLES``, or hangs, when that is wanted."""

    trouble: float
    hangs: bool
    dice: random.Random

    def __call__(self) -> Answer:
        if self.dice.random() >= self.trouble:
            return Accept()
        hanging = (Hang(accepted=True), Hang(accepted=False)) if self.hangs else ()
        return self.dice.choice(TROUBLES + hanging)


@dataclass
class Reporter:
    """Posts what becomes of each message to its callback: "once", in order; "rough", which is late, twice, shuffled or
    not at all; or "none".
    """

    manner: str
    dice: random.Random
    pool: ThreadPoolExecutor

    def report(self, twilio: FakeTwilio, message: dict[str, Any]) -> None:
        if self.manner == "none" or not message["status_callback"]:
            return
        statuses = ["sent", "delivered"]
        late = 0.0
        if self.manner == "rough":
            statuses = self.dice.sample(statuses * 2, k=self.dice.randrange(5))
            late = self.dice.uniform(0, LATEST)
        timer = threading.Timer(late, self._submit, (twilio, message, statuses))
        timer.daemon = True
        timer.start()

    def _submit(self, twilio: FakeTwilio, message: dict[str, Any], statuses: list[str]) -> None:
        with suppress(RuntimeError):  # The process is about to end.
            self.pool.submit(self._post, twilio, message, statuses)

    def _post(self, twilio: FakeTwilio, message: dict[str, Any], statuses: list[str]) -> None:
        for status in statuses:
            with suppress(requests.RequestException):  # A callback that nobody takes is lost, as at Twilio.
                twilio.post(twilio.end(message, status))


def main() -> None:
    """Run until told to stop. The first line of output is the address."""
    wanted = _arguments().parse_args()
    dice = random.Random(wanted.seed)
    stop = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stop.set())
    with Path(wanted.journal).open("a", buffering=1) as journal, ThreadPoolExecutor(4) as pool:
        reporter, writing = Reporter(wanted.callbacks, dice, pool), threading.Lock()

        def taken(message: dict[str, Any]) -> None:
            with writing:
                _note(journal, message)
            reporter.report(twilio, message)

        twilio = FakeTwilio(
            now=lambda: datetime.now(UTC),
            port=wanted.port,
            at_once=wanted.at_once,
            latency=wanted.latency,
            mood=Weather(wanted.trouble, wanted.hangs, dice),
            on_accept=taken,
        )
        with twilio:
            print(twilio.url, flush=True)  # noqa: T201 -- whoever started it reads it
            stop.wait()


def accepted(journal: Path) -> list[dict[str, str]]:
    """What was accepted so far: sid, reference (our message id), to and body of each, and at which instant."""
    return [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []


@contextmanager
def running(journal: Path, **options: Any) -> Iterator[str]:
    """A Twilio in a process of its own, for as long as the block; its address. Options are those of the command."""
    given = [f"--{name.replace('_', '-')}={value}" for name, value in options.items() if value is not True]
    flags = [f"--{name}" for name, value in options.items() if value is True]
    command = [sys.executable, "-m", "tests.fake_twilio", f"--journal={journal}", *given, *flags]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603 -- ourselves
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(timeout=40)
        process.stdout.close()


def _note(journal: TextIO, message: Mapping[str, Any]) -> None:
    reference = str(message["status_callback"] or "").rpartition("/")[2]
    kept = {"sid": message["sid"], "reference": reference, "to": message["to"], "body": message["body"]}
    kept["at"] = datetime.now(UTC).isoformat()
    journal.write(json.dumps(kept) + "\n")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--journal", required=True)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that every answer takes")
    parser.add_argument("--at-once", type=int, default=None, help="requests at the same moment; more get 429")
    parser.add_argument("--trouble", type=float, default=0.0, help="the share of requests that goes wrong")
    parser.add_argument("--hangs", action="store_true", help="some of them are never answered")
    parser.add_argument("--callbacks", choices=("none", "once", "rough"), default="none")
    parser.add_argument("--seed", type=int, default=0)
    return parser
