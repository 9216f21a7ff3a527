"""Whatever stands in a file, reading it ends with times in the window or with a clear failure."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from telehealth.domain.calendar_ports import CalendarFailed, OwnTimes
from telehealth.domain.calendars.reading import read_times
from telehealth.domain.calendars.recurring import Effort
from tests.domain.calendars.files import a_file, a_window

SHELF = Path(__file__).resolve().parents[2] / "data" / "calendars"
FILES = [path.read_bytes() for path in sorted(SHELF.glob("*.ics"))]
WINDOW = a_window(known={"key-of-ours": OwnTimes("key-of-ours", ())})
PIECES = [
    *(
        b"\r\n",
        b"\n ",
        b":",
        b";",
        b'"',
        b",",
        b"=",
        b"/",
        b"\0",
        b"\xff",
        b"Z",
        b"T",
        b"-",
        b"+",
        b"0",
        b"99999999999",
    ),
    *(b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"BEGIN:VCALENDAR\r\n", b"END:VCALENDAR\r\n", b"END:STANDARD\r\n"),
    *(b"\r\nUID:1", b"\r\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261026T130000Z", b"\r\nDTSTART:99991231T235959Z"),
    *(
        b"\r\nDTSTART;TZID=:00010101T000000",
        b"\r\nDTEND;VALUE=DATE:00010101",
        b"\r\nDURATION:-P1D",
        b"\r\nDURATION:P999999W",
    ),
    *(
        b"\r\nRRULE:FREQ=YEARLY;BYDAY=53SU",
        b"\r\nRRULE:FREQ=WEEKLY;BYSETPOS=-366",
        b"\r\nRRULE:FREQ=HOURLY;INTERVAL=99999",
    ),
    *(b"\r\nRRULE:FREQ=MONTHLY;BYWEEKNO=-53;BYYEARDAY=-366", b"\r\nRDATE;VALUE=PERIOD:20261026T130000Z/PT1H"),
    *(b"\r\nEXDATE;VALUE=DATE:20261026", b"\r\nTZOFFSETFROM:+9999", b"\r\nTZOFFSETTO:-2359", b"\r\nSEQUENCE:-1"),
    *(b"\r\nFREEBUSY:20261020T130000Z/PT1H", b"\r\nTRANSP:OPAQUE", b"\xef\xbb\xbf", b"\xe2\x80\xa8"),
]


def check(content: bytes) -> None:
    try:
        times = read_times(content, WINDOW, Effort(50_000))
    except CalendarFailed:
        return
    assert all(WINDOW.since <= begin < end <= WINDOW.until for begin, end in times.spans)
    assert list(times.spans) == sorted(times.spans)


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=400))
def test_bytes(content: bytes) -> None:
    check(content)
    check(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + content + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "DTSTART",
                    "DTEND",
                    "DURATION",
                    "RRULE",
                    "RDATE",
                    "EXDATE",
                    "RECURRENCE-ID",
                    "UID",
                    "ATTENDEE",
                    "X-TELEHEALTH-KEY",
                ]
            ),
            st.text(max_size=40),
        ),
        max_size=8,
    )
)
def test_lines(lines: list[tuple[str, str]]) -> None:
    check(a_file("UID:1\nDTSTART:20261026T130000Z\n" + "\n".join(f"{name}{text}" for name, text in lines)))
    check(a_file("\n".join(f"{name}:{text}" for name, text in lines)))


edits = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 60), st.sampled_from(PIECES) | st.binary(max_size=6)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(FILES), edits)
def test_files_that_were_damaged(content: bytes, damage: list[tuple[float, int, bytes]]) -> None:
    for place, length, piece in damage:
        at = int(place * len(content))
        content = content[:at] + piece + content[at + length :]
    check(content)
