"""A client books: with a phone, with a keyboard, without scripts, from another zone, and a moment too late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from telehealth.database import db
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, NumberCode
from tests.factories import Office, book, make_contact, make_office, make_service, make_therapist
from tests.journeys.conftest import WIDTHS, LiveServer, assert_accessible
from tests.moments import at

PHONE_WIDTH = 320
TEN = at(10)


@pytest.fixture
def office(server: LiveServer, rows: None) -> Office:
    """Two services and two therapists, so that every question is asked."""
    made = make_office(practice={"slug": "riverside", "phone": "+13035550100", "about": "We listen."})
    couples = make_service(made.practice, name="Couples session", duration_minutes=80)
    make_therapist(
        made.practice, made.service, couples, name="Sam Okafor", location=made.location, licences=["CO", "WY"]
    )
    return made


def appointments() -> list[Appointment]:
    db.session.rollback()
    found = db.session.query(Appointment).filter_by(status=AppointmentStatus.BOOKED)
    return list(found)


def go_to_times(page: Page, server: LiveServer, office: Office, **query: str) -> None:
    answers = {"service": office.service.public_id, "mode": "virtual", "state": "CO", "therapist": "any"}
    page.goto(server.path("riverside", "book", **{**answers, **query}))


def fill_in(page: Page) -> None:
    page.get_by_label("Your name", exact=True).fill("Jane Doe")
    page.get_by_label("E-mail", exact=True).fill("jane@example.com")
    page.get_by_label("Mobile phone").fill("(303) 555-0123")
    page.get_by_role("checkbox").check()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the element with this name has the focus, as somebody without a mouse does."""
    for _ in range(150):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "() => { const e = document.activeElement; const l = e.labels && e.labels[0];"
            " return ((l ? l.innerText : e.innerText) || '').replace(/\\s+/g, ' ').trim() }"
        )
        if focused.startswith(name):
            return
    pytest.fail(f"the keyboard does not reach {name!r} on {page.url}")


def press(page: Page, name: str, *, leads_to: str) -> None:
    """Reach a link or button with the keyboard, press it, and wait for the page it leads to."""
    tab_to(page, name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(leads_to)


def test_with_a_keyboard_on_a_small_phone(server: LiveServer, office: Office, open_page: Callable[..., Page]) -> None:
    page = open_page(width=PHONE_WIDTH, height=640)
    page.goto(server.path("riverside"))
    assert_accessible(page)
    press(page, "Book an appointment", leads_to="What would you like to book?")
    for control, keys, heading in (
        ("Individual session", ["ArrowDown"], "How would you like to meet?"),
        ("By video", ["Space"], "Where will you be during the appointment?"),
        ("State", list("Wyoming"), "Choose a time"),
    ):
        assert_accessible(page)
        tab_to(page, control)
        for key in keys:
            page.keyboard.press(key)
        press(page, "Continue", leads_to=heading)
    # Only one therapist may treat in Wyoming, so nobody is asked which.
    expect(page.get_by_text("Couples session, 80 minutes")).to_be_visible()
    expect(page.get_by_text("With Sam Okafor")).to_be_visible()
    assert_accessible(page)
    press(page, "11:00 AM", leads_to="Who is the appointment for?")
    for label, value in (("Your name", "Jane Doe"), ("E-mail", "jane@example.com")):
        tab_to(page, label)
        page.keyboard.type(value)
    assert_accessible(page)
    press(page, "Review", leads_to="Is everything right?")
    assert_accessible(page)
    press(page, "Confirm appointment", leads_to="You’re booked")
    assert_accessible(page)
    assert len(appointments()) == 1


def test_without_scripts(server: LiveServer, office: Office, open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(server.path("riverside"))
    page.get_by_role("link", name="Book Individual session").click()
    page.get_by_role("radio", name="By phone").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("State").select_option("Colorado")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("radio", name="First available").check()
    page.get_by_role("button", name="See free times").click()
    page.get_by_label("Show times in").select_option("America/Chicago")
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_text("All times are in Central Time.")).to_be_visible()
    page.get_by_role("link", name="Later").click()
    page.get_by_role("button", name="10:00 AM Central Time, 50 minutes, Tuesday, December 1").click()
    fill_in(page)
    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Confirm appointment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You’re booked")
    expect(page.get_by_text("Tuesday, December 1, 2026, 10:00 AM")).to_be_visible()
    assert appointments()[0].attendees[0].timezone == "America/Chicago"


def test_the_browsers_zone_is_found_and_named(
    server: LiveServer, office: Office, open_page: Callable[..., Page]
) -> None:
    page = open_page(timezone_id="Europe/Berlin")
    go_to_times(page, server, office)
    expect(page.get_by_text("All times are in Berlin time.")).to_be_visible()
    expect(page.locator("#announcer")).to_have_text("Times are now shown in Berlin, Germany.")
    assert "tz=Europe%2FBerlin" in page.url
    assert "tz_detected" not in page.url
    slot = page.get_by_role("button", name="18:00 Berlin time, 50 minutes, Tuesday, November 24")
    expect(slot).to_contain_text("10:00 AM MST")
    assert_accessible(page)
    # A zone that was chosen stays chosen.
    page.get_by_label("Show times in").select_option("America/New_York")
    expect(page.get_by_text("All times are in Eastern Time.")).to_be_visible()


def test_in_person_stays_in_the_venues_zone(server: LiveServer, office: Office, open_page: Callable[..., Page]) -> None:
    page = open_page(timezone_id="America/New_York")
    go_to_times(page, server, office, mode="in_person")
    expect(page.get_by_text("All times are in Mountain Time, the time at Main Street office.")).to_be_visible()
    slot = page.get_by_role("button", name="10:00 AM Mountain Time, 50 minutes, Tuesday, November 24")
    expect(slot).to_contain_text("12:00 PM EST")
    slot.click()
    expect(page.get_by_text("That is Tuesday, November 24, 12:00 PM Eastern Time (EST).")).to_be_visible()


def test_mistakes_are_shown_and_nothing_is_emptied(server: LiveServer, office: Office, page: Page) -> None:
    go_to_times(page, server, office)
    page.locator(".slot").first.click()
    page.get_by_label("Your name", exact=True).fill("Jane Doe")
    page.get_by_label("E-mail", exact=True).fill("jane@")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Review").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.get_by_label("Your name", exact=True)).to_have_value("Jane Doe")
    expect(page.get_by_role("checkbox")).to_be_checked()
    assert_accessible(page)
    page.get_by_role("link", name="Please check the e-mail address").click()
    expect(page.get_by_label("E-mail", exact=True)).to_be_focused()


def test_back_from_the_review_finds_the_form_as_it_was_left(server: LiveServer, office: Office, page: Page) -> None:
    go_to_times(page, server, office)
    page.locator(".slot").first.click()
    fill_in(page)
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is everything right?")
    page.go_back()
    expect(page.get_by_label("Your name", exact=True)).to_have_value("Jane Doe")
    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Confirm appointment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You’re booked")
    assert len(appointments()) == 1


def test_somebody_else_is_faster(server: LiveServer, office: Office, page: Page) -> None:
    go_to_times(page, server, office, therapist=office.therapist.public_id)
    page.get_by_role("button", name="10:00 AM Mountain Time, 50 minutes, Tuesday, November 24").click()
    fill_in(page)
    page.get_by_role("button", name="Review").click()
    # The time was kept for a while, and the while is over.
    server.clock.advance(timedelta(minutes=10))
    book(office, TEN, contact=make_contact(name="Somebody Faster"), now=server.clock.instant)
    page.get_by_role("button", name="Confirm appointment").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("That time has just been taken")
    assert_accessible(page)
    expect(page.get_by_role("button", name="10:00 AM Mountain Time, 50 minutes, Tuesday, November 24")).to_have_count(0)
    page.get_by_role("button", name="11:00 AM Mountain Time, 50 minutes, Tuesday, November 24").click()
    expect(page.get_by_text("jane@example.com")).to_be_visible()
    page.get_by_role("button", name="Confirm appointment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You’re booked")
    assert len(appointments()) == 2


def test_an_impatient_double_click_books_once(server: LiveServer, office: Office, page: Page) -> None:
    go_to_times(page, server, office)
    page.locator(".slot").first.click()
    fill_in(page)
    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Confirm appointment").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("You’re booked")
    assert len(appointments()) == 1


def test_every_other_page_is_accessible(server: LiveServer, office: Office, open_page: Callable[..., Page]) -> None:
    page = open_page(width=320)
    service = office.service.public_id
    questions: list[dict[str, Any]] = [
        {},
        {"asked": "service"},
        {"service": service, "asked": "mode"},
        {"service": service, "mode": "virtual", "asked": "state"},
        {"service": service, "mode": "virtual", "state": "TX"},
        {"service": service, "mode": "virtual", "state": "CO", "asked": "therapist"},
        {"service": service, "mode": "in_person", "therapist": "any", "slot": "gone"},
        {"service": service, "mode": "virtual", "state": "CO", "therapist": "any", "week": "2027-01-20"},
    ]
    for query in questions:
        page.goto(server.path("riverside", "book", **query))
        assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("nobody-here"))
    assert_accessible(page, widths=WIDTHS)


