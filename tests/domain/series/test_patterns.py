"""The dates of standing slots."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain import walltime
from telehealth.domain.errors import InvalidInput
from telehealth.domain.series.patterns import (
    MonthWeek,
    Pattern,
    Plan,
    last_of,
    monday_of,
    pair_dates,
    pattern_of,
    read_obstacles,
    weeks_of_month,
    write_obstacles,
)
from telehealth.domain.words import Mode, Obstacle

DENVER = walltime.zone("America/Denver")
FAR = date(2400, 1, 1)


def plan(**more: object) -> Plan:
    usual: dict[str, object] = {
        "service": "service",
        "therapist": "therapist",
        "mode": Mode.VIRTUAL,
        "location": None,
        "co_therapist": None,
        "timezone": "America/Denver",
        "local_time": time(15),
        "starts_on": date(2026, 12, 1),
    }
    return Plan(**{**usual, **more})  # type: ignore[arg-type]


def starts(zone: str, wall: str, first: str, weeks: int) -> list[str]:
    """What the clock in UTC says on the first dates of a weekly slot."""
    pattern = Pattern(walltime.zone(zone), time.fromisoformat(wall), date.fromisoformat(first))
    days = list(pattern.days(pattern.starts_on, pattern.starts_on + timedelta(weeks=weeks - 1)))
    return [f"{pattern.instant(day):%m-%d %H:%M}" for day in days]


@pytest.mark.parametrize(
    ("zone", "wall", "first", "expected"),
    [
        # Spring and autumn: the wall time stays, the instant moves by an hour.
        ("America/Denver", "15:00", "2027-03-02", ["03-02 22:00", "03-09 22:00", "03-16 21:00"]),
        ("America/Denver", "15:00", "2026-10-27", ["10-27 21:00", "11-03 22:00", "11-10 22:00"]),
        ("Europe/London", "09:00", "2027-03-22", ["03-22 09:00", "03-29 08:00"]),
        ("Australia/Lord_Howe", "09:00", "2026-09-28", ["09-27 22:30", "10-04 22:00"]),
        ("America/Phoenix", "09:00", "2027-03-08", ["03-08 16:00", "03-15 16:00"]),
        # A time that does not exist on one night is moved forward that night only.
        ("America/New_York", "02:30", "2027-03-07", ["03-07 07:30", "03-14 07:30", "03-21 06:30"]),
        # One that happens twice means the first.
        ("America/New_York", "01:30", "2026-10-25", ["10-25 05:30", "11-01 05:30", "11-08 06:30"]),
        # Clocks that change at midnight.
        ("America/Havana", "00:30", "2025-03-02", ["03-02 05:30", "03-09 05:30", "03-16 04:30"]),
        ("Africa/Cairo", "00:15", "2027-04-23", ["04-22 22:15", "04-29 22:15", "05-06 21:15"]),
        ("Asia/Beirut", "00:15", "2027-03-21", ["03-20 22:15", "03-27 22:15", "04-03 21:15"]),
        # A date that was skipped altogether comes to lie on the next.
        ("Pacific/Apia", "10:00", "2011-12-23", ["12-23 20:00", "12-30 20:00", "01-05 20:00"]),
    ],
)
def test_a_weekly_slot_keeps_its_wall_time(zone: str, wall: str, first: str, expected: list[str]) -> None:
    assert starts(zone, wall, first, len(expected)) == expected


@pytest.mark.parametrize(
    ("every", "first", "last", "expected"),
    [
        (1, "2026-12-01", "2026-12-22", ["12-01", "12-08", "12-15", "12-22"]),
        (2, "2026-12-01", "2027-01-12", ["12-01", "12-15", "12-29", "01-12"]),
        (3, "2026-12-01", "2027-01-12", ["12-01", "12-22", "01-12"]),
        (2, "2026-12-08", "2026-12-20", ["12-15"]),
        (2, "2026-12-16", "2026-12-28", []),
        (1, "2026-01-01", "2026-12-07", ["12-01"]),
        (1, "2026-12-22", "2026-12-01", []),
    ],
)
def test_every_so_many_weeks(every: int, first: str, last: str, expected: list[str]) -> None:
    pattern = Pattern(DENVER, time(15), date(2026, 12, 1), every)
    days = pattern.days(date.fromisoformat(first), date.fromisoformat(last))
    assert [f"{day:%m-%d}" for day in days] == expected


def test_leap_years() -> None:
    pattern = Pattern(DENVER, time(15), date(2028, 2, 22))
    assert list(pattern.days(date(2028, 2, 1), date(2028, 3, 8))) == [
        date(2028, 2, 22),
        date(2028, 2, 29),
        date(2028, 3, 7),
    ]


def test_a_count_ends_on_the_date_that_an_end_date_would_name() -> None:
    counted = pattern_of(plan(every_weeks=2, count=4))
    dated = pattern_of(plan(every_weeks=2, until=date(2027, 1, 12)))
    assert counted == dated
    assert len(list(counted.days(counted.starts_on, FAR))) == 4


def test_until_is_inclusive_and_need_not_be_a_date_of_the_slot() -> None:
    assert [f"{day:%d}" for day in pattern_of(plan(until=date(2026, 12, 8))).days(date(2026, 12, 1), FAR)] == [
        "01",
        "08",
    ]
    assert len(list(pattern_of(plan(until=date(2026, 12, 14))).days(date(2026, 12, 1), FAR))) == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"every_weeks": 0}, "every_weeks"),
        ({"every_weeks": 53}, "every_weeks"),
        ({"until": date(2026, 11, 30)}, "until"),
        ({"until": date(2027, 1, 1), "count": 3}, "until"),
        ({"count": 0}, "count"),
        ({"count": 1_001}, "count"),
        ({"local_time": time(15, 0, 30)}, "local_time"),
        ({"local_time": time(15, tzinfo=UTC)}, "local_time"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"starts_on": date(9990, 1, 1), "count": 1_000}, "count"),
    ],
)
def test_what_is_not_a_plan(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        pattern_of(plan(**wrong))
    assert set(refused.value.fields) == {field}


ZONES = st.sampled_from(
    ["America/Denver", "America/New_York", "America/Havana", "Australia/Lord_Howe", "Asia/Beirut", "UTC", "Asia/Tokyo"]
)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
PATTERNS = st.builds(
    Pattern,
    zone=ZONES.map(walltime.zone),
    local_time=st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    starts_on=DAYS,
    every_weeks=st.integers(1, 6),
    until=st.none() | DAYS,
)


@given(PATTERNS, DAYS, st.integers(0, 500))
def test_dates_against_counting_on_fingers(pattern: Pattern, first: date, length: int) -> None:
    last = first + timedelta(days=length)
    expected = [
        day
        for day in (first + timedelta(days=number) for number in range(length + 1))
        if day >= pattern.starts_on
        and (pattern.until is None or day <= pattern.until)
        and (day - pattern.starts_on).days % (7 * pattern.every_weeks) == 0
    ]
    assert list(pattern.days(first, last)) == expected


@given(PATTERNS, DAYS)
def test_the_wall_says_what_was_wished_for_unless_that_time_never_comes(pattern: Pattern, day: date) -> None:
    wished = datetime.combine(day, pattern.local_time)
    said = walltime.wall(pattern.instant(day), pattern.zone)
    if walltime.is_in_gap(wished, pattern.zone):
        assert timedelta(0) < said - wished <= timedelta(hours=1)
    else:
        assert (said, said.fold) == (wished, 0)


@given(PATTERNS)
def test_dates_come_in_order_and_apart(pattern: Pattern) -> None:
    year = pattern.days(pattern.starts_on, pattern.starts_on + timedelta(days=400))
    instants = [pattern.instant(day) for day in year]
    apart = timedelta(weeks=pattern.every_weeks)
    assert all(abs((later - earlier) - apart) <= timedelta(hours=2) for earlier, later in pairwise(instants))


@given(DAYS, st.integers(1, 6), st.integers(1, 100))
def test_a_count_is_a_count(starts_on: date, every_weeks: int, count: int) -> None:
    unbounded = Pattern(DENVER, time(9), starts_on, every_weeks)
    pattern = replace(unbounded, until=last_of(unbounded, count))
    assert len(list(pattern.days(starts_on, FAR))) == count


def test_a_change_of_weekday_keeps_the_week() -> None:
    tuesdays = [date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 15)]
    thursdays = [day + timedelta(days=2) for day in tuesdays]
    assert list(pair_dates(tuesdays, thursdays)) == list(zip(tuesdays, thursdays, strict=True))


def test_a_change_of_interval_leaves_dates_over() -> None:
    weekly = one, two, three = [date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 15)]
    assert list(pair_dates(weekly, [one, three])) == [(one, one), (two, None), (three, three)]
    assert list(pair_dates([one, three], weekly)) == [(one, one), (None, two), (three, three)]


def test_weeks_begin_on_monday() -> None:
    assert monday_of(date(2026, 12, 6)) == monday_of(date(2026, 11, 30)) == date(2026, 11, 30)
    assert Pattern(DENVER, time(9), date(2026, 12, 3)).in_week_of(date(2026, 12, 13)) == date(2026, 12, 10)


def test_obstacles_are_kept_in_words_that_can_be_read_back() -> None:
    said = write_obstacles([Obstacle.TIME_OFF, Obstacle.CLIENT_BUSY, Obstacle.TIME_OFF])
    assert said == "client_busy, time_off"
    assert read_obstacles(said) == [Obstacle.CLIENT_BUSY, Obstacle.TIME_OFF]
    assert read_obstacles("The client is on holiday") == []


@pytest.mark.parametrize(
    ("first", "week", "expected"),
    [
        ("2026-12-08", MonthWeek.SECOND, ["12-08", "01-12", "02-09", "03-09"]),
        ("2026-12-09", MonthWeek.SECOND, ["12-09", "01-13", "02-10", "03-10"]),
        ("2026-12-01", MonthWeek.FIRST, ["12-01", "01-05", "02-02", "03-02"]),
        ("2026-12-22", MonthWeek.FOURTH, ["12-22", "01-26", "02-23", "03-23"]),
        ("2026-12-29", MonthWeek.LAST, ["12-29", "01-26", "02-23", "03-30"]),
        ("2026-12-02", MonthWeek.LAST, ["12-30", "01-27", "02-24", "03-31"]),  # Not before its first such date.
    ],
)
def test_once_a_month_on_the_same_weekday_of_it(first: str, week: MonthWeek, expected: list[str]) -> None:
    day = date.fromisoformat(first)
    pattern = Pattern(DENVER, time(9), day, week_of_month=week)
    assert [f"{each:%m-%d}" for each in pattern.days(day, date(2027, 3, 31))] == expected
    assert pattern_of(plan(starts_on=day, week_of_month=week, count=4)).until == date.fromisoformat(
        f"2027-{expected[-1]}"
    )


@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), week=st.sampled_from(MonthWeek), months=st.integers(1, 60))
def test_there_is_one_date_in_every_month(day: date, week: MonthWeek, months: int) -> None:
    pattern = Pattern(DENVER, time(9), day, week_of_month=week)
    pattern = replace(pattern, until=last_of(pattern, months))
    found = list(pattern.days(day, FAR))
    assert len(found) == months
    assert {each.weekday() for each in found} == {day.weekday()}
    assert all(week in weeks_of_month(each) for each in found)
    index = [each.year * 12 + each.month for each in found]
    assert all(later - earlier == 1 for earlier, later in pairwise(index)), "no month is left out, and none has two"


def test_monthly_dates_are_paired_by_month() -> None:
    """The second Thursday may lie in the week before the second Tuesday."""
    tuesdays, thursdays = [date(2026, 7, 14), date(2026, 8, 11)], [date(2026, 7, 9), date(2026, 8, 13)]
    assert list(pair_dates(tuesdays, thursdays, monthly=True)) == list(zip(tuesdays, thursdays, strict=True))
    assert len(list(pair_dates(tuesdays, thursdays))) == 3
