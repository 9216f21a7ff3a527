"""A therapist connects Google Calendar on Google's own page, sees what it keeps busy, and disconnects it again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from telehealth.adapters.google_calendar import GoogleApp, GoogleCalendars
from telehealth.domain.calendar_words import CalendarKind
from telehealth.domain.words import Role
from telehealth.services.calendars.syncing import sync_due_calendars
from tests import fake_google
from tests.factories import make_office, make_user
from tests.factories.rows import change
from tests.factories.users import PASSWORD
from tests.fake_google import FakeGoogle
from tests.fake_oauth import CLIENT_ID, CLIENT_SECRET
from tests.journeys.conftest import LiveServer, assert_accessible, sign_in
from tests.moments import NOW


@pytest.fixture
def google(server: LiveServer) -> Iterator[FakeGoogle]:
    """Google beside the service, which is registered with it."""
    with FakeGoogle(redirect_uris=(server.path("desk", "calendars", "sign-in", "google", "back"),)) as there:
        calendars = GoogleCalendars(GoogleApp(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, base_url=there.url))
        by_kind = {CalendarKind.GOOGLE: calendars}
        ways_out = server.app.extensions["gateways"]
        server.app.extensions["gateways"] = replace(ways_out, calendars=by_kind, sign_ins=by_kind)
        yield there


def read_what_is_due(server: LiveServer) -> None:
    """As the tick does, a little later."""
    server.clock.advance(timedelta(minutes=1))
    ways_out, ring = server.app.extensions["gateways"], server.app.extensions["key_ring"]
    sync_due_calendars(gateways=ways_out.calendars, ring=ring, now=server.clock())


@pytest.mark.usefixtures("rows")
def test_google_calendar_from_sign_in_to_goodbye(server: LiveServer, page: Page, google: FakeGoogle) -> None:
    office = make_office(therapist={"name": "Dana Rivera"})
    user = make_user(office.practice, Role.THERAPIST, password=PASSWORD)
    change(office.therapist, user_id=user.id)
    google.put("dentist", **fake_google.hours(NOW + timedelta(days=1)))

    sign_in(page, server, user.email, "desk/calendars/new")
    assert_accessible(page, widths=[320, 1280])
    page.get_by_role("link", name="Google Calendar, by signing in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Telehealth wants to see your calendars")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Nothing was connected: access was not given.")).to_be_visible()

    page.get_by_role("link", name="Google Calendar, by signing in").click()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Google Calendar")
    expect(page.get_by_text("Connected. It is read")).to_be_visible()
    expect(page.get_by_label("dana@example.com")).to_be_checked()
    expect(page.get_by_label("Holidays")).not_to_be_checked()
    assert_accessible(page, widths=[320, 1280])

    read_what_is_due(server)
    page.goto(page.url)
    expect(page.get_by_text("1 busy time ahead")).to_be_visible()
    assert "Secret plans" not in page.content()

    page.get_by_text("End this connection", exact=True).click()
    page.get_by_role("button", name="End the connection").click()
    expect(page.get_by_text("is no longer connected")).to_be_visible()
    assert google.grants == [], "and Google knows"
