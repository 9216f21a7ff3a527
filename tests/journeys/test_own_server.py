"""A therapist connects a server of their own (a real Radicale) on the page, sees what it keeps busy, and has what is
booked written out into it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from telehealth.adapters.caldav import CalDavCalendars
from telehealth.adapters.calendar_parsing import CalendarParser
from telehealth.domain.calendar_words import CalendarKind
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.domain.words import Role
from telehealth.jobs import ticks
from tests.caldav_process import PASSWORD as APP_PASSWORD
from tests.caldav_process import CalDavOwner
from tests.factories import Office, book, make_contact, make_office, make_user
from tests.factories.rows import change
from tests.factories.users import PASSWORD
from tests.journeys.conftest import LiveServer, assert_accessible, sign_in
from tests.moments import at

THERAPIST = "dana@riverside.example"
WIDTHS = (320, 1280)
BUSY, BOOKED = at(10, days=1), at(14, days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def office(rows: None) -> Office:
    office = make_office(therapist={"name": "Dana Rivera"})
    user = make_user(office.practice, Role.THERAPIST, password=PASSWORD, email=THERAPIST)
    change(office.therapist, user_id=user.id)
    return office


@pytest.fixture
def owner(server: LiveServer, caldav_owner: Callable[[str], CalDavOwner]) -> CalDavOwner:
    """Dana at her own Radicale, which this service may ask although it stands on this machine."""
    there = caldav_owner("radicale")
    by_kind = {CalendarKind.CALDAV: CalDavCalendars(there.server.make_http(), CalendarParser())}
    server.app.extensions["gateways"] = replace(server.app.extensions["gateways"], calendars=by_kind)
    return there


def run_jobs(server: LiveServer) -> None:
    """As the ticks do, a little later."""
    server.clock.advance(timedelta(minutes=10))
    with server.app.app_context():
        ticks.find_what_to_write(server.app)
        ticks.write_into_calendars(server.app)
        ticks.sync_calendars(server.app)


def offered(page: Page, server: LiveServer, office: Office) -> str:
    query = f"slots?service={office.service.public_id}&mode=virtual&jurisdiction=CO"
    return page.request.get(server.path("api", "v1", "practices", office.practice.slug, query)).text()


def list_starts(owner: CalDavOwner) -> list[str]:
    return sorted(f"{owner.get(entry).start:%d %H:%M}" for entry in owner.list_entries())


def connect(page: Page, owner: CalDavOwner) -> None:
    """On the page, with a password that is mistyped at first."""
    page.get_by_role("link", name="Another server (CalDAV)").click()
    page.get_by_label("Server address").fill(owner.server.url("/"))
    page.get_by_label("User name there").fill(owner.username)
    page.get_by_label("App password").fill("mistyped")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("link", name="does not accept this name and password")).to_be_visible()
    page.get_by_label("App password").fill(APP_PASSWORD)
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("It opens: calendar.example")
    expect(page.get_by_text("Home: 1 busy time in the next four weeks")).to_be_visible()
    page.get_by_label("What you call it here").fill("My server")
    page.get_by_role("button", name="Keep this connection").click()
    expect(page.get_by_text("Busy times are counted once it was read")).to_be_visible()


def test_a_server_of_ones_own_from_the_address_to_the_appointment(
    server: LiveServer, office: Office, owner: CalDavOwner, page: Page
) -> None:
    owner.put_busy(BusySpan(BUSY, BUSY + HOUR), uid="dentist")
    busy = f"{BUSY:%Y-%m-%dT%H:%M:%SZ}"
    sign_in(page, server, THERAPIST, "desk/calendars/new")
    assert busy in offered(page, server, office)
    connect(page, owner)
    assert_accessible(page, widths=WIDTHS)
    run_jobs(server)
    expect(page.get_by_text("1 busy time ahead", exact=True)).to_be_visible()
    expect(page.locator("#announcer")).to_contain_text("It was looked at. Works Read just now Home 1 busy time ahead")
    assert busy not in offered(page, server, office)
    assert "Dentist" not in page.content()

    page.get_by_role("link", name="Calendars", exact=True).first.click()
    page.get_by_role("link", name="Have appointments written into a calendar of yours").click()
    page.get_by_label("Home").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("What is booked stands there within the next minutes.")).to_be_visible()
    book(office, BOOKED, contact=make_contact(name="Ana Rivera"))
    run_jobs(server)
    assert list_starts(owner) == [f"{each:%d %H:%M}" for each in (BUSY, BOOKED)]

    ours = next(entry for entry in owner.list_entries() if f"{owner.get(entry).start:%H:%M}" == f"{BOOKED:%H:%M}")
    assert "Ana" not in owner.get(ours).to_ical().decode(), "it says Busy, and no more"
    owner.move(ours, BusySpan(BOOKED + HOUR, BOOKED + 2 * HOUR))
    run_jobs(server)
    page.goto(server.path("desk", "calendars"))
    page.get_by_role("link", name="Changed in own calendars").click()
    page.get_by_role("button", name="Put it back there").click()
    expect(page.get_by_text("Nothing to answer")).to_be_visible()
    run_jobs(server)
    assert list_starts(owner) == [f"{each:%d %H:%M}" for each in (BUSY, BOOKED)]
