"""Cancelling: a whole appointment, or one client's seat in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.appointments.ending import CancelledBy
from telehealth.domain.appointments.policies import Freedom
from telehealth.domain.appointments.states import next_status
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import AlreadyCancelled, InsideWindow, TooLate
from telehealth.domain.links import Linked
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Attendee
from telehealth.queries.appointments.leaving import goes_on_without
from telehealth.services.appointments.occupancies import Owner, give_back_time
from telehealth.services.appointments.seating import find_seat, resources_of
from telehealth.services.audit import ActedBy, raise_sequence, record_event
from telehealth.services.hours.freed_times import note_freed
from telehealth.services.locking import lock_appointment, lock_linked_seat
from telehealth.services.messages.planning import replan_appointment

OFF = AppointmentStatus.CANCELLED


@retry_on_conflict
def cancel_appointment(  # noqa: PLR0913 -- a cancellation is these facts
    *,
    practice_id: int,
    appointment_id: int,
    by: ActedBy,
    now: datetime,
    reason: str = "",
    attendee_id: int | None = None,
    late: bool | None = None,
    message: str = "",
    asked_by_client: bool = False,
) -> Appointment:
    """Cancel an appointment, or with ``attendee_id`` one client's seat: time is free at once, what was planned is void,
    whoever was told before is told.

    When one of a couple or family cancels, the service's rule says whether it is off for all; a group goes on.
    ``reason`` is for the practice alone; ``message`` goes to the clients by e-mail. ``asked_by_client``: staff do it
    for a client, who is told that it was they. ``late`` lets staff mark a late cancellation, or forgive one; None: by
    the terms agreed to.
    Raises NotFound, AlreadyCancelled, ImpossibleStatus, InsideWindow, and TooLate once the appointment has begun;
    staff may still do it then when its clients were asked to choose another time: nobody met.
    """
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        return cancel_appointment_in(
            session,
            appointment,
            by,
            now=now,
            reason=reason,
            attendee_id=attendee_id,
            late=late,
            message=message,
            asked_by_client=asked_by_client,
        )


@retry_on_conflict
def cancel_by_link(*, link: Linked, by: ActedBy, now: datetime, reason: str = "") -> Attendee:
    """The same for whoever has the link to a seat, which is returned. Raises LinkInvalid and LinkEnded, too."""
    with transaction() as session:
        seat = lock_linked_seat(session, link, for_companions=True)
        by = by.through(link)
        cancel_appointment_in(session, seat.appointment, by, now=now, reason=reason, attendee_id=seat.id)
        return seat


def cancel_appointment_in(  # noqa: PLR0913 -- the use case above
    session: Session,
    appointment: Appointment,
    by: ActedBy,
    *,
    now: datetime,
    reason: str = "",
    attendee_id: int | None = None,
    late: bool | None = None,
    message: str = "",
    asked_by_client: bool = False,
) -> Appointment:
    """The same inside the caller's transaction, for an appointment that the caller has locked."""
    leaving = _leaving(appointment, attendee_id)
    next_status(appointment.status, OFF)
    if now >= appointment.starts_at and not (appointment.is_asked_to_move and by.is_staff):
        raise TooLate
    is_late = _is_late(appointment, by, now=now) if late is None else late
    goes_on = attendee_id is not None and goes_on_without(appointment, leaving[0])
    for attendee in leaving:
        attendee.late_cancel = is_late
    for attendee in leaving if goes_on else appointment.seats:
        attendee.cancelled_by = _canceller(attendee, leaving, is_asked=asked_by_client or not by.is_staff)
        attendee.cancel_message = message
    if goes_on:
        _leave(session, appointment, leaving, by, reason=reason, now=now)
    else:
        call_off_appointment(session, appointment, by, action=AuditAction.CANCELLED, reason=reason, now=now)
    return appointment


def call_off_appointment(
    session: Session, appointment: Appointment, by: ActedBy, *, action: AuditAction, reason: str, now: datetime
) -> None:
    """What every end before the start has in common: status, seats, time, audit, messages. Whether it may end is the
    caller's to say.
    """
    appointment.status = OFF
    appointment.expires_at = appointment.asked_to_move_at = appointment.desk_goes_on_at = None
    appointment.cancelled_at, appointment.cancel_reason = now, reason
    late = any(each.late_cancel for each in appointment.seats)
    for attendee in appointment.seats:
        if action == AuditAction.CANCELLED and attendee.cancelled_by is None:
            attendee.cancelled_by = _canceller(attendee, appointment.seats, is_asked=not by.is_staff)
        _off(attendee, reason, now=now)
    raise_sequence(appointment, now=now)
    give_back_time(session, Owner(appointment.practice_id, appointment_id=appointment.id))
    free_time_of(session, appointment, now=now)
    session.flush()
    # With the reason: a correction takes it off the appointment, and what happened is never lost.
    record_event(session, appointment, action, by, now=now, reason=reason or None, late=late or None)
    replan_appointment(session, appointment, now=now)


def free_time_of(session: Session, appointment: Appointment, *, now: datetime) -> None:
    """Let those who wait hear of it."""
    period = (appointment.starts_at, appointment.ends_at)
    for therapist_id in filter(None, {appointment.therapist_id, appointment.co_therapist_id}):
        note_freed(session, appointment.practice, therapist_id, [period], now=now)


def _leave(
    session: Session, appointment: Appointment, leaving: Sequence[Attendee], by: ActedBy, *, reason: str, now: datetime
) -> None:
    """The appointment goes on without them."""
    resources = resources_of(session, leaving)
    for attendee in leaving:
        _off(attendee, reason, now=now)
    owner = Owner(appointment.practice_id, appointment_id=appointment.id)
    for resource_id in resources:
        give_back_time(session, owner, resource_id=resource_id)
    raise_sequence(appointment, now=now)
    if appointment.service.is_group:
        free_time_of(session, appointment, now=now)  # A seat is free: somebody may wait for it.
    session.flush()
    for attendee in leaving:
        about = {"attendee": attendee.public_id, "late": attendee.late_cancel or None, "reason": reason or None}
        record_event(session, appointment, AuditAction.SEAT_CANCELLED, by, now=now, **about)
    replan_appointment(session, appointment, now=now, only=leaving)


def _off(attendee: Attendee, reason: str, *, now: datetime) -> None:
    attendee.status, attendee.cancelled_at, attendee.cancel_reason = OFF, now, reason


def _canceller(attendee: Attendee, leaving: Sequence[Attendee], *, is_asked: bool) -> CancelledBy:
    """Who cancelled, as one of those who were to come is told. ``is_asked``: whoever is ``leaving`` wished it."""
    if not is_asked:
        return CancelledBy.PRACTICE
    return CancelledBy.CLIENT if attendee in leaving else CancelledBy.ANOTHER


def _leaving(appointment: Appointment, attendee_id: int | None) -> list[Attendee]:
    if attendee_id is None:
        return appointment.seats
    found = find_seat(appointment, attendee_id)
    if found.status == OFF:
        raise AlreadyCancelled
    return [found]


def _is_late(appointment: Appointment, by: ActedBy, *, now: datetime) -> bool:
    """By the terms agreed to. Raises InsideWindow for a client whose terms leave it to a call."""
    found = appointment.freedom(now=now)
    if found == Freedom.CALL and not by.is_staff:
        raise InsideWindow
    return found == Freedom.LATE and not by.is_staff
