"""Help in a crisis around a video appointment: one tap away on every page, by the place where the client is."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.links import Signed
from telehealth.models import Appointment
from tests.factories import Office, book, make_contact, make_office
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import words_of
from tests.web.visitor import form_of

PAGES = ("", "/before", "/call", "/room")
JANE = make_contact(name="Jane Doe", email="jane@example.com")
ABROAD = {"state": "abroad", "place": "12 Rue Monge, 75005 Paris, France", "phone": "303 555 0188"}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def appointment(office: Office, clock: FakeClock) -> Appointment:
    booked = book(office, at(10), contact=JANE, now=NOW)
    clock.instant = at(9, 50)
    return booked


@pytest.fixture
def join(appointment: Appointment, addresses: Addresses) -> str:
    return link_of(addresses, appointment)


def link_of(addresses: Addresses, appointment: Appointment) -> str:
    return f"/j/{addresses.token(LinkPurpose.JOIN, Signed(appointment.attendees[0].public_id))}"


def say(client: FlaskClient, join: str, **typed: str) -> None:
    fields = form_of(client.get(f"{join}/before?again=yes")).fields
    assert client.post(f"{join}/before", data={**fields, **typed}).status_code == 303


@pytest.mark.parametrize("page", PAGES)
def test_in_the_united_states(client: FlaskClient, join: str, page: str) -> None:
    shown = client.get(f"{join}{page}")
    for link in ('href="tel:911"', 'href="tel:988"', 'href="sms:988"', 'href="sms:741741?&amp;body=HOME"'):
        assert link in shown.text
    words = words_of(shown)
    assert "Crisis help" in words
    assert "Outside the United States, call your local emergency number." in words
    say(client, join, state="UT", place="A motel in Moab", phone="303 555 0188")
    assert "Outside the United States, call" not in words_of(client.get(f"{join}{page}"))


@pytest.mark.parametrize("page", PAGES)
def test_where_they_say_they_are_abroad(client: FlaskClient, join: str, page: str) -> None:
    say(client, join, **ABROAD)
    shown = client.get(f"{join}{page}")
    assert 'href="tel:112"' in shown.text
    assert "In immediate danger in France:" in words_of(shown)
    # What answers nobody there stands nowhere on the page, its end included.
    for link in ("tel:911", "tel:988", "sms:988", "741741"):
        assert link not in shown.text


def test_where_nobody_knows_the_number_that_is_said(client: FlaskClient, join: str) -> None:
    say(client, join, **{**ABROAD, "place": "A boat"})
    shown = client.get(f"{join}/room")
    assert "We do not know the emergency number of the place where you are." in words_of(shown)
    assert "tel:911" not in shown.text


def test_a_place_of_another_day_counts_no_more(
    client: FlaskClient, join: str, office: Office, clock: FakeClock, addresses: Addresses
) -> None:
    say(client, join, **ABROAD)
    later = link_of(addresses, book(office, at(10, days=7), contact=JANE))
    clock.instant = at(9, 50, days=7)
    assert 'href="tel:911"' in client.get(later).text


def test_in_spanish(client: FlaskClient, join: str, appointment: Appointment) -> None:
    change(appointment.attendees[0].client, locale="es")
    shown = client.get(f"{join}/room")
    assert 'href="sms:988?&amp;body=AYUDA"' in shown.text
    assert 'href="sms:741741?&amp;body=HOLA"' in shown.text
    assert "Ayuda en crisis" in words_of(shown)
    say(client, join, **{**ABROAD, "place": "Londres, Reino Unido"})
    assert "Si hay peligro inmediato en Reino Unido:" in words_of(client.get(f"{join}/room"))


@pytest.mark.parametrize("page", PAGES)
def test_the_practices_own_number(client: FlaskClient, join: str, office: Office, page: str) -> None:
    assert "Our own number" not in words_of(client.get(f"{join}{page}"))
    change(office.practice, crisis_phone="+13035550142", crisis_about="A counsellor, <b>always</b>")
    shown = client.get(f"{join}{page}")
    assert 'href="tel:+13035550142"' in shown.text
    assert "Call (303) 555-0142" in words_of(shown)
    assert "<b>always" not in shown.text
