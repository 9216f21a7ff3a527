"""The only caller of the system clock. Doors read it once a request, tick or command and pass ``now`` down."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)
