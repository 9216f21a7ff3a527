"""Closing the whole practice: nothing is offered, and what is booked stays."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.errors import InvalidInput, NotFound, SlotNotOffered
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Closure, FreedTime, PracticeEvent
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import obstacles_at, offered
from telehealth.queries.hours.closures import list_booked_on
from telehealth.queries.hours.outside_hours import list_outside_hours
from telehealth.services.hours.closures import ClosureWish, add_closure, change_closure, remove_closure
from tests.factories import (
    BY_STAFF,
    Office,
    add_override,
    book,
    make_contact,
    make_group_office,
    make_office,
    make_therapist,
)
from tests.moments import NOW, at

TOMORROW = date(2026, 11, 24)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


@pytest.fixture
def here(office: Office) -> dict[str, Any]:
    return {"practice_id": office.practice.id, "by": BY_STAFF, "now": NOW}


def starts(office: Office, **given: Any) -> int:
    asked = SlotQuery.about(office.service, Mode.VIRTUAL, at(0, days=1), at(0, days=2), jurisdiction="CO", **given)
    return len(offered(asked, now=NOW))


def test_nothing_is_offered_with_anybody_and_what_is_booked_stays(office: Office, here: dict[str, Any]) -> None:
    make_therapist(office.practice, office.service, name="Sam Okafor")
    booked = book(office, at(10, days=1))
    assert starts(office) > 0
    closure = add_closure(**here, wish=ClosureWish(TOMORROW, TOMORROW, "Thanksgiving"))
    assert starts(office) == 0
    with pytest.raises(SlotNotOffered):
        book(office, at(14, days=1), contact=make_contact(name="Ana"))
    assert list_booked_on(office.practice.id, [closure], now=NOW) == [booked]
    assert list_outside_hours(office.therapist, now=NOW) == [booked], "the therapist is told, too"
    asked = SlotQuery.about(office.service, Mode.VIRTUAL, at(14, days=1), jurisdiction="CO", therapist=office.therapist)
    assert obstacles_at(asked, now=NOW)[office.therapist.id] == [Obstacle.CLOSED]


def test_the_days_around_it_and_other_practices_are_open(office: Office, here: dict[str, Any]) -> None:
    stranger = make_office()
    add_closure(**here, wish=ClosureWish(date(2026, 11, 25), date(2026, 11, 27)))
    assert starts(office) > 0
    add_closure(**here, wish=ClosureWish(TOMORROW, TOMORROW))
    assert starts(stranger) > 0


def test_other_hours_do_not_override_it_unless_that_is_said(office: Office, here: dict[str, Any]) -> None:
    add_override(office.therapist, TOMORROW, time(9), time(12))
    closure = add_closure(**here, wish=ClosureWish(TOMORROW, TOMORROW))
    assert starts(office) == 0
    wish = ClosureWish(TOMORROW, TOMORROW, yields_to_hours=True)
    change_closure(**here, public_id=closure.public_id, wish=wish)
    assert starts(office) > 0
    assert list_outside_hours(office.therapist, now=NOW) == []


def test_a_group_that_stands_takes_nobody_on_a_closed_date(database: Session) -> None:
    group = make_group_office()
    book(group, at(10, days=1))
    assert starts(group) > 0
    add_closure(practice_id=group.practice.id, wish=ClosureWish(TOMORROW, TOMORROW), by=BY_STAFF, now=NOW)
    assert starts(group) == 0


def test_whoever_waits_hears_that_it_is_open_again(database: Session, office: Office, here: dict[str, Any]) -> None:
    closure = add_closure(**here, wish=ClosureWish(TOMORROW, date(2026, 11, 25)))
    assert database.query(FreedTime).count() == 0
    change_closure(**here, public_id=closure.public_id, wish=ClosureWish(TOMORROW, TOMORROW))
    remove_closure(**here, public_id=closure.public_id)
    assert database.query(FreedTime).filter_by(therapist_id=office.therapist.id).count() == 2
    assert database.query(Closure).count() == 0
    assert starts(office) > 0


def test_every_change_leaves_a_line(database: Session, office: Office, here: dict[str, Any]) -> None:
    closure = add_closure(**here, wish=ClosureWish(TOMORROW, TOMORROW, "Thanksgiving"))
    change_closure(**here, public_id=closure.public_id, wish=ClosureWish(TOMORROW, TOMORROW, "Snow"))
    change_closure(**here, public_id=closure.public_id, wish=ClosureWish(TOMORROW, TOMORROW, "Snow"))
    remove_closure(**here, public_id=closure.public_id)
    of_closures = select(PracticeEvent).where(PracticeEvent.subject == AuditSubject.CLOSURE)
    lines = database.scalars(of_closures.order_by(PracticeEvent.id)).all()
    assert [line.action for line in lines] == [AuditAction.ADDED, AuditAction.CHANGED, AuditAction.REMOVED]
    assert lines[1].details == {"before": {"note": "Thanksgiving"}, "after": {"note": "Snow"}}


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (ClosureWish(TOMORROW, date(2026, 11, 23)), "last_day"),
        (ClosureWish(TOMORROW, date(2028, 11, 23)), "last_day"),
        (ClosureWish(TOMORROW, TOMORROW, "x" * 201), "note"),
    ],
)
def test_what_cannot_be(here: dict[str, Any], wish: ClosureWish, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_closure(**here, wish=wish)
    assert list(refused.value.fields) == [field]


def test_closures_of_another_practice_are_not_found(here: dict[str, Any]) -> None:
    closure = add_closure(**here, wish=ClosureWish(TOMORROW, TOMORROW))
    theirs = {**here, "practice_id": make_office().practice.id, "public_id": closure.public_id}
    with pytest.raises(NotFound):
        change_closure(**theirs, wish=ClosureWish(TOMORROW, TOMORROW))
    with pytest.raises(NotFound):
        remove_closure(**theirs)
