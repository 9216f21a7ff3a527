"""Appointments at the same time as something in their therapist's own calendar."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.domain.words import Obstacle
from telehealth.models import Appointment
from telehealth.queries.calendars.conflicts import count_overlaid, list_calendar_conflicts
from telehealth.services.audit import COMMAND
from telehealth.services.hours.busy_times import replace_busy_intervals
from tests.factories import (
    BY_STAFF,
    Office,
    book,
    cancel,
    make_contact,
    make_office,
    make_service,
    make_therapist,
    move,
)
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def office() -> Office:
    return make_office()


def report(office: Office, *spans: BusySpan, therapist: Any = None) -> None:
    whose: dict[str, Any] = {"practice_id": office.practice.id, "therapist_id": (therapist or office.therapist).id}
    replace_busy_intervals(**whose, spans=spans, by=COMMAND, now=NOW)


def conflicts(office: Office, therapist: Any = None) -> list[Appointment]:
    only = therapist.id if therapist is not None else None
    return list(list_calendar_conflicts(office.practice.id, therapist_id=only, now=NOW))


def test_busy_over_an_appointment_is_one_until_it_is_solved(office: Office) -> None:
    made = book(office, at(10))
    assert conflicts(office) == []
    report(office, BusySpan(at(10, 30), at(12)))
    assert conflicts(office) == conflicts(office, office.therapist) == [made]
    report(office, BusySpan(at(11), at(12)))
    assert conflicts(office) == [], "the other was moved"
    report(office, BusySpan(at(9), at(12)))
    assert conflicts(office) == [made]
    move(made, at(14), by=BY_STAFF)
    assert conflicts(office) == [], "the appointment was moved"


def test_what_touches_is_none(office: Office) -> None:
    made = book(office, at(10))
    report(office, BusySpan(at(9), made.starts_at), BusySpan(made.ends_at, at(12)))
    assert conflicts(office) == []


def test_what_was_cancelled_is_none(office: Office) -> None:
    made = book(office, at(10))
    report(office, BusySpan(at(10), at(11)))
    cancel(made)
    assert conflicts(office) == []


def test_what_staff_booked_knowingly_is_none(office: Office) -> None:
    report(office, BusySpan(at(10), at(11)))
    book(office, at(10), by=BY_STAFF, waived=frozenset({Obstacle.BUSY}), reason="Dana agreed.")
    assert conflicts(office) == []


def test_the_second_therapist_counts_as_the_first(office: Office) -> None:
    pair = make_service(office.practice, therapists_needed=2)
    one, _two = make_therapist(office.practice, pair), make_therapist(office.practice, pair)
    made = book(office, at(10), service=pair.public_id, therapist=one.public_id, by=BY_STAFF)
    report(office, BusySpan(at(10), at(11)), therapist=made.co_therapist)
    assert conflicts(office) == conflicts(office, made.co_therapist) == [made]
    assert conflicts(office, made.therapist) == []


def test_another_practice_sees_none(office: Office) -> None:
    book(office, at(10))
    report(office, BusySpan(at(10), at(11)))
    assert conflicts(make_office()) == []


def test_weeks_ahead_and_no_further(office: Office) -> None:
    book(office, at(10, days=22))
    book(office, at(10, days=36))
    report(office, BusySpan(at(8), at(8) + timedelta(days=60)))
    assert [each.starts_at for each in conflicts(office)] == [at(10, days=22)]


def test_as_many_as_are_asked_for_the_next_first(office: Office) -> None:
    made = [book(office, at(10, days=day), contact=make_contact()) for day in (1, 2, 3)]
    report(office, BusySpan(at(8), at(8) + timedelta(days=10)))
    assert list(list_calendar_conflicts(office.practice.id, now=NOW, most=2)) == made[:2]
    assert count_overlaid(office.practice.id, now=NOW) == 3
