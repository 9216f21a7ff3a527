"""What the desk asks about standing slots."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session

from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.series.patterns import read_obstacles
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Occupancy
from telehealth.queries.series.date_verdicts import list_alternatives, list_members, preview_dates, slot_of
from telehealth.queries.series.standing_slots import (
    count_conflicts,
    find_series,
    list_conflicts,
    list_dates,
    list_running,
    list_series_of_client,
)
from telehealth.services.series.ending import end_series
from tests.factories import (
    BY_STAFF,
    add_licence,
    add_time_off,
    book,
    make_client,
    make_contact,
    make_couple_office,
    make_group_office,
    make_office,
    make_plan,
    make_series,
    make_therapist,
)
from tests.moments import DENVER, NOW, at
from tests.statements import listening

pytestmark = pytest.mark.usefixtures("database")


def tuesday(week: int, hour: int = 15, minute: int = 0) -> datetime:
    return at(hour, minute, days=8 + 7 * week)


def day(week: int) -> date:
    return tuesday(week).astimezone(DENVER).date()


def test_a_preview_shows_a_year_and_keeps_nothing(database: Session) -> None:
    office = make_office()
    shown = preview_dates(practice_id=office.practice.id, plan=make_plan(office), now=NOW)
    assert len(shown) == 52
    assert {each.starts_at.astimezone(DENVER).time() for each in shown} == {time(15)}
    assert all(each.obstacles == each.alternatives == () for each in shown)
    assert database.query(Occupancy).count() == 0


def test_what_is_in_the_way_comes_with_the_nearest_free_times_of_that_week() -> None:
    office = make_office()
    add_time_off(office.therapist, datetime(2026, 12, 15), datetime(2026, 12, 16))
    add_time_off(office.therapist, datetime(2026, 12, 21), datetime(2026, 12, 26))
    book(office, tuesday(1, 14, 30))
    shown = preview_dates(practice_id=office.practice.id, plan=make_plan(office, count=4), now=NOW)
    assert [each.obstacles for each in shown] == [(), (Obstacle.TAKEN,), (Obstacle.TIME_OFF,), (Obstacle.TIME_OFF,)]
    assert shown[1].alternatives == (tuesday(1, 15, 30), tuesday(1, 16), tuesday(1, 13, 30))
    assert shown[2].alternatives[0] == tuesday(2, 9) + timedelta(days=1), "the next morning is nearer than Monday"
    assert shown[3].alternatives == (), "the therapist is away all week"


def test_alternatives_reach_beyond_the_horizon_of_clients() -> None:
    office = make_office(service={"horizon_days": 14})
    add_time_off(office.therapist, datetime(2027, 6, 1), datetime(2027, 6, 2))
    shown = preview_dates(practice_id=office.practice.id, plan=make_plan(office), now=NOW)
    (stuck,) = [each for each in shown if each.obstacles]
    assert len(stuck.alternatives) == 3


def test_clients_and_their_states_count() -> None:
    office = make_office()
    colleague = make_therapist(office.practice, office.service)
    contact = make_contact()
    book(office, tuesday(0), contact=contact, therapist=colleague.public_id)
    known = make_client(office.practice, name=contact.name, email=contact.email)
    asked = {"practice_id": office.practice.id, "plan": make_plan(office, count=2), "now": NOW}
    assert [each.obstacles for each in preview_dates(**asked, members=[known.id])] == [(Obstacle.CLIENT_BUSY,), ()]
    assert [each.obstacles for each in preview_dates(**asked, jurisdictions=["NY"])] == [(Obstacle.LICENCE,)] * 2
    assert [each.obstacles for each in preview_dates(**asked, members=[known.id], jurisdictions=["CO"])] == [
        (Obstacle.CLIENT_BUSY,),
        (),
    ]


def test_what_a_couple_in_two_states_could_have_instead_is_allowed_in_both() -> None:
    office = make_couple_office()
    thursday = date(2026, 12, 3)
    add_licence(office.therapist, "UT", valid_from=thursday, valid_until=thursday)
    asked = {"practice_id": office.practice.id, "plan": make_plan(office, count=1), "now": NOW}
    (shown,) = preview_dates(**asked, jurisdictions=["CO", "UT"])
    assert shown.obstacles == (Obstacle.LICENCE,)
    assert {each.astimezone(DENVER).date() for each in shown.alternatives} == {thursday}


def test_a_room_is_asked_for_in_person_only() -> None:
    office = make_office()
    colleague = make_therapist(office.practice, office.service, location=office.location)
    make_series(
        office,
        therapist=colleague.public_id,
        mode=Mode.IN_PERSON,
        contacts=[make_contact(jurisdiction=None)],
        count=1,
    )
    plans = [make_plan(office, mode=mode, count=1) for mode in (Mode.IN_PERSON, Mode.VIRTUAL)]
    shown = [preview_dates(practice_id=office.practice.id, plan=plan, now=NOW)[0].obstacles for plan in plans]
    assert shown == [(Obstacle.ROOM,), ()]


def test_statements_do_not_grow_with_the_dates() -> None:
    office = make_office()
    add_time_off(office.therapist, datetime(2026, 12, 15), datetime(2026, 12, 16))

    def statements(count: int) -> int:
        with listening() as seen:
            preview_dates(practice_id=office.practice.id, plan=make_plan(office, count=count), now=NOW)
        return len(seen)

    statements(1)  # What was just made is read once more.
    assert statements(50) == statements(5) < 15


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"service": "nothing"}, NotFound),
        ({"therapist": "nobody"}, NotFound),
        ({"mode": Mode.IN_PERSON, "location": None}, InvalidInput),
        ({"count": 0}, InvalidInput),
    ],
)
def test_a_plan_that_cannot_be(given: dict[str, object], error: type[Exception]) -> None:
    office = make_office()
    with pytest.raises(error):
        preview_dates(practice_id=office.practice.id, plan=make_plan(office, **given), now=NOW)


def test_the_desk_lists_slots_dates_and_what_needs_a_decision() -> None:
    office, other = make_office(), make_office()
    add_time_off(office.therapist, datetime(2026, 12, 8), datetime(2026, 12, 9))
    made = make_series(office, count=4)
    make_series(other, count=4)
    assert [each.id for each in list_running(office.practice.id, now=NOW)] == [made.id]
    assert list_running(office.practice.id, therapist_id=office.therapist.id, now=NOW)
    assert not list_running(office.practice.id, therapist_id=other.therapist.id, now=NOW)
    assert [each.day for each in list_dates(made, since=NOW)] == [day(week) for week in range(4)]
    (stuck,) = list_conflicts(office.practice.id, now=NOW)
    assert (stuck.day, read_obstacles(stuck.reason)) == (day(1), [Obstacle.TIME_OFF])
    assert stuck.series.id == made.id
    assert count_conflicts(office.practice.id, therapist_id=office.therapist.id, now=NOW) == 1
    assert count_conflicts(office.practice.id, now=tuesday(2)) == 0
    nearest = list_alternatives(slot_of(made), [(stuck.day, stuck.starts_at)], now=NOW)
    assert nearest[stuck.day] == [tuesday(1, 9 + half // 2, half % 2 * 30) + timedelta(days=1) for half in range(3)]


def test_a_slot_that_has_ended_is_no_longer_listed() -> None:
    office, contact = make_office(), make_contact()
    made = make_series(office, contacts=[contact])
    client_id = made.members[0].client_id
    assert [each.id for each in list_series_of_client(office.practice.id, client_id, now=NOW)] == [made.id]
    end_series(practice_id=office.practice.id, series_public_id=made.public_id, by=BY_STAFF, now=tuesday(1, 20))
    assert list_running(office.practice.id, now=tuesday(1, 20))
    assert not list_running(office.practice.id, now=tuesday(3))


def test_another_practice_sees_nothing() -> None:
    office, other = make_office(), make_office()
    made = make_series(office, count=1)
    assert find_series(office.practice.id, made.public_id).id == made.id
    with pytest.raises(NotFound):
        find_series(other.practice.id, made.public_id)
    with pytest.raises(NotFound):
        list_members(other.practice.id, [made.members[0].client_id])


def test_groups_are_previewed_as_new_ones() -> None:
    office = make_group_office(opened_by_staff=True)
    add_time_off(office.therapist, datetime(2026, 12, 8), datetime(2026, 12, 9))
    shown = preview_dates(practice_id=office.practice.id, plan=make_plan(office, count=2), now=NOW)
    assert [each.obstacles for each in shown] == [(), (Obstacle.TIME_OFF,)]
    assert len(shown[1].alternatives) == 3
