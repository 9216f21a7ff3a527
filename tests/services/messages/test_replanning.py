"""Planning many appointments anew says what planning each of them says, and asks once for all."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from telehealth.domain.message_words import MessageKind, MessageStatus
from telehealth.models import Appointment, Message
from telehealth.services.messages.planning import bump_plans
from telehealth.services.messages.replanning import replan_by_id, replan_stale
from tests.factories import BY_STAFF, Office, book, cancel, make_contact, make_office, make_rule, move
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.statements import listening


@pytest.fixture
def office(database: Session, clock: FakeClock) -> Office:
    return make_office(with_rules=False)


def book_many(office: Office, count: int) -> list[Appointment]:
    return [
        book(office, at(9 + number % 6, days=2 + number // 6 * 7), contact=make_contact()) for number in range(count)
    ]


def written(database: Session) -> list[tuple[Any, ...]]:
    columns = (Message.appointment_id, Message.recipient, Message.kind, Message.channel, Message.minutes)
    rest = (Message.status, Message.version, Message.due_at, Message.says, Message.reason)
    return [tuple(row) for row in database.execute(select(*columns, *rest).order_by(*columns))]


def test_many_are_planned_as_one_by_one(database: Session, office: Office) -> None:
    """Some as they were booked, one moved, one moved by staff, one called off; under rules that came later."""
    made = book_many(office, 6)
    elsewhere = book_many(make_office(with_rules=False), 2)
    move(made[1], at(15, days=3))
    move(made[2], at(16, days=3), by=BY_STAFF)
    cancel(made[3])
    make_rule(office.practice, 60)
    make_rule(office.practice, 90, client_id=made[4].attendees[0].client_id)
    plans = [office.practice.id, elsewhere[0].practice_id]
    for practice_id in plans:
        bump_plans(database, practice_id)
    database.commit()
    for each in [*made, *elsewhere]:
        replan_by_id(practice_id=each.practice_id, appointment_id=each.id, now=NOW)
    one_by_one = written(database)
    assert {row[4] for row in one_by_one if row[2] == MessageKind.REMINDER} >= {60, 90}
    for practice_id in plans:
        bump_plans(database, practice_id)
    database.commit()
    assert replan_stale(now=NOW) == len(made) + len(elsewhere)
    assert written(database) == one_by_one
    assert replan_stale(now=NOW) == 0


def test_rules_that_come_reach_all_of_them_at_once(database: Session, office: Office) -> None:
    made = book_many(office, 6)
    make_rule(office.practice, 60)
    bump_plans(database, office.practice.id)
    database.commit()
    assert replan_stale(now=NOW) == len(made)
    reminded = select(Message.appointment_id).where(
        Message.kind == MessageKind.REMINDER, Message.minutes == 60, Message.status == MessageStatus.PLANNED
    )
    assert sorted(database.scalars(reminded)) == sorted(each.id for each in made)


@pytest.mark.parametrize("more", [6, 18])
def test_it_costs_no_more_for_many(database: Session, office: Office, more: int) -> None:
    book_many(office, more)
    make_rule(office.practice, 60)
    bump_plans(database, office.practice.id)
    database.commit()
    with listening() as statements:
        assert replan_stale(now=NOW) == more
    # Which are stale; locks, appointments, what was said, files; what the new rules take back of each; what is new.
    assert len(statements) <= 8 + more, [each[:60] for each in statements]


def test_one_that_cannot_be_planned_holds_up_no_other(
    database: Session, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    made = book_many(office, 4)
    make_rule(office.practice, 60)
    bump_plans(database, office.practice.id)
    database.execute(
        text("UPDATE attendee SET timezone = 'Mars/Base' WHERE appointment_id = :broken"), {"broken": made[1].id}
    )
    database.commit()
    database.expire_all()
    assert replan_stale(now=NOW) == 3
    reminded = select(Message.appointment_id).where(Message.kind == MessageKind.REMINDER, Message.minutes == 60)
    assert sorted(database.scalars(reminded)) == sorted(each.id for each in made if each is not made[1])
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == ["cannot be planned anew"]
    assert replan_stale(now=NOW) == 0, "it waits for the next tick, and nothing else does"
