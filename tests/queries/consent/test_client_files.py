"""One statement for all that is on file of clients says what the separate questions say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from telehealth.domain.audit_words import Actor
from telehealth.domain.consent.contactability import OptOuts, reached_at
from telehealth.domain.contact import Contact
from telehealth.domain.message_words import Channel, ConsentSource, MessageKind, Purpose, SuppressionReason
from telehealth.models import Client, Suppression
from telehealth.queries.consent.client_files import ClientFiles, find_client_files, read_client_files
from telehealth.queries.consent.opt_outs import find_opt_outs, latest_consents
from telehealth.services.audit import ActedBy
from telehealth.services.consent.consents import record_consent
from tests.factories import Office, book, make_client, make_contact, make_office, make_practice, make_rule
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.statements import listening

TEXT, EMAIL = Channel.TEXT, Channel.EMAIL


@pytest.fixture
def office(database: Session, clock: FakeClock) -> Office:
    return make_office(with_rules=False)


def known(database: Session, office: Office, contact: Contact, **facts: Any) -> Client:
    client = make_client(office.practice, name=contact.name, email=contact.email, locale=contact.locale)
    for name, value in facts.items():
        setattr(client, name, value)
    database.flush()
    return client


def say(session: Session, client: Client, channel: Channel, purpose: Purpose, *, is_given: bool, wording: str) -> None:
    record_consent(
        session,
        practice_id=client.practice_id,
        client_id=client.id,
        channel=channel,
        purpose=purpose,
        is_given=is_given,
        source=ConsentSource.STAFF,
        wording=wording,
        address="+13035550123",
        now=NOW + timedelta(microseconds=123456),
    )


def leave_alone(database: Session, practice_id: int, channel: Channel, address: str, **given: Any) -> None:
    row = {"reason": SuppressionReason.STOP, "since": NOW, **given}
    database.add(Suppression(practice_id=practice_id, channel=channel, address=address, **row))
    database.flush()


def find(database: Session, office: Office, *contacts: Contact, network: str | None = None) -> ClientFiles:
    return find_client_files(
        database, office.practice.id, office.service.id, contacts=contacts, network=network, now=NOW
    )


def asked_apart(office: Office, client: Client, contact: Contact) -> OptOuts:
    addresses = [reached_at(contact, client, channel) or "" for channel in Channel]
    return find_opt_outs(office.practice.id, client_ids=[client.id], addresses=addresses)


def test_one_statement_whoever_is_asked_about(database: Session, office: Office) -> None:
    contacts = [make_contact(), make_contact(name="Another One"), make_contact(name="A Newcomer")]
    clients = [known(database, office, each) for each in contacts[:2]]
    with listening() as statements:
        found = find(database, office, *contacts)
    assert len(statements) == 1
    assert set(found.by_key) == {each.match_key for each in contacts[:2]}
    with listening() as statements:
        read = read_client_files(
            database, office.practice.id, office.service.id, client_ids=[each.id for each in clients], contacts=contacts
        )
    assert len(statements) == 1
    assert read.by_id == found.by_id
    assert [found.by_id[each.id].resource_id for each in clients] == [each.resource_id for each in clients]


def test_what_they_said_last_holds(database: Session, office: Office) -> None:
    contact = make_contact()
    client = known(database, office, contact)
    for is_given in (True, False, True, False):
        say(database, client, TEXT, Purpose.OFFERS, is_given=is_given, wording="“No”, they said")
        say(database, client, EMAIL, Purpose.FOLLOW_UPS, is_given=not is_given, wording="Yes: ñ \\ {}")
    found = find(database, office, contact)
    last = latest_consents([client.id])
    assert found.by_id[client.id].said.keys() == {(channel, purpose) for _, channel, purpose in last}
    for (_, channel, purpose), row in last.items():
        said = found.by_id[client.id].said[channel, purpose]
        assert tuple(said) == (row.is_given, row.address, row.wording, row.at), "to the microsecond"
    assert found.opt_outs.refused == asked_apart(office, client, contact).refused == {(client.id, TEXT, Purpose.OFFERS)}


def test_numbers_and_addresses_that_are_left_alone(database: Session, office: Office) -> None:
    elsewhere = make_practice()
    contact = make_contact(email="Jane@Example.com", phone="+13035550111")
    client = known(database, office, contact, safe_email="Safe@Example.org", safe_phone="+13035550122")
    leave_alone(database, office.practice.id, EMAIL, "safe@example.org", reason=SuppressionReason.BAD_ADDRESS)
    leave_alone(database, office.practice.id, TEXT, "+13035550122", reason=SuppressionReason.PAUSED)
    leave_alone(database, office.practice.id, TEXT, "+13035550122", reason=SuppressionReason.STOP)
    leave_alone(database, office.practice.id, EMAIL, "jane@example.com", ended_at=NOW)
    leave_alone(database, elsewhere.id, TEXT, "+13035550111")
    leave_alone(database, office.practice.id, TEXT, "+13035550199")
    found = find(database, office, contact).opt_outs
    assert found.suppressed == {
        (EMAIL, "safe@example.org"): SuppressionReason.BAD_ADDRESS,
        (TEXT, "+13035550122"): SuppressionReason.STOP,
    }
    assert (found.suppressed, found.countries) == (
        (apart := asked_apart(office, client, contact)).suppressed,
        apart.countries,
    )


def test_a_newcomer_is_found_at_what_they_typed(database: Session, office: Office) -> None:
    leave_alone(database, office.practice.id, TEXT, "+13035550111")
    leave_alone(database, office.practice.id, EMAIL, "jane@example.com")
    found = find(database, office, make_contact(email="JANE@example.com", phone="+13035550111"))
    assert found.by_key == {}
    assert set(found.opt_outs.suppressed) == {(TEXT, "+13035550111"), (EMAIL, "jane@example.com")}


def test_whoever_is_named_most_narrowly_decides(database: Session, office: Office) -> None:
    contact, other = make_contact(), make_contact(name="Another One")
    client, neighbour = known(database, office, contact), known(database, office, other)
    make_rule(office.practice, minutes=60)
    make_rule(office.practice, minutes=120, kind=MessageKind.JOIN_LINK, service_id=office.service.id)
    make_rule(office.practice, minutes=180, client_id=client.id)
    make_rule(make_practice(), minutes=240)
    found = find(database, office, contact, other)

    def reminded(files: Any) -> set[int]:
        return {each.minutes for each in files.rules if each.kind == MessageKind.REMINDER}

    assert reminded(found.by_id[client.id]) == {180}
    assert reminded(found.by_id[neighbour.id]) == reminded(found.for_newcomer) == {60}
    ways_in = {each.minutes for each in found.for_newcomer.rules if each.kind == MessageKind.JOIN_LINK}
    assert ways_in == {120}
    elsewhere = read_client_files(database, office.practice.id, None, client_ids=[client.id], contacts=[contact])
    assert 120 not in {each.minutes for each in elsewhere.by_id[client.id].rules}, "another service's rule"


def test_another_practices_client_has_no_file_here(database: Session, office: Office) -> None:
    stranger = make_client(make_practice())
    found = read_client_files(database, office.practice.id, office.service.id, client_ids=[stranger.id], contacts=[])
    assert found.by_key == {}


def test_what_a_network_asked_for_within_a_day_is_counted(database: Session, office: Office) -> None:
    here, there = "198.51.100.7", "203.0.113.9"
    asked = [(here, NOW), (here, NOW - timedelta(hours=23)), (here, NOW - timedelta(hours=24)), (there, NOW)]
    for hour, (network, asked_at) in zip((9, 11, 13, 15), asked, strict=True):
        by = ActedBy(Actor.CLIENT, remote_address=network)
        book(office, at(hour, days=2), contact=make_contact(), by=by, now=asked_at)
    counted = [find(database, office, make_contact(), network=each).asked_for_texts for each in (here, there, None)]
    assert counted == [2, 1, 0]
