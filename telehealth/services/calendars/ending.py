"""Ending connections to calendars that therapists keep elsewhere: at once, and what we wrote there stays there; or as
soon as that is out.

Taking it out is nothing of its own: what stands there becomes what is to be taken out, and is carried like everything
else. Meanwhile nothing is read or written there, so it takes no time here. It ends by itself with the last one; after a
day also with some left, because somebody who wants us out must not wait for a server that does not answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session, joinedload

from telehealth.database import db, retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.calendar_words import ConnectionState, WrittenState
from telehealth.domain.hours.busy_spans import subtract_spans
from telehealth.models import (
    Appointment,
    BusyInterval,
    CalendarConnection,
    ConnectedCalendar,
    Practice,
    RemoteEntry,
    Therapist,
    WrittenAppointment,
)
from telehealth.queries.calendars.connections import IS_USED
from telehealth.queries.calendars.written import are_leaving, count_left
from telehealth.queries.hours.busy_intervals import list_busy_intervals
from telehealth.services.audit import ActedBy, Setting, record_setting
from telehealth.services.calendars.comparing import take_out
from telehealth.services.calendars.question_tasks import keep_question_tasks
from telehealth.services.hours.freed_times import note_freed
from telehealth.services.locking import lock_connection

TAKEN_OUT_WITHIN: Final = timedelta(days=1)


@retry_on_conflict
def end_connection(
    *, practice_id: int, connection_public_id: str, by: ActedBy, now: datetime, takes_out: bool = False
) -> bool:
    """Read nothing more there, forget what opens it and what was read, and offer the time that only it took. What we
    have written into a calendar there stays, unless it ``takes_out`` what is ahead first: then what opens it is kept
    until that is done (``list_emptied``), or somebody ends it without. Whether anything came of it: twice is as good
    as once. Raises NotFound.
    """
    with transaction() as session:
        connection = lock_connection(session, practice_id, public_id=connection_public_id)
        is_leaving = connection.state == ConnectionState.LEAVING
        if connection.state == ConnectionState.ENDED or (is_leaving and takes_out):
            return False
        calendars = _lock_calendars(session, connection)
        if not is_leaving:
            _stop_reading(session, connection, calendars, now=now)
        leaving = _take_all_out(session, calendars, now=now) if takes_out else 0
        if leaving:
            connection.state, connection.due_at = ConnectionState.LEAVING, now + TAKEN_OUT_WITHIN
            about = name_connection(connection)
            record_setting(session, practice_id, about, AuditAction.CHANGED, by, now=now, taken_out_first=leaving)
        else:
            _forget_access(session, connection, by, now=now)
        keep_question_tasks(session, practice_id=practice_id, now=now)
        return True


def list_emptied(*, now: datetime) -> Sequence[tuple[int, str]]:
    """The connections (practice id, public id) out of which all was taken that is to be, or that had a day for it."""
    is_left = exists().where(*are_leaving(CalendarConnection.id, now=now))
    done = select(CalendarConnection.practice_id, CalendarConnection.public_id).where(
        CalendarConnection.state == ConnectionState.LEAVING, or_(~is_left, CalendarConnection.due_at <= now)
    )
    return [(practice_id, public_id) for practice_id, public_id in db.session.execute(done)]


def list_of_those_who_left() -> Sequence[tuple[int, str]]:
    """The connections (practice id and public id) of therapists who are out of booking, which nobody ended yet."""
    left = select(CalendarConnection.practice_id, CalendarConnection.public_id)
    left = left.join(CalendarConnection.therapist).where(IS_USED, Therapist.ended_at.is_not(None))
    return [(practice_id, public_id) for practice_id, public_id in db.session.execute(left)]


def _lock_calendars(session: Session, connection: CalendarConnection) -> Sequence[ConnectedCalendar]:
    theirs = select(ConnectedCalendar).where(ConnectedCalendar.connection_id == connection.id)
    locked = theirs.order_by(ConnectedCalendar.id).with_for_update().execution_options(populate_existing=True)
    return session.scalars(locked).all()


def release_adopted(session: Session, therapist_id: int) -> None:
    """Nothing is written for a therapist any more. What they moved into other calendars was kept there as long as
    something was: from now on it is to be taken out like the rest, or it would stand there as it is for ever.
    """
    calendars = select(ConnectedCalendar.id).join(ConnectedCalendar.connection)
    theirs = calendars.where(CalendarConnection.therapist_id == therapist_id)
    adopted = WrittenAppointment.is_adopted, WrittenAppointment.calendar_id.in_(theirs)
    session.execute(update(WrittenAppointment).where(*adopted).values(is_adopted=False))


def _stop_reading(
    session: Session, connection: CalendarConnection, calendars: Sequence[ConnectedCalendar], *, now: datetime
) -> None:
    """From now on it takes no time here, and nothing new is written there."""
    if any(each.is_written for each in calendars):
        release_adopted(session, connection.therapist_id)
    for each in calendars:
        each.blocks = each.is_written = False
        forget_bookmark(each)
    forget_read(session, connection, calendars, now=now)
    connection.failure = connection.failing_since = connection.worker = connection.leased_until = None
    connection.failures = 0


def _take_all_out(session: Session, calendars: Sequence[ConnectedCalendar], *, now: datetime) -> int:
    """Have all that is not over taken out, whatever hindered writing there so far; how much that is."""
    for each in calendars:
        each.missing_since = each.write_failure = each.write_after = None
        each.write_failures = 0
    rows = session.scalars(
        select(WrittenAppointment)
        .join(WrittenAppointment.appointment)
        .where(WrittenAppointment.calendar_id.in_([each.id for each in calendars]), Appointment.ends_at > now)
        .order_by(WrittenAppointment.id)
        .options(joinedload(WrittenAppointment.appointment))
        .with_for_update(of=WrittenAppointment)
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        take_out(row, now=now)
        if row.state == WrittenState.LEAVING:
            row.due_at = now
    return sum(row.state == WrittenState.LEAVING for row in rows)


def _forget_access(session: Session, connection: CalendarConnection, by: ActedBy, *, now: datetime) -> None:
    connection.state, connection.ended_at = ConnectionState.ENDED, now
    connection.secret, connection.username = None, ""
    left = count_left(connection.id, now=now)
    about, details = name_connection(connection), {"left_there": left} if left else {}
    record_setting(session, connection.practice_id, about, AuditAction.ENDED, by, now=now, **details)


def forget_bookmark(calendar: ConnectedCalendar) -> None:
    """Read all of it the next time."""
    calendar.token = calendar.version = calendar.modified = calendar.read_whole_at = None


def forget_read(
    session: Session, connection: CalendarConnection, calendars: Sequence[ConnectedCalendar], *, now: datetime
) -> None:
    """Forget the time that some calendars take, and note what of it is free."""
    ids = [each.id for each in calendars]
    if not ids:
        return
    before = list_busy_intervals(connection.therapist_id, since=now)
    session.execute(delete(BusyInterval).where(BusyInterval.calendar_id.in_(ids)))
    session.execute(delete(RemoteEntry).where(RemoteEntry.calendar_id.in_(ids)))
    after = list_busy_intervals(connection.therapist_id, since=now)
    practice = session.get_one(Practice, connection.practice_id)
    note_freed(session, practice, connection.therapist_id, subtract_spans(before, after), now=now)


def name_connection(connection: CalendarConnection) -> Setting:
    """What the audit calls it."""
    name = f"{connection.name}, {connection.therapist.name}"
    return Setting(AuditSubject.CALENDAR_CONNECTION, connection.public_id, name)
