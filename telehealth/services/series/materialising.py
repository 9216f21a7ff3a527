"""What time asks of standing slots: appointments for the dates that come near, new dates far ahead, and another look at
dates that something was in the way of.

The appointments of one standing slot that are due are made in one short transaction. Any number of workers may do so
at once, because the rows of the dates are locked and say whether it is done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, bindparam, select

from telehealth.database import RowValues, db, explain_failure, retry_on_conflict, transaction
from telehealth.domain.series.patterns import ONE_DAY, PROTECTED_DAYS, WEEK
from telehealth.domain.words import Obstacle, OccurrenceStatus
from telehealth.models import Occurrence, Practice, Series
from telehealth.queries.epoch_seconds import epoch_seconds
from telehealth.queries.series.date_verdicts import (
    ALREADY_KEPT,
    DateVerdict,
    SlotOfSeries,
    judge_dates,
    slot_of,
)
from telehealth.queries.series.standing_slots import ONE_SERIES
from telehealth.services.audit import SYSTEM, ActedBy
from telehealth.services.series.date_booking import make_appointments
from telehealth.services.series.date_keeping import keep_dates, lay_dates, put_in_conflict

log = logging.getLogger(__name__)


def materialise_series(*, now: datetime) -> int:
    """What time asks of standing slots: make the appointments that are due, move the known dates on, and look whether
    conflicts have gone. Returns how many appointments were made.

    What goes wrong with one slot is logged and does not keep the others waiting; the next tick tries again.
    """
    for series_id in _with_dates_to_add(now):
        _try(_add_dates, series_id, now=now)
    for series_id in _with_conflicts(now):
        _try(_try_conflicts, series_id, now=now)
    return sum(_try(make_due_appointments, series_id, SYSTEM, now=now) for series_id in _with_dates_due(now))


def make_due_appointments(series_id: int, by: ActedBy, *, now: datetime) -> int:
    """Make the appointments of one standing slot as far ahead as the practice makes them; how many were made.

    All of them in one go. When that fails they are made one by one, so that what is wrong with one date does not keep
    back the others, and the first of what went wrong is raised afterwards.
    """
    try:
        return _make(series_id, by, now=now)
    except Exception as problem:
        if explain_failure(problem) is not None:  # No fault of any date.
            raise
    return _make_one_by_one(series_id, by, now=now)


def _make_one_by_one(series_id: int, by: ActedBy, *, now: datetime) -> int:
    made, first = 0, None
    for date_id in db.session.scalars(_DUE.with_only_columns(Occurrence.id), _due(series_id, now)).all():
        try:
            made += _make(series_id, by, only=date_id, now=now)
        except Exception as problem:  # noqa: BLE001 -- whatever it is, the others are made
            first = first or problem
    if first is not None:
        raise first
    return made


@retry_on_conflict
def _make(series_id: int, by: ActedBy, *, only: int | None = None, now: datetime) -> int:
    """The appointments of the dates that are due, or of ``only`` one (its id), but for those that another worker has at
    this moment or that are being changed.

    Hours, time off and licences are asked again first. Whoever changes them a moment later meets an appointment that
    stands, as they would have a moment before.
    """
    with transaction() as session:
        rows = session.scalars(_LOCK_DUE, _due(series_id, now)).all()
        dates = [row for row in rows if only is None or row.id == only]
        if not dates:
            return 0
        series = session.scalars(_BY_ID.where(Series.id == series_id)).one()
        slot = slot_of(series)
        obstacles = _obstacles(slot, dates, now=now)
        put_in_conflict(session, {row: obstacles[row.day] for row in dates if obstacles[row.day]})
        sound = [row for row in dates if not obstacles[row.day]]
        make_appointments(session, series, slot, sound, by, now=now)
        return len(sound)


def _due(series_id: int, now: datetime) -> RowValues:
    """What the statements about due dates want to know."""
    return {"series": series_id, "now": now, "since": int(now.timestamp())}


def _obstacles(slot: SlotOfSeries, dates: Sequence[Occurrence], *, now: datetime) -> dict[date, Sequence[Obstacle]]:
    """What is in the way of each date by now, however long it was agreed to last."""
    said: dict[date, DateVerdict] = {}
    for minutes in {row.duration_minutes for row in dates}:
        as_long = [(row.day, row.starts_at) for row in dates if row.duration_minutes == minutes]
        said |= judge_dates(replace(slot, minutes=minutes), as_long, waived=ALREADY_KEPT, now=now)
    return {day: verdict.obstacles for day, verdict in said.items()}


_SECONDS = WEEK // timedelta(seconds=1)

# Built once: building a statement takes longer than running it.
_BY_ID = ONE_SERIES.execution_options(populate_existing=True)
_DUE = (
    select(Occurrence)
    .join(Practice, Practice.id == Occurrence.practice_id)
    .where(
        Occurrence.series_id == bindparam("series"),
        Occurrence.status == OccurrenceStatus.PLANNED,
        Occurrence.starts_at > bindparam("now"),
        epoch_seconds(Occurrence.starts_at) - bindparam("since", type_=BigInteger) <= Practice.series_weeks * _SECONDS,
    )
    .order_by(Occurrence.starts_at)
)
_LOCK_DUE = _DUE.with_for_update(of=Occurrence, skip_locked=True).execution_options(populate_existing=True)
_ADD_EVERY = 7 * ONE_DAY
"""Dates are added for a week at a time: the time of at least 393 days is kept, and few rows are touched a day."""


# Written into the statement word for word, as the partial index has it: SQLite does not use the index otherwise.
_PLANNED = Occurrence.status == bindparam("planned", OccurrenceStatus.PLANNED, literal_execute=True)


def _with_dates_due(now: datetime) -> list[int]:
    """The standing slots of every practice with dates to make, the most urgent first."""
    weeks = db.session.scalars(select(Practice.series_weeks).distinct()).all()
    found: dict[int, None] = {}
    for ahead in weeks:
        due = (
            select(Occurrence.series_id)
            .join(Practice, Practice.id == Occurrence.practice_id)
            .where(
                Practice.series_weeks == ahead,
                _PLANNED,
                Occurrence.starts_at > now,
                Occurrence.starts_at <= now + ahead * WEEK,
            )
            .order_by(Occurrence.starts_at)
        )
        found.update(dict.fromkeys(db.session.scalars(due)))
    return list(found)


def _with_dates_to_add(now: datetime) -> list[int]:
    horizon = now.date() + PROTECTED_DAYS * ONE_DAY - _ADD_EVERY
    goes_on = Series.until.is_(None) | (Series.until > Series.known_until)
    return list(db.session.scalars(select(Series.id).where(Series.known_until < horizon, goes_on)))


@retry_on_conflict
def _add_dates(series_id: int, *, now: datetime) -> int:
    with transaction() as session:
        series = session.scalars(_LOCK_SERIES.where(Series.id == series_id)).one_or_none()
        if series is not None and series.known_until is not None:
            lay_dates(session, series, slot_of(series), {}, now=now)
        return 0


_LOCK_SERIES = _BY_ID.with_for_update(of=Series, skip_locked=True)


def _with_conflicts(now: datetime) -> list[int]:
    ahead = (Occurrence.status == OccurrenceStatus.CONFLICT, Occurrence.starts_at > now)
    return list(db.session.scalars(select(Occurrence.series_id).where(*ahead).distinct()))


def _try_conflicts(series_id: int, *, now: datetime) -> int:
    """Keep the time of dates whose obstacle has gone. Looks before it locks: most obstacles stay."""
    series = db.session.scalars(_BY_ID.where(Series.id == series_id)).one()
    rows = db.session.execute(
        select(Occurrence.id, Occurrence.day, Occurrence.starts_at).where(*_in_conflict(series_id, now))
    ).all()
    said = judge_dates(slot_of(series), [(row.day, row.starts_at) for row in rows], now=now)
    free = [row.id for row in rows if not said[row.day].obstacles]
    return _keep_again(series_id, free, now=now) if free else 0


@retry_on_conflict
def _keep_again(series_id: int, occurrence_ids: Sequence[int], *, now: datetime) -> int:
    with transaction() as session:
        series = session.scalars(_LOCK_SERIES.where(Series.id == series_id)).one_or_none()
        if series is None:
            return 0
        rows = session.scalars(
            select(Occurrence)
            .where(Occurrence.id.in_(occurrence_ids), *_in_conflict(series_id, now))
            .with_for_update(of=Occurrence, skip_locked=True)
            .execution_options(populate_existing=True)
        ).all()
        keep_dates(session, slot_of(series), rows, now=now)
        return len(rows)


def _in_conflict(series_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Occurrence.series_id == series_id,
        Occurrence.status == OccurrenceStatus.CONFLICT,
        Occurrence.starts_at > now,
    )


def _try(action: Callable[..., int], *arguments: object, now: datetime) -> int:
    try:
        return action(*arguments, now=now)
    except Exception:
        log.exception("standing slot failed", extra={"series": arguments[0]})
        db.session.rollback()
        return 0
