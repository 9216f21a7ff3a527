"""What is said to clients, and what they say back: at the desk and on their own pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import Purpose
from telehealth.domain.words import Role
from telehealth.models import Appointment
from telehealth.services.inbox.receiving import receive_text
from telehealth.services.messages.replanning import replan_stale
from tests.factories import Office, book, make_contact, make_office, make_user
from tests.factories.users import PASSWORD
from tests.journeys.conftest import WIDTHS, LiveServer, assert_accessible, sign_in
from tests.moments import DENVER, NOW, at

OWNER, FRONT_DESK = "owner@riverside.example", "desk@riverside.example"
ANAS_NUMBER = "+13035550123"


@pytest.fixture
def office(rows: None) -> Office:
    """An owner, and somebody at the front desk."""
    office = make_office(practice={"phone": "+13035550100"}, therapist={"name": "Dana Rivera"})
    make_user(office.practice, Role.OWNER, password=PASSWORD, email=OWNER)
    make_user(office.practice, Role.FRONT_DESK, password=PASSWORD, email=FRONT_DESK)
    return office


@pytest.fixture
def appointment(office: Office) -> Appointment:
    """Ana's, in four days."""
    contact = make_contact(name="Ana Rivera", email="ana@example.com", phone=ANAS_NUMBER)
    return book(office, at(10, days=4), contact=contact)


@pytest.fixture
def addresses(server: LiveServer) -> Addresses:
    found: Addresses = server.app.extensions["addresses"]
    return found


def text_us(addresses: Addresses, body: str, sender: str = ANAS_NUMBER) -> None:
    receive_text(
        provider_id=f"SM{body}", sender=sender, recipient="+13035550999", body=body, addresses=addresses, now=NOW
    )


