"""Which of their calendars a therapist has appointments written into, and how much it is told of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, contains_eager, joinedload

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditSubject
from telehealth.domain.calendar_refusals import ConnectionEnded
from telehealth.domain.calendar_words import ConnectionState, WrittenState
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.icalendar import FeedDetail
from telehealth.models import Appointment, CalendarConnection, ConnectedCalendar, WrittenAppointment
from telehealth.queries.calendars.connections import IS_USED
from telehealth.services.audit import ActedBy, Setting, record_change
from telehealth.services.calendars.ending import forget_bookmark, release_adopted
from telehealth.services.locking import lock_connection, lock_own

LONGEST_CATEGORY: Final = 40
LONGEST_UID: Final = 255
READ_ONLY = "Nothing can be written into this calendar. Please choose another one."


@dataclass(frozen=True, slots=True)
class WritingWish:
    """How much a calendar is told: of who comes (``detail``), the place, the address where the therapist finds it after
    signing in, requests that nobody has answered yet (as tentative), and under which category.
    """

    detail: FeedDetail = FeedDetail.BUSY
    place: bool = False
    link: bool = False
    requests: bool = True
    category: str = ""


@retry_on_conflict
def set_written_calendar(
    *, practice_id: int, calendar_public_id: str, wish: WritingWish, by: ActedBy, now: datetime
) -> ConnectedCalendar:
    """Have a therapist's appointments written into this calendar, and into no other of theirs: what stands in the one
    before is taken out as soon as the jobs come to it. What a connection that was ended left in this account is taken
    up again. Raises NotFound, ConnectionEnded, and InvalidInput for a calendar that cannot be written into
    (``written``) and a category that is none (``category``).
    """
    category = _clean_category(wish.category)
    with transaction() as session:
        calendar = _lock(session, practice_id, calendar_public_id)
        if not calendar.can_write:
            raise InvalidInput({"written": READ_ONLY})
        before = describe_writing(calendar)
        _stop_others(session, calendar)
        calendar.is_written = True
        _take_up_again(session, calendar, now=now)
        calendar.writes_detail, calendar.writes_place, calendar.writes_link = wish.detail, wish.place, wish.link
        calendar.writes_requests, calendar.writes_category = wish.requests, category
        calendar.compared_at = None
        _forget_wanted(session, calendar)
        calendar.write_failure, calendar.write_failures, calendar.write_after = None, 0, None
        about = _named(calendar.connection)
        record_change(session, practice_id, about, by, before=before, after=describe_writing(calendar), now=now)
        return calendar


@retry_on_conflict
def stop_writing(*, practice_id: int, calendar_public_id: str, by: ActedBy, now: datetime) -> ConnectedCalendar:
    """Write no more into a calendar. What is ahead is taken out as soon as the jobs come to it, also where its
    therapist moved it into another calendar; what is over stays.
    Raises NotFound, ConnectionEnded.
    """
    with transaction() as session:
        calendar = _lock(session, practice_id, calendar_public_id)
        before = describe_writing(calendar)
        if calendar.is_written:
            release_adopted(session, calendar.connection.therapist_id)
        calendar.is_written, calendar.missing_since = False, None
        about = _named(calendar.connection)
        record_change(session, practice_id, about, by, before=before, after=describe_writing(calendar), now=now)
        return calendar


def describe_writing(calendar: ConnectedCalendar) -> dict[str, object]:
    """What is set, as the audit tells it: which calendar it is, is nobody else's business."""
    if not calendar.is_written:
        return {"written": False}
    return {
        "written": True,
        "detail": calendar.writes_detail,
        "place": calendar.writes_place,
        "link": calendar.writes_link,
        "requests": calendar.writes_requests,
        "category": calendar.writes_category,
    }


def _lock(session: Session, practice_id: int, public_id: str) -> ConnectedCalendar:
    """The calendar, and its therapist's row: of two choices at the same moment one comes after the other."""
    whose = joinedload(ConnectedCalendar.connection).joinedload(CalendarConnection.therapist)
    which = ConnectedCalendar.practice_id == practice_id, ConnectedCalendar.public_id == public_id
    found = session.scalar(select(ConnectedCalendar).where(*which).options(whose))
    if found is None:
        raise NotFound
    connection = lock_connection(session, practice_id, id=found.connection_id)
    if connection.state in {ConnectionState.LEAVING, ConnectionState.ENDED}:
        raise ConnectionEnded
    return lock_own(session, ConnectedCalendar, practice_id, id=found.id)


