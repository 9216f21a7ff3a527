"""Time taken in a therapist's own calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, select

from telehealth.database import db
from telehealth.domain.hours.busy_spans import BusySpan, join_spans, subtract_spans
from telehealth.models import BusyInterval


def list_busy_intervals(therapist_id: int, *, since: datetime) -> list[BusySpan]:
    """What is taken in any of a therapist's calendars and not over at ``since``, in order; what overlaps is one."""
    return list(join_spans(_read(therapist_id, BusyInterval.ends_at > since)))


def list_reported_intervals(therapist_id: int, *, since: datetime) -> list[BusySpan]:
    """Those of it that a program reported, as they were reported."""
    return list(_read(therapist_id, BusyInterval.ends_at > since, BusyInterval.calendar_id.is_(None)))


def list_untaken(therapist_id: int, spans: Iterable[BusySpan]) -> Iterator[BusySpan]:
    """What of some spans none of a therapist's calendars takes, in order."""
    wanted = list(join_spans(spans))
    if not wanted:
        return iter(())
    near = (BusyInterval.ends_at > wanted[0].starts_at, BusyInterval.starts_at < wanted[-1].ends_at)
    return subtract_spans(wanted, list(join_spans(_read(therapist_id, *near))))


def _read(therapist_id: int, *which: ColumnElement[bool]) -> Iterator[BusySpan]:
    rows = db.session.execute(
        select(BusyInterval.starts_at, BusyInterval.ends_at)
        .where(BusyInterval.therapist_id == therapist_id, *which)
        .order_by(BusyInterval.starts_at)
    )
    return (BusySpan(*row) for row in rows)
