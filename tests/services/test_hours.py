"""Hours, other hours and time off: what is refused, and for whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import pytest
from sqlalchemy.orm import Session

from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.words import Mode
from telehealth.services import hours
from telehealth.services.hours import OverrideWish, WeeklyWish
from tests.factories.offices import Office, make_office
from tests.factories.practices import make_practice

MONDAY = WeeklyWish(0, time(9), time(17), [Mode.VIRTUAL])
NEW_YEAR = OverrideWish(date(2027, 1, 1), None, None)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"weekday": 7}, "weekday"),
        ({"weekday": -1}, "weekday"),
        ({"ends": time(9)}, "ends"),
        ({"modes": []}, "modes"),
        ({"modes": [Mode.IN_PERSON]}, "location"),
        ({"location": "nowhere"}, "location"),
        ({"every_weeks": 0}, "every_weeks"),
        ({"every_weeks": 2}, "anchor"),
        ({"valid_from": date(2027, 2, 1), "valid_until": date(2027, 1, 1)}, "valid_until"),
        ({"valid_from": date(206, 1, 1)}, "valid_from"),
        ({"every_weeks": 2, "anchor": date(9999, 12, 31)}, "anchor"),
    ],
)
def test_weekly_hours_that_cannot_be(office: Office, change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        hours.add_weekly_hours(
            practice_id=office.practice.id, therapist_id=office.therapist.id, wish=replace(MONDAY, **change)
        )
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"starts": time(9)}, "ends"),
        ({"starts": time(9), "ends": time(12)}, "modes"),
        ({"day": date(9999, 12, 31)}, "day"),
    ],
)
def test_other_hours_that_cannot_be(office: Office, change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        hours.add_override(
            practice_id=office.practice.id, therapist_id=office.therapist.id, wish=replace(NEW_YEAR, **change)
        )
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("starts", "ends", "note", "field"),
    [
        (datetime(2027, 1, 2), datetime(2027, 1, 1), "", "ends"),
        (datetime(2027, 1, 1), datetime(2027, 1, 1), "", "ends"),
        (datetime(2027, 1, 1), datetime(9999, 12, 31), "", "ends"),
        (datetime(2027, 1, 1), datetime(2027, 1, 2), "x" * 10_000, "note"),
        (datetime(2027, 1, 1), datetime(2027, 1, 2), "two\nlines", "note"),
    ],
)
def test_time_off_that_cannot_be(office: Office, starts: datetime, ends: datetime, note: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        hours.add_time_off(
            practice_id=office.practice.id,
            therapist_id=office.therapist.id,
            starts_local=starts,
            ends_local=ends,
            note=note,
        )
    assert list(refused.value.fields) == [field]


def add_each(practice_id: int, therapist_id: int) -> list[Callable[[], Any]]:
    whose = {"practice_id": practice_id, "therapist_id": therapist_id}
    return [
        lambda: hours.add_weekly_hours(**whose, wish=MONDAY),
        lambda: hours.add_override(**whose, wish=NEW_YEAR),
        lambda: hours.add_time_off(**whose, starts_local=datetime(2027, 1, 1), ends_local=datetime(2027, 1, 2)),
    ]


def test_another_practice_cannot_touch_them(office: Office) -> None:
    stranger = make_practice()
    made = [add() for add in add_each(office.practice.id, office.therapist.id)]
    for add in add_each(stranger.id, office.therapist.id):
        with pytest.raises(NotFound):
            add()
    removals = (hours.remove_weekly_hours, hours.remove_override, hours.remove_time_off)
    for remove, row in zip(removals, made, strict=True):
        with pytest.raises(NotFound):
            remove(practice_id=stranger.id, therapist_id=office.therapist.id, public_id=row.public_id)
        remove(practice_id=office.practice.id, therapist_id=office.therapist.id, public_id=row.public_id)
        with pytest.raises(NotFound):
            remove(practice_id=office.practice.id, therapist_id=office.therapist.id, public_id=row.public_id)
