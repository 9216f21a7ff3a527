"""Lengths beside a service's usual one: chosen by staff, kept by moves, never guessed for clients."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.errors import InvalidInput, NeedsReason, SlotNotOffered, SlotTaken, TooLate
from telehealth.domain.words import Mode, Obstacle, ServiceKind
from telehealth.models import Appointment, Occupancy
from telehealth.services.appointments.moving import change_room
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    hold,
    make_contact,
    make_office,
    make_room,
    make_therapist,
    move,
)
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")

SAM = {"name": "Sam Lee", "email": "sam@example.com"}


@pytest.fixture
def office() -> Office:
    return make_office(service={"other_lengths": [45, 60, 80], "buffer_after_minutes": 10})


def longer(office: Office, starts_at: datetime | None = None, minutes: int = 80) -> Appointment:
    return book(office, starts_at, by=BY_STAFF, minutes=minutes)


def test_staff_choose_how_long_it_lasts(database: Session, office: Office) -> None:
    made = longer(office)
    assert (made.ends_at, made.minutes) == (at(11, 20), 80)
    taken = database.scalars(select(Occupancy.ends_at).where(Occupancy.appointment_id == made.id)).all()
    assert sorted(taken) == [at(11, 20), at(11, 30)]  # The client's time, and the therapist's with what is kept free.
    with pytest.raises(SlotTaken):
        book(office, at(11), contact=make_contact(**SAM))


def test_a_longer_one_needs_the_whole_of_its_time(office: Office) -> None:
    book(office, at(11), contact=make_contact(**SAM))
    with pytest.raises(SlotTaken):
        longer(office)
    with pytest.raises(SlotNotOffered):
        longer(office, at(16))  # Hours end at five.
    assert longer(office, minutes=45).ends_at == at(10, 45)


@pytest.mark.parametrize("minutes", [0, 30, 81])
def test_only_what_the_service_allows(office: Office, minutes: int) -> None:
    with pytest.raises(InvalidInput) as problem:
        longer(office, minutes=minutes)
    assert set(problem.value.fields) == {"minutes"}


def test_clients_get_the_usual_length(office: Office) -> None:
    with pytest.raises(InvalidInput):
        book(office, by=BY_CLIENT, minutes=80)
    made = book(office)
    assert made.minutes == 50
    with pytest.raises(InvalidInput):
        move(made, at(14), minutes=80)


@pytest.mark.parametrize("by", [BY_CLIENT, BY_STAFF])
def test_a_move_keeps_the_length(office: Office, by: object) -> None:
    made = move(longer(office), at(14), by=by)
    assert (made.starts_at, made.ends_at) == (at(14), at(15, 20))


def test_a_move_to_where_it_would_not_fit_is_refused(office: Office) -> None:
    made = longer(office)
    with pytest.raises(SlotNotOffered):
        move(made, at(16))
    assert made.ends_at == at(11, 20)


def test_a_length_that_is_allowed_no_more_ends_with_the_next_move(office: Office) -> None:
    made = longer(office)
    with transaction():
        office.service.other_lengths = [45]
    assert move(made, at(14)).ends_at == at(14, 50)


def test_what_a_client_keeps_while_moving_is_as_long(office: Office) -> None:
    made = longer(office)
    kept = hold(office, at(14), appointment_id=made.id)
    assert kept.ends_at == at(15, 20)
    with pytest.raises(SlotTaken):
        book(office, at(15), contact=make_contact(**SAM))
    assert move(made, at(14), hold=kept.public_id).ends_at == at(15, 20)


def test_in_person_the_room_is_taken_for_as_long(database: Session, office: Office) -> None:
    made = book(office, mode=Mode.IN_PERSON, by=BY_STAFF, minutes=80)
    taken = select(Occupancy.ends_at).where(Occupancy.resource_id == office.room.resource_id)
    assert database.scalars(taken).all() == [made.starts_at + timedelta(minutes=80)]


def test_the_audit_says_how_long_it_was(office: Office) -> None:
    made = move(longer(office), at(10), by=BY_STAFF, minutes=60)
    event = made.events[-1]
    assert (event.details["before"]["minutes"], event.details["after"]["minutes"]) == (80, 60)
    assert event.at == NOW


# Another length at the same time


def change_length(made: Appointment, minutes: int = 80, *, now: datetime = NOW, **given: object) -> Appointment:
    return move(made, made.starts_at, by=BY_STAFF, now=now, **{"minutes": minutes, "mode": made.mode, **given})


def test_it_is_the_same_event_with_another_end(database: Session, office: Office) -> None:
    made = book(office)
    uid = made.uid
    changed = change_length(made)
    assert (changed.uid, changed.sequence, changed.starts_at, changed.ends_at) == (uid, 1, at(10), at(11, 20))
    taken = database.scalars(select(Occupancy.ends_at).where(Occupancy.appointment_id == made.id)).all()
    assert sorted(taken) == [at(11, 20), at(11, 30)]
    assert change_length(made, 45).ends_at == at(10, 45)
    assert book(office, at(11), contact=make_contact(**SAM))


def test_what_follows_is_in_the_way_and_nothing_changes(database: Session, office: Office) -> None:
    made = book(office)
    book(office, at(11), contact=make_contact(**SAM))
    with pytest.raises(SlotTaken):
        change_length(made)
    assert (made.ends_at, made.sequence) == (at(10, 50), 0)
    taken = database.scalars(select(Occupancy.ends_at).where(Occupancy.appointment_id == made.id)).all()
    assert sorted(taken) == [at(10, 50), at(11)]


def test_hours_are_in_the_way_until_somebody_sets_them_aside(office: Office) -> None:
    made = book(office, at(16))
    with pytest.raises(SlotNotOffered):
        change_length(made)
    with pytest.raises(NeedsReason):
        change_length(made, waived=frozenset({Obstacle.OUTSIDE_HOURS}))
    changed = change_length(made, waived=frozenset({Obstacle.OUTSIDE_HOURS}), reason="Agreed with her.")
    assert (changed.ends_at, changed.overrides) == (at(17, 20), ["outside_hours"])


def test_notice_and_horizon_do_not_bind_what_stays_at_its_time(office: Office) -> None:
    made = book(office)
    with transaction():
        office.service.notice_minutes = 3 * 24 * 60
    changed = change_length(made)
    assert (changed.ends_at, changed.overrides) == (at(11, 20), [])
    with pytest.raises(SlotNotOffered):
        move(made, at(14), by=BY_STAFF)


def test_once_it_has_begun_it_keeps_its_length(office: Office) -> None:
    made = book(office)
    with pytest.raises(TooLate):
        change_length(made, now=at(10))


def test_it_stays_in_its_room_where_that_is_free_for_as_long(office: Office) -> None:
    second = make_room(office.location, "Room 2")
    made = book(office, mode=Mode.IN_PERSON)
    where = {"practice_id": made.practice_id, "appointment_id": made.id, "room_public_id": second.public_id}
    change_room(**where, by=BY_STAFF, now=NOW)
    changed = change_length(made, location=office.location.public_id)
    assert (changed.room_id, changed.ends_at) == (second.id, at(11, 20))


def test_it_goes_to_another_room_where_its_own_is_not(office: Office) -> None:
    second = make_room(office.location, "Room 2")
    colleague = make_therapist(office.practice, office.service, location=office.location)
    made = book(office, mode=Mode.IN_PERSON)
    sam = make_contact(**SAM, jurisdiction=None)
    other = book(office, at(11), mode=Mode.IN_PERSON, therapist=colleague.public_id, contact=sam)
    assert (made.room_id, other.room_id) == (office.room.id, office.room.id)
    assert change_length(made, location=office.location.public_id).room_id == second.id


def test_everybody_in_a_group_stays_longer(database: Session) -> None:
    office = make_office(service={"kind": ServiceKind.GROUP, "capacity": 4, "other_lengths": [80]})
    made = book(office)
    book(office, contact=make_contact(**SAM))
    database.expire_all()
    change_length(made)
    taken = database.scalars(select(Occupancy.ends_at).where(Occupancy.appointment_id == made.id)).all()
    assert taken == [at(11, 20)] * 3  # The therapist, and two clients.
    assert book(office, contact=make_contact(name="Rae Chu", email="rae@example.com")).id == made.id


def test_who_said_that_they_will_come_has_said_so(office: Office) -> None:
    made = book(office)
    with transaction():
        made.attendees[0].confirmed_at = NOW
    assert change_length(made).attendees[0].confirmed_at == NOW
