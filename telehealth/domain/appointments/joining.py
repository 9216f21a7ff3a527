"""When a virtual room may be entered."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

OPENS_BEFORE = timedelta(minutes=15)
STAYS_OPEN = timedelta(minutes=30)
"""After the end: a session may run over, and whoever drops out of it has to find the way back."""


class Door(StrEnum):
    """The state of the way into a room."""

    NOT_YET = "not_yet"
    OPEN = "open"
    OVER = "over"


def opens_at(starts_at: datetime) -> datetime:
    """When the room opens (``OPENS_BEFORE``): time to try camera and sound, not long enough to wait alone."""
    return starts_at - OPENS_BEFORE


def closes_at(ends_at: datetime) -> datetime:
    """When the room closes (``STAYS_OPEN``)."""
    return ends_at + STAYS_OPEN


def door_of(starts_at: datetime, ends_at: datetime, *, now: datetime) -> Door:
    """Open from ``opens_at`` until ``closes_at`` (half-open). All instants aware."""
    if now < opens_at(starts_at):
        return Door.NOT_YET
    return Door.OPEN if now < closes_at(ends_at) else Door.OVER
