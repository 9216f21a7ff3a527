"""What waits for somebody at the front desk, for staff programs."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from telehealth import clock
from telehealth.api.access import staff, take_practice
from telehealth.api.acting import by_staff
from telehealth.api.appointments.shapes import NamedSchema, named_if
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Instant, Schema, word
from telehealth.domain import access
from telehealth.domain.words import TaskKind
from telehealth.models import Appointment, Task
from telehealth.queries.inbox.tasks import appointments_of_tasks, find_task, list_done_tasks, list_open_tasks
from telehealth.services.inbox.task_list import finish_task, reopen_task

blueprint = Blueprint("To do", "What waits for somebody at the front desk: texts, and messages that did not arrive.")
blueprint.url_value_preprocessor(take_practice)


class TasksQuery(Schema):
    """Which tasks."""

    done = fields.Boolean(load_default=False, metadata={"description": "Those that are done, the last first."})


class TaskSchema(Schema):
    """One task."""

    id = fields.String(required=True)
    kind = word(TaskKind, required=True)
    urgent = fields.Boolean(required=True, metadata={"description": "It must not wait."})
    note = fields.String(required=True, metadata={"description": "What happened and what was done, in plain words."})
    client = fields.Nested(NamedSchema, required=True, allow_none=True)
    appointment = fields.String(required=True, allow_none=True, metadata={"description": "The appointment's id."})
    text = fields.String(
        required=True, allow_none=True, metadata={"description": "The id of the text that it is about."}
    )
    opened = Instant(required=True)
    done = Instant(required=True, allow_none=True)


class TasksSchema(Schema):
    """The urgent ones first, then the newest; at most 100."""

    tasks = fields.List(fields.Nested(TaskSchema), required=True)


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
    found = ask(who.practice_id, therapist_id=who.only_therapist)
    appointments = appointments_of_tasks(found)
    return {"tasks": [_task(each, appointments.get(each.appointment_id or 0)) for each in found]}


@blueprint.put("/practices/<key:practice>/tasks/<key:task>/done")
@access.staff()
@operation("finishTask")
@blueprint.response(200, TaskSchema)
def put_done(task: str) -> dict[str, Any]:
    """Say that a task is done

    Twice is once: the first one who says so is kept.
    """
    found = _find(task)
    finish_task(practice_id=found.practice_id, task=task, by=by_staff(), now=clock.now())
    return _shown(task)


@blueprint.delete("/practices/<key:practice>/tasks/<key:task>/done")
@access.staff()
@operation("reopenTask")
@blueprint.response(200, TaskSchema)
def delete_done(task: str) -> dict[str, Any]:
    """Take it back that a task is done"""
    found = _find(task)
    reopen_task(practice_id=found.practice_id, task=task, by=by_staff(), now=clock.now())
    return _shown(task)


def _find(public_id: str) -> Task:
    """A task that this member of staff may see. Raises NotFound, NotAllowed."""
    who = staff()
    return find_task(who.practice_id, public_id, therapist_id=who.only_therapist)


def _shown(public_id: str) -> dict[str, Any]:
    found = _find(public_id)
    return _task(found, appointments_of_tasks([found]).get(found.appointment_id or 0))


def _task(task: Task, appointment: Appointment | None) -> dict[str, Any]:
    return {
        "id": task.public_id,
        "kind": task.kind,
        "urgent": task.is_urgent,
        "note": task.note,
        "client": named_if(task.client),
        "appointment": appointment.public_id if appointment is not None else None,
        "text": task.inbound.public_id if task.inbound is not None else None,
        "opened": task.opened_at,
        "done": task.done_at,
    }
