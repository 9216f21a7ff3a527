"""A client's own calendar, from the page of an appointment: made, copied, replaced and ended, also without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from telehealth.domain.addresses import Addresses
from telehealth.domain.words import Approval
from telehealth.services.appointments.approving import approve_request
from tests.factories import BY_STAFF, Office, book, make_contact, make_office
from tests.journeys.conftest import LiveServer, assert_accessible
from tests.moments import NOW, at

WIDTHS = (320, 1280)


@pytest.fixture
def office(rows: None) -> Office:
    return make_office(service={"approval": Approval.ALWAYS})


def path_of(server: LiveServer, office: Office, hour: int) -> tuple[int, str]:
    """The page of a request of somebody who only typed who they are."""
    made = book(office, at(hour), contact=make_contact(name="Jane Doe", email="jane@example.com"))
    addresses: Addresses = server.app.extensions["addresses"]
    return made.id, server.path("m", addresses.manage(made.attendees[0]).rpartition("/")[2])


def test_somebody_who_waits_for_a_yes_has_it_in_their_calendar(
    server: LiveServer, office: Office, open_page: Callable[..., Page]
) -> None:
    appointment_id, path = path_of(server, office, 14)
    page = open_page(width=320)
    page.goto(path)
    page.get_by_role("link", name="Your appointments, kept up to date in your calendar").click()
    expect(page.get_by_role("button", name="Make my address")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("button", name="Make my address").click()
    field = page.get_by_label("Private address")
    expect(field).to_be_visible()
    expect(page.get_by_role("button", name="Copy Private address")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    address = field.input_value()
    assert "STATUS:TENTATIVE" in page.request.get(address).text()
    approve_request(practice_id=office.practice.id, appointment_id=appointment_id, by=BY_STAFF, now=NOW)
    page.reload()
    expect(page.get_by_label("Private address")).to_have_value(address)
    expect(page.get_by_text("It holds all your appointments with us")).to_be_visible()
    page.get_by_role("button", name="Make a new address").click()
    expect(page.get_by_text("This is your new address")).to_be_visible()
    expect(page.get_by_label("Private address")).not_to_have_value(address)
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("button", name="End the address").click()
    expect(page.get_by_role("button", name="Make my address")).to_be_visible()
    assert page.request.get(address).status == 404


def test_without_scripts_there_is_a_field_to_select_and_no_button_that_does_nothing(
    server: LiveServer, office: Office, open_page: Callable[..., Page]
) -> None:
    _, path = path_of(server, office, 14)
    page = open_page(width=320, java_script_enabled=False)
    page.goto(f"{path}/subscribe")
    page.get_by_role("button", name="Make my address").click()
    field = page.get_by_label("Private address")
    assert page.request.get(field.input_value()).ok
    field.click()
    page.keyboard.press("Control+A")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    expect(page.get_by_role("heading", name="Apple Calendar", exact=True)).to_be_visible()
    expect(page.get_by_text("can only be opened on this machine")).to_be_visible()
    page.get_by_role("link", name="Back to the appointment").click()
    expect(page.get_by_role("heading", name="We have your request")).to_be_visible()
