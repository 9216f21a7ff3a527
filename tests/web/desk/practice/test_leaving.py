"""The owner says when somebody leaves, and sees what has to be handed over."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.domain.words import Approval
from telehealth.jobs import ticks
from telehealth.models import Therapist
from tests.factories import Office, book, make_contact, make_office, make_series, make_therapist
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import at
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, filled_in, words_of


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(practice={"slug": "riverside"}, therapist={"name": "Dana Rivera"})


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


@pytest.fixture
def colleague(office: Office) -> Therapist:
    return make_therapist(office.practice, office.service, name="Sam Okafor")


def page_of(office: Office) -> str:
    return f"/desk/therapists/{office.therapist.public_id}/leaving"


def test_a_date_is_set_changed_and_taken_back(owner: Staff, office: Office) -> None:
    address = page_of(office)
    words = owner.read(address)
    assert "Dana Rivera leaves" in words
    assert "Nothing is booked." in words
    words = owner.send(address, {"leaves_on": "2026-11-26"})
    assert "Saved: from Thursday, November 26, 2026 on nothing is offered with Dana Rivera." in words
    assert "Leaves on Thursday, November 26, 2026" in words
    assert filled_in(owner.get(address).text)["leaves_on"] == ["2026-11-26"]
    assert "Leaves on Thursday, November 26, 2026" in owner.read("/desk/therapists")
    assert "Leaves on Thursday, November 26, 2026" in owner.read("/desk/people")
    assert "Dana Rivera stays, and can be booked as before." in owner.send(f"{address}/back")
    assert "Leaves on" not in owner.read("/desk/therapists")
    changes = owner.read("/desk/changes")
    assert "Leaves on" in changes


def test_nothing_typed_is_lost(owner: Staff, office: Office) -> None:
    for typed, said in (("", "Please choose the first day"), ("2026-11-23", "Please choose a date after today.")):
        answer = owner.post(page_of(office), {"leaves_on": typed})
        assert answer.status_code == 422
        assert said in words_of(answer)
        assert filled_in(answer.text).get("leaves_on", [""]) == [typed]


def test_what_lies_after_is_listed_and_handed_over(owner: Staff, office: Office, colleague: Therapist) -> None:
    book(office, at(10, days=2), contact=make_contact(name="Before Leaving"))
    made = book(office, at(10, days=3), contact=make_contact(name="Jane Doe"))
    make_series(office, contacts=[make_contact(name="Kim Doe")])
    words = owner.send(page_of(office), {"leaves_on": "2026-11-26"})
    assert "Jane Doe, Thu, Nov 26" in words
    assert "Before Leaving" not in words
    assert "Standing slots that go on Give each to somebody else, or end it:" in words
    page = owner.get(page_of(office)).text
    hand_over = f"/desk/reassign?therapist={office.therapist.public_id}&amp;first_day=2026-11-26"
    assert hand_over in page
    there = owner.read(hand_over.replace("&amp;", "&") + "&last_day=2026-11-26")
    assert "Jane Doe" in there
    chosen = {f"to-{made.public_id}": colleague.public_id}
    assert "Sam Okafor takes it." in words_of(
        owner.post(f"/desk/reassign?therapist={office.therapist.public_id}", chosen)
    )
    assert "Jane Doe" not in owner.read(page_of(office))


def test_the_week_and_the_schedule_say_that_they_are_gone(owner: Staff, office: Office) -> None:
    owner.send(page_of(office), {"leaves_on": "2026-11-26"})
    assert "not with the practice any more" in owner.read(f"/desk/week?therapist={office.therapist.public_id}")
    for day, said in (("2026-11-25", False), ("2026-11-26", True), ("2026-12-03", True)):
        words = owner.read(f"/desk/schedule?view=day&set=1&day={day}")
        assert ("Leaves on" in words) is said, day


def test_on_the_day_the_page_forgets_them_and_their_login_ends(
    app: Flask, office: Office, owner: Staff, colleague: Therapist, clock: FakeClock
) -> None:
    dana = as_therapist(app, office)
    book(office, at(10, days=4))
    owner.send(page_of(office), {"leaves_on": "2026-11-26"})
    clock.advance(at(0, 30, days=3) - clock())
    assert ticks.end_those_who_leave(app) == 1
    assert dana.get("/desk/week").status_code == 302
    shown = app.test_client().get("/riverside").text
    assert "Dana Rivera" not in shown
    assert "Sam Okafor" in shown
    owner = as_owner(app, office)
    assert "Not offered any more Dana Rivera Leaves" not in owner.read("/desk/therapists")
    words = owner.read(page_of(office))
    assert "Dana Rivera is not offered any more." in words
    assert "1 appointment" in words
    assert "Hand over or cancel" in words


def test_a_request_for_later_is_handed_over_or_declined(app: Flask, client: FlaskClient) -> None:
    office = make_office(service={"approval": Approval.ALWAYS, "approval_minutes": 2000})
    made = book(office, at(10, days=3))
    change(office.therapist, leaves_on=date(2026, 11, 26))
    words = as_owner(app, office).send(f"/desk/requests/{made.public_id}/approve")
    assert "is not with the practice any more by then. Please hand it over" in words
    assert made.status == "pending"


def test_only_owners_decide_it(app: Flask, office: Office) -> None:
    for staff in (as_front_desk(app, office), as_therapist(app, office)):
        assert staff.get(page_of(office)).status_code == 403
        assert staff.post(page_of(office), {"leaves_on": "2026-12-24"}).status_code == 403
        assert staff.post(f"{page_of(office)}/back").status_code == 403


def test_another_practices_therapist_is_not_there(owner: Staff) -> None:
    other = make_office()
    assert owner.get(page_of(other)).status_code == 404
    assert owner.post(page_of(other), {"leaves_on": "2026-12-24"}).status_code == 404
    assert owner.post(f"{page_of(other)}/back").status_code == 404
