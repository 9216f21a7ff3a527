"""Sentences of our own for each class, through the whole of receiving: what happens, not only what is read.

They stand in no list of words that the reading was made with. A class holds when all of its sentences do.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.inbox.alerting import AlertReason
from telehealth.domain.message_words import MessageKind, SuppressionReason, TaskKind
from telehealth.domain.messages import segments
from telehealth.models import Message, Suppression
from tests.factories import Office, book
from tests.moments import NOW, at
from tests.texting import HOUR, confirmed, said, tasks

CRISIS = (
    "I can't go on like this, I want to end my life", "I just took all my pills", "nobody would miss me if I died",
    "thinking about killing myself tonight", "I have a gun and I'm going to use it on myself",
    "my boyfriend is beating me", "he threatened to kill me", "I'm cutting myself again", "I don't feel safe at home",
    "help me please I'm going to hurt myself", "ya no aguanto, me quiero morir", "mi pareja me esta pegando",
    "me tomé muchas pastillas", "no quiero seguir viviendo",
)  # fmt: skip
STOPS = (
    "please don't text me anymore", "take me off your text list", "No more text messages!", "quit texting me",
    "I don't want any more of these messages", "unsubscribe me from these texts", "stop sending me texts",
    "deje de mandarme textos", "ya no me manden mensajes",
)  # fmt: skip
ORDINARY = (
    "please take me off the waitlist", "I don't want to miss your texts", "I stop work at 5, text me after",
    "can you stop by the front desk for me", "don't stop the reminders please", "quiero darme de baja del grupo",
    "the bus stop is closed, where do I park",
)  # fmt: skip
YESES = (
    "yes I'll be there", "Yep see you tomorrow", "perfect, see you then", "sounds good thanks", "ok I'll be there",
    "we will be there", "Confirmed, thank you!", "👍👍", "claro que si, ahi estare", "sí confirmo gracias",
)  # fmt: skip
THANKS = ("thanks so much!", "Thank you 😊", "muchas gracias", "you too!", "have a nice day", "🙏🙏")
AGREEMENT = ("Got it", "see you at 10", "está bien", "ok", "great", "sounds good", "perfecto, gracias")
DECLINES = (
    "I can't come tomorrow", "won't be able to make it", "something came up, can't make it", "not coming",
    "I need to cancel tomorrow", "I'm sick and can't make it", "No podré asistir", "no voy a poder ir mañana",
)  # fmt: skip
PRESSING = (
    "running late", "I'm 5 min late", "the link isn't working", "I can't get in", "nobody is here", "stuck in traffic",
    "video won't load", "no funciona el enlace", "voy tarde",
)  # fmt: skip


def alerts(database: Session) -> list[str]:
    return list(database.scalars(select(Message.says).where(Message.kind == MessageKind.ALERT)))


def suppressed(database: Session) -> list[SuppressionReason]:
    return list(database.scalars(select(Suppression.reason)))


@pytest.mark.parametrize("body", CRISIS)
def test_a_crisis_is_told_and_answered(database: Session, office: Office, text: Any, body: str) -> None:
    found = book(office)
    said(found, MessageKind.REMINDER, now=NOW)
    answer = text(body, now=NOW + HOUR)
    assert "988" in answer
    assert segments.measure_text(answer).odd == ()
    assert [(task.kind, task.is_urgent) for task in tasks(database)] == [(TaskKind.CRISIS, True)]
    assert set(alerts(database)) == {AlertReason.URGENT}
    assert not confirmed(database, found)


@pytest.mark.parametrize("body", STOPS)
def test_a_stop_in_other_words_ends_texts_and_is_confirmed(
    database: Session, office: Office, text: Any, body: str
) -> None:
    book(office)
    answer = text(body)
    assert "START" in answer
    assert suppressed(database) == [SuppressionReason.STOP]
    assert [task.kind for task in tasks(database)] == [TaskKind.TEXT]


@pytest.mark.parametrize("body", ORDINARY)
def test_ordinary_sentences_end_nothing_for_good(database: Session, office: Office, text: Any, body: str) -> None:
    book(office)
    text(body)
    assert SuppressionReason.STOP not in suppressed(database)
    assert len(tasks(database)) == 1


@pytest.mark.parametrize("body", YESES)
def test_a_yes_to_a_reminder_confirms(database: Session, office: Office, text: Any, body: str) -> None:
    found = book(office)
    said(found, MessageKind.REMINDER, now=NOW)
    assert "/m/" in text(body, now=NOW + HOUR)
    assert confirmed(database, found)
    assert tasks(database) == []


@pytest.mark.parametrize("body", YESES)
def test_the_same_yes_after_a_cancellation_confirms_nothing(
    database: Session, office: Office, text: Any, body: str
) -> None:
    next_week = book(office, at(10, days=7))
    said(next_week, MessageKind.CANCELLATION, now=NOW)
    text(body, now=NOW + HOUR)
    is_explicit = "onfirm" in body
    assert confirmed(database, next_week) == is_explicit, "only a word that can mean nothing else"


@pytest.mark.parametrize("body", THANKS)
def test_thanks_are_kept_and_nothing_more(database: Session, office: Office, text: Any, body: str) -> None:
    found = book(office)
    said(found, MessageKind.CONFIRMATION, now=NOW)
    assert text(body, now=NOW + HOUR) == ""
    assert tasks(database) == []
    assert not confirmed(database, found)


@pytest.mark.parametrize("body", AGREEMENT)
def test_plain_agreement_is_no_task(database: Session, office: Office, text: Any, body: str) -> None:
    found = book(office)
    said(found, MessageKind.JOIN_LINK, now=NOW)
    assert text(body, now=NOW + HOUR) == ""
    assert tasks(database) == []


@pytest.mark.parametrize("body", DECLINES)
def test_who_cannot_come_is_not_confirmed_and_no_ok_makes_it_so(
    database: Session, office: Office, text: Any, body: str
) -> None:
    found = book(office)
    said(found, MessageKind.REMINDER, now=NOW)
    text("C", now=NOW + timedelta(minutes=1))
    text(body, now=NOW + timedelta(minutes=2))
    text("ok", now=NOW + timedelta(minutes=3))
    assert not confirmed(database, found)
    (task,) = tasks(database)
    assert "cannot come" in task.note


@pytest.mark.parametrize("body", PRESSING)
def test_what_presses_near_a_session_is_told_at_once(database: Session, office: Office, text: Any, body: str) -> None:
    book(office)
    assert "/j/" in text(body, now=at(9, 55))
    assert set(alerts(database)) == {AlertReason.NEAR}
    assert "cannot come" not in tasks(database)[0].note
