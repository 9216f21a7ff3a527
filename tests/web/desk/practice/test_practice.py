"""What everybody sees of the practice, as its owner writes it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.models import Practice
from tests.factories import Office, make_office
from tests.web.staff import Staff, as_front_desk, as_owner, filled_in, words_of


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(practice={"slug": "riverside"})


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def form(**given: str) -> dict[str, str]:
    usual = {
        "name": "River House",
        "sender_name": "Riverside",
        "phone": "(303) 555-0188",
        "email": "front@riverside.example",
        "timezone": "America/Phoenix",
        "about": "A small practice.\n\nBy the river.",
        "web_links": "riverside.example\nhttps://www.directory.example/riverside/",
        "languages": "English, Spanish; english\nASL",
    }
    return {**usual, **given}


def practice_of(office: Office) -> Practice:
    return db.session.get_one(Practice, office.practice.id, populate_existing=True)


def test_all_of_it_is_changed_and_shown(owner: Staff, office: Office, client: FlaskClient) -> None:
    assert "Saved. Your page shows it now" in owner.send("/desk/practice", form())
    kept = practice_of(office)
    assert (kept.name, kept.sender_name, kept.phone) == ("River House", "Riverside", "+13035550188")
    assert (kept.timezone, kept.languages) == ("America/Phoenix", ["English", "Spanish", "ASL"])
    page = client.get("/riverside")
    words = words_of(page)
    assert "River House A small practice. By the river. We speak English, Spanish, ASL." in words
    assert "(303) 555-0188 front@riverside.example riverside.example directory.example/riverside" in words
    assert 'href="https://www.directory.example/riverside/" rel="noopener noreferrer nofollow"' in page.text


def test_the_form_holds_what_is_kept(owner: Staff) -> None:
    owner.send("/desk/practice", form())
    page = owner.get("/desk/practice").text
    assert filled_in(page)["timezone"] == ["America/Phoenix"]
    assert "riverside.example\nhttps://www.directory.example/riverside/</textarea>" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": " "}, "Please enter a name."),
        ({"sender_name": "https://riverside.example"}, "Please enter a name only, without a link."),
        ({"phone": "12"}, "Please check the number"),
        ({"email": "nobody"}, "Please check the e-mail address"),
        ({"timezone": "Mars/Base"}, "time zone"),
        ({"web_links": "javascript:alert(1)"}, "Please check the web address"),
        ({"web_links": "a.example b.example c.example d.example e.example f.example"}, "at most 5 links"),
        ({"about": "x" * 4001}, "please use at most 4,000"),
        ({"languages": "x" * 41}, "please use at most 40"),
    ],
)
def test_what_cannot_be_used_is_explained_and_kept(
    owner: Staff, office: Office, wrong: dict[str, Any], sentence: str
) -> None:
    answer = owner.post("/desk/practice", form(**wrong))
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert ("Spanish" if "about" in wrong else "By the river.") in answer.text, "nothing typed is lost"
    assert practice_of(office).name == "Riverside Counseling"


def test_only_owners_write_it(app: Flask, office: Office) -> None:
    front_desk = as_front_desk(app, office)
    assert front_desk.get("/desk/practice").status_code == 403
    assert front_desk.post("/desk/practice", form()).status_code == 403
