"""Places, and what kinds of rooms they have."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.models import Room
from telehealth.services.practice.places import change_room_kind
from tests.factories import BY_STAFF, Office, make_office
from tests.moments import NOW


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def test_the_kind_of_a_room(database: Session, office: Office) -> None:
    given: dict[str, Any] = {"practice_id": office.practice.id, "room_public_id": office.room.public_id, "now": NOW}
    assert change_room_kind(**given, kind="  group   room ", by=BY_STAFF).kind == "group room"
    with pytest.raises(InvalidInput):
        change_room_kind(**given, kind="x" * 41, by=BY_STAFF)
    assert database.get_one(Room, office.room.id, populate_existing=True).kind == "group room"


def test_rooms_of_another_practice_are_not_found(office: Office) -> None:
    stranger = make_office().practice.id
    with pytest.raises(NotFound):
        change_room_kind(practice_id=stranger, room_public_id=office.room.public_id, kind="large", by=BY_STAFF, now=NOW)
