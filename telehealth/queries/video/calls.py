"""A call as one of its callers may see it."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from telehealth.database import db
from telehealth.domain.errors import NotFound, OpenElsewhere
from telehealth.domain.links import digest_of
from telehealth.domain.video.calls import MOST_SIGNALS, CallerState, is_there
from telehealth.models import Caller, CallSignal, VideoCall

# Built once: building a statement takes longer than running it.
_CALLER = select(Caller).where(Caller.public_id == bindparam("public_id")).options(joinedload(Caller.call))
_CALLERS = select(Caller).where(Caller.call_id == bindparam("call")).order_by(Caller.id)
_SIGNALS = (
    select(CallSignal)
    .where(
        CallSignal.recipient_id == bindparam("recipient"),
        CallSignal.recipient_device == bindparam("device"),
        CallSignal.id > bindparam("after"),
    )
    .order_by(CallSignal.id)
    .limit(MOST_SIGNALS)
)


def find_call(appointment_id: int) -> VideoCall | None:
    """The call of an appointment; None before anybody came."""
    return db.session.scalar(select(VideoCall).where(VideoCall.appointment_id == appointment_id))


def find_caller(session: Session, public_id: str, key: str) -> Caller:
    """Whoever proves themselves with the key of their device. Raises NotFound, and OpenElsewhere for an earlier device
    of theirs.
    """
    found = session.scalar(_CALLER, {"public_id": public_id}, execution_options={"populate_existing": True})
    if found is None:
        raise NotFound
    if not hmac.compare_digest(found.key_digest, digest_of(key)):
        raise OpenElsewhere
    return found


def list_callers(session: Session, call_id: int) -> Sequence[Caller]:
    """Everybody who ever came to a call, in the order in which they first did."""
    return session.scalars(_CALLERS, {"call": call_id}, execution_options={"populate_existing": True}).all()


def list_present(session: Session, call_id: int, *, now: datetime) -> list[Caller]:
    """Those at its door and inside, heard of lately."""
    return [each for each in list_callers(session, call_id) if is_there(each.state, each.seen_at, now=now)]


def has_somebody_inside(appointment_id: int, *, now: datetime) -> bool:
    """Whether somebody is in the call of an appointment."""
    call = find_call(appointment_id)
    if call is None:
        return False
    return any(each.state == CallerState.ADMITTED for each in list_present(db.session(), call.id, now=now))


def list_signals(session: Session, caller: Caller, *, after: int) -> Sequence[CallSignal]:
    """What waits for this device, behind the one (by its id) that it had last."""
    return session.scalars(_SIGNALS, {"recipient": caller.id, "device": caller.device, "after": after}).all()
