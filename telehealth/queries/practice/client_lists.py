"""What a list of clients says of each of them, and whom it can be narrowed to: asked once for all that are shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, select, true

from telehealth.database import db
from telehealth.domain.words import AppointmentStatus, WaitlistStatus
from telehealth.models import Appointment, Attendee, Client, Therapist, WaitlistEntry
from telehealth.queries.loading import is_given_by

OFTEN_MISSED = 2
GONE = (AppointmentStatus.CANCELLED, AppointmentStatus.NOSHOW)


class ClientsWho(StrEnum):
    """Clients whom somebody should think of."""

    NO_NEXT = "no_next"  # Nothing is booked or asked for ahead of them.
    MISSED_TWICE = "missed_twice"  # They did not come, twice or more.
    WAIT = "wait"  # They are on the waitlist.


class Session(NamedTuple):
    """When it starts (an aware instant), and the name of the therapist who gives it."""

    at: datetime
    therapist: str


@dataclass(frozen=True, slots=True)
class Around:
    """What is closest to now, before and after, of what was not cancelled or missed."""

    last: Session | None = None
    next: Session | None = None

    @property
    def therapist(self) -> str:
        """Whom the client sees; empty for somebody who was never here."""
        found = self.next or self.last
        return found.therapist if found is not None else ""


def who_are(
    which: ClientsWho, practice_id: int, *, therapist_id: int | None = None, now: datetime
) -> ColumnElement[bool]:
    """The condition that a client is one of them; appointments with one therapist only when given."""
    seat = and_(Attendee.client_id == Client.id, Attendee.appointment_id == Appointment.id, _given(therapist_id))
    if which == ClientsWho.NO_NEXT:
        return ~exists().where(seat, Attendee.status.not_in(GONE), Appointment.ends_at > now)
    if which == ClientsWho.WAIT:
        waits = (WaitlistEntry.client_id == Client.id, WaitlistEntry.status == WaitlistStatus.WAITING)
        return exists().where(*waits)
    missed = (
        select(Attendee.client_id)
        .join(Attendee.appointment)
        .where(
            Attendee.practice_id == practice_id,
            Attendee.status == AppointmentStatus.NOSHOW,
            _given(therapist_id),
        )
        .group_by(Attendee.client_id)
        .having(func.count() >= OFTEN_MISSED)
    )
    return Client.id.in_(missed)


def list_sessions_around(
    clients: Collection[Client], *, therapist_id: int | None = None, now: datetime
) -> Mapping[int, Around]:
    """The last and the next session of some clients, by the client's id; only those with one therapist when given."""
    ids = [each.id for each in clients]
    is_ahead = Appointment.ends_at > now
    came = Attendee.status.not_in((*GONE, AppointmentStatus.PENDING))
    before = _first_of(ids, ~is_ahead & came, Appointment.starts_at.desc(), therapist_id)
    after = _first_of(ids, is_ahead & Attendee.status.not_in(GONE), Appointment.starts_at.asc(), therapist_id)
    return {each: Around(before.get(each), after.get(each)) for each in ids}


def _first_of(
    client_ids: list[int], which: ColumnElement[bool], order: ColumnElement[datetime], therapist_id: int | None
) -> dict[int, Session]:
    place = func.row_number().over(partition_by=Attendee.client_id, order_by=(order, Appointment.id))
    ranked = (
        select(Attendee.client_id, Appointment.starts_at, Therapist.name, place.label("place"))
        .join(Attendee.appointment)
        .join(Appointment.therapist)
        .where(Attendee.client_id.in_(client_ids), which, _given(therapist_id))
        .subquery()
    )
    rows = db.session.execute(select(ranked).where(ranked.c.place == 1))
    return {row.client_id: Session(row.starts_at, row.name) for row in rows}


def _given(therapist_id: int | None) -> ColumnElement[bool]:
    return true() if therapist_id is None else is_given_by(therapist_id)
