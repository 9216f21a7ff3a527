"""Finding which rooms have to be made at video services elsewhere, and which are to be given back: what is to be there
is compared with what is. Nothing that books, moves or cancels knows of it; what was missed once is found next time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.video.rooms import FALLEN_BACK, KEPT, KEPT_AFTER, MADE_AHEAD, MEET, NEED_ROOM, RoomState
from telehealth.domain.words import AppointmentStatus, Mode, VideoKind
from telehealth.models import Appointment, RoomElsewhere, VideoConnection
from telehealth.queries.video.kinds import decide_for
from telehealth.services.inserting import insert_unless_taken
from telehealth.services.locking import lock_appointment

OLDEST: Final = timedelta(days=1)
"""What ended so long ago has no open door in any case."""

Place = tuple[int, int]
"""An appointment and a connection, by their ids."""


@retry_on_conflict
def find_rooms_to_make(*, house: VideoKind, now: datetime) -> int:
    """Find the rooms that have to be made, changed to other times or given back; how many. ``house`` is where the
    installation meets.
    """
    with transaction() as session:
        wanted = _list_wanted(session, house, now=now)
        changed = 0
        for row in _list_kept(session):
            found = wanted.pop((row.appointment_id, row.connection_id), None)
            if found is None:
                give_room_back(row, now=now)
            elif _is_at_another_time(row, found, now=now):
                want_anew(row, found, now=now)
            else:
                continue
            changed += 1
        for place, found in wanted.items():
            _want(session, place, found, now=now)
        return changed + len(wanted)


@retry_on_conflict
def ask_for_room(*, practice_id: int, appointment_id: int, house: VideoKind, now: datetime) -> None:
    """Have the room of an appointment made now, because somebody stands before it. Raises NotFound."""
    with transaction() as session:
        ask_for_room_in(session, lock_appointment(session, practice_id, appointment_id), house, now=now)


def ask_for_room_in(session: Session, appointment: Appointment, house: VideoKind, *, now: datetime) -> None:
    """The same within a transaction, where one is needed soon and does not stand: also one that was given up before."""
    connection = _find_connection(session, appointment, decide_for(appointment, house))
    if connection is None or not _is_due(appointment, now=now):
        return
    place = (appointment.id, connection.id)
    _want(session, place, appointment, also=FALLEN_BACK, now=now)


def want_anew(row: RoomElsewhere, appointment: Appointment, *, now: datetime) -> None:
    """A room that is locked is to be made, or to be changed to when the appointment is now."""
    row.state, row.wanted_at, row.due_at = RoomState.WANTED, now, now
    row.opens_at, row.closes_at = appointment.room_opens_at, appointment.room_closes_at
    row.tries, row.failure = 0, None


def give_room_back(row: RoomElsewhere, *, now: datetime) -> None:
    """A room that is locked is needed no more. Where people may be inside, it goes when they have gone."""
    has_opened = now >= row.opens_at
    is_off = row.appointment.status == AppointmentStatus.CANCELLED
    row.due_at = now if is_off or not has_opened else max(now, row.closes_at + KEPT_AFTER)
    is_nowhere = row.remote_id is None and not row.tries
    row.state = RoomState.GONE if is_nowhere else RoomState.LEAVING
    row.tries, row.failure = 0, None


def leave_rooms_of(session: Session, connection: VideoConnection, *, now: datetime) -> bool:
    """Give back all that was made by a connection that ends; whether anything is to be carried there still."""
    session.flush()
    of = select(RoomElsewhere).where(RoomElsewhere.connection_id == connection.id, RoomElsewhere.state.in_(KEPT))
    for row in session.scalars(of.order_by(RoomElsewhere.id).with_for_update(of=RoomElsewhere)):
        give_room_back(row, now=now)
    session.flush()
    left = select(RoomElsewhere.id).where(RoomElsewhere.connection_id == connection.id)
    return session.scalar(left.where(RoomElsewhere.state != RoomState.GONE).limit(1)) is not None


def make_rooms_anew(session: Session, connection: VideoConnection, *, now: datetime) -> None:
    """Have the rooms of a connection that is used otherwise now made, or made once more, as far as their doors have
    not opened: it may be another account.
    """
    session.flush()
    of = select(RoomElsewhere).where(RoomElsewhere.connection_id == connection.id, RoomElsewhere.state.in_(KEPT))
    for row in session.scalars(of.order_by(RoomElsewhere.id).with_for_update(of=RoomElsewhere)):
        if now < row.opens_at:
            want_anew(row, row.appointment, now=now)


def _list_wanted(session: Session, house: VideoKind, *, now: datetime) -> dict[Place, Appointment]:
    """The appointments that are to have a room by now, by whose connection it is."""
    connected = _list_connected(session)
    found: dict[Place, Appointment] = {}
    for appointment in _list_due(session, connected, now=now):
        connections = connected[appointment.practice_id]
        kind = decide_for(appointment, house, connections)
        if kind in NEED_ROOM and kind in connections:
            found[appointment.id, connections[kind].id] = appointment
    return found


def _list_connected(session: Session) -> dict[int, dict[VideoKind, VideoConnection]]:
    """What each practice has connected that has anything where rooms are made."""
    used = select(VideoConnection).where(VideoConnection.ended_at.is_(None))
    found: dict[int, dict[VideoKind, VideoConnection]] = {}
    for each in session.scalars(used):
        found.setdefault(each.practice_id, {})[each.kind] = each
    return {practice_id: kinds for practice_id, kinds in found.items() if NEED_ROOM & set(kinds)}


def _list_due(session: Session, practices: Collection[int], *, now: datetime) -> Sequence[Appointment]:
    if not practices:
        return []
    near = (
        select(Appointment)
        .where(
            Appointment.practice_id.in_(practices),
            Appointment.mode == Mode.VIRTUAL,
            Appointment.status.in_(MEET),
            Appointment.starts_at <= now + MADE_AHEAD,
            Appointment.ends_at > now - OLDEST,
        )
        .options(
            joinedload(Appointment.service),
            joinedload(Appointment.therapist),
            joinedload(Appointment.practice),
            selectinload(Appointment.attendees),
        )
        .order_by(Appointment.id)
    )
    return [each for each in session.scalars(near) if _is_due(each, now=now)]


def _is_due(appointment: Appointment, *, now: datetime) -> bool:
    meets = appointment.mode == Mode.VIRTUAL and appointment.status in MEET
    return meets and appointment.starts_at <= now + MADE_AHEAD and now < appointment.room_closes_at


def _is_at_another_time(row: RoomElsewhere, appointment: Appointment, *, now: datetime) -> bool:
    """Whether it was moved, or its practice opens its rooms at other times: that changes no room that is open."""
    is_same = (row.opens_at, row.closes_at) == (appointment.room_opens_at, appointment.room_closes_at)
    return not is_same and (now < row.opens_at or now < appointment.room_opens_at)


def _list_kept(session: Session) -> Sequence[RoomElsewhere]:
    """What is there or wanted. What another worker has in its hands at this moment is left to the next look."""
    kept = select(RoomElsewhere).where(RoomElsewhere.state.in_(KEPT)).options(joinedload(RoomElsewhere.appointment))
    locked = kept.order_by(RoomElsewhere.id).with_for_update(of=RoomElsewhere, skip_locked=True)
    return session.scalars(locked.execution_options(populate_existing=True)).all()


def _find_connection(session: Session, appointment: Appointment, kind: VideoKind) -> VideoConnection | None:
    if kind not in NEED_ROOM:
        return None
    of = select(VideoConnection).filter_by(practice_id=appointment.practice_id, kind=kind)
    return session.scalar(of.where(VideoConnection.ended_at.is_(None)))


def _lock(session: Session, place: Place) -> RoomElsewhere | None:
    found = select(RoomElsewhere).where(tuple_(RoomElsewhere.appointment_id, RoomElsewhere.connection_id).in_([place]))
    return session.scalar(found.with_for_update(of=RoomElsewhere).execution_options(populate_existing=True))


def _want(
    session: Session,
    place: Place,
    appointment: Appointment,
    *,
    also: Collection[RoomState] = (),
    now: datetime,
) -> None:
    """Want a room that is not there: for the first time, or again after it was given back, or stands so (``also``)."""
    appointment_id, connection_id = place
    values: Mapping[str, object] = {
        "practice_id": appointment.practice_id, "appointment_id": appointment_id, "connection_id": connection_id,
        "state": RoomState.WANTED, "opens_at": appointment.room_opens_at, "closes_at": appointment.room_closes_at,
        "wanted_at": now, "due_at": now, "facts": {}, "tries": 0,
    }  # fmt: skip
    if insert_unless_taken(session, RoomElsewhere, dict(values)) is None:
        row = _lock(session, place)
        if row is not None and (row.state not in KEPT or row.state in also):
            want_anew(row, appointment, now=now)
