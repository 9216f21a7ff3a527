"""Appointments as people ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from telehealth.database import db
from telehealth.domain.appointments.states import ARRIVES_BEFORE
from telehealth.domain.errors import LinkInvalid, NotAllowed, NotFound
from telehealth.domain.links import Linked
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Attendee, Companion, Message
from telehealth.queries.link_versions import find_companion_behind, require_live_link
from telehealth.queries.loading import APPOINTMENTS, STANDS_FOR, is_given_by

LONGEST_APPOINTMENT = timedelta(days=1)

_SEAT = (
    select(Attendee)
    .where(Attendee.public_id == bindparam("seat"))
    .options(
        joinedload(Attendee.client),
        joinedload(Attendee.appointment).options(
            *STANDS_FOR,
            joinedload(Appointment.policy),
            joinedload(Appointment.guests),
            selectinload(Appointment.attendees).joinedload(Attendee.client),
        ),
    )
)
_SHOWN = (joinedload(Appointment.co_therapist), joinedload(Appointment.room), joinedload(Appointment.policy))


@dataclass(frozen=True, slots=True)
class PageEnd:
    """Where a page ended: the start and the public id of its last appointment."""

    starts_at: datetime
    public_id: str


def find_seat_by_link(link: Linked) -> Attendee:
    """The seat that a client's own signed link names, with its appointment. Raises LinkInvalid, LinkEnded, and
    NotAllowed for the link of somebody who acts for them.
    """
    seat, companion = find_seat_and_reader(link)
    if companion is not None:
        raise NotAllowed
    return seat


def find_seat_and_reader(link: Linked) -> tuple[Attendee, Companion | None]:
    """The same for the link of anybody, and who acts for the client with it; None for the client."""
    found = db.session.scalars(_SEAT, {"seat": link.public_id}).unique().one_or_none()
    if found is None:
        raise LinkInvalid
    practice = found.appointment.practice
    companion = find_companion_behind(db.session(), link, found, practice)
    if companion is None:
        require_live_link(link, found, practice)
    return found, companion


def find_appointment(practice_id: int, public_id: str, *, therapist_id: int | None = None) -> Appointment:
    """An appointment of this practice, and given by this therapist when one is named. Raises NotFound."""
    statement = APPOINTMENTS.where(Appointment.practice_id == practice_id, Appointment.public_id == public_id)
    if therapist_id is not None:
        statement = statement.where(is_given_by(therapist_id))
    found = db.session.scalars(statement.options(selectinload(Appointment.events), *_SHOWN)).unique().one_or_none()
    if found is None:
        raise NotFound
    return found


def list_appointments(
    practice_id: int, since: datetime, until: datetime, *, therapist_id: int | None = None
) -> Sequence[Appointment]:
    """Appointments that start in [since, until), cancelled ones too, in order; of one therapist when given."""
    statement = APPOINTMENTS.where(
        Appointment.practice_id == practice_id, Appointment.starts_at >= since, Appointment.starts_at < until
    )
    if therapist_id is not None:
        statement = statement.where(is_given_by(therapist_id))
    return db.session.scalars(statement.order_by(Appointment.starts_at, Appointment.id).options(*_SHOWN)).unique().all()


def list_overlapping(
    practice_id: int, since: datetime, until: datetime, *, therapist_id: int, but: int | None = None
) -> Sequence[Appointment]:
    """Appointments of a therapist that take some of [since, until), in order, cancelled ones and ``but`` left out."""
    statement = APPOINTMENTS.where(
        Appointment.practice_id == practice_id,
        Appointment.starts_at < until,
        Appointment.ends_at > since,
        Appointment.status != AppointmentStatus.CANCELLED,
        Appointment.id != (but or 0),
        is_given_by(therapist_id),
    )
    return db.session.scalars(statement.order_by(Appointment.starts_at, Appointment.id)).unique().all()


def list_pending(practice_id: int, *, therapist_id: int | None = None, now: datetime) -> Sequence[Appointment]:
    """Requests that still wait for an answer, the one that expires first comes first."""
    statement = APPOINTMENTS.where(*_waiting(practice_id, therapist_id, now)).options(*_SHOWN)
    return db.session.scalars(statement.order_by(Appointment.expires_at, Appointment.id)).unique().all()


class Counted(NamedTuple):
    """How many requests still wait for an answer, and how many appointments have somebody who is here."""

    pending: int
    arrived: int


def count_pending_and_arrived(practice_id: int, *, therapist_id: int | None = None, now: datetime) -> Counted:
    """Both in one statement, because every page of the desk asks; what is over has nobody here any more."""
    pending = select(func.count()).where(*_waiting(practice_id, therapist_id, now))
    arrived = select(func.count()).where(
        Appointment.practice_id == practice_id,
        Appointment.status == AppointmentStatus.ARRIVED,
        Appointment.starts_at > now - LONGEST_APPOINTMENT,
        Appointment.starts_at <= now + ARRIVES_BEFORE,
        Appointment.ends_at > now,
        *(() if therapist_id is None else (is_given_by(therapist_id),)),
    )
    row = db.session.execute(select(pending.scalar_subquery(), arrived.scalar_subquery())).one()
    return Counted(*row)


def _waiting(practice_id: int, therapist_id: int | None, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The status is written out word for word, as the partial index has it: SQLite does not use the index otherwise."""
    waits = Appointment.status == bindparam("waits", AppointmentStatus.PENDING, literal_execute=True)
    still = Appointment.expires_at.is_(None) | (Appointment.expires_at > now)
    whose = () if therapist_id is None else (is_given_by(therapist_id),)
    return (Appointment.practice_id == practice_id, waits, still, *whose)


