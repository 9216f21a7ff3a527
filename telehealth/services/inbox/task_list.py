"""What waits for somebody at the front desk: opened by what happens, finished by people, and never deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import insert_unless_taken, transaction
from telehealth.domain.errors import NotFound
from telehealth.domain.words import TaskKind
from telehealth.models import InboundText, Message, Task
from telehealth.services.audit import ActedBy

LONGEST_NOTE = 200
ONE_IS_ENOUGH = {TaskKind.ACCOUNT, TaskKind.CLOCKS}
"""What is the same for every message that meets the same error: while one waits, a second one says nothing new."""


def open_task(  # noqa: PLR0913 -- a task is these facts
    session: Session,
    *,
    practice_id: int,
    kind: TaskKind,
    now: datetime,
    inbound: InboundText | None = None,
    message: Message | None = None,
    client_id: int | None = None,
    appointment_id: int | None = None,
    note: str = "",
    is_urgent: bool = False,
) -> None:
    """Put something on the front desk's page, inside the caller's transaction.

    Once for each kind and text or message, however often it is asked for; one that is done already stays done.
    ``note`` says in plain words what happened and what was done so far; it is cut to ``LONGEST_NOTE`` characters and
    holds neither a number nor what somebody wrote.
    """
    session.flush()  # The text or message may be new, and its id is what makes the task the only one.
    if kind in ONE_IS_ENOUGH and _waits_already(session, practice_id, kind, message):
        return
    values = {
        "practice_id": practice_id,
        "kind": kind,
        "is_urgent": is_urgent,
        "inbound_id": inbound.id if inbound is not None else None,
        "message_id": message.id if message is not None else None,
        "client_id": client_id,
        "appointment_id": appointment_id,
        "note": note[:LONGEST_NOTE],
        "opened_at": now,
    }
    insert_unless_taken(session, Task, values)


def finish_task(*, practice_id: int, task_public_id: str, by: ActedBy, now: datetime) -> Task:
    """Say that a task (its public id) is done. Done twice it stays as the first one left it. Staff only.

    Raises NotFound and NotAllowed.
    """
    with transaction() as session:
        found = _locked(session, practice_id, task_public_id, by)
        if found.done_at is None:
            found.done_at, found.done_by_id = now, by.user_id
        return found


def reopen_task(*, practice_id: int, task_public_id: str, by: ActedBy, now: datetime) -> Task:  # noqa: ARG001 -- every use case takes it
    """Take it back that a task is done. One that waits stays as it is. Staff only. Raises NotFound and NotAllowed."""
    with transaction() as session:
        found = _locked(session, practice_id, task_public_id, by)
        found.done_at = found.done_by_id = None
        return found


def _waits_already(session: Session, practice_id: int, kind: TaskKind, message: Message | None) -> bool:
    code = message.error_code if message is not None else None
    waits = (
        select(Task.id)
        .outerjoin(Message, Message.id == Task.message_id)
        .where(Task.practice_id == practice_id, Task.kind == kind, Task.done_at.is_(None))
        .where(Message.error_code.is_not_distinct_from(code))
    )
    return session.scalar(waits.limit(1)) is not None


def _locked(session: Session, practice_id: int, task_public_id: str, by: ActedBy) -> Task:
    by.require_staff()
    found = session.scalar(
        select(Task)
        .where(Task.practice_id == practice_id, Task.public_id == task_public_id)
        .with_for_update(of=Task)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found
