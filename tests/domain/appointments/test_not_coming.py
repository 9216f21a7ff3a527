"""When a client who never came may be proposed as a no-show."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from telehealth.domain.appointments.face_to_face import Stay
from telehealth.domain.appointments.not_coming import is_missed
from tests.moments import at

TEN = at(10)
WAIT = timedelta(minutes=15)


def minute(number: float) -> datetime:
    return TEN + timedelta(minutes=number)


@pytest.mark.parametrize(
    ("stays", "now", "expected"),
    [
        ([(-5, 14)], 14, False),
        ([(-5, 15)], 15, True),
        ([(-5, 40)], 40, True),
        # The therapist left before the time was over, and came back.
        ([(-5, 8)], 20, False),
        ([(-5, 8), (18, 20)], 20, True),
        # They left early: it is proposed once the appointment is over.
        ([(-5, 8)], 49, False),
        ([(-5, 8)], 50, True),
        # No therapist was there while it went on: it is not the client who did not come.
        ([], 60, False),
        ([(-10, 0)], 60, False),
        ([(50, 60)], 60, False),
    ],
)
def test_a_therapist_waited_long_enough_or_it_is_over(
    stays: list[tuple[float, float]], now: float, expected: bool
) -> None:
    inside = [Stay(minute(since), minute(until)) for since, until in stays]
    assert is_missed(inside, starts_at=TEN, ends_at=minute(50), wait=WAIT, now=minute(now)) is expected
