"""A call as one of its callers may see it."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from telehealth.domain.errors import NotFound, OpenElsewhere, RoomClosed, SignedOut
from telehealth.domain.links import digest_of
from telehealth.domain.video.calls import MOST_SIGNALS, OFF, CallerRole, say_whom
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import (
    Appointment,
    Attendee,
    Caller,
    CallGuest,
    CallSignal,
    Companion,
    Practice,
    Therapist,
    User,
    VideoCall,
)
from telehealth.queries.loading import is_given_by


def _is(role: CallerRole, public_id: Any) -> ColumnElement[bool]:
    """Whether a caller is the row of this public id, which ``whom`` ends with."""
    return and_(Caller.role == role, public_id == func.substr(Caller.whom, len(say_whom(role, "")) + 1))


_MAY_STAY = and_(
    Appointment.mode == Mode.VIRTUAL,
    Appointment.status.not_in(OFF),
    or_(Attendee.id.is_(None), Attendee.status != AppointmentStatus.CANCELLED),
    Companion.ended_at.is_(None),
    CallGuest.ended_at.is_(None),
    or_(User.id.is_(None), and_(User.active, is_given_by(Therapist.id))),
)
"""What let somebody come may end while they are in: their seat, their link, their part in it, their login."""
# Built once: building a statement takes longer than running it.
_CALLER = (
    select(Caller, User.login_id, Appointment.ends_at, Practice.room_stays_minutes, _MAY_STAY.label("may_stay"))
    .join(Caller.call)
    .join(VideoCall.appointment)
    .join(Appointment.practice)
    .outerjoin(Caller.attendee)
    .outerjoin(User, User.id == Caller.user_id)
    .outerjoin(Therapist, Therapist.user_id == User.id)
    .outerjoin(Companion, _is(CallerRole.COMPANION, Companion.public_id))
    .outerjoin(CallGuest, _is(CallerRole.GUEST, CallGuest.public_id))
    .where(Caller.public_id == bindparam("public_id"))
    .options(contains_eager(Caller.call))
)
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


def find_caller(session: Session, public_id: str, key: str, *, login_id: int | None = None) -> Caller:
    """Whoever proves themselves with the key of their device; the key of a therapist counts together with their sign-in
    (``login_id``). Raises NotFound, OpenElsewhere for an earlier device of theirs, RoomClosed once what let them come
    has ended, and SignedOut.
    """
    caller, _ = find_caller_and_closing(session, public_id, key, login_id=login_id)
    return caller


def find_caller_and_closing(
    session: Session, public_id: str, key: str, *, login_id: int | None = None
) -> tuple[Caller, datetime]:
    """The same, with when the room closes unless it is in use."""
    found = session.execute(_CALLER, {"public_id": public_id}, execution_options={"populate_existing": True}).first()
    if found is None:
        raise NotFound
    caller, owner, ends_at, stays_minutes, may_stay = found
    if caller.key_digest and not hmac.compare_digest(caller.key_digest, digest_of(key)):
        raise OpenElsewhere
    if not caller.key_digest or not may_stay:
        raise RoomClosed
    if caller.user_id is not None and (login_id is None or owner != login_id):
        raise SignedOut
    return caller, ends_at + timedelta(minutes=stays_minutes)


def list_callers(session: Session, call_id: int) -> Sequence[Caller]:
    """Everybody who ever came to a call, in the order in which they first did."""
    return session.scalars(_CALLERS, {"call": call_id}, execution_options={"populate_existing": True}).all()


def list_signals(session: Session, caller: Caller, *, after: int) -> Sequence[CallSignal]:
    """What waits for this device, behind the one (by its id) that it had last."""
    return session.scalars(_SIGNALS, {"recipient": caller.id, "device": caller.device, "after": after}).all()
