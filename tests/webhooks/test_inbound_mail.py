"""Answers to invites, letters and mail that came back, as a provider hands them in."""

from __future__ import annotations

import base64
import io
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from telehealth.database import transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import AuditAction, Via
from telehealth.domain.calendar_words import CalendarAnswer
from telehealth.domain.companions import MessagesTo
from telehealth.domain.message_words import Channel, MessageKind, TaskKind
from telehealth.domain.ports import Email
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, AppointmentEvent, Attendee, InviteAnswer, Message, Task
from telehealth.queries.inbox.invite_answers import find_proposals
from telehealth.services.appointments.attending import confirm_seat
from telehealth.services.delivery.contents import write_content
from telehealth.services.delivery.invites import METHODS
from telehealth.services.inbox.invite_answers import ASKED_ONCE_IN, SAID_NO, WERE_ASKED
from tests.factories import BY_STAFF, book, cancel, make_companion, make_contact, make_couple_office, make_office, move
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.read_samples import MAILED, answer_to, read_sample, sent
from tests.texting import seat_of

PATH = "/webhooks/mail/inbound"
A = CalendarAnswer
ASKED = (MessageKind.INVITE_DECLINED, MessageKind.INVITE_COUNTERED)


@pytest.fixture
def appointment(client: FlaskClient) -> Appointment:
    return book(make_office(), contact=make_contact(email="jane@example.com"))


