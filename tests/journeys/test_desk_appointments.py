"""Appointments made, moved and answered at the desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from telehealth.database import transaction
from telehealth.domain.words import Approval, Role, ServiceKind
from telehealth.models import TherapistService
from tests.factories import Office, book, make_contact, make_office, make_service, make_user
from tests.factories.users import PASSWORD
from tests.journeys.conftest import WIDTHS, LiveServer, assert_accessible, sign_in
from tests.moments import at

FRONT_DESK = "desk@riverside.example"


@pytest.fixture
def office(rows: None) -> Office:
    """Somebody at the front desk, one booked hour, a couple, and a request."""
    office = make_office(therapist={"name": "Dana Rivera"})
    make_user(office.practice, Role.FRONT_DESK, password=PASSWORD, email=FRONT_DESK)
    couple = make_service(office.practice, kind=ServiceKind.COUPLE, name="Couple session", capacity=2)
    intake = make_service(office.practice, name="Intake", approval=Approval.ALWAYS)
    with transaction() as session:
        for service in (couple, intake):
            session.add(TherapistService(therapist_id=office.therapist.id, service_id=service.id))
    book(office, at(10), contact=make_contact(name="Ana Rivera", email="ana@example.com"))
    book(office, at(14), service=couple.public_id, others=(make_contact(name="Ben Ito"),))
    book(office, at(12), service=intake.public_id, contact=make_contact(name="Rae Chu"))
    return office


def ask_for_times(page: Page) -> None:
    page.get_by_label("Service").select_option("Individual session")
    page.get_by_label("How to meet").select_option("Video")
    page.get_by_label("State the client will be in").select_option("Colorado")
    page.get_by_role("button", name="Show times").click()


@pytest.mark.parametrize("width", [320, 1280])
def test_somebody_calls_and_gets_a_time_over_another(
    server: LiveServer, office: Office, open_page: Callable[..., Page], width: int
) -> None:
    page = open_page(width=width, java_script_enabled=width != 320)
    sign_in(page, server, FRONT_DESK)
    page.get_by_role("link", name="New appointment").click()
    page.get_by_label("Name, e-mail or number").fill("ana")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Ana Rivera").click()
    page.get_by_text("Ask otherwise").click()
    ask_for_times(page)
    page.get_by_label("Date").fill("2026-11-24")
    page.get_by_label("Time", exact=True).fill("14:00")
    page.get_by_role("button", name="Look at this time").click()
    page.get_by_label("It overlaps another appointment of Dana Rivera, 2:00 PM to 2:50 PM MST.").check()
    page.get_by_role("button", name="Book this appointment").click()
    page.get_by_label("Why", exact=True).fill("They will share the hour")
    page.get_by_role("button", name="Book this appointment").click()
    expect(page.get_by_role("heading", name="Booked on purpose over another appointment")).to_be_visible()
    expect(page.get_by_text("Reason: They will share the hour").first).to_be_visible()


def test_a_request_is_answered_and_an_appointment_moved(server: LiveServer, office: Office, page: Page) -> None:
    sign_in(page, server, FRONT_DESK)
    page.get_by_role("link", name="1 request waits for your answer").click()
    assert_accessible(page)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status").filter(has_text="Approved: Rae Chu")).to_be_visible()
    page.goto(server.path("desk", "week"))
    page.get_by_role("link", name="Ana Rivera").click()
    page.get_by_role("link", name="Move", exact=True).click()
    assert_accessible(page)
    page.get_by_role("link", name="4:00 PM").first.click()
    assert_accessible(page)
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_role("status").filter(has_text="Moved.")).to_be_visible()
    assert_accessible(page)


def test_every_page_can_be_used_by_everybody(
    server: LiveServer, office: Office, open_page: Callable[..., Page]
) -> None:
    page = open_page(width=320)
    sign_in(page, server, FRONT_DESK)
    page.goto(server.path("desk", "week"))
    page.get_by_role("link", name="Ben Ito").click()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("link", name="Cannot come").first.click()
    assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("desk", "requests"))
    page.get_by_role("link", name="Decline").click()
    assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("desk", "clients"))
    page.get_by_role("link", name="Ana Rivera").click()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("main").get_by_role("link", name="New appointment").click()
    page.get_by_text("Ask otherwise").click()
    ask_for_times(page)
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("link", name="4:00 PM").first.click()
    assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("desk", "why-not"))
    page.get_by_label("Date").fill("2026-11-24")
    page.get_by_label("Time", exact=True).fill("22:00")
    page.get_by_label("Service").select_option("Individual session")
    page.get_by_label("How to meet").select_option("Video")
    page.get_by_label("State the client will be in").select_option("Colorado")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("It is outside Dana Rivera's hours.")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)


class Clicker:
    """Somebody at the desk whose clicks are counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, role: Literal["link", "button"], name: str) -> None:
        self.page.get_by_role(role, name=name).first.click()
        self.clicks += 1

    def choose_first_time(self) -> None:
        self.page.locator(".slots a, .slots button").first.click()
        self.clicks += 1


