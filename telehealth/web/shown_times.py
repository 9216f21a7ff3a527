"""An instant as a page shows it: in the reader's zone, and in the other zone where that shows another time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.domain.hours.closures import ClosedDates
from telehealth.domain.times import clock_time, differ, zone_in_full


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
        zone=zone_in_full(instant, zone),
        other=instant.astimezone(other) if differs else None,
        other_zone=zone_in_full(instant, other) if differs and other is not None else "",
    )


def say_closure(closed: ClosedDates) -> str:
    """ "We are closed from Thursday, December 24 to Saturday, December 26." """
    first, last = (f"{day:%A, %B} {day.day}" for day in (closed.first_day, closed.last_day))
    when = f"on {first}" if first == last else f"from {first} to {last}"
    return f"We are {'mostly closed' if closed.yields_to_hours else 'closed'} {when}."


def show_clock(at: datetime) -> str:
    """ "9:00 AM" of an aware datetime in the zone that is shown; "09:00" where clocks count to 24."""
    return clock_time(at, at.tzinfo) if isinstance(at.tzinfo, ZoneInfo) else f"{at:%H:%M}"


def show_clock_before(at: datetime, until: datetime) -> str:
    """The same before a second time: "9:00" when that is in the same half of the day."""
    said, half = show_clock(at), show_clock(until).partition(" ")[2]
    return said.removesuffix(f" {half}") if half else said
