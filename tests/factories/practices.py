from __future__ import annotations

from typing import Any

from telehealth.models import Location, Practice, Resource, Room
from telehealth.models.practices import ResourceKind
from tests.factories.rows import keep, number
from tests.moments import NOW


def make_practice(**given: Any) -> Practice:
    """With the usual rules about messages."""
    slug = f"practice-{number()}"
    usual = {
        "slug": slug,
        "name": "Riverside Counseling",
        "sender_name": "Riverside Office",
        "email": f"desk@{slug}.example",
        "phone": "(303) 555-0100",
        "timezone": "America/Denver",
        "created_at": NOW,
        "first_steps_put_away_at": NOW,
        "asks_telehealth_consent": False,  # It has tests of its own, and stands before every call.
    }
    return keep(Practice(**{**usual, **given}))


def make_location(practice: Practice, **given: Any) -> Location:
    usual = {
        "name": "Main Street office",
        "address": "1 Main Street, Denver, CO 80202",
        "jurisdiction": "CO",
        "timezone": "America/Denver",
    }
    return keep(Location(practice_id=practice.id, **{**usual, **given}))


def make_room(location: Location, name: str = "Room 1") -> Room:
    resource = Resource(practice_id=location.practice_id, kind=ResourceKind.ROOM)
    return keep(Room(practice_id=location.practice_id, location_id=location.id, resource=resource, name=name))
