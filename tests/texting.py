"""Texts from and to clients, as a test wants them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.models import Appointment, Attendee, InboundText, Message, Task
from tests.factories.rows import keep

NUMBER, OTHER, OURS = "+13035550123", "+13035550177", "+13035550999"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_MINUTES = count(70_000)


def seat_of(appointment: Appointment) -> Attendee:
    return appointment.attendees[0]


def confirmed(database: Session, appointment: Appointment) -> bool:
    database.expire_all()
    seats = database.scalars(select(Attendee).where(Attendee.appointment_id == appointment.id)).all()
    return all(seat.confirmed_at is not None for seat in seats)


def tasks(database: Session) -> list[Task]:
    return list(database.scalars(select(Task).order_by(Task.id)))


def last(database: Session) -> InboundText:
    return database.scalars(select(InboundText).order_by(InboundText.id.desc()).limit(1)).one()


def said(appointment: Appointment, kind: MessageKind, *, now: datetime, to: str = NUMBER, **given: Any) -> Message:
    """A text of ours that went out."""
    return keep(
        Message(
            practice_id=appointment.practice_id,
            appointment_id=appointment.id,
            attendee_id=seat_of(appointment).id,
            recipient="attendee:" + seat_of(appointment).public_id,
            kind=kind,
            channel=Channel.TEXT,
            minutes=next(_MINUTES),
            version=appointment.sequence,
            status=MessageStatus.SENT,
            planned_for=now,
            due_at=now,
            not_after=now + DAY,
            sent_to=to,
            sent_at=now,
            body="words",
            created_at=now,
            changed_at=now,
            **given,
        )
    )
