"""What waits for somebody at the front desk, for staff programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from marshmallow import fields

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments.shapes import NamedSchema
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Instant, Query, Schema, word
from telehealth.domain import access
from telehealth.domain.errors import GoesByItself
from telehealth.domain.message_words import TaskKind
from telehealth.late import Library
from telehealth.models import Task
from telehealth.queries.inbox.tasks import (
    appointments_of_tasks,
    find_task,
    list_done_tasks,
    list_open_tasks,
    phones_of_tasks,
    proposals_of_tasks,
)
from telehealth.services.inbox.task_list import finish_task, reopen_task

if TYPE_CHECKING:
    from telehealth.queries import to_do
else:
    to_do = Library("telehealth.queries.to_do")

blueprint = Blueprint(
    "To do",
    "What waits for somebody at the front desk: texts, messages that did not arrive, questions about own calendars.",
)


class TasksQuery(Query):
    """Which tasks."""

    done = fields.Boolean(load_default=False, metadata={"description": "Those that are done, the last first."})


class TaskSchema(Schema):
    """One task."""

    id = fields.String(attribute="public_id")
    kind = word(TaskKind)
    urgent = fields.Boolean(attribute="is_urgent", metadata={"description": "It must not wait."})
    note = fields.String(metadata={"description": "What happened and what was done, in plain words."})
    client = fields.Nested(NamedSchema, allow_none=True)
    appointment = fields.String(
        allow_none=True, attribute="appointment.public_id", metadata={"description": "The appointment's id."}
    )
    text = fields.String(
        allow_none=True, attribute="inbound.public_id", metadata={"description": "The id of the text that it is about."}
    )
    proposed_start = Instant(
        allow_none=True, metadata={"description": "Another start, which the client's calendar proposes."}
    )
    call_phone = fields.String(
        allow_none=True, metadata={"description": "Of the kind `call_back`: the number at which they wait for a call."}
    )
    opened = Instant(attribute="opened_at")
    done = Instant(allow_none=True, attribute="done_at")


class TasksSchema(Schema):
    """The urgent ones first, then the newest; at most 100."""

    tasks = fields.List(fields.Nested(TaskSchema))


class TaskCountSchema(Schema):
    """How many tasks of one kind wait."""

    kind = word(TaskKind)
    count = fields.Integer()


class TaskCountsSchema(Schema):
    """How much waits."""

    total = fields.Integer(metadata={"description": "Tasks, `conflicts` and `no_show_proposals` together."})
    urgent = fields.Integer(metadata={"description": "Tasks that must not wait."})
    kinds = fields.List(fields.Nested(TaskCountSchema), metadata={"description": "Those of which any wait."})
    conflicts = fields.Integer(
        metadata={"description": "Appointments at the same time as something in an own calendar."}
    )
    no_show_proposals = fields.Integer(metadata={"description": "Clients who never came, which nobody has marked."})
    refused_calendars = fields.Integer(metadata={"description": "Connected calendars that let us in no more."})


@blueprint.get("/practices/<key:practice>/tasks")
@access.staff()
@operation("listTasks")
@blueprint.arguments(TasksQuery, location="query")
@blueprint.response(200, TasksSchema)
def get_tasks(query: dict[str, Any]) -> dict[str, Any]:
    """List what waits for a person

    A therapist sees what is about their clients; owners and the front desk see all.
    """
    who = staff()
    ask = list_done_tasks if query["done"] else list_open_tasks
    return {"tasks": _shown(ask(who.practice_id, therapist_id=who.only_therapist))}


@blueprint.get("/practices/<key:practice>/task-counts")
@access.staff()
@operation("countTasks")
@blueprint.response(200, TaskCountsSchema)
def get_counts() -> dict[str, Any]:
    """Count what waits for a person

    The numbers that the desk shows behind "To do" and on Today, of what a therapist sees for a therapist, and of all
    for owners and the front desk.
    """
    who = staff()
    found = to_do.count_to_do(who.practice_id, therapist_id=who.only_therapist, now=clock.now())
    kinds = [{"kind": each, "count": found.by_kind[each]} for each in TaskKind if each in found.by_kind]
    return {
        "total": found.total,
        "urgent": found.urgent,
        "kinds": kinds,
        "conflicts": found.overlaid,
        "no_show_proposals": found.absent,
        "refused_calendars": found.refused,
    }


@blueprint.put("/practices/<key:practice>/tasks/<key:task>/done")
@access.staff()
@operation("finishTask", GoesByItself)
@blueprint.response(200, TaskSchema)
def put_done(task: str) -> Beside:
    """Say that a task is done

    Twice is once: the first one who says so is kept. One of the kinds `calendar` and `emptied` is done by itself, when
    the question is answered (`answerCalendarChange`, `answerMissingAppointments`), what stands there is put back, or
    the connection ends.
    """
    found = _find(task)
    finish_task(practice_id=found.practice_id, task_public_id=task, by=by_staff(), now=clock.now())
    return _shown([_find(task)])[0]


@blueprint.delete("/practices/<key:practice>/tasks/<key:task>/done")
@access.staff()
@operation("reopenTask")
@blueprint.response(200, TaskSchema)
def delete_done(task: str) -> Beside:
    """Take it back that a task is done"""
    found = _find(task)
    reopen_task(practice_id=found.practice_id, task_public_id=task, by=by_staff(), now=clock.now())
    return _shown([_find(task)])[0]


def _find(public_id: str) -> Task:
    """A task that this member of staff may see. Raises NotFound, NotAllowed."""
    who = staff()
    return find_task(who.practice_id, public_id, therapist_id=who.only_therapist)


def _shown(tasks: Sequence[Task]) -> list[Beside]:
    appointments = appointments_of_tasks(tasks)
    proposals, phones = proposals_of_tasks(tasks), phones_of_tasks(tasks)
    return [
        Beside(
            each,
            appointment=appointments.get(each.appointment_id or 0),
            proposed_start=proposals.get(each.id),
            call_phone=phones.get(each.id),
        )
        for each in tasks
    ]
