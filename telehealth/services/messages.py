"""Planning messages and taking plans back. These run inside the caller's transaction: a slot and what is said about it
are one decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from telehealth.domain.planning import Planned, Seat, for_booking, for_cancelling
from telehealth.domain.words import MessageStatus
from telehealth.models import Appointment, Attendee, Message, ReminderRule

ATTENDEE = "attendee:"

# Built once: building a statement takes longer than running it. Rows and not objects: nobody changes them here.
_RULES = select(ReminderRule.kind, ReminderRule.channel, ReminderRule.minutes_before, ReminderRule.modes).where(
    ReminderRule.practice_id == bindparam("practice")
)
_INSERT = insert(Message)


def plan_booked(session: Session, appointment: Appointment, *, now: datetime) -> None:
    """Plan the confirmation and the reminders of a new appointment."""
    rules = session.connection().execute(_RULES, {"practice": appointment.practice_id}).all()
    planned = for_booking(_seats(appointment), rules, mode=appointment.mode, starts_at=appointment.starts_at, now=now)
    _write(session, appointment, planned, now=now)


def plan_cancelled(session: Session, appointment: Appointment, *, now: datetime) -> None:
    """Void everything that was planned, and plan to say that the appointment is off."""
    void_planned(session, appointment.id, reason="the appointment was cancelled", now=now)
    _write(session, appointment, for_cancelling(_seats(appointment), now=now), now=now)


def void_planned(session: Session, appointment_id: int, *, reason: str, now: datetime) -> None:
    """Take back what has not been handed to a provider. What is being sent at this moment checks again by itself, and
    what may have been sent is asked about first.
    """
    session.execute(
        update(Message)
        .where(
            Message.appointment_id == appointment_id,
            Message.status == MessageStatus.PLANNED,
            Message.unsure.is_(False),
        )
        .values(status=MessageStatus.VOID, reason=reason, changed_at=now)
    )


def recipient_of(attendee: Attendee) -> str:
    """The key by which messages name a seat."""
    return ATTENDEE + attendee.public_id


def _seats(appointment: Appointment) -> list[Seat]:
    return [
        Seat(
            recipient_of(attendee),
            takes_texts=attendee.text_consent_at is not None and attendee.phone is not None,
        )
        for attendee in appointment.attendees
    ]


def _write(session: Session, appointment: Appointment, planned: Iterable[Planned], *, now: datetime) -> None:
    seats = {recipient_of(attendee): attendee.id for attendee in appointment.attendees}
    rows = [
        {
            "practice_id": appointment.practice_id,
            "appointment_id": appointment.id,
            "attendee_id": seats.get(plan.recipient),
            "recipient": plan.recipient,
            "kind": plan.kind,
            "channel": plan.channel,
            "minutes_before": plan.minutes_before,
            "version": appointment.sequence,
            "planned_for": plan.due_at,
            "due_at": plan.due_at,
            "not_after": plan.not_after,
            "created_at": now,
            "changed_at": now,
        }
        for plan in planned
    ]
    session.connection().execute(_INSERT, rows)
