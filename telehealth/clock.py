"""The only caller of the system clock. Doors read it once a request, tick or command and pass ``now`` down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

_clock: Callable[[], datetime] = partial(datetime.now, UTC)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _clock()


@contextmanager
def running_on(clock: Callable[[], datetime]) -> Iterator[None]:
    """Another clock for a while, for the whole process: demonstrations and tests stand at an instant they chose."""
    global _clock  # noqa: PLW0603 -- a process has one clock
    before, _clock = _clock, clock
    try:
        yield
    finally:
        _clock = before
