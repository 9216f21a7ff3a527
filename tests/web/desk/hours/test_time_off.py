"""Time off and leaves, as a therapist or the front desk sets them, and what the page says of them."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.hours.absences import AbsenceKind
from telehealth.models import TimeOff
from tests.api.caller import V1
from tests.factories import Office, add_time_off, book, make_contact, make_office, make_therapist
from tests.moments import at
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, filled_in, words_of

LEAVE = {"first_day": "2026-11-23", "last_day": "2027-02-28", "kind": "parental", "note": "", "is_shown": "y"}
AWAY = "Away until March 1, 2027"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(practice={"slug": "riverside"}, therapist={"name": "Dana Rivera"})


@pytest.fixture
def dana(app: Flask, office: Office) -> Staff:
    return as_therapist(app, office)


def test_a_leave_is_kept_changed_and_in_the_audit(app: Flask, office: Office, dana: Staff) -> None:
    assert filled_in(dana.get("/desk/time-off/new").text)["kind"] == ["time_off"]
    words = dana.send("/desk/time-off/new", LEAVE)
    assert "Parental leave" in words
    assert "Meanwhile your page says “away until Monday, March 1, 2027”." in words
    kept = db.session.scalars(select(TimeOff)).one()
    assert (kept.kind, kept.is_shown, kept.ends_local) == (AbsenceKind.PARENTAL, True, datetime(2027, 3, 1))
    form = filled_in(dana.get(f"/desk/time-off/{kept.public_id}/change").text)
    assert (form["kind"], form["is_shown"]) == (["parental"], ["y"])
    dana.send(f"/desk/time-off/{kept.public_id}/change", {**LEAVE, "kind": "sabbatical", "is_shown": ""})
    db.session.expire_all()
    assert (kept.kind, kept.is_shown) == (AbsenceKind.SABBATICAL, False)
    changes = as_owner(app, office).read("/desk/changes")
    assert "Parental leave" in changes
    assert "Sabbatical" in changes


def test_without_a_kind_it_is_time_off_and_another_one_is_refused(dana: Staff) -> None:
    dana.send("/desk/time-off/new", {"first_day": "2026-11-24"})
    kept = db.session.scalars(select(TimeOff)).one()
    assert (kept.kind, kept.is_shown) == (AbsenceKind.TIME_OFF, False)
    answer = dana.post("/desk/time-off/new", {**LEAVE, "kind": "vacation"})
    assert answer.status_code == 422
    assert filled_in(answer.text)["last_day"] == ["2027-02-28"]


def test_the_page_says_until_when_and_never_why(app: Flask, office: Office, dana: Staff) -> None:
    make_therapist(office.practice, office.service, name="Sam Okafor")
    visitor = app.test_client()
    listed = {"service": office.service.public_id, "mode": "virtual", "state": "CO"}
    pages = ("/riverside", f"/riverside/book?{'&'.join(f'{name}={value}' for name, value in listed.items())}")
    dana.send("/desk/time-off/new", {**LEAVE, "is_shown": ""})
    for page in pages:
        assert "Away until" not in visitor.get(page).text
    kept = db.session.scalars(select(TimeOff)).one()
    dana.send(f"/desk/time-off/{kept.public_id}/change", LEAVE)
    for page in pages:
        shown = visitor.get(page).text
        assert shown.count(AWAY) == 1, page
        assert "arental" not in shown
    people = visitor.get(f"{V1}/practices/riverside/therapists").get_json()["therapists"]
    assert [(each["name"], each["away_until"]) for each in people] == [
        ("Dana Rivera", "2027-03-01"),
        ("Sam Okafor", None),
    ]
    one = visitor.get(f"{V1}/practices/riverside/therapists/{office.therapist.public_id}").get_json()
    assert one["away_until"] == "2027-03-01"
    assert "kind" not in str(one)


def test_a_leave_that_has_not_begun_is_not_spoken_of(app: Flask, office: Office, dana: Staff) -> None:
    dana.send("/desk/time-off/new", {**LEAVE, "first_day": "2026-12-24"})
    assert "Away until" not in app.test_client().get("/riverside").text


def test_what_is_booked_in_a_long_leave_is_folded_and_handed_over(app: Flask, office: Office, dana: Staff) -> None:
    for k in range(32):
        contact = make_contact(name=f"Ana {k}", phone=None)
        book(office, at(9 + k % 8, days=1 + k // 8), contact=contact)
    add_time_off(office.therapist, datetime(2026, 11, 24), datetime(2027, 3, 1), kind=AbsenceKind.SICK)
    words = dana.read("/desk/time-off")
    assert "Sick leave" in words
    assert "And 2 more, later on." in words
    assert "Hand over or cancel" not in words  # A therapist may not decide that for the practice.
    desk = as_front_desk(app, office)
    page = desk.get(f"/desk/time-off?therapist={office.therapist.public_id}")
    assert "Hand over or cancel" in words_of(page)
    assert "first_day=2026-11-24&amp;last_day=2026-11-27" in page.text
