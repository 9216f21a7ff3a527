"""A video appointment in our own room: two browsers with cameras that show a test picture, through the public links."""

from __future__ import annotations

from collections.abc import Callable
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
from tests.journeys.conftest import PASSWORD, LiveServer, sign_in
from tests.moments import NOW, at

THERAPIST = "dana@riverside.example"
STARTS = at(10, days=3)
DECODED = """async () => {
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
    page.wait_for_function(f"async () => await ({DECODED})() < 1e9")
    before = page.evaluate(DECODED)
    page.wait_for_function(f"async before => await ({DECODED})() > before", arg=before)


def test_a_client_waits_is_let_in_and_both_see_each_other(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    therapist = open_page()
    sign_in(therapist, server, THERAPIST)
    therapist.goto(server.path("desk", "appointments", appointment.public_id, "join"))
    therapist.get_by_role("button", name="Go in").click()
    expect(therapist.get_by_role("button", name="Leave")).to_be_visible()
    client = open_page(width=360)
    client.goto(join(server, appointment))
    client.get_by_role("link", name="Join by video").click()
    client.get_by_role("button", name="Go in").click()
    expect(client.get_by_role("heading", name="You are in the waiting room")).to_be_visible()
    therapist.get_by_role("button", name="Let Jane Doe in").click()
    moves(client)
    moves(therapist)
    client.reload()
    client.get_by_role("button", name="Go in").click()
    moves(client)
    moves(therapist)
    therapist.get_by_role("button", name="End for everybody").click()
    expect(client.get_by_role("heading", name="You have left")).to_be_visible()
