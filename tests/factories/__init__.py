"""Rows for tests, valid by default: say only what the test is about. Each function keeps what it makes at once."""

from tests.factories.appointments import book, cancel, make_wish
from tests.factories.contacts import make_client, make_contact
from tests.factories.messages import make_rule, make_rules
from tests.factories.offices import Office, make_office
from tests.factories.practices import make_location, make_practice, make_room
from tests.factories.services import make_service
from tests.factories.therapists import WEEKDAYS, add_hours, add_licence, add_override, add_time_off, make_therapist
from tests.factories.users import make_user

__all__ = [
    "WEEKDAYS",
    "Office",
    "add_hours",
    "add_licence",
    "add_override",
    "add_time_off",
    "book",
    "cancel",
    "make_client",
    "make_contact",
    "make_location",
    "make_office",
    "make_practice",
    "make_room",
    "make_rule",
    "make_rules",
    "make_service",
    "make_therapist",
    "make_user",
    "make_wish",
]
