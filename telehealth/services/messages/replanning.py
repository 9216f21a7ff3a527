"""Planning anew what was planned under older rules, and what lies ahead of some people after something was said that
concerns all of their appointments.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Row, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.appointments.states import ACTIVE
from telehealth.domain.message_words import Channel
from telehealth.domain.messages.planning import USEFUL_AFTER_MISSING
from telehealth.models import Appointment, Attendee, Client, Practice
from telehealth.queries.consent.reaching import folded, is_companion_at, is_reached_at
from telehealth.services.locking import lock_appointment, lock_appointments
from telehealth.services.messages.planning import replan_appointment, replan_appointments

log = logging.getLogger(__name__)

NEVER = -1
"""A plan version that no practice has: the appointment is planned anew by the next tick, or before its next message."""
TOGETHER = 25
"""So many appointments are planned anew in one transaction: their rows are locked for some tens of milliseconds."""

# Built once: building a statement takes longer than running it.
_STALE = (
    select(Appointment.practice_id, Appointment.id)
    .join(Practice, Practice.id == Appointment.practice_id)
    .where(Appointment.starts_at > bindparam("since"), Appointment.plan_version != Practice.plan_version)
    .order_by(Appointment.starts_at, Appointment.id)
    .limit(bindparam("limit"))
)


@retry_on_conflict
def replan_by_id(*, practice_id: int, appointment_id: int, now: datetime) -> None:
    """Plan one appointment anew, by the practice as it is now, in a transaction of its own. Raises NotFound."""
    with transaction() as session:
        replan_appointment(session, lock_appointment(session, practice_id, appointment_id), now=now)


def replan_stale(*, now: datetime, limit: int = 200) -> int:
    """Plan anew up to ``limit`` appointments that were planned under older rules, the soonest first; how many.

    Also of those that have just been: what follows a missed session is still to be said. One that cannot be planned
    is logged and passed over, so that it does not hold up the others.
    """
    done = 0
    with transaction() as session:
        given = {"since": now - USEFUL_AFTER_MISSING, "limit": limit}
        stale = session.connection().execute(_STALE, given).all()
    for first in range(0, len(stale), TOGETHER):
        done += _replan_batch(stale[first : first + TOGETHER], now=now)
    return done


def _replan_batch(stale: Sequence[Row[int, int]], *, now: datetime) -> int:
    """All of them in one transaction, or each in its own when that fails: one that cannot be planned holds up none."""
    try:
        return _replan_together([each.id for each in stale], now=now)
    except Exception:  # noqa: BLE001 -- whichever it is says so when its turn comes
        log.info("planned one by one", extra={"appointments": len(stale)})
    done = 0
    for each in stale:
        try:
            replan_by_id(practice_id=each.practice_id, appointment_id=each.id, now=now)
            done += 1
        except Exception:
            log.exception("cannot be planned anew", extra={"appointment": each.id})
    return done


@retry_on_conflict
def _replan_together(ids: Collection[int], *, now: datetime) -> int:
    with transaction() as session:
        found = lock_appointments(session, ids)
        replan_appointments(session, found, now=now)
        return len(found)


def belongs_to(client_ids: Iterable[int]) -> ColumnElement[bool]:
    """Seats of these clients."""
    return Attendee.client_id.in_(list(client_ids))


def goes_to(channel: Channel, address: str) -> ColumnElement[bool]:
    """Seats whose messages would go to this number or (folded) address, those to who acts for a client included."""
    typed = Attendee.phone == address if channel == Channel.TEXT else folded(Attendee.email) == address
    return or_(is_reached_at(channel, address, typed), is_companion_at(channel, address))


def lock_ahead(
    session: Session, seats: ColumnElement[bool], *, now: datetime, practice_id: int | None = None
) -> list[Appointment]:
    """The appointments ahead in which such seats are, locked in the order of their ids.

    To be called before anything is written: whoever plans anew holds the appointments first.
    """
    found = session.scalars(select(Appointment.id).where(*_ahead(seats, practice_id, now=now)).order_by(Appointment.id))
    return list(lock_appointments(session, found.all()))


def have_replanned(session: Session, seats: ColumnElement[bool], *, now: datetime, practice_id: int) -> None:
    """Let the next tick plan them anew. For callers who hold a message: they must not wait for an appointment, so one
    that somebody else is changing is passed over; before it is sent, every message is looked at again anyway.
    """
    free = (
        select(Appointment.id)
        .where(*_ahead(seats, practice_id, now=now))
        .order_by(Appointment.id)
        .with_for_update(of=Appointment, skip_locked=True)
    )
    ids = session.scalars(free).all()
    if ids:
        stale = update(Appointment).where(Appointment.id.in_(ids)).values(plan_version=NEVER)
        session.execute(stale, execution_options={"synchronize_session": False})


def _ahead(seats: ColumnElement[bool], practice_id: int | None, *, now: datetime) -> tuple[ColumnElement[bool], ...]:
    sits = exists().where(
        Attendee.appointment_id == Appointment.id,
        Attendee.client_id == Client.id,
        Attendee.status.in_(ACTIVE),
        seats,
    )
    of_practice = () if practice_id is None else (Appointment.practice_id == practice_id,)
    return (Appointment.starts_at > now, Appointment.status.in_(ACTIVE), sits, *of_practice)
