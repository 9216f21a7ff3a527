"""A therapist's calendar on a real CalDAV server, from the first look to a question: what is busy there is not offered,
and what is booked here stands there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from telehealth.adapters.caldav import CalDavCalendars
from telehealth.adapters.calendar_parsing import CalendarParser
from telehealth.database import db
from telehealth.domain.calendar_ports import CalendarAccess, CalendarFailed
from telehealth.domain.calendar_refusals import CalendarNotRead
from telehealth.domain.calendar_words import (
    CalendarFailure,
    CalendarKind,
    ConnectionState,
    SeenChange,
    WrittenState,
)
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.domain.words import Mode
from telehealth.models import BusyInterval, CalendarConnection, WrittenAppointment
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered
from telehealth.services.calendars.carrying import CalendarCarrier
from telehealth.services.calendars.comparing import compare_calendars
from telehealth.services.calendars.connecting import NewConnection, change_connection, connect_account
from telehealth.services.calendars.syncing import sync_due_calendars
from telehealth.services.calendars.trying import try_access
from telehealth.services.calendars.written_calendars import WritingWish, set_written_calendar
from tests.caldav_process import KINDS, PASSWORD, CalDavOwner
from tests.factories import BY_STAFF, Office, book, cancel, make_office, move
from tests.factories.connections import RING
from tests.moments import NOW, at
from tests.writing_calendars import ADDRESSES, Troubled

pytestmark = pytest.mark.usefixtures("database")
MINUTES, DAY = timedelta(minutes=10), timedelta(days=1)
ZONE = "America/Denver"


@dataclass
class Connected:
    """A therapist whose calendar on a server is connected, through the services only."""

    office: Office
    owner: CalDavOwner
    now: datetime = NOW
    connection_id: int = 0
    gateway: Any = field(init=False)

    def __post_init__(self) -> None:
        self.gateway = CalDavCalendars(self.owner.server.make_http(), CalendarParser())

    def access(self, password: str = PASSWORD) -> CalendarAccess:
        return CalendarAccess(self.owner.server.url("/"), self.owner.username, {"password": password})

    def connect(self) -> None:
        tried = try_access(self.gateway, self.access(), kind=CalendarKind.CALDAV, zone=ZONE, now=self.now)
        self.connection_id = connect_account(
            practice_id=self.office.practice.id,
            therapist_id=self.office.therapist.id,
            new=NewConnection(
                kind=CalendarKind.CALDAV,
                name="Own server",
                access=tried.access,
                found=[each.found for each in tried.calendars],
            ),
            ring=RING,
            by=BY_STAFF,
            now=self.now,
        ).id

    @property
    def row(self) -> CalendarConnection:
        return db.session.get_one(CalendarConnection, self.connection_id, populate_existing=True)

    def read(self, *, after: timedelta = MINUTES) -> None:
        self.now += after
        sync_due_calendars(gateways={CalendarKind.CALDAV: self.gateway}, ring=RING, now=self.now)

    def write_into_it(self) -> None:
        set_written_calendar(
            practice_id=self.office.practice.id,
            calendar_public_id=self.row.calendars[0].public_id,
            wish=WritingWish(),
            by=BY_STAFF,
            now=self.now,
        )

    def write(self, gateway: Any = None) -> None:
        self.now += MINUTES
        compare_calendars(addresses=ADDRESSES, now=self.now)
        gateways = {CalendarKind.CALDAV: gateway or self.gateway}
        CalendarCarrier(gateways, RING, ADDRESSES, lambda: self.now).run()

    def round(self) -> None:
        self.write()
        self.read()

    def standing(self) -> list[tuple[datetime, datetime]]:
        """When the events in the calendar begin and end, whoever put them there."""
        events = [self.owner.get(entry) for entry in self.owner.list_entries()]
        return sorted((event.start, event.end) for event in events)

    def written(self) -> WrittenAppointment:
        db.session.expire_all()
        return db.session.scalars(select(WrittenAppointment)).one()


@pytest.fixture
def office() -> Office:
    return make_office(with_rules=False)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, office: Office, caldav_owner: Callable[[str], CalDavOwner]) -> Connected:
    return Connected(office, caldav_owner(request.param))


def free_hours(office: Office, now: datetime) -> set[datetime]:
    asked = SlotQuery.about(office.service, Mode.VIRTUAL, at(0), at(0, days=2), jurisdiction="CO")
    return set(offered(asked, now=now))


def busy() -> list[BusySpan]:
    return sorted(BusySpan(each.starts_at, each.ends_at) for each in db.session.scalars(select(BusyInterval)))


def test_what_is_busy_there_is_not_offered_here(place: Connected, office: Office) -> None:
    entry = place.owner.put_busy(BusySpan(at(10), at(11)), uid="dentist")
    assert at(10) in free_hours(office, place.now)
    place.connect()
    place.read()
    assert busy() == [BusySpan(at(10), at(11))]
    assert at(10) not in free_hours(office, place.now)
    assert at(11) in free_hours(office, place.now)
    place.owner.move(entry, BusySpan(at(14), at(15)))
    place.read()
    assert at(10) in free_hours(office, place.now)
    assert at(14) not in free_hours(office, place.now)
    place.owner.delete(entry)
    place.read()
    assert (busy(), place.row.state) == ([], ConnectionState.WORKING)


def test_once_a_day_all_is_read_again(place: Connected) -> None:
    place.owner.put_busy(BusySpan(at(10), at(11)), uid="dentist")
    place.connect()
    place.read()
    place.owner.forget_tokens()
    place.owner.put_busy(BusySpan(at(12), at(13)), uid="lunch")
    place.read()
    place.read(after=DAY)
    assert busy() == [BusySpan(at(10), at(11)), BusySpan(at(12), at(13))]


def test_another_password_is_asked_for_and_what_was_read_holds(place: Connected) -> None:
    place.owner.put_busy(BusySpan(at(10), at(11)), uid="dentist")
    place.connect()
    place.read()
    place.owner.server.set_password(place.owner.username, "another")
    with pytest.raises(CalendarNotRead):
        try_access(place.gateway, place.access(), kind=CalendarKind.CALDAV, zone=ZONE, now=place.now)
    place.read()
    assert (place.row.state, place.row.failure) == (ConnectionState.REFUSED, CalendarFailure.REFUSED)
    assert busy() == [BusySpan(at(10), at(11))]
    change_connection(
        practice_id=place.office.practice.id,
        connection_public_id=place.row.public_id,
        name="Own server",
        access=place.access("another"),
        ring=RING,
        by=BY_STAFF,
        now=place.now,
    )
    place.owner.put_busy(BusySpan(at(12), at(13)), uid="lunch")
    place.read()
    assert place.row.state == ConnectionState.WORKING
    assert busy() == [BusySpan(at(10), at(11)), BusySpan(at(12), at(13))]


def test_a_calendar_that_is_gone_is_no_empty_one(place: Connected) -> None:
    place.owner.put_busy(BusySpan(at(10), at(11)), uid="dentist")
    place.connect()
    place.read()
    place.owner.remove_calendar()
    place.read()
    assert place.row.failure == CalendarFailure.GONE
    assert busy() == [BusySpan(at(10), at(11))]


def test_what_is_booked_here_stands_there_and_takes_no_time(place: Connected, office: Office) -> None:
    place.connect()
    place.write_into_it()
    made = book(office, at(10))
    place.round()
    assert place.standing() == [(made.starts_at, made.ends_at)]
    place.round()
    assert (busy(), place.written().state) == ([], WrittenState.STANDS)
    moved = move(made, at(12), by=BY_STAFF, now=place.now)
    place.round()
    assert place.standing() == [(moved.starts_at, moved.ends_at)]
    cancel(moved, by=BY_STAFF, now=place.now)
    place.round()
    assert (place.standing(), busy()) == ([], [])


@pytest.mark.parametrize("seen", list(SeenChange))
def test_what_its_therapist_does_there_is_a_question(place: Connected, office: Office, seen: SeenChange) -> None:
    place.connect()
    place.write_into_it()
    made = book(office, at(10))
    place.round()
    place.round()
    (entry,) = place.owner.list_entries()
    match seen:
        case SeenChange.MOVED:
            place.owner.move(entry, BusySpan(at(15), at(15) + (made.ends_at - made.starts_at)))
        case SeenChange.RESIZED:
            place.owner.move(entry, BusySpan(at(10), at(14)))
        case _:
            place.owner.delete(entry)
    place.round()
    place.round()
    row = place.written()
    assert (row.state, row.seen) == (WrittenState.ASKED, seen)
    assert db.session.get_one(type(made), made.id).starts_at == at(10)
    assert len(place.owner.list_entries()) == (seen != SeenChange.DELETED)
    moved = move(made, at(13), by=BY_STAFF, now=place.now)
    place.round()
    place.round()
    assert place.standing() == [(moved.starts_at, moved.ends_at)]
    assert place.written().state == WrittenState.STANDS


@pytest.mark.parametrize("lost", ["before", "after"])
def test_an_answer_that_is_lost_doubles_nothing(place: Connected, office: Office, lost: str) -> None:
    place.connect()
    place.write_into_it()
    made = book(office, at(10))
    trouble: Any = {lost: {"write": [CalendarFailed(CalendarFailure.TIMED_OUT)]}}
    place.write(Troubled(place.gateway, **trouble))
    assert len(place.owner.list_entries()) == (lost == "after")
    place.now += timedelta(hours=1)
    place.round()
    place.round()
    assert place.standing() == [(made.starts_at, made.ends_at)]
    assert place.written().state == WrittenState.STANDS


def test_a_copy_in_the_same_calendar_is_ours_as_well(place: Connected, office: Office) -> None:
    place.connect()
    place.write_into_it()
    made = book(office, at(10))
    place.round()
    (entry,) = place.owner.list_entries()
    copied = place.owner.copy(entry, uid="by-some-program")
    place.round()
    assert busy() == []
    place.owner.delete(entry)
    place.round()
    place.round()
    assert place.written().state == WrittenState.STANDS
    assert place.owner.list_entries() == [copied]
    cancel(made, by=BY_STAFF, now=place.now)
    place.round()
    assert place.owner.list_entries() == []