def list_seats_of_client(
    practice_id: int, client_id: int, *, therapist_id: int | None = None, limit: int = 200
) -> Sequence[Attendee]:
    """A client's seats, the latest first, each with its appointment; only those with one therapist when given."""
    statement = (
        select(Attendee)
        .join(Attendee.appointment)
        .where(Appointment.practice_id == practice_id, Attendee.client_id == client_id)
        .options(contains_eager(Attendee.appointment).options(joinedload(Appointment.service), *_SHOWN))
    )
    if therapist_id is not None:
        statement = statement.where(is_given_by(therapist_id))
    ordered = statement.order_by(Appointment.starts_at.desc(), Attendee.id.desc()).limit(limit)
    return db.session.scalars(ordered).unique().all()


def page_of_appointments(
    practice_id: int,
    since: datetime,
    until: datetime,
    *,
    therapist_id: int | None,
    after: PageEnd | None,
    limit: int,
) -> Sequence[Appointment]:
    """At most ``limit`` of what ``between`` gives, from the place where the page before ended."""
    statement = APPOINTMENTS.where(
        Appointment.practice_id == practice_id, Appointment.starts_at >= since, Appointment.starts_at < until
    )
    if therapist_id is not None:
        statement = statement.where(is_given_by(therapist_id))
    if after is not None:
        later_id = (Appointment.starts_at == after.starts_at) & (Appointment.public_id > after.public_id)
        statement = statement.where((Appointment.starts_at > after.starts_at) | later_id)
    ordered = statement.order_by(Appointment.starts_at, Appointment.public_id).limit(limit).options(*_SHOWN)
    return db.session.scalars(ordered).unique().all()


def list_messages(appointment_id: int) -> Sequence[Message]:
    """Everything said or to be said about an appointment, in the order it was planned for."""
    return (
        db.session.scalars(
            select(Message)
            .where(Message.appointment_id == appointment_id)
            .outerjoin(Message.attendee)
            .options(
                contains_eager(Message.attendee),
                joinedload(Message.companion),
                joinedload(Message.therapist),
                selectinload(Message.events),
            )
            .order_by(Message.planned_for, Message.id)
        )
        .unique()
        .all()
    )
