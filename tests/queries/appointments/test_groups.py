"""Groups that stand, and the seats left in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.appointments.openness import NewClients
from telehealth.domain.errors import SlotNotOffered, SlotTaken
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import AppointmentEvent, Therapist
from telehealth.queries.appointments.groups import StandingGroup, list_joinable_groups, only_full_groups_at
from telehealth.queries.appointments.slots import free_at, obstacles_at, offered
from telehealth.queries.hours.outside_hours import list_outside_hours
from tests.factories import (
    BY_STAFF,
    Office,
    add_override,
    add_time_off,
    book,
    cancel,
    hold,
    make_contact,
    make_location,
    make_office,
    make_room,
    make_service,
    make_therapist,
)
from tests.factories.rows import change
from tests.moments import NOW, at
from tests.queries.appointments.asking import query, who, why

GROUP = {"kind": "group", "capacity": 2}


@pytest.fixture
def office(database: Session) -> Office:
    return make_office(service=GROUP)


@pytest.fixture
def pair(office: Office) -> Office:
    """A group of two therapists that stands at ten, with seats left."""
    change(office.service, therapists_needed=2, capacity=4)
    second = make_therapist(office.practice, office.service, name="Sam Okafor")
    book(office, at(10), co_therapist=second.public_id)
    return office


def at_ten(office: Office, **given: object) -> list[StandingGroup]:
    return list_joinable_groups(query(office, since=at(10), until=at(10, 1), **given), now=NOW)


def test_a_group_that_stands_offers_its_seats(office: Office) -> None:
    assert list_joinable_groups(query(office), now=NOW) == []
    made = book(office, at(10))
    assert list_joinable_groups(query(office), now=NOW) == [
        StandingGroup(made.id, office.therapist.id, at(10), at(10, 50), 1)
    ]
    assert offered(query(office), now=NOW)[at(10)] == office.therapist.id
    assert who(office, at(10)) == [], "no second group by the same therapist"
    assert why(office, at(10)) == []


def test_a_full_group_offers_nothing(office: Office) -> None:
    made = book(office, at(10))
    assert not only_full_groups_at(query(office, since=at(10)), now=NOW)
    book(office, at(10))
    assert at_ten(office) == []
    assert at(10) not in offered(query(office), now=NOW)
    assert why(office, at(10)) == [Obstacle.FULL]
    assert only_full_groups_at(query(office, since=at(10)), now=NOW)
    assert not only_full_groups_at(query(office, since=at(12)), now=NOW)
    cancel(made, attendee_id=made.attendees[0].id)
    assert at_ten(office)[0].seats_left == 1


def test_another_therapist_may_open_one_beside_a_full_one(office: Office) -> None:
    other = make_therapist(office.practice, office.service)
    book(office, at(10)), book(office, at(10))
    ask = query(office, since=at(10))
    assert not only_full_groups_at(ask, now=NOW)
    assert only_full_groups_at(query(office, since=at(10), therapist_id=office.therapist.id), now=NOW)
    assert offered(query(office), now=NOW)[at(10)] == other.id
    assert [each.therapist_id for each in free_at(ask, now=NOW)] == [other.id]
    assert obstacles_at(ask, now=NOW) == {office.therapist.id: [Obstacle.FULL], other.id: []}


def test_a_group_that_stands_comes_before_a_new_one(office: Office) -> None:
    busier = make_therapist(office.practice, office.service)
    book(office, at(12), therapist=busier.public_id)
    book(office, at(10), therapist=busier.public_id)
    listed = offered(query(office), now=NOW)
    assert listed[at(10)] == busier.id
    assert listed[at(11)] == office.therapist.id
    assert list(listed) == sorted(listed)


def test_a_seat_that_is_held_is_gone_until_it_expires(office: Office) -> None:
    made = book(office, at(10))
    kept = hold(office, at(10))
    assert kept.appointment_id == made.id
    assert at_ten(office) == []
    assert at_ten(office, own_hold_id=kept.id)[0].seats_left == 1
    assert list_joinable_groups(query(office), now=kept.expires_at)[0].seats_left == 1


def test_groups_that_only_staff_open_are_offered_when_they_stand(database: Session) -> None:
    office = make_office(service={**GROUP, "opened_by_staff": True})
    assert offered(query(office), now=NOW) == {}
    book(office, at(10), by=BY_STAFF)
    assert list(offered(query(office), now=NOW)) == [at(10)]
    book(office, at(10))
    assert offered(query(office), now=NOW) == {}
    assert only_full_groups_at(query(office, since=at(10)), now=NOW)


def test_a_group_that_is_off_or_of_another_kind_does_not_count(office: Office) -> None:
    cancel(book(office, at(10)))
    assert at_ten(office) == []
    book(office, at(10))
    assert at_ten(office, mode=Mode.PHONE) == []
    assert at_ten(office, therapist_id=office.therapist.id + 1) == []
    theirs = make_office(service=GROUP)
    assert at_ten(theirs) == []


def test_in_person_only_groups_at_the_place(office: Office) -> None:
    elsewhere = make_location(office.practice)
    make_room(elsewhere)
    book(office, at(10), mode=Mode.IN_PERSON)
    assert len(at_ten(office, mode=Mode.IN_PERSON, location_id=office.location.id, jurisdiction=None)) == 1
    assert at_ten(office, mode=Mode.IN_PERSON, location_id=elsewhere.id, jurisdiction=None) == []


def test_the_rules_for_a_seat_are_notice_horizon_licence_and_the_clients_own_time(database: Session) -> None:
    office = make_office(service={**GROUP, "notice_minutes": 60, "horizon_days": 3})
    contact = make_contact()
    made = book(office, at(10), contact=contact)
    assert list_joinable_groups(query(office), now=at(9)) != []
    assert list_joinable_groups(query(office), now=at(9) + timedelta(seconds=1)) == []
    assert list_joinable_groups(query(office), now=NOW - timedelta(days=3)) == []
    assert at_ten(office, jurisdiction="UT") == []
    assert why(office, at(10), jurisdiction="UT") == [Obstacle.LICENCE]
    theirs = (made.attendees[0].client_id,)
    assert at_ten(office, client_ids=theirs) == []
    assert why(office, at(10), client_ids=theirs) == [Obstacle.CLIENT_BUSY]


@pytest.mark.parametrize(("minutes", "is_busy"), [(50, False), (80, True)])
def test_a_group_lasts_as_long_as_it_was_made(office: Office, minutes: int, is_busy: bool) -> None:
    office.service.duration_minutes = minutes
    db.session.commit()
    book(office, at(10))
    office.service.duration_minutes = 130 - minutes
    db.session.commit()
    individual = make_service(office.practice)
    colleague = make_therapist(office.practice, individual)
    busy = book(office, at(11), service=individual.public_id, therapist=colleague.public_id)
    theirs = tuple(each.client_id for each in busy.attendees)
    assert (at_ten(office, client_ids=theirs) == []) is is_busy
    assert why(office, at(10), client_ids=theirs) == [Obstacle.CLIENT_BUSY] * is_busy


@pytest.mark.parametrize("whole_day", [True, False])
def test_a_day_off_sells_no_more_seats(office: Office, whole_day: bool) -> None:
    """Who has a seat keeps it until a person moves or cancels the group; nobody joins it meanwhile."""
    made = book(office, at(10))
    assert len(at_ten(office)) == 1
    if whole_day:
        add_override(office.therapist, date(2026, 11, 24), None, None)
    else:
        add_time_off(office.therapist, datetime(2026, 11, 24, 10, 30), datetime(2026, 11, 24, 12))
    assert at_ten(office) == []
    assert why(office, at(10)) == [Obstacle.OUTSIDE_HOURS if whole_day else Obstacle.TIME_OFF]
    with pytest.raises(SlotNotOffered):
        book(office, at(10), contact=make_contact(email="next@example.com"))
    assert [each.id for each in list_outside_hours(office.therapist, now=NOW)] == [made.id]


def away(second: Therapist) -> None:
    add_time_off(second, datetime(2026, 11, 24, 8), datetime(2026, 11, 24, 12))


def closed(second: Therapist) -> None:
    add_override(second, date(2026, 11, 24), None, None)


def gone(second: Therapist) -> None:
    change(second, leaves_on=date(2026, 11, 24))


def unlicensed(second: Therapist) -> None:
    for each in second.licences:
        change(each, valid_until=date(2026, 11, 23))


def ended(second: Therapist) -> None:
    change(second, ended_at=NOW)


@pytest.mark.parametrize(
    ("becomes", "reason"),
    [
        (away, Obstacle.TIME_OFF),
        (closed, Obstacle.OUTSIDE_HOURS),
        (gone, Obstacle.LEFT),
        (unlicensed, Obstacle.LICENCE),
        (ended, None),
    ],
)
def test_what_forbids_a_seat_with_the_second_therapist_forbids_it(
    pair: Office, becomes: Callable[[Therapist], None], reason: Obstacle | None
) -> None:
    (group,) = at_ten(pair)
    second = db.session.get_one(Therapist, group.co_therapist_id)
    ask = query(pair, since=at(10), therapist_id=pair.therapist.id)
    assert obstacles_at(ask, now=NOW) == {pair.therapist.id: [], second.id: []}
    kept = hold(pair, at(10))
    becomes(second)
    assert at_ten(pair) == []
    assert at(10) not in offered(query(pair), now=NOW)
    if reason is not None:
        assert obstacles_at(ask, now=NOW) == {pair.therapist.id: [], second.id: [reason]}
    for given in ({}, {"hold": kept.public_id}):
        with pytest.raises((SlotNotOffered, SlotTaken)):
            book(pair, at(10), contact=make_contact(), **given)
    with pytest.raises((SlotNotOffered, SlotTaken)):
        hold(pair, at(10))


def test_seats_with_a_second_therapist_who_takes_nobody_new_are_for_staff_to_give(pair: Office) -> None:
    (group,) = at_ten(pair, known_to=frozenset())
    change(db.session.get_one(Therapist, group.co_therapist_id), new_clients=NewClients.NO)
    assert at_ten(pair, known_to=frozenset()) == []
    assert len(at_ten(pair, known_to=frozenset({group.co_therapist_id}))) == 1


def test_the_second_therapist_of_a_group_is_somebodys_second_only_there(pair: Office) -> None:
    second = db.session.get_one(Therapist, at_ten(pair)[0].co_therapist_id)
    add_time_off(second, datetime(2026, 11, 25, 8), datetime(2026, 11, 25, 12))
    assert [each.therapist_ids for each in at_ten(pair)] == [[pair.therapist.id, second.id]]
    assert book(pair, at(10), contact=make_contact()).co_therapist_id == second.id


def test_what_staff_set_aside_for_the_second_therapist_is_written_down(pair: Office, database: Session) -> None:
    away(db.session.get_one(Therapist, at_ten(pair)[0].co_therapist_id))
    waived = {"waived": frozenset({Obstacle.TIME_OFF}), "reason": "A colleague steps in."}
    made = book(pair, at(10), contact=make_contact(), by=BY_STAFF, **waived)
    lines = select(AppointmentEvent).where(AppointmentEvent.appointment_id == made.id)
    last = database.scalars(lines.order_by(AppointmentEvent.id.desc())).first()
    assert last is not None
    assert (last.details["overrides"], last.details["reason"]) == (["time_off"], "A colleague steps in.")


def test_a_group_outside_the_usual_hours_goes_on_selling_seats(office: Office) -> None:
    book(office, at(19), by=BY_STAFF, waived=frozenset({Obstacle.OUTSIDE_HOURS}), reason="Evenings suit them")
    add_override(office.therapist, date(2026, 11, 24), time(9), time(12))
    assert len(list_joinable_groups(query(office), now=NOW)) == 1
