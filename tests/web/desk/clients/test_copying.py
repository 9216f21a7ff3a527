"""Everything about one client as a file: all of it, nothing of anybody else, and notes only when somebody says so."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.client_copies import CopySection, write_client_copy
from telehealth.domain.client_merging import Side
from telehealth.domain.message_words import MessageStatus
from telehealth.models import Client, Message, PracticeEvent
from telehealth.services.consent.merging import merge_clients, undo_merge
from telehealth.services.inbox.receiving import receive_text
from tests.factories import (
    BY_STAFF,
    Office,
    book,
    make_client,
    make_companion,
    make_contact,
    make_couple_office,
    make_series,
    make_service,
    wait,
)
from tests.factories.rows import change
from tests.moments import DENVER, NOW, at
from tests.web.staff import Staff, as_front_desk, as_therapist

PHONE = "+13035550147"
SECRET_NOTE, REASON = "Owes us a form.", "Snow in the pass"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_couple_office()


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


@pytest.fixture
def ana(office: Office, addresses: Addresses) -> Client:
    """Somebody with a bit of everything, and a partner of whom nothing is told."""
    contact = make_contact(name="Ana <b>Rivera", email="ana@example.com", phone=PHONE)
    partner = make_contact(name="Secret Partner", email="partner@example.com", phone="+13035550148")
    made = book(office, at(10), contact=contact, others=(partner,))
    make_series(office, contacts=[contact, partner])
    wait(office, contact=contact, service=make_service(office.practice).public_id)
    text = {"recipient": "+13035550000", "body": "Is there parking?", "addresses": addresses}
    receive_text(provider_id="SM1", sender=PHONE, now=NOW, **text)
    for seat in made.attendees:
        message = db.session.scalars(select(Message).where(Message.attendee_id == seat.id).limit(1)).one()
        change(message, status=MessageStatus.SENT, body=f"Words for {seat.name}", sent_to=seat.email, sent_at=NOW)
        change(seat, cancel_reason=REASON)
    ana = db.session.get_one(Client, made.attendees[0].client_id)
    make_companion(ana, name="Maria Rivera")
    return change(ana, desk_note=SECRET_NOTE, tags=["school"], pronouns="she/her")


def file_of(staff: Staff, client: Client, **typed: str) -> tuple[dict[str, Any], str]:
    answer = staff.post(f"/desk/clients/{client.public_id}/copy", typed)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="client-2026-11-23.zip"'
    assert "no-store" in answer.headers["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        return json.loads(archive.read("everything.json")), archive.read("everything.html").decode()


def test_all_of_it_is_there_and_nothing_of_anybody_else(front_desk: Staff, ana: Client) -> None:
    data, page = file_of(front_desk, ana)
    assert {name for name, rows in data.items() if not rows} == {
        "places", "left_alone", "message_rules", "meetings", "whereabouts", "telehealth_consents",
    }  # fmt: skip
    assert data["details"][0]["pronouns"] == "she/her"
    assert data["appointments"][0]["starts_at"] == "2026-11-24T17:00:00Z"
    assert "Tuesday, November 24, 2026, 10:00 AM MST" in page
    assert "Words for Ana &lt;b&gt;Rivera" in page
    assert "Is there parking?" in page
    for other in ("Secret Partner", "partner@example.com", "5550148", "-0148", " 0148", SECRET_NOTE, REASON, "school"):
        assert other not in page
        assert other not in json.dumps(data)


def test_what_staff_wrote_goes_along_when_the_practice_says_so(front_desk: Staff, ana: Client) -> None:
    data, page = file_of(front_desk, ana, with_notes="y")
    for note in (SECRET_NOTE, REASON, "school"):
        assert note in page
    assert data["changes"]
    assert "Secret Partner" not in json.dumps(data) + page


def test_a_record_that_was_one_with_theirs_for_a_while_is_not_told(
    front_desk: Staff, office: Office, ana: Client
) -> None:
    other = make_client(office.practice, name="Zed Child", email="zed@example.com", phone="+13035550102")
    about = {"practice_id": office.practice.id, "by": BY_STAFF, "now": NOW}
    sides = {"email": Side.OTHER, "phone": Side.OTHER}
    merge = merge_clients(kept_public_id=ana.public_id, other_public_id=other.public_id, sides=sides, **about)
    assert "Zed Child" in str(file_of(front_desk, ana, with_notes="y"))
    undo_merge(merge_public_id=merge.public_id, **about)
    told = str(file_of(front_desk, ana, with_notes="y"))
    assert [each for each in ("Zed", "zed@example.com", "5550102", "303) 555-0102") if each in told] == []


def test_it_is_written_down_and_named_nowhere_else(front_desk: Staff, ana: Client, caplog: Any) -> None:
    file_of(front_desk, ana, with_notes="y")
    line = db.session.scalars(select(PracticeEvent).where(PracticeEvent.action == AuditAction.COPIED)).one()
    assert (line.subject_public_id, line.details) == (ana.public_id, {"with_notes": True})
    assert "Rivera" not in caplog.text


def test_only_the_desk_makes_it(app: Flask, office: Office, ana: Client) -> None:
    staff = as_therapist(app, office)
    path = f"/desk/clients/{ana.public_id}/copy"
    assert (staff.get(path).status_code, staff.post(path).status_code) == (403, 403)


def test_the_page_says_what_it_holds(front_desk: Staff, ana: Client) -> None:
    assert "what they agreed to" in front_desk.read(f"/desk/clients/{ana.public_id}/copy")


def test_it_is_written_in_pieces_however_much_there_is() -> None:
    rows = CopySection("messages", "Messages", lambda: ({"body": f"{number:040}"} for number in range(20_000)))
    sizes = [len(piece) for piece in write_client_copy("All", [rows], zone=DENVER, now=NOW)]
    assert max(sizes) < 100_000 < sum(sizes)
