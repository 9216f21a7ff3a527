"""An instant as a page shows it: in the reader's zone, and in the other zone where that shows another time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.domain.times import differ, zone_mark, zone_name


@dataclass(frozen=True, slots=True)
class ShownTime:
    """``at`` and ``other`` are aware and in their zones; ``zone`` and ``other_zone`` are those zones in words."""

    at: datetime
    zone: str
    other: datetime | None
    other_zone: str


def show_time(instant: datetime, zone: ZoneInfo, other: ZoneInfo | None = None) -> ShownTime:
    """Prepare an aware instant for the ``when`` macro; the other zone counts only where its clocks differ."""
    differs = other is not None and differ(instant, zone, other)
    return ShownTime(
        at=instant.astimezone(zone),
        zone=say_full_zone(instant, zone),
        other=instant.astimezone(other) if differs else None,
        other_zone=say_full_zone(instant, other) if differs and other is not None else "",
    )


def say_full_zone(instant: datetime, zone: ZoneInfo) -> str:
    """ "Mountain Time (MST)": the abbreviation tells the two hours apart that autumn repeats."""
    name, mark = zone_name(zone), zone_mark(instant, zone)
    return name if name == mark else f"{name} ({mark})"
