"""Whoever is to get the messages instead of a client, and cannot be reached, leaves them to the client."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.companions import MessagesTo
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, TaskKind
from telehealth.domain.ports import Remedy
from telehealth.models import Companion, Message, Task
from telehealth.services.appointments.asking import ask_to_move
from telehealth.services.consent.suppressions import leave_address_alone, pause_texts, start_texts, stop_texts
from telehealth.services.messages.replanning import replan_stale
from telehealth.services.rehearsal.rehearsing import rehearse_practice
from telehealth.services.waitlist.waiting import offer_freed_times
from tests.factories import BY_STAFF, Office, book, cancel, make_companion, make_contact, make_rule, move, wait
from tests.factories.rows import change
from tests.moments import NOW, at
from tests.services.delivery.test_companions import LEO, LEOS, MARIAS, Post, office, post, with_maria
from tests.texting import OURS

__all__ = ["office", "post"]  # Fixtures.

K = MessageKind
LEOS_MAIL, MARIAS_MAIL = "leo@example.com", "maria@example.com"
IN_THREE_DAYS = at(10, days=3)


def instead_of_leo(office: Office, **given: object) -> Companion:
    """His mother, who has a phone and no e-mail."""
    return with_maria(office, **{"email": "", "messages_to": MessagesTo.COMPANION, **given})


def stop(post: Post) -> None:
    stop_texts(phone=MARIAS, now=post.clock())


def told(*, companion: bool) -> list[MessageKind]:
    """What went to the client, or to who acts for them, in order; once for both channels."""
    theirs = Message.companion_id.is_not(None) if companion else Message.companion_id.is_(None)
    sent = select(Message.kind).where(
        theirs, Message.attendee_id.is_not(None), Message.status.in_([MessageStatus.SENT, MessageStatus.DELIVERED])
    )
    return list(dict.fromkeys(db.session.scalars(sent.order_by(Message.id))))


def where(post: Post, by: timedelta = timedelta(minutes=4)) -> set[str]:
    """Where something went to the family since the last look."""
    emails, texts = post.later(by)
    return (emails.keys() | texts.keys()) & {LEOS_MAIL, LEOS, MARIAS_MAIL, MARIAS}


def calls() -> Sequence[Task]:
    return db.session.scalars(select(Task).where(Task.kind == TaskKind.CALL)).all()


def test_the_client_is_told_of_everything_when_she_had_ended_texts(office: Office, post: Post) -> None:
    instead_of_leo(office)
    stop(post)
    made = book(office, IN_THREE_DAYS, contact=LEO)
    assert where(post) == {LEOS_MAIL, LEOS}
    assert where(post, timedelta(days=2, hours=5)) == {LEOS_MAIL, LEOS}
    move(made, at(15, days=3), by=BY_STAFF, now=post.clock())
    assert where(post) == {LEOS_MAIL, LEOS}
    cancel(made, by=BY_STAFF, now=post.clock())
    assert where(post) == {LEOS_MAIL, LEOS}
    assert told(companion=False) == [K.CONFIRMATION, K.REMINDER, K.MOVED, K.CANCELLATION]
    assert told(companion=True) == []


@pytest.mark.parametrize("end", [stop_texts, pause_texts])
def test_the_client_hears_of_what_stands_when_she_ends_texts_later(
    office: Office, post: Post, end: Callable[..., int]
) -> None:
    make_rule(office.practice, 15, kind=K.JOIN_LINK, channel=Channel.TEXT)
    instead_of_leo(office)
    book(office, IN_THREE_DAYS, contact=LEO)
    assert where(post) == {MARIAS}
    end(phone=MARIAS, now=post.clock())
    assert where(post) == {LEOS_MAIL, LEOS}
    assert told(companion=False) == [K.CONFIRMATION]
    waiting = select(Message.kind).where(Message.attendee_id.is_not(None), Message.status == MessageStatus.PLANNED)
    assert set(db.session.scalars(waiting)) == {K.REMINDER, K.JOIN_LINK}
    assert db.session.scalars(waiting.where(Message.companion_id.is_not(None))).all() == []
    assert where(post, timedelta(days=2, hours=5)) == {LEOS_MAIL, LEOS}
    assert told(companion=False) == [K.CONFIRMATION, K.REMINDER]
    assert calls() == []


def test_what_was_to_be_said_to_her_in_a_minute_is_said_to_the_client(office: Office, post: Post) -> None:
    instead_of_leo(office)
    book(office, IN_THREE_DAYS, contact=LEO)
    stop(post)
    assert where(post) == {LEOS_MAIL, LEOS}
    assert told(companion=False) == [K.CONFIRMATION]


def test_what_changes_in_the_minutes_after_her_stop_reaches_the_client(office: Office, post: Post) -> None:
    instead_of_leo(office)
    made = book(office, IN_THREE_DAYS, contact=LEO)
    assert where(post) == {MARIAS}
    stop(post)
    move(made, at(15, days=3), by=BY_STAFF, now=post.clock())
    assert where(post) == {LEOS_MAIL, LEOS}
    cancel(made, by=BY_STAFF, now=post.clock())
    assert where(post) == {LEOS_MAIL, LEOS}
    assert told(companion=False) == [K.CONFIRMATION, K.CANCELLATION]


def test_an_address_that_bounces_is_no_way_to_reach_her(office: Office, post: Post) -> None:
    with_maria(office, messages_to=MessagesTo.COMPANION, phone=None, wants_texts=False)
    book(office, IN_THREE_DAYS, contact=LEO)
    assert where(post) == {MARIAS_MAIL}
    leave_address_alone(
        practice_id=office.practice.id, channel=Channel.EMAIL, address=MARIAS_MAIL, by=BY_STAFF, now=post.clock()
    )
    assert where(post) == {LEOS_MAIL, LEOS}


def test_whoever_still_has_an_e_mail_is_reached(office: Office, post: Post) -> None:
    with_maria(office, messages_to=MessagesTo.COMPANION)
    stop(post)
    book(office, IN_THREE_DAYS, contact=LEO)
    assert where(post) == {MARIAS_MAIL}


def test_another_companion_who_can_be_reached_decides(office: Office, post: Post) -> None:
    instead_of_leo(office)
    father = {"name": "Juan Doe", "email": "juan@example.com", "phone": None, "wants_texts": False}
    with_maria(office, messages_to=MessagesTo.COMPANION, **father)
    stop(post)
    book(office, IN_THREE_DAYS, contact=LEO)
    emails, texts = post.later()
    assert ("juan@example.com" in emails, LEOS_MAIL in emails, texts) == (True, False, {})


def test_with_her_start_they_are_hers_again(office: Office, post: Post) -> None:
    instead_of_leo(office)
    made = book(office, IN_THREE_DAYS, contact=LEO)
    assert where(post) == {MARIAS}
    stop(post)
    assert where(post) == {LEOS_MAIL, LEOS}
    start_texts(phone=MARIAS, sender=OURS, now=post.clock())
    assert where(post, timedelta(days=2, hours=5)) == {MARIAS}
    move(made, at(15, days=3), by=BY_STAFF, now=post.clock())
    assert where(post) == {MARIAS}


def test_a_text_that_comes_back_as_blocked_is_said_to_the_client(office: Office, post: Post) -> None:
    """Her carrier says so when we text her: nobody planned anew at that moment, so the next tick does."""
    instead_of_leo(office)
    book(office, IN_THREE_DAYS, contact=LEO)
    post.texts.fail_next(Remedy.BLOCKED)
    assert where(post) == set()
    assert replan_stale(now=post.clock()) == 1
    assert where(post) == {LEOS_MAIL, LEOS}


def test_somebody_calls_when_nobody_of_them_can_be_reached(office: Office, post: Post) -> None:
    change(office.practice, takes_phone_only=True)
    by_phone = make_contact(name="Leo Doe", email="", phone=LEOS)
    made = book(office, IN_THREE_DAYS, by=BY_STAFF, contact=by_phone)
    hers = {"phone": MARIAS, "email": "", "wants_texts": True, "messages_to": MessagesTo.COMPANION}
    make_companion(made.attendees[0].client, **hers)
    stop(post)
    stop_texts(phone=LEOS, now=post.clock())
    assert where(post) == set()
    cancel(made, by=BY_STAFF, now=post.clock())
    assert where(post) == set()
    assert [each.client_id for each in calls()] == [made.attendees[0].client_id]


def test_a_rehearsal_foresees_who_reads_it(office: Office, post: Post) -> None:
    instead_of_leo(office)
    stop(post)
    book(office, IN_THREE_DAYS, contact=LEO)
    until = NOW + timedelta(days=3)
    lines = rehearse_practice(practice_id=office.practice.id, since=NOW, until=until, addresses=post.addresses, now=NOW)
    assert {each.to for each in lines if each.goes and each.kind == K.REMINDER} == {"Leo Doe"}


def test_whoever_gets_them_instead_is_asked_to_choose_another_time(office: Office, post: Post) -> None:
    with_maria(office, messages_to=MessagesTo.COMPANION)
    made = book(office, IN_THREE_DAYS, contact=LEO)
    assert where(post) == {MARIAS_MAIL, MARIAS}
    ask_to_move(practice_id=made.practice_id, appointment_id=made.id, by=BY_STAFF, now=post.clock())
    assert where(post) == {MARIAS_MAIL, MARIAS}
    assert (told(companion=True)[-1], told(companion=False)) == (K.CHOOSE_AGAIN, [])


def test_the_client_is_asked_to_choose_another_time_when_she_cannot_be(office: Office, post: Post) -> None:
    instead_of_leo(office)
    made = book(office, IN_THREE_DAYS, contact=LEO)
    assert where(post) == {MARIAS}
    stop(post)
    ask_to_move(practice_id=made.practice_id, appointment_id=made.id, by=BY_STAFF, now=post.clock())
    assert where(post) == {LEOS_MAIL, LEOS}
    assert told(companion=False) == [K.CHOOSE_AGAIN]


@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_time_that_became_free_is_offered_to_whoever_reads_for_the_client(
    office: Office, post: Post, *, is_stopped: bool
) -> None:
    instead_of_leo(office)
    taken = book(office, IN_THREE_DAYS)
    wait(office, contact=LEO)
    post.later()
    if is_stopped:
        stop(post)
    cancel(taken, now=post.clock())
    post.clock.advance(timedelta(minutes=6))
    assert offer_freed_times(now=post.clock()) == 1
    assert where(post) == ({LEOS_MAIL, LEOS} if is_stopped else {MARIAS})
