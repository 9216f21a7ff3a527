"""Going on by phone when video does not work for somebody: the practice calls them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.contact import clean_phone
from telehealth.domain.errors import InvalidInput, RoomClosed
from telehealth.domain.inbox.alerting import AlertReason
from telehealth.domain.message_words import TaskKind
from telehealth.domain.video.calls import OFF
from telehealth.models import Attendee, Task
from telehealth.services.audit import ActedBy, record_event
from telehealth.services.inbox.alerting import alert_of_task
from telehealth.services.locking import lock_seat
from telehealth.services.task_opening import open_task
from telehealth.services.video.coming import require_open

NOTE = "Video does not work for them, and they ask to be called now."


@retry_on_conflict
def ask_for_call(*, attendee_public_id: str, phone: str, by: ActedBy, now: datetime) -> Attendee:
    """Somebody whose virtual room is open asks to be called instead, at the number ``phone`` (as typed).

    That is one urgent task, and staff are told at once. Asked again while it waits, it only keeps the number that was
    given last; once it is done, it waits anew. Raises NotFound, RoomClosed, InvalidInput.
    """
    try:
        number = clean_phone(phone, needed=True)
    except ValueError as problem:
        raise InvalidInput({"phone": str(problem)}) from problem
    with transaction() as session:
        seat = lock_seat(session, attendee_public_id)
        require_open(seat.appointment, now=now)
        if seat.status in OFF:
            raise RoomClosed
        waits = _waits(session, seat)
        if waits and seat.call_phone == number:
            return seat
        seat.call_phone, seat.call_asked_at = number, now
        session.flush()
        record_event(session, seat.appointment, AuditAction.CALL_ASKED, by, now=now, attendee=seat.public_id)
        if not waits:
            _tell(session, seat, now=now)
        return seat


def _waits(session: Session, seat: Attendee) -> bool:
    waiting = select(Task.id).where(
        Task.appointment_id == seat.appointment_id,
        Task.client_id == seat.client_id,
        Task.kind == TaskKind.CALL_BACK,
        Task.done_at.is_(None),
    )
    return session.scalar(waiting.limit(1)) is not None


def _tell(session: Session, seat: Attendee, *, now: datetime) -> None:
    appointment = seat.appointment
    task_id = open_task(
        session,
        practice_id=seat.practice_id,
        kind=TaskKind.CALL_BACK,
        client_id=seat.client_id,
        appointment_id=appointment.id,
        note=NOTE,
        is_urgent=True,
        now=now,
    )
    assert task_id is not None  # noqa: S101 -- it is about no text and no message, of which there is one only
    therapists = appointment.therapists
    alert_of_task(session, appointment.practice, task_id, AlertReason.CALL_BACK, therapists=therapists, now=now)
