"""How much time a therapist offers."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.hours.offered import Wall, minutes_open, window_on

DAY = datetime(2026, 11, 23)


def wall(begins: int, ends: int) -> Wall:
    return DAY + timedelta(minutes=begins), DAY + timedelta(minutes=ends)


def test_a_night_runs_into_the_next_day() -> None:
    assert window_on(DAY, time(22), time(6)) == wall(22 * 60, 30 * 60)
    assert window_on(DAY, time(9), time(17)) == wall(9 * 60, 17 * 60)


def test_time_off_takes_only_what_was_open() -> None:
    assert minutes_open([wall(60, 180)], [wall(0, 90), wall(170, 400)]) == 80


periods = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)).map(lambda pair: wall(min(pair), max(pair))))


@given(periods, periods)
def test_every_open_minute_counts_once(windows: list[Wall], away: list[Wall]) -> None:
    def inside(minute: int, among: list[Wall]) -> bool:
        return any(begins <= DAY + timedelta(minutes=minute) < ends for begins, ends in among)

    expected = sum(inside(minute, windows) and not inside(minute, away) for minute in range(200))
    assert minutes_open(windows, away) == expected
