"""How much is to do, as the menu of the desk, Today and programs count it: one number everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from telehealth.domain.message_words import TaskKind
from telehealth.queries.calendars.conflicts import count_troubles
from telehealth.queries.inbox.tasks import count_tasks_by_kind


@dataclass(frozen=True, slots=True)
class ToDo:
    """What waits at a desk: tasks by their kind, those of them that must not wait (``urgent``), and appointments at the
    same time as something in an own calendar (``overlaid``). ``refused`` connected calendars let us in no more: that is
    not for everybody to mend, so it is no part of the ``total``.
    """

    by_kind: Mapping[TaskKind, int]
    urgent: int
    overlaid: int
    refused: int

    @property
    def total(self) -> int:
        """The number behind "To do"."""
        return sum(self.by_kind.values()) + self.overlaid


def count_to_do(practice_id: int, *, therapist_id: int | None = None, now: datetime) -> ToDo:
    """Of a practice; with a therapist, of what is theirs. Two statements."""
    by_kind, urgent = count_tasks_by_kind(practice_id, therapist_id=therapist_id)
    refused, overlaid = count_troubles(practice_id, therapist_id=therapist_id, now=now)
    return ToDo(by_kind, urgent, overlaid, refused)
