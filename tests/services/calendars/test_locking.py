"""In which order what belongs to a therapist's calendars elsewhere is locked, and whoever is given up tries again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import Select, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from telehealth.database import DEADLOCKS_BORNE, db, transaction
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind
from telehealth.domain.sealing import KeyRing
from telehealth.models import CalendarConnection
from telehealth.services.calendars import answering, connecting, ending, written_calendars
from telehealth.services.calendars.answering import answer_missing
from telehealth.services.calendars.claims import claim_written
from telehealth.services.calendars.connecting import (
    LookedThrough,
    ask_reading,
    change_connection,
    choose_calendars,
    note_calendars,
)
from telehealth.services.calendars.ending import end_connection
from telehealth.services.calendars.sealed_access import open_access
from telehealth.services.calendars.written_calendars import WritingWish, set_written_calendar, stop_writing
from tests.factories import BY_STAFF, book, make_office
from tests.factories.connections import RING, WORK, connect_calendars
from tests.factories.rows import change
from tests.fakes_calendars import FakeCalendars
from tests.moments import NOW, at
from tests.services.calendars.test_syncing import MORNING, Account
from tests.writing_calendars import ADDRESSES, WrittenPlace

pytestmark = pytest.mark.usefixtures("database")

ORDER = ["therapist", "calendar_connection", "connected_calendar", "written_appointment"]
LAST = "task"
"""What is asked about them."""
MARKS = (" FOR UPDATE", " FOR NO KEY UPDATE")
UseCase = Callable[[CalendarConnection], object]


def whole(connection: CalendarConnection) -> dict[str, Any]:
    whose = {"practice_id": connection.practice_id, "connection_public_id": connection.public_id}
    return {**whose, "by": BY_STAFF, "now": NOW}


def one(connection: CalendarConnection) -> dict[str, Any]:
    whose = {"practice_id": connection.practice_id, "calendar_public_id": connection.calendars[0].public_id}
    return {**whose, "by": BY_STAFF, "now": NOW}


def look(connection: CalendarConnection) -> LookedThrough:
    access = open_access(RING, connection)
    return LookedThrough(opened_with=access, access=access, found=[WORK])


USE_CASES: dict[str, UseCase] = {
    "change": lambda row: change_connection(**whole(row), name="New", access=open_access(RING, row), ring=RING),
    "note": lambda row: note_calendars(**whole(row), looked=look(row), ring=RING),
    "choose": lambda row: choose_calendars(**whole(row), blocking=[]),
    "ask": lambda row: ask_reading(practice_id=row.practice_id, connection_public_id=row.public_id, now=NOW),
    "end": lambda row: end_connection(**whole(row)),
    "write": lambda row: set_written_calendar(**one(row), wish=WritingWish()),
    "stop": lambda row: stop_writing(**one(row)),
}


@contextmanager
def noting_locks() -> Iterator[list[list[str]]]:
    """The tables whose rows each transaction locks by reading them, as PostgreSQL is asked, each once."""
    locked: list[list[str]] = [[]]

    def begin(*_: Any) -> None:
        locked.append([])

    def note(_connection: Any, statement: Any, *_: Any) -> None:
        if not isinstance(statement, Select):
            return
        said = " ".join(str(statement.compile(dialect=postgresql.dialect())).split())
        if any(mark in said for mark in MARKS):
            of = said.partition(" UPDATE OF ")[2] or said.partition(" FROM ")[2]
            table = of.split()[0].strip(",")
            if table not in locked[-1]:
                locked[-1].append(table)

    event.listen(db.engine, "savepoint", begin)  # Tests have one around all transactions.
    event.listen(db.engine, "before_execute", note)
    try:
        yield locked
    finally:
        event.remove(db.engine, "savepoint", begin)
        event.remove(db.engine, "before_execute", note)


@pytest.mark.parametrize("use_case", [pytest.param(each, id=name) for name, each in USE_CASES.items()])
def test_the_therapist_comes_before_the_account_and_the_account_before_its_calendars(use_case: UseCase) -> None:
    connection = connect_calendars(make_office().therapist)
    with noting_locks() as locked:
        use_case(connection)
    (order,) = filter(None, locked)
    assert order[:2] == ORDER[:2]
    assert order == [each for each in [*ORDER, LAST] if each in order]


def test_so_does_what_keeps_a_reading() -> None:
    account = Account(make_office(), FakeCalendars())
    account.put(MORNING, uid="one")
    with noting_locks() as locked:
        account.sync()
    claimed, kept = filter(None, locked)
    assert claimed == ["calendar_connection"]
    assert kept == ORDER


def test_so_does_what_finds_that_a_key_is_missing(calendars: FakeCalendars) -> None:
    """It is noted on the calendar once nothing that is written into it is held any more."""
    office = make_office(with_rules=False)
    place = WrittenPlace(calendars, office.therapist)
    place.connect()
    book(office, at(10))
    place.compare()
    with noting_locks() as locked:
        found = claim_written(ring=KeyRing([]), addresses=ADDRESSES, kinds=[CalendarKind.CALDAV], now=NOW)
    assert (found, place.calendar().write_failure) == ([], CalendarFailure.BROKEN)
    assert [*filter(None, locked)][:2] == [["written_appointment"], ["connected_calendar"]]


def given_up(times: int) -> Callable[..., Iterator[Session]]:
    """Transactions of which the first ones end as PostgreSQL ends them when it breaks a deadlock."""
    left = [times]

    @contextmanager
    def deadlocked() -> Iterator[Session]:
        with transaction() as session:
            yield session
            if left[0]:
                left[0] -= 1
                raise OperationalError("update", {}, psycopg.errors.DeadlockDetected())

    return deadlocked


@pytest.mark.parametrize("use_case", [pytest.param(each, id=name) for name, each in USE_CASES.items()])
def test_whoever_was_given_up_tries_again(use_case: UseCase, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connect_calendars(make_office().therapist)
    for module in (connecting, ending, written_calendars):
        monkeypatch.setattr(module, "transaction", given_up(DEADLOCKS_BORNE))
    use_case(connection)


def test_so_does_who_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connect_calendars(make_office().therapist)
    change(connection.calendars[0], is_written=True, missing_since=NOW)
    monkeypatch.setattr(answering, "transaction", given_up(1))
    answer_missing(**one(connection), is_on_purpose=True)
    assert not connection.calendars[0].is_written
