"""The life of a booking, as clients see it: kept, shared, moved, asked for, waited for."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from telehealth.database import db, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.words import AppointmentStatus, Approval, LateChange, Mode, ServiceKind
from telehealth.models import Appointment, Offer, Policy, Service, WaitlistEntry
from telehealth.services.waitlist.waiting import offer_freed_times
from tests.factories import Office, book, cancel, make_contact, make_office, make_therapist
from tests.factories.rows import keep
from tests.journeys.conftest import WIDTHS, LiveServer, assert_accessible
from tests.moments import NOW, at

TEN, DAY_BEFORE = at(10), NOW - timedelta(days=1)


@pytest.fixture
def office(server: LiveServer, rows: None) -> Office:
    return make_office(practice={"slug": "riverside", "phone": "+13035550100"})


@pytest.fixture
def addresses(server: LiveServer) -> Addresses:
    found: Addresses = server.app.extensions["addresses"]
    return found


def title(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def manage(addresses: Addresses, appointment: Appointment, seat: int = 0) -> str:
    return addresses.manage(appointment.attendees[seat])


def go_to_times(page: Page, server: LiveServer, office: Office, **query: str) -> None:
    answers = {"service": office.service.public_id, "mode": "virtual", "state": "CO"}
    page.goto(server.path("riverside", "book", **{**answers, **query}))


def press_time(page: Page, time: str, day: str = "Tuesday, November 24") -> None:
    page.get_by_role("button", name=re.compile(f"^{time}.*{day}")).click()


def fill_in(page: Page, name: str = "Jane Doe") -> None:
    page.get_by_label("Your name", exact=True).fill(name)
    page.get_by_label("E-mail", exact=True).fill("jane@example.com")


def set_terms(office: Office, when_late: LateChange) -> None:
    policy = Policy(
        practice_id=office.practice.id, version=1, window_minutes=24 * 60, when_late=when_late, created_at=NOW
    )
    keep(policy)
    with transaction() as session:
        session.get_one(Service, office.service.id).policy_id = policy.id


def test_the_kept_time_is_counted_down_warned_about_and_kept_longer(
    server: LiveServer, office: Office, open_page: Callable[..., Page]
) -> None:
    page = open_page(width=320)
    page.clock.install()
    go_to_times(page, server, office)
    press_time(page, "10:00 AM")
    title(page, "Who is the appointment for?")
    expect(page.locator("[data-kept-left]")).to_have_text("10 min left.")
    assert_accessible(page)
    fill_in(page)
    page.clock.fast_forward("08:01")
    expect(page.locator("#announcer")).to_contain_text("Your time is kept for 2 more minutes.")
    expect(page.locator("[data-kept-left]")).to_have_text("2 min left.")
    assert_accessible(page)
    server.clock.advance(timedelta(minutes=8))
    page.get_by_role("button", name="Keep it longer").click()
    expect(page.locator("[data-kept-left]")).to_have_text("10 min left.")
    expect(page.get_by_label("Your name", exact=True)).to_have_value("Jane Doe")


def test_when_the_kept_time_ends_nothing_is_lost(
    server: LiveServer, office: Office, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    page.clock.install()
    go_to_times(page, server, office)
    press_time(page, "10:00 AM")
    fill_in(page)
    page.clock.fast_forward("10:01")
    server.clock.advance(timedelta(minutes=10))
    expect(page.locator("#announcer")).to_contain_text("This time is no longer kept for you. Nothing you typed is lost")
    expect(page.get_by_role("button", name="Keep it again")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Review").click()
    title(page, "Is everything right?")
    expect(page.get_by_text("This time is no longer kept for you.")).to_be_visible()
    page.get_by_role("button", name="Confirm appointment").click()
    title(page, "You’re booked")


def test_enter_in_a_field_goes_on_to_the_review(server: LiveServer, office: Office, page: Page) -> None:
    go_to_times(page, server, office)
    press_time(page, "10:00 AM")
    fill_in(page)
    page.get_by_label("E-mail", exact=True).press("Enter")
    title(page, "Is everything right?")


def test_two_people_after_one_time(server: LiveServer, office: Office, open_page: Callable[..., Page]) -> None:
    first, second = open_page(), open_page()
    for page in (first, second):
        go_to_times(page, server, office)
    press_time(first, "10:00 AM")
    title(first, "Who is the appointment for?")
    press_time(second, "10:00 AM")
    expect(second.locator("[data-error-summary]")).to_contain_text("That time has just been taken")
    expect(second.get_by_role("button", name=re.compile("^10:00 AM.*Tuesday, November 24"))).to_have_count(0)
    assert_accessible(second)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_family_books_without_scripts(
    server: LiveServer, rows: None, open_page: Callable[..., Page], width: int
) -> None:
    office = make_office(practice={"slug": "riverside"}, service={"kind": ServiceKind.FAMILY, "capacity": 3})
    page = open_page(java_script_enabled=False, width=width)
    go_to_times(page, server, office)
    press_time(page, "10:00 AM")
    fill_in(page)
    page.get_by_label("Their name").fill("Alex Roe")
    page.get_by_label("Their e-mail").fill("alex@example.com")
    page.get_by_label("State they will be in").select_option("Colorado")
    page.get_by_role("button", name="Add another person").click()
    expect(page.get_by_label("Their name").first).to_have_value("Alex Roe")
    page.get_by_label("Their name").nth(1).fill("Sam Roe")
    expect(page.get_by_label("State they will be in").nth(1)).to_have_value("CO")
    page.get_by_label("State they will be in").nth(1).select_option("Choose a state")
    page.get_by_role("button", name="Review").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("Please enter their e-mail address.")
    expect(page.locator("[data-error-summary]")).to_contain_text("Please choose the state they will be in.")
    page.get_by_label("Their e-mail").nth(1).fill("sam@example.com")
    page.get_by_label("State they will be in").nth(1).select_option("Colorado")
    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Confirm appointment").click()
    title(page, "You’re booked")
    db.session.rollback()
    assert [each.name for each in db.session.query(Appointment).one().attendees] == ["Jane Doe", "Alex Roe", "Sam Roe"]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_best_match(server: LiveServer, rows: None, open_page: Callable[..., Page], width: int) -> None:
    office = make_office(practice={"slug": "riverside"}, therapist={"languages": ["English"]})
    make_therapist(office.practice, office.service, name="Sam Okafor", languages=["Spanish"], specialties=["Grief"])
    page = open_page(width=width)
    go_to_times(page, server, office)
    page.get_by_role("radio", name="The best match for me").check()
    page.get_by_role("button", name="See free times").click()
    title(page, "What matters to you?")
    assert_accessible(page)
    page.get_by_label("Language").select_option("Spanish")
    page.get_by_role("button", name="See free times").click()
    expect(page.get_by_text("The best match: Spanish")).to_be_visible()
    press_time(page, "10:00 AM")
    expect(page.get_by_text("Sam Okafor")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_moving_from_video_to_a_room_and_back(
    server: LiveServer, office: Office, addresses: Addresses, open_page: Callable[..., Page], width: int
) -> None:
    page = open_page(width=width)
    page.goto(manage(addresses, book(office, TEN, now=DAY_BEFORE)))
    assert_accessible(page)
    page.get_by_role("link", name="Move to another time").click()
    title(page, "Move your appointment")
    assert_accessible(page)
    page.get_by_role("radio", name="In person").check()
    page.get_by_role("button", name="See free times").click()
    title(page, "Choose another time")
    assert_accessible(page)
    press_time(page, "10:30 AM")
    title(page, "Move it?")
    assert_accessible(page)
    page.get_by_role("button", name="Move the appointment").click()
    title(page, "It is moved")
    expect(page.get_by_text("Everybody hears of it in 3 minutes")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Undo: back to the old time").click()
    expect(page.get_by_text("Your appointment is back where it was.")).to_be_visible()
    expect(page.get_by_text("By video", exact=True)).to_be_visible()
    assert_accessible(page)


def test_moving_with_a_keyboard_and_without_scripts(
    server: LiveServer, rows: None, addresses: Addresses, open_page: Callable[..., Page]
) -> None:
    office = make_office(practice={"slug": "riverside"}, service={"modes": ["virtual"]})
    page = open_page(java_script_enabled=False, width=320)
    page.goto(manage(addresses, book(office, TEN, now=DAY_BEFORE)))
    for role, name in (
        ("link", "Move to another time"),
        ("button", re.compile("^12:00 PM.*Tuesday")),
        ("button", "Move the appointment"),
    ):
        page.get_by_role(role, name=name).focus()  # type: ignore[arg-type]
        page.keyboard.press("Enter")
    title(page, "It is moved")
    expect(page.get_by_text("Tuesday, November 24, 2026, 12:00 PM")).to_be_visible()


@pytest.mark.parametrize(("when_late", "words"), [(LateChange.CALL, "Please call us"), (LateChange.MARK, "To move")])
def test_close_to_the_start(
    server: LiveServer,
    office: Office,
    addresses: Addresses,
    open_page: Callable[..., Page],
    when_late: LateChange,
    words: str,
) -> None:
    set_terms(office, when_late)
    page = open_page(width=320)
    page.goto(manage(addresses, book(office, at(15, days=0), now=DAY_BEFORE)))
    expect(page.get_by_text(words).first).to_be_visible()
    assert_accessible(page)
    if when_late == LateChange.MARK:
        page.get_by_role("link", name="Cancel this appointment").click()
        expect(page.get_by_text("This counts as a late cancellation")).to_be_visible()
        assert_accessible(page)
        page.get_by_role("button", name="Cancel the appointment").click()
        expect(page.get_by_text("It counts as a late cancellation, as the terms say.")).to_be_visible()
        assert_accessible(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_asking_and_being_answered(
    server: LiveServer, rows: None, addresses: Addresses, open_page: Callable[..., Page], width: int
) -> None:
    office = make_office(practice={"slug": "riverside"}, service={"approval": Approval.ALWAYS})
    page, staff = open_page(width=width), open_page(width=width)
    go_to_times(page, server, office)
    press_time(page, "10:00 AM")
    fill_in(page)
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_text("Nothing is booked until the practice has said yes.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Send my request").click()
    title(page, "We have your request")
    assert_accessible(page)
    db.session.rollback()
    appointment = db.session.query(Appointment).one()
    staff.goto(addresses.answer(appointment.public_id))
    title(staff, "A request for an appointment")
    assert_accessible(staff)
    staff.get_by_role("button", name="Say yes").click()
    title(staff, "It is booked")
    assert_accessible(staff)
    page.reload()
    expect(page.get_by_role("link", name="Google Calendar")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_waiting_and_taking_what_frees_up(
    server: LiveServer, office: Office, addresses: Addresses, open_page: Callable[..., Page], width: int
) -> None:
    taken = book(office, TEN, contact=make_contact())
    page = open_page(width=width)
    go_to_times(page, server, office)
    page.get_by_role("link", name="Tell us when you could come").click()
    title(page, "Tell us when you could come")
    assert_accessible(page)
    page.get_by_label("Tuesday").check()
    page.get_by_label("Mornings").check()
    page.get_by_role("button", name="Put me on the list").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.get_by_label("Tuesday")).to_be_checked()
    assert_accessible(page)
    fill_in(page)
    page.get_by_role("button", name="Put me on the list").click()
    title(page, "You are on the list")
    assert_accessible(page)
    cancel(taken)
    server.clock.advance(timedelta(minutes=6))
    offer_freed_times(now=server.clock.instant)
    db.session.rollback()
    assert db.session.query(WaitlistEntry).count() == 1
    page.goto(addresses.offer(db.session.query(Offer).one()))
    title(page, "A time for you")
    assert_accessible(page)
    page.get_by_role("button", name="Yes, I take it").click()
    title(page, "You’re booked")
    expect(page.get_by_text("Tuesday, November 24, 2026, 10:00 AM")).to_be_visible()
    page.go_back()
    page.reload()
    title(page, "It is yours")
    assert_accessible(page)


def test_the_other_pages_of_a_seat_are_accessible(
    server: LiveServer, rows: None, addresses: Addresses, open_page: Callable[..., Page]
) -> None:
    office = make_office(practice={"slug": "riverside"}, service={"kind": ServiceKind.COUPLE, "capacity": 2})
    other = make_contact(name="Alex Roe", phone=None, wants_texts=False)
    link = manage(addresses, book(office, TEN, now=DAY_BEFORE, others=(other,), mode=Mode.VIRTUAL), seat=1)
    page = open_page(width=320)
    for path in ("", "/texts", "/earlier", "/cancel"):
        page.goto(link + path)
        assert_accessible(page, widths=WIDTHS)
    page.goto(f"{link}/texts")
    page.get_by_role("button", name="Send me texts").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_label("Mobile phone").fill("(303) 555-0199")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Send me texts").click()
    expect(page.get_by_text("You get texts at the number ending in 0199.")).to_be_visible()
    db.session.rollback()
    assert db.session.query(Appointment).one().status == AppointmentStatus.BOOKED
