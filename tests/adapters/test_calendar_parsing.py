"""Files that would run away, and what remains of the process that reads them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from telehealth.adapters import calendar_parsing
from telehealth.adapters.calendar_parsing import CalendarParser, ParsingLimits
from telehealth.domain.calendar_ports import CalendarFailed, OwnTimes, ReadingWindow, TakenTimes
from telehealth.domain.calendar_words import CalendarFailure
from telehealth.domain.hours.busy_spans import BusySpan

OWN = BusySpan(datetime(2026, 10, 5, 13, tzinfo=UTC), datetime(2026, 10, 5, 13, 20, tzinfo=UTC))
WINDOW = ReadingWindow(
    since=datetime(2026, 10, 1, tzinfo=UTC),
    until=datetime(2027, 10, 1, tzinfo=UTC),
    zone="America/New_York",
    owner_addresses=frozenset({"mara@practice.example"}),
    known={"own-1": OwnTimes("k1", (OWN,))},
)
ALWAYS_APART = ParsingLimits(small=-1)
EVENT = b"BEGIN:VEVENT\r\nUID:%s\r\nDTSTART:20261005T130000Z\r\nDURATION:PT1H\r\n%s\r\nEND:VEVENT\r\n"


def a_calendar(*events: bytes) -> bytes:
    return b"".join([b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", *events, b"END:VCALENDAR\r\n"])


WEEKLY = a_calendar(
    EVENT % (b"1", b"RRULE:FREQ=WEEKLY"), EVENT % (b"own-1", b"X:1"), EVENT % (b"2", b"RRULE:FREQ=SECONDLY")
)
BOMB = a_calendar(EVENT % (b"1", b"RRULE:FREQ=HOURLY;BYMINUTE=%s" % b",".join(b"%d" % each for each in range(60))))


def failure_of(parser: CalendarParser, content: bytes) -> CalendarFailure:
    with pytest.raises(CalendarFailed) as caught:
        parser.read(content, WINDOW)
    return caught.value.failure


def test_both_ways_tell_the_same() -> None:
    here, apart = (CalendarParser(limits).read(WEEKLY, WINDOW) for limits in (ParsingLimits(), ALWAYS_APART))
    assert here == apart
    assert (len(apart.spans), len(apart.own), apart.unread) == (52, 1, 1)


def test_the_times_of_our_own_events_are_told_to_the_process() -> None:
    content = a_calendar(EVENT % (b"own-1", b"X:1"))
    for limits in (ParsingLimits(), ALWAYS_APART):
        times = CalendarParser(limits).read(content, WINDOW)
        assert times.spans == (BusySpan(OWN.ends_at, datetime(2026, 10, 5, 14, tzinfo=UTC)),)


@pytest.mark.parametrize("limits", [ParsingLimits(), ALWAYS_APART])
def test_one_that_cannot_be_read_spoils_no_other(limits: ParsingLimits) -> None:
    outcomes = CalendarParser(limits).read_many([WEEKLY, b"<html>", a_calendar()[:-9], BOMB, WEEKLY], WINDOW)
    first, page, broken, bomb, last = outcomes
    assert isinstance(first, TakenTimes)
    assert first == last
    assert (page, broken) == (CalendarFailure.NOT_A_CALENDAR, CalendarFailure.UNREADABLE)
    assert bomb is CalendarFailure.TOO_LARGE


def test_many_small_ones_that_are_much_together_are_read_apart() -> None:
    """What is read here is bounded for all of them together."""
    asked = [a_calendar(EVENT % (b"1", b"RRULE:FREQ=DAILY"))] * 10
    has_no_time = CalendarParser(ParsingLimits(seconds=0.001))
    assert len(has_no_time.read(asked[0], WINDOW).spans) == 361
    with pytest.raises(CalendarFailed) as caught:
        has_no_time.read_many(asked, WINDOW)
    assert caught.value.failure is CalendarFailure.TIMED_OUT
    assert {len(each.spans) for each in CalendarParser().read_many(asked, WINDOW) if isinstance(each, TakenTimes)} == {
        361
    }


def test_nothing_is_asked_for_nothing() -> None:
    assert CalendarParser().read_many([], WINDOW) == []


def test_a_process_that_takes_too_much_memory_dies_alone() -> None:
    content = a_calendar(*(EVENT % (b"%d" % each, b"X:1") for each in range(20_000)))
    tight = ParsingLimits(memory=60_000_000)
    assert failure_of(CalendarParser(tight), content) is CalendarFailure.TOO_LARGE
    assert len(CalendarParser().read(content, WINDOW).spans) == 1


def test_a_process_that_takes_too_much_time_is_ended() -> None:
    content = a_calendar(*(EVENT % (b"%d" % each, b"RRULE:FREQ=DAILY;COUNT=30") for each in range(20_000)))
    assert failure_of(CalendarParser(ParsingLimits(cpu_seconds=1)), content) is CalendarFailure.TOO_LARGE
    assert failure_of(CalendarParser(ParsingLimits(seconds=0.01)), content) is CalendarFailure.TIMED_OUT


@pytest.mark.parametrize(
    ("content", "failure"),
    [
        (a_calendar(*[EVENT % (b"1", b"X:1")] * 100_001), CalendarFailure.TOO_LARGE),
        (a_calendar(b"X" * 50_000_000), CalendarFailure.TOO_LARGE),
        (a_calendar(b"SUMMARY:" + b"x" * 20_000_000 + b"\r\n")[:-15], CalendarFailure.UNREADABLE),
        (a_calendar(EVENT % (b"x" * 5_000_000, b"X:1")), CalendarFailure.UNREADABLE),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 1_000_000, CalendarFailure.UNREADABLE),
        (b"BEGIN:VCALENDAR" + b"\r" * 10_000_000, CalendarFailure.UNREADABLE),
        (b"\0" * 1_000_000, CalendarFailure.NOT_A_CALENDAR),
        (BOMB * 20, CalendarFailure.TOO_LARGE),
    ],
    ids=["100,001 events", "50 MB", "20 MB that break off", "an endless line", "nesting", "returns", "zeros", "rules"],
)
def test_what_is_too_much_has_a_clear_end(content: bytes, failure: CalendarFailure) -> None:
    assert failure_of(CalendarParser(), content) is failure


def test_a_hundred_thousand_events_are_read() -> None:
    content = a_calendar(*(EVENT % (b"%d" % each, b"X:1") for each in range(99_999)))
    patient = ParsingLimits(cpu_seconds=300, seconds=600)
    assert len(CalendarParser(patient).read(content, WINDOW).spans) == 1


def test_what_a_process_answers_is_checked() -> None:
    with pytest.raises(CalendarFailed) as caught:
        calendar_parsing.parse_answer(1, b"")
    assert caught.value.failure is CalendarFailure.UNREADABLE
