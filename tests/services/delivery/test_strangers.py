"""Strangers who booked for somebody: what they are sent, what they may answer, and what stays the client's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.companions import CompanionFacts, MessagesTo, Relationship
from telehealth.domain.contact import TEXT_CONSENT
from telehealth.domain.errors import InvalidInput, NumberNotProved
from telehealth.domain.ports import Gateways
from telehealth.domain.words import ServiceKind
from telehealth.models import Attendee, Client, Companion, Consent
from telehealth.services.consent.suppressions import stop_texts
from telehealth.services.rehearsal.rehearsing import rehearse_practice
from tests.factories import BY_STAFF, Office, book, make_contact, make_office
from tests.factories.rows import change
from tests.fakes import FakeClock, FakeEmails, FakeTexts
from tests.moments import NOW, at
from tests.services.delivery.test_companions import Post, write

MARIAS = "+17205550142"
MARIA = CompanionFacts(
    "Maria Doe",
    Relationship.PARENT,
    email="maria@example.com",
    phone=MARIAS,
    messages_to=MessagesTo.COMPANION,
    wants_texts=True,
)
JACK = make_contact(name="Jack Doe", email="jack@example.com", phone=None, wants_texts=False)


@pytest.fixture
def post(addresses: Addresses, gateways: Gateways, clock: FakeClock, emails: FakeEmails, texts: FakeTexts) -> Post:
    return Post(addresses, gateways, clock, emails, texts)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def seats() -> list[Attendee]:
    db.session.rollback()
    return list(db.session.scalars(select(Attendee).order_by(Attendee.id)))


def test_messages_to_a_stranger_name_nobody_and_tell_no_code_name(office: Office, post: Post) -> None:
    own = book(office, at(9, days=2), contact=JACK, by=BY_STAFF).attendees[0]
    change(own.client, code_name="Blue Heron")
    post.later()
    book(office, at(10, days=3), contact=JACK, booker=MARIA)
    emails, texts = post.later()
    hers = emails["maria@example.com"]
    said = " ".join([hers.letter.subject, *hers.letter.paragraphs, *map(str, hers.letter.facts), *texts[MARIAS]])
    assert "for JD" in texts[MARIAS][0]
    for name in ("Heron", "Maria", "Jack", "B. H."):
        assert name not in said
    assert hers.to_name == ""
    assert "jack@example.com" in emails


def test_what_she_answers_counts_for_what_she_booked_and_for_nothing_else(office: Office, post: Post) -> None:
    book(office, at(9, days=2), contact=JACK, by=BY_STAFF)
    book(office, at(10, days=3), contact=JACK, booker=MARIA)
    post.later()
    write(office, post, "C")
    own, hers = seats()
    assert own.confirmed_at is None
    assert hers.confirmed_at is not None


def test_her_stop_holds_for_what_she_books(office: Office, post: Post) -> None:
    book(office, at(10, days=3), contact=JACK, booker=MARIA)
    post.later()
    stop_texts(phone=MARIAS, now=post.clock())
    book(office, at(10, days=4), contact=JACK, booker=MARIA)
    emails, texts = post.later()
    assert "maria@example.com" in emails
    assert MARIAS not in texts


def test_her_yes_is_hers_alone(office: Office) -> None:
    book(office, at(10, days=3), contact=make_contact(name="Jack Doe", email="jack@example.com"), booker=MARIA)
    maria = db.session.scalars(select(Companion)).one()
    assert maria.text_consent_wording == TEXT_CONSENT.format(sender=office.practice.sender_name)
    assert maria.known_at is None


def test_in_a_group_she_has_to_do_with_his_seat(database: Session, post: Post) -> None:
    office = make_office(service={"kind": ServiceKind.GROUP, "capacity": 3})
    book(office, at(10, days=3), contact=make_contact(name="Lily Moss", email="lily@example.com"))
    book(office, at(10, days=3), contact=JACK, booker=MARIA)
    first, his = seats()
    assert first.appointment_id == his.appointment_id
    assert (first.booked_by_id is None, his.booked_by_id is None) == (True, False)
    emails, _ = post.later()
    assert {"lily@example.com", "maria@example.com"} <= emails.keys()


def test_of_a_couple_she_has_to_do_with_the_first(office: Office) -> None:
    couple = make_office(service={"kind": ServiceKind.COUPLE, "capacity": 2})
    lily = make_contact(name="Lily Moss", email="lily@example.com", phone=None, wants_texts=False)
    book(couple, at(10, days=3), contact=JACK, others=(lily,), booker=MARIA)
    assert [each.booked_by_id is None for each in seats()] == [False, True]


def test_by_phone_only_it_is_her_number_that_is_proved(office: Office) -> None:
    change(office.practice, books_phone_only=True)
    maria = CompanionFacts(
        "Maria Doe", Relationship.PARENT, phone=MARIAS, messages_to=MessagesTo.COMPANION, wants_texts=True
    )
    with pytest.raises(NumberNotProved):
        book(office, at(10, days=3), contact=JACK, booker=maria)
    change(office.practice, books_phone_only=False)
    with pytest.raises(InvalidInput):
        book(office, at(10, days=3), contact=JACK, booker=maria)
    assert seats() == []


def test_what_he_agreed_to_goes_on_when_she_books(office: Office) -> None:
    own = make_contact(name="Jack Doe", email="jack@example.com", phone="+13035550177")
    book(office, at(9, days=2), contact=own)
    by_her = make_contact(name="Jack Doe", email="jack@example.com", phone="+13035550177", wants_texts=False)
    book(office, at(10, days=3), contact=by_her, booker=MARIA)
    assert [each.text_consent_at is not None for each in seats()] == [True, True]
    assert len(db.session.scalars(select(Consent.address).distinct()).all()) == 1


def test_the_language_of_a_client_stays_whatever_she_reads(office: Office) -> None:
    spanish = make_contact(name="Jack Doe", email="jack@example.com", locale="es")
    book(office, at(9, days=2), contact=spanish)
    book(office, at(10, days=3), contact=JACK, booker=MARIA)
    assert db.session.scalars(select(Client.locale)).one() == "es"


def test_a_rehearsal_tells_of_her_too(office: Office, addresses: Addresses) -> None:
    book(office, at(10, days=3), contact=JACK, booker=MARIA)
    until = NOW + timedelta(days=4)
    lines = rehearse_practice(practice_id=office.practice.id, since=NOW, until=until, addresses=addresses, now=NOW)
    assert "Maria Doe" in {each.to for each in lines if each.goes}
