"""How often somebody asked, counted in this process: where ``RATE_LIMIT_STORAGE`` is "memory://".

The library's own counters start a thread with nearly every request, to forget what is over. These forget it while they
count, once a minute. They take their place as soon as this module is loaded, for pages and for programs.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

from limits.storage import Storage

from telehealth import clock

SWEPT_EVERY = 60.0
"""Seconds."""


class RequestCounts(Storage):
    """Counts by key, each in a window that begins with the first request and lasts as long as its limit says."""

    STORAGE_SCHEME = ["memory"]  # noqa: RUF012 -- the library reads it of the class

    def __init__(self, uri: str | None = None, **options: Any) -> None:
        super().__init__(uri, **options)
        self._windows: dict[str, tuple[int, float]] = {}
        self._swept_at = 0.0
        self._lock = Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing can fail here that would be no fault of ours."""
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and say how many there are now in the window."""
        now = _seconds()
        with self._lock:
            self._forget(now)
            count, ends = self._windows.get(key, (0, now + expiry))
            if ends <= now:
                count, ends = 0, now + expiry
            self._windows[key] = count + amount, ends
        return count + amount

    def get(self, key: str) -> int:
        """How many there are in the window."""
        count, ends = self._windows.get(key, (0, 0.0))
        return count if ends > _seconds() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in epoch seconds; now when there is none."""
        return max(self._windows.get(key, (0, 0.0))[1], _seconds())

    def check(self) -> bool:
        """Whether it can be reached."""
        return True

    def reset(self) -> int:
        """Forget everything, and say how many there were."""
        with self._lock:
            count = len(self._windows)
            self._windows.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget one."""
        with self._lock:
            self._windows.pop(key, None)

    def _forget(self, now: float) -> None:
        if now - self._swept_at >= SWEPT_EVERY:
            self._windows = {key: window for key, window in self._windows.items() if window[1] > now}
            self._swept_at = now


def _seconds() -> float:
    return clock.now().timestamp()
