"""Reading a full calendar of somebody else's: 200 series and 2,000 single events, as Google writes them.

The yardstick are the libraries that many take for it, icalendar and recurring_ical_events, in this process: so what the
process of our own costs is in our figure only. What is counted is processor time, ours and our children's.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import icalendar
import recurring_ical_events

from bench.measure import MILLISECONDS, ROUNDS, Figure, spent_here
from bench.options import sized
from telehealth.adapters.calendar_parsing import CalendarParser
from telehealth.domain.calendar_ports import ReadingWindow

SERIES, SINGLE = sized(200, quick=100), sized(2_000, quick=500)
ZONE = "America/New_York"
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
WINDOW = ReadingWindow(SINCE, SINCE + timedelta(days=400), ZONE, frozenset({"mara@practice.example"}))
BEGIN = datetime(2026, 1, 5, 9)  # noqa: DTZ001 -- a wall time
GUESTS = "".join(
    f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Guest {number};X-NUM-GUESTS=0:\r\n"
    f" mailto:guest{number}@else.example\r\n"
    for number in range(3)
)
CHANGES = (
    ("DAYLIGHT", "-0500", "-0400", "19700308T020000", "BYMONTH=3;BYDAY=2SU"),
    ("STANDARD", "-0400", "-0500", "19701101T020000", "BYMONTH=11;BYDAY=1SU"),
)
CHANGES_TEXT = "".join(
    f"BEGIN:{name}\r\nTZOFFSETFROM:{before}\r\nTZOFFSETTO:{after}\r\nDTSTART:{start}\r\n"
    f"RRULE:FREQ=YEARLY;{days}\r\nEND:{name}\r\n"
    for name, before, after, start, days in CHANGES
)
RULES = (
    "RRULE:FREQ=WEEKLY\r\n",
    "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE\r\n",
    "RRULE:FREQ=MONTHLY;BYDAY=-1FR\r\n",
    "RRULE:FREQ=DAILY;COUNT=400\r\n",
)


def calendar_files(_: Path) -> Generator[Figure, None, None]:
    """All of a calendar, and one event as a CalDAV server gives it."""
    parser, whole = CalendarParser(), _calendar([*_series(), *_single()])
    ours, theirs = _cpu(lambda: parser.read(whole, WINDOW)), _cpu(lambda: _read_with_libraries(whole))
    name = f"k  a calendar of {SERIES:,} series and {SINGLE:,} events read, processor time"
    yield Figure(name=name, value=ours, unit="ms", yardstick=theirs, aim="<= 4,000")
    one = _calendar([_event(0, RULES[0])])
    ours, theirs = _cpu(lambda: parser.read(one, WINDOW), 50), _cpu(lambda: _read_with_libraries(one), 50)
    yield Figure(name="k    one weekly event", value=ours, unit="ms", yardstick=theirs, aim="<= 5")


def _cpu(call: Callable[[], object], calls: int = 1) -> float:
    """The median, in milliseconds a call."""
    call()
    return median(_one_round(call, calls) for _ in range(ROUNDS))


def _one_round(call: Callable[[], object], calls: int) -> float:
    before = spent_here()
    for _ in range(calls):
        call()
    return (spent_here() - before) / calls * MILLISECONDS


def _read_with_libraries(content: bytes) -> int:
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(content)).between(WINDOW.since, WINDOW.until)
    return len(found)


def _series() -> Iterator[str]:
    return (_event(number, RULES[number % len(RULES)]) for number in range(SERIES))


def _single() -> Iterator[str]:
    return (_event(SERIES + number) for number in range(SINGLE))


def _event(number: int, rule: str = "") -> str:
    start = BEGIN + timedelta(hours=7 * number)
    return (
        f"BEGIN:VEVENT\r\nDTSTART;TZID={ZONE}:{start:%Y%m%dT%H%M%S}\r\n"
        f"DTEND;TZID={ZONE}:{start + timedelta(minutes=50):%Y%m%dT%H%M%S}\r\n{rule}"
        f"DTSTAMP:20261001T081500Z\r\nUID:event-{number}@google.com\r\n{GUESTS}CREATED:20260101T000000Z\r\n"
        f"DESCRIPTION:{'Some words. ' * 15}\r\nLAST-MODIFIED:20260101T000000Z\r\nSEQUENCE:0\r\nSTATUS:CONFIRMED\r\n"
        f"SUMMARY:Something\r\nTRANSP:OPAQUE\r\nEND:VEVENT\r\n"
    )


def _calendar(events: list[str]) -> bytes:
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-TIMEZONE:{ZONE}\r\nBEGIN:VTIMEZONE\r\nTZID:{ZONE}\r\n{CHANGES_TEXT}"
    return f"{head}END:VTIMEZONE\r\n{''.join(events)}END:VCALENDAR\r\n".encode()
