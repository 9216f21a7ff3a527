"""What follows for a message that a provider did not take. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from telehealth.domain.message_words import Channel, MessageStatus, Reason
from telehealth.domain.ports import DeliveryFailed, Remedy
from telehealth.domain.waits import LONGEST_ASKED, wait_before_next

ASK_AFTER = timedelta(minutes=1)
ASK_UNTIL = timedelta(days=1)
COPIES_FOR = timedelta(hours=1)
OUR_FAULT_WAIT = timedelta(minutes=15)
OUT_OF_REACH_WAIT = timedelta(minutes=30)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
OUR_FAULT_UNTIL = timedelta(hours=1)
"""How long a text waits for somebody to put our set-up right; then it is said by e-mail instead."""
NEVER_AGAIN = frozenset(
    {Remedy.GIVE_UP, Remedy.UNKNOWN, Remedy.FILTERED, Remedy.SUPPRESS, Remedy.BLOCKED, Remedy.BAD_ADDRESS, Remedy.DOUBT}
)
REASONS: Mapping[Remedy, Reason] = {
    Remedy.RETRY: Reason.PROVIDER_BUSY,
    Remedy.RETRY_LATER: Reason.OUT_OF_REACH,
    Remedy.ASK: Reason.NO_ANSWER,
    Remedy.GIVE_UP: Reason.REFUSED,
    Remedy.UNKNOWN: Reason.REFUSED,
    Remedy.FILTERED: Reason.FILTERED,
    Remedy.SUPPRESS: Reason.RECIPIENT_STOPPED,
    Remedy.BLOCKED: Reason.RECIPIENT_BLOCKS,
    Remedy.BAD_ADDRESS: Reason.CANNOT_RECEIVE,
    Remedy.DOUBT: Reason.MAY_BE_NOBODYS,
    Remedy.ALERT: Reason.OUR_ACCOUNT,
}


class Attempt(Protocol):
    """One try to send a message: the how manieth, since when, how long it is useful, and whether an earlier one may
    have gone through (``ask_since``).
    """

    @property
    def channel(self) -> Channel: ...
    @property
    def attempts(self) -> int: ...
    @property
    def first_tried_at(self) -> datetime: ...
    @property
    def not_after(self) -> datetime: ...
    @property
    def ask_since(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of the message: PLANNED again for ``due_at``, or FAILED. ``unsure``: ask before the next try."""

    status: MessageStatus
    reason: Reason
    due_at: datetime
    unsure: bool


def after_failure(attempt: Attempt, failure: DeliveryFailed, *, spread: float, now: datetime) -> Step:
    """What follows when ``attempt`` ended in ``failure`` at the aware instant ``now``.

    ``spread`` lengthens the wait, 1.0 to 1.1, so that what failed together does not come back together.
    """
    again_at = now + _wait(failure, attempt.attempts) * spread
    unsure = attempt.ask_since is not None or failure.remedy == Remedy.ASK
    give_up_at = attempt.not_after + ASK_UNTIL if unsure else _give_up_at(attempt, failure)
    if failure.remedy in NEVER_AGAIN or (failure.remedy == Remedy.RETRY_LATER and attempt.attempts > 1):
        return Step(MessageStatus.FAILED, REASONS[failure.remedy], now, unsure)
    if _is_enough(attempt, failure, now=now):
        return Step(MessageStatus.FAILED, Reason.NOBODY_KNOWS, now, unsure)
    if again_at >= give_up_at:
        return Step(MessageStatus.FAILED, Reason.OUT_OF_TIME, now, unsure)
    return Step(MessageStatus.PLANNED, REASONS[failure.remedy], again_at, unsure)


def _give_up_at(attempt: Attempt, failure: DeliveryFailed) -> datetime:
    if failure.remedy == Remedy.ALERT and attempt.channel == Channel.TEXT:
        return min(attempt.not_after, attempt.first_tried_at + OUR_FAULT_UNTIL)
    return attempt.not_after


def _is_enough(attempt: Attempt, failure: DeliveryFailed, *, now: datetime) -> bool:
    """Whether an e-mail was handed over without an answer again and again: a slow mail server may have taken every one
    of them (RFC 1047), and not every mailbox folds copies into one.
    """
    again = attempt.ask_since is not None and failure.remedy == Remedy.ASK and attempt.channel == Channel.EMAIL
    return again and now >= attempt.first_tried_at + COPIES_FOR


def _wait(failure: DeliveryFailed, attempts: int) -> timedelta:
    """How long to wait: what the provider asked for, or twice as long each time."""
    asked = timedelta(seconds=min(failure.retry_after or 0, LONGEST_ASKED.total_seconds()))
    if failure.remedy == Remedy.ALERT:
        return max(OUR_FAULT_WAIT, asked)
    if failure.remedy == Remedy.RETRY_LATER:
        return max(OUT_OF_REACH_WAIT, asked)
    first = ASK_AFTER if failure.remedy == Remedy.ASK else FIRST_WAIT
    return wait_before_next(attempts, first=first, longest=LONGEST_WAIT, asked=failure.retry_after)