@pytest.fixture
def post(app: Flask, client: FlaskClient) -> Any:
    def send(raw: bytes, **given: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {app.config['BOUNCE_TOKEN']}"}
        return client.post(PATH, **{"data": raw, "headers": headers, **given})

    return send


def answer_of(database: Session, appointment: Appointment) -> CalendarAnswer | None:
    database.expire_all()
    return database.scalars(select(Attendee).where(Attendee.appointment_id == appointment.id)).first().calendar_answer  # type: ignore[union-attr]


def lines(database: Session, action: AuditAction = AuditAction.ANSWERED_INVITE) -> list[AppointmentEvent]:
    found = select(AppointmentEvent).where(AppointmentEvent.action == action).order_by(AppointmentEvent.id)
    return list(database.scalars(found))


def asked(database: Session) -> list[Message]:
    return list(database.scalars(select(Message).where(Message.kind.in_(ASKED)).order_by(Message.id)))


def tasks(database: Session) -> list[Task]:
    return list(database.scalars(select(Task).order_by(Task.id)))


def test_accepted_shows_on_the_seat(database: Session, post: Any, appointment: Appointment) -> None:
    assert post(answer_to(appointment)).status_code == 204
    assert answer_of(database, appointment) == A.ACCEPTED
    assert seat_of(appointment).confirmed_at is None, "calendars accept by themselves"
    (line,) = lines(database)
    assert (line.via, line.details["answer"], line.details["attendee"]) == (
        Via.MAIL, "accepted", seat_of(appointment).public_id,
    )  # fmt: skip
    assert (asked(database), tasks(database)) == ([], [])


def test_the_latest_answer_wins_however_they_come(database: Session, post: Any, appointment: Appointment) -> None:
    for answer, stamp in (("TENTATIVE", "20260302T160500Z"), ("DECLINED", "20260302T160000Z")):
        post(answer_to(appointment, answer, stamp=stamp))
    assert answer_of(database, appointment) == A.TENTATIVE
    assert len(lines(database)) == 1
    post(answer_to(appointment, "ACCEPTED", stamp="20260302T161000Z"))
    assert answer_of(database, appointment) == A.ACCEPTED


@pytest.mark.parametrize("odd", [{"sequence": 2**31 - 1}, {"stamp": "20990101T000000Z"}])
def test_no_answer_is_the_latest_for_ever(
    database: Session, post: Any, appointment: Appointment, clock: FakeClock, odd: Any
) -> None:
    """There is no later invite than ours, and nobody has answered tomorrow."""
    for _ in range(2):
        post(answer_to(appointment, "TENTATIVE", **odd))
        clock.advance(timedelta(minutes=5))
    assert (answer_of(database, appointment), len(lines(database))) == (A.TENTATIVE, 1)
    clock.advance(timedelta(hours=1))
    post(answer_to(appointment, "DECLINED", stamp=f"{clock():%Y%m%dT%H%M%SZ}"))
    assert answer_of(database, appointment) == A.DECLINED
    (first, _) = database.scalars(select(InviteAnswer).order_by(InviteAnswer.id))
    assert (first.sequence, first.stamped_at <= NOW) == (appointment.sequence, True)


@pytest.mark.parametrize("odd", [{"sequence": 2**31 - 1}, {"stamped_at": datetime(2099, 1, 1, tzinfo=UTC)}])
def test_what_was_kept_as_later_than_it_can_be_blocks_nothing(
    database: Session, post: Any, appointment: Appointment, odd: Any
) -> None:
    post(answer_to(appointment, "TENTATIVE"))
    with transaction() as session:
        session.execute(update(InviteAnswer).values(**odd))
    post(answer_to(appointment, "DECLINED", stamp="20260302T161000Z"))
    assert answer_of(database, appointment) == A.DECLINED


def test_a_clock_that_is_a_little_ahead(database: Session, post: Any, appointment: Appointment) -> None:
    for minute, answer in ((4, "DECLINED"), (3, "TENTATIVE")):
        post(answer_to(appointment, answer, stamp=f"20261123T160{minute}00Z"))
    assert answer_of(database, appointment) == A.DECLINED


def test_twice_is_once(database: Session, post: Any, appointment: Appointment) -> None:
    for _ in range(3):
        assert post(answer_to(appointment, "DECLINED")).status_code == 204
    kept = [database.scalars(select(InviteAnswer)).all(), lines(database), asked(database), tasks(database)]
    assert [len(each) for each in kept] == [1, 1, 1, 1]


def test_declined_asks_and_cancels_nothing(database: Session, post: Any, appointment: Appointment) -> None:
    post(answer_to(appointment, "DECLINED"))
    assert answer_of(database, appointment) == A.DECLINED
    assert database.get_one(Appointment, appointment.id).status == AppointmentStatus.BOOKED
    (mail,), (task,) = asked(database), tasks(database)
    assert (mail.kind, mail.channel, mail.attendee_id) == (
        MessageKind.INVITE_DECLINED, Channel.EMAIL, seat_of(appointment).id,
    )  # fmt: skip
    assert (task.kind, task.appointment_id, task.message_id) == (TaskKind.INVITE, appointment.id, mail.id)
    assert task.note.startswith("Their calendar said no")


def test_a_no_said_again_asks_once(database: Session, post: Any, appointment: Appointment, clock: FakeClock) -> None:
    """Two programs of one reader say it, or one says it again; after a yes, a no is news, and asks again in a while."""
    for minute in (1, 2):
        post(answer_to(appointment, "DECLINED", stamp=f"20260302T160{minute}00Z"))
    assert (len(asked(database)), len(tasks(database))) == (1, 1)
    post(answer_to(appointment, "ACCEPTED", stamp="20260302T160300Z"))
    post(answer_to(appointment, "DECLINED", stamp="20260302T160400Z"))
    assert (len(asked(database)), len(tasks(database))) == (1, 1)
    clock.advance(ASKED_ONCE_IN)
    post(answer_to(appointment, "ACCEPTED", stamp="20260302T160500Z"))
    post(answer_to(appointment, "DECLINED", stamp="20260302T160600Z"))
    (_, latest), (task,) = asked(database), tasks(database)
    assert task.message_id == latest.id


def test_a_flood_of_answers_is_one_task_and_one_mail(
    database: Session, post: Any, appointment: Appointment, clock: FakeClock
) -> None:
    """Some calendars change their mind by themselves, and some forms send what anybody types."""
    for minute in range(0, 60, 2):
        stamps = [f"20260302T16{minute + each:02}00Z" for each in (0, 1)]
        post(answer_to(appointment, "TENTATIVE", stamp=stamps[0], proposes=f"20261125T18{minute:02}00Z"))
        post(answer_to(appointment, "DECLINED" if minute % 4 else "ACCEPTED", stamp=stamps[1]))
        clock.advance(timedelta(minutes=2))
    assert sorted(each.kind for each in asked(database)) == sorted(ASKED)
    (task,) = tasks(database)
    assert task.note == f"{SAID_NO} {WERE_ASKED}", "what they said last"
    assert len(lines(database)) == 60
    post(answer_to(appointment, "TENTATIVE", stamp="20260302T170000Z", proposes="20261125T190000Z"))
    assert "12:00" in tasks(database)[0].note


def test_what_is_done_is_asked_anew(database: Session, post: Any, appointment: Appointment) -> None:
    """The desk has looked at what they said before, and not at this; they have our mail already."""
    post(answer_to(appointment, "DECLINED"))
    with transaction() as session:
        session.execute(update(Task).values(done_at=NOW))
    post(answer_to(appointment, "ACCEPTED", stamp="20260302T170000Z"))
    post(answer_to(appointment, "DECLINED", stamp="20260302T170100Z"))
    first, second = tasks(database)
    assert (first.done_at, second.done_at, second.note) == (NOW, None, f"{SAID_NO} {WERE_ASKED}")
    assert len(asked(database)) == 1


def test_a_no_puts_a_confirmation_in_doubt(database: Session, post: Any, appointment: Appointment) -> None:
    confirm_seat(attendee_public_id=seat_of(appointment).public_id, by=BY_STAFF, now=NOW)
    post(answer_to(appointment))
    database.expire_all()
    assert seat_of(appointment).confirmed_at is not None
    post(answer_to(appointment, "DECLINED", stamp="20260302T170000Z"))
    database.expire_all()
    assert seat_of(appointment).confirmed_at is None
    assert lines(database, AuditAction.UNCONFIRMED)[0].via == Via.MAIL


def test_another_time_is_a_question_for_the_desk(database: Session, post: Any, appointment: Appointment) -> None:
    before = appointment.starts_at
    post(answer_to(appointment, "TENTATIVE", proposes="20261125T180000Z"))
    assert answer_of(database, appointment) == A.COUNTERED
    assert database.get_one(Appointment, appointment.id).starts_at == before
    (mail,), (task,) = asked(database), tasks(database)
    assert (mail.kind, task.kind) == (MessageKind.INVITE_COUNTERED, TaskKind.INVITE)
    assert "11:00" in task.note, "in the zone of the appointment"
    assert lines(database)[0].details["proposed"] == "2026-11-25T18:00:00+00:00"


@pytest.mark.parametrize(
    "start", ["00010101T000000Z", "00010102T000000Z", "20261123T150000Z", "20300101T000000Z", "99991231T235959Z"]
)
def test_a_time_that_cannot_be_is_no_proposal(
    database: Session, post: Any, appointment: Appointment, start: str
) -> None:
    """They would like another one all the same, and the desk asks which."""
    assert post(answer_to(appointment, "TENTATIVE", proposes=start)).status_code == 204
    assert answer_of(database, appointment) == A.COUNTERED
    (task,), (kept,) = tasks(database), database.scalars(select(InviteAnswer))
    assert "another time: it is in the mailbox" in task.note
    assert (kept.proposed_start, kept.proposed_end) == (None, None)
    assert find_proposals([appointment.id]) == {}


def test_a_proposal_that_was_taken_back_by_another_is_none(
    database: Session, post: Any, appointment: Appointment
) -> None:
    """What they want since nobody could read: the desk is not offered what they wanted before."""
    post(answer_to(appointment, "TENTATIVE", proposes="20261125T180000Z"))
    assert list(find_proposals([appointment.id])) == [appointment.id]
    post(answer_to(appointment, "TENTATIVE", proposes="99991231T235959Z", stamp="20260302T161000Z"))
    assert answer_of(database, appointment) == A.COUNTERED
    assert find_proposals([appointment.id]) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"found": "mx.riverside.example; dmarc=fail header.from=example.com"},
        {"found": "mx.elsewhere.example; dmarc=pass header.from=example.com"},
    ],
)
def test_what_is_not_proved_is_counted_and_shown_to_nobody(
    database: Session, post: Any, appointment: Appointment, changes: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="telehealth"):
        assert post(answer_to(appointment, "DECLINED", **changes)).status_code == 204
    assert "nothing proves" in caplog.text
    assert "jane" not in caplog.text
    assert answer_of(database, appointment) is None
    assert (lines(database), asked(database), tasks(database)) == ([], [], [])
    assert database.scalars(select(InviteAnswer)).one().is_proved is False
    post(answer_to(appointment, "DECLINED"))
    assert answer_of(database, appointment) == A.DECLINED, "the same answer, proved, still counts"


