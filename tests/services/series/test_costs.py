"""What standing slots cost the database: as much for a year of dates as for a few."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench.costs import Costs, counted
from telehealth.database import db
from telehealth.domain.series.patterns import SeriesChange, SeriesScope
from telehealth.domain.words import Mode, OccurrenceStatus
from telehealth.models import Appointment, Attendee
from telehealth.services.series.changing import change_series
from telehealth.services.series.ending import pause_series
from telehealth.services.series.materialising import materialise_series
from tests.factories import (
    BY_STAFF,
    Office,
    make_contact,
    make_couple_office,
    make_group_office,
    make_office,
    make_room,
    make_series,
    make_therapist,
)
from tests.moments import NOW

pytestmark = pytest.mark.usefixtures("database")

PLANNED, BOOKED = OccurrenceStatus.PLANNED, OccurrenceStatus.BOOKED
FIRST = date(2026, 12, 1)
ONE_DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def office(database: Session) -> Office:
    return later(make_office(), database)


def later(office: Office, database: Session) -> Office:
    """Its appointments are made when a test says so."""
    office.practice.series_weeks = 0
    database.commit()
    return office


def made(office: Office, weeks: int, database: Session) -> Costs:
    """What it costs to make the appointments of so many weeks from now."""
    office.practice.series_weeks = weeks
    database.commit()
    before = count_appointments(database)
    with counted() as costs:
        found = materialise_series(now=NOW)
    assert count_appointments(database) == before + found
    return costs


def count_appointments(database: Session) -> int:
    return database.scalar(select(func.count()).select_from(Appointment)) or 0


def test_twelve_appointments_cost_as_much_as_four(office: Office, database: Session) -> None:
    make_series(office, contacts=[make_contact(wants_texts=True)])
    four, twelve = made(office, 5, database), made(office, 17, database)
    assert count_appointments(database) == 16
    assert twelve.statements == four.statements <= 20
    assert (four.flushes, twelve.flushes) == (0, 0)


def test_so_it_is_for_groups_in_a_room(database: Session) -> None:
    office = later(make_group_office(), database)
    people = [make_contact(name=name, jurisdiction=None) for name in ("Ana", "Ben", "Cleo")]
    make_series(office, contacts=people, mode=Mode.IN_PERSON)
    four, twelve = made(office, 5, database), made(office, 17, database)
    assert count_appointments(database) == 16
    assert twelve.statements == four.statements <= 22
    assert (four.flushes, twelve.flushes) == (0, 0)


def test_so_it_is_for_groups_without_somebody_who_is_busy_every_time(database: Session) -> None:
    office = later(make_group_office(), database)
    colleague = make_therapist(office.practice, office.service)
    ana, ben = make_contact(name="Ana"), make_contact(name="Ben")
    make_series(office, contacts=[ana], therapist=colleague.public_id)
    make_series(office, contacts=[ana, ben])
    four, twelve = made(office, 5, database), made(office, 17, database)
    seats = select(func.count()).select_from(Attendee)
    assert (count_appointments(database), database.scalar(seats)) == (32, 32)
    assert twelve.statements == four.statements


def laid(office: Office, count: int, starts_on: date, **given: Any) -> Costs:
    db.session.commit()  # Ends the read that looked at what was made before.
    with counted() as costs:
        made = make_series(office, count=count, starts_on=starts_on, **given)
    assert len(made.occurrences) == count
    assert {each.status for each in made.occurrences} == {PLANNED}
    return costs


@pytest.mark.parametrize("mode", [Mode.VIRTUAL, Mode.IN_PERSON])
def test_fifty_dates_cost_as_much_as_four(office: Office, mode: Mode) -> None:
    four = laid(office, 4, FIRST, mode=mode)
    fifty = laid(office, 50, FIRST + ONE_DAY, mode=mode)
    assert fifty.statements == four.statements
    assert four.flushes == fifty.flushes <= 2, "the slot with its members, and how far its dates are known"


def test_a_room_that_others_have_costs_nothing_more(office: Office) -> None:
    make_room(office.location, "Room 2")
    colleague = make_therapist(office.practice, office.service, location=office.location)
    first = laid(office, 50, FIRST, mode=Mode.IN_PERSON)
    second = laid(office, 50, FIRST, mode=Mode.IN_PERSON, therapist=colleague.public_id)
    assert second.statements == first.statements


def test_a_couple_is_not_asked_for_one_by_one(database: Session) -> None:
    office = later(make_couple_office(), database)
    one = laid(office, 4, FIRST, contacts=[make_contact()])
    two = laid(office, 4, FIRST + ONE_DAY, contacts=[make_contact(), make_contact(name="John")])
    assert two.statements == one.statements


def test_dates_are_added_in_one_go(office: Office) -> None:
    make_series(office)
    with counted() as four:
        materialise_series(now=NOW + 4 * WEEK)
    with counted() as forty:
        materialise_series(now=NOW + 44 * WEEK)
    assert forty.statements == four.statements
    assert (four.flushes, forty.flushes) == (1, 1)


def test_dates_are_carried_over_and_given_up_in_one_go(office: Office) -> None:
    costs = []
    for weekday, count in enumerate((4, 40)):
        slot = make_series(office, count=count, starts_on=FIRST + weekday * ONE_DAY)
        about: dict[str, Any] = {
            "practice_id": office.practice.id,
            "series_public_id": slot.public_id,
            "by": BY_STAFF,
            "now": NOW,
        }
        with counted() as cost:
            change_series(scope=SeriesScope.ALL, to=SeriesChange(local_time=time(11)), **about)
            pause_series(first=FIRST, last=FIRST + 53 * WEEK, **about)
        costs.append((cost.statements, cost.flushes))
    assert costs[0] == costs[1]
