"""The colour of the practice's pages."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.models import Practice
from tests.factories import Office, make_office
from tests.web.staff import Staff, as_front_desk, as_owner, filled_in, words_of

PATH = "/desk/practice/colour"
SHEET = re.compile(r'<link rel="stylesheet" href="(/colours/[^"]+)">')


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(practice={"slug": "riverside"})


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def accent_of(office: Office) -> str | None:
    return db.session.get_one(Practice, office.practice.id, populate_existing=True).accent


def test_public_pages_have_it_and_the_desk_does_not(owner: Staff, client: FlaskClient) -> None:
    assert SHEET.findall(client.get("/riverside").text) == []
    assert "Saved. Your pages have this colour now." in owner.send(PATH, {"accent": "#7A3F8F"})
    (sheet,) = SHEET.findall(client.get("/riverside").text)
    assert SHEET.findall(client.get("/riverside/book").text) == [sheet]
    assert SHEET.findall(owner.get("/desk/today").text) == []
    answer = client.get(sheet)
    assert answer.text.startswith(":root{--accent:#7a3f8f;")
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(sheet, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert filled_in(owner.get(PATH).text)["accent"] == ["#7a3f8f"]


def test_it_is_looked_at_first_and_told_what_is_made_of_it(owner: Staff, office: Office) -> None:
    answer = owner.post(PATH, {"accent": "#ffd400", "do": "look"})
    assert "On the light page this colour is shown darker, so that it can be read." in words_of(answer)
    assert filled_in(answer.text)["accent"] == ["#ffd400"]
    assert 'fill="#ffd400"' in answer.text
    assert "style=" not in answer.text.partition("<main")[2]
    assert accent_of(office) is None


def test_the_usual_one_comes_back(owner: Staff, office: Office, client: FlaskClient) -> None:
    owner.send(PATH, {"accent": "#7a3f8f"})
    assert "the usual colour again" in owner.send(f"{PATH}/remove")
    assert accent_of(office) is None
    assert SHEET.findall(client.get("/riverside").text) == []
    changes = owner.read("/desk/changes")
    assert "Colour of the pages: from the usual one → to #7a3f8f" in changes
    assert "Colour of the pages: from #7a3f8f → to the usual one" in changes


@pytest.mark.parametrize("do", ["look", ""])
def test_what_is_no_colour_is_explained_and_kept(owner: Staff, office: Office, do: str) -> None:
    answer = owner.post(PATH, {"accent": "teal", "do": do})
    assert answer.status_code == 422
    assert words_of(answer).count("Please give a colour as # and six digits") == 2
    assert filled_in(answer.text)["accent"] == ["teal"]
    assert accent_of(office) is None


def test_only_owners_choose_it(app: Flask, office: Office) -> None:
    front_desk = as_front_desk(app, office)
    assert front_desk.get(PATH).status_code == 403
    assert front_desk.post(PATH, {"accent": "#7a3f8f"}).status_code == 403


@pytest.mark.parametrize("path", ["7a3f8f.000000000000", "7a3f8.x", "teal.x", "7A3F8F.x"])
def test_other_addresses_are_nothing(client: FlaskClient, path: str) -> None:
    assert client.get(f"/colours/{path}.css").status_code == 404