def test_a_flood_of_forgeries_is_not_kept(database: Session, post: Any, appointment: Appointment) -> None:
    for minute in range(30):
        post(answer_to(appointment, found="x; none", stamp=f"20260302T16{minute:02}00Z"))
    assert len(database.scalars(select(InviteAnswer)).all()) == 20
    post(answer_to(appointment))
    assert answer_of(database, appointment) == A.ACCEPTED


def test_somebody_else_answers_for_nobody(database: Session, post: Any, appointment: Appointment) -> None:
    """An address that the invite did not go to; and one that it went to, in a mail from another."""
    post(answer_to(appointment, "DECLINED", address="eve@example.com"))
    forged = answer_to(appointment, "DECLINED").replace(b"From: jane@", b"From: eve@")
    post(forged)
    assert answer_of(database, appointment) is None
    assert [each.is_proved for each in database.scalars(select(InviteAnswer))] == [False]


def test_an_answer_to_an_earlier_time_says_nothing_of_this_one(
    database: Session, post: Any, appointment: Appointment
) -> None:
    post(answer_to(appointment))
    move(appointment, at(12))
    assert answer_of(database, appointment) is None
    post(answer_to(appointment, "DECLINED", sequence=0, stamp="20260302T170000Z"))
    assert answer_of(database, appointment) is None
    assert (asked(database), tasks(database)) == ([], [])
    post(answer_to(database.get_one(Appointment, appointment.id), "DECLINED", stamp="20260302T170100Z"))
    assert answer_of(database, appointment) == A.DECLINED


