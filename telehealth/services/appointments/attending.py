"""What became of an appointment: who came, who did not, and putting a mistake right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.appointments.states import (
    ACTIVE,
    is_correction,
    possible_statuses,
    require_ahead,
    require_recordable,
)
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.coming_of_age import require_guardian_reason
from telehealth.domain.contact import Contact
from telehealth.domain.errors import ImpossibleStatus, InvalidInput, NotAllowed, NotFound, SlotTaken
from telehealth.domain.links import Linked
from telehealth.domain.words import AppointmentStatus, Mode, Obstacle
from telehealth.models import Appointment, Attendee
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import free_at
from telehealth.queries.practice.clients import lacks_guardian
from telehealth.services.appointments.occupancies import Interval, Owner, take_time
from telehealth.services.appointments.placing import assign_placed, choose_rooms, take_slot
from telehealth.services.appointments.seating import (
    draft_seat,
    find_seat,
    insert_seat,
    require_free_seat,
    require_licence,
    resources_of,
)
from telehealth.services.audit import ActedBy, raise_sequence, record_event
from telehealth.services.consent.consents import record_agreements
from telehealth.services.locking import lock_appointment, lock_linked_seat, lock_seat
from telehealth.services.messages.planning import replan_appointment
from telehealth.services.practice.client_files import find_or_make_clients, mark_known

OFF = AppointmentStatus.CANCELLED
MISSED = AppointmentStatus.NOSHOW
CAME = (AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED)
NOT_MISSED = (
    "They were asked to choose another time, so this is no missed session. Please cancel it instead. "
    "Nothing was changed."
)
TO_COME = (AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED)
# What the rules say about new appointments does not matter for one that was agreed to and cancelled by mistake.
ALREADY_AGREED = frozenset(Obstacle) - {
    Obstacle.TAKEN, Obstacle.BUFFER, Obstacle.HELD, Obstacle.STANDING, Obstacle.CLIENT_BUSY, Obstacle.ROOM,
    Obstacle.NOT_GIVEN, Obstacle.FULL,
}  # fmt: skip


@retry_on_conflict
def set_status(
    *,
    practice_id: int,
    appointment_id: int,
    status: AppointmentStatus,
    by: ActedBy,
    now: datetime,
    attendee_id: int | None = None,
    reason: str = "",
) -> Appointment:
    """Record that people arrived, that it took place, or that nobody came; or correct such a record.

    With ``attendee_id`` it is about one client of several; the appointment then goes with its last seat. A cancelled
    appointment that becomes booked again takes its time again. Staff only. Raises NotFound, ImpossibleStatus, TooEarly,
    NotAllowed, SlotTaken.
    """
    by.require_staff()
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        one = _one(appointment, attendee_id)
        current = appointment.status if one is None else one.status
        if status == MISSED and appointment.is_asked_to_move:
            raise NotAllowed(NOT_MISSED)
        require_recordable(current, status, starts_at=appointment.starts_at, ends_at=appointment.ends_at, now=now)
        corrects = is_correction(current, status)
        action = AuditAction.CORRECTED if corrects else AuditAction(status.value)
        if current == OFF:
            _bring_back(session, appointment, one, now=now)
        elif one is None:
            _set_all(appointment, current, status)
        else:
            _set_one(appointment, one, status)
        if status == AppointmentStatus.BOOKED:
            raise_sequence(appointment, now=now)
        if status in CAME:
            appointment.asked_to_move_at = appointment.desk_goes_on_at = None
            came = [each for each in appointment.seats if each.status in CAME]
            mark_known(session, [each.client_id for each in came], now=now)
        appointment.changed_at = now
        session.flush()
        seat_id = one.public_id if one is not None else None
        about = {"before": current.value, "to": status.value if corrects else None, "attendee": seat_id}
        record_event(session, appointment, action, by, now=now, reason=reason or None, **about)
        if status == AppointmentStatus.BOOKED or MISSED in {status, current}:
            replan_appointment(session, appointment, now=now)
        return appointment


@retry_on_conflict
def confirm_seat(*, attendee_public_id: str, by: ActedBy, now: datetime) -> Attendee:
    """Keep that a client will come: they said so by text, on their page, or to staff. ``attendee`` is the public id of
    their seat. Said twice it is kept once; when the appointment moves, it is to be said anew.

    Raises NotFound, TooLate once it has begun, AlreadyCancelled, and ImpossibleStatus for a request without an answer.
    """
    with transaction() as session:
        seat = lock_seat(session, attendee_public_id)
        confirm_seat_in(session, seat.appointment, seat, by, now=now)
        return seat


@retry_on_conflict
def confirm_by_link(*, link: Linked, by: ActedBy, now: datetime) -> Attendee:
    """The same for whoever has the link to the seat. Raises LinkInvalid and LinkEnded instead of NotFound."""
    with transaction() as session:
        seat = lock_linked_seat(session, link, for_companions=True)
        by = by.through(link)
        confirm_seat_in(session, seat.appointment, seat, by, now=now)
        return seat


def confirm_seat_in(session: Session, appointment: Appointment, seat: Attendee, by: ActedBy, *, now: datetime) -> None:
    """The same inside the caller's transaction, for an appointment that the caller has locked."""
    require_ahead(appointment.status, seat.status, starts_at=appointment.starts_at, now=now)
    if seat.status not in TO_COME or appointment.is_asked_to_move:
        raise ImpossibleStatus
    if seat.confirmed_at is None:
        seat.confirmed_at = now
        session.flush()
        record_event(session, appointment, AuditAction.CONFIRMED, by, now=now, attendee=seat.public_id)


