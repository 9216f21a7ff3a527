"""Every page of the desk with no, few and many rows: as axe reads it, on a phone and on a desk, light and dark; and no
page is longer on a phone than somebody scrolls through.
"""

from __future__ import annotations

from http import HTTPStatus

import pytest
from playwright.sync_api import Page

from telehealth.domain.words import Role
from telehealth.models import Practice
from tests.factories import make_practice, make_user
from tests.factories.users import PASSWORD
from tests.journeys.conftest import WIDTHS, LiveServer, assert_accessible, sign_in
from tests.web.desk.test_costs import LEAST_SHOWN, list_pages, make_house

WITHOUT_ROWS = 20
"""Pages of an empty practice, at least."""

MOST_HIGH = 3_200
"""Pixels of a page as it comes, on the narrowest screen."""
UNFOLD = "document.querySelectorAll('main details').forEach(each => { each.open = true; })"


def sign_in_owner(page: Page, server: LiveServer, practice: Practice) -> None:
    sign_in(page, server, make_user(practice, Role.OWNER, password=PASSWORD).email)


def count_accessible(page: Page, server: LiveServer, addresses: list[str]) -> int:
    """Look at each of them that is a whole page, no file and no part of one; how many there were."""
    shown = 0
    heights: dict[str, int] = {}
    page.set_viewport_size({"width": min(WIDTHS), "height": 800})
    for address in addresses:
        answer = page.request.get(server.url + address)
        if answer.status == HTTPStatus.OK and "<main" in answer.text():
            page.goto(server.url + address)
            heights[address] = page.evaluate("document.documentElement.scrollHeight")
            page.evaluate(UNFOLD)  # What is folded is read, too.
            assert_accessible(page, widths=WIDTHS)
            shown += 1
    assert {address: height for address, height in heights.items() if height > MOST_HIGH} == {}
    return shown


@pytest.mark.parametrize("rows", [2, 12])
def test_every_page_of_a_practice_with_rows(server: LiveServer, rows: int, page: Page) -> None:
    with server.app.app_context():
        house = make_house()
        house.fill(rows, server.app.extensions["addresses"])
        sign_in_owner(page, server, house.office.practice)
        with server.app.test_request_context():
            addresses = list_pages(server.app, house, house.office.therapist)
    assert count_accessible(page, server, addresses) > LEAST_SHOWN


def test_every_page_of_an_empty_practice(server: LiveServer, rows: None, page: Page) -> None:
    sign_in_owner(page, server, make_practice())
    rules = [rule for rule in server.app.url_map.iter_rules() if rule.endpoint.startswith("desk.")]
    addresses = sorted(rule.rule for rule in rules if not rule.arguments and "GET" in (rule.methods or ()))
    assert count_accessible(page, server, addresses) > WITHOUT_ROWS
