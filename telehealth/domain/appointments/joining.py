"""When a virtual room may be entered."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

OPENS_BEFORE = timedelta(minutes=15)


class Door(StrEnum):
    """The state of the way into a room."""

    NOT_YET = "not_yet"
    OPEN = "open"
    OVER = "over"


def opens_at(starts_at: datetime) -> datetime:
    """When the room opens (``OPENS_BEFORE``): time to try camera and sound, not long enough to wait alone."""
    return starts_at - OPENS_BEFORE


def door_of(starts_at: datetime, ends_at: datetime, *, now: datetime) -> Door:
    """Open from ``opens_at`` until the end (half-open). All instants aware."""
    if now < opens_at(starts_at):
        return Door.NOT_YET
    return Door.OPEN if now < ends_at else Door.OVER
