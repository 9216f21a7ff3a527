"""How sure a share of a few cases is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.proportions import Share


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # Newcombe, Stat Med 1998;17:857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_wilsons(part: int, whole: int, low: float, high: float) -> None:
    share = Share(part, whole)
    assert (round(share.low, 4), round(share.high, 4)) == (low, high)


@given(whole=st.integers(1, 10_000), data=st.data())
def test_it_holds_the_share_and_stays_between_none_and_all(whole: int, data: st.DataObject) -> None:
    share = Share(data.draw(st.integers(0, whole)), whole)
    assert share.rate is not None
    assert 0 <= share.low <= share.rate + 1e-12
    assert share.rate - 1e-12 <= share.high <= 1


def test_nothing_says_nothing() -> None:
    assert (Share(0, 0).rate, Share(0, 0).low, Share(0, 0).high) == (None, 0.0, 1.0)
