"""When somebody who is away is back."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from telehealth.domain.hours.absences import find_return

SPRING = (datetime(2027, 1, 1), datetime(2027, 3, 3))
SUMMER = (datetime(2027, 3, 3), datetime(2027, 6, 1, 12))
AUTUMN = (datetime(2027, 9, 1), datetime(2027, 10, 1))


@pytest.mark.parametrize(
    ("absences", "at", "back"),
    [
        ([], datetime(2027, 1, 1), None),
        ([SPRING], datetime(2026, 12, 31, 23, 59), None),
        ([SPRING], datetime(2027, 1, 1), date(2027, 3, 3)),
        ([SPRING], datetime(2027, 3, 2, 23, 59), date(2027, 3, 3)),
        ([SPRING], datetime(2027, 3, 3), None),
        ([AUTUMN, SUMMER, SPRING], datetime(2027, 2, 1), date(2027, 6, 1)),
        ([SPRING, (datetime(2027, 1, 5), datetime(2027, 1, 9))], datetime(2027, 1, 6), date(2027, 3, 3)),
    ],
)
def test_the_date_of_coming_back(absences: list[tuple[datetime, datetime]], at: datetime, back: date | None) -> None:
    assert find_return(absences, at) == back
