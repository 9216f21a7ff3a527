"""Appointments whose instant no longer is what the clock said when they were agreed.

An appointment knows its instant and the wall time that was meant. When a government changes the clocks of a zone for
dates that are booked already, new zone data makes the two differ: nine o'clock was agreed, and the instant that was
kept for it is ten o'clock now. Nobody but people can say which of the two holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.appointments.states import ACTIVE
from telehealth.models import Appointment
from telehealth.queries.loading import APPOINTMENTS, is_given_by


def list_out_of_step(practice_id: int, *, therapist_id: int | None = None, now: datetime) -> Sequence[Appointment]:
    """Those ahead whose instant is no longer at their wall time, the soonest first; of one therapist when given."""
    ahead = select(Appointment.id, Appointment.starts_at, Appointment.timezone, Appointment.local_start).where(
        Appointment.practice_id == practice_id, Appointment.status.in_(ACTIVE), Appointment.starts_at > now
    )
    if therapist_id is not None:
        ahead = ahead.where(is_given_by(therapist_id))
    found = [
        row.id
        for row in db.session.execute(ahead)
        if walltime.wall(row.starts_at, walltime.zone(row.timezone)) != row.local_start
    ]
    if not found:
        return []
    rows = APPOINTMENTS.where(Appointment.id.in_(found)).order_by(Appointment.starts_at, Appointment.id)
    return db.session.scalars(rows).unique().all()


def is_out_of_step(appointment: Appointment) -> bool:
    """Whether its instant is no longer at its wall time."""
    zone = walltime.zone(appointment.timezone)
    return walltime.wall(appointment.starts_at, zone) != appointment.local_start


def agreed_start(appointment: Appointment) -> datetime:
    """The instant, aware UTC, at which the clock shows what was agreed."""
    return walltime.resolve(appointment.local_start, walltime.zone(appointment.timezone))
