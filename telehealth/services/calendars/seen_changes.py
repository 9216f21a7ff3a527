"""What a therapist did to an appointment in their own calendar: keeping the question, and forgetting it again."""

from __future__ import annotations

from datetime import datetime

from telehealth.domain.calendar_words import SeenChange, WrittenState
from telehealth.domain.calendar_writing import Times
from telehealth.models import WrittenAppointment


def ask_about(row: WrittenAppointment, seen: SeenChange, times: Times | None, *, now: datetime) -> None:
    """Ask what something means that was done there. What is asked already is asked since then; of what else was done to
    it, its therapist is told anew.
    """
    if row.state != WrittenState.ASKED:
        row.asked_at = now
    if row.state != WrittenState.ASKED or row.seen != seen:
        row.told_at = None
    row.state, row.seen = WrittenState.ASKED, seen
    row.seen_starts_at, row.seen_ends_at = times or (None, None)


def forget_question(row: WrittenAppointment) -> None:
    """There is nothing to be asked any more; how it stands with it since, the caller says. Where it stands there is
    known from now on, so it may be written over.
    """
    if row.seen_starts_at is not None and row.seen_ends_at is not None:
        row.tried = [*row.tried, [row.seen_starts_at.isoformat(), row.seen_ends_at.isoformat()]]
    row.seen = row.seen_starts_at = row.seen_ends_at = row.asked_at = row.told_at = None
