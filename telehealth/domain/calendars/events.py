"""One event of a calendar file: when it is, how it repeats, and whether its owner is taken meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum

from telehealth.domain.calendar_ports import KEY_PROPERTY
from telehealth.domain.calendars.content_lines import Component, Line
from telehealth.domain.calendars.file_zones import IN_UTC, FileZones, Zone, read_wall
from telehealth.domain.calendars.recurring import RepeatRule, read_rule

_DAY = timedelta(days=1)
_NOTHING = timedelta(0)
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,10})S)?)?", re.IGNORECASE
)
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")

End = Callable[[datetime, datetime], datetime]
"""Tells when an event is over that begins at a wall time and at the instant which that is."""


Slot = date
"""Which date of a series is meant: an instant (a datetime, aware), or a day by the event's own clock."""


class Claim(Enum):
    """What an event asks of its owner's time."""

    NONE = 0
    HALF = 1  # Asked, not answered yet or only with "maybe".
    WHOLE = 2


@dataclass(frozen=True, slots=True)
class When:
    """A date or a time as a file gives it."""

    wall: datetime
    zone: Zone
    is_day: bool

    @property
    def instant(self) -> datetime:
        """Which moment that is (aware UTC); for a day, its first."""
        return self.zone.instant(self.wall)


@dataclass(slots=True)
class CalendarEvent:
    """One VEVENT. ``recurs_at`` is set in what stands for one date of a series instead (or from it on, ``and_after``).
    ``is_whole`` is False when something of it could not be read; what could holds.
    """

    uid: str
    key: str
    claim: Claim
    version: tuple[int, str]
    start: When
    end: End
    recurs_at: When | None = None
    and_after: bool = False
    rules: list[tuple[RepeatRule, When | None]] = field(default_factory=list)
    more: list[tuple[When, End]] = field(default_factory=list)
    exceptions: set[Slot] = field(default_factory=set)
    is_cancelled: bool = False
    is_whole: bool = True

    @property
    def repeats(self) -> bool:
        """Whether it has more dates than its first."""
        return bool(self.rules or self.more)


def read_event(component: Component, zones: FileZones, owner_addresses: frozenset[str]) -> CalendarEvent:
    """An event from its component. Raises ValueError or OverflowError when it cannot be told when it is."""
    start_line = component.first("DTSTART")
    if start_line is None:
        raise ValueError("an event that does not begin")
    start = read_when(start_line, zones)
    event = CalendarEvent(
        uid=component.text("UID"),
        key=component.text(KEY_PROPERTY),
        claim=judge_claim(component, owner_addresses),
        version=_read_version(component),
        start=start,
        end=_read_end(component, start, zones),
        is_cancelled=component.text("STATUS").upper() == "CANCELLED",
    )
    at = component.first("RECURRENCE-ID")
    if at is None:
        _read_repetition(event, component, zones)
    else:
        when = read_when(at, zones)
        event.recurs_at = When(when.wall, start.zone, is_day=True) if when.is_day else when
        event.and_after = at.parameters.get("RANGE", "").upper() == "THISANDFUTURE"
    return event


def read_when(line: Line, zones: FileZones) -> When:
    """A DATE or a DATE-TIME. Raises ValueError."""
    return _read_when(line.value, line, zones)


def _read_when(text: str, line: Line, zones: FileZones) -> When:
    value = text.strip().upper()
    wall = read_wall(value)
    if "T" not in value:
        return When(wall, zones.own, is_day=True)
    if value.endswith("Z"):
        return When(wall, IN_UTC, is_day=False)
    tzid = line.parameters.get("TZID")
    return When(wall, zones.named(tzid) if tzid else zones.floating, is_day=False)


def judge_claim(component: Component, owner_addresses: frozenset[str]) -> Claim:
    """Whether an event takes its owner's time. "Free" counts from whoever says it: Outlook tells more in a property of
    its own than TRANSP has words for.
    """
    status, shown = component.text("STATUS").upper(), component.text("TRANSP").upper()
    outlook = component.text("X-MICROSOFT-CDO-BUSYSTATUS") or component.text("X-APPLE-EWS-BUSYSTATUS")
    if status == "CANCELLED" or shown == "TRANSPARENT" or outlook.upper() in {"FREE", "WORKINGELSEWHERE"}:
        return Claim.NONE
    answer = _read_answer(component.lines.get("ATTENDEE", ()), owner_addresses)
    is_half = status == "TENTATIVE" or outlook.upper() == "TENTATIVE"
    return Claim.HALF if is_half and answer is Claim.WHOLE else answer


_ANSWERS = {
    "DECLINED": Claim.NONE,
    "DELEGATED": Claim.NONE,  # Somebody else goes.
    "NEEDS-ACTION": Claim.HALF,
    "TENTATIVE": Claim.HALF,
}


