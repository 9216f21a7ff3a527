"""What clients may move by themselves: how often, and whether the practice is asked again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import icalendar
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.errors import MovedTooOften
from telehealth.domain.message_words import Channel
from telehealth.domain.ports import Email
from telehealth.domain.words import AppointmentStatus, Approval
from telehealth.models import Appointment, Message, Practice
from telehealth.queries.appointments.requests import find_answer
from telehealth.services.appointments.approving import approve_request, decline_request, expire_requests
from telehealth.services.delivery.contents import write_content
from tests.factories import BY_STAFF, Office, book, make_office, move
from tests.moments import NOW, at

BOOKED, PENDING = AppointmentStatus.BOOKED, AppointmentStatus.PENDING
TEN, NOON, TWO = at(10), at(12), at(14)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office(service={"approval": Approval.ALWAYS, "approval_minutes": 120})


@pytest.fixture
def agreed(office: Office) -> Appointment:
    """Asked for and agreed on, a while ago."""
    made = book(office, TEN, now=NOW - 60 * MINUTE)
    return approve_request(practice_id=made.practice_id, appointment_id=made.id, by=BY_STAFF, now=NOW - 30 * MINUTE)


def allow(office: Office, **rules: int | bool | None) -> None:
    with transaction() as session:
        for name, value in rules.items():
            setattr(session.get_one(Practice, office.practice.id), name, value)


def answer(
    appointment: Appointment, verb: Callable[..., Appointment], *, now: datetime = NOW + 10 * MINUTE
) -> Appointment:
    return verb(practice_id=appointment.practice_id, appointment_id=appointment.id, by=BY_STAFF, now=now)


class TestTheYes:
    def test_is_asked_for_again(self, agreed: Appointment) -> None:
        moved = move(agreed, NOON)
        assert (moved.status, moved.expires_at) == (PENDING, NOW + timedelta(hours=2))
        assert {each.status for each in moved.seats} == {PENDING}
        assert find_answer(moved) is None, "the first yes was about another time"
        assert answer(moved, approve_request).status == BOOKED

    @pytest.mark.parametrize("approval", [Approval.NEVER, Approval.NEW_CLIENTS])
    def test_is_not_needed_where_it_never_was(self, database: Session, approval: Approval) -> None:
        office = make_office(service={"approval": approval})
        made = book(office, TEN)
        if made.status == PENDING:
            made = answer(made, approve_request, now=NOW)
        assert move(made, NOON).status == BOOKED

    def test_is_not_asked_for_by_staff_nor_where_the_practice_does_not_want_it(
        self, office: Office, agreed: Appointment
    ) -> None:
        assert move(agreed, NOON, by=BY_STAFF).status == BOOKED
        allow(office, moves_ask_again=False)
        assert move(agreed, TWO).status == BOOKED

    def test_holds_again_when_it_is_moved_back(self, agreed: Appointment) -> None:
        move(agreed, NOON)
        back = move(agreed, TEN, now=NOW + MINUTE)
        assert (back.status, back.expires_at) == (BOOKED, None)
        assert {each.status for each in back.seats} == {BOOKED}

    @pytest.mark.parametrize("end", ["declined", "expired"])
    def test_without_it_the_old_time_leaves_the_calendars(
        self, agreed: Appointment, database: Session, addresses: Addresses, end: str
    ) -> None:
        move(agreed, NOON)
        if end == "declined":
            answer(agreed, decline_request)
        else:
            expire_requests(now=NOW + timedelta(hours=3))
        database.expire_all()
        wanted = select(Message).where(Message.channel == Channel.EMAIL, Message.attendee_id.is_not(None))
        last = database.scalars(wanted.order_by(Message.id.desc())).first()
        assert last is not None
        rendered = write_content(last, addresses, now=NOW + timedelta(hours=4))
        assert isinstance(rendered, Email)
        assert rendered.invite is not None
        assert rendered.invite.method == "CANCEL"
        (event,) = icalendar.Calendar.from_ical(rendered.invite.content).walk("VEVENT")
        assert (event["UID"], event["STATUS"]) == (agreed.uid, "CANCELLED")


class TestHowOften:
    def test_as_often_as_they_like_unless_the_practice_says_otherwise(self, database: Session) -> None:
        made = book(make_office(), TEN)
        for start in (NOON, TWO, at(15), at(11), at(9)):
            move(made, start)
        assert made.starts_at == at(9)

    def test_no_more_than_that(self, database: Session) -> None:
        office = make_office()
        allow(office, most_moves=2)
        made = book(office, TEN)
        move(made, NOON)
        assert made.may_be_moved_online(now=NOW)
        move(made, TWO)
        assert not made.may_be_moved_online(now=NOW)
        with pytest.raises(MovedTooOften):
            move(made, at(15))
        assert made.starts_at == TWO
        assert move(made, at(15), by=BY_STAFF).starts_at == at(15)

    def test_moving_it_back_counts_as_none_and_is_always_possible(self, database: Session) -> None:
        office = make_office()
        allow(office, most_moves=1)
        made = book(office, TEN)
        for _ in range(3):
            move(made, NOON)
            move(made, TEN)
        assert made.may_be_moved_online(now=NOW)
        move(made, NOON)
        with pytest.raises(MovedTooOften):
            move(made, TWO)

    def test_none_at_all(self, database: Session) -> None:
        office = make_office()
        allow(office, most_moves=0)
        made = book(office, TEN)
        with pytest.raises(MovedTooOften):
            move(made, NOON)
