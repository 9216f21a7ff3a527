"""What a therapist does in a call: letting in, putting out, locking, ending it, a note to whoever waits, a timer.

What opens or shuts the room to somebody leaves a line in the audit of its appointment. The door says by which way it
was done (``by``); who did it, the key of their device says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import Actor, AuditAction
from telehealth.domain.errors import CallFull, NotAllowed, NotFound
from telehealth.domain.video.calls import PRESENT, CallerRole, CallerState, count_places, say_whom
from telehealth.models import Appointment, Caller
from telehealth.queries.video.calls import find_caller
from telehealth.queries.video.whereabouts import find_said_by
from telehealth.services.audit import ActedBy, record_event
from telehealth.services.locking import lock_appointment
from telehealth.services.video.coming import forget_signals_of, lock_callers, put

A_THERAPIST = ActedBy(Actor.STAFF)
LET_IN_FROM = frozenset({CallerState.WAITING, CallerState.REMOVED})
LOCKED = "The room is locked. Let people in one by one, or unlock it first."


@dataclass(frozen=True, slots=True)
class _Conducted:
    """A call that is locked for a therapist who is in, and everybody else who ever came."""

    session: Session
    appointment: Appointment
    caller: Caller
    others: list[Caller]
    by: ActedBy

    def record(self, action: AuditAction, about: Caller | None = None, *, now: datetime) -> None:
        """Write one line, about somebody or about the room."""
        record_event(self.session, self.appointment, action, self.by, now=now, **_name(about))


@retry_on_conflict
def let_in(
    *, caller_public_id: str, key: str, login_id: int | None = None, whom: str = "", by: ActedBy, now: datetime
) -> None:
    """A therapist lets in one who waits or was put out (public id), or everybody who waits, which a locked room does
    not allow: nobody new comes in unseen. Those who came first, as far as there is room (``MOST_CALLERS``).

    Raises what ``find_caller`` raises, NotAllowed, and CallFull where there is room for nobody.
    """
    with _conducted(caller_public_id, key, login_id, by) as found:
        if not whom and found.caller.call.is_locked:
            raise NotAllowed(LOCKED)
        meant = [
            each
            for each in found.others
            if (each.public_id == whom if whom else each.state == CallerState.WAITING) and each.state in LET_IN_FROM
        ]
        places = count_places([found.caller, *found.others], now=now)
        if meant and not places:
            raise CallFull
        for each in meant[:places]:
            put(found.session, each, CallerState.ADMITTED, now=now)
            found.record(AuditAction.LET_IN, each, now=now)


@retry_on_conflict
def put_out(
    *, caller_public_id: str, key: str, login_id: int | None = None, whom: str, by: ActedBy, now: datetime
) -> None:
    """A therapist puts somebody out (public id), who stays out until they are let in again.

    Raises what ``find_caller`` raises, and NotAllowed, also for another therapist.
    """
    with _conducted(caller_public_id, key, login_id, by) as found:
        other = next((each for each in found.others if each.public_id == whom), None)
        if other is None:
            raise NotFound
        if other.role == CallerRole.THERAPIST:
            raise NotAllowed
        if other.state != CallerState.REMOVED:
            other.admitted_at = None
            put(found.session, other, CallerState.REMOVED, now=now)
            found.record(AuditAction.PUT_OUT, other, now=now)


@retry_on_conflict
def set_lock(
    *, caller_public_id: str, key: str, login_id: int | None = None, is_locked: bool, by: ActedBy, now: datetime
) -> None:
    """Whether people are let in only one by one, and not all who wait at once.

    Raises what ``find_caller`` raises, and NotAllowed.
    """
    with _conducted(caller_public_id, key, login_id, by) as found:
        call = found.caller.call
        if call.is_locked != is_locked:
            call.is_locked = is_locked
            found.record(AuditAction.LOCKED if is_locked else AuditAction.UNLOCKED, now=now)


@retry_on_conflict
def set_note(*, caller_public_id: str, key: str, login_id: int | None = None, note: str, now: datetime) -> None:
    """What whoever waits reads; empty takes it back. Raises what ``find_caller`` raises, and NotAllowed."""
    with _conducted(caller_public_id, key, login_id) as found:
        found.caller.call.note, found.caller.call.noted_at = note, now


@retry_on_conflict
def set_timer(
    *, caller_public_id: str, key: str, login_id: int | None = None, ends_at: datetime | None, is_shared: bool
) -> None:
    """A timer up to an instant, or none. Raises what ``find_caller`` raises, and NotAllowed."""
    with _conducted(caller_public_id, key, login_id) as found:
        found.caller.call.timer_ends_at, found.caller.call.is_timer_shared = ends_at, is_shared


@retry_on_conflict
def end_for_all(*, caller_public_id: str, key: str, login_id: int | None = None, by: ActedBy, now: datetime) -> None:
    """The call is over for everybody: who comes afterwards waits until they are let in. What was not fetched is
    forgotten. Raises what ``find_caller`` raises, and NotAllowed.
    """
    with _conducted(caller_public_id, key, login_id, by) as found:
        call, everybody = found.caller.call, (found.caller, *found.others)
        call.ended_at = now
        call.note, call.timer_ends_at, call.is_locked = "", None, False
        for each in everybody:
            if each.state in PRESENT:
                put(found.session, each, CallerState.LEFT, now=now)
            each.admitted_at = None
            forget_signals_of(found.session, each)
        found.record(AuditAction.CALL_ENDED, now=now)


@retry_on_conflict
def raise_hand(*, caller_public_id: str, key: str, login_id: int | None = None, is_up: bool, now: datetime) -> None:
    """Somebody wants to speak, or no longer. Raises what ``find_caller`` raises."""
    with transaction() as session:
        caller = find_caller(session, caller_public_id, key, login_id=login_id)
        caller.hand_at = now if is_up and caller.state == CallerState.ADMITTED else None


@retry_on_conflict
def set_cannot_speak(*, caller_public_id: str, key: str, login_id: int | None = None, cannot_speak: bool) -> None:
    """Somebody is with them, or no longer: only therapists learn it, and the desk where their answer is read. Raises
    what ``find_caller`` raises.
    """
    with transaction() as session:
        caller = find_caller(session, caller_public_id, key, login_id=login_id)
        caller.cannot_speak = cannot_speak
        said = find_said_by(session, caller.attendee_id, caller.whom)
        if said is not None:
            said.cannot_speak = cannot_speak


@contextmanager
def _conducted(public_id: str, key: str, login_id: int | None, by: ActedBy = A_THERAPIST) -> Iterator[_Conducted]:
    """The call and everybody in it, locked for a therapist who is in. The appointment is locked first, as by whoever
    comes: of two changes one waits, and never both.
    """
    with transaction() as session:
        caller = find_caller(session, public_id, key, login_id=login_id)
        appointment = lock_appointment(session, caller.practice_id, caller.call.appointment_id)
        others = [each for each in lock_callers(session, caller.call_id) if each is not caller]
        if caller.role != CallerRole.THERAPIST or caller.state != CallerState.ADMITTED:
            raise NotAllowed
        yield _Conducted(session, appointment, caller, others, replace(by, user_id=caller.user_id))


def _name(about: Caller | None) -> dict[str, str]:
    """Whom a line is about: the seat of a client, and as what somebody else came."""
    if about is None:
        return {}
    if about.role == CallerRole.GUEST:
        return {"role": about.role.value, "guest": about.whom.removeprefix(say_whom(about.role, ""))}
    seat = {"attendee": about.attendee.public_id} if about.attendee is not None else {}
    return seat if about.role == CallerRole.CLIENT else {**seat, "role": about.role.value}
