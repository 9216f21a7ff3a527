"""Nobody is disturbed at night, by their own clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.quiet_hours import FEDERAL, OpenHours, is_quiet, next_allowed
from telehealth.domain.walltime import resolve

NEW_YORK, DENVER, HONOLULU = (
    ZoneInfo(f"{name}") for name in ("America/New_York", "America/Denver", "Pacific/Honolulu")
)
ZONES = [NEW_YORK, DENVER, HONOLULU, *map(ZoneInfo, ("Australia/Lord_Howe", "America/Havana", "Pacific/Apia", "UTC"))]
MINUTE = timedelta(minutes=1)


def wall(zone: ZoneInfo, year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return resolve(datetime(year, month, day, hour, minute), zone)


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"),
    [(7, 59, True), (8, 0, False), (12, 0, False), (20, 59, False), (21, 0, True), (23, 59, True), (0, 0, True)],
)
def test_eight_to_nine_on_the_persons_own_wall(hour: int, minute: int, quiet: bool) -> None:
    for zone in (NEW_YORK, HONOLULU):
        assert is_quiet(wall(zone, 2026, 11, 24, hour, minute), zone) == quiet


def test_one_instant_is_night_for_one_and_day_for_another() -> None:
    instant = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)  # 21:30 in New York, 16:30 in Honolulu
    assert is_quiet(instant, NEW_YORK)
    assert not is_quiet(instant, HONOLULU)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ((2026, 11, 24, 7, 0), (2026, 11, 24, 8, 0)),
        ((2026, 11, 24, 21, 0), (2026, 11, 25, 8, 0)),
        ((2026, 11, 24, 12, 0), (2026, 11, 24, 12, 0)),
        ((2026, 12, 31, 22, 0), (2027, 1, 1, 8, 0)),
        ((2026, 3, 7, 23, 0), (2026, 3, 8, 8, 0)),  # The night in which an hour is skipped,
        ((2026, 10, 31, 23, 0), (2026, 11, 1, 8, 0)),  # and the one in which an hour comes twice.
    ],
)
def test_the_next_morning(now: tuple[int, ...], then: tuple[int, ...]) -> None:
    assert next_allowed(wall(NEW_YORK, *now), NEW_YORK) == wall(NEW_YORK, *then)


def test_the_night_of_the_change_is_as_long_as_it_is() -> None:
    nights = [
        next_allowed(wall(NEW_YORK, *evening), NEW_YORK) - wall(NEW_YORK, *evening)
        for evening in ((2026, 3, 6, 22), (2026, 3, 7, 22), (2026, 10, 31, 22))
    ]
    assert nights == [timedelta(hours=10), timedelta(hours=9), timedelta(hours=11)]


def test_a_date_that_never_was_is_passed_over() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert next_allowed(wall(apia, 2011, 12, 29, 22), apia) == wall(apia, 2011, 12, 31, 8)


def test_stricter_hours_are_data() -> None:
    washington = OpenHours(time(8), time(20))
    evening = wall(DENVER, 2026, 11, 24, 20, 30)
    assert not is_quiet(evening, DENVER)
    assert is_quiet(evening, DENVER, washington)
    assert next_allowed(evening, DENVER, washington) == wall(DENVER, 2026, 11, 25, 8)


@given(
    moment=st.datetimes(datetime(2008, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(ZONES),
)
def test_it_is_the_first_instant_that_is_allowed(moment: datetime, zone: ZoneInfo) -> None:
    allowed = next_allowed(moment, zone)
    assert allowed >= moment
    assert not is_quiet(allowed, zone)
    assert allowed == moment or is_quiet(allowed - MINUTE, zone)
    assert (allowed == moment) == (not is_quiet(moment, zone, FEDERAL))
