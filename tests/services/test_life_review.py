"""Turns that the life of an appointment can take when two of its rules meet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.errors import HoldExpired, SlotNotOffered, SlotTaken
from telehealth.domain.words import AppointmentStatus, Approval, Mode, Obstacle, ServiceKind, WhenOneCancels
from telehealth.models import Appointment, Occupancy
from telehealth.services import attendance, holds, moves, requests
from tests.factories import (
    BY_CLIENT,
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
    make_therapist,
    move,
)
from tests.factories.therapists import add_hours
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
    return attendance.set_status(
        practice_id=made.practice_id, appointment_id=made.id, status=status, **{**usual, **given}
    )


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
        holds.extend(practice_id=office.practice.id, hold=kept.public_id, now=NOW + timedelta(minutes=9))


def test_a_time_that_overlaps_what_is_to_move_can_be_held() -> None:
    office = make_office()
    made = book(office, mode=Mode.IN_PERSON)
    there = {"mode": Mode.IN_PERSON, "location": office.location.public_id}
    kept = hold(office, at(10, 30), appointment_id=made.id, jurisdiction=None, **there)
    with pytest.raises(SlotTaken):
        book(office, at(11))
    moved = move(made, at(10, 30), hold=kept.public_id, **there)
    assert moved.starts_at == at(10, 30)
