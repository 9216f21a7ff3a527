"""A mother books for her child, a daughter for her father; the desk sees who it was, and the father is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.message_words import MessageKind
from telehealth.domain.words import Role
from telehealth.models import Attendee, Message
from tests.factories import BY_STAFF, Office, book, make_contact, make_office, make_user
from tests.factories.users import PASSWORD
from tests.journeys.conftest import WIDTHS, LiveServer, assert_accessible, sign_in
from tests.moments import at

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def office(server: LiveServer, rows: None) -> Office:
    return make_office(practice={"slug": "riverside", "phone": "+13035550100"})


def to_details(page: Page, server: LiveServer, office: Office, time: str) -> None:
    query = {"service": office.service.public_id, "mode": "virtual", "state": "CO"}
    page.goto(server.path("riverside", "book", **query))
    page.get_by_role("button", name=time).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who is the appointment for?")


def seats() -> list[Attendee]:
    db.session.rollback()
    return list(db.session.scalars(select(Attendee).order_by(Attendee.id)))


def test_a_mother_books_for_her_child_on_her_phone(
    server: LiveServer, office: Office, open_page: Callable[..., Page]
) -> None:
    page = open_page(**PHONE)
    to_details(page, server, office, "10:00 AM")
    whom = page.get_by_role("group", name="Whom is it for?")
    expect(whom).to_be_hidden()
    page.get_by_role("radio", name="Somebody else").check()
    page.get_by_label("Your name", exact=True).fill("Maria Doe")
    page.get_by_label("E-mail", exact=True).fill("maria@example.com")
    expect(page.get_by_text("Leave this empty if it is for you.")).to_be_hidden()
    whom.get_by_label("Name of whom it is for").fill("Leo Doe")
    page.get_by_role("radio", name="Me", exact=True).check()
    expect(whom).to_be_hidden()
    page.get_by_role("radio", name="Somebody else").check()
    expect(whom.get_by_label("Name of whom it is for")).to_have_value("Leo Doe")
    whom.get_by_label("What you are to them").select_option("Parent")
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("button", name="Review").last.click()
    expect(page.get_by_role("heading", level=2, name="Please check the following")).to_be_visible()
    whom.get_by_label("Their date of birth").fill("2017-05-04")
    page.get_by_role("button", name="Review").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is everything right?")
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("button", name="Confirm appointment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You’re booked")
    expect(page.get_by_text("You booked this for Leo")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("link", name="Move to another time").click()
    page.get_by_role("button", name="See free times").click()
    page.get_by_role("button", name="11:00 AM").last.click()
    page.get_by_role("button", name="Move the appointment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("It is moved")
    (seat,) = seats()
    assert seat.appointment.sequence == 1
    assert seat.booked_by is not None
    make_user(office.practice, Role.OWNER, email="owner@example.com", password=PASSWORD)
    desk = open_page()
    sign_in(desk, server, "owner@example.com", f"desk/appointments/{seat.appointment.public_id}")
    expect(desk.get_by_text("Maria Doe (parent)").first).to_be_visible()
    desk.get_by_role("link", name="Do you know them?").click()
    expect(desk.get_by_role("heading", name="Booked online for Leo Doe")).to_be_visible()
    assert_accessible(desk, widths=WIDTHS)
    desk.get_by_role("button", name="I know them").click()
    expect(desk.get_by_text("Maria Doe acts for Leo Doe now.")).to_be_visible()


def test_a_daughter_books_for_her_father_without_scripts(
    server: LiveServer, office: Office, open_page: Callable[..., Page]
) -> None:
    jack = make_contact(name="Jack Doe", email="jack@example.com", phone=None, wants_texts=False)
    book(office, at(9, days=2), contact=jack, by=BY_STAFF)
    page = open_page(java_script_enabled=False)
    to_details(page, server, office, "10:00 AM")
    page.get_by_role("radio", name="Somebody else").check()
    page.get_by_label("Your name", exact=True).fill("Jane Doe")
    page.get_by_label("E-mail", exact=True).fill("jane@example.com")
    page.get_by_label("Name of whom it is for").fill("Jack Doe")
    page.get_by_label("Their own e-mail").fill("jack@example.com")
    page.get_by_label("What you are to them").select_option("Daughter or son, of age")
    page.get_by_role("button", name="Review").last.click()
    page.get_by_role("button", name="Confirm appointment").click()
    expect(page.get_by_text("You booked this for Jack")).to_be_visible()
    own, hers = seats()
    assert own.client_id == hers.client_id
    about = select(Message).where(Message.attendee_id == hers.id, Message.kind == MessageKind.CONFIRMATION)
    assert {each.companion_id for each in db.session.scalars(about)} == {None, hers.booked_by_id}
