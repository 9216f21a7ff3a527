"""Hundreds of times of a few days, written and said in a fraction of a millisecond: what is the same all day, or at the
same minute of every day, is looked up, not worked out. Starts are epoch seconds on whole minutes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from telehealth.domain.times import say_clock, zone_mark
from telehealth.domain.walltime import DAY, day_segments, is_ambiguous

_EPOCH = date(1970, 1, 1).toordinal()
_CLOCK = [f"T{hour:02}:{minute:02}:00" for hour in range(24) for minute in range(60)]
DATE, CLOCK, OFFSET = slice(10), slice(11, 16), slice(19, None)
"""The parts of a start as ``write_local`` writes it: "2026-11-24", "09:00", "-07:00"."""


def write_utc(start: int) -> str:
    """ "2026-11-24T16:00:00": in UTC, without saying so."""
    day, rest = divmod(start, DAY)
    return _date(day) + _CLOCK[rest // 60]


def write_local(start: int, zone: ZoneInfo) -> str:
    """ "2026-11-24T09:00:00-07:00"."""
    offset = _offset_all_day(start // DAY, zone)
    if offset is None:
        offset = _offset(start, zone)
    return write_utc(start + offset) + _written(offset)


@lru_cache(maxsize=4096)
def say_written_clock(written: str, zone: ZoneInfo) -> str:
    """What a clock of the zone says: "9:00 AM" for "09:00"."""
    return say_clock(time.fromisoformat(written), zone)


def say_time_at(start: int, zone: ZoneInfo) -> str:
    """The time with the mark of its zone, as ``times.say_time`` says it: "9:00 AM MST"."""
    local = write_local(start, zone)
    mark = _mark_all_day(local[DATE], zone) or zone_mark(datetime.fromtimestamp(start, UTC), zone)
    return f"{say_written_clock(local[CLOCK], zone)} {mark}"


def say_mark_if_twice(start: int, zone: ZoneInfo) -> str:
    """The mark of the zone where its clocks show this time twice; else empty."""
    instant = datetime.fromtimestamp(start, UTC)
    return zone_mark(instant, zone) if is_ambiguous(instant.astimezone(zone).replace(tzinfo=None), zone) else ""


@lru_cache(maxsize=4096)
def is_steady(day: str, zone: ZoneInfo) -> bool:
    """Whether the clocks of the zone do not change within a date (ISO 8601): then they show no time twice."""
    return len(day_segments(date.fromisoformat(day), zone)) == 1


@lru_cache(maxsize=4096)
def _mark_all_day(day: str, zone: ZoneInfo) -> str | None:
    """The mark of all times of a date; None when clocks change on it."""
    if not is_steady(day, zone):
        return None
    _, begins, _ = day_segments(date.fromisoformat(day), zone)[0]
    return zone_mark(datetime.fromtimestamp(begins, UTC), zone)


@lru_cache(maxsize=4096)
def _date(day: int) -> str:
    return date.fromordinal(_EPOCH + day).isoformat()


@lru_cache(maxsize=4096)
def _offset_all_day(day: int, zone: ZoneInfo) -> int | None:
    """Seconds east of UTC on a date of UTC; None when that changes on it. Two changes are never on one date."""
    first, last = _offset(day * DAY, zone), _offset((day + 1) * DAY, zone)
    return first if first == last else None


def _offset(seconds: int, zone: ZoneInfo) -> int:
    shift = datetime.fromtimestamp(seconds, zone).utcoffset()
    return int(shift.total_seconds()) if shift is not None else 0


@lru_cache(maxsize=256)
def _written(offset: int) -> str:
    hours, minutes = divmod(abs(offset) // 60, 60)
    return f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"
