"""Booking once more from the page of an appointment: nothing to type, and known where the practice knows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.appointments.openness import NewClients, OpenTo
from telehealth.domain.audit_words import AuditAction, Via
from telehealth.domain.client_facts import Booking
from telehealth.domain.companions import CompanionFacts, MessagesTo, Relationship
from telehealth.domain.contact import Contact
from telehealth.domain.errors import NotAllowed
from telehealth.domain.words import AppointmentStatus, Approval, Mode
from telehealth.models import Appointment, AppointmentEvent, Attendee, Client, Consent
from telehealth.queries.messages.facts import link_to
from telehealth.services.appointments.booking import book_by_own_link
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    make_companion,
    make_contact,
    make_couple_office,
    make_office,
    make_service,
    make_therapist,
    make_wish,
)
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import words_of
from tests.web.visitor import Visitor, form_of, problem_of, slots_of

ANA = make_contact(name="Ana Rivera", email="ana@example.com", phone="+13035550123", wants_texts=True)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def visitor(client: FlaskClient, office: Office) -> Visitor:
    return Visitor(client, office)


def path_of(addresses: Addresses, made: Appointment) -> str:
    return addresses.manage(made.attendees[0]).removeprefix(addresses.base_url)


def again(visitor: Visitor, path: str) -> TestResponse:
    """The times, and then a press on the first one."""
    times = visitor.browser.get(f"{path}/again")
    form = form_of(times)
    return visitor.follow(visitor.browser.post(form.action, data={**form.fields, "slot": slots_of(times)[0]}))


def newest() -> Appointment:
    db.session.rollback()
    return db.session.scalars(select(Appointment).order_by(Appointment.id.desc()).limit(1)).one()


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Appointment)) or 0


def test_three_taps_and_nothing_to_type(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    first = book(office, at(10), contact=ANA)
    path = path_of(addresses, first)
    assert "Book one more" in words_of(visitor.browser.get(path))
    page = again(visitor, path)
    words = words_of(page)
    assert "Book this time?" in words
    assert "there is nothing to type" in words
    for secret in ("ana@example.com", "555-0123", "0123", "Individual session", "LPC"):
        assert secret not in page.text.partition("<main")[2].partition("</main>")[0]
    done = visitor.send(page, "Book it")
    assert done.status_code == 303
    made = newest()
    assert made.id != first.id
    assert (made.status, made.service_id, made.therapist_id) == (
        AppointmentStatus.BOOKED, first.service_id, first.therapist_id,
    )  # fmt: skip
    seat = made.attendees[0]
    assert (seat.client_id, seat.name, seat.email, seat.phone, seat.jurisdiction) == (
        first.attendees[0].client_id, "Ana Rivera", "ana@example.com", "+13035550123", "CO",
    )  # fmt: skip
    assert seat.text_consent_at is not None
    line = db.session.scalars(select(AppointmentEvent).where(AppointmentEvent.appointment_id == made.id)).one()
    assert (line.action, line.via) == (AuditAction.BOOKED, Via.LINK)
    assert visitor.follow(done).status_code == 200


def test_pressed_twice_it_is_booked_once(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    page = again(visitor, path_of(addresses, book(office, at(10), contact=ANA)))
    first, second = (visitor.send(page, "Book it") for _ in range(2))
    assert first.location == second.location
    assert count() == 2


def test_a_service_for_clients_the_practice_knows(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    made = book(office, at(10), contact=ANA, by=BY_STAFF)
    change(office.service, open_to=OpenTo.KNOWN_CLIENTS, approval=Approval.NEVER)
    page = again(visitor, path_of(addresses, made))
    assert "Nothing is booked until you confirm." in words_of(page)
    visitor.send(page, "Book it")
    assert newest().status == AppointmentStatus.BOOKED


def test_it_is_a_request_of_whom_nobody_has_looked_at(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    """Whoever booked by themselves an hour ago is not known by that: the link is no way around a yes."""
    made = book(office, at(10), contact=ANA, by=BY_CLIENT)
    change(office.service, open_to=OpenTo.KNOWN_CLIENTS)
    page = again(visitor, path_of(addresses, made))
    assert "Nothing is booked until the practice has said yes." in words_of(page)
    visitor.send(page, "Send my request")
    assert newest().status == AppointmentStatus.PENDING


def test_a_yes_to_everything_is_still_asked_for(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    made = book(office, at(10), contact=ANA, by=BY_STAFF)
    change(office.service, approval=Approval.ALWAYS)
    visitor.send(again(visitor, path_of(addresses, made)), "Send my request")
    assert newest().status == AppointmentStatus.PENDING


def test_a_yes_to_new_clients_only_is_not(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    made = book(office, at(10), contact=ANA, by=BY_STAFF)
    change(office.service, approval=Approval.NEW_CLIENTS)
    visitor.send(again(visitor, path_of(addresses, made)), "Book it")
    assert newest().status == AppointmentStatus.BOOKED


def test_a_request_makes_nobody_known(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    change(office.service, approval=Approval.NEW_CLIENTS)
    made = book(office, at(10), contact=ANA)
    assert made.status == AppointmentStatus.PENDING
    visitor.send(again(visitor, path_of(addresses, made)), "Send my request")
    assert newest().status == AppointmentStatus.PENDING


def test_a_therapist_who_takes_no_new_clients_takes_theirs(
    visitor: Visitor, office: Office, addresses: Addresses
) -> None:
    made = book(office, at(10), contact=ANA, by=BY_STAFF)
    change(office.therapist, new_clients=NewClients.NO)
    page = again(visitor, path_of(addresses, made))
    visitor.send(page, "Book it")
    assert newest().status == AppointmentStatus.BOOKED


@pytest.mark.parametrize("typed", [ANA, make_contact(name="No Body", email="nobody@example.com")])
def test_whoever_types_a_name_is_a_stranger_whose_ever_it_is(
    visitor: Visitor, office: Office, addresses: Addresses, typed: Contact
) -> None:
    """A therapist who takes no new clients has met Ana. Her name and address are no secret, so the link that a visitor
    gets by typing them shows the same as any other.
    """
    book(office, at(9), contact=ANA, by=BY_STAFF)
    path = path_of(addresses, book(office, at(10), contact=typed))
    change(office.therapist, new_clients=NewClients.NO)
    page = visitor.browser.get(f"{path}/again")
    assert page.status_code == 200
    assert slots_of(page) == []
    assert "Takes no new clients" in words_of(page)


def test_and_nobody_else_is_met_by_that(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    made = book(office, at(10), contact=ANA, by=BY_STAFF)
    other = make_therapist(office.practice, office.service, name="Sam Okafor")
    change(other, new_clients=NewClients.LATER, new_clients_from=date(2030, 1, 1))
    path = path_of(addresses, made)
    given = {"service": office.service.public_id, "mode": "virtual", "state": "CO", "therapist": other.public_id}
    page = visitor.browser.get(f"{path}/again", query_string=given)
    assert "Takes new clients from January 1, 2030." in words_of(page)
    assert slots_of(page) == []
    page = visitor.browser.get(f"{path}/again", query_string={**given, "therapist": "any"})
    assert {each.partition(".")[2] for each in slots_of(page)} == {office.therapist.public_id}
    # Whoever says that they have met asks, as everywhere.
    page = visitor.browser.get(f"{path}/again", query_string={**given, "met": "y"})
    form = form_of(page)
    page = visitor.follow(visitor.browser.post(form.action, data={**form.fields, "slot": slots_of(page)[0]}))
    visitor.send(page, "Send my request")
    assert newest().status == AppointmentStatus.PENDING


def test_another_service_another_way(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    other = make_service(office.practice, name="Long session", duration_minutes=80)
    office.therapist.services.append(other)
    db.session.flush()
    path = path_of(addresses, book(office, at(10), contact=ANA))
    page = visitor.browser.get(f"{path}/again", query_string={"mode": "virtual", "state": "CO"})
    assert "What would you like to book?" in words_of(page)
    given = {"service": other.public_id, "mode": "virtual", "state": "CO"}
    page = visitor.browser.get(f"{path}/again", query_string=given)
    assert "Long session, 80 minutes" in words_of(page)


def test_who_gave_no_number_is_not_called(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    contact = make_contact(name="Ben", email="ben@example.com", phone=None, wants_texts=False)
    path = path_of(addresses, book(office, at(10), contact=contact))
    page = visitor.browser.get(f"{path}/again", query_string={"service": office.service.public_id})
    assert "By video" in words_of(page)
    assert "By phone" not in words_of(page)


def test_a_no_to_texts_holds(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    made = book(office, at(10), contact=ANA)
    path = path_of(addresses, made)
    visitor.send(visitor.browser.get(f"{path}/texts"), "Stop texts")
    said = db.session.scalar(select(func.count()).select_from(Consent))
    visitor.send(again(visitor, path), "Book it")
    assert newest().attendees[0].text_consent_at is None
    assert db.session.scalar(select(func.count()).select_from(Consent)) == said


def test_a_corrected_name_leads_to_the_same_client(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    made = book(office, at(10), contact=ANA)
    client = made.attendees[0].client
    change(client, name="Ana Ruiz", match_key="another")
    visitor.send(again(visitor, path_of(addresses, made)), "Book it")
    assert newest().attendees[0].client_id == client.id
    assert newest().attendees[0].name == "Ana Ruiz"
    assert db.session.scalar(select(func.count()).select_from(Client)) == 1


def test_who_books_by_phone_only_with_the_practice_is_told_to_call(
    visitor: Visitor, office: Office, addresses: Addresses
) -> None:
    made = book(office, at(10), contact=ANA)
    path = path_of(addresses, made)
    page = again(visitor, path)
    change(made.attendees[0].client, may_book=Booking.BY_PHONE)
    answer = visitor.browser.get(f"{path}/again")
    assert answer.status_code == 303
    assert "call" in words_of(visitor.follow(answer))
    visitor.send(page, "Book it")
    assert count() == 1


def test_a_link_from_long_ago_leads_the_ordinary_way(
    visitor: Visitor, office: Office, addresses: Addresses, clock: FakeClock
) -> None:
    path = path_of(addresses, book(office, at(10), contact=ANA))
    page = again(visitor, path)
    clock.advance(timedelta(days=367))
    answer = visitor.browser.get(f"{path}/again")
    assert answer.status_code == 303
    words = words_of(visitor.follow(answer))
    assert "This link is from an appointment long ago, so we ask for your details once more." in words
    visitor.send(page, "Book it")
    assert count() == 1


def test_an_ended_link_opens_nothing(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    made = book(office, at(10), contact=ANA)
    path = path_of(addresses, made)
    page = again(visitor, path)
    change(made.attendees[0], links_version=1)
    assert visitor.browser.get(f"{path}/again").status_code == 410
    assert visitor.send(page, "Book it").status_code == 410
    assert count() == 1


def test_the_way_into_a_room_books_nothing(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    made = book(office, at(10), contact=ANA)
    token = addresses.join(made.attendees[0]).rpartition("/")[2]
    assert visitor.browser.get(f"/m/{token}/again").status_code == 404
    assert visitor.browser.post(f"/m/{token}/again").status_code == 404


def test_what_is_on_no_list_is_not_named(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    made = book(office, at(10), contact=ANA)
    change(office.service, open_to=OpenTo.LINK, link_word="a-secret-word")
    page = visitor.browser.get(f"{path_of(addresses, made)}/again")
    assert "a-secret-word" not in page.text


def test_who_came_together_goes_the_ordinary_way(client: FlaskClient, addresses: Addresses) -> None:
    office = make_couple_office()
    partner = make_contact(name="Ben", email="ben@example.com", phone=None, wants_texts=False)
    made = book(office, at(10), contact=ANA, others=(partner,))
    words = words_of(client.get(path_of(addresses, made)))
    assert "Book one more" not in words


def test_a_time_that_somebody_else_took(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    path = path_of(addresses, book(office, at(10), contact=ANA))
    times = visitor.browser.get(f"{path}/again")
    slot = slots_of(times)[0]
    page = visitor.browser.get(f"{path}/again", query_string={**dict(_query(times)), "slot": slot})
    start = page.text  # Nothing keeps it: it was looked at only.
    assert "Book this time?" in start
    book(office, _instant(slot), contact=make_contact(name="Cleo", email="cleo@example.com"))
    taken = visitor.send(page, "Book it")
    assert taken.status_code == 409
    assert problem_of(taken)


def test_in_person_it_is_the_same_place(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    contact = make_contact(name="Ana Rivera", email="ana@example.com", jurisdiction=None)
    made = book(office, at(10), mode=Mode.IN_PERSON, contact=contact)
    visitor.send(again(visitor, path_of(addresses, made)), "Book it")
    assert (newest().mode, newest().location_id) == (Mode.IN_PERSON, made.location_id)
    seats = db.session.scalars(select(Attendee.client_id).distinct()).all()
    assert seats == [made.attendees[0].client_id]


def _query(answer: TestResponse) -> list[tuple[str, str]]:
    action = form_of(answer).action.partition("?")[2]
    pairs = [each.partition("=") for each in action.split("&")]
    return [(name, value.replace("%2F", "/")) for name, _, value in pairs if name != "week"]


def _instant(slot: str) -> datetime:
    return datetime.strptime(slot.partition(".")[0], "%Y%m%dT%H%MZ").replace(tzinfo=UTC)


def by_maria(addresses: Addresses, made: Appointment, **given: Any) -> str:
    """The path of the link of Ana's mother, whom the practice knows."""
    maria = make_companion(made.attendees[0].client, name="Maria Rivera", email="maria@example.com", **given)
    return addresses.manage(link_to(made.attendees[0], maria)).removeprefix(addresses.base_url)


