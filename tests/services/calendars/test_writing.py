"""Appointments stand in the calendar that their therapist chose, once, and as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from telehealth.database import db, transaction
from telehealth.domain.calendar_ports import CalendarFailed
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind, SeenChange, WrittenState
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.domain.icalendar import FeedDetail
from telehealth.domain.words import Approval, Role
from telehealth.models import Appointment, Client, Service
from telehealth.queries.calendars.written import COMPARED_EVERY
from telehealth.services.calendars.carrying import CalendarCarrier, record_carried
from telehealth.services.calendars.carrying import carry as carry_one
from telehealth.services.calendars.claims import CARRIED_FOR, claim_written
from telehealth.services.calendars.ending import end_connection
from telehealth.services.calendars.sealed_access import open_access
from telehealth.services.calendars.written_calendars import WritingWish, stop_writing
from tests.factories import BY_STAFF, Office, book, cancel, make_office, make_therapist, make_user, move
from tests.factories.connections import PASSWORD, RING
from tests.factories.rows import change
from tests.fakes_calendars import FakeCalendars
from tests.moments import NOW, at
from tests.writing_calendars import ADDRESSES, Troubled, WrittenPlace

pytestmark = pytest.mark.usefixtures("database")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STANDS = WrittenState.STANDS


@pytest.fixture
def office() -> Office:
    return make_office(with_rules=False)


@pytest.fixture
def place(office: Office, calendars: FakeCalendars) -> WrittenPlace:
    made = WrittenPlace(calendars, office.therapist)
    made.connect()
    return made


def test_what_is_booked_is_written_once(place: WrittenPlace, office: Office) -> None:
    made = book(office, at(10))
    assert (place.write(), place.write()) == (1, 0)
    (event,) = place.standing()
    assert (event.starts_at, event.ends_at) == (made.starts_at, made.ends_at)
    (row,) = place.rows()
    assert (row.state, row.writes, row.written_at) == (STANDS, 1, NOW)
    assert event.key == row.public_id != event.uid != made.uid


def test_it_says_no_more_than_busy(place: WrittenPlace, office: Office) -> None:
    made = book(office, at(10))
    place.write()
    (event,) = place.standing()
    assert (event.summary, event.description, event.location, event.category) == ("Busy", "", "", "")
    assert made.seats[0].name not in repr(place.elsewhere.accounts["dana"]["work"])


def test_it_says_as_much_as_its_therapist_wants(office: Office, calendars: FakeCalendars) -> None:
    place = WrittenPlace(calendars, office.therapist)
    place.connect(wish=WritingWish(FeedDetail.FULL, place=True, link=True, category="Practice"))
    made = book(office, at(10))
    place.write()
    (event,) = place.standing()
    assert event.summary == made.seats[0].name
    assert event.description.startswith("Open: https://practice.example/desk/appointments/")
    assert event.category == "Practice"
    said = f"{event.summary} {event.description} {event.location}".lower()
    assert "therapy" not in said
    assert office.service.name.lower() not in said


def test_a_code_name_and_other_settings_reach_what_stands_there(place: WrittenPlace, office: Office) -> None:
    made = book(office, at(10))
    place.write_into("work", wish=WritingWish(FeedDetail.CODE_NAME))
    place.write(now=NOW + HOUR)
    with transaction() as session:
        session.get_one(Client, made.seats[0].client_id).code_name = "Robin"
    assert place.write(now=NOW + HOUR) == 0
    assert place.write(now=NOW + HOUR + COMPARED_EVERY) == 1
    assert [each.summary for each in place.standing()] == ["Robin"]
    place.write_into("work", wish=WritingWish())
    place.write(now=NOW + 2 * HOUR)
    assert [each.summary for each in place.standing()] == ["Busy"]


def test_a_move_is_written_into_the_same_event(place: WrittenPlace, office: Office) -> None:
    made = book(office, at(10))
    place.write()
    before = place.entries()
    moved = move(made, at(14), by=BY_STAFF)
    assert place.write() == 1
    assert (place.entries(), place.where()) == (before, [(moved.starts_at, moved.ends_at)])


def test_what_is_cancelled_is_taken_out(place: WrittenPlace, office: Office) -> None:
    made = book(office, at(10))
    place.write()
    cancel(made, by=BY_STAFF)
    assert place.write() == 1
    assert place.where() == []
    assert place.rows()[0].state == WrittenState.GONE


def test_what_is_cancelled_before_it_was_written_never_is(place: WrittenPlace, office: Office) -> None:
    made = book(office, at(10))
    place.compare()
    cancel(made, by=BY_STAFF)
    assert place.carrier().run() == 0
    assert (place.where(), place.elsewhere.asked) == ([], [])


def test_both_therapists_have_it(office: Office, calendars: FakeCalendars) -> None:
    with transaction() as session:
        session.get_one(Service, office.service.id).therapists_needed = 2
    second = make_therapist(office.practice, office.service, location=office.location)
    places = [WrittenPlace(calendars, each, username=each.public_id) for each in (office.therapist, second)]
    for each in places:
        each.connect()
    book(office, at(10))
    places[0].write()
    assert [len(each.where()) for each in places] == [1, 1]


def test_a_request_is_tentative_or_left_out(office: Office, calendars: FakeCalendars) -> None:
    with transaction() as session:
        session.get_one(Service, office.service.id).approval = Approval.ALWAYS
    place = WrittenPlace(calendars, office.therapist)
    place.connect()
    book(office, at(10))
    place.write()
    assert [each.is_tentative for each in place.standing()] == [True]
    place.write_into("work", wish=WritingWish(requests=False))
    place.write()
    assert place.where() == []


def test_what_is_over_stays(place: WrittenPlace, office: Office) -> None:
    book(office, at(10))
    place.write()
    later = NOW + 3 * DAY
    stop_writing(practice_id=office.practice.id, calendar_public_id=place.calendar().public_id, by=BY_STAFF, now=later)
    assert place.write(now=later) == 0
    assert len(place.where()) == 1


def test_another_calendar_is_chosen(place: WrittenPlace, office: Office) -> None:
    book(office, at(10))
    place.write()
    place.write_into("home")
    assert place.write() == 2
    assert (len(place.where("work")), len(place.where("home"))) == (0, 1)
    place.write_into("work")
    place.write()
    assert (len(place.where("work")), len(place.where("home"))) == (1, 0)


def test_what_stands_there_when_a_connection_ends_stays(place: WrittenPlace, office: Office) -> None:
    book(office, at(10))
    place.write()
    reference = place.calendar().connection.public_id
    end_connection(practice_id=office.practice.id, connection_public_id=reference, by=BY_STAFF, now=NOW)
    assert place.write() == 0
    assert len(place.where()) == 1


def end(place: WrittenPlace) -> None:
    place.end()


def choose_none(place: WrittenPlace) -> None:
    calendar = place.calendar()
    stop_writing(practice_id=calendar.practice_id, calendar_public_id=calendar.public_id, by=BY_STAFF, now=NOW)


@pytest.mark.parametrize("act", [end, choose_none])
def test_nothing_more_is_written_where_it_is_wanted_no_more(
    place: WrittenPlace, office: Office, act: Callable[[WrittenPlace], None]
) -> None:
    """While several are in hand, the first of which is being written."""
    for hour in (9, 11, 13):
        book(office, at(hour))
    place.compare()
    gateway = Troubled(place.elsewhere, meanwhile={"write": [lambda: act(place)]})
    place.carrier(gateway=gateway).run()
    assert place.elsewhere.asked.count("write") == 1
    place.write(now=NOW + HOUR)
    assert len(place.where()) == (1 if act is end else 0)


def test_what_may_be_told_no_more_is_not_told(office: Office, calendars: FakeCalendars) -> None:
    """Whoever has several in hand has fixed the words of all of them."""
    place = WrittenPlace(calendars, office.therapist)
    place.connect(wish=WritingWish(FeedDetail.FULL))
    for hour in (9, 11, 13):
        book(office, at(hour))
    place.compare()
    gateway = Troubled(calendars, meanwhile={"write": [lambda: place.write_into("work", wish=WritingWish())]})
    told: list[str] = []
    inner = calendars.write

    def write(*given: Any) -> Any:
        told.append(given[2].summary)
        return inner(*given)

    calendars.write = write  # type: ignore[method-assign]
    place.carrier(gateway=gateway).run()
    place.write()
    assert told == ["Jane Doe", "Busy", "Busy", "Busy"]
    assert {each.summary for each in place.standing()} == {"Busy"}


def test_nothing_is_told_to_somebody_whose_login_is_switched_off(place: WrittenPlace, office: Office) -> None:
    """As with the addresses of their calendar: what stood there is taken out, and back when they may sign in again."""
    user = make_user(office.practice, Role.THERAPIST)
    change(office.therapist, user_id=user.id)
    for hour in (9, 11):
        book(office, at(hour))
    assert place.write() == 2
    place.compare()
    change(user, active=False)
    place.write(now=NOW + COMPARED_EVERY)
    assert place.where() == []
    change(user, active=True)
    place.write(now=NOW + 2 * COMPARED_EVERY)
    assert len(place.where()) == 2


def test_what_another_worker_has_by_now_is_not_begun(place: WrittenPlace, office: Office) -> None:
    for hour in (9, 11, 13):
        book(office, at(hour))
    place.compare()
    now = [NOW]
    second: list[int] = []

    def hang() -> None:
        now[0] += 2 * CARRIED_FOR
        second.append(place.carrier(now=now[0]).run())

    slow = CalendarCarrier(
        {CalendarKind.CALDAV: Troubled(place.elsewhere, meanwhile={"write": [hang]})}, RING, ADDRESSES, lambda: now[0]
    )
    assert (slow.run(), second) == (1, [3])
    assert (len(place.where()), [each.writes for each in place.rows()]) == (3, [1, 1, 1])


def test_nothing_is_begun_that_may_not_end_in_time(place: WrittenPlace, office: Office) -> None:
    """To sign in took nearly as long as it is this worker's."""
    book(office, at(10))
    place.compare()
    now = [NOW]

    def hang() -> None:
        now[0] += CARRIED_FOR - timedelta(seconds=10)

    gateway = Troubled(place.elsewhere, meanwhile={"refresh": [hang]})
    slow = CalendarCarrier({CalendarKind.CALDAV: gateway}, RING, ADDRESSES, lambda: now[0], most=1)
    assert (slow.run(), place.where()) == (1, [])
    assert (place.carrier(now=now[0]).run(), len(place.where())) == (1, 1)


