"""Hours, other hours and time off: what is refused, and for whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import pytest
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.words import Mode
from telehealth.models import HoursOverride, TimeOff, WeeklyHours
from telehealth.services.hours.working_hours_changes import (
    MOST_AHEAD,
    OverrideWish,
    WeeklyWish,
    add_override,
    add_time_off,
    add_weekly_hours,
    change_override,
    change_time_off,
    change_weekly_hours,
    remove_override,
    remove_time_off,
    remove_weekly_hours,
)
from tests.factories.offices import Office, make_office
from tests.factories.practices import make_practice
from tests.factories.therapists import make_therapist
from tests.moments import NOW

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
        add_weekly_hours(
            practice_id=office.practice.id, therapist_id=office.therapist.id, wish=replace(MONDAY, **change), now=NOW
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
        add_override(
            practice_id=office.practice.id, therapist_id=office.therapist.id, wish=replace(NEW_YEAR, **change), now=NOW
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
        add_time_off(
            practice_id=office.practice.id,
            therapist_id=office.therapist.id,
            starts_local=starts,
            ends_local=ends,
            note=note,
            now=NOW,
        )
    assert list(refused.value.fields) == [field]


def add_each(practice_id: int, therapist_id: int) -> list[Callable[[], Any]]:
    whose: dict[str, Any] = {"practice_id": practice_id, "therapist_id": therapist_id, "now": NOW}
    return [
        lambda: add_weekly_hours(**whose, wish=MONDAY),
        lambda: add_override(**whose, wish=NEW_YEAR),
        lambda: add_time_off(**whose, starts_local=datetime(2027, 1, 1), ends_local=datetime(2027, 1, 2)),
    ]


def change_each(practice_id: int, therapist_id: int) -> list[Callable[[str], Any]]:
    whose: dict[str, Any] = {"practice_id": practice_id, "therapist_id": therapist_id, "now": NOW}
    away: dict[str, Any] = {"starts_local": datetime(2027, 2, 1), "ends_local": datetime(2027, 2, 2), "note": "Skiing"}
    return [
        lambda public_id: change_weekly_hours(**whose, public_id=public_id, wish=replace(MONDAY, weekday=1)),
        lambda public_id: change_override(**whose, public_id=public_id, wish=replace(NEW_YEAR, day=date(2027, 1, 2))),
        lambda public_id: change_time_off(**whose, public_id=public_id, **away),
    ]


def test_a_change_keeps_the_id_and_replaces_every_fact(office: Office) -> None:
    whose: dict[str, Any] = {"practice_id": office.practice.id, "therapist_id": office.therapist.id, "now": NOW}
    place = office.location
    wish = replace(MONDAY, modes=[Mode.IN_PERSON], location=place.public_id, every_weeks=2, anchor=date(2027, 1, 4))
    before = add_weekly_hours(**whose, wish=wish)
    row, public_id = before.id, before.public_id
    changed = change_weekly_hours(**whose, public_id=public_id, wish=replace(MONDAY, weekday=3, ends=time(2)))
    assert (changed.id, changed.public_id, changed.weekday, changed.ends) == (row, public_id, 3, time(2))
    assert (changed.location_id, changed.every_weeks, changed.anchor, changed.modes) == (None, 1, None, ["virtual"])
    assert change_weekly_hours(**whose, public_id=public_id, wish=wish).location_id == place.id


def test_what_cannot_be_added_cannot_be_changed_to(office: Office) -> None:
    whose: dict[str, Any] = {"practice_id": office.practice.id, "therapist_id": office.therapist.id, "now": NOW}
    weekly, override, away = (add().public_id for add in add_each(office.practice.id, office.therapist.id))
    elsewhere = make_office().location.public_id
    for field, change in {
        "ends": lambda: change_weekly_hours(**whose, public_id=weekly, wish=replace(MONDAY, ends=time(9))),
        "location": lambda: change_weekly_hours(**whose, public_id=weekly, wish=replace(MONDAY, location=elsewhere)),
        "day": lambda: change_override(**whose, public_id=override, wish=replace(NEW_YEAR, day=date(9999, 1, 1))),
        "note": lambda: change_time_off(
            **whose, public_id=away, starts_local=datetime(2027, 1, 1), ends_local=datetime(2027, 1, 2), note="a\nb"
        ),
    }.items():
        with pytest.raises(InvalidInput) as refused:
            change()
        assert list(refused.value.fields) == [field]


def test_another_practice_and_a_colleague_cannot_change_them(office: Office) -> None:
    stranger = make_office()
    colleague = make_therapist(office.practice)
    made = [add().public_id for add in add_each(office.practice.id, office.therapist.id)]
    for practice, therapist in (
        (stranger.practice, office.therapist),
        (stranger.practice, stranger.therapist),
        (office.practice, colleague),
    ):
        for change, public_id in zip(change_each(practice.id, therapist.id), made, strict=True):
            with pytest.raises(NotFound):
                change(public_id)
    for change, public_id in zip(change_each(office.practice.id, office.therapist.id), made, strict=True):
        assert change(public_id).public_id == public_id


def test_another_practice_cannot_touch_them(office: Office) -> None:
    stranger = make_practice()
    made = [add() for add in add_each(office.practice.id, office.therapist.id)]
    for add in add_each(stranger.id, office.therapist.id):
        with pytest.raises(NotFound):
            add()
    removals = (remove_weekly_hours, remove_override, remove_time_off)
    for remove, row in zip(removals, made, strict=True):
        with pytest.raises(NotFound):
            remove(practice_id=stranger.id, therapist_id=office.therapist.id, public_id=row.public_id, now=NOW)
        remove(practice_id=office.practice.id, therapist_id=office.therapist.id, public_id=row.public_id, now=NOW)
        with pytest.raises(NotFound):
            remove(practice_id=office.practice.id, therapist_id=office.therapist.id, public_id=row.public_id, now=NOW)


def test_there_are_only_so_many_at_a_time(office: Office, database: Session) -> None:
    """What is over does not count, and what is there can still be changed."""
    where: dict[str, Any] = {"practice_id": office.practice.id, "therapist_id": office.therapist.id}
    span = {"starts": time(9), "ends": time(17), "modes": ["virtual"]}
    many, past, ahead = MOST_AHEAD, datetime(2026, 11, 2, 9), datetime(2027, 3, 1, 9)

    def rows(number: int, day: datetime, until: date | None) -> Iterator[WeeklyHours | HoursOverride | TimeOff]:
        for _ in range(number):
            yield WeeklyHours(**where, weekday=5, **span, valid_until=until)
            yield HoursOverride(**where, day=day.date(), **span)
            yield TimeOff(**where, starts_local=day, ends_local=day.replace(hour=17))

    def add(wish: WeeklyWish = MONDAY) -> WeeklyHours:
        return add_weekly_hours(wish=wish, **where, now=NOW)

    with transaction() as session:
        session.add_all([*rows(many, past, past.date()), *rows(many - 6, ahead, None)])
    last = add()  # Beside those of the five days of the week.
    with transaction() as session:
        session.add_all(rows(6, ahead, None))
    for one_more in (
        add,
        lambda: add_override(wish=NEW_YEAR, **where, now=NOW),
        lambda: add_time_off(starts_local=ahead, ends_local=ahead.replace(hour=17), **where, now=NOW),
    ):
        with pytest.raises(InvalidInput) as refused:
            one_more()
        assert set(refused.value.fields) == {"ends"}
    shorter = replace(MONDAY, ends=time(12))
    change_weekly_hours(public_id=last.public_id, wish=shorter, **where, now=NOW)
