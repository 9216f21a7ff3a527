"""Time taken in therapists' own calendars, as it is looked up."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product
from typing import Any

from sqlalchemy import event, insert, text
from sqlalchemy.orm import Session

from telehealth.domain.words import Mode
from telehealth.models import BusyInterval, Therapist
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered
from telehealth.queries.calendars.conflicts import list_calendar_conflicts
from telehealth.queries.hours.busy_intervals import TIMES, find_busy_source, select_busy
from tests.factories import make_office, make_therapist
from tests.moments import NOW, at

DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)


def test_what_overlaps_is_found_however_long_it_lasts(database: Session) -> None:
    office = make_office(with_rules=False)
    colleague = make_therapist(office.practice)
    since, until = at(9), at(17)
    edges = [
        edge + shift
        for edge in (since, until, since - DAY, until + DAY)
        for shift in (-20 * DAY, -DAY, -MICROSECOND, 0 * DAY, MICROSECOND, DAY, 20 * DAY)
    ]
    spans = sorted({(starts, ends) for starts, ends in product(edges, edges) if starts < ends})
    for whose in (office.therapist, colleague):
        rows = [{"starts_at": starts, "ends_at": ends} for starts, ends in spans]
        about = {"practice_id": office.practice.id, "therapist_id": whose.id}
        database.execute(insert(BusyInterval), [about | row for row in rows])
    near = select_busy(TIMES, BusyInterval.therapist_id == colleague.id, since=since, until=until)
    found = [tuple(row) for row in database.execute(near)]
    assert sorted(found) == [(starts, ends) for starts, ends in spans if starts < until and ends > since]


def test_a_look_at_a_week_does_not_read_all_that_comes_after(database: Session) -> None:
    office = make_office()
    _keep_many(database, office.therapist)
    is_postgresql = database.get_bind().dialect.name == "postgresql"
    if is_postgresql:  # It goes by costs.
        database.execute(text("ANALYZE busy_interval"))
    plans: list[str] = []

    @event.listens_for(database.connection(), "before_cursor_execute")
    def note(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "busy_interval" in statement:
            cursor.execute(f"{'EXPLAIN' if is_postgresql else 'EXPLAIN QUERY PLAN'} {statement}", parameters)
            plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))

    week = SlotQuery(office.practice.id, office.service, Mode.VIRTUAL, at(9), at(9) + 7 * DAY, office.therapist.id)
    assert offered(week, now=NOW)
    assert not list_calendar_conflicts(office.practice.id, now=NOW)
    assert find_busy_source(office.therapist.id, at(9), at(10)) is None
    assert len(plans) == 3
    for plan in plans:
        assert "ix_busy_interval_long" in plan
        bounded = r"ends_at > .*ends_at <= .*starts_at < " if is_postgresql else r"ends_at>\? AND ends_at<\?"
        assert re.search(bounded, plan), plan


def _keep_many(database: Session, therapist: Therapist) -> None:
    """At night, of some years, and now and then for ten days."""
    about = {"practice_id": therapist.practice_id, "therapist_id": therapist.id}
    nights = [at(2) + number * DAY for number in range(5_000)]
    rows = [about | {"starts_at": night, "ends_at": night + DAY / 24} for night in nights]
    rows += [about | {"starts_at": night, "ends_at": night + 10 * DAY} for night in nights[50::200]]
    database.execute(insert(BusyInterval), rows)
