"""A therapist is told what they are asked, and what they answer is done; clients hear of a move, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.audit_words import AuditSubject
from telehealth.domain.calendar_refusals import MovedThereAgain
from telehealth.domain.calendar_words import CalendarFailure, ConnectionState, SeenAnswer, SeenChange, WrittenState
from telehealth.domain.calendar_writing import Times
from telehealth.domain.errors import GoesByItself, InvalidInput, NotFound, SlotNotOffered, SlotTaken
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.domain.message_words import ASKED_ELSEWHERE, TaskKind
from telehealth.domain.words import Role, ServiceKind
from telehealth.models import Appointment, CalendarConnection, LoginLetter, Message, PracticeEvent, Task
from telehealth.queries.calendars.seen_changes import (
    find_minutes_there,
    find_seen_change,
    find_written_about,
    list_missing,
    list_seen_changes,
)
from telehealth.queries.inbox.tasks import list_open_tasks
from telehealth.services.calendars.answering import MOVED_HERE, answer_missing, answer_seen, tell_of_questions
from telehealth.services.calendars.ending import end_connection
from telehealth.services.calendars.question_tasks import HAPPENED, UNCHANGED
from telehealth.services.calendars.signing_in import end_connections_of_those_who_left
from telehealth.services.inbox.task_list import finish_task
from tests.factories import (
    BY_STAFF,
    Office,
    book,
    cancel,
    make_contact,
    make_office,
    make_therapist,
    make_user,
    move,
)
from tests.factories.connections import RING
from tests.factories.rows import change
from tests.fakes_calendars import FakeCalendars
from tests.moments import at
from tests.services.calendars.test_coming_back import MINUTES, Rounds

pytestmark = pytest.mark.usefixtures("database")
MOVE, PUT_BACK, LEAVE_OUT = SeenAnswer.MOVE, SeenAnswer.PUT_BACK, SeenAnswer.LEAVE_OUT


class Asked(Rounds):
    def shown(self) -> Times | None:
        """What a page shows of the first question now."""
        row = self.rows()[0]
        return (row.seen_starts_at, row.seen_ends_at) if row.seen_starts_at and row.seen_ends_at else None

    def answer(
        self, answer: SeenAnswer, *, shown: Times | None = None, place: int = 0, therapist_id: int | None = None
    ) -> None:
        answer_seen(
            practice_id=self.therapist.practice_id,
            written_public_id=self.rows()[place].public_id,
            answer=answer,
            by=BY_STAFF,
            now=self.now,
            shown=shown or self.shown(),
            therapist_id=therapist_id,
        )

    def tell(self) -> int:
        self.now += MINUTES
        return tell_of_questions(now=self.now)

    def tasks(self) -> list[Task]:
        db.session.expire_all()
        return list(db.session.scalars(select(Task).where(Task.kind.in_(ASKED_ELSEWHERE)).order_by(Task.id)))

    def waiting(self) -> list[str]:
        """What of it waits: notes."""
        return [each.note for each in self.tasks() if each.done_at is None]


@pytest.fixture
def office() -> Office:
    return make_office(with_rules=False, practice={"grace_minutes": 0})


@pytest.fixture
def place(office: Office, calendars: FakeCalendars) -> Asked:
    user = make_user(office.practice, Role.THERAPIST)
    change(office.therapist, user_id=user.id)
    made = Asked(calendars, office.therapist)
    made.connect()
    return made


@pytest.fixture
def made(place: Asked, office: Office) -> Appointment:
    made = book(office, at(10, days=3))
    place.round()
    place.round()
    return made


def told_clients() -> int:
    return len(db.session.scalars(select(Message.id).where(Message.version > 0)).all())


def starts_at(made: Appointment) -> object:
    db.session.expire_all()
    return db.session.get_one(Appointment, made.id).starts_at


def test_the_appointment_is_moved_and_its_client_told(place: Asked, made: Appointment) -> None:
    place.move_there(at(13, days=3), at(13, days=3) + (made.ends_at - made.starts_at))
    place.round()
    assert told_clients() == 0
    place.answer(MOVE)
    assert (starts_at(made), told_clients() > 0) == (at(13, days=3), True)
    place.round()
    place.round()
    assert place.question() == (WrittenState.STANDS, None)
    assert [start for start, _ in place.where()] == [at(13, days=3)]


def test_a_move_goes_to_the_time_that_was_shown_and_no_other(place: Asked, made: Appointment) -> None:
    long = made.ends_at - made.starts_at
    place.move_there(at(14, days=3), at(14, days=3) + long)
    place.round()
    shown = place.shown()
    place.move_there(at(11, days=2), at(11, days=2) + long)
    place.round()
    with pytest.raises(MovedThereAgain):
        place.answer(MOVE, shown=shown)
    assert (starts_at(made), told_clients(), place.row().state) == (at(10, days=3), 0, WrittenState.ASKED)
    place.answer(MOVE)
    assert starts_at(made) == at(11, days=2)


def test_what_was_moved_here_meanwhile_stays_where_it_is(place: Asked, made: Appointment) -> None:
    """The next look at the calendars settles the question; until then somebody may still see it."""
    place.move_there(at(14, days=3), at(14, days=3) + (made.ends_at - made.starts_at))
    place.round()
    move(made, at(9, days=4), by=BY_STAFF, now=place.now)
    told = told_clients()
    with pytest.raises(InvalidInput) as refused:
        place.answer(MOVE)
    assert refused.value.fields == {"answer": MOVED_HERE}
    assert (starts_at(made), told_clients()) == (at(9, days=4), told)
    place.round()
    place.round()
    assert [start for start, _ in place.where()] == [at(9, days=4)]


def test_all_checks_of_moving_are_made_and_it_is_still_asked(place: Asked, made: Appointment, office: Office) -> None:
    other = book(office, at(13, days=3), contact=make_contact(), now=place.now)
    place.move_there(other.starts_at, other.ends_at)
    place.round()
    with pytest.raises((SlotNotOffered, SlotTaken)):
        place.answer(MOVE)
    assert (starts_at(made), told_clients()) == (at(10, days=3), 0)
    asked = [each for each in place.rows() if each.state == WrittenState.ASKED]
    assert [each.appointment_id for each in asked] == [made.id]


@pytest.mark.parametrize("seen", [SeenChange.MOVED, SeenChange.DELETED])
def test_it_is_put_back(place: Asked, made: Appointment, seen: SeenChange) -> None:
    uid = place.row().uid
    place.delete_there() if seen == SeenChange.DELETED else place.move_there(at(13, days=3), at(14, days=3))
    place.round()
    place.answer(PUT_BACK)
    place.round()
    place.round()
    assert place.where() == [(made.starts_at, made.ends_at)]
    assert place.question() == (WrittenState.STANDS, None)
    assert (place.row().uid == uid) == (seen == SeenChange.MOVED)
    assert told_clients() == 0


def test_it_stays_out_and_takes_place_all_the_same(place: Asked, made: Appointment) -> None:
    place.delete_there()
    place.round()
    place.answer(LEAVE_OUT)
    for _ in range(3):
        place.round()
    assert (place.where(), place.row().state) == ([], WrittenState.LEFT_OUT)
    assert starts_at(made) == at(10, days=3)


def test_an_answer_that_does_not_fit_or_comes_twice_is_refused(place: Asked, made: Appointment) -> None:
    place.delete_there()
    place.round()
    with pytest.raises(InvalidInput):
        place.answer(MOVE)
    place.answer(PUT_BACK)
    with pytest.raises(InvalidInput):
        place.answer(PUT_BACK)


def test_another_therapist_is_told_of_no_question(place: Asked, made: Appointment, office: Office) -> None:
    place.move_there(at(13, days=3), at(14, days=3))
    place.round()
    other = make_therapist(office.practice, office.service, location=office.location)
    with pytest.raises(NotFound):
        place.answer(MOVE, therapist_id=other.id)
    with pytest.raises(NotFound):
        find_seen_change(office.practice.id, place.row().public_id, therapist_id=other.id)
    assert list_seen_changes(office.practice.id, now=place.now, therapist_id=other.id) == []
    assert len(list_seen_changes(office.practice.id, now=place.now, therapist_id=office.therapist.id)) == 1


def test_its_therapist_is_told_once_and_by_one_letter(place: Asked, office: Office, made: Appointment) -> None:
    for hour in (13, 14):
        book(office, at(hour, days=3), contact=make_contact(), now=place.now)
    place.round()
    place.round()
    place.delete_there(2)
    place.round()
    assert len(place.waiting()) == 2  # It stands on the list as soon as it is read.
    assert tell_of_questions(now=place.now) == 0  # Whoever is at it is not written to at once.
    assert (place.tell(), place.tell()) == (2, 0)
    tasks = place.tasks()
    assert [each.note for each in tasks] == [
        "It was deleted in the therapist’s own calendar. Nothing was changed here, and nobody was told."
    ] * 2
    letters = db.session.scalars(select(LoginLetter).where(LoginLetter.kind == LoginLetterKind.CALENDAR_QUESTION)).all()
    assert [each.user_id for each in letters] == [office.therapist.user_id]


def test_what_is_answered_or_answers_itself_is_done(place: Asked, made: Appointment) -> None:
    place.move_there(at(13, days=3), at(14, days=3))
    place.round()
    place.tell()
    place.answer(PUT_BACK)
    assert [each.done_at for each in place.tasks()] == [place.now]
    place.round()
    place.move_there(at(13, days=3), at(14, days=3))
    place.round()
    place.tell()
    place.move_there(made.starts_at, made.ends_at)
    place.round()
    place.tell()
    assert [each.done_at is not None for each in place.tasks()] == [True, True]


def test_a_question_stays_while_its_calendar_lets_nobody_in(place: Asked, office: Office, made: Appointment) -> None:
    """It was seen while it did, and what was moved there is known."""
    place.move_there(at(13, days=3), at(13, days=3) + (made.ends_at - made.starts_at))
    place.round()
    place.tell()
    place.elsewhere.fail_next(CalendarFailure.REFUSED)
    place.round()
    assert place.calendar().connection.state == ConnectionState.REFUSED
    place.tell()
    assert [each.done_at for each in place.tasks()] == [None]
    assert len(list_seen_changes(office.practice.id, now=place.now)) == 1
    place.answer(MOVE)
    assert (starts_at(made), place.tasks()[0].done_at) == (at(13, days=3), place.now)


@pytest.fixture
def emptied(place: Asked, office: Office) -> Asked:
    for hour in (9, 10, 11, 13, 14, 15):
        book(office, at(hour, days=3), contact=make_contact())
    place.round()
    place.round()
    place.delete_there(6)
    place.round()
    return place


@pytest.mark.parametrize("is_on_purpose", [False, True])
def test_an_emptied_calendar_is_asked_about_once(emptied: Asked, office: Office, is_on_purpose: bool) -> None:
    assert (emptied.tell(), emptied.tell(), [each.kind for each in emptied.tasks()]) == (1, 0, [TaskKind.EMPTIED])
    assert list_seen_changes(office.practice.id, now=emptied.now) == []
    (asked,) = list_missing(office.practice.id, now=emptied.now)
    assert asked.count == 6
    emptied.round()
    assert emptied.where() == []
    answer_missing(
        practice_id=office.practice.id,
        calendar_public_id=asked.calendar.public_id,
        is_on_purpose=is_on_purpose,
        by=BY_STAFF,
        now=emptied.now,
    )
    emptied.round()
    emptied.round()
    assert (len(emptied.where()), emptied.calendar().is_written) == ((0, False) if is_on_purpose else (6, True))
    assert (list_missing(office.practice.id, now=emptied.now), emptied.tasks()[0].done_at is None) == ([], False)


def test_what_still_stands_in_one_that_was_emptied_on_purpose_is_taken_out(place: Asked, office: Office) -> None:
    """Also when it could not be written into for a moment."""
    for hour in (9, 10, 11, 13, 14, 15):
        book(office, at(hour, days=3), contact=make_contact())
    place.round()
    place.round()
    change(place.calendar(), write_failure=CalendarFailure.TIMED_OUT, write_failures=1)
    place.delete_there(5)
    place.read()
    calendar = place.calendar()
    assert (len(place.where()), calendar.missing_since) == (1, place.now)
    which = {"practice_id": office.practice.id, "calendar_public_id": calendar.public_id}
    answer_missing(**which, is_on_purpose=True, by=BY_STAFF, now=place.now)  # type: ignore[arg-type]
    place.round()
    assert (place.where(), place.calendar().is_written) == ([], False)


def test_a_calendar_that_is_gone_may_be_given_up(emptied: Asked, office: Office) -> None:
    answer_missing(
        practice_id=office.practice.id,
        calendar_public_id=emptied.calendar().public_id,
        is_on_purpose=False,
        by=BY_STAFF,
        now=emptied.now,
    )
    emptied.elsewhere.remove_calendar("dana", "work")
    emptied.now += timedelta(days=1)
    emptied.write(now=emptied.now)
    assert emptied.tell() == 1
    answer_missing(
        practice_id=office.practice.id,
        calendar_public_id=emptied.calendar().public_id,
        is_on_purpose=True,
        by=BY_STAFF,
        now=emptied.now,
    )
    tried = len(emptied.elsewhere.asked)
    emptied.write(now=emptied.now + timedelta(days=1))
    assert len(emptied.elsewhere.asked) == tried
    lines = select(PracticeEvent.details).where(PracticeEvent.subject == AuditSubject.CALENDAR_CONNECTION)
    said = [each.get("after", {}).get("gone_on_purpose") for each in db.session.scalars(lines)]
    assert [each for each in said if each is not None] == [False, True]


def shut_out(place: Asked, *, is_out: bool = True) -> CalendarConnection:
    """Its password was changed there, and set here again."""
    now_it = {"state": ConnectionState.REFUSED, "failure": CalendarFailure.REFUSED, "failing_since": place.now}
    if not is_out:
        now_it = {"state": ConnectionState.WORKING, "failure": None, "failing_since": None}
    return change(place.calendar().connection, **now_it, due_at=place.now)


def test_it_is_asked_still_when_its_calendar_lets_us_in_no_more(
    place: Asked, made: Appointment, office: Office
) -> None:
    place.move_there(at(13, days=3), at(14, days=3))
    place.round()
    shut_out(place)
    place.tell()
    place.write(now=place.now)
    assert len(place.waiting()) == len(list_seen_changes(office.practice.id, now=place.now)) == 1
    place.answer(PUT_BACK)
    assert (place.waiting(), list_seen_changes(office.practice.id, now=place.now)) == ([], [])
    shut_out(place, is_out=False)
    place.round()
    assert place.where() == [(made.starts_at, made.ends_at)]


def test_what_was_taken_off_the_list_while_it_is_asked_comes_back(place: Asked, made: Appointment) -> None:
    place.delete_there()
    place.round()
    place.tell()
    change(place.tasks()[0], done_at=place.now)
    place.tell()
    assert len(place.waiting()) == 1


def test_nobody_takes_a_question_off_the_list(place: Asked, made: Appointment, office: Office) -> None:
    place.delete_there()
    place.round()
    with pytest.raises(GoesByItself):
        finish_task(
            practice_id=office.practice.id,
            task_public_id=place.tasks()[0].public_id,
            by=BY_STAFF,
            now=place.now,
        )
    place.answer(LEAVE_OUT)
    assert place.waiting() == []


def test_the_list_says_what_was_done_last(place: Asked, made: Appointment) -> None:
    place.move_there(at(13, days=3), at(14, days=3))
    place.round()
    place.tell()
    place.delete_there()
    place.round()
    assert place.waiting() == [f"{HAPPENED[SeenChange.DELETED]} {UNCHANGED}"]


@pytest.mark.parametrize("is_out", [False, True])
def test_what_is_cancelled_here_is_asked_no_more(place: Asked, made: Appointment, office: Office, is_out: bool) -> None:
    place.move_there(at(13, days=3), at(14, days=3))
    place.round()
    if is_out:
        shut_out(place)
    place.now += MINUTES
    cancel(made, now=place.now)
    place.write(now=place.now)
    assert (place.waiting(), list_seen_changes(office.practice.id, now=place.now)) == ([], [])


def test_what_has_begun_is_asked_no_more(place: Asked, made: Appointment) -> None:
    place.move_there(at(13, days=3), at(14, days=3))
    place.round()
    place.now = made.starts_at - MINUTES
    place.tell()
    assert place.waiting() == []


def test_an_emptied_calendar_is_asked_about_until_the_last_has_begun(emptied: Asked) -> None:
    ahead = [each.appointment for each in emptied.rows()]
    emptied.now = min(each.starts_at for each in ahead)
    emptied.tell()
    assert (len(emptied.tasks()), len(emptied.waiting())) == (1, 1)
    emptied.now = max(each.starts_at for each in ahead)
    emptied.tell()
    assert (len(emptied.tasks()), len(emptied.waiting())) == (1, 0)


@pytest.mark.parametrize("how", ["ended", "left"])
def test_nothing_is_asked_of_a_connection_that_is_over(
    place: Asked, made: Appointment, office: Office, how: str
) -> None:
    place.move_there(at(13, days=3), at(14, days=3))
    place.round()
    connection = shut_out(place)
    place.now += timedelta(days=1)
    if how == "ended":
        end_connection(
            practice_id=office.practice.id, connection_public_id=connection.public_id, by=BY_STAFF, now=place.now
        )
    else:
        change(office.therapist, ended_at=place.now)
        end_connections_of_those_who_left(sign_ins={}, ring=RING, now=place.now)
    assert (place.waiting(), list_seen_changes(office.practice.id, now=place.now)) == ([], [])
    assert find_written_about(made.id) == []
    for answer in (MOVE, PUT_BACK):
        with pytest.raises(InvalidInput):
            place.answer(answer)
    assert starts_at(made) == at(10, days=3)


def test_a_calendar_that_is_over_is_not_asked_about(emptied: Asked, office: Office) -> None:
    found = emptied.calendar()
    which = {"practice_id": office.practice.id, "by": BY_STAFF, "now": emptied.now}
    end_connection(**which, connection_public_id=found.connection.public_id)
    assert emptied.waiting() == []
    with pytest.raises(InvalidInput):
        answer_missing(**which, calendar_public_id=found.public_id, is_on_purpose=False)


def test_a_question_about_several_is_nobodys_alone(place: Asked, office: Office) -> None:
    change(office.service, kind=ServiceKind.GROUP, capacity=6, name="Evening group")
    for name in ("Jane Doe", "Joe Roe"):
        book(office, at(15, days=3), contact=make_contact(name=name), now=place.now)
    place.round()
    place.round()
    place.move_there(at(17, days=3), at(18, days=3))
    place.round()
    (task,) = place.tasks()
    assert task.client_id is None
    others = make_therapist(office.practice, office.service, location=office.location)
    seen_by = [
        [each.public_id for each in list_open_tasks(office.practice.id, therapist_id=who)]
        for who in (None, office.therapist.id, others.id)
    ]
    assert seen_by == [[task.public_id], [task.public_id], []]


def test_a_colleague_of_the_same_client_is_not_asked(place: Asked, made: Appointment, office: Office) -> None:
    other = make_therapist(office.practice, office.service, location=office.location)
    book(office, at(15, days=2), therapist=other.public_id, now=place.now)
    place.move_there(at(13, days=3), at(14, days=3))
    place.round()
    assert list_open_tasks(office.practice.id, therapist_id=other.id) == []


def test_a_length_that_its_service_has_is_taken(place: Asked, made: Appointment, office: Office) -> None:
    longer = made.minutes + 30
    place.move_there(made.starts_at, made.starts_at + timedelta(minutes=longer))
    place.round()
    with pytest.raises(InvalidInput):
        place.answer(MOVE)
    assert find_minutes_there(place.row()) is None
    change(office.service, other_lengths=[longer])
    assert find_minutes_there(place.row()) == longer
    place.answer(MOVE)
    assert (starts_at(made), made.minutes) == (at(10, days=3), longer)


def test_moved_at_another_length_it_keeps_its_own(place: Asked, made: Appointment) -> None:
    kept = made.minutes
    place.move_there(at(13, days=3), at(13, days=3) + timedelta(minutes=kept + 25))
    place.round()
    place.answer(MOVE)
    assert (starts_at(made), made.minutes) == (at(13, days=3), kept)
    place.round()
    place.round()
    assert place.where() == [(at(13, days=3), at(13, days=3) + timedelta(minutes=kept))]
    assert place.question() == (WrittenState.STANDS, None)
