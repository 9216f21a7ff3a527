"""How long the outside world is left alone before the next try."""

from __future__ import annotations

from datetime import timedelta

import pytest

from telehealth.domain.waits import wait_before_next

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("tries", "waited"), [(0, MINUTE), (1, MINUTE), (2, 2 * MINUTE), (4, 8 * MINUTE), (7, HOUR), (10_000, HOUR)]
)
def test_it_is_twice_as_long_each_time_up_to_a_bound(tries: int, waited: timedelta) -> None:
    assert wait_before_next(tries, first=MINUTE, longest=HOUR) == waited


def test_it_is_never_shorter_than_was_asked_and_spread() -> None:
    assert wait_before_next(1, first=MINUTE, longest=HOUR, asked=7200) == 2 * HOUR
    assert wait_before_next(1, first=MINUTE, longest=HOUR, asked=7200, spread=1.1) == 2 * HOUR * 1.1
    assert wait_before_next(1, first=MINUTE, longest=HOUR, asked=1) == MINUTE


@pytest.mark.parametrize("asked", [10**6, 1e30, float("inf")])
def test_nobody_is_left_alone_for_longer_than_a_day_because_they_ask_it(asked: float) -> None:
    assert wait_before_next(1, first=MINUTE, longest=HOUR, asked=asked) == 24 * HOUR
