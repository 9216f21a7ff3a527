"""How long things take, by which clock, and what of them counts."""

from __future__ import annotations

import os

from bench.measure import milliseconds, one_round
from bench.processes import spent_by


class Hand:
    """A clock that somebody else moves on."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def take(self, seconds: float) -> None:
        self.seconds += seconds


def test_what_happens_before_a_call_does_not_count() -> None:
    hand = Hand()
    took = one_round(lambda: hand.take(0.002), calls=4, before=lambda: hand.take(1), clock=hand)
    assert round(took, 6) == 2


def test_each_has_a_clock_of_its_own() -> None:
    mine, theirs = Hand(), Hand()
    ours, bare = milliseconds(lambda: mine.take(0.004), lambda: theirs.take(0.001), calls=2, clocks=(mine, theirs))
    assert (round(ours, 6), round(bare, 6)) == (4, 1)


def test_processor_time_is_that_of_a_process() -> None:
    before = spent_by(os.getpid())
    assert sum(range(300_000)) > 0
    assert spent_by(os.getpid()) > before > 0
