"""Every place of a practice, also those that are closed, and what is booked there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from telehealth.database import db
from telehealth.domain.appointments.states import ACTIVE
from telehealth.domain.words import Mode
from telehealth.models import Appointment, HoursOverride, Location, Series, Therapist, WeeklyHours
from telehealth.models.users import GIVES_CARE
from telehealth.queries.loading import APPOINTMENTS

A_DAY = timedelta(days=1)


def list_all_places(practice_id: int) -> Sequence[Location]:
    """The open ones first, by name, with their rooms."""
    return db.session.scalars(
        select(Location)
        .where(Location.practice_id == practice_id)
        .options(selectinload(Location.rooms))
        .order_by(Location.ended_at.is_not(None), Location.name, Location.id)
    ).all()


def count_booked_at(practice_id: int, *, now: datetime) -> Mapping[int, int]:
    """How many appointments are still to take place at each place, by its id."""
    rows = db.session.execute(
        select(Appointment.location_id, func.count())
        .where(Appointment.practice_id == practice_id, Appointment.mode == Mode.IN_PERSON)
        .where(Appointment.status.in_(ACTIVE), Appointment.starts_at > now)
        .group_by(Appointment.location_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def list_booked_at(location: Location, *, now: datetime, limit: int) -> Sequence[Appointment]:
    """The appointments that are still to take place there, the next ones first."""
    ahead = APPOINTMENTS.where(
        Appointment.location_id == location.id,
        Appointment.practice_id == location.practice_id,
        Appointment.mode == Mode.IN_PERSON,
        Appointment.status.in_(ACTIVE),
        Appointment.starts_at > now,
    ).order_by(Appointment.starts_at, Appointment.id)
    ids = ahead.with_only_columns(Appointment.id, maintain_column_froms=True).limit(limit)
    return db.session.scalars(ahead.where(Appointment.id.in_(select(ids.subquery().c.id)))).unique().all()


def list_series_at(location: Location, *, now: datetime) -> Sequence[Series]:
    """The standing slots that go on there, the oldest first."""
    yesterday = (now - A_DAY).date()
    return db.session.scalars(
        select(Series)
        .where(Series.practice_id == location.practice_id, Series.location_id == location.id)
        .where(Series.until.is_(None) | (Series.until >= yesterday))
        .order_by(Series.id)
    ).all()


def list_names_with_hours_at(location: Location) -> Sequence[str]:
    """Who says in their hours that they are there, by name."""
    hours = select(WeeklyHours.therapist_id).where(WeeklyHours.location_id == location.id)
    dates = select(HoursOverride.therapist_id).where(HoursOverride.location_id == location.id)
    there = Therapist.id.in_(hours.union(dates))
    return db.session.scalars(select(Therapist.name).where(there, GIVES_CARE).order_by(Therapist.name)).all()
