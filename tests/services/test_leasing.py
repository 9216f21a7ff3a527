"""What is carried outside the house is in one worker's hands, until its lease ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from telehealth.database import db, transaction
from telehealth.models import CalendarConnection
from telehealth.services.leasing import LEASE, claim_due, find_held, give_back, keep_claim, name_worker
from tests.factories import make_office
from tests.factories.connections import make_connection
from tests.moments import NOW

pytestmark = pytest.mark.usefixtures("database")
SECOND = timedelta(seconds=1)


def rows(count: int) -> list[int]:
    therapist = make_office(with_rules=False).therapist
    return [make_connection(therapist, due_at=NOW - (count - each) * SECOND).id for each in range(count)]


def claim(worker: str, limit: int = 10, *, after: timedelta = timedelta(0)) -> list[int]:
    with transaction() as session:
        return claim_due(session, CalendarConnection, worker=worker, limit=limit, now=NOW + after)


def held(ids: list[int], worker: str) -> list[int]:
    with transaction() as session:
        return [each.id for each in find_held(session, CalendarConnection, ids, worker=worker)]


def test_what_has_been_due_longest_is_taken_first_and_once() -> None:
    ids = rows(3)
    assert claim("one", 2) == ids[:2]
    assert claim("two") == ids[2:]
    assert claim("three") == []


def test_what_is_not_due_or_not_meant_stays() -> None:
    early, late = rows(2)
    db.session.get_one(CalendarConnection, late).due_at = NOW + SECOND
    db.session.commit()
    with transaction() as session:
        which = CalendarConnection.id != early
        assert claim_due(session, CalendarConnection, which, worker="one", limit=9, now=NOW) == []
    assert claim("one") == [early]


def test_whose_worker_died_is_taken_up_and_not_theirs_any_more() -> None:
    ids = rows(1)
    assert claim("one") == ids
    assert claim("two", after=LEASE - SECOND) == []
    assert claim("two", after=LEASE) == ids
    assert (held(ids, "one"), held(ids, "two")) == ([], ids)


def test_a_lease_is_kept_by_who_lives() -> None:
    ids = rows(1)
    claim("one")
    with transaction() as session:
        assert keep_claim(session, CalendarConnection, ids, worker="one", now=NOW + LEASE / 2) == 1
        assert keep_claim(session, CalendarConnection, ids, worker="two", now=NOW + LEASE) == 0
    assert claim("two", after=LEASE) == []
    assert claim("two", after=LEASE * 2) == ids


def test_what_is_given_back_can_be_taken_at_once_and_only_by_who_has_it() -> None:
    ids = rows(1)
    claim("one")
    assert (gives_back(ids, "two"), claim("two")) == (0, [])
    assert (gives_back(ids, "one"), claim("two")) == (1, ids)


def gives_back(ids: list[int], worker: str) -> int:
    with transaction() as session:
        return give_back(session, CalendarConnection, ids, worker=worker)


def test_no_two_workers_have_one_name_and_it_fits() -> None:
    names = {name_worker() for _ in range(50)}
    assert len(names) == 50
    assert all(len(each) <= 40 for each in names)
