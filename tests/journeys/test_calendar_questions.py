"""What was changed in own calendars waits on Today and To do until somebody at the desk has said what is meant."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from telehealth.domain.calendar_words import ConnectionState, SeenChange
from telehealth.domain.companions import CompanionFacts, MessagesTo, Relationship
from telehealth.domain.words import Role, ServiceKind
from telehealth.services.calendars.answering import tell_of_questions
from tests.factories import Office, add_busy, book, make_contact, make_office, make_therapist, make_user
from tests.factories.connections import connect_calendars, make_asked
from tests.factories.rows import change
from tests.factories.services import make_service
from tests.factories.users import PASSWORD
from tests.journeys.conftest import LiveServer, assert_accessible, sign_in
from tests.moments import NOW, at

FRONT_DESK = "robin@riverside.example"
MARIA = CompanionFacts("Maria Doe", Relationship.PARENT, email="maria@example.com", messages_to=MessagesTo.COMPANION)
SHOTS = os.environ.get("SHOTS_OF_QUESTIONS", "")


@pytest.fixture
def office(rows: None) -> Office:
    """One is longer than its service allows, one is a group, one was deleted; and somebody booked for a child."""
    office = make_office(therapist={"name": "Dana Rivera"})
    make_user(office.practice, Role.FRONT_DESK, password=PASSWORD, email=FRONT_DESK)
    group = make_service(office.practice, kind=ServiceKind.GROUP, capacity=6, name="Evening group")
    other = make_therapist(office.practice, group, name="Sam Okafor")
    fastmail, icloud = (connect_calendars(each).calendars[0] for each in (office.therapist, other))
    change(icloud.connection, name="iCloud", state=ConnectionState.REFUSED)
    longer = book(office, at(10, days=2), contact=make_contact(name="Jane Doe"))
    end = longer.starts_at + timedelta(minutes=80)
    make_asked(fastmail, longer, seen=SeenChange.RESIZED, seen_starts_at=longer.starts_at, seen_ends_at=end)
    theirs = {"service": group.public_id, "therapist": other.public_id}
    book(office, at(15, days=2), contact=make_contact(name="Joe Roe"), **theirs)
    make_asked(icloud, book(office, at(15, days=2), contact=make_contact(name="Ann Poe"), **theirs))
    gone = book(office, at(9, days=3), contact=make_contact(name="Lee Noe"))
    make_asked(fastmail, gone, seen=SeenChange.DELETED, seen_starts_at=None, seen_ends_at=None)
    book(office, at(13, days=3), contact=make_contact(name="Leo Doe", email="leo@example.com"), booker=MARIA)
    add_busy(office.therapist, at(13, days=3), at(14, days=3))
    tell_of_questions(now=NOW)
    return office


def look(page: Page, name: str) -> None:
    assert_accessible(page, widths=[320, 1280])
    for width in (320, 1280) if SHOTS else ():
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


def test_each_waits_until_it_is_answered(server: LiveServer, office: Office, open_page: Callable[..., Page]) -> None:
    page = open_page()
    sign_in(page, server, FRONT_DESK)
    expect(page.get_by_role("link", name="To do (5)")).to_be_visible()
    look(page, "today")
    page.get_by_role("link", name="5 things to do: 3 questions about own calendars, 1 booker").click()
    expect(page.get_by_role("heading", name="Evening group, 2 of 6 seats")).to_be_visible()
    look(page, "to-do")
    page.get_by_role("link", name="Say what is meant Jane Doe").click()
    jane = page.locator("section").filter(has=page.get_by_role("heading", name="Jane Doe"))
    expect(jane).to_contain_text("“Individual session” lasts 50 minutes here, so it cannot be made 80.")
    expect(jane.get_by_role("button")).to_have_count(1)
    look(page, "changes")
    jane.get_by_role("button", name="Put it back there").click()
    expect(page.get_by_text("It is put back there within the next minutes.")).to_be_visible()
    group = page.locator("section").filter(has=page.get_by_role("heading", name="Evening group"))
    expect(group).to_contain_text("iCloud lets us in no more")
    group.get_by_role("button", name="Put it back there").click()
    expect(page.get_by_text("as soon as somebody signs in to it again")).to_be_visible()
    page.get_by_role("link", name="To do (3)").click()
    page.get_by_role("link", name="Do you know them? Leo Doe").click()
    page.get_by_role("button", name="I know them").click()
    expect(page.get_by_text("Maria Doe acts for Leo Doe now.")).to_be_visible()
    expect(page.get_by_role("link", name="To do (2)")).to_be_visible()
