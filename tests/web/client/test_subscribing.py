"""A client's own calendar of all their appointments, from the link of one of them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import Actor, AuditAction, AuditSubject, Via
from telehealth.domain.companions import MessagesTo
from telehealth.domain.links import link_of_companion
from telehealth.domain.words import Approval, Role
from telehealth.models import Appointment, Attendee, CalendarFeed, PracticeEvent
from telehealth.queries.appointments.own_standing import TELLS_FOR
from telehealth.services.appointments.approving import approve_request
from telehealth.services.appointments.booking import book_by_own_link
from telehealth.services.audit import ActedBy
from telehealth.services.calendars.feed_addresses import MOST_FEEDS
from telehealth.services.consent.link_ending import end_links_of_appointment, end_links_of_client
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    make_companion,
    make_contact,
    make_couple_office,
    make_office,
    make_user,
    make_wish,
)
from tests.factories.feeds import make_feed
from tests.factories.series import make_series
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.visitor import form_of, read


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def path_of(addresses: Addresses, appointment: Appointment, seat: int = 0) -> str:
    return addresses.manage(appointment.attendees[seat]).removeprefix(addresses.base_url) + "/subscribe"


def press(client: FlaskClient, path: str, text: str) -> str:
    """Press a button of the page; what the page shows then."""
    form = next(each for each in read(client.get(path)).forms if text in each.buttons)
    answer = client.post(form.action or path, data=form.fields)
    assert (answer.status_code, answer.location) == (303, path)
    return client.get(path).text


def subscribe(client: FlaskClient, path: str) -> str:
    """Ask for an address; its path."""
    return shown(press(client, path, "Make my address"))


def shown(text: str) -> str:
    """The path of the address on the page."""
    found = re.search(r'value="https?://[^/]+(/calendar/[^"]+\.ics)" readonly', text)
    assert found, "the address is shown in a field"
    assert "webcal://" in text
    return found[1]


def again(office: Office, seat: Attendee, starts_at: datetime) -> Appointment:
    return book_by_own_link(link=seat, wish=make_wish(office, starts_at), by=BY_CLIENT, now=NOW)


def approve(made: Appointment) -> None:
    approve_request(practice_id=made.practice_id, appointment_id=made.id, by=BY_STAFF, now=NOW)


def test_all_of_ones_own_and_nobody_elses(
    client: FlaskClient, database: Session, office: Office, addresses: Addresses
) -> None:
    contact = make_contact(name="Jane Doe", email="jane@example.com")
    first = book(office, by=BY_STAFF, contact=contact)
    second = book(office, at(13, days=2), by=BY_STAFF, contact=contact)
    other = book(office, at(15, days=2), by=BY_STAFF, contact=make_contact(name="Sam Roe", email="sam@example.com"))
    calendar = client.get(subscribe(client, path_of(addresses, first))).text
    assert (first.uid in calendar, second.uid in calendar, other.uid in calendar) == (True, True, False)
    assert "Doe" not in calendar
    line = database.scalars(select(PracticeEvent).where(PracticeEvent.subject == AuditSubject.FEED)).one()
    assert (line.action, line.actor, line.via) == (AuditAction.ADDED, Actor.CLIENT, Via.LINK)
    assert database.scalars(select(CalendarFeed)).one().client_id == first.attendees[0].client_id


def test_whoever_typed_a_name_sees_what_they_booked_by_that_link_and_no_more(
    client: FlaskClient, database: Session, office: Office, addresses: Addresses
) -> None:
    """There is a Jane, and another stranger says that they are her, too."""
    contact = make_contact(name="Jane Doe", email="jane@example.com")
    hers = [book(office, at(13, days=2), by=BY_STAFF, contact=contact), book(office, at(14, days=2), contact=contact)]
    make_series(office, contacts=[contact])
    first = book(office, contact=contact)
    second = again(office, first.attendees[0], at(15, days=2))
    third = again(office, second.attendees[0], at(16, days=2))
    calendar = subscribe(client, path_of(addresses, first))
    content = client.get(calendar).text
    assert [each.uid in content for each in (first, second, third)] == [True, True, True]
    assert content.count("BEGIN:VEVENT") == 3
    assert not any(each.uid in content for each in hers)
    assert {shown(client.get(path_of(addresses, each)).text) for each in (second, third)} == {calendar}
    for each in hers:
        assert "Make my address" in client.get(path_of(addresses, each)).text


def test_whoever_waits_for_a_yes_has_one_that_grows_with_it(client: FlaskClient, addresses: Addresses) -> None:
    office = make_office(service={"approval": Approval.ALWAYS})
    contact = make_contact(name="Jane Doe", email="jane@example.com")
    before = book(office, at(13, days=2), by=BY_STAFF, contact=contact)
    asked = book(office, contact=contact)
    path = path_of(addresses, asked)
    assert "kept up to date in your calendar" in client.get(path.removesuffix("/subscribe")).text
    calendar = subscribe(client, path)
    waits = client.get(calendar).text
    assert (asked.uid in waits, before.uid in waits) == (True, False)
    assert "STATUS:TENTATIVE" in waits
    assert "It holds what you booked or asked for here" in client.get(path).text
    approve(asked)
    grown = client.get(calendar).text
    assert (asked.uid in grown, before.uid in grown) == (True, True)
    assert "It holds all your appointments" in client.get(path).text
    assert shown(client.get(path_of(addresses, before)).text) == calendar


def test_it_speaks_the_language_of_its_client(
    client: FlaskClient, app: Flask, office: Office, addresses: Addresses
) -> None:
    made = book(office, contact=make_contact(name="Ana Rivera", email="ana@example.com", locale="es"))
    path = path_of(addresses, made)
    calendar = client.get(subscribe(client, path)).text
    assert f"SUMMARY:Cita con {office.practice.sender_name}" in calendar
    app.extensions["addresses"] = replace(addresses, base_url="https://book.example.org")
    try:
        assert f"&amp;name={quote(office.practice.sender_name, safe='')}" in client.get(path).text
    finally:
        app.extensions["addresses"] = addresses


def test_what_a_mother_books_by_her_link_opens_nothing_to_who_typed_the_name_of_her_child(
    client: FlaskClient, office: Office, addresses: Addresses
) -> None:
    contact = make_contact(name="Leo Doe", email="leo@example.com")
    known = book(office, at(13, days=2), by=BY_STAFF, contact=contact)
    typed = book(office, contact=contact)
    mother = make_companion(known.attendees[0].client, messages_to=MessagesTo.BOTH)
    calendar = subscribe(client, path_of(addresses, typed))
    link = link_of_companion(typed.attendees[0], mother)
    hers = book_by_own_link(link=link, wish=make_wish(office, at(15, days=2)), by=BY_CLIENT, now=NOW)
    content = client.get(calendar).text
    assert [each.uid in content for each in (typed, known, hers)] == [True, False, False]


def test_the_page_is_the_same_whether_or_not_there_is_somebody_of_that_name(
    client: FlaskClient, office: Office, addresses: Addresses
) -> None:
    known = make_contact(name="Jane Doe", email="jane@example.com")
    book(office, at(13, days=2), by=BY_STAFF, contact=known)
    subscribe(client, path_of(addresses, book(office, at(14, days=2), by=BY_STAFF, contact=known)))
    paths = [
        path_of(addresses, book(office, at(hour), contact=contact))
        for hour, contact in ((10, known), (11, make_contact(name="Nobody Here", email="nobody@example.com")))
    ]
    pages = [re.sub(r"/m/[^/]+|value=\"[^\"]+\"", "", client.get(each).text) for each in paths]
    assert pages[0] == pages[1]
    for each in paths:
        subscribe(client, each)


def test_there_is_one_address_that_is_kept_replaced_and_ended(
    client: FlaskClient, database: Session, office: Office, addresses: Addresses
) -> None:
    contact = make_contact(name="Jane Doe", email="jane@example.com")
    path = path_of(addresses, book(office, by=BY_STAFF, contact=contact))
    fields = form_of(client.get(path)).fields
    calendar = subscribe(client, path)
    client.post(path, data=fields)
    assert len(database.scalars(select(CalendarFeed)).all()) == 1
    other = path_of(addresses, book(office, at(13, days=2), by=BY_STAFF, contact=contact))
    assert shown(client.get(other).text) == calendar
    renewed = shown(press(client, other, "Make a new address"))
    assert [client.get(each).status_code for each in (calendar, renewed)] == [404, 200]
    assert "last read it" in client.get(path).text
    assert "Make my address" in press(client, path, "End the address")
    assert client.get(renewed).status_code == 404
    assert subscribe(client, path) not in {calendar, renewed}
    said = [each.action for each in database.scalars(select(PracticeEvent)) if each.subject == AuditSubject.FEED]
    assert said == [AuditAction.ADDED, AuditAction.CHANGED, AuditAction.REMOVED, AuditAction.ADDED]


def test_those_of_before_which_nobody_can_show_make_room_for_one(
    client: FlaskClient, database: Session, office: Office, addresses: Addresses
) -> None:
    made = book(office, by=BY_STAFF)
    path = path_of(addresses, made)
    older = [make_feed(office.practice, made.attendees[0].client, by=BY_CLIENT)[1] for _ in range(2)]
    assert "You have an address already" in client.get(path).text
    fresh = shown(press(client, path, "Make a new address"))
    assert [client.get(each).status_code for each in (*older, fresh)] == [404, 404, 200]


def test_it_is_shown_and_read_after_the_keys_have_changed(
    client: FlaskClient, app: Flask, office: Office, addresses: Addresses
) -> None:
    path = path_of(addresses, book(office, by=BY_STAFF))
    calendar = subscribe(client, path)
    app.extensions["addresses"] = replace(addresses, keys=["another key of ours", *addresses.keys])
    try:
        assert shown(client.get(path).text) == calendar
    finally:
        app.extensions["addresses"] = addresses
    assert client.get(calendar).status_code == 200


def test_strangers_take_no_address_from_anybody(client: FlaskClient, office: Office, addresses: Addresses) -> None:
    contact = make_contact(name="Jane Doe", email="jane@example.com")
    known = book(office, at(9, days=1), by=BY_STAFF, contact=contact).attendees[0].client
    user = make_user(office.practice, Role.OWNER)
    for number in range(MOST_FEEDS):
        subscribe(client, path_of(addresses, book(office, at(10 + number % 6, days=2 + number // 6), contact=contact)))
    for _ in range(MOST_FEEDS):
        make_feed(office.practice, known, by=ActedBy(BY_STAFF.actor, user_id=user.id))


def test_a_link_that_was_ended_takes_the_address_with_it_that_it_showed(
    client: FlaskClient, office: Office, addresses: Addresses
) -> None:
    contact = make_contact(name="Jane Doe", email="jane@example.com")
    wrong, typed = book(office, by=BY_STAFF, contact=contact), book(office, at(13, days=2), contact=contact)
    calendar, alone = (subscribe(client, path_of(addresses, each)) for each in (wrong, typed))
    end_links_of_appointment(practice_id=wrong.practice_id, appointment_id=wrong.id, by=BY_STAFF, now=NOW)
    assert [client.get(each).status_code for each in (calendar, alone)] == [404, 200]


def test_a_link_of_long_ago_shows_none(
    client: FlaskClient, office: Office, addresses: Addresses, clock: FakeClock
) -> None:
    path = path_of(addresses, book(office, by=BY_STAFF))
    fields = form_of(client.get(path)).fields
    clock.advance(TELLS_FOR + timedelta(days=2))
    assert "long ago" in client.get(path, follow_redirects=True).text
    assert "long ago" in client.post(path, data=fields, follow_redirects=True).text


def test_it_ends_with_their_links(client: FlaskClient, office: Office, addresses: Addresses) -> None:
    made = book(office, by=BY_STAFF)
    calendar = subscribe(client, path_of(addresses, made))
    assert client.get(calendar).status_code == 200
    end_links_of_client(
        practice_id=office.practice.id, client_public_id=made.attendees[0].client.public_id, by=BY_STAFF, now=NOW
    )
    assert client.get(calendar).status_code == 404
    assert client.get(path_of(addresses, made)).status_code == 200


def test_a_partner_has_their_own(client: FlaskClient, database: Session, addresses: Addresses) -> None:
    office = make_couple_office()
    pair = (
        make_contact(name="Jane Doe", email="jane@example.com"),
        make_contact(name="Sam Doe", email="sam@example.com"),
    )
    together = book(office, by=BY_STAFF, contact=pair[0], others=(pair[1],))
    alone = book(office, at(13, days=2), by=BY_STAFF, contact=pair[0])
    calendar = client.get(subscribe(client, path_of(addresses, together, seat=1))).text
    assert (together.uid in calendar, alone.uid in calendar) == (True, False)


def test_whoever_acts_for_a_client_makes_none(
    client: FlaskClient, database: Session, office: Office, addresses: Addresses
) -> None:
    """Their links are about one client's seats; an address of the client's would outlive their part in it."""
    made = book(office, by=BY_STAFF)
    mother = make_companion(made.attendees[0].client, messages_to=MessagesTo.BOTH)
    link = addresses.manage(link_of_companion(made.attendees[0], mother)).removeprefix(addresses.base_url)
    assert "kept up to date" not in client.get(link).text
    assert client.get(f"{link}/subscribe").status_code in {403, 404}
    fields = form_of(client.get(f"{link}/cancel")).fields
    assert client.post(f"{link}/subscribe", data=fields).status_code in {403, 404}
    assert database.scalars(select(CalendarFeed)).all() == []


@pytest.mark.parametrize(("url", "is_public"), [("https://practice.example", True), ("http://127.0.0.1:8000", False)])
def test_only_what_can_open_it_is_offered(
    app: Flask, client: FlaskClient, office: Office, addresses: Addresses, url: str, is_public: bool
) -> None:
    path = path_of(addresses, book(office, by=BY_STAFF))
    app.extensions["addresses"] = replace(addresses, base_url=url)
    page = press(client, path, "Make my address")
    headings = [name for name in ("Apple Calendar", "Google Calendar", "Outlook") if f'title">{name}</h3>' in page]
    assert headings == (["Apple Calendar", "Google Calendar", "Outlook"] if is_public else ["Apple Calendar"])
    for host in ("calendar.google.com", "outlook.live.com", "outlook.office.com"):
        assert (f"https://{host}/" in page) == is_public
    assert ("can only be opened on this machine" in page) != is_public
