"""Appointments on real CalDAV servers: written, moved and deleted by their owner, asked about, put back."""

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
from telehealth.domain.calendar_words import CalendarKind, SeenAnswer, SeenChange, WrittenState
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.models import Appointment, BusyInterval, WrittenAppointment
from telehealth.services.calendars.answering import answer_seen
from telehealth.services.calendars.carrying import CalendarCarrier
from telehealth.services.calendars.comparing import compare_calendars
from telehealth.services.calendars.connecting import NewConnection, connect_account
from telehealth.services.calendars.syncing import sync_due_calendars
from telehealth.services.calendars.written_calendars import WritingWish, set_written_calendar
from tests.caldav_process import KINDS, PASSWORD, CalDavOwner
from tests.factories import BY_STAFF, Office, book, cancel, make_office, move
from tests.factories.connections import RING
from tests.moments import NOW, at
from tests.writing_calendars import ADDRESSES

pytestmark = pytest.mark.usefixtures("database")


@dataclass
class Story:
    """A therapist whose appointments are written on a real server; a round is all ticks, ten minutes later."""

    office: Office
    owner: CalDavOwner
    now: datetime = NOW
    gateways: dict[CalendarKind, Any] = field(default_factory=dict)

    def connect(self) -> None:
        gateway = CalDavCalendars(self.owner.server.make_http(), CalendarParser())
        self.gateways = {CalendarKind.CALDAV: gateway}
        access = self.owner.server.set_password(self.owner.username, PASSWORD)
        found = [each for each in gateway.list_calendars(access) if each.remote_id.endswith(self.owner.path)]
        practice_id, therapist_id = self.office.practice.id, self.office.therapist.id
        new = NewConnection(kind=CalendarKind.CALDAV, name="Mine", access=access, found=found)
        about = {"ring": RING, "by": BY_STAFF, "now": NOW}
        made = connect_account(practice_id=practice_id, therapist_id=therapist_id, new=new, **about)  # type: ignore[arg-type]
        set_written_calendar(
            practice_id=practice_id,
            calendar_public_id=made.calendars[0].public_id,
            wish=WritingWish(),
            by=BY_STAFF,
            now=NOW,
        )

    def round(self) -> None:
        self.now += timedelta(minutes=10)
        compare_calendars(addresses=ADDRESSES, now=self.now)
        CalendarCarrier(self.gateways, RING, ADDRESSES, lambda: self.now).run()
        self.now += timedelta(minutes=10)
        sync_due_calendars(gateways=self.gateways, ring=RING, now=self.now)

    @property
    def row(self) -> WrittenAppointment:
        db.session.expire_all()
        return db.session.scalars(select(WrittenAppointment)).one()

    def entry(self) -> str:
        (only,) = self.owner.list_entries()
        return only

    def where(self) -> list[tuple[datetime, datetime]]:
        events = [self.owner.get(each) for each in self.owner.list_entries()]
        return [(each["DTSTART"].dt, each["DTEND"].dt) for each in events]

    def answer(self, answer: SeenAnswer) -> None:
        row = self.row
        answer_seen(
            practice_id=self.office.practice.id,
            written_public_id=row.public_id,
            answer=answer,
            by=BY_STAFF,
            now=self.now,
            shown=(row.seen_starts_at, row.seen_ends_at) if row.seen_starts_at and row.seen_ends_at else None,
        )


@pytest.fixture(params=KINDS)
def story(request: pytest.FixtureRequest, caldav_owner: Callable[[str], CalDavOwner]) -> Story:
    made = Story(make_office(with_rules=False), caldav_owner(request.param))
    made.connect()
    return made


@pytest.fixture
def made(story: Story) -> Appointment:
    made = book(story.office, at(10, days=3))
    story.round()
    story.round()
    assert story.row.state == WrittenState.STANDS
    return made


def test_it_stands_there_discreetly_and_is_no_busy_time(story: Story, made: Appointment) -> None:
    event = story.owner.get(story.entry())
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (made.starts_at, made.ends_at)
    assert str(event["SUMMARY"]) == "Busy"
    assert not {"ATTENDEE", "ORGANIZER", "METHOD"} & set(event)
    assert {str(each.get("ACTION")) for each in event.subcomponents} <= {"NONE"}, "no program is to ring for it"
    assert list(db.session.scalars(select(BusyInterval.id))) == []


def test_it_follows_the_appointment_and_goes_with_it(story: Story, made: Appointment) -> None:
    entry = story.entry()
    moved = move(made, at(15, days=3), by=BY_STAFF, now=story.now)
    story.round()
    assert (story.entry(), story.where()) == (entry, [(moved.starts_at, moved.ends_at)])
    cancel(made, by=BY_STAFF, now=story.now)
    story.round()
    assert story.owner.list_entries() == []


@pytest.mark.parametrize("answer", [SeenAnswer.PUT_BACK, SeenAnswer.MOVE])
def test_what_its_owner_moves_is_asked_about_and_put_back_or_moved(
    story: Story, made: Appointment, answer: SeenAnswer
) -> None:
    length = made.ends_at - made.starts_at
    story.owner.move(story.entry(), BusySpan(at(13, days=3), at(13, days=3) + length))
    story.round()
    assert (story.row.state, story.row.seen) == (WrittenState.ASKED, SeenChange.MOVED)
    assert db.session.get_one(Appointment, made.id).starts_at == at(10, days=3)
    story.answer(answer)
    story.round()
    story.round()
    start = at(10 if answer == SeenAnswer.PUT_BACK else 13, days=3)
    assert story.where() == [(start, start + length)]
    assert db.session.get_one(Appointment, made.id).starts_at == start
    assert story.row.state == WrittenState.STANDS


def test_what_its_owner_deletes_is_asked_about_and_put_back(story: Story, made: Appointment) -> None:
    story.owner.delete(story.entry())
    story.round()
    assert (story.row.state, story.row.seen) == (WrittenState.ASKED, SeenChange.DELETED)
    story.answer(SeenAnswer.PUT_BACK)
    story.round()
    story.round()
    assert (story.where(), story.row.state) == ([(made.starts_at, made.ends_at)], WrittenState.STANDS)


def test_a_copy_is_known_again_and_taken_up(story: Story, made: Appointment) -> None:
    entry = story.entry()
    story.owner.copy(entry, uid="made-by-another-program")
    story.round()
    assert list(db.session.scalars(select(BusyInterval.id))) == []
    story.owner.delete(entry)
    story.round()
    moved = move(made, at(15, days=3), by=BY_STAFF, now=story.now)
    story.round()
    story.round()
    assert story.where() == [(moved.starts_at, moved.ends_at)]
    assert story.row.state == WrittenState.STANDS


def test_a_server_that_is_down_in_the_middle_doubles_nothing(story: Story, made: Appointment) -> None:
    moved = move(made, at(15, days=3), by=BY_STAFF, now=story.now)
    story.owner.server.stop()
    try:
        story.round()
        assert story.row.failure is not None
    finally:
        story.owner.server.start()
    for _ in range(8):
        story.round()
    assert (story.where(), story.row.state) == ([(moved.starts_at, moved.ends_at)], WrittenState.STANDS)