@pytest.mark.parametrize("begins_on", ["desk/settings", "desk/week", "desk/tasks"])
def test_a_known_client_is_booked_in_five_clicks_from_anywhere(
    server: LiveServer, office: Office, page: Page, begins_on: str
) -> None:
    sign_in(page, server, FRONT_DESK)
    page.goto(server.path(begins_on))
    desk = Clicker(page)
    desk.click("link", "New appointment")
    page.get_by_label("Name, e-mail or number").fill("ana")
    desk.click("button", "Find")
    desk.click("link", "Ana Rivera")
    desk.choose_first_time()
    desk.click("button", "Book this appointment")
    expect(page.get_by_text("Booked.")).to_be_visible()
    assert desk.clicks <= 5


@pytest.mark.parametrize("width", [320, 1280])
def test_an_appointment_is_moved_in_the_grid_with_the_keyboard(
    server: LiveServer, office: Office, open_page: Callable[..., Page], width: int
) -> None:
    page = open_page(width=width)
    sign_in(page, server, FRONT_DESK)
    page.goto(server.path("desk/schedule?view=day&day=2026-11-24&set=1"))
    page.get_by_role("link", name="Move Ana Rivera").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Moving Ana Rivera")).to_be_visible()
    assert_accessible(page, widths=[320, 1280])
    page.keyboard.press("Escape")
    expect(page.get_by_text("Moving Ana Rivera")).to_have_count(0)
    page.get_by_role("link", name="Move Ana Rivera").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Move to 3:30 PM").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Move this appointment?")
    page.get_by_role("button", name="Move it").press("Enter")
    expect(page.get_by_text("Moved.")).to_be_visible()


def test_an_appointment_is_moved_from_the_list_in_four_clicks(server: LiveServer, office: Office, page: Page) -> None:
    sign_in(page, server, FRONT_DESK)
    desk = Clicker(page)
    desk.click("link", "Ana Rivera")
    desk.click("link", "Move")
    desk.choose_first_time()
    desk.click("button", "Move it")
    expect(page.get_by_text("Moved.")).to_be_visible()
    assert desk.clicks <= 4


def test_showing_times_stays_at_the_times(server: LiveServer, office: Office, page: Page) -> None:
    sign_in(page, server, FRONT_DESK)
    page.get_by_role("link", name="Ana Rivera").first.click()
    page.get_by_role("link", name="Move").first.click()
    page.get_by_text("Ask otherwise").click()
    page.get_by_role("button", name="Show times").click()
    expect(page).to_have_url(re.compile("#times$"))
    expect(page.get_by_role("heading", name="A free time")).to_be_in_viewport()


@pytest.fixture
def longer(office: Office) -> None:
    """Individual sessions may last longer."""
    with transaction():
        office.service.other_lengths = [45, 80]


@pytest.mark.usefixtures("longer")
def test_an_appointment_is_made_longer_at_its_lower_edge(server: LiveServer, office: Office, page: Page) -> None:
    sign_in(page, server, FRONT_DESK)
    page.goto(server.path("desk/schedule?view=day&day=2026-11-24&set=1"))
    box = page.locator(".entry", has_text="Ana Rivera").locator("[data-edge]").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 10)
    page.mouse.move(x, y + 35)
    expect(page.locator(".timegrid__ghost", has_text="80 minutes, until 11:20 AM")).to_be_visible()
    page.mouse.up()
    expect(page.get_by_role("heading", level=1)).to_have_text("Change how long it lasts?")
    assert_accessible(page, widths=[320, 1280])
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_text("Changed. Everybody who takes part is told in 3 minutes.")).to_be_visible()


@pytest.mark.usefixtures("longer")
@pytest.mark.parametrize("width", [320, 1280])
def test_the_keyboard_changes_a_length_from_the_list(
    server: LiveServer, office: Office, open_page: Callable[..., Page], width: int
) -> None:
    page = open_page(width=width, java_script_enabled=width != 320)
    sign_in(page, server, FRONT_DESK)
    for name in ("Ana Rivera", "Change length", "80 minutes"):
        page.get_by_role("link", name=name).first.press("Enter")
        page.wait_for_load_state()
    expect(page.get_by_role("heading", level=1)).to_have_text("Change how long it lasts?")
    page.go_back()
    if width != 320:
        assert_accessible(page, widths=[320, 1280])
    page.go_forward()
    page.get_by_role("checkbox", name="Tell Ana Rivera").uncheck()
    page.get_by_role("button", name="Change it").press("Enter")
    expect(page.get_by_text("The client is not told by us, so please tell them.")).to_be_visible()


def test_a_client_in_another_state_is_seen_wherever_it_matters(server: LiveServer, office: Office, page: Page) -> None:
    sign_in(page, server, FRONT_DESK)
    page.goto(server.path("desk", "clients"))
    page.get_by_role("link", name="Ana Rivera").click()
    page.get_by_role("link", name="They are in another state, or time zone").click()
    page.get_by_label("The state they will be in").select_option("Utah")
    page.get_by_role("button", name="Save the state").click()
    expect(page.get_by_text("1 appointment ahead without a licence where they will be")).to_be_visible()
    assert_accessible(page, widths=[320, 1280])
    page.get_by_role("listitem").filter(has_text="no licence in Utah").get_by_role("link").click()
    expect(page.get_by_role("heading", name="No licence where the client will be")).to_be_visible()
    assert_accessible(page, widths=[320, 1280])
