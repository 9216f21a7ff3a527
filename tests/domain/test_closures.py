"""When the whole practice is closed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from telehealth.domain.hours.closures import ClosedDates, closed_periods
from telehealth.domain.walltime import zone

DENVER = zone("America/Denver")


def day(number: int, month: int = 12) -> date:
    return date(2026, month, number)


def said(*periods: tuple[int, int]) -> list[tuple[str, str]]:
    return [tuple(datetime.fromtimestamp(at, UTC).isoformat()[:16] for at in each) for each in periods]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("closed", "open_days", "expected"),
    [
        (ClosedDates(day(24), day(24), False), (), [("2026-12-24T07:00", "2026-12-25T07:00")]),
        (ClosedDates(day(24), day(26), False), {day(25)}, [("2026-12-24T07:00", "2026-12-27T07:00")]),
        (
            ClosedDates(day(24), day(26), True),
            {day(25), day(30)},
            [("2026-12-24T07:00", "2026-12-25T07:00"), ("2026-12-26T07:00", "2026-12-27T07:00")],
        ),
        (ClosedDates(day(24), day(25), True), {day(24), day(25)}, []),
        (ClosedDates(day(1, 11), day(1, 11), False), (), [("2026-11-01T06:00", "2026-11-02T07:00")]),
    ],
)
def test_from_midnight_to_midnight_of_the_therapists_calendar(
    closed: ClosedDates, open_days: set[date], expected: list[tuple[str, str]]
) -> None:
    assert said(*closed_periods([closed], open_days, DENVER)) == expected
