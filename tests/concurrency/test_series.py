"""Standing slots are set up, made into appointments, changed and booked against, all at the same moment."""

from __future__ import annotations

from collections import Counter
from datetime import time, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.series.patterns import SeriesChange, SeriesScope
from telehealth.domain.words import Obstacle, OccurrenceStatus
from telehealth.models import Appointment, AppointmentEvent, Occupancy, Occurrence, Series
from telehealth.services.appointments.booking import book_appointment
from telehealth.services.series.changing import change_series, preview_change
from telehealth.services.series.ending import end_series
from telehealth.services.series.making import create_series
from telehealth.services.series.materialising import materialise_series
from tests.concurrency.conftest import Race
from tests.concurrency.racing import Call, Outcome, look_again
from tests.concurrency.test_booking import count, overlapping
from tests.factories import (
    BY_STAFF,
    Office,
    make_contact,
    make_group_office,
    make_office,
    make_plan,
    make_series,
    make_therapist,
    make_wish,
)
from tests.moments import NOW, at

pytestmark = pytest.mark.concurrency

WEEK = timedelta(weeks=1)
BOOKED, PLANNED = OccurrenceStatus.BOOKED, OccurrenceStatus.PLANNED


def rows() -> list[Occurrence]:
    look_again()
    return list(db.session.scalars(select(Occurrence).order_by(Occurrence.series_id, Occurrence.day)))


def errors(outcomes: list[Outcome]) -> Counter[str]:
    return Counter(outcome.error for outcome in outcomes)


def booking(office: Office, week: int, minute: int = 0, *, hour: int = 15) -> Call:
    """Staff book on the Tuesday of a week, as far ahead as they like."""
    wish = make_wish(
        office,
        at(hour, minute, days=8 + 7 * week),
        waived=frozenset({Obstacle.HORIZON, Obstacle.OFF_GRID}),
        reason="far ahead",
    )
    return partial(book_appointment, practice=office.practice.id, wish=wish, by=BY_STAFF, now=NOW)


def setting_up(office: Office) -> Call:
    return partial(
        create_series,
        practice_id=office.practice.id,
        plan=make_plan(office, count=20),
        contacts=[make_contact()],
        by=BY_STAFF,
        now=NOW,
    )


def everything_stands_on_its_time() -> None:
    """Each date keeps its time exactly once, by itself or by its appointment."""
    assert overlapping() == 0
    owners = Counter(
        row for kept in db.session.scalars(select(Occupancy)) for row in [(kept.appointment_id, kept.occurrence_id)]
    )
    for row in rows():
        if row.status == PLANNED:
            assert owners[(None, row.id)] >= 1, row.day
        else:
            assert owners[(None, row.id)] == 0, row.day


def test_two_materialisers_make_each_appointment_once(race: Race) -> None:
    office = make_office()
    for hour in (9, 11, 13):
        make_series(office, local_time=time(hour), count=20)
    made = count(Appointment)
    later = NOW + 6 * WEEK
    outcomes = race([partial(materialise_series, now=later)] * 8)
    assert errors(outcomes) == {"": 8}
    assert sum(outcome.value for outcome in outcomes) == 18
    assert count(Appointment) == made + 18
    found = [row for row in rows() if row.status == BOOKED]
    assert len({row.appointment_id for row in found}) == len(found) == made + 18
    assert count(AppointmentEvent) == made + 18
    everything_stands_on_its_time()


def test_a_materialiser_and_bookings_of_the_same_time(race: Race) -> None:
    office = make_office()
    make_series(office, count=16)
    later = NOW + 6 * WEEK
    calls = [partial(materialise_series, now=later)] * 4
    calls += [booking(office, week, minute) for week in range(9, 15) for minute in (0, 30)]
    outcomes = race(calls)
    assert errors(outcomes) == {"": 4, "SlotTaken": 12}
    assert count(Appointment) == 15
    everything_stands_on_its_time()


def test_slots_and_bookings_race_for_the_same_weeks(race: Race) -> None:
    office = make_office()
    outcomes = race([*[setting_up(office) for _ in range(3)], *[booking(office, week) for week in range(0, 20, 2)]])
    assert set(errors(outcomes)) <= {"", "SlotTaken"}
    assert count(Series) == 3, "a slot is never refused as a whole"
    kept = [row for row in rows() if row.status in {BOOKED, PLANNED}]
    won = errors(outcomes)[""] - 3
    assert len(kept) + won == 20, "every week went to exactly one of them"
    assert len({row.starts_at for row in kept}) == len(kept)
    everything_stands_on_its_time()


