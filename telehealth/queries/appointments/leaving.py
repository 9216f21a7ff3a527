"""Whether an appointment takes place without somebody who leaves it."""

from __future__ import annotations

from sqlalchemy import exists, select

from telehealth.database import db
from telehealth.domain.words import WhenOneCancels
from telehealth.models import Appointment, Attendee, Occurrence


def goes_on_without(appointment: Appointment, leaving: Attendee) -> bool:
    """Whether it takes place without one client: a group that others come to, or that staff have set up, and a couple
    or family whose service says so.
    """
    others_come = any(each.id != leaving.id for each in appointment.seats)
    service = appointment.service
    if service.is_group:
        return others_come or service.opened_by_staff or _is_of_a_series(appointment)
    return others_come and service.when_one_cancels == WhenOneCancels.GOES_ON


def _is_of_a_series(appointment: Appointment) -> bool:
    return bool(db.session.scalar(select(exists().where(Occurrence.appointment_id == appointment.id))))
