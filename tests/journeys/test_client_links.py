"""A client opens the links in a message: sees, keeps, cancels, waits and goes in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from telehealth.domain.addresses import Addresses
from telehealth.domain.words import Mode
from telehealth.models import Appointment
from tests.factories import Office, book, cancel, make_office
from tests.journeys.conftest import WIDTHS, LiveServer, assert_accessible
from tests.moments import NOW, at

TEN = at(10)


@pytest.fixture
def office(server: LiveServer, rows: None) -> Office:
    return make_office(practice={"slug": "riverside", "phone": "+13035550100"})


@pytest.fixture
def addresses(server: LiveServer) -> Addresses:
    found: Addresses = server.app.extensions["addresses"]
    return found


def manage(addresses: Addresses, appointment: Appointment) -> str:
    return addresses.manage(appointment.attendees[0])


def join(addresses: Addresses, appointment: Appointment) -> str:
    return addresses.join(appointment.attendees[0])


def title(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_cancelling(server: LiveServer, office: Office, addresses: Addresses, open_page: Callable[..., Page]) -> None:
    page = open_page(width=320)
    page.goto(manage(addresses, book(office, TEN)))
    title(page, "You’re booked")
    page.get_by_role("link", name="Cancel this appointment").click()
    title(page, "Cancel this appointment?")
    assert_accessible(page)
    page.get_by_label("Why?").fill("I am away")
    page.get_by_role("button", name="Cancel the appointment").click()
    title(page, "This appointment is cancelled")
    assert_accessible(page)
    page.get_by_role("link", name="Book another appointment").click()
    title(page, "Choose a time")


def test_once_more_in_three_taps(
    server: LiveServer, office: Office, addresses: Addresses, open_page: Callable[..., Page]
) -> None:
    page = open_page(width=320, java_script_enabled=False)
    page.goto(manage(addresses, book(office, TEN)))
    page.get_by_role("link", name="Book one more").click()
    title(page, "Choose a time")
    page.get_by_role("button", name="1:00 PM").first.click()
    title(page, "Book this time?")
    page.get_by_role("button", name="Book it").click()
    title(page, "You’re booked")


def test_once_more_for_everybody(server: LiveServer, office: Office, addresses: Addresses, page: Page) -> None:
    page.goto(f"{manage(addresses, book(office, TEN))}/again")
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("button", name="1:00 PM").first.click()
    title(page, "Book this time?")
    assert_accessible(page, widths=WIDTHS)


def test_keeping_it_after_all(server: LiveServer, office: Office, addresses: Addresses, page: Page) -> None:
    page.goto(manage(addresses, book(office, TEN)) + "/cancel")
    page.get_by_role("link", name="Keep it").click()
    title(page, "You’re booked")


def test_the_calendar_file(server: LiveServer, office: Office, addresses: Addresses, page: Page) -> None:
    page.goto(manage(addresses, book(office, TEN)))
    with page.expect_download() as download:
        page.get_by_role("link", name="Apple and others (.ics)").click()
    assert download.value.suggested_filename == "appointment.ics"


def test_waiting_until_the_room_opens(server: LiveServer, office: Office, addresses: Addresses, page: Page) -> None:
    appointment = book(office, TEN)
    server.clock.instant = at(9, 44) + timedelta(seconds=59)
    page.goto(join(addresses, appointment))
    title(page, "The room is not open yet")
    server.clock.instant = at(9, 45)
    # The page looks again by itself when the moment has come.
    title(page, "The room is open")
    assert_accessible(page)


def test_going_in(server: LiveServer, office: Office, addresses: Addresses, page: Page) -> None:
    page.route("https://video.test/**", lambda route: route.fulfill(body=f"in: {route.request.headers.get('referer')}"))
    appointment = book(office, TEN)
    server.clock.instant = TEN
    page.goto(join(addresses, appointment))
    page.get_by_role("link", name="Join by video").click()
    page.get_by_role("link", name="Go in without answering").click()
    # The room does not learn where its guests come from: the address would let anybody in.
    expect(page.locator("body")).to_have_text("in: None")
    assert page.url == f"https://video.test/{appointment.video_name}?as=client"


def test_without_scripts_the_page_is_asked_again(
    server: LiveServer, office: Office, addresses: Addresses, open_page: Callable[..., Page]
) -> None:
    appointment = book(office, TEN)
    page = open_page(java_script_enabled=False)
    server.clock.instant = at(9, 30)
    page.goto(join(addresses, appointment))
    expect(page.get_by_text("Opens at 9:45 AM MST", exact=True)).to_be_visible()
    server.clock.instant = at(9, 50)
    page.get_by_role("link", name="Check again").click()
    title(page, "The room is open")


def test_printing_keeps_the_facts_and_leaves_the_buttons_out(
    server: LiveServer, office: Office, addresses: Addresses, page: Page
) -> None:
    page.goto(manage(addresses, book(office, TEN, mode=Mode.IN_PERSON)))
    page.emulate_media(media="print")
    expect(page.get_by_text("1 Main Street, Denver, CO 80202")).to_be_visible()
    expect(page.get_by_role("link", name="Cancel this appointment")).to_be_hidden()


def test_every_state_is_accessible(
    server: LiveServer, office: Office, addresses: Addresses, open_page: Callable[..., Page]
) -> None:
    page = open_page(width=320)
    video, phone = book(office, TEN), book(office, at(12), mode=Mode.PHONE)
    in_person, gone = book(office, at(14), mode=Mode.IN_PERSON), cancel(book(office, at(16)))
    for moment in (NOW, at(9, 30), at(9, 50), at(10, 10), at(17)):
        server.clock.instant = moment
        for link in (manage, join):
            page.goto(link(addresses, video))
            assert_accessible(page, widths=WIDTHS)
    server.clock.instant = NOW
    for appointment in (phone, in_person, gone):
        for link in (manage, join):
            page.goto(link(addresses, appointment))
            assert_accessible(page, widths=WIDTHS)
