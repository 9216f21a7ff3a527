"""Why not then? Each obstacle by name. That nothing is named exactly when the time is offered, is proved beside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from telehealth.domain.appointments.availability import Ask, Calendar, Rules, obstacles
from telehealth.domain.appointments.load import Booked
from telehealth.domain.words import Mode, Obstacle
from tests.domain.appointments.calendars import HOUR, HOURLY, MONDAY, at, booked, calendar, hours, period

NINE, NOW = at("2026-06-01 09:00"), at("2026-05-30 09:00")
OPEN = calendar(hours(MONDAY, "08:00", "18:00"))


def why(on: Calendar = OPEN, start: int = NINE, rules: Rules = HOURLY, *, now: int = NOW, **ask: Any) -> list[Obstacle]:
    return obstacles(on, rules, Ask(start, start + 1, **{"mode": Mode.VIRTUAL, **ask}), now=now)


def test_nothing_stands_in_the_way() -> None:
    assert why() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"time_off": [period("2026-06-01 09:59", "2026-06-01 11:00")]}, Obstacle.TIME_OFF),
        ({"busy": [period("2026-06-01 09:59", "2026-06-01 11:00")]}, Obstacle.BUSY),
        ({"occupied": [period("2026-06-01 09:59", "2026-06-01 11:00")]}, Obstacle.TAKEN),
        ({"unlicensed": [period("2026-06-01 09:59", "2027-06-01 11:00")]}, Obstacle.LICENCE),
        ({"daily_cap": 1, "appointments": booked(NINE + 5 * HOUR)}, Obstacle.DAILY_CAP),
        ({"weekly_cap": 1, "appointments": booked(NINE + 60 * HOUR)}, Obstacle.WEEKLY_CAP),
        ({"longest_run": 1, "appointments": booked(NINE + HOUR)}, Obstacle.LONGEST_RUN),
    ],
)
def test_each_rule_has_its_name(change: dict[str, Any], expected: Obstacle) -> None:
    assert why(replace(OPEN, **change)) == [expected]


def test_outside_hours_is_told_from_off_the_grid() -> None:
    assert why(start=at("2026-06-01 07:00")) == [Obstacle.OUTSIDE_HOURS]
    assert why(start=at("2026-06-01 17:30")) == [Obstacle.OUTSIDE_HOURS], "it would last into the evening"
    assert why(start=NINE + 60) == [Obstacle.OFF_GRID]
    assert why(mode=Mode.IN_PERSON, location_id=1, rooms=[[]]) == [Obstacle.OUTSIDE_HOURS], "not there then"


def test_too_soon_is_told_from_too_far_ahead_and_from_the_past() -> None:
    assert why(now=NINE - HOUR, rules=replace(HOURLY, notice=61)) == [Obstacle.NOTICE]
    assert why(now=NINE, rules=replace(HOURLY, notice=1)) == [Obstacle.NOTICE]
    assert why(now=NINE + 1, rules=replace(HOURLY, notice=1)) == [Obstacle.PAST]
    assert why(rules=replace(HOURLY, horizon=1)) == [Obstacle.HORIZON]


def test_a_room_and_the_clients_must_have_time() -> None:
    there = calendar(hours(MONDAY, "08:00", "18:00", location_id=1))
    ask: dict[str, Any] = {"mode": Mode.IN_PERSON, "location_id": 1}
    assert why(there, **ask, rooms=[]) == [Obstacle.ROOM]
    assert why(there, **ask, rooms=[[(NINE - HOUR, NINE + 1)]]) == [Obstacle.ROOM]
    assert why(there, **ask, rooms=[[(NINE - HOUR, NINE + 1)], [(NINE - HOUR, NINE)]]) == []
    assert why(clients=[(NINE - HOUR, NINE + 1)]) == [Obstacle.CLIENT_BUSY]


def test_who_has_the_time_is_told_apart() -> None:
    for kind in (Obstacle.TAKEN, Obstacle.HELD, Obstacle.STANDING):
        other = Booked(NINE, NINE + HOUR, kind=kind)
        on = replace(OPEN, occupied=[(other.starts, other.ends)], appointments=[other])
        assert why(on) == [kind]
    both = [Booked(NINE, NINE + 600), Booked(NINE + 600, NINE + HOUR, kind=Obstacle.HELD)]
    on = replace(OPEN, occupied=[each[:2] for each in both], appointments=both)
    assert why(on) == [Obstacle.HELD, Obstacle.TAKEN]


def test_when_only_buffers_touch_that_is_what_is_said() -> None:
    other = Booked(NINE + HOUR, NINE + 2 * HOUR)
    theirs = replace(OPEN, occupied=[(other.starts - 1, other.ends)], appointments=[other])
    assert why(theirs) == [Obstacle.BUFFER]
    ours = replace(OPEN, occupied=[(other.starts, other.ends)], appointments=[other])
    assert why(ours) == []
    assert why(ours, rules=replace(HOURLY, buffer_after=1)) == [Obstacle.BUFFER]
    assert why(replace(ours, note_minutes=1)) == [Obstacle.BUFFER]


def test_everything_in_the_way_is_named() -> None:
    on = replace(
        OPEN,
        time_off=[(NINE, NINE + 1)],
        occupied=[(NINE, NINE + 1)],
        appointments=[Booked(NINE, NINE + 1)],
        daily_cap=1,
    )
    assert why(on, now=NINE) == [Obstacle.TAKEN, Obstacle.TIME_OFF, Obstacle.DAILY_CAP]


@pytest.mark.parametrize(("start", "expected"), [(10**30, Obstacle.HORIZON), (-(10**30), Obstacle.PAST)])
def test_absurd_instants_are_explained_calmly(start: int, expected: Obstacle) -> None:
    assert why(start=start) == [Obstacle.OUTSIDE_HOURS, expected]
