"""Calendars that a therapist keeps elsewhere: connecting one, changing how we get in, choosing what takes time.

Nothing here goes out into the world: a door tries first (``trying``), and what it found is written down here. Secrets
are sealed for their row, and no line of the audit tells them, nor what somebody's own calendars are called.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.calendar_ports import CalendarAccess, FoundCalendar
from telehealth.domain.calendar_refusals import ConnectionEnded
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind, ConnectionState
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import InvalidInput
from telehealth.domain.sealing import KeyRing, SealBroken
from telehealth.models import CalendarConnection, ConnectedCalendar, Therapist
from telehealth.models.columns import new_uuid
from telehealth.queries.calendars.connections import IS_USED
from telehealth.services.audit import ActedBy, record_change, record_setting
from telehealth.services.calendars.ending import forget_bookmark, forget_read, name_connection
from telehealth.services.calendars.sealed_access import open_access, seal_secrets
from telehealth.services.locking import lock_connection, lock_own

LONGEST_NAME: Final = 60
MOST_CONNECTIONS: Final = 10
MOST_BLOCKING: Final = 20
"""Both of one therapist."""
MOST_CALENDARS: Final = 100
"""Of one connection: nobody looks through more, and the main one comes first."""
LONGEST_CALENDAR_NAME: Final = 200
NO_NAME = "Please give it a name, such as “My iCloud”."
TWICE = "This calendar is connected already, as “{}”."
OTHER_ACCOUNT = "That is another account. Please connect it as one of its own, and end this connection."
TOO_MANY = f"There are {MOST_CONNECTIONS} connections already. Please end one first."
TOO_MANY_BLOCKING = f"At most {MOST_BLOCKING} calendars can keep your time. Please choose fewer."
UNKNOWN_CALENDAR = "Please choose among the calendars that were found."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConnection:
    """An account that opened: what it is called here, how to get in, its calendars as they were found, and which of
    them (remote ids) take time here; None: all that there is room for, the main one first.
    """

    kind: CalendarKind
    name: str
    access: CalendarAccess = field(repr=False)
    found: Sequence[FoundCalendar]
    blocking: Collection[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedThrough:
    """An account that is connected and was looked through: with which secrets (``opened_with``), which it has since
    (``access``), and which calendars were found.
    """

    opened_with: CalendarAccess = field(repr=False)
    access: CalendarAccess = field(repr=False)
    found: Sequence[FoundCalendar]


def connect_account(
    *, practice_id: int, therapist_id: int, new: NewConnection, ring: KeyRing, by: ActedBy, now: datetime
) -> CalendarConnection:
    """Keep a calendar that was tried, to be read within the next minute. Raises CalendarsOff, NotFound, and
    InvalidInput for a name that is none (``name``), one too many or one that is connected already (``account``), and
    for calendars that were not found or are too many (``blocking``).
    """
    name, public_id = _clean_name(new.name), new_uuid()
    sealed = seal_secrets(ring, public_id, new.access.secrets)
    with transaction() as session:
        therapist = lock_own(session, Therapist, practice_id, id=therapist_id)
        _require_room(session, therapist, new, ring)
        connection = CalendarConnection(
            public_id=public_id,
            practice_id=practice_id,
            therapist=therapist,
            kind=new.kind,
            name=name,
            address=new.access.address,
            username=new.access.username,
            secret=sealed,
            created_at=now,
            due_at=now,
        )
        session.add(connection)
        session.flush()
        connection.calendars.extend(_make_calendar(connection, each) for each in new.found[:MOST_CALENDARS])
        _block_first(session, connection, new.blocking)
        session.flush()
        told = {"kind": new.kind, **_counted(connection)}
        record_setting(session, practice_id, name_connection(connection), AuditAction.ADDED, by, now=now, after=told)
        return connection


@retry_on_conflict
def change_connection(
    *,
    practice_id: int,
    connection_public_id: str,
    name: str,
    access: CalendarAccess | None = None,
    ring: KeyRing,
    by: ActedBy,
    now: datetime,
) -> CalendarConnection:
    """Call it otherwise, and get in with other secrets: it is as good as new then, and read within the next minute.
    What was read so far holds until then. Raises CalendarsOff, NotFound, ConnectionEnded, and InvalidInput for a name
    that is none (``name``) and somebody else's account (``account``).
    """
    kept = _clean_name(name)
    with transaction() as session:
        connection = _lock(session, practice_id, connection_public_id)
        before = {"name": connection.name}
        connection.name = kept
        about = name_connection(connection)
        if access is not None:
            _begin_anew(connection, access, ring, now=now)
            record_setting(session, practice_id, about, AuditAction.CHANGED, by, now=now, signed_in_anew=True)
        else:
            record_change(session, practice_id, about, by, before=before, after={"name": kept}, now=now)
        return connection


@retry_on_conflict
def note_calendars(
    *,
    practice_id: int,
    connection_public_id: str,
    looked: LookedThrough,
    ring: KeyRing,
    by: ActedBy,
    now: datetime,
) -> CalendarConnection:
    """Write down which calendars an account has by now, and its secrets as they are; those that somebody changed
    meanwhile stay. New calendars take no time before somebody chooses them; those that are there no more stay. Raises
    NotFound, ConnectionEnded.
    """
    with transaction() as session:
        connection = _lock(session, practice_id, connection_public_id)
        if looked.access != looked.opened_with and open_access(ring, connection) == looked.opened_with:
            connection.secret = seal_secrets(ring, connection.public_id, looked.access.secrets)
        before, known = _counted(connection), {each.remote_digest: each for each in connection.calendars}
        for each in looked.found[:MOST_CALENDARS]:
            fresh = _make_calendar(connection, each)
            old = known.get(fresh.remote_digest)
            if old is None:
                connection.calendars.append(fresh)
            else:
                old.name, old.zone, old.can_write = fresh.name, fresh.zone, fresh.can_write
        about, after = name_connection(connection), _counted(connection)
        record_change(session, practice_id, about, by, before=before, after=after, now=now)
        return connection


@retry_on_conflict
def choose_calendars(
    *, practice_id: int, connection_public_id: str, blocking: Collection[str], by: ActedBy, now: datetime
) -> CalendarConnection:
    """Let these calendars (public ids) take time here, and no other of the connection. Time that only the others took
    is free, and offered to whoever waits. Raises NotFound, ConnectionEnded, and InvalidInput (``blocking``).
    """
    with transaction() as session:
        connection = _lock(session, practice_id, connection_public_id)
        if {*blocking} - {each.public_id for each in connection.calendars}:
            raise InvalidInput({"blocking": UNKNOWN_CALENDAR})
        before = _counted(connection)
        dropped = [each for each in connection.calendars if each.blocks and each.public_id not in blocking]
        begun = [each for each in connection.calendars if not each.blocks and each.public_id in blocking]
        for each in (*dropped, *begun):
            each.blocks = each in begun
            forget_bookmark(each)
        _require_few(session, connection)
        forget_read(session, connection, [*dropped, *begun], now=now)
        if begun:
            connection.due_at = min(connection.due_at, now)
        about, after = name_connection(connection), _counted(connection)
        record_change(session, practice_id, about, by, before=before, after=after, now=now)
        return connection


@retry_on_conflict
def ask_reading(*, practice_id: int, connection_public_id: str, now: datetime) -> bool:
    """Have it read as soon as somebody has time; whether it will be. One that lets us in no more is not asked, and one
    that asked us to wait is left in peace until then. Raises NotFound, ConnectionEnded.
    """
    with transaction() as session:
        connection = _lock(session, practice_id, connection_public_id)
        asked_to_wait = connection.failure == CalendarFailure.OVERLOADED
        if connection.state == ConnectionState.REFUSED or (asked_to_wait and connection.due_at > now):
            return False
        is_held = connection.leased_until is not None and connection.leased_until > now
        # Who reads it at this moment may have gone past what is new: it is due once more.
        connection.due_at = now if is_held else min(connection.due_at, now)
        return True


def _lock(session: Session, practice_id: int, public_id: str) -> CalendarConnection:
    connection = lock_connection(session, practice_id, public_id=public_id)
    if connection.state in {ConnectionState.LEAVING, ConnectionState.ENDED}:
        raise ConnectionEnded
    return connection


def _require_room(session: Session, therapist: Therapist, new: NewConnection, ring: KeyRing) -> None:
    used = select(CalendarConnection).where(CalendarConnection.therapist_id == therapist.id, IS_USED)
    others = session.scalars(used.order_by(CalendarConnection.id)).all()
    for other in others:
        if _is_same(other, new, ring):
            raise InvalidInput({"account": TWICE.format(other.name)})
    if len(others) >= MOST_CONNECTIONS:
        raise InvalidInput({"account": TOO_MANY})


def _is_same(other: CalendarConnection, new: NewConnection, ring: KeyRing) -> bool:
    if other.kind != new.kind or other.address != new.access.address:
        return False
    if new.kind != CalendarKind.ICS:
        return other.username.casefold() == new.access.username.casefold()
    try:
        return open_access(ring, other).secrets.get("url") == new.access.secrets.get("url")
    except SealBroken:
        return False


def _make_calendar(connection: CalendarConnection, found: FoundCalendar) -> ConnectedCalendar:
    return ConnectedCalendar(
        practice_id=connection.practice_id,
        remote_id=found.remote_id,
        remote_digest=sha256(found.remote_id.encode()).hexdigest(),
        name=_tidy(found.name),
        zone=found.zone,
        can_write=found.can_write,
        blocks=False,
    )


def _tidy(name: str) -> str:
    """What a calendar is called there, as one line that fits."""
    printable = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(printable.split())[:LONGEST_CALENDAR_NAME]


def _block_first(session: Session, connection: CalendarConnection, blocking: Collection[str] | None) -> None:
    """Let the chosen calendars take time, or as many as there is room for."""
    if blocking is None:
        room = max(0, MOST_BLOCKING - _count_blocking(session, connection))
        blocking = [each.remote_id for each in connection.calendars[:room]]
    if {*blocking} - {each.remote_id for each in connection.calendars}:
        raise InvalidInput({"blocking": UNKNOWN_CALENDAR})
    for each in connection.calendars:
        each.blocks = each.remote_id in blocking
    _require_few(session, connection)


def _require_few(session: Session, connection: CalendarConnection) -> None:
    session.flush()
    if _count_blocking(session, connection) > MOST_BLOCKING:
        raise InvalidInput({"blocking": TOO_MANY_BLOCKING})


def _count_blocking(session: Session, connection: CalendarConnection) -> int:
    """How many calendars of the therapist take time."""
    blocking = (
        select(ConnectedCalendar.id)
        .join(ConnectedCalendar.connection)
        .where(CalendarConnection.therapist_id == connection.therapist_id, IS_USED, ConnectedCalendar.blocks)
    )
    return len(session.scalars(blocking).all())


def _begin_anew(connection: CalendarConnection, access: CalendarAccess, ring: KeyRing, *, now: datetime) -> None:
    """All of it is read anew. A private address may be another one by now; an account stays who it was."""
    is_private = connection.kind == CalendarKind.ICS
    if not is_private and access.username.casefold() != connection.username.casefold():
        raise InvalidInput({"account": OTHER_ACCOUNT})
    connection.secret = seal_secrets(ring, connection.public_id, access.secrets)
    connection.address = access.address
    for each in connection.calendars:
        forget_bookmark(each)
    connection.state, connection.failure, connection.due_at = ConnectionState.NEW, None, now
    connection.failing_since, connection.failures, connection.warned_at = None, 0, None
    connection.worker = connection.leased_until = None  # Who reads it with the old secret keeps nothing of it.


def _clean_name(typed: str) -> str:
    try:
        name = clean_line(typed, longest=LONGEST_NAME)
    except ValueError as problem:
        raise InvalidInput({"name": str(problem)}) from problem
    if not name:
        raise InvalidInput({"name": NO_NAME})
    return name


def _counted(connection: CalendarConnection) -> dict[str, object]:
    """How many calendars take time, of how many: what they are called is nobody else's business."""
    taking = sum(each.blocks for each in connection.calendars)
    return {"calendars_taking_time": taking, "calendars": len(connection.calendars)}