def test_whoever_acts_for_them_books_once_more(visitor: Visitor, office: Office, addresses: Addresses) -> None:
    """The mother is known, and the daughter by that: what is for known clients is booked at once."""
    first = book(office, at(10), contact=ANA, by=BY_CLIENT)
    path = by_maria(addresses, first, messages_to=MessagesTo.BOTH)
    change(office.service, open_to=OpenTo.KNOWN_CLIENTS, approval=Approval.NEVER)
    change(first.attendees[0].client, known_at=NOW)
    assert "Book one more for Ana :" in words_of(visitor.browser.get(path))
    page = again(visitor, path)
    words = words_of(page)
    assert "We use the details that we have of Ana;" in words
    assert "Ana will be in Colorado" in words
    for secret in ("ana@example.com", "0123", "LPC"):
        assert secret not in page.text.partition("<main")[2].partition("</main>")[0]
    done = visitor.send(page, "Book it")
    made = newest()
    (seat,) = made.attendees
    assert (made.status, seat.client_id) == (AppointmentStatus.BOOKED, first.attendees[0].client_id)
    assert seat.booked_by is not None
    assert seat.booked_by.name == "Maria Rivera"
    line = db.session.scalars(select(AppointmentEvent).where(AppointmentEvent.appointment_id == made.id)).one()
    assert line.details["companion"] == seat.booked_by.public_id
    assert "You booked this for Ana" in words_of(visitor.follow(done))
    own = addresses.manage(seat).removeprefix(addresses.base_url)
    assert "Booked by Maria Rivera for you" in words_of(visitor.browser.get(own))


