"""What follows when a message did not get through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from telehealth.database import db, transaction
from telehealth.domain.delivery.instead import DoneInstead, Instead
from telehealth.domain.delivery.retries import REASONS
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason, SuppressionReason, TaskKind
from telehealth.domain.ports import DeliveryFailed, DeliveryStatus, Remedy
from telehealth.domain.reasons import say_why
from telehealth.models import Appointment, Message, Suppression, Task
from telehealth.services.consent import suppressions
from telehealth.services.delivery import outcomes, status_reports
from telehealth.services.delivery.status_reports import StatusReport
from tests.factories import Office, book, cancel, make_contact, make_office, make_rule, move
from tests.moments import NOW, at

D, S = DeliveryStatus, MessageStatus
PHONE = "+13035550123"
DUE = NOW + timedelta(hours=2)
LATER = DUE + timedelta(minutes=5)
Make = Callable[..., Message]


@pytest.fixture
def office(database: Session) -> Office:
    """An office that reminds by text alone, a day ahead."""
    made = make_office(practice={"grace_minutes": 0}, with_rules=False)
    make_rule(made.practice, 24 * 60, channel=Channel.TEXT)
    return made


@pytest.fixture
def make_text(office: Office, database: Session) -> Make:
    """A reminder by text that the provider has, of an appointment 26 hours ahead or later."""

    def make(starts_at: datetime | None = None, code: str | None = None, **contact: str) -> Message:
        appointment = book(office, starts_at or at(11), contact=make_contact(**contact))
        found = database.scalars(
            select(Message).where(Message.appointment_id == appointment.id, Message.kind == MessageKind.REMINDER)
        ).one()
        assert found.channel == Channel.TEXT
        found.status, found.provider_id, found.error_code = S.ACCEPTED, f"SM{found.id}", code
        found.sent_to = PHONE
        found.sent_at = found.first_tried_at = found.due_at
        db.session.commit()
        return found

    return make


@pytest.fixture
def text(make_text: Make) -> Message:
    return make_text()


def report(
    message: Message,
    remedy: Remedy | None,
    *,
    status: DeliveryStatus = D.UNDELIVERED,
    code: str = "30000",
    now: datetime = LATER,
) -> None:
    said = StatusReport(message.provider_id or "", status, status, code, {}, remedy)
    status_reports.record_status(reference=message.public_id, report=said, now=now)


def refuse(message: Message, remedy: Remedy, status: MessageStatus = S.FAILED) -> None:
    with transaction() as session:
        message.status, message.reason, message.error_code = status, REASONS[remedy], "test"
        message.first_tried_at = LATER
        session.flush()
        outcomes.after_refusal(session, message, DeliveryFailed("test", remedy), now=LATER)


def copies(message: Message) -> Sequence[Message]:
    db.session.expire_all()
    return db.session.scalars(select(Message).where(Message.instead_of_id == message.id).order_by(Message.id)).all()


def tasks() -> list[tuple[TaskKind, str]]:
    return [(row.kind, row.note) for row in db.session.scalars(select(Task).order_by(Task.id))]


def suppressed() -> list[tuple[Channel, str, SuppressionReason]]:
    return [(row.channel, row.address, row.reason) for row in db.session.scalars(select(Suppression))]


BY_EMAIL = [
    (Remedy.GIVE_UP, TaskKind.UNDELIVERED, None),
    (None, TaskKind.UNDELIVERED, None),
    (Remedy.FILTERED, TaskKind.UNDELIVERED, None),
    (Remedy.DOUBT, TaskKind.UNDELIVERED, None),
    (Remedy.ALERT, TaskKind.ACCOUNT, None),
    (Remedy.UNKNOWN, TaskKind.ACCOUNT, None),
    (Remedy.SUPPRESS, TaskKind.UNDELIVERED, SuppressionReason.STOP),
    (Remedy.BLOCKED, TaskKind.UNDELIVERED, SuppressionReason.BLOCKED),
    (Remedy.BAD_ADDRESS, TaskKind.ADDRESS, SuppressionReason.BAD_ADDRESS),
]


@pytest.mark.parametrize(("remedy", "kind", "mark"), BY_EMAIL)
def test_what_was_lost_later_goes_by_email(
    text: Message, remedy: Remedy | None, kind: TaskKind, mark: SuppressionReason | None
) -> None:
    report(text, remedy)
    (instead,) = copies(text)
    assert (instead.channel, instead.kind, instead.status) == (Channel.EMAIL, text.kind, S.PLANNED)
    assert (instead.due_at, instead.not_after, instead.copy) == (LATER, text.not_after, 1)
    assert (instead.minutes, instead.version, instead.recipient) == (text.minutes, text.version, text.recipient)
    assert (text.status, text.reason) == (S.UNDELIVERED, REASONS[remedy or Remedy.GIVE_UP])
    ((found, note),) = tasks()
    assert (found, note.endswith("We e-mail it instead.")) == (kind, True)
    assert suppressed() == ([(Channel.TEXT, PHONE, mark)] if mark else [])


@pytest.mark.parametrize(("remedy", "kind", "mark"), [each for each in BY_EMAIL if each[0] is not None])
def test_what_was_refused_at_once_goes_by_email_too(
    text: Message, remedy: Remedy, kind: TaskKind, mark: SuppressionReason | None
) -> None:
    refuse(text, remedy)
    assert [(each.channel, each.status) for each in copies(text)] == [(Channel.EMAIL, S.PLANNED)]
    assert [found for found, _ in tasks()] == [kind]
    assert suppressed() == ([(Channel.TEXT, PHONE, mark)] if mark else [])


@pytest.mark.parametrize(
    ("channel", "instead", "done"),
    [(Channel.TEXT, [Channel.EMAIL], "We e-mail it instead."), (Channel.EMAIL, [], "Please call them if it matters.")],
)
def test_what_could_not_be_written_waits_for_a_person(
    text: Message, channel: Channel, instead: list[Channel], done: str
) -> None:
    with transaction() as session:
        text.channel, text.status, text.reason = channel, S.FAILED, Reason.UNWRITABLE
        outcomes.after_unwritable(session, text, now=LATER)
    assert [each.channel for each in copies(text)] == instead
    ((kind, note),) = tasks()
    assert kind == TaskKind.UNDELIVERED
    what = channel.value if channel == Channel.TEXT else "e-mail"
    assert note == f"The {what} did not arrive: it could not be written. {done}"


def test_nobody_is_told_while_it_is_tried_again(text: Message) -> None:
    refuse(text, Remedy.RETRY, S.PLANNED)
    assert (tasks(), copies(text)) == ([], [])


class TestOnceMore:
    def test_a_phone_out_of_reach_is_tried_once_more_half_an_hour_later(self, text: Message) -> None:
        report(text, Remedy.RETRY_LATER)
        (again,) = copies(text)
        assert (again.channel, again.due_at, again.copy) == (Channel.TEXT, LATER + timedelta(minutes=30), 1)
        assert tasks() == []

    def test_and_then_it_goes_by_email(self, text: Message) -> None:
        report(text, Remedy.RETRY_LATER)
        (again,) = copies(text)
        again.status, again.provider_id, again.sent_to = S.SENT, "SM-again", PHONE
        db.session.commit()
        report(again, Remedy.RETRY_LATER)
        assert [(each.channel, each.copy) for each in copies(again)] == [(Channel.EMAIL, 2)]
        assert [kind for kind, _ in tasks()] == [TaskKind.UNDELIVERED]

    def test_when_there_is_no_time_for_it_it_goes_by_email(self, text: Message) -> None:
        report(text, Remedy.RETRY_LATER, now=text.not_after - timedelta(minutes=20))
        assert [each.channel for each in copies(text)] == [Channel.EMAIL]

    def test_when_it_is_out_of_date_nothing_goes(self, text: Message) -> None:
        report(text, Remedy.RETRY_LATER, now=text.not_after)
        assert copies(text) == []
        ((_, note),) = tasks()
        assert note.endswith("It is out of date by now, so nothing was sent instead.")

    def test_what_changed_meanwhile_is_not_said_again(self, text: Message) -> None:
        assert text.appointment is not None
        move(text.appointment, at(14, days=3))
        report(text, Remedy.RETRY_LATER)
        assert copies(text) == []

    def test_a_queue_that_was_full_is_tried_again_later_each_time(self, text: Message) -> None:
        waits, each = [], text
        while True:
            report(each, Remedy.RETRY)
            (following,) = copies(each)
            if following.channel == Channel.EMAIL:
                break
            waits.append(following.due_at - LATER)
            following.status, following.provider_id, each = S.ACCEPTED, f"SM-{following.copy}", following
            db.session.commit()
        assert waits == [timedelta(minutes=minutes) for minutes in (5, 10, 20)]


class TestInsteadByEmail:
    def ask(self, message: Message) -> DoneInstead:
        with transaction() as session:
            message.reason = Reason.DID_NOT_AGREE
            return outcomes.instead_by_email(session, message, now=LATER)

    def test_asked_twice_it_is_done_once(self, text: Message) -> None:
        assert [self.ask(text).what, self.ask(text).what] == [Instead.BY_EMAIL, Instead.BY_EMAIL_ANYWAY]
        (instead,) = copies(text)
        assert (instead.reason, instead.text_reason) == (Reason.INSTEAD_OF_TEXT, Reason.DID_NOT_AGREE)
        assert say_why(instead) == "instead of a text: They did not agree to texts."

    def test_what_goes_by_email_anyway_is_not_said_twice(self, office: Office, database: Session) -> None:
        booked = book(office)
        confirmation = database.scalars(
            select(Message).where(
                Message.appointment_id == booked.id,
                Message.kind == MessageKind.CONFIRMATION,
                Message.channel == Channel.TEXT,
            )
        ).one()
        assert self.ask(confirmation).what == Instead.BY_EMAIL_ANYWAY
        assert copies(confirmation) == []

    def test_an_email_that_failed_does_not_count(self, text: Message) -> None:
        self.ask(text)
        copies(text)[0].status = S.FAILED
        db.session.commit()
        assert self.ask(text).what == Instead.BY_EMAIL
        assert [each.copy for each in copies(text)] == [1, 2]

    def test_whoever_is_not_emailed_has_to_be_called(self, text: Message) -> None:
        assert text.attendee is not None
        with transaction() as session:
            suppressions.suppress_address(
                session,
                practice_id=text.practice_id,
                channel=Channel.EMAIL,
                address=text.attendee.email,
                reason=SuppressionReason.BAD_ADDRESS,
                now=LATER,
            )
        assert str(self.ask(text)) == "E-mail to this address came back. Please call them if it matters."
        assert copies(text) == []

    def test_planning_anew_leaves_it_alone(self, text: Message, office: Office) -> None:
        from telehealth.services.messages import planning

        self.ask(text)
        with transaction() as session:
            appointment = session.get_one(Appointment, text.appointment_id)
            planning.replan_appointment(session, appointment, now=LATER)
        assert [(each.channel, each.status) for each in copies(text)] == [(Channel.EMAIL, S.PLANNED)]

    def test_what_was_cancelled_is_not_said(self, text: Message) -> None:
        assert text.appointment is not None
        cancel(text.appointment)
        assert self.ask(text).what == Instead.OUT_OF_DATE


class TestNumbers:
    def test_a_number_is_bad_when_it_happens_again(self, make_text: Make) -> None:
        one, two = make_text(), make_text(at(14))
        report(one, Remedy.DOUBT, code="30005")
        assert suppressed() == []
        report(two, Remedy.DOUBT, code="30005")
        assert suppressed() == [(Channel.TEXT, PHONE, SuppressionReason.BAD_ADDRESS)]
        assert [kind for kind, _ in tasks()] == [TaskKind.UNDELIVERED, TaskKind.ADDRESS]

    def test_a_text_that_arrived_in_between_clears_it(self, make_text: Make) -> None:
        one, good, two = make_text(), make_text(at(12)), make_text(at(14))
        report(one, Remedy.DOUBT, code="30005")
        report(good, None, status=D.DELIVERED)
        report(two, Remedy.DOUBT, code="30005")
        assert suppressed() == []

    def test_another_error_is_another_matter(self, make_text: Make) -> None:
        one, two = make_text(), make_text(at(14))
        report(one, Remedy.DOUBT, code="30005")
        report(two, Remedy.DOUBT, code="30009")
        assert suppressed() == []

    def test_a_bad_mailbox_is_marked_and_nothing_goes_instead(self, office: Office, database: Session) -> None:
        booked = book(office)
        mail = database.scalars(
            select(Message)
            .where(Message.appointment_id == booked.id, Message.attendee_id.is_not(None))
            .where(Message.channel == Channel.EMAIL)
        ).one()
        mail.status, mail.provider_id, mail.sent_to = S.SENT, "<m@x>", "jane@example.com"
        db.session.commit()
        report(mail, Remedy.BAD_ADDRESS)
        assert suppressed() == [(Channel.EMAIL, "jane@example.com", SuppressionReason.BAD_ADDRESS)]
        ((kind, note),) = tasks()
        assert (kind, copies(mail)) == (TaskKind.ADDRESS, [])
        assert note == (
            "The e-mail did not arrive: the number or address cannot receive messages. Please call them if it matters."
        )


class TestAlerts:
    def test_one_task_a_day_and_error(self, make_text: Make) -> None:
        for hour in (10, 12, 14):
            report(make_text(at(hour)), Remedy.ALERT, code="30034")
        ((kind, note),) = tasks()
        assert kind == TaskKind.ACCOUNT
        assert "error 30034" in note

    def test_another_error_is_another_task(self, make_text: Make) -> None:
        report(make_text(), Remedy.ALERT, code="30034")
        report(make_text(at(14)), Remedy.ALERT, code="63038")
        assert [kind for kind, _ in tasks()] == [TaskKind.ACCOUNT, TaskKind.ACCOUNT]

    def test_a_task_that_was_done_is_not_opened_again_on_the_same_day(self, make_text: Make) -> None:
        report(make_text(), Remedy.ALERT)
        db.session.execute(update(Task).values(done_at=LATER))
        db.session.commit()
        report(make_text(at(14)), Remedy.ALERT, now=LATER + timedelta(hours=3))
        assert len(tasks()) == 1

    def test_while_it_is_tried_again_the_operator_hears_of_it(self, text: Message) -> None:
        refuse(text, Remedy.ALERT, S.PLANNED)
        ((kind, note),) = tasks()
        assert (kind, note.endswith("We try once more.")) == (TaskKind.ACCOUNT, True)
        assert copies(text) == []

    def test_errors_that_we_do_not_know_are_one_task_an_hour(self, make_text: Make) -> None:
        for hour, code in ((10, "39001"), (12, "39002"), (14, "39001")):
            report(make_text(at(hour)), Remedy.UNKNOWN, code=code)
        ((kind, note),) = tasks()
        assert (kind, "an error that we do not know (39001)" in note) == (TaskKind.ACCOUNT, True)
        report(make_text(at(15)), Remedy.UNKNOWN, code="39003", now=LATER + timedelta(minutes=61))
        assert len(tasks()) == 2

    def test_whoever_gets_no_email_instead_is_called(self, make_text: Make) -> None:
        texts = [make_text(at(hour), email="jane@example.com") for hour in (10, 12)]
        with transaction() as session:
            suppressions.suppress_address(
                session,
                practice_id=texts[0].practice_id,
                channel=Channel.EMAIL,
                address="jane@example.com",
                reason=SuppressionReason.BAD_ADDRESS,
                now=LATER,
            )
        for each in texts:
            report(each, Remedy.UNKNOWN, code="39001")
        assert sorted(kind for kind, _ in tasks()) == [TaskKind.ACCOUNT, TaskKind.UNDELIVERED, TaskKind.UNDELIVERED]

    def test_spam_is_the_operators_when_there_is_a_lot_of_it(self, make_text: Make) -> None:
        hours = (10, 11, 12, 13, 14)
        for hour in hours:
            report(make_text(at(hour)), Remedy.FILTERED, code="30007")
        kinds = [kind for kind, _ in tasks()]
        assert kinds.count(TaskKind.ACCOUNT) == 1
        assert kinds.count(TaskKind.UNDELIVERED) == len(hours)


def test_a_repeated_report_does_nothing_twice(text: Message) -> None:
    for _ in range(3):
        report(text, Remedy.GIVE_UP)
    assert (len(copies(text)), len(tasks())) == (1, 1)
