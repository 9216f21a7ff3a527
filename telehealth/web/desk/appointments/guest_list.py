"""Who is invited to a video appointment, as its page at the desk lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from telehealth import clock
from telehealth.domain.appointments.joining import Door
from telehealth.domain.languages import ENGLISH, LANGUAGES
from telehealth.domain.video.calls import GuestKind
from telehealth.domain.video.guests import MOST_GUESTS
from telehealth.models import Appointment
from telehealth.queries.video import doors
from telehealth.queries.video import guests as invited
from telehealth.web.desk.video_words import GUEST_KINDS
from telehealth.web.link_pages import find_addresses

GUEST_CHOICES: Mapping[GuestKind, str] = {
    GuestKind.INTERPRETER: "An interpreter",
    GuestKind.SCHOOL: "Somebody from a school",
    GuestKind.CASE_WORKER: "A caseworker",
    GuestKind.OTHER: "Somebody else",
}


def show_guests_of(found: Appointment) -> dict[str, Any]:
    """Who is invited, with their links, and what the form offers; nothing for appointments that are not by video."""
    if not doors.has_room(found):
        return {"guests": [], "may_invite": False}
    guests, addresses = invited.list_invited(found), find_addresses()
    is_over = doors.find_door(found, now=clock.now()) == Door.OVER
    return {
        "guests": [
            {
                "public_id": each.public_id,
                "name": each.name,
                "kind": GUEST_KINDS[each.kind],
                "language": LANGUAGES[each.locale] if each.locale != ENGLISH else "",
                "url": addresses.guest(each) if not is_over else "",
            }
            for each in guests
        ],
        "may_invite": not is_over and len(guests) < MOST_GUESTS,
        "guest_kinds": [("", "Please choose"), *((each.value, text) for each, text in GUEST_CHOICES.items())],
        "languages_of_guests": list(LANGUAGES.items()),
    }
