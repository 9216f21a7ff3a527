"""Couples and families: one appointment, each client with a seat, contact, links and messages of their own."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.errors import InvalidInput, SlotNotOffered, SlotTaken
from telehealth.domain.message_words import MessageKind
from telehealth.domain.words import AppointmentStatus, ServiceKind, WhenOneCancels
from telehealth.models import Message, Occupancy
from tests.factories import Office, add_licence, book, cancel, make_contact, make_office
from tests.moments import at

pytestmark = pytest.mark.usefixtures("database")


def make_couple(**given: object) -> Office:
    return make_office(service={"kind": ServiceKind.COUPLE, "capacity": 2, **given})


def test_each_has_a_seat_and_is_told(database: Session) -> None:
    ana, ben = make_contact(name="Ana Ruiz"), make_contact(name="Ben Ode", phone=None, wants_texts=False)
    made = book(make_couple(), contact=ana, others=(ben,))
    assert [each.name for each in made.attendees] == ["Ana Ruiz", "Ben Ode"]
    assert made.attendees[1].text_consent_at is None
    told = select(Message.recipient).where(Message.kind == MessageKind.CONFIRMATION)
    assert {f"attendee:{each.public_id}" for each in made.attendees} < set(database.scalars(told))
    assert len(database.scalars(select(Occupancy)).all()) == 3


def test_no_more_than_the_service_is_for(database: Session) -> None:
    with pytest.raises(InvalidInput) as problem:
        book(make_couple(), others=(make_contact(), make_contact()))
    assert set(problem.value.fields) == {"others"}


def test_nobody_comes_twice(database: Session) -> None:
    contact = make_contact()
    with pytest.raises(InvalidInput):
        book(make_couple(), contact=contact, others=(contact,))


def test_neither_can_be_somewhere_else(database: Session) -> None:
    office, ben = make_couple(), make_contact()
    colleague_office = office
    book(colleague_office, at(10), contact=ben)
    with pytest.raises(SlotTaken):
        book(office, at(10), others=(ben,))


def test_the_therapist_must_be_allowed_where_each_of_them_is(database: Session) -> None:
    office = make_couple()
    far = make_contact(jurisdiction="UT")
    with pytest.raises(SlotNotOffered):
        book(office, others=(far,))
    add_licence(office.therapist, "UT")
    assert book(office, others=(far,))


def test_one_cancels_and_it_is_off(database: Session) -> None:
    made = book(make_couple(when_one_cancels=WhenOneCancels.ALL_OFF), others=(make_contact(),))
    cancel(made, attendee_id=made.attendees[1].id)
    assert made.status == AppointmentStatus.CANCELLED
    assert not database.scalars(select(Occupancy)).all()


def test_one_cancels_and_it_goes_on(database: Session) -> None:
    ben = make_contact()
    office = make_couple(when_one_cancels=WhenOneCancels.GOES_ON)
    made = book(office, others=(ben,))
    cancel(made, attendee_id=made.attendees[1].id)
    assert made.status == AppointmentStatus.BOOKED
    assert [each.status for each in made.attendees] == [AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED]
    assert len(database.scalars(select(Occupancy)).all()) == 2
    cancel(made, attendee_id=made.attendees[0].id)
    assert made.status == AppointmentStatus.CANCELLED
