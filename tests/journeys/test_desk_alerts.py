"""Somebody is told, and the desk lives: the pages behind an alert, who is told, and what an open page says."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from telehealth.database import db, transaction
from telehealth.domain.message_words import TaskKind
from telehealth.domain.words import Role
from telehealth.models import Alert
from telehealth.services.inbox.alert_rounds import tell_of_what_waits
from telehealth.services.task_opening import open_task
from tests.factories import Office, make_office, make_user
from tests.factories.users import PASSWORD
from tests.journeys.conftest import LiveServer, assert_accessible, sign_in
from tests.moments import NOW

WIDTHS = (320, 1280)
OWNER = "owner@riverside.example"


@pytest.fixture
def office(rows: None) -> Office:
    office = make_office()
    make_user(office.practice, Role.OWNER, password=PASSWORD, email=OWNER, name="Olu Owner")
    make_user(office.practice, Role.FRONT_DESK, name="Fay Desk")
    return office


def put_on_the_desk(office: Office) -> None:
    with transaction() as session:
        open_task(session, practice_id=office.practice.id, kind=TaskKind.CALL, now=NOW, note="Please call.")


def test_from_the_alert_on_a_phone_to_i_have_it(page: Page, server: LiveServer, office: Office) -> None:
    for _ in range(3):
        put_on_the_desk(office)
    tell_of_what_waits(now=NOW + timedelta(hours=5))
    alert = db.session.query(Alert).order_by(Alert.id).first()
    assert alert is not None
    sign_in(page, server, OWNER, f"desk/alerts/{alert.public_id}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Messages that did not arrive, and other things to do")
    assert_accessible(page, widths=[*WIDTHS])
    page.get_by_role("button", name="I have it").click()
    expect(page.get_by_text("Olu Owner has it since")).to_be_visible()
    page.get_by_role("link", name="Open").first.click()
    expect(page.get_by_text("Olu Owner has it since")).to_be_visible()


def test_who_is_told_is_chosen_and_somebody_put_on_duty(page: Page, server: LiveServer, office: Office) -> None:
    sign_in(page, server, OWNER, "desk/alert-rules")
    assert_accessible(page, widths=[*WIDTHS])
    page.get_by_role("link", name="Change who is told: Requests").click()
    page.get_by_label("Who", exact=True).first.select_option("Fay Desk")
    page.get_by_label("After how many minutes").first.fill("20")
    page.get_by_role("heading", name="Step 3").click()
    page.get_by_text("Only at some hours").nth(2).click()
    assert_accessible(page, widths=[*WIDTHS])
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("After 20 minutes: Fay Desk by e-mail, 8:00 AM to 8:00 PM.")).to_be_visible()
    page.get_by_role("heading", name="Put somebody on duty").click()
    page.get_by_label("Who is on duty").select_option("Fay Desk")
    page.get_by_label("Saturday").check()
    page.get_by_role("button", name="Put on duty").click()
    expect(page.get_by_text("Saturday, all day")).to_be_visible()
    assert_accessible(page, widths=[*WIDTHS])


def test_an_open_page_counts_says_what_is_new_and_when_it_cannot_know(
    page: Page, server: LiveServer, office: Office
) -> None:
    page.clock.install()
    sign_in(page, server, OWNER, "desk/tasks")
    expect(page.get_by_role("heading", name="Nothing to do")).to_be_visible()
    put_on_the_desk(office)
    page.clock.fast_forward(21_000)
    expect(page).to_have_title(re.compile(r"^\(1\) To do"))
    expect(page.locator(".desk-nav").get_by_role("link", name="To do (1)")).to_be_visible()
    page.get_by_role("link", name="Show it").click()
    expect(page.get_by_text("Please call.")).to_be_visible()
    page.context.set_offline(True)
    expect(
        page.get_by_text(re.compile(r"No connection\. What you see was true at \d+:\d\d [AP]M M[SD]T"))
    ).to_be_visible()
    assert_accessible(page, widths=[*WIDTHS])
    page.context.set_offline(False)
    expect(page.locator("[data-desk-news=lost]")).to_be_hidden()


def test_this_browser_rings_only_where_it_was_asked_to(page: Page, server: LiveServer, office: Office) -> None:
    page.context.grant_permissions(["notifications"])
    sign_in(page, server, OWNER)
    page.goto(server.path("desk", "account") + "#urgent-texts")
    ring = page.get_by_label("Ring softly when something new waits")
    expect(ring).not_to_be_checked()
    ring.check()
    page.get_by_label("Show it on the screen when the page is not in front").check()
    page.reload()
    expect(ring).to_be_checked()
    assert_accessible(page, widths=[*WIDTHS])
