"""Before a call: what a browser that cannot is told, what is missing, and how the network is."""

# ruff: noqa: F811 -- fixtures of calls are imported by their names

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from telehealth.models import Appointment
from tests.factories.rows import change
from tests.journeys.calling import THERAPIST, appointment, join, office  # noqa: F401
from tests.journeys.conftest import LiveServer, assert_accessible, sign_in
from tests.journeys.test_call_pages import open_client
from tests.journeys.test_calls_through_turn import turn  # noqa: F401 -- a fixture
from tests.moments import NOW
from tests.turn_server import TurnServer

WIDTHS = (320, 1280)
FACEBOOK = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/470.0]"
CANNOT = """
    delete window.RTCPeerConnection;
    Object.defineProperty(navigator, "mediaDevices", { value: undefined });
"""
REFUSES = """
    const refusal = new DOMException("Permission denied", "NotAllowedError");
    navigator.mediaDevices.getUserMedia = () => Promise.reject(refusal);
    navigator.permissions.query = () => Promise.resolve({ state: "denied" });
"""
NO_CAMERA = """
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = given =>
        given.video ? Promise.reject(new DOMException("", "NotFoundError")) : ask(given);
"""


def test_an_app_that_cannot_is_told_where_to_open_the_link(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    page = open_client(server, appointment, open_page, script=CANNOT, width=320, user_agent=FACEBOOK)
    expect(page.get_by_role("alert")).to_have_text("You opened the link inside an app, and there video does not work.")
    expect(page.get_by_text("In Facebook press ••• or the arrow, then “Open in Safari”")).to_be_visible()
    expect(page.get_by_label("The link to take along")).to_have_value(join(server, appointment))
    page.get_by_role("button", name="Copy the link").click()
    expect(page.locator("[data-copy-word]")).to_have_text("The link is copied.")
    expect(page.get_by_role("button", name="Go in", exact=True)).to_be_hidden()
    expect(page.get_by_role("link", name="Have us call you").first).to_be_visible()
    assert_accessible(page, widths=WIDTHS)


def test_who_refused_reads_how_to_allow_it_and_may_go_in_without(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    page = open_client(server, appointment, open_page, script=REFUSES)
    expect(page.get_by_text("Press the sign at the left of the address")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("button", name="Go in", exact=True).click()
    expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_visible()


def test_who_has_no_camera_goes_in_with_sound(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    page = open_client(server, appointment, open_page, script=NO_CAMERA)
    expect(page.get_by_role("alert")).to_have_text("We found no camera. You can go in with sound only.")
    expect(page.get_by_label("Microphone", exact=True).locator("option")).not_to_have_count(0)
    expect(page.get_by_text("Your camera is off")).to_be_visible()


def test_a_device_is_tried_days_ahead(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    server.clock.instant = NOW
    page = open_page(width=320)
    page.goto(join(server, appointment))
    page.get_by_role("link", name="Test your camera and sound").click()
    expect(page.get_by_label("Camera").locator("option")).not_to_have_count(0)
    page.get_by_role("button", name="Play a tone").click()
    expect(page.get_by_text("You should hear a tone now.")).to_be_visible()
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.get_by_text("Turn the volume up")).to_be_visible()
    page.get_by_role("button", name="Test the connection").click()
    expect(page.get_by_text("You reach our server.")).to_be_visible()
    expect(page.get_by_text("this browser is too old")).to_be_hidden()
    assert_accessible(page, widths=WIDTHS)


@pytest.mark.parametrize(("secret", "results"), [("", ("good", "sound")), ("of somebody else", ("blocked",))])
def test_the_network_is_tested_through_our_relay_before_the_call(
    server: LiveServer,
    appointment: Appointment,
    open_page: Callable[..., Page],
    turn: TurnServer,
    secret: str,
    results: tuple[str, ...],
) -> None:
    """TURN has a clock of its own, so ours goes with it. Whoever goes in does not wait for the result."""
    server.clock.advance(datetime.now(UTC) - server.clock())
    begins = server.clock() + timedelta(minutes=5)
    change(appointment, starts_at=begins, ends_at=begins + timedelta(minutes=50))
    if secret:
        server.app.config["TURN_SECRET"] = secret
    page = open_client(server, appointment, open_page)
    shown = page.locator("[data-network]")
    page.wait_for_function("() => document.querySelector('[data-network]').dataset.result")
    assert shown.get_attribute("data-result") in results
    assert_accessible(page, widths=WIDTHS)
    shown.get_by_role("button", name="Test the connection").click()
    page.get_by_role("button", name="Go in", exact=True).click()
    expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_visible()


def test_a_therapist_tries_their_own_from_today(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    sign_in(page, server, THERAPIST)
    page.get_by_role("link", name="Test my video").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Test your device")
    expect(page.get_by_label("Camera").locator("option")).not_to_have_count(0)
    assert_accessible(page, widths=WIDTHS)
