"""What a therapist does to appointments in their own calendar comes back as a question, and never doubles one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.calendar_ports import CalendarReading, ReadingWindow
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind, SeenChange, WrittenState
from telehealth.domain.errors import SlotTaken
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.models import Appointment, BusyInterval, WrittenAppointment
from telehealth.queries.calendars.written import COMPARED_EVERY
from telehealth.queries.hours.busy_intervals import list_busy_intervals
from telehealth.services.calendars.answering import answer_missing
from telehealth.services.calendars.carrying import carry, record_carried
from telehealth.services.calendars.claims import claim_written
from telehealth.services.calendars.comparing import LATEST
from telehealth.services.calendars.connecting import choose_calendars
from telehealth.services.calendars.syncing import sync_due_calendars
from telehealth.services.calendars.written_calendars import stop_writing
from tests.factories import BY_STAFF, Office, book, cancel, make_contact, make_office, make_therapist, move
from tests.factories.connections import PASSWORD, RING
from tests.factories.rows import change
from tests.fakes_calendars import FakeCalendars
from tests.moments import NOW, at
from tests.writing_calendars import ADDRESSES, WrittenPlace

pytestmark = pytest.mark.usefixtures("database")
MINUTES, HOUR, DAY = timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)
ASKED, STANDS, MISSING = WrittenState.ASKED, WrittenState.STANDS, WrittenState.MISSING


class Rounds(WrittenPlace):
    """The same, with readings: time passes between two rounds."""

    def read(self) -> None:
        """The next reading."""
        self.now += MINUTES
        sync_due_calendars(gateways={CalendarKind.CALDAV: self.elsewhere}, ring=RING, now=self.now)

    def round(self) -> None:
        """All ticks, once."""
        self.now += MINUTES
        self.write(now=self.now)
        self.read()

    def row(self) -> WrittenAppointment:
        (found,) = self.rows()
        return found

    def move_there(self, start: datetime, end: datetime, *, place: int = 0) -> None:
        self.elsewhere.move("dana", "work", self.entries()[place], BusySpan(start, end))

    def delete_there(self, count: int = 1) -> None:
        for each in self.entries()[:count]:
            self.elsewhere.delete("dana", "work", each)

    def question(self) -> tuple[WrittenState, SeenChange | None]:
        row = self.row()
        return row.state, row.seen


@pytest.fixture
def office() -> Office:
    return make_office(with_rules=False)


@pytest.fixture
def place(office: Office, calendars: FakeCalendars) -> Rounds:
    made = Rounds(calendars, office.therapist)
    made.connect()
    return made


def busy() -> list[tuple[datetime, datetime]]:
    return [(each.starts_at, each.ends_at) for each in db.session.scalars(select(BusyInterval))]


@pytest.fixture
def made(place: Rounds, office: Office) -> Appointment:
    """It stands there, and was read."""
    made = book(office, at(10, days=3))
    place.round()
    place.round()
    assert place.row().state == STANDS
    return made


def test_what_we_wrote_is_not_busy(place: Rounds, made: Appointment) -> None:
    place.elsewhere.copy("dana", "work", place.entries()[0], into="work", uid="another")
    place.round()
    assert busy() == []


@pytest.mark.parametrize("is_recorded", [False, True])
def test_not_even_when_it_was_written_while_it_was_read(place: Rounds, office: Office, is_recorded: bool) -> None:
    """Its key was not known when the reading began."""
    place.round()
    book(office, at(11, days=3), now=place.now)
    place.compare()
    (carried,) = claim_written(ring=RING, addresses=ADDRESSES, kinds=[CalendarKind.CALDAV], now=place.now)
    outcome = carry(carried, gateway=place.elsewhere)
    if is_recorded:
        record_carried(outcome, now=place.now)
    inner = place.elsewhere.read

    def read(access: Any, remote_id: Any, bookmark: Any, window: ReadingWindow) -> CalendarReading:
        return inner(access, remote_id, bookmark, replace(window, known={}))

    place.elsewhere.read = read  # type: ignore[method-assign]
    place.read()
    if not is_recorded:
        assert len(busy()) == 1
        record_carried(outcome, now=place.now)
    assert (busy(), len(place.where())) == ([], 1)


def test_a_move_that_is_written_while_it_is_read_leaves_no_busy_time(place: Rounds, made: Appointment) -> None:
    """When the reading began, it was known to stand at another time."""
    before, inner = BusySpan(made.starts_at, made.ends_at), place.elsewhere.read
    move(made, at(15, days=3), by=BY_STAFF, now=place.now)
    place.write(now=place.now + MINUTES)

    def read(access: Any, remote_id: Any, bookmark: Any, window: ReadingWindow) -> CalendarReading:
        known = {name: replace(ours, spans=(before,)) for name, ours in window.known.items()}
        return inner(access, remote_id, bookmark, replace(window, known=known))

    place.elsewhere.read = read  # type: ignore[method-assign]
    place.read()
    assert [start for start, _ in place.where()] == [at(15, days=3)]
    assert busy() == []


@pytest.mark.parametrize("hours", [(15, 16), (10, 16)])
def test_where_its_therapist_moved_it_nobody_else_can_book(
    place: Rounds, office: Office, made: Appointment, hours: tuple[int, int]
) -> None:
    """Until they have said what that means, their calendar says that they are busy then."""
    start, end = (at(hour, days=3) for hour in hours)
    place.move_there(start, end)
    place.round()
    assert place.question()[0] == ASKED
    assert busy() == [(max(start, made.ends_at), end)]
    with pytest.raises(SlotTaken):
        book(office, at(15, days=3), contact=make_contact(), now=place.now)


def test_a_copy_at_another_time_is_busy(place: Rounds, made: Appointment) -> None:
    """Copied to have its colour, and called something else: its key goes along."""
    copied = place.elsewhere.copy("dana", "work", place.entries()[0], into="work", uid="copy")
    there = BusySpan(at(15, days=5), at(16, days=5))
    place.elsewhere.move("dana", "work", copied, there)
    place.round()
    assert place.question() == (STANDS, None)
    assert busy() == [there]


def test_while_a_move_waits_to_be_written_its_old_place_is_not_busy(place: Rounds, made: Appointment) -> None:
    place.elsewhere.move("dana", "work", place.entries()[0], BusySpan(made.starts_at, made.ends_at))
    move(made, at(15, days=3), by=BY_STAFF, now=place.now)
    place.read()
    assert busy() == []
    place.round()
    place.round()
    assert (place.question(), busy()) == ((STANDS, None), [])


@pytest.mark.parametrize(("start", "end", "seen"), [(12, 13, SeenChange.MOVED), (10, 15, SeenChange.RESIZED)])
def test_what_is_moved_or_lengthened_there_is_asked_about(
    place: Rounds, made: Appointment, start: int, end: int, seen: SeenChange
) -> None:
    place.move_there(at(start, days=3), at(end, days=3))
    place.round()
    row = place.row()
    assert (row.state, row.seen) == (ASKED, seen)
    assert (row.seen_starts_at, row.seen_ends_at) == (at(start, days=3), at(end, days=3))
    asked_at = row.asked_at
    place.round()
    place.round()
    assert (place.row().asked_at, place.where()) == (asked_at, [(at(start, days=3), at(end, days=3))])
    assert db.session.get_one(Appointment, made.id).starts_at == at(10, days=3)


def test_what_is_deleted_there_is_asked_about(place: Rounds, made: Appointment) -> None:
    place.delete_there()
    place.round()
    place.round()
    assert place.question() == (ASKED, SeenChange.DELETED)
    assert place.where() == []


def test_what_is_put_back_by_hand_answers_itself(place: Rounds, made: Appointment) -> None:
    place.move_there(at(12, days=3), at(13, days=3))
    place.round()
    place.move_there(made.starts_at, made.ends_at)
    place.round()
    assert place.question() == (STANDS, None)


def test_what_a_slow_worker_writes_late_changes_nothing(place: Rounds, office: Office) -> None:
    """It hung for longer than the appointment was in its hands, and another has written it since, elsewhere."""
    made = book(office, at(10, days=3))
    place.compare()
    (slow,) = claim_written(ring=RING, addresses=ADDRESSES, kinds=[CalendarKind.CALDAV], now=place.now)
    moved = move(made, at(14, days=3), by=BY_STAFF)
    place.now += MINUTES
    place.write()
    record_carried(carry(slow, gateway=place.elsewhere), now=place.now)
    for _ in range(3):
        place.round()
    assert (place.where(), place.question()) == ([(moved.starts_at, moved.ends_at)], (STANDS, None))


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_time_that_we_once_wrote_is_no_question_and_is_written_over(
    place: Rounds, made: Appointment, is_lost: bool
) -> None:
    """Where nothing tells which of two writings is the newer one, the older may come last."""
    old = made.starts_at, made.ends_at
    moved = move(made, at(14, days=3), by=BY_STAFF)
    if is_lost:
        place.elsewhere.fail_next(CalendarFailure.TIMED_OUT, done=True, times=2)
    place.round()
    moved = move(made, at(15, days=3), by=BY_STAFF)
    for _ in range(3):
        place.round()
    for late in (old, (at(14, days=3), at(14, days=3) + (made.ends_at - made.starts_at))):
        place.move_there(*late)
        place.round()
        assert place.question() == (WrittenState.WAITING, None)
        place.round()
        assert (place.where(), place.question()) == ([(moved.starts_at, moved.ends_at)], (STANDS, None))
    place.move_there(at(16, days=3), at(17, days=3))
    place.round()
    assert place.question() == (ASKED, SeenChange.MOVED)


def test_later_on_it_is_one_like_any_other_time(place: Rounds, made: Appointment) -> None:
    """Nothing that was written before comes any more: whoever moves it back there wants something."""
    old = made.starts_at, made.ends_at
    move(made, at(14, days=3), by=BY_STAFF, now=place.now)
    place.round()
    place.now += 2 * LATEST
    place.round()
    place.move_there(*old)
    place.read()
    assert place.question() == (ASKED, SeenChange.MOVED)
    assert busy() == [old], "nobody else is offered it meanwhile"


def test_where_a_lost_answer_has_put_it_a_reading_finds_and_what_was_done_to_it(place: Rounds, office: Office) -> None:
    made = book(office, at(10, days=3))
    place.compare()
    place.elsewhere.fail_next(CalendarFailure.TIMED_OUT, done=True)
    (carried,) = claim_written(ring=RING, addresses=ADDRESSES, kinds=[CalendarKind.CALDAV], now=place.now)
    record_carried(carry(carried, gateway=place.elsewhere), now=place.now)
    place.move_there(at(16, days=3), at(17, days=3))
    place.read()
    assert (place.question(), place.row().remote_id) == ((ASKED, SeenChange.MOVED), place.entries()[0])
    place.compare(now=place.now + COMPARED_EVERY)
    assert place.question() == (ASKED, SeenChange.MOVED), "nothing was changed here"
    move(made, at(14, days=3), by=BY_STAFF, now=place.now)
    place.compare(now=place.now + 2 * COMPARED_EVERY)
    assert place.question() == (WrittenState.WAITING, None)


def test_a_title_or_a_colour_is_no_question(place: Rounds, made: Appointment) -> None:
    place.move_there(made.starts_at, made.ends_at)
    place.round()
    assert place.question() == (STANDS, None)


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_move_meanwhile_answers_it(place: Rounds, made: Appointment, is_deleted: bool) -> None:
    place.delete_there() if is_deleted else place.move_there(at(12, days=3), at(13, days=3))
    place.round()
    moved = move(made, at(15, days=3), by=BY_STAFF, now=place.now)
    place.round()
    place.round()
    assert place.question() == (STANDS, None)
    assert place.where() == [(moved.starts_at, moved.ends_at)]


def test_a_move_to_where_it_stands_there_answers_it(place: Rounds, made: Appointment) -> None:
    place.move_there(at(12, days=3), at(12, days=3) + (made.ends_at - made.starts_at))
    place.round()
    move(made, at(12, days=3), by=BY_STAFF, now=place.now)
    place.round()
    place.round()
    assert place.question() == (STANDS, None)
    assert [start for start, _ in place.where()] == [at(12, days=3)]


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_cancellation_meanwhile_answers_it(place: Rounds, made: Appointment, is_deleted: bool) -> None:
    place.delete_there() if is_deleted else place.move_there(at(12, days=3), at(13, days=3))
    place.round()
    cancel(made, by=BY_STAFF, now=place.now)
    place.round()
    assert (place.where(), place.question()) == ([], (WrittenState.GONE, None))


# --- Copies and moves between calendars -------------------------------------------------------------------------------


def also_read_home(place: Rounds) -> None:
    connection = place.calendar().connection
    choose_calendars(
        practice_id=connection.practice_id,
        connection_public_id=connection.public_id,
        blocking=[each.public_id for each in connection.calendars],
        by=BY_STAFF,
        now=place.now,
    )


def move_home(place: Rounds, uid: str = "made-by-the-program") -> None:
    (entry,) = place.entries()
    place.elsewhere.copy("dana", "work", entry, into="home", uid=uid)
    place.elsewhere.delete("dana", "work", entry)


def test_what_is_moved_into_another_calendar_is_taken_over_and_kept_there(place: Rounds, made: Appointment) -> None:
    also_read_home(place)
    place.round()
    move_home(place)
    place.round()
    place.round()
    assert place.question() == (STANDS, None)
    moved = move(made, at(15, days=3), by=BY_STAFF, now=place.now)
    place.round()
    assert (place.where("work"), place.where("home")) == ([], [(moved.starts_at, moved.ends_at)])
    assert busy() == []
    cancel(made, by=BY_STAFF, now=place.now)
    place.round()
    assert place.where("home") == []


def stop(place: Rounds) -> None:
    calendar = place.calendar()
    stop_writing(practice_id=calendar.practice_id, calendar_public_id=calendar.public_id, by=BY_STAFF, now=place.now)


def say_gone_on_purpose(place: Rounds) -> None:
    calendar = place.calendar()
    change(calendar, missing_since=place.now)
    which = {"practice_id": calendar.practice_id, "calendar_public_id": calendar.public_id}
    answer_missing(**which, is_on_purpose=True, by=BY_STAFF, now=place.now)  # type: ignore[arg-type]


@pytest.mark.parametrize("act", [stop, say_gone_on_purpose])
def test_it_is_taken_out_there_too_when_nothing_is_written_any_more(
    place: Rounds, made: Appointment, act: Callable[[Rounds], None]
) -> None:
    """Else it stood there for ever, whatever became of the appointment."""
    also_read_home(place)
    place.round()
    move_home(place)
    place.round()
    place.round()
    assert place.row().is_adopted
    act(place)
    place.round()
    assert (place.where("work"), place.where("home")) == ([], [])


def copy_into_another_account(place: Rounds) -> Rounds:
    """Of the same therapist."""
    other = Rounds(place.elsewhere, place.therapist, username="second", now=place.now)
    place.elsewhere.open_account("second", PASSWORD)
    place.elsewhere.add_calendar("second", "work")
    other.connect_again()
    other.round()
    place.now = other.now
    (entry,) = place.entries()
    event = place.elsewhere.accounts["dana"]["work"].events[entry]
    place.elsewhere.accounts["second"]["work"].put("work/copy", replace(event, uid="made-by-the-program"))
    return other


def test_so_it_is_when_the_connection_ends_through_which_it_was_written(place: Rounds, made: Appointment) -> None:
    copy_into_another_account(place)
    place.delete_there()
    place.round()
    place.round()
    assert (place.row().is_adopted, len(place.elsewhere.accounts["second"]["work"].events)) == (True, 1)
    place.end()
    place.round()
    assert place.elsewhere.accounts["second"]["work"].events == {}


def test_no_copy_is_taken_up_in_an_account_that_was_ended(place: Rounds, made: Appointment) -> None:
    other = copy_into_another_account(place)
    place.round()
    assert place.row().copied_to is not None
    other.now = place.now
    other.end()
    place.delete_there()
    place.round()
    assert place.question() == (ASKED, SeenChange.DELETED)


def test_and_may_be_moved_back(place: Rounds, made: Appointment) -> None:
    also_read_home(place)
    place.round()
    move_home(place)
    place.round()
    (entry,) = place.entries("home")
    place.elsewhere.copy("dana", "home", entry, into="work", uid="once-more")
    place.elsewhere.delete("dana", "home", entry)
    place.round()
    place.round()
    assert place.question() == (STANDS, None)
    assert (len(place.where("work")), len(place.where("home")), place.row().is_adopted) == (1, 0, False)


def test_a_copy_is_taken_up_when_what_we_wrote_is_deleted(place: Rounds, made: Appointment) -> None:
    (entry,) = place.entries()
    place.elsewhere.copy("dana", "work", entry, into="work", uid="another")
    place.round()
    assert place.question() == (STANDS, None)
    place.elsewhere.delete("dana", "work", entry)
    place.round()
    place.round()
    assert place.question() == (STANDS, None)
    assert len(place.where()) == 1
    place.delete_there()
    place.round()
    assert place.question() == (ASKED, SeenChange.DELETED)


# --- Not each appointment ---------------------------------------------------------------------------------------------


@pytest.fixture
def many(place: Rounds, office: Office) -> list[Appointment]:
    made = [book(office, at(hour, days=3), contact=make_contact()) for hour in (9, 10, 11, 13, 14, 15)]
    place.round()
    place.round()
    return made


def states(place: Rounds) -> list[WrittenState]:
    return [each.state for each in place.rows()]


def test_a_few_are_asked_about_one_by_one(place: Rounds, many: list[Appointment]) -> None:
    place.delete_there(3)
    place.round()
    assert (states(place).count(ASKED), place.calendar().missing_since) == (3, None)


@pytest.mark.parametrize("is_at_once", [False, True])
def test_an_emptied_calendar_is_one_question(place: Rounds, many: list[Appointment], is_at_once: bool) -> None:
    for count in (5,) if is_at_once else (2, 3):
        place.delete_there(count)
        place.round()
    place.round()
    assert sorted(states(place)) == sorted([MISSING] * 5 + [STANDS])
    assert place.calendar().missing_since is not None
    assert len(place.where()) == 1


def test_a_calendar_that_is_gone_is_one_question(place: Rounds, many: list[Appointment]) -> None:
    place.elsewhere.remove_calendar("dana", "work")
    move(many[0], at(16, days=3), by=BY_STAFF, now=place.now)
    place.round()
    assert ASKED not in states(place)
    assert place.calendar().missing_since is not None
    tried = len(place.elsewhere.asked)
    place.write(now=place.now + DAY)
    assert len(place.elsewhere.asked) == tried


def test_a_calendar_that_does_not_answer_tells_nothing(place: Rounds, many: list[Appointment]) -> None:
    place.delete_there(6)
    place.elsewhere.fail_next(CalendarFailure.TIMED_OUT, times=50)
    place.read()
    assert states(place) == [STANDS] * 6


def test_a_dead_token_tells_nothing_by_itself(place: Rounds, many: list[Appointment]) -> None:
    place.elsewhere.forget_tokens()
    place.round()
    place.round()
    assert states(place) == [STANDS] * 6


def test_all_that_comes_back_is_no_question_any_more(place: Rounds, many: list[Appointment]) -> None:
    there = place.elsewhere.accounts["dana"]["work"]
    before = dict(there.events)
    place.delete_there(6)
    place.round()
    for entry, event in before.items():
        there.put(entry, event)
    place.round()
    place.round()
    assert (states(place), place.calendar().missing_since) == ([STANDS] * 6, None)


class TestSharedByTwo:
    """Two therapists of a practice connect, and write into, the very same calendar."""

    @pytest.fixture
    def colleague(self, place: Rounds, office: Office) -> Rounds:
        colleague = Rounds(place.elsewhere, make_therapist(office.practice, office.service, name="Sam Lee"))
        colleague.connect_again()
        colleague.write_into("work")
        return colleague

    def taken(self, place: Rounds) -> list[BusySpan]:
        return list_busy_intervals(place.therapist.id, since=NOW)

    def test_what_was_written_for_one_takes_no_time_of_the_other(
        self, place: Rounds, colleague: Rounds, office: Office
    ) -> None:
        mine = book(office, at(10, days=3))
        theirs = book(office, at(12, days=3), therapist=colleague.therapist.public_id, contact=make_contact())
        for _ in range(3):
            place.round()
        assert len(place.where()) == 2
        assert (self.taken(place), self.taken(colleague)) == ([], [])
        assert {row.state for row in place.rows()} == {WrittenState.STANDS}
        moved = BusySpan(at(15, days=3), at(15, days=3) + (mine.ends_at - mine.starts_at))
        standing = place.elsewhere.accounts["dana"]["work"].events
        [entry] = [key for key, each in standing.items() if each.spans[0].starts_at == mine.starts_at]
        place.elsewhere.move("dana", "work", entry, moved)
        place.round()
        states = {row.appointment_id: row.state for row in place.rows()}
        assert states == {mine.id: WrittenState.ASKED, theirs.id: WrittenState.STANDS}, "each is asked of their own"

    def test_what_somebody_else_put_there_takes_the_time_of_both(self, place: Rounds, colleague: Rounds) -> None:
        holiday = BusySpan(at(9, days=4), at(17, days=4))
        place.elsewhere.put_busy("dana", "work", holiday, uid="team day")
        place.round()
        assert (self.taken(place), self.taken(colleague)) == ([holiday], [holiday])

    def test_nor_is_it_known_at_another_practice(self, place: Rounds, office: Office) -> None:
        """The same person at two practices has one time only."""
        elsewhere = Rounds(place.elsewhere, make_office(practice={"slug": "elsewhere"}).therapist)
        elsewhere.connect_again()
        made = book(office, at(10, days=3))
        for _ in range(3):
            place.round()
        assert self.taken(elsewhere) == [BusySpan(made.starts_at, made.ends_at)]
