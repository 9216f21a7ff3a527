"""The statements behind calendar feeds. Each gives a row for each client who comes to something, and all that is shown
of it in one text: a JSON list that begins with when it starts (microseconds since 1970) and with its uid (``FeedRow``).

They are built once: building a statement takes longer than running it. The database says all rows in a single text, in
order, because that is read and compared in a fraction of the time that a thousand rows take.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, case, func, literal, or_, select
from sqlalchemy.orm import aliased, contains_eager

from telehealth.domain.icalendar import FeedSubject
from telehealth.domain.words import AppointmentStatus, OccurrenceStatus
from telehealth.models import (
    Appointment,
    Attendee,
    Client,
    Location,
    Occupancy,
    Occurrence,
    Room,
    Series,
    SeriesMember,
    Therapist,
    TimeOff,
)
from telehealth.queries.json_rows import json_row

Texts = Select[str]

PRACTICE: BindParameter[int] = bindparam("practice")
OWNER: BindParameter[int | None] = bindparam("owner")
SINCE: BindParameter[datetime] = bindparam("since")
UNTIL: BindParameter[datetime] = bindparam("until")
_giver, _colleague = aliased(Therapist), aliased(Therapist)
_CANCELLED = AppointmentStatus.CANCELLED

_APPOINTMENTS_OF: Mapping[FeedSubject, ColumnElement[bool]] = {
    FeedSubject.THERAPIST: or_(Appointment.therapist_id == OWNER, Appointment.co_therapist_id == OWNER),
    FeedSubject.CLIENT: Attendee.client_id == OWNER,
    FeedSubject.ROOM: Appointment.room_id == OWNER,
    FeedSubject.PLACE: Appointment.location_id == OWNER,
    FeedSubject.PRACTICE: Appointment.practice_id == PRACTICE,
}
_ROOM_KEPT = (
    select(Occupancy.occurrence_id)
    .join(Room, Room.resource_id == Occupancy.resource_id)
    .where(Room.id == OWNER, Occupancy.occurrence_id.is_not(None), Occupancy.ends_at > SINCE)
)
_DATES_OF: Mapping[FeedSubject, ColumnElement[bool]] = {
    FeedSubject.THERAPIST: or_(Series.therapist_id == OWNER, Series.co_therapist_id == OWNER),
    FeedSubject.CLIENT: SeriesMember.client_id == OWNER,
    FeedSubject.ROOM: Occurrence.id.in_(_ROOM_KEPT),
    FeedSubject.PLACE: Series.location_id == OWNER,
    FeedSubject.PRACTICE: Series.practice_id == PRACTICE,
}


@cache
def all_booked(subject: FeedSubject) -> Texts:
    """The rows of ``booked_rows`` in one text, with commas between them; None where there are none."""
    return _in_one_text(booked_rows(subject).order_by(Appointment.starts_at, Appointment.id, Attendee.id))


@cache
def all_booked_from() -> Texts:
    """The same of a client's own feed that shows a seat (``seat``, its id) and what was booked by its link alone."""
    seat: BindParameter[int] = bindparam("seat")
    found = booked_rows(FeedSubject.CLIENT).where(or_(Attendee.id == seat, Attendee.booked_from_id == seat))
    return _in_one_text(found.order_by(Appointment.starts_at, Appointment.id, Attendee.id))


@cache
def all_kept(subject: FeedSubject) -> Texts:
    """The same of ``kept_rows``."""
    return _in_one_text(kept_rows(subject).order_by(Occurrence.starts_at, Occurrence.id, SeriesMember.id))


def _in_one_text(texts: Texts) -> Texts:
    """Both databases take the rows of a sub-select that is ordered in its order."""
    rows = texts.subquery()
    return select(func.aggregate_strings(rows.c.text, ","))


@cache
def booked_rows(subject: FeedSubject) -> Texts:
    """Appointments, with those who come; of what is cancelled, those who would have come. In a client's own feed the
    row is their seat, and how it stands with that is what counts.
    """
    is_own = subject == FeedSubject.CLIENT
    would_have_come = or_(Attendee.status != _CANCELLED, Attendee.cancelled_at == Appointment.cancelled_at)
    seats = (Attendee.appointment_id == Appointment.id) & (Attendee.client_id == OWNER if is_own else would_have_come)
    stands = case((Attendee.status == _CANCELLED, Attendee.status), else_=Appointment.status)
    ended = func.coalesce(Attendee.cancelled_at, Appointment.cancelled_at)
    ended_at = ended if is_own else Appointment.cancelled_at
    text = json_row(
        Appointment.starts_at,
        Appointment.uid,
        Appointment.ends_at,
        Appointment.changed_at,
        Appointment.sequence,
        stands if is_own else Appointment.status,
        Appointment.public_id,
        _giver.name,
        _colleague.name,
        Location.name,
        Location.address,
        Attendee.id,
        Attendee.name,
        Client.code_name,
    )
    return (
        select(text.label("text"))
        .select_from(Appointment)
        .join(_giver, _giver.id == Appointment.therapist_id)
        .outerjoin(_colleague, _colleague.id == Appointment.co_therapist_id)
        .outerjoin(Location, Location.id == Appointment.location_id)
        .join(Attendee, seats, isouter=True)
        .outerjoin(Client, Client.id == Attendee.client_id)
        .where(Appointment.practice_id == PRACTICE, _APPOINTMENTS_OF[subject])
        .where(Appointment.starts_at >= SINCE, Appointment.starts_at < UNTIL)
        .where(ended_at.is_(None) | (ended_at >= bindparam("cancelled_since")))
    )


@cache
def kept_rows(subject: FeedSubject) -> Texts:
    """Dates for which a standing slot keeps the time until their appointments are made."""
    text = json_row(
        Occurrence.starts_at,
        Occurrence.public_id,
        Occurrence.duration_minutes,
        Series.changed_at,
        literal(0),
        literal(AppointmentStatus.BOOKED.value),
        Series.public_id,
        _giver.name,
        _colleague.name,
        Location.name,
        Location.address,
        SeriesMember.id,
        SeriesMember.name,
        Client.code_name,
    )
    comes = (SeriesMember.joined_on <= Occurrence.day) & (
        SeriesMember.left_on.is_(None) | (SeriesMember.left_on >= Occurrence.day)
    )
    return (
        select(text.label("text"))
        .select_from(Occurrence)
        .join(Series, Series.id == Occurrence.series_id)
        .join(_giver, _giver.id == Series.therapist_id)
        .outerjoin(_colleague, _colleague.id == Series.co_therapist_id)
        .outerjoin(Location, Location.id == Series.location_id)
        .outerjoin(SeriesMember, (SeriesMember.series_id == Series.id) & comes)
        .outerjoin(Client, Client.id == SeriesMember.client_id)
        .where(Series.practice_id == PRACTICE, _DATES_OF[subject], Occurrence.status == OccurrenceStatus.PLANNED)
        .where(Occurrence.starts_at >= SINCE, Occurrence.starts_at < UNTIL)
    )


@cache
def time_off_of(subject: FeedSubject) -> Select[TimeOff]:
    """When a therapist, or anybody of the practice who has not left, is away. These are walls of their own, naive."""
    theirs = TimeOff.therapist_id == OWNER if subject == FeedSubject.THERAPIST else TimeOff.practice_id == PRACTICE
    return (
        select(TimeOff)
        .join(TimeOff.therapist)
        .where(theirs, Therapist.ended_at.is_(None))
        .where(TimeOff.ends_local > bindparam("since"), TimeOff.starts_local < bindparam("until"))
        .options(contains_eager(TimeOff.therapist))
    )
