"""Who never came to our own video room, as pages of the desk propose to mark it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from telehealth.domain import times
from telehealth.models import Appointment, Attendee
from telehealth.queries.appointments.attendance import is_proposed, list_proposed
from telehealth.web.desk import words
from telehealth.web.desk.frame import current, zone_of


@dataclass(frozen=True, slots=True)
class AbsentRow:
    """One seat: of which appointment (public ids), whose, and when and with whom that was."""

    appointment: str
    seat: str
    name: str
    starts_at: datetime
    when: str
    meta: str


def list_absent_rows() -> list[AbsentRow]:
    """Of everybody of whom it is proposed at this desk."""
    desk = current()
    return [_absent_row(each) for each in list_proposed(desk.practice.id, therapist_id=desk.only_therapist)]


def list_absent_in(found: Appointment) -> list[AbsentRow]:
    """Of the clients of one appointment."""
    return [_absent_row(each) for each in found.attendees if is_proposed(each)]


def _absent_row(seat: Attendee) -> AbsentRow:
    appointment = seat.appointment
    zone = zone_of(appointment.therapist)
    return AbsentRow(
        appointment=appointment.public_id,
        seat=seat.public_id,
        name=seat.name,
        starts_at=appointment.starts_at,
        when=times.say_briefly(appointment.starts_at, zone),
        meta=f"{words.say_meeting(appointment)}, with {words.listed([each.name for each in appointment.therapists])}",
    )
