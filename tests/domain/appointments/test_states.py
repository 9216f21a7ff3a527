"""The table of an appointment's life."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from telehealth.domain.appointments.states import CORRECTIONS, STEPS, is_correction, next_status, possible_statuses
from telehealth.domain.errors import AlreadyCancelled, ImpossibleStatus
from telehealth.domain.words import AppointmentStatus as S

START = datetime(2026, 11, 25, 17, tzinfo=UTC)
FORWARD = {
    (S.PENDING, S.BOOKED), (S.PENDING, S.CANCELLED), (S.BOOKED, S.ARRIVED), (S.BOOKED, S.FULFILLED),
    (S.BOOKED, S.CANCELLED), (S.BOOKED, S.NOSHOW), (S.ARRIVED, S.FULFILLED), (S.ARRIVED, S.CANCELLED),
}  # fmt: skip


@pytest.mark.parametrize(("current", "wanted"), list(product(S, S)))
def test_every_pair_is_either_a_step_or_refused(current: S, wanted: S) -> None:
    if (current, wanted) in FORWARD:
        assert next_status(current, wanted) == wanted
        return
    with pytest.raises(AlreadyCancelled if current == wanted == S.CANCELLED else ImpossibleStatus):
        next_status(current, wanted)


def test_a_correction_is_never_also_a_step() -> None:
    assert not any(STEPS[state] & CORRECTIONS[state] for state in S)
    assert is_correction(S.NOSHOW, S.FULFILLED)
    assert not is_correction(S.BOOKED, S.FULFILLED)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(-61, ()), (-60, (S.ARRIVED,)), (-1, (S.ARRIVED,)), (0, (S.ARRIVED, S.FULFILLED, S.NOSHOW))],
)
def test_what_can_be_recorded_depends_on_the_time(minutes: int, expected: tuple[S, ...]) -> None:
    assert possible_statuses(S.BOOKED, starts_at=START, now=START + timedelta(minutes=minutes)) == expected
