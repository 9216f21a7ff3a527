"""What one therapist can carry."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from telehealth.domain.appointments.availability import Rules
from telehealth.domain.appointments.load import Booked, Bookings
from telehealth.domain.words import Obstacle
from tests.domain.appointments.calendars import HOURLY, MONDAY, at, booked, calendar, clock, hours, offered

TUESDAY, SUNDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=6)
EVERY_DAY = [hours(MONDAY + timedelta(days=day), "09:00", "10:00") for day in range(7)]
FIFTY = Rules(duration=50, step=10, horizon=400)


def days_offered(starts: list[str]) -> list[str]:
    return [start[:2] for start in starts]


# --- Caps ------------------------------------------------------------------------------------------------------------


def test_what_weighs_more_fills_a_day_sooner() -> None:
    on = calendar(hours(MONDAY, "09:00", "10:00"), daily_cap=3)
    twice = booked(at("2026-06-01 14:00"), at("2026-06-01 16:00"))
    assert offered(replace(on, appointments=twice), HOURLY, MONDAY)
    intakes = booked(at("2026-06-01 14:00"), at("2026-06-01 16:00"), load=150)
    assert not offered(replace(on, appointments=intakes), HOURLY, MONDAY)
    one_intake = [twice[0], intakes[1]]
    assert not offered(replace(on, appointments=one_intake), HOURLY, MONDAY)
    assert offered(replace(on, appointments=one_intake), replace(HOURLY, load=50), MONDAY)


def test_what_is_to_be_booked_weighs_too() -> None:
    on = calendar(hours(MONDAY, "09:00", "10:00"), daily_cap=2, appointments=booked(at("2026-06-01 14:00")))
    assert offered(on, replace(HOURLY, load=100), MONDAY)
    assert not offered(on, replace(HOURLY, load=101), MONDAY)
    full = replace(on, daily_cap=0)
    assert offered(replace(full, appointments=()), replace(HOURLY, load=0), MONDAY), "what weighs nothing always fits"


def test_a_week_begins_on_monday_in_the_therapists_zone() -> None:
    last_of_the_week, first_of_the_next = at("2026-06-07 23:59"), at("2026-06-08 00:00")
    on = calendar(*EVERY_DAY, weekly_cap=1)
    this = replace(on, appointments=booked(last_of_the_week))
    assert days_offered(offered(this, HOURLY, MONDAY, days=14)) == [f"{day:02}" for day in range(8, 15)]
    following = replace(on, appointments=booked(first_of_the_next))
    assert days_offered(offered(following, HOURLY, MONDAY, days=14)) == [f"{day:02}" for day in range(1, 8)]
    assert offered(replace(following, weekly_cap=2), HOURLY, TUESDAY, days=12) == offered(on, HOURLY, TUESDAY, days=12)


@pytest.mark.parametrize("change", [date(2026, 3, 8), date(2026, 11, 1)])
def test_a_week_in_which_the_clocks_change_is_counted_whole(change: date) -> None:
    monday = change - timedelta(days=change.weekday())
    on = calendar(*EVERY_DAY, weekly_cap=2)
    edges = booked(at(f"{monday} 00:00"), at(f"{change} 23:59"))
    assert not offered(replace(on, appointments=edges), HOURLY, monday, days=7)
    assert offered(replace(on, appointments=edges), HOURLY, change + timedelta(days=1), days=1)
    outside = booked(at(f"{monday - timedelta(days=1)} 23:59"), at(f"{change + timedelta(days=1)} 00:00"))
    assert len(offered(replace(on, appointments=outside), HOURLY, monday, days=7)) == 7


# --- Rows of appointments --------------------------------------------------------------------------------------------


def in_a_row(*walls: str, longest: int, **more: int) -> list[str]:
    """What is offered between nine and two o'clock, beside appointments of fifty minutes that occupy nothing."""
    taken = booked(*(at(f"2026-06-01 {wall}") for wall in walls))
    on = calendar(hours(MONDAY, "09:00", "14:00"), appointments=taken, longest_run=longest, **more)
    return clock(offered(on, replace(FIFTY, step=60), MONDAY))


def test_a_row_grows_no_longer_than_it_may() -> None:
    assert in_a_row("09:00", "10:00", longest=3) == ["09:00", "10:00", "11:00", "12:00", "13:00"]
    assert in_a_row("09:00", "10:00", longest=2) == ["12:00", "13:00"], "11:00 would be the third in a row"


