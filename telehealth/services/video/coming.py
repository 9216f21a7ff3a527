"""Coming to the virtual room and leaving it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import case, delete, exists, literal, or_, select, update
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.appointments.joining import Door
from telehealth.domain.errors import CallFull, NotFound, OpenElsewhere, RoomClosed
from telehealth.domain.links import digest_of, new_secret
from telehealth.domain.video.calls import (
    GONE_AFTER,
    KEPT_FOR,
    PRESENT,
    STEPS,
    CallerRole,
    CallerState,
    GuestKind,
    count_places,
    is_there,
    state_on_coming,
)
from telehealth.models import Appointment, Caller, CallSignal, CallVisit, VideoCall
from telehealth.models.columns import new_uuid
from telehealth.queries.video.calls import find_caller, list_callers
from telehealth.queries.video.doors import find_door, has_room
from telehealth.queries.video.whereabouts import find_said_by
from telehealth.services.appointments.attending import record_client_entered_in, record_therapist_entered_in
from telehealth.services.audit import ActedBy
from telehealth.services.inserting import insert_unless_taken
from telehealth.services.locking import lock_appointment


@dataclass(frozen=True, slots=True)
class Comer:
    """Who comes: ``whom`` names their row (``Caller.whom``), ``name`` is what the others read."""

    whom: str
    role: CallerRole
    name: str
    attendee_id: int | None = None
    user_id: int | None = None
    guest_kind: GuestKind | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """What a device has from now on: it proves itself with the ``key``, until another one takes over."""

    caller_public_id: str
    device: int
    key: str = field(repr=False)


@retry_on_conflict
def come(
    *,
    practice_id: int,
    appointment_id: int,
    comer: Comer,
    key: str = "",
    takes_over: bool = False,
    by: ActedBy,
    now: datetime,
) -> Came:
    """Somebody comes to the room of an appointment, or comes back. With the ``key`` of the device that they are there
    with, that very device is back; without it they must say that another one ``takes_over``. A client who comes, or
    whoever acts for them, has arrived.

    Raises NotFound, RoomClosed, OpenElsewhere while they are there with another device, and CallFull for whoever is no
    therapist.
    """
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        require_open(appointment, now=now)
        caller = _find_or_make(session, appointment, comer, now=now)
        is_same = bool(key) and caller.key_digest == digest_of(key)
        if is_there(caller.state, caller.seen_at, now=now) and caller.key_digest and not (is_same or takes_over):
            raise OpenElsewhere
        state = state_on_coming(caller)
        if state == CallerState.ADMITTED and comer.role != CallerRole.THERAPIST:
            _require_place(session, caller, now=now)
        secret = new_secret()
        end_visits(session, caller)
        forget_signals_of(session, caller)
        caller.name, caller.device, caller.key_digest = comer.name, caller.device + 1, digest_of(secret)
        caller.last_number, caller.came_at, caller.seen_at = 0, now, now
        put(session, caller, state, now=now)
        _record_entry(session, appointment, caller, by, now=now)
        return Came(caller.public_id, caller.device, secret)


@retry_on_conflict
def leave(*, caller_public_id: str, key: str, login_id: int | None = None, now: datetime) -> None:
    """Somebody goes. Twice is as good as once. Raises what ``find_caller`` raises."""
    with transaction() as session:
        caller = lock_caller(session, id=find_caller(session, caller_public_id, key, login_id=login_id).id)
        if caller.state in PRESENT:
            put(session, caller, CallerState.LEFT, now=now)


def leave_who_are_gone(*, now: datetime) -> int:
    """Whoever was not heard of lately (``GONE_AFTER``) left when they were last. How many did."""
    with transaction() as session:
        gone = session.scalars(
            select(Caller)
            .where(Caller.state.in_(PRESENT), Caller.seen_at <= now - GONE_AFTER)
            .order_by(Caller.id)
            .with_for_update(of=Caller, key_share=True, skip_locked=True)
            .execution_options(populate_existing=True)
        ).all()
        for each in gone:
            put(session, each, CallerState.LEFT, now=each.seen_at)
        return len(gone)


def forget_signals(*, now: datetime) -> int:
    """Forget what browsers had to tell each other in calls that are over, and what nobody fetched for an hour
    (``KEPT_FOR``); how much.
    """
    # Asked of the few signals that there are: calls that are over are there for good.
    recipient = exists().where(Caller.id == CallSignal.recipient_id, VideoCall.id == Caller.call_id)
    useless = or_(CallSignal.created_at <= now - KEPT_FOR, recipient.where(VideoCall.ended_at.is_not(None)))
    with transaction() as session:
        return session.connection().execute(delete(CallSignal).where(useless)).rowcount


def require_open(appointment: Appointment, *, now: datetime) -> None:
    """Raises RoomClosed unless the room of an appointment can be entered now."""
    if not has_room(appointment) or find_door(appointment, now=now) != Door.OPEN:
        raise RoomClosed


def lock_caller(session: Session, **which: object) -> Caller:
    """A caller, locked. Raises NotFound."""
    locked = select(Caller).filter_by(**which).with_for_update(of=Caller, key_share=True)
    found = session.scalar(locked.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def lock_callers(session: Session, call_id: int) -> Sequence[Caller]:
    """Everybody who ever came to a call, in the order in which they first did, locked."""
    theirs = select(Caller).filter_by(call_id=call_id).order_by(Caller.id).with_for_update(of=Caller, key_share=True)
    return session.scalars(theirs.execution_options(populate_existing=True)).all()


def put(session: Session, caller: Caller, state: CallerState, *, now: datetime) -> None:
    """A caller who is locked goes to another state by the table, and what hangs on it follows: the visit that is
    counted, the hand that was up.
    """
    if caller.state != state and state not in STEPS[caller.state]:
        return
    caller.state = state
    if state == CallerState.ADMITTED:
        caller.admitted_at = caller.admitted_at or now
        caller.left_at = None
        session.add(CallVisit(practice_id=caller.practice_id, caller_id=caller.id, began_at=now))
    elif state in {CallerState.LEFT, CallerState.REMOVED}:
        caller.left_at, caller.hand_at = now, None
        end_visits(session, caller, at=now)
        forget_signals_of(session, caller)
    session.flush()


def end_visits(session: Session, caller: Caller, *, at: datetime | None = None) -> None:
    """Their time inside ends: at an instant, or when they were last heard of."""
    still = update(CallVisit).where(CallVisit.caller_id == caller.id, CallVisit.ended_at.is_(None))
    ended_at = literal(at or caller.seen_at, CallVisit.ended_at.type)
    # Who was let in after they were gone was not inside at all.
    ended = case((CallVisit.began_at > ended_at, CallVisit.began_at), else_=ended_at)
    session.execute(still.values(ended_at=ended).execution_options(synchronize_session=False))


def _require_place(session: Session, caller: Caller, *, now: datetime) -> None:
    """Raises CallFull where as many others are inside as our own room carries: this one was let in before them."""
    others = [each for each in list_callers(session, caller.call_id) if each.id != caller.id]
    if not count_places(others, now=now):
        raise CallFull


def _record_entry(session: Session, appointment: Appointment, caller: Caller, by: ActedBy, *, now: datetime) -> None:
    if caller.role == CallerRole.THERAPIST:
        caller.call.ended_at = None
        record_therapist_entered_in(session, appointment, by, now=now)
    for seat in appointment.seats:
        if seat.id == caller.attendee_id:
            record_client_entered_in(session, appointment, seat, by, now=now)


def forget_signals_of(session: Session, caller: Caller) -> None:
    """What they have sent and what was sent to them: nobody waits for it any more. A caller is locked before."""
    theirs = or_(CallSignal.sender_id == caller.id, CallSignal.recipient_id == caller.id)
    session.execute(delete(CallSignal).where(theirs).execution_options(synchronize_session=False))


def _find_or_make(session: Session, appointment: Appointment, comer: Comer, *, now: datetime) -> Caller:
    values = {"practice_id": appointment.practice_id, "appointment_id": appointment.id, "created_at": now}
    insert_unless_taken(session, VideoCall, {**values, "is_locked": False, "note": "", "is_timer_shared": False})
    call = session.scalars(select(VideoCall).filter_by(appointment_id=appointment.id)).one()
    said = find_said_by(session, comer.attendee_id, comer.whom)
    made = {
        "public_id": new_uuid(), "practice_id": call.practice_id, "call_id": call.id, "whom": comer.whom,
        "role": comer.role, "attendee_id": comer.attendee_id, "user_id": comer.user_id, "name": comer.name,
        "guest_kind": comer.guest_kind,
        "state": CallerState.WAITING, "device": 0, "key_digest": "", "last_number": 0,
        "came_at": now, "seen_at": now,
        "cannot_speak": said is not None and said.cannot_speak,
    }  # fmt: skip
    insert_unless_taken(session, Caller, made)
    return lock_caller(session, call_id=call.id, whom=comer.whom)
