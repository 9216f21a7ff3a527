"""What a client may still change, by the terms they agreed to; and until when they are left to themselves with what we
asked them to change.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from telehealth.domain.words import LateChange

DESK_GOES_ON = timedelta(hours=24)
"""Before the start: who was asked for another time in good time, and has chosen none by then, is called."""


class ChangeTerms(Protocol):
    """A version of the cancellation terms; minutes before the start."""

    @property
    def window_minutes(self) -> int: ...
    @property
    def when_late(self) -> LateChange: ...


class Freedom(StrEnum):
    """How free a client is to change an appointment at some moment."""

    FREE = "free"
    LATE = "late"  # Cancelling works and is marked as late; moving is left to a call.
    CALL = "call"
    OVER = "over"  # It has begun.


def freedom_to_change(
    terms: ChangeTerms | None, *, starts_at: datetime, changed_at: datetime, grace_minutes: int, now: datetime
) -> Freedom:
    """What a client may do at ``now`` (aware instants). Without terms, everything until the start.

    Whoever changes their mind within the grace after ``changed_at`` (the booking, or the last move) was never late:
    nobody has been told of it yet.
    """
    if now >= starts_at:
        return Freedom.OVER
    if terms is None or now < starts_at - timedelta(minutes=terms.window_minutes):
        return Freedom.FREE
    if now < changed_at + timedelta(minutes=grace_minutes):
        return Freedom.FREE
    return Freedom.LATE if terms.when_late == LateChange.MARK else Freedom.CALL


def when_desk_goes_on(*, asked_at: datetime, starts_at: datetime) -> datetime:
    """A day before the start; who was asked later than that has half of the time that is left. Instants are aware."""
    return max(starts_at - DESK_GOES_ON, asked_at + (starts_at - asked_at) / 2)
