"""What a therapist does in a call: letting in, putting out, locking, ending it, a note to whoever waits, a timer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.errors import NotAllowed, NotFound
from telehealth.domain.video.calls import PRESENT, CallerRole, CallerState
from telehealth.models import Caller, CallSignal, VideoCall
from telehealth.queries.video.calls import find_caller, list_callers
from telehealth.services.video.coming import put


@retry_on_conflict
def let_in(*, caller_public_id: str, key: str, whom: str = "", now: datetime) -> None:
    """A therapist lets in one who waits or was put out (public id), or everybody who waits.

    Raises NotFound, OpenElsewhere, NotAllowed.
    """
    with _conducted(caller_public_id, key) as (session, _, others):
        for each in others:
            if each.public_id == whom or (not whom and each.state == CallerState.WAITING):
                put(session, each, CallerState.ADMITTED, now=now)


@retry_on_conflict
def put_out(*, caller_public_id: str, key: str, whom: str, now: datetime) -> None:
    """A therapist puts somebody out (public id), who stays out until they are let in again.

    Raises NotFound, OpenElsewhere, NotAllowed, also for another therapist.
    """
    with _conducted(caller_public_id, key) as (session, _, others):
        found = next((each for each in others if each.public_id == whom), None)
        if found is None:
            raise NotFound
        if found.role == CallerRole.THERAPIST:
            raise NotAllowed
        found.admitted_at = None
        put(session, found, CallerState.REMOVED, now=now)


@retry_on_conflict
def set_lock(*, caller_public_id: str, key: str, is_locked: bool) -> None:
    """Whether anybody new is let in. Raises NotFound, OpenElsewhere, NotAllowed."""
    with _conducted(caller_public_id, key) as (_, caller, _others):
        caller.call.is_locked = is_locked


@retry_on_conflict
def set_note(*, caller_public_id: str, key: str, note: str, now: datetime) -> None:
    """What whoever waits reads; empty takes it back. Raises NotFound, OpenElsewhere, NotAllowed."""
    with _conducted(caller_public_id, key) as (_, caller, _others):
        caller.call.note, caller.call.noted_at = note, now


@retry_on_conflict
def set_timer(*, caller_public_id: str, key: str, ends_at: datetime | None, is_shared: bool) -> None:
    """A timer up to an instant, or none. Raises NotFound, OpenElsewhere, NotAllowed."""
    with _conducted(caller_public_id, key) as (_, caller, _others):
        caller.call.timer_ends_at, caller.call.is_timer_shared = ends_at, is_shared


@retry_on_conflict
def end_for_all(*, caller_public_id: str, key: str, now: datetime) -> None:
    """The call is over for everybody: who comes afterwards waits until they are let in. What was not fetched is
    forgotten. Raises NotFound, OpenElsewhere, NotAllowed.
    """
    with _conducted(caller_public_id, key) as (session, caller, others):
        caller.call.ended_at = now
        caller.call.note, caller.call.timer_ends_at, caller.call.is_locked = "", None, False
        for each in (caller, *others):
            if each.state in PRESENT:
                put(session, each, CallerState.LEFT, now=now)
            each.admitted_at = None
        ids = [caller.id, *(each.id for each in others)]
        session.execute(delete(CallSignal).where(CallSignal.sender_id.in_(ids)))


@retry_on_conflict
def raise_hand(*, caller_public_id: str, key: str, is_up: bool, now: datetime) -> None:
    """Somebody wants to speak, or no longer. Raises NotFound, OpenElsewhere."""
    with transaction() as session:
        caller = find_caller(session, caller_public_id, key)
        caller.hand_at = now if is_up and caller.state == CallerState.ADMITTED else None


@contextmanager
def _conducted(public_id: str, key: str) -> Iterator[tuple[Session, Caller, list[Caller]]]:
    """The call and everybody in it, locked for a therapist who is in."""
    with transaction() as session:
        caller = find_caller(session, public_id, key)
        session.execute(select(VideoCall.id).where(VideoCall.id == caller.call_id).with_for_update())
        others = [each for each in list_callers(session, caller.call_id) if each is not caller]
        if caller.role != CallerRole.THERAPIST or caller.state != CallerState.ADMITTED:
            raise NotAllowed
        yield session, caller, others
