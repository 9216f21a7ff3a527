"""The hours in which nobody is disturbed, by the clock of whoever would be.

From 21:00 to 8:00 in the reader's own zone. The rule is 47 CFR 64.1200(c)(1); it is written for solicitations, and we
keep it for everything that can wait. The zone is the one on record with the person, never guessed from an area code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from telehealth.domain import walltime


@dataclass(frozen=True, slots=True)
class OpenHours:
    """When people may be written to: [opens, closes) on their own wall. Stricter rules are further values of this."""

    opens: time
    closes: time


FEDERAL = OpenHours(time(8), time(21))


def is_quiet(instant: datetime, zone: ZoneInfo, hours: OpenHours = FEDERAL) -> bool:
    """Whether it is too early or too late to disturb somebody in ``zone`` at the aware ``instant``."""
    return not hours.opens <= walltime.wall(instant, zone).time() < hours.closes


def next_allowed(instant: datetime, zone: ZoneInfo, hours: OpenHours = FEDERAL) -> datetime:
    """The first instant (aware UTC) from ``instant`` on that is not quiet; ``instant`` itself when it is not."""
    local = walltime.wall(instant, zone)
    if not is_quiet(instant, zone, hours):
        return instant
    day = local.date() + timedelta(days=local.time() >= hours.closes)
    return walltime.resolve(datetime.combine(day, hours.opens), zone)
