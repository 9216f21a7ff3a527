"""Where things stand in a grid of hours."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain import walltime
from telehealth.web.desk.appointments.grid_layout import (
    DAY,
    MOST_LANES,
    STEP,
    Stretch,
    hours_needed,
    place_in_lanes,
    stretch_on,
)

DENVER = walltime.zone("America/Denver")
TUESDAY = date(2026, 11, 24)
spans = st.builds(lambda begins, steps: Stretch(begins * STEP, steps * STEP), st.integers(0, 250), st.integers(1, 38))


def wall(day: date, hour: int, minute: int = 0, *, fold: int = 0) -> datetime:
    return walltime.resolve(datetime(day.year, day.month, day.day, hour, minute, fold=fold), DENVER)


def test_a_date_shows_its_part_of_a_night() -> None:
    night = wall(TUESDAY, 23), wall(TUESDAY + timedelta(days=1), 1)
    assert stretch_on(TUESDAY, *night, DENVER) == Stretch(23 * 60, 60)
    assert stretch_on(TUESDAY + timedelta(days=1), *night, DENVER) == Stretch(0, 60)
    assert stretch_on(TUESDAY + timedelta(days=2), *night, DENVER) is None


def test_the_hour_that_comes_twice_is_drawn_once() -> None:
    day = date(2026, 11, 1)
    across = wall(day, 1, 30), wall(day, 1, 20, fold=1)
    assert stretch_on(day, *across, DENVER) == Stretch(90, STEP)


def test_odd_minutes_are_drawn_in_whole_steps() -> None:
    assert stretch_on(TUESDAY, wall(TUESDAY, 9, 3), wall(TUESDAY, 9, 4), DENVER) == Stretch(9 * 60, STEP)


def test_what_follows_stands_below_and_what_overlaps_beside() -> None:
    first, beside, after = Stretch(0, 60), Stretch(30, 60), Stretch(90, 30)
    placed = place_in_lanes([("after", after), ("beside", beside), ("first", first)])
    assert [(each.thing, each.lane, each.lanes) for each in placed] == [
        ("first", 0, 2),
        ("beside", 1, 2),
        ("after", 0, 1),
    ]


@given(st.lists(spans, max_size=25))
def test_nothing_is_lost_and_no_lane_holds_two_at_once(stretches: list[Stretch]) -> None:
    placed = place_in_lanes(list(enumerate(stretches)))
    assert sorted(each.thing for each in placed) == list(range(len(stretches)))
    for one in placed:
        assert one.lane < one.lanes <= MOST_LANES
        for other in placed:
            if one.thing < other.thing and one.lane == other.lane < MOST_LANES - 1:
                assert one.stretch.ends <= other.stretch.begins or other.stretch.ends <= one.stretch.begins


@given(st.lists(spans))
def test_the_hours_hold_everything(stretches: list[Stretch]) -> None:
    first, last = hours_needed(stretches)
    assert 0 <= first < last <= DAY // 60
    assert all(first * 60 <= each.begins and each.ends <= last * 60 for each in stretches if each.ends <= DAY)
