"""Clients without an e-mail address: entered by staff where the practice takes them; told by text, or by a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.contact import Contact, make_match_key, parse_contact
from telehealth.domain.errors import InvalidInput
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason, TaskKind
from telehealth.domain.words import Mode
from telehealth.models import Appointment, Client, Message, PracticeEvent, Task
from telehealth.queries.practice.clients import search_clients
from telehealth.services.consent.contact_correcting import RightContact, correct_contact
from telehealth.services.inbox.receiving import receive_text
from telehealth.services.practice.client_importing import begin_import, import_portion, take_client_file
from telehealth.services.practice.client_records import add_client
from telehealth.services.practice.practice_settings import set_phone_only
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, cancel, make_contact, make_office, make_rule, move
from tests.moments import NOW, at

PHONE = "+13035550123"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(practice={"takes_phone_only": True})


def ana(**given: object) -> Contact:
    return make_contact(**{"name": "Ana Rivera", "email": "", "phone": PHONE, **given})


def messages(made: Appointment, **which: object) -> list[Message]:
    about = select(Message).filter_by(appointment_id=made.id, attendee_id=made.attendees[0].id, **which)
    return list(db.session.scalars(about.order_by(Message.id)))


def add(office: Office, contact: Contact) -> Client:
    return add_client(practice_id=office.practice.id, contact=contact, by=BY_STAFF, now=NOW)


def test_who_they_are_is_their_number_and_name() -> None:
    typed = {"name": "Ana Rivera", "phone": "303 555 0123", "timezone": "America/Denver"}
    found = parse_contact(typed, mode=Mode.IN_PERSON, needs_email=False)
    assert (found.email, found.phone) == ("", PHONE)
    assert found.match_key == make_match_key("ANA RIVERA", "", PHONE)
    assert found.match_key != make_match_key("Ana Rivera", "ana@example.com", PHONE)
    # With an address the number says nothing about who they are, as ever.
    assert make_match_key("Ana", "a@example.com", PHONE) == make_match_key("Ana", "A@example.com", None)


def test_a_number_is_needed_then_and_an_address_is_checked_as_ever() -> None:
    typed = {"name": "Ana", "timezone": "America/Denver"}
    with pytest.raises(InvalidInput) as refused:
        parse_contact(typed, mode=Mode.IN_PERSON, needs_email=False)
    assert set(refused.value.fields) == {"phone"}
    with pytest.raises(InvalidInput) as refused:
        parse_contact({**typed, "email": "ana"}, mode=Mode.IN_PERSON, needs_email=False)
    assert set(refused.value.fields) == {"email"}


def test_they_are_added_found_and_never_twice(office: Office) -> None:
    made = add(office, ana())
    assert [each.id for each in search_clients(office.practice.id, "ana 0123")] == [made.id]
    with pytest.raises(InvalidInput):
        add(office, ana(name="ANA RIVERA"))
    add(office, ana(name="Ben Rivera"))  # A family may share a phone.


def test_only_where_the_practice_takes_them_and_only_staff(office: Office) -> None:
    with pytest.raises(InvalidInput) as refused:
        book(office, at(10), contact=ana(), by=BY_CLIENT)
    assert set(refused.value.fields) == {"email"}
    known = add(office, ana())
    set_phone_only(practice_id=office.practice.id, takes_phone_only=False, by=BY_STAFF, now=NOW)
    with pytest.raises(InvalidInput):
        add(office, ana(name="Ben Rivera"))
    # Who is there stays, and is booked as before.
    assert book(office, at(10), contact=ana(), by=BY_STAFF).attendees[0].client_id == known.id
    line = db.session.scalars(select(PracticeEvent).order_by(PracticeEvent.id.desc())).first()
    assert line is not None
    assert line.details["after"] == {"takes_phone_only": False}


def test_what_there_is_to_say_is_texted(office: Office) -> None:
    made = book(office, at(10, days=8), contact=ana(), by=BY_STAFF)
    found = messages(made)
    assert {each.channel for each in found} == {Channel.TEXT}
    assert {MessageKind.CONFIRMATION, MessageKind.REMINDER} <= {each.kind for each in found}
    assert {each.status for each in found} == {MessageStatus.PLANNED}
    assert db.session.scalars(select(Task)).all() == []


def test_what_the_practice_says_by_e_mail_only_is_texted_to_them(office: Office) -> None:
    make_rule(office.practice, 120)
    made = book(office, at(10, days=8), contact=ana(), by=BY_STAFF)
    (reminder,) = messages(made, kind=MessageKind.REMINDER)
    assert (reminder.channel, reminder.minutes) == (Channel.TEXT, 120)


def test_without_a_yes_to_texts_somebody_calls(office: Office) -> None:
    made = book(office, at(10, days=8), contact=ana(wants_texts=False), by=BY_STAFF)
    (confirmation,) = messages(made)
    assert (confirmation.status, confirmation.reason) == (MessageStatus.VOID, Reason.BY_A_PERSON)
    assert db.session.scalars(select(Task)).all() == []  # Who entered them spoke with them.
    move(made, at(14, days=8), by=BY_STAFF)
    cancel(made, by=BY_STAFF)
    tasks = db.session.scalars(select(Task).order_by(Task.id)).all()
    assert {each.kind for each in tasks} == {TaskKind.CALL}
    assert {each.client_id for each in tasks} == {made.attendees[0].client_id}
    assert all("take no texts" in each.note for each in tasks)
    kinds = [each.kind for each in messages(made)]
    assert kinds == [MessageKind.CONFIRMATION, MessageKind.MOVED, MessageKind.CANCELLATION]


def test_who_has_an_address_that_bounces_is_told_as_before(office: Office) -> None:
    made = book(office, at(10, days=8), contact=make_contact(wants_texts=False), by=BY_STAFF)
    move(made, at(14, days=8), by=BY_STAFF)
    assert Reason.BY_A_PERSON not in {each.reason for each in messages(made)}


def test_an_address_comes_and_goes(office: Office) -> None:
    made = add(office, ana())
    book(office, at(10, days=8), contact=ana(), by=BY_STAFF)
    about = {"practice_id": office.practice.id, "client_public_id": made.public_id, "by": BY_STAFF}
    later = NOW + timedelta(hours=1)
    correct_contact(**about, wish=RightContact(email="ana@example.com", phone=PHONE), now=later)
    assert made.match_key == make_match_key("Ana Rivera", "ana@example.com", None)
    correct_contact(**about, wish=RightContact(email="", phone="+13035550188"), now=later)
    assert (made.email, made.match_key) == ("", make_match_key("Ana Rivera", "", "+13035550188"))
    with pytest.raises(InvalidInput) as refused:
        correct_contact(**about, wish=RightContact(email="", phone=""), now=later)
    assert set(refused.value.fields) == {"phone"}


def test_who_ends_texts_and_has_no_address_is_called(office: Office, addresses: Addresses) -> None:
    made = book(office, at(10, days=8), contact=ana(), by=BY_STAFF)
    text = {"sender": PHONE, "recipient": "+13035550999", "addresses": addresses}
    receive_text(provider_id="SM1", body="STOP", **text, now=NOW + timedelta(minutes=5))
    (task,) = db.session.scalars(select(Task)).all()
    assert "nothing is written to them any more" in task.note
    assert task.client_id == made.attendees[0].client_id


def test_a_file_may_have_numbers_only(office: Office) -> None:
    about = {"practice_id": office.practice.id, "by": BY_STAFF, "now": NOW}
    data = b"Name,Phone\nAna Rivera,303 555 0123\nAna Rivera,+1 303 555 0123\nNobody,\n"
    found = take_client_file(**about, file_name="a.csv", data=data)
    begin_import(**about, public_id=found.public_id, adds_alike=False)
    import_portion(now=NOW)
    assert [(each.name, each.email, each.phone) for each in search_clients(office.practice.id)] == [
        ("Ana Rivera", "", PHONE)
    ]
