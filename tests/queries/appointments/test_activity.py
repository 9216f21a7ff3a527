"""A period in figures."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from telehealth.database import transaction
from telehealth.domain.appointments.outcomes import Outcome
from telehealth.domain.words import AppointmentStatus, Approval, WaitlistStatus
from telehealth.models import Appointment, Closure
from telehealth.queries.appointments.activity import ActivityReport, report_activity
from telehealth.services.appointments.approving import decline_request
from telehealth.services.appointments.attending import set_status
from tests.factories import (
    BY_STAFF,
    Office,
    add_hours,
    add_override,
    add_time_off,
    book,
    cancel,
    make_contact,
    make_office,
    make_therapist,
    wait,
)
from tests.factories.rows import keep
from tests.moments import DENVER, NOW, at
from tests.statements import listening

pytestmark = pytest.mark.usefixtures("database")

MONDAY = date(2026, 11, 23)
LATER = NOW + timedelta(days=14)


def report(office: Office, *, first: date = MONDAY, days: int = 14, now: datetime = LATER) -> ActivityReport:
    until = first + timedelta(days=days)
    return report_activity(office.practice.id, first=first, until=until, zone=DENVER, now=now)


def mark(appointment: Appointment, status: AppointmentStatus) -> None:
    set_status(
        practice_id=appointment.practice_id, appointment_id=appointment.id, status=status, by=BY_STAFF, now=LATER
    )


def test_each_seat_counts_by_what_became_of_it() -> None:
    office = make_office()
    kept, missed, late, early, open_ = (
        book(office, at(hour, days=3), contact=make_contact(name=f"Kim {hour}")) for hour in (9, 10, 11, 13, 14)
    )
    mark(kept, AppointmentStatus.FULFILLED)
    mark(missed, AppointmentStatus.NOSHOW)
    cancel(late, now=at(10, days=3), by=BY_STAFF)
    cancel(early)
    found = report(office)
    assert sum(found.total.values()) == 5
    assert found.total[Outcome.KEPT] == found.total[Outcome.MISSED] == found.total[Outcome.UNMARKED] == 1
    assert found.total[Outcome.CANCELLED] + found.total.get(Outcome.CANCELLED_LATE, 0) == 2
    assert found.by_therapist == {office.therapist.name: found.total}
    assert found.by_service == {office.service.name: found.total}
    assert found.by_month == {"2026-11": found.total}
    assert list(found.by_lead) == ["1 to 6 days"]
    assert open_.status == AppointmentStatus.BOOKED


def test_only_what_has_begun_counts_and_each_month_is_the_practices() -> None:
    office = make_office()
    book(office, at(16, days=1))
    book(office, at(16, days=8))
    assert sum(report(office, now=at(12, days=2)).total.values()) == 1
    assert list(report(office).by_month) == ["2026-11", "2026-12"]


def test_a_request_that_was_never_agreed_to_is_no_session() -> None:
    office = make_office(service={"approval": Approval.ALWAYS})
    asked = book(office, at(10, days=3))
    assert not report(office).total
    decline_request(practice_id=office.practice.id, appointment_id=asked.id, by=BY_STAFF, now=NOW)
    assert not report(office).total


def test_hours_offered_are_those_of_the_calendar_without_time_off() -> None:
    office = make_office(with_rules=False)
    kim = make_therapist(office.practice, office.service, location=office.location, name="Kim", hours=None)
    add_hours(kim, time(9), time(12), weekdays=[0], location=office.location)
    add_override(kim, MONDAY + timedelta(days=1), time(10), time(11))
    add_time_off(kim, datetime(2026, 11, 30, 11), datetime(2026, 12, 1))
    [worked] = [each for each in report(office).worked if each.name == "Kim"]
    assert worked.offered == (3 + 1 + 2) * 60
    assert worked.booked == 0


def test_while_the_practice_is_closed_only_hours_that_it_yields_to_are_offered() -> None:
    office = make_office(with_rules=False)
    day = MONDAY + timedelta(days=1)
    add_override(office.therapist, day, time(10), time(11))
    offered = [each.offered for each in report(office).worked]
    for yields, hours in ((True, 1), (False, 0)):
        closure = keep(
            Closure(
                practice_id=office.practice.id, first_day=day, last_day=day + timedelta(days=1), yields_to_hours=yields
            )
        )
        assert [each.offered for each in report(office).worked] == [offered[0] - (1 + 8 - hours) * 60]
        with transaction() as session:
            session.delete(session.merge(closure))


def test_hours_given_count_both_therapists_and_a_group_once() -> None:
    office = make_office()
    book(office, at(10, days=3))
    cancel(book(office, at(13, days=3), contact=make_contact(name="Other")))
    [worked] = report(office).worked
    assert worked.booked == office.service.duration_minutes


def test_a_client_is_new_in_the_month_of_the_first_session_alone() -> None:
    office, contact = make_office(), make_contact()
    book(office, at(10, days=1), contact=contact)
    book(office, at(10, days=9), contact=contact)
    assert report(office).new_clients == {"2026-11": 1}
    assert report(office, first=MONDAY + timedelta(days=7)).new_clients == {}


def test_who_began_to_wait_counts_by_what_became_of_it() -> None:
    office = make_office()
    wait(office)
    assert report(office).waits == {WaitlistStatus.WAITING: 1}


def test_another_practice_has_nothing_in_it() -> None:
    office, other = make_office(), make_office(practice={"slug": "other"})
    book(office, at(10, days=1))
    wait(office)
    found = report(other)
    assert not found.total
    assert not found.new_clients
    assert not found.waits
    assert [each.booked for each in found.worked] == [0]


def test_it_asks_the_same_of_many_rows_as_of_few() -> None:
    office = make_office()
    book(office, at(9, days=1))
    with listening() as few:
        report(office)
    for hour in (10, 11, 13, 14, 15):
        book(office, at(hour, days=2), contact=make_contact(name=f"Kim {hour}"))
    with listening() as many:
        report(office)
    assert len(many) == len(few) <= 12
