"""The yardstick: the same questions answered with nothing but the driver, integers and json.

Written for workload W alone: weekly hours and appointments, no time off, no places, no rights, no second opinion. It shows
what the database and Python cost in any case, and must give the same answers as the service.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

MICRO = 1_000_000
Period = tuple[int, int]

THERAPIST = "SELECT resource_id, timezone FROM therapist WHERE id = ?"
THERAPISTS = "SELECT id, resource_id, timezone FROM therapist WHERE practice_id = ? ORDER BY id"
HOURS = "SELECT weekday, starts, ends FROM weekly_hours WHERE therapist_id = ?"
HOURS_OF_ALL = "SELECT therapist_id, weekday, starts, ends FROM weekly_hours WHERE practice_id = ? ORDER BY therapist_id"
TAKEN = """
SELECT starts_at / 1000000, ends_at / 1000000 FROM occupancy
WHERE resource_id = ? AND ends_at > ? AND starts_at < ? ORDER BY starts_at
"""
TAKEN_BY_ALL = """
SELECT therapist.id, occupancy.starts_at / 1000000, occupancy.ends_at / 1000000
FROM therapist JOIN occupancy ON occupancy.resource_id = therapist.resource_id
WHERE therapist.practice_id = ? AND ends_at > ? AND starts_at < ?
ORDER BY therapist.id, occupancy.starts_at
"""
NEEDS, STEP = 3600, 900  # 50 minutes and a buffer of ten; a start every quarter hour.
LASTS = 3000


def free_starts(database: sqlite3.Connection, therapist: int, since: int, until: int) -> list[int]:
    """When one therapist can start; all in epoch seconds."""
    resource, zone = database.execute(THERAPIST, (therapist,)).fetchone()
    hours = database.execute(HOURS, (therapist,)).fetchall()
    taken = database.execute(TAKEN, (resource, since * MICRO, until * MICRO)).fetchall()
    return list(_free(_grid(hours, ZoneInfo(zone), since, until), taken))


def first_available(database: sqlite3.Connection, practice: int, since: int, until: int) -> dict[int, int]:
    """Every start that somebody has free, and the least busy therapist who has."""
    taken: dict[int, list[Period]] = defaultdict(list)
    for therapist, starts, ends in database.execute(TAKEN_BY_ALL, (practice, since * MICRO, until * MICRO)):
        taken[therapist].append((starts, ends))
    hours: dict[int, list[Any]] = defaultdict(list)
    for therapist, *window in database.execute(HOURS_OF_ALL, (practice,)):
        hours[therapist].append(tuple(window))
    therapists = database.execute(THERAPISTS, (practice,)).fetchall()
    found: dict[int, int] = {}
    grids: dict[Any, list[int]] = {}
    for therapist, _, zone in sorted(therapists, key=lambda row: len(taken[row[0]])):
        key = (zone, *hours[therapist])
        if key not in grids:
            grids[key] = _grid(hours[therapist], ZoneInfo(zone), since, until)
        open_to_us = [start for start in grids[key] if start not in found]
        found.update(dict.fromkeys(_free(open_to_us, taken[therapist]), therapist))
    return dict(sorted(found.items()))


def _grid(hours: Iterable[Any], zone: ZoneInfo, since: int, until: int) -> list[int]:
    """Every quarter hour at which an appointment fits into the hours."""
    by_weekday: dict[int, list[Period]] = defaultdict(list)
    for weekday, starts, ends in hours:
        by_weekday[weekday].append((_seconds(starts), _seconds(ends)))
    day, last = datetime.fromtimestamp(since, zone), datetime.fromtimestamp(until, zone)
    grid: list[int] = []
    while day < last:
        midnight = int(day.timestamp())
        for starts, ends in by_weekday[day.weekday()]:
            grid += range(midnight + starts, midnight + ends - LASTS + 1, STEP)
        day += timedelta(days=1)
    return grid


def _seconds(wall: str) -> int:
    return int(wall[:2]) * 3600 + int(wall[3:5]) * 60


def _free(grid: Iterable[int], taken: Sequence[Period]) -> Iterator[int]:
    seen = 0
    for start in grid:
        while seen < len(taken) and taken[seen][1] <= start:
            seen += 1
        if seen == len(taken) or taken[seen][0] >= start + NEEDS:
            yield start