# --- What goes wrong on the way ---------------------------------------------------------------------------------------


def carry(place: WrittenPlace, gateway: object, *, after: timedelta = timedelta(0)) -> int:
    return place.carrier(now=NOW + after, gateway=gateway).run()


@pytest.mark.parametrize("failure", [CalendarFailure.TIMED_OUT, CalendarFailure.BROKEN])
def test_an_answer_that_is_lost_makes_no_second_one(
    place: WrittenPlace, office: Office, failure: CalendarFailure
) -> None:
    made = book(office, at(10))
    place.compare()
    carry(place, Troubled(place.elsewhere, after={"write": [CalendarFailed(failure)]}))
    assert (len(place.where()), place.rows()[0].state) == (1, WrittenState.WAITING)
    moved = move(made, at(14), by=BY_STAFF)
    place.write(now=NOW + HOUR)
    assert place.where() == [(moved.starts_at, moved.ends_at)]
    assert place.rows()[0].state == STANDS


def test_an_answer_to_a_change_that_is_lost_is_no_question(place: WrittenPlace, office: Office) -> None:
    """Twice: what stands there may be any of the times that we tried to give it."""
    made = book(office, at(10))
    place.write()
    for hour, days in ((14, 1), (15, 1)):
        made = move(made, at(hour, days=days), by=BY_STAFF)
        place.compare(now=NOW + MINUTE)
        lost = {"write": [CalendarFailed(CalendarFailure.TIMED_OUT)]}
        carry(place, Troubled(place.elsewhere, after=lost), after=hour * HOUR)
    made = move(made, at(16, days=2), by=BY_STAFF)
    place.write(now=NOW + 16 * HOUR)
    assert place.where() == [(made.starts_at, made.ends_at)]
    assert place.rows()[0].state == STANDS


