"""Holidays and other dates on which the whole practice is closed."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.models import Closure
from tests.factories import Office, book, make_office
from tests.moments import at
from tests.web.staff import Staff, as_front_desk, as_owner, filled_in, words_of


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def test_a_closure_from_its_form_to_its_end(owner: Staff, office: Office) -> None:
    assert "No closures ahead" in owner.read("/desk/closures")
    book(office, at(10, days=1))
    words = owner.send("/desk/closures/new", {"first_day": "2026-11-24", "last_day": "", "note": "Thanksgiving"})
    assert "The practice is closed: Tuesday, November 24" in words
    assert "1 appointment stays as booked inside." in words
    assert "Jane Doe with Dana Rivera, Tue, Nov 24 at 10:00 AM MST" in words
    assert "Away all day: the practice is closed (Thanksgiving)" in owner.read("/desk/week")
    closure = db.session.query(Closure).one().public_id
    address = f"/desk/closures/{closure}/change"
    assert filled_in(owner.get(address).text)["note"] == ["Thanksgiving"]
    form = {"first_day": "2026-11-26", "last_day": "2026-11-27", "yields_to_hours": "y"}
    words = owner.send(address, form)
    assert "Thursday, November 26" in words
    assert "Nothing is booked then." in words
    assert "works then" in words
    assert filled_in(owner.get(address).text)["yields_to_hours"] == ["y"]
    assert "No closures ahead" in owner.send(f"/desk/closures/{closure}/remove")


def test_what_cannot_be_is_explained_and_kept(owner: Staff) -> None:
    answer = owner.post("/desk/closures/new", {"first_day": "2026-11-24", "last_day": "2026-11-20", "note": "Snow"})
    assert answer.status_code == 422
    assert "The last day is before the first one." in words_of(answer)
    assert 'value="Snow"' in answer.text
    assert "Please choose the first day." in words_of(owner.post("/desk/closures/new", {}))


def test_closures_are_the_owners(app: Flask, owner: Staff, office: Office) -> None:
    owner.send("/desk/closures/new", {"first_day": "2026-11-24"})
    here = f"/desk/closures/{db.session.query(Closure).one().public_id}"
    assert as_front_desk(app, office).get("/desk/closures").status_code == 403
    stranger = as_owner(app, make_office())
    assert stranger.get(f"{here}/change").status_code == 404
    assert stranger.post(f"{here}/change", {"first_day": "2026-11-24"}).status_code == 404
    assert stranger.post(f"{here}/remove").status_code == 404


def close(owner: Staff, first: str, last: str, **more: str) -> None:
    owner.send("/desk/closures/new", {"first_day": first, "last_day": last, "note": "Deep clean", **more})


def test_visitors_read_when_the_practice_is_closed(owner: Staff, office: Office, client: FlaskClient) -> None:
    close(owner, "2026-11-26", "2026-11-27")
    close(owner, "2026-12-24", "2026-12-24", yields_to_hours="y")
    close(owner, "2027-06-01", "2027-06-02")
    words = words_of(client.get(f"/{office.practice.slug}"))
    assert "We are closed from Thursday, November 26 to Friday, November 27." in words
    assert "We are mostly closed on Thursday, December 24." in words
    assert "June" not in words, "that is far away"
    assert "Deep clean" not in words, "the note is for staff"


def test_the_page_of_times_says_why_a_day_is_empty(owner: Staff, office: Office, client: FlaskClient) -> None:
    asked = f"/{office.practice.slug}/book?service={office.service.public_id}&mode=phone&state=CO&therapist=any"
    assert "We are closed" not in words_of(client.get(asked))
    close(owner, "2026-11-26", "2026-11-27")
    words = words_of(client.get(f"{asked}&week=2026-11-23"))
    assert "We are closed on Thursday and Friday. No free times on Saturday and Sunday." in words
    close(owner, "2026-12-07", "2026-12-13")
    words = words_of(client.get(f"{asked}&week=2026-12-07"))
    assert "We are closed on Monday, Tuesday, Wednesday, Thursday, Friday, Saturday and Sunday." in words
    assert "The next free times are on Monday, December 14." in words


def test_whoever_moves_reads_it_too(owner: Staff, office: Office, client: FlaskClient, addresses: Addresses) -> None:
    made = book(office, at(10))
    close(owner, "2026-11-26", "2026-11-27")
    page = addresses.manage(made.attendees[0]).removeprefix(addresses.base_url)
    words = words_of(
        client.get(
            f"{page}/move?mode=virtual&state=CO&therapist={office.therapist.public_id}&week=2026-11-23",
            follow_redirects=True,
        )
    )
    assert "We are closed on Thursday and Friday." in words


@pytest.mark.parametrize("view", ["day", "week", "month"])
def test_the_schedule_says_so_with_the_note(owner: Staff, office: Office, view: str) -> None:
    path = f"/desk/schedule?view={view}&day=2026-11-26&set=1"
    assert "Closed" not in owner.read(path)
    close(owner, "2026-11-26", "2026-11-26")
    assert "Closed: Deep clean" in owner.read(path)
