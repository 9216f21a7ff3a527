"""Standing slots whose dates were laid when the clocks of their zone had other rules."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload

from telehealth.database import db
from telehealth.domain.words import OccurrenceStatus
from telehealth.models import Occurrence, Series
from telehealth.queries.series.date_verdicts import pattern_of_series

NO_CHANGE = timedelta(0)


@dataclass(frozen=True, slots=True)
class ShiftedSeries:
    """A standing slot, and its dates ahead that are not at its time, in order."""

    series: Series
    dates: Sequence[Occurrence]


def list_shifted_series(practice_id: int, *, therapist_id: int | None = None, now: datetime) -> list[ShiftedSeries]:
    """Standing slots with dates ahead that keep another time than the slot's own; of one therapist when given.

    A date may have been given a time of its own, alone. What the rules of a zone do, they do to one date after the
    other: so only dates that are off by as much as another one count, or the only date that is left.
    """
    ahead = (
        select(Occurrence)
        .join(Occurrence.series)
        .where(
            Series.practice_id == practice_id,
            Occurrence.starts_at > now,
            Occurrence.status == OccurrenceStatus.PLANNED,
        )
        .options(contains_eager(Occurrence.series).joinedload(Series.therapist), joinedload(Occurrence.appointment))
        .order_by(Occurrence.series_id, Occurrence.day)
    )
    if therapist_id is not None:
        ahead = ahead.where(or_(Series.therapist_id == therapist_id, Series.co_therapist_id == therapist_id))
    by_series = defaultdict(list)
    for date in db.session.scalars(ahead).unique():
        by_series[date.series].append(date)
    found = [ShiftedSeries(series, _shifted(series, dates)) for series, dates in by_series.items()]
    return [each for each in found if each.dates]


def _shifted(series: Series, dates: Iterable[Occurrence]) -> list[Occurrence]:
    pattern = pattern_of_series(series)
    by = {date: date.starts_at - pattern.instant(date.day) for date in dates}
    often = Counter(by.values())
    return [date for date, shift in by.items() if shift != NO_CHANGE and (often[shift] > 1 or len(by) == 1)]
