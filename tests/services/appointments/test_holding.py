"""A chosen slot is kept for its person for a while, stands in the same guard as appointments, and frees itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.errors import HoldExpired, SlotTaken, TooManyHolds
from telehealth.domain.words import Mode
from telehealth.models import Hold, Occupancy
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered
from telehealth.services.appointments.holding import (
    MOST_BASE,
    MOST_OF_NETWORK,
    MOST_PER_THERAPIST,
    extend_hold,
    release_hold,
    sweep_holds,
)
from tests.factories import BY_STAFF, Office, book, hold, make_office, make_room, make_therapist, move
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")

MINUTE = timedelta(minutes=1)
OVER = NOW + timedelta(minutes=10)  # What a new practice keeps a slot for.


@pytest.fixture
def office() -> Office:
    return make_office()


def occupancies(database: Session) -> int:
    return database.scalar(select(func.count()).select_from(Occupancy)) or 0


def is_offered(office: Office, *, now: object) -> bool:
    query = SlotQuery(
        practice_id=office.practice.id,
        service=office.service,
        mode=Mode.VIRTUAL,
        since=at(10),
        until=at(11),
        therapist_id=office.therapist.id,
    )
    return at(10) in offered(query, now=now)  # type: ignore[arg-type]


def test_it_lasts_as_long_as_the_practice_says(office: Office) -> None:
    assert hold(office).expires_at == OVER


def test_nobody_else_can_book_or_hold_it(office: Office) -> None:
    hold(office)
    with pytest.raises(SlotTaken):
        book(office)
    with pytest.raises(SlotTaken):
        hold(office)


def test_nor_move_onto_it(office: Office) -> None:
    hold(office)
    made = book(office, at(14))
    with pytest.raises(SlotTaken):
        move(made, at(10))
    assert made.starts_at == at(14)


def test_whoever_holds_it_books_it(database: Session, office: Office) -> None:
    kept = hold(office)
    made = book(office, hold=kept.public_id)
    assert {row.appointment_id for row in database.scalars(select(Occupancy))} == {made.id}
    assert kept.expires_at <= NOW


def test_a_hold_serves_once(office: Office) -> None:
    kept = hold(office)
    book(office, hold=kept.public_id)
    with pytest.raises(SlotTaken):
        book(office, hold=kept.public_id)


def test_it_is_no_longer_offered_and_then_it_is_again(office: Office) -> None:
    assert is_offered(office, now=NOW)
    hold(office)
    assert not is_offered(office, now=OVER - timedelta(microseconds=1))
    assert is_offered(office, now=OVER)


def test_an_expired_hold_frees_itself_without_a_sweeper(database: Session, office: Office) -> None:
    hold(office)
    made = book(office, now=OVER)
    assert {row.appointment_id for row in database.scalars(select(Occupancy))} == {made.id}


def test_an_expired_hold_does_not_stand_in_the_way_of_its_own_person(office: Office) -> None:
    kept = hold(office)
    assert book(office, hold=kept.public_id, now=OVER)


def test_time_spent_on_the_form_is_not_too_short_notice(database: Session) -> None:
    office = make_office(service={"notice_minutes": 60})
    start = NOW + timedelta(minutes=60)
    kept = hold(office, start)
    assert book(office, start, hold=kept.public_id, now=NOW + timedelta(minutes=9))


def test_whoever_chooses_another_time_lets_the_first_go(office: Office) -> None:
    first = hold(office)
    hold(office, at(14), replaces=first.public_id)
    assert book(office)


def test_a_held_slot_that_is_gone_leaves_the_first_one_held(office: Office) -> None:
    first = hold(office)
    book(office, at(14))
    with pytest.raises(SlotTaken):
        hold(office, at(14), replaces=first.public_id)
    with pytest.raises(SlotTaken):
        book(office)


def test_one_tap_keeps_it_longer_twice(office: Office) -> None:
    kept = hold(office)
    for minute in (8, 16):
        now = NOW + timedelta(minutes=minute)
        kept = extend_hold(practice_id=office.practice.id, hold_public_id=kept.public_id, now=now)
        assert kept.expires_at == now + timedelta(minutes=10)
    with pytest.raises(SlotTaken):
        book(office, now=NOW + timedelta(minutes=25))
    with pytest.raises(HoldExpired):
        extend_hold(practice_id=office.practice.id, hold_public_id=kept.public_id, now=NOW + timedelta(minutes=24))


def test_what_is_over_is_not_extended(office: Office) -> None:
    kept = hold(office)
    with pytest.raises(HoldExpired):
        extend_hold(practice_id=office.practice.id, hold_public_id=kept.public_id, now=OVER)


def test_another_practice_cannot_extend_or_release_it(office: Office) -> None:
    kept, other = hold(office), make_office()
    with pytest.raises(HoldExpired):
        extend_hold(practice_id=other.practice.id, hold_public_id=kept.public_id, now=NOW)
    release_hold(practice_id=other.practice.id, hold_public_id=kept.public_id, now=NOW)
    with pytest.raises(SlotTaken):
        book(office)


def test_releasing_frees_it_at_once_and_twice_is_no_error(office: Office) -> None:
    kept = hold(office)
    for _ in range(2):
        release_hold(practice_id=office.practice.id, hold_public_id=kept.public_id, now=NOW)
    assert book(office)


def test_in_person_the_room_is_kept_too(database: Session, office: Office) -> None:
    colleague = make_therapist(office.practice, office.service, location=office.location)
    hold(office, mode=Mode.IN_PERSON, location=office.location.public_id)
    with pytest.raises(SlotTaken):
        book(office, mode=Mode.IN_PERSON, therapist=colleague.public_id)
    make_room(office.location, "Room 2")
    assert book(office, mode=Mode.IN_PERSON, therapist=colleague.public_id).room.name == "Room 2"


def test_whoever_asked_for_anybody_gets_the_therapist_who_was_held(office: Office) -> None:
    make_therapist(office.practice, office.service)
    kept = hold(office, therapist=None)
    assert book(office, therapist=None, hold=kept.public_id).therapist_id == kept.therapist_id


def test_a_hold_for_something_else_is_left_alone(office: Office) -> None:
    kept = hold(office, at(14))
    book(office, hold=kept.public_id)
    with pytest.raises(SlotTaken):
        book(office, at(14))


def test_sweeping_deletes_what_is_long_over_and_nothing_else(database: Session, office: Office) -> None:
    hold(office)
    later = NOW + timedelta(days=1, minutes=11)
    hold(office, at(14, days=3), now=later)
    assert sweep_holds(now=later) == 1
    assert database.scalars(select(Hold.starts_at)).all() == [at(14, days=3)]
    assert occupancies(database) == 1


def keep(office: Office, count: int, *, network: str = "", now: datetime = NOW) -> list[Hold]:
    """So many slots, one after the other."""
    days = -(-count // 8)
    starts = [at(9 + hour, days=1 + day) for day in range(days) for hour in range(8)]
    return [hold(office, start, network=network, now=now) for start in starts[:count]]


class TestRoomForOthers:
    def test_one_network_keeps_only_so_many(self, office: Office) -> None:
        keep(office, MOST_OF_NETWORK, network="192.0.2.7")
        with pytest.raises(TooManyHolds) as refused:
            hold(office, at(16, days=3), network="192.0.2.7", now=NOW + 4 * MINUTE)
        assert refused.value.retry_after == 6 * 60
        assert hold(office, at(16, days=3), network="192.0.2.8").starts_at == at(16, days=3)

    def test_what_is_over_given_back_or_booked_counts_no_more(self, office: Office) -> None:
        first, second, *_ = keep(office, MOST_OF_NETWORK, network="192.0.2.7")
        release_hold(practice_id=office.practice.id, hold_public_id=first.public_id, now=NOW)
        book(office, second.starts_at, hold=second.public_id)
        for start in (first.starts_at, at(9, days=4)):
            assert hold(office, start, network="192.0.2.7")
        with pytest.raises(TooManyHolds):
            hold(office, at(10, days=4), network="192.0.2.7")
        assert hold(office, at(10, days=4), network="192.0.2.7", now=NOW + 11 * MINUTE)

    def test_another_choice_in_the_place_of_the_first_is_no_more(self, office: Office) -> None:
        kept = keep(office, MOST_OF_NETWORK, network="192.0.2.7")
        again = hold(office, at(9, days=4), network="192.0.2.7", replaces=kept[0].public_id)
        assert again.starts_at == at(9, days=4)

    def test_whoever_is_refused_keeps_what_they_had(self, office: Office, database: Session) -> None:
        mine = hold(office, at(10, days=4), network="192.0.2.8")
        keep(office, MOST_OF_NETWORK, network="192.0.2.7")
        with pytest.raises(TooManyHolds):
            hold(office, at(9, days=4), network="192.0.2.7", replaces=mine.public_id)
        database.expire_all()
        assert database.get_one(Hold, mine.id).still_keeps(now=NOW)

    def test_a_practice_keeps_only_so_many_however_many_networks_ask(self, office: Office) -> None:
        most = MOST_BASE + MOST_PER_THERAPIST
        keep(office, most)
        with pytest.raises(TooManyHolds):
            hold(office, at(16, days=4))
        make_therapist(office.practice)
        assert hold(office, at(16, days=4)), "a larger practice has more to give"
        assert hold(make_office(practice={"slug": "elsewhere"}))

    def test_offers_to_those_who_wait_are_nobodys_holds(self, office: Office) -> None:
        keep(office, MOST_BASE + MOST_PER_THERAPIST)
        with transaction() as session:
            session.execute(update(Hold).values(network=None))
        assert hold(office, at(16, days=4))

    def test_whoever_is_refused_can_book_and_so_can_staff(self, office: Office) -> None:
        keep(office, MOST_BASE + MOST_PER_THERAPIST)
        assert book(office, at(15, days=4)).starts_at == at(15, days=4)
        assert book(office, at(13, days=4), by=BY_STAFF).starts_at == at(13, days=4)
