"""What browsers in a call tell each other, by asking again and again: no connection is held open, so any number of
processes may answer, and none has a thread that waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from telehealth.database import db, retry_on_conflict, transaction
from telehealth.domain.errors import RoomClosed
from telehealth.domain.video.calls import (
    MOST_KEPT,
    SEEN_EVERY,
    CallerRole,
    CallerState,
    SignalSent,
    is_in_use,
    is_there,
    usable_signals,
)
from telehealth.models import Caller, CallSignal, VideoCall
from telehealth.queries.video.calls import find_caller_and_closing, list_callers, list_signals
from telehealth.services.inserting import insert_those_free


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What a device is told: its own caller with the call, who else it may know of, and what was sent to it."""

    caller: Caller
    call: VideoCall
    others: Sequence[Caller]
    signals: Sequence[CallSignal]
    is_awaited: bool
    """Whether a therapist is in."""


def exchange(
    *,
    caller_public_id: str,
    key: str,
    after: int,
    sent: Sequence[SignalSent] = (),
    login_id: int | None = None,
    now: datetime,
) -> Exchanged:
    """Take what a device has sent, forget what it has fetched (up to ``after``), and give it what is new.

    Whoever waits sees nobody but that a therapist is in; whoever was put out, or left, nothing. What is too large, too
    much, or to somebody who is not inside, is left out. A therapist needs their sign-in (``login_id``), too. Raises
    NotFound, OpenElsewhere, SignedOut, and RoomClosed once what let them come has ended, or the room has closed and
    is not in use any more.
    """
    session = db.session()
    caller, closes_at = find_caller_and_closing(session, caller_public_id, key, login_id=login_id)
    known = list_callers(session, caller.call_id)
    is_in = caller.state == CallerState.ADMITTED
    others = [each for each in known if each is not caller and is_there(each.state, each.seen_at, now=now)]
    if now >= closes_at and not is_in_use(known, now=now):
        raise RoomClosed
    found = list_signals(session, caller, after=after) if is_in else []
    wanted = [each for each in usable_signals(sent) if each.number > caller.last_number] if is_in else []
    if wanted or after or now - caller.seen_at >= SEEN_EVERY:
        _keep(caller, [each for each in others if each.state == CallerState.ADMITTED], wanted, after=after, now=now)
    return Exchanged(caller, caller.call, _known_to(caller, others), found, any(map(_receives, others)))


def _receives(other: Caller) -> bool:
    return other.role == CallerRole.THERAPIST and other.state == CallerState.ADMITTED


def _known_to(caller: Caller, others: Sequence[Caller]) -> list[Caller]:
    if caller.state != CallerState.ADMITTED:
        return []
    sees_the_door = caller.role == CallerRole.THERAPIST
    return [each for each in others if each.state == CallerState.ADMITTED or sees_the_door]


@retry_on_conflict
def _keep(caller: Caller, inside: Sequence[Caller], sent: Sequence[SignalSent], *, after: int, now: datetime) -> None:
    with transaction() as session:
        # The caller before what is sent, as everywhere: two of them never wait for each other.
        if sent or now - caller.seen_at >= SEEN_EVERY:
            last = max((each.number for each in sent), default=caller.last_number)
            known = update(Caller).where(Caller.id == caller.id, Caller.device == caller.device)
            values = {"seen_at": now, "last_number": last}
            session.execute(known.values(**values).execution_options(synchronize_session=False))
        if after:
            fetched = delete(CallSignal).where(CallSignal.recipient_id == caller.id, CallSignal.id <= after)
            session.execute(fetched.execution_options(synchronize_session=False))
        _hand_over(session, caller, inside, sent, now=now)


def _hand_over(
    session: Session, caller: Caller, inside: Sequence[Caller], sent: Sequence[SignalSent], *, now: datetime
) -> None:
    to = {each.public_id: each for each in inside}
    known = [each for each in sent if each.recipient in to]
    if not known:
        return
    kept = session.scalar(select(func.count()).where(CallSignal.sender_id == caller.id)) or 0
    rows = [
        {
            "practice_id": caller.practice_id,
            "sender_id": caller.id,
            "sender_device": caller.device,
            "recipient_id": to[each.recipient].id,
            "recipient_device": to[each.recipient].device,
            "number": each.number,
            "body": each.body,
            "created_at": now,
        }
        for each in known[: max(0, MOST_KEPT - kept)]
    ]
    insert_those_free(session, CallSignal, rows, "number")
