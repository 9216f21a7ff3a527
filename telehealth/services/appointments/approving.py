"""Requests: appointments that wait for a yes. They hold their slot; of two answers, the first one counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from telehealth.database import db, retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.coming_of_age import require_guardian_reason
from telehealth.domain.errors import AlreadyAnswered, SlotNotOffered
from telehealth.domain.words import AppointmentStatus, Obstacle
from telehealth.models import Appointment
from telehealth.queries.practice.clients import is_without_guardian
from telehealth.services.appointments.cancelling import call_off_appointment
from telehealth.services.audit import SYSTEM, ActedBy, raise_sequence, record_event
from telehealth.services.locking import lock_appointment
from telehealth.services.messages.planning import replan_appointment
from telehealth.services.practice.client_files import mark_known

PENDING, BOOKED = AppointmentStatus.PENDING, AppointmentStatus.BOOKED
BATCH = 100
LEFT = "{} is not with the practice any more by then. Please hand it over to a colleague first, or decline it."

# Written out word for word, as the partial index has it: SQLite does not use the index otherwise.
_WAITS = Appointment.status == bindparam("waits", PENDING, literal_execute=True)


@retry_on_conflict
def approve_request(
    *, practice_id: int, appointment_id: int, by: ActedBy, guardian_reason: str = "", now: datetime
) -> Appointment:
    """Say yes: it is booked, and everybody gets the invite. ``guardian_reason`` says why nobody has to act for a minor,
    where the practice wants that. Raises NotFound, AlreadyAnswered, InvalidInput, and SlotNotOffered when its therapist
    has left by then.
    """
    with transaction() as session:
        appointment = _waiting(session, practice_id, appointment_id, now=now)
        _require_still_there(appointment)
        about = _set_aside_guardian(appointment, guardian_reason)
        appointment.status, appointment.expires_at = BOOKED, None
        for attendee in appointment.seats:
            attendee.status = BOOKED
        mark_known(session, [each.client_id for each in appointment.seats], now=now)
        raise_sequence(appointment, now=now)
        session.flush()
        record_event(session, appointment, AuditAction.APPROVED, by, now=now, **about)
        replan_appointment(session, appointment, now=now)
        return appointment


@retry_on_conflict
def decline_request(
    *, practice_id: int, appointment_id: int, by: ActedBy, now: datetime, message: str = ""
) -> Appointment:
    """Say no, with a few words to the client: the slot is free. Raises NotFound, AlreadyAnswered."""
    with transaction() as session:
        appointment = _waiting(session, practice_id, appointment_id, now=now)
        appointment.answer = message
        call_off_appointment(session, appointment, by, action=AuditAction.DECLINED, reason="", now=now)
        return appointment


def expire_requests(*, now: datetime) -> int:
    """Let requests go that nobody answered in time, and tell their clients; how many."""
    due = select(Appointment.id, Appointment.practice_id).where(_WAITS, Appointment.expires_at <= now).limit(BATCH)
    found = db.session.execute(due).all()
    return sum(_expire_one(row.practice_id, row.id, now=now) for row in found)


@retry_on_conflict
def _expire_one(practice_id: int, appointment_id: int, *, now: datetime) -> bool:
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        if appointment.status != PENDING or appointment.expires_at is None or appointment.expires_at > now:
            return False
        call_off_appointment(session, appointment, SYSTEM, action=AuditAction.EXPIRED, reason="", now=now)
        return True


def _set_aside_guardian(appointment: Appointment, reason: str) -> dict[str, object]:
    """What the audit keeps of it. Raises InvalidInput."""
    state = appointment.location.jurisdiction if appointment.location is not None else appointment.seats[0].jurisdiction
    if not is_without_guardian(appointment, state, on=appointment.starts_at.date()):
        return {}
    require_guardian_reason(reason)
    appointment.overrides = sorted({*appointment.overrides, Obstacle.NO_GUARDIAN.value})
    appointment.override_reason = reason
    return {"overrides": appointment.overrides, "reason": reason}


def _require_still_there(appointment: Appointment) -> None:
    for each in appointment.therapists:
        if each.has_left_by(appointment.ends_at):
            raise SlotNotOffered(LEFT.format(each.name))


def _waiting(session: Session, practice_id: int, appointment_id: int, *, now: datetime) -> Appointment:
    appointment = lock_appointment(session, practice_id, appointment_id)
    if not appointment.awaits_answer(now=now):
        raise AlreadyAnswered
    return appointment
