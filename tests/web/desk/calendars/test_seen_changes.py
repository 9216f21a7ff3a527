"""The page that asks what is meant by what was done to appointments in own calendars."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.calendar_words import CalendarFailure, ConnectionState, SeenChange, WrittenState
from telehealth.domain.words import ServiceKind
from telehealth.models import Appointment, ConnectedCalendar, Task, WrittenAppointment
from telehealth.services.calendars.answering import tell_of_questions
from telehealth.web.free_times import say_start
from tests.factories import Office, book, make_contact, make_office, make_therapist
from tests.factories.connections import connect_calendars, make_asked
from tests.factories.rows import change
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_therapist, filled_in, words_of

pytestmark = pytest.mark.usefixtures("client")
CHANGES = "/desk/calendars/changes"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def calendar(office: Office) -> ConnectedCalendar:
    return connect_calendars(office.therapist).calendars[0]


@pytest.fixture
def made(office: Office) -> Appointment:
    return book(office, at(10, days=2), contact=make_contact(name="Jane Doe"))


@pytest.fixture
def dana(app: Flask, office: Office) -> Staff:
    return as_therapist(app, office)


def state(row: WrittenAppointment) -> WrittenState:
    db.session.expire_all()
    return db.session.get_one(WrittenAppointment, row.id).state


def shown_on(staff: Staff) -> dict[str, str]:
    """What the page sends along with a move."""
    fields = filled_in(staff.get(CHANGES).text)
    return {name: fields[name][0] for name in ("seen_start", "seen_end")}


def test_it_says_what_is_here_and_there(dana: Staff, calendar: ConnectedCalendar, made: Appointment) -> None:
    make_asked(calendar, made)
    page = dana.read(CHANGES)
    assert "Jane Doe Here: Wed, Nov 25 at 10:00" in page
    assert "In Fastmail: Wed, Nov 25 at 11:00" in page
    assert "Leave it out there" not in page


def test_one_tap_moves_the_appointment(dana: Staff, calendar: ConnectedCalendar, made: Appointment) -> None:
    row = make_asked(calendar, made)
    assert "The appointment is moved" in dana.send(f"{CHANGES}/{row.public_id}/move", shown_on(dana))
    assert state(row) == WrittenState.WAITING
    assert db.session.get_one(Appointment, made.id).starts_at == at(11, days=2)
    assert "Nothing to answer" in dana.read(CHANGES)


def test_a_time_that_was_not_shown_is_shown_before_anything_is_moved(
    dana: Staff, calendar: ConnectedCalendar, made: Appointment
) -> None:
    row = make_asked(calendar, made)
    before = shown_on(dana)
    change(row, seen_starts_at=at(14, days=2), seen_ends_at=at(14, days=2) + (made.ends_at - made.starts_at))
    for sent in (before, {}):
        answer = dana.post(f"{CHANGES}/{row.public_id}/move", sent)
        assert (answer.status_code, "Wed, Nov 25 at 2:00" in words_of(answer)) == (409, True)
        assert db.session.get_one(Appointment, made.id).starts_at == at(10, days=2)
    dana.send(f"{CHANGES}/{row.public_id}/move", shown_on(dana))
    assert db.session.get_one(Appointment, made.id).starts_at == at(14, days=2)


def test_what_cannot_be_moved_is_said_and_still_asked(
    dana: Staff, calendar: ConnectedCalendar, made: Appointment, office: Office
) -> None:
    book(office, at(11, days=2), contact=make_contact())
    row = make_asked(calendar, made)
    answer = dana.post(f"{CHANGES}/{row.public_id}/move", shown_on(dana))
    assert answer.status_code == 409
    assert "Nothing was changed" in answer.text
    assert state(row) == WrittenState.ASKED


@pytest.mark.parametrize(
    ("seen", "begins", "lengths", "said", "unsaid"),
    [
        (SeenChange.RESIZED, 10, [80], ("Make it 80 minutes", "Put it back there"), ("Move", "lasts 50")),
        (
            SeenChange.RESIZED,
            10,
            [],
            ("“Individual session” lasts 50 minutes here, so it cannot be made 80.", "Put it back there"),
            ("Move", "Make it", "another length"),
        ),
        (
            SeenChange.RESIZED,
            10,
            [30],
            ("lasts 30 or 50 minutes here, so it cannot be made 80.", "another length"),
            ("Move", "Make it"),
        ),
        (
            SeenChange.MOVED,
            13,
            [],
            ("lasts 50 minutes here: moved, it lasts 50.", "Move it, for 50 minutes", "Put it back there"),
            ("Move the",),
        ),
        (SeenChange.MOVED, 13, [80], ("Move the appointment",), ("here: moved", "Move it")),
    ],
)
def test_only_what_its_service_allows_is_offered(  # noqa: PLR0917 -- one row of the table above
    dana: Staff,
    office: Office,
    calendar: ConnectedCalendar,
    made: Appointment,
    seen: SeenChange,
    begins: int,
    lengths: list[int],
    said: tuple[str, ...],
    unsaid: tuple[str, ...],
) -> None:
    change(office.service, other_lengths=lengths)
    start = at(begins, days=2)
    row = make_asked(calendar, made, seen=seen, seen_starts_at=start, seen_ends_at=start + timedelta(minutes=80))
    page = dana.read(CHANGES)
    assert all(each in page for each in said)
    assert not any(each in page for each in unsaid)
    answer = dana.post(
        f"{CHANGES}/{row.public_id}/move",
        {"seen_start": say_start(start), "seen_end": say_start(start + timedelta(minutes=80))},
    )
    is_possible = any("Make it" in each or "Move" in each for each in said)
    assert (answer.status_code, state(row)) == (
        (302, WrittenState.WAITING) if is_possible else (409, WrittenState.ASKED)
    )


def test_what_lets_us_in_no_more_is_asked_and_says_so(
    dana: Staff, calendar: ConnectedCalendar, made: Appointment
) -> None:
    row = make_asked(calendar, made)
    change(calendar.connection, state=ConnectionState.REFUSED)
    assert "Fastmail lets us in no more, so this may be old" in dana.read(CHANGES)
    assert "as soon as somebody signs in to it again" in dana.send(f"{CHANGES}/{row.public_id}/put_back")


def test_a_refused_move_leads_to_what_stands_in_the_way(
    dana: Staff, calendar: ConnectedCalendar, made: Appointment, office: Office
) -> None:
    book(office, at(11, days=2), contact=make_contact())
    row = make_asked(calendar, made)
    page = dana.post(f"{CHANGES}/{row.public_id}/move", shown_on(dana)).text
    found = re.search(r'href="([^"]+)">See what stands in the way', page)
    assert found is not None
    assert "In the way of this time" in dana.read(found[1].replace("&amp;", "&"))


@pytest.mark.parametrize(
    ("answer", "after", "said"),
    [
        ("put_back", WrittenState.WAITING, "It is put back there"),
        ("leave_out", WrittenState.LEFT_OUT, "It stays out of that calendar"),
    ],
)
def test_what_was_deleted_is_put_back_or_left_out(
    dana: Staff, calendar: ConnectedCalendar, made: Appointment, answer: str, after: WrittenState, said: str
) -> None:
    row = make_asked(calendar, made, seen=SeenChange.DELETED, seen_starts_at=None, seen_ends_at=None)
    page = dana.read(CHANGES)
    assert "It was deleted in Fastmail." in page
    assert "Move the appointment" not in page
    assert said in dana.send(f"{CHANGES}/{row.public_id}/{answer}")
    assert state(row) == after
    assert dana.post(f"{CHANGES}/{row.public_id}/{answer}").status_code == 409


def test_a_colleague_sees_none_of_it_and_the_front_desk_all(
    app: Flask, office: Office, calendar: ConnectedCalendar, made: Appointment
) -> None:
    make_asked(calendar, made)
    other = make_therapist(office.practice, office.service, name="Sam Okafor")
    colleague = as_therapist(app, Office(office.practice, office.location, office.room, office.service, other))
    assert "Nothing to answer" in colleague.read(CHANGES)
    assert "Jane Doe" in as_front_desk(app, office).read(CHANGES)


@pytest.mark.parametrize(("answer", "said"), [("put_back", "written there anew"), ("on_purpose", "Nothing more is")])
def test_an_emptied_calendar_is_one_question(
    dana: Staff, calendar: ConnectedCalendar, made: Appointment, answer: str, said: str
) -> None:
    make_asked(calendar, made, state=WrittenState.MISSING, seen=None)
    change(calendar, missing_since=NOW, is_written=True)
    assert "1 appointment cannot be found in Fastmail" in dana.read(CHANGES)
    assert said in dana.send(f"/desk/calendars/missing/{calendar.public_id}/{answer}")
    assert "Nothing to answer" in dana.read(CHANGES)
    assert dana.post(f"/desk/calendars/missing/{calendar.public_id}/{answer}").status_code == 409


def test_a_task_and_the_calendars_lead_there(dana: Staff, calendar: ConnectedCalendar, made: Appointment) -> None:
    make_asked(calendar, made, asked_at=NOW - timedelta(hours=1))
    tell_of_questions(now=NOW)
    page = dana.get("/desk/tasks").text
    assert "Own calendar" in page
    assert f'href="/desk/calendars/changes#about-{made.public_id}">Say what is meant' in page
    assert "/done" not in page
    task = db.session.scalars(select(Task)).one()
    one = f"/desk/tasks/{task.public_id}"
    assert "It goes from To do by itself" in dana.read(one)
    assert "/done" not in dana.get(one).text
    assert "This goes from here by itself" in dana.send(f"{one}/done")
    db.session.expire_all()
    assert task.done_at is None
    assert "Changed in own calendars : 1 question" in dana.read("/desk/calendars")


def test_a_group_is_called_by_its_name(app: Flask, dana: Staff, office: Office, calendar: ConnectedCalendar) -> None:
    change(office.service, kind=ServiceKind.GROUP, capacity=6, name="Evening group")
    book(office, at(10, days=2), contact=make_contact(name="Jane Doe"))
    made = book(office, at(10, days=2), contact=make_contact(name="Joe Roe"))
    make_asked(calendar, made)
    tell_of_questions(now=NOW)
    for page in (dana, as_front_desk(app, office)):
        assert "Evening group, 2 of 6 seats" in page.read("/desk/tasks")
        assert "Jane Doe" not in page.read("/desk/tasks")


def test_ending_a_connection_says_what_becomes_of_its_questions(
    dana: Staff, calendar: ConnectedCalendar, made: Appointment
) -> None:
    page = f"/desk/calendars/{calendar.connection.public_id}"
    assert "question" not in dana.read(page)
    make_asked(calendar, made)
    assert "1 question about it is open. Once it ends, nothing is asked any more" in dana.read(page)
    tell_of_questions(now=NOW)
    dana.post(f"{page}/end", {"appointments": "leave"})
    assert "Nothing to do" in dana.read("/desk/tasks")
    assert "Nothing to answer" in dana.read(CHANGES)


def test_a_connection_that_has_ended_is_said_nothing_of(
    dana: Staff, calendar: ConnectedCalendar, made: Appointment
) -> None:
    make_asked(calendar, made)
    page = f"/desk/appointments/{made.public_id}"
    assert "Changed in Fastmail" in dana.read(page)
    change(calendar.connection, state=ConnectionState.ENDED)
    assert "Fastmail" not in dana.read(page)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"state": WrittenState.STANDS}, "Stands in Fastmail since Mon, Nov 23"),
        ({"state": WrittenState.WAITING, "written_at": None}, "Is written into Fastmail within the next minutes."),
        (
            {"state": WrittenState.WAITING, "failure": CalendarFailure.REFUSED},
            "Could not be written into Fastmail: it does not let us write.",
        ),
        ({"state": WrittenState.ASKED}, "Changed in Fastmail: somebody has to say what is meant."),
        ({"state": WrittenState.LEFT_OUT}, "Left out of Fastmail, as its therapist wants."),
    ],
)
def test_the_appointment_says_where_it_stands(
    dana: Staff, calendar: ConnectedCalendar, made: Appointment, given: dict[str, object], said: str
) -> None:
    make_asked(calendar, made, **given)
    assert said in dana.read(f"/desk/appointments/{made.public_id}")