def take_back_confirmation_in(
    session: Session, appointment: Appointment, seat: Attendee, by: ActedBy, *, now: datetime
) -> None:
    """They said yes, and then something that puts it in doubt; for an appointment that the caller has locked."""
    if seat.confirmed_at is not None:
        seat.confirmed_at = None
        session.flush()
        record_event(session, appointment, AuditAction.UNCONFIRMED, by, now=now, attendee=seat.public_id)


@retry_on_conflict
def record_client_entered(*, attendee_id: int, by: ActedBy, now: datetime) -> None:
    """Keep when a client first followed the way into a room elsewhere: nobody is left alone there. It does not say that
    they have arrived, because programs that look at links follow it, too. Raises NotFound.
    """
    with transaction() as session:
        found = session.get(Attendee, attendee_id)
        if found is None:
            raise NotFound
        seat = lock_seat(session, found.public_id)
        _keep_entered(session, seat.appointment, seat, by, now=now)


def record_client_entered_in(
    session: Session, appointment: Appointment, seat: Attendee, by: ActedBy, *, now: datetime
) -> None:
    """Somebody has pressed to come into our own room, in an appointment that the caller has locked. Their seat becomes
    arrived where the table of states lets it: after the end, or once the record says otherwise, it stays as it is.
    """
    _keep_entered(session, appointment, seat, by, now=now)
    here = AppointmentStatus.ARRIVED
    span = {"starts_at": appointment.starts_at, "ends_at": appointment.ends_at}
    if seat.status == AppointmentStatus.BOOKED and here in possible_statuses(seat.status, **span, now=now):
        _set_one(appointment, seat, here)
        appointment.changed_at = now
        session.flush()
        before = AppointmentStatus.BOOKED.value
        record_event(session, appointment, AuditAction.ARRIVED, by, now=now, before=before, attendee=seat.public_id)


def _keep_entered(session: Session, appointment: Appointment, seat: Attendee, by: ActedBy, *, now: datetime) -> None:
    if seat.entered_at is None or seat.entered_at < appointment.room_opens_at:
        seat.entered_at = now
        session.flush()
        record_event(session, appointment, AuditAction.ENTERED, by, now=now, attendee=seat.public_id)


@retry_on_conflict
def record_therapist_entered(*, practice_id: int, appointment_id: int, by: ActedBy, now: datetime) -> None:
    """The same of a therapist of the appointment. Raises NotFound."""
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        record_therapist_entered_in(session, appointment, by, now=now)


def record_therapist_entered_in(session: Session, appointment: Appointment, by: ActedBy, *, now: datetime) -> None:
    """The same inside the caller's transaction, for an appointment that the caller has locked."""
    entered_at = appointment.therapist_entered_at
    if entered_at is None or entered_at < appointment.room_opens_at:
        appointment.therapist_entered_at = now
        session.flush()
        record_event(session, appointment, AuditAction.ENTERED, by, now=now)


@retry_on_conflict
def add_attendee(
    *,
    practice_id: int,
    appointment_id: int,
    contact: Contact,
    reason: str = "",
    guardian_reason: str = "",
    by: ActedBy,
    now: datetime,
) -> Attendee:
    """Give one more client a seat in an appointment that stands. ``guardian_reason`` says why nobody has to act for a
    minor, where the practice wants that. Staff only.

    Raises NotFound, ImpossibleStatus, NotAllowed, GroupFull, InvalidInput (already in it), SlotTaken (busy then) and
    SlotNotOffered (a therapist has no licence where they will be).
    """
    by.require_staff()
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        if appointment.status not in ACTIVE or now >= appointment.ends_at:
            raise ImpossibleStatus
        require_free_seat(session, appointment, appointment.service.capacity, now=now)
        service_id = appointment.service_id
        files = find_or_make_clients(session, practice_id, [contact], service_id=service_id, by=by, now=now)
        client = files.by_key[contact.match_key]
        if client.id in {each.client_id for each in appointment.seats}:
            raise InvalidInput({"name": "This person is part of the appointment already."})
        require_licence(session, appointment, contact)
        about = _set_aside_guardian(appointment, client.id, contact, guardian_reason)
        owner = Owner(practice_id, appointment_id=appointment.id)
        if not take_time(
            session, owner, Interval(client.resource_id, appointment.starts_at, appointment.ends_at), now=now
        ):
            raise SlotTaken
        made = draft_seat(session, appointment.practice, files, contact, _still_to_come(appointment), by, now=now)
        insert_seat(session, appointment, made)
        raise_sequence(appointment, now=now)
        session.flush()
        about |= {"reason": reason or guardian_reason or None}
        record_event(session, appointment, AuditAction.JOINED, by, now=now, attendee=made.public_id, **about)
        files = record_agreements(session, [made], files, by=by, now=now)
        replan_appointment(session, appointment, files=files, now=now, only=[made])
        return made


