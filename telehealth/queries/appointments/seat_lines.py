"""The seats of a practice as plain lines, some at a time: for files that are as long as a year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from telehealth.database import db
from telehealth.domain.appointments.face_to_face import FaceToFace
from telehealth.domain.companions import Relationship
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment, Attendee, Client, Companion, Location, Service, Therapist
from telehealth.queries.appointments.face_to_face import list_face_to_face

AT_ONCE = 500
"""Lines that one statement reads."""


class SeatLine(NamedTuple):
    """One seat: instants, names, and what became of it. ``appointment`` and ``client`` are public ids; the address and
    the number are those that were given for it. ``booker`` is whoever booked it for the
    client, and ``booker_is`` what they are to them. ``met`` is when they met a therapist, as far as that is known.
    """

    seat_id: int
    appointment: str
    starts_at: datetime
    ends_at: datetime
    service: str
    therapist: str
    co_therapist: str | None
    client: str
    name: str
    email: str
    phone: str | None
    status: AppointmentStatus
    mode: Mode
    location: str | None
    jurisdiction: str | None
    created_at: datetime
    booker: str | None
    booker_is: Relationship | None
    met: FaceToFace | None


_COLLEAGUE = aliased(Therapist)
_LINES = (
    select(
        Attendee.id,
        Appointment.public_id,
        Appointment.starts_at,
        Appointment.ends_at,
        Service.name,
        Therapist.name,
        _COLLEAGUE.name,
        Client.public_id,
        Attendee.name,
        Attendee.email,
        Attendee.phone,
        Attendee.status,
        Appointment.mode,
        Location.name,
        Attendee.jurisdiction,
        Appointment.created_at,
        Companion.name,
        Companion.relationship,
    )
    .join(Appointment, Attendee.appointment_id == Appointment.id)
    .join(Client, Attendee.client_id == Client.id)
    .join(Service, Appointment.service_id == Service.id)
    .join(Therapist, Appointment.therapist_id == Therapist.id)
    .outerjoin(_COLLEAGUE, Appointment.co_therapist_id == _COLLEAGUE.id)
    .outerjoin(Companion, Attendee.booked_by_id == Companion.id)
    .outerjoin(Location, Appointment.location_id == Location.id)
    .order_by(Appointment.starts_at, Attendee.id)
    .limit(AT_ONCE)
)


def read_seat_lines(practice_id: int, *, since: datetime, until: datetime) -> Iterator[SeatLine]:
    """The seats of the appointments that start in [since, until), in order; also what was cancelled."""
    ours = _LINES.where(Appointment.practice_id == practice_id, Appointment.starts_at < until)
    condition = Appointment.starts_at >= since
    while rows := db.session.execute(ours.where(condition)).all():
        met = list_face_to_face([row[0] for row in rows])
        found = [SeatLine._make((*row, met.get(row[0]))) for row in rows]
        yield from found
        last = found[-1]
        same = and_(Appointment.starts_at == last.starts_at, Attendee.id > last.seat_id)
        condition = or_(Appointment.starts_at > last.starts_at, same)
