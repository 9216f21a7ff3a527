"""A therapist connects the private address of a calendar on a real https server, and its times are offered no more."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from telehealth.adapters.calendar_parsing import CalendarParser
from telehealth.adapters.ics import IcsCalendars
from telehealth.domain.calendar_words import CalendarKind
from telehealth.domain.words import Role
from telehealth.jobs import ticks
from tests.adapters import secure_server
from tests.adapters.secure_server import Says, SecureServer
from tests.factories import Office, make_office, make_user
from tests.factories.rows import change
from tests.factories.users import PASSWORD
from tests.journeys.conftest import LiveServer, assert_accessible, sign_in
from tests.journeys.hands import Keyboard, Mouse
from tests.moments import at

THERAPIST, FRONT_DESK = "dana@riverside.example", "robin@riverside.example"
WIDTHS = (320, 1280)
SHOTS = os.environ.get("SHOTS_OF_CALENDARS", "")
BUSY, FREE = at(10, days=1), at(14, days=1)
EVENT = (
    "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:{starts}\r\nDTEND:{ends}\r\n"
    "SUMMARY:Very private\r\nEND:VEVENT\r\n"
)
CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Somebody//EN\r\n{}END:VCALENDAR\r\n"


def write_calendar(*starts: datetime) -> bytes:
    times = ((each, each + timedelta(hours=1)) for each in starts)
    events = (
        EVENT.format(uid=f"event-{n}", starts=f"{a:%Y%m%dT%H%M%SZ}", ends=f"{b:%Y%m%dT%H%M%SZ}")
        for n, (a, b) in enumerate(times)
    )
    return CALENDAR.format("".join(events)).encode()


@pytest.fixture
def office(rows: None) -> Office:
    office = make_office(therapist={"name": "Dana Rivera"})
    user = make_user(office.practice, Role.THERAPIST, password=PASSWORD, email=THERAPIST)
    make_user(office.practice, Role.FRONT_DESK, password=PASSWORD, email=FRONT_DESK)
    change(office.therapist, user_id=user.id)
    return office


@pytest.fixture
def elsewhere(server: LiveServer, tmp_path: Path) -> Iterator[SecureServer]:
    """A calendar on a server of its own, which this service may ask although it stands on this machine."""
    with secure_server.serve(tmp_path) as found:
        found.answer = lambda _: Says(body=write_calendar(BUSY), headers={"Content-Type": "text/calendar"})
        reader = IcsCalendars(found.make_http(), CalendarParser())
        gateways = server.app.extensions["gateways"]
        server.app.extensions["gateways"] = replace(gateways, calendars={CalendarKind.ICS: reader})
        yield found


def offered(page: Page, server: LiveServer, office: Office) -> str:
    query = {"service": office.service.public_id, "mode": "virtual", "jurisdiction": "CO"}
    given = "&".join(f"{name}={value}" for name, value in query.items())
    return page.request.get(server.path("api", "v1", "practices", office.practice.slug, f"slots?{given}")).text()


def says(start: datetime) -> str:
    return f"{start:%Y-%m-%dT%H:%M:%SZ}"


def look(page: Page, name: str) -> None:
    """Is it readable? With nothing to scroll sideways, and in both themes; pictures for whoever asks for them."""
    assert_accessible(page, widths=WIDTHS)
    for scheme in ("light", "dark") if SHOTS else ():
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.screenshot(path=f"{SHOTS}/{name}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")


def run_jobs(server: LiveServer) -> None:
    with server.app.app_context():
        ticks.sync_calendars(server.app)


@pytest.mark.parametrize("hands", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_life_of_a_connected_calendar(
    server: LiveServer,
    office: Office,
    elsewhere: SecureServer,
    open_page: Callable[..., Page],
    hands: Mouse,
    script: bool,
) -> None:
    page = open_page(width=360, java_script_enabled=script)
    checks: Callable[[str], None] = (lambda name: look(page, name)) if script else (lambda _: None)
    sign_in(page, server, THERAPIST)
    assert says(BUSY) in offered(page, server, office)
    page.goto(server.path("desk", "calendars"))
    checks("empty")
    hands.press(page.get_by_role("link", name="Connect a calendar"))
    checks("providers")
    page.goto(server.path("desk", "calendars", "new", "google-address"))
    checks("google")
    page.goto(server.path("desk", "calendars", "new", "address"))
    hands.fill(page.get_by_label("Private address"), "http://calendar.example/x.ics")
    hands.press(page.get_by_role("button", name="Try it"))
    expect(page.get_by_role("link", name="Please give an address that begins with https://")).to_be_visible()
    checks("refused")
    hands.fill(page.get_by_label("Private address"), elsewhere.url("/private.ics"))
    hands.press(page.get_by_role("button", name="Try it"))
    expect(page.get_by_text("This calendar: 1 busy time in the next four weeks")).to_be_visible()
    checks("found")
    hands.fill(page.get_by_label("What you call it here"), "My rota")
    hands.press(page.get_by_role("button", name="Keep this connection"))
    expect(page.get_by_role("heading", level=1)).to_have_text("My rota")
    expect(page.get_by_text("It is being read, or is about to be")).to_be_visible()
    checks("reading")
    run_jobs(server)
    if not script:
        hands.press(page.get_by_role("link", name="Look again"))
    expect(page.locator("main").get_by_text("Read just now")).to_be_visible()
    assert says(BUSY) not in offered(page, server, office)
    assert says(FREE) in offered(page, server, office)
    elsewhere.answer = lambda _: Says(body=write_calendar(FREE), headers={"Content-Type": "text/calendar"})
    server.clock.advance(timedelta(minutes=5))
    hands.press(page.get_by_role("button", name="Sync now"))
    expect(page.get_by_text("It is being read, or is about to be")).to_be_visible()
    run_jobs(server)
    assert says(BUSY) in offered(page, server, office)
    assert says(FREE) not in offered(page, server, office)
    page.goto(server.path("desk", "calendars"))
    expect(page.get_by_text("as this practice sees them")).to_be_visible()
    expect(page.get_by_text("Very private")).to_have_count(0)
    checks("connected")
    hands.press(page.get_by_role("link", name="My rota"))
    checks("one")
    hands.open(page.locator("summary", has_text="End this connection"))
    hands.press(page.get_by_role("button", name="End the connection"))
    expect(page.get_by_text("“My rota” is no longer connected.")).to_be_visible()
    assert says(FREE) in offered(page, server, office)


def test_the_desk_sees_who_has_to_sign_in_again(
    server: LiveServer, office: Office, elsewhere: SecureServer, page: Page
) -> None:
    sign_in(page, server, FRONT_DESK)
    page.goto(server.path("desk", "shared-calendars"))
    page.get_by_role("link", name="Calendars of therapists").click()
    expect(page.get_by_text("No calendar connected")).to_be_visible()
    look(page, "team")
