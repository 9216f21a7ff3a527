"""How long records of clients have to be kept, whose time is over, and what is in the way of erasing one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, func, or_, select

from telehealth.database import db
from telehealth.domain import keeping, walltime
from telehealth.domain.words import AppointmentStatus, WaitlistStatus
from telehealth.models import (
    Appointment,
    Attendee,
    Client,
    ClientErasure,
    InboundText,
    Practice,
    SeriesMember,
    WaitlistEntry,
)

AHEAD = "They have an appointment ahead. Please cancel it first."
STANDING = "They have a standing slot. Please end it, or take them out of it, first."
WAITING = "They are on the waitlist. Please take them off it first."
MOST_OVER = 50


@dataclass(frozen=True, slots=True)
class Keeping:
    """When a client was last in contact, and from which date on their record need not be kept, in the practice's zone;
    what is ``in_the_way`` of erasing it, in words.
    """

    last_contact: date
    until: date
    is_over: bool
    in_the_way: Sequence[str]


def find_keeping(client: Client, *, now: datetime) -> Keeping:
    """How it stands for one client."""
    practice = db.session.get_one(Practice, client.practice_id)
    zone = walltime.zone(practice.timezone)
    seen = db.session.execute(select(_LAST_SEEN, _LAST_TEXT).where(Client.id == client.id)).one()
    last = max(each for each in (client.created_at, *seen) if each is not None)
    last_contact = min(last, now).astimezone(zone).date()
    until = keeping.kept_until(
        last_contact, client.born_on, years=practice.kept_years, years_of_minors=practice.kept_years_of_minors
    )
    return Keeping(last_contact, until, until <= now.astimezone(zone).date(), _in_the_way(client, now=now))


def list_past_keeping(practice: Practice, *, now: datetime, skip: int = 0) -> Sequence[Client]:
    """Clients whose record need not be kept any more, by name, so many from the one after ``skip`` on."""
    today = now.astimezone(walltime.zone(practice.timezone)).date()
    last = _years_before(today, practice.kept_years)
    born = _years_before(today, keeping.OF_AGE + practice.kept_years_of_minors)
    begins = walltime.midnight(last, walltime.zone(practice.timezone))
    since = [
        exists().where(
            Attendee.client_id == Client.id, Attendee.appointment_id == Appointment.id, Appointment.ends_at >= begins
        ),
        exists().where(InboundText.client_id == Client.id, InboundText.received_at >= begins),
    ]
    over = select(Client).where(
        Client.practice_id == practice.id,
        Client.merged_into_id.is_(None),
        Client.erased_at.is_(None),
        Client.created_at < begins,
        or_(Client.born_on.is_(None), Client.born_on <= born),
        *(~each for each in since),
    )
    return db.session.scalars(over.order_by(Client.search_text, Client.id).offset(skip).limit(MOST_OVER + 1)).all()


def find_open_erasure(client: Client, *, now: datetime) -> ClientErasure | None:
    """What somebody asked for and nobody has answered yet."""
    asked = select(ClientErasure).where(
        ClientErasure.client_id == client.id,
        ClientErasure.erased_at.is_(None),
        ClientErasure.withdrawn_at.is_(None),
        ClientErasure.asked_at > now - keeping.AGREED_WITHIN,
    )
    return db.session.scalar(asked.order_by(ClientErasure.id.desc()).limit(1))


_LAST_SEEN = (
    select(func.max(Appointment.ends_at))
    .join(Attendee, Attendee.appointment_id == Appointment.id)
    .where(Attendee.client_id == Client.id)
    .correlate(Client)
    .scalar_subquery()
)
_LAST_TEXT = (
    select(func.max(InboundText.received_at))
    .where(InboundText.client_id == Client.id)
    .correlate(Client)
    .scalar_subquery()
)


def _in_the_way(client: Client, *, now: datetime) -> list[str]:
    active = (AppointmentStatus.PENDING, AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED)
    ahead = exists().where(
        Attendee.client_id == client.id,
        Attendee.status.in_(active),
        Attendee.appointment_id == Appointment.id,
        Appointment.ends_at > now,
    )
    standing = exists().where(SeriesMember.client_id == client.id, SeriesMember.left_on.is_(None))
    waiting = exists().where(WaitlistEntry.client_id == client.id, WaitlistEntry.status == WaitlistStatus.WAITING)
    found: Sequence[tuple[str, ColumnElement[bool]]] = ((AHEAD, ahead), (STANDING, standing), (WAITING, waiting))
    return [sentence for sentence, is_there in found if db.session.scalar(select(is_there))]


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)
