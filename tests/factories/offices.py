from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telehealth.models import Location, Practice, Room, Service, Therapist
from tests.factories.messages import say_only_news
from tests.factories.practices import make_location, make_practice, make_room
from tests.factories.services import make_service
from tests.factories.therapists import make_therapist


@dataclass(frozen=True)
class Office:
    """A practice that is ready to be booked."""

    practice: Practice
    location: Location
    room: Room
    service: Service
    therapist: Therapist


def make_office(
    *,
    practice: dict[str, Any] | None = None,
    service: dict[str, Any] | None = None,
    therapist: dict[str, Any] | None = None,
    with_rules: bool = True,
) -> Office:
    """One therapist, one service, one room, and the usual rules about messages; ``with_rules=False``: only news."""
    made = make_practice(**(practice or {}))
    location = make_location(made)
    room = make_room(location)
    offered = make_service(made, **(service or {}))
    person = make_therapist(made, offered, location=location, **(therapist or {}))
    if not with_rules:
        say_only_news(made)
    return Office(made, location, room, offered, person)
