"""A therapist leaves the practice on a date: nothing is promised after it, and on the day they go out of booking.

What is booked after it stays until a person hands it over or cancels it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db, transaction
from telehealth.domain import walltime
from telehealth.domain.errors import InvalidInput
from telehealth.models import Therapist
from telehealth.services.audit import SYSTEM, ActedBy, change_row
from telehealth.services.hours.freed_times import ONE_DAY, note_possible
from telehealth.services.locking import lock_own
from telehealth.services.practice.therapists import named_therapist, take_out_of_booking

FURTHEST = timedelta(days=2 * 366)
HAS_LEFT = "They have left already. To let them be booked again, see Therapists."
TOO_SOON = "Please choose a date after today. To end today, take them out of booking (Therapists)."
TOO_FAR = "Please choose a date within two years."
FIRST_ZONE = timedelta(hours=14)
"""Nowhere does a date begin earlier than this before it begins in UTC."""


def set_leaving(
    *, practice_id: int, therapist_public_id: str, leaves_on: date, by: ActedBy, now: datetime
) -> Therapist:
    """From that date of the therapist's own calendar on, nothing is offered, booked or promised with them. What is
    booked then stays. Raises InvalidInput (field ``leaves_on``), NotFound.
    """
    with transaction() as session:
        therapist = lock_own(session, Therapist, practice_id, public_id=therapist_public_id)
        today = _today(therapist, now)
        if therapist.ended_at is not None:
            raise InvalidInput({"leaves_on": HAS_LEFT})
        if leaves_on <= today:
            raise InvalidInput({"leaves_on": TOO_SOON})
        if leaves_on > today + FURTHEST:
            raise InvalidInput({"leaves_on": TOO_FAR})
        _change(session, therapist, leaves_on, by, now=now)
        return therapist


def take_leaving_back(*, practice_id: int, therapist_public_id: str, by: ActedBy, now: datetime) -> Therapist:
    """They stay after all. Whoever has left already is let back in by ``reopen_therapist``. Raises InvalidInput (field
    ``leaves_on``), NotFound.
    """
    with transaction() as session:
        therapist = lock_own(session, Therapist, practice_id, public_id=therapist_public_id)
        if therapist.ended_at is not None:
            raise InvalidInput({"leaves_on": HAS_LEFT})
        _change(session, therapist, None, by, now=now)
        return therapist


def end_those_who_leave(*, now: datetime) -> int:
    """Take those out of booking whose date has come, as ``end_therapist`` does at once; how many."""
    leaving = Therapist.leaves_on.is_not(None) & Therapist.ended_at.is_(None)
    begun = Therapist.leaves_on <= (now + FIRST_ZONE).date()
    found = db.session.execute(select(Therapist.id, Therapist.practice_id).where(leaving, begun)).all()
    return sum(_end_if_due(row.practice_id, row.id, now=now) for row in found)


def _end_if_due(practice_id: int, therapist_id: int, *, now: datetime) -> bool:
    """Asked again with the row locked: they may stay after all."""
    with transaction() as session:
        therapist = lock_own(session, Therapist, practice_id, id=therapist_id)
        is_there = therapist.leaves_on is None or therapist.leaves_on > _today(therapist, now)
        if is_there or therapist.ended_at is not None:
            return False
        take_out_of_booking(session, therapist, by=SYSTEM, now=now)
        return True


def _change(session: Session, therapist: Therapist, leaves_on: date | None, by: ActedBy, *, now: datetime) -> None:
    before = therapist.leaves_on
    change_row(session, therapist.practice_id, therapist, {"leaves_on": leaves_on}, named_therapist, by, now=now)
    last = date.max if leaves_on is None else leaves_on - ONE_DAY
    if before is not None and before <= last:
        note_possible(session, therapist.practice_id, [therapist.id], first=before, last=last, now=now)


def _today(therapist: Therapist, now: datetime) -> date:
    return walltime.wall(now, walltime.zone(therapist.timezone)).date()
