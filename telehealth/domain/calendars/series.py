"""All that stands in a calendar file under one UID: a series with its exceptions, and when that is."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from telehealth.domain.calendar_ports import ReadingWindow
from telehealth.domain.calendars.events import CalendarEvent, End, Slot, When
from telehealth.domain.calendars.file_zones import IN_UTC
from telehealth.domain.calendars.recurring import Effort, follow_rule

_MARGIN = timedelta(days=2)
"""No zone is farther from UTC than a day, and no change of clocks longer than one."""
_STEPS_OF_A_DATE = 20
"""So much more work is a date of a series than a day that is passed over."""


class Occurrence(NamedTuple):
    """One date of an event, as aware instants, and the event that says how it stands with it."""

    starts_at: datetime
    ends_at: datetime
    event: CalendarEvent


class _Future(NamedTuple):
    """A change of one date and all after it."""

    since: datetime
    event: CalendarEvent
    at: When


def list_occurrences(events: Sequence[CalendarEvent], window: ReadingWindow, effort: Effort) -> Iterator[Occurrence]:
    """When the events of one UID are. A series is followed only near the window; what has one date tells that anyway.

    Of several that stand for the same the newest holds; all do, where they do not tell which that is.
    """
    masters = _newest(event for event in events if event.recurs_at is None)
    changes = _sort_changes(events, by_day=any(master.start.is_day for master in masters))
    excluded = frozenset(slot for master in masters for slot in master.exceptions)
    futures = _list_futures(changes)
    for master in masters:
        for when, end in _list_dates(master, window, effort):
            slots = {when.instant, when.wall.date()}
            if excluded.isdisjoint(slots) and changes.keys().isdisjoint(slots):
                yield _place(when, end, master, futures)
    for slot, found in changes.items():
        if slot not in excluded and _day_of(found[0]) not in excluded:
            yield from (_occur(each.start, each.end, each) for each in found)


def _newest(events: Iterable[CalendarEvent]) -> list[CalendarEvent]:
    found = list(events)
    best = max((event.version for event in found), default=None)
    return [event for event in found if event.version == best]


def _sort_changes(events: Iterable[CalendarEvent], *, by_day: bool) -> Mapping[Slot, list[CalendarEvent]]:
    """What stands for single dates, by these."""
    found: dict[Slot, list[CalendarEvent]] = defaultdict(list)
    for event in events:
        if event.recurs_at:
            is_day = by_day or event.recurs_at.is_day
            found[event.recurs_at.wall.date() if is_day else event.recurs_at.instant].append(event)
    return {slot: _newest(each) for slot, each in found.items()}


def _day_of(change: CalendarEvent) -> Slot | None:
    return change.recurs_at.wall.date() if change.recurs_at else None


def _list_futures(changes: Mapping[Slot, list[CalendarEvent]]) -> list[_Future]:
    """In the order in which they begin to hold."""
    found = [
        _Future(event.recurs_at.instant, event, event.recurs_at)
        for events in changes.values()
        for event in events
        if event.recurs_at and event.and_after
    ]
    return sorted(found, key=_since)


def _since(future: _Future) -> datetime:
    return future.since


def _place(when: When, end: End, master: CalendarEvent, futures: Sequence[_Future]) -> Occurrence:
    """A date of a series, moved by what was changed from an earlier one on (RFC 5545 section 3.2.13)."""
    held = bisect_right(futures, when.instant, key=_since)
    return _move(when, futures[held - 1]) if held else _occur(when, end, master)


def _move(when: When, future: _Future) -> Occurrence:
    changed = future.event
    start = changed.start
    if start.zone == when.zone == future.at.zone:
        moved = When(when.wall + (start.wall - future.at.wall), when.zone, when.is_day)
        return _occur(moved, changed.end, changed)
    first = _occur(start, changed.end, changed)
    moved = When(when.wall + (first.starts_at - future.since), when.zone, when.is_day)
    return Occurrence(moved.instant, moved.instant + (first.ends_at - first.starts_at), changed)


def _occur(when: When, end: End, event: CalendarEvent) -> Occurrence:
    instant = when.instant
    return Occurrence(instant, end(when.wall, instant), event)


def _list_dates(master: CalendarEvent, window: ReadingWindow, effort: Effort) -> Iterator[tuple[When, End]]:
    """Every date of a series, each once. One that says itself how long it lasts goes before the same by a rule; the
    first counts, whether its rule would make it or not.
    """
    if not master.repeats:
        yield master.start, master.end
        return
    told: set[datetime] = set()
    for when, end in _list_all(master, window, effort):
        effort.spend(_STEPS_OF_A_DATE)
        instant = when.instant
        if instant not in told:
            told.add(instant)
            yield when, end


def _list_all(master: CalendarEvent, window: ReadingWindow, effort: Effort) -> Iterator[tuple[When, End]]:
    start = master.start
    yield from master.more
    yield start, master.end
    first_one = _occur(start, master.end, master)
    since, until = (each.astimezone(UTC).replace(tzinfo=None) for each in (window.since, window.until))
    first = since - (first_one.ends_at - first_one.starts_at) - _MARGIN
    for rule, end in master.rules:
        last = until + _MARGIN if end is None else min(until, end.wall) + _MARGIN
        for wall in follow_rule(rule, start.wall, first, last, effort):
            when = When(wall, start.zone, start.is_day)
            if end is None or _is_before_end(when, end):
                yield when, master.end


def _is_before_end(when: When, end: When) -> bool:
    """Whether a date comes before UNTIL, or on it. Programs differ in how they write that for days; the later holds."""
    if end.is_day or when.is_day:
        return when.wall.date() <= end.wall.date() or (when.is_day and when.instant <= end.instant)
    if end.zone == IN_UTC:
        return when.instant <= end.instant
    return when.wall <= end.wall
