"""A client whose calendar says no is asked; the desk moves to a time that a calendar proposes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import MessageKind
from telehealth.domain.ports import Gateways
from telehealth.domain.words import Role
from telehealth.models import Appointment, Message
from tests.delivering import Carrier
from tests.factories import BY_STAFF, Office, book, make_contact, make_office, make_user
from tests.fakes import FakeEmails, FakeTexts
from tests.journeys.conftest import PASSWORD, WIDTHS, LiveServer, assert_accessible, sign_in
from tests.moments import NOW, at
from tests.read_samples import answer_to

TEN, DAY_BEFORE = at(10, days=3), NOW - timedelta(days=1)


@pytest.fixture
def office(server: LiveServer, rows: None) -> Office:
    return make_office(practice={"slug": "riverside", "phone": "+13035550100"})


@pytest.fixture
def addresses(server: LiveServer) -> Addresses:
    found: Addresses = server.app.extensions["addresses"]
    return found


def answer(server: LiveServer, appointment: Appointment, said: str, **given: str) -> None:
    """A calendar's answer, as the practice's mail server hands it in."""
    headers = {"Authorization": f"Bearer {server.app.config['BOUNCE_TOKEN']}", "Content-Type": "message/rfc822"}
    request = Request(server.path("webhooks", "mail", "inbound"), answer_to(appointment, said, **given), headers)  # noqa: S310
    with urlopen(request) as done:  # noqa: S310
        assert done.status == 204


def test_a_no_in_the_calendar_leads_to_the_choice(
    server: LiveServer, office: Office, addresses: Addresses, open_page: Callable[..., Page]
) -> None:
    contact = make_contact(name="Jane Doe", email="jane@example.com")
    appointment = book(office, TEN, by=BY_STAFF, now=DAY_BEFORE, contact=contact)
    answer(server, appointment, "DECLINED")
    emails = FakeEmails()
    carrier = Carrier(
        addresses, Gateways(texts=FakeTexts(), emails=emails, video=server.video), server.clock, emails, FakeTexts()
    )
    sent, _ = carrier.carry(timedelta(0))
    db.session.rollback()
    mail = next(each for each in sent if each.letter.subject.startswith("Cancel or move?"))
    assert mail.to == "jane@example.com"
    (link,) = (url for _, url in mail.letter.actions if "/m/" in url)
    page = open_page(width=320)
    page.goto(link)
    expect(page.get_by_role("link", name="Cancel this appointment")).to_be_visible()
    expect(page.get_by_role("link", name="Move to another time")).to_be_visible()
    page.get_by_role("link", name="Your appointments, kept up to date in your calendar").click()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("button", name="Make my address").click()
    expect(page.get_by_text("This is your private address.")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)


def test_the_desk_moves_to_the_time_that_a_calendar_proposes(
    server: LiveServer, office: Office, open_page: Callable[..., Page]
) -> None:
    make_user(office.practice, Role.FRONT_DESK, password=PASSWORD, email="desk@example.com")
    appointment = book(office, TEN, by=BY_STAFF, now=DAY_BEFORE, contact=make_contact(email="jane@example.com"))
    answer(server, appointment, "TENTATIVE", proposes="20261126T210000Z")
    db.session.rollback()
    assert db.session.query(Message).filter_by(kind=MessageKind.INVITE_COUNTERED).count() == 1
    page = open_page(width=320)
    sign_in(page, server, "desk@example.com", "desk/tasks")
    page.get_by_role("link", name=re.compile("Look at it")).click()
    expect(page.get_by_text("Nothing is moved.")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("link", name=re.compile("^Move it to Thu, Nov 26")).click()
    page.get_by_role("button", name=re.compile("^Move")).click()
    expect(page.get_by_role("status").filter(has_text="Moved.")).to_be_visible()
    db.session.rollback()
    assert db.session.get_one(Appointment, appointment.id, populate_existing=True).starts_at == at(14, days=3)
