"""What is to stand in calendars that therapists keep elsewhere, and what of ours may stand there."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.orm import QueryableAttribute, Session, aliased, contains_eager, joinedload

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.calendar_ports import OwnTimes
from telehealth.domain.calendar_words import ConnectionState, WrittenState
from telehealth.domain.calendar_writing import SaidEvent, Times, WrittenShape, say_written
from telehealth.domain.feeds import FeedRow, FeedShape
from telehealth.domain.hours.busy_spans import BusySpan, join_spans
from telehealth.domain.icalendar import FeedSubject
from telehealth.domain.languages import ENGLISH
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import (
    Appointment,
    CalendarConnection,
    ConnectedCalendar,
    Occurrence,
    Practice,
    Series,
    Therapist,
    TimeOff,
    WrittenAppointment,
)
from telehealth.models.users import GIVES_CARE
from telehealth.queries.calendars.feed_rows import booked_rows
from telehealth.queries.calendars.feeds import FUTURE

LONGEST: Final = timedelta(days=1)
"""So long before now an appointment that is not over may have begun."""
COMPARED_EVERY: Final = timedelta(minutes=15)
"""What changes without the appointment (a code name, the name of a place) is noticed by then."""
COMMITTED_LATE: Final = timedelta(minutes=2)
"""A change may be kept so long after the instant that it bears: what was compared, was compared so long before now."""

LETS_IN: Final = (ConnectionState.NEW, ConnectionState.WORKING, ConnectionState.FAILING, ConnectionState.LEAVING)
IS_REACHED: Final = CalendarConnection.state.in_(LETS_IN) & CalendarConnection.secret.is_not(None)
"""Connections through which something can be written, or taken out."""
FORGOTTEN: Final = (ConnectionState.LEAVING, ConnectionState.ENDED)
IS_CONNECTED: Final = CalendarConnection.state.not_in(FORGOTTEN)
"""Connections that nobody has ended, also such as let us in no more: what was asked about them is asked still."""
STANDS_THERE: Final = (WrittenState.WAITING, WrittenState.STANDS, WrittenState.ASKED, WrittenState.MISSING)
"""It is there, or is meant to be."""


@dataclass(frozen=True, slots=True)
class WantedEvent:
    """An appointment that is to stand in a calendar, and what it says there."""

    appointment_id: int
    said: SaidEvent


def list_calendars_to_compare(*, now: datetime, limit: int) -> Sequence[int]:
    """The calendars (ids) in which something may have to be written: appointments were changed since all was compared,
    or it was compared too long ago; or they are written into no more, and something of ours still stands there.
    """
    is_changed = (
        Appointment.ends_at > now,
        Appointment.starts_at > now - LONGEST,
        Appointment.changed_at > ConnectedCalendar.compared_at,
    )
    # One for each index.
    first = select(Appointment.id).where(Appointment.therapist_id == CalendarConnection.therapist_id, *is_changed)
    second = select(Appointment.id).where(Appointment.co_therapist_id == CalendarConnection.therapist_id, *is_changed)
    left_behind = select(WrittenAppointment.id).where(
        WrittenAppointment.calendar_id == ConnectedCalendar.id,
        WrittenAppointment.state.in_(STANDS_THERE),
        WrittenAppointment.is_adopted.is_(False),
        WrittenAppointment.ends_at.is_(None) | (WrittenAppointment.ends_at > now),
    )
    is_old = ConnectedCalendar.compared_at.is_(None) | (ConnectedCalendar.compared_at <= now - COMPARED_EVERY)
    return db.session.scalars(
        select(ConnectedCalendar.id)
        .join(ConnectedCalendar.connection)
        .where(
            IS_REACHED | IS_CONNECTED,
            or_(
                ConnectedCalendar.is_written & (or_(is_old, first.exists(), second.exists())),
                ~ConnectedCalendar.is_written & left_behind.exists(),
            ),
        )
        .order_by(ConnectedCalendar.compared_at, ConnectedCalendar.id)
        .limit(limit)
    ).all()


def read_wanted(
    session: Session,
    calendar: ConnectedCalendar,
    *,
    addresses: Addresses,
    now: datetime,
    only: Collection[int] | None = None,
) -> dict[int, WantedEvent]:
    """What is to stand in a calendar of what is not over, by the appointment's id; ``only`` of these appointments.
    Nothing in that of somebody who may not sign in here: what they may not read on our pages is not to be read there,
    as with the addresses of their calendar (``feeds.find_feed_by_secret``).
    """
    therapist = calendar.connection.therapist
    if not session.scalar(select(Therapist.id).where(Therapist.id == therapist.id, GIVES_CARE)):
        return {}
    shape = _shape(session.get_one(Practice, calendar.practice_id), therapist, calendar, addresses)
    which: list[ColumnElement[bool]] = [] if only is None else [Appointment.id.in_(only)]
    gives = or_(Appointment.therapist_id == therapist.id, Appointment.co_therapist_id == therapist.id)
    shown: defaultdict[str, list[FeedRow]] = defaultdict(list)
    since = now - LONGEST
    until = now + FUTURE
    given = {"practice": calendar.practice_id, "owner": therapist.id, "since": since, "until": until}
    texts = session.scalars(booked_rows(FeedSubject.THERAPIST).where(*which), {**given, "cancelled_since": until})
    for row in map(json.loads, texts):
        shown[row[1]].append(row)
    facts = select(Appointment.id, Appointment.uid, Appointment.public_id, Appointment.mode, Appointment.status).where(
        gives, Appointment.ends_at > now, Appointment.starts_at > since, Appointment.starts_at < until, *which
    )
    if not calendar.writes_requests:
        facts = facts.where(Appointment.status != AppointmentStatus.PENDING)
    facts = facts.where(Appointment.status != AppointmentStatus.CANCELLED)
    return {
        row.id: WantedEvent(
            row.id,
            say_written(shape, shown[row.uid], way_in=_way_in(calendar, row.public_id, row.mode, addresses)),
        )
        for row in session.execute(facts)
        if row.uid in shown
    }


def _way_in(calendar: ConnectedCalendar, public_id: str, mode: Mode, addresses: Addresses) -> str:
    if not calendar.writes_link:
        return ""
    return addresses.desk_join(public_id) if mode == Mode.VIRTUAL else addresses.desk_appointment(public_id)


def _shape(practice: Practice, therapist: Therapist, calendar: ConnectedCalendar, addresses: Addresses) -> WrittenShape:
    feed = FeedShape(
        subject=FeedSubject.THERAPIST,
        detail=calendar.writes_detail,
        shows_place=calendar.writes_place,
        sender_name=practice.sender_name,
        phone=practice.phone,
        base_url=addresses.base_url,
        stamped_at=calendar.connection.created_at,
        language=ENGLISH,
    )
    return WrittenShape(feed, therapist.timezone, calendar.writes_category)


def find_known(therapist_ids: Collection[int], *, since: datetime) -> dict[int, dict[str, OwnTimes]]:
    """Our own events by every UID and key under which they may stand in the calendars of these therapists
    (``ReadingWindow.known``), by therapist: what we wrote there, copies of it, the invites of the same appointments,
    cancelled ones too, that somebody accepted, and all that a therapist's own feed shows; and what we wrote for a
    colleague into a calendar that both share. Each with the times that it has here; what we wrote also with those that
    we may have given it there, until it is written anew.
    """
    known: dict[int, dict[str, OwnTimes]] = {each: {} for each in therapist_ids}
    ours = (_list_booked, _list_kept, _list_time_off, _list_shared, _list_written)
    for therapist_id, name, times in chain.from_iterable(each(therapist_ids, since) for each in ours):
        if therapist_id in known:
            known[therapist_id][name] = times
    return known


_Known = Iterator[tuple[int | None, str, OwnTimes]]


def _list_booked(therapist_ids: Collection[int], since: datetime) -> _Known:
    given_by = (Appointment.therapist_id, Appointment.co_therapist_id)
    booked = select(*given_by, Appointment.uid, Appointment.starts_at, Appointment.ends_at).where(
        or_(*(each.in_(therapist_ids) for each in given_by)), Appointment.ends_at > since
    )
    for *those, uid, starts_at, ends_at in db.session.execute(booked):
        for therapist_id in those:
            yield therapist_id, uid, OwnTimes(uid, (BusySpan(starts_at, ends_at),))


def _list_kept(therapist_ids: Collection[int], since: datetime) -> _Known:
    """The dates of standing slots, whatever became of them."""
    kept = (
        select(Series.therapist_id, Series.co_therapist_id, Occurrence)
        .join(Occurrence.series)
        .where(or_(Series.therapist_id.in_(therapist_ids), Series.co_therapist_id.in_(therapist_ids)))
        .where(Occurrence.starts_at > since - LONGEST)
    )
    for *those, date in db.session.execute(kept):
        for therapist_id in those:
            yield therapist_id, date.public_id, OwnTimes(date.public_id, (BusySpan(date.starts_at, date.ends_at),))


def _list_time_off(therapist_ids: Collection[int], since: datetime) -> _Known:
    theirs = (
        select(TimeOff)
        .join(TimeOff.therapist)
        .where(TimeOff.therapist_id.in_(therapist_ids), TimeOff.ends_local > (since - LONGEST).replace(tzinfo=None))
        .options(contains_eager(TimeOff.therapist))
    )
    for each in db.session.scalars(theirs):
        yield each.therapist_id, each.public_id, OwnTimes(each.public_id, (BusySpan(each.starts_at, each.ends_at),))


def _list_written(therapist_ids: Collection[int], since: datetime) -> _Known:
    written = (
        select(CalendarConnection.therapist_id, WrittenAppointment, Appointment.starts_at, Appointment.ends_at)
        .join(WrittenAppointment.calendar)
        .join(ConnectedCalendar.connection)
        .join(WrittenAppointment.appointment)
        .where(CalendarConnection.therapist_id.in_(therapist_ids), Appointment.ends_at > since)
    )
    return _name_written(db.session.execute(written))


def _list_shared(therapist_ids: Collection[int], since: datetime) -> _Known:
    """It takes the colleague's time, and the one to whom it belongs is known here."""
    shared, reader = aliased(ConnectedCalendar), aliased(CalendarConnection)
    is_same = (shared.practice_id == ConnectedCalendar.practice_id) & (
        shared.remote_digest == ConnectedCalendar.remote_digest
    )
    written = (
        select(reader.therapist_id, WrittenAppointment, Appointment.starts_at, Appointment.ends_at)
        .join(WrittenAppointment.calendar)
        .join(ConnectedCalendar.connection)
        .join(WrittenAppointment.appointment)
        .join(shared, is_same)
        .join(reader, (reader.id == shared.connection_id) & (reader.kind == CalendarConnection.kind))
        .where(reader.therapist_id.in_(therapist_ids), reader.therapist_id != CalendarConnection.therapist_id)
        .where(Appointment.ends_at > since)
    )
    return _name_written(db.session.execute(written))


