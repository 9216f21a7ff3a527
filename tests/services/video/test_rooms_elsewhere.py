"""Rooms that are made for single appointments at video services elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db, transaction
from telehealth.domain.message_words import TaskKind
from telehealth.domain.ports import VideoFailure, VideoRoom
from telehealth.domain.sealing import KeyRing
from telehealth.domain.video.rooms import RoomState
from telehealth.domain.words import AppointmentStatus, VideoKind
from telehealth.models import Appointment, RoomElsewhere, Task, VideoConnection
from telehealth.queries.video.kinds import decide_now
from telehealth.services.leasing import claim_due
from telehealth.services.video.choosing import choose_video_of_appointment, choose_video_of_practice, find_video_room
from telehealth.services.video.connecting import connect_video, end_video
from telehealth.services.video.room_finding import ask_for_room, find_rooms_to_make
from telehealth.services.video.room_keeping import LEASE, forget_ended_secrets, keep_rooms
from tests.factories import BY_STAFF, Office, book, cancel, make_office, move
from tests.factories.rows import change
from tests.fakes import FakeClock, FakeRooms
from tests.moments import NOW, at

RING = KeyRing(["a key for tests, and for nothing else"])
OURS, DAILY = VideoKind.BUILT_IN, VideoKind.DAILY
TEN, OPENS = at(10), at(9, 45)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass
class Practice:
    """A practice that meets at Daily, and what happens to it as time passes."""

    office: Office
    daily: FakeRooms
    clock: FakeClock

    def connect(self, **typed: str) -> VideoConnection:
        given = {"api_key": "a-key-of-daily", **typed}
        return connect_video(
            practice_id=self.office.practice.id, kind=DAILY, typed=given, ring=RING, by=BY_STAFF, now=self.clock()
        )

    def beat(self, now: datetime | None = None) -> None:
        """What the jobs do at an instant."""
        if now is not None:
            self.clock.instant = now
        find_rooms_to_make(house=OURS, now=self.clock())
        self.keep()

    def keep(self) -> None:
        while keep_rooms(services={DAILY: self.daily}, ring=RING, clock=self.clock):
            pass
        forget_ended_secrets(now=self.clock())

    def room(self, appointment: Appointment, now: datetime | None = None) -> VideoRoom:
        return find_video_room(appointment, house=OURS, ring=RING, now=now or self.clock())

    def choose(self, appointment: Appointment, kind: VideoKind | None) -> None:
        choose_video_of_appointment(
            practice_id=appointment.practice_id, appointment_id=appointment.id, kind=kind, house=OURS, by=BY_STAFF,
            now=self.clock(),
        )  # fmt: skip


@pytest.fixture
def practice(database: Session) -> Practice:
    made = Practice(make_office(), FakeRooms(), FakeClock(NOW))
    made.connect()
    choose_video_of_practice(practice_id=made.office.practice.id, kind=DAILY, house=OURS, by=BY_STAFF, now=NOW)
    return made


@pytest.fixture
def appointment(practice: Practice) -> Appointment:
    return book(practice.office, TEN)


def row_of(appointment: Appointment) -> RoomElsewhere:
    found = select(RoomElsewhere).where(RoomElsewhere.appointment_id == appointment.id)
    return db.session.scalars(found.execution_options(populate_existing=True)).one()


def tasks(database: Session) -> list[Task]:
    return list(database.scalars(select(Task).where(Task.kind == TaskKind.VIDEO_ROOM).order_by(Task.id)))


def test_a_room_is_made_a_day_ahead_and_not_before(practice: Practice, appointment: Appointment) -> None:
    practice.beat(TEN - DAY - MINUTE)
    assert practice.daily.rooms == {}
    practice.beat(TEN - DAY)
    (wish,) = practice.daily.rooms.values()
    assert (wish.name, wish.opens_at, wish.closes_at) == (appointment.video_name, OPENS, at(11, 20))
    room = practice.room(appointment, TEN)
    assert (room.kind, room.is_awaited) == (DAILY, False)
    assert room.made is not None
    assert room.made.remote_id == appointment.video_name
    practice.beat(TEN)
    assert practice.daily.made == 1


def test_what_is_booked_sooner_has_its_room_at_the_next_beat(practice: Practice) -> None:
    practice.clock.instant = TEN - 3 * HOUR
    appointment = book(practice.office, TEN, now=practice.clock())
    practice.beat()
    assert practice.room(appointment).kind == DAILY


def test_whoever_meets_elsewhere_needs_none(practice: Practice, appointment: Appointment) -> None:
    practice.choose(appointment, OURS)
    practice.beat(TEN - HOUR)
    assert practice.daily.rooms == {}
    assert practice.room(appointment).kind == OURS


@pytest.mark.parametrize("how", ["cancelled", "moved away", "another place"])
def test_a_room_that_is_needed_no_more_is_given_back(practice: Practice, appointment: Appointment, how: str) -> None:
    practice.beat(TEN - 5 * HOUR)
    assert practice.daily.rooms
    doing: dict[str, Callable[[], object]] = {
        "cancelled": lambda: cancel(appointment, by=BY_STAFF, now=practice.clock()),
        "moved away": lambda: move(appointment, TEN + 7 * DAY, by=BY_STAFF, now=practice.clock()),
        "another place": lambda: practice.choose(appointment, OURS),
    }
    doing[how]()
    practice.beat()
    assert practice.daily.rooms == {}
    assert row_of(appointment).state == RoomState.GONE


def test_a_room_moves_with_its_appointment(practice: Practice, appointment: Appointment) -> None:
    practice.beat(TEN - 5 * HOUR)
    move(appointment, TEN + 2 * HOUR, by=BY_STAFF, now=practice.clock())
    practice.beat()
    (wish,) = practice.daily.rooms.values()
    assert wish.opens_at == OPENS + 2 * HOUR
    assert practice.daily.made == 1


def test_it_stays_until_everybody_has_gone(practice: Practice, appointment: Appointment) -> None:
    practice.beat(TEN - HOUR)
    change(appointment, status=AppointmentStatus.FULFILLED)
    practice.beat(at(11, 30))
    assert practice.daily.rooms, "a session may run over"
    practice.beat(at(12, 21))
    assert practice.daily.rooms == {}


def test_one_that_comes_back_has_its_room_again(practice: Practice, appointment: Appointment) -> None:
    practice.beat(TEN - 5 * HOUR)
    practice.choose(appointment, OURS)
    practice.beat()
    practice.choose(appointment, None)
    practice.beat()
    assert practice.room(appointment).kind == DAILY
    assert list(practice.daily.rooms) == [appointment.video_name]


def test_trouble_is_tried_through_and_nobody_hears_of_it(
    database: Session, practice: Practice, appointment: Appointment
) -> None:
    practice.daily.fails = [VideoFailure.TIMED_OUT, VideoFailure.BROKEN]
    practice.beat(TEN - DAY)
    assert row_of(appointment).state == RoomState.FAILING
    assert decide_now(appointment, OURS)[0] == OURS, "what would be so now is shown"
    practice.beat(TEN - DAY + MINUTE)
    practice.beat(TEN - DAY + 3 * MINUTE)
    assert decide_now(appointment, OURS) == (DAILY, None)
    assert tasks(database) == []


def test_failing_a_day_ahead_is_told_once_and_they_meet_in_our_own_room(
    database: Session, practice: Practice, appointment: Appointment
) -> None:
    practice.daily.fails = [VideoFailure.REFUSED] * 50
    book(practice.office, TEN + 2 * HOUR)
    for hours in range(24):
        practice.beat(TEN - DAY + hours * HOUR)
    (task,) = tasks(database)
    assert (task.appointment_id, task.done_at) == (appointment.id, None)
    assert task.note.startswith("Daily made no room for it: it does not take the key any more.")
    kind, room = decide_now(appointment, OURS)
    assert (kind, room is not None and room.failure) == (OURS, VideoFailure.REFUSED)
    practice.beat(OPENS)
    assert row_of(appointment).state == RoomState.GIVEN_UP
    practice.daily.fails = []
    practice.beat(TEN)
    assert practice.daily.rooms.keys() != {appointment.video_name}, "nobody goes into another room than the others"
    assert practice.room(appointment).kind == OURS


def test_a_key_that_is_mended_makes_what_was_failing_at_once(
    database: Session, practice: Practice, appointment: Appointment
) -> None:
    practice.daily.fails = [VideoFailure.REFUSED]
    practice.beat(TEN - 5 * HOUR)
    practice.connect(api_key="another-key")
    practice.beat()
    assert practice.room(appointment).kind == DAILY
    (task,) = tasks(database)
    assert task.done_at == practice.clock()


def test_whoever_chooses_it_anew_has_it_tried_anew(practice: Practice, appointment: Appointment) -> None:
    """Also in the middle of a session: who comes meanwhile waits for it, and no longer than it may take."""
    practice.daily.fails = [VideoFailure.REFUSED] * 3
    practice.beat(TEN - HOUR)
    practice.beat(OPENS)
    assert practice.room(appointment).kind == OURS
    practice.clock.instant = TEN
    practice.choose(appointment, DAILY)
    assert practice.room(appointment).is_awaited
    assert not practice.room(appointment, TEN + MINUTE).is_awaited, "without jobs nobody waits for ever"
    assert practice.room(appointment, TEN + MINUTE).kind == OURS
    practice.daily.fails = []
    practice.beat()
    assert (practice.room(appointment).kind, practice.room(appointment).is_awaited) == (DAILY, False)


def test_who_stands_before_a_room_that_nobody_asked_for_asks(practice: Practice, appointment: Appointment) -> None:
    practice.clock.instant = OPENS
    assert practice.room(appointment).is_awaited
    for _ in range(2):
        ask_for_room(practice_id=appointment.practice_id, appointment_id=appointment.id, house=OURS, now=OPENS)
    practice.keep()
    assert practice.room(appointment).made is not None


def test_one_that_comes_too_late_is_not_entered_and_given_back(practice: Practice, appointment: Appointment) -> None:
    practice.clock.instant = OPENS - MINUTE
    practice.daily.meanwhile = lambda: practice.clock.advance(2 * MINUTE)
    practice.beat()
    assert row_of(appointment).state == RoomState.GIVEN_UP
    assert practice.room(appointment).kind == OURS
    practice.beat(TEN + 5 * HOUR)
    assert practice.daily.rooms == {}


def test_a_worker_that_dies_leaves_no_second_room(practice: Practice, appointment: Appointment) -> None:
    practice.clock.instant = TEN - 5 * HOUR
    find_rooms_to_make(house=OURS, now=practice.clock())
    with transaction() as session:
        claim_due(session, RoomElsewhere, worker="dead", limit=4, now=practice.clock(), lease=LEASE)
    practice.keep()
    assert practice.daily.rooms == {}
    practice.beat(practice.clock() + LEASE)
    assert practice.daily.made == 1
    assert practice.room(appointment).kind == DAILY


def test_what_is_cancelled_while_it_is_made_is_given_back(practice: Practice, appointment: Appointment) -> None:
    def cancels() -> None:
        practice.daily.meanwhile = lambda: None
        cancel(appointment, by=BY_STAFF, now=practice.clock())
        find_rooms_to_make(house=OURS, now=practice.clock())

    practice.daily.meanwhile = cancels
    practice.beat(TEN - 5 * HOUR)
    practice.beat()
    assert practice.daily.rooms == {}


def test_what_is_moved_while_it_is_made_is_made_to_fit(practice: Practice, appointment: Appointment) -> None:
    def moves() -> None:
        practice.daily.meanwhile = lambda: None
        move(appointment, TEN + HOUR, by=BY_STAFF, now=practice.clock())
        find_rooms_to_make(house=OURS, now=practice.clock())

    practice.daily.meanwhile = moves
    practice.beat(TEN - 5 * HOUR)
    (wish,) = practice.daily.rooms.values()
    assert wish.opens_at == OPENS + HOUR
    assert row_of(appointment).state == RoomState.STANDS


def test_a_connection_that_ends_gives_back_what_it_made_and_is_then_forgotten(
    practice: Practice, appointment: Appointment
) -> None:
    practice.beat(TEN - 5 * HOUR)
    practice.daily.fails = [VideoFailure.OVERLOADED]
    ended = end_video(practice_id=practice.office.practice.id, kind=DAILY, by=BY_STAFF, now=practice.clock())
    assert practice.room(appointment).kind == OURS
    practice.beat()
    assert ended.secret is not None
    practice.beat(practice.clock() + MINUTE)
    assert (practice.daily.rooms, ended.secret) == ({}, None)


def test_a_room_that_cannot_be_given_back_is_left_to_end_by_itself(
    practice: Practice, appointment: Appointment
) -> None:
    practice.beat(TEN - 5 * HOUR)
    cancel(appointment, by=BY_STAFF, now=practice.clock())
    practice.daily.fails = [VideoFailure.BROKEN] * 100
    for _ in range(12):
        practice.beat(practice.clock() + HOUR)
    assert row_of(appointment).state == RoomState.GONE


def test_one_practice_has_nothing_of_another(practice: Practice, appointment: Appointment) -> None:
    stranger = make_office()
    theirs = book(stranger, TEN)
    practice.beat(TEN - HOUR)
    assert list(practice.daily.rooms) == [appointment.video_name]
    assert practice.room(theirs).kind == OURS


def test_without_the_key_that_sealed_it_they_meet_in_our_own_room(
    database: Session, practice: Practice, appointment: Appointment
) -> None:
    practice.clock.instant = TEN - HOUR
    find_rooms_to_make(house=OURS, now=practice.clock())
    ring = KeyRing(["quite another key for tests"])
    services: dict[VideoKind, Any] = {DAILY: practice.daily}
    keep_rooms(services=services, ring=ring, clock=practice.clock)
    assert [each.kind for each in tasks(database)] == [TaskKind.VIDEO_ROOM]
    assert find_video_room(appointment, house=OURS, ring=ring, now=TEN).kind == OURS
