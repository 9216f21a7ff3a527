"""Free times as JSON, hundreds of them in a fraction of a millisecond: digits are looked up, not worked out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from telehealth.domain.walltime import DAY

_EPOCH = date(1970, 1, 1).toordinal()
_CLOCK = [f"T{hour:02}:{minute:02}:00" for hour in range(24) for minute in range(60)]


def slots_as_json(
    free: Mapping[int, int], names: Mapping[int, str], zone: ZoneInfo, seats: Mapping[int, int] | None = None
) -> str:
    """A JSON list of ``start`` (UTC), ``local`` (in the zone, with its offset) and ``therapist``.

    Starts are epoch seconds on whole minutes; ``names`` has the public id of each therapist. With ``seats``, the free
    ones by start, each slot says ``seats_left``.
    """
    quoted = {therapist_id: json.dumps(name) for therapist_id, name in names.items()}
    left = {start: f', "seats_left": {number}' for start, number in (seats or {}).items()}
    return "[%s]" % ", ".join(  # noqa: UP031 -- braces are JSON's here
        f'{{"start": "{_wall(start)}Z", "local": "{_local(start, zone)}", '
        f'"therapist": {quoted[therapist_id]}{left.get(start, "")}}}'
        for start, therapist_id in free.items()
    )


def _wall(seconds: int) -> str:
    day, rest = divmod(seconds, DAY)
    return _date(day) + _CLOCK[rest // 60]


def _local(start: int, zone: ZoneInfo) -> str:
    offset = _offset_all_day(start // DAY, zone)
    if offset is None:
        offset = _offset(start, zone)
    return _wall(start + offset) + _written(offset)


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