def test_one_that_joins_two_rows_makes_one_long_one() -> None:
    assert "10:00" in in_a_row("09:00", "11:00", longest=3)
    assert "10:00" not in in_a_row("09:00", "11:00", longest=2)
    assert in_a_row("09:00", "11:00", longest=1) == ["13:00"]


def test_a_break_that_is_long_enough_starts_afresh() -> None:
    taken = Booked(at("2026-06-01 09:00"), at("2026-06-01 09:50"))
    on = calendar(hours(MONDAY, "09:50", "11:00"), appointments=[taken], longest_run=1, break_minutes=15)
    assert clock(offered(on, replace(FIFTY, step=5), MONDAY))[0] == "10:05"
    assert clock(offered(replace(on, break_minutes=20), replace(FIFTY, step=5), MONDAY))[0] == "10:10"
    assert clock(offered(replace(on, break_minutes=0), replace(FIFTY, step=5), MONDAY))[0] == "09:50"


def test_a_row_is_counted_on_both_sides_and_over_midnight() -> None:
    before, after = at("2026-06-01 22:00"), at("2026-06-02 00:00")
    on = calendar(hours(MONDAY, "22:00", "02:00"), appointments=booked(before, after))
    at_eleven = "01 23:00 -0400"
    rules = replace(FIFTY, step=60)
    assert at_eleven in offered(replace(on, longest_run=3), rules, MONDAY)
    assert at_eleven not in offered(replace(on, longest_run=2), rules, MONDAY)


def test_nobody_may_be_booked_when_no_row_may_begin() -> None:
    assert in_a_row(longest=0) == []
    assert len(in_a_row(longest=1)) == 5


# --- Time for notes, and the therapist's own calendar ----------------------------------------------------------------


def test_the_longer_of_buffer_and_time_for_notes_is_kept_free_after() -> None:
    taken = [(at("2026-06-01 11:00"), at("2026-06-01 12:00"))]
    on = calendar(hours(MONDAY, "09:00", "11:00"), occupied=taken)
    assert clock(offered(on, replace(FIFTY, buffer_after=10), MONDAY))[-1] == "10:00"
    assert clock(offered(replace(on, note_minutes=5), replace(FIFTY, buffer_after=10), MONDAY))[-1] == "10:00"
    assert clock(offered(replace(on, note_minutes=20), replace(FIFTY, buffer_after=10), MONDAY))[-1] == "09:50"


def test_the_buffers_are_kept_clear_of_the_therapists_own_calendar_on_both_sides() -> None:
    lunch = [(at("2026-06-01 11:00"), at("2026-06-01 12:00"))]
    on = calendar(hours(MONDAY, "09:00", "14:00"), busy=lunch)
    starts = clock(offered(on, Rules(50, buffer_before=10, buffer_after=20, step=10), MONDAY))
    assert [start for start in starts if "09:40" <= start <= "12:20"] == ["09:40", "09:50", "12:10", "12:20"]


# --- In columns ------------------------------------------------------------------------------------------------------


def test_what_is_booked_reads_the_same_in_columns_and_in_any_order() -> None:
    rows = [Booked(3, 5, 150, Obstacle.HELD), Booked(1, 9), Booked(2, 4, 0, Obstacle.STANDING)]
    columns = Bookings(*map(list, zip(*rows, strict=True)))
    assert list(columns) == sorted(rows)
    assert (list(Bookings.of(rows)), columns[0], columns[1:]) == (sorted(rows), rows[1], sorted(rows)[1:])
    assert (len(columns), columns.sums, columns.reach) == (3, [0, 100, 100, 250], [9, 9, 9])
    assert list(Bookings([1], [2], [100])) == [Booked(1, 2)]
    assert (list(Bookings.of(())), Bookings.of(columns) is columns) == ([], True)


def test_a_stretch_of_what_is_booked() -> None:
    columns = Bookings.of([Booked(1, 2), Booked(4, 5, 50, Obstacle.HELD), Booked(4, 9), Booked(7, 8)])
    assert list(columns.within(1, 7)) == [Booked(4, 5, 50, Obstacle.HELD), Booked(4, 9)]
    assert list(columns.within(0, 8)) == list(columns)
    assert list(columns.within(7, 9)) == list(Bookings([1], [2], [100]).within(0, 1)) == []
