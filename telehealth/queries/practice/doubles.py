"""Records that may be of one client, and what it takes to make two of them one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from telehealth.database import db
from telehealth.domain.client_merging import UNDONE_WITHIN, Double, InTheWay, MergeObstacle
from telehealth.domain.errors import NotFound
from telehealth.domain.searching import fold_name
from telehealth.domain.words import AppointmentStatus, WaitlistStatus
from telehealth.models import (
    Appointment,
    Attendee,
    Client,
    ClientMerge,
    Occupancy,
    Series,
    SeriesMember,
    Service,
    WaitlistEntry,
)
from telehealth.models.client_keys import CLIENT_KEYS, ClientKey, WhenMerged

MOST_DOUBLES = 50
MOST_ALIKE = 8
"""So many records with one number are looked at: more is the number of a school or a family, and no slip."""


@dataclass(frozen=True, slots=True)
class PossibleDouble:
    """Two records, and why they may be of one person."""

    first: Client
    second: Client
    why: tuple[Double, ...]


def list_doubles(practice_id: int, *, skip: int = 0, limit: int = MOST_DOUBLES) -> list[PossibleDouble]:
    """Records that may be of one person, the surest first, so many from the one after ``skip`` on."""
    alike: dict[tuple[int, int], tuple[Client, Client, list[Double]]] = {}
    for why in Double:
        for group in _list_alike(practice_id, why):
            for index, first in enumerate(group):
                for second in group[index + 1 :]:
                    alike.setdefault((first.id, second.id), (first, second, []))[2].append(why)
    found = [PossibleDouble(first, second, tuple(why)) for first, second, why in alike.values()]
    found.sort(key=_surest_first)
    return found[skip : skip + limit]


def find_doubles(client: Client) -> list[PossibleDouble]:
    """The same for one client, who is the first of each."""
    others = [_is_alike(client, why) for why in Double]
    wanted = or_(*(each for each in others if each is not None))
    rows = db.session.scalars(
        select(Client).where(*_stands(client.practice_id), Client.id != client.id, wanted).limit(MOST_DOUBLES)
    )
    found = [PossibleDouble(client, each, tuple(_reasons(client, each))) for each in rows]
    return sorted((each for each in found if each.why), key=_surest_first)


def is_other_newer(kept: Client, other: Client) -> bool:
    """Whether the other record was used last: somebody booked with it, or it was made, later than the kept one."""
    last = (
        select(Attendee.client_id, func.max(Appointment.created_at))
        .join(Attendee.appointment)
        .where(Attendee.client_id.in_([kept.id, other.id]))
        .group_by(Attendee.client_id)
    )
    booked: dict[int, datetime] = dict(db.session.execute(last).all())
    ours, theirs = (max(booked.get(each.id, each.created_at), each.created_at) for each in (kept, other))
    return theirs > ours


def count_what_moves(kept: Client, other: Client) -> dict[str, int]:
    """How many rows of each table would change hands, by table; those of which there are none are left out."""
    counts = {}
    for key in CLIENT_KEYS:
        if key.when_merged != WhenMerged.STAYS:
            counts[key.name] = db.session.scalar(select(func.count()).where(*moving(key, kept, other))) or 0
    return {name: count for name, count in counts.items() if count}


def moving(key: ClientKey, kept: Client, other: Client) -> Sequence[ColumnElement[bool]]:
    """Which rows of a table change hands. Message rules of the kept record decide all about their kind: those of the
    other about the same stay with it, or a client would get both.
    """
    theirs = key.column == other.id
    if key.when_merged == WhenMerged.MOVES:
        return [theirs]
    said = select(key.model.kind).where(key.column == kept.id)
    return [theirs, key.model.kind.not_in(said)]


def list_merge_obstacles(kept: Client, other: Client, *, now: datetime) -> list[MergeObstacle]:
    """What is in the way of making two records one, the earliest first within each kind."""
    both = kept.id, other.id
    return [
        *_in_one_appointment(*both),
        *_at_one_time(kept, other, now=now),
        *_in_one_series(*both),
        *_in_one_wait(*both),
        *([MergeObstacle(InTheWay.TWO_LOGINS)] if kept.user_id and other.user_id else []),
    ]


def list_merges(client: Client, *, now: datetime) -> Sequence[ClientMerge]:
    """What was made part of a client's record and can still be taken out of it, the latest first."""
    theirs = select(ClientMerge).where(
        ClientMerge.kept_id == client.id,
        ClientMerge.undone_at.is_(None),
        ClientMerge.is_told,
        ClientMerge.at > now - UNDONE_WITHIN,
    )
    return db.session.scalars(theirs.order_by(ClientMerge.id.desc())).all()


def find_merge(practice_id: int, public_id: str) -> ClientMerge:
    """One of them, whenever it was. Raises NotFound."""
    found = db.session.scalar(
        select(ClientMerge).where(ClientMerge.practice_id == practice_id, ClientMerge.public_id == public_id)
    )
    if found is None:
        raise NotFound
    return found


