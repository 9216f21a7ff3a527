"""Taking time and giving it back. The database decides; nobody looks first.

Lock order: therapists, then clients, then rooms, each kind by id, and of each resource the earlier time first. Every
caller takes in this order, so two of them can never wait for each other; where that cannot be kept,
``database.retry_on_conflict`` tries again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from sqlalchemy import Delete, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from telehealth.database import RowValues
from telehealth.models import Occupancy
from telehealth.services.inserting import insert_those_free, insert_unless_taken

_OWNERS = ("appointment_id", "hold_id", "occurrence_id")


@dataclass(frozen=True, slots=True)
class Owner:
    """What takes the time: an appointment, a hold (until ``expires_at``), or a date of a standing slot."""

    practice_id: int
    appointment_id: int | None = None
    hold_id: int | None = None
    occurrence_id: int | None = None
    expires_at: datetime | None = None

    @property
    def key(self) -> str:
        """The column that names it. Raises ValueError unless it is exactly one thing."""
        (key,) = (each for each in _OWNERS if getattr(self, each) is not None)
        return key


@dataclass(frozen=True, slots=True)
class Core:
    """What is given in a therapist's time, without the buffers: aware instants, and the id of the service."""

    starts_at: datetime
    ends_at: datetime
    service_id: int


@dataclass(frozen=True, slots=True)
class Interval:
    """A half-open stretch of one resource, as aware instants. A therapist's says what is given in it."""

    resource_id: int
    starts_at: datetime
    ends_at: datetime
    core: Core | None = None


Wanted = tuple[Owner, Interval]

# Built once: building a statement takes longer than running it.
_FORGET_EXPIRED = delete(Occupancy).where(
    Occupancy.resource_id == bindparam("resource_id"),
    Occupancy.ends_at > bindparam("starts_at"),
    Occupancy.starts_at < bindparam("ends_at"),
    Occupancy.expires_at <= bindparam("now"),
)
_OTHER = aliased(Occupancy)
_UNFLAG = (
    update(Occupancy)
    .where(
        Occupancy.id == bindparam("made"),
        ~exists().where(
            _OTHER.resource_id == Occupancy.resource_id,
            _OTHER.ends_at > Occupancy.starts_at,
            _OTHER.starts_at < Occupancy.ends_at,
            _OTHER.id != Occupancy.id,
        ),
    )
    .values(overlap_allowed=False)
)
_HAND_OVER = (
    update(Occupancy)
    .where(Occupancy.occurrence_id == bindparam("giver"))
    .values(occurrence_id=None, appointment_id=bindparam("taker"))
)


def take_time(
    session: Session, owner: Owner, interval: Interval, *, now: datetime, overlap_allowed: bool = False
) -> bool:
    """Take one resource for one interval; False when something else overlaps it.

    No row comes back for what overlaps: on PostgreSQL the exclusion constraint's conflict is passed over and a trigger
    leaves the row out, on SQLite a trigger ignores it. A hold that has run out is no obstacle, whether or not it was
    swept away. With ``overlap_allowed`` the time is taken in any case; the row is flagged only when it does overlap.
    """
    values = _values(owner, interval)
    if overlap_allowed:
        _take_anyway(session, values, interval, now=now)
        return True
    if insert_unless_taken(session, Occupancy, values) is not None:
        return True
    return _forget_expired(session, interval, now=now) and insert_unless_taken(session, Occupancy, values) is not None


def take_times(session: Session, wanted: Sequence[Wanted]) -> Set[tuple[Owner, int]]:
    """Take what is free of many intervals in one statement, in the order of locks: who got which resource (its id)."""
    rows = [_values(*each) for each in wanted]
    made = insert_those_free(session, Occupancy, rows, *_OWNERS, "resource_id")
    return {
        (owner, each.resource_id)
        for owner, each in wanted
        if (owner.appointment_id, owner.hold_id, owner.occurrence_id, each.resource_id) in made
    }


def take_time_beside(session: Session, owner: Owner, interval: Interval, *, appointment_id: int, now: datetime) -> bool:
    """Take what of an interval an appointment does not have already: it is to move there, and keeps the rest by itself.

    False, and nothing taken, when something else overlaps it.
    """
    own = select(Occupancy.starts_at, Occupancy.ends_at).where(
        Occupancy.appointment_id == appointment_id,
        Occupancy.resource_id == interval.resource_id,
        Occupancy.ends_at > interval.starts_at,
        Occupancy.starts_at < interval.ends_at,
    )
    free_from, rest = interval.starts_at, []
    for starts_at, ends_at in session.execute(own.order_by(Occupancy.starts_at)):
        rest.append(replace(interval, starts_at=free_from, ends_at=starts_at))
        free_from = max(free_from, ends_at)
    rest.append(replace(interval, starts_at=free_from))
    if all(take_time(session, owner, each, now=now) for each in rest if each.starts_at < each.ends_at):
        return True
    give_back_time(session, owner, resource_id=interval.resource_id)
    return False


def give_back_time(session: Session, *owners: Owner, resource_id: int | None = None) -> None:
    """Free everything that the owner took, or several of one kind, or only one resource. What happened stays in the
    appointment's audit.
    """
    if not owners:
        return
    key, is_one = owners[0].key, resource_id is not None
    given = [{"practice": each.practice_id, "owner": getattr(each, key), "resource": resource_id} for each in owners]
    session.connection().execute(_give_back(key, is_one=is_one), given)


def hand_over_time(session: Session, appointments: Mapping[int, int]) -> None:
    """Let what dates of standing slots keep (their ids) become what their ``appointments`` take, without being free for
    a moment.
    """
    given = [{"giver": date_id, "taker": appointment_id} for date_id, appointment_id in appointments.items()]
    session.connection().execute(_HAND_OVER, given)


def _values(owner: Owner, interval: Interval) -> RowValues:
    core = interval.core
    return {
        "practice_id": owner.practice_id,
        "appointment_id": owner.appointment_id,
        "hold_id": owner.hold_id,
        "occurrence_id": owner.occurrence_id,
        "expires_at": owner.expires_at,
        "resource_id": interval.resource_id,
        "starts_at": interval.starts_at,
        "ends_at": interval.ends_at,
        "core_starts_at": core and core.starts_at,
        "core_ends_at": core and core.ends_at,
        "service_id": core and core.service_id,
        "overlap_allowed": False,
    }


def _take_anyway(session: Session, values: RowValues, interval: Interval, *, now: datetime) -> None:
    """Take it with the flag, and take the flag off when nothing is there to overlap.

    In this order, because a flagged row has its resource to itself on PostgreSQL until the transaction ends: nothing
    can come in between, and two deliberate overlaps come one after the other.
    """
    _forget_expired(session, interval, now=now)
    made = insert_unless_taken(session, Occupancy, {**values, "overlap_allowed": True})
    session.connection().execute(_UNFLAG, {"made": made})


def _forget_expired(session: Session, interval: Interval, *, now: datetime) -> bool:
    given = {
        "resource_id": interval.resource_id,
        "starts_at": interval.starts_at,
        "ends_at": interval.ends_at,
        "now": now,
    }
    return session.connection().execute(_FORGET_EXPIRED, given).rowcount > 0


@cache
def _give_back(key: str, *, is_one: bool) -> Delete:
    statement = delete(Occupancy).where(
        getattr(Occupancy, key) == bindparam("owner"), Occupancy.practice_id == bindparam("practice")
    )
    return statement.where(Occupancy.resource_id == bindparam("resource")) if is_one else statement
