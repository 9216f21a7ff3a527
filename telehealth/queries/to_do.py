"""How much is to do, as the menu of the desk, Today and programs count it: one number everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import false, literal, select, union_all

from telehealth.database import db
from telehealth.domain.message_words import TaskKind
from telehealth.queries.appointments.attendance import select_proposed
from telehealth.queries.calendars.conflicts import select_overlaid
from telehealth.queries.calendars.connections import select_refused
from telehealth.queries.inbox.tasks import select_tasks_by_kind

OVERLAID: Final = "overlaid"
ABSENT: Final = "absent"
REFUSED: Final = "refused"


@dataclass(frozen=True, slots=True)
class ToDo:
    """What waits at a desk: tasks by their kind, those of them that must not wait (``urgent``), and appointments at the
    same time as something in an own calendar (``overlaid``), and seats whose clients never came, as is proposed
    (``absent``). ``refused`` connected calendars let us in no more: that is
    not for everybody to mend, so it is no part of the ``total``.
    """

    by_kind: Mapping[TaskKind, int]
    urgent: int
    overlaid: int
    absent: int
    refused: int

    @property
    def total(self) -> int:
        """The number behind "To do"."""
        return sum(self.by_kind.values()) + self.overlaid + self.absent


def count_to_do(practice_id: int, *, therapist_id: int | None = None, now: datetime) -> ToDo:
    """Of a practice; with a therapist, of what is theirs. One statement, because every page of the desk asks."""
    overlaid = select_overlaid(practice_id, therapist_id=therapist_id, now=now).scalar_subquery()
    absent = select_proposed(practice_id, therapist_id).scalar_subquery()
    refused = select_refused(practice_id, therapist_id).scalar_subquery()
    rows = db.session.execute(
        union_all(
            select_tasks_by_kind(practice_id, therapist_id=therapist_id),
            select(literal(OVERLAID), false(), overlaid),
            select(literal(ABSENT), false(), absent),
            select(literal(REFUSED), false(), refused),
        )
    )
    counted: Counter[str] = Counter()
    urgent = 0
    for what, is_urgent, count in rows:
        counted[what] += count
        urgent += count if is_urgent else 0
    by_kind = {each: counted[each] for each in TaskKind if counted[each]}
    return ToDo(by_kind, urgent, counted[OVERLAID], counted[ABSENT], counted[REFUSED])
