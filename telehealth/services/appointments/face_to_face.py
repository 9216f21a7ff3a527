"""Saying when a client and a therapist met: where our own video room counted nothing, or not what happened."""

from __future__ import annotations

from datetime import datetime

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.appointments.face_to_face import LONGEST_REASON, NO_REASON, Stay, require_plausible
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import ImpossibleStatus, InvalidInput
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Attendee
from telehealth.queries.appointments.face_to_face import find_face_to_face
from telehealth.services.appointments.seating import find_seat
from telehealth.services.audit import ActedBy, record_event
from telehealth.services.locking import lock_appointment

NEVER_WAS = frozenset({AppointmentStatus.PENDING, AppointmentStatus.CANCELLED})


@retry_on_conflict
def say_met(
    *,
    practice_id: int,
    appointment_id: int,
    attendee_id: int | None = None,
    met: Stay | None,
    reason: str = "",
    by: ActedBy,
    now: datetime,
) -> None:
    """Keep from when until when a therapist and a client met, or everybody who has a seat; with None, what our own
    room counted holds again. What was there before stands in the audit. Staff only.

    Raises NotFound, ImpossibleStatus for what is cancelled or waits for a yes, and InvalidInput for ``met_from``,
    ``met_until``, and for ``reason`` where it goes against what was counted.
    """
    by.require_staff()
    try:
        why = clean_line(reason, longest=LONGEST_REASON)
    except ValueError as problem:
        raise InvalidInput({"reason": str(problem)}) from problem
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        seats = appointment.seats if attendee_id is None else [find_seat(appointment, attendee_id)]
        if appointment.status in NEVER_WAS or any(each.status in NEVER_WAS for each in seats):
            raise ImpossibleStatus
        if met is not None:
            require_plausible(met, starts_at=appointment.starts_at, ends_at=appointment.ends_at, now=now)
            counted = find_face_to_face(appointment).counted
            if not why and any(each.id in counted for each in seats):
                raise InvalidInput({"reason": NO_REASON})
        for seat in seats:
            before = _say(seat)
            seat.met_from, seat.met_until = (met.began_at, met.ended_at) if met is not None else (None, None)
            session.flush()
            after = _say(seat)
            if before != after:
                about = {"attendee": seat.public_id, "before": before, "after": after, "reason": why or None}
                record_event(session, appointment, AuditAction.MET_SAID, by, now=now, **about)


def _say(seat: Attendee) -> dict[str, str | None]:
    return {
        "met_from": seat.met_from.isoformat() if seat.met_from is not None else None,
        "met_until": seat.met_until.isoformat() if seat.met_until is not None else None,
    }
