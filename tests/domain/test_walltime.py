from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telehealth.domain.errors import InvalidInput
from telehealth.domain.walltime import (
    day_segments,
    is_ambiguous,
    is_in_gap,
    is_zone_data_old,
    local_date,
    resolve,
    wall,
    zone,
    zone_data_since,
    zone_data_version,
)

HOUR = 3600

GAPS = [  # Zone, a wall time that never happens, the UTC instant it becomes.
    ("America/New_York", "2026-03-08 02:30", "2026-03-08 07:30"),
    ("Europe/London", "2026-03-29 01:00", "2026-03-29 01:00"),
    ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:45"),
    ("America/Havana", "2026-03-08 00:00", "2026-03-08 05:00"),
    ("Africa/Cairo", "2026-04-24 00:30", "2026-04-23 22:30"),
    ("Antarctica/Troll", "2026-03-29 02:00", "2026-03-29 02:00"),
    ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 22:00"),
]
FOLDS = [  # Zone, a wall time that happens twice, the UTC instants of both.
    ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30", "2026-11-01 06:30"),
    ("Europe/London", "2026-10-25 01:00", "2026-10-25 00:00", "2026-10-25 01:00"),
    ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45", "2026-04-04 15:15"),
    ("America/Havana", "2025-11-02 00:00", "2025-11-02 04:00", "2025-11-02 05:00"),
    ("Asia/Beirut", "2026-10-24 23:59", "2026-10-24 20:59", "2026-10-24 21:59"),
]
ORDINARY = [
    ("America/Phoenix", "2026-03-08 02:30", "2026-03-08 09:30"),
    ("Asia/Kathmandu", "2026-06-01 09:00", "2026-06-01 03:15"),
    ("America/New_York", "2026-03-08 01:59", "2026-03-08 06:59"),
    ("America/New_York", "2026-03-08 03:00", "2026-03-08 07:00"),
    ("America/New_York", "2026-11-01 02:00", "2026-11-01 07:00"),
    ("UTC", "2026-06-01 09:00", "2026-06-01 09:00"),
]
# Zone, date, length in hours, number of pieces.
DATES = [
    ("America/New_York", date(2026, 3, 8), 23, 2),
    ("America/New_York", date(2026, 11, 1), 25, 2),
    ("America/New_York", date(2026, 6, 1), 24, 1),
    ("Australia/Lord_Howe", date(2026, 10, 4), 23.5, 2),
    ("Australia/Lord_Howe", date(2026, 4, 5), 24.5, 2),
    ("America/Havana", date(2026, 3, 8), 23, 1),  # The gap is its first hour, so the rest has one offset.
    ("America/Havana", date(2025, 11, 2), 25, 2),
    ("Africa/Cairo", date(2026, 4, 24), 23, 1),
    ("Africa/Cairo", date(2026, 10, 29), 25, 2),
    ("Africa/Cairo", date(2026, 10, 30), 24, 1),
    ("Asia/Beirut", date(2026, 10, 24), 25, 2),
    ("Antarctica/Troll", date(2026, 3, 29), 22, 2),
    ("Pacific/Apia", date(2011, 12, 29), 24, 1),
    ("Pacific/Apia", date(2011, 12, 30), 0, 0),
    ("Pacific/Apia", date(2011, 12, 31), 24, 1),
    ("Pacific/Kwajalein", date(1993, 8, 21), 0, 0),
    ("America/St_Johns", date(2010, 11, 6), 24 + 59 / 60, 2),
    ("America/St_Johns", date(2010, 11, 7), 24 + 1 / 60, 2),
    ("Asia/Kathmandu", date(1986, 1, 1), 23.75, 1),
    ("Africa/Monrovia", date(1972, 1, 7), 24 - 2670 / HOUR, 1),  # The last offset with odd seconds in it.
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("name", "local", "expected"), GAPS)
def test_a_time_that_never_happens_moves_forward_by_the_gap(name: str, local: str, expected: str) -> None:
    never = datetime.fromisoformat(local)
    assert is_in_gap(never, zone(name))
    assert not is_ambiguous(never, zone(name))
    assert resolve(never, zone(name)) == utc(expected)
    assert resolve(never.replace(fold=1), zone(name)) == utc(expected)


