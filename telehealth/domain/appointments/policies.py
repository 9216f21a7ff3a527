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

LEAST_NOTICE = timedelta(hours=1)
"""Before the start: later than this no answer to a request is promised."""


class ChangeTerms(Protocol):
    """A version of the cancellation terms; minutes before the start."""

    @property
    def window_minutes(self) -> int: ...
    @property
    def when_late(self) -> LateChange: ...


class AnswersRequests(Protocol):
    """A service, as far as it says how long a request waits and how much notice it needs, in minutes."""

    @property
    def approval_minutes(self) -> int: ...
    @property
    def notice_minutes(self) -> int: ...


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


def end_of_request(service: AnswersRequests, starts_at: datetime, *, now: datetime) -> datetime:
    """Until when a request that is made now may wait for its answer: as long as the service lets it, and not into the
    notice that it needs before a start (an hour at the least), when a yes comes too late to get ready, or a no to look
    for another time. One that is made near that has half of the time that is left. Instants are aware.
    """
    in_time = starts_at - max(LEAST_NOTICE, timedelta(minutes=service.notice_minutes))
    half_way = now + (starts_at - now) / 2
    return min(now + timedelta(minutes=service.approval_minutes), max(in_time, half_way))
