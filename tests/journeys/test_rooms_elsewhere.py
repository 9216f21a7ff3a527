"""Meeting at a video service where a room is made: connecting it, coming while it is made, and when it is away."""

# ruff: noqa: F811 -- fixtures of calls are imported by their names

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from telehealth.adapters.video import ChosenRooms
from telehealth.domain.ports import VideoFailure
from telehealth.domain.words import Role, VideoKind
from telehealth.models import Appointment
from telehealth.services.video.room_keeping import keep_rooms
from tests.factories import Office, make_user
from tests.factories.users import PASSWORD
from tests.fakes import FakeRooms
from tests.journeys.calling import STARTS, THERAPIST, appointment, join, office  # noqa: F401 -- fixtures
from tests.journeys.conftest import LiveServer, assert_accessible, sign_in

WIDTHS = (320, 1280)
OWNER = "olive@riverside.example"


@pytest.fixture
def daily(server: LiveServer, office: Office) -> FakeRooms:
    rooms = FakeRooms()
    services = {VideoKind.DAILY: rooms}
    before = server.app.extensions["gateways"]
    server.app.extensions["gateways"] = replace(before, rooms=services, video=ChosenRooms(services=services))
    make_user(office.practice, Role.OWNER, password=PASSWORD, email=OWNER)
    return rooms


def test_a_room_is_connected_awaited_and_left_when_it_is_away(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page], daily: FakeRooms
) -> None:
    owner = open_page()
    sign_in(owner, server, OWNER)
    owner.goto(server.path("desk", "video"))
    owner.get_by_text("Connect Zoom").click()
    owner.get_by_text("Connect Daily").click()
    assert_accessible(owner, widths=WIDTHS)
    owner.get_by_label("API key").fill("a-key-of-daily")
    owner.locator("#daily").get_by_role("button", name="Save").click()
    owner.get_by_role("button", name="Try it Daily").click()
    expect(owner.get_by_text("Daily lets us in.")).to_be_visible()
    owner.get_by_label("Where you meet").select_option("Daily")
    owner.get_by_role("button", name="Save").first.click()

    server.clock.instant = STARTS
    client = open_page(width=320, height=640)
    client.goto(join(server, appointment) + "/enter")
    expect(client.get_by_role("heading", level=1)).to_have_text("One moment, please")
    assert_accessible(client, widths=WIDTHS)
    with server.app.app_context():
        keep_rooms(services={VideoKind.DAILY: daily}, ring=server.app.extensions["key_ring"], clock=server.clock)
    assert list(daily.rooms) == [appointment.video_name]

    therapist = open_page()
    sign_in(therapist, server, THERAPIST)
    daily.fails = [VideoFailure.TIMED_OUT]
    therapist.goto(server.path("desk", "appointments", appointment.public_id, "join"))
    expect(therapist.get_by_role("heading", level=1)).to_have_text("Daily does not let you in now")
    assert_accessible(therapist, widths=WIDTHS)
    therapist.get_by_role("button", name="Meet in our own room").click()
    expect(therapist.get_by_text("Video: our own room")).to_be_visible()
