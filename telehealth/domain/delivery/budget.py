"""How fast one sender may send: a token bucket, and a cap on its day. Pure: a budget and an instant in, a budget out.

Carriers count segments and not messages, and so does the bucket. It holds one second's worth: what is not used is not
saved up. A text of several segments may overdraw it, and the next one waits for that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

DAY = timedelta(days=1)
CLOCKS_DIFFER = timedelta(minutes=1)
LEAST_IN_BUCKET = 1.0
ALMOST_ONE = 1.0 - 1e-6
"""Instants count microseconds, so a bucket that is refilled in small steps loses a little of each."""


@dataclass(frozen=True, slots=True)
class SendingLimits:
    """Segments a second, and texts in 24 hours, from one sender; 0 is no limit. ``sender`` is the installation's own
    number or service, for practices that have none of theirs.
    """

    per_second: float = 0.0
    per_day: int = 0
    sender: str = ""

    def __bool__(self) -> bool:
        return self.per_second > 0 or self.per_day > 0


@dataclass(frozen=True, slots=True)
class Budget:
    """What a sender has left. Instants are aware. ``sent_today`` counts texts since ``day_began_at``."""

    tokens: float
    refilled_at: datetime
    day_began_at: datetime
    sent_today: int = 0


def full_budget(limits: SendingLimits, *, now: datetime) -> Budget:
    """The budget of a sender that has sent nothing yet."""
    return Budget(_most(limits), now, now)


def refill(budget: Budget, limits: SendingLimits, *, now: datetime) -> Budget:
    """The budget at the instant ``now``: what has flowed in since, and a new day when the old one has lasted for 24
    hours. Clocks of two machines may differ a little; one that steps back further begins anew from where it is, or
    nothing would be sent for the length of the step.
    """
    if budget.refilled_at > now + CLOCKS_DIFFER:
        budget = replace(budget, refilled_at=now, day_began_at=min(budget.day_began_at, now))
    if now >= budget.day_began_at + DAY:
        budget = replace(budget, day_began_at=now, sent_today=0)
    passed = (now - budget.refilled_at).total_seconds()
    if passed <= 0:
        return budget
    return replace(budget, tokens=min(_most(limits), budget.tokens + passed * limits.per_second), refilled_at=now)


def has_room(budget: Budget, limits: SendingLimits) -> bool:
    """Whether a text may go now."""
    return not (_is_empty(budget, limits) or _has_had_its_day(budget, limits))


def spend(budget: Budget, segments: int) -> Budget:
    """The budget after one text of so many segments."""
    return replace(budget, tokens=budget.tokens - segments, sent_today=budget.sent_today + 1)


def next_room_at(budget: Budget, limits: SendingLimits) -> datetime:
    """When the next text may go, given that nothing else is sent until then."""
    at = budget.refilled_at
    if _is_empty(budget, limits):
        at += timedelta(seconds=(LEAST_IN_BUCKET - budget.tokens) / limits.per_second)
    if _has_had_its_day(budget, limits):
        at = max(at, budget.day_began_at + DAY)
    return at


def _most(limits: SendingLimits) -> float:
    return max(LEAST_IN_BUCKET, limits.per_second)


def _is_empty(budget: Budget, limits: SendingLimits) -> bool:
    return limits.per_second > 0 and budget.tokens < ALMOST_ONE


def _has_had_its_day(budget: Budget, limits: SendingLimits) -> bool:
    return 0 < limits.per_day <= budget.sent_today