def _read_answer(guests: Iterable[Line], owner_addresses: frozenset[str]) -> Claim:
    """What the owner has said to being invited; with two addresses, the one that promises more. Whoever is no guest of
    an event in their own calendar has put it there.
    """
    own = [guest for guest in guests if owner_addresses.intersection(_addresses(guest))]
    answers = [_ANSWERS.get(guest.parameters.get("PARTSTAT", "").upper(), Claim.WHOLE) for guest in own]
    return max(answers, key=lambda answer: answer.value, default=Claim.WHOLE)


def list_owner_addresses(calendar: Component) -> set[str]:
    """By which a file says whose it is: Google calls somebody's first calendar by their address, Outlook tells it."""
    stated = (line for name in ("X-WR-CALNAME", "X-OWNER") for line in calendar.lines.get(name, ()))
    return {address for line in stated for address in _addresses(line) if _ADDRESS.fullmatch(address)}


def _addresses(guest: Line) -> set[str]:
    """Apple and Exchange write something else than an address at times, and the address beside it."""
    return {each.strip().lower().removeprefix("mailto:") for each in (guest.value, guest.parameters.get("EMAIL", ""))}


def _read_version(component: Component) -> tuple[int, str]:
    """Which of two that stand for the same is newer: by SEQUENCE, then by when it was last written."""
    sequence = component.text("SEQUENCE")
    number = int(sequence) if sequence.isascii() and sequence.isdigit() and len(sequence) < 10 else 0  # noqa: PLR2004
    return number, max(component.text("DTSTAMP"), component.text("LAST-MODIFIED"))


def _read_end(component: Component, start: When, zones: FileZones) -> End:
    line = component.first("DTEND")
    if line:
        return _until(start, read_when(line, zones))
    text = component.text("DURATION")
    if text:
        return _lasting(start, *read_duration(text))
    return _lasting(start, _DAY if start.is_day else _NOTHING, _NOTHING)


def _until(start: When, end: When) -> End:
    """Each date of a series lasts as long as its first. Over a change of clocks that may be meant by the clock or by
    the length; the later end holds. A day that ends when it begins is meant to be whole.
    """
    on_wall, exact = end.wall - start.wall, end.instant - start.instant
    if start.is_day and end.is_day:
        return _lasting(start, max(on_wall, _DAY) if on_wall >= _NOTHING else on_wall, _NOTHING)
    if exact < _NOTHING:
        raise ValueError("an event that ends before it begins")
    if start.zone != end.zone:
        return _lasting(start, _NOTHING, exact)
    return lambda wall, instant: max(start.zone.instant(wall + on_wall), instant + exact)


def _lasting(start: When, days: timedelta, rest: timedelta) -> End:
    """Days by the calendar, and then hours by the clock in one's hand (RFC 5545 section 3.8.5.3)."""
    if days + rest < _NOTHING:
        raise ValueError("an event that ends before it begins")
    if not days:
        return lambda _, instant: instant + rest
    return lambda wall, _: start.zone.instant(wall + days) + rest


def read_duration(text: str) -> tuple[timedelta, timedelta]:
    """A DURATION, as days and the rest. Raises ValueError, also for one that goes back."""
    found = _DURATION.fullmatch(text.strip())
    if not found or not any(found.groups()[1:]) or found[1] == "-":
        raise ValueError("no length of time")
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups()[1:])
    return timedelta(weeks=weeks, days=days), timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _read_repetition(event: CalendarEvent, component: Component, zones: FileZones) -> None:
    """What cannot be read of it is left out, and said (``is_whole``): the rest is still when somebody is busy."""
    for line in component.lines.get("RRULE", ()):
        try:
            rule = read_rule(line.value)
            until = _read_when(rule.until, Line({}, ""), zones) if rule.until else None
        except (ValueError, OverflowError):
            event.is_whole = False
        else:
            event.rules.append((rule, until))
    for line, text in _values(component, "RDATE"):
        try:
            event.more.append(_read_date(text, line, event, zones))
        except (ValueError, OverflowError):
            event.is_whole = False
    for line, text in _values(component, "EXDATE"):
        try:
            event.exceptions.add(_read_exception(text, line, event, zones))
        except (ValueError, OverflowError):
            event.is_whole = False


def _values(component: Component, name: str) -> Iterator[tuple[Line, str]]:
    for line in component.lines.get(name, ()):
        for text in line.value.split(","):
            if text.strip():
                yield line, text


def _read_date(text: str, line: Line, event: CalendarEvent, zones: FileZones) -> tuple[When, End]:
    """One more date: it lasts as long as the first, unless it says itself how long. A day is at the first's time."""
    begin, slash, end = text.partition("/")
    when = _read_when(begin, line, zones)
    if slash and end.strip().upper().startswith(("P", "+P")):
        return when, _lasting(when, *read_duration(end))
    if slash:
        return when, _until(when, _read_when(end, line, zones))
    if when.is_day and not event.start.is_day:
        when = When(datetime.combine(when.wall, event.start.wall.time()), event.start.zone, is_day=False)
    return when, event.end


def _read_exception(text: str, line: Line, event: CalendarEvent, zones: FileZones) -> Slot:
    """An event without times is meant by its days, whatever else is written."""
    when = _read_when(text, line, zones)
    return when.wall.date() if when.is_day or event.start.is_day else when.instant
