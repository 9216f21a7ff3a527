"""Agreeing to meet by video: on the way into the room, and ahead of time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.companions import MessagesTo
from telehealth.domain.consent.telehealth import READY_TEXTS
from telehealth.domain.links import Signed
from telehealth.domain.words import TelehealthAnswer
from telehealth.models import Appointment, PracticeEvent, Task, TelehealthConsent
from telehealth.queries.delivery.client_copies import list_copy_sections
from telehealth.queries.messages.facts import link_to
from telehealth.services.consent.telehealth import set_telehealth_texts
from tests.factories import BY_STAFF, Office, book, make_companion, make_contact, make_office
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import words_of
from tests.web.visitor import problem_of, read

JANE = make_contact(name="Jane Doe", email="jane@example.com")


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(practice={"asks_telehealth_consent": True})


@pytest.fixture
def appointment(office: Office, clock: FakeClock) -> Appointment:
    booked = book(office, at(10), contact=JANE, now=NOW)
    clock.instant = at(9, 50)
    return booked


@pytest.fixture
def join(appointment: Appointment, addresses: Addresses) -> str:
    return f"/j/{addresses.token(LinkPurpose.JOIN, Signed(appointment.attendees[0].public_id))}"


def answer(client: FlaskClient, page: str, **typed: str) -> Any:
    text = client.get(page).text
    mark = text.partition('name="mark" value="')[2].partition('"')[0]
    token = text.partition('name="csrf_token" value="')[2].partition('"')[0]
    return client.post(page, data={"csrf_token": token, "mark": mark, **typed})


def kept() -> list[TelehealthConsent]:
    db.session.rollback()
    return list(db.session.scalars(select(TelehealthConsent).order_by(TelehealthConsent.id)))


def test_it_comes_first_is_asked_once_and_leads_on(client: FlaskClient, join: str) -> None:
    page = f"{join}/consent"
    assert read(client.get(join)).links["Join by video"] == page
    for method in (client.get, client.head):
        assert method(page).status_code == 200
    assert kept() == []
    words = words_of(client.get(page))
    for told in ("What may go wrong", "How private it is", "In an emergency", "Call me instead", "Crisis help"):
        assert told in words
    agreed = answer(client, page, answer="agreed", signature="Jane Doe")
    assert (agreed.status_code, agreed.location) == (303, f"{join}/before")
    (given,) = kept()
    assert (given.answer, given.signature, given.text.version) == (TelehealthAnswer.AGREED, "Jane Doe", 1)
    assert read(client.get(join)).links["Join by video"] == f"{join}/before"
    line = db.session.scalars(select(PracticeEvent).order_by(PracticeEvent.id.desc())).first()
    assert line is not None
    assert (line.via, line.details["after"]["video_consent"]) == ("link", "agreed")
    assert line.remote_address


def test_whoever_has_questions_goes_on_without_an_answer(client: FlaskClient, join: str) -> None:
    page = client.get(f"{join}/consent")
    assert read(page).links["I have questions: go on, and talk about it with my therapist first"] == f"{join}/before"
    assert client.get(f"{join}/room").status_code == 200
    assert kept() == []


def test_without_a_name_nothing_is_kept_and_it_is_said(client: FlaskClient, join: str) -> None:
    refused = answer(client, f"{join}/consent", answer="agreed", signature=" ")
    assert refused.status_code == 422
    assert "Please type your name." in problem_of(refused)
    assert answer(client, f"{join}/consent", answer="agreed", signature="x" * 121).status_code == 422
    assert answer(client, f"{join}/consent", answer="perhaps", signature="Jane").status_code == 200
    assert kept() == []


def test_whoever_would_rather_not_is_called_and_may_change_their_mind(client: FlaskClient, join: str) -> None:
    page = f"{join}/consent"
    said = answer(client, page, answer="declined")
    assert (said.status_code, said.location) == (303, page)
    words = words_of(client.get(page))
    assert "You would rather not meet by video, and we have been told." in words
    assert "(303) 555-0100" in words
    (task,) = db.session.scalars(select(Task)).all()
    assert task.client is not None
    answer(client, page, answer="agreed", signature="Jane Doe")
    assert [each.answer for each in kept()] == [TelehealthAnswer.DECLINED, TelehealthAnswer.AGREED]


def test_a_text_that_changed_meanwhile_is_shown_anew(client: FlaskClient, join: str, office: Office) -> None:
    page = client.get(f"{join}/consent").text
    mark = page.partition('name="mark" value="')[2].partition('"')[0]
    texts = {language: f"{text} <i>More.</i>" for language, text in READY_TEXTS.items()}
    set_telehealth_texts(practice_id=office.practice.id, texts=texts, by=BY_STAFF, now=NOW)
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    typed = {"csrf_token": token, "mark": mark, "answer": "agreed", "signature": "Jane Doe"}
    refused = client.post(f"{join}/consent", data=typed)
    assert refused.status_code == 422
    assert "The text has changed meanwhile" in problem_of(refused)
    assert 'value="Jane Doe"' in refused.text
    assert "&lt;i&gt;More." in refused.text
    assert kept() == []


def test_in_spanish(client: FlaskClient, join: str, appointment: Appointment) -> None:
    change(appointment.attendees[0].client, locale="es")
    page = client.get(f"{join}/consent")
    words = words_of(page)
    for told in ("Antes de verse por video", "Qué puede salir mal", "Acepto verme por video", "Ayuda en crisis"):
        assert told in words
    answer(client, f"{join}/consent", answer="agreed", signature="Jane Doe")
    assert kept()[0].locale == "es"


def test_ahead_of_time_and_taken_back(
    client: FlaskClient, appointment: Appointment, addresses: Addresses, clock: FakeClock
) -> None:
    clock.instant = NOW
    manage = f"/m/{addresses.token(LinkPurpose.MANAGE, Signed(appointment.attendees[0].public_id))}"
    link = read(client.get(manage)).links["Read what video means, and agree ahead of time"]
    answer(client, link, answer="agreed", signature="Jane Doe")
    assert "Version 1, on" in words_of(client.get(link))
    assert "What you agreed to about video" in read(client.get(manage)).links
    answer(client, link, answer="withdrawn")
    assert [each.answer for each in kept()] == [TelehealthAnswer.AGREED, TelehealthAnswer.WITHDRAWN]
    assert len(db.session.scalars(select(Task)).all()) == 1


def test_a_parent_agrees_for_a_child_who_cannot(
    client: FlaskClient, join: str, appointment: Appointment, addresses: Addresses
) -> None:
    seat = appointment.attendees[0]
    parent = make_companion(seat.client, messages_to=MessagesTo.BOTH)
    change(seat.client, born_on=date(2018, 1, 1))
    words = words_of(client.get(f"{join}/consent"))
    assert "Somebody who acts for you has to agree" in words
    assert "I agree to meet by video" not in words
    answer(client, f"{join}/consent", answer="agreed", signature="Jane")
    assert kept() == []
    theirs = f"/j/{addresses.token(LinkPurpose.JOIN, link_to(seat, parent))}"
    answer(client, f"{theirs}/consent", answer="agreed", signature="Maria Doe")
    (given,) = kept()
    assert (given.companion_id, given.client_id) == (parent.id, seat.client_id)


def test_of_whoever_acts_for_somebody_of_age_nothing_is_asked(
    client: FlaskClient, appointment: Appointment, addresses: Addresses
) -> None:
    seat = appointment.attendees[0]
    partner = make_companion(seat.client, messages_to=MessagesTo.BOTH)
    change(seat.client, born_on=date(1990, 1, 1))
    theirs = f"/j/{addresses.token(LinkPurpose.JOIN, link_to(seat, partner))}"
    assert read(client.get(theirs)).links["Join by video"] == f"{theirs}/before"


def test_nothing_is_asked_while_the_room_is_closed_or_by_a_practice_that_does_not(
    client: FlaskClient, join: str, office: Office, clock: FakeClock
) -> None:
    clock.instant = at(9, 30)
    assert client.get(f"{join}/consent").location == join
    clock.instant = at(9, 50)
    change(office.practice, asks_telehealth_consent=False)
    assert client.get(f"{join}/consent").location == join
    assert read(client.get(join)).links["Join by video"] == f"{join}/before"


def test_the_file_that_a_client_gets_holds_the_words_they_answered(
    client: FlaskClient, join: str, appointment: Appointment
) -> None:
    answer(client, f"{join}/consent", answer="agreed", signature="Jane Doe")
    db.session.rollback()
    who = appointment.attendees[0].client
    (section,) = [each for each in list_copy_sections(who, with_notes=False) if each.name == "telehealth_consents"]
    (row,) = section.read()
    assert (row["answer"], row["version"], row["signature"]) == ("agreed", 1, "Jane Doe")
    assert row["text"] == READY_TEXTS["en"]


@pytest.mark.parametrize("token", ["x", "a.b", "AAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA"])
def test_guessed_links_lead_nowhere(client: FlaskClient, office: Office, token: str) -> None:
    for page in (f"/j/{token}/consent", f"/m/{token}/consent"):
        assert client.get(page).status_code == 404
        assert client.post(page, data={"answer": "agreed"}).status_code == 404
