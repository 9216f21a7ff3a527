"""A therapist whose appointments are written into a calendar elsewhere, for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.calendar_ports import CalendarAccess, WrittenEvent
from telehealth.domain.calendar_words import CalendarKind
from telehealth.models import CalendarConnection, ConnectedCalendar, Therapist, WrittenAppointment
from telehealth.services.calendars.carrying import CalendarCarrier
from telehealth.services.calendars.comparing import compare_calendars
from telehealth.services.calendars.connecting import NewConnection, connect_account
from telehealth.services.calendars.ending import end_connection
from telehealth.services.calendars.written_calendars import WritingWish, set_written_calendar
from tests.factories import BY_STAFF
from tests.factories.connections import PASSWORD, RING
from tests.fakes_calendars import FakeCalendars
from tests.moments import NOW

ADDRESSES = Addresses("https://practice.example", ["a key"])


@dataclass
class WrittenPlace:
    """One account with calendars "work" and "home", of which "work" is written into."""

    elsewhere: FakeCalendars
    therapist: Therapist
    username: str = "dana"
    now: datetime = NOW

    def connect(self, *, wish: WritingWish | None = None) -> ConnectedCalendar:
        self.elsewhere.open_account(self.username, PASSWORD)
        for each in ("work", "home"):
            self.elsewhere.add_calendar(self.username, each)
        return self.write_into("work", wish=wish, connection=self.connect_again())

    def connect_again(self) -> CalendarConnection:
        """Connect the account as it stands, and choose nothing yet."""
        return connect_account(
            practice_id=self.therapist.practice_id,
            therapist_id=self.therapist.id,
            new=NewConnection(
                kind=CalendarKind.CALDAV,
                name="Fastmail",
                access=CalendarAccess("https://caldav.example", self.username, {"password": PASSWORD}),
                found=[each.found for each in self.elsewhere.accounts[self.username].values()],
            ),
            ring=RING,
            by=BY_STAFF,
            now=self.now,
        )

    def end(self, *, takes_out: bool = False) -> None:
        """End the connection."""
        connection = self.calendar().connection
        end_connection(
            practice_id=connection.practice_id,
            connection_public_id=connection.public_id,
            by=BY_STAFF,
            now=self.now,
            takes_out=takes_out,
        )

    def write_into(
        self, name: str, *, wish: WritingWish | None = None, connection: CalendarConnection | None = None
    ) -> ConnectedCalendar:
        calendar = self.calendar(name)
        return set_written_calendar(
            practice_id=self.therapist.practice_id,
            calendar_public_id=calendar.public_id,
            wish=wish or WritingWish(),
            by=BY_STAFF,
            now=self.now,
        )

    def calendar(self, name: str = "work") -> ConnectedCalendar:
        """That of the connection that was made last."""
        db.session.expire_all()
        theirs = (
            select(ConnectedCalendar)
            .join(ConnectedCalendar.connection)
            .where(CalendarConnection.therapist_id == self.therapist.id, ConnectedCalendar.remote_id == name)
            .where(CalendarConnection.username == self.username)
            .order_by(ConnectedCalendar.id.desc())
        )
        return db.session.scalars(theirs).all()[0]

    def compare(self, *, now: datetime | None = None) -> int:
        return compare_calendars(addresses=ADDRESSES, now=now or self.now)

    def carrier(self, *, now: datetime | None = None, gateway: Any = None) -> CalendarCarrier:
        gateways = {CalendarKind.CALDAV: gateway or self.elsewhere}
        return CalendarCarrier(gateways, RING, ADDRESSES, lambda: now or self.now)

    def write(self, *, now: datetime | None = None) -> int:
        """What two ticks do."""
        self.compare(now=now)
        return self.carrier(now=now).run()

    def standing(self, name: str = "work") -> list[WrittenEvent]:
        return self.elsewhere.list_written(self.username, name)

    def where(self, name: str = "work") -> list[tuple[datetime, datetime]]:
        """When each event of ours begins and ends there now, whoever put it so."""
        events = self.elsewhere.accounts[self.username][name].events.values()
        return sorted((each.spans[0].starts_at, each.spans[0].ends_at) for each in events if each.key)

    def entries(self, name: str = "work") -> list[str]:
        """The remote ids of our events."""
        return [key for key, each in self.elsewhere.accounts[self.username][name].events.items() if each.key]

    def rows(self) -> list[WrittenAppointment]:
        db.session.expire_all()
        return list(db.session.scalars(select(WrittenAppointment).order_by(WrittenAppointment.id)))


@dataclass
class Troubled:
    """A gateway of which the next calls of some name go wrong (``before`` they are done, or ``after``: their answer is
    lost), or during which somebody else does something there first (``meanwhile``).
    """

    inner: FakeCalendars
    before: dict[str, list[Any]] = field(default_factory=dict)
    after: dict[str, list[Any]] = field(default_factory=dict)
    meanwhile: dict[str, list[Callable[[], object]]] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            for act in self.meanwhile.pop(name, []):
                act()
            if self.before.get(name):
                raise self.before[name].pop(0)
            answer = getattr(self.inner, name)(*given, **named)
            if self.after.get(name):
                raise self.after[name].pop(0)
            return answer

        return call
