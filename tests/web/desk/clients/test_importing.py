"""Importing clients, from the file to the list."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from config import LARGEST_REQUEST
from telehealth.database import db
from telehealth.models import ClientImport
from telehealth.queries.practice.clients import search_clients
from telehealth.services.practice import client_importing
from telehealth.services.practice.client_importing import NOBODY_NAMED, import_portion
from telehealth.web.desk.clients import importing
from tests.factories import Office, make_client, make_office
from tests.moments import NOW
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, filled_in, words_of

TEXT = (
    "Client,Mail,Mobile\n"
    "Ana Rivera,ana@example.com,303 555 0123\n"
    "=cmd|calc,evil@example.com,\n"
    "<b>Ben</b>,nowhere,\n"
    "+1 and more,x,\n"
)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


def give(staff: Staff, data: bytes | str, name: str = "old.csv") -> str:
    """Where a file is looked at."""
    body = data.encode() if isinstance(data, str) else data
    answer = staff.post("/desk/clients/import", {"file": (io.BytesIO(body), name)}, content_type="multipart/form-data")
    assert answer.status_code == 302, words_of(answer)
    return answer.location


def test_a_file_becomes_clients(front_desk: Staff, office: Office) -> None:
    assert "Import clients" in front_desk.read("/desk/clients/import")
    here = give(front_desk, TEXT)
    page = front_desk.get(here)
    assert filled_in(page.text)["column-0"] == ["name"]
    assert filled_in(page.text)["column-1"] == ["email"]
    words = words_of(page)
    assert "old.csv , 4 lines. Nothing is written yet." in words
    assert "Import 2 new clients" in words
    assert search_clients(office.practice.id) == []
    assert "&lt;b&gt;Ben&lt;/b&gt;" in front_desk.get(f"{here}?show=refused").text
    words = front_desk.send(f"{here}/begin")
    assert "They are clients now." in words
    assert "Please check the e-mail address" in words
    assert [each.name for each in search_clients(office.practice.id)] == ["Ana Rivera", "=cmd|calc"]
    assert "old.csv" in front_desk.read("/desk/clients/import")


def test_what_is_left_out_can_be_had_and_begins_no_formula(front_desk: Staff) -> None:
    here = give(front_desk, TEXT)
    file = front_desk.get(f"{here}/left-out")
    rows = list(csv.reader(io.StringIO(file.get_data().decode("utf-8-sig"), newline="")))
    assert rows[0] == ["Line", "What is wrong", "Client", "Mail", "Mobile"]
    assert [row[0] for row in rows[1:]] == ["4", "5"]
    assert [row[2] for row in rows[1:]] == ["<b>Ben</b>", "'+1 and more"]


def test_what_was_left_out_can_be_given_again(front_desk: Staff, office: Office) -> None:
    """The file with the reasons is a file that can be read: its own columns are passed over."""
    here = give(front_desk, "Name,E-mail\nAna,\n")
    file = front_desk.get(f"{here}/left-out").get_data().decode("utf-8-sig")
    again = give(front_desk, file.replace("Ana,", "Ana,ana@example.com"))
    front_desk.send(f"{again}/begin")
    assert [each.name for each in search_clients(office.practice.id)] == ["Ana"]


def test_columns_are_chosen_on_the_page(front_desk: Staff, office: Office) -> None:
    here = give(front_desk, "A,B\nAna,ana@example.com\n")
    assert "Import 0 new clients" in front_desk.read(here)
    answer = front_desk.post(f"{here}/begin")
    assert answer.status_code == 422
    assert NOBODY_NAMED in words_of(answer)
    answer = front_desk.post(f"{here}/columns", {"column-0": "email", "column-1": "email"})
    assert answer.status_code == 422
    assert filled_in(answer.text)["column-0"] == ["email"]
    words = front_desk.send(f"{here}/columns", {"column-0": "name", "column-1": "email", "day_first": "y"})
    assert "Import 1 new client" in words
    front_desk.send(f"{here}/begin")
    assert [each.name for each in search_clients(office.practice.id)] == ["Ana"]


def test_duplicates_are_shown_before_anything_happens(front_desk: Staff, office: Office) -> None:
    make_client(office.practice, name="Ana Rivera", email="ana@example.com")
    make_client(office.practice, name="Zoë Ito", email="z@example.com", phone="+13035550188")
    lines = "Name,E-mail,Phone\nAna Rivera,ana@example.com,\nZoe Ito,new@example.com,303 555 0188\nBen,b@example.com,\n"
    here = give(front_desk, f"{lines}Ben,b@example.com,\n")
    words = front_desk.read(here)
    assert "Here already 1 ( show" in words
    assert "Look like somebody 1 ( show" in words
    assert "Twice in the file 1 ( show" in words
    assert "Looks like somebody you have" in front_desk.read(f"{here}?show=alike")
    front_desk.send(f"{here}/begin", {"adds_alike": "y"})
    assert len(search_clients(office.practice.id)) == 4


def test_contacts_of_a_phone(front_desk: Staff, office: Office) -> None:
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana Rivera\r\nEMAIL:ana@example.com\r\nTEL:303 555 0123\r\nEND:VCARD\r\n"
    front_desk.send(f"{give(front_desk, card, 'contacts.vcf')}/begin")
    assert [each.phone for each in search_clients(office.practice.id)] == ["+13035550123"]


def test_a_long_file_shows_how_far_it_is(front_desk: Staff, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_importing, "PORTION", 2)
    here = give(front_desk, "Name,E-mail\n" + "".join(f"Client {n},c{n}@example.com\n" for n in range(5)))
    words = front_desk.send(f"{here}/begin")
    assert "2 of 5 lines are done" in words
    assert "data-reload-at" in front_desk.get(here).text
    while import_portion(now=NOW):
        pass
    db.session.expire_all()
    assert "data-reload-at" not in front_desk.get(here).text
    assert len(search_clients(office.practice.id)) == 5


def test_a_long_list_is_shown_in_pages(front_desk: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MOST_SHOWN", 2)
    here = give(front_desk, "Name,E-mail\n" + "".join(f"Client {n},c{n}@example.com\n" for n in range(5)))
    later = re.search(r'href="([^"]*page=2[^"]*)"', front_desk.get(here).text)
    assert later is not None
    words = front_desk.read(later[1].replace("&amp;", "&"))
    assert "Client 2" in words
    assert "Client 1 " not in words


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x81\x8d"])
def test_what_cannot_be_read_is_said(front_desk: Staff, data: bytes) -> None:
    form = {"file": (io.BytesIO(data), "x.csv")}
    answer = front_desk.post("/desk/clients/import", form, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Please check the following" in words_of(answer)


def test_a_form_without_a_file(front_desk: Staff) -> None:
    answer = front_desk.post("/desk/clients/import", {})
    assert answer.status_code == 422
    assert "Please choose a file." in words_of(answer)


def test_a_file_is_thrown_away(front_desk: Staff) -> None:
    here = give(front_desk, TEXT)
    assert "is thrown away" in front_desk.send(f"{here}/discard")
    assert db.session.scalars(select(ClientImport)).all() == []
    assert front_desk.get(here).status_code == 404


def test_it_is_the_desks_and_of_one_practice(app: Flask, front_desk: Staff, office: Office) -> None:
    here = give(front_desk, TEXT)
    assert as_therapist(app, office).get("/desk/clients/import").status_code == 403
    stranger = as_owner(app, make_office())
    for path in (here, f"{here}/left-out"):
        assert stranger.get(path).status_code == 404
    for path in ("columns", "begin", "discard"):
        assert stranger.post(f"{here}/{path}").status_code == 404


def test_a_long_file_is_not_too_much_for_a_form(front_desk: Staff) -> None:
    lines = "".join(f"{'x' * 80},client-{number}@example.com\n" for number in range(4_000))
    assert len(lines) > LARGEST_REQUEST
    assert "4000 lines" in front_desk.read(give(front_desk, f"Name,E-mail\n{lines}"))
