"""Ending e-mails of one kind from the e-mail itself."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import Channel, ConsentSource, Purpose
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Attendee, Consent
from tests.factories import book, make_contact, make_office
from tests.web.staff import words_of
from tests.web.visitor import form_of


@pytest.fixture
def seat(client: FlaskClient) -> Attendee:
    return book(make_office(), contact=make_contact(wants_texts=False)).attendees[0]


@pytest.fixture
def link(seat: Attendee, addresses: Addresses) -> str:
    return addresses.unsubscribe(seat.client, Purpose.OFFERS).removeprefix(addresses.base_url)


def said(database: Any) -> list[tuple[Any, ...]]:
    database.rollback()
    rows = database.scalars(select(Consent).order_by(Consent.id))
    return [(each.channel, each.purpose, each.is_given, each.source) for each in rows]


NO = (Channel.EMAIL, Purpose.OFFERS, False, ConsentSource.LINK)
YES = (Channel.EMAIL, Purpose.OFFERS, True, ConsentSource.LINK)


def test_one_click(client: FlaskClient, link: str, database: Any, seat: Attendee) -> None:
    """A mail provider's program: no cookie, no form, and no redirect (RFC 8058 section 3.1)."""
    answer = client.post(link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert said(database) == [NO]
    assert database.get_one(Attendee, seat.id, populate_existing=True).status == AppointmentStatus.BOOKED


def test_as_multipart(client: FlaskClient, link: str, database: Any) -> None:
    body = '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    assert client.post(link, data=body, content_type="multipart/form-data; boundary=x").status_code == 200
    assert said(database) == [NO]


def test_twice_is_once(client: FlaskClient, link: str, database: Any) -> None:
    for _ in range(2):
        assert client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert said(database) == [NO]


def test_looking_changes_nothing(client: FlaskClient, link: str, database: Any) -> None:
    page = client.get(link)
    assert "You would get no more e-mails from us about times that became free." in words_of(page)
    assert "Nothing is cancelled by this" in words_of(page)
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert said(database) == []


def test_a_person_presses_the_button_and_takes_it_back(client: FlaskClient, link: str, database: Any) -> None:
    assert form_of(client.get(link)).buttons == {"End these e-mails": ("do", "off")}
    answer = client.post(link, data={"do": "off"})
    assert (answer.status_code, answer.location) == (303, link)
    assert "You get no more e-mails from us about times that became free." in words_of(client.get(link))
    client.post(link, data={"do": "on"})
    assert said(database) == [NO, YES]


def test_each_purpose_has_its_own(client: FlaskClient, addresses: Addresses, seat: Attendee, database: Any) -> None:
    url = addresses.unsubscribe(seat.client, Purpose.FOLLOW_UPS).removeprefix(addresses.base_url)
    client.post(url, data={"List-Unsubscribe": "One-Click"})
    assert said(database) == [(Channel.EMAIL, Purpose.FOLLOW_UPS, False, ConsentSource.LINK)]
    assert addresses.unsubscribe(seat.client, Purpose.APPOINTMENTS) == ""


@pytest.mark.parametrize("method", ["get", "post"])
def test_forged(client: FlaskClient, link: str, addresses: Addresses, seat: Attendee, method: str) -> None:
    manage = addresses.manage(seat).rpartition("/")[2]
    for token in ("nonsense", link.rpartition("/")[2][:-1] + "!", manage):
        assert getattr(client, method)(f"/u/{token}").status_code == 404
