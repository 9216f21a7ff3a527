"""A video appointment in our own room: two browsers with cameras that show a test picture, through the public links."""

# ruff: noqa: F811 -- fixtures of calls are imported by their names

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from telehealth.models import Appointment
from tests.journeys.calling import (  # noqa: F401
    THERAPIST,
    appointment,
    enter_as_client,
    enter_as_therapist,
    join,
    let_in,
    moves,
    office,
)
from tests.journeys.conftest import LiveServer, assert_accessible, sign_in


def test_a_client_waits_is_let_in_and_both_see_each_other(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    therapist = open_page()
    enter_as_therapist(therapist, server, appointment)
    client = open_page(width=360)
    enter_as_client(client, server, appointment)
    expect(client.get_by_role("heading", name="You are in the waiting room")).to_be_visible()
    expect(therapist.get_by_text("for 0 min")).to_be_visible()
    therapist.get_by_label("A note to whoever waits").fill("Five minutes, please")
    therapist.get_by_role("button", name="Show it").click()
    expect(client.get_by_text("Five minutes, please")).to_be_visible()
    expect(therapist.get_by_text("They read: Five minutes, please")).to_be_visible()
    let_in(therapist)
    moves(client)
    moves(therapist)
    client.reload()
    client.get_by_role("button", name="Go in").click()
    moves(client)
    moves(therapist)
    therapist.get_by_role("button", name="Leave").click()
    therapist.get_by_role("button", name="End for everybody").click()
    expect(client.get_by_role("heading", name="You have left")).to_be_visible()


def test_who_finds_no_way_in_asks_to_be_called(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    client = open_page(width=320)
    client.goto(join(server, appointment))
    client.get_by_role("link", name="Call me instead").click()
    expect(client.get_by_role("heading", name="Call me instead")).to_be_visible()
    assert_accessible(client, widths=[320, 1280])
    client.get_by_label("Phone number").fill("303 555 0188")
    client.get_by_role("button", name="Call me").click()
    expect(client.get_by_role("heading", name="We call you")).to_be_visible()
    expect(client.get_by_text("We call the number ending in 0188")).to_be_visible()
    assert_accessible(client, widths=[320, 1280])
    client.goto(f"{join(server, appointment)}/room")
    expect(client.get_by_role("link", name="Have us call you").first).to_be_visible()
    therapist = open_page()
    sign_in(therapist, server, THERAPIST)
    therapist.goto(server.path("desk", "tasks"))
    expect(therapist.get_by_role("link", name="(303) 555-0188")).to_be_visible()
