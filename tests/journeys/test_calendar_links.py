"""Calendars to subscribe to: one for the phone, one for the spouse, one on the door."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from telehealth.domain.words import Mode, Role
from tests.factories import Office, book, make_contact, make_office, make_user
from tests.factories.rows import change
from tests.factories.users import PASSWORD
from tests.journeys.conftest import LiveServer, assert_accessible, sign_in
from tests.moments import at

THERAPIST, FRONT_DESK = "dana@riverside.example", "robin@riverside.example"
WIDTHS = (320, 1280)


@pytest.fixture
def office(rows: None) -> Office:
    office = make_office(therapist={"name": "Dana Rivera"})
    user = make_user(office.practice, Role.THERAPIST, password=PASSWORD, email=THERAPIST)
    make_user(office.practice, Role.FRONT_DESK, password=PASSWORD, email=FRONT_DESK)
    change(office.therapist, user_id=user.id)
    book(office, at(14), mode=Mode.IN_PERSON, contact=make_contact(name="Ana Rivera", jurisdiction=None))
    return office


def make_address(page: Page, name: str, detail: str) -> str:
    page.get_by_label("What you call it").fill(name)
    page.get_by_text(detail, exact=True).click()
    page.get_by_role("button", name="Make a private address").click()
    expect(page.get_by_role("heading", name=f"The private address of “{name}”")).to_be_visible()
    return page.get_by_label("Private address", exact=True).input_value()


def test_one_for_the_phone_and_one_for_the_spouse(
    server: LiveServer, office: Office, open_page: Callable[..., Page]
) -> None:
    page = open_page(width=320)
    sign_in(page, server, THERAPIST)
    page.goto(server.path("desk", "calendar"))
    assert_accessible(page, widths=WIDTHS)
    phone = make_address(page, "My phone", "Initials")
    page.get_by_role("heading", name="One more private address").click()
    home = make_address(page, "Home", "Busy only")
    assert_accessible(page, widths=WIDTHS)
    assert "SUMMARY:A. R." in page.request.get(phone).text()
    assert "SUMMARY:Busy" in page.request.get(home).text()
    page.goto(server.path("desk", "calendar"))
    expect(page.get_by_text("by A browser")).to_have_count(2)
    page.locator(".fold > summary").first.click()
    page.get_by_role("link", name="Change what it tells").first.click()
    page.get_by_label("What you call it").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Please give it a name, such as “My phone”.")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_label("What you call it").fill("Watch")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Home").click()
    page.get_by_role("button", name="Close the address Home").click()
    expect(page.get_by_role("status").filter(has_text="is closed")).to_be_visible()
    assert page.request.get(home).status == 404
    assert page.request.get(phone).status == 200


def test_a_room_has_one_for_the_tablet_at_its_door(
    server: LiveServer, office: Office, open_page: Callable[..., Page]
) -> None:
    page = open_page(width=320)
    sign_in(page, server, FRONT_DESK)
    page.goto(server.path("desk", "shared-calendars"))
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("link", name=office.room.name, exact=True).click()
    assert "SUMMARY:Dana Rivera: A. R." in page.request.get(make_address(page, "Door", "Initials")).text()
    assert_accessible(page, widths=WIDTHS)