def test_by_phone_only(server: LiveServer, office: Office, open_page: Callable[..., Page]) -> None:
    """Without an e-mail address, and without scripts: the number is proved by a code."""
    office.practice.books_phone_only = True
    db.session.commit()
    page = open_page(width=PHONE_WIDTH, java_script_enabled=False)
    go_to_times(page, server, office)
    page.get_by_role("button", name="11:00 AM").first.click()
    page.get_by_label("Your name", exact=True).fill("Ana Rivera")
    page.get_by_label("Mobile phone").fill("(303) 555-0123")
    page.get_by_label("I have no e-mail address. Text me instead.").check()
    page.get_by_role("button", name="Review").last.click()
    expect(page.get_by_text("Please tick the box for texts").first).to_be_visible()
    page.get_by_label("Send me texts about my appointments").check()
    page.get_by_role("button", name="Review").last.click()
    page.get_by_role("button", name="Text me a code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Type the code that we texted you")
    page.get_by_label("Code", exact=True).fill("12 34")
    page.get_by_role("button", name="Confirm appointment").click()
    expect(page.get_by_text("This is not the code that we texted last.").first).to_be_visible()
    db.session.rollback()
    made = db.session.query(NumberCode).one()
    page.get_by_label("Code", exact=True).fill(server.app.extensions["addresses"].number_code(made.public_id))
    page.get_by_role("button", name="Confirm appointment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You’re booked")
    assert [each.attendees[0].email for each in appointments()] == [""]


def test_the_page_for_a_code_is_for_everybody(server: LiveServer, office: Office, page: Page) -> None:
    office.practice.books_phone_only = True
    db.session.commit()
    go_to_times(page, server, office)
    page.get_by_role("button", name="11:00 AM").first.click()
    page.get_by_label("Your name", exact=True).fill("Ana Rivera")
    page.get_by_label("Mobile phone").fill("(303) 555-0123")
    for box in page.get_by_role("checkbox").all():
        box.check()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("button", name="Review").last.click()
    page.get_by_role("button", name="Text me a code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Type the code that we texted you")
    assert_accessible(page, widths=WIDTHS)
