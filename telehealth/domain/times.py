"""How times are said to people. A time never stands without its zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

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


def zone_name(zone: ZoneInfo) -> str:
    """A zone as people say it: "Mountain Time", "Berlin time"."""
    if zone.key in SPOKEN_ZONES:
        return SPOKEN_ZONES[zone.key]
    return f"{zone.key.rpartition('/')[2].replace('_', ' ')} time" if "/" in zone.key else zone.key


def zone_mark(instant: datetime, zone: ZoneInfo) -> str:
    """The zone right after a time: "MST", or the spoken name where the abbreviation is only a number."""
    mark = instant.astimezone(zone).tzname() or ""
    return mark if mark.isalpha() else zone_name(zone)


def say_time(instant: datetime, zone: ZoneInfo) -> str:
    """ "3:00 PM MST"."""
    return f"{clock_time(instant, zone)} {zone_mark(instant, zone)}"


def clock_time(instant: datetime, zone: ZoneInfo) -> str:
    """ "3:00 PM", for places where the zone stands close by."""
    local = instant.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local:%M} {'AM' if local.hour < 12 else 'PM'}"  # noqa: PLR2004 -- noon


def say_day(instant: datetime, zone: ZoneInfo) -> str:
    """ "Tuesday, November 24, 2026"."""
    local = instant.astimezone(zone)
    return f"{local:%A, %B} {local.day}, {local.year}"


def say_short_day(instant: datetime, zone: ZoneInfo) -> str:
    """ "Tue, Nov 24"."""
    local = instant.astimezone(zone)
    return f"{local:%a, %b} {local.day}"


def say_when(instant: datetime, zone: ZoneInfo) -> str:
    """ "Tuesday, November 24, 2026, 3:00 PM MST (Mountain Time)"."""
    name, mark = zone_name(zone), zone_mark(instant, zone)
    spoken = "" if mark == name else f" ({name})"
    return f"{say_day(instant, zone)}, {say_time(instant, zone)}{spoken}"


def say_briefly(instant: datetime, zone: ZoneInfo) -> str:
    """ "Tue, Nov 24 at 3:00 PM MST", short enough for a text."""
    return f"{say_short_day(instant, zone)} at {say_time(instant, zone)}"


def differ(instant: datetime, one: ZoneInfo, other: ZoneInfo) -> bool:
    """Whether clocks in two zones show different times at an instant."""
    return instant.astimezone(one).utcoffset() != instant.astimezone(other).utcoffset()
