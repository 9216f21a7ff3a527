"""Zones of files: by their names, by what a file says of them, in the weeks in which clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from telehealth.domain import walltime
from telehealth.domain.calendar_ports import ReadingWindow
from telehealth.domain.calendars.file_zones import find_zone
from telehealth.domain.calendars.reading import read_times
from tests.domain.calendars.files import a_file, a_window, spans_of

CHANGES = {
    "Australia/Lord_Howe": ["2026-10-04", "2027-04-04"],  # By half an hour.
    "Africa/Casablanca": ["2027-02-07", "2027-03-14"],  # For Ramadan.
    "Europe/Dublin": ["2026-10-25", "2027-03-28"],  # Where winter is the exception.
    "America/St_Johns": ["2026-11-01", "2027-03-14"],
    "Pacific/Chatham": ["2026-09-27", "2027-04-04"],
    "Antarctica/Troll": ["2026-10-25", "2027-03-28"],  # By two hours.
    "America/Havana": ["2026-11-01", "2027-03-14"],  # At midnight.
    "Asia/Kathmandu": ["2026-10-25"],  # Never.
}
WEEKS = [(name, date.fromisoformat(day)) for name, days in CHANGES.items() for day in days]


def window_around(day: date, zone: str = "UTC") -> ReadingWindow:
    middle = datetime.combine(day, time(12), UTC)
    return ReadingWindow(middle - timedelta(days=6), middle + timedelta(days=6), zone)


def daily(day: date, tzid: str) -> str:
    start = day - timedelta(days=4)
    return f"UID:1\nDTSTART;TZID={tzid}:{start:%Y%m%d}T090000\nDURATION:PT30M\nRRULE:FREQ=DAILY;COUNT=8"


def nines(day: date, name: str) -> list[datetime]:
    """Nine o'clock of the same eight days."""
    days = (day + timedelta(days=number) for number in range(-4, 4))
    return [datetime.combine(each, time(9), walltime.zone(name)).astimezone(UTC) for each in days]


@pytest.mark.parametrize(("name", "day"), WEEKS)
def test_nine_o_clock_stays_nine_o_clock(name: str, day: date) -> None:
    times = read_times(a_file(daily(day, name)), window_around(day))
    assert [span.starts_at for span in times.spans] == nines(day, name)


@pytest.mark.parametrize(("name", "day"), WEEKS)
def test_what_a_file_says_of_a_known_zone_counts_for_nothing(name: str, day: date) -> None:
    times = read_times(a_file(describe_zone("UTC").replace("Our own zone", name), daily(day, name)), window_around(day))
    assert [span.starts_at for span in times.spans] == nines(day, name)


def say_offset(seconds: int) -> str:
    return f"{'-' if seconds < 0 else '+'}{abs(seconds) // 3600:02}{abs(seconds) // 60 % 60:02}"


def describe_zone(name: str) -> str:
    """The zone's changes of two years, each by itself; begun with what held before them."""
    zone = walltime.zone(name)
    days = (date(2026, 1, 1) + timedelta(days=number) for number in range(730))
    pieces = [piece for day in days for piece in walltime.day_segments(day, zone)]
    parts = []
    for before, after in pairwise([pieces[0], *pieces]):
        if before[0] != after[0] or not parts:
            wall = datetime.fromtimestamp(after[1] + before[0], UTC)  # By clocks that were not changed yet.
            parts.append(
                f"BEGIN:STANDARD\nDTSTART:{wall:%Y%m%dT%H%M%S}\nTZOFFSETFROM:{say_offset(before[0])}\n"
                f"TZOFFSETTO:{say_offset(after[0])}\nEND:STANDARD"
            )
    return "\n".join(["BEGIN:VTIMEZONE", "TZID:Our own zone", *parts, "END:VTIMEZONE"])


