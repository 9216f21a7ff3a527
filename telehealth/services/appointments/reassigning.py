"""A therapist cannot come: colleagues take over, clients choose another time, or it is off. Each appointment by itself,
so that none holds up another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.errors import NotFound, SlotNotOffered, SlotTaken, TelehealthError
from telehealth.models import Appointment, Therapist
from telehealth.queries.appointments.reassignments import WAIVED
from telehealth.services.appointments.asking import ask_to_move
from telehealth.services.appointments.cancelling import cancel_appointment
from telehealth.services.appointments.moving import Destination, move_appointment
from telehealth.services.audit import ActedBy

NOT_FREE = "This colleague is no longer free then, so nothing was changed."


class ReassignmentOutcome(StrEnum):
    """What became of one appointment."""

    TAKEN_OVER = "taken_over"
    ASKED = "asked"
    CANCELLED = "cancelled"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ReassignmentResult:
    """One appointment afterwards. ``why`` is a sentence for people when it was refused, and then nothing changed."""

    appointment_id: int
    outcome: ReassignmentOutcome
    why: str = ""


def reassign_appointments(
    *,
    practice_id: int,
    away: int,
    moves: Mapping[int, str],
    asks: Collection[int] = (),
    cancellations: Collection[int] = (),
    by: ActedBy,
    now: datetime,
) -> list[ReassignmentResult]:
    """Give appointments of the therapist ``away`` to colleagues, ask their clients to choose another time, or cancel
    them, each in its own transaction.

    ``moves`` maps ids of appointments to public ids of therapists. Of two therapists together only the one who is away
    is replaced. Everybody is told once, by the messages of a change. What is refused is said in its result, and changed
    nothing. Raises NotFound for a therapist whom the practice does not have.
    """
    name = db.session.scalar(select(Therapist.name).where(Therapist.practice_id == practice_id, Therapist.id == away))
    if name is None:
        raise NotFound
    reason = f"{name} cannot be there"
    handed = [_hand_over(practice_id, away, each, to, reason, by, now=now) for each, to in moves.items()]
    asked = [_ask(practice_id, away, each, reason, by, now=now) for each in asks]
    return handed + asked + [_call_off(practice_id, away, each, reason, by, now=now) for each in cancellations]


def _hand_over(
    practice_id: int, away: int, appointment_id: int, colleague: str, reason: str, by: ActedBy, *, now: datetime
) -> ReassignmentResult:
    try:
        found = _find(practice_id, away, appointment_id)
        to = _destination(found, away, colleague, reason)
        move_appointment(practice_id=practice_id, appointment_id=appointment_id, to=to, by=by, now=now)
    except (SlotTaken, SlotNotOffered):
        return ReassignmentResult(appointment_id, ReassignmentOutcome.REFUSED, NOT_FREE)
    except TelehealthError as problem:
        return ReassignmentResult(appointment_id, ReassignmentOutcome.REFUSED, str(problem))
    return ReassignmentResult(appointment_id, ReassignmentOutcome.TAKEN_OVER)


def _destination(found: Appointment, away: int, colleague: str, reason: str) -> Destination:
    is_second = found.co_therapist_id == away
    return Destination(
        starts_at=found.starts_at,
        mode=found.mode,
        therapist=None if is_second else colleague,
        co_therapist=colleague if is_second else None,
        location=found.location.public_id if found.location is not None else None,
        waived=WAIVED,
        reason=reason,
    )


def _ask(
    practice_id: int, away: int, appointment_id: int, reason: str, by: ActedBy, *, now: datetime
) -> ReassignmentResult:
    try:
        _find(practice_id, away, appointment_id)
        ask_to_move(practice_id=practice_id, appointment_id=appointment_id, by=by, reason=reason, now=now)
    except TelehealthError as problem:
        return ReassignmentResult(appointment_id, ReassignmentOutcome.REFUSED, str(problem))
    return ReassignmentResult(appointment_id, ReassignmentOutcome.ASKED)


def _call_off(
    practice_id: int, away: int, appointment_id: int, reason: str, by: ActedBy, *, now: datetime
) -> ReassignmentResult:
    try:
        _find(practice_id, away, appointment_id)
        cancel_appointment(
            practice_id=practice_id, appointment_id=appointment_id, by=by, reason=reason, late=False, now=now
        )
    except TelehealthError as problem:
        return ReassignmentResult(appointment_id, ReassignmentOutcome.REFUSED, str(problem))
    return ReassignmentResult(appointment_id, ReassignmentOutcome.CANCELLED)


def _find(practice_id: int, away: int, appointment_id: int) -> Appointment:
    """The appointment, if it is still the therapist's. Raises NotFound."""
    found = db.session.scalar(
        select(Appointment)
        .where(Appointment.practice_id == practice_id, Appointment.id == appointment_id)
        .execution_options(populate_existing=True)
    )
    if found is None or away not in {found.therapist_id, found.co_therapist_id}:
        raise NotFound("This appointment is with somebody else by now, so nothing was changed.")
    return found
