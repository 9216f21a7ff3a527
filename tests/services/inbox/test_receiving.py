"""What people text to us: confirmations, moves, questions, tasks, and what we answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import Actor, Via
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound
from telehealth.domain.message_words import MessageKind, MessageStatus, ReplyMeaning, SuppressionReason, TaskKind
from telehealth.domain.messages import segments
from telehealth.domain.words import AppointmentStatus, Approval, Mode
from telehealth.models import Appointment, AppointmentEvent, Client, InboundText, Message, Suppression
from telehealth.services.consent.consents import set_texts
from telehealth.services.consent.suppressions import stop_texts
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.inbox.receiving import answer_text
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    cancel,
    make_contact,
    make_couple_office,
    make_group_office,
    make_office,
    make_practice,
    make_series,
    move,
    wait,
)
from tests.factories.rows import change
from tests.moments import NOW, at
from tests.texting import DAY, HOUR, NUMBER, OTHER, OURS, confirmed, last, said, seat_of, tasks

# --- a yes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["C", "1", "Yes!", "sí", "👍"])
def test_a_yes_confirms_the_one_appointment_ahead(database: Session, office: Office, text: Any, body: str) -> None:
    found = book(office)
    said(found, MessageKind.CONFIRMATION, now=NOW - HOUR)
    answer = text(body)
    assert confirmed(database, found)
    assert answer.startswith("Riverside Office: ")
    assert "24" in answer
    assert "MST" in answer
    kept = last(database)
    assert (kept.meaning, kept.attendee_id, kept.client_id) == (
        ReplyMeaning.CONFIRM, seat_of(found).id, seat_of(found).client_id
    )  # fmt: skip
    assert tasks(database) == []


def test_a_yes_is_a_line_of_the_audit(database: Session, office: Office, text: Any) -> None:
    book(office)
    text("C")
    event = database.scalars(select(AppointmentEvent).where(AppointmentEvent.action == "confirmed")).one()
    assert (event.actor, event.via) == (Actor.CLIENT, Via.TEXT)


def test_a_second_yes_changes_nothing_and_is_answered(database: Session, office: Office, text: Any) -> None:
    found = book(office)
    assert text("C") == text("C", now=NOW + 5 * timedelta(minutes=1)) != ""
    events = database.scalars(select(AppointmentEvent).where(AppointmentEvent.action == "confirmed")).all()
    assert len(events) == 1
    assert confirmed(database, found)


def test_a_confirmation_is_taken_back_when_the_appointment_moves(database: Session, office: Office, text: Any) -> None:
    found = book(office)
    text("C")
    move(found, at(14))
    assert not confirmed(database, found)


def test_the_same_delivery_twice_is_one_text(database: Session, office: Office, text: Any) -> None:
    book(office)
    assert text("C", sid="SM7") == text("STOP", sid="SM7")
    assert len(database.scalars(select(InboundText)).all()) == 1
    assert database.scalars(select(Suppression)).all() == []


def test_the_time_is_said_in_the_clients_zone_and_in_person_in_the_venues(office: Office, text: Any) -> None:
    book(office, contact=make_contact(timezone="America/New_York"))
    assert "12:00 PM EST" in text("C")
    in_person = make_contact(timezone="America/New_York", jurisdiction=None, phone=OTHER)
    book(office, at(14), mode=Mode.IN_PERSON, contact=in_person)
    assert "2:00 PM MST" in text("C", sender=OTHER)


def test_spanish_by_what_is_on_file_and_by_what_they_write(office: Office, text: Any) -> None:
    found = book(office)
    said(found, MessageKind.CONFIRMATION, now=NOW - HOUR)
    assert "gracias, le esperamos" in text("Sí")
    change(seat_of(found).client, locale="es")
    assert "gracias, le esperamos" in text("C")


def test_a_couple_with_one_phone_says_it_once_for_both(database: Session, text: Any) -> None:
    office = make_couple_office()
    pair = [make_contact(name="Ana Rivera"), make_contact(name="Ben Rivera")]
    found = book(office, contact=pair[0], others=(pair[1],))
    text("C")
    assert confirmed(database, found)
    assert last(database).client_id is None, "the number is two people's"


def test_only_the_seat_with_this_number_is_confirmed(database: Session, text: Any) -> None:
    office = make_couple_office()
    found = book(office, contact=make_contact(), others=(make_contact(name="Ben Rivera", phone=OTHER),))
    text("C", sender=OTHER)
    database.expire_all()
    assert [seat.confirmed_at is not None for seat in found.attendees] == [False, True]


def test_what_was_cancelled_or_is_over_is_answered_kindly(database: Session, office: Office, text: Any) -> None:
    found = book(office)
    cancel(found)
    assert "is cancelled, so there is nothing to do" in text("C")
    assert [task.appointment_id for task in tasks(database)] == [found.id]
    assert "no appointment ahead" in text("C", now=NOW + 3 * DAY)
    assert len(tasks(database)) == 2


def test_a_request_cannot_be_confirmed_yet(database: Session, text: Any) -> None:
    found = book(make_office(service={"approval": Approval.ALWAYS, "approval_minutes": 600}))
    assert found.status == AppointmentStatus.PENDING
    assert "we have your request" in text("C")
    assert not confirmed(database, found)


def test_yes_to_what_staff_asked_is_for_staff(database: Session, office: Office, text: Any) -> None:
    found = book(office)
    text("Is it possible to come earlier?")
    note = answer_text(
        practice_id=office.practice.id, inbound_public_id=last(database).public_id, body="At 9?", by=BY_STAFF, now=NOW
    )
    change(note, status=MessageStatus.SENT, sent_at=NOW, sent_to=NUMBER)
    assert text("yes", now=NOW + HOUR) == ""
    assert not confirmed(database, found)
    assert "answer to what staff wrote" in tasks(database)[-1].note
    text("C", now=NOW + HOUR)
    assert confirmed(database, found), "a C can only be about an appointment"


# --- which one? -------------------------------------------------------------------------------------------------------


def test_two_appointments_lead_to_a_question(database: Session, office: Office, text: Any) -> None:
    one, two = book(office), book(office, at(14, days=3))
    answer = text("C")
    assert not confirmed(database, one)
    assert "A: Tue, Nov 24 at 10:00 AM MST. B: Thu, Nov 26 at 2:00 PM MST." in answer
    assert "Reply A or B, or ALL." in answer
    assert last(database).choices == [seat_of(one).id, seat_of(two).id]
    assert "Thu, Nov 26" in text("b.")
    assert (confirmed(database, one), confirmed(database, two)) == (False, True)
    assert last(database).meaning == ReplyMeaning.CHOICE


def test_all_of_them(database: Session, office: Office, text: Any) -> None:
    one, two = book(office), book(office, at(14, days=3))
    text("C")
    assert "Tue, Nov 24 at 10:00 AM MST and Thu, Nov 26" in text("both!")
    assert confirmed(database, one)
    assert confirmed(database, two)


def test_when_one_was_confirmed_a_while_ago_the_other_is_meant(database: Session, office: Office, text: Any) -> None:
    book(office)
    two = book(office, at(14, days=3))
    text("C")
    text("A")
    text("C", now=NOW + 2 * HOUR)
    assert confirmed(database, two)


def test_a_question_is_open_for_a_day(database: Session, office: Office, text: Any) -> None:
    book(office, at(10, days=3))
    two = book(office, at(14, days=3))
    text("C")
    text("B", now=NOW + DAY + timedelta(minutes=1))
    assert not confirmed(database, two)
    assert [task.kind for task in tasks(database)] == [TaskKind.TEXT]


def test_a_letter_that_was_not_offered_is_for_a_person(database: Session, office: Office, text: Any) -> None:
    book(office)
    book(office, at(14, days=3))
    text("C")
    text("E")
    assert len(tasks(database)) == 1


def test_what_was_chosen_may_be_cancelled_by_then(database: Session, office: Office, text: Any) -> None:
    one, two = book(office), book(office, at(14, days=3))
    text("C")
    cancel(two)
    assert "is cancelled" in text("B")
    assert not confirmed(database, one)


def test_what_was_chosen_is_what_is_called_cancelled(database: Session, office: Office, text: Any) -> None:
    gone, _, two = (book(office, at(hour, days=days)) for hour, days in ((9, 2), (10, 2), (14, 3)))
    cancel(gone)
    text("C")
    cancel(two)
    assert "Thu, Nov 26 at 2:00 PM MST is cancelled" in text("B")
    assert tasks(database)[-1].appointment_id == two.id


def test_what_was_chosen_may_have_begun_while_something_else_is_ahead(
    database: Session, office: Office, text: Any
) -> None:
    book(office)
    later = book(office, at(14, days=3))
    text("C", now=at(9))
    answer = text("A", now=at(10, 5))
    assert "somebody will read this" in answer, "and not: we find no appointment ahead"
    assert "has begun" in tasks(database)[-1].note
    assert not confirmed(database, later)


def test_of_a_standing_slot_the_next_date_is_meant(database: Session, office: Office, text: Any) -> None:
    make_series(office)
    dates = database.scalars(select(Appointment).order_by(Appointment.starts_at)).all()
    assert len(dates) > 2
    text("C")
    assert [confirmed(database, each) for each in dates[:2]] == [True, False]


def test_what_is_far_ahead_is_meant_when_we_have_just_texted_about_it(
    database: Session, office: Office, text: Any
) -> None:
    near, far = book(office), book(office, at(10, days=29))
    said(far, MessageKind.REMINDER, now=NOW - HOUR)
    assert "Tue, Dec 22" in text("C")
    assert (confirmed(database, near), confirmed(database, far)) == (False, True)


def test_what_is_far_ahead_may_be_meant_when_we_texted_about_it_today(
    database: Session, office: Office, text: Any
) -> None:
    near, far = book(office), book(office, at(10, days=29))
    said(far, MessageKind.REMINDER, now=NOW - 2 * HOUR)
    said(near, MessageKind.JOIN_LINK, now=NOW - HOUR)
    assert "Which one" in text("C")
    assert not confirmed(database, near)


def test_what_is_far_ahead_and_was_not_texted_about_is_not_meant(database: Session, office: Office, text: Any) -> None:
    near, far = book(office), book(office, at(10, days=29))
    text("C")
    assert (confirmed(database, near), confirmed(database, far)) == (True, False)


# --- moving -----------------------------------------------------------------------------------------------------------


def test_r_answers_with_the_link(database: Session, office: Office, text: Any, addresses: Addresses) -> None:
    found = book(office)
    assert addresses.manage(seat_of(found)) in text("R")
    assert tasks(database) == []


def test_which_one_to_move(office: Office, text: Any, addresses: Addresses) -> None:
    book(office)
    two = book(office, at(14, days=3))
    answer = text("R")
    assert "Reply A or B." in answer
    assert "Reply A or B." in text("all")
    assert addresses.manage(seat_of(two)) in text("B")


def test_a_seat_in_a_group_is_moved_by_phone(database: Session, text: Any) -> None:
    book(make_group_office())
    assert "Please call (303) 555-0100" in text("R")
    assert "They were asked to call" in tasks(database)[0].note


# --- stop, start, help ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["STOP", "stop.", "Please stop texting me", "deje de enviarme mensajes"])
def test_stop_ends_texts_and_cancels_nothing(database: Session, office: Office, text: Any, body: str) -> None:
    found = book(office)
    text(body)
    kept = database.scalars(select(Suppression)).one()
    assert (kept.address, kept.reason, kept.ended_at) == (NUMBER, SuppressionReason.STOP, None)
    assert database.get_one(Appointment, found.id).status == AppointmentStatus.BOOKED
    assert text("C", now=NOW + HOUR) == "", "who ended texts is not texted, whatever they write"
    assert confirmed(database, found), "and is heard all the same"


def test_free_words_and_cancel_are_shown_to_a_person(database: Session, office: Office, text: Any) -> None:
    book(office)
    for body in ("STOP", "no more texts please", "wrong number", "CANCEL"):
        text(body)
    notes = [task.note for task in tasks(database)]
    assert len(notes) == 3
    assert "in their own words" in notes[0]
    assert "wrong number" in notes[1]
    assert "Nothing was cancelled" in notes[2]


def test_stop_from_somebody_unknown_holds_too(database: Session, office: Office, text: Any) -> None:
    text("STOP", sender=OTHER)
    assert database.scalars(select(Suppression.address)).all() == [OTHER]


def test_start_and_yes_begin_texts_again(database: Session, office: Office, text: Any) -> None:
    found = book(office)
    text("STOP")
    assert text("YES", now=NOW + HOUR) == "", "the carrier answers its own words"
    assert last(database).meaning == ReplyMeaning.START
    assert not confirmed(database, found)
    assert database.scalars(select(Suppression).where(Suppression.ended_at.is_(None))).all() == []
    said(found, MessageKind.REMINDER, now=NOW + HOUR)
    text("YES", now=NOW + 2 * HOUR)
    assert confirmed(database, found), "and then yes is a yes"


def test_a_stop_delivered_twice_does_not_undo_a_start(database: Session, office: Office, text: Any) -> None:
    book(office)
    text("STOP", sid="SM1")
    text("START", sid="SM2", now=NOW + HOUR)
    text("STOP", sid="SM1", now=NOW + HOUR)
    assert database.scalars(select(Suppression).where(Suppression.ended_at.is_(None))).all() == []


def test_help_is_answered_by_the_carrier_and_ayuda_by_us(database: Session, office: Office, text: Any) -> None:
    book(office)
    assert text("HELP") == ""
    assert "solo enviamos mensajes sobre sus citas" in text("AYUDA")
    assert text("AYUDA", opt_out=ReplyMeaning.HELP) == ""
    assert len(tasks(database)) == 3


def test_a_start_that_the_provider_answered_is_not_answered_twice(database: Session, office: Office, text: Any) -> None:
    book(office)
    text("STOP")
    assert text("START", opt_out=ReplyMeaning.START, now=NOW + HOUR) == ""
    assert database.scalars(select(Suppression).where(Suppression.ended_at.is_(None))).all() == []


def test_start_promises_no_texts_to_whoever_turned_them_off_in_another_way(
    database: Session, office: Office, text: Any, addresses: Addresses
) -> None:
    seat = seat_of(book(office))
    set_texts(link=seat, wants=False, by=BY_CLIENT, now=NOW)
    answer = text("START", now=NOW + HOUR)
    assert "on again" not in answer
    assert addresses.manage(seat) in answer, "where they can be turned on"
    assert "Please ask them" in tasks(database)[-1].note
    set_texts(link=seat, wants=True, by=BY_CLIENT, now=NOW + HOUR)
    assert text("START", now=NOW + 2 * HOUR) == "", "the carrier has said so"
    assert len(tasks(database)) == 1


def test_a_yes_stays_a_yes_when_the_provider_takes_it_for_start(database: Session, office: Office, text: Any) -> None:
    found = book(office)
    text("STOP")
    assert text("Yes", opt_out=ReplyMeaning.START, now=NOW + HOUR) == ""
    assert last(database).meaning == ReplyMeaning.START
    said(found, MessageKind.REMINDER, now=NOW + HOUR)
    assert "thank you, we expect you" in text("Yes", opt_out=ReplyMeaning.START, now=NOW + 2 * HOUR)
    assert confirmed(database, found)


def test_stop_holds_even_when_nobody_can_tell_for_whom_it_is(database: Session, office: Office, text: Any) -> None:
    other = make_office()
    for each in (office, other):
        seat = seat_of(book(each, contact=make_contact(phone=OTHER)))
        change(seat.client, safe_phone=NUMBER)  # So that the other number is nobody's now.
    assert text("STOP", sender=OTHER) == ""
    assert database.scalars(select(InboundText)).all() == []
    stopped = database.scalars(select(Suppression.practice_id).order_by(Suppression.practice_id)).all()
    assert stopped == [office.practice.id, other.practice.id]
    text("START", sender=OTHER, now=NOW + HOUR)
    assert database.scalars(select(Suppression).where(Suppression.ended_at.is_(None))).all() == []


def test_what_the_provider_took_for_stop_is_stop(database: Session, office: Office, text: Any) -> None:
    book(office)
    assert text("baja", opt_out=ReplyMeaning.STOP) == ""
    assert len(database.scalars(select(Suppression)).all()) == 1


# --- for a person -----------------------------------------------------------------------------------------------------


def test_free_text_becomes_a_task_and_is_answered_once_in_twelve_hours(
    database: Session, office: Office, text: Any, addresses: Addresses
) -> None:
    found = book(office)
    answer = text("I am running late")
    assert "988" not in answer
    assert "We may not see this right away: in an emergency call 911." in answer
    assert addresses.manage(seat_of(found)) in answer
    assert text("Sorry!! traffic", now=NOW + HOUR) == ""
    office.practice.names_988 = True
    database.commit()
    assert "call or text 988" in text("Hello? Anybody", now=NOW + 13 * HOUR)
    found_tasks = tasks(database)
    assert [(task.kind, task.client_id, task.appointment_id) for task in found_tasks] == [
        (TaskKind.TEXT, seat_of(found).client_id, found.id)
    ] * 3


def test_thanks_is_kept_and_needs_nobody(database: Session, office: Office, text: Any) -> None:
    book(office)
    assert text("Thank you!") == text("🙏") == text("") == ""
    assert tasks(database) == []
    assert len(database.scalars(select(InboundText)).all()) == 3


def test_an_unknown_number_is_told_nothing_about_anybody(database: Session, office: Office, text: Any) -> None:
    book(office)
    assert "no appointment ahead for this number" in text("C", sender=OTHER)
    task = tasks(database)[0]
    assert "No client of ours has this number" in task.note
    assert task.client_id is None


@pytest.mark.parametrize("body", ["I want to die", "C but I want to kill myself", "quiero morir"])
def test_words_that_must_not_wait(database: Session, office: Office, text: Any, body: str) -> None:
    found = book(office)
    answer = text(body)
    assert "988" in answer
    assert "911" in answer
    task = tasks(database)[0]
    assert (task.kind, task.is_urgent, task.client_id) == (TaskKind.CRISIS, True, seat_of(found).client_id)
    assert not confirmed(database, found)


def test_a_crisis_with_no_more_texts_is_answered_once_and_raised(database: Session, office: Office, text: Any) -> None:
    book(office)
    assert "988" in text("Stop texting me. I want to die")
    assert text("I want to die", now=NOW + HOUR) == ""
    assert all(task.is_urgent for task in tasks(database))
    assert ["They got no answer" in task.note for task in tasks(database)] == [False, True]
    assert len(database.scalars(select(Suppression)).all()) == 1


def finish_all(database: Session) -> None:
    for task in tasks(database):
        change(task, done_at=NOW)


def test_nobody_is_told_of_an_answer_that_was_never_sent(database: Session, office: Office, text: Any) -> None:
    cancel(book(office))
    text("STOP")
    text("I want to die")
    finish_all(database)
    for minutes, body in enumerate(("I want to die", "C")):
        assert text(body, now=NOW + HOUR + timedelta(minutes=minutes)) == ""
    notes = [task.note for task in tasks(database) if task.done_at is None]
    assert len(notes) == 2
    assert all("They got no answer" in note for note in notes)
    assert not any("were given" in note or "were told" in note for note in notes)


def test_a_crisis_is_answered_however_much_was_said_before(database: Session, office: Office, text: Any) -> None:
    book(office)
    for minutes in range(7):
        text("R", now=NOW + timedelta(minutes=minutes))
    answers = [text("I want to die", now=NOW + timedelta(minutes=10 + minutes)) for minutes in range(7)]
    assert "988" in answers[0]
    assert sum(bool(answer) for answer in answers) == 5, "a machine that quotes the word emergency stops, too"


def test_a_tap_on_our_text_is_a_yes_where_it_is_clear_and_else_nothing(
    database: Session, office: Office, text: Any
) -> None:
    found = book(office)
    assert text("Liked “Riverside Office: is cancelled”") == ""
    assert not confirmed(database, found)
    said(found, MessageKind.REMINDER, now=NOW - HOUR)
    assert text("Liked “Riverside Office: reminder”") == ""
    assert confirmed(database, found)
    assert text("Laughed at “Riverside Office: reminder”") == ""
    assert tasks(database) == []
    text("Disliked “Riverside Office: reminder”")
    assert [each.kind for each in tasks(database)] == [TaskKind.TEXT]


def test_two_machines_that_answer_each_other_stop(database: Session, office: Office, text: Any) -> None:
    book(office)
    answers = [text("R", now=NOW + minute * timedelta(minutes=1)) for minute in range(30)]
    assert sum(bool(answer) for answer in answers) == 5
    assert text("R", now=NOW + 2 * HOUR)


@pytest.mark.parametrize("sender", ["262966", "AMAZON", "", "whatsapp:+13035550123"])
def test_short_codes_and_names_are_never_answered(database: Session, office: Office, text: Any, sender: str) -> None:
    assert text("Your code is 1234", sender=sender) == ""


def test_a_long_text_is_kept_as_far_as_carriers_deliver_it(database: Session, office: Office, text: Any) -> None:
    text("w\0ord " * 1000)
    assert len(last(database).body) == 1600


# --- whose it is ------------------------------------------------------------------------------------------------------


def test_the_safe_number_counts_and_the_typed_one_does_not(database: Session, office: Office, text: Any) -> None:
    found = book(office)
    change(seat_of(found).client, safe_phone=OTHER)
    assert "Nov" not in text("C"), "somebody else may hold the number that was typed"
    assert last(database).client_id is None
    assert not confirmed(database, found)
    text("C", sender=OTHER)
    assert confirmed(database, found)


def test_the_practice_by_its_own_number(database: Session, office: Office, text: Any) -> None:
    own = make_practice(text_sender="+13035550111")
    text("hello there", recipient="+13035550111")
    assert last(database).practice_id == own.id


def test_what_comes_to_the_shared_number_is_for_nobody_with_their_own(
    database: Session, office: Office, text: Any
) -> None:
    own = make_office(practice={"text_sender": "+13035550111"})
    mine, theirs = book(office), book(own)
    said(theirs, MessageKind.REMINDER, now=NOW - HOUR)
    assert "Riverside Office" in text("C")
    assert (confirmed(database, mine), confirmed(database, theirs)) == (True, False)
    assert last(database).practice_id == office.practice.id


def test_the_practice_that_texted_last(database: Session, office: Office, text: Any) -> None:
    other = make_office()
    book(office)
    said(book(other), MessageKind.REMINDER, now=NOW - DAY)
    text("C")
    assert last(database).practice_id == other.practice.id


def test_the_practice_that_knows_the_number(database: Session, office: Office, text: Any) -> None:
    other = make_office()
    book(other)
    text("C")
    assert last(database).practice_id == other.practice.id


def test_of_two_practices_that_know_the_number_the_last_one(database: Session, office: Office, text: Any) -> None:
    other = make_office()
    for each in (office, other):
        book(each)
    assert "988" in text("I want to die")
    assert [task.practice_id for task in tasks(database)] == [other.practice.id]
    text("STOP", now=NOW + HOUR)
    stopped = database.scalars(select(Suppression.practice_id).order_by(Suppression.practice_id)).all()
    assert stopped == [office.practice.id, other.practice.id]


def test_whoever_waits_is_known_by_the_number_that_they_gave(database: Session, office: Office, text: Any) -> None:
    book(office)
    entry = wait(office, contact=make_contact(phone=OTHER))
    text("Is that time still free?", sender=OTHER)
    assert [(task.client_id, task.note) for task in tasks(database)] == [(entry.client_id, "")]


def test_a_text_for_nobody_is_not_kept(database: Session, office: Office, text: Any) -> None:
    make_practice()
    assert text("hello there", sender=OTHER) == ""
    assert database.scalars(select(InboundText)).all() == []
    assert text("C", sender=OURS) == "", "our own number talks to itself"


# --- staff answer -----------------------------------------------------------------------------------------------------


def test_staff_answer_as_often_as_they_like(database: Session, office: Office, text: Any) -> None:
    book(office)
    text("Is there parking?")
    given = {
        "practice_id": office.practice.id,
        "inbound_public_id": last(database).public_id,
        "by": BY_STAFF,
        "now": NOW,
    }
    notes = [answer_text(body=body, **given) for body in (" Yes, behind the house. ", "It is free.")]
    assert [note.body for note in notes] == [
        "Riverside Office: Yes, behind the house.", "Riverside Office: It is free."
    ]  # fmt: skip
    assert [(note.kind, note.copy, note.recipient, note.due_at) for note in notes] == [
        (MessageKind.NOTE, 0, f"phone:{NUMBER}", NOW), (MessageKind.NOTE, 1, f"phone:{NUMBER}", NOW)
    ]  # fmt: skip


def test_an_answer_to_an_old_text_waits_for_the_morning(database: Session, office: Office, text: Any) -> None:
    book(office)
    text("Is there parking?")
    given = {
        "practice_id": office.practice.id,
        "inbound_public_id": last(database).public_id,
        "by": BY_STAFF,
        "body": "Yes.",
    }
    night = at(23, days=0)
    assert answer_text(now=at(3), **given).due_at == at(8)
    assert answer_text(now=night - 12 * HOUR, **given).due_at == night - 12 * HOUR
    assert answer_text(now=night, **given).due_at == at(8), "they wrote in the morning; now they may sleep"


def test_an_answer_that_was_held_up_until_the_night_waits_for_the_morning(
    database: Session, office: Office, text: Any, addresses: Addresses
) -> None:
    book(office, at(12, days=3))
    text("Is there parking?")
    given = {
        "practice_id": office.practice.id,
        "inbound_public_id": last(database).public_id,
        "by": BY_STAFF,
        "body": "Yes.",
    }
    note = answer_text(now=NOW + HOUR, **given)
    assert note.due_at == NOW + HOUR
    assert note.id not in {
        each.message_id for each in claim_messages(worker="w", addresses=addresses, limit=50, now=at(2))
    }
    assert note.id in {each.message_id for each in claim_messages(worker="w", addresses=addresses, limit=50, now=at(8))}


def test_an_answer_is_measured_in_the_letters_that_travel(database: Session, office: Office, text: Any) -> None:
    book(office)
    text("Is there parking?")
    given = {
        "practice_id": office.practice.id,
        "inbound_public_id": last(database).public_id,
        "by": BY_STAFF,
        "now": NOW,
    }
    with pytest.raises(InvalidInput):
        answer_text(body="\u2026" * 400, **given)  # Each travels as three dots.
    assert answer_text(body="It\u2019s free\u2026", **given).body == "Riverside Office: It's free..."


def test_what_cannot_be_answered(database: Session, office: Office, text: Any) -> None:
    book(office)
    text("Is there parking?")
    given = {"practice_id": office.practice.id, "inbound_public_id": last(database).public_id, "now": NOW}
    with pytest.raises(NotAllowed):
        answer_text(body="Yes.", by=BY_CLIENT, **given)
    for body in ("", "  \n ", "x" * 1001):
        with pytest.raises(InvalidInput):
            answer_text(body=body, by=BY_STAFF, **given)
    with pytest.raises(NotFound):
        answer_text(body="Yes.", by=BY_STAFF, **{**given, "practice_id": make_practice().id})
    stop_texts(phone=NUMBER, now=NOW)
    with pytest.raises(InvalidInput, match="check the marked"):
        answer_text(body="Yes.", by=BY_STAFF, **given)
    assert database.scalars(select(Message).where(Message.kind == MessageKind.NOTE)).all() == []


# --- all of it --------------------------------------------------------------------------------------------------------


def test_every_answer_stays_in_the_alphabet_of_texts(database: Session, office: Office, text: Any) -> None:
    book(office)
    book(office, at(14, days=4), contact=make_contact(phone=OTHER))
    for locale in ("en", "es"):
        for client in database.scalars(select(Client)):
            change(client, locale=locale)
        for hour, body in enumerate(("C", "R", "what?", "help me", "AYUDA", "START", "B", "cancelled?")):
            answer = text(body, now=NOW + hour * HOUR, sender=OTHER if hour % 2 else NUMBER)
            length = segments.measure_text(answer)
            assert length.odd == (), answer
            assert length.segments <= 3
