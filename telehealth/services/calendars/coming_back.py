"""What comes back from calendars elsewhere of what we wrote there: whether it still stands where we put it.

Nothing that happens here reaches a client: what a therapist moved, lengthened or deleted in their own calendar becomes
a question to them. What is back as it was answers its question by itself. What they moved into another of their
calendars that are read here is known again by its key, and kept there from now on.

A calendar that could not be read tells nothing. When most of what we wrote into one is gone at once, that is most often
no answer to each appointment but a calendar that was emptied or restored: its therapist is asked about all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from telehealth.domain.calendar_ports import OwnEvent, ReadingWindow
from telehealth.domain.calendar_words import ConnectionState, SeenChange, WrittenState
from telehealth.domain.calendar_writing import Times, are_alike, are_most_missing, judge_seen
from telehealth.models import Appointment, CalendarConnection, ConnectedCalendar, WrittenAppointment
from telehealth.queries.calendars.written import list_times_given
from telehealth.services.calendars.question_tasks import keep_question_tasks
from telehealth.services.calendars.seen_changes import ask_about, forget_question
from telehealth.services.calendars.storing import CalendarNews, free_entries

LONGEST_UID: Final = 255
MAY_BE_ASKED: Final = frozenset({WrittenState.STANDS, WrittenState.WAITING, WrittenState.ASKED})
ON_THE_WAY: Final = frozenset({WrittenState.WAITING, WrittenState.LEAVING})
IS_SOUGHT: Final = frozenset({*MAY_BE_ASKED, WrittenState.MISSING, WrittenState.LEFT_OUT})


def note_what_came_back(
    session: Session,
    connection: CalendarConnection,
    news: Sequence[CalendarNews],
    windows: Mapping[int, ReadingWindow],
    *,
    now: datetime,
) -> None:
    """Compare what was read in calendars of an account with what we wrote there, inside the transaction that keeps the
    reading and holds the connection. ``windows`` are what was asked of each, by its id; ``now`` is when the reading
    began: what was written since is not judged by it.
    """
    told = [each for each in news if each.seen or each.removed or each.is_whole]
    if not told:
        return
    calendars = _lock_calendars(session, connection.therapist_id)
    rows = _lock_rows(session, told, calendars, now=now)
    if not rows:
        return
    for each in told:
        _note_all_own(session, each, calendars, rows, now=now)
    for each in told:
        theirs = [row for row in rows if row.calendar_id == each.calendar_id]
        _forget_copies(rows, each)
        _note_missing(calendars, each, theirs, rows, windows[each.calendar_id], now=now)
    keep_question_tasks(session, practice_id=connection.practice_id, now=now)


def _note_all_own(
    session: Session,
    news: CalendarNews,
    calendars: Mapping[int, ConnectedCalendar],
    rows: Sequence[WrittenAppointment],
    *,
    now: datetime,
) -> None:
    # What was written while it was read was not known to be ours, or not then.
    written = {
        row.remote_id
        for row in rows
        if row.calendar_id == news.calendar_id
        and row.remote_id in news.seen
        and (row.remote_id not in news.own or _is_newer(row, now=now))
    }
    free_entries(session, news.calendar_id, written)
    by_key = {row.public_id: row for row in rows}
    for remote_id, events in news.own.items():
        for event in events:
            if (row := by_key.get(event.key)) is not None:
                _note_own(row, calendars, news.calendar_id, remote_id, event, rows, now=now)


def _lock_calendars(session: Session, therapist_id: int) -> dict[int, ConnectedCalendar]:
    theirs = (
        select(ConnectedCalendar)
        .join(ConnectedCalendar.connection)
        .where(CalendarConnection.therapist_id == therapist_id)
        .order_by(ConnectedCalendar.id)
        .with_for_update(of=ConnectedCalendar)
    )
    return {each.id: each for each in session.scalars(theirs)}


def _lock_rows(
    session: Session, news: Iterable[CalendarNews], calendars: Collection[int], *, now: datetime
) -> list[WrittenAppointment]:
    """What of ours is ahead and may be told of: what stands in these calendars, and what was seen in them."""
    keys = {event.key for each in news for events in each.own.values() for event in events}
    ours = (
        select(WrittenAppointment)
        .join(WrittenAppointment.appointment)
        .where(WrittenAppointment.calendar_id.in_(calendars), Appointment.starts_at > now)
        .where(
            or_(
                WrittenAppointment.calendar_id.in_([each.calendar_id for each in news]),
                WrittenAppointment.public_id.in_(keys),
            )
        )
        .order_by(WrittenAppointment.id)
        .options(joinedload(WrittenAppointment.appointment))
        .with_for_update(of=WrittenAppointment)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(ours))


def _note_own(
    row: WrittenAppointment,
    calendars: Mapping[int, ConnectedCalendar],
    calendar_id: int,
    remote_id: str,
    event: OwnEvent,
    rows: Collection[WrittenAppointment],
    *,
    now: datetime,
) -> None:
    is_lost = row.remote_id is None and row.tried and row.worker is None and row.state in ON_THE_WAY
    if is_lost and (row.calendar_id, row.uid) == (calendar_id, event.uid):
        row.remote_id = remote_id  # Where an attempt whose answer was lost has put it.
    is_it = (row.calendar_id, row.remote_id) == (calendar_id, remote_id)
    if is_it:
        _note_standing(row, event, now=now)
    elif row.remote_id is not None:
        row.copied_to = {
            "calendar_id": calendar_id,
            "remote_id": remote_id,
            "uid": event.uid,
            "times": [event.starts_at.isoformat(), event.ends_at.isoformat()],
        }
        if row.seen == SeenChange.DELETED or row.state == WrittenState.MISSING:
            _adopt(row, calendars, rows, now=now)


def _note_standing(row: WrittenAppointment, event: OwnEvent, *, now: datetime) -> None:
    if row.state not in IS_SOUGHT or _is_newer(row, now=now):
        return
    times = event.starts_at, event.ends_at
    seen = judge_seen(times, list_times_given(row))
    if row.state == WrittenState.MISSING:
        row.state = WrittenState.STANDS
    if seen is not None:
        if row.state in MAY_BE_ASKED:
            ask_about(row, seen, times, now=now)
        return
    if row.state in {WrittenState.ASKED, WrittenState.LEFT_OUT}:
        _stand_again(row, now=now)
    if row.state == WrittenState.STANDS and not _stands_as_written(row, times):
        row.state, row.due_at, row.version = WrittenState.WAITING, now, None


def _stands_as_written(row: WrittenAppointment, times: Times) -> bool:
    """Whether it has not the time of an older writing, which came after a later one: that is written over."""
    starts_at, ends_at = row.starts_at, row.ends_at
    return starts_at is None or ends_at is None or are_alike(times, (starts_at, ends_at))


def _stand_again(row: WrittenAppointment, *, now: datetime) -> None:
    """It is back where it was, by hand. What else it says may be old."""
    forget_question(row)
    is_current = row.digest == row.wanted
    row.state, row.due_at = (WrittenState.STANDS if is_current else WrittenState.WAITING), now


def _is_newer(row: WrittenAppointment, *, now: datetime) -> bool:
    """Whether something was written, or is being written, since the reading began."""
    return row.worker is not None or (row.written_at is not None and row.written_at >= now)


def _forget_copies(rows: Iterable[WrittenAppointment], news: CalendarNews) -> None:
    for row in rows:
        copy = row.copied_to
        if copy is not None and copy["calendar_id"] == news.calendar_id and _is_gone(copy["remote_id"], news):
            row.copied_to = None


def _is_gone(remote_id: str, news: CalendarNews) -> bool:
    return remote_id in news.removed or (news.is_whole and remote_id not in news.seen)


def _note_missing(
    calendars: Mapping[int, ConnectedCalendar],
    news: CalendarNews,
    theirs: Sequence[WrittenAppointment],
    rows: Collection[WrittenAppointment],
    window: ReadingWindow,
    *,
    now: datetime,
) -> None:
    calendar = calendars[news.calendar_id]
    missing = []
    for row in _list_gone(theirs, news, window, now=now):
        if row.state == WrittenState.LEAVING:
            row.state, row.remote_id, row.version = WrittenState.GONE, None, None
        elif row.copied_to is None or not _adopt(row, calendars, rows, now=now):
            missing.append(row)
    if missing:
        _ask_about_missing(calendar, theirs, missing, now=now)
    elif not any(each.state == WrittenState.MISSING for each in theirs):
        calendar.missing_since = None  # All of it is back.


def _ask_about_missing(
    calendar: ConnectedCalendar,
    theirs: Sequence[WrittenAppointment],
    missing: Sequence[WrittenAppointment],
    *,
    now: datetime,
) -> None:
    """About each; or about all at once, those of the last readings with them, when it is most of what stood there."""
    before = [row for row in theirs if row.seen == SeenChange.DELETED or row.state == WrittenState.MISSING]
    of = [row for row in theirs if row.remote_id is not None and row.state in {*MAY_BE_ASKED, WrittenState.MISSING}]
    together = [*before, *missing]
    if calendar.missing_since is None and not are_most_missing(len(together), len(of)):
        for row in missing:
            ask_about(row, SeenChange.DELETED, None, now=now)
        return
    calendar.missing_since = calendar.missing_since or now
    for row in together:
        forget_question(row)
        row.state = WrittenState.MISSING


def _list_gone(
    rows: Iterable[WrittenAppointment], news: CalendarNews, window: ReadingWindow, *, now: datetime
) -> Iterator[WrittenAppointment]:
    for row in rows:
        is_there = row.remote_id is not None and row.state in {*MAY_BE_ASKED, WrittenState.LEAVING}
        is_asked = row.seen == SeenChange.DELETED
        if not is_there or is_asked or _is_newer(row, now=now) or not _is_within(row, window):
            continue
        if _is_gone(row.remote_id or "", news):
            yield row


def _is_within(row: WrittenAppointment, window: ReadingWindow) -> bool:
    """Whether it would have been read, had it stood there as we wrote it, or as it was seen last."""
    starts_at, ends_at = row.seen_starts_at or row.starts_at, row.seen_ends_at or row.ends_at
    return starts_at is not None and ends_at is not None and starts_at < window.until and ends_at > window.since


def _adopt(
    row: WrittenAppointment,
    calendars: Mapping[int, ConnectedCalendar],
    rows: Collection[WrittenAppointment],
    *,
    now: datetime,
) -> bool:
    """Take up the copy as what we wrote, wherever it stands; whether that could be done."""
    copy: dict[str, Any] = row.copied_to or {}
    calendar = calendars.get(copy["calendar_id"])
    same = [each for each in rows if each.appointment_id == row.appointment_id and each is not row]
    is_taken = any(each.calendar_id == copy["calendar_id"] for each in same)
    if calendar is None or not calendar.can_write or is_taken or len(copy["uid"]) > LONGEST_UID:
        return False
    if calendar.connection.state in {ConnectionState.LEAVING, ConnectionState.ENDED}:
        return False  # It was read there once. Nobody keeps it there any more.
    starts_at, ends_at = (datetime.fromisoformat(each) for each in copy["times"])
    row.calendar_id, row.remote_id, row.version = calendar.id, copy["remote_id"], None
    row.uid, row.copied_to, row.is_adopted = copy["uid"], None, not calendar.is_written
    if row.state in {WrittenState.ASKED, WrittenState.MISSING}:
        row.state = WrittenState.STANDS
    forget_question(row)
    seen = judge_seen((starts_at, ends_at), list_times_given(row))
    if seen is not None:
        ask_about(row, seen, (starts_at, ends_at), now=now)
    return True
