"""A guest in a video appointment: invited at the desk, through the link that stands there, seen by both others."""

# ruff: noqa: F811 -- fixtures of calls are imported by their names

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from telehealth.models import Appointment
from tests.journeys.calling import (  # noqa: F401
    appointment,
    enter_as_client,
    enter_as_therapist,
    join,
    let_in,
    moves,
    office,
)
from tests.journeys.conftest import LiveServer, assert_accessible

SHOWN = "Ana Gómez (interpreter)"


def invite_at_desk(page: Page, server: LiveServer, appointment: Appointment) -> str:
    """The link that the page of the appointment shows then."""
    page.goto(server.path("desk", "appointments", appointment.public_id))
    page.get_by_text("Invite a guest").click()
    page.get_by_label("Their name").fill("Ana Gómez")
    page.get_by_label("Who they are").select_option("An interpreter")
    page.get_by_label("They read").select_option("Español")
    page.get_by_role("button", name="Invite them").click()
    page.get_by_text("Their link", exact=False).first.click()
    return page.get_by_label("The link of Ana Gómez").input_value()


def test_a_client_a_therapist_and_a_guest_see_each_other(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    therapist = open_page()
    enter_as_therapist(therapist, server, appointment)
    link = invite_at_desk(therapist, server, appointment)
    assert_accessible(therapist, widths=[320, 1280])
    therapist.goto(server.path("desk", "appointments", appointment.public_id, "room"))
    therapist.get_by_role("button", name="Go in").click()
    client = open_page(width=360)
    client.goto(join(server, appointment))
    expect(client.get_by_text("Ana Gómez, interpreter, was invited.")).to_be_visible()
    enter_as_client(client, server, appointment)
    let_in(therapist)
    moves(client)
    guest = open_page(width=320)
    guest.goto(link)
    expect(guest.get_by_role("heading", name="La sala está abierta")).to_be_visible()
    assert_accessible(guest, widths=[320, 1280])
    guest.get_by_role("link", name="Entrar por video").click()
    guest.get_by_role("button", name="Entrar").click()
    expect(guest.get_by_role("heading", name="Está en la sala de espera")).to_be_visible()
    let_in(therapist, SHOWN)
    for page in (guest, client, therapist):
        page.wait_for_function(
            "() => document.querySelectorAll('.call__person:not(.call__person--own) video').length === 2"
        )
        moves(page)
    for page in (client, therapist):
        expect(page.get_by_role("listitem").filter(has_text=SHOWN).first).to_be_visible()
    therapist.get_by_role("button", name="More").click()
    therapist.get_by_role("button", name=f"Remove {SHOWN}").click()
    therapist.get_by_role("button", name="Remove", exact=True).click()
    expect(guest.get_by_role("heading", name="Ha salido")).to_be_visible()
    moves(client)
