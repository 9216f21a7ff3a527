"""What therapists' own calendars mean for what is offered: minutes around busy time, and one that was not read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from telehealth.database import db
from telehealth.domain.appointments.explaining import say_obstacle, say_source
from telehealth.domain.calendar_words import CalendarKind, ConnectionState, WhenUnread
from telehealth.domain.errors import InvalidInput, SlotNotOffered
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.domain.words import AppointmentStatus, Obstacle
from telehealth.queries.appointments.slots import offered, say_busy_source
from telehealth.services.audit import COMMAND
from telehealth.services.calendars.syncing import sync_due_calendars
from telehealth.services.hours.busy_times import replace_busy_intervals
from telehealth.services.practice.practice_settings import CalendarRules, set_calendar_rules
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, make_office, move
from tests.factories.connections import RING, connect_calendars, make_connected_calendar, make_connection
from tests.fakes_calendars import FakeCalendars
from tests.moments import NOW, at
from tests.queries.appointments.asking import query, why

pytestmark = pytest.mark.usefixtures("database")

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
USUAL: dict[str, Any] = {
    "busy_before_minutes": 0,
    "busy_after_minutes": 0,
    "tentative_is_busy": True,
    "unread_hours": 24,
    "when_unread": WhenUnread.GO_ON,
}


@pytest.fixture
def office() -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


def decide(office: Office, **given: Any) -> None:
    rules = CalendarRules(**{**USUAL, **given})
    set_calendar_rules(practice_id=office.practice.id, rules=rules, by=BY_STAFF, now=NOW)
    db.session.expire_all()


def report(office: Office, *spans: BusySpan) -> None:
    whose: dict[str, Any] = {"practice_id": office.practice.id, "therapist_id": office.therapist.id}
    replace_busy_intervals(**whose, spans=spans, by=COMMAND, now=NOW)


def connect(office: Office, *, read: timedelta | None, blocks: bool = True, **given: Any) -> None:
    """A calendar that was read so long ago; None: never."""
    synced_at = None if read is None else NOW - read
    made = make_connection(office.therapist, **{"synced_at": synced_at, "created_at": NOW - 100 * HOUR, **given})
    make_connected_calendar(made, blocks=blocks)


class TestMinutesAround:
    def test_none_are_kept_unless_somebody_says_so(self, office: Office) -> None:
        report(office, BusySpan(at(12), at(13)))
        assert why(office, at(11)) == []
        assert why(office, at(13)) == []

    def test_are_kept_free(self, office: Office) -> None:
        report(office, BusySpan(at(12), at(13)))
        decide(office, busy_before_minutes=30, busy_after_minutes=15)
        free = offered(query(office, since=at(8), until=at(18)), now=NOW)
        duration = timedelta(minutes=office.service.duration_minutes)
        assert why(office, at(11)) == [Obstacle.BUSY]
        assert why(office, at(13)) == [Obstacle.BUSY]
        assert all(start + duration <= at(11, 30) or start >= at(13, 15) for start in free)
        assert at(13, 30) in free

    def test_overlapping_calendars_are_as_one(self, office: Office) -> None:
        report(office, BusySpan(at(9), at(11)))
        calendars = FakeCalendars()
        access = calendars.open_account("dana@fastmail.example", "abcd-efgh-ijkl-mnop")
        for each in ("work", "home"):
            calendars.add_calendar(access.username, each)
        calendars.put_busy(access.username, "work", BusySpan(at(10), at(10, 30)), uid="one")
        calendars.put_busy(access.username, "home", BusySpan(at(9, 30), at(12)), uid="two")
        connect_calendars(office.therapist)
        sync_due_calendars(gateways={CalendarKind.CALDAV: calendars}, ring=RING, now=NOW)
        free = offered(query(office, since=at(8), until=at(18)), now=NOW)
        duration = timedelta(minutes=office.service.duration_minutes)
        assert at(12) in free
        assert not [start for start in free if start < at(12) and start + duration > at(9)]


@pytest.mark.parametrize(
    ("read", "given", "is_old"),
    [
        (23 * HOUR, {}, False),
        (24 * HOUR, {}, False),
        (24 * HOUR + MINUTE, {}, True),
        (None, {}, True),
        (None, {"created_at": NOW - HOUR}, False),
        (48 * HOUR, {"state": ConnectionState.ENDED}, False),
        (48 * HOUR, {"state": ConnectionState.REFUSED}, True),
        (48 * HOUR, {"blocks": False}, False),
    ],
)
class TestOldCalendars:
    def test_go_on(self, office: Office, read: Any, given: dict[str, Any], is_old: bool) -> None:
        connect(office, read=read, **given)
        assert why(office, at(10)) == []
        assert book(office, at(10)).status is AppointmentStatus.BOOKED

    def test_ask(self, office: Office, read: Any, given: dict[str, Any], is_old: bool) -> None:
        decide(office, when_unread=WhenUnread.ASK)
        connect(office, read=read, **given)
        wanted = AppointmentStatus.PENDING if is_old else AppointmentStatus.BOOKED
        assert book(office, at(10)).status is wanted
        assert book(office, at(14), by=BY_STAFF).status is AppointmentStatus.BOOKED

    def test_stop(self, office: Office, read: Any, given: dict[str, Any], is_old: bool) -> None:
        decide(office, when_unread=WhenUnread.STOP)
        connect(office, read=read, **given)
        assert why(office, at(10)) == ([Obstacle.UNREAD] if is_old else [])
        assert bool(offered(query(office, since=at(8), until=at(18)), now=NOW)) is not is_old


def test_nothing_is_booked_that_is_not_offered(office: Office) -> None:
    decide(office, when_unread=WhenUnread.STOP)
    connect(office, read=48 * HOUR)
    with pytest.raises(SlotNotOffered):
        book(office, at(10))
    made = book(office, at(10), by=BY_STAFF, waived=frozenset({Obstacle.UNREAD}), reason="Dana said it is free.")
    assert made.overrides == ["unread"]


def test_one_old_calendar_of_several_is_enough(office: Office) -> None:
    decide(office, when_unread=WhenUnread.STOP, unread_hours=2)
    connect(office, read=HOUR)
    connect(office, read=3 * HOUR)
    assert why(office, at(10)) == [Obstacle.UNREAD]


def test_what_a_client_moves_there_is_a_request(office: Office) -> None:
    made = book(office, at(10))
    decide(office, when_unread=WhenUnread.ASK)
    assert move(made, at(11), by=BY_CLIENT).status is AppointmentStatus.BOOKED
    connect(office, read=48 * HOUR)
    assert move(made, at(14), by=BY_CLIENT).status is AppointmentStatus.PENDING


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("busy_before_minutes", 121), ("busy_after_minutes", -1), ("unread_hours", 1), ("unread_hours", 337)],
)
def test_within_bounds(office: Office, name: str, wrong: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        decide(office, **{name: wrong})
    assert list(caught.value.fields) == [name]


def test_half_accepted_is_asked_of_the_calendar(office: Office, calendars: FakeCalendars) -> None:
    windows = []

    class Noting(FakeCalendars):
        def read(self, *given: Any) -> Any:
            windows.append(given[3])
            return super().read(*given)

    noting = Noting()
    noting.open_account("dana@fastmail.example", "abcd-efgh-ijkl-mnop")
    connect_calendars(office.therapist)
    decide(office, tentative_is_busy=False)
    sync_due_calendars(gateways={CalendarKind.CALDAV: noting}, ring=RING, now=NOW)
    assert [each.is_tentative_busy for each in windows] == [False, False]


class TestWhyNot:
    """Staff are told in which calendar a therapist is busy, and how old that is."""

    def source(self, office: Office, start: Any, *, now: Any = NOW) -> str:
        return say_busy_source(query(office, since=start), office.therapist.id, now=now)

    def test_the_account_and_its_age(self, office: Office) -> None:
        calendars = FakeCalendars()
        access = calendars.open_account("dana@fastmail.example", "abcd-efgh-ijkl-mnop")
        for each in ("work", "home"):
            calendars.add_calendar(access.username, each)
        calendars.put_busy(access.username, "work", BusySpan(at(10), at(11)), uid="one")
        connect_calendars(office.therapist)
        sync_due_calendars(gateways={CalendarKind.CALDAV: calendars}, ring=RING, now=NOW)
        assert self.source(office, at(10), now=NOW + 12 * MINUTE) == "Fastmail, 12 minutes ago"
        assert self.source(office, at(14)) == ""

    def test_a_program_has_no_name(self, office: Office) -> None:
        report(office, BusySpan(at(10), at(11)))
        assert self.source(office, at(10)) == ""

    @pytest.mark.parametrize(
        ("age", "said"),
        [
            (timedelta(), "Fastmail, just now"),
            (MINUTE, "Fastmail, 1 minute ago"),
            (2 * HOUR, "Fastmail, 2 hours ago"),
            (50 * HOUR, "Fastmail, 2 days ago"),
        ],
    )
    def test_in_words(self, age: timedelta, said: str) -> None:
        assert say_source("Fastmail", age) == said
        sentence = say_obstacle(Obstacle.BUSY, "Dana Rivera", source=said)
        assert sentence == f"Dana Rivera's own calendar is busy then ({said})."
        assert say_obstacle(Obstacle.BUSY, "Dana Rivera") == "Dana Rivera's own calendar is busy then."
