"""New zone data is looked through once, and the front desk hears of what no longer is at its time."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain import walltime
from telehealth.domain.message_words import TaskKind
from telehealth.domain.series.patterns import DateOutcome, SeriesChange, SeriesScope
from telehealth.domain.words import OccurrenceStatus
from telehealth.models import Appointment, Occurrence, Practice, Series, Task
from telehealth.queries.series.clock_changes import list_shifted_series
from telehealth.services.inbox.clock_changes import look_for_clock_changes
from telehealth.services.series.changing import change_series
from tests.factories import BY_STAFF, Office, book, make_office, make_series
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def office() -> Office:
    return make_office()


def agree(appointment: Appointment, hour: int) -> None:
    agreed = appointment.local_start.replace(hour=hour)
    with transaction() as session:
        session.execute(update(Appointment).where(Appointment.id == appointment.id).values(local_start=agreed))


def slot_at(series: Series, hour: int) -> None:
    """As if the rules had changed since: the slot's time is what it was, and its dates are at another."""
    with transaction() as session:
        session.execute(update(Series).where(Series.id == series.id).values(local_time=time(hour)))


def tasks(session: Session) -> list[Task]:
    return list(session.scalars(select(Task).where(Task.kind == TaskKind.CLOCKS)))


def test_without_a_difference_there_is_nothing_to_do(database: Session, office: Office) -> None:
    book(office)
    make_series(office)
    assert look_for_clock_changes(now=NOW) == 1
    assert tasks(database) == []
    assert database.scalars(select(Practice.zone_data)).one() == walltime.zone_data_version()


def test_a_difference_opens_one_task_for_each_release(database: Session, office: Office) -> None:
    agree(book(office, at(10)), 9)
    assert [look_for_clock_changes(now=NOW), look_for_clock_changes(now=NOW)] == [1, 0]
    (task,) = tasks(database)
    assert "appointments: 1, standing slots: 0" in task.note
    with transaction() as session:
        session.execute(update(Practice).values(zone_data="2025b"))
    assert look_for_clock_changes(now=NOW) == 1
    assert len(tasks(database)) == 1  # It waits already.


def test_the_dates_of_a_standing_slot_are_looked_through(database: Session, office: Office) -> None:
    series = make_series(office)
    assert list_shifted_series(office.practice.id, now=NOW) == []
    slot_at(series, 14)
    (found,) = list_shifted_series(office.practice.id, now=NOW)
    planned = select(Occurrence).where(Occurrence.status == OccurrenceStatus.PLANNED).order_by(Occurrence.day)
    assert list(found.dates) == list(database.scalars(planned))
    assert list_shifted_series(office.practice.id, therapist_id=-1, now=NOW) == []
    look_for_clock_changes(now=NOW)
    assert "appointments: 0, standing slots: 1" in tasks(database)[0].note


def test_one_date_with_a_time_of_its_own_is_no_shift(database: Session, office: Office) -> None:
    make_series(office)
    own = database.scalars(
        select(Occurrence).where(Occurrence.status == OccurrenceStatus.PLANNED).order_by(Occurrence.id)
    ).first()
    assert own is not None
    with transaction() as session:
        later = Occurrence.__table__.update().where(Occurrence.id == own.id)
        session.execute(later.values(starts_at=own.starts_at + timedelta(hours=1)))
    assert list_shifted_series(office.practice.id, now=NOW) == []


def test_a_standing_slot_is_put_back_at_its_time_by_a_change_that_changes_nothing(office: Office) -> None:
    series = make_series(office)
    slot_at(series, 14)
    changed = change_series(
        practice_id=office.practice.id,
        series_public_id=series.public_id,
        scope=SeriesScope.ALL,
        to=SeriesChange(),
        by=BY_STAFF,
        now=NOW + timedelta(hours=1),
    )
    assert {each.outcome for each in changed.dates} == {DateOutcome.MOVED, DateOutcome.PLANNED}
    zone = walltime.zone(series.timezone)
    assert {walltime.wall(each.starts_at, zone).time() for each in changed.dates} == {time(14)}
    assert list_shifted_series(office.practice.id, now=NOW) == []
