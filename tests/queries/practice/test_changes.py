"""Who set what: filters, pages, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from telehealth.domain.audit_words import Actor, AuditAction, AuditSubject, Via
from telehealth.domain.errors import NotFound
from telehealth.models import Practice, PracticeEvent, User
from telehealth.queries.practice.changes import Change, ChangeFilters, list_changes
from tests.factories import make_practice, make_user
from tests.factories.rows import keep
from tests.moments import NOW
from tests.statements import listening

ALL = ChangeFilters()
MINUTE = timedelta(minutes=1)
PAGE_OF_A_PRACTICE = """
SELECT id FROM practice_event WHERE practice_id = {0} ORDER BY at DESC, id DESC LIMIT 51
"""
HISTORY = """
INSERT INTO practice_event
SELECT (jsonb_populate_record(practice_event, jsonb_build_object('id', -n, 'at', at - n * interval '1 hour'))).*
FROM practice_event, generate_series(1, 5000) AS n
"""


@pytest.fixture
def practice(database: Session) -> Practice:
    return make_practice()


@pytest.fixture
def statements(database: Session) -> Iterator[list[str]]:
    database.connection()  # What is counted is said after the beginning.
    with listening() as seen:
        yield seen


def line(practice: Practice, name: str, minutes: int = 0, user: User | None = None, **given: object) -> PracticeEvent:
    usual = {
        "subject": AuditSubject.SERVICE,
        "action": AuditAction.CHANGED,
        "actor": Actor.STAFF,
        "via": Via.PAGE,
        "user_id": user.id if user else None,
        "details": {},
    }
    about = {"practice_id": practice.id, "name": name, "at": NOW + minutes * MINUTE}
    return keep(PracticeEvent(**{**usual, **about, **given}))


def names(rows: object) -> list[str]:
    assert isinstance(rows, list)
    return [each.event.name for each in rows if isinstance(each, Change)]


def found(practice: Practice, filters: ChangeFilters) -> list[str]:
    return names(list_changes(practice.id, filters).rows)


def test_the_latest_first_with_who_did_it(practice: Practice) -> None:
    robin = make_user(practice, name="Robin Reed")
    line(practice, "older", 0, robin)
    line(practice, "newer", 5)
    page = list_changes(practice.id, ALL)
    assert [(each.event.name, each.user_name) for each in page.rows] == [("newer", ""), ("older", "Robin Reed")]
    assert page.following is None


def test_filters(practice: Practice) -> None:
    robin, sam = make_user(practice), make_user(practice)
    line(practice, "by Robin", 0, robin)
    line(practice, "by Sam", 1, sam, subject=AuditSubject.TERMS)
    line(practice, "by Jane", 2, actor=Actor.CLIENT, via=Via.LINK)
    line(practice, "by command", 3, via=Via.COMMAND)
    assert found(practice, ChangeFilters(user_id=robin.id)) == ["by Robin"]
    assert found(practice, ChangeFilters(subject=AuditSubject.TERMS)) == ["by Sam"]
    assert found(practice, ChangeFilters(actor=Actor.CLIENT)) == ["by Jane"]
    assert found(practice, ChangeFilters(via=Via.COMMAND)) == ["by command"]
    assert found(practice, ChangeFilters(since=NOW + MINUTE, until=NOW + 3 * MINUTE)) == ["by Jane", "by Sam"]
    assert found(practice, ChangeFilters(user_id=robin.id, subject=AuditSubject.TERMS)) == []


def test_pages_follow_each_other_also_where_lines_share_an_instant(practice: Practice) -> None:
    for number in range(7):
        line(practice, str(number), number // 3)
    seen: list[str] = []
    after = None
    while True:
        page = list_changes(practice.id, ALL, after=after, limit=2)
        seen += names(page.rows)
        after = page.following
        if after is None:
            break
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


def test_another_practice_is_not_seen(practice: Practice) -> None:
    other = make_practice()
    theirs = line(other, "theirs", user=make_user(other))
    line(practice, "ours")
    assert found(practice, ALL) == ["ours"]
    assert found(practice, ChangeFilters(user_id=theirs.user_id)) == []
    with pytest.raises(NotFound):
        list_changes(practice.id, ALL, after=str(theirs.id))


@pytest.mark.parametrize("after", ["0", "nobody", "²", "-1", "1" * 30, "\0"])
def test_a_place_that_is_nowhere_is_not_found(practice: Practice, after: str) -> None:
    with pytest.raises(NotFound):
        list_changes(practice.id, ALL, after=after)


def test_a_page_is_one_statement(practice: Practice, statements: list[str]) -> None:
    for number in range(10):
        line(practice, str(number), number, make_user(practice))
    del statements[:]
    assert len({each.user_name for each in list_changes(practice.id, ALL).rows}) == 1
    assert sum(each.lstrip().startswith("SELECT") for each in statements) == 1


def test_a_page_does_not_read_the_whole_history(database: Session, practice: Practice) -> None:
    line(practice, "ours")
    explain = "EXPLAIN QUERY PLAN"
    if database.get_bind().dialect.name == "postgresql":
        database.execute(text(HISTORY))  # It goes by costs: which index serves a small table best is a matter of luck.
        database.execute(text("ANALYZE practice_event"))
        explain = "EXPLAIN"
    plan = str(database.execute(text(f"{explain} {PAGE_OF_A_PRACTICE.format(practice.id)}")).all())
    assert "ix_practice_event_practice_id_at" in plan
