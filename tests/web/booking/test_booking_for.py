"""Booking for somebody else: a mother for her child, a daughter for her father. Nobody learns whom we know."""

from __future__ import annotations

from typing import ClassVar

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.client_facts import Booking
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.companions import Relationship
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, TaskKind
from telehealth.domain.words import AppointmentStatus, Approval
from telehealth.models import AppointmentEvent, Attendee, Hold, Message, Occupancy, Task
from tests.factories import Office, book, make_contact, make_office, make_therapist
from tests.factories.rows import change
from tests.moments import at
from tests.web.staff import words_of
from tests.web.visitor import Visitor, form_of, problem_of, slots_of

MARIA = {
    "for_whom": "another",
    "name": "Maria Doe",
    "email": "maria@example.com",
    "phone": "",
    "locale": "en",
    "client-name": "Leo Doe",
    "relationship": "parent",
    "client-born_on": "2017-05-04",
    "client-email": "",
    "client-phone": "",
    "messages_to": "companion",
}
FATHER = {
    **MARIA,
    "client-name": "Jack Doe",
    "relationship": "child",
    "client-born_on": "",
    "client-email": "jack@example.com",
}
JACK = make_contact(name="Jack Doe", email="jack@example.com", phone=None, wants_texts=False)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def visitor(client: FlaskClient, office: Office) -> Visitor:
    return Visitor(client, office)


def details(visitor: Visitor) -> TestResponse:
    """The form for the last time of the week."""
    return visitor.details(slots_of(visitor.times())[-1])


def booked(visitor: Visitor, **typed: str) -> TestResponse:
    """The page that follows the booking."""
    review = visitor.send(details(visitor), "Review", **typed)
    answer = visitor.send(review, "Confirm appointment")
    return visitor.follow(answer)


def seats() -> list[Attendee]:
    db.session.rollback()
    return list(db.session.scalars(select(Attendee).order_by(Attendee.id)))


def told() -> set[tuple[str, Channel]]:
    """Who is told of the last appointment, by which channel."""
    last = seats()[-1].appointment
    found = db.session.scalars(
        select(Message).where(Message.appointment_id == last.id, Message.attendee_id.is_not(None))
    )
    return {
        ("companion" if each.companion_id else "client", each.channel)
        for each in found
        if each.kind == MessageKind.CONFIRMATION and each.status == MessageStatus.PLANNED
    }


def test_a_mother_books_for_her_child(visitor: Visitor) -> None:
    review = visitor.send(details(visitor), "Review", **MARIA)
    assert (
        "Who will come Name Leo Doe What you are to them Parent Born May 4, 2017 E-mail None Messages go to You"
        in words_of(review)
    )
    page = visitor.follow(visitor.send(review, "Confirm appointment"))
    assert "Thank you, Maria Doe." in words_of(page)
    assert "You booked this for Leo" in words_of(page)
    (seat,) = seats()
    assert (seat.name, seat.email, seat.phone, str(seat.client.born_on)) == ("Leo Doe", "", None, "2017-05-04")
    companion = seat.booked_by
    assert companion is not None
    assert (companion.name, companion.relationship, companion.is_known) == ("Maria Doe", Relationship.PARENT, False)
    assert told() == {("companion", Channel.EMAIL)}
    line = db.session.scalars(select(AppointmentEvent)).one()
    assert line.details["companion"] == companion.public_id


def test_the_second_time_it_is_the_same_child_and_the_same_mother(visitor: Visitor) -> None:
    booked(visitor, **MARIA)
    booked(visitor, **MARIA)
    first, second = seats()
    assert first.client_id == second.client_id
    assert first.booked_by_id == second.booked_by_id
    assert told() == {("companion", Channel.EMAIL)}


