"""Booking and cancelling."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import set_committed_value

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
from telehealth.models.columns import new_uuid
from telehealth.queries.slots import Candidate, SlotQuery, free_at, rooms_of, would_be_offered_if_free
from telehealth.services import messages
from telehealth.services.clients import Known, find_or_make
from telehealth.services.occupancies import Interval, give_back, take, take_first

# Built once: building a statement takes longer than running it.
_CHOSEN = (
    select(Practice, Service, Therapist, Location)
    .join(Service, Service.practice_id == Practice.id)
    .outerjoin(Therapist, (Therapist.practice_id == Practice.id) & (Therapist.public_id == bindparam("therapist")))
    .outerjoin(Location, (Location.practice_id == Practice.id) & (Location.public_id == bindparam("location")))
    .where(Practice.id == bindparam("practice"), Service.public_id == bindparam("service"))
)
_LOCK_CAPPED = (
    select(Therapist.id)
    .where(
        Therapist.practice_id == bindparam("practice"),
        Therapist.daily_cap.is_not(None),
        Therapist.services.any(Service.id == bindparam("service")),
    )
    .order_by(Therapist.id)
    .with_for_update(of=Therapist, key_share=True)
)
_LOCK_ONE = (
    select(Therapist.id).where(Therapist.id == bindparam("therapist")).with_for_update(of=Therapist, key_share=True)
)
_RECORD = insert(AppointmentEvent)


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
class Chosen:
    """What the public ids of a wish stand for; ``therapist`` None is "first available"."""

    practice: Practice
    service: Service
    therapist: Therapist | None
    location: Location | None


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
        public_id = new_uuid()
        made_before = _claim_key(session, practice_id, wish, public_id, now=now)
        if made_before is not None:
            return _with_attendees(session, made_before)
        chosen = _choose(session, practice_id, wish)
        query = _slot_query(chosen, wish)
        _queue_for_caps(session, query, chosen.therapist)
        candidates = _who_is_free(query, now=now)
        client = find_or_make(session, practice_id, wish.contact, now=now)
        appointment = _draft(public_id, chosen, candidates[0], wish, now=now)
        appointment.attendees = [_seat(chosen.practice, client, wish.contact, now=now)]
        session.add(appointment)
        session.flush()
        _take_everything(session, appointment, client, query, candidates)
        _hand_over(appointment, chosen)
        _record(session, appointment, "booked", by, now=now)
        messages.plan_booked(session, appointment, now=now)
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


def _claim_key(session: Session, practice_id: int, wish: Wish, public_id: str, *, now: datetime) -> str | None:
    """The public id of what an earlier request with the wish's key made; another request under way is waited for."""
    if wish.idempotency_key is None:
        return None
    claim = {
        "practice_id": practice_id,
        "key": wish.idempotency_key,
        "fingerprint": wish.fingerprint(),
        "appointment_public_id": public_id,
        "created_at": now,
    }
    if insert_unless_taken(session, IdempotencyKey, claim) is not None:
        return None
    earlier = session.scalars(
        select(IdempotencyKey).where(
            IdempotencyKey.practice_id == practice_id, IdempotencyKey.key == wish.idempotency_key
        )
    ).one()
    if earlier.fingerprint != claim["fingerprint"]:
        raise IdempotencyMismatch
    return earlier.appointment_public_id


def _choose(session: Session, practice_id: int, wish: Wish) -> Chosen:
    """Turn public ids into rows. Raises NotFound, ServiceEnded, InvalidInput."""
    where = wish.location if wish.mode == Mode.IN_PERSON else None
    given = {"practice": practice_id, "service": wish.service, "therapist": wish.therapist, "location": where}
    found = session.execute(_CHOSEN, given).one_or_none()
    if found is None:
        raise NotFound
    chosen = Chosen(*found)
    if chosen.service.ended_at is not None:
        raise ServiceEnded
    if wish.mode not in chosen.service.modes:
        raise InvalidInput({"mode": "This service is not given that way. Please choose another way to meet."})
    if wish.mode == Mode.IN_PERSON and not where:
        raise InvalidInput({"location": "Please choose where you would like to meet."})
    if (wish.therapist and chosen.therapist is None) or (where and chosen.location is None):
        raise NotFound
    return chosen


def _slot_query(chosen: Chosen, wish: Wish) -> SlotQuery:
    return SlotQuery(
        practice_id=chosen.practice.id,
        service=chosen.service,
        mode=wish.mode,
        since=wish.starts_at,
        until=wish.starts_at + timedelta(seconds=1),
        therapist_id=chosen.therapist.id if chosen.therapist is not None else None,
        location_id=chosen.location.id if chosen.location is not None else None,
        jurisdiction=wish.contact.jurisdiction,
    )