def _set_aside_guardian(appointment: Appointment, client_id: int, contact: Contact, reason: str) -> dict[str, object]:
    """What the audit keeps of it. With others who are no minors somebody comes along. Raises InvalidInput."""
    with_whom = set() if appointment.service.is_group else {each.client_id for each in appointment.seats}
    state = appointment.location.jurisdiction if appointment.location is not None else contact.jurisdiction
    if not lacks_guardian(appointment.practice, {client_id} | with_whom, state, on=appointment.starts_at.date()):
        return {}
    require_guardian_reason(reason)
    return {"overrides": [Obstacle.NO_GUARDIAN.value]}


def _one(appointment: Appointment, attendee_id: int | None) -> Attendee | None:
    """The seat in question; None when the whole appointment is meant, which one seat alone is."""
    if attendee_id is None:
        return None
    found = find_seat(appointment, attendee_id)
    is_alone = len(appointment.attendees) == 1 and found.status == appointment.status
    return None if is_alone else found


def _still_to_come(appointment: Appointment) -> AppointmentStatus:
    """The status of a seat in it that somebody has just got."""
    waits = appointment.status == AppointmentStatus.PENDING
    return AppointmentStatus.PENDING if waits else AppointmentStatus.BOOKED


def _set_all(appointment: Appointment, current: AppointmentStatus, status: AppointmentStatus) -> None:
    """The appointment, and every seat that went along with it so far: who missed it alone still did."""
    for attendee in appointment.seats:
        if attendee.status in {current, AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED}:
            attendee.status = status
    appointment.status = status


def _set_one(appointment: Appointment, one: Attendee, status: AppointmentStatus) -> None:
    """One seat; the appointment follows when all of them agree, and took place when somebody came and nobody is left to
    be recorded.
    """
    one.status = status
    seats = {each.status for each in appointment.seats}
    if len(seats) == 1:
        appointment.status = seats.pop()
    elif seats == {AppointmentStatus.FULFILLED, AppointmentStatus.NOSHOW}:
        appointment.status = AppointmentStatus.FULFILLED


def _bring_back(session: Session, appointment: Appointment, one: Attendee | None, *, now: datetime) -> None:
    """Take again what a mistaken cancellation gave back. Raises SlotTaken when it is gone."""
    # All who left with the appointment come back with it; who had left alone before does not.
    returning = [one] if one is not None else [
        each for each in appointment.attendees if each.cancelled_at == appointment.cancelled_at
    ]  # fmt: skip
    if appointment.status == OFF:
        _take_again(session, appointment, returning, now=now)
        appointment.status = AppointmentStatus.BOOKED
        appointment.cancelled_at, appointment.cancel_reason = None, ""
    else:
        _sit_down_again(session, appointment, returning, now=now)
    for attendee in returning:
        attendee.status, attendee.cancelled_at = _still_to_come(appointment), None
        attendee.late_cancel, attendee.cancel_reason = False, ""
        attendee.confirmed_at = attendee.calendar_answer = None
        attendee.cancelled_by, attendee.cancel_message = None, ""


def _take_again(session: Session, appointment: Appointment, returning: Sequence[Attendee], *, now: datetime) -> None:
    query = replace(
        SlotQuery.about_appointment(appointment, waived=ALREADY_AGREED),
        therapist_id=appointment.therapist_id,
        co_therapist_id=appointment.co_therapist_id,
    )
    candidates = free_at(query, now=now)
    if not candidates:
        raise SlotTaken
    query = replace(query, waived=frozenset())
    placed = take_slot(
        session,
        Owner(appointment.practice_id, appointment_id=appointment.id),
        query,
        candidates,
        clients=resources_of(session, returning),
        rooms=choose_rooms(session, query, now=now),
        now=now,
    )
    assign_placed(appointment, placed, appointment.location if appointment.mode == Mode.IN_PERSON else None)


def _sit_down_again(
    session: Session, appointment: Appointment, returning: Sequence[Attendee], *, now: datetime
) -> None:
    require_free_seat(session, appointment, appointment.service.capacity, now=now)
    owner = Owner(appointment.practice_id, appointment_id=appointment.id)
    for resource_id in resources_of(session, returning):
        if not take_time(session, owner, Interval(resource_id, appointment.starts_at, appointment.ends_at), now=now):
            raise SlotTaken
