"""A client's own calendar of all their appointments, from the link of one of them."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import Actor, AuditAction, AuditSubject, Via
from telehealth.domain.companions import MessagesTo
from telehealth.domain.links import link_of_companion
from telehealth.models import Appointment, CalendarFeed, PracticeEvent
from telehealth.services.consent.link_ending import end_links_of_client
from tests.factories import BY_STAFF, Office, book, make_companion, make_contact, make_couple_office, make_office
from tests.moments import NOW, at
from tests.web.visitor import form_of


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def path_of(addresses: Addresses, appointment: Appointment, seat: int = 0) -> str:
    return addresses.manage(appointment.attendees[seat]).removeprefix(addresses.base_url) + "/subscribe"


def subscribe(client: FlaskClient, path: str) -> str:
    """Ask for an address; its path."""
    answer = client.post(path, data=form_of(client.get(path)).fields)
    assert answer.status_code == 200
    found = re.search(r"<code>https?://[^/]+(/calendar/[^<]+\.ics)</code>", answer.text)
    assert found, "the address is shown"
    assert "webcal://" in answer.text
    return found[1]


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


def test_whoever_typed_a_name_sees_nothing_of_whom_it_names(
    client: FlaskClient, database: Session, office: Office, addresses: Addresses
) -> None:
    contact = make_contact(name="Jane Doe", email="jane@example.com")
    book(office, at(13, days=2), by=BY_STAFF, contact=contact)
    path = path_of(addresses, book(office, contact=contact))
    shown = client.get(path)
    assert "We do not know yet" in shown.text
    assert "Make my address" not in shown.text
    fields = form_of(client.get(path.replace("/subscribe", "/cancel"))).fields
    assert client.post(path, data=fields).status_code == 409
    assert database.scalars(select(CalendarFeed)).all() == []


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


def test_ten_are_enough(client: FlaskClient, office: Office, addresses: Addresses) -> None:
    path = path_of(addresses, book(office, by=BY_STAFF))
    for _ in range(10):
        subscribe(client, path)
    answer = client.post(path, data=form_of(client.get(path)).fields)
    assert answer.status_code == 409
    assert "addresses already" in answer.text