def _queue_for_caps(session: Session, query: SlotQuery, therapist: Therapist | None) -> None:
    """Bookings with therapists who have a daily cap come one after the other: they count each other's rows.

    No constraint can refuse one too many, so this is the one place that locks before it looks (in the order of ids).
    """
    given = {"practice": query.practice_id, "service": query.service.id, "therapist": query.therapist_id}
    if therapist is None:
        session.connection().execute(_LOCK_CAPPED, given)
    elif therapist.daily_cap is not None:
        session.connection().execute(_LOCK_ONE, given)


def _who_is_free(query: SlotQuery, *, now: datetime) -> list[Candidate]:
    """Everybody to whom the slot is offered. The same function that offered the time decides."""
    if query.since.second or query.since.microsecond:
        raise SlotNotOffered
    candidates = free_at(query, now=now)
    if not candidates:
        raise SlotTaken if would_be_offered_if_free(query, now=now) else SlotNotOffered
    return candidates


def _draft(public_id: str, chosen: Chosen, candidate: Candidate, wish: Wish, *, now: datetime) -> Appointment:
    location = chosen.location
    zone = candidate.calendar.zone if location is None else walltime.zone(location.timezone)
    return Appointment(
        public_id=public_id,
        practice_id=chosen.practice.id,
        service_id=chosen.service.id,
        therapist_id=candidate.therapist_id,
        location_id=location.id if location is not None else None,
        mode=wish.mode,
        status=AppointmentStatus.BOOKED,
        starts_at=wish.starts_at,
        ends_at=wish.starts_at + timedelta(minutes=chosen.service.duration_minutes),
        timezone=zone.key,
        local_start=walltime.wall(wish.starts_at, zone),
        sequence=0,
        organizer_email=chosen.practice.email,
        video_name=secrets.token_hex(16),
        created_at=now,
        changed_at=now,
    )


def _seat(practice: Practice, client: Known, contact: Contact, *, now: datetime) -> Attendee:
    return Attendee(
        public_id=links.new_public_id(),
        practice_id=practice.id,
        client_id=client.id,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        timezone=contact.timezone,
        jurisdiction=contact.jurisdiction,
        text_consent_at=now if contact.wants_texts else None,
        text_consent_wording=TEXT_CONSENT.format(sender=practice.sender_name) if contact.wants_texts else None,
    )


def _take_everything(
    session: Session,
    appointment: Appointment,
    client: Known,
    query: SlotQuery,
    candidates: list[Candidate],
) -> None:
    """Take a therapist, the client and, in person, a room. Raises SlotTaken when one of them is gone."""
    service = query.service
    span = Interval(client.resource_id, appointment.starts_at, appointment.ends_at)
    with_buffers = Interval(
        0,
        span.starts_at - timedelta(minutes=service.buffer_before_minutes),
        span.ends_at + timedelta(minutes=service.buffer_after_minutes),
    )
    by_resource = {candidate.resource_id: candidate for candidate in candidates}
    therapist = take_first(session, appointment, (replace(with_buffers, resource_id=key) for key in by_resource))
    if therapist is None or not take(session, appointment, span):
        raise SlotTaken
    _assign(appointment, by_resource[therapist.resource_id])
    if appointment.mode == Mode.IN_PERSON:
        _take_room(session, appointment, query, span)


def _assign(appointment: Appointment, candidate: Candidate) -> None:
    """Put the therapist who was really taken on the appointment: the first choice may have been gone."""
    if appointment.therapist_id == candidate.therapist_id:
        return
    appointment.therapist_id = candidate.therapist_id
    if appointment.location_id is None:
        zone = candidate.calendar.zone
        appointment.timezone, appointment.local_start = zone.key, walltime.wall(appointment.starts_at, zone)


def _hand_over(appointment: Appointment, chosen: Chosen) -> None:
    """Whoever booked shows these at once: they are here, so nobody has to load them again."""
    for name in ("practice", "service", "location"):
        set_committed_value(appointment, name, getattr(chosen, name))
    if chosen.therapist is not None:
        set_committed_value(appointment, "therapist", chosen.therapist)


def _take_room(session: Session, appointment: Appointment, query: SlotQuery, span: Interval) -> None:
    rooms = {room.resource_id: room for room in session.scalars(select(Room).where(Room.id.in_(rooms_of(query))))}
    taken = take_first(session, appointment, (replace(span, resource_id=key) for key in sorted(rooms)))
    if taken is None:
        raise SlotTaken
    appointment.room = rooms[taken.resource_id]


def _record(session: Session, appointment: Appointment, action: str, by: By, *, now: datetime) -> None:
    line = {
        "practice_id": appointment.practice_id,
        "appointment_id": appointment.id,
        "at": now,
        "action": action,
        "actor": by.actor,
        "user_id": by.user_id,
        "details": {"sequence": appointment.sequence},
    }
    session.connection().execute(_RECORD, line)


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


def _with_attendees(session: Session, public_id: str) -> Appointment:
    return session.scalars(
        select(Appointment).where(Appointment.public_id == public_id).options(selectinload(Appointment.attendees))
    ).one()
