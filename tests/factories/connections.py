from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from telehealth.database import db, transaction
from telehealth.domain.calendar_ports import CalendarAccess, FoundCalendar
from telehealth.domain.calendar_words import CalendarKind, ConnectionState, SeenChange, WrittenState
from telehealth.domain.sealing import KeyRing
from telehealth.models import (
    Appointment,
    BusyInterval,
    CalendarConnection,
    ConnectedCalendar,
    RemoteEntry,
    Therapist,
    WrittenAppointment,
)
from telehealth.services.audit import ActedBy
from telehealth.services.calendars.connecting import NewConnection, connect_account
from tests.factories.appointments import BY_STAFF
from tests.factories.rows import keep, number
from tests.moments import NOW

RING = KeyRing(["a-key-for-tests-only"])
WORK = FoundCalendar("work", "Work", can_write=True, zone="America/Denver", is_main=True)
HOME = FoundCalendar("home", "Home with Sam", can_write=True)
PASSWORD = "abcd-efgh-ijkl-mnop"


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


def connect_calendars(
    therapist: Therapist,
    kind: CalendarKind = CalendarKind.CALDAV,
    *,
    name: str = "Fastmail",
    username: str = "dana@fastmail.example",
    found: Sequence[FoundCalendar] = (WORK, HOME),
    by: ActedBy = BY_STAFF,
    now: datetime = NOW,
) -> CalendarConnection:
    """A connection through the real service, which has not been read yet."""
    access = CalendarAccess("https://caldav.example", username, {"password": PASSWORD})
    if kind == CalendarKind.ICS:
        access = CalendarAccess("calendar.example", "", {"url": f"https://calendar.example/{username}/private.ics"})
    return connect_account(
        practice_id=therapist.practice_id,
        therapist_id=therapist.id,
        new=NewConnection(kind=kind, name=name, access=access, found=found),
        ring=RING,
        by=by,
        now=now,
    )


def make_asked(calendar: ConnectedCalendar, appointment: Appointment, **given: Any) -> WrittenAppointment:
    """An appointment that its therapist moved by an hour in this calendar, which they are asked about."""
    hour = timedelta(hours=1)
    values = {
        "practice_id": calendar.practice_id,
        "appointment_id": appointment.id,
        "calendar_id": calendar.id,
        "state": WrittenState.ASKED,
        "remote_id": f"work/{number()}",
        "version": "1",
        "starts_at": appointment.starts_at,
        "ends_at": appointment.ends_at,
        "written_at": NOW,
        "writes": 1,
        "seen": SeenChange.MOVED,
        "seen_starts_at": appointment.starts_at + hour,
        "seen_ends_at": appointment.ends_at + hour,
        "asked_at": NOW,
        "due_at": NOW,
    }
    return keep(WrittenAppointment(**values | given))


def make_busy(connection: CalendarConnection, place: int, starts_at: datetime, *, minutes: int = 60) -> None:
    """Time that the calendar in this place takes, as it is after a reading."""
    with transaction() as session:
        connection = session.get_one(CalendarConnection, connection.id)
        calendar = connection.calendars[place]
        entry = RemoteEntry(
            practice_id=connection.practice_id,
            calendar_id=calendar.id,
            remote_id=f"{starts_at}",
            remote_digest=f"{starts_at}",
            version="1",
        )
        session.add(entry)
        session.flush()
        session.add(
            BusyInterval(
                practice_id=connection.practice_id,
                therapist_id=connection.therapist_id,
                calendar_id=calendar.id,
                entry_id=entry.id,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=minutes),
            )
        )
        calendar.version = "an-etag"
    db.session.expire_all()
