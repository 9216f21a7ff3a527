"""The life of an appointment as a table. What is not in it does not happen."""

from __future__ import annotations

from telehealth.domain.errors import AlreadyCancelled, ImpossibleStatus
from telehealth.domain.words import AppointmentStatus as S

STEPS: dict[S, frozenset[S]] = {
    S.PENDING: frozenset({S.BOOKED, S.CANCELLED}),
    S.BOOKED: frozenset({S.ARRIVED, S.FULFILLED, S.CANCELLED, S.NOSHOW}),
    S.ARRIVED: frozenset({S.FULFILLED, S.CANCELLED}),
    # Terminal: these refuse to move.
    S.FULFILLED: frozenset(),
    S.CANCELLED: frozenset(),
    S.NOSHOW: frozenset(),
}


def step(current: S, wanted: S) -> S:
    """The new status. Raises AlreadyCancelled or ImpossibleStatus."""
    if wanted in STEPS[current]:
        return wanted
    raise AlreadyCancelled if current == wanted == S.CANCELLED else ImpossibleStatus