@pytest.mark.parametrize(("name", "local", "first", "second"), FOLDS)
def test_a_time_that_happens_twice_means_the_first_unless_told(name: str, local: str, first: str, second: str) -> None:
    twice = datetime.fromisoformat(local)
    assert is_ambiguous(twice, zone(name))
    assert not is_in_gap(twice, zone(name))
    assert resolve(twice, zone(name)) == utc(first)
    assert resolve(twice.replace(fold=1), zone(name)) == utc(second)


@pytest.mark.parametrize(("name", "local", "expected"), ORDINARY)
def test_an_ordinary_time_is_neither(name: str, local: str, expected: str) -> None:
    plain = datetime.fromisoformat(local)
    assert not is_ambiguous(plain, zone(name))
    assert not is_in_gap(plain, zone(name))
    assert resolve(plain, zone(name)) == utc(expected)
    assert wall(utc(expected), zone(name)) == plain


def test_instants_come_back_in_utc() -> None:
    assert resolve(datetime.fromisoformat("2026-06-01 09:00"), zone("Asia/Kathmandu")).tzinfo is UTC


def test_wall_times_and_instants_are_not_confused() -> None:
    aware, naive = utc("2026-06-01 09:00"), datetime.fromisoformat("2026-06-01 09:00")
    with pytest.raises(ValueError, match="no zone"):
        resolve(aware, zone("UTC"))
    with pytest.raises(ValueError, match="no zone"):
        is_in_gap(aware, zone("UTC"))
    with pytest.raises(ValueError, match="needs a zone"):
        wall(naive, zone("UTC"))


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "Mars/Olympus_Mons",
        "europe/london",
        "Europe/London ",
        "Europe",
        "localtime",
        "Factory",
        "../../../etc/passwd",
        "/usr/share/zoneinfo/Europe/London",
        "Europe/../Europe/London",
        "America/New_York\0",
        "\0",
        "x" * 10_000,
        "\ud800",
        "Ünïcode/Zürich",
    ],
)
def test_a_name_that_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        zone(name)
    assert set(refused.value.fields) == {"timezone"}


def test_the_release_of_the_zone_data_is_named() -> None:
    assert re.fullmatch(r"20\d\d[a-z]", zone_data_version())


def test_how_old_the_zone_data_may_be() -> None:
    since = zone_data_since()
    assert str(since.year) == zone_data_version()[:4]
    released = datetime(since.year, since.month, since.day, tzinfo=UTC)
    assert not is_zone_data_old(now=released + timedelta(days=270))
    assert is_zone_data_old(now=released + timedelta(days=280))


def test_a_zone_is_the_same_object_every_time() -> None:
    assert zone("Europe/London") is zone("Europe/London")
    assert zone("Europe/London").key == "Europe/London"


@pytest.mark.parametrize(("name", "day", "hours", "pieces"), DATES)
def test_a_date_is_as_long_as_its_clocks_make_it(name: str, day: date, hours: float, pieces: int) -> None:
    segments = day_segments(day, zone(name))
    assert sum(end - start for _, start, end in segments) == pytest.approx(hours * HOUR)
    assert len(segments) == pieces


def test_a_date_says_where_its_offset_changes() -> None:
    change = int(utc("2026-03-08 07:00").timestamp())
    assert day_segments(date(2026, 3, 8), zone("America/New_York")) == (
        (-5 * HOUR, change - 2 * HOUR, change),
        (-4 * HOUR, change, change + 21 * HOUR),
    )


odd_days = [(name, day) for name, day, *_ in DATES]


@settings(deadline=None)
@given(
    st.sampled_from(odd_days),
    st.integers(-2 * 24 * HOUR, 3 * 24 * HOUR),
)
def test_every_instant_is_in_one_piece_of_one_date_and_comes_back(odd_day: tuple[str, date], seconds: int) -> None:
    name, day = odd_day
    here = zone(name)
    instant = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds)
    local = wall(instant, here)
    epoch = int(instant.timestamp())
    holding = [
        (near, offset)
        for near in (local.date() + timedelta(days=days) for days in (-1, 0, 1))
        for offset, start, end in day_segments(near, here)
        if start <= epoch < end
    ]
    offset = local.replace(tzinfo=here).utcoffset()
    assert offset is not None
    assert holding == [(local.date(), offset.total_seconds())]
    assert local_date(epoch, here) == local.date()
    assert resolve(local, here) == instant
    assert not is_in_gap(local, here)
