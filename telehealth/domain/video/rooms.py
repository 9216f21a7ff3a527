"""Rooms at video services where one has to be made for each appointment before anybody can enter.

A room is made a day ahead and given back when it is not needed any more. While it cannot be made, people would meet in
our own room; once the doors are open that holds, so that nobody waits in one room while the others are in another.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from telehealth.domain.ports import RoomService, VideoFailure
from telehealth.domain.words import AppointmentStatus, VideoKind

NEED_ROOM: Final = frozenset({VideoKind.DAILY, VideoKind.ZOOM})
"""Where a room has to be made for each appointment."""
MEET: Final = (AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED)
"""An appointment that stands so has a room."""
MADE_AHEAD: Final = timedelta(hours=24)
AWAITED_FOR: Final = timedelta(seconds=45)
"""Who comes to an open door, while the room that was just chosen is being made, waits for it so long at most."""
KEPT_AFTER: Final = timedelta(hours=1)
"""After the door has closed: a session may run over, and giving the room back would end it."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
TOLD_AFTER: Final = 3
"""So many attempts fail before a person is asked to look: most trouble is over in a minute."""
GIVEN_BACK_FOR: Final = 8
"""So many attempts to give a room back; then it is left to end by itself."""


class RoomState(StrEnum):
    """How it stands with the room of one appointment at one video service."""

    WANTED = "wanted"  # It is to be made, or to be changed to other times.
    FAILING = "failing"  # It could not be made. That is tried on, until the door opens.
    STANDS = "stands"
    GIVEN_UP = "given_up"  # It was not there when the door opened: they meet in our own room.
    LEAVING = "leaving"  # It is to be given back.
    GONE = "gone"


TO_DO: Final = frozenset({RoomState.WANTED, RoomState.FAILING, RoomState.LEAVING})
"""What somebody has to carry to a video service."""
UNMADE: Final = frozenset({RoomState.WANTED, RoomState.FAILING})
KEPT: Final = frozenset({RoomState.WANTED, RoomState.FAILING, RoomState.STANDS, RoomState.GIVEN_UP})
"""Until the appointment does not want it any more."""
FALLEN_BACK: Final = frozenset({RoomState.FAILING, RoomState.GIVEN_UP})
"""They meet in our own room, as things are."""


NEEDS_SOMEBODY: Final = frozenset({VideoFailure.REFUSED, VideoFailure.NOT_ALLOWED, VideoFailure.NO_HOST})
"""What no trying again mends."""


RoomServices = Mapping[VideoKind, RoomService]


def gives_up_at(*, opens_at: datetime, wanted_at: datetime) -> datetime:
    """From when on people meet in our own room if no other one stands: once the door is open, or, where the room was
    chosen later than that, after they have waited for it (``AWAITED_FOR``).
    """
    return max(opens_at, wanted_at + AWAITED_FOR)
