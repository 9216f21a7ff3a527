"""Telling a therapist that a calendar of theirs is not read any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.calendar_words import CalendarFailure, ConnectionState
from telehealth.domain.login_letters import LoginLetterKind, write_login_letter
from telehealth.domain.words import Role
from telehealth.models import CalendarConnection, LoginLetter, Message, User
from telehealth.services.calendars.warning import warn_of_silent_calendars
from telehealth.services.practice.therapists import end_therapist
from tests.factories import BY_STAFF, Office, make_office, make_user
from tests.factories.connections import make_connection
from tests.factories.rows import change
from tests.moments import NOW

pytestmark = pytest.mark.usefixtures("database")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FAILING: dict[str, Any] = {
    "state": ConnectionState.FAILING,
    "failure": CalendarFailure.UNREACHABLE,
    "failing_since": NOW - DAY,
    "failures": 9,
}
REFUSED: dict[str, Any] = {**FAILING, "state": ConnectionState.REFUSED, "failure": CalendarFailure.REFUSED}


@pytest.fixture
def office() -> Office:
    made = make_office(therapist={"name": "Dana Rivera"})
    change(made.therapist, user_id=make_user(made.practice, Role.THERAPIST).id)
    return made


def letters() -> list[LoginLetterKind]:
    return list(db.session.scalars(select(LoginLetter.kind).order_by(LoginLetter.id)))


def test_who_does_not_answer_for_a_day_is_told_of(office: Office) -> None:
    made = make_connection(office.therapist, **FAILING)
    assert warn_of_silent_calendars(now=NOW - HOUR) == 0
    assert warn_of_silent_calendars(now=NOW) == 1
    assert letters() == [LoginLetterKind.CALENDAR_SILENT]
    assert db.session.get_one(CalendarConnection, made.id).warned_at == NOW
    message = db.session.scalars(select(Message)).one()
    assert message.due_at == NOW
    assert message.sent_to == db.session.scalars(select(LoginLetter)).one().user.email


def test_once_a_week_while_it_stays_so(office: Office) -> None:
    make_connection(office.therapist, **FAILING)
    told = [warn_of_silent_calendars(now=NOW + days * DAY) for days in range(15)]
    assert [days for days, count in enumerate(told) if count] == [0, 7, 14]
    assert len(letters()) == 3


def test_who_lets_us_in_no_more_is_told_of_at_once(office: Office) -> None:
    make_connection(office.therapist, **{**REFUSED, "failing_since": NOW})
    warn_of_silent_calendars(now=NOW)
    assert letters() == [LoginLetterKind.CALENDAR_REFUSED]


def test_several_together_are_one_letter(office: Office) -> None:
    for _ in range(3):
        make_connection(office.therapist, **FAILING)
    assert warn_of_silent_calendars(now=NOW) == 3
    assert warn_of_silent_calendars(now=NOW + HOUR) == 0
    assert letters() == [LoginLetterKind.CALENDAR_SILENT]


@pytest.mark.parametrize("state", [ConnectionState.NEW, ConnectionState.WORKING, ConnectionState.ENDED])
def test_nothing_is_said_of_others(office: Office, state: ConnectionState) -> None:
    make_connection(office.therapist, **{**FAILING, "state": state})
    assert warn_of_silent_calendars(now=NOW) == 0


def test_who_has_left_is_not_written_to(office: Office) -> None:
    make_connection(office.therapist, **FAILING)
    whose: dict[str, Any] = {
        "practice_id": office.practice.id,
        "therapist_public_id": office.therapist.public_id,
    }
    end_therapist(**whose, by=BY_STAFF, now=NOW)
    assert warn_of_silent_calendars(now=NOW) == 0


def test_who_has_no_login_is_looked_at_once_a_week(office: Office) -> None:
    change(office.therapist, user_id=None)
    make_connection(office.therapist, **FAILING)
    assert [warn_of_silent_calendars(now=NOW), warn_of_silent_calendars(now=NOW)] == [1, 0]
    assert letters() == []


@pytest.mark.parametrize("is_off", [False, True])
def test_of_one_who_cannot_sign_in_the_desk_is_told(office: Office, is_off: bool) -> None:
    desk = {make_user(office.practice, each).id for each in (Role.OWNER, Role.FRONT_DESK)}
    make_user(office.practice, Role.BILLER)
    if is_off:
        change(db.session.get_one(User, office.therapist.user_id), active=False)
    else:
        change(office.therapist, user_id=None)
    for _ in range(2):
        make_connection(office.therapist, **FAILING)
    warn_of_silent_calendars(now=NOW)
    sent = db.session.scalars(select(LoginLetter)).all()
    assert {each.kind for each in sent} == {LoginLetterKind.CALENDAR_OF_OTHER}
    assert sorted(each.user_id for each in sent) == sorted(desk), "one letter each, however many fail"
    letter = write_login_letter(LoginLetterKind.CALENDAR_OF_OTHER, sender="Riverside", link="", desk="https://desk")
    assert "leads to whose it is" in " ".join(letter.paragraphs)
