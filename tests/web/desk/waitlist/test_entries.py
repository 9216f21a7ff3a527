"""The waitlist as staff see it."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.waitlist.waiting import WeeklyWindow
from telehealth.domain.words import Mode, WaitlistStatus
from telehealth.models import WaitlistEntry
from telehealth.services.waitlist.waiting import offer_freed_times
from tests.factories import (
    Office,
    book,
    cancel,
    make_companion,
    make_contact,
    make_location,
    make_office,
    make_therapist,
    wait,
)
from tests.factories.rows import change
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, filled_in, words_of


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


def form(office: Office, **given: Any) -> dict[str, Any]:
    usual = {
        "service": office.service.public_id,
        "name-1": "Ada Nowak",
        "email-1": "ada@example.com",
        "phone-1": "(303) 555-0188",
        "timezone-1": "America/Denver",
        "jurisdiction-1": "CO",
        "modes": ["virtual"],
        "until": "2026-12-24",
    }
    return {**usual, **given}


def test_nobody_waits(front_desk: Staff) -> None:
    assert "Nobody waits" in front_desk.read("/desk/waitlist")


def test_who_waits_for_what_since_when(front_desk: Staff, office: Office) -> None:
    wait(
        office,
        contact=make_contact(name="Ada Nowak"),
        windows=(WeeklyWindow(0, time(0), time(12)), WeeklyWindow(2, time(16), time(18))),
        therapists=(office.therapist.public_id,),
    )
    wait(office, contact=make_contact(name="Ben Ode"), modes=(Mode.IN_PERSON,), now=NOW + timedelta(minutes=5))
    words = front_desk.read("/desk/waitlist")
    assert "Ada Nowak Individual session, place 1, since Mon, Nov 23 at 9:00 AM MST" in words
    assert "Video, with Dana Rivera" in words
    assert (
        "Monday: mornings, until noon; Wednesday: 4:00 PM to 6:00 PM, in Mountain Time, until Mon, Mar 1, 2027" in words
    )
    assert "Ben Ode Individual session, place 2" in words
    assert "In person at Main Street office, with anybody At any time" in words


def test_an_open_offer_and_what_it_would_replace(front_desk: Staff, office: Office) -> None:
    ada = make_contact(name="Ada Nowak")
    later = book(office, at(10, days=3), contact=ada)
    entry = wait(office, contact=ada, replaces=later.attendees[0].public_id)
    cancel(book(office, at(15)))
    offer_freed_times(now=NOW + timedelta(minutes=6))
    words = front_desk.read("/desk/waitlist")
    assert "Offer open Offered Tue, Nov 24 at 3:00 PM MST with Dana Rivera, until" in words
    assert "instead of Thu, Nov 26 at 10:00 AM MST" in words
    assert entry.public_id


def test_somebody_is_added(front_desk: Staff, office: Office) -> None:
    page = front_desk.get("/desk/waitlist/new")
    assert f"service={office.service.public_id}" in page.text
    start = filled_in(front_desk.get(f"/desk/waitlist/new?service={office.service.public_id}").text)
    assert start["until"] == ["2026-12-21"]
    make_therapist(office.practice, office.service, name="Sam Okafor")
    given = form(office, weekdays=["0"], parts=["morning"], therapists=[office.therapist.public_id])
    words = front_desk.send("/desk/waitlist/new", given)
    assert "Ada Nowak waits for Individual session." in words
    entry = db.session.query(WaitlistEntry).one()
    assert entry.windows == [{"weekday": 0, "starts": "00:00", "ends": "12:00"}]
    assert (entry.modes, entry.therapist_ids, entry.phone) == (["virtual"], [office.therapist.id], "+13035550188")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"modes": []}, "Please choose at least one way to meet."),
        ({"name-1": ""}, "Please enter the name."),
        ({"jurisdiction-1": ""}, "Please choose the state"),
        ({"until": "soon"}, "Please enter a date"),
        ({"until": "2026-11-22"}, "Please choose a date from today on"),
        ({"starts": "16:00"}, "Please enter both hours"),
        ({"modes": ["in_person"]}, "Please choose where you would like to meet."),
        ({"modes": ["phone"], "phone-1": ""}, "Please enter a mobile number."),
        ({"name-1": "", "email-1": "", "phone-1": ""}, "Please choose somebody, or fill in who it is for."),
    ],
)
def test_a_wish_that_cannot_be_is_explained_and_kept(
    front_desk: Staff, office: Office, wrong: dict[str, Any], sentence: str
) -> None:
    make_location(office.practice, name="Second place")
    answer = front_desk.post("/desk/waitlist/new", form(office, weekdays=["3"], **wrong))
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert filled_in(answer.text)["weekdays"] == ["3"]
    assert db.session.query(WaitlistEntry).count() == 0


def test_somebody_is_taken_off(front_desk: Staff, office: Office) -> None:
    entry = wait(office, contact=make_contact(name="Ada Nowak"))
    assert "Ada Nowak is off the waitlist." in front_desk.send(f"/desk/waitlist/{entry.public_id}/leave")
    found = db.session.get_one(WaitlistEntry, entry.id, populate_existing=True)
    assert found.status == WaitlistStatus.LEFT


def test_a_therapist_sees_who_would_come_to_them(app: Flask, office: Office) -> None:
    colleague = make_therapist(office.practice, office.service)
    other = make_therapist(office.practice)
    wait(office, contact=make_contact(name="Anybody Will Do"))
    theirs = wait(office, contact=make_contact(name="Only Them"), therapists=(colleague.public_id,))
    words = as_therapist(app, office).read("/desk/waitlist")
    assert "Anybody Will Do" in words
    assert "Only Them" not in words
    assert as_therapist(app, office).post(f"/desk/waitlist/{theirs.public_id}/leave").status_code == 404
    assert "Nobody waits" in as_therapist(app, office, other).read("/desk/waitlist")


def test_one_practice_sees_nobody_of_another(app: Flask, office: Office) -> None:
    entry = wait(office)
    stranger = as_owner(app, make_office())
    assert "Nobody waits" in stranger.read("/desk/waitlist")
    assert stranger.post(f"/desk/waitlist/{entry.public_id}/leave").status_code == 404
    assert stranger.get(f"/desk/waitlist/new?service={office.service.public_id}").status_code == 404
    assert stranger.get("/desk/waitlist/new?service=a+b").status_code == 404


def test_a_minor_for_whom_nobody_acts_is_offered_nothing(front_desk: Staff, office: Office) -> None:
    entry = wait(office, contact=make_contact(name="Ada Nowak"))
    change(entry.client, born_on=date(2018, 5, 4))
    assert "No guardian" not in front_desk.read("/desk/waitlist")
    change(office.practice, when_minor=WhenMinor.REQUIRE)
    assert "They are a minor, and nobody acts for them on file" in front_desk.read("/desk/waitlist")
    make_companion(entry.client)
    assert "No guardian" not in front_desk.read("/desk/waitlist")
