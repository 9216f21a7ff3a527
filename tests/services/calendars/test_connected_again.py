"""An account whose connection was ended, and which is connected again: nothing stands there twice, or where it was."""

from __future__ import annotations

import pytest

from telehealth.domain.calendar_words import SeenChange, WrittenState
from telehealth.models import Appointment
from telehealth.services.calendars.ending import end_connection, list_emptied
from tests.factories import BY_STAFF, Office, book, cancel, make_contact, make_office, move
from tests.fakes_calendars import FakeCalendars
from tests.moments import at
from tests.services.calendars.test_coming_back import Rounds, busy

pytestmark = pytest.mark.usefixtures("database")
ASKED, STANDS = WrittenState.ASKED, WrittenState.STANDS


@pytest.fixture
def office() -> Office:
    return make_office(with_rules=False)


@pytest.fixture
def place(office: Office, calendars: FakeCalendars) -> Rounds:
    made = Rounds(calendars, office.therapist)
    made.connect()
    return made


@pytest.fixture
def made(place: Rounds, office: Office) -> Appointment:
    """It stands there, and its connection was ended."""
    made = book(office, at(10, days=3))
    place.round()
    place.round()
    place.end()
    return made


def rounds(place: Rounds) -> None:
    for _ in range(3):
        place.round()


@pytest.mark.parametrize("is_read_first", [False, True])
def test_it_stands_there_once_and_follows_what_is_moved(place: Rounds, made: Appointment, is_read_first: bool) -> None:
    place.connect_again()
    if is_read_first:
        place.round()
        assert busy() == []
    place.write_into("work")
    rounds(place)
    assert place.where() == [(made.starts_at, made.ends_at)]
    moved = move(made, at(15, days=3), by=BY_STAFF)
    rounds(place)
    assert (place.where(), place.question()) == ([(moved.starts_at, moved.ends_at)], (STANDS, None))


def test_what_became_otherwise_here_meanwhile_is_mended_there(place: Rounds, made: Appointment, office: Office) -> None:
    moved = move(made, at(15, days=3), by=BY_STAFF)
    place.connect_again()
    place.write_into("work")
    rounds(place)
    assert place.where() == [(moved.starts_at, moved.ends_at)]
    place.end()
    cancel(moved, by=BY_STAFF)
    other = book(office, at(9, days=3), contact=make_contact(), now=place.now)
    place.connect_again()
    place.write_into("work")
    rounds(place)
    assert place.where() == [(other.starts_at, other.ends_at)]


@pytest.mark.parametrize("seen", [SeenChange.MOVED, SeenChange.DELETED])
@pytest.mark.parametrize("is_read_first", [False, True])
def test_what_became_otherwise_there_meanwhile_is_asked(
    place: Rounds, made: Appointment, seen: SeenChange, is_read_first: bool
) -> None:
    if seen == SeenChange.MOVED:
        place.move_there(at(13, days=3), at(13, days=3) + (made.ends_at - made.starts_at))
    else:
        place.delete_there()
    place.connect_again()
    if is_read_first:
        place.round()
    place.write_into("work")
    rounds(place)
    assert place.question() == (ASKED, seen)


def test_it_is_taken_out_where_another_calendar_is_chosen(place: Rounds, made: Appointment) -> None:
    place.connect_again()
    place.write_into("home")
    rounds(place)
    assert (place.where(), place.where("home")) == ([], [(made.starts_at, made.ends_at)])


def test_it_stands_there_once_under_another_name_of_its_calendar(place: Rounds, made: Appointment) -> None:
    calendars = place.elsewhere.accounts["dana"]
    (entry,) = place.entries()
    place.elsewhere.add_calendar("dana", "moved")
    place.elsewhere.copy("dana", "work", entry, into="moved", uid=place.row().uid)
    del calendars["work"]
    place.connect_again()
    place.round()
    place.write_into("moved")
    rounds(place)
    assert place.where("moved") == [(made.starts_at, made.ends_at)]
    moved = move(made, at(15, days=3), by=BY_STAFF)
    rounds(place)
    assert place.where("moved") == [(moved.starts_at, moved.ends_at)]


@pytest.mark.parametrize("times", [2, 3])
def test_it_may_be_ended_again_and_again(place: Rounds, made: Appointment, times: int) -> None:
    for _ in range(times):
        place.connect_again()
        place.write_into("work")
        rounds(place)
        place.end()
    assert (place.where(), len(place.rows())) == ([(made.starts_at, made.ends_at)], 1)


class TestWhileTheOneBeforeIsTakenOut:
    """Whoever has all taken out and connects anew has not to wait for that, a day perhaps."""

    @pytest.fixture
    def made(self, place: Rounds, office: Office) -> Appointment:
        made = book(office, at(10, days=3))
        place.round()
        place.round()
        place.end(takes_out=True)
        return made

    def test_nothing_stands_there_where_nothing_is_chosen(self, place: Rounds, made: Appointment) -> None:
        place.connect_again()
        rounds(place)
        assert (place.where(), busy()) == ([], [])

    @pytest.mark.parametrize("chosen", ["work", "home"])
    @pytest.mark.parametrize("is_read_first", [False, True])
    def test_it_stands_there_once_where_one_is_chosen(
        self, place: Rounds, made: Appointment, chosen: str, is_read_first: bool
    ) -> None:
        place.connect_again()
        if is_read_first:
            place.read()
        place.write_into(chosen)
        rounds(place)
        standing = {name: place.where(name) for name in ("work", "home")}
        assert standing == {"work": [], "home": [], chosen: [(made.starts_at, made.ends_at)]}
        assert busy() == []
        moved = move(made, at(15, days=3), by=BY_STAFF)
        rounds(place)
        assert place.where(chosen) == [(moved.starts_at, moved.ends_at)]

    def test_nor_twice_where_it_could_not_be_taken_out_in_time(self, place: Rounds, made: Appointment) -> None:
        place.connect_again()
        place.write_into("work")
        (before,) = list_emptied(now=place.now)
        end_connection(practice_id=before[0], connection_public_id=before[1], by=BY_STAFF, now=place.now)
        rounds(place)
        assert (place.where(), len(place.rows())) == ([(made.starts_at, made.ends_at)], 1)