def test_what_is_over_or_cancelled_stays_as_it_is(database: Session, post: Any, appointment: Appointment) -> None:
    cancel(appointment)
    post(answer_to(appointment, "DECLINED"))
    assert (answer_of(database, appointment), asked(database), tasks(database)) == (None, [], [])


def test_a_couple_with_one_mailbox_is_asked_once(database: Session, post: Any, client: FlaskClient) -> None:
    office = make_couple_office()
    pair = [
        make_contact(name="Jane Doe", email="jane@example.com"),
        make_contact(name="Sam Doe", email="Jane@Example.com"),
    ]
    appointment = book(office, contact=pair[0], others=(pair[1],))
    post(answer_to(appointment, "DECLINED"))
    database.expire_all()
    assert [each.calendar_answer for each in appointment.attendees] == [A.DECLINED] * 2
    assert (len(lines(database)), len(asked(database)), len(tasks(database))) == (2, 1, 1)


def test_a_partner_answers_for_nobody_else(database: Session, post: Any, client: FlaskClient) -> None:
    office = make_couple_office()
    pair = [
        make_contact(name="Jane Doe", email="jane@example.com"),
        make_contact(name="Sam Doe", email="sam@example.com"),
    ]
    appointment = book(office, contact=pair[0], others=(pair[1],))
    post(answer_to(appointment, "DECLINED", address="sam@example.com"))
    database.expire_all()
    assert [each.calendar_answer for each in appointment.attendees] == [None, A.DECLINED]


def test_who_acts_for_a_client_answers_for_them(database: Session, post: Any, appointment: Appointment) -> None:
    mother = make_companion(seat_of(appointment).client, email="mum@example.com", messages_to=MessagesTo.BOTH)
    post(answer_to(appointment, "DECLINED", address="mum@example.com"))
    assert answer_of(database, appointment) == A.DECLINED
    assert lines(database)[0].details["companion"] == mother.public_id
    assert asked(database)[0].companion_id == mother.id


def test_whoever_may_change_nothing_answers_for_nobody(database: Session, post: Any, appointment: Appointment) -> None:
    make_companion(seat_of(appointment).client, email="mum@example.com", messages_to=MessagesTo.BOTH, may_change=False)
    post(answer_to(appointment, "DECLINED", address="mum@example.com"))
    assert answer_of(database, appointment) is None


def test_a_letter_is_for_a_person(database: Session, post: Any, appointment: Appointment) -> None:
    sent(appointment)
    for _ in range(2):
        assert post(read_sample("letter")).status_code == 204
    (task,) = tasks(database)
    assert (task.kind, task.client_id, task.appointment_id) == (
        TaskKind.MAIL, seat_of(appointment).client_id, appointment.id,
    )  # fmt: skip
    assert "ten minutes" not in task.note, "what somebody writes is in the mailbox, and nowhere else"


def test_a_letter_from_another_address_is_nobodys(database: Session, post: Any, appointment: Appointment) -> None:
    sent(appointment)
    post(read_sample("letter").replace(b"jane@example.com", b"eve@example.com"))
    post(read_sample("letter").replace(MAILED.message.encode(), b"another-mail"))
    assert tasks(database) == []


