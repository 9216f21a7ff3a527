"""When a virtual room may be entered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from telehealth.domain.bounds import Bounds

LIMITS: Bounds = {
    "room_opens_minutes": (5, 120, "Please choose from 5 minutes to two hours (120 minutes) before the start."),
    "room_stays_minutes": (0, 240, "Please choose from 0 minutes to four hours (240 minutes) after the end."),
}
"""Of ``RoomHours``, as a practice sets them."""


class Door(StrEnum):
    """The state of the way into a room."""

    NOT_YET = "not_yet"
    OPEN = "open"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class RoomHours:
    """How long before the start a room opens: time to try camera and sound, not long enough to wait alone. And how long
    it stays open after the end: whoever drops out of a session that runs over has to find the way back.
    """

    opens_minutes: int = 15
    stays_minutes: int = 30

    def opens_at(self, starts_at: datetime) -> datetime:
        """When the room of what starts then opens."""
        return starts_at - timedelta(minutes=self.opens_minutes)

    def closes_at(self, ends_at: datetime) -> datetime:
        """When the room of what ends then closes, unless it is in use."""
        return ends_at + timedelta(minutes=self.stays_minutes)

    def door_of(self, starts_at: datetime, ends_at: datetime, *, now: datetime, is_in_use: bool = False) -> Door:
        """Open from ``opens_at`` until ``closes_at`` (half-open), and longer while it is in use
        (``domain.video.calls.is_in_use``). All instants aware.
        """
        if now < self.opens_at(starts_at):
            return Door.NOT_YET
        return Door.OPEN if is_in_use or now < self.closes_at(ends_at) else Door.OVER


USUAL = RoomHours()
"""Where a practice has said nothing else."""
