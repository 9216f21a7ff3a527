"""Finding what has to be written into calendars elsewhere, or taken out again: what is to stand there is compared with
what does. Nothing that books, moves or cancels knows of it: a tick looks what changed, and what was missed once is
found by the next look.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.calendar_words import SeenChange, WrittenState
from telehealth.domain.calendar_writing import Times
from telehealth.domain.links import new_public_id
from telehealth.models import CalendarConnection, ConnectedCalendar, WrittenAppointment
from telehealth.queries.calendars.written import (
    COMMITTED_LATE,
    STANDS_THERE,
    WantedEvent,
    list_adopted,
    list_calendars_to_compare,
    list_rows_of,
    list_times_given,
    read_wanted,
)
from telehealth.services.calendars.question_tasks import keep_question_tasks
from telehealth.services.calendars.seen_changes import forget_question
from telehealth.services.inserting import insert_those_free

LATEST = timedelta(hours=1)
"""So long after it was written nothing comes any more that was written before. A time that we gave it once is then like
any other: whoever moves it back there wants something.
"""
AT_ONCE = 100
"""So many calendars are compared in one beat."""


def compare_calendars(*, addresses: Addresses, now: datetime) -> int:
    """Find what is to be written and taken out, in every calendar in which something changed; how much that is."""
    return sum(
        _compare(calendar_id, addresses=addresses, now=now)
        for calendar_id in list_calendars_to_compare(now=now, limit=AT_ONCE)
    )


@retry_on_conflict
def _compare(calendar_id: int, *, addresses: Addresses, now: datetime) -> int:
    with transaction() as session:
        calendar = _lock(session, calendar_id)
        if calendar is None:
            return 0  # Another worker is at it.
        wanted = read_wanted(session, calendar, addresses=addresses, now=now) if calendar.is_written else {}
        rows = list_rows_of(session, calendar, since=now)
        changed = _change(rows, wanted, is_written=calendar.is_written, now=now)
        if calendar.is_written:
            adopted = _adopted_elsewhere(session, calendar, now=now)
            changed += _change_adopted(session, adopted, wanted, addresses, now=now)
            changed += _add(session, calendar, [*rows, *adopted], wanted.values(), now=now)
        calendar.compared_at = now - COMMITTED_LATE
        if changed:
            keep_question_tasks(session, practice_id=calendar.practice_id, now=now)
        return changed


def _lock(session: Session, calendar_id: int) -> ConnectedCalendar | None:
    return session.scalar(
        select(ConnectedCalendar)
        .where(ConnectedCalendar.id == calendar_id)
        .options(joinedload(ConnectedCalendar.connection).joinedload(CalendarConnection.therapist))
        .with_for_update(of=ConnectedCalendar, skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _adopted_elsewhere(session: Session, calendar: ConnectedCalendar, *, now: datetime) -> list[WrittenAppointment]:
    theirs = list_adopted(session, calendar.connection.therapist_id, since=now)
    return [each for each in theirs if each.calendar_id != calendar.id]


def _change_adopted(
    session: Session,
    rows: Sequence[WrittenAppointment],
    wanted: Collection[int],
    addresses: Addresses,
    *,
    now: datetime,
) -> int:
    """What was moved into other calendars says what those calendars may be told."""
    changed = 0
    for calendar in {each.calendar for each in rows}:
        theirs = [each for each in rows if each.calendar is calendar]
        ids = [each.appointment_id for each in theirs if each.appointment_id in wanted]
        there = read_wanted(session, calendar, addresses=addresses, now=now, only=ids)
        changed += _change(theirs, there, is_written=True, now=now)
    return changed


def _add(
    session: Session,
    calendar: ConnectedCalendar,
    rows: Iterable[WrittenAppointment],
    wanted: Iterable[WantedEvent],
    *,
    now: datetime,
) -> int:
    known = {each.appointment_id for each in rows}
    new = [
        {
            "public_id": new_public_id(),
            "uid": new_public_id(),
            "practice_id": calendar.practice_id,
            "appointment_id": each.appointment_id,
            "calendar_id": calendar.id,
            "state": WrittenState.WAITING,
            "wanted": each.said.digest,
            "due_at": now,
            "tried": [],
            "tries": 0,
            "writes": 0,
            "is_adopted": False,
        }
        for each in wanted
        if each.appointment_id not in known
    ]
    return len(insert_those_free(session, WrittenAppointment, new, "appointment_id"))


def _change(
    rows: Iterable[WrittenAppointment], wanted: Mapping[int, WantedEvent], *, is_written: bool, now: datetime
) -> int:
    changed = 0
    for row in rows:
        before = (row.state, row.wanted)
        found = wanted.get(row.appointment_id)
        if found is not None:
            keep_written(row, found, now=now)
        elif is_written or not row.is_adopted:
            take_out(row, now=now)
        changed += before != (row.state, row.wanted)
    return changed


def keep_written(row: WrittenAppointment, found: WantedEvent, *, now: datetime) -> None:
    """Have an appointment stand there as it is to be. What its therapist is asked about stays as it is there, as long
    as the question makes sense.
    """
    is_otherwise, row.wanted = row.wanted != found.said.digest, found.said.digest
    if row.state == WrittenState.STANDS and row.tried and row.written_at is not None and row.written_at < now - LATEST:
        row.tried = []
    match row.state:
        case WrittenState.GONE:
            begin_anew(row, now=now)
        case WrittenState.LEAVING:
            row.state, row.due_at = WrittenState.WAITING, now
        case WrittenState.STANDS if row.digest != row.wanted:
            row.state, row.due_at = WrittenState.WAITING, now
        case WrittenState.WAITING if is_otherwise:
            row.due_at = min(row.due_at, now)
        case WrittenState.ASKED if was_moved_here(row, (found.said.starts_at, found.said.ends_at)):
            _settle(row, now=now)
        case _:
            pass


def was_moved_here(row: WrittenAppointment, here: Times) -> bool:
    """Whether an appointment is not any more where it was when its therapist did something to it there: the question
    about it makes no sense then. Where no answer has ever come, it was where one of the attempts has put it.
    """
    given = list_times_given(row)
    return here not in (given if row.starts_at is None else given[:1])


def _settle(row: WrittenAppointment, *, now: datetime) -> None:
    was_deleted = row.seen == SeenChange.DELETED
    forget_question(row)
    if was_deleted:
        begin_anew(row, now=now)
    else:  # As it is to be, also where its time is right already: what else it says may be old.
        row.state, row.due_at = WrittenState.WAITING, now


def begin_anew(row: WrittenAppointment, *, now: datetime) -> None:
    """Have it written as something new: some calendars take no UID twice, even after it was taken out."""
    row.state, row.due_at, row.uid = WrittenState.WAITING, now, new_public_id()
    row.remote_id = row.version = row.digest = row.copied_to = row.starts_at = row.ends_at = None
    row.tried, row.tries, row.failure, row.is_adopted = [], 0, None, False


def take_out(row: WrittenAppointment, *, now: datetime) -> None:
    """Have it taken out, if it may stand there. A question about it makes no sense any more."""
    if row.state not in STANDS_THERE:
        row.state = WrittenState.GONE if row.state == WrittenState.LEFT_OUT else row.state
        return
    is_there = row.remote_id is not None or bool(row.tried)
    is_deleted = row.state == WrittenState.MISSING or row.seen == SeenChange.DELETED
    if row.seen is not None:
        forget_question(row)
    row.state = WrittenState.LEAVING if is_there and not is_deleted else WrittenState.GONE
    row.due_at = now
