"""What was done to appointments in own calendars, read and answered by programs."""

from __future__ import annotations

import pytest

from telehealth.database import db
from telehealth.domain.calendar_words import SeenChange, WrittenState
from telehealth.domain.words import Role
from telehealth.models import Appointment, ConnectedCalendar, WrittenAppointment
from telehealth.services.calendars.answering import tell_of_questions
from tests.api.caller import Caller, path_of
from tests.api.conftest import token_of
from tests.factories import Office, add_busy, book, make_contact, make_therapist, make_user
from tests.factories.connections import connect_calendars, make_asked
from tests.factories.rows import change
from tests.moments import NOW, at


@pytest.fixture
def therapist(office: Office) -> str:
    user = make_user(office.practice, Role.THERAPIST)
    change(office.therapist, user_id=user.id)
    return token_of(user)


@pytest.fixture
def calendar(office: Office) -> ConnectedCalendar:
    return connect_calendars(office.therapist).calendars[0]


def state(row: WrittenAppointment) -> WrittenState:
    db.session.expire_all()
    return db.session.get_one(WrittenAppointment, row.id).state


def test_a_move_there_is_listed_and_made_here(
    api: Caller, office: Office, therapist: str, calendar: ConnectedCalendar
) -> None:
    made = book(office, at(10, days=2))
    row = make_asked(calendar, made)
    (asked,) = api.get(path_of(office, "/calendar-changes"), token=therapist)["changes"]
    assert (asked["id"], asked["appointment"], asked["seen"]) == (row.public_id, made.public_id, "moved")
    assert (asked["start"], asked["seen_start"]) == ("2026-11-25T17:00:00Z", "2026-11-25T18:00:00Z")
    one = path_of(office, f"/calendar-changes/{row.public_id}/answer")
    api.refused("invalid_input", "PUT", one, json={"answer": "move"}, token=therapist)
    move = {"answer": "move", "seen_start": asked["seen_start"], "seen_end": asked["seen_end"]}
    change(row, seen_starts_at=at(13, days=2), seen_ends_at=at(13, days=2) + (made.ends_at - made.starts_at))
    api.refused("moved_there_again", "PUT", one, json=move, token=therapist)
    assert db.session.get_one(Appointment, made.id).starts_at == at(10, days=2)
    (again,) = api.get(path_of(office, "/calendar-changes"), token=therapist)["changes"]
    move |= {"seen_start": again["seen_start"], "seen_end": again["seen_end"]}
    assert api.put(one, move, token=therapist) == {"changes": [], "missing": []}
    assert state(row) == WrittenState.WAITING
    assert db.session.get_one(Appointment, made.id).starts_at == at(13, days=2)
    api.refused("invalid_input", "PUT", one, json={"answer": "put_back"}, token=therapist)


def test_what_was_deleted_is_left_out(api: Caller, office: Office, therapist: str, calendar: ConnectedCalendar) -> None:
    deleted = {"seen": SeenChange.DELETED, "seen_starts_at": None, "seen_ends_at": None}
    row = make_asked(calendar, book(office, at(10, days=2)), **deleted)
    one = path_of(office, f"/calendar-changes/{row.public_id}/answer")
    api.refused("invalid_input", "PUT", one, json={"answer": "move"}, token=therapist)
    api.put(one, {"answer": "leave_out"}, token=therapist)
    assert state(row) == WrittenState.LEFT_OUT


def test_what_its_service_has_no_length_for_is_only_put_back(
    api: Caller, office: Office, therapist: str, calendar: ConnectedCalendar
) -> None:
    made = book(office, at(10, days=2))
    longer = {"seen": SeenChange.RESIZED, "seen_starts_at": made.starts_at, "seen_ends_at": at(12, days=2)}
    row = make_asked(calendar, made, **longer)
    (asked,) = api.get(path_of(office, "/calendar-changes"), token=therapist)["changes"]
    assert asked["minutes_there"] is None
    move = {"answer": "move", "seen_start": asked["seen_start"], "seen_end": asked["seen_end"]}
    one = path_of(office, f"/calendar-changes/{row.public_id}/answer")
    api.refused("invalid_input", "PUT", one, json=move, token=therapist)
    change(office.service, other_lengths=[120])
    (asked,) = api.get(path_of(office, "/calendar-changes"), token=therapist)["changes"]
    assert asked["minutes_there"] == 120
    api.put(one, move, token=therapist)
    assert db.session.get_one(Appointment, made.id).minutes == 120


