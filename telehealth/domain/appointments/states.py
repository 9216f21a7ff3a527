"""The life of an appointment as a table. What is not in it does not happen."""

from __future__ import annotations

from datetime import datetime, timedelta

from telehealth.domain.errors import AlreadyCancelled, ImpossibleStatus, TooEarly, TooLate
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

CORRECTIONS: dict[S, frozenset[S]] = {
    # The wrong button was pressed. Staff only, with a line in the audit.
    S.PENDING: frozenset(),
    S.BOOKED: frozenset(),
    S.ARRIVED: frozenset({S.BOOKED, S.NOSHOW}),
    S.FULFILLED: frozenset({S.BOOKED, S.ARRIVED, S.NOSHOW}),
    S.NOSHOW: frozenset({S.BOOKED, S.ARRIVED, S.FULFILLED}),
    # The time must still be free: it is taken again in the same transaction.
    S.CANCELLED: frozenset({S.BOOKED}),
}

EXPECTED = (S.PENDING, S.BOOKED)
"""Nobody has come yet, and nobody has called it off."""
ACTIVE = frozenset({*EXPECTED, S.ARRIVED})
"""It takes place, as far as anybody knows."""
ARRIVES_BEFORE = timedelta(hours=1)
"""People come early; nobody is marked as arrived the day before."""


def next_status(current: S, wanted: S) -> S:
    """The new status. Raises AlreadyCancelled or ImpossibleStatus."""
    if wanted in STEPS[current]:
        return wanted
    raise AlreadyCancelled if current == wanted == S.CANCELLED else ImpossibleStatus


def require_ahead(appointment: S, seat: S, *, starts_at: datetime, now: datetime) -> None:
    """For what a client can only say before it begins. Raises AlreadyCancelled, TooLate, ImpossibleStatus."""
    if S.CANCELLED in (appointment, seat):
        raise AlreadyCancelled
    if now >= starts_at:
        raise TooLate
    if not {appointment, seat} <= ACTIVE:
        raise ImpossibleStatus


def is_correction(current: S, wanted: S) -> bool:
    """Whether the step only undoes a mistake."""
    return wanted not in STEPS[current] and wanted in CORRECTIONS[current]


def possible_statuses(current: S, *, starts_at: datetime, ends_at: datetime, now: datetime) -> tuple[S, ...]:
    """What can be recorded now as a next step about an attendance, in the order of the table of words."""
    span = {"starts_at": starts_at, "ends_at": ends_at}
    return tuple(each for each in S if each in STEPS[current] and _is_possible(current, each, **span, now=now))


def possible_corrections(current: S, *, starts_at: datetime, ends_at: datetime, now: datetime) -> tuple[S, ...]:
    """What a mistaken record can be corrected to now, in the same order."""
    span = {"starts_at": starts_at, "ends_at": ends_at}
    return tuple(each for each in S if is_correction(current, each) and _is_possible(current, each, **span, now=now))


def require_recordable(current: S, wanted: S, *, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Refuse what cannot be recorded now, neither as a next step nor as a correction. Instants are aware. Once it is
    over nobody is here any more: it took place, or it did not.

    Raises AlreadyCancelled, ImpossibleStatus, and TooEarly for what cannot have happened yet.
    """
    if not is_correction(current, wanted):
        next_status(current, wanted)
    if wanted == S.CANCELLED or current == S.PENDING:
        raise ImpossibleStatus  # Cancelling and answering are use cases of their own.
    if not could_have_happened(wanted, starts_at=starts_at, now=now):
        raise TooEarly
    if wanted == S.ARRIVED and now >= ends_at:
        raise ImpossibleStatus
    if current == S.CANCELLED and now >= starts_at:
        raise ImpossibleStatus  # It did not take place; its time is over.


def _is_possible(current: S, wanted: S, *, starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    try:
        require_recordable(current, wanted, starts_at=starts_at, ends_at=ends_at, now=now)
    except (ImpossibleStatus, TooEarly):
        return False
    return True


def could_have_happened(wanted: S, *, starts_at: datetime, now: datetime) -> bool:
    """Whether it can have happened yet. Instants are aware."""
    if wanted == S.ARRIVED:
        return now >= starts_at - ARRIVES_BEFORE
    return wanted not in {S.FULFILLED, S.NOSHOW} or now >= starts_at
