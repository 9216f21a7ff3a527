"""What clients may still change, minute by minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from telehealth.domain.appointments.policies import Freedom, freedom_to_change
from telehealth.domain.words import LateChange

START = datetime(2026, 11, 25, 17, tzinfo=UTC)
LONG_AGO = START - timedelta(days=30)
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Agreed:
    window_minutes: int
    when_late: LateChange


DAY_MARK, DAY_CALL = Agreed(1440, LateChange.MARK), Agreed(1440, LateChange.CALL)


@pytest.mark.parametrize(
    ("terms", "now", "expected"),
    [
        (None, START - MOMENT, Freedom.FREE),
        (None, START, Freedom.OVER),
        (DAY_MARK, START - timedelta(days=1) - MOMENT, Freedom.FREE),
        (DAY_MARK, START - timedelta(days=1), Freedom.LATE),
        (DAY_CALL, START - timedelta(days=1), Freedom.CALL),
        (DAY_CALL, START - MOMENT, Freedom.CALL),
        (DAY_CALL, START, Freedom.OVER),
        (Agreed(0, LateChange.CALL), START - MOMENT, Freedom.FREE),
    ],
)
def test_the_window_is_half_open(terms: Agreed | None, now: datetime, expected: Freedom) -> None:
    assert freedom_to_change(terms, starts_at=START, changed_at=LONG_AGO, grace_minutes=3, now=now) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(0, Freedom.FREE), (179, Freedom.FREE), (180, Freedom.LATE)])
def test_a_change_of_mind_within_the_grace_is_never_late(seconds: int, expected: Freedom) -> None:
    booked = START - timedelta(hours=5)
    now = booked + timedelta(seconds=seconds)
    assert freedom_to_change(DAY_MARK, starts_at=START, changed_at=booked, grace_minutes=3, now=now) == expected


def test_the_grace_never_reaches_past_the_start() -> None:
    booked = START - timedelta(minutes=1)
    assert freedom_to_change(DAY_MARK, starts_at=START, changed_at=booked, grace_minutes=3, now=START) == Freedom.OVER
