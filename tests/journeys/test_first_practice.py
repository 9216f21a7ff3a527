"""A practice begins: from an empty database to the first appointments, with nothing but a browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from telehealth.database import db
from telehealth.domain.ports import Email, Gateways
from telehealth.models import Appointment
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.sending import deliver_all
from tests.fakes import FakeEmails
from tests.journeys.conftest import WIDTHS, LiveServer, assert_accessible
from tests.journeys.hands import Keyboard, Mouse

PASSWORD = "four quiet words here"
TEAM = ("Dana Rivera", "Kim Okafor", "Lee Park", "Sol Vega", "Tam Nguyen", "Uma Reyes")

by_both = pytest.mark.parametrize("hands", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])


@pytest.fixture
def own_machine(server: LiveServer) -> LiveServer:
    """As after ``make run``: whoever sits there needs no link."""
    server.app.extensions["starts_without_link"] = True
    return server


def say_who(page: Page, hands: Mouse) -> None:
    hands.fill(page.get_by_label("Name of the practice"), "Elm Street Counseling")
    hands.fill(page.get_by_label("Phone that clients may call"), "303 555 0188")
    hands.fill(page.get_by_label("Your name"), "Ana Rivera")
    hands.fill(page.get_by_label("Your e-mail address"), "ana@elm.example")
    hands.fill(page.get_by_label("A password"), PASSWORD)
    hands.press(page.get_by_role("button", name="Start"))


def expect_done(page: Page, steps: int) -> None:
    expect(page.get_by_role("heading", name="First steps")).to_have_text(f"First steps: {steps} of 8 done")


def book_online(page: Page, hands: Mouse, name: str, email: str, *, has_choice: bool = False) -> None:
    """From the first question to the last page; with whoever is free first, where there is a choice of therapists."""
    hands.choose(page.get_by_label("State"), "Colorado")
    hands.press(page.get_by_role("button", name="Continue"))
    if has_choice:
        hands.tick(page.get_by_label("First available"))
        hands.press(page.get_by_role("button", name="See free times"))
    hands.press(page.locator(".slot").first)
    hands.fill(page.get_by_label("Your name", exact=True), name)
    hands.fill(page.get_by_label("E-mail", exact=True), email)
    hands.press(page.get_by_role("button", name="Review"))
    hands.press(page.get_by_role("button", name="Confirm appointment"))
    expect(page.get_by_role("heading", level=1)).to_have_text("You’re booked")


def look_around(page: Page, hands: Mouse) -> None:
    """Once is enough: what hands do, axe does not see."""
    if type(hands) is Mouse:
        assert_accessible(page, widths=WIDTHS)


@by_both
def test_from_nothing_to_the_first_appointment(own_machine: LiveServer, rows: None, page: Page, hands: Mouse) -> None:
    page.goto(own_machine.path(""))
    look_around(page, hands)
    hands.press(page.get_by_role("link", name="Start your own practice"))
    expect(page.get_by_label("Time zone")).to_have_value("America/Denver")  # The browser has said so.
    hands.press(page.get_by_role("button", name="Start"))
    expect(page.locator("[data-error-summary]")).to_be_focused()
    look_around(page, hands)
    say_who(page, hands)

    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    expect_done(page, 0)
    look_around(page, hands)

    hands.press(page.get_by_role("link", name="I see clients myself"))
    look_around(page, hands)
    hands.fill(page.get_by_label("Credential"), "LPC")
    hands.choose(page.get_by_label("Licensed in"), "Colorado")
    hands.fill_date(page.get_by_label("Since"), date(2020, 1, 1))
    hands.press(page.get_by_role("button", name="Save"))
    expect_done(page, 3)

    hands.press(page.get_by_role("link", name="Add a service"))
    look_around(page, hands)
    expect(page.get_by_label("A start every")).to_be_hidden()  # Five questions; the rest is behind "More".
    hands.fill(page.get_by_label("Name", exact=True), "First conversation")
    hands.press(page.get_by_role("button", name="Add this service"))
    hands.press(page.get_by_role("link", name="Today"))
    expect_done(page, 6)  # How people meet by video, too: in our own room.

    hands.press(page.get_by_role("link", name="Write about yourself"))
    hands.fill(page.get_by_label("About you"), "A small practice for people who have a lot to carry.")
    hands.press(page.get_by_role("button", name="Save"))
    hands.press(page.get_by_role("link", name="Look at your page"))
    expect(page.get_by_text("A small practice for people who have a lot to carry.")).to_be_visible()
    look_around(page, hands)

    page.goto(own_machine.path("desk"))
    expect_done(page, 7)
    hands.press(page.get_by_role("link", name="Book a test"))
    book_online(page, hands, "Ana Rivera", "ana@elm.example")
    assert db.session.query(Appointment).count() == 1

    page.goto(own_machine.path("desk"))
    expect(page.get_by_role("heading", name="First steps")).to_have_count(0)
    expect(page.get_by_role("heading", name="Next")).to_be_visible()


def add_therapist(page: Page, hands: Mouse, server: LiveServer, name: str) -> None:
    page.goto(server.path("desk", "therapists"))
    hands.press(page.get_by_role("link", name="Add a therapist"))
    hands.fill(page.get_by_label("Name", exact=True), name)
    hands.fill(page.get_by_label("Credential"), "LCSW")
    hands.fill(page.get_by_label("E-mail address"), f"{name.split(maxsplit=1)[0].lower()}@elm.example")
    hands.choose(page.get_by_label("Licensed in"), "Colorado")
    hands.fill_date(page.get_by_label("Since"), date(2021, 2, 3))
    hands.tick(page.get_by_label("Monday to Friday, 9 AM to 5 PM"))
    hands.press(page.get_by_role("button", name="Save"))
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Add a therapist")


def read_mail(server: LiveServer) -> Email:
    """Send what is due; the last e-mail of it."""
    gateways: Gateways = server.app.extensions["gateways"]
    assert isinstance(gateways.emails, FakeEmails)
    due = claim_messages(worker="w", addresses=server.app.extensions["addresses"], limit=50, now=server.clock())
    deliver_all(due, gateways=gateways, now=server.clock)
    return gateways.emails.sent[-1]


def furnish(page: Page, hands: Mouse, server: LiveServer) -> None:
    """A place, six people, and a service."""
    page.goto(server.path("start"))
    say_who(page, hands)
    hands.press(page.get_by_role("link", name="Add a place"))
    hands.fill(page.get_by_label("Name", exact=True), "Main house")
    hands.fill(page.get_by_label("Address"), "2 Main Street, Denver, CO 80202")
    hands.choose(page.get_by_label("State"), "Colorado")
    hands.press(page.get_by_role("button", name="Add this place"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Main house")
    for name in TEAM:
        add_therapist(page, hands, server, name)

    page.goto(server.path("desk"))
    hands.press(page.get_by_role("link", name="Add a service"))
    hands.fill(page.get_by_label("Name", exact=True), "Individual session")
    hands.press(page.get_by_role("button", name="Add this service"))


@by_both
def test_a_clinic_of_six(
    own_machine: LiveServer, rows: None, open_page: Callable[..., Page], page: Page, hands: Mouse
) -> None:
    furnish(page, hands, own_machine)
    page.goto(own_machine.path("desk", "people"))
    hands.press(page.get_by_role("link", name="Invite somebody"))
    hands.fill(page.get_by_label("Name", exact=True), "Kim Okafor")
    hands.fill(page.get_by_label("E-mail address"), "kim@elm.example")
    hands.choose(page.get_by_label("Which therapist are they?"), "Kim Okafor")
    hands.press(page.get_by_role("button", name="Send the invitation"))
    expect(page.get_by_text("An e-mail to kim@elm.example is on its way")).to_be_visible()
    ((_, link),) = read_mail(own_machine).letter.actions

    client = open_page(width=360)
    client.goto(own_machine.path("elm-street-counseling", "book"))
    book_online(client, hands, "Rae Chu", "rae@example.com", has_choice=True)

    hands.press(page.get_by_role("link", name="New appointment"))
    hands.choose(page.get_by_label("Service"), "Individual session")
    hands.choose(page.get_by_label("How to meet"), "Video")
    hands.choose(page.get_by_label("State the client will be in"), "Colorado")
    hands.choose(page.get_by_label("Therapist", exact=True), "Kim Okafor")
    hands.press(page.get_by_role("button", name="Show times"))
    hands.press(page.get_by_role("link", name="4:00 PM").first)
    hands.fill(page.get_by_label("Name", exact=True), "Priya Shah")
    hands.fill(page.get_by_label("E-mail", exact=True), "priya@example.com")
    hands.fill(page.get_by_label("Phone"), "303 555 0144")
    hands.press(page.get_by_role("button", name="Book this appointment"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Priya Shah")

    theirs = open_page()
    theirs.goto(link)
    hands.fill(theirs.get_by_label("Password", exact=True), PASSWORD)
    hands.fill(theirs.get_by_label("Password, once more"), PASSWORD)
    hands.press(theirs.get_by_role("button", name="Save and sign in"))
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Today")
    expect(theirs.get_by_text("Priya Shah").first).to_be_visible()
    expect(theirs.get_by_text("Rae Chu")).to_have_count(0)  # She comes to somebody else.

    hands.press(page.get_by_role("link", name="Schedule"))
    look_around(page, hands)
    for name in TEAM:
        expect(page.get_by_role("heading", name=name)).to_be_visible()

    answer_an_urgent_text(page, hands, own_machine)
    get_through_a_sick_day(page, hands, own_machine)
    theirs.reload()
    expect(theirs.get_by_text("Priya Shah")).to_have_count(0)  # She comes to a colleague.


def answer_an_urgent_text(page: Page, hands: Mouse, server: LiveServer) -> None:
    """Priya Shah texts what must not wait. It stands at the desk, somebody takes it, calls her, and is done."""
    phone = page.context.new_page()
    phone.goto(server.path("dev", "outbox"))
    hands.open(phone.get_by_text("Text the practice from any number"))
    hands.fill(phone.get_by_label("Their number"), "303 555 0144")
    hands.fill(phone.get_by_label("Their text"), "I want to end my life")
    hands.press(phone.get_by_role("button", name="Text it"))
    phone.close()

    page.reload()
    hands.press(page.get_by_role("link", name="To do (1)"))
    hands.press(page.get_by_role("link", name="Read and answer"))
    expect(page.get_by_text("Please call them now")).to_be_visible()
    look_around(page, hands)
    hands.press(page.get_by_role("button", name="I have it"))
    expect(page.get_by_text("Ana Rivera has it since")).to_be_visible()
    hands.press(page.get_by_role("button", name="Done without an answer"))
    expect(page.get_by_role("heading", name="Nothing to do")).to_be_visible()


def get_through_a_sick_day(page: Page, hands: Mouse, server: LiveServer) -> None:
    """Kim Okafor cannot come this week: a colleague takes Priya Shah, and nothing new is booked with her."""
    hands.open(page.get_by_text("More", exact=True))
    hands.press(page.get_by_role("link", name="Sick day"))
    hands.choose(page.get_by_label("Who cannot come?"), "Kim Okafor")
    today = server.clock().date()
    hands.fill_date(page.get_by_label("First day"), today)
    hands.fill_date(page.get_by_label("Last day"), today + timedelta(days=6))
    hands.press(page.get_by_role("button", name="Show who could help"))
    expect(page.get_by_text("Somebody could take each of them.")).to_be_visible()
    look_around(page, hands)
    hands.press(page.get_by_role("button", name="Hand over 1"))
    expect(page.get_by_text("takes it.")).to_be_visible()
    expect(page.get_by_text("Nothing new is booked with Kim Okafor on these days.")).to_be_visible()
    look_around(page, hands)
    hands.press(page.get_by_role("link", name="Priya Shah"))
    expect(page.get_by_text("Kim Okafor").first).to_be_visible()  # What was, stands in its history.


def test_a_place_from_the_page_to_its_end(own_machine: LiveServer, rows: None, page: Page) -> None:
    page.goto(own_machine.path("start"))
    say_who(page, Mouse())
    page.get_by_role("link", name="Add a place").click()
    page.get_by_label("Name", exact=True).fill("Annex")
    page.get_by_label("Address").fill("2 Main Street, Denver, CO 80202")
    page.get_by_label("State").select_option("CO")
    page.get_by_label("Link to a map").fill("map.example/annex")
    page.get_by_role("button", name="Add this place").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Annex")
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("link", name="Close this place").click()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("button", name="Close this place").click()
    expect(page.get_by_text("This place is closed")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    page.goto(own_machine.path("desk", "places"))
    assert_accessible(page, widths=WIDTHS)
