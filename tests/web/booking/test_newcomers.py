"""Therapists who take no new clients, on the pages of whoever books: everybody reads the same."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.domain.appointments.openness import NewClients
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment
from tests.factories import Office, make_client, make_office, make_therapist
from tests.factories.rows import change
from tests.web.staff import words_of
from tests.web.visitor import TYPED, Visitor

TAKES_NONE = "Takes no new clients at the moment."


@pytest.fixture
def office(client: FlaskClient) -> Office:
    made = make_office(practice={"slug": "riverside"}, therapist={"name": "Dana Rivera"})
    change(made.therapist, new_clients=NewClients.NO)
    return made


@pytest.fixture
def visitor(client: FlaskClient, office: Office) -> Visitor:
    return Visitor(client, office)


def times(visitor: Visitor, **given: str) -> Any:
    query = {**visitor.choices, "therapist": visitor.office.therapist.public_id, **given}
    return visitor.browser.get("/riverside/book", query_string=query)


def test_the_page_says_it_and_leads_those_who_have_met_to_a_request(visitor: Visitor, office: Office) -> None:
    page = visitor.browser.get("/riverside")
    assert TAKES_NONE in words_of(page)
    assert "We have met: ask for a time with Dana Rivera" in words_of(page)
    assert f"therapist={office.therapist.public_id}&amp;met=y" in page.text
    change(office.therapist, new_clients=NewClients.LATER, new_clients_from=date(2026, 12, 1))
    words = words_of(visitor.browser.get("/riverside"))
    assert "Takes new clients from December 1, 2026." in words
    assert "Book with Dana Rivera" in words
    change(office.therapist, new_clients=NewClients.LATER, new_clients_from=date(2026, 11, 1))
    assert "new clients" not in words_of(visitor.browser.get("/riverside"))


def test_a_stranger_sees_no_times_and_what_to_do(visitor: Visitor, office: Office) -> None:
    words = words_of(times(visitor))
    assert f"Dana Rivera: {TAKES_NONE}" in words
    assert "If you have met, ask for a time" in words
    assert "No free times" in words
    make_therapist(office.practice, office.service, name="Sam Okafor")
    assert "See who else is free" in words_of(times(visitor))
    listed = words_of(visitor.browser.get("/riverside/book", query_string=visitor.choices))
    assert "Takes no new clients at the moment" in listed


@pytest.mark.parametrize("is_client", [True, False])
def test_who_says_that_they_have_met_sends_a_request(
    visitor: Visitor, office: Office, database: Any, is_client: bool
) -> None:
    if is_client:
        make_client(office.practice, name=TYPED["name"], email=TYPED["email"])
    shown = times(visitor, met="y")
    assert "For clients whom Dana Rivera has met We look at each request first, and answer." in words_of(shown)
    details = visitor.details(therapist=office.therapist.public_id, met="y")
    review = visitor.send(details, "Review", **TYPED)
    assert "We answer first" in words_of(review)
    assert visitor.send(review, "Send my request").status_code == 303
    database.rollback()
    assert database.scalars(select(Appointment.status)).all() == [AppointmentStatus.PENDING]


def test_another_therapist_forgets_what_was_said(visitor: Visitor, office: Office) -> None:
    make_therapist(office.practice, office.service, name="Sam Okafor")
    change(office.therapist, new_clients=NewClients.LATER, new_clients_from=date(2026, 12, 1))
    page = visitor.browser.get("/riverside/book", query_string={**visitor.choices, "therapist": "any", "met": "y"})
    assert "met=y" not in page.text
