"""Groups: one appointment, seats booked one by one by people who do not know each other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.domain.errors import GroupFull, InvalidInput, SlotNotOffered, SlotTaken
from telehealth.domain.message_words import MessageKind, MessageStatus
from telehealth.domain.words import AppointmentStatus, Approval, Obstacle, ServiceKind
from telehealth.models import Appointment, Message, Occupancy
from telehealth.services.appointments.attending import add_attendee, set_status
from telehealth.services.appointments.cancelling import cancel_appointment
from tests.factories import (
    BY_STAFF,
    Office,
    book,
    cancel,
    hold,
    make_contact,
    make_office,
    make_service,
    make_therapist,
)
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")


def make_group(**given: object) -> Office:
    return make_office(service={"kind": ServiceKind.GROUP, "capacity": 3, **given})


def count(database: Session, model: type) -> int:
    return database.scalar(select(func.count()).select_from(model)) or 0


def test_the_first_booking_opens_it_and_the_next_join(database: Session) -> None:
    office = make_group()
    first, second = book(office), book(office)
    assert first.id == second.id
    assert len(second.seats) == 2
    assert count(database, Appointment) == 1
    assert count(database, Occupancy) == 3  # the therapist once, each client once


def test_when_it_is_full_it_is_full(database: Session) -> None:
    office = make_group()
    for _ in range(3):
        book(office)
    with pytest.raises(GroupFull):
        book(office)
    assert count(database, Appointment) == 1


def test_a_seat_that_was_given_up_can_be_booked_again(database: Session) -> None:
    office = make_group(capacity=2)
    made = book(office)
    book(office)
    cancel(made, attendee_id=made.attendees[0].id)
    assert made.status == AppointmentStatus.BOOKED
    assert len(book(office).seats) == 2


def test_a_held_seat_counts(database: Session) -> None:
    office = make_group(capacity=2)
    book(office)
    kept = hold(office)
    assert kept.appointment_id is not None
    with pytest.raises(GroupFull):
        book(office)
    with pytest.raises(GroupFull):
        hold(office)
    assert len(book(office, hold=kept.public_id).seats) == 2


def test_a_held_seat_that_ran_out_does_not(database: Session) -> None:
    office = make_group(capacity=2)
    book(office)
    hold(office)
    assert book(office, now=NOW + timedelta(minutes=10))


def test_the_same_client_takes_one_seat(database: Session) -> None:
    office, contact = make_group(), make_contact()
    book(office, contact=contact)
    with pytest.raises(SlotTaken):
        book(office, contact=contact)


def test_nobody_brings_others_along(database: Session) -> None:
    with pytest.raises(InvalidInput):
        book(make_group(), others=(make_contact(),))


def test_groups_that_staff_set_up_are_not_opened_by_clients(database: Session) -> None:
    office = make_group(opened_by_staff=True)
    with pytest.raises(SlotNotOffered):
        book(office)
    made = book(office, by=BY_STAFF)
    assert book(office).id == made.id


def test_the_last_seat_given_up_ends_a_group_that_clients_opened(database: Session) -> None:
    made = book(make_group())
    cancel(made, attendee_id=made.attendees[0].id)
    assert made.status == AppointmentStatus.CANCELLED
    assert count(database, Occupancy) == 0


def test_one_that_staff_set_up_goes_on(database: Session) -> None:
    made = book(make_group(opened_by_staff=True), by=BY_STAFF)
    cancel(made, attendee_id=made.attendees[0].id)
    assert made.status == AppointmentStatus.BOOKED
    assert count(database, Occupancy) == 1


def test_staff_call_it_off_for_all(database: Session) -> None:
    office = make_group()
    made = book(office)
    book(office)
    cancel(made, by=BY_STAFF)
    assert {each.status for each in made.attendees} == {AppointmentStatus.CANCELLED}


def test_who_joins_tells_nobody_else(database: Session) -> None:
    office = make_group()
    made = book(office)
    ours = f"attendee:{made.attendees[0].public_id}"
    for message in database.scalars(select(Message)):
        message.status = MessageStatus.DELIVERED if message.kind == MessageKind.CONFIRMATION else message.status
    database.commit()
    book(office)
    news = select(Message).where(
        Message.recipient == ours,
        Message.status == MessageStatus.PLANNED,
        Message.kind.in_([MessageKind.MOVED, MessageKind.CONFIRMATION]),
    )
    assert not database.scalars(news).all()


def test_two_groups_of_two_therapists_at_one_time(database: Session) -> None:
    office = make_group(capacity=1)
    colleague = make_therapist(office.practice, office.service)
    first, second = book(office), book(office, therapist=colleague.public_id)
    assert {first.therapist_id, second.therapist_id} == {office.therapist.id, colleague.id}
    with pytest.raises(GroupFull):
        book(office, therapist=colleague.public_id)


def test_staff_add_somebody_and_the_seats_still_count(database: Session) -> None:
    made = book(make_group(capacity=2))
    give = {"practice_id": made.practice_id, "appointment_id": made.id, "by": BY_STAFF, "now": NOW}
    contact = make_contact()
    assert add_attendee(contact=contact, **give).name == contact.name
    with pytest.raises(GroupFull):
        add_attendee(contact=make_contact(), **give)


def test_somebody_who_is_in_it_already_is_not_added_twice(database: Session) -> None:
    contact = make_contact()
    made = book(make_group(), contact=contact)
    with pytest.raises(InvalidInput):
        add_attendee(practice_id=made.practice_id, appointment_id=made.id, contact=contact, by=BY_STAFF, now=NOW)


def test_one_who_missed_it_alone(database: Session) -> None:
    office = make_group()
    made = book(office)
    book(office)
    missed = made.attendees[0]
    for status, attendee_id in ((AppointmentStatus.NOSHOW, missed.id), (AppointmentStatus.FULFILLED, None)):
        set_status(
            practice_id=made.practice_id,
            appointment_id=made.id,
            attendee_id=attendee_id,
            status=status,
            by=BY_STAFF,
            now=at(11),
        )
    assert [each.status for each in made.attendees] == [AppointmentStatus.NOSHOW, AppointmentStatus.FULFILLED]
    assert made.status == AppointmentStatus.FULFILLED


def test_an_unknown_seat_is_not_found(database: Session) -> None:
    made, other = book(make_group()), book(make_group())
    with pytest.raises(Exception, match="could not find"):
        cancel_appointment(
            practice_id=made.practice_id,
            appointment_id=made.id,
            attendee_id=other.attendees[0].id,
            by=BY_STAFF,
            now=NOW,
        )


def test_one_of_a_series_with_a_single_member_can_be_called_off(database: Session) -> None:
    office = make_group(opened_by_staff=True)
    made = book(office, by=BY_STAFF)
    cancel(made, by=BY_STAFF)
    assert made.status == AppointmentStatus.CANCELLED


def test_staff_put_nobody_into_a_group_whom_its_therapist_may_not_treat(database: Session) -> None:
    made = book(make_group())
    far = make_contact(jurisdiction="UT")
    with pytest.raises(SlotNotOffered):
        add_attendee(practice_id=made.practice_id, appointment_id=made.id, contact=far, by=BY_STAFF, now=NOW)
    assert len(made.seats) == 1


def test_unless_they_say_why(database: Session) -> None:
    office = make_group()
    book(office)
    far = make_contact(jurisdiction="UT")
    with pytest.raises(SlotNotOffered):
        book(office, contact=far, by=BY_STAFF)
    made = book(office, contact=far, by=BY_STAFF, waived=frozenset({Obstacle.LICENCE}), reason="on holiday for a week")
    assert len(made.seats) == 2
    details = made.events[-1].details
    assert (details["overrides"], details["reason"]) == (["licence"], "on holiday for a week")


def test_what_was_waived_but_did_not_stand_in_the_way_is_not_kept(database: Session) -> None:
    office, known = make_group(), make_contact()
    busy = make_therapist(office.practice, make_service(office.practice))
    book(office, therapist=busy.public_id, service=busy.services[0].public_id, contact=known)
    book(office)
    waived = frozenset({Obstacle.LICENCE, Obstacle.CLIENT_BUSY, Obstacle.TAKEN, Obstacle.NOTICE, Obstacle.HORIZON})
    made = book(office, contact=known, by=BY_STAFF, waived=waived, reason="wants both")
    assert made.events[-1].details["overrides"] == ["client_busy"]
    joined = book(office, by=BY_STAFF, waived=waived, reason="to be safe")
    assert joined.events[-1].details.keys() == {"sequence", "attendee"}


def test_seats_in_a_group_never_wait_for_a_yes(database: Session) -> None:
    office = make_group(approval=Approval.ALWAYS)
    assert book(office).status == AppointmentStatus.BOOKED
    assert len(book(office).seats) == 2
