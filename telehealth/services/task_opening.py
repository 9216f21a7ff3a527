"""Putting something on the front desk's page. Whatever happens may have to, so it stands below everything."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.message_words import TaskKind
from telehealth.models import InboundText, Message, Task
from telehealth.services.inserting import insert_unless_taken

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
) -> int | None:
    """Put something on the front desk's page, inside the caller's transaction; its id, None when it is there already.

    Once for each kind and text or message, however often it is asked for; one that is done already stays done.
    ``note`` says in plain words what happened and what was done so far; it is cut to ``LONGEST_NOTE`` characters and
    holds neither a number nor what somebody wrote.
    """
    session.flush()  # The text or message may be new, and its id is what makes the task the only one.
    if kind in ONE_IS_ENOUGH and _waits_already(session, practice_id, kind, message):
        return None
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
    return insert_unless_taken(session, Task, values)


def _waits_already(session: Session, practice_id: int, kind: TaskKind, message: Message | None) -> bool:
    code = message.error_code if message is not None else None
    waits = (
        select(Task.id)
        .outerjoin(Message, Message.id == Task.message_id)
        .where(Task.practice_id == practice_id, Task.kind == kind, Task.done_at.is_(None))
        .where(Message.error_code.is_not_distinct_from(code))
    )
    return session.scalar(waits.limit(1)) is not None