@pytest.mark.parametrize("name", ["away_exchange", "away_gmail", "away_old", "away_yahoo"])
def test_who_is_away_needs_nobody(database: Session, post: Any, appointment: Appointment, name: str) -> None:
    sent(appointment)
    assert post(read_sample(name)).status_code == 204
    assert tasks(database) == []


def test_the_forms_of_providers(app: Flask, database: Session, post: Any, appointment: Appointment) -> None:
    """Postmark's JSON and Mailgun's form carry the mail as it came; SendGrid says beside it whose signature is good."""
    stamps = iter(f"20260302T16{minute:02}00Z" for minute in range(10))
    mail = answer_to(appointment, "ACCEPTED", stamp=next(stamps)).decode()
    assert post(b"", json={"RawEmail": mail, "From": "x"}, data=None).status_code == 204
    assert answer_of(database, appointment) == A.ACCEPTED
    mail = answer_to(appointment, "TENTATIVE", stamp=next(stamps)).decode()
    assert post(b"", data={"body-mime": mail, "recipient": "x"}).status_code == 204
    assert answer_of(database, appointment) == A.TENTATIVE
    mail = answer_to(appointment, "ACCEPTED", stamp=next(stamps), found="x").decode()
    form = {"email": mail, "dkim": "{@example.com : pass}", "SPF": "pass"}
    assert post(b"", data=form, content_type="multipart/form-data").status_code == 204
    assert answer_of(database, appointment) == A.ACCEPTED
    forged = answer_to(appointment, "DECLINED", stamp=next(stamps), found="x").decode()
    for said in ("{@example.com : fail, @evil.example : pass}", "{x@example.com : pass@evil.example : pass}"):
        post(b"", data={"email": forged, "dkim": said})
    assert answer_of(database, appointment) == A.ACCEPTED


def test_the_secret_as_a_password(app: Flask, database: Session, post: Any, appointment: Appointment) -> None:
    """Postmark and SendGrid send none of their own, but take one in the address."""
    secret = base64.b64encode(f"mail:{app.config['BOUNCE_TOKEN']}".encode()).decode()
    assert post(answer_to(appointment), headers={"Authorization": f"Basic {secret}"}).status_code == 204
    assert answer_of(database, appointment) == A.ACCEPTED


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", "Basic ", "Basic bWFpbDp3cm9uZw==", "Basic \xe4"])
def test_without_the_secret(database: Session, post: Any, appointment: Appointment, given: str) -> None:
    assert post(answer_to(appointment), headers={"Authorization": given} if given else {}).status_code == 403
    assert answer_of(database, appointment) is None


@pytest.mark.parametrize("body", [b"", b"\xff\x00", b"[]", b"{}", b"null", b'{"RawEmail": 7}'])
def test_nonsense(database: Session, post: Any, appointment: Appointment, body: bytes) -> None:
    for kind in ("application/json", "message/rfc822", "application/x-www-form-urlencoded"):
        assert post(body, content_type=kind).status_code == 204
    assert tasks(database) == []


def test_what_they_answered_stands_in_what_is_sent_again(
    database: Session, post: Any, appointment: Appointment, addresses: Addresses
) -> None:
    """Calendars would forget a yes otherwise; after a move nobody has answered."""

    def invited() -> str:
        database.expire_all()
        ours = select(Message).where(Message.attendee_id.is_not(None), Message.channel == Channel.EMAIL)
        about = database.scalars(ours.where(Message.kind.in_(METHODS)).order_by(Message.id.desc())).first()
        assert about is not None
        mail = write_content(about, addresses, now=NOW)
        assert isinstance(mail, Email)
        assert mail.invite is not None
        return mail.invite.content.replace(b"\r\n ", b"").decode()

    assert "PARTSTAT=NEEDS-ACTION" in invited()
    post(answer_to(appointment))
    assert "PARTSTAT=ACCEPTED" in invited()
    move(appointment, at(12))
    assert "PARTSTAT=NEEDS-ACTION" in invited()


def test_a_pipe_takes_answers_too(app: Flask, database: Session, post: Any, appointment: Appointment) -> None:
    """``post`` says whose findings count here."""
    done = app.test_cli_runner().invoke(args=["read-mail"], input=io.BytesIO(answer_to(appointment, "TENTATIVE")))
    assert (done.exit_code, done.output) == (0, "Taken down.\n")
    assert answer_of(database, appointment) == A.TENTATIVE
