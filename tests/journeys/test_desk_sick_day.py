"""A therapist is ill in the morning: colleagues take over, a client chooses another time, and nothing is left open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from telehealth.domain.addresses import Addresses
from telehealth.domain.words import Role
from telehealth.models import Appointment
from tests.factories import Office, book, make_contact, make_office, make_therapist, make_user
from tests.factories.users import PASSWORD
from tests.journeys.conftest import LiveServer, assert_accessible, sign_in
from tests.moments import at

FRONT_DESK = "desk@riverside.example"
TOMORROW = "2026-11-24"


@pytest.fixture
def office(rows: None) -> Office:
    """Dana Rivera with two appointments tomorrow, and two colleagues, one of whom is free for the first of them."""
    office = make_office(therapist={"name": "Dana Rivera"})
    make_user(office.practice, Role.FRONT_DESK, password=PASSWORD, email=FRONT_DESK)
    sam = make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")
    make_therapist(office.practice, location=office.location, name="Ari Bell")
    book(office, at(14), therapist=sam.public_id, contact=make_contact(name="Rae Chu"))
    return office


@pytest.fixture
def booked(office: Office) -> tuple[Appointment, Appointment]:
    first = book(office, at(10), contact=make_contact(name="Ana Rivera", email="ana@example.com"))
    return first, book(office, at(14), contact=make_contact(name="Ben Ito", email="ben@example.com"))


@pytest.mark.parametrize("width", [320, 1280])
def test_who_takes_what_and_who_is_asked(
    server: LiveServer,
    office: Office,
    booked: tuple[Appointment, Appointment],
    open_page: Callable[..., Page],
    width: int,
) -> None:
    page = open_page(width=width)
    sign_in(page, server, FRONT_DESK)
    page.goto(server.path(f"desk/reassign?therapist={office.therapist.public_id}&first_day={TOMORROW}"))
    expect(page.get_by_role("button", name="Hand over 1")).to_be_visible()
    page.get_by_label("Ask to choose another time").last.check()
    expect(page.get_by_role("button", name="Hand over 1, ask 1")).to_be_visible()
    assert_accessible(page, widths=[320, 1280])
    page.get_by_role("button", name="Hand over 1, ask 1").click()
    expect(page.get_by_text("Sam Okafor takes it.")).to_be_visible()
    expect(page.get_by_text("They are asked to choose another time")).to_be_visible()
    page.get_by_role("link", name="Ben Ito").click()
    expect(page.get_by_role("heading", name="Asked to choose another time")).to_be_visible()
    assert_accessible(page, widths=[320, 1280])


@pytest.mark.parametrize("width", [320, 1280])
def test_a_client_who_was_asked_chooses(
    server: LiveServer,
    office: Office,
    booked: tuple[Appointment, Appointment],
    open_page: Callable[..., Page],
    width: int,
) -> None:
    page = open_page(width=width)
    sign_in(page, server, FRONT_DESK)
    page.goto(server.path(f"desk/appointments/{booked[1].public_id}"))
    page.get_by_role("link", name="Ask to choose another time").click()
    assert_accessible(page, widths=[320, 1280])
    page.get_by_role("button", name="Ask them").click()
    addresses: Addresses = server.app.extensions["addresses"]
    manage = addresses.manage(booked[1].attendees[0])
    page.goto(manage)
    expect(page.get_by_role("heading", name="Please choose another time")).to_be_visible()
    assert_accessible(page, widths=[320, 1280])
    page.goto(f"{manage}/move")  # Where the message leads.
    assert_accessible(page, widths=[320, 1280])
    page.locator("button[name=slot]").first.click()
    page.get_by_role("button", name="Move the appointment").click()
    expect(page.get_by_role("heading", name="It is moved")).to_be_visible()
