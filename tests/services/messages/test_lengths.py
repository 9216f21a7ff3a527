"""What is said of another length: to whom, when, in which words, and that staff may say it themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import MessageKind, MessageStatus, Reason
from telehealth.domain.ports import Gateways
from telehealth.models import Appointment, Message, Task
from tests.factories import BY_STAFF, Office, book, make_office, move
from tests.fakes import FakeClock, FakeEmails, FakeTexts
from tests.moments import at
from tests.services.messages.test_planning import Post, invites

K, S = MessageKind, MessageStatus
MINUTE = timedelta(minutes=1)


@pytest.fixture
def post(addresses: Addresses, gateways: Gateways, clock: FakeClock, emails: FakeEmails, texts: FakeTexts) -> Post:
    return Post(addresses, gateways, clock, emails, texts)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office(service={"other_lengths": [80]}, with_rules=False)


def change_length(
    made: Appointment, post: Post, minutes: int = 80, starts_at: datetime | None = None, **given: object
) -> Appointment:
    start = starts_at or made.starts_at
    return move(made, start, by=BY_STAFF, now=post.clock(), minutes=minutes, **given)


def quiet(database: Session, made: Appointment) -> list[Message]:
    wanted = select(Message).where(Message.appointment_id == made.id, Message.reason == Reason.TOLD_OTHERWISE)
    return list(database.scalars(wanted.order_by(Message.id)))


def test_everybody_is_told_once_the_grace_is_over(post: Post, office: Office) -> None:
    made = book(office, at(10, days=7))
    post.read()
    change_length(made, post)
    post.later(MINUTE)
    assert post.emails.sent[2:] == []
    came = post.read()
    client = made.attendees[0].email
    assert {each.to: each.letter.subject.partition(":")[0] for each in came} == {
        client: "Changed",
        office.therapist.email: "Changed",
    }
    assert invites(came)[client][:2] == ("REQUEST", 1)
    assert "80 minutes" in dict(next(each for each in came if each.to == client).letter.facts)["Length"]
    assert "It is now on Mon, Nov 30 at 10:00 AM MST, by video, 80 minutes." in post.texts.sent[-1].body


def test_undone_within_the_grace_nobody_hears_of_it(post: Post, office: Office) -> None:
    made = book(office, at(10, days=7))
    post.read()
    change_length(made, post)
    post.later(MINUTE)
    change_length(made, post, 50)
    assert post.subjects() == {}


def test_staff_may_tell_the_client_themselves(post: Post, office: Office, database: Session) -> None:
    made = book(office, at(10, days=7))
    post.read()
    change_length(made, post, tells_clients=False)
    assert post.subjects() == {office.therapist.email: "Changed"}
    assert len(post.texts.sent) == 1  # That it is booked.
    hushed = quiet(database, made)
    assert {(each.kind, each.status) for each in hushed} == {(K.MOVED, S.VOID)}
    assert {each.attendee_id for each in hushed} == {made.attendees[0].id}
    move(made, at(14, days=7), by=BY_STAFF, now=post.clock())
    told = post.read()
    assert {dict(each.letter.facts)["Before"] for each in told} == {
        "Monday, November 30, 2026, 10:00 AM MST (Mountain Time)"
    }


def test_who_has_yet_to_hear_other_news_hears_all_of_it(post: Post, office: Office, database: Session) -> None:
    made = book(office, at(10, days=7))
    post.read()
    move(made, at(14, days=7), by=BY_STAFF, now=post.clock())
    change_length(made, post, tells_clients=False)
    assert post.subjects() == dict.fromkeys([made.attendees[0].email, office.therapist.email], "Changed")
    assert quiet(database, made) == []


def test_only_a_length_can_be_kept_quiet(post: Post, office: Office, database: Session) -> None:
    made = book(office, at(10, days=7))
    post.read()
    change_length(made, post, starts_at=at(14, days=7), tells_clients=False)
    assert made.attendees[0].email in post.subjects()


def test_who_is_told_by_staff_is_not_to_be_called_as_well(post: Post, office: Office, database: Session) -> None:
    made = book(office, at(9))
    post.read()
    post.clock.advance(at(7, 45) - post.clock())
    change_length(made, post, tells_clients=False)
    assert database.scalars(select(Task)).all() == []
    change_length(made, post, 50)
    assert len(database.scalars(select(Task)).all()) == 1


def test_where_a_service_has_one_length_messages_say_none(post: Post, database: Session) -> None:
    book(make_office(with_rules=False), at(10, days=7))
    assert all("Length" not in dict(each.letter.facts) for each in post.read())
