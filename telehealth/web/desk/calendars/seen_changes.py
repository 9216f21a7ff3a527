"""What therapists did to appointments in their own calendars, and what is meant by it; where an appointment stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times
from telehealth.domain.calendar_words import CalendarFailure, ConnectionState, SeenAnswer, SeenChange, WrittenState
from telehealth.domain.errors import NotFound, TelehealthError
from telehealth.late import Library
from telehealth.models import Appointment, WrittenAppointment
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, current, zone_of
from telehealth.web.free_times import read_start, say_start

if TYPE_CHECKING:
    from telehealth.domain import calendar_writing
    from telehealth.queries.calendars import seen_changes
    from telehealth.services.calendars import answering
else:
    calendar_writing = Library("telehealth.domain.calendar_writing")
    seen_changes = Library("telehealth.queries.calendars.seen_changes")
    answering = Library("telehealth.services.calendars.answering")

SAID = {
    SeenAnswer.MOVE: "The appointment is moved. Whoever knew of it is told.",
    SeenAnswer.PUT_BACK: "It is put back there within the next minutes.",
    SeenAnswer.LEAVE_OUT: "It stays out of that calendar, and takes place all the same.",
}
ABOUT_ALL = {"put_back": False, "on_purpose": True}
ON_PURPOSE = "Nothing more is written into that calendar. The appointments take place all the same."
WRITTEN_ANEW = "All of it is written there anew within the next minutes."
NOT_YET = "That calendar lets us in no more: it is written there as soon as somebody signs in to it again."
MOVES = {
    (True, True): "Move the appointment",
    (True, False): "Move it, for {minutes} minutes",
    (False, True): "Make it {minutes} minutes",
}
"""What a move is called, by whether its time was changed, and whether it can last as long as there."""
WHY_NOT = {
    CalendarFailure.REFUSED: "it does not let us write",
    CalendarFailure.GONE: "that calendar is gone",
    CalendarFailure.OVERLOADED: "its server asked us to wait",
    CalendarFailure.UNREACHABLE: "its server does not answer",
    CalendarFailure.TIMED_OUT: "its server does not answer",
}
SERVERS_FAULT = "its server could not take it"

IN_VIEW = 2
"""How many questions stand in view, where there are many."""


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One question, as the desk says it: when the appointment is here, and what was seen there."""

    row: WrittenAppointment
    who: str
    here: str
    there: str
    move: str = ""
    """What moving it is called; empty where it cannot be."""
    length: str = ""
    """That it cannot last as long as there, and what it can."""
    has_lengths: bool = False

    @property
    def shown(self) -> dict[str, str]:
        """The time there as it goes along with an answer, so that nothing is moved to a time that nobody saw."""
        begins, ends = self.row.seen_starts_at, self.row.seen_ends_at
        return {"seen_start": say_start(begins), "seen_end": say_start(ends)} if begins and ends else {}

    @property
    def is_refused(self) -> bool:
        """Whether that calendar lets us in no more."""
        return self.row.calendar.connection.state == ConnectionState.REFUSED

    @property
    def is_deleted(self) -> bool:
        """Whether it stands there no more."""
        return self.row.seen == SeenChange.DELETED


@blueprint.get("/calendars/changes")
@access.staff()
def calendars_changes() -> ResponseReturnValue:
    """What is asked: a therapist sees their own, owners and the front desk everybody's."""
    return _page()


@blueprint.post("/calendars/changes/<public_id>/<answer>")
@access.staff()
def calendars_changes_answer(public_id: str, answer: str) -> ResponseReturnValue:
    """Move the appointment, put it back there, or leave it out. Raises NotFound."""
    if answer not in SAID:
        raise NotFound
    desk, wanted = current(), SeenAnswer(answer)
    row = seen_changes.find_seen_change(desk.practice.id, public_id, therapist_id=desk.only_therapist)
    is_refused = row.calendar.connection.state == ConnectionState.REFUSED
    try:
        answering.answer_seen(
            practice_id=desk.practice.id,
            written_public_id=public_id,
            answer=wanted,
            by=by_staff(),
            now=clock.now(),
            shown=_read_shown(),
            therapist_id=desk.only_therapist,
        )
    except NotFound:
        raise
    except TelehealthError as problem:
        return _page({public_id: _say(problem)}), HTTPStatus.CONFLICT
    flash(NOT_YET if is_refused and wanted == SeenAnswer.PUT_BACK else SAID[wanted], "success")
    return redirect(url_for("desk.calendars_changes"))


