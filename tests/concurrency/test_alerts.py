"""Several workers make their round at once, and one dies in the middle: each reader is told once of each thing."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from telehealth.database import db, transaction
from telehealth.domain.message_words import MessageKind, TaskKind
from telehealth.domain.words import Role
from telehealth.models import Alert, Message, Task
from telehealth.services.inbox import alert_rounds
from telehealth.services.inbox.alert_looks import see_tasks
from telehealth.services.inbox.alert_rounds import tell_of_what_waits
from telehealth.services.task_opening import open_task
from tests.concurrency.conftest import Race
from tests.factories import BY_STAFF, make_office, make_user
from tests.factories.users import PASSWORD
from tests.moments import NOW

pytestmark = pytest.mark.concurrency
THINGS, WORKERS = 5, 6
LATER = NOW + timedelta(hours=5)


def put_things_on_the_desk() -> int:
    practice = make_office().practice
    for role in (Role.FRONT_DESK, Role.OWNER):
        make_user(practice, role, password=PASSWORD)
    for _ in range(THINGS):
        with transaction() as session:
            open_task(session, practice_id=practice.id, kind=TaskKind.CALL, now=NOW)
    return practice.id


def look(practice_id: int) -> None:
    tasks = db.session.scalars(select(Task).where(Task.practice_id == practice_id)).all()
    see_tasks(tasks, by=BY_STAFF, now=LATER)


def told() -> Counter[tuple[object, ...]]:
    db.session.rollback()
    rows = select(Message.alert_id, Message.recipient, Message.channel, Message.minutes)
    return Counter(tuple(each) for each in db.session.execute(rows.where(Message.kind == MessageKind.ALERT)))


def test_rounds_at_once_tell_everybody_once(race: Race) -> None:
    put_things_on_the_desk()
    outcomes = race([partial(tell_of_what_waits, now=LATER)] * WORKERS)
    assert {each.error for each in outcomes} == {""}
    assert len(db.session.scalars(select(Alert)).all()) == THINGS
    assert set(told().values()) == {1}
    assert len(told()) == 2 * THINGS, "the desk and the owner"


def test_a_round_that_dies_tells_nobody_twice(race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    put_things_on_the_desk()
    real = alert_rounds.plan_alert
    calls = iter(range(1000))

    def dies(*args: object, **given: object) -> int:
        if next(calls) == THINGS:
            raise SystemExit
        return real(*args, **given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(alert_rounds, "plan_alert", dies)
        with pytest.raises(SystemExit):
            tell_of_what_waits(now=LATER)
    db.session.rollback()
    assert told() == Counter(), "what was not finished was not begun"
    race([partial(tell_of_what_waits, now=LATER)] * 2)
    assert set(told().values()) == {1}


def test_a_look_and_a_round_at_once_leave_one_alert(race: Race) -> None:
    practice = put_things_on_the_desk()
    outcomes = race([partial(look, practice), partial(tell_of_what_waits, now=LATER)] * 3)
    assert {each.error for each in outcomes} == {""}
    found = db.session.scalars(select(Alert).execution_options(populate_existing=True)).all()
    assert len(found) == THINGS
    assert all(each.seen_at == LATER for each in found)
