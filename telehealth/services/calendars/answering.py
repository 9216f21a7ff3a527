"""What is to become of an appointment that its therapist moved, lengthened or deleted in their own calendar; and that
they are told of it. Nothing of it reaches a client before somebody has answered.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.calendar_refusals import MovedThereAgain
from telehealth.domain.calendar_words import CalendarFailure, SeenAnswer, SeenChange, WrittenState
from telehealth.domain.calendar_writing import Times, are_alike
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.models import Appointment, CalendarConnection, ConnectedCalendar, User, WrittenAppointment
from telehealth.queries.calendars.seen_changes import IS_ASKED, IS_IN_DOUBT, find_minutes_there
from telehealth.queries.calendars.written import FORGOTTEN
from telehealth.services.appointments.moving import Destination, move_appointment_in
from telehealth.services.audit import ActedBy, Setting, record_setting
from telehealth.services.calendars.comparing import begin_anew, was_moved_here
from telehealth.services.calendars.ending import release_adopted
from telehealth.services.calendars.question_tasks import keep_question_tasks, select_ahead
from telehealth.services.calendars.seen_changes import forget_question
from telehealth.services.locking import lock_appointment, lock_own
from telehealth.services.logins.letters import may_send_again, send_login_letter

SETTLES: Final = timedelta(minutes=5)
"""Whoever moves something to another calendar, or to the wrong hour first, is not written to at once."""
LETTER_RESTS: Final = timedelta(hours=1)
AT_ONCE: Final = 200
DELETED_STAYS = "It was deleted there, so there is no time to move it to. Please choose another answer."
NO_SUCH_LENGTH = (
    "Its service has no such length, so it cannot last as long as it does there. Please choose another answer."
)
MOVED_STAYS = "It still stands there. Please choose another answer."
NOT_SHOWN = "Please say to which time it is to be moved: when it begins and ends there, as it was shown."
MOVED_HERE = "The appointment was moved here since it was moved there, and that holds. Nothing was changed."
OVER = "This is not asked any more. Nothing was changed."


@retry_on_conflict
def answer_seen(
    *,
    practice_id: int,
    written_public_id: str,
    answer: SeenAnswer,
    by: ActedBy,
    now: datetime,
    shown: Times | None = None,
    therapist_id: int | None = None,
) -> None:
    """Do what is wanted about one appointment; with a therapist, of theirs only. A move goes to the times that somebody
    was ``shown`` and no other, makes all the checks of moving, and its clients are told as of any move; where its
    service does not have the length that it has there, it keeps its own. Of two answers at the same moment the first
    counts.

    Raises NotFound, InvalidInput (``answer``, ``seen_start``) for an answer that does not fit or comes too late,
    MovedThereAgain when it stands at other times than shown, and whatever moving raises: then it is still asked.
    """
    with transaction() as session:
        asked = _find(session, practice_id, written_public_id, therapist_id)
        appointment = lock_appointment(session, practice_id, asked.appointment_id)
        _require_fits(asked, answer, shown)
        if answer == SeenAnswer.MOVE and shown is not None:
            _require_unmoved(asked, appointment)
            to = _destination(appointment, shown, find_minutes_there(asked))
            move_appointment_in(session, appointment, to, by, now=now)
        # Until here another may have answered, or a reading have found that it was moved there once more.
        row = lock_own(session, WrittenAppointment, practice_id, id=asked.id)
        _require_fits(row, answer, shown)
        _settle(session, row, answer, by, now=now)


def _find(session: Session, practice_id: int, public_id: str, therapist_id: int | None) -> WrittenAppointment:
    found = (
        select(WrittenAppointment)
        .join(WrittenAppointment.calendar)
        .join(ConnectedCalendar.connection)
        .where(WrittenAppointment.practice_id == practice_id, WrittenAppointment.public_id == public_id)
    )
    if therapist_id is not None:
        found = found.where(CalendarConnection.therapist_id == therapist_id)
    row = session.scalar(found.execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    return row


def _require_fits(row: WrittenAppointment, answer: SeenAnswer, shown: Times | None) -> None:
    if row.state != WrittenState.ASKED or row.calendar.connection.state in FORGOTTEN:
        raise InvalidInput({"answer": OVER})
    is_deleted = row.seen == SeenChange.DELETED
    if is_deleted and answer == SeenAnswer.MOVE:
        raise InvalidInput({"answer": DELETED_STAYS})
    if answer == SeenAnswer.MOVE and find_minutes_there(row) is None:
        raise InvalidInput({"answer": NO_SUCH_LENGTH})
    if not is_deleted and answer == SeenAnswer.LEAVE_OUT:
        raise InvalidInput({"answer": MOVED_STAYS})
    if answer == SeenAnswer.MOVE:
        _require_shown(row, shown)


def _require_shown(row: WrittenAppointment, shown: Times | None) -> None:
    """It may be moved there again between the look at it and the answer: where to, somebody has to have seen."""
    if shown is None:
        raise InvalidInput({"seen_start": NOT_SHOWN})
    seen = row.seen_starts_at, row.seen_ends_at
    if seen[0] is None or seen[1] is None or not are_alike(shown, (seen[0], seen[1])):
        raise MovedThereAgain


def _require_unmoved(row: WrittenAppointment, appointment: Appointment) -> None:
    """Its client, or somebody here, may have moved it since, and the next look at the calendars tells: that holds."""
    if was_moved_here(row, (appointment.starts_at, appointment.ends_at)):
        raise InvalidInput({"answer": MOVED_HERE})


def _destination(appointment: Appointment, to: Times, minutes: int | None) -> Destination:
    return Destination(
        starts_at=to[0],
        mode=appointment.mode,
        therapist=appointment.therapist.public_id,
        location=appointment.location.public_id if appointment.location is not None else None,
        minutes=minutes,
    )


def _settle(session: Session, row: WrittenAppointment, answer: SeenAnswer, by: ActedBy, *, now: datetime) -> None:
    is_deleted = row.seen == SeenChange.DELETED
    forget_question(row)
    if answer == SeenAnswer.LEAVE_OUT:
        row.state = WrittenState.LEFT_OUT
    elif is_deleted:
        begin_anew(row, now=now)
    else:
        row.state, row.due_at = WrittenState.WAITING, now
    keep_question_tasks(session, practice_id=row.practice_id, now=now)
    connection = _connection_of(session, row.calendar_id)
    about = Setting(AuditSubject.CALENDAR_CONNECTION, connection.public_id, connection.name)
    told = {"answer": answer, "appointment": session.get_one(Appointment, row.appointment_id).public_id}
    record_setting(session, row.practice_id, about, AuditAction.CHANGED, by, now=now, after=told)


@retry_on_conflict
def answer_missing(
    *,
    practice_id: int,
    calendar_public_id: str,
    is_on_purpose: bool,
    by: ActedBy,
    now: datetime,
    therapist_id: int | None = None,
) -> None:
    """Say whether what is gone from a calendar was taken out on purpose: then nothing more is written there; else all
    of it is written anew. Raises NotFound, and InvalidInput (``answer``) when it is answered already.
    """
    with transaction() as session:
        calendar = lock_own(session, ConnectedCalendar, practice_id, public_id=calendar_public_id)
        connection = _connection_of(session, calendar.id)
        if therapist_id not in {None, connection.therapist_id}:
            raise NotFound
        if calendar.missing_since is None or connection.state in FORGOTTEN:
            raise InvalidInput({"answer": OVER})
        _settle_missing(session, calendar, is_on_purpose=is_on_purpose, now=now)
        about = Setting(AuditSubject.CALENDAR_CONNECTION, connection.public_id, connection.name)
        told = {"gone_on_purpose": is_on_purpose}
        record_setting(session, practice_id, about, AuditAction.CHANGED, by, now=now, after=told)


def _settle_missing(session: Session, calendar: ConnectedCalendar, *, is_on_purpose: bool, now: datetime) -> None:
    is_gone_itself = calendar.write_failure == CalendarFailure.GONE  # Of all others something may still stand there.
    calendar.missing_since = calendar.write_after = calendar.write_failure = None
    calendar.write_failures = 0
    rows = (
        select(WrittenAppointment).where(WrittenAppointment.calendar_id == calendar.id).order_by(WrittenAppointment.id)
    )
    for row in session.scalars(rows.with_for_update()):
        is_missing = row.state == WrittenState.MISSING
        if is_on_purpose and (is_missing or is_gone_itself):
            row.state = WrittenState.GONE
            row.remote_id = row.version = None
        elif is_missing:
            begin_anew(row, now=now)
    if is_on_purpose:
        calendar.is_written = False
        release_adopted(session, calendar.connection.therapist_id)
    calendar.compared_at = None
    keep_question_tasks(session, practice_id=calendar.practice_id, now=now)


@retry_on_conflict
def tell_of_questions(*, now: datetime) -> int:
    """Write to therapists about what they are asked and have not been told of: one letter for all of it. On the list of
    what is to do it stands already; whatever does not yet, does from now on. How many are told of just now.
    """
    with transaction() as session:
        keep_question_tasks(session, practice_id=None, now=now)
        rows = [*_list_untold(session, now=now), *_list_untold_missing(session, now=now)]
        for row in rows:
            row.told_at = now
        for user_id in {each.calendar.connection.therapist.user_id for each in rows} - {None}:
            _write(session, session.get_one(User, user_id), now=now)
    return len(rows)


def _list_untold(session: Session, *, now: datetime) -> list[WrittenAppointment]:
    asked = WrittenAppointment.told_at.is_(None), WrittenAppointment.asked_at <= now - SETTLES
    return list(session.scalars(select_ahead(now).where(IS_ASKED, *asked).limit(AT_ONCE)))


def _list_untold_missing(session: Session, *, now: datetime) -> list[WrittenAppointment]:
    """The next appointment of each calendar in doubt stands for all of it."""
    told = (
        select(WrittenAppointment.id)
        .where(
            WrittenAppointment.calendar_id == ConnectedCalendar.id,
            WrittenAppointment.told_at >= ConnectedCalendar.missing_since,
        )
        .correlate(ConnectedCalendar)
    )
    rows = session.scalars(
        select_ahead(now).where(ConnectedCalendar.missing_since <= now - SETTLES, IS_IN_DOUBT, ~told.exists())
    )
    first: dict[int, WrittenAppointment] = {}
    for row in rows:
        first.setdefault(row.calendar_id, row)
    return list(first.values())


def _write(session: Session, user: User, *, now: datetime) -> None:
    kind = LoginLetterKind.CALENDAR_QUESTION
    if user.active and may_send_again(session, user, kind, now=now, rests_for=LETTER_RESTS):
        send_login_letter(session, user, kind, now=now)


def _connection_of(session: Session, calendar_id: int) -> CalendarConnection:
    found = select(CalendarConnection).join(CalendarConnection.calendars).where(ConnectedCalendar.id == calendar_id)
    return session.scalars(found).one()
