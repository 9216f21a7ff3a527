"""What changes while a message waits in a worker's hands still counts; and what one practice knows stays with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, SuppressionReason
from telehealth.domain.ports import Gateways
from telehealth.models import Appointment, Consent, Message
from telehealth.services.consent.contact_preferences import ContactPreferences, change_contact_preferences
from telehealth.services.consent.suppressions import stop_texts, suppress_address
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.leases import Claimed
from telehealth.services.delivery.sending import deliver_all
from tests.factories import BY_STAFF, Office, book, make_office
from tests.fakes import FakeClock, FakeEmails, FakeTexts
from tests.moments import NOW, at

S = MessageStatus
NUMBER, SAFE, OURS = "+13035550123", "+13035550177", "+13035550111"
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


@pytest.fixture
def booked(office: Office) -> Appointment:
    return book(office, at(12, days=2))


@pytest.fixture
def claim(addresses: Addresses) -> Callable[[], list[Claimed]]:
    return lambda: claim_messages(worker="w", addresses=addresses, limit=50, now=LATER)


@pytest.fixture
def deliver(gateways: Gateways, clock: FakeClock) -> Callable[[list[Claimed]], None]:
    clock.instant = LATER + timedelta(seconds=10)
    return lambda claimed: deliver_all(claimed, gateways=gateways, now=clock)


def confirmation(database: Session, appointment: Appointment) -> Message:
    database.expire_all()
    return database.scalars(
        select(Message).where(
            Message.appointment_id == appointment.id,
            Message.kind == MessageKind.CONFIRMATION,
            Message.channel == Channel.TEXT,
        )
    ).one()


def test_stop(
    booked: Appointment,
    texts: FakeTexts,
    claim: Callable[[], list[Claimed]],
    deliver: Callable[[list[Claimed]], None],
    database: Session,
) -> None:
    claimed = claim()
    stop_texts(phone=NUMBER, now=LATER)
    deliver(claimed)
    assert texts.sent == []
    claim()
    assert confirmation(database, booked).status == S.VOID


def test_a_safe_number(
    office: Office,
    booked: Appointment,
    texts: FakeTexts,
    claim: Callable[[], list[Claimed]],
    deliver: Callable[[list[Claimed]], None],
) -> None:
    claimed = claim()
    client = booked.attendees[0].client.public_id
    wish = ContactPreferences("en", safe_phone=SAFE)
    change_contact_preferences(
        practice_id=office.practice.id, client_public_id=client, wish=wish, by=BY_STAFF, now=LATER
    )
    deliver(claimed)
    assert texts.sent == []
    deliver(claim())
    assert {each.to for each in texts.sent} == {SAFE}


def test_a_therapist_is_told_even_where_clients_are_not_written_to(
    booked: Appointment,
    emails: FakeEmails,
    claim: Callable[[], list[Claimed]],
    deliver: Callable[[list[Claimed]], None],
    database: Session,
) -> None:
    """A claim asks what is left alone for clients only; to ask otherwise here would claim the same for ever."""
    theirs = booked.therapist.email
    suppress_address(
        database,
        practice_id=booked.practice_id,
        channel=Channel.EMAIL,
        address=theirs,
        reason=SuppressionReason.BAD_ADDRESS,
        now=NOW,
    )
    database.commit()
    deliver(claim())
    assert [each.to for each in emails.sent].count(theirs) == 1
    assert claim() == []


def test_an_empty_safe_number_is_none(
    booked: Appointment,
    texts: FakeTexts,
    claim: Callable[[], list[Claimed]],
    deliver: Callable[[list[Claimed]], None],
    database: Session,
) -> None:
    booked.attendees[0].client.safe_phone = ""
    database.commit()
    deliver(claim())
    assert {each.to for each in texts.sent} == {NUMBER}


def test_the_cap_of_one_practice_does_not_count_the_texts_of_another(
    database: Session, claim: Callable[[], list[Claimed]]
) -> None:
    """Nor do its staff learn from the reason that somebody is a client elsewhere."""
    few = {"texts_a_day": 1}
    theirs = book(make_office(practice=few), at(12, days=3))
    sent = confirmation(database, theirs)
    sent.status, sent.sent_to, sent.sent_at = S.SENT, NUMBER, NOW
    database.commit()
    ours = book(make_office(practice=few), at(12, days=2))
    claim()
    assert confirmation(database, ours).status == S.SENDING


def test_a_practice_does_not_read_the_number_of_another_in_its_consents(database: Session) -> None:
    elsewhere, office = make_office(practice={"text_sender": OURS}), make_office()
    book(elsewhere)
    book(office)
    stop_texts(phone=NUMBER, now=NOW)
    said = select(Consent.wording).where(Consent.practice_id == office.practice.id, Consent.is_given.is_(False))
    assert set(database.scalars(said)) == {"STOP, by text"}
