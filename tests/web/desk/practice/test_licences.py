"""Licences and limits at the desk."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.models import Licence, Therapist
from telehealth.queries.appointments.licences import list_authorities
from tests.factories import Office, add_licence, book, make_office, make_therapist
from tests.factories.rows import change
from tests.moments import at
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, filled_in, words_of


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def therapist(app: Flask, office: Office) -> Staff:
    return as_therapist(app, office)


def licences(therapist: Therapist) -> list[Licence]:
    db.session.expire_all()
    return list(list_authorities(therapist.id))


def add(**given: str) -> dict[str, str]:
    return {"jurisdiction": "UT", "basis": "compact", "number": "P 12", "valid_from": "2026-01-01", **given}


def test_licences_with_their_dates(therapist: Staff, office: Office) -> None:
    add_licence(office.therapist, "UT", valid_until=date(2026, 11, 22))
    add_licence(office.therapist, "NM", valid_until=date(2026, 12, 1))
    add_licence(office.therapist, "WY", valid_from=date(2027, 1, 1), basis="exemption", number="")
    words = therapist.read("/desk/licences")
    assert "Colorado Licence, LPC.0012345. From Wed, Jan 1, 2020" in words
    assert "New Mexico Ends soon" in words
    assert "Utah Over Licence, LPC.0012345. From Wed, Jan 1, 2020 until Sun, Nov 22, 2026" in words
    assert "Wyoming Not yet Exemption. From Fri, Jan 1, 2027" in words


def test_an_unknown_basis_is_shown_as_it_is(therapist: Staff, office: Office) -> None:
    add_licence(office.therapist, "UT", basis="waiver")
    assert "Utah waiver" in therapist.read("/desk/licences")


def test_nobody_without_licences_wonders_why(app: Flask, office: Office) -> None:
    bare = make_therapist(office.practice, office.service, licences=())
    assert "No licences yet" in as_owner(app, office).read(f"/desk/licences?therapist={bare.public_id}")


def test_a_licence_is_added(therapist: Staff, office: Office) -> None:
    words = therapist.send("/desk/licences/new", add(valid_until="2026-12-31"))
    assert "Added: Utah, from Thu, Jan 1, 2026 until Thu, Dec 31, 2026." in words
    found = licences(office.therapist)[-1]
    assert (found.jurisdiction, found.basis, found.number) == ("UT", "compact", "P 12")
    assert (found.valid_from, found.valid_until) == (date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"jurisdiction": ""}, "Please choose a state."),
        ({"jurisdiction": "ZZ"}, "Please choose a state."),
        ({"basis": "luck"}, "Please choose what it rests on."),
        ({"valid_from": ""}, "Please choose the first date."),
        ({"valid_until": "2025-01-01"}, "The last date is before the first one."),
        ({"number": "P 12" * 21}, "please use at most 80"),
    ],
)
def test_a_licence_that_cannot_be_is_explained_and_kept(
    therapist: Staff, office: Office, wrong: dict[str, str], sentence: str
) -> None:
    answer = therapist.post("/desk/licences/new", add(**wrong))
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert "P 12" in filled_in(answer.text)["number"][0]
    assert len(licences(office.therapist)) == 1


def test_a_licence_ends_and_what_lies_beyond_is_named(therapist: Staff, office: Office) -> None:
    made = book(office, at(10, days=2))
    address = f"/desk/licences/{licences(office.therapist)[0].id}/end"
    assert "Nothing that is booked is cancelled." in therapist.read(address)
    page = therapist.post(address, {"valid_until": "2026-11-24"}, follow_redirects=True)
    words = words_of(page)
    assert "Dana Rivera: Colorado ends Tue, Nov 24, 2026, 1 appointment after that" in words
    assert "Jane Doe, Wed, Nov 25 at 10:00 AM MST" in words
    assert f"/desk/appointments/{made.public_id}" in page.text
    assert filled_in(therapist.get(address).text)["valid_until"] == ["2026-11-24"]
    assert "1 appointment after" not in therapist.send(address, {"valid_until": ""})
    assert licences(office.therapist)[0].valid_until is None


@pytest.mark.parametrize(
    ("typed", "sentence"), [("2019-12-31", "The last date is before the first one."), ("soon", "Please choose a date.")]
)
def test_a_last_date_that_cannot_be_is_explained_and_kept(
    therapist: Staff, office: Office, typed: str, sentence: str
) -> None:
    answer = therapist.post(f"/desk/licences/{licences(office.therapist)[0].id}/end", {"valid_until": typed})
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert filled_in(answer.text)["valid_until"] == [typed]


def test_a_licence_that_begins_after_what_is_booked(therapist: Staff, office: Office) -> None:
    book(office)
    licence = licences(office.therapist)[0]
    change(licence, valid_from=date(2027, 1, 1))
    assert "Dana Rivera is not yet licensed in Colorado for 1 appointment" in therapist.read("/desk/licences")


def test_the_owner_sees_gaps_of_everybody_and_a_therapist_their_own(app: Flask, office: Office) -> None:
    colleague = make_therapist(office.practice, office.service, name="Sam Okafor")
    for person in (office.therapist, colleague):
        book(office, at(10, days=2), therapist=person.public_id)
        licence = licences(person)[0]
        change(licence, valid_until=date(2026, 11, 24))
    everything = as_owner(app, office).read(f"/desk/licences?therapist={office.therapist.public_id}")
    assert "Sam Okafor: Colorado ends" in everything
    assert "Sam Okafor" not in as_therapist(app, office).read("/desk/licences")
    assert "Sam Okafor: Colorado ends" in as_front_desk(app, office).read("/desk")
    today = as_therapist(app, office).read("/desk")
    assert "Dana Rivera: Colorado ends Tue, Nov 24, 2026, 1 appointment after that" in today
    assert "Sam Okafor" not in today


def test_the_front_desk_reads_and_does_not_change(app: Flask, office: Office) -> None:
    front_desk = as_front_desk(app, office)
    words = front_desk.read("/desk/licences")
    assert "Colorado" in words
    assert "Change" not in words
    assert front_desk.post("/desk/licences/new", add()).status_code == 403


def test_somebody_elses_licence_is_not_found(therapist: Staff, office: Office) -> None:
    colleague = make_therapist(office.practice, office.service)
    address = f"/desk/licences/{licences(colleague)[0].id}/end"
    assert therapist.get(address).status_code == 404
    assert therapist.post(address, {"valid_until": ""}).status_code == 404
    assert therapist.get("/desk/licences/99999999999999999999999/end").status_code == 404


def limits(**given: str) -> dict[str, str]:
    usual = {"daily_cap": "6", "weekly_cap": "", "longest_run": "3", "break_minutes": "20", "note_minutes": "10"}
    return {**usual, **given}


def test_limits_are_changed_and_said_in_words(therapist: Staff, office: Office) -> None:
    assert "On one day No limit" in therapist.read("/desk/licences")
    words = therapist.send("/desk/limits", limits())
    assert "On one day At most 6 appointments In one week No limit" in words
    assert "In a row At most 3 appointments, then 20 minutes of break" in words
    assert "For notes after each 10 minutes" in words
    assert filled_in(therapist.get("/desk/limits").text) == {name: [value] for name, value in limits().items() if value}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"daily_cap": "0"}, "from 1 to 50, or leave it empty"),
        ({"weekly_cap": "lots"}, "Please enter a whole number."),
        ({"weekly_cap": "lots", "daily_cap": "0"}, "from 1 to 50, or leave it empty"),
        ({"break_minutes": ""}, "Please enter a whole number."),
        ({"break_minutes": "0"}, "A longest run ends with a break"),
    ],
)
def test_limits_that_cannot_be_are_explained_and_kept(
    therapist: Staff, office: Office, wrong: dict[str, str], sentence: str
) -> None:
    answer = therapist.post("/desk/limits", limits(**wrong))
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert filled_in(answer.text)["note_minutes"] == ["10"]
    assert db.session.get_one(Therapist, office.therapist.id).daily_cap is None