@pytest.mark.parametrize(
    "given", [{"may_change": False, "messages_to": MessagesTo.BOTH}, {"messages_to": MessagesTo.CLIENT}]
)
def test_whoever_may_change_nothing_does_not(
    visitor: Visitor, office: Office, addresses: Addresses, given: dict[str, Any]
) -> None:
    path = by_maria(addresses, book(office, at(10), contact=ANA), **given)
    assert "Book one more" not in visitor.browser.get(path).text
    assert visitor.browser.get(f"{path}/again").status_code in {403, 410}


def test_nor_does_whoever_booked_online_until_staff_know_them(
    visitor: Visitor, office: Office, addresses: Addresses
) -> None:
    maria = CompanionFacts("Maria Rivera", Relationship.PARENT, "maria@example.com", messages_to=MessagesTo.BOTH)
    made = book(office, at(10), contact=replace(ANA, wants_texts=False), booker=maria)
    seat = made.attendees[0]
    path = addresses.manage(link_to(seat, seat.booked_by)).removeprefix(addresses.base_url)
    assert "Book one more" not in visitor.browser.get(path).text
    assert visitor.browser.get(f"{path}/again").status_code == 403
    wish, link = make_wish(office, at(12)), link_to(seat, seat.booked_by)
    with pytest.raises(NotAllowed):
        book_by_own_link(link=link, wish=wish, by=BY_CLIENT, now=NOW)
    assert seat.booked_by is not None
    change(seat.booked_by, known_at=NOW)
    assert "Book this time?" in words_of(again(visitor, path))
