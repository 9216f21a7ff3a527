"""A therapist's day, in the morning of that day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.errors import InvalidInput
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.domain.messages.rules import Rule
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Message
from telehealth.services.messages.agendas import plan_agendas
from telehealth.services.messages.rule_setting import RuleScope, RulesWish, forget_rules, save_rules
from tests.factories import BY_STAFF, Office, book, cancel, make_office, make_therapist
from tests.factories.rows import change
from tests.moments import NOW, at

S = MessageStatus
TOMORROW = date(2026, 11, 24)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def planned(status: MessageStatus | None = S.PLANNED) -> list[Message]:
    found = select(Message).where(Message.kind == MessageKind.AGENDA).order_by(Message.id)
    every = db.session.scalars(found.execution_options(populate_existing=True))
    return [each for each in every if status in (None, each.status)]


def rule(office: Office, *rules: Rule) -> None:
    wish = RulesWish(MessageKind.AGENDA, rules)
    save_rules(practice_id=office.practice.id, wish=wish, by=BY_STAFF, now=NOW)


def test_tomorrows_day_is_sent_at_seven_on_the_therapists_wall(office: Office) -> None:
    book(office, at(10))
    assert plan_agendas(now=NOW) == 1
    (found,) = planned()
    assert (found.therapist_id, found.day, found.channel) == (office.therapist.id, TOMORROW, Channel.EMAIL)
    assert (found.due_at, found.not_after) == (at(7), at(0, days=2))
    assert (found.recipient, found.appointment_id) == (f"therapist:{office.therapist.public_id}", None)
    assert plan_agendas(now=NOW) == 0, "once"


def test_turned_off_a_minute_before_it_is_not_sent(office: Office) -> None:
    book(office, at(10))
    plan_agendas(now=NOW)
    off = RulesWish(MessageKind.AGENDA, ())
    save_rules(practice_id=office.practice.id, wish=off, by=BY_STAFF, now=at(6, 59))
    assert planned() == []
    forget_rules(practice_id=office.practice.id, kind=MessageKind.AGENDA, scope=RuleScope(), by=BY_STAFF, now=at(6, 59))
    assert [each.due_at for each in planned()] == [at(7)]


def test_a_day_is_told_once(office: Office) -> None:
    twice = [Rule(MessageKind.AGENDA, Channel.EMAIL, hour * 60) for hour in (7, 12)]
    with pytest.raises(InvalidInput) as refused:
        rule(office, *twice)
    assert "one time" in refused.value.fields["rules"]


def test_a_free_day_is_not_told(office: Office) -> None:
    book(office, at(10, days=3))
    cancel(book(office, at(12)))
    assert plan_agendas(now=NOW) == 0


def test_a_day_that_became_free_is_taken_back_and_planned_again(office: Office) -> None:
    made = book(office, at(10))
    plan_agendas(now=NOW)
    cancel(made)
    assert plan_agendas(now=NOW) == 0
    assert [each.status for each in planned(None)] == [S.VOID]
    book(office, at(12))
    assert plan_agendas(now=NOW) == 1
    assert [each.status for each in planned(None)] == [S.PLANNED]


def test_booked_after_midnight_it_is_still_told(office: Office) -> None:
    book(office, at(15), now=at(0, 30), by=BY_STAFF)
    assert plan_agendas(now=at(0, 31)) == 1
    assert [each.day for each in planned()] == [TOMORROW]


def test_after_seven_it_is_too_late_for_today(office: Office) -> None:
    book(office, at(15), now=at(7, 30), by=BY_STAFF)
    assert plan_agendas(now=at(7, 31)) == 0


def test_both_who_give_it_are_told(database: Session) -> None:
    office = make_office(service={"therapists_needed": 2})
    other = make_therapist(office.practice, office.service, location=office.location, name="Sam Poe")
    book(office, at(10), co_therapist=other.public_id)
    assert plan_agendas(now=NOW) == 2
    assert {each.therapist_id for each in planned()} == {office.therapist.id, other.id}


@pytest.mark.parametrize(("zone", "hour"), [("America/New_York", 5), ("Pacific/Honolulu", 10)])
def test_seven_is_seven_where_the_therapist_is(office: Office, zone: str, hour: int) -> None:
    book(office, at(12))
    change(office.therapist, timezone=zone)
    plan_agendas(now=NOW)
    assert [each.due_at for each in planned()] == [at(hour)]


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2027, 3, 14), 23), (date(2027, 11, 7), 25), (date(2027, 3, 15), 24)],
)
def test_on_days_of_23_and_25_hours_seven_stays_seven(office: Office, day: date, hours: int) -> None:
    ahead = (day - date(2026, 11, 23)).days
    made = book(office, at(10, days=1))
    change(made, starts_at=at(10, days=ahead), ends_at=at(11, days=ahead))
    plan_agendas(now=at(18, days=ahead - 1))
    (found,) = planned()
    assert (found.day, found.due_at) == (day, at(7, days=ahead))
    assert found.not_after - at(0, days=ahead) == timedelta(hours=hours)


def test_another_hour_or_none(office: Office) -> None:
    book(office, at(10))
    plan_agendas(now=NOW)
    rule(office, Rule(MessageKind.AGENDA, Channel.EMAIL, 6 * 60 + 30))
    plan_agendas(now=NOW)
    assert [each.due_at for each in planned()] == [at(6, 30)]
    rule(office)
    plan_agendas(now=NOW)
    assert planned() == []


def test_who_is_on_the_way_is_left_alone(office: Office) -> None:
    made = book(office, at(10))
    plan_agendas(now=NOW)
    cancel(made)
    plan_agendas(now=at(7, 1))
    assert [each.status for each in planned(None)] == [S.PLANNED], "it is due: whoever sends it looks again"


def test_whoever_left_gets_no_more(office: Office) -> None:
    book(office, at(10))
    change(office.therapist, ended_at=NOW)
    assert plan_agendas(now=NOW) == 0


def test_what_is_over_is_not_told(office: Office) -> None:
    made = book(office, at(10))
    change(made, status=AppointmentStatus.NOSHOW)
    assert plan_agendas(now=NOW) == 0
