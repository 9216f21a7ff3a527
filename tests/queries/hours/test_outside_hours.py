"""What is booked in hours that were taken away since is named, until somebody moves or cancels it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Appointment, WeeklyHours
from telehealth.queries.hours.outside_hours import list_outside_hours
from tests.factories import (
    BY_STAFF,
    Office,
    add_override,
    add_time_off,
    book,
    cancel,
    make_location,
    make_office,
    make_therapist,
)
from tests.moments import NOW, at


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def outside(office: Office, **given: Any) -> list[Appointment]:
    return list(list_outside_hours(office.therapist, now=given.get("now", NOW)))


def change_hours(office: Office, **values: Any) -> None:
    with transaction() as session:
        for each in session.query(WeeklyHours).filter_by(therapist_id=office.therapist.id):
            for name, value in values.items():
                setattr(each, name, value)


def test_what_lies_in_the_hours_is_no_news(office: Office) -> None:
    book(office)
    assert outside(office) == []


def test_weekly_hours_that_went(office: Office) -> None:
    morning, afternoon = book(office, at(10)), book(office, at(14))
    change_hours(office, starts=time(13))
    assert outside(office) == [morning]
    change_hours(office, ends=time(14, 40))
    assert outside(office) == [morning, afternoon], "it would run beyond the hours"
    assert outside(office, now=at(13)) == [afternoon], "what is over needs nobody"


def test_another_way_to_meet_or_another_place(office: Office) -> None:
    by_video, in_person = book(office, at(10)), book(office, at(12), mode=Mode.IN_PERSON)
    change_hours(office, modes=["in_person"])
    assert outside(office) == [by_video]
    change_hours(office, modes=["in_person", "virtual"], location_id=make_location(office.practice).id)
    assert outside(office) == [in_person]


def test_a_closed_date_and_time_off(office: Office) -> None:
    tuesday, wednesday = book(office, at(10)), book(office, at(10, days=2))
    add_override(office.therapist, date(2026, 11, 24), None, None)
    assert outside(office) == [tuesday]
    add_time_off(office.therapist, datetime(2026, 11, 25, 10, 30), datetime(2026, 11, 25, 11))
    assert outside(office) == [tuesday, wednesday]


def test_what_staff_booked_there_on_purpose_is_known(office: Office) -> None:
    book(office, at(20), by=BY_STAFF, waived=frozenset({Obstacle.OUTSIDE_HOURS}), reason="They cannot come earlier")
    assert outside(office) == []


def test_what_is_cancelled_and_what_a_colleague_gives(office: Office) -> None:
    cancel(book(office, at(10)))
    colleague = make_therapist(office.practice, office.service)
    book(office, at(11), therapist=colleague.public_id)
    change_hours(office, starts=time(16))
    assert outside(office) == []


def test_the_second_of_two_therapists(database: Session) -> None:
    office = make_office(service={"therapists_needed": 2})
    colleague = make_therapist(office.practice, office.service)
    made = book(office, co_therapist=colleague.public_id)
    add_override(colleague, date(2026, 11, 24), None, None)
    assert outside(office) == []
    assert list(list_outside_hours(colleague, now=NOW)) == [made]