@pytest.mark.parametrize("name", CHANGES)
def test_a_zone_that_only_the_file_describes(name: str) -> None:
    """Every quarter of an hour around its changes, those that never come and those that come twice among them."""
    described = describe_zone(name)
    for day in map(date.fromisoformat, CHANGES[name]):
        walls = [datetime.combine(day, time()) + timedelta(minutes=15 * number) for number in range(-96, 192)]
        for wall in walls:
            event = f"UID:1\nDTSTART;TZID=Our own zone:{wall:%Y%m%dT%H%M%S}\nDURATION:PT5M"
            (span,) = read_times(a_file(described, event), window_around(day)).spans
            assert span.starts_at == walltime.resolve(wall, walltime.zone(name)), wall


@pytest.mark.parametrize(("name", "day"), WEEKS)
def test_whole_days_end_where_the_next_begins(name: str, day: date) -> None:
    window = window_around(day, name)
    (span,) = read_times(a_file(f"UID:1\nDTSTART;VALUE=DATE:{day:%Y%m%d}"), window).spans
    zone = walltime.zone(name)
    assert span == (walltime.midnight(day, zone), walltime.midnight(day + timedelta(days=1), zone))


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("America/New_York", "America/New_York"),
        ("america/new_york", "America/New_York"),
        ("US/Eastern", "America/New_York"),
        ("Eastern Standard Time", "America/New_York"),
        ("Eastern Standard Time 1", "America/New_York"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("(GMT-05.00) Eastern Time (US & Canada)", "America/New_York"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Berlin"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("India Standard Time", "Asia/Kolkata"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("/mozilla.org/20070129_1/Europe/London", "Europe/London"),
        ('"Europe/Paris"', "Europe/Paris"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("UTC", "UTC"),
        ("Z", "UTC"),
    ],
)
def test_names_of_zones(name: str, zone: str) -> None:
    found = find_zone(name)
    assert found is not None
    assert found.zone.key == zone


@pytest.mark.parametrize(
    "name", ["", "Customized Time Zone", "My/Own/Place", "/" * 500, "x" * 500, "(UTC)", "../etc/passwd"]
)
def test_names_that_stand_for_none(name: str) -> None:
    assert find_zone(name) is None


def test_a_zone_that_nobody_knows_is_where_its_owner_lives() -> None:
    event = "UID:1\nDTSTART;TZID=Nowhere:20261005T090000\nDURATION:PT1H"
    assert spans_of(event, window=a_window(zone="Europe/Berlin")) == ["Mon 2026-10-05 09:00-10:00"]


FLOATING = "UID:1\nDTSTART:20261005T090000\nDURATION:PT1H"
DAY = "UID:2\nDTSTART;VALUE=DATE:20261006"
FIXED = "UID:3\nDTSTART;TZID=America/New_York:20261008T200000\nDURATION:PT1H"


class TestTravelling:
    """The same calendar, read for somebody who lives in one place and then in another."""

    def test_what_floats_comes_along_and_what_is_fixed_does_not(self) -> None:
        assert spans_of(FLOATING, DAY, FIXED, window=a_window(zone="America/New_York")) == [
            "Mon 2026-10-05 09:00-10:00",
            "Tue 2026-10-06 00:00-2026-10-07 00:00",
            "Thu 2026-10-08 20:00-21:00",
        ]
        assert spans_of(FLOATING, DAY, FIXED, window=a_window(zone="Asia/Tokyo")) == [
            "Mon 2026-10-05 09:00-10:00",
            "Tue 2026-10-06 00:00-2026-10-07 00:00",
            "Fri 2026-10-09 09:00-10:00",
        ]

    @pytest.mark.parametrize("name", ["Europe/Paris", "Romance Standard Time"])
    def test_a_calendar_that_says_where_it_is_floats_no_more(self, name: str) -> None:
        found = spans_of(FLOATING, DAY, window=a_window(zone="America/New_York"), head=f"X-WR-TIMEZONE:{name}")
        assert found == ["Mon 2026-10-05 03:00-04:00", "Tue 2026-10-06 00:00-2026-10-07 00:00"]

    def test_a_series_in_utc_stays_in_utc_whatever_the_calendar_says(self) -> None:
        series = "UID:1\nDTSTART:20261030T130000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2"
        found = spans_of(series, head="X-WR-TIMEZONE:America/New_York")
        assert found == ["Fri 2026-10-30 09:00-10:00", "Fri 2026-11-06 08:00-09:00"]
