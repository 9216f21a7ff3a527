"""The instants that tests speak about. NOW is a Monday morning in Denver, a week in which no clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from telehealth.domain import walltime

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)  # 09:00 in Denver
DENVER = walltime.zone("America/Denver")


def at(hour: int, minute: int = 0, *, days: int = 1, zone: ZoneInfo = DENVER) -> datetime:
    """A wall time as an instant, so many days after NOW's date: ``at(14)`` is tomorrow at two in Denver."""
    day = (NOW.astimezone(zone) + timedelta(days=days)).replace(tzinfo=None)
    return walltime.resolve(day.replace(hour=hour, minute=minute), zone)
