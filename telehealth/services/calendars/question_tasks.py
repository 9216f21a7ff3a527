"""What therapists are asked about their own calendars, on the list of what is to do: from when it is found out until it
is answered, or answers itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Exists, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from telehealth.domain.calendar_words import SeenChange
from telehealth.domain.message_words import ASKED_ELSEWHERE, TaskKind
from telehealth.models import Appointment, CalendarConnection, ConnectedCalendar, Task, WrittenAppointment
from telehealth.queries.calendars.seen_changes import IS_ASKED, IS_IN_DOUBT
from telehealth.queries.calendars.written import IS_CONNECTED
from telehealth.services.task_opening import open_task

HAPPENED: Final = {
    SeenChange.MOVED: "It was moved to another time in the therapist’s own calendar.",
    SeenChange.RESIZED: "It was made longer or shorter in the therapist’s own calendar.",
    SeenChange.DELETED: "It was deleted in the therapist’s own calendar.",
}
UNCHANGED: Final = "Nothing was changed here, and nobody was told."
MANY_GONE: Final = "Most of what was written into one of the therapist’s own calendars is gone."
IS_QUESTION: Final = and_(Task.kind.in_(ASKED_ELSEWHERE), Task.done_at.is_(None))


def keep_question_tasks(session: Session, *, practice_id: int | None, now: datetime) -> None:
    """Have one task for each question of a practice, or of all (None), and none for what nobody is asked any more:
    that is done, without anybody who did it. Inside the caller's transaction.
    """
    session.flush()
    rows = [*_list_without_task(session, practice_id, now=now), *_list_emptied(session, practice_id, now=now)]
    _finish(session, practice_id, now=now)
    tasks = _find_tasks(session, rows)
    for row in rows:
        note = f"{HAPPENED[row.seen] if row.seen is not None else MANY_GONE} {UNCHANGED}"
        waiting = tasks.get(row.appointment_id)
        if waiting is not None:
            waiting.note = note
        else:
            _open(session, row, note, now=now)


def select_ahead(now: datetime) -> Select[WrittenAppointment]:
    """What stands in connected calendars of appointments to come, the next first; its rows are locked, and those that
    somebody else has are left to them.
    """
    whose = joinedload(WrittenAppointment.calendar).joinedload(ConnectedCalendar.connection)
    return (
        select(WrittenAppointment)
        .join(WrittenAppointment.appointment)
        .join(WrittenAppointment.calendar)
        .join(ConnectedCalendar.connection)
        .where(IS_CONNECTED, Appointment.starts_at > now)
        .order_by(Appointment.starts_at, WrittenAppointment.id)
        .options(whose.joinedload(CalendarConnection.therapist))
        .with_for_update(of=WrittenAppointment, skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _open(session: Session, row: WrittenAppointment, note: str, *, now: datetime) -> None:
    """What is about several, a group or a calendar, is not one client's."""
    seats, is_one = row.appointment.seats, row.seen is not None
    is_about_one = is_one and len(seats) == 1 and not row.appointment.service.is_group
    open_task(
        session,
        practice_id=row.practice_id,
        kind=TaskKind.CALENDAR if is_one else TaskKind.EMPTIED,
        appointment_id=row.appointment_id,
        client_id=seats[0].client_id if is_about_one else None,
        note=note,
        now=now,
    )


def _list_without_task(session: Session, practice_id: int | None, *, now: datetime) -> list[WrittenAppointment]:
    """What is asked and has no task; and what is new, because something else may have been done to it since."""
    waits = exists().where(IS_QUESTION, Task.appointment_id == WrittenAppointment.appointment_id)
    asked = select_ahead(now).where(IS_ASKED, or_(WrittenAppointment.told_at.is_(None), ~waits))
    return list(session.scalars(_of(asked, practice_id)))


def _list_emptied(session: Session, practice_id: int | None, *, now: datetime) -> list[WrittenAppointment]:
    """The next appointment of each calendar in doubt stands for all of it."""
    other = aliased(WrittenAppointment)
    waits = exists().where(
        IS_QUESTION, Task.appointment_id == other.appointment_id, other.calendar_id == ConnectedCalendar.id
    )
    in_doubt = select_ahead(now).where(ConnectedCalendar.missing_since.is_not(None), IS_IN_DOUBT, ~waits)
    first: dict[int, WrittenAppointment] = {}
    for row in session.scalars(_of(in_doubt, practice_id)):
        first.setdefault(row.calendar_id, row)
    return list(first.values())


def _of(found: Select[WrittenAppointment], practice_id: int | None) -> Select[WrittenAppointment]:
    return found if practice_id is None else found.where(WrittenAppointment.practice_id == practice_id)


def _find_tasks(session: Session, rows: Iterable[WrittenAppointment]) -> dict[int | None, Task]:
    """Asked once the rows are locked: another worker may have been here a moment ago."""
    about = [each.appointment_id for each in rows]
    found = select(Task).where(IS_QUESTION, Task.appointment_id.in_(about))
    return {each.appointment_id: each for each in session.scalars(found)} if about else {}


def _finish(session: Session, practice_id: int | None, *, now: datetime) -> None:
    found = select(Task).where(IS_QUESTION, ~_is_still_asked(now)).with_for_update(of=Task, skip_locked=True)
    if practice_id is not None:
        found = found.where(Task.practice_id == practice_id)
    for task in session.scalars(found):
        task.done_at = now


def _is_still_asked(now: datetime) -> Exists:
    """That an appointment has begun ends a question about it, and one about a calendar only with the last of it."""
    other, later = aliased(WrittenAppointment), aliased(Appointment)
    goes_on = exists().where(
        other.calendar_id == ConnectedCalendar.id, other.appointment_id == later.id, later.starts_at > now
    )
    still = (
        select(WrittenAppointment.id)
        .join(WrittenAppointment.appointment)
        .join(WrittenAppointment.calendar)
        .join(ConnectedCalendar.connection)
        .where(WrittenAppointment.appointment_id == Task.appointment_id, IS_CONNECTED, IS_IN_DOUBT)
        .where(or_(Appointment.starts_at > now, ConnectedCalendar.missing_since.is_not(None) & goes_on))
    )
    return exists(still.correlate(Task))