def _name_written(rows: Iterable[Row[int, WrittenAppointment, datetime, datetime]]) -> _Known:
    for therapist_id, row, *now in rows:
        spans = join_spans(BusySpan(*each) for each in (now, *list_times_given(row)))
        times = OwnTimes(row.public_id, tuple(spans))
        yield therapist_id, row.public_id, times
        yield therapist_id, row.uid, times


def list_times_given(row: WrittenAppointment) -> list[Times]:
    """The times that we may have given it there: as it was last written, by attempts without an answer since, and
    before, because a slow worker's writing may come after a later one.
    """
    written = [(row.starts_at, row.ends_at)] if row.starts_at is not None and row.ends_at is not None else []
    return [*written, *((datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end, *_ in row.tried)]


def list_rows_of(session: Session, calendar: ConnectedCalendar, *, since: datetime) -> list[WrittenAppointment]:
    """What we wrote, or are to write, into a calendar, of appointments that end after an instant; locked."""
    theirs = (
        select(WrittenAppointment)
        .join(WrittenAppointment.appointment)
        .where(WrittenAppointment.calendar_id == calendar.id, Appointment.ends_at > since)
        .order_by(WrittenAppointment.id)
        .options(joinedload(WrittenAppointment.appointment))
        .with_for_update(of=WrittenAppointment)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(theirs))


def list_adopted(session: Session, therapist_id: int, *, since: datetime) -> list[WrittenAppointment]:
    """What a therapist moved from the calendar that is written into one that is not, where it is kept as it should."""
    theirs = (
        select(WrittenAppointment)
        .join(WrittenAppointment.appointment)
        .join(WrittenAppointment.calendar)
        .join(ConnectedCalendar.connection)
        .where(CalendarConnection.therapist_id == therapist_id, IS_REACHED, Appointment.ends_at > since)
        .where(WrittenAppointment.is_adopted, WrittenAppointment.state.in_(STANDS_THERE))
        .options(joinedload(WrittenAppointment.appointment))
        .with_for_update(of=WrittenAppointment)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(theirs))


def count_standing(connection_id: int, *, now: datetime) -> int:
    """How much of ours that is not over stands in the calendars of a connection: what would stay there when it ends."""
    standing = (
        select(func.count(WrittenAppointment.id))
        .join(WrittenAppointment.calendar)
        .where(
            ConnectedCalendar.connection_id == connection_id,
            WrittenAppointment.ends_at > now,
            WrittenAppointment.state.in_(
                [WrittenState.WAITING, WrittenState.STANDS, WrittenState.ASKED, WrittenState.LEAVING]
            ),
        )
    )
    return db.session.scalar(standing) or 0


def count_left(connection_id: int, *, now: datetime) -> int:
    """How much that is not over is to be taken out of the calendars of a connection, and could not be so far."""
    left = select(func.count(WrittenAppointment.id)).where(*are_leaving(connection_id, now=now))
    return db.session.scalar(left) or 0


def are_leaving(connection_id: int | QueryableAttribute[int], *, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What is to be taken out of the calendars of a connection and is not over: in one that is there no more
    (``missing_since``) nothing is left.
    """
    return (
        WrittenAppointment.calendar_id == ConnectedCalendar.id,
        WrittenAppointment.appointment_id == Appointment.id,
        ConnectedCalendar.connection_id == connection_id,
        ConnectedCalendar.missing_since.is_(None),
        WrittenAppointment.state == WrittenState.LEAVING,
        Appointment.ends_at > now,
    )
