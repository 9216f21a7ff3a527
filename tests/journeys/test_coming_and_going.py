"""A therapist takes nobody new, goes on leave, and leaves; what the practice does about it, and what clients read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from playwright.sync_api import Page, expect

from telehealth.domain.hours.absences import AbsenceKind
from telehealth.domain.words import Role
from tests.factories import (
    Office,
    add_time_off,
    book,
    make_contact,
    make_office,
    make_series,
    make_therapist,
    make_user,
)
from tests.factories.users import PASSWORD
from tests.journeys.conftest import WIDTHS, LiveServer, assert_accessible, sign_in
from tests.moments import at

OWNER = "robin@riverside.example"
MANY = 60


def furnish() -> Office:
    """A therapist with many appointments, also after leaving, and a colleague."""
    office = make_office(practice={"slug": "riverside"}, therapist={"name": "Dana Rivera"})
    make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")
    make_user(office.practice, Role.OWNER, email=OWNER, password=PASSWORD)
    weekdays = [days for days in range(1, 30) if days % 7 < 5]  # NOW is a Monday.
    for k in range(MANY):
        book(office, at(9 + k % 6, days=weekdays[k // 6]), contact=make_contact(name=f"Ana Nguyen {k}", phone=None))
    make_series(office, contacts=[make_contact(name="Jo Park")], starts_on=date(2026, 12, 16), count=None)
    return office


def test_a_therapist_leaves_on_a_date(server: LiveServer, rows: None, open_page: Callable[..., Page]) -> None:
    office = furnish()
    page = open_page(width=320)
    sign_in(page, server, OWNER)
    page.goto(server.path("desk", "therapists"))
    page.get_by_role("link", name="Leaving of Dana Rivera").click()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_label("Leaves on").fill("2026-11-25")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Leaves on Wednesday, November 25, 2026")).to_be_visible()
    expect(page.get_by_text("more, later on.")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_label("Leaves on").fill("2026-11-01")
    page.get_by_role("button", name="Change the date").click()
    assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("desk", "therapists", office.therapist.public_id, "leaving"))
    page.get_by_role("link", name="Hand over or cancel").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sick day")
    page.goto(server.path("desk", "therapists"))
    assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("desk", "people"))
    assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("desk", "therapists", office.therapist.public_id, "leaving"))
    page.get_by_role("button", name="They stay after all").click()
    expect(page.get_by_text("Dana Rivera stays, and can be booked as before.")).to_be_visible()


def test_a_leave_and_no_new_clients(server: LiveServer, rows: None, open_page: Callable[..., Page]) -> None:
    office = furnish()
    add_time_off(office.therapist, datetime(2026, 12, 1), datetime(2027, 2, 1), kind=AbsenceKind.SABBATICAL)
    page = open_page(width=320)
    sign_in(page, server, OWNER)
    page.goto(server.path("desk", "time-off", "new"))
    assert_accessible(page, widths=WIDTHS)
    page.get_by_label("First day").fill("2026-11-23")
    page.get_by_label("Last day").fill("2026-12-31")
    page.get_by_label("Kind").select_option("Parental leave")
    page.get_by_label("Say on the practice's page until when").check()
    page.get_by_role("button", name="Add time off").click()
    expect(page.get_by_text("Meanwhile your page says “away until Friday, January 1, 2027”.")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("desk", "therapists", office.therapist.public_id, "profile"))
    page.get_by_text("New clients: takes new clients").click()
    page.get_by_label("New clients").select_option("Takes no new clients")
    page.get_by_role("button", name="Save this").click()
    expect(page.get_by_text("Saved: takes no new clients.")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    visitor = open_page(width=320)
    visitor.goto(server.path("riverside"))
    expect(visitor.get_by_text("Away until January 1, 2027")).to_be_visible()
    assert_accessible(visitor, widths=WIDTHS)
    answers = f"service={office.service.public_id}&mode=virtual&state=CO"
    visitor.goto(f"{server.path('riverside', 'book')}?{answers}")
    assert_accessible(visitor, widths=WIDTHS)
    visitor.get_by_label("Dana Rivera").check()
    visitor.get_by_role("button", name="See free times").click()
    expect(visitor.get_by_text("Dana Rivera: Takes no new clients at the moment.")).to_be_visible()
    assert_accessible(visitor, widths=WIDTHS)
    visitor.get_by_role("link", name="ask for a time").click()
    expect(visitor.get_by_text("We look at each request first, and answer.")).to_be_visible()
    assert_accessible(visitor, widths=WIDTHS)
