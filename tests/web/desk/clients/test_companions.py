"""Who acts for a client, at the desk."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.companions import CompanionFacts, MessagesTo, Relationship
from telehealth.domain.words import AppointmentStatus, Approval
from telehealth.models import Attendee, Client, Message, Occupancy, Task
from telehealth.queries.messages.facts import link_to
from telehealth.services.appointments.bookers import know_booker
from tests.factories import BY_STAFF, Office, book, make_client, make_companion, make_contact, make_office
from tests.factories.rows import change
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist

MARIA = {
    "name": "Maria Doe",
    "relationship": "parent",
    "email": "",
    "phone": "(720) 555-0142",
    "locale": "es",
    "messages_to": "client",
    "may_change": "y",
}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


@pytest.fixture
def leo(office: Office) -> Client:
    return make_client(office.practice, name="Leo Doe")


def test_they_are_added_shown_changed_and_ended(front_desk: Staff, leo: Client) -> None:
    page = f"/desk/clients/{leo.public_id}"
    assert "Nobody. A parent or guardian" in front_desk.read(page)
    front_desk.post(f"{page}/companions/new", MARIA)
    words = front_desk.read(page)
    assert re.search(r"Maria Doe ?, parent \(720\) 555-0142", words), words
    one = f"{page}/companions/{leo.companions[0].public_id}"
    assert 'value="+17205550142"' in front_desk.get(one).text
    front_desk.post(one, {**MARIA, "relationship": "guardian", "email": "maria@example.com"})
    words = front_desk.read(page)
    assert re.search(r"Maria Doe ?, guardian \(720\) 555-0142 ?, maria@example.com", words), words
    front_desk.post(f"{one}/end", {})
    assert "Nobody. A parent or guardian" in front_desk.read(page)
    assert front_desk.get(one).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("relationship", ""), ("messages_to", ""), ("phone", "12"), ("phone", ""), ("messages_to", "both")],
)
def test_what_cannot_be_kept_is_said_and_nothing_typed_is_lost(
    front_desk: Staff, leo: Client, field: str, value: str
) -> None:
    typed = {**MARIA, "name": "Maria Doe-Quill", field: value}
    answer = front_desk.post(f"/desk/clients/{leo.public_id}/companions/new", typed)
    assert answer.status_code == 422
    said = "email" if (field, value) in {("phone", ""), ("messages_to", "both")} else field
    assert f'href="#{said}"' in answer.text
    assert "Maria Doe-Quill" in answer.text or field == "name"
    assert "(720) 555-0142" in answer.text or field == "phone"


def test_they_get_messages_when_the_practice_says_so(
    app: Flask, front_desk: Staff, office: Office, leo: Client
) -> None:
    made = book(office, at(10, days=3), contact=make_contact(name="Leo Doe", email=leo.email))
    page = f"/desk/clients/{leo.public_id}"
    form = front_desk.get(f"{page}/companions/new").text
    assert "Reply STOP to end" in form
    front_desk.post(f"{page}/companions/new", {**MARIA, "messages_to": "both", "wants_texts": "y"})
    assert "Gets messages" in front_desk.read(page)
    maria = leo.companions[0]
    assert (maria.wants_texts, maria.may_change, maria.messages_to) == (True, True, "both")
    shown = front_desk.read(f"/desk/appointments/{made.public_id}")
    assert "Maria Doe, for Leo Doe" in shown
    assert "Who acts for them Maria Doe, parent" in shown
    one = f"{page}/companions/{maria.public_id}"
    assert front_desk.get(one).text.count("checked") == 3
    assert "They agreed to texts" in as_owner(app, office).read("/desk/changes")


def test_the_desk_finds_a_client_by_them(front_desk: Staff, leo: Client) -> None:
    make_companion(leo, name="Zoë Quill", phone="+17205550142")
    for text in ("zoe", "7205550142"):
        assert "Leo Doe" in front_desk.read(f"/desk/clients?q={text}")


def test_a_colleagues_client_is_not_found(app: Flask, office: Office, leo: Client) -> None:
    assert as_therapist(app, office).get(f"/desk/clients/{leo.public_id}/companions/new").status_code == 404


def test_the_desk_reads_that_somebody_has_to_act_for_a_minor(front_desk: Staff, office: Office) -> None:
    contact = make_contact(name="Tim Moss", email="tim@example.com", jurisdiction="CO")
    book(office, at(10, days=3), contact=contact)
    tim = make_client(office.practice, name=contact.name, email=contact.email)
    page, booking = f"/desk/clients/{tim.public_id}", f"/desk/book?client={tim.public_id}"
    assert "A minor" not in front_desk.read(page)
    change(tim, born_on=date(2016, 1, 1))
    for each in (page, booking):
        assert "A minor, 10 years old. Somebody has to act for them, and nobody does yet." in front_desk.read(each)
    make_companion(tim)
    for each in (page, booking):
        assert "A minor, 10 years old. Somebody has to act for them." in front_desk.read(each)
    change(tim, born_on=date(2013, 1, 1))
    assert "In Colorado people may agree to counselling from 12 on (C.R.S. 12-245-203.5" in front_desk.read(page)


def booked_online(office: Office) -> Client:
    """Leo, for whom his mother has booked online; the practice does not know her."""
    maria = CompanionFacts(
        "Maria Doe", Relationship.PARENT, email="maria@example.com", messages_to=MessagesTo.COMPANION
    )
    leo = make_contact(name="Leo Doe", email="leo@example.com", phone=None, wants_texts=False)
    return book(office, contact=leo, booker=maria).attendees[0].client


def test_whoever_booked_online_is_shown_as_such_and_can_be_known(front_desk: Staff, office: Office) -> None:
    leo = booked_online(office)
    page, seat = f"/desk/clients/{leo.public_id}", db.session.scalars(select(Attendee)).one()
    words = front_desk.read(page)
    assert "Nobody. A parent or guardian" in words
    assert "Booked online for Leo Doe" in words
    assert "Maria Doe (parent) maria@example.com" in words
    appointment = front_desk.read(f"/desk/appointments/{seat.appointment.public_id}")
    assert "Booked by Maria Doe (parent)" in appointment
    assert "Do you know them?" in appointment
    assert "Booked by Maria Doe (parent)" in front_desk.read(f"/desk?day={seat.appointment.local_start:%Y-%m-%d}")
    assert leo.public_id in front_desk.get("/desk/clients?q=maria").text
    front_desk.post(f"{page}/companions/{leo.companions[0].public_id}/know", {})
    words = front_desk.read(page)
    assert "Booked online for Leo Doe" not in words
    assert "Maria Doe , parent Gets messages, not the client" in words
    taken = select(Occupancy).where(Occupancy.resource_id == leo.resource_id)
    assert len(db.session.scalars(taken).all()) == 1


def test_a_child_without_an_address_is_not_unreachable_where_a_parent_reads_for_them(
    front_desk: Staff, office: Office
) -> None:
    maria = CompanionFacts(
        "Maria Doe", Relationship.PARENT, email="maria@example.com", messages_to=MessagesTo.COMPANION
    )
    leo = make_contact(name="Leo Doe", email="", phone=None, wants_texts=False)
    seat = book(office, contact=leo, booker=maria, born_on=date(2017, 5, 4)).attendees[0]
    page = f"/desk/appointments/{seat.appointment.public_id}"
    for each in (page, f"/desk/clients/{seat.client.public_id}", "/desk/clients"):
        assert "No e-mail" not in front_desk.read(each)
    words = front_desk.read(page)
    assert "Texts None to them: Maria Doe gets the messages" in words
    assert "E-mail only" not in words
    assert words.index("Booked by Maria Doe (parent)") < words.index("Name Leo Doe")
    born = front_desk.read(f"/desk/clients/{seat.client.public_id}")
    assert "Born May 4, 2017" in born
    change(seat.client.companions[0], ended_at=NOW)
    assert "Texts None State" in front_desk.read(page)
    assert "No e-mail" in front_desk.read(page)


def test_a_request_says_who_asks_for_whom(front_desk: Staff, office: Office) -> None:
    change(office.service, approval=Approval.ALWAYS)
    booked_online(office)
    assert "Booked by Maria Doe (parent)" in front_desk.read("/desk/requests")


@pytest.mark.parametrize("answer", ["know", "end"])
def test_who_waits_to_be_known_is_told_until_somebody_answers(front_desk: Staff, office: Office, answer: str) -> None:
    leo = booked_online(office)
    assert "1 thing to do: 1 booker who waits for “I know them”" in front_desk.read("/desk")
    page = front_desk.get("/desk/tasks").text
    assert f'href="/desk/clients/{leo.public_id}#companions">Do you know them?' in page
    assert "Somebody booked online for a client who is new here." in page
    front_desk.post(f"/desk/clients/{leo.public_id}/companions/{leo.companions[0].public_id}/{answer}", {})
    task = db.session.scalars(select(Task)).one()
    assert (task.done_at, task.done_by_id is None) == (NOW, False)
    assert "Nothing to do" in front_desk.read("/desk/tasks")


def test_one_of_two_who_wait_is_not_both(front_desk: Staff, office: Office) -> None:
    leo = booked_online(office)
    aunt = CompanionFacts("Tia Doe", Relationship.OTHER, email="tia@example.com", messages_to=MessagesTo.COMPANION)
    book(office, at(9, days=3), contact=make_contact(name="Leo Doe", email="leo@example.com"), booker=aunt)
    db.session.expire_all()
    maria, tia = leo.companions
    front_desk.post(f"/desk/clients/{leo.public_id}/companions/{maria.public_id}/know", {})
    assert "2 things to do: 2 bookers" in front_desk.read("/desk")
    front_desk.post(f"/desk/clients/{leo.public_id}/companions/{tia.public_id}/end", {})
    assert "Nothing to do" in front_desk.read("/desk/tasks")


def test_whoever_is_not_known_is_ended_with_their_link(front_desk: Staff, office: Office, addresses: Addresses) -> None:
    leo = booked_online(office)
    seat, maria = db.session.scalars(select(Attendee)).one(), leo.companions[0]
    url = addresses.manage(link_to(seat, maria))
    assert front_desk.get(url).status_code == 200
    front_desk.post(f"/desk/clients/{leo.public_id}/companions/{maria.public_id}/end", {})
    assert "Booked online for Leo Doe" not in front_desk.read(f"/desk/clients/{leo.public_id}")
    assert front_desk.get(url).status_code == 410


def test_staff_are_told_when_whoever_was_ended_books_again(front_desk: Staff, office: Office) -> None:
    leo = booked_online(office)
    page = f"/desk/clients/{leo.public_id}"
    front_desk.post(f"{page}/companions/{leo.companions[0].public_id}/end", {})
    leo_again = make_contact(name="Leo Doe", email="leo@example.com", phone=None, wants_texts=False)
    other = CompanionFacts("Mara Doe", Relationship.OTHER, email="mara@example.com", messages_to=MessagesTo.BOTH)
    assert book(office, at(12, days=2), contact=leo_again, booker=other).status == AppointmentStatus.BOOKED
    assert "Ended before" not in front_desk.read(page)
    same = CompanionFacts("M. Doe", Relationship.OTHER, email="MARIA@example.com", messages_to=MessagesTo.BOTH)
    made = book(office, at(12, days=3), contact=leo_again, booker=same)
    assert made.status == AppointmentStatus.BOOKED, "they are told nothing of it"
    words = front_desk.read(page)
    assert "Somebody at this address or number was ended as not known on Mon, Nov 23, 2026" in words
    notes = db.session.scalars(select(Task.note).order_by(Task.id)).all()
    assert ["ended as not known" in each for each in notes] == [False, False, True], "each stranger waits to be known"


def test_a_stranger_has_to_do_with_nothing_else_of_the_client(
    office: Office, addresses: Addresses, client: FlaskClient
) -> None:
    leo = booked_online(office)
    own = book(office, at(9, days=3), contact=make_contact(name="Leo Doe", email="leo@example.com")).attendees[0]
    assert own.client_id == leo.id
    assert client.get(addresses.manage(link_to(own, leo.companions[0]))).status_code == 410
    about = select(Message).where(Message.appointment_id == own.appointment_id, Message.companion_id.is_not(None))
    assert db.session.scalars(about).first() is None
    know_booker(
        practice_id=leo.practice_id,
        client_public_id=leo.public_id,
        companion_public_id=leo.companions[0].public_id,
        by=BY_STAFF,
        now=NOW,
    )
    assert db.session.scalars(about).first() is not None
    assert client.get(addresses.manage(link_to(own, leo.companions[0]))).status_code == 200
