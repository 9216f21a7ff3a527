"""Proposing to mark who never came to our own video room, and putting such a proposal away. Nobody is marked by itself:
staff mark them as they mark anybody (``attending.set_status``), and then the proposal is gone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.appointments.not_coming import is_missed
from telehealth.domain.audit_words import Actor, AuditAction, Via
from telehealth.domain.errors import NotFound
from telehealth.queries.appointments.attendance import is_proposed, list_absent
from telehealth.queries.appointments.face_to_face import list_therapist_stays
from telehealth.services.appointments.seating import find_seat
from telehealth.services.audit import ActedBy, record_event
from telehealth.services.locking import lock_appointment, lock_seat

BY_ITSELF = ActedBy(Actor.SYSTEM, via=Via.JOBS)


def propose_no_shows(*, now: datetime) -> int:
    """Propose of everybody who never came, and was waited for as long as the practice waits; how many are new."""
    absent = list_absent(now=now)
    stays = list_therapist_stays({each.appointment_id for each in absent})
    missed = [
        (each.practice_id, each.appointment_id, each.id)
        for each in absent
        if is_missed(
            stays.get(each.appointment_id, ()),
            starts_at=each.appointment.starts_at,
            ends_at=each.appointment.ends_at,
            wait=timedelta(minutes=each.appointment.practice.no_show_minutes),
            now=now,
        )
    ]
    return sum(_propose(*each, now=now) for each in missed)


@retry_on_conflict
def put_away_absence(*, practice_id: int, attendee_public_id: str, by: ActedBy, now: datetime) -> None:
    """Nothing is to be marked: it was otherwise. Said twice it is kept once. Staff only. Raises NotFound."""
    by.require_staff()
    with transaction() as session:
        seat = lock_seat(session, attendee_public_id)
        if seat.practice_id != practice_id:
            raise NotFound
        if is_proposed(seat):
            seat.absence_answered_at = now
            session.flush()
            about = {"attendee": seat.public_id}
            record_event(session, seat.appointment, AuditAction.ABSENCE_PUT_AWAY, by, now=now, **about)


@retry_on_conflict
def _propose(practice_id: int, appointment_id: int, attendee_id: int, *, now: datetime) -> bool:
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        seat = find_seat(appointment, attendee_id)
        # They may have come, or somebody may have marked them, while nobody held it.
        if seat not in list_absent(now=now):
            return False
        seat.absence_proposed_at = now
        session.flush()
        about = {"attendee": seat.public_id}
        record_event(session, appointment, AuditAction.ABSENCE_PROPOSED, BY_ITSELF, now=now, **about)
        return True
