"""Seats: one client's place in one appointment, and who the clients are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from telehealth.domain import links, walltime
from telehealth.domain.appointments.licences import may_treat
from telehealth.domain.contact import Contact
from telehealth.domain.errors import GroupFull, InvalidInput, NotFound, SlotNotOffered
from telehealth.domain.words import AppointmentStatus, Mode, Obstacle
from telehealth.models import Appointment, Attendee, Client, Companion, Hold, Licence, Practice, Service
from telehealth.queries.consent.client_files import ClientFile, ClientFiles
from telehealth.services.appointments.choosing import SlotRequest, SlotWish
from telehealth.services.audit import ActedBy
from telehealth.services.consent.consents import agreed_texts
from telehealth.services.consent.number_proving import may_ask_for_texts
from telehealth.services.inserting import insert_objects

Wish = TypeVar("Wish", bound=SlotWish)
NO_LICENCE = "{therapist} has no licence on that date where this person will be. Nothing was changed."


def draft_seat(  # noqa: PLR0913 -- a seat is these facts
    session: Session,
    practice: Practice,
    files: ClientFiles,
    contact: Contact,
    status: AppointmentStatus,
    by: ActedBy,
    *,
    booked_by: Companion | None = None,
    now: datetime,
) -> Attendee:
    """A seat for a client whose file is at hand, with the contact typed for it and exactly what they agreed to. Where
    too many asked for texts today, the next one is e-mailed. It may be ``booked_by`` somebody else.
    """
    client = files.by_key[contact.match_key]
    gets_texts = contact.wants_texts and may_ask_for_texts(session, practice.id, contact, files, by)
    agreed_at, wording = agreed_texts(
        contact,
        client,
        practice,
        is_theirs_to_say=not by.is_staff and booked_by is None,
        gets_texts=gets_texts,
        now=now,
    )
    asked_for_texts = gets_texts or (booked_by is not None and booked_by.text_consent_at == now)
    return Attendee(
        public_id=links.new_public_id(),
        practice_id=practice.id,
        client_id=client.id,
        status=status,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        timezone=contact.timezone,
        jurisdiction=contact.jurisdiction,
        text_consent_at=agreed_at,
        text_consent_wording=wording,
        text_network=by.network if asked_for_texts and by.remote_address and not by.is_staff else None,
        booked_by_id=booked_by.id if booked_by is not None else None,
    )


def draft_seat_in(
    session: Session,
    asked: SlotRequest[Wish],
    contact: Contact,
    status: AppointmentStatus,
    by: ActedBy,
    *,
    now: datetime,
) -> Attendee:
    """The same for one of those who will come by a request."""
    booked_by = asked.booked_by_for(contact)
    return draft_seat(session, asked.practice, asked.files, contact, status, by, booked_by=booked_by, now=now)


def insert_appointments(session: Session, made: Sequence[tuple[Appointment, Sequence[Attendee]]]) -> None:
    """Write down new appointments and then their seats: each once, as it is."""
    insert_objects(session, [appointment for appointment, _ in made])
    for appointment, seats in made:
        for each in seats:
            each.appointment_id = appointment.id
    insert_objects(session, [each for _, seats in made for each in seats])
    for appointment, seats in made:
        set_committed_value(appointment, "attendees", list(seats))
        for each in seats:
            set_committed_value(each, "appointment", appointment)


def insert_seat(session: Session, appointment: Appointment, seat: Attendee) -> None:
    """Write down one more seat in an appointment that stands."""
    seat.appointment_id = appointment.id
    insert_objects(session, [seat])
    set_committed_value(appointment, "attendees", [*appointment.attendees, seat])
    set_committed_value(seat, "appointment", appointment)


def find_seat(appointment: Appointment, attendee_id: int) -> Attendee:
    """The seat with this id, in this very appointment. Raises NotFound."""
    found = next((each for each in appointment.attendees if each.id == attendee_id), None)
    if found is None:
        raise NotFound
    return found


def require_fit(service: Service, contacts: Sequence[Contact]) -> None:
    """Raises InvalidInput when the contacts of one booking are too many, or one of them comes twice."""
    if len(contacts) > (1 if service.is_group else service.capacity):
        raise InvalidInput({"others": "This service is not for that many people. Please take somebody off the list."})
    if len({each.match_key for each in contacts}) < len(contacts):
        raise InvalidInput({"others": "The same person is on the list twice. Please take one of them off."})


def resources_of(session: Session, attendees: Sequence[Attendee]) -> list[int]:
    """The resources that the clients' own time is kept by: not for what a stranger booked."""
    ids = [each.client_id for each in attendees if not each.is_by_stranger]
    return list(session.scalars(select(Client.resource_id).where(Client.id.in_(ids))))


def require_free_seat(
    session: Session, appointment: Appointment, capacity: int, *, now: datetime, own_hold_id: int | None = None
) -> None:
    """Raises GroupFull when nobody else fits in. The caller holds the appointment's lock, so nobody else counts now."""
    held = select(func.count()).where(
        Hold.appointment_id == appointment.id, Hold.expires_at > now, Hold.id != (own_hold_id or 0)
    )
    taken = len(appointment.seats) + (session.scalar(held) or 0)
    if taken >= capacity:
        raise GroupFull


def require_licence(
    session: Session, appointment: Appointment, contact: Contact, *, waived: frozenset[Obstacle] = frozenset()
) -> None:
    """Raises SlotNotOffered when a therapist may not treat somebody where they will be on that date.

    The offering function decides this for clients; whoever is put into an appointment by hand is looked at here.
    """
    if appointment.mode == Mode.IN_PERSON or contact.jurisdiction is None or Obstacle.LICENCE in waived:
        return
    for therapist in appointment.therapists:
        held = session.scalars(select(Licence).where(Licence.therapist_id == therapist.id)).all()
        day = walltime.wall(appointment.starts_at, walltime.zone(therapist.timezone)).date()
        if not may_treat(held, jurisdiction=contact.jurisdiction, on=day):
            raise SlotNotOffered(NO_LICENCE.format(therapist=therapist.name))


def is_new(session: Session, client: ClientFile) -> bool:
    """Whether the client has never had an appointment that the practice agreed to."""
    agreed = (AppointmentStatus.PENDING, AppointmentStatus.CANCELLED)
    known = select(Attendee.id).where(Attendee.client_id == client.id, Attendee.status.not_in(agreed)).limit(1)
    return session.scalar(known) is None
