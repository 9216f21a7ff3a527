"""What therapists are asked about appointments in their own calendars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import joinedload

from telehealth.database import db
from telehealth.domain.calendar_words import WrittenState
from telehealth.domain.calendar_writing import count_minutes, find_length_there
from telehealth.domain.errors import NotFound
from telehealth.models import Appointment, CalendarConnection, ConnectedCalendar, WrittenAppointment
from telehealth.queries.calendars.written import IS_CONNECTED

IS_ASKED = (WrittenAppointment.state == WrittenState.ASKED) & ConnectedCalendar.missing_since.is_(None)
IS_IN_DOUBT = or_(
    WrittenAppointment.state.in_([WrittenState.ASKED, WrittenState.MISSING]),
    ConnectedCalendar.missing_since.is_not(None)
    & WrittenAppointment.state.in_([WrittenState.STANDS, WrittenState.WAITING]),
)
"""Somebody is asked about it, or about the calendar that it stood in."""
_WITH_ALL = (
    joinedload(WrittenAppointment.appointment).joinedload(Appointment.attendees),
    joinedload(WrittenAppointment.appointment).joinedload(Appointment.location),
    joinedload(WrittenAppointment.appointment).joinedload(Appointment.service),
    joinedload(WrittenAppointment.calendar)
    .joinedload(ConnectedCalendar.connection)
    .joinedload(CalendarConnection.therapist),
)


@dataclass(frozen=True, slots=True)
class MissingAppointments:
    """A calendar in which most of what we wrote is not found any more, and how much of what is ahead that is."""

    calendar: ConnectedCalendar
    count: int


def list_seen_changes(
    practice_id: int, *, now: datetime, therapist_id: int | None = None
) -> Sequence[WrittenAppointment]:
    """What is asked of one therapist, or of all (None), by when the appointments begin. What has begun is not asked any
    more.
    """
    asked = _ahead(practice_id, now, therapist_id).where(IS_ASKED)
    return db.session.scalars(asked.order_by(Appointment.starts_at, WrittenAppointment.id)).unique().all()


def find_minutes_there(row: WrittenAppointment) -> int | None:
    """How many minutes an appointment would last if it was moved to where it stands there; None where that is not
    possible: it was deleted, or its service has no such length.
    """
    if row.seen is None or row.seen_starts_at is None or row.seen_ends_at is None:
        return None
    service, there = row.appointment.service, count_minutes((row.seen_starts_at, row.seen_ends_at))
    kept = service.keep_length(row.appointment.minutes)
    return find_length_there(row.seen, there, lengths=service.lengths, kept=kept)


def list_missing(practice_id: int, *, now: datetime, therapist_id: int | None = None) -> list[MissingAppointments]:
    """The calendars of one therapist, or of all (None), in which most of what we wrote is not found any more."""
    rows = _ahead(practice_id, now, therapist_id).where(ConnectedCalendar.missing_since.is_not(None), IS_IN_DOUBT)
    counted: dict[int, MissingAppointments] = {}
    for row in db.session.scalars(rows.order_by(ConnectedCalendar.id)).unique():
        before = counted.get(row.calendar_id)
        counted[row.calendar_id] = MissingAppointments(row.calendar, before.count + 1 if before is not None else 1)
    return list(counted.values())


def find_written_about(appointment_id: int) -> Sequence[WrittenAppointment]:
    """Where an appointment stands, or is to stand, in calendars elsewhere; the first therapist's first."""
    theirs = (
        select(WrittenAppointment)
        .join(WrittenAppointment.calendar)
        .join(ConnectedCalendar.connection)
        .where(
            WrittenAppointment.appointment_id == appointment_id,
            IS_CONNECTED,
            WrittenAppointment.state.not_in([WrittenState.GONE, WrittenState.LEAVING]),
        )
        .order_by(WrittenAppointment.id)
        .options(
            joinedload(WrittenAppointment.calendar)
            .joinedload(ConnectedCalendar.connection)
            .joinedload(CalendarConnection.therapist)
        )
    )
    return db.session.scalars(theirs).all()


def find_seen_change(practice_id: int, public_id: str, *, therapist_id: int | None = None) -> WrittenAppointment:
    """What is, or was, asked about an appointment in a calendar (the public id of its row there). Raises NotFound."""
    which = _of(practice_id, therapist_id).where(WrittenAppointment.public_id == public_id)
    found = db.session.scalars(which).unique().one_or_none()
    if found is None:
        raise NotFound
    return found


def _ahead(practice_id: int, now: datetime, therapist_id: int | None) -> Select[WrittenAppointment]:
    return _of(practice_id, therapist_id).where(IS_CONNECTED, Appointment.starts_at > now)


def _of(practice_id: int, therapist_id: int | None) -> Select[WrittenAppointment]:
    whose: list[ColumnElement[bool]] = [WrittenAppointment.practice_id == practice_id]
    if therapist_id is not None:
        whose.append(CalendarConnection.therapist_id == therapist_id)
    return (
        select(WrittenAppointment)
        .join(WrittenAppointment.appointment)
        .join(WrittenAppointment.calendar)
        .join(ConnectedCalendar.connection)
        .where(*whose)
        .options(*_WITH_ALL)
    )
