""" "I will come", on the client's own page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.audit_words import Actor, Via
from telehealth.domain.words import Approval
from telehealth.models import Appointment, AppointmentEvent, Attendee
from tests.factories import Office, book, cancel, make_office, move
from tests.fakes import FakeClock
from tests.moments import at
from tests.web.staff import TOKEN, words_of

CONFIRMED = "Thank you, we know that you will come."


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


def link_to(addresses: Addresses, found: Appointment) -> str:
    return f"/m/{addresses.token(LinkPurpose.MANAGE, found.attendees[0])}"


def token_on(client: FlaskClient, link: str) -> str:
    """What proves that a form came from a page of ours."""
    found = TOKEN.search(client.get(link).text)
    assert found is not None
    return found[1]


def press(client: FlaskClient, link: str) -> str:
    token = token_on(client, link)
    return words_of(client.post(f"{link}/confirm", data={"csrf_token": token}, follow_redirects=True))


def seats() -> list[Attendee]:
    return list(db.session.scalars(select(Attendee)))


def test_one_press_confirms(client: FlaskClient, office: Office, addresses: Addresses) -> None:
    link = link_to(addresses, book(office))
    assert CONFIRMED not in words_of(client.get(link))
    words = press(client, link)
    assert CONFIRMED in words
    assert "I will come" not in words
    event = db.session.scalars(select(AppointmentEvent).where(AppointmentEvent.action == "confirmed")).one()
    assert (event.actor, event.via) == (Actor.CLIENT, Via.LINK)


def test_a_page_that_stood_open_confirms_once(client: FlaskClient, office: Office, addresses: Addresses) -> None:
    link = link_to(addresses, book(office))
    token = token_on(client, link)
    for _ in range(2):
        client.post(f"{link}/confirm", data={"csrf_token": token})
    assert len(db.session.scalars(select(AppointmentEvent).where(AppointmentEvent.action == "confirmed")).all()) == 1


def test_after_a_move_it_is_asked_again(client: FlaskClient, office: Office, addresses: Addresses) -> None:
    found = book(office)
    link = link_to(addresses, found)
    press(client, link)
    move(found, at(14))
    assert "I will come" in words_of(client.get(link))


def test_what_is_cancelled_meanwhile_says_so(client: FlaskClient, office: Office, addresses: Addresses) -> None:
    found = book(office)
    link = link_to(addresses, found)
    token = token_on(client, link)
    cancel(found)
    answer = client.post(f"{link}/confirm", data={"csrf_token": token}, follow_redirects=True)
    assert "This appointment is cancelled" in words_of(answer)
    assert seats()[0].confirmed_at is None


def test_what_has_begun_cannot_be_confirmed(
    client: FlaskClient, office: Office, addresses: Addresses, clock: FakeClock
) -> None:
    link = link_to(addresses, book(office))
    token = token_on(client, link)
    clock.advance(timedelta(hours=25, minutes=5))
    words = words_of(client.post(f"{link}/confirm", data={"csrf_token": token}, follow_redirects=True))
    assert "has begun" in words
    assert seats()[0].confirmed_at is None


def test_a_request_has_no_such_button(client: FlaskClient, addresses: Addresses) -> None:
    found = book(make_office(service={"approval": Approval.ALWAYS, "approval_minutes": 600}))
    assert "I will come" not in words_of(client.get(link_to(addresses, found)))


def test_a_link_that_was_made_up_opens_nothing(client: FlaskClient, office: Office, addresses: Addresses) -> None:
    token = token_on(client, link_to(addresses, book(office)))
    assert client.post("/m/abc.def/confirm", data={"csrf_token": token}).status_code == 404
