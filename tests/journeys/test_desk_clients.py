"""Clients at the desk: found while one types, listed, and what is kept of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from telehealth.domain.words import Role
from tests.factories import Office, book, make_client, make_contact, make_office, make_user
from tests.factories.users import PASSWORD
from tests.journeys.conftest import LiveServer, assert_accessible, sign_in
from tests.journeys.test_desk_appointments import FRONT_DESK
from tests.moments import at


@pytest.fixture
def office(rows: None) -> Office:
    office = make_office(therapist={"name": "Dana Rivera"})
    make_user(office.practice, Role.FRONT_DESK, password=PASSWORD, email=FRONT_DESK)
    book(office, at(10), contact=make_contact(name="José García", email="jose@example.com"))
    for name in ("Sinéad O’Brien", "Nguyễn Thị Ánh", "Ben Ito"):
        make_client(office.practice, name=name)
    return office


def test_somebody_is_found_while_one_types_and_kept_from_booking(
    server: LiveServer, office: Office, page: Page
) -> None:
    sign_in(page, server, FRONT_DESK)
    page.goto(server.path("desk", "clients"))
    page.get_by_label("Name, e-mail or number").press_sequentially("jose")
    expect(page.get_by_role("link", name="Ben Ito")).to_be_hidden()
    expect(page.get_by_role("link", name="José García")).to_be_visible()
    assert "q=jose" in page.url
    assert_accessible(page, widths=[320, 1280])
    page.get_by_role("link", name="José García").click()
    page.get_by_role("link", name="Date of birth, pronouns").click()
    page.get_by_label("Tags").fill("school, interpreter")
    page.get_by_label("Only by phone").check()
    assert_accessible(page, widths=[320, 1280])
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Books only by phone")).to_be_visible()
    assert_accessible(page, widths=[320, 1280])


def test_a_mother_acts_for_her_child(server: LiveServer, office: Office, page: Page) -> None:
    sign_in(page, server, FRONT_DESK)
    page.goto(server.path("desk", "clients"))
    page.get_by_label("Name, e-mail or number").press_sequentially("ben")
    page.get_by_role("link", name="Ben Ito").click()
    page.get_by_role("link", name="Add somebody").click()
    assert_accessible(page, widths=[320, 1280])
    page.get_by_label("Name").fill("Maria Ito")
    page.get_by_label("Both").check()
    page.get_by_role("button", name="Save").click()
    assert_accessible(page, widths=[320, 1280])
    page.get_by_label("They are").select_option("parent")
    page.get_by_label("Mobile number").fill("(720) 555-0142")
    page.get_by_label("They agreed to texts").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Maria Ito acts for Ben Ito now.")).to_be_visible()
    expect(page.get_by_text("Gets messages")).to_be_visible()
    assert_accessible(page, widths=[320, 1280])
    page.get_by_role("link", name="Maria Ito").click()
    assert_accessible(page, widths=[320, 1280])
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_text("Maria Ito does not act for Ben Ito any more.")).to_be_visible()


def test_the_list_fits_a_small_phone_whatever_the_addresses_are(server: LiveServer, office: Office, page: Page) -> None:
    email = f"{'maximiliana.featherstonehaugh' * 2}@counselling.example.com"
    book(office, at(12), contact=make_contact(name="Maximiliana Featherstonehaugh-Cholmondeley", email=email))
    sign_in(page, server, FRONT_DESK)
    page.goto(server.path("desk", "clients"))
    expect(page.get_by_text(email)).to_be_visible()
    assert_accessible(page, widths=[320, 360, 1280])


def test_a_standing_slot_is_for_somebody_who_was_found(server: LiveServer, office: Office, page: Page) -> None:
    sign_in(page, server, FRONT_DESK)
    page.goto(server.path("desk", "series", "new", service=office.service.public_id))
    page.get_by_label("Somebody you know").press_sequentially("obrien")
    page.get_by_label("Sinéad O’Brien").click()
    page.get_by_label("Somebody you know").fill("ito")
    expect(page.get_by_label("Ben Ito")).to_be_visible()
    expect(page.get_by_label("Sinéad O’Brien")).to_be_checked()
    assert_accessible(page, widths=[320, 1280])


def test_whoever_is_chosen_before_the_answer_comes_stays_chosen(server: LiveServer, office: Office, page: Page) -> None:
    sign_in(page, server, FRONT_DESK)
    page.goto(server.path("desk", "series", "new", service=office.service.public_id))
    page.get_by_label("Somebody you know").fill("obrien")
    expect(page.get_by_label("Sinéad O’Brien")).to_be_visible()
    held: list[Route] = []
    page.route("**/clients/known*", lambda route: held.append(route), times=1)  # noqa: PLW0108 -- it wants a function
    with page.expect_request("**/clients/known*"):
        page.get_by_label("Somebody you know").fill("ito")
    page.get_by_label("Sinéad O’Brien").click()
    held[0].continue_()
    expect(page.get_by_label("Ben Ito")).to_be_visible()
    expect(page.get_by_label("Sinéad O’Brien")).to_be_checked()


def test_two_records_are_merged_parted_handed_out_and_erased(server: LiveServer, office: Office, page: Page) -> None:
    """Each page of it at both widths, with nobody to show and with somebody."""
    make_client(office.practice, name="Ben Itoh", email="itoh@example.com", phone="+13035550142")
    ben = make_client(office.practice, name="Ben Itō", email="ben@example.com", phone="+13035550142")
    sign_in(page, server, FRONT_DESK)
    page.goto(server.path("desk", "clients", "doubles"))
    expect(page.get_by_text("Same number").first).to_be_visible()
    assert_accessible(page, widths=[320, 1280])
    page.goto(server.path("desk", "clients", ben.public_id))
    page.get_by_role("link", name="Merge with another record").click()
    assert_accessible(page, widths=[320, 1280])
    page.get_by_role("link", name="Compare with Ben Itoh").click()
    assert_accessible(page, widths=[320, 1280])
    page.get_by_role("radiogroup", name="Name").get_by_label("Ben Itoh").check()
    page.get_by_role("button", name="Merge them").click()
    expect(page.get_by_text("They are one client now.")).to_be_visible()
    assert_accessible(page, widths=[320, 1280])
    page.get_by_role("button", name="Undo the merge of Ben Itoh").click()
    expect(page.get_by_text("They are two clients again.")).to_be_visible()
    page.get_by_role("link", name="Everything about them").click()
    assert_accessible(page, widths=[320, 1280])
    with page.expect_download() as download:
        page.get_by_role("button", name="Make the file").click()
    assert download.value.suggested_filename.endswith(".zip")
    page.goto(server.path("desk", "clients", ben.public_id, "erase"))
    expect(page.get_by_text("It has to be kept until then.")).to_be_visible()
    assert_accessible(page, widths=[320, 1280])
    page.goto(server.path("desk", "clients", "past-keeping"))
    expect(page.get_by_text("Every record still has to be kept.")).to_be_visible()
    assert_accessible(page, widths=[320, 1280])
