"""What waits for somebody at the front desk: opened by what happens (``task_opening``), finished by people, and never
deleted.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.errors import GoesByItself, NotFound
from telehealth.domain.message_words import ASKED_ELSEWHERE
from telehealth.models import Task
from telehealth.services.audit import ActedBy


def finish_task(*, practice_id: int, task_public_id: str, by: ActedBy, now: datetime) -> Task:
    """Say that a task (its public id) is done. Done twice it stays as the first one left it. Staff only.

    Raises NotFound and NotAllowed, and GoesByItself for a question about an own calendar: taken off the list it would
    be asked all the same.
    """
    with transaction() as session:
        found = _locked(session, practice_id, task_public_id, by)
        if found.done_at is None and found.kind in ASKED_ELSEWHERE:
            raise GoesByItself
        if found.done_at is None:
            found.done_at, found.done_by_id = now, by.user_id
        return found


def reopen_task(*, practice_id: int, task_public_id: str, by: ActedBy, now: datetime) -> Task:  # noqa: ARG001 -- every use case takes it
    """Take it back that a task is done. One that waits stays as it is. Staff only. Raises NotFound and NotAllowed."""
    with transaction() as session:
        found = _locked(session, practice_id, task_public_id, by)
        found.done_at = found.done_by_id = None
        return found


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
