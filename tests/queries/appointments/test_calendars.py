"""Everything that decides about the time of one therapist or of many is read in one statement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import pytest
from sqlalchemy.orm import Session

from telehealth.domain.appointments.matching import Fit
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Therapist
from telehealth.queries.appointments.groups import list_joinable_groups
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import (
    decide_at,
    explain_each,
    free_at,
    obstacles_at,
    offered,
    openings,
)
from tests.factories import (
    Office,
    add_busy,
    add_licence,
    add_override,
    add_time_off,
    book,
    hold,
    make_office,
    make_service,
    make_therapist,
)
from tests.moments import NOW, at
from tests.queries.appointments.asking import query, who, why
from tests.statements import listening

MANY = 20
LIMITS = {"daily_cap": 3, "weekly_cap": 9, "longest_run": 2, "break_minutes": 20, "note_minutes": 5, "licences": []}


def furnish(therapist: Therapist) -> None:
    """Something of everything, on the Tuesday, Wednesday and Thursday after NOW."""
    add_licence(therapist, valid_until=date(2026, 11, 26))
    add_licence(therapist, "UT")
    add_busy(therapist, at(11), at(12))
    add_time_off(therapist, datetime(2026, 11, 24, 14), datetime(2026, 11, 24, 15, 30))
    add_override(therapist, date(2026, 11, 25), time(18), time(20))
    add_override(therapist, date(2026, 11, 26), None, None)


@pytest.fixture
def office(database: Session) -> Office:
    made = make_office(therapist=LIMITS, with_rules=False)
    long = make_service(made.practice, load_percent=200, duration_minutes=60)
    people = [made.therapist, *(make_therapist(made.practice, made.service, **LIMITS) for _ in range(MANY - 1))]
    for each in people:
        furnish(each)
    made.therapist.services.append(long)
    database.commit()
    book(made, at(9), service=long.public_id)
    hold(made, at(19, days=2))
    return made


def test_everything_is_in_it(office: Office) -> None:
    assert why(office, at(9)) == [Obstacle.TAKEN]
    assert why(office, at(10, 30)) == [Obstacle.BUSY]
    assert why(office, at(14)) == [Obstacle.TIME_OFF]
    assert why(office, at(16)) == []
    assert why(office, at(18, 30, days=2)) == [Obstacle.HELD]
    assert why(office, at(10, days=2)) == [Obstacle.OUTSIDE_HOURS]
    assert why(office, at(10, days=3)) == [Obstacle.OUTSIDE_HOURS]
    assert why(office, at(10, days=4)) == [Obstacle.LICENCE]
    book(office, at(16))
    assert why(office, at(13)) == [Obstacle.DAILY_CAP], "a service of double weight counts twice"


QUESTIONS: dict[str, Callable[[SlotQuery], Any]] = {
    "offered": lambda ask: offered(ask, now=NOW),
    "openings": lambda ask: openings(ask, now=NOW),
    "free": lambda ask: free_at(ask, now=NOW),
    "free to move": lambda ask: free_at(replace(ask, own_appointment_id=1), now=NOW),
    "free when waived": lambda ask: free_at(replace(ask, waived=frozenset({Obstacle.BUSY})), now=NOW),
    "the best fit": lambda ask: offered(replace(ask, fit=Fit(languages=("English",))), now=NOW),
    "in two states": lambda ask: free_at(replace(ask, further_jurisdictions=("UT",)), now=NOW),
    "with clients": lambda ask: free_at(replace(ask, client_ids=(1, 2)), now=NOW),
    "by phone": lambda ask: obstacles_at(replace(ask, mode=Mode.PHONE), now=NOW),
    "why": lambda ask: obstacles_at(ask, now=NOW),
    "each": lambda ask: explain_each(ask, [at(10), at(12), at(16)], now=NOW),
    "taken": lambda ask: decide_at(ask, now=NOW).is_taken,
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("named", [True, False])
def test_one_statement_answers(database: Session, office: Office, question: str, *, named: bool) -> None:
    ask = query(office, since=at(16), therapist_id=office.therapist.id if named else None)
    with listening() as statements:
        QUESTIONS[question](ask)
    assert len(statements) == 1, statements


def test_many_are_all_there(office: Office) -> None:
    assert len(who(office, at(16))) == MANY
    assert len(who(office, at(9))) == MANY - 1


def test_two_who_are_named_come_with_one_statement(database: Session) -> None:
    office = make_office(service={"therapists_needed": 2})
    second = make_therapist(office.practice, office.service)
    ask = query(office, since=at(10), therapist_id=second.id, co_therapist_id=office.therapist.id)
    with listening() as statements:
        found = explain_each(ask, [at(10)], now=NOW)[at(10)]
    assert [each.therapist_id for each, _ in found] == [second.id, office.therapist.id], "in the order of their names"
    assert len(statements) == 1, statements


def test_a_place_has_the_word_in_the_same_statement_and_its_rooms_in_another(database: Session, office: Office) -> None:
    with listening() as statements:
        found = obstacles_at(query(office, Mode.IN_PERSON, since=at(16), therapist_id=office.therapist.id), now=NOW)
    assert found == {office.therapist.id: []}
    assert len(statements) == 2, statements


def test_groups_that_stand_come_with_one_statement(database: Session) -> None:
    office = make_office(service={"kind": "group", "capacity": 3}, with_rules=False)
    for hour in (9, 12, 13):
        other = make_therapist(office.practice, office.service)
        furnish(other)
        book(office, at(hour), therapist=other.public_id)
    with listening() as statements:
        found = list_joinable_groups(query(office), now=NOW)
    assert [group.starts_at for group in found] == [at(9), at(12), at(13)]
    assert len(statements) == 1, statements


def test_what_forbids_a_seat_is_said_from_the_calendars_that_are_at_hand(database: Session) -> None:
    office = make_office(service={"kind": "group", "capacity": 1}, with_rules=False)
    therapists = [office.therapist, *(make_therapist(office.practice, office.service) for _ in range(3))]
    for each in therapists:
        book(office, at(9), therapist=each.public_id)
    with listening() as statements:
        found = obstacles_at(query(office, since=at(9)), now=NOW)
    assert found == {each.id: [Obstacle.FULL] for each in therapists}
    assert len(statements) == 2, statements


def test_a_therapist_is_allowed_in_every_state_that_counts(database: Session) -> None:
    office = make_office()
    assert who(office, at(10), further_jurisdictions=("UT",)) == []
    assert why(office, at(10), further_jurisdictions=("UT",)) == [Obstacle.LICENCE]
    add_licence(office.therapist, "UT", valid_from=date(2026, 11, 25))
    assert who(office, at(10), further_jurisdictions=("UT",)) == []
    assert who(office, at(10, days=2), further_jurisdictions=("UT", "CO")) == [office.therapist.id]
    assert who(office, at(10), further_jurisdictions=("CO",)) == [office.therapist.id]
    assert who(office, at(10), jurisdiction=None, further_jurisdictions=("UT",)) == []
    in_person = {"mode": Mode.IN_PERSON, "further_jurisdictions": ("UT",)}
    assert who(office, at(10), **in_person) == [office.therapist.id], "the place's own state counts"
