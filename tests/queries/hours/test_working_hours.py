"""What is booked in hours that are to be closed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from telehealth.queries.hours.working_hours import list_booked_during
from tests.factories import book, make_office, make_therapist


def test_what_a_day_off_leaves_counts_for_the_second_therapist_too(database: Session) -> None:
    office = make_office(service={"therapists_needed": 2})
    colleague = make_therapist(office.practice, office.service)
    made = book(office, co_therapist=colleague.public_id)
    for each in (office.therapist, colleague):
        assert list_booked_during(each.id, (made.starts_at, made.ends_at)) == [made]
