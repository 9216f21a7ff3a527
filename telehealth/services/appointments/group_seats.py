"""Groups: clients who do not know each other book their seats in one appointment, one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from telehealth.database import attempt
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import GroupFull, SlotNotOffered, SlotTaken
from telehealth.domain.words import AppointmentStatus, Obstacle
from telehealth.models import Appointment, Hold
from telehealth.queries.appointments.groups import list_groups_at, list_joinable_groups, only_full_groups_at
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.services.appointments.bookers import open_look
from telehealth.services.appointments.choosing import FirmWish, SlotRequest
from telehealth.services.appointments.occupancies import Interval, Owner, take_time
from telehealth.services.appointments.placing import find_overridden
from telehealth.services.appointments.seating import draft_seat_in, insert_seat, require_free_seat, require_licence
from telehealth.services.audit import ActedBy, raise_sequence, record_event
from telehealth.services.consent.consents import record_agreements
from telehealth.services.locking import lock_appointment
from telehealth.services.messages.planning import replan_appointment

Wish = TypeVar("Wish", bound=FirmWish)


def join_group(
    session: Session, asked: SlotRequest[Wish], query: SlotQuery, by: ActedBy, *, now: datetime
) -> Appointment | None:
    """A seat in the group that stands at that time; None when none stands. Raises GroupFull, SlotTaken, and
    SlotNotOffered when a seat was kept for somebody who may not sit there.

    The appointment's row is locked while seats are counted, so that the last one goes to one client.
    """
    (contact,) = asked.people
    hold = asked.hold
    group_id = _standing_id(query, by, hold, now=now)
    if group_id is None:
        if hold is not None and hold.appointment_id is not None:
            raise SlotTaken if not _stands_there(query, hold, now=now) else SlotNotOffered
        if only_full_groups_at(query, now=now):
            raise GroupFull
        return None
    appointment = lock_appointment(session, query.practice_id, group_id)
    is_there = (appointment.starts_at, appointment.mode) == (query.since, query.mode)
    if appointment.status != AppointmentStatus.BOOKED or appointment.starts_at <= now or not is_there:
        raise SlotTaken
    require_free_seat(
        session, appointment, asked.service.capacity, now=now, own_hold_id=hold.id if hold is not None else None
    )
    if by.is_staff:
        require_licence(session, appointment, contact, waived=query.waived)
    both = [each for each in (appointment.therapist_id, appointment.co_therapist_id) if each is not None]
    overrides = find_overridden(query, both, now=now)
    if Obstacle.NO_GUARDIAN in asked.wish.waived and asked.lacks_guardian:
        overrides = sorted([*overrides, Obstacle.NO_GUARDIAN.value])
    owner = Owner(appointment.practice_id, appointment_id=appointment.id)
    is_over = Obstacle.CLIENT_BUSY in query.waived
    spans = [Interval(each, appointment.starts_at, appointment.ends_at) for each in asked.own_time]
    if not all(take_time(session, owner, span, now=now, overlap_allowed=is_over) for span in spans):
        raise SlotTaken
    by = asked.acted(by)
    made = draft_seat_in(session, asked, contact, AppointmentStatus.BOOKED, by, now=now)
    insert_seat(session, appointment, made)
    raise_sequence(appointment, now=now)
    session.flush()
    about = {"overrides": overrides or None, "reason": (overrides and asked.wish.reason) or None}
    record_event(session, appointment, AuditAction.JOINED, by, now=now, attendee=made.public_id, **about)
    files = record_agreements(session, [made], asked.files, by=by, now=now)
    replan_appointment(session, appointment, files=files, now=now, only=[made])
    open_look(session, appointment, made, asked, by, now=now)
    return appointment


def open_or_join_group(
    session: Session, make: Callable[[], Appointment], join_again: Callable[[], Appointment | None]
) -> Appointment:
    """Open a group. If another client has opened it in the same moment, join theirs: two first seats are one group."""
    try:
        with attempt(session):
            return make()
    except SlotTaken:
        session.expire_all()
        joined = join_again()
        if joined is None:
            raise
        return joined


def _standing_id(query: SlotQuery, by: ActedBy, hold: Hold | None, *, now: datetime) -> int | None:
    """The group to join: the one in which a seat is kept. Else for clients, one that is offered to them; staff may fill
    any group that is ahead.
    """
    kept = hold.appointment_id if hold is not None else None
    if by.is_staff:
        found = list_groups_at(query, now=now)
    else:
        found = list_joinable_groups(query, now=now, decided_at=hold.created_at if hold is not None else None)
    free = [each for each in found if each.starts_at == query.since and each.seats_left]
    if kept is not None:
        return kept if kept in {each.appointment_id for each in free} else None
    return max(free, key=lambda each: each.seats_left).appointment_id if free else None


def _stands_there(query: SlotQuery, hold: Hold, *, now: datetime) -> bool:
    """Whether the group in which a seat was kept is still where it was then."""
    return hold.appointment_id in {each.appointment_id for each in list_groups_at(query, now=now)}
