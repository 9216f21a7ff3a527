"""What staff keep of a client, and what it means for booking."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from telehealth.database import db
from telehealth.domain.client_facts import Booking, ClientFacts
from telehealth.domain.contact import Contact
from telehealth.domain.errors import NotAllowed, PleaseCall
from telehealth.domain.words import ServiceKind
from telehealth.models import Appointment, Client, PracticeEvent, WaitlistEntry
from telehealth.queries.practice.clients import search_clients
from telehealth.services.practice.client_records import change_client_facts
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, make_client, make_contact, make_office, wait
from tests.moments import NOW, at

BIRTH = date(1990, 5, 12)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def contact() -> Contact:
    return make_contact()


@pytest.fixture
def ana(office: Office, contact: Contact) -> Client:
    return make_client(office.practice, name=contact.name, email=contact.email)


def keep(client: Client, facts: ClientFacts) -> Client:
    return change_client_facts(
        practice_id=client.practice_id, client_public_id=client.public_id, facts=facts, by=BY_STAFF, now=NOW
    )


def test_it_is_kept_written_down_and_found(office: Office, ana: Client) -> None:
    facts = ClientFacts(born_on=BIRTH, pronouns="she/her", tags=["school"], may_book=Booking.BY_PHONE)
    kept = keep(ana, facts)
    assert (kept.born_on, kept.pronouns, kept.tags, kept.may_book) == (BIRTH, "she/her", ["school"], "by_phone")
    line = db.session.scalars(select(PracticeEvent)).one()
    assert line.details["after"]["born_on"] == "1990-05-12"
    keep(ana, facts)
    assert db.session.scalar(select(func.count()).select_from(PracticeEvent)) == 1
    assert [each.id for each in search_clients(office.practice.id, "5/12/1990")] == [ana.id]
    assert search_clients(office.practice.id, "5/13/1990") == []


def test_clients_keep_nothing(ana: Client) -> None:
    given = {"practice_id": ana.practice_id, "client_public_id": ana.public_id, "facts": ClientFacts()}
    with pytest.raises(NotAllowed):
        change_client_facts(**given, by=BY_CLIENT, now=NOW)


@pytest.mark.parametrize("booking", [Booking.BY_PHONE, Booking.BLOCKED])
def test_who_may_not_book_online_is_asked_to_call_and_staff_book_for_them(
    office: Office, ana: Client, contact: Contact, booking: Booking
) -> None:
    keep(ana, ClientFacts(may_book=booking))
    with pytest.raises(PleaseCall, match="Please call us at"):
        book(office, at(10), contact=contact)
    assert db.session.scalars(select(Appointment)).all() == []
    assert book(office, at(10), contact=contact, by=BY_STAFF).attendees[0].client_id == ana.id


@pytest.mark.parametrize("kind", [ServiceKind.COUPLE, ServiceKind.GROUP])
def test_the_same_goes_for_whoever_is_brought_along_for_groups_and_for_the_waitlist(
    client: FlaskClient, contact: Contact, kind: ServiceKind
) -> None:
    office = make_office(service={"kind": kind, "capacity": 2})
    keep(make_client(office.practice, name=contact.name, email=contact.email), ClientFacts(may_book=Booking.BLOCKED))
    is_couple = kind == ServiceKind.COUPLE
    given: dict[str, Any] = {"contact": make_contact(), "others": (contact,)} if is_couple else {"contact": contact}
    with pytest.raises(PleaseCall):
        book(office, at(10), **given)
    with pytest.raises(PleaseCall):
        wait(office, contact=contact)
    assert db.session.scalars(select(WaitlistEntry)).all() == []
