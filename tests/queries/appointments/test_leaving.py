"""Whether an appointment goes on without somebody is asked before they leave, and decided by the same when they do."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest

from telehealth.domain.errors import AlreadyAnswered, AlreadyCancelled, ImpossibleStatus, TooLate
from telehealth.domain.words import AppointmentStatus, ServiceKind, WhenOneCancels
from telehealth.models import Appointment
from telehealth.queries.appointments.leaving import goes_on_without
from telehealth.services.appointments.approving import approve_request
from tests.factories import BY_STAFF, Office, book, cancel, make_contact, make_office, make_series
from tests.factories.rows import change
from tests.moments import NOW

pytestmark = pytest.mark.usefixtures("database")

MINUTE = timedelta(minutes=1)
GROUP = {"kind": ServiceKind.GROUP, "capacity": 4}
COUPLE = {"kind": ServiceKind.COUPLE, "capacity": 2}
ALONE, TOGETHER = ["Ana Ruiz"], ["Ana Ruiz", "Ben Ode"]


def booked(office: Office, names: list[str]) -> Appointment:
    first, *others = [make_contact(name=name) for name in names]
    if office.service.is_group:
        seats = [book(office, contact=each) for each in (first, *others)]
        return seats[-1]
    return book(office, contact=first, others=tuple(others))


def of_a_series(office: Office, names: list[str]) -> Appointment:
    made = make_series(office, contacts=[make_contact(name=name) for name in names], count=1)
    found = made.occurrences[0].appointment
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("service", "names", "expected"),
    [
        ({}, ALONE, False),
        (COUPLE, ALONE, False),
        (COUPLE, TOGETHER, False),
        ({**COUPLE, "when_one_cancels": WhenOneCancels.GOES_ON}, ALONE, False),
        ({**COUPLE, "when_one_cancels": WhenOneCancels.GOES_ON}, TOGETHER, True),
        (GROUP, TOGETHER, True),
        (GROUP, ALONE, False),
    ],
)
@pytest.mark.parametrize("make", [booked, of_a_series])
def test_what_is_said_is_what_cancelling_does(
    service: dict[str, Any], names: list[str], make: Any, *, expected: bool
) -> None:
    appointment = make(make_office(service=service), names)
    stands_by_itself = make is of_a_series and appointment.service.is_group
    leaving = appointment.attendees[0]
    assert goes_on_without(appointment, leaving) == (expected or stands_by_itself)
    goes_on = cancel(appointment, attendee_id=leaving.id).status == AppointmentStatus.BOOKED
    assert goes_on == (expected or stands_by_itself)


def test_a_group_that_staff_set_up_goes_on_without_anybody() -> None:
    office = make_office(service=GROUP)
    appointment = booked(office, ALONE)
    change(office.service, opened_by_staff=True)
    assert goes_on_without(appointment, appointment.attendees[0])
    assert cancel(appointment, attendee_id=appointment.attendees[0].id).status == AppointmentStatus.BOOKED


@pytest.mark.parametrize("status", list(AppointmentStatus))
@pytest.mark.parametrize("minutes", [-1, 0])
def test_what_is_ahead_can_be_called_off_and_nothing_else(status: AppointmentStatus, minutes: int) -> None:
    appointment = change(booked(make_office(), ALONE), status=status)
    now = appointment.starts_at + minutes * MINUTE
    is_ahead = minutes < 0 and status in {"pending", "booked", "arrived"}
    assert appointment.is_ahead(now=now) == is_ahead
    with nullcontext() if is_ahead else pytest.raises((AlreadyCancelled, ImpossibleStatus, TooLate)):
        cancel(appointment, by=BY_STAFF, now=now)


@pytest.mark.parametrize(
    ("status", "expires_in", "expected"),
    [("pending", 1, True), ("pending", 0, False), ("pending", None, True), ("booked", None, False)],
)
def test_a_request_waits_until_its_time_is_over(status: str, expires_in: int | None, *, expected: bool) -> None:
    expires_at = None if expires_in is None else NOW + expires_in * MINUTE
    appointment = change(booked(make_office(), ALONE), status=AppointmentStatus(status), expires_at=expires_at)
    assert appointment.awaits_answer(now=NOW) is expected
    given = {"practice_id": appointment.practice_id, "appointment_id": appointment.id, "by": BY_STAFF, "now": NOW}
    with nullcontext() if expected else pytest.raises(AlreadyAnswered):
        approve_request(**given)
