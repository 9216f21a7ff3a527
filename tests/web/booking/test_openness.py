"""Services that are not for everybody, on the pages of whoever books."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.appointments.openness import OpenTo
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Service
from tests.factories import BY_STAFF, Office, book, make_client, make_office, make_service
from tests.moments import at
from tests.web.staff import words_of
from tests.web.visitor import TYPED, Visitor

WORD = "a-word-that-nobody-guesses"
WAITS = "Nothing is booked until the practice has said yes."


@pytest.fixture
def office(client: FlaskClient) -> Office:
    """One service that is on no list, and another that everybody may book."""
    made = make_office(service={"name": "Long talk", "open_to": OpenTo.LINK, "link_word": WORD})
    make_service(made.practice, name="First talk")
    return made


@pytest.fixture
def visitor(client: FlaskClient, office: Office) -> Visitor:
    return Visitor(client, office)


def statuses(database: Any) -> list[AppointmentStatus]:
    database.rollback()
    return list(database.scalars(select(Appointment.status).order_by(Appointment.id)))


def open_to(database: Any, office: Office, whom: OpenTo, word: str | None = None) -> None:
    service = database.get_one(Service, office.service.id)
    service.open_to, service.link_word = whom, word
    database.commit()


@pytest.mark.parametrize("whom", [OpenTo.LINK, OpenTo.STAFF])
def test_what_is_on_no_list_is_on_no_page(visitor: Visitor, office: Office, database: Any, whom: OpenTo) -> None:
    open_to(database, office, whom, WORD if whom == OpenTo.LINK else None)
    for page in (visitor.browser.get(f"/{office.practice.slug}"), visitor.ask(), visitor.times()):
        assert page.status_code == 200
        assert "First talk" in page.text
        assert "Long talk" not in page.text
        assert WORD not in page.text
    form = visitor.browser.get(f"/{office.practice.slug}/wait", query_string=visitor.choices)
    assert "Long talk" not in form.text


def test_whoever_has_the_link_books_it(visitor: Visitor, database: Any) -> None:
    details = visitor.details(service=WORD)
    assert visitor.office.service.public_id not in details.text
    review = visitor.send(details, "Review", **TYPED)
    assert "Long talk" in words_of(review)
    assert visitor.send(review, "Confirm appointment").status_code == 303
    assert statuses(database) == [AppointmentStatus.BOOKED]


def test_whoever_has_it_waits_for_it_too(visitor: Visitor) -> None:
    page = visitor.browser.get(
        f"/{visitor.office.practice.slug}/wait", query_string={**visitor.choices, "service": WORD}
    )
    assert "Long talk" in words_of(page)


def test_a_link_that_was_renewed_meanwhile_books_nothing(visitor: Visitor, office: Office, database: Any) -> None:
    review = visitor.send(visitor.details(service=WORD), "Review", **TYPED)
    open_to(database, office, OpenTo.LINK, "another-word")
    answer = visitor.send(review, "Confirm appointment")
    assert "This service can no longer be booked online." in words_of(answer)
    assert statuses(database) == []


@pytest.mark.parametrize("whom", [OpenTo.NEW_CLIENTS, OpenTo.KNOWN_CLIENTS])
@pytest.mark.parametrize("is_client", [True, False])
def test_what_is_for_some_clients_answers_all_alike(
    visitor: Visitor, office: Office, database: Any, whom: OpenTo, is_client: bool
) -> None:
    if is_client:
        make_client(office.practice, name=TYPED["name"], email=TYPED["email"])
    open_to(database, office, whom)
    assert "We look at each request, and answer." in words_of(visitor.ask())
    review = visitor.review()
    assert WAITS in words_of(review)
    visitor.send(review, "Send my request")
    assert statuses(database) == [AppointmentStatus.PENDING]


@pytest.mark.parametrize("whom", [OpenTo.LINK, OpenTo.STAFF])
def test_whoever_has_an_appointment_may_wait_for_an_earlier_one(
    client: FlaskClient, office: Office, addresses: Addresses, database: Any, whom: OpenTo
) -> None:
    open_to(database, office, whom, WORD if whom == OpenTo.LINK else None)
    seat = book(office, at(10, days=4), by=BY_STAFF).attendees[0]
    path = f"/m/{addresses.token(LinkPurpose.MANAGE, seat)}/earlier"
    page = client.get(path)
    assert "By video" in words_of(page)
    assert WORD not in page.text
    assert Visitor(client, office).send(page, "Put me").status_code == 303
