"""Steps of the schema that fill in what earlier rows of clients did not know."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import func, select

from telehealth.database import db
from telehealth.domain.client_facts import Booking
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.companions import MessagesTo
from telehealth.domain.message_words import Reason
from telehealth.models import Appointment, Client, ClientImport, Companion, Message, Practice, PracticeEvent
from telehealth.queries.practice.clients import search_clients
from telehealth.services.consent.number_proving import send_number_code
from telehealth.services.practice.client_importing import take_client_file
from telehealth.services.waitlist.waiting import offer_freed_times
from tests import databases
from tests.factories import BY_STAFF, book, cancel, make_client, make_companion, make_contact, make_office, wait
from tests.factories.rows import change
from tests.moments import NOW, at


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_whoever_is_there_already_is_found(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"clients_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        practice = make_office().practice
        for name in ("José García", "Sinéad O’Brien"):
            make_client(practice, name=name)
        flask_migrate.downgrade(revision="0036")
        flask_migrate.upgrade()
        db.session.remove()
        found = search_clients(practice.id)
        assert [(each.may_book, each.tags) for each in found] == [(Booking.ONLINE, [])] * 2
        assert [each.name for each in search_clients(practice.id, "obrien 555")] == ["Sinéad O’Brien"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_clients_without_an_address_outlive_their_step(kind: str, tmp_path: Path, worker_id: str) -> None:
    """Older code reads every reason of a message, and does not know that a person tells them."""
    url = databases.new_url(kind, folder=tmp_path, name=f"clients_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office = make_office(practice={"takes_phone_only": True})
        contact = make_contact(name="Ana", email="", wants_texts=False)
        made = book(office, at(10, days=8), contact=contact, by=BY_STAFF).attendees[0]
        ours = select(Message.reason).where(Message.attendee_id == made.id)
        assert db.session.scalars(ours).all() == [Reason.BY_A_PERSON]
        db.session.remove()
        flask_migrate.downgrade(revision="0061")
        flask_migrate.upgrade()
        assert db.session.scalars(ours).all() == [Reason.UNREACHABLE]
        assert [each.email for each in search_clients(office.practice.id)] == [""]
        assert db.session.get_one(Practice, office.practice.id).takes_phone_only is False


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_who_acts_for_clients_comes_and_goes_with_its_audit_lines(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"clients_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        client_id = make_companion(make_client(make_office().practice)).client_id
        db.session.remove()
        flask_migrate.downgrade(revision="0063")
        flask_migrate.upgrade()
        assert db.session.scalars(select(PracticeEvent)).all() == []
        client = db.session.get_one(Client, client_id)
        assert client.companions == []
        make_companion(client)
        assert len(client.companions) == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_files_of_clients_come_and_go_with_their_audit_lines(kind: str, tmp_path: Path, worker_id: str) -> None:
    """Older code reads every audit line, and does not know what these are about."""
    url = databases.new_url(kind, folder=tmp_path, name=f"clients_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        data = b"Name,E-mail\nAna,ana@example.com\n"
        about = {"practice_id": make_office().practice.id, "file_name": "a.csv", "by": BY_STAFF, "now": NOW}
        take_client_file(**about, data=data)
        db.session.remove()
        flask_migrate.downgrade(revision="0048")
        flask_migrate.upgrade()
        assert db.session.scalars(select(PracticeEvent)).all() == []
        take_client_file(**about, data=data)
        assert [each.file_name for each in db.session.scalars(select(ClientImport))] == ["a.csv"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_codes_go_with_their_texts(kind: str, tmp_path: Path, worker_id: str) -> None:
    """Older code cannot read a message that is about a number."""
    url = databases.new_url(kind, folder=tmp_path, name=f"clients_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office = make_office(practice={"books_phone_only": True})
        made = book(office, at(10, days=8), by=BY_STAFF)
        about = {"practice_id": office.practice.id, "phone": "+13035550123", "locale": "en", "by": BY_STAFF, "now": NOW}
        send_number_code(**about, secret="page-of-somebody")
        others = select(func.count()).select_from(Message).where(Message.appointment_id == made.id)
        count = db.session.scalar(others)
        db.session.remove()
        flask_migrate.downgrade(revision="0064")
        flask_migrate.upgrade()
        assert db.session.scalar(others) == count
        assert db.session.scalars(select(Message.id).where(Message.number_code_id.is_not(None))).all() == []
        assert db.session.get_one(Practice, office.practice.id).books_phone_only is False
        send_number_code(**about, secret="page-of-somebody")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_companions_are_sent_goes_with_its_step(kind: str, tmp_path: Path, worker_id: str) -> None:
    """Older code would take it for the client's."""
    url = databases.new_url(kind, folder=tmp_path, name=f"clients_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office, contact = make_office(), make_contact(name="Leo Doe", email="leo@example.com")
        client = make_client(office.practice, name=contact.name, email=contact.email)
        make_companion(client, messages_to=MessagesTo.BOTH)
        book(office, at(10, days=3), contact=contact)
        theirs = select(Message).where(Message.companion_id.is_not(None))
        assert db.session.scalars(theirs).all()
        before = db.session.scalar(select(func.count()).select_from(Message).where(Message.companion_id.is_(None)))
        db.session.remove()
        flask_migrate.downgrade(revision="0066")
        flask_migrate.upgrade()
        assert db.session.scalars(theirs).all() == []
        assert db.session.scalar(select(func.count()).select_from(Message)) == before
        companion = db.session.scalars(select(Companion)).one()
        assert (companion.messages_to, companion.may_change) == (MessagesTo.CLIENT, True)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_offers_to_companions_go_with_their_step(kind: str, tmp_path: Path, worker_id: str) -> None:
    """The older table holds one message about an offer on each channel."""
    url = databases.new_url(kind, folder=tmp_path, name=f"clients_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office, contact = make_office(), make_contact(name="Leo Doe", email="leo@example.com")
        client = make_client(office.practice, name=contact.name, email=contact.email)
        make_companion(client, messages_to=MessagesTo.BOTH)
        wait(office, contact=contact)
        cancel(book(office, at(10)))
        assert offer_freed_times(now=NOW + timedelta(minutes=6)) == 1
        theirs = select(Message).where(Message.offer_id.is_not(None), Message.companion_id.is_not(None))
        assert db.session.scalars(theirs).all()
        own = select(func.count()).select_from(Message).where(Message.companion_id.is_(None))
        before = db.session.scalar(own)
        db.session.remove()
        flask_migrate.downgrade(revision="0079")
        flask_migrate.upgrade()
        assert db.session.scalars(theirs).all() == []
        assert db.session.scalar(own) == before


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_that_nobody_acts_for_a_minor_goes_with_its_step(kind: str, tmp_path: Path, worker_id: str) -> None:
    """Older code reads every obstacle that was set aside, and does not know this one."""
    url = databases.new_url(kind, folder=tmp_path, name=f"clients_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office = make_office(practice={"when_minor": WhenMinor.REQUIRE})
        made = book(office, at(10, days=8), by=BY_STAFF)
        change(made, overrides=["licence", "no_guardian"], override_reason="Agreed.")
        other = book(office, at(12, days=8), by=BY_STAFF)
        ids = made.id, other.id
        db.session.remove()
        flask_migrate.downgrade(revision="0080")
        flask_migrate.upgrade()
        assert [db.session.get_one(Appointment, each).overrides for each in ids] == [["licence"], []]
        assert db.session.scalars(select(Practice.when_minor)).all() == [WhenMinor.TELL]
