"""What became of a seat, in the words that a report counts in."""

from __future__ import annotations

from enum import StrEnum

from telehealth.domain.words import AppointmentStatus


class Outcome(StrEnum):
    """Each seat whose time has come has one of these. The order is the one in which reports show them."""

    KEPT = "kept"
    MISSED = "missed"
    CANCELLED_LATE = "cancelled_late"  # Inside the window of the terms that were agreed to.
    CANCELLED = "cancelled"
    UNMARKED = "unmarked"  # It was to take place, and nobody has said what became of it.


MARKED = {
    AppointmentStatus.FULFILLED: Outcome.KEPT,
    AppointmentStatus.ARRIVED: Outcome.KEPT,
    AppointmentStatus.NOSHOW: Outcome.MISSED,
    AppointmentStatus.BOOKED: Outcome.UNMARKED,
}


def outcome_of(status: AppointmentStatus, *, is_late: bool) -> Outcome | None:
    """What became of a seat; None of a request that nobody answered: it never was an appointment."""
    if status == AppointmentStatus.CANCELLED:
        return Outcome.CANCELLED_LATE if is_late else Outcome.CANCELLED
    return MARKED.get(status)
