"""A date of a standing slot lasts as long as was agreed when its time was taken, whatever becomes of its service: as
long as the service usually does, or one of its other lengths.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.errors import InvalidInput
from telehealth.domain.series.patterns import DateOutcome, SeriesChange, SeriesScope
from telehealth.domain.words import Mode, Obstacle, OccurrenceStatus
from telehealth.models import Appointment, Client, FreedTime, Occupancy, Occurrence, Series
from telehealth.services.series.changing import change_series, preview_change
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


def make_long_office() -> Office:
    """Usually fifty minutes; eighty, if staff say so."""
    return make_office(service={"other_lengths": [30, 80]})


def about(made: Series) -> dict[str, Any]:
    return {"practice_id": made.practice_id, "series_public_id": made.public_id, "by": BY_STAFF, "now": NOW}


def lengths_of(made: Series, database: Session) -> set[int]:
    rows = select(Occurrence.duration_minutes).where(Occurrence.series_id == made.id, Occurrence.day >= day(0))
    return set(database.scalars(rows).all())


def test_all_of_its_dates_may_last_longer_than_usual(database: Session) -> None:
    office = make_long_office()
    made = make_series(office, minutes=80)
    assert (made.duration_minutes, made.minutes, lengths_of(made, database)) == (80, 80, {80})
    assert made_for(made, 0, database).ends_at == tuesday(0, 16, 20)
    materialise_series(now=NOW + 3 * WEEK)
    assert row_on(made, 58, database).ends_at == tuesday(58, 16, 20), "those that are added later, too"


def test_the_usual_length_goes_on_as_the_service_does(database: Session) -> None:
    office = make_long_office()
    made = make_series(office, minutes=50)
    assert made.duration_minutes is None
    lasts(office, 60, database)
    assert made.minutes == 60


def test_a_length_that_the_service_allows_no_more_gives_way_to_the_usual_one(database: Session) -> None:
    office = make_long_office()
    made = make_series(office, minutes=80)
    office.service.other_lengths = [30]
    database.commit()
    materialise_series(now=NOW + 2 * WEEK)
    assert made.minutes == 50
    assert row_on(made, 56, database).ends_at == tuesday(56, 16, 20), "its time was taken already"
    assert row_on(made, 57, database).ends_at == tuesday(57, 15, 50)


def test_no_slot_lasts_as_long_as_no_session_may(database: Session) -> None:
    office = make_long_office()
    with pytest.raises(InvalidInput) as refused:
        make_series(office, minutes=65)
    assert refused.value.fields.keys() == {"minutes"}
    made = make_series(office)
    with pytest.raises(InvalidInput):
        change_series(**about(made), scope=SeriesScope.ALL, to=SeriesChange(minutes=65))
    assert lengths_of(made, database) == {50}


def test_the_same_slot_of_another_length_is_another_one() -> None:
    office = make_long_office()
    ben = [make_contact(name="Ben")]
    made = make_series(office, contacts=ben, minutes=80)
    assert make_series(office, contacts=ben, minutes=80).id == made.id
    assert make_series(office, contacts=ben).id != made.id


def test_every_date_ahead_lasts_longer_from_now_on(database: Session) -> None:
    office = make_long_office()
    made = make_series(office)
    before = made_for(made, 0, database)
    uid, sequence = before.uid, before.sequence
    foreseen = preview_change(**about(made), scope=SeriesScope.ALL, to=SeriesChange(minutes=80))
    assert lengths_of(made, database) == {50}, "looking changes nothing"
    done = change_series(**about(made), scope=SeriesScope.ALL, to=SeriesChange(minutes=80))
    assert [each.outcome for each in done.dates] == [each.outcome for each in foreseen]
    assert {each.outcome for each in done.dates} == {DateOutcome.MOVED, DateOutcome.PLANNED}
    planned = {row.duration_minutes for row in made.occurrences if row.status == PLANNED}
    assert planned == {80}
    after = made_for(made, 0, database)
    assert (after.starts_at, after.ends_at, after.uid, after.sequence) == (
        tuesday(0), tuesday(0, 16, 20), uid, sequence + 1,
    )  # fmt: skip


def test_one_date_alone_lasts_shorter(database: Session) -> None:
    office = make_long_office()
    made = make_series(office)
    change_series(**about(made), scope=SeriesScope.THIS, day=day(20), to=SeriesChange(minutes=30))
    assert made_for(made, 20, database).ends_at == tuesday(20, 15, 30)
    assert row_on(made, 21, database).ends_at == tuesday(21, 15, 50)
    assert made.duration_minutes is None


def test_what_follows_upon_a_longer_date_is_in_its_way(database: Session) -> None:
    office = make_long_office()
    made = make_series(office)
    book(office, tuesday(0, 16))
    done = change_series(**about(made), scope=SeriesScope.ALL, to=SeriesChange(minutes=80))
    stuck = [each for each in done.dates if each.outcome == DateOutcome.CONFLICT]
    assert [(each.day, each.obstacles) for each in stuck] == [(day(0), (Obstacle.TAKEN,))]
    assert made_for(made, 0, database).ends_at == tuesday(0, 15, 50), "it stays as it was"


def test_another_time_keeps_the_length(database: Session) -> None:
    office = make_long_office()
    made = make_series(office, minutes=80)
    change_series(**about(made), scope=SeriesScope.FOLLOWING, day=day(30), to=SeriesChange(local_time=time(14)))
    goes_on = database.scalars(select(Series).where(Series.id != made.id)).one()
    assert (goes_on.duration_minutes, lengths_of(goes_on, database)) == (80, {80})
    change_series(**about(goes_on), scope=SeriesScope.ALL, to=SeriesChange(minutes=50))
    assert (goes_on.duration_minutes, lengths_of(goes_on, database)) == (None, {50})
