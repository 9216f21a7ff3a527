"""Places, their rooms, and what happens to what is booked when one is closed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.errors import InvalidInput, NotFound, SlotNotOffered, TelehealthError
from telehealth.domain.words import Mode
from telehealth.models import FreedTime, Location, Room
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered
from telehealth.queries.calendars.feeds import read_feed
from telehealth.queries.practice.offers import find_offer
from telehealth.queries.practice.places import count_booked_at, list_booked_at, list_names_with_hours_at
from telehealth.services.practice.places import (
    LocationFacts,
    add_location,
    add_room,
    change_location,
    end_location,
    end_room,
    reopen_location,
    reopen_room,
    set_room,
)
from tests.factories import BY_STAFF, Office, book, make_contact, make_office, move
from tests.factories.feeds import make_feed
from tests.moments import NOW, at

FACTS = LocationFacts(
    "Annex", "2 Main Street", "CO", "America/Denver", ["Blue"], "Ring twice.", "https://map.example/annex"
)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


@pytest.fixture
def here(office: Office) -> dict[str, Any]:
    return {
        "practice_id": office.practice.id,
        "location_public_id": office.location.public_id,
        "by": BY_STAFF,
        "now": NOW,
    }


def starts_there(database: Session, office: Office) -> int:
    database.expire_all()
    location = database.get_one(Location, office.location.id)
    asked = SlotQuery.about(office.service, Mode.IN_PERSON, at(0, days=1), at(0, days=2), location=location)
    return len(offered(asked, now=NOW))


def test_the_kind_of_a_room(database: Session, office: Office) -> None:
    given: dict[str, Any] = {"practice_id": office.practice.id, "room_public_id": office.room.public_id, "now": NOW}
    assert set_room(**given, kind="  group   room ", by=BY_STAFF).kind == "group room"
    assert set_room(**given, kind="group room", name="Attic", by=BY_STAFF).name == "Attic"
    with pytest.raises(InvalidInput):
        set_room(**given, kind="x" * 41, by=BY_STAFF)
    with pytest.raises(InvalidInput):
        set_room(**given, kind="", name=" ", by=BY_STAFF)
    assert database.get_one(Room, office.room.id, populate_existing=True).kind == "group room"


def test_rooms_and_places_of_another_practice_are_not_found(office: Office, here: dict[str, Any]) -> None:
    stranger = make_office().practice.id
    room: dict[str, Any] = {
        "practice_id": stranger,
        "room_public_id": office.room.public_id,
        "by": BY_STAFF,
        "now": NOW,
    }
    for change in (end_location, reopen_location):
        with pytest.raises(NotFound):
            change(**{**here, "practice_id": stranger})
    with pytest.raises(NotFound):
        change_location(**{**here, "practice_id": stranger}, facts=FACTS)
    with pytest.raises(NotFound):
        set_room(**room, kind="large")
    for of_room in (end_room, reopen_room):
        with pytest.raises(NotFound):
            of_room(**room)


def test_a_place_is_added_with_all_that_is_known(office: Office) -> None:
    added = add_location(practice_id=office.practice.id, facts=FACTS, by=BY_STAFF, now=NOW)
    assert (added.directions, added.map_url, [room.name for room in added.rooms]) == (
        "Ring twice.", "https://map.example/annex", ["Blue"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"address": ""}, "address"),
        ({"jurisdiction": "XX"}, "jurisdiction"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"rooms": []}, "rooms"),
        ({"rooms": ["Blue"] * 101}, "rooms"),
        ({"directions": "x" * 2001}, "directions"),
        ({"map_url": "javascript:alert(1)"}, "map_url"),
    ],
)
def test_what_cannot_be_a_place_is_told_by_field(office: Office, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_location(practice_id=office.practice.id, facts=replace(FACTS, **wrong), by=BY_STAFF, now=NOW)
    assert list(refused.value.fields) == [field]


def test_a_closed_place_is_offered_no_more_and_keeps_what_is_booked(
    database: Session, office: Office, here: dict[str, Any]
) -> None:
    booked = book(office, at(10, days=1), mode=Mode.IN_PERSON)
    assert starts_there(database, office) > 0
    end_location(**here)
    assert starts_there(database, office) == 0
    assert find_offer(office.practice.id).locations == []
    with pytest.raises(TelehealthError):
        book(office, at(14, days=1), mode=Mode.IN_PERSON, contact=make_contact(name="Ana"))
    database.refresh(booked)
    assert booked.location_id == office.location.id
    assert list_booked_at(office.location, now=NOW, limit=10) == [booked]
    assert count_booked_at(office.practice.id, now=NOW) == {office.location.id: 1}
    assert list_names_with_hours_at(office.location) == [office.therapist.name]


def test_what_is_booked_at_a_closed_place_can_still_be_moved_within_its_room(
    database: Session, office: Office, here: dict[str, Any]
) -> None:
    booked = book(office, at(10, days=1), mode=Mode.IN_PERSON)
    end_location(**here)
    moved = move(booked, at(14, days=1), location=office.location.public_id)
    assert (moved.room_id, moved.starts_at) == (office.room.id, at(14, days=1))


def test_a_place_opens_again_with_the_rooms_that_were_closed_with_it(
    database: Session, office: Office, here: dict[str, Any]
) -> None:
    blue = add_room(**here, name="Blue")
    end_room(practice_id=office.practice.id, room_public_id=blue.public_id, by=BY_STAFF, now=at(8, days=-1))
    before = starts_there(database, office)
    end_location(**here)
    with pytest.raises(InvalidInput):
        add_room(**here, name="Red")
    with pytest.raises(InvalidInput):
        reopen_room(practice_id=office.practice.id, room_public_id=blue.public_id, by=BY_STAFF, now=NOW)
    database.query(FreedTime).delete()
    opened = reopen_location(**here)
    assert [room.name for room in opened.open_rooms] == [office.room.name]
    assert starts_there(database, office) == before
    freed = database.scalars(select(FreedTime.therapist_id)).all()
    assert office.therapist.id in freed, "whoever waits hears of it"


def test_a_closed_room_takes_nobody_new(database: Session, office: Office, here: dict[str, Any]) -> None:
    end_room(practice_id=office.practice.id, room_public_id=office.room.public_id, by=BY_STAFF, now=NOW)
    with pytest.raises(SlotNotOffered):
        book(office, at(10, days=1), mode=Mode.IN_PERSON)
    reopen_room(practice_id=office.practice.id, room_public_id=office.room.public_id, by=BY_STAFF, now=NOW)
    assert book(office, at(10, days=1), mode=Mode.IN_PERSON).room_id == office.room.id


def test_a_feed_says_the_new_address(office: Office, here: dict[str, Any]) -> None:
    book(office, at(10, days=1), mode=Mode.IN_PERSON)
    feed, _ = make_feed(office.practice, office.therapist, shows_place=True)
    before = read_feed(feed, base_url="", now=NOW)
    change_location(**here, facts=FACTS)
    after = read_feed(feed, base_url="", now=NOW)
    assert after.version != before.version
    assert FACTS.name.encode() in after.write()
