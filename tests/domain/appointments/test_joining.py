"""When the virtual room may be entered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from telehealth.domain.appointments.joining import USUAL, Door, RoomHours
from telehealth.domain.video.calls import LINGERS, CallerState, is_in_use

START = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
END = START + timedelta(minutes=50)
INSTANT = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (START - timedelta(days=1), Door.NOT_YET),
        (START - timedelta(minutes=15) - INSTANT, Door.NOT_YET),
        (START - timedelta(minutes=15), Door.OPEN),
        (START, Door.OPEN),
        (END, Door.OPEN),
        (END + timedelta(minutes=30) - INSTANT, Door.OPEN),
        (END + timedelta(minutes=30), Door.OVER),
        (END + timedelta(days=1), Door.OVER),
    ],
)
def test_the_door(now: datetime, state: Door) -> None:
    assert USUAL.door_of(START, END, now=now) == state


def test_it_opens_a_quarter_of_an_hour_before() -> None:
    assert USUAL.opens_at(START) == START - timedelta(minutes=15)


def test_a_practice_has_its_own_hours() -> None:
    hours = RoomHours(opens_minutes=5, stays_minutes=0)
    assert hours.door_of(START, END, now=START - 6 * MINUTE) == Door.NOT_YET
    assert hours.door_of(START, END, now=START - 5 * MINUTE) == Door.OPEN
    assert hours.door_of(START, END, now=END) == Door.OVER


def test_while_it_is_in_use_it_stays_open_and_opens_no_sooner() -> None:
    assert USUAL.door_of(START, END, now=END + timedelta(hours=2), is_in_use=True) == Door.OPEN
    assert USUAL.door_of(START, END, now=START - timedelta(hours=1), is_in_use=True) == Door.NOT_YET


@dataclass(frozen=True)
class Somebody:
    state: CallerState = CallerState.ADMITTED
    admitted_at: datetime | None = START
    seen_at: datetime = END
    left_at: datetime | None = None


INSIDE = Somebody()
DROPPED = Somebody(CallerState.LEFT, seen_at=END - 4 * MINUTE, left_at=END - 4 * MINUTE)


@pytest.mark.parametrize(
    ("callers", "is_used"),
    [
        ([], False),
        ([INSIDE], False),
        ([INSIDE, INSIDE], True),
        ([INSIDE, DROPPED], True),
        ([INSIDE, replace(DROPPED, left_at=END - LINGERS)], False),
        # A page that was asleep since, and was not found gone yet.
        ([INSIDE, replace(INSIDE, seen_at=END - LINGERS)], False),
        ([INSIDE, Somebody(CallerState.WAITING, admitted_at=None)], False),
        ([INSIDE, replace(INSIDE, state=CallerState.REMOVED)], False),
        # A therapist has ended it for everybody.
        ([replace(DROPPED, admitted_at=None)] * 2, False),
    ],
)
def test_a_call_of_two_keeps_its_room_and_for_a_moment_after(callers: list[Somebody], is_used: bool) -> None:
    assert is_in_use(callers, now=END) == is_used
