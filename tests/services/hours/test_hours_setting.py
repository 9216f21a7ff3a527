"""Hours, other hours and time off: what is refused, and for whom, and what is written down of the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from functools import partial
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.audit_words import Actor, AuditSubject, Via
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.words import Mode
from telehealth.models import HoursOverride, PracticeEvent, TimeOff, WeeklyHours
from telehealth.services.audit import COMMAND, ActedBy
from telehealth.services.hours.hours_setting import (
    MOST_AHEAD,
    HoursWish,
    OverrideWish,
    TimeOffWish,
    WeeklyWish,
    add_hours_entry,
    change_hours_entry,
    remove_hours_entry,
)
from tests.factories.offices import Office, make_office
from tests.factories.practices import make_location, make_practice
from tests.factories.therapists import make_therapist
from tests.factories.users import make_user
from tests.moments import NOW

MONDAY = WeeklyWish(0, time(9), time(17), [Mode.VIRTUAL])
NEW_YEAR = OverrideWish(date(2027, 1, 1), None, None)
AWAY = TimeOffWish(datetime(2027, 1, 1), datetime(2027, 1, 2))


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def whose(office: Office) -> dict[str, Any]:
    return {"practice_id": office.practice.id, "therapist_id": office.therapist.id, "by": COMMAND, "now": NOW}


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
        add_hours_entry(**whose(office), wish=replace(MONDAY, **change))
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
        add_hours_entry(**whose(office), wish=replace(NEW_YEAR, **change))
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
        add_hours_entry(**whose(office), wish=TimeOffWish(starts, ends, note))
    assert list(refused.value.fields) == [field]


def add_each(practice_id: int, therapist_id: int) -> list[Callable[[], Any]]:
    given: dict[str, Any] = {"practice_id": practice_id, "therapist_id": therapist_id, "by": COMMAND, "now": NOW}
    wishes: list[HoursWish[Any]] = [MONDAY, NEW_YEAR, AWAY]
    return [partial(add_hours_entry, **given, wish=wish) for wish in wishes]


def change_each(practice_id: int, therapist_id: int) -> list[Callable[[str], Any]]:
    given: dict[str, Any] = {"practice_id": practice_id, "therapist_id": therapist_id, "by": COMMAND, "now": NOW}
    wishes: list[HoursWish[Any]] = [
        replace(MONDAY, weekday=1),
        replace(NEW_YEAR, day=date(2027, 1, 2)),
        TimeOffWish(datetime(2027, 2, 1), datetime(2027, 2, 2), "Skiing"),
    ]
    return [partial(_change, wish, given) for wish in wishes]


def _change(wish: HoursWish[Any], given: dict[str, Any], public_id: str) -> Any:
    return change_hours_entry(**given, wish=wish, public_id=public_id)


def test_a_change_keeps_the_id_and_replaces_every_fact(office: Office) -> None:
    place = office.location
    wish = replace(MONDAY, modes=[Mode.IN_PERSON], location=place.public_id, every_weeks=2, anchor=date(2027, 1, 4))
    before = add_hours_entry(**whose(office), wish=wish)
    row, public_id = before.id, before.public_id
    changed = change_hours_entry(**whose(office), public_id=public_id, wish=replace(MONDAY, weekday=3, ends=time(2)))
    assert (changed.id, changed.public_id, changed.weekday, changed.ends) == (row, public_id, 3, time(2))
    assert (changed.location_id, changed.every_weeks, changed.anchor, changed.modes) == (None, 1, None, ["virtual"])
    assert change_hours_entry(**whose(office), public_id=public_id, wish=wish).location_id == place.id


def test_what_cannot_be_added_cannot_be_changed_to(office: Office) -> None:
    weekly, override, away = (add().public_id for add in add_each(office.practice.id, office.therapist.id))
    elsewhere = make_office().location.public_id
    refused: list[tuple[str, str, HoursWish[Any]]] = [
        ("ends", weekly, replace(MONDAY, ends=time(9))),
        ("location", weekly, replace(MONDAY, location=elsewhere)),
        ("day", override, replace(NEW_YEAR, day=date(9999, 1, 1))),
        ("note", away, replace(AWAY, note="a\nb")),
    ]
    for field, public_id, wish in refused:
        with pytest.raises(InvalidInput) as problem:
            change_hours_entry(**whose(office), public_id=public_id, wish=wish)
        assert list(problem.value.fields) == [field]


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
    for row in made:
        public_id = row.public_id
        given: dict[str, Any] = {"public_id": public_id, "by": COMMAND, "now": NOW}
        with pytest.raises(NotFound):
            remove_hours_entry(type(row), practice_id=stranger.id, therapist_id=office.therapist.id, **given)
        remove_hours_entry(type(row), **whose(office), public_id=public_id)
        with pytest.raises(NotFound):
            remove_hours_entry(type(row), **whose(office), public_id=public_id)


def test_there_are_only_so_many_at_a_time(office: Office, database: Session) -> None:
    """What is over does not count, and what is there can still be changed."""
    where = {"practice_id": office.practice.id, "therapist_id": office.therapist.id}
    span = {"starts": time(9), "ends": time(17), "modes": ["virtual"]}
    many, past, ahead = MOST_AHEAD, datetime(2026, 11, 2, 9), datetime(2027, 3, 1, 9)

    def rows(number: int, day: datetime, until: date | None) -> Iterator[WeeklyHours | HoursOverride | TimeOff]:
        for _ in range(number):
            yield WeeklyHours(**where, weekday=5, **span, valid_until=until)
            yield HoursOverride(**where, day=day.date(), **span)
            yield TimeOff(**where, starts_local=day, ends_local=day.replace(hour=17))

    with transaction() as session:
        session.add_all([*rows(many, past, past.date()), *rows(many - 6, ahead, None)])
    last = add_hours_entry(**whose(office), wish=MONDAY)  # Beside those of the five days of the week.
    with transaction() as session:
        session.add_all(rows(6, ahead, None))
    one_more: list[HoursWish[Any]] = [MONDAY, NEW_YEAR, TimeOffWish(ahead, ahead.replace(hour=17))]
    for wish in one_more:
        with pytest.raises(InvalidInput) as refused:
            add_hours_entry(**whose(office), wish=wish)
        assert set(refused.value.fields) == {"ends"}
    change_hours_entry(**whose(office), public_id=last.public_id, wish=replace(MONDAY, ends=time(12)))


SAID_OF_MONDAY = {
    "weekday": 0, "starts": "09:00:00", "ends": "17:00:00", "modes": ["virtual"], "location": None,
    "valid_from": None, "valid_until": None, "every_weeks": 1, "anchor": None,
}  # fmt: skip


class Kind(NamedTuple):
    """Something to add, what it is changed to, and what the audit says of both."""

    subject: AuditSubject
    wish: HoursWish[Any]
    said: dict[str, Any]
    other: HoursWish[Any]
    before: dict[str, Any]
    after: dict[str, Any]


WEEKLY = Kind(
    AuditSubject.WEEKLY_HOURS,
    MONDAY,
    SAID_OF_MONDAY,
    replace(MONDAY, ends=time(2), valid_from=date(2027, 1, 4), modes=[Mode.PHONE, Mode.VIRTUAL]),
    {"ends": "17:00:00", "valid_from": None, "modes": ["virtual"]},
    {"ends": "02:00:00", "valid_from": "2027-01-04", "modes": ["phone", "virtual"]},
)
OVERRIDE = Kind(
    AuditSubject.OVERRIDE,
    NEW_YEAR,
    {"day": "2027-01-01", "starts": None, "ends": None, "modes": [], "location": None},
    OverrideWish(date(2027, 1, 1), time(9), time(12), [Mode.VIRTUAL]),
    {"starts": None, "ends": None, "modes": []},
    {"starts": "09:00:00", "ends": "12:00:00", "modes": ["virtual"]},
)
TIME_OFF = Kind(
    AuditSubject.TIME_OFF,
    AWAY,
    {
        "starts_local": "2027-01-01T00:00:00",
        "ends_local": "2027-01-02T00:00:00",
        "note": "",
        "kind": "time_off",
        "is_shown": False,
    },
    replace(AWAY, ends_local=datetime(2027, 1, 3), note=" Skiing  trip "),
    {"ends_local": "2027-01-02T00:00:00", "note": ""},
    {"ends_local": "2027-01-03T00:00:00", "note": "Skiing trip"},
)
KINDS = pytest.mark.parametrize("kind", [WEEKLY, OVERRIDE, TIME_OFF], ids=lambda kind: kind.subject)


def lines(database: Session) -> list[PracticeEvent]:
    return list(database.scalars(select(PracticeEvent).order_by(PracticeEvent.id)))


@KINDS
def test_each_change_leaves_a_line(database: Session, office: Office, kind: Kind) -> None:
    by = ActedBy(Actor.STAFF, user_id=make_user(office.practice).id, via=Via.PAGE, remote_address="192.0.2.7")
    who = {**whose(office), "by": by}
    row = add_hours_entry(**who, wish=kind.wish)
    public_id = row.public_id
    change_hours_entry(**who, public_id=public_id, wish=kind.other)
    remove_hours_entry(type(row), **who, public_id=public_id)
    found = lines(database)
    assert [(each.action, each.details) for each in found] == [
        ("added", {"after": kind.said}),
        ("changed", {"before": kind.before, "after": kind.after}),
        ("removed", {"before": {**kind.said, **kind.after}}),
    ]
    for each in found:
        assert (each.practice_id, each.subject, each.subject_public_id) == (office.practice.id, kind.subject, public_id)
        assert (each.name, each.at) == (office.therapist.name, NOW)
        assert ActedBy(each.actor, each.user_id, each.via, each.remote_address) == by


@KINDS
def test_a_change_that_changes_nothing_leaves_no_line(database: Session, office: Office, kind: Kind) -> None:
    for wish in (kind.wish, kind.other):
        public_id = add_hours_entry(**whose(office), wish=wish).public_id
        change_hours_entry(**whose(office), public_id=public_id, wish=wish)
    assert [each.action for each in lines(database)] == ["added", "added"]


def test_the_order_of_the_ways_to_meet_is_no_change(database: Session, office: Office) -> None:
    public_id = add_hours_entry(**whose(office), wish=replace(MONDAY, modes=[Mode.PHONE, Mode.VIRTUAL])).public_id
    wish = replace(MONDAY, modes=[Mode.VIRTUAL, Mode.PHONE])
    change_hours_entry(**whose(office), public_id=public_id, wish=wish)
    assert [each.action for each in lines(database)] == ["added"]


def test_what_is_refused_leaves_no_line(database: Session, office: Office) -> None:
    public_id = add_hours_entry(**whose(office), wish=MONDAY).public_id
    elsewhere = make_office().location.public_id
    for wish in (replace(MONDAY, ends=time(9)), replace(MONDAY, location=elsewhere)):
        with pytest.raises(InvalidInput):
            change_hours_entry(**whose(office), public_id=public_id, wish=wish)
        with pytest.raises(InvalidInput):
            add_hours_entry(**whose(office), wish=wish)
    with pytest.raises(NotFound):
        remove_hours_entry(TimeOff, **whose(office), public_id=public_id)
    assert [each.action for each in lines(database)] == ["added"]


def test_a_place_is_written_down_by_its_public_id(database: Session, office: Office) -> None:
    first, second = (make_location(office.practice).public_id for _ in range(2))
    wish = replace(MONDAY, modes=[Mode.IN_PERSON], location=first)
    public_id = add_hours_entry(**whose(office), wish=wish).public_id
    change_hours_entry(**whose(office), public_id=public_id, wish=replace(wish, location=second))
    change_hours_entry(**whose(office), public_id=public_id, wish=MONDAY)
    in_person = {"location": second, "modes": ["in_person"]}
    assert [each.details for each in lines(database)] == [
        {"after": {**SAID_OF_MONDAY, "modes": ["in_person"], "location": first}},
        {"before": {"location": first}, "after": {"location": second}},
        {"before": in_person, "after": {"location": None, "modes": ["virtual"]}},
    ]
