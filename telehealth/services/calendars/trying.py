"""Trying a calendar elsewhere before anything is kept: does it open, which calendars are there, how much do they take.

It goes out into the world while somebody waits for the answer, so it looks at few calendars and at the next weeks only,
and with no transaction open.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from telehealth.database import db
from telehealth.domain.calendar_ports import (
    Bookmark,
    CalendarAccess,
    CalendarGateway,
    FoundCalendar,
    ReadingWindow,
)
from telehealth.domain.calendar_refusals import refuse
from telehealth.domain.calendar_words import CalendarKind
from telehealth.domain.hours.busy_spans import join_spans
from telehealth.services.calendars.looking import say_failure

MOST_READ: Final = 4
COUNTED_WITHIN: Final = 20.0
"""Seconds after which no other calendar is counted: somebody waits."""
AHEAD: Final = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class TriedCalendar:
    """A calendar that was found, and how many stretches of time it takes in the next four weeks; None: not counted,
    because there are many calendars or slow ones, or this one could not be read.
    """

    found: FoundCalendar
    busy_times: int | None = None


@dataclass(frozen=True, slots=True)
class TriedAccess:
    """What opened, with secrets as they are now: some providers change them whenever they are used."""

    access: CalendarAccess = field(repr=False)
    calendars: Sequence[TriedCalendar]


def try_access(
    gateway: CalendarGateway, access: CalendarAccess, *, kind: CalendarKind, zone: str, now: datetime
) -> TriedAccess:
    """Go in and look. ``zone`` is the therapist's. Raises CalendarNotRead, as the class of it that says why."""
    access, found = look_for_calendars(gateway, access, kind=kind, now=now)
    window = ReadingWindow(since=now, until=now + AHEAD, zone=zone)
    tried, ends = [], time.monotonic() + COUNTED_WITHIN
    for place, each in enumerate(found):
        is_counted = place < MOST_READ and time.monotonic() < ends
        tried.append(TriedCalendar(each, _count(gateway, access, each, window) if is_counted else None))
    return TriedAccess(access, tried)


def look_for_calendars(
    gateway: CalendarGateway, access: CalendarAccess, *, kind: CalendarKind, now: datetime
) -> tuple[CalendarAccess, Sequence[FoundCalendar]]:
    """Which calendars an account has by now, and its secrets as they are. Raises CalendarNotRead."""
    db.session.rollback()  # What the door has read so far: nothing is held while somebody else is asked.
    try:
        fresh = gateway.refresh(access, now=now)
        return fresh, gateway.list_calendars(fresh)
    except Exception as error:  # noqa: BLE001 -- whatever a stranger's server makes of it, somebody is told
        failed = say_failure(error)
    raise refuse(failed.failure, kind=kind, address=access.address)


def _count(gateway: CalendarGateway, access: CalendarAccess, found: FoundCalendar, window: ReadingWindow) -> int | None:
    try:
        reading = gateway.read(access, found.remote_id, Bookmark(), window)
    except Exception as error:  # noqa: BLE001 -- the others are counted
        say_failure(error)
        return None
    return sum(1 for _ in join_spans(span for entry in reading.entries for span in entry.spans))
