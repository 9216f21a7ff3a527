"""The table of an appointment's life."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from telehealth.domain.appointments.states import (
    CORRECTIONS,
    STEPS,
    is_correction,
    next_status,
    possible_corrections,
    possible_statuses,
    require_ahead,
    require_recordable,
)
from telehealth.domain.errors import AlreadyCancelled, ImpossibleStatus, TooEarly, TooLate
from telehealth.domain.words import AppointmentStatus as S

START = datetime(2026, 11, 25, 17, tzinfo=UTC)
END = START + timedelta(minutes=50)
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
    [
        (-61, ()),
        (-60, (S.ARRIVED,)),
        (-1, (S.ARRIVED,)),
        (0, (S.ARRIVED, S.FULFILLED, S.NOSHOW)),
        (49, (S.ARRIVED, S.FULFILLED, S.NOSHOW)),
        (50, (S.FULFILLED, S.NOSHOW)),
    ],
)
def test_what_can_be_recorded_depends_on_the_time(minutes: int, expected: tuple[S, ...]) -> None:
    assert possible_statuses(S.BOOKED, starts_at=START, ends_at=END, now=START + timedelta(minutes=minutes)) == expected


@pytest.mark.parametrize(
    ("current", "minutes", "expected"),
    [
        (S.ARRIVED, -30, (S.BOOKED,)),
        (S.ARRIVED, 0, (S.BOOKED, S.NOSHOW)),
        (S.FULFILLED, -90, (S.BOOKED,)),
        (S.FULFILLED, 0, (S.BOOKED, S.ARRIVED, S.NOSHOW)),
        (S.FULFILLED, 50, (S.BOOKED, S.NOSHOW)),
        (S.NOSHOW, 0, (S.BOOKED, S.ARRIVED, S.FULFILLED)),
        (S.CANCELLED, -1, (S.BOOKED,)),
        (S.CANCELLED, 0, ()),
        (S.PENDING, 0, ()),
        (S.BOOKED, 0, ()),
    ],
)
def test_what_a_mistake_can_be_corrected_to(current: S, minutes: int, expected: tuple[S, ...]) -> None:
    assert (
        possible_corrections(current, starts_at=START, ends_at=END, now=START + timedelta(minutes=minutes)) == expected
    )


@pytest.mark.parametrize(
    ("current", "wanted", "minutes", "refusal"),
    [
        (S.BOOKED, S.CANCELLED, -90, ImpossibleStatus),
        (S.CANCELLED, S.CANCELLED, -90, AlreadyCancelled),
        (S.PENDING, S.BOOKED, -90, ImpossibleStatus),
        (S.BOOKED, S.ARRIVED, -61, TooEarly),
        (S.BOOKED, S.NOSHOW, -1, TooEarly),
        (S.CANCELLED, S.BOOKED, 0, ImpossibleStatus),
    ],
)
def test_what_cannot_be_recorded_is_refused_with_its_reason(
    current: S, wanted: S, minutes: int, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        require_recordable(current, wanted, starts_at=START, ends_at=END, now=START + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("appointment", "seat", "minutes", "error"),
    [
        (S.CANCELLED, S.CANCELLED, -60, AlreadyCancelled),
        (S.BOOKED, S.CANCELLED, 60, AlreadyCancelled),
        (S.BOOKED, S.BOOKED, 0, TooLate),
        (S.FULFILLED, S.FULFILLED, 60, TooLate),
        (S.BOOKED, S.NOSHOW, -5, ImpossibleStatus),
    ],
)
def test_what_is_not_ahead_is_refused_with_its_reason(
    appointment: S, seat: S, minutes: int, error: type[Exception]
) -> None:
    require_ahead(S.PENDING, S.PENDING, starts_at=START, now=START - timedelta(minutes=1))
    with pytest.raises(error):
        require_ahead(appointment, seat, starts_at=START, now=START + timedelta(minutes=minutes))
