"""A move says the old time, a cancellation who it was, and what the practice wrote to the client."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.appointments.ending import CancelledBy
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.ports import Gateways
from telehealth.domain.words import Mode
from telehealth.models import Attendee, Message
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.messages.template_setting import Wording, save_template
from tests.delivering import deliver_one
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    cancel,
    make_contact,
    make_couple_office,
    make_office,
    move,
)
from tests.fakes import FakeClock, FakeEmails, FakeTexts
from tests.moments import NOW, at

AT_ONCE = {"grace_minutes": 0}
K = MessageKind


@pytest.fixture
def office(database: Session) -> Office:
    return make_office(practice=AT_ONCE, with_rules=False)


@pytest.fixture
def tick(addresses: Addresses, gateways: Gateways, clock: FakeClock) -> Callable[[], None]:
    def send() -> None:
        for each in claim_messages(worker="w", addresses=addresses, limit=100, now=clock()):
            deliver_one(each, gateways=gateways, now=clock())

    return send


def test_a_move_says_the_old_and_the_new_time(
    office: Office, tick: Callable[[], None], texts: FakeTexts, emails: FakeEmails
) -> None:
    made = book(office, at(10, days=7))
    tick()
    move(made, at(15, days=8))
    tick()
    assert (
        "your appointment on Mon, Nov 30 at 10:00 AM MST is rescheduled to Tue, Dec 1 at 3:00 PM MST"
        in texts.sent[-1].body
    )
    came = emails.sent[-2:]
    assert {each.to for each in came} == {made.attendees[0].email, office.therapist.email}
    assert {dict(each.letter.facts)["Before"] for each in came} == {
        "Monday, November 30, 2026, 10:00 AM MST (Mountain Time)"
    }


def test_the_old_time_is_what_they_were_told_and_not_what_was_undone(
    office: Office, tick: Callable[[], None], texts: FakeTexts
) -> None:
    made = book(office, at(10, days=7))
    tick()
    office.practice.grace_minutes = 3
    db.session.commit()
    move(made, at(12, days=7))
    move(made, at(15, days=8))
    db.session.execute(Message.__table__.update().values(due_at=NOW))  # The grace is over.
    db.session.commit()
    tick()
    assert texts.sent[-1].body.count("10:00 AM") == 1
    assert "12:00 PM" not in texts.sent[-1].body


def test_another_way_to_meet_at_the_same_time_has_no_old_time(
    office: Office, tick: Callable[[], None], texts: FakeTexts, emails: FakeEmails
) -> None:
    made = book(office, at(10, days=7))
    tick()
    move(made, at(10, days=7), mode=Mode.PHONE)
    tick()
    assert "has changed. It is now on Mon, Nov 30 at 10:00 AM MST, by phone." in texts.sent[-1].body
    assert dict(emails.sent[-1].letter.facts)["Before"] == "By video"


@pytest.mark.parametrize(
    ("by", "asked", "said"),
    [
        (BY_CLIENT, False, "you cancelled your appointment"),
        (BY_STAFF, True, "you cancelled your appointment"),
        (BY_STAFF, False, "we are sorry, we had to cancel your appointment"),
    ],
)
def test_a_cancellation_says_who_it_was(
    office: Office, tick: Callable[[], None], texts: FakeTexts, emails: FakeEmails, by: object, asked: bool, said: str
) -> None:
    made = book(office, at(10, days=7))
    tick()
    cancel(made, by=by, asked_by_client=asked, reason="Dr. away: family matter")  # type: ignore[arg-type]
    tick()
    assert said in texts.sent[-1].body
    to_therapist = next(each for each in emails.sent[-2:] if each.to == office.therapist.email)
    is_theirs = "you" in said.split(maxsplit=1)[0]
    assert to_therapist.letter.paragraphs[0].startswith("The client" if is_theirs else "The practice")
    assert not [each for each in emails.sent if "family matter" in str(each)], "a reason of the practice stays there"


def test_what_the_practice_writes_goes_by_email_to_the_client_alone(
    office: Office, tick: Callable[[], None], texts: FakeTexts, emails: FakeEmails
) -> None:
    words = "Bcc: evil@example.com\r\nSubject: {{ name }} <script>1</script>"
    made = book(office, at(10, days=7))
    tick()
    cancel(made, by=BY_STAFF, message=words)
    tick()
    to_client = next(each for each in emails.sent[-2:] if each.to == made.attendees[0].email)
    to_therapist = next(each for each in emails.sent[-2:] if each.to == office.therapist.email)
    assert to_client.letter.paragraphs[-1] == words
    assert "evil" not in to_client.letter.subject + str(to_client.invite) + texts.sent[-1].body + str(to_therapist)


def test_words_of_the_practices_own_still_say_who_it_was(
    office: Office, tick: Callable[[], None], emails: FakeEmails
) -> None:
    wording = Wording(K.CANCELLATION, Channel.EMAIL, "en", "It is off.", "Off: {{ when }}")
    save_template(practice_id=office.practice.id, wanted=wording, by=BY_STAFF, now=NOW)
    made = book(office, at(10, days=7))
    tick()
    cancel(made)
    tick()
    letter = next(each.letter for each in emails.sent[-2:] if each.to == made.attendees[0].email)
    assert (letter.subject.partition(":")[0], letter.paragraphs[0]) == ("Off", "It is off.")
    assert dict(letter.facts)["Cancelled by"] == "You"


def test_of_a_couple_one_cancels_and_the_other_reads_so(database: Session) -> None:
    office = make_couple_office()
    made = book(office, at(10, days=7), others=(make_contact(name="Ben Doe"),))
    first = made.attendees[0]
    cancel(made, attendee_id=first.id)
    found = {each.id: each.cancelled_by for each in db.session.scalars(select(Attendee))}
    assert found.pop(first.id) == CancelledBy.CLIENT
    assert set(found.values()) == {CancelledBy.ANOTHER}
