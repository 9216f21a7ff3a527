"""How fast one sender may send."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.delivery import budget
from telehealth.domain.delivery.budget import Budget, SendingLimits
from tests.moments import NOW

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def sent_at(limits: SendingLimits, *, seconds: int, step: timedelta = SECOND / 10, segments: int = 1) -> list[datetime]:
    """When texts go if there are always more of them."""
    left, sent = budget.full_budget(limits, now=NOW), []
    now = NOW
    while now < NOW + seconds * SECOND:
        left = budget.refill(left, limits, now=now)
        while budget.has_room(left, limits):
            left = budget.spend(left, segments)
            sent.append(now)
        now += step
    return sent


def test_without_limits_everything_goes() -> None:
    left = budget.spend(budget.full_budget(SendingLimits(), now=NOW), 1000)
    assert not SendingLimits()
    assert budget.has_room(left, SendingLimits())


def test_so_many_segments_a_second() -> None:
    assert len(sent_at(SendingLimits(per_second=3), seconds=10)) == 3 + 3 * 10 - 1


def test_a_long_text_takes_longer() -> None:
    one, two = (
        sent_at(SendingLimits(per_second=1), seconds=60),
        sent_at(SendingLimits(per_second=1), seconds=60, segments=2),
    )
    assert len(two) == len(one) / 2


def test_what_is_not_used_is_not_saved_up() -> None:
    limits = SendingLimits(per_second=2)
    left = budget.refill(budget.full_budget(limits, now=NOW), limits, now=NOW + DAY)
    assert left.tokens == 2


def test_a_slow_sender_still_sends() -> None:
    assert len(sent_at(SendingLimits(per_second=0.5), seconds=20)) == 10


def test_a_day_has_its_cap() -> None:
    limits = SendingLimits(per_day=5)
    left = budget.full_budget(limits, now=NOW)
    for _ in range(5):
        assert budget.has_room(left, limits)
        left = budget.spend(left, 3)
    assert not budget.has_room(left, limits)
    assert budget.next_room_at(left, limits) == NOW + DAY
    left = budget.refill(left, limits, now=NOW + DAY)
    assert (budget.has_room(left, limits), left.sent_today) == (True, 0)


def test_it_says_when_there_is_room_again() -> None:
    limits = SendingLimits(per_second=2)
    left = budget.spend(budget.full_budget(limits, now=NOW), 5)
    at = budget.next_room_at(left, limits)
    assert at == NOW + 2 * SECOND
    assert not budget.has_room(budget.refill(left, limits, now=at - SECOND / 10), limits)
    assert budget.has_room(budget.refill(left, limits, now=at), limits)


def test_clocks_may_differ_a_little() -> None:
    limits = SendingLimits(per_second=1)
    left = Budget(0.5, NOW, NOW)
    assert budget.refill(left, limits, now=NOW - SECOND) == left


def test_a_clock_that_steps_back_stops_nothing() -> None:
    limits = SendingLimits(per_second=1, per_day=3)
    left = Budget(0.0, NOW, NOW, sent_today=2)
    before = NOW - timedelta(hours=5)
    left = budget.refill(left, limits, now=before)
    assert not budget.has_room(left, limits)
    left = budget.refill(left, limits, now=before + SECOND)
    assert budget.has_room(left, limits)
    left = budget.refill(budget.spend(left, 1), limits, now=before + 2 * SECOND)
    assert not budget.has_room(left, limits), "it is the same day"
    assert budget.has_room(budget.refill(left, limits, now=before + timedelta(days=1)), limits)


@given(st.floats(0.1, 50), st.lists(st.integers(1, 2_000_000), min_size=1, max_size=40))
def test_however_often_it_is_looked_at_it_never_gives_more(per_second: float, steps: list[int]) -> None:
    limits = SendingLimits(per_second=per_second)
    left, now, sent = budget.full_budget(limits, now=NOW), NOW, 0
    for step in steps:
        now += timedelta(microseconds=step)
        left = budget.refill(left, limits, now=now)
        while budget.has_room(left, limits):
            left, sent = budget.spend(left, 1), sent + 1
    assert sent <= max(1, per_second) + (now - NOW).total_seconds() * per_second + 1e-3
