"""Reading an appointment, a message, or something that a practice sets, in order to change it.

Rows are locked in one order, so that of two changes one waits, and never both: an appointment before its messages; of
calendars kept elsewhere the therapist first, then the account (``CalendarConnection``), then its calendars by their
ids, and then what is written into them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from telehealth.database import Base
from telehealth.domain.errors import LinkInvalid, NotAllowed, NotFound
from telehealth.domain.links import Linked
from telehealth.models import Appointment, Attendee, CalendarConnection, Client, Message, Therapist
from telehealth.queries.link_versions import find_companion_behind, require_live_link
from telehealth.queries.loading import STANDS_FOR, leads_from

Row = TypeVar("Row", bound=Base)

# Built once: building a statement takes longer than running it.
_LOCK = (
    select(Appointment.id)
    .where(Appointment.id.in_(bindparam("ids", expanding=True)))
    .order_by(Appointment.id)
    .with_for_update()
)
_LOCK_OWN = _LOCK.where(Appointment.practice_id == bindparam("practice"))
_LOCK_OF_SEAT = (
    select(Appointment.id)
    .join(Attendee, Attendee.appointment_id == Appointment.id)
    .where(Attendee.public_id == bindparam("seat"))
    .with_for_update(of=Appointment)
)
_LOCKED = (
    select(Appointment)
    .where(Appointment.id.in_(bindparam("ids", expanding=True)))
    .order_by(Appointment.id)
    .options(*STANDS_FOR, joinedload(Appointment.policy), joinedload(Appointment.attendees))
    .execution_options(populate_existing=True)
)


def lock_own(session: Session, model: type[Row], practice_id: int, **which: object) -> Row:
    """A row of this practice, locked: of two changes each finds, and writes down, what the other left. Raises NotFound.

    Whoever only refers to the row, as a booking does to its service, does not wait: its key stays as it is.
    """
    found = session.scalar(
        select(model)
        .filter_by(practice_id=practice_id, **which)
        .with_for_update(of=model, key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def lock_connection(session: Session, practice_id: int, **which: object) -> CalendarConnection:
    """A calendar account of this practice, and before it its therapist, both locked as ``lock_own`` does: what one
    account takes is compared with what the others of the same therapist do. Raises NotFound.
    """
    lock_holder(session, practice_id=practice_id, **which)
    return lock_own(session, CalendarConnection, practice_id, **which)


def lock_holder(session: Session, **which: object) -> None:
    """Lock the therapist whose account this is, as ``lock_own`` does, before anything of the account is."""
    account = select(CalendarConnection.therapist_id).filter_by(**which)
    session.execute(select(Therapist.id).where(Therapist.id.in_(account)).with_for_update(key_share=True))


def read_client(session: Session, practice_id: int, client_public_id: str) -> Client:
    """The client whom a public id names, also that of a record which was made part of theirs. Raises NotFound, also for
    one that was erased.
    """
    there = leads_from(practice_id, client_public_id), Client.erased_at.is_(None)
    found = session.scalar(select(Client).where(*there))
    if found is None:
        raise NotFound
    return found


def lock_client(session: Session, practice_id: int, client_public_id: str) -> Client:
    """The same, locked as ``lock_own`` does. Raises NotFound."""
    return lock_own(session, Client, practice_id, id=read_client(session, practice_id, client_public_id).id)


def lock_appointment(session: Session, practice_id: int, appointment_id: int) -> Appointment:
    """The appointment with its attendees and all that it stands for, locked so that two changes come one after the
    other. Raises NotFound.
    """
    given = {"ids": [appointment_id], "practice": practice_id}
    if session.connection().execute(_LOCK_OWN, given).one_or_none() is None:
        raise NotFound
    return _read_locked(session, [appointment_id])[0]


def lock_seat(session: Session, public_id: str) -> Attendee:
    """The seat of this name with its appointment, which is locked. Raises NotFound."""
    appointment_id = session.connection().scalar(_LOCK_OF_SEAT, {"seat": public_id})
    if appointment_id is None:
        raise NotFound
    (appointment,) = _read_locked(session, [appointment_id])
    seat = next(each for each in appointment.attendees if each.public_id == public_id)
    set_committed_value(seat, "appointment", appointment)  # The session itself does not hold on to it.
    return seat


def lock_linked_seat(session: Session, link: Linked, *, for_companions: bool = False) -> Attendee:
    """The same for whoever has a signed link: a look of the door's own would be a transaction of its own, and the link
    may be ended before the lock is had. Raises LinkInvalid, LinkEnded, and NotAllowed for the link of somebody who acts
    for the client, unless it is ``for_companions``, and they may change things.
    """
    try:
        seat = lock_seat(session, link.public_id)
    except NotFound:
        raise LinkInvalid from None
    companion = find_companion_behind(session, link, seat, seat.appointment.practice)
    if companion is None:
        require_live_link(link, seat, seat.appointment.practice)
    elif not (for_companions and companion.may_change):
        raise NotAllowed
    return seat


def lock_appointments(session: Session, ids: Collection[int]) -> Sequence[Appointment]:
    """The same for several, in the order of their ids; those that are not there are left out."""
    given = {"ids": sorted(ids)}
    return _read_locked(session, session.connection().scalars(_LOCK, given).all()) if ids else []


def _read_locked(session: Session, ids: Sequence[int]) -> Sequence[Appointment]:
    """Locked first and read then: PostgreSQL would join what it has waited for with what each was before. What the
    caller has changed so far is written before it is read.
    """
    session.flush()
    return session.scalars(_LOCKED, {"ids": list(ids)}).unique().all()


def lock_message(session: Session, message_id: int) -> Message:
    """A message, locked, and before it its appointment: what follows from its end may plan anew, and whoever changes an
    appointment holds its row before it waits for messages.
    """
    about = select(Message.appointment_id).where(Message.id == message_id).scalar_subquery()
    session.scalar(select(Appointment.id).where(Appointment.id == about).with_for_update())
    return session.get_one(Message, message_id, with_for_update=True, populate_existing=True)
