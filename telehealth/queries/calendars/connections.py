"""Connections to calendars that therapists keep elsewhere, and who may see and change them.

They are a therapist's own affair: what they are called and which calendars they hold is for the therapist. Owners and
the front desk see how each stands, and may end it; an owner may connect an address that can only be read, such as a
hospital's rota, because no password of anybody is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from telehealth.database import db
from telehealth.domain.calendar_words import CalendarKind, ConnectionState
from telehealth.domain.errors import NotAllowed, NotFound
from telehealth.domain.hours.busy_spans import BusySpan, join_spans
from telehealth.domain.words import Role
from telehealth.models import BusyInterval, CalendarConnection, ConnectedCalendar, RemoteEntry, Therapist, User

IS_OPEN: Final = CalendarConnection.state != ConnectionState.ENDED
IS_USED: Final = CalendarConnection.state.not_in([ConnectionState.LEAVING, ConnectionState.ENDED])
"""Nobody has ended it yet: out of one that leaves only what we wrote there is taken."""


def list_connections(practice_id: int, therapist_id: int) -> Sequence[CalendarConnection]:
    """Those of a therapist that have not ended, the oldest first, with their calendars."""
    whose = CalendarConnection.practice_id == practice_id, CalendarConnection.therapist_id == therapist_id
    found = select(CalendarConnection).where(*whose, IS_OPEN).order_by(CalendarConnection.id)
    return db.session.scalars(found.options(selectinload(CalendarConnection.calendars))).all()


def list_connections_of_all(practice_id: int) -> Sequence[CalendarConnection]:
    """Those of every therapist of a practice who is there."""
    found = (
        select(CalendarConnection)
        .join(CalendarConnection.therapist)
        .where(CalendarConnection.practice_id == practice_id, IS_OPEN, Therapist.ended_at.is_(None))
        .order_by(Therapist.name, CalendarConnection.id)
    )
    return db.session.scalars(found.options(joinedload(CalendarConnection.therapist))).all()


def find_connection(practice_id: int, public_id: str) -> CalendarConnection:
    """One connection of a practice with its calendars, also one that has ended. Raises NotFound."""
    which = CalendarConnection.practice_id == practice_id, CalendarConnection.public_id == public_id
    loaded = joinedload(CalendarConnection.therapist), selectinload(CalendarConnection.calendars)
    found = db.session.scalar(select(CalendarConnection).where(*which).options(*loaded))
    if found is None:
        raise NotFound
    return found


def is_account_connected(kind: CalendarKind, username: str) -> bool:
    """Whether anybody here, of whichever practice, is connected with an account. Only asked about accounts that opened
    a moment ago, and never told to anybody.
    """
    same = CalendarConnection.kind == kind, func.lower(CalendarConnection.username) == username.lower()
    return db.session.scalar(select(CalendarConnection.id).where(IS_OPEN, *same).limit(1)) is not None


def count_refused(practice_id: int, *, therapist_id: int | None) -> int:
    """How many connections wait for somebody to sign in anew; of one therapist, or of all (None)."""
    return db.session.scalar(select_refused(practice_id, therapist_id)) or 0


def select_refused(practice_id: int, therapist_id: int | None) -> Select[int]:
    """The statement that counts them."""
    refused = (
        select(func.count())
        .select_from(CalendarConnection)
        .join(CalendarConnection.therapist)
        .where(
            CalendarConnection.practice_id == practice_id,
            CalendarConnection.state == ConnectionState.REFUSED,
            Therapist.ended_at.is_(None),
        )
    )
    if therapist_id is not None:
        refused = refused.where(CalendarConnection.therapist_id == therapist_id)
    return refused


def count_busy(connection_ids: Sequence[int], *, since: datetime) -> dict[int, int]:
    """How many stretches of time that are not over each calendar of these connections takes, by the calendar's id."""
    if not connection_ids:
        return {}
    counted = (
        select(ConnectedCalendar.id, func.count())
        .join(BusyInterval, BusyInterval.calendar_id == ConnectedCalendar.id)
        .where(ConnectedCalendar.connection_id.in_(connection_ids), BusyInterval.ends_at > since)
        .group_by(ConnectedCalendar.id)
    )
    return {row[0]: row[1] for row in db.session.execute(counted)}


def count_unread_events(connection_id: int) -> dict[int, int]:
    """How many events of each calendar of a connection could not be read, or not wholly, by the calendar's id; only of
    those that have any.
    """
    counted = (
        select(RemoteEntry.calendar_id, func.sum(RemoteEntry.unread_events))
        .join(ConnectedCalendar, ConnectedCalendar.id == RemoteEntry.calendar_id)
        .where(ConnectedCalendar.connection_id == connection_id, RemoteEntry.unread_events > 0)
        .group_by(RemoteEntry.calendar_id)
    )
    return {row[0]: int(row[1]) for row in db.session.execute(counted)}


def sum_unread_events(connection_ids: Sequence[int]) -> dict[int, int]:
    """The same for whole connections, by their id."""
    if not connection_ids:
        return {}
    summed = (
        select(ConnectedCalendar.connection_id, func.sum(RemoteEntry.unread_events))
        .join(RemoteEntry, RemoteEntry.calendar_id == ConnectedCalendar.id)
        .where(ConnectedCalendar.connection_id.in_(connection_ids), RemoteEntry.unread_events > 0)
        .group_by(ConnectedCalendar.connection_id)
    )
    return {row[0]: int(row[1]) for row in db.session.execute(summed)}


def list_next_busy(therapist_id: int, *, since: datetime, most: int) -> list[BusySpan]:
    """The next stretches of time that are taken in a therapist's own calendars, with what touches joined."""
    rows = db.session.execute(
        select(BusyInterval.starts_at, BusyInterval.ends_at)
        .where(BusyInterval.therapist_id == therapist_id, BusyInterval.ends_at > since)
        .order_by(BusyInterval.starts_at)
        .limit(most * 10)  # Those of several calendars may overlap.
    )
    return list(join_spans(BusySpan(*row) for row in rows))[:most]


def is_own(user: User, therapist: Therapist) -> bool:
    """Whether somebody is this therapist."""
    return user.active and therapist.user_id == user.id and user.has(Role.THERAPIST)


def may_see(user: User, therapist: Therapist) -> bool:
    """Whether somebody may see how a therapist's connections stand, have them read now, and end them."""
    return is_own(user, therapist) or (user.active and user.has(Role.OWNER, Role.FRONT_DESK))


def may_connect(user: User, therapist: Therapist, kind: CalendarKind) -> bool:
    """Whether somebody may connect, change and choose: the therapist, and owners what can only be read."""
    is_for_owner = kind == CalendarKind.ICS and user.active and user.has(Role.OWNER)
    return is_own(user, therapist) or is_for_owner


def require_may_see(*, user_id: int, therapist: Therapist) -> None:
    """Raises NotFound: whoever may not see a connection is not told of it."""
    if not may_see(db.session.get_one(User, user_id), therapist):
        raise NotFound


def require_may_connect(*, user_id: int, therapist: Therapist, kind: CalendarKind) -> None:
    """Raises NotFound for whoever may not even see it, and NotAllowed."""
    user = db.session.get_one(User, user_id)
    if not may_see(user, therapist):
        raise NotFound
    if not may_connect(user, therapist, kind):
        raise NotAllowed("Only the therapist connects this: it takes their own password or sign-in.")