def _stop_others(session: Session, calendar: ConnectedCalendar) -> None:
    theirs = select(CalendarConnection.id).where(CalendarConnection.therapist_id == calendar.connection.therapist_id)
    others = update(ConnectedCalendar).where(
        ConnectedCalendar.connection_id.in_(theirs), ConnectedCalendar.id != calendar.id, ConnectedCalendar.is_written
    )
    session.execute(others.values(is_written=False, missing_since=None))


def _forget_wanted(session: Session, calendar: ConnectedCalendar) -> None:
    """What somebody has in hand to be written there tells perhaps more than it may from now on."""
    theirs = update(WrittenAppointment).where(WrittenAppointment.calendar_id == calendar.id)
    session.execute(theirs.values(wanted=None))


def _take_up_again(session: Session, chosen: ConnectedCalendar, *, now: datetime) -> None:
    """What we wrote through a connection that was ended, or is about to, stands in the same calendars still. It is kept
    through the new one from now on, or taken out like all that stands in another calendar than the chosen: else each
    appointment stood there twice, once at a time that it may have no more. All of it is read, to see what became of it.
    """
    calendars = {each.id: each for each in chosen.connection.calendars}
    rows = select(WrittenAppointment.calendar_id, WrittenAppointment.appointment_id)
    taken = {
        (each, about) for each, about in session.execute(rows.where(WrittenAppointment.calendar_id.in_(calendars)))
    }
    for row in session.scalars(_list_left_behind(chosen.connection, now)):
        calendar = _find_again(row, calendars)
        if calendar is None or (calendar.id, row.appointment_id) in taken:
            continue
        taken.add((calendar.id, row.appointment_id))
        _put_into(row, calendar)
        row.is_adopted = row.is_adopted and calendar is not chosen
        forget_bookmark(calendar)
        chosen.connection.due_at = min(chosen.connection.due_at, now)


def _list_left_behind(connection: CalendarConnection, now: datetime) -> Select[WrittenAppointment]:
    """What of the same therapist is not over, and was written through connections that were ended; the newest first."""
    is_over = ~IS_USED, CalendarConnection.kind == connection.kind
    return (
        select(WrittenAppointment)
        .join(WrittenAppointment.appointment)
        .join(WrittenAppointment.calendar)
        .join(ConnectedCalendar.connection)
        .where(CalendarConnection.therapist_id == connection.therapist_id, *is_over, Appointment.ends_at > now)
        .order_by(WrittenAppointment.calendar_id.desc(), WrittenAppointment.id)
        .options(contains_eager(WrittenAppointment.calendar))
        .with_for_update(of=WrittenAppointment)
    )


def _find_again(row: WrittenAppointment, calendars: Mapping[int, ConnectedCalendar]) -> ConnectedCalendar | None:
    """The calendar in which it stands: one that is called the same there, or where a reading has met with it."""
    digest, copy = row.calendar.remote_digest, row.copied_to
    same = next((each for each in calendars.values() if each.remote_digest == digest), None)
    if same is None and copy is not None and len(copy["uid"]) <= LONGEST_UID:
        return calendars.get(copy["calendar_id"])
    return same


def _put_into(row: WrittenAppointment, calendar: ConnectedCalendar) -> None:
    if row.copied_to is not None and row.calendar.remote_digest != calendar.remote_digest:
        row.remote_id, row.version, row.uid = row.copied_to["remote_id"], None, row.copied_to["uid"]
    row.calendar, row.copied_to = calendar, None
    row.state = WrittenState.STANDS if row.state == WrittenState.MISSING else row.state


def _clean_category(typed: str) -> str:
    try:
        return clean_line(typed, longest=LONGEST_CATEGORY)
    except ValueError as problem:
        raise InvalidInput({"category": str(problem)}) from problem


def _named(connection: CalendarConnection) -> Setting:
    return Setting(AuditSubject.CALENDAR_CONNECTION, connection.public_id, connection.name)
