"""Times that are looked up are the times that the rules say one by one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telehealth.domain import time_tables, walltime
from telehealth.domain.times import clock_time, say_time, zone_mark
from telehealth.domain.walltime import is_ambiguous, wall

ZONES = [
    "America/Denver",
    "America/Phoenix",
    "America/Havana",
    "America/Santiago",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Europe/Berlin",
    "UTC",
]
HALF_HOURS = st.integers(1_767_225_600 // 1800, 1_861_920_000 // 1800)  # 2026 to 2028.


@given(HALF_HOURS, st.sampled_from(ZONES))
@example(1_793_520_000 // 1800, "America/Denver")  # The hour that November repeats.
@example(1_793_523_600 // 1800, "America/Denver")
@example(1_806_768_000 // 1800, "America/Santiago")  # Back at midnight.
def test_a_time_is_said_as_any_other(half_hours: int, name: str) -> None:
    start, zone = half_hours * 1800, walltime.zone(name)
    instant = datetime.fromtimestamp(start, UTC)
    written = time_tables.write_local(start, zone)
    assert written == instant.astimezone(zone).isoformat()
    assert time_tables.say_written_clock(written[time_tables.CLOCK], zone) == clock_time(instant, zone)
    assert time_tables.say_time_at(start, zone) == say_time(instant, zone)


@given(HALF_HOURS, st.sampled_from(ZONES))
@example(1_793_520_000 // 1800, "America/Denver")
@example(1_793_523_600 // 1800, "America/Denver")
def test_what_clocks_show_twice_has_its_mark_and_is_never_on_a_steady_day(half_hours: int, name: str) -> None:
    start, zone = half_hours * 1800, walltime.zone(name)
    instant = datetime.fromtimestamp(start, UTC)
    twice = is_ambiguous(wall(instant, zone).replace(fold=0), zone)
    assert time_tables.say_mark_if_twice(start, zone) == (zone_mark(instant, zone) if twice else "")
    assert not (twice and time_tables.is_steady(time_tables.write_local(start, zone)[time_tables.DATE], zone))


@pytest.mark.parametrize("name", ZONES)
def test_every_hour_of_a_year_with_its_changes(name: str) -> None:
    zone = walltime.zone(name)
    for start in range(1_767_225_600, 1_798_761_600, 3600):
        assert time_tables.say_time_at(start, zone) == say_time(datetime.fromtimestamp(start, UTC), zone)