def test_a_question_is_a_task_that_goes_by_itself(
    api: Caller, office: Office, therapist: str, calendar: ConnectedCalendar
) -> None:
    row = make_asked(calendar, book(office, at(10, days=2)))
    tell_of_questions(now=NOW)
    (task,) = api.get(path_of(office, "/tasks"), token=therapist)["tasks"]
    assert task["kind"] == "calendar"
    api.refused("goes_by_itself", "PUT", path_of(office, f"/tasks/{task['id']}/done"), token=therapist)
    api.put(path_of(office, f"/calendar-changes/{row.public_id}/answer"), {"answer": "put_back"}, token=therapist)
    assert api.get(path_of(office, "/tasks"), token=therapist)["tasks"] == []


def test_an_emptied_calendar_is_answered_at_once(
    api: Caller, office: Office, therapist: str, calendar: ConnectedCalendar
) -> None:
    row = make_asked(calendar, book(office, at(10, days=2)), state=WrittenState.MISSING, seen=None)
    change(calendar, missing_since=NOW, is_written=True)
    found = api.get(path_of(office, "/calendar-changes"), token=therapist)
    assert [(each["calendar"], each["appointments"]) for each in found["missing"]] == [(calendar.public_id, 1)]
    one = path_of(office, f"/connected-calendars/{calendar.public_id}/missing")
    assert api.put(one, {"on_purpose": False}, token=therapist)["missing"] == []
    assert state(row) == WrittenState.WAITING


def test_a_colleague_is_told_of_none_of_it(api: Caller, office: Office, calendar: ConnectedCalendar) -> None:
    row = make_asked(calendar, book(office, at(10, days=2)))
    user = make_user(office.practice, Role.THERAPIST)
    change(make_therapist(office.practice, office.service), user_id=user.id)
    colleague = token_of(user)
    assert api.get(path_of(office, "/calendar-changes"), token=colleague)["changes"] == []
    one = path_of(office, f"/calendar-changes/{row.public_id}/answer")
    api.refused("not_found", "PUT", one, json={"answer": "move"}, token=colleague)


def test_what_is_at_the_same_time_as_an_own_calendar_is_listed(api: Caller, office: Office, therapist: str) -> None:
    made = book(office, at(10, days=2))
    add_busy(office.therapist, at(10, 30, days=2), at(12, days=2))
    where = path_of(office, "/calendar-conflicts")
    colleague = make_user(office.practice, Role.THERAPIST)
    change(make_therapist(office.practice, office.service), user_id=colleague.id)
    front_desk = token_of(make_user(office.practice, Role.FRONT_DESK))
    for token, expected in ((therapist, [made.public_id]), (front_desk, [made.public_id]), (token_of(colleague), [])):
        assert [each["id"] for each in api.get(where, token=token)["appointments"]] == expected


def test_a_program_lists_as_many_of_them_as_it_wants(api: Caller, office: Office, therapist: str) -> None:
    made = [book(office, at(hour, days=2), contact=make_contact()) for hour in (9, 10, 11)]
    add_busy(office.therapist, at(8, days=2), at(13, days=2))
    where = path_of(office, "/calendar-conflicts")
    for query, listed in (("", 3), ("?limit=2", 2)):
        found = api.get(f"{where}{query}", token=therapist)
        assert found["count"] == 3
        assert [each["id"] for each in found["appointments"]] == [each.public_id for each in made[:listed]]
    api.refused("invalid_input", "GET", f"{where}?limit=0", token=therapist)
