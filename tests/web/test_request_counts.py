"""Counting requests without a thread for each."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from telehealth.web.request_counts import SWEPT_EVERY, RequestCounts
from tests.fakes import FakeClock

LIMIT = parse("3 per minute")


@pytest.fixture
def counts(clock: FakeClock) -> RequestCounts:
    made = storage_from_string("memory://")
    assert isinstance(made, RequestCounts), "the library's own would start a thread"
    return made


def test_a_window_lets_so_many_through_and_then_begins_anew(counts: RequestCounts, clock: FakeClock) -> None:
    limiter = FixedWindowRateLimiter(counts)
    assert [limiter.hit(LIMIT, "one") for _ in range(5)] == [True, True, True, False, False]
    assert limiter.hit(LIMIT, "another")
    assert limiter.get_window_stats(LIMIT, "one").reset_time == clock().timestamp() + 60
    clock.advance(timedelta(seconds=59))
    assert not limiter.test(LIMIT, "one")
    clock.advance(timedelta(seconds=1))
    assert limiter.test(LIMIT, "one")
    assert [limiter.hit(LIMIT, "one") for _ in range(4)] == [True, True, True, False]


def test_it_can_be_forgotten(counts: RequestCounts) -> None:
    counts.incr("a", 60)
    counts.incr("b", 60, amount=2)
    counts.clear("a")
    assert (counts.get("a"), counts.get("b"), counts.check()) == (0, 2, True)
    assert counts.reset() == 1
    assert counts.get("b") == 0


def test_what_is_over_does_not_stay(counts: RequestCounts, clock: FakeClock) -> None:
    for number in range(1_000):
        counts.incr(f"visitor {number}", 30)
    clock.advance(timedelta(seconds=SWEPT_EVERY))
    counts.incr("the next", 30)
    assert counts.reset() == 1


def test_no_request_is_lost_and_no_thread_is_started(counts: RequestCounts) -> None:
    with ThreadPoolExecutor(4) as threads:
        before = threading.active_count()
        for _ in threads.map(lambda _: counts.incr("all", 60), range(400)):
            assert threading.active_count() <= before + 4
    assert counts.get("all") == 400
