"""Workers are killed while they write into a calendar on a real server: no appointment stands there twice, none is
missing, and each stands there as it is.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event as SharedEvent
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from telehealth.database import db
from telehealth.domain.calendar_words import WrittenState
from telehealth.models import Appointment, ConnectedCalendar, WrittenAppointment
from telehealth.services.calendars.written_calendars import WritingWish, set_written_calendar
from tests import databases
from tests.caldav_fixtures import caldav_owner, caldav_servers  # noqa: F401 -- fixtures
from tests.caldav_process import KINDS, CalDavOwner
from tests.concurrency.calendar_writer import hurried, write_on
from tests.concurrency.conftest import Place
from tests.concurrency.racing import FORKS, PATIENCE, look_again
from tests.factories import BY_STAFF, book, cancel, make_contact, make_office, move
from tests.moments import at
from tests.services.calendars.test_written_caldav import Story

pytestmark = pytest.mark.concurrency

KILLS = int(os.environ.get("KILL_WRITERS", "6"))
WORKERS = 2
DAYS, HOURS = (1, 2, 3, 4), (9, 10, 11, 13, 14)
FREE = 15
"""An hour of each day to which something is moved."""


@dataclass
class Writers:
    """Processes that write, are killed and replaced."""

    place: Place
    authorities: str
    started: datetime
    living: list[tuple[BaseProcess, SharedEvent]] = field(default_factory=list)
    had_in_hand: int = 0

    def hire(self) -> None:
        has_begun = FORKS.Event()
        given = (self.place.url, self.place.folder, self.authorities, self.started, has_begun)
        process = FORKS.Process(target=write_on, args=given, daemon=True)
        process.start()
        self.living.append((process, has_begun))

    def kill(self, process: BaseProcess) -> None:
        """SIGKILL it. It must not have ended by itself before."""
        assert process.exitcode is None
        process.kill()
        process.join(PATIENCE)
        self.living = [each for each in self.living if each[0] is not process]

    def replace_one(self, chance: random.Random) -> None:
        """Kill one that writes, in the middle of something, and hire another."""
        process, has_begun = self.living[0]
        assert has_begun.wait(PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while not count_in_hand():
            assert time.monotonic() < deadline, "nobody writes anything"
            Event().wait(0.005)
        Event().wait(chance.uniform(0, 0.3))
        self.had_in_hand += bool(count_in_hand())
        self.kill(process)
        self.hire()

    def dismiss(self) -> None:
        for process, _ in self.living:
            self.kill(process)


def count_in_hand() -> int:
    look_again()
    held = select(func.count(WrittenAppointment.id)).where(WrittenAppointment.worker.is_not(None))
    return db.session.scalar(held) or 0


@pytest.fixture(params=KINDS)
def story(request: pytest.FixtureRequest, committed: Flask, caldav_owner: Callable[[str], CalDavOwner]) -> Story:  # noqa: F811
    made = Story(make_office(with_rules=False, practice={"grace_minutes": 0}), caldav_owner(request.param))
    made.connect()
    return made


@pytest.fixture
def writers(story: Story, place: Place) -> Iterator[Writers]:
    made = Writers(place, str(story.owner.server.authorities), datetime.now(UTC))
    with ExitStack() as end:
        end.callback(made.dismiss)
        databases.close(place.app)
        for _ in range(WORKERS):
            made.hire()
        yield made


def write_all_anew(category: str, *, now: datetime) -> None:
    """All of it is to stand in another category."""
    calendar = db.session.scalars(select(ConnectedCalendar).where(ConnectedCalendar.is_written)).one()
    which = {"practice_id": calendar.practice_id, "calendar_public_id": calendar.public_id}
    set_written_calendar(**which, wish=WritingWish(category=category), by=BY_STAFF, now=now)  # type: ignore[arg-type]


def change_some(made: list[Appointment], number: int, *, now: datetime) -> None:
    """One is moved, and one is cancelled."""
    move(made[number], at(FREE, days=DAYS[number % len(DAYS)]), by=BY_STAFF, now=now)
    cancel(made.pop(), by=BY_STAFF, now=now)


def say_what_stands(owner: CalDavOwner) -> list[tuple[datetime, datetime, str]]:
    """When each event there begins and ends, and in which category it is."""
    found: list[Any] = [owner.get(each) for each in owner.list_entries()]
    return sorted((each["DTSTART"].dt, each["DTEND"].dt, str(each["CATEGORIES"].cats[0])) for each in found)


def wait_until_all_stands(story: Story, made: list[Appointment], category: str) -> None:
    deadline = time.monotonic() + 2 * PATIENCE
    while True:
        look_again()
        wanted = sorted((each.starts_at, each.ends_at, category) for each in made)
        found = say_what_stands(story.owner)
        if found == wanted and not count_in_hand():
            return
        assert time.monotonic() < deadline, (len(found), len(wanted), set(found) ^ set(wanted))
        Event().wait(0.25)


def test_each_stands_there_once_as_it_is(story: Story, writers: Writers) -> None:
    chance = random.Random(13)
    made = [
        book(story.office, at(hour, days=day), contact=make_contact(), now=hurried(writers.started))
        for day in DAYS
        for hour in HOURS
    ]
    for number in range(KILLS):
        now = hurried(writers.started)
        write_all_anew(f"Week {number}", now=now)
        if number < len(DAYS):
            change_some(made, number, now=now)
        writers.replace_one(chance)
    wait_until_all_stands(story, made, f"Week {KILLS - 1}")
    writers.dismiss()
    assert writers.had_in_hand > KILLS / 2, "few of them were killed while they wrote"
    story.now = hurried(writers.started)
    for _ in range(2):
        story.round()  # Whatever a killed one held, and a reading: nothing that was done here is a question.
    wait_until_all_stands(story, made, f"Week {KILLS - 1}")
    states = set(db.session.scalars(select(WrittenAppointment.state)))
    assert states <= {WrittenState.STANDS, WrittenState.GONE}
