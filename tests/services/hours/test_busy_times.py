"""Busy time from a therapist's own calendar."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.hours.busy_spans import BusySpan, join_spans, subtract_spans
from telehealth.models import BusyInterval, FreedTime, PracticeEvent
from telehealth.services.audit import COMMAND, ActedBy
from telehealth.services.hours.busy_times import replace_busy_intervals
from tests.factories.offices import Office, make_office
from tests.factories.therapists import make_therapist
from tests.moments import NOW, at


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def replace(office: Office, *spans: BusySpan, now: datetime = NOW) -> list[BusySpan]:
    return replace_busy_intervals(
        practice_id=office.practice.id, therapist_id=office.therapist.id, spans=spans, by=COMMAND, now=now
    )


def known(office: Office) -> list[BusySpan]:
    rows = db.session.execute(
        select(BusyInterval.starts_at, BusyInterval.ends_at)
        .where(BusyInterval.therapist_id == office.therapist.id)
        .order_by(BusyInterval.starts_at)
    )
    return [BusySpan(*row) for row in rows]


def freed(office: Office) -> list[BusySpan]:
    rows = db.session.execute(select(FreedTime.starts_at, FreedTime.ends_at).order_by(FreedTime.starts_at))
    return [BusySpan(*row) for row in rows]


def test_each_report_replaces_the_one_before(office: Office) -> None:
    replace(office, BusySpan(at(9), at(10)), BusySpan(at(14), at(15)))
    kept = replace(office, BusySpan(at(11), at(12)))
    assert kept == known(office) == [BusySpan(at(11), at(12))]
    assert replace(office) == known(office) == []


def test_what_touches_is_joined_and_what_is_over_is_left_out(office: Office) -> None:
    yesterday = BusySpan(NOW - timedelta(days=1), NOW - timedelta(hours=23))
    replace(
        office,
        BusySpan(at(11), at(12)),
        BusySpan(at(9), at(10)),
        yesterday,
        BusySpan(at(10), at(11)),
        BusySpan(at(9), at(9, 30)),
    )
    assert known(office) == [BusySpan(at(9), at(12))]


def test_what_goes_on_now_counts(office: Office) -> None:
    going_on = BusySpan(NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    assert replace(office, going_on) == [going_on]


def test_only_this_therapist_is_touched(office: Office) -> None:
    colleague = make_therapist(office.practice, office.service)
    spans = [BusySpan(at(9), at(10))]
    replace_busy_intervals(practice_id=office.practice.id, therapist_id=colleague.id, spans=spans, by=COMMAND, now=NOW)
    replace(office, BusySpan(at(14), at(15)))
    replace(office)
    assert db.session.scalars(select(BusyInterval.therapist_id)).all() == [colleague.id]


def test_time_that_is_no_longer_busy_is_written_down_as_freed(office: Office) -> None:
    replace(office, BusySpan(at(9), at(12)))
    assert freed(office) == []
    replace(office, BusySpan(at(10), at(11)), BusySpan(at(14), at(15)))
    assert freed(office) == [BusySpan(at(9), at(10)), BusySpan(at(11), at(12))]


def test_the_same_report_again_frees_nothing(office: Office) -> None:
    for _ in range(2):
        replace(office, BusySpan(at(9), at(12)))
    assert freed(office) == []


def test_what_makes_no_sense_is_named(office: Office) -> None:
    with pytest.raises(InvalidInput) as refused:
        replace(office, BusySpan(at(9), at(10)), BusySpan(at(9), at(9)), BusySpan(at(9, days=1000), at(10, days=1000)))
    assert set(refused.value.fields) == {"busy.1.end", "busy.2.start"}
    assert known(office) == []


def test_too_many(office: Office) -> None:
    spans = [BusySpan(NOW + timedelta(minutes=n), NOW + timedelta(minutes=n, seconds=30)) for n in range(2_001)]
    with pytest.raises(InvalidInput) as refused:
        replace(office, *spans)
    assert list(refused.value.fields) == ["busy"]
    assert len(replace(office, *spans[1:])) == 2_000


def test_a_therapist_of_another_practice_is_not_there(office: Office) -> None:
    other = make_office()
    with pytest.raises(NotFound):
        replace_busy_intervals(
            practice_id=office.practice.id, therapist_id=other.therapist.id, spans=[], by=COMMAND, now=NOW
        )


def test_a_line_says_how_many_times_came_and_went(database: Session, office: Office) -> None:
    nine, eleven, two = BusySpan(at(9), at(10)), BusySpan(at(11), at(12)), BusySpan(at(14), at(15))
    for spans in ((), (nine, eleven), (eleven, nine), (nine, two), ()):
        replace(office, *spans)
    replace(office, now=NOW + timedelta(hours=1))
    found = database.scalars(select(PracticeEvent).order_by(PracticeEvent.id)).all()
    assert [each.details for each in found] == [
        {"intervals": 2, "added": 2, "removed": 0},
        {"intervals": 2, "added": 1, "removed": 1},
        {"intervals": 0, "added": 0, "removed": 2},
    ]
    for each in found:
        assert (each.subject, each.action, each.at) == (AuditSubject.BUSY_TIME, AuditAction.CHANGED, NOW)
        assert (each.subject_public_id, each.name) == (office.therapist.public_id, office.therapist.name)
        assert ActedBy(each.actor, each.user_id, each.via) == COMMAND


def test_time_that_goes_by_is_no_change(database: Session, office: Office) -> None:
    nine, two = BusySpan(at(9), at(10)), BusySpan(at(14), at(15))
    replace(office, nine, two)
    for now in (at(9, 30), at(12)):
        assert replace(office, nine, two, now=now)[-1] == two
    assert len(database.scalars(select(PracticeEvent)).all()) == 1


MINUTES = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)), max_size=8)


@given(MINUTES, MINUTES)
def test_what_is_freed_is_what_was_busy_and_is_not_any_more(
    before: list[tuple[int, int]], after: list[tuple[int, int]]
) -> None:
    def spans(given: list[tuple[int, int]]) -> list[BusySpan]:
        return list(join_spans(BusySpan(minute(start), minute(start + length)) for start, length in given))

    def minutes(of: list[BusySpan]) -> set[int]:
        return {n for n in range(60) for span in of if span.starts_at <= minute(n) < span.ends_at}

    assert minutes(list(subtract_spans(spans(before), spans(after)))) == minutes(spans(before)) - minutes(spans(after))


def minute(number: int) -> datetime:
    return NOW + timedelta(minutes=number)
