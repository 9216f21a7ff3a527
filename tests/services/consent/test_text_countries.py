"""Texts that would cost: refused once below the doors, and told kindly by them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.audit_words import Actor
from telehealth.domain.errors import InvalidInput
from telehealth.domain.message_words import Channel, MessageStatus, Reason
from telehealth.models import Attendee, Message, Practice
from telehealth.services.audit import ActedBy
from telehealth.services.consent.consents import set_texts
from telehealth.services.consent.number_proving import MOST_OF_NETWORK
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.practice.practice_settings import set_text_countries
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, cancel, make_contact, make_office
from tests.moments import NOW, at
from tests.web.staff import as_owner, words_of
from tests.web.visitor import TYPED, Visitor, problem_of

ABROAD, COSTLY = ["+252612345678", "+2348031234567", "+18765550123"], ["+881612345678", "+19005550123"]
VISITOR = ActedBy(Actor.CLIENT, remote_address="2001:db8:1:2::7")


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(practice={"grace_minutes": 0})


def texts_planned(database: Session) -> int:
    return len(database.scalars(select(Message.id).where(Message.channel == Channel.TEXT)).all())


@pytest.mark.parametrize("phone", [*ABROAD, *COSTLY])
def test_a_booking_with_such_a_number_is_e_mailed(office: Office, database: Session, phone: str) -> None:
    made = book(office, at(10), contact=make_contact(phone=phone))
    assert texts_planned(database) == 0
    assert made.attendees[0].phone == phone, "nothing that was typed is lost"
    channels = database.scalars(select(Message.channel).where(Message.attendee_id == made.attendees[0].id)).all()
    assert set(channels) == {Channel.EMAIL}


def test_a_number_from_before_goes_by_e_mail_at_the_moment_of_sending(
    office: Office, database: Session, addresses: Any
) -> None:
    made = book(office, at(10))
    database.get_one(Attendee, made.attendees[0].id).phone = COSTLY[0]
    database.commit()
    claim_messages(worker="w", addresses=addresses, limit=50, now=NOW)
    database.expire_all()
    text = database.scalars(
        select(Message).where(Message.channel == Channel.TEXT, Message.status == MessageStatus.VOID)
    ).first()
    assert text is not None
    assert text.reason == Reason.TEXT_COSTLY


def test_a_practice_chooses_its_countries(office: Office, database: Session) -> None:
    given = {"practice_id": office.practice.id, "by": BY_STAFF, "now": NOW}
    assert set_text_countries(**given, countries=["us", "JM"]) == ["JM", "US"]
    book(office, at(10), contact=make_contact(phone=ABROAD[2]))
    assert texts_planned(database) > 0
    with pytest.raises(InvalidInput, match="marked"):
        set_text_countries(**given, countries=["Jamaica"])


def test_the_clients_own_page_says_why_not(office: Office) -> None:
    made = book(office, at(10), contact=make_contact(wants_texts=False))
    with pytest.raises(InvalidInput) as refused:
        set_texts(link=made.attendees[0], phone=ABROAD[0], wants=True, by=BY_CLIENT, now=NOW)
    assert "We can text numbers in the United States only" in refused.value.fields["phone"]


def test_the_form_says_it_and_goes_on(client: FlaskClient, office: Office, database: Session) -> None:
    visitor = Visitor(client, office)
    review = visitor.review(**{**TYPED, "phone": ABROAD[0]}, wants_texts="y")
    assert "We can text numbers in the United States only, so we will e-mail you instead" in words_of(review)
    assert problem_of(review) == ""
    assert visitor.send(review, "Confirm appointment").status_code == 303
    assert texts_planned(database) == 0


def test_an_owner_sets_it_at_the_desk(app: Flask, client: FlaskClient, office: Office, database: Session) -> None:
    owner = as_owner(app, office)
    assert "Empty: only the United States." in owner.read("/desk/settings")
    owner.send("/desk/settings/countries", {"text_countries": "us, ca"})
    database.rollback()
    assert database.scalars(select(Practice.text_countries)).one() == ["CA", "US"]
    refused = owner.post("/desk/settings/countries", {"text_countries": "Europe"})
    assert refused.status_code == 422
    assert "Not known: EUROPE" in words_of(refused)
    assert "Countries that are texted" in owner.read("/desk/changes")


class TestAllowance:
    @staticmethod
    def fill(office: Office, *, by: ActedBy = VISITOR) -> None:
        for number in range(MOST_OF_NETWORK):
            contact = make_contact(phone=f"+130355501{number:02d}", email=f"c{number}@example.com")
            cancel(book(office, at(10), contact=contact, by=by), by=by)

    def test_one_network_asks_for_texts_only_so_often_in_a_day(self, office: Office) -> None:
        """Cancelling and booking again begins nothing anew."""
        self.fill(office)
        neighbour = ActedBy(Actor.CLIENT, remote_address="2001:db8:1:2:ffff::1")
        assert book(office, at(11), by=neighbour).attendees[0].text_consent_at is None
        stranger = ActedBy(Actor.CLIENT, remote_address="2001:db8:1:3::1")
        assert book(office, at(12), by=stranger).attendees[0].text_consent_at is not None

    def test_staff_are_not_counted(self, office: Office) -> None:
        self.fill(office)
        by = ActedBy(Actor.STAFF, remote_address=VISITOR.remote_address)
        assert book(office, at(11), by=by).attendees[0].text_consent_at is not None

    def test_the_next_day_is_another(self, office: Office) -> None:
        self.fill(office)
        later = at(9, days=1)
        assert book(office, at(11, days=3), by=VISITOR, now=later).attendees[0].text_consent_at is not None