def title(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_a_text_is_read_and_answered(
    server: LiveServer, appointment: Appointment, addresses: Addresses, open_page: Callable[..., Page]
) -> None:
    text_us(addresses, "May I bring my sister?")
    page = open_page(width=320)
    sign_in(page, server, FRONT_DESK)
    page.get_by_role("link", name="1 thing to do").click()
    page.get_by_role("link", name="Read and answer Ana Rivera").click()
    expect(page.get_by_text("May I bring my sister?")).to_be_visible()
    page.get_by_role("button", name="Send and mark as done").click()
    expect(page.get_by_role("group", name="Please check the following")).to_be_focused()
    assert_accessible(page)
    page.get_by_label("Your text").fill("Of course, gladly.")
    page.get_by_role("button", name="Send and mark as done").click()
    expect(page.get_by_role("status").filter(has_text="Your answer is on its way")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing to do")).to_be_visible()
    page.get_by_text("Done lately (1)").click()
    page.get_by_role("link", name="Ana Rivera").click()
    expect(page.get_by_text("Of course, gladly.")).to_be_visible()


def test_words_that_must_not_wait_stand_first_with_the_number_to_call(
    server: LiveServer, appointment: Appointment, addresses: Addresses, open_page: Callable[..., Page]
) -> None:
    text_us(addresses, "Is there parking?", sender="+13035550177")
    text_us(addresses, "I want to die")
    page = open_page(width=320, color_scheme="dark")
    sign_in(page, server, FRONT_DESK)
    expect(page.get_by_role("heading", name="1 text must not wait")).to_be_visible()
    page.get_by_role("link", name="Read it now").click()
    first = page.locator("main section").first
    expect(first.get_by_text("Must not wait")).to_be_visible()
    expect(first.get_by_role("link", name="(303) 555-0123")).to_have_attribute("href", f"tel:{ANAS_NUMBER}")
    assert_accessible(page)


def test_a_rule_is_changed_and_the_days_ahead_follow(server: LiveServer, appointment: Appointment, page: Page) -> None:
    sign_in(page, server, OWNER)
    page.goto(server.path("desk", "messages", "outgoing"))
    expect(page.get_by_role("heading", name="Reminder, 24 hours before")).to_have_count(2)
    page.goto(server.path("desk", "message-rules"))
    page.get_by_role("link", name="Change Reminder").click()
    for message in (1, 2, 3):
        page.get_by_role("group", name=f"Message {message}", exact=True).get_by_label("How long before?").fill("")
    page.get_by_role("group", name="Message 4", exact=True).get_by_label("How long before?").fill("soon")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Please enter a whole number.")).to_be_visible()
    assert_accessible(page)
    page.locator("[aria-invalid=true]").fill("3")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("3 hours before, by text", exact=True)).to_be_visible()
    db.session.expire_all()
    assert replan_stale(now=NOW) == 1
    page.goto(server.path("desk", "messages", "outgoing"))
    expect(page.get_by_role("heading", name="Reminder, 3 hours before")).to_have_count(1)
    expect(page.get_by_role("heading", name="Reminder, 24 hours before")).to_have_count(0)


def test_spanish_words_are_looked_at_and_kept(server: LiveServer, appointment: Appointment, page: Page) -> None:
    sign_in(page, server, OWNER)
    page.goto(server.path("desk", "message-templates"))
    page.get_by_role("heading", name="Reminder", exact=True).click()
    page.get_by_role("link", name="Change Reminder, Text, Español").click()
    page.get_by_label("Text", exact=True).fill("le esperamos aquí el {{ when }}.")
    page.get_by_role("button", name="Preview").last.click()
    preview = page.locator("#preview")
    expect(preview).to_contain_text("le esperamos aquí el viernes 27 de nov a las 10:00 a.m. MST.")
    expect(preview).to_contain_text("The alphabet of texts does not have í.")
    expect(preview).to_contain_text("2 pieces that are paid for.")
    assert_accessible(page)
    page.get_by_label("Text", exact=True).fill("nos vemos el {{ when }}.")
    page.get_by_role("button", name="Preview").last.click()
    expect(preview).to_contain_text("1 piece that is paid for.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    page.get_by_role("link", name="All words of messages").click()
    expect(page.get_by_role("listitem").filter(has_text="nos vemos el")).to_contain_text("Yours")


def test_a_client_says_that_they_come_and_in_which_language_to_write(
    server: LiveServer, appointment: Appointment, addresses: Addresses, open_page: Callable[..., Page]
) -> None:
    page = open_page(width=320, java_script_enabled=False)
    page.goto(addresses.manage(appointment.attendees[0]))
    page.get_by_role("button", name="I will come").click()
    expect(page.get_by_text("Thank you, we know that you will come.")).to_be_visible()
    page.get_by_label("Messages in").select_option("Español")
    page.get_by_role("button", name="Change the language").click()
    expect(page.get_by_text("From now on we write to you in: Español.")).to_be_visible()
    desk = open_page()
    sign_in(desk, server, OWNER)
    desk.goto(server.path("desk", "appointments", appointment.public_id))
    expect(desk.get_by_text("They will come, said")).to_be_visible()
    desk.get_by_role("link", name="Ana Rivera").first.click()
    expect(desk.get_by_text("Español")).to_be_visible()


def test_e_mails_are_ended_by_their_link_and_begun_again(
    server: LiveServer, appointment: Appointment, addresses: Addresses, open_page: Callable[..., Page]
) -> None:
    client = appointment.attendees[0].client
    page = open_page(width=320)
    page.goto(addresses.unsubscribe(client, Purpose.OFFERS))
    title(page, "No more of these e-mails?")
    page.get_by_role("button", name="End these e-mails").click()
    title(page, "These e-mails have ended")
    assert_accessible(page)
    desk = open_page(width=320)
    sign_in(desk, server, FRONT_DESK)
    desk.goto(server.path("desk", "clients", client.public_id, "contact") + "#history")
    expect(desk.get_by_role("listitem").filter(has_text="They said no to e-mails about times")).to_be_visible()
    page.get_by_role("button", name="Send them again").click()
    title(page, "No more of these e-mails?")


def test_a_rehearsal_of_the_night_in_which_the_clocks_change(server: LiveServer, office: Office, page: Page) -> None:
    monday = walltime.resolve(datetime(2027, 3, 15, 10), DENVER)
    earlier = walltime.resolve(datetime(2027, 3, 10, 9), DENVER)
    server.clock.advance(earlier - NOW)
    traveller = make_contact(name="Tom Reyes", timezone="America/New_York")
    book(office, monday, contact=traveller, now=earlier)
    sign_in(page, server, OWNER)
    page.goto(server.path("desk", "messages", "rehearsal", first="2027-03-12", days=4))
    expect(page.get_by_text("Clocks change on Sun, Mar 14, 2027.")).to_be_visible()
    before = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Reminder, 72 hours before"))
    expect(before.first).to_contain_text("9:00 AM MST")
    expect(before.first).to_contain_text("for them Fri, Mar 12 at 11:00 AM EST")
    after = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Reminder, 24 hours before"))
    expect(after.first).to_contain_text("10:00 AM MDT")
    expect(after.first).to_contain_text("for them Sun, Mar 14 at 12:00 PM EDT")


def test_the_pages_about_messages_can_be_used_by_everybody(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    page = open_page(width=320)
    sign_in(page, server, OWNER)
    contact = f"/clients/{appointment.attendees[0].client.public_id}/contact"
    for section in ("/messages", "/messages/outgoing", "/messages/report", "/message-rules", contact):
        page.goto(server.path("desk") + section)
        assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("desk", "messages", "outgoing"))
    page.get_by_role("link", name="Reminder, 24 hours before").first.click()
    assert_accessible(page)