@blueprint.post("/calendars/missing/<public_id>/<answer>")
@access.staff()
def calendars_missing_answer(public_id: str, answer: str) -> ResponseReturnValue:
    """Say whether what is gone from a calendar was taken out on purpose. Raises NotFound."""
    if answer not in ABOUT_ALL:
        raise NotFound
    desk, is_on_purpose = current(), ABOUT_ALL[answer]
    try:
        answering.answer_missing(
            practice_id=desk.practice.id,
            calendar_public_id=public_id,
            is_on_purpose=is_on_purpose,
            by=by_staff(),
            now=clock.now(),
            therapist_id=desk.only_therapist,
        )
    except NotFound:
        raise
    except TelehealthError as problem:
        return _page({public_id: _say(problem)}), HTTPStatus.CONFLICT
    flash(ON_PURPOSE if is_on_purpose else WRITTEN_ANEW, "success")
    return redirect(url_for("desk.calendars_changes"))


def say_where_it_stands(found: Appointment) -> list[str]:
    """A line for each calendar elsewhere that an appointment stands in, or cannot be written into."""
    several = found.co_therapist_id is not None
    return [_say_standing(each, several=several) for each in seen_changes.find_written_about(found.id)]


def count_seen_changes(therapist_id: int, *, connection_id: int | None = None) -> int:
    """How much a therapist is asked, of one connection when given."""
    desk, now = current(), clock.now()
    changes = seen_changes.list_seen_changes(desk.practice.id, now=now, therapist_id=therapist_id)
    missing = seen_changes.list_missing(desk.practice.id, now=now, therapist_id=therapist_id)
    calendars = [each.calendar for each in changes] + [each.calendar for each in missing]
    return sum(connection_id in {None, each.connection_id} for each in calendars)


def _page(problems: dict[str, str] | None = None) -> str:
    desk, now = current(), clock.now()
    rows = seen_changes.list_seen_changes(desk.practice.id, now=now, therapist_id=desk.only_therapist)
    return render_template(
        "desk/calendars_changes.html",
        changes=[_show(each) for each in rows],
        missing=seen_changes.list_missing(desk.practice.id, now=now, therapist_id=desk.only_therapist),
        problems=problems or {},
        in_view=IN_VIEW if len(rows) > IN_VIEW + 1 else len(rows),
        words=words,
    )


def _show(row: WrittenAppointment) -> ShownChange:
    about, connection = row.appointment, row.calendar.connection
    zone = zone_of(connection.therapist)
    here = f"{times.say_briefly(about.starts_at, zone)}, {about.minutes} minutes"
    who = words.say_clients(about)
    if row.seen_starts_at is None or row.seen_ends_at is None:
        return ShownChange(row, who, here, f"It was deleted in {connection.name}.")
    minutes = calendar_writing.count_minutes((row.seen_starts_at, row.seen_ends_at))
    there = f"In {connection.name}: {times.say_briefly(row.seen_starts_at, zone)}, {minutes} minutes."
    possible, lengths = seen_changes.find_minutes_there(row), about.service.lengths
    is_moved = row.seen == SeenChange.MOVED
    move = MOVES.get((is_moved, possible == minutes), "").format(minutes=possible)
    return ShownChange(row, who, here, there, move, _say_length(row, minutes, possible), len(lengths) > 1)


def _say_length(row: WrittenAppointment, there: int, possible: int | None) -> str:
    """Nothing where it can be as long as there."""
    if possible == there:
        return ""
    service = row.appointment.service
    *others, last = [str(each) for each in service.lengths]
    lasts = f"“{service.name}” lasts {', '.join(others)}{' or ' if others else ''}{last} minutes here"
    if possible is None:
        return f"{lasts}, so it cannot be made {there}."
    return f"{lasts}: moved, it lasts {possible}."


def _read_shown() -> tuple[datetime, datetime] | None:
    begins, ends = (read_start(request.form.get(each, "")) for each in ("seen_start", "seen_end"))
    return (begins, ends) if begins and ends else None


def _say(problem: TelehealthError) -> str:
    fields = getattr(problem, "fields", None)
    return " ".join(fields.values()) if fields else str(problem)


def _say_standing(row: WrittenAppointment, *, several: bool) -> str:
    connection = row.calendar.connection
    zone = zone_of(connection.therapist)
    whose = f" ({connection.therapist.name})" if several else ""
    if row.state == WrittenState.LEFT_OUT:
        return f"Left out of {connection.name}{whose}, as its therapist wants."
    if row.state in {WrittenState.ASKED, WrittenState.MISSING}:
        return f"Changed in {connection.name}{whose}: somebody has to say what is meant."
    if row.failure is not None:
        return f"Could not be written into {connection.name}{whose}: {WHY_NOT.get(row.failure, SERVERS_FAULT)}."
    if row.written_at is None:
        return f"Is written into {connection.name}{whose} within the next minutes."
    return f"Stands in {connection.name}{whose} since {times.say_briefly(row.written_at, zone)}."
