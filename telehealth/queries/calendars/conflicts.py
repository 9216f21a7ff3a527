"""Appointments at the same time as something in their therapist's own calendar.

Nothing is kept of it and nothing happens by itself: who looks sees what is so now, and it is gone once one of the two
was moved. What staff booked knowingly over busy time is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, Text, and_, cast, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from telehealth.database import db
from telehealth.domain.words import AppointmentStatus, Obstacle
from telehealth.models import Appointment, BusyInterval, Therapist
from telehealth.queries.hours.busy_intervals import TIMES_OF_EACH, select_busy
from telehealth.queries.loading import APPOINTMENTS

AHEAD: Final = timedelta(days=28)
MOST: Final = 20
"""So many are shown at first; whoever wants to see all of them asks for them."""
MOST_AT_ALL: Final = 1_000
BOTH: Final = (Appointment.therapist_id, Appointment.co_therapist_id)


def list_calendar_conflicts(
    practice_id: int, *, therapist_id: int | None = None, now: datetime, most: int = MOST
) -> Sequence[Appointment]:
    """Those of the next four weeks that have not begun, the first ``most`` in order; of one therapist when given. Busy
    time of other weeks is not looked at.
    """
    ids = union_all(*(_given_by(whose, practice_id, therapist_id, now) for whose in BOTH))
    in_order = Appointment.starts_at, Appointment.id
    first = select(Appointment.id).where(Appointment.id.in_(ids)).order_by(*in_order).limit(most)
    found = APPOINTMENTS.where(Appointment.id.in_(first)).options(joinedload(Appointment.room))
    return db.session.scalars(found.order_by(*in_order)).unique().all()


def select_overlaid(practice_id: int, *, therapist_id: int | None = None, now: datetime) -> Select[int]:
    """The statement that counts all such appointments."""
    ids = union_all(*(_given_by(whose, practice_id, therapist_id, now) for whose in BOTH)).subquery()
    return select(func.count(ids.c.id.distinct()))


def count_overlaid(practice_id: int, *, therapist_id: int | None = None, now: datetime) -> int:
    """How many there are."""
    return db.session.scalar(select_overlaid(practice_id, therapist_id=therapist_id, now=now)) or 0


def _given_by(
    whose: InstrumentedAttribute[Any], practice_id: int, therapist_id: int | None, now: datetime
) -> Select[int]:
    until = now + AHEAD
    them = select(Therapist.id).where(Therapist.practice_id == practice_id, Therapist.ended_at.is_(None))
    if therapist_id is not None:
        them = them.where(Therapist.id == therapist_id)
    busy = (
        select_busy(TIMES_OF_EACH, BusyInterval.therapist_id.in_(them), since=now, until=until)
        .cte(f"busy_of_{whose.key}")
        # Read once, or each appointment would look through all that is busy after it.
        .prefix_with("MATERIALIZED")
    )
    at_once = and_(
        busy.c.therapist_id == whose, busy.c.ends_at > Appointment.starts_at, busy.c.starts_at < Appointment.ends_at
    )
    return (
        select(Appointment.id)
        .join(busy, at_once)
        .where(
            Appointment.practice_id == practice_id,
            Appointment.status.in_((AppointmentStatus.BOOKED, AppointmentStatus.PENDING)),
            Appointment.starts_at > now,
            Appointment.starts_at < until,
            cast(Appointment.overrides, Text).not_like(f'%"{Obstacle.BUSY.value}"%'),
        )
    )
