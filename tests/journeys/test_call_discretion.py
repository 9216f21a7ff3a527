"""In our own video room: who cannot speak freely, and where somebody is without their therapist's licence."""

# ruff: noqa: F811 -- fixtures of calls are imported by their names

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.audit_words import Actor
from telehealth.domain.video.whereabouts import LicenceDecision, Whereabout
from telehealth.models import Appointment, Whereabouts
from telehealth.services.audit import ActedBy
from telehealth.services.video.whereabouts import say_whereabouts
from tests.journeys.calling import appointment, enter_as_client, enter_as_therapist, let_in, office  # noqa: F401
from tests.journeys.conftest import LiveServer, assert_accessible
from tests.journeys.test_call_pages import open_panel, person

TICK = "Somebody is with me, or I cannot speak freely"
MARK = "cannot speak freely"


def test_a_tick_tells_the_therapist_alone_at_the_door_and_inside(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    therapist, client = open_page(), open_page(width=320)
    enter_as_therapist(therapist, server, appointment)
    enter_as_client(client, server, appointment)
    client.get_by_role("checkbox", name=TICK).check()
    expect(client.get_by_text("Your therapist knows.").first).to_be_visible()
    waits = therapist.get_by_role("listitem").filter(has_text="Let Jane Doe in")
    expect(waits.get_by_text(MARK)).to_be_visible()
    assert_accessible(client, widths=[320, 1280])
    let_in(therapist)
    mark = person(therapist, "Jane Doe").get_by_text(MARK)
    expect(mark).to_be_visible()
    open_panel(client, "More")
    inside = client.get_by_role("checkbox", name=TICK)
    expect(inside).to_be_checked()
    inside.uncheck()
    expect(mark).to_be_hidden()
    client.reload()
    client.get_by_role("button", name="Go in").click()
    open_panel(client, "More")
    expect(client.get_by_role("checkbox", name=TICK)).not_to_be_checked()


def test_a_therapist_without_a_licence_there_decides_in_the_room(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    therapist = open_page()
    enter_as_therapist(therapist, server, appointment)
    answer = Whereabout("UT", "A motel in Moab", "+13035550188")
    seat, by, now = appointment.attendees[0].id, ActedBy(Actor.CLIENT), server.clock() + timedelta(seconds=1)
    say_whereabouts(attendee_id=seat, companion_id=None, answer=answer, by=by, now=now)
    client = open_page()
    enter_as_client(client, server, appointment)
    therapist.get_by_role("button", name="No licence where they are: decide").click()
    panel = therapist.get_by_role("region", name="Where they are")
    expect(panel.get_by_text("A motel in Moab, Utah")).to_be_visible()
    assert_accessible(therapist, widths=[320, 1280])
    panel.get_by_role("button", name="Go on, for this reason").click()
    reason = panel.get_by_label("I have a reason")
    expect(reason).to_be_focused()
    reason.fill("Thirty days a year for visitors")
    panel.get_by_role("button", name="Go on, for this reason").click()
    expect(panel.get_by_text("Your decision is kept, with your name and the time.")).to_be_visible()
    expect(therapist.get_by_role("button", name="Where they are", exact=True)).to_be_visible()
    assert db.session.scalars(select(Whereabouts.decision)).all() == [LicenceDecision.REASON]
    therapist.reload()
    therapist.get_by_role("button", name="Go in").click()
    therapist.get_by_role("button", name="Where they are", exact=True).click()
    expect(therapist.get_by_text("Decided to go on, for a reason: Thirty days a year for visitors")).to_be_visible()
