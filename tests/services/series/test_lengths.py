"""A date of a standing slot lasts as long as was agreed when its time was taken, whatever becomes of its service."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.series.patterns import DateOutcome, SeriesChange, SeriesScope
from telehealth.domain.words import Mode, OccurrenceStatus
from telehealth.models import Appointment, Client, FreedTime, Occupancy, Occurrence, Series
from telehealth.services.series.changing import change_series
from telehealth.services.series.ending import restore_occurrence, skip_occurrence
from telehealth.services.series.materialising import materialise_series
from telehealth.services.series.members import add_member
from tests.factories import (
    BY_STAFF,
    Office,
    add_override,
    book,
    make_contact,
    make_group_office,
    make_office,
    make_series,
    make_service,
)
from tests.moments import DENVER, NOW, at

pytestmark = pytest.mark.usefixtures("database")

PLANNED, BOOKED = OccurrenceStatus.PLANNED, OccurrenceStatus.BOOKED
WEEK = timedelta(weeks=1)


def tuesday(week: int, hour: int = 15, minute: int = 0) -> datetime:
    """So many weeks after the first date, at a wall time in Denver."""
    return at(hour, minute, days=8 + 7 * week)


def day(week: int) -> date:
    return tuesday(week).astimezone(DENVER).date()


def lasts(office: Office, minutes: int, database: Session) -> None:
    """From now on."""
    office.service.duration_minutes = minutes
    database.commit()


def row_on(made: Series, week: int, database: Session) -> Occurrence:
    found = select(Occurrence).where(Occurrence.series_id == made.id, Occurrence.day == day(week))
    return database.scalars(found.execution_options(populate_existing=True)).one()


def made_for(made: Series, week: int, database: Session) -> Appointment:
    row = row_on(made, week, database)
    assert row.appointment is not None, row.reason
    return row.appointment


@pytest.mark.parametrize("minutes", [30, 80])
@pytest.mark.parametrize("mode", [Mode.VIRTUAL, Mode.IN_PERSON])
def test_its_appointment_gets_the_time_that_was_kept(database: Session, minutes: int, mode: Mode) -> None:
    office = make_office()
    short = make_service(office.practice, horizon_days=200)
    office.therapist.services.append(short)
    database.commit()
    made = make_series(office, mode=mode)
    lasts(office, minutes, database)
    book(office, tuesday(12, 16), service=short.public_id)
    assert materialise_series(now=NOW + 5 * WEEK) == 5
    appointment = made_for(made, 12, database)
    assert (appointment.starts_at, appointment.ends_at) == (tuesday(12), tuesday(12, 15, 50))
    rows = database.scalars(select(Occupancy).where(Occupancy.appointment_id == appointment.id)).all()
    assert len(rows) == (3 if mode == Mode.IN_PERSON else 2)
    assert {(row.starts_at, row.ends_at) for row in rows} == {(tuesday(12), tuesday(12, 15, 50))}
    assert {row.core_ends_at for row in rows} == {tuesday(12, 15, 50), None}


def test_hours_are_asked_again_for_the_length_that_was_agreed(database: Session) -> None:
    office = make_office()
    made = make_series(office, local_time=time(16))
    lasts(office, 80, database)
    assert materialise_series(now=NOW + WEEK) == 1, "it is over at ten to five, when they close at five"
    add_override(office.therapist, day(10), time(9), time(16, 30))
    assert materialise_series(now=NOW + 2 * WEEK) == 0
    assert row_on(made, 10, database).status == OccurrenceStatus.CONFLICT


def test_dates_to_come_last_as_long_as_the_service_does_by_then(database: Session) -> None:
    office = make_office()
    made = make_series(office)
    lasts(office, 80, database)
    materialise_series(now=NOW + 2 * WEEK)
    assert row_on(made, 56, database).ends_at == tuesday(56, 15, 50)
    assert row_on(made, 57, database).ends_at == tuesday(57, 16, 20)


def test_what_is_changed_or_put_back_is_agreed_anew(database: Session) -> None:
    office = make_office()
    made = make_series(office)
    lasts(office, 80, database)
    given = {"practice_id": made.practice_id, "series_public_id": made.public_id, "by": BY_STAFF, "now": NOW}
    skip_occurrence(**given, day=day(20))
    assert database.scalars(select(FreedTime.ends_at)).all() == [tuesday(20, 15, 50)]
    restore_occurrence(**given, day=day(20))
    assert row_on(made, 20, database).ends_at == tuesday(20, 16, 20)
    change_series(**given, scope=SeriesScope.FOLLOWING, day=day(30), to=SeriesChange(local_time=time(15)))
    rows = database.scalars(select(Occurrence).where(Occurrence.day >= day(29)).order_by(Occurrence.day)).all()
    assert [row.duration_minutes for row in rows] == [50] + [80] * 27
    assert {row.status for row in rows} == {PLANNED}


def test_who_joins_comes_for_as_long_as_the_others(database: Session) -> None:
    office = make_group_office()
    made = make_series(office, contacts=[make_contact()])
    lasts(office, 80, database)
    results = add_member(
        practice_id=made.practice_id,
        series_public_id=made.public_id,
        contact=make_contact(name="Ben"),
        by=BY_STAFF,
        now=NOW,
    )
    assert {each.outcome for each in results} == {DateOutcome.JOINED}
    ben = database.scalars(select(Client).where(Client.name == "Ben")).one()
    rows = database.scalars(select(Occupancy).where(Occupancy.resource_id == ben.resource_id)).all()
    assert {(row.starts_at, row.ends_at) for row in rows} == {
        (tuesday(week), tuesday(week, 15, 50)) for week in range(57)
    }
