"""Races in the life of an appointment: one winner, clear answers to the rest, no stray row, no words for losers.

Every race runs in threads and in processes, on SQLite and on PostgreSQL, several rounds each.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select

from telehealth.database import db
from telehealth.domain.message_words import MessageKind, MessageStatus
from telehealth.domain.words import AppointmentStatus, Approval, Mode, Obstacle, ServiceKind
from telehealth.models import Appointment, AppointmentEvent, Attendee, Hold, Message, Occupancy
from telehealth.services.appointments.approving import approve_request, decline_request
from telehealth.services.appointments.cancelling import cancel_appointment
from telehealth.services.appointments.holding import MOST_OF_NETWORK, HoldWish, keep_slot
from telehealth.services.appointments.moving import Destination, move_appointment
from telehealth.services.audit import ActedBy
from tests.concurrency import invariants
from tests.concurrency.conftest import Place, Race
from tests.concurrency.racing import PATIENCE, Call, in_threads, look_again
from tests.concurrency.test_booking import booking, count, overlapping, winners
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    hold,
    make_contact,
    make_office,
    make_room,
    make_service,
    make_therapist,
    make_wish,
)
from tests.factories.rows import number as next_number
from tests.moments import NOW, at

pytestmark = pytest.mark.concurrency

START_HOURS = (9, 11)
ROUNDS = len(START_HOURS)
"""Of each race; ``make soak`` repeats all of them."""
REFUSALS = {"SlotTaken", "SlotNotOffered", "GroupFull"}
LATER = NOW + timedelta(minutes=1)


def holding(office: Office, start: Any, *, network: str = "", **given: Any) -> Call:
    usual = {"mode": Mode.VIRTUAL, "therapist": office.therapist.public_id, "jurisdiction": "CO"}
    wish = HoldWish(service=office.service.public_id, starts_at=start, **{**usual, **given})
    network = network or f"network-{next_number()}"
    return partial(keep_slot, practice_id=office.practice.id, wish=wish, network=network, now=NOW)


def moving(made: Appointment, start: Any, by: ActedBy = BY_CLIENT, **given: Any) -> Call:
    to = Destination(starts_at=start, **{"mode": made.mode, **given})
    return partial(move_appointment, practice_id=made.practice_id, appointment_id=made.id, to=to, by=by, now=LATER)


def cancelling(made: Appointment) -> Call:
    return partial(cancel_appointment, practice_id=made.practice_id, appointment_id=made.id, by=BY_CLIENT, now=LATER)


def answering(answer: Any, made: Appointment) -> Call:
    return partial(answer, practice_id=made.practice_id, appointment_id=made.id, by=BY_STAFF, now=LATER)


def therapist_rows() -> list[tuple[Any, Any]]:
    look_again()
    return [(row.starts_at, row.ends_at) for row in db.session.scalars(select(Occupancy))]


def test_two_services_of_one_therapist_on_unequal_times(race: Race) -> None:
    office = make_office(service={"step_minutes": 10})
    long = make_service(office.practice, duration_minutes=80, step_minutes=10)
    make_therapist(office.practice, long)
    office.therapist.services.append(long)
    db.session.commit()
    for hour in START_HOURS:
        start = at(hour)
        wishes = [
            make_wish(office, start + timedelta(minutes=10 * (number % 4)), service=each.public_id)
            for number in range(6)
            for each in (office.service, long)
        ]
        winners(race([booking(office, wish) for wish in wishes]), expected=1)
    assert overlapping() == 0


def test_a_longer_one_against_bookings_of_what_follows(race: Race) -> None:
    office = make_office(service={"other_lengths": [80]})
    for made, hour in enumerate(START_HOURS, start=1):
        first = book(office, at(hour), contact=make_contact(name=f"First {made}", email=f"first{made}@example.com"))
        longer = moving(first, at(hour), by=BY_STAFF, minutes=80)
        calls = [longer, *(booking(office, make_wish(office, at(hour + 1))) for _ in range(6))]
        winners(race(calls), expected=1)
    assert overlapping() == 0


def test_holds_and_bookings_of_one_slot(race: Race) -> None:
    office = make_office()
    for made, hour in enumerate(START_HOURS, start=1):
        calls = [holding(office, at(hour)) for _ in range(6)]
        calls += [booking(office, make_wish(office, at(hour))) for _ in range(6)]
        winners(race(calls), expected=1)
        assert count(Hold) + count(Appointment) == made
    assert overlapping() == 0


def test_holds_of_one_slot(race: Race) -> None:
    office = make_office()
    for made, hour in enumerate(START_HOURS, start=1):
        winners(race([holding(office, at(hour)) for _ in range(12)]), expected=1)
        assert (count(Hold), count(Occupancy)) == (made, made)


def test_an_expired_hold_is_taken_by_one(race: Race) -> None:
    office = make_office()
    hold(office, now=NOW - timedelta(hours=1))
    winners(race([booking(office, make_wish(office)) for _ in range(12)]), expected=1)
    assert (count(Appointment), count(Occupancy)) == (1, 2)


def test_one_hold_is_spent_once(race: Race) -> None:
    office = make_office()
    kept = hold(office)
    wishes = [make_wish(office, hold=kept.public_id) for _ in range(12)]
    winners(race([booking(office, wish) for wish in wishes]), expected=1)
    assert (count(Appointment), count(Occupancy)) == (1, 2)


def test_two_answers_to_one_request(race: Race) -> None:
    office = make_office(service={"approval": Approval.ALWAYS})
    for hour in START_HOURS:
        made = book(office, at(hour))
        calls = [answering(answer, made) for _ in range(4) for answer in (approve_request, decline_request)]
        winners(race(calls), expected=1, refusals={"AlreadyAnswered"})
        look_again()
        answers = {"approved", "declined"}
        given = select(func.count()).where(
            AppointmentEvent.appointment_id == made.id, AppointmentEvent.action.in_(answers)
        )
        assert db.session.scalar(given) == 1


def test_a_yes_and_somebody_elses_booking(race: Race) -> None:
    office = make_office(service={"approval": Approval.ALWAYS})
    made = book(office)
    calls = [answering(approve_request, made)] * 2 + [booking(office, make_wish(office)) for _ in range(6)]
    winners(race(calls), expected=1, refusals={"AlreadyAnswered", *REFUSALS})
    look_again()
    assert db.session.get_one(Appointment, made.id).status == AppointmentStatus.BOOKED
    assert count(Appointment) == 1


def test_the_last_seat(race: Race) -> None:
    office = make_office(service={"kind": ServiceKind.GROUP, "capacity": 3})
    for made, hour in enumerate(START_HOURS, start=1):
        book(office, at(hour))
        book(office, at(hour))
        calls = [booking(office, make_wish(office, at(hour))) for _ in range(8)]
        calls += [holding(office, at(hour)) for _ in range(4)]
        winners(race(calls), expected=1, refusals=REFUSALS)
        taken = count(Attendee) + count(Hold)
        assert (count(Appointment), taken) == (made, 3 * made)


def test_first_seats_make_one_group(race: Race) -> None:
    office = make_office(service={"kind": ServiceKind.GROUP, "capacity": 8})
    for made, hour in enumerate(START_HOURS, start=1):
        winners(race([booking(office, make_wish(office, at(hour))) for _ in range(12)]), expected=8, refusals=REFUSALS)
        assert (count(Appointment), count(Attendee)) == (made, 8 * made)
    assert overlapping() == 0


def test_groups_count_towards_a_full_day_as_well(race: Race) -> None:
    office = make_office(service={"kind": ServiceKind.GROUP, "capacity": 3}, therapist={"daily_cap": 1})
    single = make_service(office.practice)
    office.therapist.services.append(single)
    db.session.commit()
    for day in range(1, 1 + ROUNDS):
        wishes = [
            make_wish(office, at(hour, days=day), service=each.public_id)
            for hour, each in ((9, office.service), (11, single), (13, office.service), (15, single))
        ]
        winners(race([booking(office, wish) for wish in wishes]), expected=1, refusals=REFUSALS)


def test_a_deliberate_overlap_and_the_booking_after_it(race: Race) -> None:
    """Staff lay an appointment over one that stands while clients want the time behind it: who comes after the overlap
    is refused, and whoever is confirmed was there before.
    """
    office = make_office(service={"step_minutes": 10})
    over = {"waived": frozenset({Obstacle.TAKEN, Obstacle.BUFFER}), "reason": "a crisis"}
    for day in (1, 2, 3, 4, 7, 8, 9, 10):  # The office is closed in between.
        book(office, at(10, days=day), contact=make_contact())
        staff = booking(office, make_wish(office, at(10, 30, days=day), contact=make_contact(), **over), by=BY_STAFF)
        clients = [booking(office, make_wish(office, at(11, days=day), contact=make_contact())) for _ in range(3)]
        outcomes = race([staff, *clients] if day % 2 else [*clients, staff])
        assert {each.error for each in outcomes} <= {"", *REFUSALS}, outcomes
        assert sum(not each.error for each in outcomes) in {1, 2}
    invariants.require_all(now=NOW)


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)  # SQLite has one writer: there is no in between.
def test_who_looked_before_the_overlap_was_there_is_refused_as_well(committed: Flask, place: Place) -> None:
    office = make_office(service={"step_minutes": 10})
    over = {"waived": frozenset({Obstacle.TAKEN, Obstacle.BUFFER}), "reason": "a crisis"}
    book(office, at(10))
    staff = booking(office, make_wish(office, at(10, 30), contact=make_contact(), **over), by=BY_STAFF)
    client = booking(office, make_wish(office, at(11), contact=make_contact()))
    db.session.rollback()
    with ThreadPoolExecutor(2) as pool, psycopg.connect(place.url) as held:
        held.execute("LOCK TABLE appointment_event IN EXCLUSIVE MODE")  # Nobody comes further than to have taken time.
        overlapping_one = pool.submit(in_threads, committed, [staff])
        wait_until_waiting(place, 1)
        other = pool.submit(in_threads, committed, [client])
        wait_until_waiting(place, 2)
        held.rollback()
        outcomes = [*overlapping_one.result(PATIENCE), *other.result(PATIENCE)]
        assert [each.error for each in outcomes] == ["", "SlotTaken"]
    invariants.require_all(now=NOW)


def wait_until_waiting(place: Place, count: int) -> None:
    """Wait until so many of our connections wait for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    deadline = time.monotonic() + PATIENCE
    with psycopg.connect(place.url, autocommit=True) as connection:
        while connection.execute(waiting).fetchone() != (count,):
            assert time.monotonic() < deadline
            threading.Event().wait(0.02)


