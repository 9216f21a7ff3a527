"""Which appointments lie beyond a licence."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from telehealth.domain.words import AppointmentStatus, Mode, Obstacle
from telehealth.models import Appointment, Licence, Therapist
from telehealth.queries.appointments.licences import Uncovered, list_authorities, uncovered_appointments
from tests.factories import (
    Office,
    add_licence,
    book,
    cancel,
    make_contact,
    make_location,
    make_office,
    make_room,
    make_therapist,
)
from tests.factories.rows import change, keep
from tests.moments import NOW, at

TOMORROW = date(2026, 11, 24)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def end(therapist: Therapist, last_day: date | None, jurisdiction: str = "CO") -> None:
    licence = next(each for each in list_authorities(therapist.id) if each.jurisdiction == jurisdiction)
    change(licence, valid_until=last_day)


def found(office: Office, therapist: Therapist | None = None) -> list[Uncovered]:
    return uncovered_appointments(office.practice.id, therapist.id if therapist else None, NOW)


def appointments(office: Office) -> list[Appointment]:
    return [appointment for each in found(office) for appointment in each.appointments]


def test_nothing_is_beyond_a_licence_that_holds(office: Office) -> None:
    book(office)
    assert found(office) == []


def test_the_last_date_of_a_licence_is_covered_and_the_next_is_not(office: Office) -> None:
    book(office, at(16))
    beyond = book(office, at(9, days=2))
    end(office.therapist, TOMORROW)
    only = found(office)[0]
    assert only.appointments == [beyond]
    assert (only.gap.therapist, only.gap.jurisdiction, only.gap.last_day) == (office.therapist, "CO", TOMORROW)


def test_a_renewal_covers_what_follows(office: Office) -> None:
    made = book(office, at(9, days=2))
    end(office.therapist, TOMORROW)
    renewal = add_licence(office.therapist, "CO", valid_from=date(2026, 11, 26))
    assert appointments(office) == [made], "the day between the two"
    change(renewal, valid_from=date(2026, 11, 25))
    assert found(office) == []


def test_a_licence_that_was_made_to_begin_later(office: Office) -> None:
    made = book(office)
    licence = list_authorities(office.therapist.id)[0]
    change(licence, valid_from=date(2027, 1, 1))
    assert [(each.gap.last_day, each.appointments) for each in found(office)] == [(None, [made])]


def test_only_what_can_still_happen_counts(office: Office) -> None:
    cancel(book(office, at(9, days=2)))
    pending = book(office, at(11, days=2))
    change(pending, status=AppointmentStatus.PENDING)
    end(office.therapist, TOMORROW)
    assert appointments(office) == [pending]
    assert uncovered_appointments(office.practice.id, None, pending.starts_at + timedelta(hours=1)) == []


def test_each_client_counts_where_they_will_be(office: Office) -> None:
    add_licence(office.therapist, "WY")
    book(office, at(9, days=2), contact=make_contact(jurisdiction="WY"))
    in_colorado = book(office, at(11, days=2))
    end(office.therapist, TOMORROW)
    assert appointments(office) == [in_colorado]


def test_a_client_who_cancelled_their_seat_needs_no_licence(office: Office) -> None:
    made = book(office, at(9, days=2))
    change(made.attendees[0], status=AppointmentStatus.CANCELLED)
    end(office.therapist, TOMORROW)
    assert found(office) == []


def test_in_person_the_place_counts(office: Office) -> None:
    made = book(office, at(9, days=2), mode=Mode.IN_PERSON)
    end(office.therapist, TOMORROW)
    assert appointments(office) == [made]
    elsewhere = make_location(office.practice, jurisdiction="WY")
    make_room(elsewhere)
    change(made, location_id=elsewhere.id)
    assert [each.gap.jurisdiction for each in found(office)] == ["WY"]
    add_licence(office.therapist, "WY")
    assert found(office) == []


def test_both_of_two_therapists_need_a_licence(office: Office) -> None:
    colleague = make_therapist(office.practice, office.service)
    made = book(office, at(9, days=2))
    change(made, co_therapist_id=colleague.id)
    end(colleague, TOMORROW)
    assert [(each.gap.therapist, each.appointments) for each in found(office)] == [(colleague, [made])]


def test_what_staff_booked_without_a_licence_knowingly_is_not_news(office: Office) -> None:
    made = book(office, at(9, days=2))
    change(made, overrides=[Obstacle.LICENCE.value])
    end(office.therapist, TOMORROW)
    assert found(office) == []


def test_one_therapist_or_the_whole_practice_the_earliest_first(office: Office) -> None:
    colleague = make_therapist(office.practice, office.service, name="Sam Okafor")
    later = book(office, at(9, days=3))
    sooner = book(office, at(9, days=2), therapist=colleague.public_id)
    for therapist in (office.therapist, colleague):
        end(therapist, TOMORROW)
    assert appointments(office) == [sooner, later]
    assert [each.appointments for each in found(office, office.therapist)] == [[later]]
    assert found(make_office()) == []


def test_a_licence_that_ended_long_before_anything_was_booked_is_no_news(office: Office) -> None:
    keep(
        Licence(
            practice_id=office.practice.id,
            therapist_id=office.therapist.id,
            jurisdiction="UT",
            valid_from=date(2020, 1, 1),
            valid_until=date(2021, 1, 1),
        )
    )
    book(office)
    assert found(office) == []
