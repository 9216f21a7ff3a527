"""A working day at the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from telehealth.database import transaction
from telehealth.domain.audit_words import Actor, Via
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.rules import Rule
from telehealth.domain.words import LateChange, Mode, Role
from telehealth.models import Therapist
from telehealth.services.audit import ActedBy
from telehealth.services.messages.rule_setting import RulesWish, save_rules
from telehealth.services.messages.template_setting import Wording, save_template
from telehealth.services.practice import therapists
from telehealth.services.practice.policies import NewTerms, change_terms
from telehealth.services.practice.therapists import LicenceFacts, TherapistLimits
from telehealth.web.desk import frame
from telehealth.web.desk.clients import client_list
from tests.factories import (
    Office,
    add_override,
    add_time_off,
    book,
    cancel,
    make_client,
    make_contact,
    make_office,
    make_practice,
    make_service,
    make_user,
)
from tests.factories.users import PASSWORD
from tests.journeys.conftest import LiveServer, assert_accessible, sign_in
from tests.moments import at

WIDTHS = (320, 768, 1280)
LONGEST = 3_600
"""Pixels of a page on a small phone."""
THERAPIST = "dana@riverside.example"


@pytest.fixture
def office(rows: None) -> Office:
    """A therapist who owns the practice, with one appointment in ten minutes and some around it."""
    office = make_office(therapist={"name": "Dana Rivera"})
    user = make_user(office.practice, Role.OWNER, Role.THERAPIST, password=PASSWORD, email=THERAPIST)
    with transaction() as session:
        session.get_one(Therapist, office.therapist.id).user_id = user.id
    book(office, at(9, 30, days=0), contact=make_contact(name="Ana Rivera"), now=at(9, days=-3))
    book(office, at(14, days=1), mode=Mode.IN_PERSON)
    cancel(book(office, at(11, days=2), contact=make_contact(name="Priya Shah")))
    add_time_off(office.therapist, datetime(2026, 11, 26), datetime(2026, 11, 27))
    add_override(office.therapist, date(2026, 12, 24), None, None)
    return office


def test_every_page_can_be_used_by_everybody(
    server: LiveServer, office: Office, open_page: Callable[..., Page]
) -> None:
    page = open_page(width=320)
    page.goto(server.path("sign-in"))
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("button", name="Sign in").click()
    assert_accessible(page, widths=WIDTHS)
    sign_in(page, server, THERAPIST)
    page.goto(server.path("desk", "nonsense"))
    assert_accessible(page, widths=WIDTHS)
    for section, entry in (("/hours", "Monday"), ("/hours", "Thu, Dec 24"), ("/time-off", "Thu, Nov 26")):
        page.goto(server.path("desk") + section)
        page.get_by_role("link", name=f"Change {entry}").click()
        assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("desk", "account"))
    page.get_by_role("heading", name="Change your password").click()
    page.get_by_role("button", name="Change the password").click()
    assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("desk", "settings"))
    page.get_by_role("heading", name="Programs").click()
    page.get_by_role("button", name="Make a token").click()
    assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("desk", "calendar"))
    page.get_by_role("button", name="Make a private address").click()
    assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("desk", "week"))
    page.get_by_role("link", name="Jane Doe").click()
    for words in page.get_by_text("The words").all():
        words.click()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("link", name="Cancel this appointment").click()
    assert_accessible(page, widths=WIDTHS)


def test_an_empty_practice_can_be_used_by_everybody(
    server: LiveServer, rows: None, open_page: Callable[..., Page]
) -> None:
    make_user(make_practice(), password=PASSWORD, email=THERAPIST)
    page = open_page(width=320)
    page.goto(server.path("desk"))
    page.get_by_label("E-mail address").fill(THERAPIST)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("No therapists yet")).to_be_visible()
    for section in ("", "/settings"):
        page.goto(server.path("desk") + section)
        assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("dev", "outbox"))
    assert_accessible(page, widths=WIDTHS)


def test_the_first_page_of_several_practices(server: LiveServer, rows: None, open_page: Callable[..., Page]) -> None:
    make_practice()
    make_practice()
    page = open_page(width=320)
    page.goto(server.path("?"))
    expect(page.get_by_text("Please use the address that your practice gave you.")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_the_way_into_the_room(server: LiveServer, office: Office, page: Page) -> None:
    page.route("https://video.test/**", lambda route: route.fulfill(body="<h1>The room</h1>", content_type="text/html"))
    sign_in(page, server, THERAPIST)
    expect(page.get_by_text("The room opens in")).to_be_visible()
    server.clock.advance(timedelta(minutes=16))
    page.reload()
    page.get_by_role("link", name="Join by video").click()
    expect(page.get_by_role("heading", name="The room")).to_be_visible()
    assert "as=therapist" in page.url


def test_a_client_is_cancelled_with_the_keyboard_alone(server: LiveServer, office: Office, page: Page) -> None:
    sign_in(page, server, THERAPIST)
    page.get_by_role("link", name="Jane Doe").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Cancel this appointment").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.get_by_label("Reason").focus()
    page.keyboard.type("The heating is broken.")
    page.keyboard.press("Tab")
    expect(page.get_by_label("A few words to the client")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("checkbox", name="asked for it")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Cancel the appointment")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="The appointment is cancelled")).to_be_visible()
    expect(page.get_by_text("Reason given: The heating is broken.")).to_be_visible()


def test_mistakes_take_the_focus_and_lose_nothing(server: LiveServer, office: Office, page: Page) -> None:
    sign_in(page, server, THERAPIST)
    page.goto(server.path("desk", "hours", "new"))
    page.get_by_label("Until", exact=True).fill("12:00")
    page.get_by_label("How often?").select_option("2")
    page.get_by_role("button", name="Add these hours").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.get_by_role("link", name="Please choose at least one day.").click()
    expect(page.get_by_label("Monday")).to_be_focused()
    expect(page.get_by_label("Until", exact=True)).to_have_value("12:00")
    page.get_by_label("Saturday").check()
    page.get_by_label("A date in a week that counts").fill("2026-11-28")
    page.get_by_role("button", name="Add these hours").click()
    expect(page.get_by_text("Every other week, counted from the week of Sat, Nov 28, 2026")).to_be_visible()


def test_the_sections_of_every_day_are_short_and_the_others_a_key_away(
    server: LiveServer, office: Office, open_page: Callable[..., Page]
) -> None:
    page = open_page(width=320)
    sign_in(page, server, THERAPIST)
    rows = {round(link.bounding_box()["y"]) for link in page.locator(".desk-nav .wrap > ul > li").all()}  # type: ignore[index]
    assert len(rows) == 2
    more, settings = page.locator(".desk-nav summary"), page.get_by_role("link", name="Settings")
    content = page.locator("#main").bounding_box()
    page.locator(".desk-nav").get_by_role("link", name="Clients").focus()
    page.keyboard.press("Tab")
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    expect(settings).to_be_visible()
    assert page.locator("#main").bounding_box() == content, "nothing moves"
    assert_accessible(page, widths=(320, 1280))
    settings.focus()
    page.keyboard.press("Escape")
    expect(settings).to_be_hidden()
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    settings.focus()
    page.keyboard.press("Tab")
    expect(settings).to_be_hidden()
    more.click()
    settings.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Settings of")
    expect(more).to_have_attribute("aria-current", "true")


def test_long_pages_of_what_is_set_are_folded(
    server: LiveServer, office: Office, open_page: Callable[..., Page]
) -> None:
    """A press opens each subject; in 2026 the settings were 7,000 pixels on a phone, and the clients 16,000."""
    for number in range(client_list.AT_A_TIME + 3):
        make_client(office.practice, name=f"Client {number}", email=f"client.{number}@example.com")
    for number in range(4):
        make_service(office.practice, name=f"Service {number}")
    page = open_page(width=320)
    sign_in(page, server, THERAPIST)
    for section in ("settings", "clients", "services", "message-templates", "changes"):
        page.goto(server.path("desk", section))
        assert page.evaluate("document.documentElement.scrollHeight") <= LONGEST, section
    page.goto(server.path("desk", "settings"))
    page.get_by_role("heading", name="How long things wait").click()
    page.get_by_label("Minutes before anybody is told of a change").fill("x")
    page.get_by_label("Minutes before anybody is told of a change").press("Enter")
    expect(page.get_by_label("Minutes before anybody is told of a change")).to_be_visible()
    page.goto(server.path("desk", "services"))
    page.get_by_role("button", name="Down Individual session").click()
    expect(page.get_by_text("Individual session stands in place 2 now.")).to_be_visible()
    page.get_by_text("Who gives it, its terms").first.click()
    assert_accessible(page, widths=WIDTHS)


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("waiting", [1, 88])
def test_the_sections_of_every_day_take_two_rows_whatever_waits(
    server: LiveServer,
    office: Office,
    open_page: Callable[..., Page],
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    waiting: int,
) -> None:
    for endpoint, (_, said) in frame.COUNTED.items():
        monkeypatch.setitem(frame.COUNTED, endpoint, (lambda _desk: waiting, said))
    page = open_page(width=width)
    sign_in(page, server, THERAPIST)
    for section in ("", "requests", "tasks", "settings"):
        page.goto(server.path("desk", section))
        expect(page.get_by_role("link", name=f"To do ({waiting})")).to_be_visible()
        rows = {round(each.bounding_box()["y"]) for each in page.locator(".desk-nav .wrap > ul > li").all()}  # type: ignore[index]
        assert len(rows) == 2, section


def set_a_few_things(office: Office) -> None:
    by = ActedBy(Actor.STAFF, via=Via.COMMAND)
    done: dict[str, Any] = {"practice_id": office.practice.id, "by": by, "now": at(8, days=0)}
    whose = {**done, "therapist_id": office.therapist.id}
    therapists.add_licence(**whose, facts=LicenceFacts("UT", date(2026, 1, 1), date(2027, 1, 1), number="U 12345"))
    therapists.change_limits(**whose, limits=TherapistLimits(daily_cap=6, weekly_cap=25, longest_run=3))
    change_terms(
        **done, service_public_id=office.service.public_id, terms=NewTerms(2880, LateChange.CALL, "Half the fee. " * 20)
    )
    words = Wording(MessageKind.REMINDER, Channel.TEXT, "en", f"see you {{{{ when }}}} https://{'x' * 80}.example")
    save_template(**done, wanted=words)
    rules = [Rule(MessageKind.REMINDER, channel, minutes) for channel in Channel for minutes in (180, 2880)]
    save_rules(**done, wish=RulesWish(MessageKind.REMINDER, rules))


def test_the_owner_reads_who_set_what(server: LiveServer, office: Office, open_page: Callable[..., Page]) -> None:
    set_a_few_things(office)
    page = open_page(width=320)
    sign_in(page, server, THERAPIST)
    page.goto(server.path("desk", "practice"))
    page.get_by_label("Name in messages").fill("River")
    page.locator("form", has=page.get_by_label("Name in messages")).get_by_role("button", name="Save").click()
    page.get_by_text("More", exact=False).first.click()
    page.get_by_role("link", name="Changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Changes")
    expect(page.get_by_text("Riverside Office")).to_be_visible()
    for summary in page.locator("main summary").all():
        summary.click()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_label("About").select_option("Licence")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=2)).to_contain_text(["Licence: Utah, Dana Rivera"])
    page.goto(server.path("desk", "changes", since="2026-12-01", until="2026-11-01"))
    assert_accessible(page, widths=WIDTHS)
    plain = open_page(java_script_enabled=False, width=320)
    sign_in(plain, server, THERAPIST)
    plain.goto(server.path("desk", "changes"))
    plain.get_by_label("By", exact=True).select_option("Commands on the server")
    plain.get_by_role("button", name="Show").click()
    expect(plain.get_by_text("Limits of a therapist: Dana Rivera")).to_be_visible()
    expect(plain.get_by_text("Riverside Office")).to_be_hidden()


def test_it_all_works_without_scripts(server: LiveServer, office: Office, open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    sign_in(page, server, THERAPIST)
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Time off").click()
    page.get_by_role("link", name="Add time off").click()
    page.get_by_label("First day").fill("2026-11-24")
    page.get_by_role("button", name="Add time off").click()
    expect(page.get_by_text("1 appointment inside, kept as booked")).to_be_visible()
    page.get_by_text("More", exact=False).first.click()
    page.get_by_role("link", name="Week", exact=True).click()
    expect(page.get_by_text("Away all day")).to_have_count(2)
    page.get_by_role("link", name="Later").click()
    expect(page.get_by_text("November 30 to December 6, 2026")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def test_the_private_address_is_copied(server: LiveServer, office: Office, open_page: Callable[..., Page]) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    sign_in(page, server, THERAPIST)
    page.goto(server.path("desk", "calendar"))
    page.get_by_role("button", name="Make a private address").click()
    page.get_by_role("button", name="Copy Private address").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    address = page.evaluate("navigator.clipboard.readText()")
    assert "BEGIN:VCALENDAR" in page.request.get(address).text()
    page.reload()
    expect(page.get_by_text("This was already made; the address was shown once.")).to_be_visible()
    assert "BEGIN:VCALENDAR" in page.request.get(address).text()


def test_a_new_password_keeps_this_window_and_closes_the_other(
    server: LiveServer, office: Office, open_page: Callable[..., Page]
) -> None:
    page, elsewhere = open_page(), open_page()
    sign_in(page, server, THERAPIST)
    sign_in(elsewhere, server, THERAPIST)
    page.get_by_role("link", name="Robin Reed").click()
    page.get_by_role("heading", name="Change your password").click()
    page.get_by_label("Your password now").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("a teapot in the garden")
    page.get_by_label("New password, once more").fill("a teapot in the garden")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("status").filter(has_text="Your password is changed.")).to_be_visible()
    page.get_by_role("heading", name="Where you are signed in").click()
    expect(page.get_by_text("You are signed in nowhere else.")).to_be_visible()
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_the_week_is_a_list_on_a_phone_and_columns_on_a_desk(
    server: LiveServer, office: Office, open_page: Callable[..., Page]
) -> None:
    def tops(width: int) -> int:
        page = open_page(width=width)
        sign_in(page, server, THERAPIST)
        page.goto(server.path("desk", "week"))
        return len({round(day.bounding_box()["y"]) for day in page.locator(".week__day").all()})  # type: ignore[index]

    assert tops(320) == 7
    assert tops(1280) == 1


def test_before_the_sign_in_ends_the_page_says_so(server: LiveServer, office: Office, page: Page) -> None:
    page.clock.install()
    sign_in(page, server, THERAPIST)
    page.goto(server.path("desk", "hours", "new"))
    warning = page.locator(".idle")
    expect(warning).to_be_hidden()
    page.clock.fast_forward("58:01")
    expect(warning).to_be_visible()
    assert_accessible(page)
    server.clock.advance(timedelta(minutes=58))
    page.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    server.clock.advance(timedelta(minutes=58))
    page.goto(server.path("desk"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
