"""A connection ends when what was written there is out, by itself and within a day; or at once, and leaves it there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.audit_words import AuditSubject
from telehealth.domain.calendar_ports import CalendarFailed
from telehealth.domain.calendar_refusals import ConnectionEnded
from telehealth.domain.calendar_words import CalendarFailure, ConnectionState, WrittenState
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.models import BusyInterval, CalendarConnection, PracticeEvent
from telehealth.queries.calendars.written import count_left, count_standing
from telehealth.services.calendars.connecting import choose_calendars
from telehealth.services.calendars.ending import TAKEN_OUT_WITHIN, end_connection
from telehealth.services.calendars.signing_in import end_connections_of_those_who_left, end_emptied_connections
from telehealth.services.calendars.syncing import sync_due_calendars
from telehealth.services.calendars.written_calendars import WritingWish, set_written_calendar
from telehealth.services.practice.therapists import end_therapist
from tests.factories import BY_STAFF, Office, book, cancel, make_office, move
from tests.factories.connections import RING, make_busy
from tests.fakes_calendars import FakeCalendars
from tests.moments import NOW, at
from tests.writing_calendars import Troubled, WrittenPlace

pytestmark = pytest.mark.usefixtures("database")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DOORS: dict[str, Any] = {"sign_ins": {}, "ring": RING}


@pytest.fixture
def office() -> Office:
    return make_office(with_rules=False)


@pytest.fixture
def place(office: Office, calendars: FakeCalendars) -> WrittenPlace:
    """Two appointments ahead stand there."""
    made = WrittenPlace(calendars, office.therapist)
    made.connect()
    for hour in (10, 14):
        book(office, at(hour))
    assert made.write() == 2
    return made


def connection(place: WrittenPlace) -> CalendarConnection:
    return place.calendar().connection


def end(place: WrittenPlace, *, takes_out: bool = True, **given: Any) -> bool:
    found = connection(place)
    which: dict[str, Any] = {"practice_id": found.practice_id, "connection_public_id": found.public_id}
    return end_connection(**which, **{"by": BY_STAFF, "now": NOW, "takes_out": takes_out, **given})


def lines() -> list[dict[str, Any]]:
    of = select(PracticeEvent.details).where(PracticeEvent.subject == AuditSubject.CALENDAR_CONNECTION)
    return list(db.session.scalars(of.order_by(PracticeEvent.id)))


def test_it_ends_by_itself_with_the_last_one(place: WrittenPlace) -> None:
    make_busy(connection(place), 0, at(16))
    assert count_standing(connection(place).id, now=NOW) == 2
    assert end(place)
    assert not end(place), "twice is as good as once"
    found = connection(place)
    assert (found.state, count_left(found.id, now=NOW)) == (ConnectionState.LEAVING, 2)
    assert not any(each.blocks or each.is_written for each in found.calendars)
    assert list(db.session.scalars(select(BusyInterval))) == []
    assert end_emptied_connections(**DOORS, now=NOW) == 0
    assert (place.write(), place.where()) == (2, [])
    assert end_emptied_connections(**DOORS, now=NOW) == 1
    db.session.expire_all()
    assert (found.state, found.secret, found.username, found.ended_at) == (ConnectionState.ENDED, None, "", NOW)
    assert [each for each in lines() if "taken_out_first" in each] == [{"taken_out_first": 2}]
    assert lines()[-1] == {}, "nothing was left"


def test_nothing_is_read_or_written_or_chosen_meanwhile(place: WrittenPlace, office: Office) -> None:
    end(place)
    book(office, at(16))
    place.elsewhere.asked.clear()
    assert sync_due_calendars(gateways=place.carrier().gateways, ring=RING, now=NOW + HOUR) == 0
    place.write(now=NOW + HOUR)
    assert place.elsewhere.asked == ["refresh", "remove", "remove"]
    which: dict[str, Any] = {"practice_id": office.practice.id, "by": BY_STAFF, "now": NOW}
    with pytest.raises(ConnectionEnded):
        choose_calendars(**which, connection_public_id=connection(place).public_id, blocking=[])
    with pytest.raises(ConnectionEnded):
        set_written_calendar(**which, calendar_public_id=place.calendar().public_id, wish=WritingWish())


def test_what_was_changed_there_and_what_hindered_writing_hinder_nothing(place: WrittenPlace) -> None:
    moved, deleted = place.entries()
    place.elsewhere.delete("dana", "work", deleted)
    place.elsewhere.move("dana", "work", moved, BusySpan(at(18), at(19)))
    with_troubles = place.calendar()
    with_troubles.write_failure, with_troubles.write_after = CalendarFailure.TIMED_OUT, NOW + DAY
    with_troubles.missing_since = NOW
    db.session.commit()
    end(place)
    place.write()
    assert place.where() == []
    assert end_emptied_connections(**DOORS, now=NOW) == 1


def test_what_is_on_its_way_is_taken_out_too(place: WrittenPlace, office: Office) -> None:
    book(office, at(16))
    place.compare()
    meanwhile = Troubled(place.elsewhere, meanwhile={"write": [lambda: end(place)]})
    place.carrier(gateway=meanwhile).run()
    place.write(now=NOW + HOUR)
    assert place.where() == []
    assert end_emptied_connections(**DOORS, now=NOW + HOUR) == 1


def test_what_never_stood_there_ends_it_at_once(office: Office, calendars: FakeCalendars) -> None:
    place = WrittenPlace(calendars, office.therapist)
    place.connect()
    book(office, at(10))
    place.compare()
    assert end(place)
    assert (connection_state(), place.carrier().run()) == (ConnectionState.ENDED, 0)


def connection_state() -> ConnectionState:
    db.session.expire_all()
    return db.session.scalars(select(CalendarConnection)).one().state


def test_after_a_day_it_ends_and_says_what_is_left(place: WrittenPlace) -> None:
    end(place)
    first_fails = {"remove": [CalendarFailed(CalendarFailure.TIMED_OUT)] * 9}
    place.carrier(gateway=Troubled(place.elsewhere, before=first_fails)).run()
    assert place.calendar().write_failure == CalendarFailure.TIMED_OUT
    assert end_emptied_connections(**DOORS, now=NOW + TAKEN_OUT_WITHIN - MINUTE) == 0
    cancelled = place.rows()[0].appointment
    cancel(cancelled, by=BY_STAFF)
    far = move(place.rows()[1].appointment, at(10, days=7), by=BY_STAFF)
    assert far.starts_at > NOW + TAKEN_OUT_WITHIN
    assert end_emptied_connections(**DOORS, now=NOW + TAKEN_OUT_WITHIN) == 1
    assert connection_state() == ConnectionState.ENDED
    assert lines()[-1]["left_there"] == 1 + (cancelled.ends_at > NOW + TAKEN_OUT_WITHIN)
    assert end_emptied_connections(**DOORS, now=NOW + 2 * DAY) == 0


def test_nothing_is_left_in_a_calendar_that_is_gone(place: WrittenPlace) -> None:
    place.elsewhere.remove_calendar("dana", "work")
    end(place)
    place.carrier().run()
    assert count_left(connection(place).id, now=NOW) == 0
    assert end_emptied_connections(**DOORS, now=NOW) == 1
    assert "left_there" not in lines()[-1]


def test_whoever_waits_no_longer_leaves_the_rest_there(place: WrittenPlace) -> None:
    end(place)
    assert end(place, takes_out=False)
    assert connection_state() == ConnectionState.ENDED
    assert lines()[-1] == {"left_there": 2}
    assert (place.write(), len(place.elsewhere.accounts["dana"]["work"].events)) == (0, 2)


def test_whoever_leaves_has_them_taken_out(place: WrittenPlace, office: Office) -> None:
    whose = {"practice_id": office.practice.id, "therapist_public_id": office.therapist.public_id}
    end_therapist(**whose, by=BY_STAFF, now=NOW)
    assert end_connections_of_those_who_left(**DOORS, now=NOW) == 1
    assert end_connections_of_those_who_left(**DOORS, now=NOW) == 0
    assert connection_state() == ConnectionState.LEAVING
    place.write()
    assert (place.where(), end_emptied_connections(**DOORS, now=NOW)) == ([], 1)
    assert {each.state for each in place.rows()} == {WrittenState.GONE}
