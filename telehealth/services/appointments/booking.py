"""Booking."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.appointments.matching import Fit
from telehealth.domain.appointments.overriding import require_right_to_override
from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput, NotFound, SlotNotOffered
from telehealth.domain.words import AppointmentStatus, Approval, AuditAction, Mode, Obstacle
from telehealth.models import Appointment, Hold, Room
from telehealth.models.columns import new_uuid
from telehealth.queries.appointments.slot_calendars import Candidate
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.services import idempotency
from telehealth.services.appointments.choosing import BookingRequest, ChosenRows, choose_rows, therapist_id_of
from telehealth.services.appointments.group_seats import join_group, open_or_join_group
from telehealth.services.appointments.holding import consume_hold, find_hold_for
from telehealth.services.appointments.occupancies import Owner
from telehealth.services.appointments.placing import (
    assign_placed,
    choose_candidates,
    find_overridden,
    queue_for_limits,
    take_slot,
)
from telehealth.services.appointments.seating import find_or_make_clients, is_new, make_seat
from telehealth.services.audit import ActedBy, record_event
from telehealth.services.consent.consents import record_agreements
from telehealth.services.messages.planning import replan_appointment
from telehealth.services.practice.client_files import KnownClient


@dataclass(frozen=True, slots=True)
class BookingWish:
    """What somebody wants to book. Ids are public ids; ``therapist`` None is whoever fits; ``starts_at`` is aware.

    ``contact`` is the client who books, ``others`` come along (a couple, a family). ``hold`` is a slot kept before.
    ``fit`` says what would suit them. Staff may name obstacles that they set aside (``waived``) and must say why.
    ``idempotency_key`` makes a repeated request count once.
    """

    service: str
    starts_at: datetime
    mode: Mode
    therapist: str | None
    location: str | None
    contact: Contact
    idempotency_key: str | None = None
    others: tuple[Contact, ...] = ()
    hold: str | None = None
    fit: Fit = field(default_factory=Fit)
    co_therapist: str | None = None
    room: str | None = None
    waived: frozenset[Obstacle] = frozenset()
    reason: str = ""

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Everybody who will come."""
        return (self.contact, *self.others)

    def fingerprint(self) -> str:
        """The same for the same request. The hold is left out: it is spent when a request comes a second time."""
        given = [self.service, self.starts_at.timestamp(), self.mode, self.therapist, self.location, self.co_therapist]
        typed = [[getattr(each, name) for name in each.__slots__] for each in self.contacts]
        extras = [self.room, sorted(self.waived), self.reason]
        return idempotency.fingerprint_of(given, typed, extras)


@retry_on_conflict
def book_appointment(*, practice_id: int, wish: BookingWish, by: ActedBy, now: datetime) -> Appointment:
    """Book an appointment: the slot is taken and everybody's messages are planned, or nothing happens.

    Returns the appointment with its attendees. A repeated idempotency key returns the appointment it made before.
    Raises NotFound, ServiceEnded, SlotNotOffered, SlotTaken, GroupFull, IdempotencyMismatch, InvalidInput, NotAllowed,
    NeedsReason.
    """
    with transaction() as session:
        public_id, key = new_uuid(), wish.idempotency_key
        made_before = idempotency.claim_key(session, practice_id, key, wish.fingerprint(), makes=public_id, now=now)
        if made_before is not None:
            return _with_attendees(session, made_before)
        made = book_appointment_in(session, practice_id, wish, by, public_id=public_id, now=now)
        if made.public_id != public_id:  # A seat in a group that stands already.
            idempotency.settle_key(session, practice_id, key, made.public_id)
        return made


def book_appointment_in(
    session: Session,
    practice_id: int,
    wish: BookingWish,
    by: ActedBy,
    *,
    now: datetime,
    public_id: str | None = None,
    is_approved: bool = False,
) -> Appointment:
    """The same inside the caller's transaction. ``is_approved``: the practice has said yes already."""
    require_right_to_override(wish.waived, wish.reason, is_staff=by.is_staff)
    chosen = choose_rows(
        session, practice_id, wish.service, wish.mode, therapist=wish.therapist, location=wish.location
    )
    hold = find_hold_for(session, chosen, wish.hold, starts_at=wish.starts_at, mode=wish.mode, now=now)
    query = slot_query(session, chosen, wish, hold)
    # What a hold keeps was offered when it began: minutes spent on a form must not turn into "too short notice".
    decided_at = now if hold is None else hold.created_at
    if not chosen.service.is_group:
        queue_for_limits(session, query)
    clients = find_or_make_clients(session, practice_id, chosen.service, wish.contacts, now=now)
    if by.is_staff:  # They are told that it is the client who is busy; a stranger who guesses a name is not.
        query = replace(query, client_ids=tuple(each.id for each in clients))
    if hold is not None:
        consume_hold(session, hold, now=now)
    asked = BookingRequest(chosen, query, clients, wish.contacts, by, wish.reason)

    def make() -> Appointment:
        return _make(session, asked, wish, public_id=public_id, decided_at=decided_at, is_approved=is_approved, now=now)

    if not chosen.service.is_group:
        return make()
    joined = join_group(session, asked, hold=hold, now=now)
    if joined is not None:
        return joined
    if chosen.service.opened_by_staff and not by.is_staff:
        raise SlotNotOffered
    return open_or_join_group(session, make, lambda: join_group(session, asked, hold=None, now=now))