def test_many_deliberate_overlaps(race: Race) -> None:
    """In the same rooms with the same people, among bookings: nobody hangs, and everybody on purpose gets a place."""
    office = make_office(service={"step_minutes": 10})
    make_room(office.location, "Room 2")
    place = {"mode": Mode.IN_PERSON, "location": office.location.public_id}
    over = {"waived": frozenset({Obstacle.TAKEN, Obstacle.BUFFER, Obstacle.ROOM}), "reason": "a crisis", **place}
    book(office, at(10), **place)
    starts = [at(10) + timedelta(minutes=10 * number) for number in range(6)]
    staff = [booking(office, make_wish(office, start, **over), by=BY_STAFF) for start in starts * 2]
    clients = [booking(office, make_wish(office, start, **place)) for start in starts * 2]
    outcomes = race([call for pair in zip(staff, clients, strict=True) for call in pair])
    assert {each.error for each in outcomes} <= {"", *REFUSALS}, Counter(each.error for each in outcomes)
    assert sum(not each.error for each in outcomes) >= len(staff)
    invariants.require_all(now=NOW)


def test_many_move_onto_one_slot(race: Race) -> None:
    office = make_office()
    made = [book(office, at(hour, days=2)) for hour in (9, 10, 11, 13, 14, 15)]
    ids = winners(race([moving(each, at(10)) for each in made]), expected=1)
    look_again()
    for each in db.session.scalars(select(Appointment)):
        was_moved = each.id in ids
        assert (each.sequence, each.starts_at == at(10)) == (int(was_moved), was_moved)
    assert (overlapping(), count(Occupancy)) == (0, 12)
    moved = select(func.count()).where(Message.version == 1, Message.appointment_id.not_in(ids))
    assert db.session.scalar(moved) == 0


