"""Asking the clients of an appointment to choose another time: it keeps its time until they have, it is marked, they
get one message with their own link, and the desk goes on where nobody answers.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db, retry_on_conflict, transaction
from telehealth.domain.appointments.policies import when_desk_goes_on
from telehealth.domain.appointments.states import ACTIVE
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import ImpossibleStatus, NotAllowed, TooLate
from telehealth.domain.message_words import TaskKind
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment
from telehealth.services.audit import ActedBy, raise_sequence, record_event
from telehealth.services.locking import lock_appointment
from telehealth.services.messages.planning import replan_appointment
from telehealth.services.task_opening import open_task

GROUP_STAYS = "A group meets at its own times, so its clients cannot choose another one for it. Nothing was changed."
REQUEST_WAITS = "This is a request. Answer it instead: with a no, the client can ask for another time."
HAS_NOT_CHOSEN = "We asked them to choose another time, and they have not done so yet. Please call them."
BATCH = 100


@retry_on_conflict
def ask_to_move(*, practice_id: int, appointment_id: int, by: ActedBy, now: datetime, reason: str = "") -> Appointment:
    """Ask its clients to choose another time themselves: each gets one message with their own link, when the grace is
    over. It keeps its time, nothing reminds anybody of it, and until they have chosen they may move and cancel it
    freely, whatever the terms say. Asked twice is asked once. Staff only.

    Raises NotFound, ImpossibleStatus, TooLate, and NotAllowed for a group, for a request, and for clients.
    """
    by.require_staff()
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        _require_askable(appointment, now=now)
        if appointment.asked_to_move_at is None:
            appointment.asked_to_move_at = now
            appointment.desk_goes_on_at = when_desk_goes_on(asked_at=now, starts_at=appointment.starts_at)
            for seat in appointment.seats:  # Who said that they would come said it of a time that we cannot keep.
                seat.confirmed_at = seat.calendar_answer = None
            _write_down(session, appointment, AuditAction.ASKED_TO_MOVE, by, now=now, reason=reason or None)
        return appointment


@retry_on_conflict
def keep_after_all(*, practice_id: int, appointment_id: int, by: ActedBy, now: datetime) -> Appointment:
    """It takes place at its time after all: whoever was told otherwise is told so. One that nobody was asked to move
    stays as it is. Staff only. Raises NotFound, NotAllowed, ImpossibleStatus.
    """
    by.require_staff()
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        if appointment.status not in ACTIVE:
            raise ImpossibleStatus
        if appointment.asked_to_move_at is not None:
            appointment.asked_to_move_at = appointment.desk_goes_on_at = None
            _write_down(session, appointment, AuditAction.KEPT_AFTER_ALL, by, now=now)
        return appointment


def have_desk_go_on(*, now: datetime) -> int:
    """Put on the desk's page who was asked for another time and has chosen none, as far as one beat gets; how many."""
    due = select(Appointment.id, Appointment.practice_id).where(Appointment.desk_goes_on_at <= now).limit(BATCH)
    found = db.session.execute(due).all()
    return sum(_hand_to_desk(row.practice_id, row.id, now=now) for row in found)


@retry_on_conflict
def _hand_to_desk(practice_id: int, appointment_id: int, *, now: datetime) -> bool:
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        if appointment.desk_goes_on_at is None or appointment.desk_goes_on_at > now:
            return False
        appointment.desk_goes_on_at = None
        waits = appointment.status in ACTIVE and appointment.asked_to_move_at is not None and bool(appointment.seats)
        if waits:
            open_task(
                session,
                practice_id=practice_id,
                kind=TaskKind.CALL,
                now=now,
                client_id=appointment.seats[0].client_id,
                appointment_id=appointment.id,
                note=HAS_NOT_CHOSEN,
                is_urgent=True,
            )
        return waits


def _require_askable(appointment: Appointment, *, now: datetime) -> None:
    if appointment.status == AppointmentStatus.PENDING:
        raise NotAllowed(REQUEST_WAITS)
    if appointment.status not in ACTIVE:
        raise ImpossibleStatus
    if now >= appointment.starts_at:
        raise TooLate
    if appointment.service.is_group:
        raise NotAllowed(GROUP_STAYS)


def _write_down(
    session: Session,
    appointment: Appointment,
    action: AuditAction,
    by: ActedBy,
    *,
    now: datetime,
    reason: str | None = None,
) -> None:
    """A new version of it, its line in the audit, and whatever is to be said now."""
    raise_sequence(appointment, now=now)
    session.flush()
    record_event(session, appointment, action, by, now=now, reason=reason)
    replan_appointment(session, appointment, now=now)
