"""Time taken in a therapist's own calendar."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, CompoundSelect, exists, func, select, type_coerce, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from telehealth.database import UTCDateTime, db
from telehealth.domain.calendar_words import ConnectionState, WhenUnread
from telehealth.domain.hours.busy_spans import BusySpan, join_spans, subtract_spans
from telehealth.models import BusyInterval, CalendarConnection, ConnectedCalendar, Practice, Therapist

Moment = datetime | BindParameter[Any]
TIMES = (BusyInterval.starts_at, BusyInterval.ends_at)
TIMES_OF_EACH = (BusyInterval.therapist_id, *TIMES)


class a_day_after(FunctionElement[datetime]):  # noqa: N801 -- it reads as the SQL function it is
    """The instant 24 hours after another, computed by the database."""

    type = UTCDateTime()
    name = "a_day_after"
    inherit_cache = True


class lasts_over_a_day(FunctionElement[bool]):  # noqa: N801
    """Of when something starts and ends. Only as it stands in ``ix_busy_interval_long`` is that used: a type would have
    it written with "= 1".
    """

    name = "lasts_over_a_day"
    inherit_cache = True


@compiles(a_day_after, "sqlite")
def _day_after_sqlite(element: a_day_after, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} + 86400000000)"


@compiles(a_day_after, "postgresql")
def _day_after_postgresql(element: a_day_after, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} + INTERVAL '24 hours')"


@compiles(lasts_over_a_day, "sqlite")
def _long_sqlite(element: lasts_over_a_day, compiler: SQLCompiler, **kw: Any) -> str:
    starts, ends = (compiler.process(each, **kw) for each in element.clauses)
    return f"{ends} - {starts} > 86400000000"


@compiles(lasts_over_a_day, "postgresql")
def _long_postgresql(element: lasts_over_a_day, compiler: SQLCompiler, **kw: Any) -> str:
    starts, ends = (compiler.process(each, **kw) for each in element.clauses)
    return f"{ends} - {starts} > INTERVAL '24 hours'"


def select_busy(
    columns: Iterable[InstrumentedAttribute[Any]], *which: ColumnElement[bool], since: Moment, until: Moment
) -> CompoundSelect[Any]:
    """What is taken at any time in [since, until), of the therapist or therapists that ``which`` tells; in a
    sub-select of a statement about therapists, of its own.

    What begins before ``until`` ends within a day of it or lasts longer than a day, and little does. So there are two
    parts, each from an index that is bounded at both ends: a look at four weeks does not read all that comes after.
    """
    begins, day_after = BusyInterval.starts_at < until, a_day_after(type_coerce(until, UTCDateTime()))
    ends_soon = BusyInterval.ends_at > since, BusyInterval.ends_at <= day_after
    is_long = lasts_over_a_day(BusyInterval.starts_at, BusyInterval.ends_at)
    parts = (ends_soon, (is_long, BusyInterval.ends_at > day_after))
    return union_all(*(select(*columns).where(*which, begins, *part).correlate(Therapist) for part in parts))


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
    whose = BusyInterval.therapist_id == therapist_id
    near = select_busy(TIMES, whose, since=wanted[0].starts_at, until=wanted[-1].ends_at)
    return subtract_spans(wanted, list(join_spans(BusySpan(*row) for row in db.session.execute(near))))


class BusySource(NamedTuple):
    """A calendar elsewhere: what its owner calls the account, and when it was read last."""

    name: str
    read_at: datetime


def find_busy_source(therapist_id: int, since: datetime, until: datetime) -> BusySource | None:
    """In which calendar elsewhere a therapist is busy in a span; None when a program reported it. Of several the one
    that was read last.
    """
    whose = BusyInterval.therapist_id == therapist_id
    near = select_busy([BusyInterval.calendar_id], whose, since=since, until=until).subquery()
    found = db.session.execute(
        select(CalendarConnection.name, CalendarConnection.synced_at)
        .join(ConnectedCalendar, ConnectedCalendar.connection_id == CalendarConnection.id)
        .join(near, near.c.calendar_id == ConnectedCalendar.id)
        .where(CalendarConnection.synced_at.is_not(None))
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
        select(*TIMES).where(BusyInterval.therapist_id == therapist_id, *which).order_by(BusyInterval.starts_at)
    )
    return (BusySpan(*row) for row in rows)
