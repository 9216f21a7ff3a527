"""Counting face-to-face time from who was inside when."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.appointments.face_to_face import (
    FaceToFace,
    Stay,
    count_together,
    for_all,
    join_stays,
    read_met,
    require_plausible,
    said_together,
)
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import TimeSource
from tests.moments import at

TEN = at(10)


def stay(since: float, until: float) -> Stay:
    """From one minute after ten until another."""
    return Stay(TEN + timedelta(minutes=since), TEN + timedelta(minutes=until))


def counted(theirs: list[Stay], therapists: list[Stay]) -> tuple[float, float, int] | None:
    found = count_together(theirs, therapists)
    return found and (minute(found.starts_at), minute(found.ends_at), found.minutes)


def minute(instant: datetime) -> float:
    return (instant - TEN) / timedelta(minutes=1)


@pytest.mark.parametrize(
    ("theirs", "therapists", "expected"),
    [
        ([stay(0, 50)], [stay(-5, 55)], (0, 50, 50)),
        ([stay(-10, 50)], [stay(2, 48)], (2, 48, 46)),
        # They dropped out twice: the gaps do not count.
        ([stay(0, 20), stay(22, 30), stay(35, 50)], [stay(0, 50)], (0, 50, 43)),
        # Two devices, or a client and whoever acts for them, count once.
        ([stay(0, 30), stay(10, 50)], [stay(0, 50)], (0, 50, 50)),
        # Two therapists, one after the other.
        ([stay(0, 50)], [stay(0, 10), stay(20, 40)], (0, 40, 30)),
        # A minute that was only begun is none: 52 minutes and 59 seconds are not 53.
        ([stay(0, 52.99)], [stay(0, 60)], (0, 52.99, 52)),
        # Half minutes make whole ones together.
        ([stay(0, 10.5), stay(20, 30.5)], [stay(0, 60)], (0, 30.5, 21)),
        ([stay(0, 10)], [stay(10, 50)], None),
        ([], [stay(0, 50)], None),
        ([stay(5, 5)], [stay(0, 50)], None),
    ],
)
def test_only_what_both_were_inside_for_counts(
    theirs: list[Stay], therapists: list[Stay], expected: tuple[float, float, int] | None
) -> None:
    found = counted(theirs, therapists)
    assert found == (expected if expected is None else pytest.approx(expected))


SECONDS = st.integers(0, 300)
STAYS = st.lists(st.tuples(SECONDS, SECONDS).map(sorted).map(lambda two: (two[0], two[1])), max_size=8)


@given(STAYS, STAYS)
def test_it_is_what_somebody_would_count_second_by_second(
    ones: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    def stays(spans: list[tuple[int, int]]) -> list[Stay]:
        return [Stay(TEN + timedelta(seconds=one), TEN + timedelta(seconds=two)) for one, two in spans]

    both = {second for span in ones for second in range(*span)} & {second for span in others for second in range(*span)}
    found = count_together(stays(ones), stays(others))
    if not both:
        assert found is None
        return
    assert found is not None
    assert found.starts_at == TEN + timedelta(seconds=min(both))
    assert found.ends_at == TEN + timedelta(seconds=max(both) + 1)
    assert found.minutes == len(both) // 60
    assert all(one.ended_at < two.began_at for one, two in zip(found.stretches, found.stretches[1:], strict=False))


def test_stays_that_touch_are_one() -> None:
    assert join_stays([stay(20, 30), stay(0, 10), stay(10, 20), stay(40, 40)]) == [stay(0, 30)]


def test_of_everybody_it_is_when_anybody_was_there() -> None:
    jane, ben = count_together([stay(0, 30)], [stay(0, 50)]), count_together([stay(20, 45)], [stay(0, 50)])
    together = for_all([jane, None, ben])
    assert together is not None
    assert (minute(together.starts_at), minute(together.ends_at), together.minutes) == (0, 45, 45)
    assert together.source == TimeSource.ROOM
    with_said = for_all([jane, said_together(*_span(40, 50))])
    assert with_said == FaceToFace((stay(0, 30), stay(40, 50)), TimeSource.STAFF)
    assert for_all([None, None]) is None


def _span(since: int, until: int) -> tuple[datetime, datetime]:
    return stay(since, until).began_at, stay(since, until).ended_at


@pytest.mark.parametrize(
    ("met", "field"),
    [
        (stay(50, 50), "met_until"),
        (stay(50, 0), "met_until"),
        (stay(0, 61), "met_until"),  # Still to come.
        (stay(-700, 40), "met_until"),
        (stay(-760, -740), "met_from"),
    ],
)
def test_a_slip_of_the_keyboard_is_refused(met: Stay, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_plausible(met, starts_at=TEN, ends_at=stay(0, 50).ended_at, now=stay(0, 60).ended_at)
    assert list(refused.value.fields) == [field]


def test_both_are_said_or_neither() -> None:
    assert read_met(*_span(0, 50)) == stay(0, 50)
    assert read_met(None, None) is None
    with pytest.raises(InvalidInput):
        read_met(TEN, None)
    with pytest.raises(InvalidInput):
        read_met(None, TEN)
