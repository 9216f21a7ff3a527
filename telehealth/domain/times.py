"""How times are said to people. A time never stands without its zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, get_timezone_location

from telehealth.domain.languages import ENGLISH, SPANISH

SPOKEN_ZONES = {
    "America/New_York": "Eastern Time",
    "America/Detroit": "Eastern Time",
    "America/Chicago": "Central Time",
    "America/Denver": "Mountain Time",
    "America/Boise": "Mountain Time",
    "America/Phoenix": "Arizona Time",
    "America/Los_Angeles": "Pacific Time",
    "America/Anchorage": "Alaska Time",
    "Pacific/Honolulu": "Hawaii Time",
    "America/Puerto_Rico": "Atlantic Time",
}
IN_SPANISH: Mapping[str, str] = {
    "Eastern Time": "hora del Este",
    "Central Time": "hora del Centro",
    "Mountain Time": "hora de la montaña",
    "Arizona Time": "hora de Arizona",
    "Pacific Time": "hora del Pacífico",
    "Alaska Time": "hora de Alaska",
    "Hawaii Time": "hora de Hawái",
    "Atlantic Time": "hora del Atlántico",
}
AMERICAN_SPANISH = Locale.parse("es_US")
LONG_DAY, SHORT_DAY = "EEEE, d 'de' MMMM 'de' y", "EEEE d 'de' MMM"
NOON = 12


@lru_cache(maxsize=1024)
def zone_name(zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """A zone as people say it: "Mountain Time", "Berlin time"; in Spanish "hora de la montaña", "hora de Berlín"."""
    spoken = SPOKEN_ZONES.get(zone.key)
    if locale == SPANISH and "/" in zone.key:
        return IN_SPANISH[spoken] if spoken else f"hora de {_place_in_spanish(zone)}"
    if spoken:
        return spoken
    return f"{zone.key.rpartition('/')[2].replace('_', ' ')} time" if "/" in zone.key else zone.key


def _place_in_spanish(zone: ZoneInfo) -> str:
    return get_timezone_location(zone, locale=AMERICAN_SPANISH, return_city=True).rpartition("/")[2]


def zone_mark(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """The zone right after a time: "MST", or the spoken name where the abbreviation is only a number."""
    mark = instant.astimezone(zone).tzname() or ""
    return mark if mark.isalpha() else zone_name(zone, locale)


def say_time(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """ "3:00 PM MST", "3:00 p.m. MST"."""
    return f"{clock_time(instant, zone, locale)} {zone_mark(instant, zone, locale)}"


def clock_time(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """ "3:00 PM", "3:00 p.m.", for places where the zone stands close by."""
    local = instant.astimezone(zone)
    halves = ("a.m.", "p.m.") if locale == SPANISH else ("AM", "PM")
    return f"{local.hour % NOON or NOON}:{local:%M} {halves[local.hour >= NOON]}"


def say_day(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """ "Tuesday, November 24, 2026", "martes, 24 de noviembre de 2026"."""
    local = instant.astimezone(zone)
    if locale == SPANISH:
        return _day_in_spanish(local.date(), LONG_DAY)
    return f"{local:%A, %B} {local.day}, {local.year}"


def say_short_day(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """ "Tue, Nov 24", "martes 24 de nov"."""
    local = instant.astimezone(zone)
    if locale == SPANISH:
        return _day_in_spanish(local.date(), SHORT_DAY)
    return f"{local:%a, %b} {local.day}"


@lru_cache(maxsize=4096)
def _day_in_spanish(day: date, pattern: str) -> str:
    """Kept, because many messages of one minute are about the same few days."""
    return format_date(day, pattern, AMERICAN_SPANISH)


def say_when(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """ "Tuesday, November 24, 2026, 3:00 PM MST (Mountain Time)"; in Spanish "martes, 24 de noviembre de 2026,
    3:00 p.m. MST (hora de la montaña)".
    """
    name, mark = zone_name(zone, locale), zone_mark(instant, zone, locale)
    spoken = "" if mark == name else f" ({name})"
    return f"{say_day(instant, zone, locale)}, {say_time(instant, zone, locale)}{spoken}"


def say_briefly(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """ "Tue, Nov 24 at 3:00 PM MST", "martes 24 de nov a las 3:00 p.m. MST", short enough for a text."""
    if locale != SPANISH:
        return f"{say_short_day(instant, zone)} at {say_time(instant, zone)}"
    local = instant.astimezone(zone)
    at = "a la" if local.hour % NOON == 1 else "a las"
    return f"{say_short_day(instant, zone, locale)} {at} {say_time(instant, zone, locale)}"


def differ(instant: datetime, one: ZoneInfo, other: ZoneInfo) -> bool:
    """Whether clocks in two zones show different times at an instant."""
    return instant.astimezone(one).utcoffset() != instant.astimezone(other).utcoffset()
