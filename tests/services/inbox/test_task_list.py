"""What waits for the front desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.errors import NotAllowed, NotFound
from telehealth.domain.message_words import ReplyMeaning, TaskKind
from telehealth.models import InboundText, Message, Practice, Task
from telehealth.queries.inbox.tasks import find_task, list_done_tasks, list_open_tasks
from telehealth.services.audit import ActedBy
from telehealth.services.inbox.task_list import finish_task, reopen_task
from telehealth.services.task_opening import open_task
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    book,
    make_client,
    make_office,
    make_practice,
    make_therapist,
    make_user,
)
from tests.factories.rows import keep
from tests.moments import NOW, at


def text(practice: Practice, sid: str = "SM1") -> InboundText:
    return keep(
        InboundText(
            practice_id=practice.id,
            provider_id=sid,
            sender="+13035550123",
            recipient="+13035550999",
            body="hello",
            meaning=ReplyMeaning.OTHER,
            received_at=NOW,
        )
    )


def opened(practice: Practice, kind: TaskKind = TaskKind.TEXT, minutes: int = 0, **given: Any) -> None:
    with transaction() as session:
        now = NOW + timedelta(minutes=minutes)
        open_task(session, practice_id=practice.id, kind=kind, now=now, **given)


def test_one_task_for_each_text_and_kind(database: Session) -> None:
    practice = make_practice()
    found = text(practice)
    for _ in range(2):
        opened(practice, inbound=found)
    opened(practice, TaskKind.CRISIS, inbound=found, is_urgent=True)
    assert len(list_open_tasks(practice.id)) == 2


def test_one_task_for_each_message_and_kind(database: Session) -> None:
    office = make_office()
    book(office)
    message = database.scalars(select(Message).order_by(Message.id).limit(1)).one()
    for kind in (TaskKind.UNDELIVERED, TaskKind.UNDELIVERED, TaskKind.ADDRESS):
        opened(office.practice, kind, message=message, note="x" * 500)
    assert {(task.kind, len(task.note)) for task in list_open_tasks(office.practice.id)} == {
        (TaskKind.UNDELIVERED, 200), (TaskKind.ADDRESS, 200)
    }  # fmt: skip


def test_that_the_provider_refuses_us_is_said_once_while_it_lasts(database: Session) -> None:
    practice = make_practice()
    opened(practice, TaskKind.ACCOUNT)
    opened(practice, TaskKind.ACCOUNT)
    first = list_open_tasks(practice.id)
    assert len(first) == 1
    finish_task(practice_id=practice.id, task_public_id=first[0].public_id, by=BY_STAFF, now=NOW)
    opened(practice, TaskKind.ACCOUNT)
    assert len(list_open_tasks(practice.id)) == 1


def test_a_task_that_is_done_is_not_opened_by_a_repetition(database: Session) -> None:
    practice = make_practice()
    found = text(practice)
    opened(practice, inbound=found)
    finish_task(
        practice_id=practice.id, task_public_id=database.scalars(select(Task)).one().public_id, by=BY_STAFF, now=NOW
    )
    opened(practice, inbound=found)
    assert len(list_open_tasks(practice.id)) == 0


def test_the_urgent_first_then_the_newest(database: Session) -> None:
    practice = make_practice()
    for minute, (note, is_urgent) in enumerate([("old", False), ("urgent", True), ("new", False)]):
        opened(practice, minutes=minute, note=note, is_urgent=is_urgent)
    assert [task.note for task in list_open_tasks(practice.id)] == ["urgent", "new", "old"]


def test_done_and_open_again(database: Session) -> None:
    practice = make_practice()
    user = make_user(practice)
    opened(practice)
    public_id = list_open_tasks(practice.id)[0].public_id
    by = ActedBy(BY_STAFF.actor, user_id=user.id)
    done = finish_task(practice_id=practice.id, task_public_id=public_id, by=by, now=NOW)
    assert (done.done_at, done.done_by_id) == (NOW, user.id)
    again = finish_task(practice_id=practice.id, task_public_id=public_id, by=BY_STAFF, now=NOW + timedelta(hours=1))
    assert (again.done_at, again.done_by_id) == (NOW, user.id), "the first one is kept"
    assert [task.public_id for task in list_done_tasks(practice.id)] == [public_id]
    reopen_task(practice_id=practice.id, task_public_id=public_id, by=by, now=NOW)
    assert len(list_open_tasks(practice.id)) == 1


def test_only_staff_of_the_practice(database: Session) -> None:
    practice = make_practice()
    opened(practice)
    public_id = list_open_tasks(practice.id)[0].public_id
    for change in (finish_task, reopen_task):
        with pytest.raises(NotAllowed):
            change(practice_id=practice.id, task_public_id=public_id, by=BY_CLIENT, now=NOW)
        with pytest.raises(NotFound):
            change(practice_id=make_practice().id, task_public_id=public_id, by=BY_STAFF, now=NOW)


def test_a_therapist_sees_what_is_about_their_clients(database: Session) -> None:
    office = make_office()
    colleague = make_therapist(office.practice, office.service)
    mine = book(office, at(10)).attendees[0].client
    opened(office.practice, client_id=mine.id)
    opened(office.practice, client_id=make_client(office.practice, name="Somebody Else").id)
    opened(office.practice, note="an unknown number")
    assert [len(list_open_tasks(office.practice.id, therapist_id=each)) for each in (None, office.therapist.id)] == [
        3,
        1,
    ]
    assert list_open_tasks(office.practice.id, therapist_id=colleague.id) == []
    unknown = list_open_tasks(office.practice.id)[0].public_id
    with pytest.raises(NotFound):
        find_task(office.practice.id, unknown, therapist_id=office.therapist.id)
