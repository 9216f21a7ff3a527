"""Turns that the life of an appointment can take when two of its rules meet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.errors import HoldExpired, InvalidInput, SlotNotOffered, SlotTaken
from telehealth.domain.words import AppointmentStatus, Approval, Mode, Obstacle, ServiceKind, WhenOneCancels
from telehealth.models import Appointment
from telehealth.services.appointments.approving import expire_requests
from telehealth.services.appointments.attending import add_attendee, set_status
from telehealth.services.appointments.holding import extend_hold
from telehealth.services.appointments.moving import Destination, move_appointment_in
from tests.factories import (
    BY_STAFF,
    Office,
    add_licence,
    book,
    cancel,
    hold,
    make_contact,
    make_location,
    make_office,
    make_room,
    make_service,
    make_therapist,
    move,
)
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")

BOOKED, FULFILLED, NOSHOW, ARRIVED, PENDING = (
    AppointmentStatus.BOOKED,
    AppointmentStatus.FULFILLED,
    AppointmentStatus.NOSHOW,
    AppointmentStatus.ARRIVED,
    AppointmentStatus.PENDING,
)


def make_group(**given: object) -> Office:
    return make_office(service={"kind": ServiceKind.GROUP, "capacity": 3, **given})


def make_couple(**given: object) -> Office:
    return make_office(service={"kind": ServiceKind.COUPLE, "capacity": 2, **given})


def record(made: Appointment, status: AppointmentStatus, **given: Any) -> Appointment:
    usual = {"by": BY_STAFF, "now": at(11)}
    return set_status(practice_id=made.practice_id, appointment_id=made.id, status=status, **{**usual, **given})


# --- Holds ---------------------------------------------------------------------------------------


def test_a_seat_that_was_held_is_not_found_again_in_a_group_that_moved() -> None:
    office = make_group()
    made = book(office)
    kept = hold(office)
    move(made, at(14), by=BY_STAFF)
    with pytest.raises(SlotTaken):
        book(office, hold=kept.public_id)
    assert len(made.seats) == 1


def test_a_held_seat_is_no_way_round_the_licence() -> None:
    office = make_group()
    made = book(office)
    kept = hold(office)
    with pytest.raises(SlotNotOffered):
        book(office, hold=kept.public_id, contact=make_contact(jurisdiction="UT"))
    assert len(made.seats) == 1


def test_a_held_seat_stays_offered_while_the_notice_passes() -> None:
    office = make_group(notice_minutes=60)
    made = book(office)
    kept = hold(office, now=at(9))
    assert book(office, hold=kept.public_id, now=at(9, 5)).id == made.id


def test_a_move_leaves_a_hold_for_another_time_alone() -> None:
    office = make_office(service={"notice_minutes": 60})
    made = book(office, at(16))
    kept = hold(office, at(11), now=at(8, 58))
    with pytest.raises(SlotNotOffered):  # Ten o'clock is too soon, however early something else was kept.
        move(made, at(10), hold=kept.public_id, now=at(9, 5))
    with pytest.raises(SlotTaken):
        book(office, at(11), now=at(9, 5))


def test_what_somebody_else_took_over_is_not_kept_longer() -> None:
    office = make_office()
    kept = hold(office)
    book(office, now=NOW + timedelta(minutes=10))
    with pytest.raises(HoldExpired):
        extend_hold(practice_id=office.practice.id, hold_public_id=kept.public_id, now=NOW + timedelta(minutes=9))


def test_a_time_that_overlaps_what_is_to_move_can_be_held() -> None:
    office = make_office()
    made = book(office, mode=Mode.IN_PERSON)
    there: dict[str, Any] = {"mode": Mode.IN_PERSON, "location": office.location.public_id}
    kept = hold(office, at(10, 30), appointment_id=made.id, jurisdiction=None, **there)
    with pytest.raises(SlotTaken):
        book(office, at(11))
    moved = move(made, at(10, 30), hold=kept.public_id, **there)
    assert moved.starts_at == at(10, 30)


# --- Moves ---------------------------------------------------------------------------------------


def test_one_of_a_couple_speaks_for_their_own_state_only() -> None:
    office = make_couple()
    add_licence(office.therapist, "UT")
    add_licence(office.therapist, "WY")
    made = book(office, others=(make_contact(jurisdiction="UT"),))
    mine = made.attendees[0]
    move(made, at(14), jurisdiction="WY", attendee_id=mine.id)
    assert [each.jurisdiction for each in made.attendees] == ["WY", "UT"]


def test_a_request_that_moves_forward_is_answered_an_hour_before_it_starts() -> None:
    office = make_office(service={"approval": Approval.ALWAYS})
    made = book(office, at(14))
    move(made, at(10))
    assert made.expires_at == at(9)
    assert expire_requests(now=at(9)) == 1


def test_who_had_arrived_has_not_arrived_for_the_new_time() -> None:
    made = record(book(make_office()), ARRIVED, now=at(9, 30))
    move(made, at(10, days=2), by=BY_STAFF, now=at(9, 40))
    assert (made.status, made.attendees[0].status) == (BOOKED, BOOKED)


def test_two_therapists_of_whom_one_is_named_twice() -> None:
    office = make_office(service={"therapists_needed": 2})
    make_therapist(office.practice, office.service)
    made = book(office)
    pair = {made.therapist_id, made.co_therapist_id}
    move(made, at(14), by=BY_STAFF, co_therapist=made.therapist.public_id)
    assert {made.therapist_id, made.co_therapist_id} == pair


def test_a_couple_does_not_move_into_a_service_for_one(database: Session) -> None:
    office = make_couple()
    made = book(office, others=(make_contact(),))
    single = make_service(office.practice)
    office.therapist.services.append(single)
    database.commit()
    with pytest.raises(SlotNotOffered), transaction() as session:
        move_appointment_in(
            session, made, Destination(at(14), made.mode), BY_STAFF, now=NOW, service_public_id=single.public_id
        )
    assert made.starts_at == at(10)


# --- Rules set aside -----------------------------------------------------------------------------


def test_what_stood_in_the_way_of_the_second_therapist_is_kept(database: Session) -> None:
    office = make_office(service={"therapists_needed": 2})
    second = make_therapist(office.practice, office.service)
    solo = make_office().service
    solo.practice_id = office.practice.id
    second.services.append(solo)
    database.commit()
    book(office, service=solo.public_id, therapist=second.public_id)
    given: dict[str, Any] = {"waived": frozenset({Obstacle.TAKEN}), "reason": "both are needed", "by": BY_STAFF}
    made = book(office, co_therapist=second.public_id, **given)
    assert (made.overrides, made.override_reason) == ([Obstacle.TAKEN.value], "both are needed")
    moved = move(
        book(office, at(14)), at(10), by=BY_STAFF, waived=frozenset({Obstacle.TAKEN, Obstacle.BUFFER}), reason="again"
    )
    assert moved.overrides == [Obstacle.TAKEN.value]


def test_what_stood_in_the_way_of_a_partners_state_is_kept() -> None:
    office = make_couple()
    made = book(
        office,
        others=(make_contact(jurisdiction="UT"),),
        by=BY_STAFF,
        waived=frozenset({Obstacle.LICENCE}),
        reason="temporary registration",
    )
    assert made.overrides == [Obstacle.LICENCE.value]


def test_a_second_therapist_is_not_named_for_a_service_of_one() -> None:
    office = make_office()
    colleague = make_therapist(office.practice, office.service)
    with pytest.raises(InvalidInput) as problem:
        book(office, co_therapist=colleague.public_id)
    assert set(problem.value.fields) == {"co_therapist"}


# --- Groups --------------------------------------------------------------------------------------


def test_staff_do_not_fill_a_group_that_meets_somewhere_else() -> None:
    office = make_group()
    elsewhere = make_location(office.practice, name="North")
    make_room(elsewhere)
    colleague = make_therapist(office.practice, office.service, location=elsewhere)
    here = book(office, mode=Mode.IN_PERSON)
    there = book(office, mode=Mode.IN_PERSON, therapist=None, location=elsewhere.public_id, by=BY_STAFF)
    assert there.id != here.id
    assert there.therapist_id == colleague.id


def test_the_one_seat_of_a_group_that_goes_on_can_be_taken_again() -> None:
    office = make_group(opened_by_staff=True)
    made = book(office, by=BY_STAFF)
    cancel(made, attendee_id=made.attendees[0].id)
    record(made, BOOKED, attendee_id=made.attendees[0].id, now=NOW)
    assert len(made.seats) == 1


# --- Attendance ----------------------------------------------------------------------------------


def test_it_took_place_when_one_came_and_the_other_did_not() -> None:
    made = book(make_couple(), others=(make_contact(),))
    record(made, FULFILLED, attendee_id=made.attendees[0].id)
    record(made, NOSHOW, attendee_id=made.attendees[1].id)
    assert made.status == FULFILLED


def test_a_seat_in_a_request_comes_back_as_a_request() -> None:
    office = make_couple(approval=Approval.ALWAYS, when_one_cancels=WhenOneCancels.GOES_ON)
    made = book(office, others=(make_contact(),))
    cancel(made, attendee_id=made.attendees[1].id)
    record(made, BOOKED, attendee_id=made.attendees[1].id, now=NOW)
    assert [made.status, *(each.status for each in made.attendees)] == [PENDING, PENDING, PENDING]


def test_who_is_added_has_not_arrived() -> None:
    made = record(book(make_couple()), ARRIVED, now=at(10))
    added = add_attendee(
        practice_id=made.practice_id, appointment_id=made.id, contact=make_contact(), by=BY_STAFF, now=at(10)
    )
    assert added.status == BOOKED


def test_why_it_was_cancelled_outlives_a_correction() -> None:
    made = cancel(book(make_office()), reason="a cold")
    record(made, BOOKED, now=NOW)
    assert [each.details.get("reason") for each in made.events if each.action == "cancelled"] == ["a cold"]


# --- People who play -----------------------------------------------------------------------------


@pytest.mark.parametrize("start", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)])
def test_the_ends_of_time_are_not_offered(start: datetime) -> None:
    office = make_office()
    with pytest.raises(SlotNotOffered):
        book(office, start)
    with pytest.raises(SlotNotOffered):
        hold(office, start)
