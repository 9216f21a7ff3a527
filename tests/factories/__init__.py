"""Rows for tests, valid by default: say only what the test is about. Each function keeps what it makes at once."""

from tests.factories.appointments import BY_CLIENT, BY_STAFF, book, cancel, hold, make_wish, move
from tests.factories.contacts import make_client, make_companion, make_contact
from tests.factories.messages import make_rule, say_only_news
from tests.factories.offices import Office, make_office
from tests.factories.practices import make_location, make_practice, make_room
from tests.factories.series import make_couple_office, make_group_office, make_plan, make_series
from tests.factories.services import make_service
from tests.factories.therapists import (
    WEEKDAYS,
    add_busy,
    add_hours,
    add_licence,
    add_override,
    add_time_off,
    make_therapist,
)
from tests.factories.users import make_user
from tests.factories.waitlist import make_wait_wish, offers_to, wait

__all__ = [
    "BY_CLIENT",
    "BY_STAFF",
    "WEEKDAYS",
    "Office",
    "add_busy",
    "add_hours",
    "add_licence",
    "add_override",
    "add_time_off",
    "book",
    "cancel",
    "hold",
    "make_client",
    "make_companion",
    "make_contact",
    "make_couple_office",
    "make_group_office",
    "make_location",
    "make_office",
    "make_plan",
    "make_practice",
    "make_room",
    "make_rule",
    "make_series",
    "make_service",
    "make_therapist",
    "make_user",
    "make_wait_wish",
    "make_wish",
    "move",
    "offers_to",
    "say_only_news",
    "wait",
]
