"""Lengths beside a service's usual one: chosen by staff, kept by moves, never guessed for clients."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.errors import InvalidInput, SlotNotOffered, SlotTaken
from telehealth.domain.words import Mode
from telehealth.models import Appointment, Occupancy
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, hold, make_contact, make_office, move
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