def test_a_preview_takes_nothing_from_anybody(threads: Race) -> None:
    """It holds the new times for a moment: whoever books one of them waits for its end, and is not refused."""
    office = make_office()
    made = make_series(office, count=12)
    preview = partial(
        preview_change,
        practice_id=office.practice.id,
        series_public_id=made.public_id,
        scope=SeriesScope.ALL,
        to=SeriesChange(local_time=time(11)),
        by=BY_STAFF,
        now=NOW,
    )
    before = [(row.day, row.starts_at, row.status, row.appointment_id) for row in rows()]
    outcomes = threads([*[preview] * 4, *[booking(office, week, hour=11) for week in range(12)]])
    assert errors(outcomes) == {"": 16}
    assert [(row.day, row.starts_at, row.status, row.appointment_id) for row in rows()] == before
    assert {row.appointment.sequence for row in rows() if row.appointment is not None} == {0}
    everything_stands_on_its_time()


def test_a_slot_is_changed_while_its_appointments_are_made(threads: Race) -> None:
    office = make_office()
    colleague = make_therapist(office.practice, office.service)
    made = make_series(office, count=20)
    change = partial(
        change_series,
        practice_id=office.practice.id,
        series_public_id=made.public_id,
        scope=SeriesScope.ALL,
        to=SeriesChange(weekday=3, therapist=colleague.public_id),
        by=BY_STAFF,
        now=NOW + 5 * WEEK,
    )
    outcomes = threads([change, *[partial(materialise_series, now=NOW + 6 * WEEK)] * 5])
    assert set(errors(outcomes)) == {""}
    materialise_series(now=NOW + 6 * WEEK)
    look_again()
    for row in rows():
        if row.starts_at > NOW + 6 * WEEK and row.appointment is not None:
            assert row.appointment.starts_at == row.starts_at
            assert row.appointment.therapist_id == colleague.id
            owner = Occupancy.resource_id == colleague.resource_id
            found = select(Occupancy).where(Occupancy.appointment_id == row.appointment_id, owner)
            assert len(db.session.scalars(found).all()) == 1
    assert len({row.appointment_id for row in rows() if row.appointment_id}) == count(Appointment)
    everything_stands_on_its_time()


def test_an_end_and_a_materialiser(race: Race) -> None:
    office = make_office()
    made = make_series(office, count=20)
    end = partial(
        end_series, practice_id=office.practice.id, series_public_id=made.public_id, by=BY_STAFF, now=NOW + 6 * WEEK
    )
    outcomes = race([end, *[partial(materialise_series, now=NOW + 6 * WEEK)] * 5])
    assert set(errors(outcomes)) == {""}
    look_again()
    ahead = select(Appointment.status).where(Appointment.starts_at > NOW + 6 * WEEK)
    assert set(db.session.scalars(ahead)) <= {"cancelled"}
    assert db.session.scalars(select(Occupancy.id).where(Occupancy.starts_at > NOW + 6 * WEEK)).all() == []
    assert db.session.scalars(select(Series.until)).one() < (NOW + 6 * WEEK).date() + timedelta(days=2)


def test_seats_of_a_group_while_its_appointments_are_made(threads: Race) -> None:
    office = make_group_office(capacity=3, opened_by_staff=True, horizon_days=200)
    make_series(office, contacts=[make_contact()], count=14)
    later = NOW + 4 * WEEK
    wishes = [make_wish(office, at(15, days=8 + 7 * week), therapist=None) for week in (9, 10) for _ in range(5)]
    seats = [
        partial(book_appointment, practice=office.practice.id, wish=each, by=BY_STAFF, now=later) for each in wishes
    ]
    outcomes = threads([*[partial(materialise_series, now=later)] * 3, *seats])
    assert set(errors(outcomes)) <= {"", "SlotTaken", "SlotNotOffered", "GroupFull"}
    look_again()
    assert all(len(each.seats) <= 3 for each in db.session.scalars(select(Appointment)))
    assert count(Appointment) == 13
    everything_stands_on_its_time()
