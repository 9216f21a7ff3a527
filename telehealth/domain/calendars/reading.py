"""From the bytes of an iCalendar file to the times at which its owner is busy.

Nothing of a file is kept but that. What cannot be read of it never makes the rest unreadable: it is counted, so that
whoever shows the times can say that some may be missing. Where a file leaves two ways to read it, the one holds by
which more time is taken: an hour that is not offered costs less than one that is given away twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from telehealth.domain import walltime
from telehealth.domain.calendar_ports import CalendarFailed, OwnEvent, ReadingWindow, TakenTimes, bound_span
from telehealth.domain.calendar_words import CalendarFailure
from telehealth.domain.calendars.content_lines import Component, Line, read_components
from telehealth.domain.calendars.events import (
    CalendarEvent,
    Claim,
    list_owner_addresses,
    read_duration,
    read_event,
    read_when,
)
from telehealth.domain.calendars.file_zones import FileZones
from telehealth.domain.calendars.recurring import Effort
from telehealth.domain.calendars.series import Occurrence, list_occurrences
from telehealth.domain.hours.busy_spans import BusySpan, join_spans

MOST_STEPS = 2_000_000
"""Days and times that are looked at in all of a reading: some seconds of work. 200 weekly series over thirteen months
take 300,000.
"""
MOST_SPANS = 20_000
"""Stretches of taken time of one calendar, once joined."""


def read_times(content: bytes, window: ReadingWindow, effort: Effort | None = None) -> TakenTimes:
    """What one file says, be it a whole calendar or one event with its exceptions. Raises CalendarFailed:
    NOT_A_CALENDAR, TOO_LARGE, and UNREADABLE when it breaks off or nothing at all of it can be read.
    """
    effort = effort or Effort(MOST_STEPS)
    told = _Told(window)
    for calendar in read_components(content):
        zone = walltime.zone(window.zone)
        zones = FileZones(calendar, own=zone, since=window.since, until=window.until, effort=effort)
        told.take_events(calendar, zones, effort)
        for component in calendar.parts:
            if component.name == "VFREEBUSY":
                told.take_free_busy(component, zones)
    return told.sum_up()


class _Told:
    """What a file has told so far."""

    def __init__(self, window: ReadingWindow) -> None:
        self._window = window
        self._least = Claim.HALF if window.is_tentative_busy else Claim.WHOLE
        self._spans: list[BusySpan] = []
        self._own: dict[OwnEvent, None] = {}
        self._count = self._unread = 0

    def take_events(self, calendar: Component, zones: FileZones, effort: Effort) -> None:
        """Every event of a calendar, with those of one UID together."""
        owner = self._window.owner_addresses | list_owner_addresses(calendar)
        by_uid: dict[str, list[CalendarEvent]] = defaultdict(list)
        for number, component in enumerate(calendar.parts):
            if component.name == "VEVENT":
                event = self._read(component, zones, owner)
                if event:
                    by_uid[event.uid or f"\n{number}"].append(event)  # Without a UID each stands for itself.
        for events in by_uid.values():
            try:
                for occurrence in list_occurrences(events, self._window, effort):
                    self._take(occurrence)
            except (ValueError, OverflowError):  # Times before the year 1 or after 9999.
                self._unread += len(events)

    def _read(self, component: Component, zones: FileZones, owner: frozenset[str]) -> CalendarEvent | None:
        self._count += 1
        try:
            event = read_event(component, zones, owner)
        except (ValueError, OverflowError):
            self._unread += 1
            return None
        self._unread += not event.is_whole
        return event

    def _take(self, occurrence: Occurrence) -> None:
        event = occurrence.event
        ours = self._window.known.get(event.key) or self._window.known.get(event.uid)
        when = BusySpan(occurrence.starts_at, occurrence.ends_at)
        is_near = when.starts_at < self._window.until and when.ends_at > self._window.since
        if event.claim.value >= self._least.value and is_near:
            for span in ours.subtract_from(when) if ours else (when,):
                self._take_span(*span)
        if ours and not event.is_cancelled and (is_near or not event.repeats):
            told = bound_span(*when)
            if told is not None:  # Else it stands at no time that anybody could be told.
                self._own[OwnEvent(ours.key, event.uid, *told)] = None

    def _take_span(self, starts_at: datetime, ends_at: datetime) -> None:
        begin, end = max(starts_at, self._window.since), min(ends_at, self._window.until)
        if begin < end:
            self._spans.append(BusySpan(begin, end))

    def take_free_busy(self, component: Component, zones: FileZones) -> None:
        """Stretches that a server has summed up. Some give each its own component, without a FREEBUSY line."""
        self._count += 1
        try:
            for starts_at, ends_at in _list_periods(component, zones, self._least):
                self._take_span(starts_at, ends_at)
        except (ValueError, OverflowError):
            self._unread += 1

    def sum_up(self) -> TakenTimes:
        if self._unread and self._unread >= self._count:
            raise CalendarFailed(CalendarFailure.UNREADABLE)
        spans = tuple(join_spans(self._spans))
        if len(spans) + len(self._own) > MOST_SPANS:
            raise CalendarFailed(CalendarFailure.TOO_LARGE)
        return TakenTimes(spans, tuple(self._own), self._unread)


_KINDS: Mapping[str, Claim] = {"FREE": Claim.NONE, "BUSY-TENTATIVE": Claim.HALF}


def _list_periods(component: Component, zones: FileZones, least: Claim) -> Iterator[tuple[datetime, datetime]]:
    """The taken ones, as aware instants. Raises ValueError."""
    for line in component.lines.get("FREEBUSY", ()):
        if _KINDS.get(line.parameters.get("FBTYPE", "").upper(), Claim.WHOLE).value >= least.value:
            yield from _split_periods(line, zones)
    kind, start, end = component.text("FBTYPE").upper(), component.first("DTSTART"), component.first("DTEND")
    if kind and start and end and _KINDS.get(kind, Claim.WHOLE).value >= least.value:
        yield read_when(start, zones).instant, read_when(end, zones).instant


def _split_periods(line: Line, zones: FileZones) -> Iterator[tuple[datetime, datetime]]:
    for text in line.value.split(","):
        begin, _, end = text.partition("/")
        starts_at = read_when(Line(line.parameters, begin), zones).instant
        if end.strip().upper().startswith("P"):
            yield starts_at, starts_at + sum(read_duration(end), start=starts_at - starts_at)
        else:
            yield starts_at, read_when(Line(line.parameters, end), zones).instant