def test_two_move_onto_each_others_place(race: Race) -> None:
    office = make_office()
    first, second = book(office, at(9)), book(office, at(11))
    outcomes = race([moving(first, at(11)), moving(second, at(9))] * 2)
    assert {each.error for each in outcomes} <= {"", *REFUSALS}, Counter(each.error for each in outcomes)
    assert (overlapping(), count(Occupancy)) == (0, 4)


def test_a_move_and_a_cancellation_of_one_appointment(race: Race) -> None:
    office = make_office()
    for hour in START_HOURS:
        made = book(office, at(hour))
        outcomes = race([moving(made, at(15, days=2)), cancelling(made)] * 3)
        errors = Counter(each.error for each in outcomes)
        assert set(errors) <= {"", "AlreadyCancelled", "ImpossibleStatus", *REFUSALS}, errors
        look_again()
        made = db.session.get_one(Appointment, made.id)
        assert made.status == AppointmentStatus.CANCELLED  # Somebody always cancels in the end, and only once.
        cancelled = [event for event in made.events if event.action == "cancelled"]
        assert len(cancelled) == 1
        assert count(Occupancy) == 0
        open_words = select(Message.kind).where(
            Message.appointment_id == made.id, Message.status == MessageStatus.PLANNED
        )
        assert set(db.session.scalars(open_words)) <= {MessageKind.CANCELLATION}


