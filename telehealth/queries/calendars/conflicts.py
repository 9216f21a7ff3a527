"""Appointments at the same time as something in their therapist's own calendar.

Nothing is kept of it and nothing happens by itself: who looks sees what is so now, and it is gone once one of the two
was moved. What staff booked knowingly over busy time is none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, CompoundSelect, literal, select, union_all
from sqlalchemy.orm import joinedload

from telehealth.database import db
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.domain.words import AppointmentStatus, Obstacle
from telehealth.models import Appointment, BusyInterval, Therapist
from telehealth.queries.loading import APPOINTMENTS

AHEAD: Final = timedelta(days=28)
MOST: Final = 20


def list_calendar_conflicts(
    practice_id: int, *, therapist_id: int | None = None, now: datetime
) -> Sequence[Appointment]:
    """Those of the next four weeks that have not begun, the first ``MOST`` in order; of one therapist when given.

    One statement reads both sides, and they are compared here: no index finds what overlaps. A second one reads the
    appointments, when there are any.
    """
    booked: list[tuple[int, int, BusySpan]] = []
    busy: defaultdict[int, list[BusySpan]] = defaultdict(list)
    for appointment_id, whose, starts_at, ends_at in db.session.execute(_both_sides(practice_id, therapist_id, now)):
        span = BusySpan(starts_at, ends_at)
        if appointment_id is None:
            busy[whose].append(span)
        else:
            booked.append((appointment_id, whose, span))
    ids = {which for which, whose, span in booked if any(_overlap(span, each) for each in busy.get(whose, ()))}
    if not ids:
        return []
    found = APPOINTMENTS.where(Appointment.id.in_(ids)).options(joinedload(Appointment.room))
    ordered = db.session.scalars(found.order_by(Appointment.starts_at, Appointment.id)).unique()
    return [each for each in ordered if Obstacle.BUSY not in (each.overrides or ())][:MOST]


def _overlap(one: BusySpan, other: BusySpan) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _both_sides(practice_id: int, therapist_id: int | None, now: datetime) -> CompoundSelect[tuple[Any, ...]]:
    """The id of an appointment (none for busy time), a therapist's id, and when."""
    until = now + AHEAD
    stands = (
        Appointment.practice_id == practice_id,
        Appointment.status.in_((AppointmentStatus.BOOKED, AppointmentStatus.PENDING)),
        Appointment.starts_at > now,
        Appointment.starts_at < until,
    )
    them = select(Therapist.id).where(Therapist.practice_id == practice_id, Therapist.ended_at.is_(None))
    if therapist_id is not None:
        them = them.where(Therapist.id == therapist_id)
    given_by = [
        select(Appointment.id, whose, Appointment.starts_at, Appointment.ends_at).where(*stands, whose.in_(them))
        for whose in (Appointment.therapist_id, Appointment.co_therapist_id)
    ]
    taken = select(
        literal(None, BigInteger), BusyInterval.therapist_id, BusyInterval.starts_at, BusyInterval.ends_at
    ).where(BusyInterval.therapist_id.in_(them), BusyInterval.ends_at > now, BusyInterval.starts_at < until)
    return union_all(*given_by, taken)
