"""The end of texts: certain, confirmed where no carrier does it, and lifted by START, or by staff with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses
from telehealth.domain.errors import InvalidInput, NotAllowed, OptedOut
from telehealth.domain.inbox.answers import Answers
from telehealth.domain.message_words import (
    Channel,
    ConsentSource,
    MessageKind,
    MessageStatus,
    ReplyMeaning,
    SuppressionReason,
    TaskKind,
)
from telehealth.domain.messages import segments
from telehealth.domain.ports import Gateways
from telehealth.domain.words import Role
from telehealth.models import Consent, InboundText, Message, Suppression
from telehealth.queries.consent.opt_outs import refuses_texts
from telehealth.services.consent.suppressions import leave_address_alone, lift_suppression, pause_texts, stop_texts
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.sending import deliver_all
from telehealth.services.inbox.receiving import answer_text
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, make_contact, make_office, make_user
from tests.fakes import FakeTexts
from tests.moments import NOW, at
from tests.texting import HOUR, NUMBER, OTHER, last, seat_of, tasks

MINUTE = timedelta(minutes=1)


@pytest.fixture
def send(gateways: Gateways, addresses: Addresses) -> Callable[[datetime], None]:
    def send_at(now: datetime) -> None:
        claimed = claim_messages(worker="w", addresses=addresses, limit=50, now=now)
        deliver_all(claimed, gateways=gateways, now=lambda: now)

    return send_at


def in_force(database: Session) -> list[SuppressionReason]:
    open_ones = select(Suppression.reason).where(Suppression.ended_at.is_(None)).order_by(Suppression.id)
    return list(database.scalars(open_ones))


# --- confirming -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["STOP", "stop", " Stop ", "CANCEL", "unsubscribe", "END", "quit", "OptOut"])
def test_carriers_confirm_their_own_words(office: Office, text: Any, body: str) -> None:
    book(office)
    assert text(body) == ""


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("Please stop texting me", "no more texts from us"),
        ("STOP STOP STOP", "no more texts from us"),
        ("no more texts please", "no more texts from us"),
        ("wrong number", "no more texts from us"),
        ("alto", "mensajes de texto"),
        ("deje de enviarme mensajes", "mensajes de texto"),
    ],
)
def test_other_words_are_confirmed_once(
    database: Session,
    office: Office,
    text: Any,
    send: Callable[[datetime], None],
    texts: FakeTexts,
    body: str,
    part: str,
) -> None:
    book(office)
    answer = text(body)
    assert part in answer
    assert "START" in answer
    assert "appointment" not in answer
    assert segments.measure_text(answer).segments == 1
    send(NOW)
    assert [each.body for each in texts.sent] == [answer], "although texts have ended"
    assert texts.sent[0].expires_at == NOW + 5 * MINUTE
    assert text("please stop texting me", now=NOW + HOUR) == "", "and never again"
    send(NOW + HOUR)
    assert len(texts.sent) == 1


def test_what_the_provider_confirmed_is_not_confirmed_again(office: Office, text: Any) -> None:
    book(office)
    assert text("Stop texting me", opt_out=ReplyMeaning.STOP) == ""


def test_a_confirmation_that_is_late_is_not_sent(
    database: Session, office: Office, text: Any, send: Callable[[datetime], None], texts: FakeTexts
) -> None:
    book(office)
    text("Please stop texting me")
    before = len(tasks(database))
    send(NOW + 6 * MINUTE)
    assert texts.sent == []
    assert len(tasks(database)) == before, "nobody has to do anything about it"


def test_somebody_in_a_crisis_is_told_once_after_a_stop(
    database: Session, office: Office, text: Any, send: Callable[[datetime], None], texts: FakeTexts
) -> None:
    book(office)
    text("STOP")
    assert "988" in text("I want to die", now=NOW + HOUR)
    send(NOW + HOUR)
    assert [each.to for each in texts.sent] == [NUMBER]
    assert text("I want to die", now=NOW + 2 * HOUR) == ""
    assert len(tasks(database)) == 2
    alerts = select(Message.alert_id).where(Message.kind == MessageKind.ALERT).distinct()
    assert len(database.scalars(alerts).all()) == 2, "a person is told in any case"


def test_nobody_is_texted_whose_number_staff_were_asked_to_leave_alone(
    database: Session, office: Office, text: Any
) -> None:
    book(office)
    leave_address_alone(practice_id=office.practice.id, channel=Channel.TEXT, address=NUMBER, by=BY_STAFF, now=NOW)
    text("STOP")
    assert text("I want to die", now=NOW + HOUR) == "", "somebody else may read that phone"
    assert "They got no answer" in tasks(database)[-1].note


# --- pausing ----------------------------------------------------------------------------------------------------------


def test_a_pause_rests_what_we_send_and_not_what_we_answer(
    database: Session, office: Office, text: Any, send: Callable[[datetime], None], texts: FakeTexts
) -> None:
    found = book(office, contact=make_contact(wants_texts=True))
    pause_texts(phone=NUMBER, now=NOW)
    send(NOW + HOUR)
    assert texts.sent == []
    states = database.execute(
        select(Message.channel, Message.status).where(
            Message.appointment_id == found.id, Message.kind == MessageKind.CONFIRMATION,
            Message.recipient == f"attendee:{seat_of(found).public_id}",
        )
    ).all()  # fmt: skip
    assert (Channel.EMAIL, MessageStatus.SENT) in states
    answer = text("Where do I park?", now=NOW + HOUR)
    send(NOW + HOUR)
    assert [each.body for each in texts.sent] == [answer]
    note = answer_text(
        practice_id=office.practice.id, inbound_public_id=last(database).public_id, body="Behind the house.",
        by=BY_STAFF, now=NOW + HOUR,
    )  # fmt: skip
    send(NOW + HOUR)
    assert texts.sent[-1].body == note.body


@pytest.mark.parametrize("body", ["stop it please", "pls stop msging me"])
def test_what_may_be_a_stop_rests_texts_asks_once_and_is_read(
    database: Session, office: Office, text: Any, send: Callable[[datetime], None], texts: FakeTexts, body: str
) -> None:
    book(office)
    answer = text(body)
    assert last(database).meaning == ReplyMeaning.MAYBE_STOP
    assert "Reply STOP to end all texts" in answer
    assert in_force(database) == [SuppressionReason.PAUSED]
    assert "Texts are paused" in tasks(database)[0].note
    send(NOW)
    assert [each.body for each in texts.sent] == [answer], "although texts rest"
    again = text(body, now=NOW + HOUR)
    assert "STOP" not in again, "they are asked once"
    assert len(tasks(database)) == 2
    assert in_force(database) == [SuppressionReason.PAUSED]


def test_the_question_fits_two_pieces_in_both_languages() -> None:
    for locale in ("en", "es"):
        said = Answers("Riverside Office", "(303) 555-0100", locale).maybe_stop()
        length = segments.measure_text(said)
        assert (length.odd, length.segments) == ((), 2), said


def test_start_ends_a_pause_and_stop_makes_it_final(database: Session, office: Office, text: Any) -> None:
    book(office)
    pause_texts(phone=NUMBER, now=NOW)
    pause_texts(phone=NUMBER, now=NOW)
    assert in_force(database) == [SuppressionReason.PAUSED]
    text("START", now=NOW + MINUTE)
    assert in_force(database) == []
    pause_texts(phone=NUMBER, now=NOW)
    text("STOP", now=NOW + HOUR)
    assert in_force(database) == [SuppressionReason.PAUSED, SuppressionReason.STOP]
    text("yes", now=NOW + 2 * HOUR)
    assert in_force(database) == []


def test_staff_end_a_pause_without_a_word(database: Session, office: Office) -> None:
    book(office)
    pause_texts(phone=NUMBER, now=NOW)
    lift(database, office)
    assert in_force(database) == []


# --- lifting ----------------------------------------------------------------------------------------------------------


def lift(database: Session, office: Office, why: str = "", **given: Any) -> Suppression:
    row = database.scalars(select(Suppression).where(Suppression.ended_at.is_(None))).first()
    assert row is not None
    usual = {"practice_id": office.practice.id, "by": BY_STAFF, "now": NOW + HOUR}
    return lift_suppression(suppression_public_id=row.public_id, why=why, **{**usual, **given})


@pytest.mark.parametrize("why", ["", "   "])
def test_a_stop_is_not_lifted_without_a_sentence(database: Session, office: Office, why: str) -> None:
    book(office)
    stop_texts(phone=NUMBER, now=NOW)
    with pytest.raises(OptedOut):
        lift(database, office, why)
    with pytest.raises(NotAllowed):
        lift(database, office, "She meant the parking lot.", by=BY_CLIENT)
    for bad in ("x" * 201, "two\nlines"):
        with pytest.raises(InvalidInput):
            lift(database, office, bad)
    assert in_force(database) == [SuppressionReason.STOP]


def test_a_stop_is_lifted_by_a_sentence_that_is_kept(database: Session, office: Office) -> None:
    found = book(office, at(10, days=4), contact=make_contact(wants_texts=True))
    desk = make_user(office.practice, Role.FRONT_DESK)
    stop_texts(phone=NUMBER, now=NOW)
    client = seat_of(found).client_id
    assert refuses_texts(client)
    by = type(BY_STAFF)(BY_STAFF.actor, user_id=desk.id)
    lifted = lift(database, office, "She meant the parking lot.", by=by)
    assert (lifted.why_ended, lifted.ended_by_id, lifted.ended_at) == (
        "She meant the parking lot.", desk.id, NOW + HOUR
    )  # fmt: skip
    assert not refuses_texts(client)
    said = database.scalars(select(Consent).where(Consent.source == ConsentSource.STAFF)).all()
    assert said
    assert {(each.is_given, each.wording, each.user_id) for each in said} == {
        (True, "She meant the parking lot.", desk.id)
    }
    texted = database.scalars(
        select(Message.status).where(
            Message.appointment_id == found.id, Message.kind == MessageKind.REMINDER, Message.channel == Channel.TEXT
        )
    ).all()
    assert MessageStatus.PLANNED in texted, "reminders go by text again"


def test_what_was_said_otherwise_stays_when_a_stop_is_lifted(database: Session, office: Office) -> None:
    other = make_office()
    for each in (office, other):
        book(each)
    stop_texts(phone=NUMBER, now=NOW)
    lift(database, office, "A mistake.")
    left = database.scalars(select(Suppression.practice_id).where(Suppression.ended_at.is_(None))).all()
    assert left == [other.practice.id]


# --- a number that nobody knows ---------------------------------------------------------------------------------------


def test_a_cry_for_help_from_nobody_we_know_is_for_all_who_may_be_meant(
    database: Session, office: Office, text: Any
) -> None:
    other, apart = make_office(), make_office(practice={"text_sender": "+13035550111"})
    for each in (office, other):
        book(each)
    answer = text("I want to die", sender=OTHER, sid="SM9")
    assert "988" in answer
    assert "Jane" not in answer
    found = tasks(database)
    assert [(task.practice_id, task.kind, task.is_urgent) for task in found] == [
        (each.practice.id, TaskKind.CRISIS, True) for each in (office, other)
    ]
    assert all("No client of ours has this number." in task.note for task in found)
    assert apart.practice.id not in {task.practice_id for task in found}
    replies = database.scalars(select(Message).where(Message.kind == MessageKind.REPLY)).all()
    assert len(replies) == 1, "they are answered once"
    told = database.scalars(select(Message.practice_id).where(Message.kind == MessageKind.ALERT)).all()
    assert set(told) == {office.practice.id, other.practice.id}
    text("I want to die", sender=OTHER, sid="SM9")
    assert len(database.scalars(select(InboundText)).all()) == 2, "delivered twice it is the same"


def test_other_words_from_nobody_we_know_are_for_nobody(database: Session, office: Office, text: Any) -> None:
    make_office()
    assert text("hello there", sender=OTHER) == ""
    assert tasks(database) == []
