"""What each reader may know about an appointment."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses
from telehealth.domain.words import Mode
from telehealth.models import Attendee
from telehealth.queries.messages.facts import facts_for_attendee, facts_for_therapist
from tests.factories import Office, book, cancel, make_client, make_contact, make_office
from tests.factories.rows import change, keep
from tests.moments import at

ADDRESSES = Addresses("https://riverside.example", ["a key"])


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def test_partners_do_not_see_each_other(database: Session, office: Office) -> None:
    made = book(office, contact=make_contact(name="Ana Souza", email="ana@example.com"))
    ben = make_client(office.practice, name="Ben Ode", email="ben@example.com")
    keep(
        Attendee(
            public_id="seat-of-ben",
            practice_id=office.practice.id,
            appointment_id=made.id,
            client=ben,
            status=made.status,
            name=ben.name,
            email=ben.email,
            timezone=ben.timezone,
        )
    )
    database.expire_all()
    seats = {seat.name: facts_for_attendee(seat, ADDRESSES) for seat in database.scalars(select(Attendee))}
    for reader, other, address in (("Ana Souza", "Ben", "ben@"), ("Ben Ode", "Ana", "ana@")):
        known = str(seats[reader])
        assert other not in known
        assert address not in known
    assert seats["Ana Souza"].manage_url != seats["Ben Ode"].manage_url
    assert facts_for_therapist(made, ADDRESSES).client_initials == "A. S., B. O."


def test_the_venue_is_told_in_person_only(office: Office) -> None:
    told = {mode: facts_for_therapist(book(office, mode=mode, **when(mode)), ADDRESSES).place for mode in Mode}  # type: ignore[arg-type]
    assert told == {
        Mode.VIRTUAL: "",
        Mode.PHONE: "",
        Mode.IN_PERSON: "Main Street office, 1 Main Street, Denver, CO 80202",
    }


def when(mode: Mode) -> dict[str, object]:
    return {"starts_at": at(9 + list(Mode).index(mode))}


def test_a_cancelled_appointment_is_known_as_such(office: Office) -> None:
    made = cancel(book(office))
    seen = facts_for_attendee(made.attendees[0], ADDRESSES)
    assert (seen.is_cancelled, seen.sequence, seen.uid) == (True, 1, made.uid)


def test_how_a_place_is_found_is_read_with_it(office: Office) -> None:
    change(office.location, directions="Ring the upper bell.", map_url="https://maps.example/1")
    in_person = facts_for_attendee(book(office, mode=Mode.IN_PERSON, **when(Mode.IN_PERSON)).attendees[0], ADDRESSES)  # type: ignore[arg-type]
    assert (in_person.directions, in_person.map_url) == ("Ring the upper bell.", "https://maps.example/1")
    by_phone = facts_for_attendee(book(office, mode=Mode.PHONE, **when(Mode.PHONE)).attendees[0], ADDRESSES)  # type: ignore[arg-type]
    assert (by_phone.directions, by_phone.map_url) == ("", "")
