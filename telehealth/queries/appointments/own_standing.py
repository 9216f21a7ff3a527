"""Who somebody is to the practice: who comes by the link of an appointment of their own, or for whom staff book."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import joinedload

from telehealth.database import db
from telehealth.domain.audit_words import Actor, AuditAction
from telehealth.domain.client_facts import Booking
from telehealth.domain.contact import Contact
from telehealth.domain.errors import LinkTooOld
from telehealth.domain.words import AppointmentStatus, Obstacle
from telehealth.models import Appointment, Attendee, Companion, Service, Therapist
from telehealth.queries.consent.opt_outs import refuses_texts
from telehealth.queries.practice.clients import lacks_guardian

TELLS_FOR = timedelta(days=365)
"""For so long after an appointment its link says who holds it. A phone is passed on, a mailbox is shared one day."""
NOT_AGREED = (AppointmentStatus.PENDING, AppointmentStatus.CANCELLED)
CAME = (AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED)
MADE = (AuditAction.BOOKED, AuditAction.APPROVED)


@dataclass(frozen=True, slots=True)
class OwnStanding:
    """``is_proved``: their seat shows that they are who they say; of anybody else only the name and the address are
    known that they typed, so they are a stranger whoever that is. ``met`` are the therapists of appointments of theirs
    that the practice agreed to. ``is_known``: staff have looked at them once; ``is_new``: they never had such an
    appointment; ``may_book``: by themselves, which a minor may not where the practice wants somebody to book for them.
    """

    client_id: int
    is_proved: bool
    met: frozenset[int]
    is_known: bool
    is_new: bool
    may_book: bool
    companion: Companion | None = None
    """Who books for them, whom the practice knows; None: they do."""


def read_standing(seat: Attendee, *, companion: Companion | None = None, now: datetime) -> OwnStanding:
    """Of the client of a seat, for whom a companion may book, whom the practice knows: it knows the client by that.
    Raises LinkTooOld.
    """
    require_recent(seat, now=now)
    may_book = seat.client.may_book == Booking.ONLINE
    if companion is None and not is_proof(seat):
        return OwnStanding(
            seat.client_id, is_proved=False, met=frozenset(), is_known=False, is_new=True, may_book=may_book
        )
    had_one = exists().where(Attendee.client_id == seat.client_id, Attendee.status.not_in(NOT_AGREED))
    return OwnStanding(
        client_id=seat.client_id,
        is_proved=True,
        met=find_met_therapists([seat.client_id]),
        is_known=seat.client.known_at is not None,
        is_new=not db.session.scalar(select(had_one)),
        may_book=may_book and not _is_minor_alone(seat, now=now),
        companion=companion,
    )


def _is_minor_alone(seat: Attendee, *, now: datetime) -> bool:
    """Whether the practice wants somebody to book for the client of a seat, and has not set that aside for it."""
    appointment = seat.appointment
    if Obstacle.NO_GUARDIAN in appointment.overrides:
        return False
    state = appointment.location.jurisdiction if appointment.location is not None else seat.jurisdiction
    return lacks_guardian(appointment.practice, [seat.client_id], state, on=now.date())


def find_met_therapists(client_ids: Collection[int]) -> frozenset[int]:
    """The therapists of appointments that the practice agreed to, of one of these clients at least."""
    agreed = (
        select(Appointment.therapist_id, Appointment.co_therapist_id)
        .join(Attendee, Attendee.appointment_id == Appointment.id)
        .where(
            Attendee.client_id.in_(client_ids),
            Attendee.status.not_in(NOT_AGREED),
            Appointment.status.not_in(NOT_AGREED),
        )
        .distinct()
    )
    found = db.session.execute(agreed) if client_ids else ()
    return frozenset(each for row in found for each in row if each is not None)


def find_met_for_staff(
    service: Service, therapist: Therapist | None, client_ids: Collection[int], *, starts_at: datetime
) -> frozenset[int] | None:
    """Whom the clients for whom staff book have met, as ``SlotQuery.known_to`` wants it: staff are told where somebody
    new comes to a therapist who takes nobody new. None where that is nobody's question, and in groups, whose seats
    staff give as they see fit.
    """
    is_open = therapist is not None and service.therapists_needed == 1 and therapist.takes_newcomers_at(starts_at)
    return None if service.is_group or is_open else find_met_therapists(client_ids)


def is_proof(seat: Attendee) -> bool:
    """Whether a seat shows who its client is: staff made it or said yes to it, they came to it, or it was booked by
    the link of such a seat. Whoever books by themselves has typed a name, and gets the link at once.
    """
    if seat.status in CAME:
        return True
    lines = seat.appointment.events
    joined = [
        each for each in lines if each.action == AuditAction.JOINED and each.details.get("attendee") == seat.public_id
    ]
    made = joined or [each for each in lines if each.action in MADE]
    return any(each.actor != Actor.CLIENT or bool(each.details.get("is_proved")) for each in made)


def is_any_proof(first_seat_id: int) -> bool:
    """The same for all seats that were booked each by the link of the one before, from the first (its id) on: one will
    do.
    """
    booked = or_(Attendee.id == first_seat_id, Attendee.booked_from_id == first_seat_id)
    of_each = joinedload(Attendee.appointment).selectinload(Appointment.events)
    return any(is_proof(each) for each in db.session.scalars(select(Attendee).where(booked).options(of_each)))


def tells_who(seat: Attendee) -> bool:
    """Whether the link of a seat is enough to see all appointments of its client."""
    return is_proof(seat) or is_any_proof(seat.first_id)


def require_recent(seat: Attendee, *, now: datetime) -> None:
    """Raises LinkTooOld."""
    if seat.appointment.ends_at + TELLS_FOR <= now:
        raise LinkTooOld


def own_contact(seat: Attendee, *, jurisdiction: str | None) -> Contact:
    """How the client of a seat is reached: as they typed it for that, in the state where they will be. A no to texts
    that came later holds.
    """
    return Contact(
        name=seat.client.name,
        email=seat.email,
        phone=seat.phone,
        timezone=seat.timezone,
        wants_texts=seat.text_consent_at is not None and not refuses_texts(seat.client_id),
        jurisdiction=jurisdiction,
    )