def test_what_may_have_been_written_is_taken_out_all_the_same(place: WrittenPlace, office: Office) -> None:
    made = book(office, at(10))
    place.compare()
    carry(place, Troubled(place.elsewhere, after={"write": [CalendarFailed(CalendarFailure.TIMED_OUT)]}))
    cancel(made, by=BY_STAFF)
    place.write(now=NOW + HOUR)
    assert (place.where(), place.rows()[0].state) == ([], WrittenState.GONE)


def test_a_worker_that_dies_loses_nothing(place: WrittenPlace, office: Office) -> None:
    for hour in (10, 11, 12):
        book(office, at(hour))
    place.compare()
    with pytest.raises(KeyboardInterrupt):
        carry(place, Troubled(place.elsewhere, after={"write": [KeyboardInterrupt()]}))
    assert place.carrier().run() == 0
    assert place.carrier(now=NOW + CARRIED_FOR).run() == 3
    assert len(place.where()) == 3
    assert {each.state for each in place.rows()} == {STANDS}


def test_who_lost_its_lease_writes_nothing_down(place: WrittenPlace, office: Office) -> None:
    book(office, at(10))
    place.compare()
    (slow,) = claim_written(ring=RING, addresses=ADDRESSES, kinds=[CalendarKind.CALDAV], now=NOW)
    assert place.carrier(now=NOW + CARRIED_FOR).run() == 1
    assert record_carried(carry_one(slow, gateway=place.elsewhere), now=NOW + CARRIED_FOR) is False
    assert (len(place.where()), place.rows()[0].writes) == (1, 1)


