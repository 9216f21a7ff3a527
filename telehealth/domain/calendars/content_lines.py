"""The text of an iCalendar file (RFC 5545 section 3.1), down to the few lines that say when time is taken.

Everything else, titles and places and guests' names above all, is passed over and never kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from telehealth.domain.calendar_ports import KEY_PROPERTY, CalendarFailed
from telehealth.domain.calendar_words import CalendarFailure

MOST_BYTES = 25_000_000
"""Fifteen years of a full calendar are some ten million."""
MOST_COMPONENTS = 100_000
DEEPEST = 8
"""Components within components. A reminder in an event is the third; nobody writes a sixth."""
LONGEST_LINE = 1_000_000
"""Bytes of a line that is looked into: some 60,000 dates. What is passed over, a picture for example, may be longer."""

_WANTED = {
    "VCALENDAR": {"X-WR-TIMEZONE", "X-WR-CALNAME", "X-OWNER"},
    "VEVENT": {
        *("UID", "RECURRENCE-ID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED"),
        *("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE"),
        *("TRANSP", "STATUS", "ATTENDEE", "X-MICROSOFT-CDO-BUSYSTATUS", "X-APPLE-EWS-BUSYSTATUS", KEY_PROPERTY),
    },
    "VFREEBUSY": {"DTSTART", "DTEND", "DURATION", "FREEBUSY", "FBTYPE"},
    "VTIMEZONE": {"TZID", "X-LIC-LOCATION"},
    "STANDARD": (_CHANGE := {"DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO"}),
    "DAYLIGHT": _CHANGE,
}
_NONE: frozenset[str] = frozenset()
_BREAK = re.compile(rb"\r+\n?|\n")
_FOLD = re.compile(rb"\n[ \t]")
_LINE = re.compile(rb"[^\n]+")
_NAME = re.compile(rb"\s*([A-Za-z0-9-]{1,60})\s*[;:]")
_PARTS = re.compile(r'([^":]*(?:"[^"]*"[^":]*)*):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';\s*([A-Za-z0-9-]+)\s*=\s*(?:"([^"]*)"|([^;"]*))')


class Line(NamedTuple):
    """One property: what stands before its colon and after it."""

    parameters: Mapping[str, str]
    value: str


@dataclass(slots=True)
class Component:
    """One component with its lines by their names, and with what lies within it."""

    name: str
    lines: dict[str, list[Line]] = field(default_factory=dict)
    parts: list[Component] = field(default_factory=list)

    def first(self, name: str) -> Line | None:
        """The first line of a name; a second one of what may stand there only once means nothing."""
        found = self.lines.get(name)
        return found[0] if found else None

    def text(self, name: str) -> str:
        """The value of that line; empty without one."""
        line = self.first(name)
        return line.value.strip() if line else ""


def read_components(content: bytes) -> list[Component]:
    """Every VCALENDAR of a file. Raises CalendarFailed: NOT_A_CALENDAR for whatever does not begin as one, UNREADABLE
    for one that breaks off or is nested without end, TOO_LARGE.
    """
    if len(content) > MOST_BYTES:
        raise CalendarFailed(CalendarFailure.TOO_LARGE)
    text = _decode(content).lstrip()
    if not text[:15].upper().startswith(b"BEGIN:VCALENDAR"):
        raise CalendarFailed(CalendarFailure.NOT_A_CALENDAR)
    return _build(_unfold(text))


def _decode(content: bytes) -> bytes:
    """UTF-8, without the mark that some programs put before it; UTF-16 is told by its own."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", "replace").encode("utf-8", "replace")
    return content.removeprefix(b"\xef\xbb\xbf")


def _unfold(text: bytes) -> Iterator[tuple[str, bytes]]:
    """Each line with its name. Folds are undone in bytes: programs fold within a letter, too."""
    for found in _LINE.finditer(_FOLD.sub(b"", _BREAK.sub(b"\n", text))):
        line = found.group()
        name = _NAME.match(line)
        if name:
            yield name.group(1).decode("ascii").upper(), line


def _build(lines: Iterator[tuple[str, bytes]]) -> list[Component]:
    calendars: list[Component] = []
    path: list[Component] = []
    count = 0
    for name, line in lines:
        if name == "BEGIN":
            count += 1
            _check_size(count, len(path))
            _begin(calendars, path, _word(line))
        elif name == "END":
            _end(path, _word(line))
        elif path and name in _WANTED.get(path[-1].name, _NONE):
            path[-1].lines.setdefault(name, []).append(_split(line))
    if path:  # It broke off: what would have come is not free.
        raise CalendarFailed(CalendarFailure.UNREADABLE)
    return calendars


def _check_size(count: int, depth: int) -> None:
    if count > MOST_COMPONENTS:
        raise CalendarFailed(CalendarFailure.TOO_LARGE)
    if depth >= DEEPEST:
        raise CalendarFailed(CalendarFailure.UNREADABLE)


def _begin(calendars: list[Component], path: list[Component], name: str) -> None:
    """Calendars are kept, and in them what may hold wanted lines. A calendar never lies in anything."""
    component = Component(name)
    if name == "VCALENDAR" and not path:
        calendars.append(component)
    elif path and name in _WANTED:
        path[-1].parts.append(component)
    path.append(component)


def _end(path: list[Component], name: str) -> None:
    """Whatever was not ended within it ends with it; an end of what did not begin is passed over."""
    if any(each.name == name for each in path):
        while path.pop().name != name:
            pass


def _word(line: bytes) -> str:
    return line.partition(b":")[2].strip()[:60].decode("ascii", "replace").upper()


def _split(line: bytes) -> Line:
    if len(line) > LONGEST_LINE:
        raise CalendarFailed(CalendarFailure.UNREADABLE)
    text = line.decode("utf-8", "replace")
    parts = _PARTS.match(text)
    before, value = parts.groups() if parts else text.partition(":")[::2]
    if ";" not in before:
        return Line({}, value)
    pairs = _PARAMETER.findall(before)
    return Line({name.upper(): quoted or plain.strip() for name, quoted, plain in pairs}, value)
