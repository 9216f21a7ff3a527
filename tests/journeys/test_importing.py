"""Clients from another program's file, in a browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from telehealth.services.practice import client_importing
from telehealth.services.practice.client_importing import import_portion
from tests.factories import make_client, make_office
from tests.journeys.conftest import WIDTHS, LiveServer, assert_accessible
from tests.journeys.test_every_page import sign_in_owner
from tests.moments import NOW

FILE = (
    "Full name;E-mail;Mobile;DOB;Shoe size\r\n"
    'José Peña;jose@example.com;303 555 0123;13.05.1990;42\r\n"Ito, Ben";ben@example.com;;;\r\n'
    "Zoe Ito;zoe@example.com;;;\r\nNobody;;;;\r\n"
)


def test_from_a_file_to_the_list(server: LiveServer, rows: None, page: Page) -> None:
    practice = make_office().practice
    make_client(practice, name="Zoë Ito", email="zoe@example.com")
    sign_in_owner(page, server, practice)
    page.goto(server.path("desk", "clients"))
    page.get_by_role("link", name="Import").click()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_label("File").set_input_files(
        {"name": "old.csv", "mimeType": "text/csv", "buffer": FILE.encode("cp1252")}
    )
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_label("Full name")).to_have_value("name")
    expect(page.get_by_label("Shoe size")).to_have_value("")
    expect(page.get_by_label("Dates have the day first")).to_be_checked()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("link", name="Look like somebody").click()
    expect(page.get_by_role("cell", name="Zoe Ito")).to_be_visible()
    page.get_by_role("button", name="Import 2 new clients").click()
    expect(page.get_by_text("They are clients now.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download what is left out").click()
    assert download.value.suggested_filename == "left-out.csv"
    page.get_by_role("link", name="Clients").click()
    expect(page.get_by_role("link", name="José Peña")).to_be_visible()


def test_a_long_file_goes_on_by_itself(server: LiveServer, rows: None, page: Page) -> None:
    practice = make_office().practice
    sign_in_owner(page, server, practice)
    lines = "".join(f"Client {number},c{number}@example.com\n" for number in range(client_importing.PORTION + 20))
    page.goto(server.path("desk", "clients", "import"))
    page.get_by_label("File").set_input_files(
        {"name": "long.csv", "mimeType": "text/csv", "buffer": f"Name,E-mail\n{lines}".encode()}
    )
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("button", name="Import 270 new clients").click()
    expect(page.get_by_text("250 of 270 lines are done")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    assert import_portion(now=NOW) == 20
    # The page looks again by itself.
    expect(page.get_by_text("They are clients now.")).to_be_visible()
