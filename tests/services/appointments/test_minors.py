"""Where a practice wants it, minors are booked by, or with, whoever acts for them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.companions import CompanionFacts, Relationship
from telehealth.domain.errors import GuardianBooks, InvalidInput, NotAllowed, SlotNotOffered
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Client, Practice
from telehealth.services.appointments.booking import book_appointment
from telehealth.services.consent.companions import end_companion
from telehealth.services.practice.practice_settings import set_when_minor
from telehealth.services.waitlist.waiting import accept_offer, offer_freed_times
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    cancel,
    make_client,
    make_companion,
    make_contact,
    make_office,
    make_wish,
    offers_to,
    wait,
)
from tests.factories.rows import change
from tests.moments import NOW, at

SOON = NOW + timedelta(minutes=6)
CHILD, YOUTH, ADULT = date(2018, 5, 4), date(2012, 5, 4), date(1990, 5, 4)  # In Colorado one agrees alone from 12 on.
MARIA = CompanionFacts("Maria Doe", Relationship.PARENT, "maria@example.com")
LEO = make_contact(name="Leo Doe", email="leo@example.com", phone=None, wants_texts=False)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office(practice={"when_minor": WhenMinor.REQUIRE})


def on_file(office: Office, born_on: date | None = CHILD) -> Client:
    leo = make_client(office.practice, name=LEO.name, email=LEO.email)
    change(leo, born_on=born_on)
    return leo


@pytest.mark.parametrize(
    ("born_on", "refusal"),
    [(None, InvalidInput), (date(2097, 1, 1), InvalidInput), (CHILD, GuardianBooks), (YOUTH, None), (ADULT, None)],
)
def test_whoever_books_for_themselves_online_says_when_they_were_born(
    office: Office, born_on: date | None, refusal: type[InvalidInput] | None
) -> None:
    if refusal is None:
        made = book(office, contact=LEO, born_on=born_on, by=BY_CLIENT)
        assert made.attendees[0].client.born_on == born_on, "who is new is on file with it"
        return
    with pytest.raises(refusal) as raised:
        book(office, contact=LEO, born_on=born_on, by=BY_CLIENT)
    assert set(raised.value.fields) == {"born_on"}


def test_in_person_the_place_decides(office: Office) -> None:
    change(office.location, jurisdiction="ID")
    with pytest.raises(GuardianBooks):
        book(office, contact=LEO, mode=Mode.IN_PERSON, location=office.location.public_id, born_on=YOUTH)


def test_it_is_told_only_unless_the_practice_wants_more(office: Office) -> None:
    change(office.practice, when_minor=WhenMinor.TELL)
    assert book(office, contact=LEO, born_on=CHILD, by=BY_CLIENT).attendees
    on_file(office)
    assert book(office, at(12), contact=LEO, by=BY_STAFF).overrides == []


def test_a_parent_books_for_them(office: Office) -> None:
    made = book(office, contact=LEO, booker=MARIA, born_on=CHILD, by=BY_CLIENT)
    assert made.attendees[0].booked_by is not None


def test_what_is_on_file_tells_a_stranger_nothing(office: Office) -> None:
    leo = on_file(office)
    made = book(office, contact=LEO, born_on=ADULT, by=BY_CLIENT)
    assert made.attendees[0].client_id == leo.id
    assert leo.born_on == CHILD


def test_what_the_practice_has_offered_is_asked_nothing(office: Office) -> None:
    entry = wait(office, contact=LEO, born_on=ADULT)
    cancel(book(office, at(10), contact=make_contact(), born_on=ADULT))
    assert offer_freed_times(now=SOON) == 1
    assert accept_offer(offer_public_id=offers_to(entry)[0].public_id, by=BY_CLIENT, now=SOON).attendees


def as_staff(office: Office, start: Any = None, **given: Any) -> list[str]:
    wish = make_wish(office, start or at(10), contact=LEO, **given)
    return book_appointment(practice=office.practice.id, wish=wish, by=BY_STAFF, now=NOW).overrides


def test_staff_set_it_aside_with_a_reason(office: Office) -> None:
    on_file(office)
    with pytest.raises(SlotNotOffered):
        as_staff(office)
    waived = {"waived": frozenset({Obstacle.NO_GUARDIAN}), "reason": "The court has said so."}
    assert as_staff(office, **waived) == ["no_guardian"]
    with pytest.raises(NotAllowed):
        book(office, at(12), contact=LEO, by=BY_CLIENT, born_on=ADULT, **waived)


@pytest.mark.parametrize("born_on", [None, YOUTH, ADULT])
def test_of_whom_it_does_not_matter_nothing_is_kept(office: Office, born_on: date | None) -> None:
    on_file(office, born_on)
    assert as_staff(office) == []
    assert as_staff(office, at(12), waived=frozenset({Obstacle.NO_GUARDIAN}), reason="As before.") == []


def test_somebody_who_acts_for_them_is_enough_while_they_do(office: Office) -> None:
    leo = on_file(office)
    maria = make_companion(leo)
    assert as_staff(office) == []
    change(maria, known_at=None)
    with pytest.raises(SlotNotOffered):
        as_staff(office, at(12))
    change(maria, known_at=NOW)
    about = {"practice_id": leo.practice_id, "client_public_id": leo.public_id, "by": BY_STAFF, "now": NOW}
    end_companion(**about, companion_public_id=maria.public_id)
    with pytest.raises(SlotNotOffered):
        as_staff(office, at(12))


def test_the_setting_is_written_down(database: Session, office: Office) -> None:
    set_when_minor(practice_id=office.practice.id, when_minor=WhenMinor.TELL, by=BY_STAFF, now=NOW)
    assert database.get_one(Practice, office.practice.id).when_minor == WhenMinor.TELL
