"""How much time a therapist offers: what the working hours of a date come to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

Wall = tuple[datetime, datetime]
"""[from, until) in naive wall time."""


def window_on(day: datetime, starts: time, ends: time) -> Wall:
    """Hours that begin on ``day`` (a naive midnight). Those that end at or before their start run into the next day."""
    begins, closes = (day.replace(hour=at.hour, minute=at.minute, second=at.second) for at in (starts, ends))
    return begins, closes if closes > begins else closes + timedelta(days=1)


def minutes_open(windows: Iterable[Wall], away: Iterable[Wall]) -> int:
    """Minutes of the windows, each counted once, without those in which the therapist is away. Wall time: the hour that
    a change of clocks takes or gives does not count.
    """
    gone = list(away)
    return (_length([*windows, *gone]) - _length(gone)) // timedelta(minutes=1)


def _length(periods: Iterable[Wall]) -> timedelta:
    """How long it is in all; what lies in several of them counts once."""
    total, reach = timedelta(), None
    for begins, ends in sorted(periods):
        begun = begins if reach is None else max(begins, reach)
        total += max(ends - begun, timedelta())
        reach = max(begun, ends)
    return total
