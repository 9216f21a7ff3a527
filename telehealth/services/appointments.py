"""Booking and cancelling."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from telehealth.database import insert_unless_taken, transaction
from telehealth.domain import links, walltime
from telehealth.domain.appointment_states import step
from telehealth.domain.contact import TEXT_CONSENT, Contact
from telehealth.domain.errors import (
    IdempotencyMismatch,
    InvalidInput,
    NotFound,
    ServiceEnded,
    SlotNotOffered,
    SlotTaken,
    TooLate,
)
from telehealth.domain.words import Actor, AppointmentStatus, Mode
from telehealth.models import (
    Appointment,
    AppointmentEvent,
    Attendee,
    IdempotencyKey,
    Location,
    Practice,
    Room,
    Service,
    Therapist,
)
from telehealth.queries.slots import Candidate, SlotQuery, free_at, rooms_of, would_be_offered_if_free
from telehealth.services import messages
from telehealth.services.clients import find_or_make
from telehealth.services.occupancies import Interval, give_back, take, take_first


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to book. Ids are public ids; ``therapist`` None is "first available"; ``starts_at`` is aware.

    ``idempotency_key`` makes a repeated request count once.
    """

    service: str
    starts_at: datetime
    mode: Mode
    therapist: str | None
    location: str | None
    contact: Contact
    idempotency_key: str | None = None

    def fingerprint(self) -> str:
        """The same for the same request."""
        given = [self.service, self.starts_at.timestamp(), self.mode, self.therapist, self.location]
        typed = [getattr(self.contact, name) for name in self.contact.__slots__]
        return hashlib.sha256(json.dumps([given, typed]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class By:
    """Who does it."""

    actor: Actor
    user_id: int | None = None


def book(*, practice_id: int, wish: Wish, by: By, now: datetime) -> Appointment:
    """Book one appointment for one client: the slot is taken and everybody's messages are planned, or nothing happens.

    Returns the appointment with its attendee. A repeated idempotency key returns the appointment it made before.
    Raises NotFound, ServiceEnded, SlotNotOffered, SlotTaken, IdempotencyMismatch, InvalidInput.
    """
    with transaction() as session:
        key = _claim_key(session, practice_id, wish, now=now)
        if key is not None and key.appointment_id is not None:
            return _with_attendees(session, key.appointment_id)
        service, query = _slot_query(session, practice_id, wish)
        candidates = _who_is_free(query, now=now)
        appointment = _draft(session, service, query, candidates[0], wish, now=now)
        attendee = _seat(session, appointment, wish.contact, now=now)
        session.add(appointment)
        session.flush()
        _take_everything(session, appointment, attendee, query, candidates)
        _record(session, appointment, "booked", by, now=now)
        messages.plan_booked(session, appointment, now=now)
        if key is not None:
            key.appointment_id = appointment.id
        return appointment


def cancel(*, practice_id: int, appointment_id: int, by: By, reason: str = "", now: datetime) -> Appointment:
    """Cancel an appointment: the slot is free at once, what was planned is void, everybody is told.

    Raises NotFound, AlreadyCancelled, ImpossibleStatus, and TooLate once the appointment has begun.
    """
    with transaction() as session:
        appointment = _locked(session, practice_id, appointment_id)
        status = step(appointment.status, AppointmentStatus.CANCELLED)
        if now >= appointment.starts_at:
            raise TooLate
        appointment.status = status
        appointment.sequence += 1
        appointment.cancelled_at = appointment.changed_at = now
        appointment.cancel_reason = reason
        give_back(session, appointment)
        _record(session, appointment, "cancelled", by, now=now)
        messages.plan_cancelled(session, appointment, now=now)
        return appointment


def _claim_key(session: Session, practice_id: int, wish: Wish, *, now: datetime) -> IdempotencyKey | None:
    """The row of the wish's key, made now or by an earlier request; another request under way is waited for."""
    if wish.idempotency_key is None:
        return None
    values = {
        "practice_id": practice_id,
        "key": wish.idempotency_key,
        "fingerprint": wish.fingerprint(),
        "created_at": now,
    }
    insert_unless_taken(session, IdempotencyKey, values)
    key = session.scalars(
        select(IdempotencyKey).where(
            IdempotencyKey.practice_id == practice_id, IdempotencyKey.key == wish.idempotency_key
        )
    ).one()
    if key.fingerprint != wish.fingerprint():
        raise IdempotencyMismatch
    return key


def _slot_query(session: Session, practice_id: int, wish: Wish) -> tuple[Service, SlotQuery]:
    service = _by_public_id(session, Service, practice_id, wish.service)
    if service.ended_at is not None:
        raise ServiceEnded
    if wish.mode not in service.modes:
        raise InvalidInput({"mode": "This service is not given that way. Please choose another way to meet."})
    therapist_id = wish.therapist and _by_public_id(session, Therapist, practice_id, wish.therapist).id
    location_id = None
    if wish.mode == Mode.IN_PERSON:
        if wish.location is None:
            raise InvalidInput({"location": "Please choose where you would like to meet."})
        location_id = _by_public_id(session, Location, practice_id, wish.location).id
    return service, SlotQuery(
        practice_id=practice_id,
        service=service,
        mode=wish.mode,
        since=wish.starts_at,
        until=wish.starts_at + timedelta(seconds=1),
        therapist_id=therapist_id or None,
        location_id=location_id,
        jurisdiction=wish.contact.jurisdiction,
    )


def _by_public_id(session: Session, model: Any, practice_id: int, public_id: str) -> Any:
    found = session.scalar(select(model).where(model.practice_id == practice_id, model.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def _who_is_free(query: SlotQuery, *, now: datetime) -> list[Candidate]:
    """Everybody to whom the slot is offered. The same function that offered the time decides."""
    if query.since.second or query.since.microsecond:
        raise SlotNotOffered
    candidates = free_at(query, now=now)
    if not candidates:
        raise SlotTaken if would_be_offered_if_free(query, now=now) else SlotNotOffered
    return candidates


def _draft(
    session: Session, service: Service, query: SlotQuery, candidate: Candidate, wish: Wish, *, now: datetime
) -> Appointment:
    therapist = session.get_one(Therapist, candidate.therapist_id)
    location = session.get(Location, query.location_id) if query.location_id is not None else None
    zone = walltime.zone(location.timezone if location is not None else therapist.timezone)
    return Appointment(
        practice_id=query.practice_id,
        practice=session.get_one(Practice, query.practice_id),
        service=service,
        therapist=therapist,
        location=location,
        mode=wish.mode,
        status=AppointmentStatus.BOOKED,
        starts_at=wish.starts_at,
        ends_at=wish.starts_at + timedelta(minutes=service.duration_minutes),
        timezone=zone.key,
        local_start=walltime.wall(wish.starts_at, zone),
        sequence=0,
        video_name=secrets.token_hex(16),
        created_at=now,
        changed_at=now,
    )


def _seat(session: Session, appointment: Appointment, contact: Contact, *, now: datetime) -> Attendee:
    sender = appointment.practice.sender_name
    return Attendee(
        public_id=links.new_public_id(),
        practice_id=appointment.practice_id,
        appointment=appointment,
        client=find_or_make(session, appointment.practice_id, contact, now=now),
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        timezone=contact.timezone,
        jurisdiction=contact.jurisdiction,
        text_consent_at=now if contact.wants_texts else None,
        text_consent_wording=TEXT_CONSENT.format(sender=sender) if contact.wants_texts else None,
    )


def _take_everything(
    session: Session,
    appointment: Appointment,
    attendee: Attendee,
    query: SlotQuery,
    candidates: list[Candidate],
) -> None:
    """Take a therapist, the client and, in person, a room. Raises SlotTaken when one of them is gone."""
    service = appointment.service
    span = Interval(attendee.client.resource_id, appointment.starts_at, appointment.ends_at)
    with_buffers = Interval(
        0,
        span.starts_at - timedelta(minutes=service.buffer_before_minutes),
        span.ends_at + timedelta(minutes=service.buffer_after_minutes),
    )
    by_resource = {candidate.resource_id: candidate.therapist_id for candidate in candidates}
    therapist = take_first(session, appointment, (replace(with_buffers, resource_id=key) for key in by_resource))
    if therapist is None or not take(session, appointment, span):
        raise SlotTaken
    _reassign(session, appointment, by_resource[therapist.resource_id])
    if appointment.mode == Mode.IN_PERSON:
        _take_room(session, appointment, query, span)


def _reassign(session: Session, appointment: Appointment, therapist_id: int) -> None:
    """Put the therapist who was really taken on the appointment, when the first choice was gone."""
    if appointment.therapist.id == therapist_id:
        return
    appointment.therapist = session.get_one(Therapist, therapist_id)
    if appointment.location is None:
        zone = walltime.zone(appointment.therapist.timezone)
        appointment.timezone, appointment.local_start = zone.key, walltime.wall(appointment.starts_at, zone)


def _take_room(session: Session, appointment: Appointment, query: SlotQuery, span: Interval) -> None:
    rooms = {room.resource_id: room for room in session.scalars(select(Room).where(Room.id.in_(rooms_of(query))))}
    taken = take_first(session, appointment, (replace(span, resource_id=key) for key in sorted(rooms)))
    if taken is None:
        raise SlotTaken
    appointment.room = rooms[taken.resource_id]


def _record(session: Session, appointment: Appointment, action: str, by: By, *, now: datetime) -> None:
    session.add(
        AppointmentEvent(
            practice_id=appointment.practice_id,
            appointment_id=appointment.id,
            at=now,
            action=action,
            actor=by.actor,
            user_id=by.user_id,
            details={"sequence": appointment.sequence},
        )
    )


def _locked(session: Session, practice_id: int, appointment_id: int) -> Appointment:
    """The appointment, locked so that two cancellations, or a cancellation and a move, come one after the other."""
    found = session.scalar(
        select(Appointment)
        .where(Appointment.practice_id == practice_id, Appointment.id == appointment_id)
        .with_for_update(of=Appointment)
        .options(selectinload(Appointment.attendees))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def _with_attendees(session: Session, appointment_id: int) -> Appointment:
    return session.scalars(
        select(Appointment).where(Appointment.id == appointment_id).options(selectinload(Appointment.attendees))
    ).one()
