"""What stories about calls in our own room have in common: an office, an appointment about to begin, and ways in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from telehealth.adapters.video import OurRooms
from telehealth.domain.addresses import Addresses
from telehealth.domain.words import Role
from telehealth.models import Appointment
from tests.factories import BY_STAFF, Office, book, make_contact, make_office, make_user
from tests.factories.rows import change
from tests.factories.users import PASSWORD
from tests.journeys.conftest import LiveServer, sign_in
from tests.moments import NOW, at

THERAPIST = "dana@riverside.example"
STARTS = at(10, days=3)
DECODED = """() => {
    const videos = [...document.querySelectorAll(".call__person:not(.call__person--own) video")];
    return Math.min(...videos.map(each => each.getVideoPlaybackQuality().totalVideoFrames), 1e9);
}"""
"""Pictures of the others that were shown so far."""


@pytest.fixture
def office(server: LiveServer, rows: None) -> Office:
    office = make_office(practice={"slug": "riverside", "phone": "+13035550100"}, therapist={"name": "Dana Rivera"})
    user = make_user(office.practice, Role.THERAPIST, password=PASSWORD, email=THERAPIST)
    change(office.therapist, user_id=user.id)
    server.app.extensions["gateways"] = replace(server.app.extensions["gateways"], video=OurRooms())
    return office


@pytest.fixture
def appointment(server: LiveServer, office: Office) -> Appointment:
    booked = book(office, STARTS, by=BY_STAFF, now=NOW - timedelta(days=1), contact=make_contact(name="Jane Doe"))
    server.clock.advance(STARTS - timedelta(minutes=5) - NOW)
    return booked


def join(server: LiveServer, appointment: Appointment) -> str:
    addresses: Addresses = server.app.extensions["addresses"]
    return addresses.join(appointment.attendees[0])


def moves(page: Page) -> None:
    """Others' pictures move: more of them are shown than before."""
    page.wait_for_function(f"() => ({DECODED})() < 1e9")
    before = page.evaluate(DECODED)
    page.wait_for_function(f"before => ({DECODED})() > before", arg=before)


def enter_as_therapist(page: Page, server: LiveServer, appointment: Appointment) -> None:
    sign_in(page, server, THERAPIST)
    page.goto(server.path("desk", "appointments", appointment.public_id, "join"))
    page.get_by_role("button", name="Go in").click()
    expect(page.get_by_role("button", name="Leave")).to_be_visible()


def enter_as_client(page: Page, server: LiveServer, appointment: Appointment) -> None:
    """To the waiting room, or in, when they were in before. Where they are is asked once of each appointment."""
    page.goto(join(server, appointment))
    page.get_by_role("link", name="Join by video").click()
    page.wait_for_url(re.compile("/(before|room)$"))
    if page.url.endswith("/before"):
        page.get_by_label("State").select_option("Colorado")
        page.get_by_label("Address, or the name of the place").fill("12 Main Street, Boulder")
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("link", name="Go in").click()
    page.get_by_role("button", name="Go in").click()


def let_in(page: Page, name: str = "Jane Doe") -> None:
    page.get_by_role("button", name=f"Let {name} in").click()
