"""The way into a video room, when it does not get through in time. All of it runs in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from telehealth.domain.delivery.verdicts import is_current
from telehealth.domain.message_words import MessageKind, MessageStatus, Reason, TaskKind
from telehealth.domain.reasons import say_reason, say_why
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Message
from telehealth.services.delivery.outcomes import instead_by_email, open_about

WITHIN = (AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED)
"""Whoever is there needs no way in."""


def after_a_try(session: Session, message: Message, *, now: datetime) -> None:
    """What follows when a provider did not take it, and it is tried again: who waits for it has minutes."""
    if message.kind == MessageKind.JOIN_LINK and message.status == MessageStatus.PLANNED and message.attempts > 1:
        save_way_in(session, message, now=now)


def save_way_in(session: Session, message: Message, *, now: datetime) -> None:
    """The way into a video room that did not get through in time (its row may say why): by e-mail, as long as people
    meet, and somebody is told who may call. Asked twice it is done once.
    """
    appointment, seat = message.appointment, message.attendee
    if appointment is None or seat is None or appointment.ends_at <= now or not is_current(message):
        return
    if seat.status in WITHIN:
        return
    done = instead_by_email(session, message, now=now)
    why = say_why(message) or say_reason(Reason.TOO_LATE)
    note = f"The way into the video room did not get through: {why}. {done}"
    open_about(session, message, TaskKind.UNDELIVERED, note, now=now, is_urgent=True)


def save_ways_in(
    session: Session,
    ended: Iterable[Row[*tuple[Any, ...]]],  # The ids and kinds of messages.
    *,
    now: datetime,
) -> None:
    """The same for those among many messages that ended together."""
    ids = [row.id for row in ended if row.kind == MessageKind.JOIN_LINK]
    if ids:
        found = select(Message).where(Message.id.in_(ids)).order_by(Message.id)
        for message in session.scalars(found.execution_options(populate_existing=True)).all():
            save_way_in(session, message, now=now)
