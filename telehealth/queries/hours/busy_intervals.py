"""Time taken in a therapist's own calendar."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, func, select

from telehealth.database import db
from telehealth.domain.calendar_words import ConnectionState, WhenUnread
from telehealth.domain.hours.busy_spans import BusySpan, join_spans, subtract_spans
from telehealth.models import BusyInterval, CalendarConnection, ConnectedCalendar, Practice


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


class BusySource(NamedTuple):
    """A calendar elsewhere: what its owner calls the account, and when it was read last."""

    name: str
    read_at: datetime


def find_busy_source(therapist_id: int, since: datetime, until: datetime) -> BusySource | None:
    """In which calendar elsewhere a therapist is busy in a span; None when a program reported it. Of several the one
    that was read last.
    """
    found = db.session.execute(
        select(CalendarConnection.name, CalendarConnection.synced_at)
        .join(ConnectedCalendar, ConnectedCalendar.connection_id == CalendarConnection.id)
        .join(BusyInterval, BusyInterval.calendar_id == ConnectedCalendar.id)
        .where(
            BusyInterval.therapist_id == therapist_id,
            BusyInterval.ends_at > since,
            BusyInterval.starts_at < until,
            CalendarConnection.synced_at.is_not(None),
        )
        .order_by(CalendarConnection.synced_at.desc())
        .limit(1)
    ).one_or_none()
    return BusySource(found.name, found.synced_at) if found is not None and found.synced_at is not None else None


def is_unsure(practice: Practice, therapist_ids: Collection[int], *, now: datetime) -> bool:
    """Whether what is booked online with these therapists is a request, because a calendar of one of them was not read
    for as long as the practice allows. Of practices that go on, as most do, nothing is asked.
    """
    if practice.when_unread != WhenUnread.ASK:
        return False
    read_at = func.coalesce(CalendarConnection.synced_at, CalendarConnection.created_at)
    old = exists().where(
        CalendarConnection.therapist_id.in_(therapist_ids),
        CalendarConnection.state != ConnectionState.ENDED,
        read_at < now - timedelta(hours=practice.unread_hours),
        exists().where(ConnectedCalendar.connection_id == CalendarConnection.id, ConnectedCalendar.blocks),
    )
    return bool(db.session.scalar(select(old)))


def _read(therapist_id: int, *which: ColumnElement[bool]) -> Iterator[BusySpan]:
    rows = db.session.execute(
        select(BusyInterval.starts_at, BusyInterval.ends_at)
        .where(BusyInterval.therapist_id == therapist_id, *which)
        .order_by(BusyInterval.starts_at)
    )
    return (BusySpan(*row) for row in rows)
