"""Where people meet in person, as the owner sets it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.links import Signed
from telehealth.domain.words import Mode
from telehealth.models import Location, Room
from tests.factories import Office, book, make_contact, make_office, make_practice, make_series, make_user, wait
from tests.factories.users import PASSWORD
from tests.moments import at
from tests.web.staff import Staff, as_front_desk, as_owner, filled_in, sign_in, words_of


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(practice={"slug": "riverside"})


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def form(**given: str) -> dict[str, str]:
    usual = {
        "name": "Annex",
        "address": "2 Main Street, Denver",
        "jurisdiction": "CO",
        "timezone": "America/Denver",
        "rooms": "Blue\n\nRed",
        "directions": "Ring twice.\nThere are no steps.",
        "map_url": "map.example/annex",
    }
    return {**usual, **given}


def place_of(office: Office) -> str:
    return f"/desk/places/{office.location.public_id}"


def test_a_place_is_added_and_shown_to_everybody(owner: Staff, office: Office, client: FlaskClient) -> None:
    words = owner.send("/desk/places/new", form())
    assert "Added: Annex." in words
    assert "How to find it Ring twice." in words
    assert "Close this room Blue" in words
    assert "Blue and Red. Nothing is booked there." in owner.read("/desk/places")
    page = client.get("/riverside")
    assert "Annex 2 Main Street, Denver Ring twice. There are no steps. Open a map of Annex" in words_of(page)
    assert 'href="https://map.example/annex" rel="noopener noreferrer nofollow"' in page.text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Please name the place."),
        ({"rooms": " "}, "Please name at least one room"),
        ({"jurisdiction": ""}, "two letters of the state"),
        ({"map_url": "javascript:alert(1)"}, "Please check the web address"),
    ],
)
def test_what_cannot_be_a_place_is_explained_and_kept(owner: Staff, wrong: dict[str, str], sentence: str) -> None:
    answer = owner.post("/desk/places/new", form(**wrong))
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert "There are no steps." in answer.text


def test_a_place_is_changed(owner: Staff, office: Office) -> None:
    address = f"{place_of(office)}/change"
    assert filled_in(owner.get(address).text)["name"] == ["Main Street office"]
    assert "Saved: Annex." in owner.send(address, form())
    kept = db.session.get_one(Location, office.location.id, populate_existing=True)
    assert (kept.name, kept.map_url) == ("Annex", "https://map.example/annex")
    assert owner.post(address, form(address="")).status_code == 422


def test_a_client_reads_how_to_find_it(owner: Staff, office: Office, client: FlaskClient) -> None:
    owner.send(f"{place_of(office)}/change", form())
    seat = book(office, at(10, days=1), mode=Mode.IN_PERSON).attendees[0]
    addresses: Addresses = owner.browser.application.extensions["addresses"]
    page = client.get(f"/m/{addresses.token(LinkPurpose.MANAGE, Signed(seat.public_id))}")
    assert "Annex, 2 Main Street, Denver Ring twice. There are no steps. Open a map of Annex" in words_of(page)
    assert "map.example" not in page.headers["Content-Security-Policy"], "nothing of the map is loaded"


def test_closing_lists_what_is_booked_there(owner: Staff, office: Office, client: FlaskClient) -> None:
    book(office, at(10, days=1), mode=Mode.IN_PERSON)
    make_series(office, mode=Mode.IN_PERSON, count=3)
    words = owner.read(f"{place_of(office)}/end")
    assert "Jane Doe with Dana Rivera, Tue, Nov 24 at 10:00 AM MST" in words
    assert "Standing slots that go on here:" in words
    assert "The hours of Dana Rivera name this place." in words
    after = owner.send(f"{place_of(office)}/end")
    assert "Main Street office is closed and offered no more." in after
    assert "Jane Doe with Dana Rivera" in after
    assert "Main Street office" not in words_of(client.get("/riverside"))
    assert "Main Street office" in owner.read("/desk/places"), "to open it again"
    assert "Main Street office is open again." in owner.send(f"{place_of(office)}/reopen")


def test_whoever_would_only_come_to_a_closed_place_is_told_and_so_is_the_desk(
    owner: Staff, office: Office, client: FlaskClient, addresses: Addresses
) -> None:
    only, also = (
        wait(office, contact=make_contact(name=name, email=f"{name}@example.org"), modes=modes)
        for name, modes in (("Only", (Mode.IN_PERSON,)), ("Also", (Mode.IN_PERSON, Mode.VIRTUAL)))
    )
    path = f"/desk/places/{office.location.public_id}"
    assert "1 client on the waitlist would only come here." in owner.read(f"{path}/end")
    assert "Place closed" not in owner.read("/desk/waitlist")
    owner.send(f"{path}/end")
    assert "1 client on the waitlist would only come here." in owner.read(path)
    words = owner.read("/desk/waitlist")
    assert words.count("is closed, so nothing is offered. Please ask where else they could meet.") == 1
    pages = [words_of(client.get(addresses.wait(each).removeprefix(addresses.base_url))) for each in (only, also)]
    assert "Main Street office has closed So we cannot find you a time there." in pages[0]
    assert "Your place in line" in pages[1]
    owner.send(f"{path}/reopen")
    assert "Place closed" not in owner.read("/desk/waitlist")


def test_the_hours_of_a_closed_place_keep_its_name(app: Flask, owner: Staff, office: Office) -> None:
    owner.send(f"{place_of(office)}/end")
    hours = owner.get("/desk/hours").text
    entry = hours.partition("/desk/hours/")[2].partition("/change")[0]
    entry = entry.rpartition("/")[2] or entry
    page = owner.get(f"/desk/hours/{entry}/change")
    assert filled_in(page.text)["location"] == [office.location.public_id]
    mornings = {"weekdays": "1", "starts": "09:00", "ends": "12:00", "modes": "in_person", "every_weeks": "1"}
    answer = owner.post("/desk/hours/new", {**mornings, "location": office.location.public_id})
    assert "This place is closed." in words_of(answer)


def test_rooms_are_added_named_and_closed(owner: Staff, office: Office) -> None:
    rooms = f"{place_of(office)}/rooms"
    assert "Added: Attic." in owner.send(rooms, {"name": "Attic", "kind": ""})
    assert "Please name the room." in words_of(owner.post(rooms, {"name": "", "kind": "large"}))
    room = f"{rooms}/{office.room.public_id}"
    assert "Saved: Room 1 is a playroom." in owner.send(room, {"name": "Room 1", "kind": "playroom"})
    assert db.session.get_one(Room, office.room.id, populate_existing=True).kind == "playroom"
    assert "The kinds of your rooms: playroom." in owner.read("/desk/services/new")
    answer = owner.post(room, {"name": "Room 1", "kind": "x" * 41})
    assert answer.status_code == 422
    assert "please use at most 40" in words_of(answer)
    assert "x" * 41 in answer.text
    assert "a room like any other" in owner.send(room, {"name": "Room 1", "kind": ""})
    assert "Room 1 is closed." in owner.send(f"{room}/end")
    assert "Room 1 is open again." in owner.send(f"{room}/reopen")
    owner.send(f"{place_of(office)}/end")
    assert "This place is closed. Please open it again first." in owner.send(f"{room}/reopen")


def test_a_practice_without_places_is_told_what_to_do(app: Flask, client: FlaskClient) -> None:
    words = sign_in(app, make_user(make_practice(), password=PASSWORD)).read("/desk/places")
    assert "Everybody meets by video or phone." in words


def test_places_of_another_practice_are_not_found(app: Flask, office: Office) -> None:
    stranger, here = as_owner(app, make_office()), place_of(office)
    for path in (here, f"{here}/change", f"{here}/end"):
        assert stranger.get(path).status_code == 404
    room = f"{here}/rooms/{office.room.public_id}"
    for path in (f"{here}/change", f"{here}/end", f"{here}/reopen", f"{here}/rooms", room, f"{room}/end"):
        assert stranger.post(path, form()).status_code == 404


def test_only_owners_set_places(app: Flask, office: Office) -> None:
    assert as_front_desk(app, office).get("/desk/places").status_code == 403
