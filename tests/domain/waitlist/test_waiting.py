"""Windows of the week, who fits, and who is asked first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain import walltime
from telehealth.domain.waitlist.waiting import (
    LAST_CALL,
    Wait,
    WeeklyWindow,
    fits,
    may_touch,
    offer_ends,
    on_the_wall,
    rank_waits,
    spans_of,
)
from telehealth.domain.walltime import resolve
from telehealth.domain.words import Mode
from tests.moments import NOW, at

DENVER, NEW_YORK = walltime.zone("America/Denver"), walltime.zone("America/New_York")
ELSEWHERE = ("Australia/Lord_Howe", "America/Havana", "Asia/Kolkata")
HOUR, WEEK = 3600, 7 * 24 * 3600
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def window(text: str) -> WeeklyWindow:
    """ "Mon 09:00-12:00"."""
    day, _, times = text.partition(" ")
    starts, _, ends = times.partition("-")
    return WeeklyWindow(DAYS.index(day), time.fromisoformat(starts), time.fromisoformat(ends))


def wait(*windows: str, **given: Any) -> Wait:
    usual: dict[str, Any] = {
        "entry_id": 1,
        "service_id": 1,
        "location_id": None,
        "modes": (Mode.VIRTUAL,),
        "therapist_ids": frozenset(),
        "spans": spans_of(map(window, windows)),
        "zone": DENVER,
        "jurisdiction": "CO",
        "until": date(2030, 1, 1),
        "since": 0,
    }
    return Wait(**{**usual, **given})


def slot(moment: datetime, minutes: int = 50, zone: ZoneInfo = DENVER) -> tuple[int, int]:
    """A naive moment on the wall."""
    starts = int(resolve(moment, zone).timestamp())
    return starts, starts + minutes * 60


TUESDAY = datetime(2026, 11, 24)


@pytest.mark.parametrize(
    ("windows", "hour", "minute", "suits"),
    [
        (["Tue 09:00-12:00"], 9, 0, True),
        (["Tue 09:00-12:00"], 11, 10, True),
        (["Tue 09:00-12:00"], 11, 15, False),
        (["Tue 09:00-12:00"], 8, 55, False),
        (["Mon 09:00-12:00"], 9, 0, False),
        (["Mon 09:00-12:00", "Tue 15:00-18:00"], 16, 0, True),
        (["Tue 09:00-10:00", "Tue 10:00-11:00"], 9, 30, True),
        (["Tue 09:00-10:00", "Tue 10:15-11:00"], 9, 30, False),
        (["Tue 09:00-09:30", "Tue 09:15-11:00"], 9, 0, True),
        (["Tue 00:00-00:00"], 0, 0, True),
        (["Tue 00:00-00:00"], 23, 30, False),
        (["Tue 00:00-00:00", "Wed 00:00-01:00"], 23, 30, True),
        (["Mon 22:00-02:00"], 1, 0, True),
        (["Mon 22:00-02:00"], 1, 30, False),
        (["Tue 22:00-02:00"], 1, 0, False),
        (["Tue 22:00-02:00"], 23, 30, True),
        ([], 3, 0, True),
    ],
)
def test_the_whole_slot_lies_in_the_windows(windows: list[str], hour: int, minute: int, suits: bool) -> None:
    assert fits(wait(*windows), *slot(TUESDAY.replace(hour=hour, minute=minute))) == suits


def test_a_night_over_the_end_of_the_week() -> None:
    late = wait("Sun 22:00-02:00")
    assert fits(late, *slot(datetime(2026, 11, 29, 23, 30)))
    assert fits(late, *slot(datetime(2026, 11, 30, 1, 0)))
    assert not fits(late, *slot(datetime(2026, 11, 29, 1, 0)))
    assert fits(wait("Sun 22:00-00:00", "Mon 00:00-02:00"), *slot(datetime(2026, 11, 29, 23, 30)))


def test_every_day_of_the_week_is_any_time() -> None:
    always = wait(*(f"{day} 00:00-00:00" for day in DAYS))
    assert all(fits(always, *slot(TUESDAY + timedelta(hours=hour))) for hour in range(7 * 24))


def test_the_windows_are_those_of_the_clients_own_clock() -> None:
    nine_in_denver = slot(TUESDAY.replace(hour=9))
    assert fits(wait("Tue 09:00-10:00"), *nine_in_denver)
    assert not fits(wait("Tue 09:00-10:00", zone=NEW_YORK), *nine_in_denver)
    assert fits(wait("Tue 11:00-12:00", zone=NEW_YORK), *nine_in_denver)
    tokyo = walltime.zone("Asia/Tokyo")
    assert fits(wait("Wed 01:00-02:00", zone=tokyo), *nine_in_denver), "where it is Wednesday already"


def test_a_window_keeps_its_wall_time_when_clocks_change() -> None:
    mornings = wait("Mon 09:00-10:00")
    for monday in (datetime(2026, 10, 26, 9), datetime(2026, 11, 2, 9), datetime(2027, 3, 15, 9)):
        assert fits(mornings, *slot(monday))
        assert not fits(mornings, *slot(monday - timedelta(hours=1)))


def test_the_hour_that_comes_twice() -> None:
    night = wait("Sun 01:30-02:30")
    first = int(datetime(2026, 11, 1, 7, 30, tzinfo=UTC).timestamp())  # 01:30, and at 08:00 it is 01:00 again
    second = first + HOUR
    assert not fits(night, first, first + 50 * 60)
    assert fits(night, first, first + 30 * 60)
    assert fits(night, second, second + 50 * 60)
    assert fits(wait("Sun 01:00-02:30"), first, first + 50 * 60)


def test_the_hour_that_is_skipped() -> None:
    starts, ends = slot(datetime(2027, 3, 14, 1, 30))  # Half an hour later it is 03:00.
    assert fits(wait("Sun 01:00-02:00", "Sun 03:00-04:00"), starts, ends)
    assert not fits(wait("Sun 01:00-02:30"), starts, ends)


def test_until_is_inclusive_and_a_date_of_the_client() -> None:
    evening = slot(datetime(2026, 11, 24, 23, 0))
    assert fits(wait(until=date(2026, 11, 24)), *evening)
    assert not fits(wait(until=date(2026, 11, 23)), *evening)
    assert not fits(wait(until=date(2026, 11, 24), zone=NEW_YORK), *evening), "there it is the 25th"


def test_only_an_earlier_time_replaces_an_appointment() -> None:
    starts, ends = slot(TUESDAY.replace(hour=9))
    assert fits(wait(before=starts + 1), starts, ends)
    assert not fits(wait(before=starts), starts, ends)
    assert not fits(wait(before=starts - HOUR), starts, ends)


def test_what_was_turned_down_is_not_offered_again() -> None:
    starts, ends = slot(TUESDAY.replace(hour=9))
    assert not fits(wait(refused=((starts, ends),)), starts, ends)
    assert not fits(wait(refused=((starts + 60, ends + 60),)), starts, ends), "nor nearly the same"
    assert fits(wait(refused=((ends, ends + HOUR),)), starts, ends)


def first_fitting(wait: Wait, starts: Sequence[int], seconds: int) -> int | None:
    return next((start for start in starts if fits(wait, start, start + seconds)), None)


def test_the_first_that_fits() -> None:
    starts = [slot(TUESDAY.replace(hour=hour))[0] for hour in (8, 9, 10, 11)]
    assert first_fitting(wait("Tue 09:30-12:00"), starts, 50 * 60) == starts[2]
    assert first_fitting(wait("Wed 09:30-12:00"), starts, 50 * 60) is None
    assert first_fitting(wait(), [], 50 * 60) is None


def test_named_and_own_come_first_and_then_who_waited_longest() -> None:
    someone_else = wait(entry_id=1, therapist_ids=frozenset({8}), since=0)
    longest = wait(entry_id=2, since=1)
    own = wait(entry_id=3, since=9, is_their_own=True)
    named = wait(entry_id=4, since=5, therapist_ids=frozenset({7, 8}))
    just_now = wait(entry_id=5, since=1)
    ranked = rank_waits([just_now, someone_else, own, longest, named], 7)
    assert [each.entry_id for each in ranked] == [4, 3, 2, 5]


@pytest.mark.parametrize(
    ("minutes", "offer_minutes", "lasts"),
    [(1440, 120, 120), (120, 120, 105), (25, 120, 10), (24, 120, None), (-60, 120, None), (1440, 5, 5), (18, 5, None)],
)
def test_how_long_an_offer_lasts(minutes: int, offer_minutes: int, lasts: int | None) -> None:
    starts_at = NOW + timedelta(minutes=minutes)
    ends = offer_ends(starts_at, minutes=offer_minutes, now=NOW)
    assert ends == (None if lasts is None else NOW + timedelta(minutes=lasts))
    assert ends is None or ends <= starts_at - LAST_CALL


def test_a_window_is_kept_as_people_read_it() -> None:
    kept = {"weekday": 6, "starts": "22:00", "ends": "02:00"}
    assert WeeklyWindow.read(kept) == window("Sun 22:00-02:00")
    assert WeeklyWindow.read(kept).kept() == kept


@pytest.mark.parametrize(
    "kept", [{"weekday": 7, "starts": "09:00", "ends": "10:00"}, {"weekday": -1, "starts": "09:00", "ends": "10:00"}]
)
def test_a_day_that_does_not_exist(kept: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="weekday"):
        WeeklyWindow.read(kept)


WALL_TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
WINDOWS = st.lists(st.builds(WeeklyWindow, st.integers(0, 6), WALL_TIMES, WALL_TIMES), min_size=1, max_size=4)


@given(
    windows=WINDOWS,
    start=st.integers(0, 60 * 24 * 4).map(lambda quarters: at(0) + timedelta(minutes=15 * quarters)),
    minutes=st.sampled_from([15, 50, 90, 240]),
    zone=st.sampled_from([DENVER, NEW_YORK, *map(walltime.zone, ELSEWHERE)]),
)
def test_every_minute_of_it_is_inside(
    windows: list[WeeklyWindow], start: datetime, minutes: int, zone: ZoneInfo
) -> None:
    """Against the slowest way to find out: ask the clock at every minute."""

    def inside(moment: datetime) -> bool:
        local = moment.astimezone(zone)
        for each in windows:
            overnight = each.ends <= each.starts
            today = local.weekday() == each.weekday and local.time() >= each.starts
            if today and (overnight or local.time() < each.ends):
                return True
            if overnight and local.weekday() == (each.weekday + 1) % 7 and local.time() < each.ends:
                return True
        return False

    starts = int(start.timestamp())
    asked = Wait(**{**wait(zone=zone)._asdict(), "spans": spans_of(windows)})
    expected = all(inside(start + timedelta(minutes=minute)) for minute in range(minutes))
    assert fits(asked, starts, starts + minutes * 60) == expected


@given(
    windows=WINDOWS,
    start=st.integers(0, 60 * 24 * 4).map(lambda quarters: at(0) + timedelta(minutes=15 * quarters)),
    reaches=st.sampled_from([1, 15 * 60, 50 * 60]),
    lasts=st.sampled_from([HOUR, 26 * HOUR, WEEK + HOUR]),
    zone=st.sampled_from([DENVER, *map(walltime.zone, ("Australia/Lord_Howe", "America/Havana", "Asia/Kolkata"))]),
)
def test_whoever_may_have_time_is_never_passed_over(
    windows: list[WeeklyWindow], start: datetime, reaches: int, lasts: int, zone: ZoneInfo
) -> None:
    """What suits reaches into the time, from before it or from after it."""
    starts, ends = int(start.timestamp()), int(start.timestamp()) + 50 * 60
    asked = Wait(**{**wait(zone=zone)._asdict(), "spans": spans_of(windows)})
    for first, last in ((ends - reaches, ends - reaches + lasts), (starts + reaches - lasts, starts + reaches)):
        assert may_touch(asked.spans, on_the_wall(first, last, zone)) or not fits(asked, starts, ends)


def test_who_has_no_time_on_that_day_is_passed_over() -> None:
    tuesday_morning = on_the_wall(*slot(TUESDAY + timedelta(hours=10)), DENVER)
    assert not may_touch(wait("Wed 09:00-12:00").spans, tuesday_morning)
    assert not may_touch(wait("Tue 12:00-18:00").spans, tuesday_morning)
    assert may_touch(wait("Mon 22:00-10:30").spans, tuesday_morning)
    sunday_night = on_the_wall(*slot(datetime(2026, 11, 29, 23, 30)), DENVER)
    assert may_touch(wait("Mon 00:00-02:00").spans, sunday_night), "the week goes round"
