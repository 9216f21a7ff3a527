"""Somebody of one practice is invited to another, says yes with the login they have, and changes between them."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.words import Role
from telehealth.models import LoginLetter
from telehealth.services.logins.inviting import Invitation, invite_person
from tests.factories import BY_STAFF, make_client, make_office, make_user
from tests.factories.users import PASSWORD
from tests.journeys.conftest import WIDTHS, LiveServer, assert_accessible
from tests.moments import NOW

ROBIN = "robin@riverside.example"


def furnish(server: LiveServer) -> str:
    """Robin at Riverside, invited to Hilltop; the path in the e-mail."""
    named = ({"name": name, "sender_name": name} for name in ("Riverside", "Hilltop"))
    riverside, hilltop = (make_office(practice=each) for each in named)
    make_user(riverside.practice, Role.OWNER, email=ROBIN, password=PASSWORD, name="Robin Reed")
    for office, name in ((riverside, "Ana Nguyen"), (hilltop, "Theo Park")):
        make_client(office.practice, name=name)
    wanted = Invitation("Robin Reed", ROBIN, [Role.OWNER])
    invite_person(practice_id=hilltop.practice.id, invitation=wanted, by=BY_STAFF, now=NOW)
    letter = db.session.scalars(select(LoginLetter.public_id)).one()
    url: str = server.app.extensions["addresses"].invitation(letter)
    return "sign-in" + url.partition("/sign-in")[2]


def test_one_login_opens_two_practices_one_at_a_time(
    server: LiveServer, rows: None, open_page: Callable[..., Page]
) -> None:
    path = furnish(server)
    page = open_page(width=320)
    page.goto(server.path(path))
    expect(page.get_by_text("You have a login with")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("link", name="Sign in", exact=True).click()
    page.get_by_label("E-mail address").fill(ROBIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(server.path(path))
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("button", name="Join Hilltop").click()
    page.wait_for_url(server.path("desk"))
    menu = page.get_by_text("Practice: Hilltop")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Riverside")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("desk", "clients"))
    expect(page.get_by_role("link", name="Theo Park")).to_be_visible()
    expect(page.get_by_text("Ana Nguyen")).to_have_count(0)

    other = page.context.new_page()  # Another tab of the same browser.
    other.goto(server.path("desk"))
    other.get_by_text("Practice: Hilltop").click()
    with other.expect_navigation():
        other.get_by_role("button", name="Riverside").click()
    expect(other.get_by_text("You are at Riverside now.")).to_be_visible()
    other.goto(server.path("desk", "clients"))
    expect(other.get_by_role("link", name="Ana Nguyen")).to_be_visible()
    expect(other.get_by_text("Theo Park")).to_have_count(0)

    # The first tab is still of Hilltop: looked at again it says so, and its forms do nothing.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("you have changed to another practice meanwhile")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We could not read that request")


def test_the_menu_works_without_scripts(server: LiveServer, rows: None, open_page: Callable[..., Page]) -> None:
    furnish(server)
    riverside = make_office(practice={"name": "Elm Street"})
    robin = make_user(riverside.practice, Role.OWNER, email="elm@riverside.example", password=PASSWORD)
    make_user(make_office(practice={"name": "Oak Street"}).practice, Role.BILLER, login=robin.login)
    page = open_page(width=320, java_script_enabled=False)
    page.goto(server.path("desk"))
    page.get_by_label("E-mail address").fill("elm@riverside.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_text("Practice: Elm Street").click()
    page.get_by_role("button", name="Oak Street").click()
    expect(page.get_by_text("You are at Oak Street now.")).to_be_visible()
    expect(page.get_by_text("Practice: Oak Street")).to_be_visible()
