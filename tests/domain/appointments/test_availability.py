"""Availability by example. The property tests beside this file are wider; these say what is meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from telehealth.domain.appointments.availability import Ask, Rules, first_free, free_starts
from telehealth.domain.hours.opening import Hours, Override
from telehealth.domain.words import Mode
from tests.domain.appointments.calendars import (
    ANY_MODE,
    HOUR,
    HOURLY,
    MINUTE,
    MONDAY,
    at,
    booked,
    calendar,
    clock,
    hours,
    is_free,
    offered,
    period,
)

# --- Hours -----------------------------------------------------------------------------------------------------------


def test_the_whole_appointment_lies_in_the_hours() -> None:
    on = calendar(hours(MONDAY, "09:00", "11:00"))
    assert clock(offered(on, Rules(duration=50, step=15), MONDAY)) == ["09:00", "09:15", "09:30", "09:45", "10:00"]
    assert clock(offered(on, Rules(duration=60, step=15), MONDAY))[-1] == "10:00"
    assert clock(offered(on, Rules(duration=61, step=15), MONDAY))[-1] == "09:45"


def test_hours_that_touch_are_one_and_each_has_its_own_grid() -> None:
    touching = calendar(hours(MONDAY, "09:00", "10:20"), hours(MONDAY, "10:20", "12:00"))
    assert clock(offered(touching, HOURLY, MONDAY)) == ["09:00", "10:00", "10:20"]
    apart = calendar(hours(MONDAY, "09:00", "10:20"), hours(MONDAY, "10:21", "12:00"))
    assert clock(offered(apart, HOURLY, MONDAY)) == ["09:00", "10:21"]


def test_hours_that_overlap_offer_no_start_twice() -> None:
    on = calendar(hours(MONDAY, "09:00", "12:00"), hours(MONDAY, "10:00", "11:30"), hours(MONDAY, "10:30", "12:00"))
    assert clock(offered(on, HOURLY, MONDAY)) == ["09:00", "10:00", "10:30", "11:00"]


def test_a_night_runs_into_the_next_day() -> None:
    on = calendar(hours(MONDAY, "22:30", "01:30"), hours(MONDAY + timedelta(days=1), "01:30", "02:30"))
    assert offered(on, HOURLY, MONDAY, days=2) == [
        "01 22:30 -0400",
        "01 23:30 -0400",
        "02 00:30 -0400",
        "02 01:30 -0400",
    ]
    assert clock(offered(on, Rules(duration=120, step=60), MONDAY, days=2)) == ["22:30", "23:30", "00:30"]


def test_hours_hold_between_their_dates_inclusive() -> None:
    second, third = MONDAY + timedelta(weeks=1), MONDAY + timedelta(weeks=2)
    on = calendar(hours(MONDAY, "23:00", "01:00", valid_from=second, valid_until=third))
    starts = offered(on, HOURLY, MONDAY, days=28)
    assert [start[:5] for start in starts] == ["08 23", "09 00", "15 23", "16 00"]


@pytest.mark.parametrize("anchor", [date(2026, 6, 1), date(2026, 6, 7), date(2026, 5, 20), date(2026, 6, 29)])
def test_every_other_week_counts_from_the_week_of_the_anchor(anchor: date) -> None:
    sunday = date(2026, 6, 7)
    on = calendar(
        hours(MONDAY, "09:00", "10:00", every_weeks=2, anchor=anchor),
        hours(sunday, "09:00", "10:00", every_weeks=2, anchor=anchor),
    )
    assert [start[:2] for start in offered(on, HOURLY, MONDAY, days=28)] == ["01", "07", "15", "21"]


def test_every_other_week_over_the_new_year() -> None:
    first = date(2026, 12, 21)
    on = calendar(hours(first, "09:00", "10:00", every_weeks=2, anchor=first))
    assert [start[:2] for start in offered(on, HOURLY, first, days=28)] == ["21", "04"]


def test_an_override_replaces_the_hours_that_begin_on_its_date() -> None:
    tuesday = MONDAY + timedelta(days=1)
    weekly = (hours(MONDAY, "23:00", "02:00"), hours(tuesday, "09:00", "11:00"))
    moved = Override(tuesday, time(14), time(15), ANY_MODE)
    assert clock(offered(calendar(*weekly, overrides=[moved]), HOURLY, tuesday)) == ["00:00", "01:00", "14:00"]
    closed = Override(tuesday, None, None)
    assert clock(offered(calendar(*weekly, overrides=[closed]), HOURLY, tuesday)) == ["00:00", "01:00"]
    assert clock(offered(calendar(*weekly, overrides=[moved, closed]), HOURLY, tuesday)) == ["00:00", "01:00"]
    other_mode = replace(moved, modes=frozenset({Mode.PHONE}))
    assert clock(offered(calendar(*weekly, overrides=[other_mode]), HOURLY, tuesday)) == ["00:00", "01:00"]


def test_two_overrides_of_a_date_both_count() -> None:
    pair = [Override(MONDAY, time(8), time(9), ANY_MODE), Override(MONDAY, time(20), time(21), ANY_MODE)]
    assert clock(offered(calendar(overrides=pair), HOURLY, MONDAY)) == ["08:00", "20:00"]


# --- How and where ---------------------------------------------------------------------------------------------------


def test_hours_are_for_their_modes_and_places() -> None:
    on = calendar(
        hours(MONDAY, "09:00", "10:00", modes=frozenset({Mode.IN_PERSON}), location_id=1),
        hours(MONDAY, "10:00", "11:00", modes=ANY_MODE, location_id=2),
        hours(MONDAY, "11:00", "12:00", modes=ANY_MODE),
        hours(MONDAY, "12:00", "13:00", modes=frozenset({Mode.PHONE}), location_id=1),
    )
    assert clock(offered(on, HOURLY, MONDAY, mode=Mode.VIRTUAL)) == ["10:00", "11:00"]
    assert clock(offered(on, HOURLY, MONDAY, mode=Mode.VIRTUAL, location_id=1)) == ["10:00", "11:00"]
    assert clock(offered(on, HOURLY, MONDAY, mode=Mode.PHONE)) == ["10:00", "11:00", "12:00"]
    assert clock(offered(on, HOURLY, MONDAY, mode=Mode.IN_PERSON, location_id=1)) == ["09:00"]
    assert clock(offered(on, HOURLY, MONDAY, mode=Mode.IN_PERSON, location_id=2)) == ["10:00"]
    assert offered(on, HOURLY, MONDAY, mode=Mode.IN_PERSON) == []


def test_hours_join_only_where_the_mode_goes_on() -> None:
    on = calendar(hours(MONDAY, "09:00", "10:00"), hours(MONDAY, "10:00", "11:00", modes=frozenset({Mode.IN_PERSON})))
    assert offered(on, Rules(duration=90), MONDAY) == []


def test_one_room_is_free_for_all_of_the_appointment() -> None:
    on = calendar(hours(MONDAY, "09:00", "12:00"))
    morning, noon = period("2026-06-01 09:00", "2026-06-01 10:30"), period("2026-06-01 10:30", "2026-06-01 12:00")
    assert len(offered(on, HOURLY, MONDAY, rooms=None)) == 3
    assert offered(on, HOURLY, MONDAY, rooms=()) == []
    assert clock(offered(on, HOURLY, MONDAY, rooms=[[morning]])) == ["11:00"]
    assert clock(offered(on, HOURLY, MONDAY, rooms=[[morning], [noon]])) == ["09:00", "11:00"]
    assert offered(on, HOURLY, MONDAY, rooms=[[noon, morning]]) == []
    assert len(offered(on, HOURLY, MONDAY, rooms=[[noon, morning], []])) == 3


# --- Taken time ------------------------------------------------------------------------------------------------------


def test_occupied_time_keeps_its_distance_from_buffers() -> None:
    on = calendar(hours(MONDAY, "09:00", "17:00"), occupied=[period("2026-06-01 12:00", "2026-06-01 13:00")])
    plain = Rules(duration=50, step=10)
    starts = clock(offered(on, plain, MONDAY))
    assert "11:10" in starts
    assert not {"11:20", "12:50"} & set(starts)
    assert "13:00" in starts
    buffered = clock(offered(on, replace(plain, buffer_before=10, buffer_after=20), MONDAY))
    assert "10:50" in buffered
    assert not {"11:00", "13:00"} & set(buffered)
    assert "13:10" in buffered


def test_time_off_keeps_clear_of_the_appointment_only() -> None:
    rules = Rules(duration=50, step=10, buffer_before=30, buffer_after=30)
    on = calendar(hours(MONDAY, "09:00", "17:00"), time_off=[period("2026-06-01 12:00", "2026-06-01 13:00")])
    starts = clock(offered(on, rules, MONDAY))
    assert {"11:10", "13:00"} <= set(starts)
    assert not {"11:20", "12:00", "12:50"} & set(starts)


def test_a_single_second_is_an_overlap_and_none_is_not() -> None:
    nine = at("2026-06-01 09:00")
    on = calendar(hours(MONDAY, "09:00", "10:00"))
    for occupied, expected in [
        ((nine - HOUR, nine), 1),
        ((nine - HOUR, nine + 1), 0),
        ((nine + HOUR, nine + 2 * HOUR), 1),
        ((nine + HOUR - 1, nine + 2 * HOUR), 0),
        ((nine + 30 * MINUTE, nine + 30 * MINUTE), 1),
    ]:
        assert len(offered(replace(on, occupied=[occupied]), HOURLY, MONDAY)) == expected
        assert len(offered(replace(on, time_off=[occupied]), HOURLY, MONDAY)) == expected
        assert len(offered(on, HOURLY, MONDAY, rooms=[[occupied]])) == expected


def test_taken_time_may_overlap_and_come_in_any_order() -> None:
    taken = [
        period("2026-06-01 13:00", "2026-06-01 14:00"),
        period("2026-06-01 09:00", "2026-06-01 13:00"),
        period("2026-06-01 10:00", "2026-06-01 11:00"),
    ]
    on = calendar(hours(MONDAY, "09:00", "16:00"), occupied=taken)
    assert clock(offered(on, HOURLY, MONDAY)) == ["14:00", "15:00"]


# --- Notice, horizon, cap --------------------------------------------------------------------------------------------


def test_the_past_is_never_offered() -> None:
    on = calendar(hours(MONDAY, "09:00", "12:00"))
    assert clock(offered(on, HOURLY, MONDAY, now=at("2026-06-01 10:00"))) == ["10:00", "11:00"]
    assert clock(offered(on, HOURLY, MONDAY, now=at("2026-06-01 10:00") + 1)) == ["11:00"]


def test_the_horizon_is_a_date_on_the_therapists_wall() -> None:
    on = calendar(*(hours(MONDAY + timedelta(days=day), "23:00", "01:00") for day in range(7)))
    rules = Rules(duration=60, step=60, horizon=1)
    late_on_sunday = at("2026-05-31 23:59")  # Already Monday in UTC.
    starts = offered(on, rules, MONDAY, days=7, now=late_on_sunday)
    assert starts == ["01 00:00 -0400", "01 23:00 -0400"]
    just_after = offered(on, rules, MONDAY, days=7, now=late_on_sunday + MINUTE)
    assert just_after == [*starts, "02 00:00 -0400", "02 23:00 -0400"]


def test_a_full_date_offers_nothing() -> None:
    tuesday = MONDAY + timedelta(days=1)
    on = calendar(
        hours(MONDAY, "09:00", "11:00"),
        hours(tuesday, "09:00", "11:00"),
        appointments=booked(at("2026-06-01 00:00"), at("2026-06-01 23:59"), at("2026-06-02 00:00")),
    )
    assert [start[:2] for start in offered(replace(on, daily_cap=2), HOURLY, MONDAY, days=2)] == ["02", "02"]
    assert len(offered(replace(on, daily_cap=3), HOURLY, MONDAY, days=2)) == 4
    assert offered(replace(on, daily_cap=1), HOURLY, MONDAY, days=2) == []
    assert offered(replace(on, daily_cap=0, appointments=()), HOURLY, MONDAY, days=2) == []


# --- One start, many calendars ---------------------------------------------------------------------------------------


def test_the_range_asked_for_is_half_open() -> None:
    on = calendar(hours(MONDAY, "09:00", "12:00"))
    ask = Ask(*period("2026-06-01 09:00", "2026-06-01 11:00"), Mode.VIRTUAL)
    now = ask.since - HOUR
    assert free_starts(on, HOURLY, ask, now=now) == [ask.since, ask.since + HOUR]
    assert free_starts(on, HOURLY, replace(ask, until=ask.since), now=now) == []
    assert free_starts(on, HOURLY, replace(ask, until=ask.since - HOUR), now=now) == []


@pytest.mark.parametrize("start", [0, -1, 10**18, -(10**30), 10**30])
def test_absurd_starts_are_refused_calmly(start: int) -> None:
    on = calendar(hours(MONDAY, "00:00", "00:00"))
    assert not is_free(on, HOURLY, start, now=at("2026-06-01 09:00"))


def test_an_absurd_range_ends_at_the_horizon() -> None:
    on = calendar(hours(MONDAY, "09:00", "10:00"))
    ask = Ask(-(10**30), 10**30, Mode.VIRTUAL)
    rules = Rules(duration=60, horizon=7)
    now = at("2026-06-01 08:00")
    assert free_starts(on, rules, ask, now=now) == [at("2026-06-01 09:00"), at("2026-06-08 09:00")]


def test_a_start_off_the_grid_is_refused() -> None:
    on = calendar(hours(MONDAY, "09:00", "12:00"))
    now, nine = at("2026-06-01 08:00"), at("2026-06-01 09:00")
    assert is_free(on, HOURLY, nine, now=now)
    assert not is_free(on, HOURLY, nine + 1, now=now)
    assert not is_free(on, HOURLY, nine + 30 * MINUTE, now=now)


def test_the_first_in_order_gets_each_start() -> None:
    short, long = calendar(hours(MONDAY, "10:00", "11:00")), calendar(hours(MONDAY, "09:00", "12:00"))
    ask = Ask(*period("2026-06-01 00:00", "2026-06-02 00:00"), Mode.VIRTUAL)
    nine = at("2026-06-01 09:00")
    found = first_free([("short", short), ("long", long)], HOURLY, ask, now=nine - HOUR)
    assert list(found.items()) == [(nine, "long"), (nine + HOUR, "short"), (nine + 2 * HOUR, "long")]
    turned = first_free([("long", long), ("short", short)], HOURLY, ask, now=nine - HOUR)
    assert set(turned.values()) == {"long"}
    assert first_free([], HOURLY, ask, now=nine) == {}
    assert first_free([("long", long)], HOURLY, replace(ask, rooms=()), now=nine) == {}


def test_therapists_in_different_zones_meet_on_instants() -> None:
    east, west = calendar(hours(MONDAY, "12:00", "14:00")), calendar(hours(MONDAY, "09:00", "12:00"), zone="US/Pacific")
    ask = Ask(*period("2026-06-01 00:00", "2026-06-02 00:00"), Mode.VIRTUAL)
    found = first_free([("east", east), ("west", west)], HOURLY, ask, now=ask.since)
    assert list(found.values()) == ["east", "east", "west"]


def test_changed_hours_are_seen_at_once() -> None:
    on = calendar(hours(MONDAY, "09:00", "10:00"))
    assert clock(offered(on, HOURLY, MONDAY)) == ["09:00"]
    assert clock(offered(replace(on, hours=[hours(MONDAY, "10:00", "11:00")]), HOURLY, MONDAY)) == ["10:00"]


# --- Values that make no sense ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"duration": 0},
        {"step": 0},
        {"step": -5},
        {"buffer_before": -1},
        {"buffer_after": -1},
        {"notice": -1},
        {"horizon": -1},
    ],
)
def test_senseless_rules_are_refused(fields: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"minute|negative"):
        Rules(**{"duration": 50, **fields})


def test_senseless_hours_are_refused() -> None:
    with pytest.raises(ValueError, match="weekday"):
        Hours(7, time(9), time(10), ANY_MODE)
    with pytest.raises(ValueError, match="anchor"):
        hours(MONDAY, "09:00", "10:00", every_weeks=2)
    with pytest.raises(ValueError, match="every_weeks"):
        hours(MONDAY, "09:00", "10:00", every_weeks=0, anchor=MONDAY)
    with pytest.raises(ValueError, match="neither"):
        Override(MONDAY, time(9), None)