def test_a_retry_with_the_same_key_while_the_first_is_under_way(race: Race) -> None:
    office = make_office()
    contact = make_contact()
    for number, hour in enumerate(START_HOURS):
        wish = make_wish(office, at(hour), contact=contact, idempotency_key=f"again-{number}")
        ids = winners(race([booking(office, wish) for _ in range(12)]), expected=12)
        assert len(set(ids)) == 1
    assert count(Appointment) == ROUNDS


def test_everything_at_once(race: Race) -> None:
    """Bookings, holds, moves and cancellations of few people, in person, so that everybody waits for everybody."""
    office = make_office(service={"step_minutes": 10, "buffer_after_minutes": 10})
    people = [office.therapist] + [
        make_therapist(office.practice, office.service, location=office.location) for _ in range(2)
    ]
    contacts = [make_contact(jurisdiction="CO") for _ in range(3)]
    made = [book(office, at(9 + number * 2, days=2), contact=contacts[number]) for number in range(3)]
    place = {"mode": Mode.IN_PERSON, "location": office.location.public_id}
    calls: list[Call] = []
    for number in range(12):
        start = at(10) + timedelta(minutes=10 * (number % 4))
        person = people[number % 3].public_id
        calls += [
            booking(office, make_wish(office, start, contact=contacts[number % 3], therapist=person, **place)),
            holding(office, start, therapist=person, **place),
            moving(made[number % 3], start, therapist=person, **place),
        ]
    calls.append(cancelling(made[0]))
    outcomes = race(calls)
    allowed = {"", "AlreadyCancelled", "ImpossibleStatus", *REFUSALS}
    assert {each.error for each in outcomes} <= allowed, Counter(each.error for each in outcomes)
    assert overlapping() == 0


def test_one_network_keeps_no_more_by_asking_at_the_same_moment(race: Race) -> None:
    office = make_office(practice={"slug": "crowded"})
    calls = [holding(office, at(hour, days=day), network="192.0.2.7") for day in (1, 2, 3) for hour in range(9, 16)]
    outcomes = race(calls)
    look_again()
    assert [each.error for each in outcomes if each.error not in {"", "TooManyHolds"}] == []
    assert sum(not each.error for each in outcomes) == MOST_OF_NETWORK
