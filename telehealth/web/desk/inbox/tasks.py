"""To do: what waits for somebody at the front desk, the texts with a number, and an answer to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.contact import say_phone
from telehealth.domain.delivery.states import LOST
from telehealth.domain.errors import GoesByItself, InvalidInput, NotFound
from telehealth.domain.message_words import ASKED_ELSEWHERE, Channel, MessageKind, Reason, TaskKind
from telehealth.domain.reasons import say_reason, say_why
from telehealth.late import Library
from telehealth.models import Appointment, Message, Task
from telehealth.queries.consent.opt_outs import find_opt_outs
from telehealth.queries.inbox.alerts import Taken, Viewer, is_told_of, who_has_tasks
from telehealth.queries.inbox.inbound_texts import ThreadLine, list_thread
from telehealth.queries.inbox.tasks import (
    appointments_of_tasks,
    find_task,
    list_done_tasks,
    list_open_tasks,
    messages_of_tasks,
    phones_of_tasks,
    proposals_of_tasks,
)
from telehealth.services.inbox.alert_looks import see_tasks, take_task
from telehealth.services.inbox.receiving import LONGEST_NOTE, answer_text
from telehealth.services.inbox.task_list import finish_task, reopen_task
from telehealth.web.acting import by_staff, viewer
from telehealth.web.desk import absent, one_time_forms, words
from telehealth.web.desk.frame import blueprint, current, find_to_do, zone_of
from telehealth.web.free_times import say_start

if TYPE_CHECKING:
    from telehealth.queries.calendars import conflicts
else:
    conflicts = Library("telehealth.queries.calendars.conflicts")

KINDS = {
    TaskKind.CRISIS: ("Must not wait", "bad"),
    TaskKind.TEXT: ("Text", "wait"),
    TaskKind.UNDELIVERED: ("Not delivered", "bad"),
    TaskKind.ADDRESS: ("Number or address", "bad"),
    TaskKind.CLOCKS: ("Clocks changed", "wait"),
    TaskKind.ACCOUNT: ("Messages are blocked", "bad"),
    TaskKind.RESTORED: ("An earlier copy", "bad"),
    TaskKind.CALL: ("Please call", "bad"),
    TaskKind.CALL_BACK: ("Asks to be called", "bad"),
    TaskKind.INVITE: ("Answer from a calendar", "wait"),
    TaskKind.MAIL: ("E-mail", "wait"),
    TaskKind.BOOKER: ("Do you know them?", "wait"),
    TaskKind.CALENDAR: ("Own calendar", "wait"),
    TaskKind.EMPTIED: ("Own calendar", "wait"),
    TaskKind.VIDEO_ROOM: ("Video", "bad"),
}
TITLES = {
    TaskKind.UNDELIVERED: "A message did not arrive",
    TaskKind.ADDRESS: "A number or an address does not work",
    TaskKind.CLOCKS: "Some appointments are not at the time that was agreed",
    TaskKind.ACCOUNT: "The provider of texts or e-mail refuses us",
    TaskKind.RESTORED: "Some e-mails may or may not have been sent",
    TaskKind.BOOKER: "Somebody booked for a client of yours",
    TaskKind.CALL: "Somebody may not read in time what they have to know",
    TaskKind.CALL_BACK: "Somebody asks to be called instead of video",
    TaskKind.VIDEO_ROOM: "A video service made no room",
    TaskKind.EMPTIED: "Appointments cannot be found in a therapist’s own calendar",
}
"""Of what is about nobody in particular."""
FEW_DONE = 20
IN_VIEW = 8
"""Parts of a talk that are in view at once."""
TASKS_IN_VIEW = 5
"""Tasks that are in view at once; the others are a line each, behind one press."""


@blueprint.get("/tasks")
@access.staff()
def tasks() -> ResponseReturnValue:
    """What waits, the urgent first; and what was done last. A therapist sees what is about their clients."""
    desk = current()
    waits = list_open_tasks(desk.practice.id, therapist_id=desk.only_therapist)
    if see_tasks(waits, by=by_staff(), now=clock.now()):
        waits = list_open_tasks(desk.practice.id, therapist_id=desk.only_therapist)
    done = list_done_tasks(desk.practice.id, therapist_id=desk.only_therapist, limit=FEW_DONE)
    rows = {"waits": _rows(waits), "done": _rows(done), "in_view": TASKS_IN_VIEW}
    most = conflicts.MOST_AT_ALL if request.args.get("conflicts") == "all" else conflicts.MOST
    overlaid = conflicts.list_calendar_conflicts(
        desk.practice.id, therapist_id=desk.only_therapist, now=clock.now(), most=most
    )
    return render_template(
        "desk/tasks.html",
        **rows,
        absent=absent.list_absent_rows(),
        conflicts=overlaid,
        conflict_count=find_to_do(desk).overlaid,
        conflict_zone=walltime.zone(desk.practice.timezone),
        words=words,
    )


@blueprint.get("/tasks/<public_id>")
@access.staff()
def tasks_one(public_id: str) -> ResponseReturnValue:
    """One task, with the texts from and to that number. Raises NotFound."""
    found = _find(public_id)
    if see_tasks([found], by=by_staff(), now=clock.now()):
        found = _find(public_id)
    return _page(found)


@blueprint.post("/tasks/<public_id>/answer")
@access.staff()
def tasks_answer(public_id: str) -> ResponseReturnValue:
    """Text an answer; a form that is sent twice is sent once. Raises NotFound."""
    found = _find(public_id)
    if found.inbound is None:
        raise NotFound
    here = redirect(url_for("desk.tasks_one", public_id=public_id))
    if one_time_forms.was_used():
        return here
    now = clock.now()
    try:
        answer_text(
            practice_id=found.practice_id,
            inbound_public_id=found.inbound.public_id,
            body=request.form.get("body", ""),
            by=by_staff(),
            now=now,
        )
    except InvalidInput as problem:
        return _page(found, typed=request.form.get("body", ""), problems=dict(problem.fields)), problem.status
    one_time_forms.remember_use()
    if request.form.get("do") != "done":
        flash("Your answer is on its way.", "success")
        return here
    finish_task(practice_id=found.practice_id, task_public_id=public_id, by=by_staff(), now=now)
    flash("Your answer is on its way, and the task is done.", "success")
    return redirect(url_for("desk.tasks"))


@blueprint.post("/tasks/<public_id>/take")
@access.staff()
def tasks_take(public_id: str) -> ResponseReturnValue:
    """Tell the others that one has it. Raises NotFound."""
    take_task(task=_find(public_id), by=by_staff(), now=clock.now())
    return redirect(url_for("desk.tasks_one", public_id=public_id))


@blueprint.post("/tasks/<public_id>/done")
@access.staff()
def tasks_finish(public_id: str) -> ResponseReturnValue:
    """It is done. Raises NotFound."""
    try:
        return _settle(public_id, finish_task, "Done. You find it below, should it come up again.")
    except GoesByItself as problem:
        flash(problem.sentence, "error")
        return redirect(url_for("desk.tasks_one", public_id=public_id))


@blueprint.post("/tasks/<public_id>/reopen")
@access.staff()
def tasks_reopen(public_id: str) -> ResponseReturnValue:
    """It is not done after all. Raises NotFound."""
    return _settle(public_id, reopen_task, "It is open again.")


def _settle(public_id: str, use_case: Callable[..., Task], said: str) -> ResponseReturnValue:
    found = _find(public_id)
    use_case(practice_id=found.practice_id, task_public_id=found.public_id, by=by_staff(), now=clock.now())
    flash(said, "success")
    return redirect(url_for("desk.tasks"))


def _find(public_id: str) -> Task:
    """A task of this desk, or one that the person was alerted to: whoever is on duty may have to call anybody."""
    desk = current()
    try:
        return find_task(desk.practice.id, public_id, therapist_id=desk.only_therapist)
    except NotFound:
        found = find_task(desk.practice.id, public_id)
        if not is_told_of(found, Viewer(viewer.id, found.practice_id), now=clock.now()):
            raise
        return found


def _rows(found: Sequence[Task]) -> list[dict[str, Any]]:
    appointments, messages = appointments_of_tasks(found), messages_of_tasks(found)
    taken = who_has_tasks([each.id for each in found if each.done_at is None])
    proposals, phones = proposals_of_tasks(found), phones_of_tasks(found)
    return [
        _row(
            each,
            appointments.get(each.appointment_id or 0),
            messages.get(each.message_id or 0),
            taken.get(each.id),
        )
        | {"call_phone": phones.get(each.id, "")}
        | _proposal(proposals.get(each.id), appointments.get(each.appointment_id or 0))
        for each in found
    ]


def _row(task: Task, appointment: Appointment | None, message: Message | None, taken: Taken | None) -> dict[str, Any]:
    zone = current().zone
    label, tone = KINDS[task.kind]
    return {
        "task": task,
        "label": label,
        "tone": tone,
        "title": _title(task, appointment),
        "answer": "Do you know them?" if task.kind == TaskKind.BOOKER else "Say what is meant",
        "goes_by_itself": task.kind in ASKED_ELSEWHERE,
        "answer_href": _answer_href(task, appointment),
        "opened": times.say_briefly(task.opened_at, zone),
        "done": times.say_briefly(task.done_at, zone) if task.done_at is not None else "",
        "client": task.client,
        "appointment": appointment,
        "about": times.say_briefly(appointment.starts_at, zone) if appointment is not None else "",
        "message": words.message(message) if message is not None else "",
        "taken": f"{taken.name} has it since {times.say_briefly(taken.at, zone)}." if taken is not None else "",
        "body": task.inbound.body if task.inbound is not None else "",
    }


def _proposal(start: datetime | None, appointment: Appointment | None) -> dict[str, str]:
    """The time that their calendar proposes, and the page that shows what moving there means."""
    now = clock.now()
    if start is None or start <= now or appointment is None or not appointment.is_ahead(now=now):
        return {}
    href = url_for("desk.appointment_move_review", public_id=appointment.public_id, start=say_start(start))
    return {"proposed": times.say_briefly(start, zone_of(appointment.therapist)), "proposed_href": href}


def _answer_href(task: Task, appointment: Appointment | None) -> str:
    """Where a question is answered that is asked on another page."""
    if task.done_at is not None:
        return ""
    if task.kind == TaskKind.BOOKER and task.client is not None:
        return url_for("desk.clients_one", public_id=task.client.public_id, _anchor="companions")
    if task.kind not in ASKED_ELSEWHERE:
        return ""
    return url_for("desk.calendars_changes", _anchor=f"about-{appointment.public_id}" if appointment else None)


def _title(task: Task, appointment: Appointment | None) -> str:
    """Whose it is: a client's name, the group's, else the number, else what happened."""
    if task.client is not None:
        return task.client.name
    if task.kind == TaskKind.CALENDAR and appointment is not None:
        return words.say_clients(appointment)
    return say_phone(task.inbound.sender) if task.inbound is not None else TITLES.get(task.kind, "A message")


def _page(found: Task, *, typed: str = "", problems: dict[str, str] | None = None) -> str:
    zone = current().zone
    row = _rows([found])[0]
    number = _number(found)
    withheld = find_opt_outs(found.practice_id, client_ids=(), addresses=[number] if number else [])
    why_not = withheld.why_suppressed(Channel.TEXT, number) if number else None
    return render_template(
        "desk/task.html",
        row=row,
        number=number,
        **_conversation([_said(each, zone) for each in list_thread(found.practice_id, number)] if number else []),
        why_not=say_reason(why_not) if why_not != Reason.TEXT_PAUSED else "",
        is_paused=why_not == Reason.TEXT_PAUSED,
        typed=typed,
        problems=problems or {},
        once=one_time_forms.make_word(),
        longest=LONGEST_NOTE,
        words=words,
    )


def _number(task: Task) -> str:
    """The number that the task is about; empty when it is about an e-mail, or about no message at all."""
    if task.inbound is not None:
        return task.inbound.sender
    message = messages_of_tasks([task]).get(task.message_id or 0)
    return message.sent_to if message is not None and message.channel == Channel.TEXT else ""


def _conversation(said: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The talk as it is read: texts of people one by one, what went out by itself folded between them; the last of it
    in view, what came before behind one press.
    """
    talk = [(is_folded, list(lines)) for is_folded, lines in groupby(said, key=lambda each: each["is_by_itself"])]
    parts = [part for is_folded, lines in talk for part in ([lines] if is_folded else [[each] for each in lines])]
    return {"earlier": parts[:-IN_VIEW], "thread": parts[-IN_VIEW:]}


def _said(said: ThreadLine, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "is_theirs": said.theirs is not None,
        "is_by_itself": said.ours is not None and said.ours.kind != MessageKind.NOTE and said.ours.status not in LOST,
        "at": _at(said.at, zone),
        "body": said.body,
        "title": words.message(said.ours) if said.ours is not None else "",
        "status": said.ours.status if said.ours is not None else "",
        "reason": say_why(said.ours) if said.ours is not None else "",
    }


def _at(instant: datetime, zone: ZoneInfo) -> str:
    return times.say_briefly(instant, zone)