def test_nothing_typed_is_lost_when_the_choice_is_changed(visitor: Visitor) -> None:
    refused = visitor.send(details(visitor), "Review", **{**MARIA, "for_whom": "me", "name": ""})
    fields = form_of(refused).fields
    assert (fields["client-name"], fields["relationship"]) == ("Leo Doe", "parent")
    review = visitor.send(refused, "Review", name="Maria Doe")
    assert "Leo Doe" not in words_of(review)
    assert form_of(visitor.send(review, "Change my details")).fields["client-name"] == "Leo Doe"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"client-name": ""}, "Please enter their name."),
        ({"relationship": ""}, "Please say what you are to them."),
        ({"client-born_on": ""}, "Please enter their own e-mail address or number."),
        ({"client-born_on": "1980-01-01"}, "For a child, enter the date of birth instead."),
        ({"client-born_on": "2097-05-04"}, "Please check this date."),
        ({"client-born_on": "soon"}, "Please enter the date with day, month and year."),
        ({"messages_to": "client"}, "For messages to them, please enter their e-mail address."),
        ({"client-name": "Buy now https://spam.example"}, "Please enter a name only"),
        ({"client-name": "Maria Doe", "client-email": "maria@example.com"}, "already listed"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field(visitor: Visitor, typed: dict[str, str], said: str) -> None:
    answer = visitor.send(details(visitor), "Review", **{**MARIA, **typed})
    assert answer.status_code == 422
    assert said in problem_of(answer)
    assert not seats()


def test_a_father_who_is_on_file_is_told_as_well(visitor: Visitor, office: Office) -> None:
    book(office, contact=JACK)
    booked(visitor, **FATHER)
    own, by_her = seats()
    assert own.client_id == by_her.client_id
    assert told() == {("companion", Channel.EMAIL), ("client", Channel.EMAIL)}
    assert by_her.client.born_on is None
    assert db.session.scalars(select(Task)).one().kind == TaskKind.BOOKER


def test_a_father_who_is_new_is_told_only_where_she_says_so(visitor: Visitor) -> None:
    booked(visitor, **FATHER)
    assert told() == {("companion", Channel.EMAIL)}
    booked(visitor, **{**FATHER, "messages_to": "both"})
    assert told() == {("companion", Channel.EMAIL), ("client", Channel.EMAIL)}


@pytest.mark.parametrize("known", ["not at all", "blocked", "busy then", "under a code name"])
def test_nobody_learns_who_is_on_file(visitor: Visitor, office: Office, known: str) -> None:
    """What a stranger reads is the same to the letter, and so is what happens."""
    form = details(visitor)
    if known == "busy then":
        other, hold = make_therapist(office.practice, office.service), db.session.scalars(select(Hold)).one()
        book(office, hold.starts_at, contact=JACK, therapist=other.public_id)
    elif known != "not at all":
        client = book(office, at(9, days=2), contact=JACK).attendees[0].client
        change(client, may_book=Booking.BLOCKED if known == "blocked" else Booking.ONLINE, code_name="Blue Heron")
    review = visitor.send(form, "Review", **FATHER)
    page = visitor.follow(visitor.send(review, "Confirm appointment"))
    assert "You’re booked" in words_of(page)
    assert "You booked this for Jack" in words_of(page)
    assert "Heron" not in page.text
    assert seats()[-1].appointment.status == AppointmentStatus.BOOKED


def test_known_or_not_it_is_a_request_where_new_clients_are(client: FlaskClient) -> None:
    office = make_office(service={"approval": Approval.NEW_CLIENTS})
    book(office, contact=JACK)
    visitor = Visitor(client, office)
    review = visitor.send(details(visitor), "Review", **FATHER)
    assert "Nothing is booked until the practice has said yes." in words_of(review)
    visitor.send(review, "Send my request")
    assert seats()[-1].appointment.status == AppointmentStatus.PENDING


def test_a_stranger_fills_nobodys_calendar(visitor: Visitor) -> None:
    booked(visitor, **FATHER)
    (seat,) = seats()
    taken = select(Occupancy).where(Occupancy.resource_id == seat.client.resource_id)
    assert db.session.scalars(taken).first() is None


def test_only_so_much_is_booked_ahead_for_others(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telehealth.services.appointments.bookers.MOST_SEATS_AHEAD", 1)
    booked(visitor, **MARIA)
    review = visitor.send(details(visitor), "Review", **{**FATHER, "email": "MARIA@example.com"})
    refused = visitor.send(review, "Confirm appointment")
    assert "You have booked as many appointments for others as can be booked online." in words_of(refused)
    assert len(seats()) == 1


def test_the_client_reads_who_booked(visitor: Visitor, addresses: Addresses) -> None:
    booked(visitor, **{**FATHER, "messages_to": "both"})
    (seat,) = seats()
    assert "Booked by Maria Doe for you." in words_of(visitor.browser.get(addresses.manage(seat)))


class TestWhereMinorsAreBookedByAParent:
    """The practice wants it so, and asks whoever books for themselves when they were born."""

    ME: ClassVar = {"for_whom": "me", "name": "Leo Doe", "email": "leo@example.com", "phone": "", "locale": "en"}

    @pytest.fixture
    def office(self, client: FlaskClient) -> Office:
        return make_office(practice={"when_minor": WhenMinor.REQUIRE})

    @pytest.mark.parametrize(
        ("born_on", "said"),
        [
            ("", "Please enter your date of birth."),
            ("soon", "Please enter the date"),
            ("2097-05-04", "Please check this date."),
            ("2018-05-04", "together with a parent or guardian. If that is you, please choose “Somebody else”"),
        ],
    )
    def test_it_is_said_and_nothing_is_lost(self, visitor: Visitor, born_on: str, said: str) -> None:
        answer = visitor.send(details(visitor), "Review", **{**MARIA, **self.ME, "born_on": born_on})
        assert answer.status_code == 422
        assert said in problem_of(answer)
        fields = form_of(answer).fields
        assert (fields["born_on"], fields["name"], fields["client-name"]) == (born_on, "Leo Doe", "Leo Doe")
        assert not seats()

    def test_then_a_parent_goes_on_with_the_same_form(self, visitor: Visitor) -> None:
        refused = visitor.send(details(visitor), "Review", **{**MARIA, **self.ME, "born_on": "2018-05-04"})
        review = visitor.send(refused, "Review", **MARIA)
        assert "You’re booked" in words_of(visitor.follow(visitor.send(review, "Confirm appointment")))
        assert seats()[0].booked_by is not None

    def test_who_is_of_age_books_and_reads_it_once_more(self, visitor: Visitor) -> None:
        review = visitor.send(details(visitor), "Review", **{**MARIA, **self.ME, "born_on": "1990-05-04"})
        assert "Born May 4, 1990" in words_of(review)
        assert "You’re booked" in words_of(visitor.follow(visitor.send(review, "Confirm appointment")))


def test_elsewhere_nobody_is_asked_when_they_were_born(visitor: Visitor) -> None:
    assert "Your date of birth" not in words_of(details(visitor))