def _stands(practice_id: int) -> tuple[ColumnElement[bool], ...]:
    return (Client.practice_id == practice_id, Client.merged_into_id.is_(None), Client.erased_at.is_(None))


def _surest_first(each: PossibleDouble) -> tuple[int, int, str]:
    return (-len(each.why), list(Double).index(each.why[0]), each.first.search_text)


def _value(client: Client, why: Double) -> object:
    """What has to be the same; None for what is not known."""
    if why == Double.PHONE:
        return client.phone
    if why == Double.EMAIL:
        return client.email.casefold() if client.email else None
    return (fold_name(client.name), client.born_on) if client.born_on else None


def _reasons(first: Client, second: Client) -> Iterator[Double]:
    for why in Double:
        if (value := _value(first, why)) is not None and value == _value(second, why):
            yield why


def _is_alike(client: Client, why: Double) -> ColumnElement[bool] | None:
    if _value(client, why) is None:
        return None
    if why == Double.PHONE:
        return Client.phone == client.phone
    return func.lower(Client.email) == client.email.lower() if why == Double.EMAIL else Client.born_on == client.born_on


def _list_alike(practice_id: int, why: Double) -> list[list[Client]]:
    """Records of a practice that are the same in this, in groups."""
    column = {Double.PHONE: Client.phone, Double.EMAIL: func.lower(Client.email)}.get(why, Client.born_on)
    shared = select(column).where(*_stands(practice_id), column.is_not(None)).group_by(column).having(func.count() > 1)
    groups: Mapping[object, list[Client]] = defaultdict(list)
    for each in db.session.scalars(select(Client).where(*_stands(practice_id), column.in_(shared)).order_by(Client.id)):
        if (value := _value(each, why)) is not None:
            groups[value].append(each)
    return [each for each in groups.values() if 1 < len(each) <= MOST_ALIKE]


def _in_one_appointment(kept_id: int, other_id: int) -> Iterator[MergeObstacle]:
    first, second = aliased(Attendee), aliased(Attendee)
    together = (
        select(Appointment.starts_at)
        .join(first, first.appointment_id == Appointment.id)
        .join(second, second.appointment_id == Appointment.id)
        .where(
            first.client_id == kept_id,
            second.client_id == other_id,
            first.status != AppointmentStatus.CANCELLED,
            second.status != AppointmentStatus.CANCELLED,
        )
    )
    latest = db.session.scalar(together.order_by(Appointment.starts_at.desc()).limit(1))
    if latest is not None:
        yield MergeObstacle(InTheWay.SAME_APPOINTMENT, latest)


def _at_one_time(kept: Client, other: Client, *, now: datetime) -> Iterator[MergeObstacle]:
    """Deliberate overlaps are nobody's slip, and two of them may lie over each other."""
    first, second = aliased(Occupancy), aliased(Occupancy)
    overlaps = and_(first.starts_at < second.ends_at, second.starts_at < first.ends_at)
    rows = (
        select(second.starts_at)
        .join(first, overlaps)
        .where(
            first.resource_id == kept.resource_id,
            second.resource_id == other.resource_id,
            first.ends_at > now,
            second.ends_at > now,
            ~and_(first.overlap_allowed, second.overlap_allowed),
            or_(first.appointment_id.is_(None), first.appointment_id.is_distinct_from(second.appointment_id)),
        )
    )
    earliest = db.session.scalar(rows.order_by(second.starts_at).limit(1))
    if earliest is not None:
        yield MergeObstacle(InTheWay.SAME_TIME, earliest)


def _in_one_series(kept_id: int, other_id: int) -> Iterator[MergeObstacle]:
    first, second = aliased(SeriesMember), aliased(SeriesMember)
    shared = (
        select(Service.name)
        .join(Series, Series.service_id == Service.id)
        .join(first, first.series_id == Series.id)
        .join(second, second.series_id == Series.id)
        .where(
            first.client_id == kept_id,
            second.client_id == other_id,
            or_(first.left_on.is_(None), second.left_on.is_(None)),
        )
    )
    return (MergeObstacle(InTheWay.SAME_SERIES, name=each) for each in _first(db.session.scalars(shared).all()))


def _in_one_wait(kept_id: int, other_id: int) -> Iterator[MergeObstacle]:
    first, second = aliased(WaitlistEntry), aliased(WaitlistEntry)
    shared = (
        select(Service.name)
        .join(first, first.service_id == Service.id)
        .join(second, second.service_id == Service.id)
        .where(
            first.client_id == kept_id,
            second.client_id == other_id,
            first.status == WaitlistStatus.WAITING,
            second.status == WaitlistStatus.WAITING,
        )
    )
    return (MergeObstacle(InTheWay.SAME_WAIT, name=each) for each in _first(db.session.scalars(shared).all()))


def _first(found: Collection[str]) -> list[str]:
    return sorted(found)[:1]