def test_what_was_moved_while_it_was_written_is_written_again(place: WrittenPlace, office: Office) -> None:
    made = book(office, at(10))
    place.compare()

    def meanwhile() -> None:
        move(made, at(14), by=BY_STAFF)
        place.compare()

    assert carry(place, Troubled(place.elsewhere, meanwhile={"write": [meanwhile]})) == 2
    assert place.where() == [(at(14), at(14) + (made.ends_at - made.starts_at))]


def test_what_was_cancelled_while_it_was_written_is_taken_out(place: WrittenPlace, office: Office) -> None:
    made = book(office, at(10))
    place.compare()

    def meanwhile() -> None:
        cancel(made, by=BY_STAFF)
        place.compare()

    assert carry(place, Troubled(place.elsewhere, meanwhile={"write": [meanwhile]})) == 2
    assert place.where() == []


def test_a_calendar_that_asks_to_wait_is_left_in_peace(place: WrittenPlace, office: Office) -> None:
    for hour in (10, 11, 12):
        book(office, at(hour))
    place.compare()
    full = {"write": [CalendarFailed(CalendarFailure.OVERLOADED, retry_after=7200)]}
    assert carry(place, Troubled(place.elsewhere, before=full)) == 1
    assert place.write(now=NOW + HOUR) == 0
    assert place.write(now=NOW + 3 * HOUR) == 3
    assert len(place.where()) == 3


def test_one_that_cannot_be_written_holds_up_no_other(place: WrittenPlace, office: Office) -> None:
    for hour in (10, 11, 12):
        book(office, at(hour))
    place.compare()
    carry(place, Troubled(place.elsewhere, before={"write": [CalendarFailed(CalendarFailure.BROKEN)]}))
    assert place.write(now=NOW + 2 * MINUTE) == 3
    assert place.calendar().write_failure is None


@pytest.mark.parametrize("change", ["password", "rights"])
def test_a_calendar_that_lets_us_write_no_more_is_asked_seldom(
    place: WrittenPlace, office: Office, change: str
) -> None:
    if change == "password":
        place.elsewhere.open_account("dana", "another one")
    else:
        there = place.elsewhere.accounts["dana"]["work"]
        there.found = replace(there.found, can_write=False)
    book(office, at(10))
    tried = sum(place.write(now=NOW + number * 5 * MINUTE) for number in range(12 * 24))
    assert 3 <= tried <= 6
    assert place.calendar().write_failure == CalendarFailure.REFUSED


def test_a_fault_in_signing_in_holds_up_nothing(place: WrittenPlace, office: Office) -> None:
    book(office, at(10))
    place.compare()
    gateway = Troubled(place.elsewhere, before={"refresh": [KeyError("access_token")]})
    assert place.carrier(gateway=gateway).run() == 1
    (row,) = place.rows()
    assert (row.worker, row.failure) == (None, CalendarFailure.BROKEN)
    assert place.write(now=NOW + HOUR) == 1


def test_new_secrets_are_kept(place: WrittenPlace, office: Office) -> None:
    book(office, at(10))
    place.elsewhere.refreshed = {"token": PASSWORD}
    place.write()
    connection = place.calendar().connection
    assert open_access(RING, connection).secrets == {"token": PASSWORD}


# --- What its therapist does there ------------------------------------------------------------------------------------


def test_a_change_there_that_is_no_other_time_is_written_over(place: WrittenPlace, office: Office) -> None:
    """A title, a colour, an alarm: they stay until the appointment changes."""
    made = book(office, at(10))
    place.write()
    (entry,) = place.entries()
    place.elsewhere.move("dana", "work", entry, BusySpan(made.starts_at, made.ends_at))
    move(made, at(14), by=BY_STAFF)
    place.write()
    assert place.where()[0][0] == at(14)
    assert place.rows()[0].state == STANDS


@pytest.mark.parametrize(
    ("start", "end", "seen"),
    [(12, 13, SeenChange.MOVED), (10, 14, SeenChange.RESIZED), (None, None, SeenChange.DELETED)],
)
def test_what_was_done_there_before_we_write_becomes_a_question(
    place: WrittenPlace, office: Office, start: int | None, end: int | None, seen: SeenChange
) -> None:
    made = book(office, at(10))
    place.write()
    (entry,) = place.entries()
    if start is None or end is None:
        place.elsewhere.delete("dana", "work", entry)
    else:
        place.elsewhere.move("dana", "work", entry, BusySpan(at(start), at(end)))
    before = place.where()
    with transaction() as session:
        session.get_one(Client, made.seats[0].client_id).code_name = "Robin"
    place.write_into("work", wish=WritingWish(FeedDetail.CODE_NAME))
    place.write()
    (row,) = place.rows()
    assert (row.state, row.seen, row.asked_at) == (WrittenState.ASKED, seen, NOW)
    assert place.where() == before
    assert db.session.get_one(Appointment, made.id).starts_at == at(10)
    assert place.write(now=NOW + HOUR) == 0
