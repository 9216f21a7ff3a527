"""Many people want the same thing at the same moment: one gets it, and of the others nothing stays behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select, update

from telehealth.database import db, transaction
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import (
    Appointment,
    AppointmentEvent,
    Attendee,
    Client,
    IdempotencyKey,
    Message,
    Occupancy,
    Resource,
)
from telehealth.services.appointments.booking import BookingWish, book_appointment
from telehealth.services.appointments.cancelling import cancel_appointment
from telehealth.services.audit import ActedBy
from tests.concurrency.conftest import Race
from tests.concurrency.racing import Call, Outcome, look_again
from tests.factories import (
    Office,
    book,
    make_contact,
    make_location,
    make_office,
    make_room,
    make_service,
    make_therapist,
    make_wish,
)
from tests.factories.appointments import BY_CLIENT
from tests.moments import NOW, at

pytestmark = pytest.mark.concurrency

MANY = 50
REFUSALS = {"SlotTaken", "SlotNotOffered"}


def booking(office: Office, wish: BookingWish, by: ActedBy = BY_CLIENT) -> Call:
    return partial(book_appointment, practice=office.practice.id, wish=wish, by=by, now=NOW)


def cancelling(office: Office, appointment_id: int) -> Call:
    return partial(
        cancel_appointment,
        practice_id=office.practice.id,
        appointment_id=appointment_id,
        by=BY_CLIENT,
        now=NOW + timedelta(minutes=1),
    )


def winners(outcomes: Sequence[Outcome], *, expected: int, refusals: set[str] = REFUSALS) -> list[int]:
    """The ids of what succeeded; everybody else was refused properly."""
    errors = Counter(outcome.error for outcome in outcomes)
    assert set(errors) <= {"", *refusals}, [each for each in outcomes if each.error not in {"", *refusals}][:3]
    assert errors[""] == expected, errors
    return [outcome.value for outcome in outcomes if not outcome.error]


def count(model: type) -> int:
    look_again()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def overlapping() -> int:
    """Pairs of occupancies that should not be possible, found by brute force."""
    look_again()
    rows = list(db.session.scalars(select(Occupancy)))
    return sum(
        one.resource_id == other.resource_id and one.starts_at < other.ends_at and other.starts_at < one.ends_at
        for index, one in enumerate(rows)
        for other in rows[:index]
    )


def test_fifty_clients_want_one_slot(race: Race) -> None:
    office = make_office()
    for made, start in enumerate([at(9), at(11)], start=1):
        wishes = [make_wish(office, start, idempotency_key=f"{made}-{number}") for number in range(MANY)]
        winners(race([booking(office, wish) for wish in wishes]), expected=1)
        assert overlapping() == 0
        for model in (Appointment, AppointmentEvent, Attendee, Client, IdempotencyKey):
            assert count(model) == made, model
        assert count(Occupancy) == 2 * made
        assert count(Resource) == 2 + made  # the room, the therapist, and one client for each that succeeded
    told = select(func.count()).where(Message.kind == MessageKind.CONFIRMATION).group_by(Message.appointment_id)
    assert list(db.session.scalars(told)) == [3, 3]


def test_overlapping_starts_leave_a_schedule_without_overlaps(race: Race) -> None:
    office = make_office(service={"step_minutes": 5, "buffer_after_minutes": 10})
    wishes = [make_wish(office, at(10) + timedelta(minutes=5 * (number % 12))) for number in range(24)]
    winners(race([booking(office, wish) for wish in wishes]), expected=1)
    assert overlapping() == 0


def test_one_client_wants_two_therapists(threads: Race) -> None:
    office = make_office()
    colleague = make_therapist(office.practice, office.service)
    contact = make_contact()
    both = [office.therapist.public_id, colleague.public_id]
    wishes = [make_wish(office, therapist=both[number % 2], contact=contact) for number in range(16)]
    winners(threads([booking(office, wish) for wish in wishes]), expected=1)
    assert (count(Client), overlapping()) == (1, 0)


def test_five_therapists_want_one_room(threads: Race) -> None:
    office = make_office()
    people = [make_therapist(office.practice, office.service, location=office.location) for _ in range(5)]
    wishes = [make_wish(office, mode=Mode.IN_PERSON, therapist=person.public_id) for person in people for _ in range(3)]
    winners(threads([booking(office, wish) for wish in wishes]), expected=1)
    assert overlapping() == 0


def test_everything_at_once_does_not_deadlock(race: Race) -> None:
    """Few therapists, rooms and clients in every combination, so that everybody waits for everybody."""
    office = make_office(service={"step_minutes": 10, "buffer_before_minutes": 5, "buffer_after_minutes": 5})
    make_room(office.location, "Room 2")
    people = [
        office.therapist,
        *(make_therapist(office.practice, office.service, location=office.location) for _ in range(3)),
    ]
    contacts = [make_contact(jurisdiction="CO") for _ in range(4)]
    wishes = [
        make_wish(
            office,
            at(10) + timedelta(minutes=10 * (number % 5)),
            mode=(Mode.IN_PERSON, Mode.VIRTUAL)[number % 2],
            therapist=[None, *(person.public_id for person in people)][number % 5],
            contact=contacts[number % 4],
        )
        for number in range(60)
    ]
    outcomes = race([booking(office, wish) for wish in wishes])
    assert {outcome.error for outcome in outcomes} <= {"", *REFUSALS}, Counter(each.error for each in outcomes)
    assert any(not outcome.error for outcome in outcomes)
    assert overlapping() == 0


def test_first_available_fills_everybody_once(threads: Race) -> None:
    office = make_office()
    for _ in range(3):
        make_therapist(office.practice, office.service)
    wishes = [make_wish(office, therapist=None) for _ in range(20)]
    made = winners(threads([booking(office, wish) for wish in wishes]), expected=4)
    therapists = select(Appointment.therapist_id).where(Appointment.id.in_(made))
    assert len(set(db.session.scalars(therapists))) == 4


def test_a_daily_cap_holds(threads: Race) -> None:
    office = make_office(therapist={"daily_cap": 2})
    wishes = [make_wish(office, at(hour)) for hour in range(9, 16) for _ in range(2)]
    winners(threads([booking(office, wish) for wish in wishes]), expected=2)


def test_twenty_requests_with_one_key_are_one_booking(race: Race) -> None:
    office = make_office()
    wish = make_wish(office, idempotency_key="once")
    made = winners(race([booking(office, wish)] * 20), expected=20)
    assert len(set(made)) == 1
    assert (count(Appointment), count(Client), count(IdempotencyKey)) == (1, 1, 1)


def test_one_key_for_different_requests_books_once(threads: Race) -> None:
    office = make_office()
    wish = make_wish(office, idempotency_key="once")
    wishes = [replace(wish, starts_at=at(hour)) for hour in range(9, 16)]
    winners(threads([booking(office, each) for each in wishes]), expected=1, refusals={"IdempotencyMismatch"})
    assert count(Appointment) == 1


def test_ten_people_cancel_one_appointment(threads: Race) -> None:
    office = make_office()
    made = book(office)
    with transaction() as session:  # They have been told of it, so they are to be told that it is off.
        session.execute(
            update(Message)
            .where(Message.kind == MessageKind.CONFIRMATION)
            .values(status=MessageStatus.DELIVERED, says="it is on")
        )
    winners(threads([cancelling(office, made.id)] * 10), expected=1, refusals={"AlreadyCancelled"})
    look_again()
    assert (made.sequence, made.status) == (1, AppointmentStatus.CANCELLED)
    assert [event.action for event in made.events] == ["booked", "cancelled"]
    told = select(Message.channel).where(Message.kind == MessageKind.CANCELLATION)
    assert Counter(db.session.scalars(told)) == {Channel.EMAIL: 2, Channel.TEXT: 1}
    left = select(func.count()).where(Message.version == 0, Message.status == MessageStatus.PLANNED)
    assert db.session.scalar(left) == 0


def test_a_slot_that_is_given_back_goes_to_one_of_those_who_want_it(threads: Race) -> None:
    office = make_office()
    first = book(office)
    wishes = [make_wish(office) for _ in range(10)]
    outcomes = threads([cancelling(office, first.id), *(booking(office, wish) for wish in wishes)])
    assert outcomes[0].error == ""
    made = [outcome for outcome in outcomes[1:] if not outcome.error]
    assert len(made) <= 1
    assert {outcome.error for outcome in outcomes} <= {"", *REFUSALS}
    assert (overlapping(), count(Occupancy)) == (0, 2 * len(made))
    if not made:  # Everybody came too early; the time is free now.
        book(office)


def test_practices_do_not_stand_in_each_others_way(threads: Race) -> None:
    offices = [make_office() for _ in range(8)]
    winners(threads([booking(office, make_wish(office)) for office in offices]), expected=8)


def test_two_services_and_two_places_of_one_therapist(threads: Race) -> None:
    office = make_office()
    short = make_service(office.practice, duration_minutes=25, step_minutes=5)
    office.therapist.services.append(short)
    make_room(make_location(office.practice))
    db.session.commit()
    wishes = [
        make_wish(office, at(10) + timedelta(minutes=minutes), service=service.public_id)
        for service, minutes in ((office.service, 0), (short, 15), (short, 20), (short, 25), (short, 40))
        for _ in range(3)
    ]
    outcomes = threads([booking(office, wish) for wish in wishes])
    assert {outcome.error for outcome in outcomes} <= {"", *REFUSALS}
    assert overlapping() == 0
