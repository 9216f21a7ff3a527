"""Many callers at the same moment, as threads and as processes, each with a connection of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from flask import Flask

from telehealth import clock
from telehealth.database import db
from tests import databases
from tests.moments import NOW

PATIENCE = 40  # seconds until whoever has not come back counts as hanging
PROCESSES = 4
FORKS = get_context("forkserver")  # Processes come from one that has no threads yet, and imports everything once.
FORKS.set_forkserver_preload(["telehealth.app", "tests.databases", "tests.concurrency.worker"])


@dataclass(frozen=True)
class Outcome:
    """What came of one call: the name of the error, or the id of what it gave."""

    error: str = "it hangs"
    value: Any = None


Call = Callable[[], Any]
_barrier: Barrier | None = None


def in_threads(app: Flask, calls: Sequence[Call]) -> list[Outcome]:
    """All calls at once, in threads. Whoever hangs is reported as hanging."""
    outcomes = [Outcome()] * len(calls)
    start = threading.Barrier(len(calls))

    def run(index: int, call: Call) -> None:
        start.wait(PATIENCE)
        outcomes[index] = _attempt(app, call)

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(calls)]
    deadline = time.monotonic() + PATIENCE
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return outcomes


def _attempt(app: Flask, call: Call) -> Outcome:
    with app.app_context():
        try:
            given = call()
        except Exception as error:  # noqa: BLE001 -- the test judges which errors may happen
            return Outcome(error=type(error).__name__, value=str(error))
        return Outcome(error="", value=getattr(given, "id", given))


def look_again() -> None:
    """Forget what this session has read: what follows sees what everybody else has committed."""
    db.session.rollback()
    db.session.expire_all()


class Processes:
    """Processes that wait for work, each with its own app and its own threads."""

    def __init__(self) -> None:
        barrier = FORKS.Barrier(PROCESSES)
        self._pool = ProcessPoolExecutor(PROCESSES, mp_context=FORKS, initializer=_begin, initargs=(barrier,))

    def run(self, url: str, folder: Path, calls: Sequence[Call]) -> list[Outcome]:
        """All calls at once, spread over the processes."""
        shares = [calls[number::PROCESSES] for number in range(PROCESSES)]
        waiting: list[Future[list[Outcome]]] = [self._pool.submit(_run_share, url, folder, share) for share in shares]
        return [outcome for future in waiting for outcome in future.result(PATIENCE * 2)]

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def _begin(barrier: Barrier) -> None:
    global _barrier  # noqa: PLW0603 -- one a process
    _barrier = barrier


@cache
def _app(url: str, folder: Path) -> Flask:
    return databases.make_app(url, folder=folder, DATABASE_POOL_SIZE=1)


def _run_share(url: str, folder: Path, calls: Sequence[Call]) -> list[Outcome]:
    app = _app(url, folder)
    assert _barrier is not None
    _barrier.wait(PATIENCE)
    with clock.running_on(_now):
        outcomes = in_threads(app, calls)
    databases.close(app)
    return outcomes


def _now() -> datetime:
    return NOW
