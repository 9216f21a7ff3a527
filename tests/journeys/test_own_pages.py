"""An owner makes the practice's pages their own: a logo, a photo, a colour."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from telehealth.domain.words import Role
from tests.factories import make_office, make_user
from tests.factories.pictures import make_file
from tests.factories.users import PASSWORD
from tests.journeys.conftest import WIDTHS, LiveServer, assert_accessible

PICTURE = {
    "name": "picture.jpg",
    "mimeType": "image/jpeg",
    "buffer": make_file("teal", size=(600, 800), written="JPEG"),
}


def open_desk(server: LiveServer, page: Page, email: str) -> None:
    page.goto(server.path("sign-in"))
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", level=1).wait_for()


def test_an_owner_gives_the_pages_a_logo_a_photo_and_a_colour(server: LiveServer, rows: None, page: Page) -> None:
    office = make_office(practice={"slug": "riverside"})
    owner = make_user(office.practice, Role.OWNER, password=PASSWORD)
    open_desk(server, page, owner.email)
    page.goto(server.path("desk", "practice"))
    page.get_by_role("link", name="Add a logo").click()
    page.get_by_label("Picture").set_input_files([{**PICTURE, "mimeType": "image/svg+xml", "buffer": b"<svg/>"}])
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="This is an SVG file")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_label("Picture").set_input_files([PICTURE])
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("img", name="Logo of Riverside Counseling")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)

    page.goto(server.path("desk", "therapists", office.therapist.public_id, "profile"))
    page.get_by_role("link", name="Add a photo").click()
    page.get_by_label("Picture").set_input_files([PICTURE])
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("img", name="Photo of Dana Rivera")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)

    page.goto(server.path("desk", "practice", "colour"))
    page.get_by_label("Colour").fill("#ffd400")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_text("On the light page this colour is shown darker")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()

    page.goto(server.path("riverside"))
    expect(page.get_by_role("img", name="Photo of Dana Rivera")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    shown = page.evaluate("document.querySelector('.portrait').naturalWidth")
    assert shown == 384, "drawn anew, and small"


def test_an_owner_sets_usual_terms_and_closes_for_a_holiday(server: LiveServer, rows: None, page: Page) -> None:
    office = make_office(practice={"slug": "riverside"})
    owner = make_user(office.practice, Role.OWNER, password=PASSWORD)
    open_desk(server, page, owner.email)
    page.goto(server.path("desk", "practice"))
    page.get_by_role("link", name="Usual terms for cancelling").click()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_label("A sentence of your own").fill("Half the fee.")
    page.get_by_role("button", name="Save the terms").click()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    page.goto(server.path("desk", "services", office.service.public_id, "terms"))
    page.get_by_role("button", name="Use these instead").click()
    expect(page.get_by_text("They are the usual terms of the practice")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)

    page.goto(server.path("desk", "closures", "new"))
    page.get_by_label("First day").fill("2026-11-26")
    page.get_by_label("Note").fill("Thanksgiving, and whatever else there is to say about it at some length")
    page.get_by_role("button", name="Save").click()
    for view in ("day", "week", "month"):
        page.goto(server.path("desk", "schedule", view=view, day="2026-11-26", set="1"))
        assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("riverside"))
    expect(page.get_by_text("We are closed on Thursday, November 26.")).to_be_visible()
    asked = {"service": office.service.public_id, "mode": "phone", "state": "CO", "therapist": "any"}
    page.goto(server.path("riverside", "book", **asked, week="2026-11-23"))
    expect(page.get_by_text("We are closed on Thursday.")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
