"""A video appointment in our own room: two browsers with cameras that show a test picture, through the public links."""

# ruff: noqa: F811 -- fixtures of calls are imported by their names

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from telehealth.models import Appointment
from tests.journeys.calling import appointment, enter_as_client, enter_as_therapist, let_in, moves, office  # noqa: F401
from tests.journeys.conftest import LiveServer


def test_a_client_waits_is_let_in_and_both_see_each_other(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    therapist = open_page()
    enter_as_therapist(therapist, server, appointment)
    client = open_page(width=360)
    enter_as_client(client, server, appointment)
    expect(client.get_by_role("heading", name="You are in the waiting room")).to_be_visible()
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
