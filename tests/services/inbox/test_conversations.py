"""Conversations: what the same words mean depends on what was said last, and on what still waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import Actor, AuditAction, Via
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.domain.messages import segments
from telehealth.domain.messages.discretion import Discretion
from telehealth.domain.words import AppointmentStatus, OfferStatus
from telehealth.models import Appointment, AppointmentEvent, Message, Offer, Task
from telehealth.services.appointments.asking import ask_to_move
from telehealth.services.inbox.receiving import answer_text
from telehealth.services.inbox.task_list import finish_task
from telehealth.services.waitlist.waiting import decline_offer, offer_freed_times
from tests.factories import (
    BY_STAFF,
    Office,
    book,
    cancel,
    make_contact,
    make_group_office,
    make_office,
    make_therapist,
    offers_to,
    wait,
)
from tests.factories.rows import change
from tests.moments import NOW, at
from tests.texting import HOUR, NUMBER, OTHER, confirmed, last, said, seat_of, tasks

MINUTE = timedelta(minutes=1)
NOTHING = ""


@dataclass(frozen=True)
class Story:
    """``lines`` in order: "us: reminder" is a text of ours about the appointment, anything else is what they write.
    ``answer`` is in our last answer; empty: there is none.
    """

    name: str
    lines: tuple[str, ...]
    confirmed: bool
    tasks: int
    answer: str = NOTHING


STORIES = (
    Story("can't, then ok", ("us: reminder", "I can't make it", "ok thanks"), False, 1),
    Story("can't, then a thumb", ("us: reminder", "I can't make it", "👍"), False, 1),
    Story("can't in Spanish, then ok", ("us: reminder", "no puedo ir", "ok gracias"), False, 1),
    Story("can't, then C", ("us: reminder", "I can't make it", "C"), True, 1, "we expect you"),
    Story("yes to a reminder", ("us: reminder", "yes"), True, 0, "we expect you"),
    Story("yes to a confirmation", ("us: confirmation", "ok"), True, 0, "we expect you"),
    Story("yes to a new time", ("us: moved", "sounds good"), True, 0, "we expect you"),
    Story("yes to several in one", ("us: catch_up", "yes"), True, 0, "we expect you"),
    Story("yes, then thanks", ("us: reminder", "yes", "ok thanks"), True, 0),
    Story("C, then can't", ("us: reminder", "C", "I can't make it"), False, 1, "somebody will read"),
    Story("C, then R", ("us: reminder", "C", "R"), False, 0, "/m/"),
    Story("C, then a question", ("us: reminder", "C", "Is Bob allowed to come along?"), False, 1, "somebody will read"),
    Story("C, then late", ("us: reminder", "C", "running 10 min late"), True, 1, "somebody will read"),
    Story("R, then ok", ("us: reminder", "R", "ok"), False, 0),
    Story("ok to a cancellation", ("us: confirmation", "us: cancellation", "ok"), False, 0),
    Story("yes to a cancellation", ("us: confirmation", "us: cancellation", "yes"), False, 0),
    Story("yes after a missed one", ("us: follow_up", "yes"), False, 1, "somebody will read"),
    Story("ok to the way in", ("us: join_link", "ok"), False, 0),
    Story("ok to a request that we have", ("us: request", "ok"), False, 0),
    Story("a yes out of nowhere", ("yes",), False, 0, "do you mean your appointment on Tue, Nov 24"),
    Story("a yes out of nowhere, and again", ("yes", "yes"), True, 0, "we expect you"),
    Story("a yes out of nowhere, then no", ("yes", "no"), False, 1, "somebody will read"),
    Story("yes while a question waits", ("Where do I park?", "us: reminder", "yes"), False, 1, "Reply C"),
    Story("C while a question waits", ("Where do I park?", "us: reminder", "C"), True, 1, "we expect you"),
    Story("a like of a reminder", ("us: reminder", "Liked “Riverside Office: reminder”"), True, 0),
    Story("a like of a cancellation", ("us: cancellation", "Liked “Riverside Office: cancelled”"), False, 0),
    Story("a like while a question waits", ("Is it far?", "us: reminder", "Liked “Riverside”"), False, 1),
    Story("thanks", ("us: reminder", "Thank you!"), False, 0),
    Story("thanks, then yes", ("us: reminder", "Thank you!", "yes"), True, 0, "we expect you"),
    Story("a dislike of a reminder", ("us: reminder", "C", "Disliked “Riverside Office: reminder”"), False, 1),
    Story("a thumb down", ("us: reminder", "C", "👎"), False, 1, "somebody will read"),
)


@pytest.mark.parametrize("story", STORIES, ids=[each.name for each in STORIES])
def test_what_a_conversation_comes_to(database: Session, office: Office, text: Any, story: Story) -> None:
    found = book(office)
    answer = ""
    for minutes, line in enumerate(story.lines):
        now = NOW + minutes * MINUTE
        if line.startswith("us: "):
            said(found, MessageKind(line.removeprefix("us: ")), now=now)
        else:
            answer = text(line, now=now)
    assert confirmed(database, found) == story.confirmed
    assert len(tasks(database)) == story.tasks
    assert (story.answer in answer) if story.answer else answer == ""
    assert database.get_one(Appointment, found.id).status == AppointmentStatus.BOOKED


def test_a_confirmation_that_is_taken_back_is_a_line_of_the_audit(database: Session, office: Office, text: Any) -> None:
    found = book(office)
    text("C")
    text("I can't make it", now=NOW + MINUTE)
    event = database.scalars(select(AppointmentEvent).where(AppointmentEvent.action == AuditAction.UNCONFIRMED)).one()
    assert (event.actor, event.via, event.appointment_id) == (Actor.CLIENT, Via.TEXT, found.id)


def test_a_task_that_is_done_waits_no_longer(database: Session, office: Office, text: Any) -> None:
    found = book(office)
    text("Where do I park?")
    finish_task(
        practice_id=office.practice.id, task_public_id=tasks(database)[0].public_id, by=BY_STAFF, now=NOW + MINUTE
    )
    said(found, MessageKind.REMINDER, now=NOW + HOUR)
    text("yes", now=NOW + 2 * HOUR)
    assert confirmed(database, found)


def test_what_did_not_arrive_was_not_said(database: Session, office: Office, text: Any) -> None:
    found = book(office)
    said(found, MessageKind.REMINDER, now=NOW)
    change(said(found, MessageKind.CANCELLATION, now=NOW + MINUTE), status=MessageStatus.UNDELIVERED)
    text("yes", now=NOW + HOUR)
    assert confirmed(database, found)


def test_yes_to_a_note_of_staff_is_for_staff_however_late(database: Session, office: Office, text: Any) -> None:
    found = book(office, at(10, days=4))
    said(found, MessageKind.REMINDER, now=NOW)
    text("Is it possible to come earlier?")
    answer_text(
        practice_id=office.practice.id,
        inbound_public_id=last(database).public_id,
        body="At 9?",
        by=BY_STAFF,
        now=NOW + MINUTE,
    )
    assert text("yes", now=NOW + 30 * HOUR) == ""
    assert not confirmed(database, found)


# --- which one --------------------------------------------------------------------------------------------------------


def test_c_means_the_one_that_was_just_reminded_about(database: Session, office: Office, text: Any) -> None:
    one, two = book(office), book(office, at(14, days=3))
    said(one, MessageKind.REMINDER, now=NOW - 3 * HOUR)
    said(two, MessageKind.REMINDER, now=NOW - HOUR)
    for body in ("C", "yes"):
        assert "Thu, Nov 26" in text(body)
        assert (confirmed(database, one), confirmed(database, two)) == (False, True)
        said(two, MessageKind.REMINDER, now=NOW + MINUTE)


def test_r_means_the_one_that_was_just_reminded_about(office: Office, text: Any, addresses: Addresses) -> None:
    book(office)
    two = book(office, at(14, days=3))
    said(two, MessageKind.REMINDER, now=NOW - HOUR)
    assert addresses.manage(seat_of(two)) in text("R")


def test_of_two_reminders_in_one_breath_it_is_asked_which(database: Session, office: Office, text: Any) -> None:
    one, two, three = (book(office, at(14, days=days)) for days in (1, 3, 4))
    for each, minutes in ((one, 60), (two, 2), (three, 1)):
        said(each, MessageKind.REMINDER, now=NOW - minutes * MINUTE)
    answer = text("yes")
    assert "A: Thu, Nov 26" in answer
    assert "B: Fri, Nov 27" in answer
    assert "Tue, Nov 24" not in answer
    text("1", now=NOW + MINUTE)
    assert [confirmed(database, each) for each in (one, two, three)] == [False, True, False]


def test_figures_name_places_only_while_the_question_is_the_last_thing_said(
    database: Session, office: Office, text: Any
) -> None:
    one, two = book(office), book(office, at(14, days=3))
    text("C")
    assert "Thu, Nov 26" in text("2", now=NOW + MINUTE)
    assert (confirmed(database, one), confirmed(database, two)) == (False, True)
    said(one, MessageKind.REMINDER, now=NOW + HOUR)
    text("1", now=NOW + 2 * HOUR)
    assert confirmed(database, one), "a yes to the reminder"


def test_which_one_to_move_by_figure(office: Office, text: Any, addresses: Addresses) -> None:
    book(office)
    two = book(office, at(14, days=3))
    text("R")
    assert addresses.manage(seat_of(two)) in text("2", now=NOW + MINUTE)


def test_yes_does_not_say_which(database: Session, office: Office, text: Any) -> None:
    one, two = book(office), book(office, at(14, days=3))
    text("C")
    assert "Which one" in text("yes", now=NOW + MINUTE)
    assert (confirmed(database, one), confirmed(database, two)) == (False, False)


@pytest.mark.parametrize(
    ("names", "discretion", "shown"),
    [
        (("Ana Rivera", "Ben Rivera"), Discretion.DISCREET, ("(A. R.)", "(B. R.)")),
        (("Ana Rivera", "Ben Rivera"), Discretion.NAMED, ("(Ana)", "(Ben)")),
        (("Jane Doe", "John Doe"), Discretion.BARE, ("(Ja. D.)", "(Jo. D.)")),
        (("Ana Rivera", "Ana Cruz"), Discretion.NAMED, ("(A. R.)", "(A. C.)")),
    ],
)
def test_two_siblings_at_the_same_hour_are_told_apart(
    database: Session, text: Any, names: tuple[str, str], discretion: Discretion, shown: tuple[str, str]
) -> None:
    office = make_office(practice={"discretion": discretion})
    other = make_therapist(office.practice, office.service)
    one = book(office, contact=make_contact(name=names[0]))
    two = book(office, contact=make_contact(name=names[1]), therapist=other.public_id)
    for each in (one, two):
        said(each, MessageKind.REMINDER, now=NOW - MINUTE)
    answer = text("C")
    assert all(each in answer for each in shown), answer
    text("1", now=NOW + MINUTE)
    assert [confirmed(database, each) for each in (one, two)] == [True, False]


def test_one_time_is_said_once(office: Office, text: Any) -> None:
    other = make_therapist(office.practice, office.service)
    book(office, contact=make_contact(name="Ana Rivera"))
    book(office, contact=make_contact(name="Ben Rivera"), therapist=other.public_id)
    text("C")
    assert text("all", now=NOW + MINUTE).count("Tue, Nov 24") == 1


# --- offers -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def offer(database: Session, office: Office) -> Offer:
    """Somebody who has an appointment next week waits for an earlier one, and has just been texted an offer."""
    entry = wait(office, contact=make_contact(wants_texts=True))
    cancel(book(office, at(14), contact=make_contact(phone=OTHER, email="other@example.com")))
    offer_freed_times(now=NOW + HOUR)
    made = offers_to(entry)[0]
    told = database.scalars(select(Message).where(Message.offer_id == made.id, Message.channel == Channel.TEXT)).one()
    change(told, status=MessageStatus.SENT, sent_at=NOW + HOUR, sent_to=NUMBER)
    return made


@pytest.mark.parametrize("body", ["yes", "Yes please!", "ok", "sí", "👍"])
def test_a_yes_to_an_offer_takes_it(database: Session, office: Office, offer: Offer, text: Any, body: str) -> None:
    next_week = book(office, at(10, days=7), now=NOW)
    answer = text(body, now=NOW + HOUR + MINUTE)
    database.expire_all()
    taken = database.get_one(Offer, offer.id)
    assert taken.status == OfferStatus.ACCEPTED
    assert not confirmed(database, next_week)
    assert "24" in answer
    assert "/m/" in answer
    made = database.get_one(Appointment, taken.appointment_id)
    assert made.status == AppointmentStatus.BOOKED
    again = database.scalars(
        select(Message).where(
            Message.appointment_id == made.id,
            Message.channel == Channel.TEXT,
            Message.kind == MessageKind.CONFIRMATION,
            Message.status == MessageStatus.PLANNED,
        )
    ).all()
    assert again == [], "one text that says so is enough"
    assert segments.measure_text(answer).odd == ()


def test_a_yes_to_an_offer_that_is_gone_says_so(
    database: Session, office: Office, offer: Offer, text: Any, addresses: Addresses
) -> None:
    next_week = book(office, at(10, days=7), now=NOW)
    decline_offer(offer_public_id=offer.public_id, now=NOW + HOUR)
    answer = text("yes", now=NOW + HOUR + MINUTE)
    assert "no longer free" in answer
    assert addresses.wait(offer.entry) in answer
    assert not confirmed(database, next_week)


def test_a_yes_to_an_offer_that_cannot_be_taken_so_says_how(
    database: Session, office: Office, offer: Offer, text: Any, addresses: Addresses
) -> None:
    change(offer.entry, jurisdiction="WA")  # Where nobody here may treat them.
    answer = text("yes", now=NOW + HOUR + MINUTE)
    assert addresses.offer(offer) in answer
    database.expire_all()
    assert database.get_one(Offer, offer.id).status == OfferStatus.OPEN


def test_a_yes_while_an_offer_is_open_is_never_lost(database: Session, offer: Offer, text: Any) -> None:
    """We have answered something else since, and a person has looked at it: another one asks what the yes was about."""
    later = NOW + HOUR + MINUTE
    text("I can't make it", now=later)
    answered = database.scalars(select(Message).where(Message.kind == MessageKind.REPLY)).one()
    change(answered, status=MessageStatus.SENT, sent_at=later, sent_to=NUMBER)
    for task in database.scalars(select(Task)).all():
        change(task, done_at=later)
    text("yes", now=later + MINUTE)
    database.expire_all()
    (waiting,) = [each for each in database.scalars(select(Task)).all() if each.done_at is None]
    assert "a time is kept for them" in waiting.note
    assert database.get_one(Offer, offer.id).status == OfferStatus.OPEN


def test_c_after_an_offer_is_about_the_appointment(database: Session, office: Office, offer: Offer, text: Any) -> None:
    next_week = book(office, at(10, days=7), now=NOW)
    text("C", now=NOW + HOUR + MINUTE)
    assert confirmed(database, next_week)
    assert database.get_one(Offer, offer.id).status == OfferStatus.OPEN


# --- words ------------------------------------------------------------------------------------------------------------


def test_a_group_is_never_told_no_longer(database: Session, text: Any) -> None:
    book(make_group_office())
    answer = text("R")
    assert "no longer" not in answer
    assert "by phone" in answer
    assert len(database.scalars(select(Task)).all()) == 1


def test_what_they_write_in_spanish_is_answered_in_spanish(office: Office, text: Any) -> None:
    book(office)
    assert "¿se refiere a su cita" in text("sí")
    assert "le esperamos" in text("sí", now=NOW + MINUTE)


def test_whoever_was_asked_to_choose_another_time_confirms_none(database: Session, office: Office, text: Any) -> None:
    found = book(office)
    ask_to_move(practice_id=office.practice.id, appointment_id=found.id, by=BY_STAFF, now=NOW)
    said(found, MessageKind.CHOOSE_AGAIN, now=NOW)
    assert "/m/" in text("C", now=NOW + MINUTE), "they get the way to the times once more"
    assert not confirmed(database, found)
    assert text("ok", now=NOW + 2 * MINUTE) == NOTHING, "they have seen it"
    assert "/m/" in text("R", now=NOW + 3 * MINUTE)
    assert not confirmed(database, found)
