"""Availability on the days on which clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from telehealth.domain.appointments.availability import Ask, Rules, free_starts
from telehealth.domain.words import Mode
from tests.domain.appointments.calendars import (
    HOUR,
    HOURLY,
    MONDAY,
    NEW_YORK,
    at,
    booked,
    calendar,
    clock,
    hours,
    offered,
)

CHANGES = [  # Zone, date, window, step and duration, what is offered.
    (NEW_YORK, date(2026, 3, 8), ("00:00", "05:00"), 60, ["00:00 -0500", "01:00 -0500", "03:00 -0400", "04:00 -0400"]),
    (NEW_YORK, date(2026, 3, 8), ("02:00", "03:00"), 30, []),
    (NEW_YORK, date(2026, 3, 8), ("02:30", "04:00"), 60, []),
    (NEW_YORK, date(2026, 3, 8), ("02:30", "04:00"), 30, ["03:00 -0400", "03:30 -0400"]),
    (NEW_YORK, date(2026, 3, 8), ("01:15", "04:15"), 60, ["01:15 -0500", "03:15 -0400"]),
    (
        NEW_YORK,
        date(2026, 11, 1),
        ("00:00", "03:00"),
        60,
        ["00:00 -0400", "01:00 -0400", "01:00 -0500", "02:00 -0500"],
    ),
    (NEW_YORK, date(2026, 11, 1), ("01:00", "02:00"), 60, ["01:00 -0400", "01:00 -0500"]),
    (NEW_YORK, date(2026, 11, 1), ("01:00", "01:30"), 30, ["01:00 -0400", "01:00 -0500"]),
    ("Europe/London", date(2026, 3, 29), ("00:00", "03:00"), 60, ["00:00 +0000", "02:00 +0100"]),
    ("Australia/Lord_Howe", date(2026, 10, 4), ("01:00", "04:00"), 60, ["01:00 +1030", "03:00 +1100"]),
    (
        "Australia/Lord_Howe",
        date(2026, 4, 5),
        ("01:00", "02:30"),
        30,
        ["01:00 +1100", "01:30 +1100", "01:30 +1030", "02:00 +1030"],
    ),
    ("America/Havana", date(2026, 3, 8), ("00:00", "03:00"), 60, ["01:00 -0400", "02:00 -0400"]),
    ("America/Havana", date(2025, 11, 2), ("00:00", "02:00"), 60, ["00:00 -0400", "00:00 -0500", "01:00 -0500"]),
    ("Africa/Cairo", date(2026, 4, 24), ("00:00", "02:00"), 60, ["01:00 +0300"]),
    ("Africa/Cairo", date(2026, 10, 29), ("22:00", "00:00"), 60, ["22:00 +0300", "23:00 +0300", "23:00 +0200"]),
    ("Pacific/Apia", date(2011, 12, 30), ("00:00", "00:00"), 60, []),
    ("America/Phoenix", date(2026, 3, 8), ("01:00", "04:00"), 60, ["01:00 -0700", "02:00 -0700", "03:00 -0700"]),
    ("Asia/Kathmandu", date(2026, 3, 8), ("09:00", "11:00"), 60, ["09:00 +0545", "10:00 +0545"]),
]


@pytest.mark.parametrize(("zone", "day", "window", "minutes", "expected"), CHANGES)
def test_hours_are_wall_time(zone: str, day: date, window: tuple[str, str], minutes: int, expected: list[str]) -> None:
    rules = Rules(duration=minutes, step=minutes)
    starts = offered(calendar(hours(day, *window), zone=zone), rules, day)
    assert [start.split(maxsplit=1)[1] for start in starts] == expected


@pytest.mark.parametrize(("day", "length"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 6, 7), 24)])
def test_a_whole_day_is_as_long_as_it_is(day: date, length: int) -> None:
    whole = calendar(hours(day, "00:00", "00:00"))
    assert len(offered(whole, HOURLY, day)) == length
    assert len(offered(whole, Rules(duration=length * 60), day)) == 1
    assert offered(whole, Rules(duration=length * 60 + 1), day) == []


def test_an_appointment_may_run_through_a_change() -> None:
    spring, autumn = date(2026, 3, 8), date(2026, 11, 1)
    assert clock(offered(calendar(hours(spring, "01:30", "03:30")), HOURLY, spring)) == ["01:30"]
    ninety = Rules(duration=90, step=60)
    assert offered(calendar(hours(autumn, "01:30", "02:00")), ninety, autumn) == []
    assert clock(offered(calendar(hours(autumn, "01:00", "02:00")), ninety, autumn)) == ["01:00"]


def test_the_evening_before_a_skipped_date_joins_the_morning_after() -> None:
    zone, thursday = "Pacific/Apia", date(2011, 12, 29)
    on = calendar(hours(thursday, "23:00", "00:00"), hours(date(2011, 12, 31), "00:00", "01:00"), zone=zone)
    assert offered(on, Rules(duration=120, step=60), thursday, days=3) == ["29 23:00 -1000"]


def test_two_dates_that_interleave_keep_their_own_hours_and_caps() -> None:
    # At 00:01 on the 7th clocks went back to 23:01 on the 6th.
    zone, sixth, seventh = "America/St_Johns", date(2010, 11, 6), date(2010, 11, 7)
    rules = Rules(duration=1, step=1)
    on = calendar(hours(sixth, "23:59", "00:00"), hours(seventh, "00:00", "00:01"), zone=zone)
    both = ["06 23:59 -0230", "07 00:00 -0230", "06 23:59 -0330", "07 00:00 -0330"]
    assert offered(on, rules, sixth, days=3) == both
    full = replace(on, daily_cap=1, appointments=booked(at("2010-11-06 12:00", zone)))
    assert offered(full, rules, sixth, days=3) == [both[1], both[3]]


def test_of_two_interleaving_dates_one_can_be_full_or_too_far_ahead() -> None:
    zone, sixth, seventh = "America/St_Johns", date(2010, 11, 6), date(2010, 11, 7)
    rules = Rules(duration=1, step=1)
    on = calendar(hours(sixth, "23:59", "00:00"), hours(seventh, "00:00", "00:01"), zone=zone)
    first_pass, second_pass = at("2010-11-07 00:00", zone), at("2010-11-06 23:59", zone, fold=1)
    ask = Ask(first_pass, second_pass + 1, Mode.VIRTUAL)
    now = at("2010-11-06 20:00", zone)
    assert free_starts(on, rules, ask, now=now) == [first_pass, second_pass]
    full_sixth = replace(on, daily_cap=1, appointments=booked(at("2010-11-06 12:00", zone)))
    assert free_starts(full_sixth, rules, ask, now=now) == [first_pass]
    full_seventh = replace(on, daily_cap=1, appointments=booked(at("2010-11-07 12:00", zone)))
    assert free_starts(full_seventh, rules, ask, now=now) == [second_pass]
    assert free_starts(on, replace(rules, horizon=0), ask, now=now) == [second_pass]


def test_a_night_that_began_two_dates_ago_by_the_wall_goes_on() -> None:
    zone, fifth = "America/St_Johns", date(2010, 11, 5)
    on = calendar(hours(fifth, "23:59", "23:59"), zone=zone)
    midnight = at("2010-11-07 00:00", zone)
    ask = Ask(midnight, midnight + 2 * HOUR, Mode.VIRTUAL)
    again = [at("2010-11-06 23:14", zone, fold=1), at("2010-11-06 23:29", zone, fold=1)]
    assert free_starts(on, Rules(duration=30), ask, now=midnight - HOUR) == again


@pytest.mark.parametrize(
    ("zone", "day", "duration"),
    [
        (NEW_YORK, MONDAY, 120),
        (NEW_YORK, MONDAY, 24 * 60 + 60),
        (NEW_YORK, MONDAY, 3 * 24 * 60 + 60),
        ("Pacific/Apia", date(2011, 12, 29), 25 * 60),  # Over the date that was skipped, into January.
    ],
)
def test_an_appointment_may_run_on_past_the_last_date_offered(zone: str, day: date, duration: int) -> None:
    always = calendar(*(hours(day + timedelta(days=days), "00:00", "00:00") for days in range(7)), zone=zone)
    noon = at(f"{day} 12:00", zone)
    starts = offered(always, Rules(duration=duration, step=30, horizon=0), day, days=9, now=noon)
    assert clock(starts)[-1] == "23:30"
    assert len(starts) == 24


def test_notice_is_elapsed_time() -> None:
    spring = date(2026, 3, 8)
    on = calendar(hours(spring, "08:00", "13:00"))
    rules = Rules(duration=60, step=60, notice=24 * 60)
    assert clock(offered(on, rules, spring, now=at("2026-03-07 10:00"))) == ["11:00", "12:00"]
    assert clock(offered(on, rules, spring, now=at("2026-03-07 10:00") + 1)) == ["12:00"]


def test_the_cap_counts_both_passes_of_the_repeated_hour() -> None:
    autumn = date(2026, 11, 1)
    passes = [at("2026-11-01 01:30"), at("2026-11-01 01:30", fold=1)]
    on = calendar(hours(autumn, "09:00", "11:00"), appointments=booked(*passes), daily_cap=3)
    assert clock(offered(on, HOURLY, autumn)) == ["09:00", "10:00"]
    assert offered(replace(on, daily_cap=2), HOURLY, autumn) == []
