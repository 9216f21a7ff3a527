from __future__ import annotations

from typing import Any

from telehealth.domain.calendar_words import CalendarKind, ConnectionState
from telehealth.models import CalendarConnection, ConnectedCalendar, Therapist
from tests.factories.rows import keep, number
from tests.moments import NOW


def make_connection(therapist: Therapist, kind: CalendarKind = CalendarKind.CALDAV, **given: Any) -> CalendarConnection:
    """An account elsewhere that works, with nothing secret."""
    values = {
        "practice_id": therapist.practice_id,
        "therapist_id": therapist.id,
        "kind": kind,
        "name": "Fastmail",
        "address": "https://caldav.example",
        "username": "anna@example.org",
        "state": ConnectionState.WORKING,
        "created_at": NOW,
        "due_at": NOW,
    }
    return keep(CalendarConnection(**values | given))


def make_connected_calendar(connection: CalendarConnection, **given: Any) -> ConnectedCalendar:
    """One calendar of it, which can be written into."""
    count = number()
    values = {
        "practice_id": connection.practice_id,
        "connection_id": connection.id,
        "remote_id": f"/calendars/{count}/",
        "remote_digest": f"{count:064x}",
        "name": "Work",
        "can_write": True,
    }
    return keep(ConnectedCalendar(**values | given))
