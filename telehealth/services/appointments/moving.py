"""Moving an appointment: to another time, therapist, place or way to meet; and to another room.

One transaction: what it took is given back and the new slot is taken, or nothing changes at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.appointments.moves import Place, is_same_place
from telehealth.domain.appointments.overriding import BINDS_CHOICE, require_right_to_override
from telehealth.domain.appointments.policies import Freedom, end_of_request
from telehealth.domain.appointments.states import ACTIVE, could_have_happened
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.contact import say_phone
from telehealth.domain.errors import (
    ImpossibleStatus,
    InsideWindow,
    InvalidInput,
    MovedTooOften,
    NotAllowed,
    NotFound,
    PleaseCall,
    SlotNotOffered,
    SlotTaken,
    TooLate,
)
from telehealth.domain.links import Linked
from telehealth.domain.words import AppointmentStatus, Mode, Obstacle
from telehealth.models import Appointment, Attendee, Room, Service
from telehealth.queries.appointments.own_standing import is_proof
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.consent.client_files import ClientFiles, read_client_files
from telehealth.queries.hours.busy_intervals import is_unsure
from telehealth.queries.practice.clients import is_without_guardian
from telehealth.services.appointments.cancelling import free_time_of
from telehealth.services.appointments.choosing import (
    FirmWish,
    SlotRequest,
    choose_rows,
    find_therapist_id,
    hand_over_rows,
    require_length,
)
from telehealth.services.appointments.holding import consume_hold, find_hold_for
from telehealth.services.appointments.occupancies import Interval, Owner, give_back_time, take_time
from telehealth.services.appointments.placing import (
    assign_placed,
    choose_candidates,
    choose_rooms,
    find_overridden,
    queue_for_limits,
    take_slot,
)
from telehealth.services.audit import ActedBy, raise_sequence, record_event
from telehealth.services.locking import lock_appointment, lock_linked_seat
from telehealth.services.messages.planning import replan_appointment

ARRIVED, BOOKED = AppointmentStatus.ARRIVED, AppointmentStatus.BOOKED
GROUP_MOVES = (
    "A seat in a group cannot be moved to another date. Nothing was changed. "
    "Please cancel this date and book a seat on another one."
)


@dataclass(frozen=True, slots=True)
class Destination(FirmWish):
    """Where an appointment is to go.

    ``therapist`` None keeps the therapist when possible, else whoever fits best; where two are needed, both stay unless
    ``therapist`` replaces the first of them or ``co_therapist`` the second. ``jurisdiction`` is needed when clients who
    came in person are to meet by video or phone. ``phone`` is where to call. Both are those of the client whose seat
    ``attendee_id`` is, and help out where another client has given none; without it they are everybody's. Where only
    the length changes, staff may want that nobody is told by us (``tells_clients``).
    """

    jurisdiction: str | None = None
    phone: str | None = None
    attendee_id: int | None = None
    tells_clients: bool = True


@retry_on_conflict
def move_appointment(
    *, practice_id: int, appointment_id: int, to: Destination, by: ActedBy, now: datetime
) -> Appointment:
    """Move an appointment, onto part of itself too; the invite stays the same event, one version later.

    Sent twice it moves once: a client's move to where the appointment stands already changes nothing.

    A client's own move asks for a yes again where the practice wants that, and is counted; one that they were asked for
    is neither, and leaves the whole of its old time.

    Raises NotFound, ImpossibleStatus, TooLate, InsideWindow, MovedTooOften, SlotTaken, SlotNotOffered, InvalidInput,
    NotAllowed, NeedsReason, PleaseCall. Whatever is raised, the appointment is where it was.
    """
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        _move_once(session, appointment, to, by, now=now)
        return appointment


@retry_on_conflict
def move_by_link(*, link: Linked, to: Destination, by: ActedBy, now: datetime) -> Attendee:
    """The same for whoever has the link to a seat, which is returned; what they say of themselves is its client's.

    Raises LinkInvalid and LinkEnded, too.
    """
    with transaction() as session:
        seat = lock_linked_seat(session, link, for_companions=True)
        by = by.through(link)
        _move_once(session, seat.appointment, replace(to, attendee_id=seat.id), by, now=now)
        return seat


def _move_once(session: Session, appointment: Appointment, to: Destination, by: ActedBy, *, now: datetime) -> None:
    if by.is_staff or not _stands_there(appointment, to, now=now):
        move_appointment_in(session, appointment, to, by, now=now)


def move_appointment_in(
    session: Session,
    appointment: Appointment,
    to: Destination,
    by: ActedBy,
    *,
    now: datetime,
    service_public_id: str | None = None,
    is_invited: bool = False,
) -> None:
    """The same inside the caller's transaction, for an appointment that the caller has locked.

    ``service`` (a public id) makes it an appointment of another service, for somebody who took what became free.
    ``is_invited``: the practice has offered the time, so the terms for changing one's mind do not stand in the way.
    """
    require_right_to_override(to.waived, to.reason, is_staff=by.is_staff)
    by_themselves = not by.is_staff and not is_invited
    is_asked = appointment.is_asked_to_move and by_themselves
    _require_movable(appointment, by_themselves=by_themselves, now=now)
    service = service_public_id or appointment.service.public_id
    is_same = service == appointment.service.public_id
    asked = choose_rows(
        session, appointment.practice_id, service, to, is_booked=is_same, is_invited=True, moves=appointment
    )
    _require_room_for(appointment, asked.service)
    _complete_contacts(appointment, to)
    alone = _set_aside_guardian(appointment, asked, by, by_themselves=by_themselves)
    minutes = _length_there(appointment, asked, by, is_invited=is_invited)
    asked = replace(asked, hold=find_hold_for(session, asked, to.hold, now=now))
    known_to = frozenset(each.id for each in appointment.therapists) if by_themselves else None
    query = _query(session, appointment, asked, by)
    query = replace(query, leaves_own_time=is_asked, minutes=minutes, known_to=known_to)
    queue_for_limits(session, query)
    if asked.hold is not None:
        consume_hold(session, asked.hold, now=now)
    candidates = choose_candidates(query, now=asked.decided_at(now))
    overrides = find_overridden(replace(query, waived=to.waived), [each.therapist_id for each in candidates], now=now)
    overrides = sorted([*overrides, *alone])
    before, left_behind = _state(appointment), appointment.places_left_behind if by_themselves else []
    doers = [*(each.actor for each in appointment.events), by.actor]
    files = _files_of(session, appointment, asked.service)
    clients = [files.by_id[each.client_id].resource_id for each in appointment.seats if not each.is_by_stranger]
    owner = Owner(appointment.practice_id, appointment_id=appointment.id)
    give_back_time(session, owner)
    free_time_of(session, appointment, now=now)
    rooms = sorted(choose_rooms(session, query, now=now), key=lambda each: each.id != appointment.room_id)
    placed = take_slot(session, owner, query, candidates, clients=clients, rooms=rooms, now=now)
    _write(appointment, asked, minutes, now=now)
    assign_placed(appointment, placed, asked.location)
    kept = appointment.override_reason if alone else ""
    appointment.overrides, appointment.override_reason = overrides, (to.reason or kept) if overrides else ""
    if by_themselves and not is_asked:
        _agree_or_ask(appointment, left_behind, now=now)
    raise_sequence(appointment, now=now)
    session.flush()
    hand_over_rows(session, appointment, asked)
    about = {"overrides": overrides or None, "reason": to.reason or None, "asked": is_asked or None}
    action = AuditAction.MOVED_TO_OFFER if is_invited else AuditAction.MOVED
    record_event(session, appointment, action, by, now=now, before=before, after=_state(appointment), **about)
    session.expire(appointment, ["events"])  # Its moves were counted before this one.
    is_quiet = not to.tells_clients and is_same_place(before, _state(appointment))
    replan_appointment(session, appointment, files=files, doers=doers, is_quiet=is_quiet, now=now)


@retry_on_conflict
def change_room(
    *, practice_id: int, appointment_id: int, room_public_id: str, by: ActedBy, now: datetime
) -> Appointment:
    """Meet in another room of the same place. Nobody is told: rooms are found on the day.

    Raises NotFound, ImpossibleStatus, SlotTaken, and InvalidInput when it is not in person.
    """
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        if appointment.status not in ACTIVE:
            raise ImpossibleStatus
        wanted = session.scalar(select(Room).where(Room.practice_id == practice_id, Room.public_id == room_public_id))
        if (
            wanted is None
            or wanted.ended_at is not None
            or (appointment.location_id is not None and wanted.location_id != appointment.location_id)
        ):
            raise NotFound
        if appointment.mode != Mode.IN_PERSON:
            raise InvalidInput({"room": "This appointment is not in person, so it needs no room."})
        before = appointment.room.name if appointment.room is not None else ""
        owner = Owner(practice_id, appointment_id=appointment.id)
        if appointment.room is not None:
            give_back_time(session, owner, resource_id=appointment.room.resource_id)
        if not take_time(
            session, owner, Interval(wanted.resource_id, appointment.starts_at, appointment.ends_at), now=now
        ):
            raise SlotTaken("That room is taken at this time. Nothing was changed. Please choose another room.")
        appointment.room = wanted
        appointment.changed_at = now
        record_event(session, appointment, AuditAction.ROOM_CHANGED, by, now=now, before=before, after=wanted.name)
        return appointment


def _set_aside_guardian(
    appointment: Appointment, asked: SlotRequest[Destination], by: ActedBy, *, by_themselves: bool
) -> list[str]:
    """That nobody acts for a minor, where the practice wants that: staff set it aside at each new time, and what they
    set aside holds for the client's own move. Whoever has not shown who they are learns nothing of it, and whoever acts
    for somebody by their own link does. Raises SlotNotOffered and PleaseCall.
    """
    set_aside, starts_at = Obstacle.NO_GUARDIAN in appointment.overrides, asked.wish.starts_at
    state = asked.state_of(appointment.seats[0]) if appointment.seats else None
    if starts_at == appointment.starts_at or not is_without_guardian(appointment, state, on=starts_at.date()):
        return [Obstacle.NO_GUARDIAN.value] if set_aside and starts_at == appointment.starts_at else []
    if by.is_staff and Obstacle.NO_GUARDIAN not in asked.wish.waived:
        raise SlotNotOffered
    is_theirs = by_themselves and not by.companion and is_proof(appointment.seats[0])
    if is_theirs and not set_aside and not appointment.is_asked_to_move:
        raise PleaseCall(say_phone(appointment.practice.phone))
    return [Obstacle.NO_GUARDIAN.value] if by.is_staff or set_aside else []


def _agree_or_ask(appointment: Appointment, left_behind: Sequence[Place], *, now: datetime) -> None:
    """What a client's own move means for the practice's yes, and for how often they may. Back where it was is always
    possible, and what was agreed on for that place holds again. Raises MovedTooOften.
    """
    last = left_behind[-1] if left_behind else None
    if last is not None and is_same_place(last, _state(appointment)):
        if last.get("status") == BOOKED and appointment.status == AppointmentStatus.PENDING:
            _set_status(appointment, BOOKED, expires_at=None)
        return
    most = appointment.practice.most_moves
    if most is not None and len(left_behind) >= most:
        raise MovedTooOften
    therapist_ids = [each.id for each in appointment.therapists]
    asks = appointment.needs_a_yes_to_move() or is_unsure(appointment.practice, therapist_ids, now=now)
    if appointment.status == BOOKED and asks:
        expires_at = end_of_request(appointment.service, appointment.starts_at, now=now)
        _set_status(appointment, AppointmentStatus.PENDING, expires_at=expires_at)


def _set_status(appointment: Appointment, status: AppointmentStatus, *, expires_at: datetime | None) -> None:
    appointment.status, appointment.expires_at = status, expires_at
    for attendee in appointment.seats:
        attendee.status = status


def _require_movable(appointment: Appointment, *, by_themselves: bool, now: datetime) -> None:
    if appointment.status not in ACTIVE:
        raise ImpossibleStatus
    if now >= appointment.starts_at:
        raise TooLate
    if not by_themselves:
        return
    if appointment.service.is_group:
        raise NotAllowed(GROUP_MOVES)
    free = appointment.freedom(now=now)
    if free != Freedom.FREE:
        raise InsideWindow


def _stands_there(appointment: Appointment, to: Destination, *, now: datetime) -> bool:
    """Whether it is already where it is to go: a button was pressed twice, or the first answer was lost."""
    if not appointment.is_ahead(now=now) or to.co_therapist:
        return False
    location = appointment.location.public_id if appointment.location is not None else None
    here = (appointment.starts_at, appointment.mode, appointment.therapist.public_id, location)
    there = (to.starts_at, to.mode, to.therapist or appointment.therapist.public_id, to.location)
    asked = [each for each in appointment.seats if to.attendee_id in {None, each.id}]
    return here == there and all(
        to.jurisdiction in {None, each.jurisdiction} and (to.phone is None or each.phone is not None) for each in asked
    )


def _require_room_for(appointment: Appointment, service: Service) -> None:
    """Another service may be for fewer people. Raises SlotNotOffered."""
    if service.id != appointment.service_id and len(appointment.seats) > service.capacity:
        raise SlotNotOffered


def _length_there(appointment: Appointment, asked: SlotRequest[Destination], by: ActedBy, *, is_invited: bool) -> int:
    """The length asked for; else a move keeps it, and what was offered, or another service, has its usual one. Raises
    InvalidInput.
    """
    service, wanted = asked.service, asked.wish.minutes
    require_length(service, wanted, is_staff=by.is_staff)
    is_other = is_invited or service.id != appointment.service_id
    return wanted or (service.duration_minutes if is_other else service.keep_length(appointment.minutes))


def _complete_contacts(appointment: Appointment, to: Destination) -> None:
    """Meeting another way may need what was not asked before. Raises InvalidInput."""
    for attendee in appointment.seats:
        if to.attendee_id in {None, attendee.id}:
            attendee.jurisdiction = to.jurisdiction or attendee.jurisdiction
        else:  # A partner's state stays what the partner said.
            attendee.jurisdiction = attendee.jurisdiction or to.jurisdiction
        attendee.phone = attendee.phone or to.phone
        if to.mode != Mode.IN_PERSON and attendee.jurisdiction is None:
            raise InvalidInput({"jurisdiction": "Please say which state you will be in for this appointment."})
        if to.mode == Mode.PHONE and attendee.phone is None:
            raise InvalidInput({"phone": "Please give a number that we can call."})


def _query(session: Session, appointment: Appointment, asked: SlotRequest[Destination], by: ActedBy) -> SlotQuery:
    to, hold = asked.wish, asked.hold
    stays = by.is_staff and to.starts_at == appointment.starts_at
    states = [each.jurisdiction for each in appointment.seats if each.jurisdiction is not None]
    query = asked.query(
        next(iter(states), None),
        further_jurisdictions=tuple(states[1:]),
        fit=replace(to.fit, therapist_id=appointment.therapist_id),
        client_ids=tuple(each.client_id for each in appointment.seats),
        own_appointment_id=appointment.id,
        waived=to.waived | BINDS_CHOICE if stays else to.waived,
    )
    if hold is not None:  # What was kept is what is taken.
        return replace(query, therapist_id=hold.therapist_id, co_therapist_id=hold.co_therapist_id)
    if appointment.co_therapist_id is None or asked.service.therapists_needed == 1:
        return query
    # Two therapists stay together, unless one of them is being replaced by name.
    second = find_therapist_id(session, appointment.practice_id, to.co_therapist) or appointment.co_therapist_id
    named = query.therapist_id or appointment.therapist_id
    staying = (each for each in (second, appointment.therapist_id) if each != named)
    return replace(query, therapist_id=named, co_therapist_id=next(staying, appointment.co_therapist_id))


def _write(appointment: Appointment, asked: SlotRequest[Destination], minutes: int, *, now: datetime) -> None:
    to = asked.wish
    before = (appointment.starts_at, appointment.mode, appointment.location_id)
    if before != (to.starts_at, to.mode, asked.location_id):
        for attendee in appointment.attendees:  # Who said that they would come said it of another time or place.
            attendee.confirmed_at = attendee.calendar_answer = None
    appointment.asked_to_move_at = appointment.desk_goes_on_at = None
    appointment.service_id = asked.service.id
    appointment.location_id = asked.location_id
    appointment.mode = to.mode
    appointment.starts_at = to.starts_at
    appointment.ends_at = to.starts_at + timedelta(minutes=minutes)
    if appointment.expires_at is not None:  # A yes shortly before the start would be too late.
        appointment.expires_at = min(appointment.expires_at, end_of_request(asked.service, to.starts_at, now=now))
    if not could_have_happened(
        ARRIVED, starts_at=to.starts_at, now=now
    ):  # Who had arrived had arrived for another time.
        appointment.status = BOOKED if appointment.status == ARRIVED else appointment.status
        for attendee in appointment.seats:
            attendee.status = BOOKED if attendee.status == ARRIVED else attendee.status


def _files_of(session: Session, appointment: Appointment, service: Service) -> ClientFiles:
    seated = appointment.attendees
    client_ids = [each.client_id for each in seated]
    return read_client_files(session, appointment.practice_id, service.id, client_ids=client_ids, contacts=seated)


def _state(appointment: Appointment) -> dict[str, str | int | None]:
    """What the audit keeps of an appointment before and after."""
    return {
        "status": appointment.status.value,
        "starts_at": appointment.starts_at.isoformat(),
        "minutes": appointment.minutes,
        "mode": appointment.mode.value,
        "therapist_id": appointment.therapist_id,
        "co_therapist_id": appointment.co_therapist_id,
        "location_id": appointment.location_id,
        "room_id": appointment.room_id,
    }
