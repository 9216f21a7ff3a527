"""Standing slots that exist: finding them, their dates, and what staff must decide about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from telehealth.database import db
from telehealth.domain.errors import NotFound
from telehealth.domain.words import OccurrenceStatus, WhenOneCancels
from telehealth.models import Occurrence, Series, SeriesMember

MOST_SHOWN = 52

SERIES = select(Series).options(selectinload(Series.members).joinedload(SeriesMember.client))
ONE_SERIES = SERIES.options(
    *map(joinedload, (Series.practice, Series.service, Series.therapist, Series.co_therapist, Series.location))
)
"""With all that decides about its dates, in the same statement: many slots share their rows, and have them apart."""


def find_series(practice_id: int, public_id: str) -> Series:
    """A standing slot with its members. Raises NotFound."""
    found: Series | None = db.session.scalar(
        ONE_SERIES.where(Series.practice_id == practice_id, Series.public_id == public_id)
    )
    if found is None:
        raise NotFound
    return found


def list_running(practice_id: int, *, therapist_id: int | None = None, now: datetime) -> Sequence[Series]:
    """The standing slots that have dates ahead or go on until further notice, the oldest first."""
    yesterday = (now - timedelta(days=1)).date()
    statement = SERIES.where(Series.practice_id == practice_id, Series.until.is_(None) | (Series.until >= yesterday))
    if therapist_id is not None:
        statement = statement.where((Series.therapist_id == therapist_id) | (Series.co_therapist_id == therapist_id))
    return db.session.scalars(statement.order_by(Series.id)).all()


def list_series_of_client(practice_id: int, client_id: int, *, now: datetime) -> Sequence[Series]:
    """The standing slots that a client is a member of today or later."""
    yesterday = (now - timedelta(days=1)).date()
    still = SeriesMember.left_on.is_(None) | (SeriesMember.left_on >= yesterday)
    mine = select(SeriesMember.series_id).where(SeriesMember.client_id == client_id, still)
    return db.session.scalars(
        SERIES.where(Series.practice_id == practice_id, Series.id.in_(mine)).order_by(Series.id)
    ).all()


def list_series_of_appointments(appointment_ids: Iterable[int | None]) -> list[tuple[Series, int]]:
    """The standing slots that these appointments are dates of, each with how many of them."""
    ids = [each for each in appointment_ids if each is not None]
    counted = (
        select(Occurrence.series_id, func.count().label("dates"))
        .where(Occurrence.appointment_id.in_(ids))
        .group_by(Occurrence.series_id)
        .subquery()
    )
    rows = db.session.execute(select(Series, counted.c.dates).join(counted, counted.c.series_id == Series.id)).all()
    return [(row[0], row[1]) for row in rows]


def has_place(series: Series, day: date) -> bool:
    """Whether one more client can belong to it from a date on; whoever has left by then leaves their place."""
    return sum(each.stays(day) for each in series.members) < series.service.capacity


def would_go_on(series: Series, day: date, *, without: SeriesMember) -> bool:
    """Whether it goes on from a date when somebody leaves: a group always; else if somebody stays, and the service is
    not only for all of them together.
    """
    if series.service.is_group:
        return True
    others = any(each.stays(day) for each in series.members if each.id != without.id)
    return others and series.service.when_one_cancels == WhenOneCancels.GOES_ON


def list_dates(series: Series, *, since: datetime, limit: int = MOST_SHOWN) -> Sequence[Occurrence]:
    """The dates of a standing slot from an instant on, with their appointments."""
    return db.session.scalars(
        select(Occurrence)
        .where(Occurrence.series_id == series.id, Occurrence.starts_at >= since)
        .options(selectinload(Occurrence.appointment))
        .order_by(Occurrence.starts_at)
        .limit(limit)
    ).all()


def list_conflicts(practice_id: int, *, therapist_id: int | None = None, now: datetime) -> Sequence[Occurrence]:
    """Every date ahead that staff must decide about, with its series; ``domain.series.patterns.read_obstacles`` reads
    why.
    """
    statement = _conflicts(practice_id, therapist_id, now).options(contains_eager(Occurrence.series))
    return db.session.scalars(statement.order_by(Occurrence.starts_at, Occurrence.id)).all()


def count_conflicts(practice_id: int, *, therapist_id: int | None = None, now: datetime) -> int:
    """How many of them there are."""
    counted = _conflicts(practice_id, therapist_id, now).with_only_columns(func.count())
    return db.session.scalar(counted) or 0


def _conflicts(practice_id: int, therapist_id: int | None, now: datetime) -> Select[Occurrence]:
    statement = (
        select(Occurrence)
        .join(Occurrence.series)
        .where(
            Occurrence.practice_id == practice_id,
            Occurrence.status == OccurrenceStatus.CONFLICT,
            Occurrence.starts_at > now,
        )
    )
    if therapist_id is None:
        return statement
    return statement.where((Series.therapist_id == therapist_id) | (Series.co_therapist_id == therapist_id))
