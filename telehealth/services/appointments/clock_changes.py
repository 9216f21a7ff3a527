"""When the rules of a zone's clocks change after something was booked: keeping the time on the wall, or the instant.

Either way the people concerned are told: what they read before is no longer true on their wall, or in their calendar.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import update
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain import walltime
from telehealth.domain.appointments.states import ACTIVE
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import ImpossibleStatus, TelehealthError
from telehealth.domain.words import Obstacle
from telehealth.models import Appointment, Occurrence
from telehealth.queries.appointments.clock_changes import agreed_start, is_out_of_step
from telehealth.services.appointments.moving import Destination, move_appointment_in
from telehealth.services.audit import ActedBy, raise_sequence, record_event
from telehealth.services.locking import lock_appointment
from telehealth.services.messages.planning import correct_told_start, replan_appointment

REASON = "The rules of the time zone's clocks have changed."
AGREED_BEFORE = frozenset(
    {
        Obstacle.OUTSIDE_HOURS, Obstacle.OFF_GRID, Obstacle.NOTICE, Obstacle.HORIZON,
        Obstacle.DAILY_CAP, Obstacle.WEEKLY_CAP, Obstacle.LONGEST_RUN,
    }
)  # fmt: skip
"""What does not bind a time that was agreed long ago. Nobody is booked over anybody, though, or into time off."""


class KeptTime(StrEnum):
    """Which of the two holds."""

    WALL = "wall_time"
    INSTANT = "instant"


def settle_clock_changes(
    *, practice_id: int, appointment_ids: Iterable[int], keep: KeptTime, by: ActedBy, now: datetime
) -> dict[int, TelehealthError]:
    """Keep the wall time or the instant of each, one by one; by their ids what refused those that could not be settled.

    Whoever stands in the way of another is asked again when that one has moved. Staff only. Raises NotAllowed.
    """
    by.require_staff()
    use_case = {KeptTime.WALL: keep_wall_time, KeptTime.INSTANT: keep_instant}[keep]
    left = list(appointment_ids)
    while True:
        refused: dict[int, TelehealthError] = {}
        for appointment_id in left:
            try:
                use_case(practice_id=practice_id, appointment_id=appointment_id, by=by, now=now)
            except TelehealthError as problem:
                refused[appointment_id] = problem
        if not refused or len(refused) == len(left):
            return refused
        left = list(refused)


@retry_on_conflict
def keep_wall_time(*, practice_id: int, appointment_id: int, by: ActedBy, now: datetime) -> Appointment:
    """Move an appointment to the instant at which the clock shows what was agreed; everybody gets the new invite. One
    that is there already stays. Staff only.

    Raises NotFound, ImpossibleStatus, TooLate, SlotTaken, SlotNotOffered, NotAllowed.
    """
    by.require_staff()
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        if is_out_of_step(appointment):
            before, agreed = appointment.starts_at, agreed_start(appointment)
            move_appointment_in(session, appointment, _to(appointment, agreed), by, now=now)
            _let_date_follow(session, appointment, before)
        return appointment


@retry_on_conflict
def keep_instant(*, practice_id: int, appointment_id: int, by: ActedBy, now: datetime) -> Appointment:
    """Let an appointment stay at its instant: its wall time is what the clock shows then, and everybody is told so. One
    whose wall time is right stays. Staff only.

    Raises NotFound, ImpossibleStatus, NotAllowed.
    """
    by.require_staff()
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        if appointment.status not in ACTIVE:
            raise ImpossibleStatus
        if is_out_of_step(appointment):
            told, before = agreed_start(appointment), appointment.local_start
            appointment.local_start = walltime.wall(appointment.starts_at, walltime.zone(appointment.timezone))
            raise_sequence(appointment, now=now)
            session.flush()
            about = {"before": _say(before), "after": _say(appointment.local_start), "reason": REASON}
            record_event(session, appointment, AuditAction.INSTANT_KEPT, by, now=now, **about)
            correct_told_start(session, appointment, told)
            replan_appointment(session, appointment, now=now)
        return appointment


def _to(appointment: Appointment, agreed: datetime) -> Destination:
    co_therapist, location = appointment.co_therapist, appointment.location
    return Destination(
        starts_at=agreed,
        mode=appointment.mode,
        therapist=appointment.therapist.public_id,
        co_therapist=co_therapist.public_id if co_therapist is not None else None,
        location=location.public_id if location is not None else None,
        waived=AGREED_BEFORE | {Obstacle(each) for each in appointment.overrides} | {Obstacle.NO_GUARDIAN},
        reason=REASON,
    )


def _let_date_follow(session: Session, appointment: Appointment, before: datetime) -> None:
    """A date of a standing slot that was at the slot's time is at it again, and not one that was moved by itself."""
    own = update(Occurrence).where(Occurrence.appointment_id == appointment.id, Occurrence.starts_at == before)
    session.execute(own.values(starts_at=appointment.starts_at))


def _say(local: datetime) -> str:
    return local.isoformat(sep=" ", timespec="minutes")