def _make(
    session: Session,
    asked: BookingRequest,
    wish: BookingWish,
    *,
    public_id: str | None,
    decided_at: datetime,
    is_approved: bool,
    now: datetime,
) -> Appointment:
    """Decide, take, write down, plan."""
    chosen, query, clients, by = asked.chosen, asked.query, asked.clients, asked.by
    if chosen.service.is_group:  # Not sooner: whoever joins one that stands adds nothing to what its therapist carries.
        queue_for_limits(session, query)
    states = [each.jurisdiction for each in wish.others] if wish.mode != Mode.IN_PERSON else []
    candidates = choose_candidates(query, jurisdictions=states, now=decided_at)
    overrides = find_overridden(query, [each.therapist_id for each in candidates], jurisdictions=states, now=now)
    waits = not is_approved and not by.is_staff and _needs_a_yes(session, chosen, clients)
    status = AppointmentStatus.PENDING if waits else AppointmentStatus.BOOKED
    appointment = draft_appointment(chosen, candidates, wish, status, public_id=public_id, now=now)
    appointment.overrides, appointment.override_reason = overrides, wish.reason if overrides else ""
    appointment.attendees = [
        make_seat(chosen.practice, client, contact, status, now=now)
        for client, contact in zip(clients, wish.contacts, strict=True)
    ]
    session.add(appointment)
    session.flush()
    placed = take_slot(
        session,
        Owner(appointment.practice_id, appointment_id=appointment.id),
        query,
        candidates,
        clients=[each.resource_id for each in clients],
        room_id=_room_id(session, query, wish.room),
        now=now,
    )
    assign_placed(appointment, placed, chosen.location)
    _hand_over(appointment, chosen)
    session.flush()
    action = AuditAction.REQUESTED if waits else AuditAction.BOOKED
    about = {"overrides": overrides or None, "reason": (overrides and wish.reason) or None}
    record_event(session, appointment, action, by, now=now, starts_at=appointment.starts_at, **about)
    record_agreements(session, appointment.attendees, by=by, now=now)
    replan_appointment(session, appointment, is_new=True, now=now)
    return appointment


def slot_query(session: Session, chosen: ChosenRows, wish: BookingWish, hold: Hold | None) -> SlotQuery:
    """The question that decides a wish. A hold names its therapist."""
    query = SlotQuery.about(
        chosen.service,
        wish.mode,
        wish.starts_at,
        therapist=chosen.therapist,
        location=chosen.location,
        jurisdiction=wish.contact.jurisdiction,
        fit=wish.fit,
        own_hold_id=hold.id if hold is not None else None,
        waived=wish.waived,
    )
    second = _co_therapist_id(session, chosen, wish, hold)
    first = hold.therapist_id if hold is not None and query.therapist_id is None else query.therapist_id
    return replace(query, therapist_id=first, co_therapist_id=second)


def draft_appointment(
    chosen: ChosenRows,
    candidates: Sequence[Candidate],
    wish: BookingWish,
    status: AppointmentStatus,
    *,
    public_id: str | None = None,
    now: datetime,
) -> Appointment:
    """An appointment that has taken nothing yet."""
    expires_at = None
    if status == AppointmentStatus.PENDING:
        expires_at = min(now + timedelta(minutes=chosen.service.approval_minutes), wish.starts_at)
    return Appointment(
        public_id=public_id or new_uuid(),
        practice_id=chosen.practice.id,
        service_id=chosen.service.id,
        therapist_id=candidates[0].therapist_id,
        location_id=chosen.location.id if chosen.location is not None else None,
        mode=wish.mode,
        status=status,
        starts_at=wish.starts_at,
        ends_at=wish.starts_at + timedelta(minutes=chosen.service.duration_minutes),
        timezone=candidates[0].calendar.zone.key,
        local_start=wish.starts_at.astimezone(candidates[0].calendar.zone).replace(tzinfo=None),
        sequence=0,
        organizer_email=chosen.practice.email,
        video_name=secrets.token_hex(16),
        policy_id=chosen.service.policy_id,
        plan_version=chosen.practice.plan_version,
        expires_at=expires_at,
        created_at=now,
        changed_at=now,
    )


def _co_therapist_id(session: Session, chosen: ChosenRows, wish: BookingWish, hold: Hold | None) -> int | None:
    kept = hold.co_therapist_id if hold is not None else None
    if wish.co_therapist is not None and chosen.service.therapists_needed == 1:
        raise InvalidInput({"co_therapist": "One therapist gives this service. Please leave the second one out."})
    return therapist_id_of(session, chosen.practice.id, wish.co_therapist) or kept


def _room_id(session: Session, query: SlotQuery, public_id: str | None) -> int | None:
    if public_id is None:
        return None
    found = session.scalar(select(Room.id).where(Room.practice_id == query.practice_id, Room.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def _needs_a_yes(session: Session, chosen: ChosenRows, clients: Sequence[KnownClient]) -> bool:
    approval = chosen.service.approval if not chosen.service.is_group else Approval.NEVER
    if approval == Approval.NEW_CLIENTS:
        return any(is_new(session, each) for each in clients)
    return approval == Approval.ALWAYS


def _hand_over(appointment: Appointment, chosen: ChosenRows) -> None:
    """Whoever booked shows these at once: they are here, so nobody has to load them again."""
    for name in ("practice", "service", "location"):
        set_committed_value(appointment, name, getattr(chosen, name))
    if chosen.therapist is not None and chosen.therapist.id == appointment.therapist_id:
        set_committed_value(appointment, "therapist", chosen.therapist)


def _with_attendees(session: Session, public_id: str) -> Appointment:
    return session.scalars(
        select(Appointment).where(Appointment.public_id == public_id).options(selectinload(Appointment.attendees))
    ).one()
