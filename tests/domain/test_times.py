"""How times are said: never without a zone, never for the wrong day."""

from __future__ import annotations

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
zones = st.sampled_from(sorted(walltime.zone_names())).map(walltime.zone)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/Denver", "Tuesday, November 24, 2026, 3:00 PM MST (Mountain Time)"),
        ("America/New_York", "Tuesday, November 24, 2026, 5:00 PM EST (Eastern Time)"),
        ("Europe/Berlin", "Tuesday, November 24, 2026, 11:00 PM CET (Berlin time)"),
        ("Asia/Tokyo", "Wednesday, November 25, 2026, 7:00 AM JST (Tokyo time)"),
        ("America/Sao_Paulo", "Tuesday, November 24, 2026, 7:00 PM Sao Paulo time"),
        ("Asia/Kolkata", "Wednesday, November 25, 2026, 3:30 AM IST (Kolkata time)"),
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
    said = times.say_time(instant, zone)
    local = instant.astimezone(zone)
    assert said.startswith(f"{local.hour % 12 or 12}:{local.minute:02} {'AM' if local.hour < 12 else 'PM'} ")
    assert len(said.split(" ", 2)[2]) > 1
    assert said.isascii()
    assert "_" not in said


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/Denver", "martes, 24 de noviembre de 2026, 3:00 p.m. MST (hora de la montaña)"),
        ("America/New_York", "martes, 24 de noviembre de 2026, 5:00 p.m. EST (hora del Este)"),
        ("America/Phoenix", "martes, 24 de noviembre de 2026, 3:00 p.m. MST (hora de Arizona)"),
        ("Europe/Berlin", "martes, 24 de noviembre de 2026, 11:00 p.m. CET (hora de Berlín)"),
        ("Asia/Tokyo", "miércoles, 25 de noviembre de 2026, 7:00 a.m. JST (hora de Tokio)"),
        ("America/Argentina/Buenos_Aires", "martes, 24 de noviembre de 2026, 7:00 p.m. hora de Buenos Aires"),
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
    said = times.say_time(instant, zone, "es")
    assert len(said.split(" ", 2)[2]) > 1
    assert times.say_when(instant, zone, "es").startswith(times.say_day(instant, zone, "es"))
    assert "_" not in said
