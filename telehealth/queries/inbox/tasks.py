"""What waits for somebody at the front desk, as its page asks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, exists, func, or_, select, type_coerce
from sqlalchemy.orm import joinedload, selectinload

from telehealth.database import db
from telehealth.domain.errors import NotFound
from telehealth.domain.message_words import ASKED_ELSEWHERE, TaskKind
from telehealth.models import (
    Appointment,
    Attendee,
    CalendarConnection,
    ConnectedCalendar,
    InboundText,
    Message,
    Task,
    WrittenAppointment,
)
from telehealth.queries.inbox.invite_answers import find_proposals
from telehealth.queries.loading import is_given_by

MOST_SHOWN = 100

_SHOWN = (joinedload(Task.inbound).joinedload(InboundText.client), joinedload(Task.client))


def list_open_tasks(practice_id: int, *, therapist_id: int | None = None) -> Sequence[Task]:
    """What waits, the urgent first and then the newest, at most ``MOST_SHOWN``. With a therapist only what is about
    their clients.
    """
    statement = select(Task).where(*_waiting(practice_id, therapist_id)).options(*_SHOWN)
    ordered = statement.order_by(Task.is_urgent.desc(), Task.opened_at.desc(), Task.id.desc())
    return db.session.scalars(ordered.limit(MOST_SHOWN)).unique().all()


def list_done_tasks(practice_id: int, *, therapist_id: int | None = None, limit: int = MOST_SHOWN) -> Sequence[Task]:
    """What is done, the last first."""
    statement = select(Task).where(*whose_tasks(practice_id, therapist_id), Task.done_at.is_not(None)).options(*_SHOWN)
    return db.session.scalars(statement.order_by(Task.done_at.desc(), Task.id.desc()).limit(limit)).unique().all()


def select_tasks_by_kind(practice_id: int, *, therapist_id: int | None = None) -> Select[str, bool, int]:
    """The statement that counts what waits, by kind and whether it must not wait."""
    kind = type_coerce(Task.kind, String)
    counted = select(kind, Task.is_urgent, func.count()).where(*_waiting(practice_id, therapist_id))
    return counted.group_by(Task.kind, Task.is_urgent)


def find_task(practice_id: int, public_id: str, *, therapist_id: int | None = None) -> Task:
    """One task of this practice, and about a client of this therapist when one is named. Raises NotFound."""
    statement = (
        select(Task).where(*whose_tasks(practice_id, therapist_id), Task.public_id == public_id).options(*_SHOWN)
    )
    found = db.session.scalars(statement.execution_options(populate_existing=True)).unique().one_or_none()
    if found is None:
        raise NotFound
    return found


def appointments_of_tasks(tasks: Collection[Task]) -> Mapping[int, Appointment]:
    """The appointments that tasks are about, by their ids."""
    wanted = {each.appointment_id for each in tasks if each.appointment_id is not None}
    if not wanted:
        return {}
    loaded = joinedload(Appointment.therapist), joinedload(Appointment.service), selectinload(Appointment.attendees)
    found = select(Appointment).where(Appointment.id.in_(wanted)).options(*loaded)
    return {each.id: each for each in db.session.scalars(found).unique()}


def messages_of_tasks(tasks: Collection[Task]) -> Mapping[int, Message]:
    """The messages that tasks are about, by their ids."""
    wanted = {each.message_id for each in tasks if each.message_id is not None}
    if not wanted:
        return {}
    return {each.id: each for each in db.session.scalars(select(Message).where(Message.id.in_(wanted)))}


def phones_of_tasks(tasks: Collection[Task]) -> Mapping[int, str]:
    """Where those who asked for it want to be called, by the id of the task."""
    asking = [each.id for each in tasks if each.kind == TaskKind.CALL_BACK]
    if not asking:
        return {}
    is_theirs = and_(Attendee.appointment_id == Task.appointment_id, Attendee.client_id == Task.client_id)
    found = select(Task.id, Attendee.call_phone).join(Attendee, is_theirs).where(Task.id.in_(asking))
    return {task_id: phone for task_id, phone in db.session.execute(found) if phone is not None}


def proposals_of_tasks(tasks: Collection[Task]) -> Mapping[int, datetime]:
    """The other start that a client's calendar proposes, by the id of the task that asks about it."""
    asking = {each.id: each.appointment_id for each in tasks if each.kind == TaskKind.INVITE and each.done_at is None}
    found = find_proposals({each for each in asking.values() if each is not None})
    return {task_id: found[about] for task_id, about in asking.items() if about in found}


def _waiting(practice_id: int, therapist_id: int | None) -> tuple[ColumnElement[bool], ...]:
    return (*whose_tasks(practice_id, therapist_id), Task.done_at.is_(None))


def whose_tasks(practice_id: int, therapist_id: int | None) -> tuple[ColumnElement[bool], ...]:
    """Of a practice, and about the clients of one therapist when given, or what is asked about their own calendar: of a
    colleague's, they are asked nothing.
    """
    ours: Any = Task.practice_id == practice_id
    if therapist_id is None:
        return (ours,)
    together = and_(Attendee.client_id == Task.client_id, Attendee.appointment_id == Appointment.id)
    in_their_calendar = (
        select(WrittenAppointment.id)
        .join(WrittenAppointment.calendar)
        .join(ConnectedCalendar.connection)
        .where(WrittenAppointment.appointment_id == Task.appointment_id)
        .where(CalendarConnection.therapist_id == therapist_id)
    )
    is_asked = Task.kind.in_(ASKED_ELSEWHERE)
    of_clients = and_(~is_asked, exists().where(together, is_given_by(therapist_id)))
    return (ours, or_(of_clients, and_(is_asked, in_their_calendar.correlate(Task).exists())))
