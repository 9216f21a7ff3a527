"""When the virtual room may be entered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from telehealth.domain.appointments.joining import Door, door_of, opens_at

START = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
END = START + timedelta(minutes=50)
INSTANT = timedelta(microseconds=1)


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
    assert door_of(START, END, now=now) == state


def test_it_opens_a_quarter_of_an_hour_before() -> None:
    assert opens_at(START) == START - timedelta(minutes=15)
