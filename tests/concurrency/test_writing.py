"""Several workers, one calendar elsewhere: each appointment stands there once, whoever dies on the way."""

from __future__ import annotations

import random
from datetime import timedelta
from functools import partial
from threading import Lock

import pytest

from telehealth.domain.calendar_words import WrittenState
from telehealth.services.calendars.claims import CARRIED_FOR
from telehealth.services.calendars.written_calendars import WritingWish
from tests.concurrency.conftest import Race
from tests.concurrency.test_booking import booking
from tests.factories import BY_STAFF, Office, book, make_contact, make_office, make_wish, move
from tests.fakes_calendars import FakeCalendars
from tests.moments import NOW, at
from tests.writing_calendars import Troubled, WrittenPlace

pytestmark = pytest.mark.concurrency
AT_ONCE = {"grace_minutes": 0}


class OneAtATime(Troubled):
    """The server's own: it does one thing at a time."""

    lock = Lock()

    def __getattr__(self, name: str) -> object:
        call = super().__getattr__(name)

        def alone(*given: object, **named: object) -> object:
            with self.lock:
                return call(*given, **named)

        return alone


class Dying(OneAtATime):
    """Half of the workers do not live to see the answer."""

    chance = random.Random(7)

    def __getattr__(self, name: str) -> object:
        call = super().__getattr__(name)

        def die_after(*given: object, **named: object) -> object:
            answer = call(*given, **named)  # type: ignore[operator]
            if name == "write" and self.chance.random() < 0.5:
                raise KeyboardInterrupt
            return answer

        return die_after


def start() -> tuple[Office, WrittenPlace]:
    office = make_office(practice=AT_ONCE, with_rules=False)
    place = WrittenPlace(FakeCalendars(), office.therapist)
    place.connect(wish=WritingWish())
    return office, place


def test_each_appointment_stands_there_once(threads: Race) -> None:
    office, place = start()
    for days in (1, 2, 3):
        for hour in (9, 10, 11, 13, 14):
            book(office, at(hour, days=days), contact=make_contact())
    gateway = OneAtATime(place.elsewhere)
    compares = [place.compare] * 2
    workers = [place.carrier(gateway=gateway).run for _ in range(4)]
    outcomes = threads([*compares, *workers])
    assert [each.error for each in outcomes] == [""] * 6, outcomes
    place.write()
    assert len(place.where()) == 15
    assert {(each.state, each.writes) for each in place.rows()} == {(WrittenState.STANDS, 1)}


def test_booking_and_writing_do_not_stand_in_each_others_way(threads: Race) -> None:
    office, place = start()
    wishes = [make_wish(office, at(hour, days=days)) for hour in range(9, 16) for days in (1, 2)]
    gateway = OneAtATime(place.elsewhere)
    ticks = [place.compare, place.carrier(gateway=gateway).run] * 3
    outcomes = threads([*ticks, *(booking(office, wish) for wish in wishes)])
    assert [each.error for each in outcomes] == [""] * len(outcomes), outcomes
    place.write(now=NOW + timedelta(minutes=1))
    assert len(place.where()) == len(place.rows()) >= 7
    assert len({start for start, _ in place.where()}) == len(place.where())


def test_workers_that_die_lose_and_double_nothing(threads: Race) -> None:
    office, place = start()
    made = [book(office, at(hour, days=2), contact=make_contact()) for hour in (9, 10, 11, 13, 14, 15)]
    gateway = Dying(place.elsewhere)
    for number in range(12):
        now = NOW + number * CARRIED_FOR
        place.compare(now=now)
        threads([partial(run_until_death, place, gateway, now)] * 3)
        if number == 3:
            made[0] = move(made[0], at(9, days=3), by=BY_STAFF)
    place.write(now=NOW + 20 * CARRIED_FOR)
    assert place.where() == sorted((each.starts_at, each.ends_at) for each in made)
    assert {each.state for each in place.rows()} == {WrittenState.STANDS}


def run_until_death(place: WrittenPlace, gateway: Dying, now: object) -> int:
    try:
        return place.carrier(now=now, gateway=gateway).run()  # type: ignore[arg-type]
    except KeyboardInterrupt:
        return 0
