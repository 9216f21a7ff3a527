"""Two records of one client become one, and two again; nothing is lost, doubled, or said to the wrong person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.client_facts import Booking, ClientFacts
from telehealth.domain.client_merging import FIELDS, Side
from telehealth.domain.contact import Contact
from telehealth.domain.errors import CannotMerge, InvalidInput, NotAllowed, NotFound, SlotTaken
from telehealth.domain.message_words import Channel, ConsentSource, MessageKind, Purpose
from telehealth.domain.words import TelehealthAnswer, TelehealthWay
from telehealth.models import (
    Attendee,
    Client,
    ClientMerge,
    Consent,
    Message,
    MessageRule,
    Occupancy,
    PracticeEvent,
)
from telehealth.models.client_keys import CLIENT_KEYS, WhenMerged
from telehealth.queries.consent.opt_outs import find_client_by_link, latest_consents
from telehealth.queries.inbox.inbound_texts import list_clients_with_number
from telehealth.queries.practice.clients import find_client, search_clients
from telehealth.queries.practice.doubles import count_what_moves, find_doubles, list_doubles, list_merges
from telehealth.services.consent.consents import say_consent
from telehealth.services.consent.contact_preferences import ContactPreferences, change_contact_preferences
from telehealth.services.consent.merging import merge_clients, undo_merge
from telehealth.services.consent.telehealth import Noted, note_telehealth
from telehealth.services.inbox.receiving import receive_text
from telehealth.services.practice.client_records import change_client_facts
from telehealth.services.practice.upkeep import forget_merged_values
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    make_client,
    make_companion,
    make_contact,
    make_couple_office,
    make_office,
    make_practice,
    make_rule,
    make_series,
    make_service,
    make_therapist,
    wait,
)
from tests.factories.rows import change
from tests.moments import NOW, at

ANA, DOUBLE = "Ana Rivera", "Ana Rivera-Lopez"
SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(hours=30)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def ana() -> Contact:
    return make_contact(name=ANA, email="ana@example.com", phone="+13035550101")


@pytest.fixture
def double() -> Contact:
    return make_contact(name=DOUBLE, email="ana@work.example", phone="+13035550102")


def client_of(office: Office, contact: Contact) -> Client:
    found = select(Client).where(Client.practice_id == office.practice.id, Client.match_key == contact.match_key)
    return db.session.scalars(found.execution_options(populate_existing=True)).one()


def merge(kept: Client, other: Client, *, now: Any = SOON, **sides: Side) -> ClientMerge:
    return merge_clients(
        practice_id=kept.practice_id,
        kept_public_id=kept.public_id,
        other_public_id=other.public_id,
        sides=sides,
        by=BY_STAFF,
        now=now,
    )


def undo(done: ClientMerge, *, now: Any = SOON) -> ClientMerge:
    return undo_merge(practice_id=done.practice_id, merge_public_id=done.public_id, by=BY_STAFF, now=now)


def rows_of(client: Client) -> dict[str, set[int]]:
    """Everything that names a client, by table."""
    return {
        key.name: set(db.session.scalars(select(key.model.id).where(key.column == client.id)))
        for key in CLIENT_KEYS
        if key.when_merged != WhenMerged.STAYS
    }


def time_of(client: Client) -> set[tuple[int | None, int | None]]:
    theirs = select(Occupancy.appointment_id, Occupancy.occurrence_id).where(
        Occupancy.resource_id == client.resource_id, Occupancy.ends_at > NOW
    )
    return {(row.appointment_id, row.occurrence_id) for row in db.session.execute(theirs)}


def say(client: Client, *, is_given: bool, **given: Any) -> None:
    about = {"channel": Channel.TEXT, "purpose": Purpose.APPOINTMENTS, "source": ConsentSource.PHONE, **given}
    say_consent(
        practice_id=client.practice_id, client_public_id=client.public_id, is_given=is_given, by=BY_STAFF,
        now=NOW, wording="As they said it.", **about,
    )  # fmt: skip


def fill(office: Office, contact: Contact, addresses: Addresses) -> Client:
    """One of everything that can name a client."""
    book(office, at(10), contact=contact)
    make_series(office, contacts=[contact], local_time=time(15))
    entry = wait(office, contact=contact, service=make_service(office.practice).public_id)
    text = {"recipient": "+13035550000", "body": "Is there parking?", "addresses": addresses}
    receive_text(provider_id="SM1", sender=contact.phone or "", now=NOW, **text)
    client = db.session.get_one(Client, entry.client_id)
    change(make_rule(office.practice, kind=MessageKind.REMINDER), client_id=client.id)
    make_companion(client)
    said = Noted(TelehealthAnswer.AGREED, TelehealthWay.PAPER, contact.name, NOW)
    note_telehealth(practice_id=client.practice_id, client_public_id=client.public_id, noted=said, by=BY_STAFF, now=NOW)
    return client


def test_all_of_it_moves_and_goes_back(office: Office, ana: Contact, double: Contact, addresses: Addresses) -> None:
    other = fill(office, double, addresses)
    book(office, at(12), contact=ana)
    kept = client_of(office, ana)
    before, time_before = (rows_of(kept), rows_of(other)), (time_of(kept), time_of(other))
    assert all(before[1][name] for name in before[1] if name != "client")
    counts = count_what_moves(kept, other)
    done = merge(kept, other)
    assert counts == {name: len(ids) for name, ids in done.moved.items() if ids}
    assert rows_of(kept) == {
        name: ids | before[1][name] | ({other.id} if name == "client" else set()) for name, ids in before[0].items()
    }
    assert not any(rows_of(other).values())
    assert (time_of(kept), time_of(other)) == (time_before[0] | time_before[1], set())
    undo(done)
    assert (rows_of(kept), rows_of(other)) == before
    assert (time_of(kept), time_of(other)) == time_before


def test_the_database_still_refuses_two_things_at_once(office: Office, ana: Contact, double: Contact) -> None:
    book(office, at(10), contact=double)
    kept = make_client(office.practice, name=ana.name, email=ana.email)
    merge(kept, client_of(office, double))
    with pytest.raises(SlotTaken):
        book(make_second(office), at(10), contact=ana)


def test_old_names_addresses_and_links_lead_on(office: Office, ana: Contact, double: Contact) -> None:
    book(office, at(10), contact=double)
    other, kept = client_of(office, double), make_client(office.practice, name=ana.name, email=ana.email)
    merge(kept, other, name=Side.KEPT, email=Side.KEPT, phone=Side.KEPT)
    assert find_client(office.practice.id, other.public_id).id == kept.id
    assert find_client_by_link(other)[0].id == kept.id
    assert [each.id for each in search_clients(office.practice.id)] == [kept.id]
    assert [each.id for each in search_clients(office.practice.id, "lopez")] == [kept.id]
    assert [each.id for each in list_clients_with_number(office.practice.id, double.phone or "")] == [kept.id]
    again = book(office, at(14), contact=double)
    assert again.attendees[0].client_id == kept.id
    facts = ClientFacts(pronouns="she/her")
    given = {"practice_id": office.practice.id, "facts": facts, "by": BY_STAFF, "now": NOW}
    assert change_client_facts(client_public_id=other.public_id, **given).id == kept.id


def test_what_came_after_stays_and_what_was_put_right_since(office: Office, ana: Contact, double: Contact) -> None:
    first = book(office, at(10), contact=double)
    kept, other = make_client(office.practice, name=ana.name, email=ana.email), client_of(office, double)
    change(other, pronouns="she/her", tags=["school"])
    done = merge(kept, other, name=Side.OTHER)
    assert (kept.name, kept.pronouns, kept.tags) == (DOUBLE, "she/her", ["school"])
    after = book(office, at(14), contact=double)
    change(kept, pronouns="they/them")
    undo(done)
    seats = dict(db.session.execute(select(Attendee.appointment_id, Attendee.client_id)).all())  # type: ignore[arg-type]
    assert seats == {first.id: other.id, after.id: kept.id}
    assert (kept.name, kept.pronouns, kept.tags) == (ANA, "they/them", [])
    assert search_clients(office.practice.id, DOUBLE)[0].id == other.id


def test_it_can_be_undone_for_a_day_and_once(office: Office, ana: Contact, double: Contact) -> None:
    kept, other = (make_client(office.practice, name=each.name, email=each.email) for each in (ana, double))
    done = merge(kept, other, now=NOW)
    assert [each.id for each in list_merges(kept, now=NOW)] == [done.id]
    assert list_merges(kept, now=LATER) == []
    with pytest.raises(CannotMerge, match="more than a day ago"):
        undo(done, now=NOW + timedelta(days=1))
    undo(done, now=NOW + timedelta(hours=23))
    with pytest.raises(CannotMerge, match="undone already"):
        undo(done)
    done = merge(kept, other, now=NOW)
    emptied = [forget_merged_values(now=each) for each in (SOON, LATER, LATER)]
    assert emptied == [0, 2, 0]  # The one that was undone, too.
    assert (done.before, done.after) == ({}, {})
    with pytest.raises(CannotMerge, match="are one client"):
        merge(kept, other)


@pytest.mark.parametrize("refused_by", [ANA, DOUBLE])
@pytest.mark.parametrize("is_no_first", [True, False])
def test_the_stricter_holds_of_what_they_agreed_to(
    office: Office, ana: Contact, double: Contact, refused_by: str, is_no_first: bool
) -> None:
    kept, other = (make_client(office.practice, name=each.name, email=each.email) for each in (ana, double))
    pair = sorted((kept, other), key=lambda each: (each.name == refused_by) != is_no_first)
    for each in pair:
        say(each, is_given=each.name != refused_by)
    theirs = Channel.TEXT, Purpose.APPOINTMENTS
    before = {each.id: latest_consents([each.id])[each.id, *theirs].is_given for each in pair}
    done = merge(kept, other)
    assert not latest_consents([kept.id])[kept.id, *theirs].is_given
    undo(done)
    assert {each.id: latest_consents([each.id])[each.id, *theirs].is_given for each in pair} == before


def test_what_they_say_after_it_holds_also_when_it_is_undone(office: Office, ana: Contact, double: Contact) -> None:
    kept, other = (make_client(office.practice, name=each.name, email=each.email) for each in (ana, double))
    say(other, is_given=False)
    say(kept, is_given=True)
    done = merge(kept, other)
    say(kept, is_given=True, source=ConsentSource.LETTER)
    undo(done)
    last = latest_consents([kept.id])[kept.id, Channel.TEXT, Purpose.APPOINTMENTS]
    assert (last.is_given, last.source) == (True, ConsentSource.LETTER)
    assert db.session.scalar(select(func.count()).select_from(Consent)) == 4


def test_where_a_safe_number_holds_now_what_went_elsewhere_opens_nothing(
    office: Office, ana: Contact, double: Contact
) -> None:
    appointment = book(office, at(10, days=3), contact=ana)
    kept, other = client_of(office, ana), make_client(office.practice, name=double.name, email=double.email)
    preferences = ContactPreferences("en", safe_email="safe@example.com")
    change_contact_preferences(
        practice_id=office.practice.id, client_public_id=other.public_id, wish=preferences, by=BY_STAFF, now=NOW
    )
    merge(kept, other)
    seat = db.session.get_one(Attendee, appointment.attendees[0].id, populate_existing=True)
    assert (kept.safe_email, seat.links_version) == ("safe@example.com", 1)


def test_nobody_is_told_otherwise(office: Office, ana: Contact, double: Contact) -> None:
    book(office, at(10, days=3), contact=double)
    kept, other = make_client(office.practice, name=ana.name, email=ana.email), client_of(office, double)
    count = select(func.count()).select_from(Message)
    before = db.session.scalar(count)
    undo(merge(kept, other))
    assert db.session.scalar(count) == before


def test_a_client_gets_reminders_by_one_set_of_rules(office: Office, ana: Contact, double: Contact) -> None:
    kept, other = (make_client(office.practice, name=each.name, email=each.email) for each in (ana, double))
    for each, minutes in ((kept, 60), (other, 120)):
        change(make_rule(office.practice, minutes, kind=MessageKind.REMINDER), client_id=each.id)
    merge(kept, other)
    assert db.session.scalars(select(MessageRule.minutes).where(MessageRule.client_id == kept.id)).all() == [60]


def test_a_couple_is_two_people(ana: Contact, double: Contact, client: FlaskClient) -> None:
    office = make_couple_office()
    book(office, at(10), contact=ana, others=(double,))
    kept, other = client_of(office, ana), client_of(office, double)
    with pytest.raises(CannotMerge, match="Both come to the same appointment on Tue, Nov 24 at 10:00 AM MST"):
        merge(kept, other)
    assert other.merged_into_id is None


def test_two_things_at_one_time_stay_two(office: Office, ana: Contact, double: Contact) -> None:
    book(office, at(10), contact=ana)
    book(make_second(office), at(10), contact=double)
    kept, other = client_of(office, ana), client_of(office, double)
    with pytest.raises(CannotMerge, match="something at the same time on Tue, Nov 24 at 10:00 AM MST"):
        merge(kept, other)
    merge(kept, other, now=at(12))  # It is over: whoever was in two places was written down so.


def test_two_waits_for_one_service_stay_two(office: Office, ana: Contact, double: Contact) -> None:
    wait(office, contact=ana)
    wait(office, contact=double)
    with pytest.raises(CannotMerge, match=f"Both wait for {office.service.name}"):
        merge(client_of(office, ana), client_of(office, double))


def test_who_may_not(office: Office, ana: Contact, double: Contact) -> None:
    kept, other = (make_client(office.practice, name=each.name, email=each.email) for each in (ana, double))
    about = {"practice_id": office.practice.id, "sides": {}, "now": NOW, "kept_public_id": kept.public_id}
    with pytest.raises(NotAllowed):
        merge_clients(**about, other_public_id=other.public_id, by=BY_CLIENT)
    elsewhere = make_client(make_practice())
    with pytest.raises(NotFound):
        merge_clients(**about, other_public_id=elsewhere.public_id, by=BY_STAFF)
    with pytest.raises(InvalidInput):
        merge(kept, other, name=Side.BOTH)
    with pytest.raises(CannotMerge, match="one client already"):
        merge(kept, kept)


def test_it_is_written_down(office: Office, ana: Contact, double: Contact) -> None:
    kept, other = (make_client(office.practice, name=each.name, email=each.email) for each in (ana, double))
    undo(merge(kept, other, email=Side.OTHER))
    lines = db.session.scalars(select(PracticeEvent).order_by(PracticeEvent.id)).all()
    assert [(each.action, each.subject_public_id) for each in lines] == [
        (AuditAction.MERGED, kept.public_id),
        (AuditAction.PARTED, kept.public_id),
    ]
    assert lines[0].details["after"]["email"] == double.email
    assert lines[0].details["other_record"] == other.public_id


def test_one_merged_twice_leads_to_the_last_and_is_parted_the_other_way_round(
    office: Office, ana: Contact, double: Contact
) -> None:
    third = make_contact(name="A. Rivera", email="a@example.com")
    one, two, three = (make_client(office.practice, name=each.name, email=each.email) for each in (ana, double, third))
    first, second = merge(two, one), merge(three, two)
    assert find_client(office.practice.id, one.public_id).id == three.id
    with pytest.raises(CannotMerge, match="undo that first"):
        undo(first)
    undo(second)
    assert find_client(office.practice.id, one.public_id).id == two.id
    undo(first)
    assert find_client(office.practice.id, one.public_id).id == one.id


def test_usually_the_known_and_the_newer_is_kept(office: Office, ana: Contact, double: Contact) -> None:
    book(office, at(10), contact=double)  # A stranger typed it.
    kept, other = make_client(office.practice, name=ana.name, email=ana.email), client_of(office, double)
    facts = {"born_on": date(1990, 5, 12), "may_book": Booking.BY_PHONE, "tags": ["School"], "desk_note": "Stairs."}
    change(other, **facts)
    change(kept, pronouns="she/her", tags=["school"], desk_note="Calls back.")
    change(other, pronouns="they/them", created_at=NOW + timedelta(minutes=1))
    merge(kept, other)
    assert (kept.name, kept.email) == (ANA, ana.email)
    assert (kept.born_on, kept.pronouns, kept.may_book) == (date(1990, 5, 12), "they/them", Booking.BY_PHONE)
    assert (kept.tags, kept.desk_note) == (["school"], "Calls back.\nStairs.")
    assert kept.known_at == NOW


def test_who_may_be_the_same_is_found(office: Office) -> None:
    about = office.practice
    one = make_client(about, name="José García", email="jose@example.com", phone="+13035550111")
    two = make_client(about, name="Jose Garcia", email="JOSE@example.com", phone="+13035550112")
    three = make_client(about, name="Ben Ito", email="ben@example.com", phone="+13035550111")
    make_client(about, name="Cleo Abara", email="cleo@example.com", phone="+13035550113")
    make_client(make_practice(), name="José García", email="jose@example.com", phone="+13035550111")
    for each in (one, two):
        change(each, born_on=date(1990, 5, 12))
    assert [(each.second.id, [*each.why]) for each in find_doubles(one)] == [
        (two.id, ["name_and_birth", "email"]),
        (three.id, ["phone"]),
    ]
    assert [(each.first.id, each.second.id) for each in list_doubles(about.id)] == [
        (one.id, two.id),
        (one.id, three.id),
    ]
    merge(one, two)
    assert [each.second.id for each in list_doubles(about.id)] == [three.id]


def test_every_field_is_chosen(office: Office, ana: Contact, double: Contact) -> None:
    kept, other = (make_client(office.practice, name=each.name, email=each.email) for each in (ana, double))
    change(other, timezone="America/New_York", locale="es", code_name="AR", safe_phone="+13035550199",
           emergency_contact="Ben", contact_note="Evenings", safe_email="s@example.com")  # fmt: skip
    expected = {name: getattr(other, name) for name in FIELDS}
    merge(kept, other, **dict.fromkeys(FIELDS, Side.OTHER))
    assert {name: getattr(kept, name) for name in FIELDS} == expected


def make_second(office: Office) -> Office:
    """A colleague of the same practice, with the same service."""
    return replace(office, therapist=make_therapist(office.practice, office.service, location=office.location))
