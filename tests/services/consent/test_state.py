"""The state that a client is in, put right: what lies ahead is judged anew, and nothing is cancelled for it."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound
from telehealth.domain.words import AppointmentStatus, Mode, Obstacle
from telehealth.models import Appointment, Attendee, Client, PracticeEvent, SeriesMember, WaitlistEntry
from telehealth.queries.appointments.licences import find_unfit, list_unfit_of_client, uncovered_appointments
from telehealth.services.audit import ActedBy
from telehealth.services.consent.contact_preferences import set_state
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    add_licence,
    book,
    make_contact,
    make_office,
    make_series,
    make_therapist,
    wait,
)
from tests.factories.rows import change
from tests.moments import NOW, at

ANA = {"name": "Ana Rivera", "email": "ana@example.com"}


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def put_right(made: Appointment, state: str = "UT", by: ActedBy = BY_STAFF) -> Client:
    client = made.attendees[0].client.public_id
    return set_state(practice_id=made.practice_id, client_public_id=client, jurisdiction=state, by=by, now=NOW)


def unfit(made: Appointment) -> list[tuple[str, str]]:
    return [(each.therapist.name, each.jurisdiction) for each in find_unfit(made, now=NOW)]


def test_everything_ahead_of_them_follows_and_nothing_else(database: Session, office: Office) -> None:
    contact = make_contact(**ANA)
    made, other = book(office, contact=contact), book(office, at(12))
    in_person = book(office, at(14), mode=Mode.IN_PERSON, contact=make_contact(**ANA, jurisdiction=None))
    make_series(office, contacts=[contact], count=2)
    wait(office, contact=contact)
    put_right(made)
    database.expire_all()
    states = {each.appointment_id: each.jurisdiction for each in database.scalars(select(Attendee))}
    assert (states[made.id], states[other.id], states[in_person.id]) == ("UT", "CO", None)
    kept = [*database.scalars(select(SeriesMember)), *database.scalars(select(WaitlistEntry))]
    assert {each.jurisdiction for each in kept} == {"UT"}


def test_what_no_longer_fits_is_named_and_stays_booked(database: Session, office: Office) -> None:
    made = book(office, contact=make_contact(**ANA))
    assert unfit(made) == []
    client = put_right(made)
    assert unfit(made) == [(office.therapist.name, "UT")]
    assert made.status == AppointmentStatus.BOOKED
    ((found, why),) = list_unfit_of_client(office.practice.id, client.id, now=NOW)
    assert (found.id, [each.jurisdiction for each in why]) == (made.id, ["UT"])
    (gap,) = uncovered_appointments(office.practice.id, None, NOW)
    assert (gap.gap.jurisdiction, gap.gap.is_for_ever, gap.appointments) == ("UT", True, [made])


def test_put_right_again_the_warning_goes(office: Office) -> None:
    made = book(office, contact=make_contact(**ANA))
    put_right(made)
    client = put_right(made, "CO")
    assert unfit(made) == []
    assert list_unfit_of_client(office.practice.id, client.id, now=NOW) == []
    assert uncovered_appointments(office.practice.id, None, NOW) == []


def test_a_licence_there_makes_it_fit(office: Office) -> None:
    made = book(office, contact=make_contact(**ANA))
    add_licence(office.therapist, "UT")
    put_right(made)
    assert unfit(made) == []


def test_both_of_two_therapists_are_looked_at(database: Session) -> None:
    office = make_office(service={"therapists_needed": 2})
    colleague = make_therapist(office.practice, office.service, name="Sam Okafor")
    made = book(office, contact=make_contact(**ANA), co_therapist=colleague.public_id)
    add_licence(office.therapist, "UT")
    put_right(made)
    assert unfit(made) == [("Sam Okafor", "UT")]


def test_what_was_set_aside_was_about_another_state(office: Office) -> None:
    knowingly = {"waived": frozenset({Obstacle.LICENCE}), "reason": "She is travelling."}
    made = book(office, by=BY_STAFF, contact=make_contact(**ANA, jurisdiction="NM"), **knowingly)
    assert (made.overrides, unfit(made)) == (["licence"], [])
    put_right(made, "UT")
    assert (made.overrides, unfit(made)) == ([], [(office.therapist.name, "UT")])
    put_right(made, "CO")
    assert unfit(made) == []


def test_the_record_and_the_appointment_say_who_did_it(database: Session, office: Office) -> None:
    made = book(office, contact=make_contact(**ANA))
    for _ in range(2):  # Twice is once.
        put_right(made)
    database.expire_all()
    lines = database.scalars(select(PracticeEvent).where(PracticeEvent.subject == AuditSubject.CLIENT)).all()
    assert [line.details for line in lines] == [{"before": {"jurisdiction": "CO"}, "after": {"jurisdiction": "UT"}}]
    (event,) = [each for each in made.events if each.action == AuditAction.CONTACT_CHANGED]
    assert (event.details["before"], event.details["after"]) == ("Colorado", "Utah")


def test_what_is_over_stays_as_it_was(database: Session, office: Office) -> None:
    past = book(office, contact=make_contact(**ANA))
    change(past, starts_at=at(10, days=-1), ends_at=at(11, days=-1))
    put_right(past)
    assert past.attendees[0].jurisdiction == "CO"


def test_only_staff_and_only_states(office: Office) -> None:
    made = book(office, contact=make_contact(**ANA))
    with pytest.raises(NotAllowed):
        put_right(made, by=BY_CLIENT)
    with pytest.raises(InvalidInput):
        put_right(made, "XX")
    with pytest.raises(NotFound):
        set_state(
            practice_id=make_office().practice.id,
            client_public_id=made.attendees[0].client.public_id,
            jurisdiction="UT",
            by=BY_STAFF,
            now=NOW,
        )
