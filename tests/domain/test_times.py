"""How times are said: never without a zone, never for the wrong day."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain import times, walltime

DENVER, NEW_YORK, BERLIN = (
    walltime.zone(f"{name}") for name in ("America/Denver", "America/New_York", "Europe/Berlin")
)
TUESDAY = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
EVERYWHERE = sorted({walltime.zone(name).key for name in walltime.zone_names()})
zones = st.sampled_from(EVERYWHERE).map(walltime.zone)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/Denver", "Tuesday, November 24, 2026, 3:00 PM MST (Mountain Time)"),
        ("America/New_York", "Tuesday, November 24, 2026, 5:00 PM EST (Eastern Time)"),
        ("Europe/Berlin", "Tuesday, November 24, 2026, 23:00 Berlin time"),
        ("Asia/Tokyo", "Wednesday, November 25, 2026, 07:00 Tokyo time"),
        ("America/Sao_Paulo", "Tuesday, November 24, 2026, 19:00 Sao Paulo time"),
        ("Asia/Kolkata", "Wednesday, November 25, 2026, 3:30 AM Kolkata time"),
        ("America/Argentina/Buenos_Aires", "Tuesday, November 24, 2026, 7:00 PM Buenos Aires time"),
        ("UTC", "Tuesday, November 24, 2026, 10:00 PM UTC"),
    ],
)
def test_the_whole_of_it(zone: str, said: str) -> None:
    assert times.say_when(TUESDAY, walltime.zone(zone)) == said


def test_short_enough_for_a_text() -> None:
    assert times.say_briefly(TUESDAY, DENVER) == "Tue, Nov 24 at 3:00 PM MST"


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [(0, 0, "12:00 AM"), (0, 5, "12:05 AM"), (11, 59, "11:59 AM"), (12, 0, "12:00 PM"), (13, 1, "1:01 PM")],
)
def test_noon_and_midnight(hour: int, minute: int, said: str) -> None:
    assert times.clock_time(datetime(2026, 11, 24, hour, minute, tzinfo=UTC), walltime.zone("UTC")) == said


def test_both_passes_of_the_repeated_hour_are_told_apart() -> None:
    first = datetime(2026, 11, 1, 7, 30, tzinfo=UTC)
    assert times.say_time(first, DENVER) == "1:30 AM MDT"
    assert times.say_time(first + timedelta(hours=1), DENVER) == "1:30 AM MST"


def test_differing_depends_on_the_day() -> None:
    assert times.differ(TUESDAY, DENVER, NEW_YORK)
    assert not times.differ(TUESDAY, DENVER, walltime.zone("America/Phoenix"))
    assert times.differ(datetime(2026, 7, 1, tzinfo=UTC), DENVER, walltime.zone("America/Phoenix"))
    assert times.differ(datetime(2026, 10, 28, 15, tzinfo=UTC), NEW_YORK, BERLIN)


@given(instant=instants, zone=zones)
def test_a_time_never_stands_without_its_zone(instant: datetime, zone: ZoneInfo) -> None:
    said, clock = times.say_time(instant, zone), times.clock_time(instant, zone)
    local = instant.astimezone(zone)
    twelve = f"{local.hour % 12 or 12}:{local.minute:02} {'AM' if local.hour < 12 else 'PM'}"
    assert clock == (f"{local:%H:%M}" if times.counts_to_24(zone) else twelve)
    assert said.startswith(f"{clock} ")
    assert len(said.removeprefix(f"{clock} ")) > 1
    assert said.isascii()
    assert "_" not in said


@pytest.mark.parametrize(
    ("zone", "instant", "said", "in_spanish"),
    [
        # Letters that mean one time in America and another elsewhere are said in America alone.
        ("America/Chicago", "2026-11-24 14:00", "8:00 AM CST", "8:00 a.m. CST"),
        ("Asia/Shanghai", "2026-11-24 14:00", "22:00 Shanghai time", "22:00 en Shanghái"),
        ("America/Havana", "2027-12-24 14:00", "9:00 AM Havana time", "9:00 a.m. en La Habana"),
        ("America/Los_Angeles", "2026-11-24 14:00", "6:00 AM PST", "6:00 a.m. PST"),
        ("Asia/Manila", "2026-11-24 14:00", "10:00 PM Manila time", "10:00 p.m. en Manila"),
        ("Asia/Calcutta", "2026-11-24 14:00", "7:30 PM Kolkata time", "7:30 p.m. en Calcuta"),
        ("Europe/Dublin", "2026-07-24 14:00", "15:00 Dublin time", "15:00 en Dublín"),
        ("Asia/Jerusalem", "2026-11-24 14:00", "16:00 Jerusalem time", "16:00 en Jerusalén"),
        ("Pacific/Pago_Pago", "2026-11-24 14:00", "3:00 AM SST", "3:00 a.m. SST"),
        ("Pacific/Saipan", "2026-11-24 14:00", "12:00 AM ChST", "12:00 a.m. ChST"),
        ("Europe/Kiev", "2026-11-24 14:00", "16:00 Kyiv time", "16:00 en Kiev"),
        ("US/Pacific", "2026-11-24 14:00", "6:00 AM PST", "6:00 a.m. PST"),
        ("Europe/Madrid", "2026-11-24 08:00", "09:00 Madrid time", "9:00 en Madrid"),
        # The names at sea have the sign of POSIX.
        ("Etc/GMT+7", "2026-11-24 14:00", "7:00 AM UTC-7", "7:00 a.m. UTC-7"),
        ("Etc/GMT-14", "2026-11-24 14:00", "4:00 AM UTC+14", "4:00 a.m. UTC+14"),
        # The hour that comes twice, where no letters tell.
        ("America/Santiago", "2026-04-05 02:30", "11:30 PM Santiago time (UTC-3)", "11:30 p.m. en Santiago (UTC-3)"),
        ("America/Santiago", "2026-04-05 03:30", "11:30 PM Santiago time (UTC-4)", "11:30 p.m. en Santiago (UTC-4)"),
        ("America/Santiago", "2026-04-05 04:30", "12:30 AM Santiago time", "12:30 a.m. en Santiago"),
        (
            "Australia/Lord_Howe",
            "2026-04-04 14:45",
            "1:45 AM Lord Howe time (UTC+11)",
            "1:45 a.m. en Lord Howe (UTC+11)",
        ),
        (
            "Australia/Lord_Howe",
            "2026-04-04 15:15",
            "1:45 AM Lord Howe time (UTC+10:30)",
            "1:45 a.m. en Lord Howe (UTC+10:30)",
        ),
        ("Antarctica/Troll", "2026-10-25 00:30", "2:30 AM Troll time (UTC+2)", "2:30 a.m. en Troll (UTC+2)"),
        ("Antarctica/Troll", "2026-10-25 02:30", "2:30 AM Troll time (UTC)", "2:30 a.m. en Troll (UTC)"),
        ("Europe/Berlin", "2026-10-25 00:30", "02:30 Berlin time (UTC+2)", "2:30 en Berlín (UTC+2)"),
        ("Europe/Berlin", "2026-10-25 01:30", "02:30 Berlin time (UTC+1)", "2:30 en Berlín (UTC+1)"),
        ("America/Denver", "2026-11-01 07:30", "1:30 AM MDT", "1:30 a.m. MDT"),
        ("America/Denver", "2026-11-01 08:30", "1:30 AM MST", "1:30 a.m. MST"),
    ],
)
def test_how_times_read(zone: str, instant: str, said: str, in_spanish: str) -> None:
    at, there = datetime.fromisoformat(instant).replace(tzinfo=UTC), walltime.zone(zone)
    assert times.say_time(at, there) == said
    assert times.say_time(at, there, "es") == in_spanish


@pytest.mark.parametrize("locale", ["en", "es"])
def test_no_two_instants_of_a_day_read_alike(locale: str) -> None:
    """In every zone, around every change of its clocks in three years."""
    for zone in map(walltime.zone, EVERYWHERE):
        for change in changes(zone):
            near = [change + timedelta(minutes=10 * step) for step in range(-18, 18)]
            for say in (times.say_when, times.say_briefly):
                said = [say(instant, zone, locale) for instant in near]
                assert len(set(said)) == len(near), zone.key


@pytest.mark.parametrize("say", [times.say_time, times.say_when, times.zone_in_full, times.zone_mark])
def test_letters_mean_one_time_everywhere(say: Callable[[datetime, ZoneInfo], str]) -> None:
    """No mark without a place stands for two offsets, whichever zones are shown side by side."""
    meant = defaultdict(set)
    for zone in map(walltime.zone, EVERYWHERE):
        for instant in [*(TUESDAY + timedelta(days=30 * month) for month in range(36)), *changes(zone)]:
            for mark in re.findall(r"\b[A-Z][A-Za-z]*[A-Z]\b(?![+-])", say(instant, zone).partition(":")[2]):
                meant[mark].add(instant.astimezone(zone).utcoffset())
    halves = {"AM", "PM"}
    assert {mark: offsets for mark, offsets in meant.items() if len(offsets) > 1 and mark not in halves} == {}


def test_clocks_are_written_as_where_they_hang() -> None:
    """By the habit of the country, in both languages: 24 hours in Madrid, 12 in Mexico City and San Juan."""
    to_24 = ["Europe/Madrid", "Europe/London", "Europe/Berlin", "Asia/Tokyo", "America/Sao_Paulo", "Africa/Lagos"]
    to_12 = ["America/Denver", "America/Toronto", "America/Mexico_City", "America/Puerto_Rico", "Asia/Manila", "UTC"]
    assert [times.counts_to_24(walltime.zone(name)) for name in [*to_24, *to_12]] == [True] * 6 + [False] * 6


def changes(zone: ZoneInfo) -> Iterator[datetime]:
    """The instants in the three years from TUESDAY on at which the clocks of a zone change."""
    month, before = timedelta(days=28), TUESDAY
    while before < TUESDAY + 40 * month:
        after = before + month
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            early, late = before, after
            while late - early > timedelta(seconds=1):
                middle = early + (late - early) // 2
                is_early = middle.astimezone(zone).utcoffset() == before.astimezone(zone).utcoffset()
                early, late = (middle, late) if is_early else (early, middle)
            yield late.replace(microsecond=0)
        before = after


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/Denver", "martes, 24 de noviembre de 2026, 3:00 p.m. MST (hora de la montaña)"),
        ("America/New_York", "martes, 24 de noviembre de 2026, 5:00 p.m. EST (hora del Este)"),
        ("America/Phoenix", "martes, 24 de noviembre de 2026, 3:00 p.m. MST (hora de Arizona)"),
        ("Europe/Berlin", "martes, 24 de noviembre de 2026, 23:00 en Berlín"),
        ("Asia/Tokyo", "miércoles, 25 de noviembre de 2026, 7:00 en Tokio"),
        ("America/Argentina/Buenos_Aires", "martes, 24 de noviembre de 2026, 7:00 p.m. en Buenos Aires"),
        ("UTC", "martes, 24 de noviembre de 2026, 10:00 p.m. UTC"),
    ],
)
def test_the_whole_of_it_in_spanish(zone: str, said: str) -> None:
    assert times.say_when(TUESDAY, walltime.zone(zone), "es") == said


@pytest.mark.parametrize(
    ("hour", "said"),
    [
        (0, "martes 24 de nov a las 12:00 a.m. UTC"),
        (1, "martes 24 de nov a la 1:00 a.m. UTC"),
        (13, "martes 24 de nov a la 1:00 p.m. UTC"),
        (22, "martes 24 de nov a las 10:00 p.m. UTC"),
    ],
)
def test_short_enough_for_a_text_in_spanish(hour: int, said: str) -> None:
    assert times.say_briefly(TUESDAY.replace(hour=hour), walltime.zone("UTC"), "es") == said


def test_every_zone_that_has_an_english_name_has_a_spanish_one() -> None:
    assert set(times.SPOKEN_ZONES.values()) == set(times.IN_SPANISH)


@given(instant=instants, zone=zones)
def test_in_spanish_a_time_never_stands_without_its_zone_either(instant: datetime, zone: ZoneInfo) -> None:
    said, clock = times.say_time(instant, zone, "es"), times.clock_time(instant, zone, "es")
    assert len(said.removeprefix(f"{clock} ")) > 1
    assert times.say_when(instant, zone, "es").startswith(times.say_day(instant, zone, "es"))
    assert "_" not in said
