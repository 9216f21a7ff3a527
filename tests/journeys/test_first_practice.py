"""A therapist of one begins: from an empty database to the first appointment, with nothing but a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from telehealth.database import db
from telehealth.models import Appointment
from tests.journeys.conftest import WIDTHS, LiveServer, assert_accessible

PASSWORD = "four quiet words here"


@pytest.fixture
def own_machine(server: LiveServer) -> LiveServer:
    """As after ``make run``: whoever sits there needs no link."""
    server.app.extensions["starts_without_link"] = True
    return server


def say_who(page: Page) -> None:
    page.get_by_label("Name of the practice").fill("Elm Street Counseling")
    page.get_by_label("Phone that clients may call").fill("303 555 0188")
    page.get_by_label("Your name").fill("Ana Rivera")
    page.get_by_label("Your e-mail address").fill("ana@elm.example")
    page.get_by_label("A password").fill(PASSWORD)


def expect_done(page: Page, steps: int) -> None:
    expect(page.get_by_role("heading", name="First steps")).to_have_text(f"First steps: {steps} of 8 done")


def book_with_oneself(page: Page) -> None:
    page.get_by_role("link", name="Book a test").click()
    page.get_by_label("State").select_option("CO")
    page.get_by_role("button", name="Continue").click()
    page.locator(".slot").first.click()
    page.get_by_label("Your name", exact=True).fill("Ana Rivera")
    page.get_by_label("E-mail", exact=True).fill("ana@elm.example")
    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Confirm appointment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You’re booked")


def test_from_nothing_to_the_first_appointment(own_machine: LiveServer, rows: None, page: Page) -> None:
    page.goto(own_machine.path(""))
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("link", name="Start your own practice").click()
    expect(page.get_by_label("Time zone")).to_have_value("America/Denver")  # The browser has said so.
    page.get_by_role("button", name="Start").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert_accessible(page, widths=WIDTHS)
    say_who(page)
    page.get_by_role("button", name="Start").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    expect_done(page, 0)
    assert_accessible(page, widths=WIDTHS)

    page.get_by_role("link", name="I see clients myself").click()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_label("Credential").fill("LPC")
    page.get_by_label("Licensed in").select_option("CO")
    page.get_by_label("Since").fill("2020-01-01")
    page.get_by_role("button", name="Save").click()
    expect_done(page, 3)

    page.get_by_role("link", name="Add a service").click()
    assert_accessible(page, widths=WIDTHS)
    expect(page.get_by_label("A start every")).to_be_hidden()  # Five questions; the rest is behind "More".
    page.get_by_label("Name", exact=True).fill("First conversation")
    page.get_by_role("button", name="Add this service").click()
    page.goto(own_machine.path("desk"))
    expect_done(page, 5)

    page.get_by_role("link", name="Set video links").click()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_label("Video link of Ana Rivera").fill("https://video.example/ana")
    page.get_by_role("button", name="Save").click()
    expect_done(page, 6)

    page.get_by_role("link", name="Write about yourself").click()
    page.get_by_label("About you").fill("A small practice for people who have a lot to carry.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Look at your page").click()
    expect(page.get_by_text("A small practice for people who have a lot to carry.")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)

    page.goto(own_machine.path("desk"))
    expect_done(page, 7)
    book_with_oneself(page)
    assert db.session.query(Appointment).count() == 1

    page.goto(own_machine.path("desk"))
    expect(page.get_by_role("heading", name="First steps")).to_have_count(0)
    expect(page.get_by_role("heading", name="Next")).to_be_visible()


def test_a_place_from_the_page_to_its_end(own_machine: LiveServer, rows: None, page: Page) -> None:
    page.goto(own_machine.path("start"))
    say_who(page)
    page.get_by_role("button", name="Start").click()
    page.get_by_role("link", name="Add a place").click()
    page.get_by_label("Name", exact=True).fill("Annex")
    page.get_by_label("Address").fill("2 Main Street, Denver, CO 80202")
    page.get_by_label("State").select_option("CO")
    page.get_by_label("Link to a map").fill("map.example/annex")
    page.get_by_role("button", name="Add this place").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Annex")
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("link", name="Close this place").click()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("button", name="Close this place").click()
    expect(page.get_by_text("This place is closed")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    page.goto(own_machine.path("desk", "places"))
    assert_accessible(page, widths=WIDTHS)
