"""What is folded away is reached by everybody: by a link, by a mistake in it, on paper, and without a script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from telehealth.domain.words import Role
from tests.factories import make_practice, make_user
from tests.factories.users import PASSWORD
from tests.journeys.conftest import WIDTHS, LiveServer, assert_accessible, sign_in

OWNER = "robin@riverside.example"


@pytest.fixture(autouse=True)
def owner(rows: None) -> None:
    make_user(make_practice(), Role.OWNER, password=PASSWORD, email=OWNER)


@pytest.mark.parametrize("with_script", [True, False])
def test_a_link_unfolds_what_it_leads_to(server: LiveServer, open_page: Callable[..., Page], with_script: bool) -> None:
    page = open_page(java_script_enabled=with_script)
    sign_in(page, server, OWNER)
    page.goto(server.path("desk", "account") + "#passkeys")
    expect(page.get_by_text("You have none.")).to_be_visible()
    expect(page.get_by_label("Your password now")).to_be_hidden()


def test_a_mistake_stands_in_view(server: LiveServer, page: Page) -> None:
    sign_in(page, server, OWNER)
    page.goto(server.path("desk", "account"))
    expect(page.get_by_label("Your password now")).to_be_hidden()
    page.get_by_role("heading", name="Change your password").click()
    page.get_by_label("Your password now").fill("something else")
    page.get_by_role("button", name="Change the password").click()
    page.locator("[data-error-summary] a").first.click()
    expect(page.get_by_label("Your password now")).to_be_focused()
    assert_accessible(page, widths=WIDTHS)


def test_paper_has_all_of_it(server: LiveServer, page: Page) -> None:
    sign_in(page, server, OWNER)
    page.goto(server.path("desk", "settings"))
    pace = page.get_by_text("Whoever moves an appointment and moves it back within this time disturbs nobody.")
    expect(pace).to_be_hidden()
    page.emulate_media(media="print")
    expect(pace).to_be_visible()
