"""A therapist has appointments written into a calendar of theirs, and says what was meant by what they moved there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from telehealth.domain.calendar_words import SeenChange
from telehealth.domain.words import Role
from tests.factories import book, make_contact, make_office, make_user
from tests.factories.connections import connect_calendars, make_asked
from tests.factories.rows import change
from tests.factories.users import PASSWORD
from tests.journeys.conftest import LiveServer, assert_accessible, sign_in
from tests.moments import at


@pytest.mark.usefixtures("rows")
def test_choosing_a_calendar_and_answering_what_was_changed_there(server: LiveServer, page: Page) -> None:
    office = make_office(therapist={"name": "Dana Rivera"})
    user = make_user(office.practice, Role.THERAPIST, password=PASSWORD)
    change(office.therapist, user_id=user.id)
    calendar = connect_calendars(office.therapist).calendars[0]
    moved, deleted = (book(office, at(hour, days=2), contact=make_contact()) for hour in (10, 14))

    sign_in(page, server, user.email, "desk/calendars/writing")
    assert_accessible(page, widths=[320, 1280])
    page.get_by_label("Work").check()
    page.get_by_label("Code names").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("What is booked stands there within the next minutes.")).to_be_visible()

    make_asked(calendar, moved)
    make_asked(calendar, deleted, seen=SeenChange.DELETED, seen_starts_at=None, seen_ends_at=None)
    page.reload()
    page.get_by_role("link", name="Changed in own calendars").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Changed in own calendars")
    assert_accessible(page, widths=[320, 1280])
    page.get_by_role("button", name="Move the appointment").click()
    expect(page.get_by_text("The appointment is moved.")).to_be_visible()
    page.get_by_role("button", name="Put it back there").click()
    expect(page.get_by_text("Nothing to answer")).to_be_visible()
