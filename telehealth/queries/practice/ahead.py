"""What a therapist still has to do: for whoever is about to take them out of booking, or hands over what lies after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.appointments.states import ACTIVE
from telehealth.models import Appointment, Series, SeriesMember, Therapist
from telehealth.queries.loading import APPOINTMENTS, is_given_by


def count_ahead(practice_id: int, *, now: datetime) -> Mapping[int, int]:
    """How many appointments each therapist of a practice still has ahead, by id; two count for both."""
    rows = db.session.execute(
        select(Therapist.id, func.count(Appointment.id))
        .join(Appointment, is_given_by(Therapist.id))
        .where(Therapist.practice_id == practice_id, Appointment.practice_id == practice_id)
        .where(Appointment.status.in_(ACTIVE), Appointment.starts_at > now)
        .group_by(Therapist.id)
    )
    return {row[0]: row[1] for row in rows}


def find_first_day_after(therapist: Therapist, *, now: datetime) -> date:
    """The date from which on what is booked has to be handed over: when they leave, or today if they have left, or if
    nobody has said a date yet.
    """
    today = walltime.wall(now, walltime.zone(therapist.timezone)).date()
    return max(therapist.leaves_on or today, today) if therapist.ended_at is None else today


def list_booked_from(therapist: Therapist, since: datetime) -> Sequence[Appointment]:
    """The therapist's appointments still to take place that begin at ``since`` or later, the next ones first."""
    ahead = APPOINTMENTS.where(
        is_given_by(therapist.id),
        Appointment.practice_id == therapist.practice_id,
        Appointment.status.in_(ACTIVE),
        Appointment.starts_at >= since,
    )
    return db.session.scalars(ahead.order_by(Appointment.starts_at, Appointment.id)).unique().all()


def list_series_from(therapist: Therapist, day: date) -> Sequence[Series]:
    """The therapist's standing slots that go on at that date or later, with their members, the oldest first."""
    theirs = (Series.therapist_id == therapist.id) | (Series.co_therapist_id == therapist.id)
    goes_on = Series.until.is_(None) | (Series.until >= day)
    return db.session.scalars(
        select(Series)
        .where(Series.practice_id == therapist.practice_id, theirs, goes_on)
        .options(selectinload(Series.members).joinedload(SeriesMember.client))
        .order_by(Series.id)
    ).all()
