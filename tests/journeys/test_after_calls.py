"""After a call in our own room: what is asked of whoever leaves it."""

# ruff: noqa: F811 -- fixtures of calls are imported by their names

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from telehealth.models import Appointment
from tests.journeys.calling import appointment, enter_as_client, enter_as_therapist, let_in, moves, office  # noqa: F401
from tests.journeys.conftest import LiveServer, assert_accessible


def test_a_therapist_who_leaves_says_in_one_tap_how_it_went(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    server.clock.advance(timedelta(minutes=6))
    therapist, client = open_page(), open_page(width=360)
    enter_as_therapist(therapist, server, appointment)
    enter_as_client(client, server, appointment)
    let_in(therapist)
    moves(client)
    server.clock.advance(timedelta(seconds=15))
    therapist.get_by_role("button", name="Leave").click()
    therapist.get_by_role("button", name="End for everybody").click()
    expect(therapist.get_by_role("heading", name="How did it go?")).to_be_visible()
    expect(therapist.get_by_text("Face to face: 0 minutes")).to_be_visible()
    assert_accessible(therapist, widths=[320, 1280])
    therapist.get_by_role("button", name="Took place Jane Doe").click()
    expect(therapist.get_by_text("Everything is marked. Thank you.")).to_be_visible()
    assert_accessible(therapist, widths=[320, 1280])
    therapist.get_by_role("link", name="The appointment").click()
    expect(therapist.get_by_role("heading", name="Face to face")).to_be_visible()
    therapist.get_by_text("Who was in the room when").click()
    expect(therapist.get_by_text("Dana Rivera (therapist):")).to_be_visible()
