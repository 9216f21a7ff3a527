"""Who is told what after every change: once, the newest, and nothing that was undone in time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import Actor
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.domain.ports import Email, Gateways
from telehealth.domain.words import (
    AppointmentStatus,
    Approval,
    Mode,
    OfferStatus,
    ServiceKind,
    WaitlistStatus,
    WhenOneCancels,
)
from telehealth.models import Appointment, Message, Offer, WaitlistEntry
from telehealth.services.appointments import approving, attending, cancelling, moving
from telehealth.services.appointments.moving import Destination
from telehealth.services.audit import ActedBy
from telehealth.services.consent import consents
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.messages import planning
from telehealth.services.messages.recipients import readers_of_wait
from tests.delivering import deliver_one
from tests.factories import Office, book, cancel, make_client, make_contact, make_office, make_therapist
from tests.factories.rows import keep
from tests.fakes import FakeClock, FakeEmails, FakeTexts
from tests.moments import NOW, at
from tests.statements import listening

S, K = MessageStatus, MessageKind
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
GRACE = 3 * MINUTE
STAFF = ActedBy(Actor.STAFF)
CLIENT = ActedBy(Actor.CLIENT)


@dataclass
class Post:
    """Whoever carries the outbox; ``read`` gives what came since the last look."""

    addresses: Addresses
    gateways: Gateways
    clock: FakeClock
    emails: FakeEmails
    texts: FakeTexts
    seen: list[int] = field(default_factory=lambda: [0, 0])

    def tick(self) -> None:
        for each in claim_messages(worker="w", addresses=self.addresses, limit=100, now=self.clock()):
            deliver_one(each, gateways=self.gateways, now=self.clock())

    def later(self, by: timedelta = GRACE) -> None:
        self.clock.advance(by)
        self.tick()

    def read(self) -> list[Email]:
        """The e-mails that came after the grace, since the last look."""
        self.later()
        new, self.seen[0] = self.emails.sent[self.seen[0] :], len(self.emails.sent)
        return new

    def subjects(self) -> dict[str, str]:
        """By address, what came since the last look: the part of the subject before the colon."""
        came = self.read()
        assert len({each.to for each in came}) == len(came), "somebody was told twice"
        return {each.to: each.letter.subject.partition(":")[0] for each in came}


@pytest.fixture
def post(addresses: Addresses, gateways: Gateways, clock: FakeClock, emails: FakeEmails, texts: FakeTexts) -> Post:
    return Post(addresses, gateways, clock, emails, texts)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office(with_rules=False)


def move(made: Appointment, post: Post, **given: object) -> Appointment:
    usual = {"starts_at": made.starts_at, "mode": made.mode}
    to = Destination(**{**usual, **given})  # type: ignore[arg-type]
    return moving.move_appointment(
        practice_id=made.practice_id, appointment_id=made.id, to=to, by=STAFF, now=post.clock()
    )


def of(made: Appointment, status: MessageStatus | None = None) -> list[Message]:
    wanted = select(Message).where(Message.appointment_id == made.id).order_by(Message.id)
    found = db.session.scalars(wanted.execution_options(populate_existing=True))
    return [each for each in found if status in (None, each.status)]


def invites(came: list[Email]) -> dict[str, tuple[str, int, str]]:
    """By address: the method, the sequence and who is invited."""
    found = {}
    for email in came:
        if email.invite is not None:
            (entry,) = Calendar.from_ical(email.invite.content).walk("VEVENT")
            found[email.to] = (email.invite.method, int(str(entry["SEQUENCE"])), str(entry["ATTENDEE"]))
    return found


# The grace


def test_nothing_is_said_before_the_grace_is_over(post: Post, office: Office) -> None:
    made = book(office, at(10, days=7))
    post.tick()
    assert (post.emails.sent, post.texts.sent) == ([], [])
    assert set(post.subjects().values()) == {"Confirmed"}
    assert len(post.texts.sent) == 1
    assert post.subjects() == {}
    assert Counter(each.status for each in of(made)) == {S.SENT: 2, S.ACCEPTED: 1}


def test_book_and_cancel_within_the_grace_tells_nobody(post: Post, office: Office) -> None:
    made = book(office, at(10, days=7))
    post.later(MINUTE)
    cancel(made, now=post.clock())
    assert (post.subjects(), post.texts.sent) == ({}, [])
    assert {each.status for each in of(made)} == {S.VOID}


def test_what_a_client_booked_and_the_practice_cancels_is_always_said(post: Post, office: Office) -> None:
    """The page told the client that it is booked; without a word they would come for nothing."""
    made = book(office, at(10, days=7))
    post.later(MINUTE)
    cancel(made, by=STAFF, now=post.clock())
    assert post.subjects() == {made.attendees[0].email: "Cancelled"}


def test_book_and_move_within_the_grace_is_one_confirmation(post: Post, office: Office) -> None:
    made = book(office, at(10, days=7))
    move(made, post, starts_at=at(14, days=7))
    came = post.read()
    assert {each.letter.subject for each in came} == {"Confirmed: appointment on Mon, Nov 30 at 2:00 PM MST"}
    assert len(came) == 2
    assert "2:00 PM" in post.texts.sent[0].body


def test_move_and_undo_within_the_grace_tells_nobody(post: Post, office: Office) -> None:
    made = book(office, at(10, days=7))
    post.read()
    move(made, post, starts_at=at(14, days=7))
    post.later(MINUTE)
    move(made, post, starts_at=at(10, days=7))
    assert (post.subjects(), len(post.texts.sent)) == ({}, 1)


def test_without_a_grace_it_is_said_at_once(post: Post, database: Session) -> None:
    made = book(make_office(practice={"grace_minutes": 0}, with_rules=False), at(10, days=7))
    post.tick()
    assert len(post.emails.sent) == 2
    assert made.sequence == 0


# Changes


def test_a_move_is_said_once_with_the_same_invite(post: Post, office: Office) -> None:
    made = book(office, at(10, days=7))
    post.read()
    move(made, post, starts_at=at(14, days=7))
    move(made, post, starts_at=at(15, days=7))
    came = post.read()
    assert [each.letter.subject for each in came] == ["Changed: appointment on Mon, Nov 30 at 3:00 PM MST"] * 2
    seat = made.attendees[0]
    assert invites(came) == {
        made.therapist.email: ("REQUEST", 2, f"mailto:{made.therapist.email}"),
        seat.email: ("REQUEST", 2, f"mailto:{seat.email}"),
    }
    assert "is rescheduled to" in post.texts.sent[-1].body


def test_another_way_to_meet_names_the_place_and_not_the_room(post: Post, office: Office) -> None:
    made = book(office, at(10, days=7))
    post.read()
    move(made, post, mode=Mode.IN_PERSON, location=office.location.public_id)
    words = [str(each.letter) for each in post.read()]
    assert all("1 Main Street" in each and "Room 1" not in each and "/j/" not in each for each in words)
    assert len(words) == 2
    assert "in person" in post.texts.sent[-1].body
    move(made, post, mode=Mode.VIRTUAL)
    assert ["Join by video" in str(each.letter) for each in post.read()] == [True, True]


def test_a_move_plans_the_reminders_anew(post: Post, database: Session) -> None:
    made = book(make_office(), at(10, days=7))
    post.read()
    move(made, post, starts_at=at(14, days=8))
    planned = [each for each in of(made, S.PLANNED) if each.kind == K.REMINDER]
    assert {each.due_at for each in planned} == {at(14, days=5), at(14, days=7)}
    assert {each.version for each in planned} == {1}


def test_whoever_was_told_of_one_time_is_told_that_this_one_is_off(post: Post, office: Office) -> None:
    """Moved, and cancelled before the move was said: the cancellation is about the time they know."""
    made = book(office, at(10, days=7))
    post.read()
    move(made, post, starts_at=at(14, days=7))
    cancel(made, now=post.clock())
    came = post.read()
    assert {each.letter.subject for each in came} == {"Cancelled: appointment on Mon, Nov 30 at 10:00 AM MST"}
    assert {method for method, _, _ in invites(came).values()} == {"CANCEL"}


def test_cancelled_by_mistake_and_brought_back(post: Post, office: Office) -> None:
    made = book(office, at(10, days=7))
    post.read()

    def bring_back() -> None:
        attending.set_status(
            practice_id=made.practice_id,
            appointment_id=made.id,
            status=AppointmentStatus.BOOKED,
            by=STAFF,
            now=post.clock(),
        )

    cancel(made, now=post.clock())
    bring_back()
    assert post.subjects() == {}, "within the grace nobody has to know"
    cancel(made, now=post.clock())
    assert set(post.subjects().values()) == {"Cancelled"}
    bring_back()
    assert set(post.subjects().values()) == {"Confirmed"}


def test_who_came_is_told_to_nobody(post: Post, office: Office) -> None:
    made = book(office, at(10))
    post.read()
    post.clock.instant = made.starts_at
    for status in (AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED, AppointmentStatus.NOSHOW):
        attending.set_status(
            practice_id=made.practice_id, appointment_id=made.id, status=status, by=STAFF, now=post.clock()
        )
    assert post.subjects() == {}


# Therapists


def test_a_new_therapist_is_told_and_the_old_one_too(post: Post, office: Office) -> None:
    made = book(office, at(10, days=7))
    post.read()
    other = make_therapist(office.practice, office.service, location=office.location, name="Sam Poe")
    move(made, post, therapist=other.public_id)
    came = post.read()
    assert {each.to: each.letter.subject.partition(":")[0] for each in came} == {
        office.therapist.email: "No longer yours",
        other.email: "Confirmed",
        made.attendees[0].email: "Changed",
    }
    assert {to: method for to, (method, _, _) in invites(came).items()} == {
        office.therapist.email: "CANCEL",
        other.email: "REQUEST",
        made.attendees[0].email: "REQUEST",
    }
    names = {each.to: each.to_name for each in came}
    assert (names[office.therapist.email], names[other.email]) == ("Dana Rivera", "Sam Poe")
    move(made, post, therapist=office.therapist.public_id)
    assert set(post.subjects().values()) == {"Confirmed", "No longer yours", "Changed"}


def test_two_therapists_are_both_told_and_named(post: Post, database: Session) -> None:
    office = make_office(service={"therapists_needed": 2}, with_rules=False)
    other = make_therapist(office.practice, office.service, location=office.location, name="Sam Poe")
    made = book(office, at(10, days=7), co_therapist=other.public_id)
    words = {each.to: dict(each.letter.facts) for each in post.read()}
    assert words[made.attendees[0].email]["With"] == "Dana Rivera and Sam Poe"
    assert words[office.therapist.email]["Together with"] == "Sam Poe"
    assert words[other.email]["Together with"] == "Dana Rivera"


# Several clients


@pytest.fixture
def couple(database: Session) -> Appointment:
    office = make_office(
        service={"kind": ServiceKind.COUPLE, "capacity": 2, "when_one_cancels": WhenOneCancels.GOES_ON}
    )
    others = (make_contact(name="Ann Bell", phone="+13035550199"),)
    return book(office, at(10, days=7), contact=make_contact(name="Jane Doe"), others=others)


def test_each_of_a_couple_gets_their_own_and_nobody_sees_the_other(
    post: Post, couple: Appointment, addresses: Addresses
) -> None:
    jane, ann = couple.attendees
    came = {each.to: each for each in post.read()}
    assert set(came) == {jane.email, ann.email, couple.therapist.email}
    for reader, partner in ((jane, ann), (ann, jane)):
        email = came[reader.email]
        assert email.invite is not None
        said = str(email.letter) + "".join(email.invite.content.decode().split("\r\n "))
        assert addresses.manage(reader) in said
        assert not {partner.name, partner.email, partner.public_id} & {
            each for each in (partner.name, partner.email, partner.public_id) if each in said
        }
    assert dict(came[couple.therapist.email].letter.facts)["With"] == "J. D., A. B."
    assert {each.to for each in post.texts.sent} == {jane.phone, ann.phone}


def test_one_of_a_couple_leaves_and_the_other_comes(post: Post, couple: Appointment) -> None:
    jane, ann = couple.attendees
    post.read()
    cancelling.cancel_appointment(
        practice_id=couple.practice_id, appointment_id=couple.id, attendee_id=ann.id, by=CLIENT, now=post.clock()
    )
    came = post.read()
    assert {each.to: each.letter.subject.partition(":")[0] for each in came} == {
        ann.email: "Cancelled",
        couple.therapist.email: "Changed",
    }
    assert {to: method for to, (method, _, _) in invites(came).items()} == {
        ann.email: "CANCEL",
        couple.therapist.email: "REQUEST",
    }
    to_therapist = next(each for each in came if each.to == couple.therapist.email)
    assert dict(to_therapist.letter.facts)["With"] == "J. D."
    post.clock.instant = at(10, days=4)
    assert post.subjects() == {jane.email: "Reminder"}, "her reminders stay, under the new version"


def test_a_reminder_in_a_workers_hands_is_not_sent_to_a_seat_that_was_cancelled(
    post: Post, couple: Appointment
) -> None:
    jane, ann = couple.attendees
    post.read()
    post.clock.instant = at(10, days=4)
    claimed = claim_messages(worker="w", addresses=post.addresses, limit=100, now=post.clock())
    cancelling.cancel_appointment(
        practice_id=couple.practice_id, appointment_id=couple.id, attendee_id=ann.id, by=CLIENT, now=post.clock()
    )
    for each in claimed:
        deliver_one(each, gateways=post.gateways, now=post.clock())
    reminders = [each.to for each in post.emails.sent if "Reminder" in each.letter.subject]
    assert reminders == [jane.email], "and the other one's still goes"


def group(**given: object) -> Office:
    return make_office(service={"kind": ServiceKind.GROUP, "capacity": 3, **given}, with_rules=False)


def test_who_joins_a_group_is_told_and_the_others_hear_nothing(post: Post, database: Session) -> None:
    office = group()
    first = book(office, at(10, days=7), contact=make_contact(name="Ann Bell"))
    post.read()
    made = book(office, at(10, days=7), contact=make_contact(name="Jane Doe"), now=post.clock())
    assert made.id == first.id
    came = {each.to: each for each in post.read()}
    assert set(came) == {made.attendees[-1].email, office.therapist.email}
    to_therapist = came[office.therapist.email].letter
    assert (to_therapist.subject.partition(":")[0], dict(to_therapist.facts)["With"]) == ("Changed", "A. B., J. D.")
    assert len(post.texts.sent) == 2


@pytest.mark.parametrize("is_claimed", [False, True])
def test_what_others_are_about_to_hear_is_not_lost_when_somebody_joins(
    post: Post, database: Session, is_claimed: bool
) -> None:
    office = group()
    ann = book(office, at(10, days=7), contact=make_contact(name="Ann Bell")).attendees[0]
    post.clock.advance(GRACE)
    claimed = claim_messages(worker="w", addresses=post.addresses, limit=100, now=post.clock()) if is_claimed else []
    book(office, at(10, days=7), contact=make_contact(name="Jane Doe"), now=post.clock())
    for each in claimed:
        deliver_one(each, gateways=post.gateways, now=post.clock())
    post.later()
    to_ann = [each.letter.subject.partition(":")[0] for each in post.emails.sent if each.to == ann.email]
    assert to_ann == ["Confirmed"]
    to_therapist = [each for each in post.emails.sent if each.to == office.therapist.email]
    assert dict(to_therapist[-1].letter.facts)["With"] == "A. B., J. D."


# Requests


@pytest.fixture
def asked(database: Session) -> Appointment:
    return book(make_office(service={"approval": Approval.ALWAYS}, with_rules=False), at(10, days=7))


def answer(asked: Appointment, post: Post, yes: bool, message: str = "") -> None:
    which = {"practice_id": asked.practice_id, "appointment_id": asked.id, "by": STAFF, "now": post.clock()}
    if yes:
        approving.approve_request(**which)  # type: ignore[arg-type]
    else:
        approving.decline_request(**which, message=message)  # type: ignore[arg-type]


def test_a_request_goes_to_both_with_a_way_to_answer(post: Post, asked: Appointment, addresses: Addresses) -> None:
    came = {each.to: each for each in post.read()}
    to_therapist, to_client = came[asked.therapist.email], came[asked.attendees[0].email]
    assert to_therapist.letter.actions[0][1] == addresses.answer(asked.public_id)
    assert "Wed, Nov 25 at 9:00 AM MST" in str(to_client.letter.paragraphs)
    assert addresses.answer(asked.public_id) not in str(to_client.letter)
    assert {each.invite for each in came.values()} == {None}
    assert "we have your request" in post.texts.sent[0].body


def test_yes_sends_the_invite(post: Post, asked: Appointment) -> None:
    post.read()
    answer(asked, post, yes=True)
    came = post.read()
    assert {each.letter.subject.partition(":")[0] for each in came} == {"Confirmed"}
    assert {method for method, _, _ in invites(came).values()} == {"REQUEST"}


def test_yes_within_the_grace_is_only_the_confirmation(post: Post, asked: Appointment) -> None:
    answer(asked, post, yes=True)
    assert set(post.subjects().values()) == {"Confirmed"}


@pytest.mark.parametrize("is_told", [False, True])
def test_no_comes_with_the_practices_words(post: Post, asked: Appointment, is_told: bool) -> None:
    if is_told:
        post.read()
    answer(asked, post, yes=False, message="Would Wednesday suit you?")
    came = {each.to: each.letter for each in post.read()}
    assert "Would Wednesday suit you?" in came[asked.attendees[0].email].paragraphs
    assert (asked.therapist.email in came) == is_told
    assert "cannot offer you" in post.texts.sent[-1].body


def test_a_request_that_nobody_answered(post: Post, asked: Appointment) -> None:
    post.read()
    assert asked.expires_at is not None
    post.clock.instant = asked.expires_at
    assert approving.expire_requests(now=post.clock()) == 1
    came = {each.to: each.letter for each in post.read()}
    assert "could not answer your request in time" in came[asked.attendees[0].email].paragraphs[0]
    assert came[asked.therapist.email].subject.startswith("Not answered")


def test_a_request_taken_back(post: Post, asked: Appointment) -> None:
    post.read()
    cancel(asked, now=post.clock())
    assert set(post.subjects().values()) == {"Taken back"}


# Texts on and off


def test_texts_off_and_on_again_bring_back_what_was_planned(post: Post, database: Session) -> None:
    made = book(make_office(), at(10, days=7))
    post.read()
    seat = made.attendees[0]
    before = sorted((each.id, each.due_at) for each in of(made, S.PLANNED))

    def set_texts(wants: bool) -> list[Message]:
        consents.set_texts(link=seat, wants=wants, by=CLIENT, now=post.clock())
        return of(made, S.PLANNED)

    assert {each.channel for each in set_texts(False)} == {Channel.EMAIL}
    assert sorted((each.id, each.due_at) for each in set_texts(True)) == before
    assert sorted((each.id, each.due_at) for each in set_texts(True)) == before
    assert post.subjects() == {}


# Offers


@pytest.fixture
def offer(office: Office) -> Offer:
    client = make_client(office.practice, name="Jane Doe")
    entry = keep(
        WaitlistEntry(
            practice_id=office.practice.id,
            client_id=client.id,
            service_id=office.service.id,
            name="Jane Doe",
            email="jane@waiting.example",
            phone="+13035550123",
            timezone="America/New_York",
            jurisdiction="CO",
            text_consent_at=NOW,
            text_consent_wording="Yes",
            location_id=office.location.id,
            modes=["virtual"],
            therapist_ids=[],
            windows=[],
            until=at(10, days=30).date(),
            status=WaitlistStatus.WAITING,
            created_at=NOW,
            changed_at=NOW,
        )
    )
    made = keep(
        Offer(
            practice_id=office.practice.id,
            entry_id=entry.id,
            therapist_id=office.therapist.id,
            mode=Mode.VIRTUAL,
            starts_at=at(10),
            ends_at=at(10, 50),
            status=OfferStatus.OPEN,
            expires_at=NOW + timedelta(hours=2),
            created_at=NOW,
        )
    )
    with transaction() as session:
        planning.plan_offer(session, made, readers_of_wait(session, entry, office.practice), now=NOW)
    return made


def test_an_offer_is_said_at_once_on_both_channels(post: Post, offer: Offer, addresses: Addresses) -> None:
    post.tick()
    (email,), (sms,) = post.emails.sent, post.texts.sent
    assert (email.to, email.invite) == ("jane@waiting.example", None)
    assert email.letter.actions == (("Take this time, or say no", addresses.offer(offer)),)
    assert "Mon, Nov 23 at 1:00 PM EST" in email.letter.paragraphs[0]
    assert "12:00 PM EST" in sms.body
    assert "10:00 AM MST" in dict(email.letter.facts)["Other time zone"]
    assert addresses.offer(offer) in sms.body


def test_in_person_an_offer_is_said_in_the_venues_time(post: Post, offer: Offer) -> None:
    offer.mode = Mode.IN_PERSON
    db.session.commit()
    post.tick()
    facts = dict(post.emails.sent[0].letter.facts)
    assert ("10:00 AM MST" in facts["When"], "1 Main Street" in facts["Where"]) == (True, True)


def test_an_offer_goes_by_text_only_with_consent(post: Post, offer: Offer) -> None:
    offer.entry.text_consent_at = None
    db.session.commit()
    post.tick()
    assert (len(post.emails.sent), post.texts.sent) == (1, [])


@pytest.mark.parametrize("is_claimed", [False, True])
def test_an_offer_that_was_answered_is_not_said(post: Post, offer: Offer, is_claimed: bool) -> None:
    claimed = claim_messages(worker="w", addresses=post.addresses, limit=9, now=post.clock()) if is_claimed else []
    offer.status = OfferStatus.DECLINED
    db.session.commit()
    for each in claimed:
        deliver_one(each, gateways=post.gateways, now=post.clock())
    post.tick()
    assert (post.emails.sent, post.texts.sent) == ([], [])
    found = db.session.scalars(select(Message).where(Message.offer_id == offer.id))
    assert {(each.status, each.reason) for each in found} == {(S.VOID, Reason.OFFER_ANSWERED)}


def test_an_offer_can_be_taken_back(post: Post, offer: Offer) -> None:
    with transaction() as session:
        planning.void_offer(session, offer, reason=Reason.OFFER_EXPIRED, now=post.clock())
    post.tick()
    assert (post.emails.sent, post.texts.sent) == ([], [])


# What it costs


@pytest.fixture
def statements(database: Session) -> Iterator[list[str]]:
    database.connection()  # What is counted is said after the beginning.
    with listening() as seen:
        yield seen


def test_a_new_appointment_is_planned_without_a_look_at_what_was_said(office: Office, statements: list[str]) -> None:
    book(office, at(10, days=7))
    assert sum(each.startswith("INSERT INTO message ") for each in statements) == 1
    assert not [each for each in statements if re.search(r"\b(FROM|JOIN|UPDATE) message\b", each)]


def test_a_new_appointment_costs_one_read_for_who_may_be_told_what(office: Office, statements: list[str]) -> None:
    """Who the client is, where they are safely reached, their rules, what they said, and what is suppressed."""
    book(office, at(10, days=7))
    about_clients = [each for each in statements if re.search(r"\b(client|consent|suppression|message_rule)\b", each)]
    assert [each.split()[0] for each in about_clients if "FROM" in each] == ["SELECT"]
    written = [each for each in statements if "SAVEPOINT" not in each]
    assert written[-1].startswith("INSERT INTO message ")


def test_a_batch_is_read_in_few_statements(
    post: Post, couple: Appointment, offer: Offer, statements: list[str]
) -> None:
    post.clock.advance(GRACE)
    before = len(statements)
    assert len(claim_messages(worker="w", addresses=post.addresses, limit=100, now=post.clock())) == 7
    reads = [each for each in statements[before:] if each.startswith("SELECT")]
    # What belongs together; which are due; the rows, their seats, offers and answers; what is withheld (2); how many
    # texts each number had; the practice's own words and hours. As many for a batch of a hundred as for one of seven.
    assert len(reads) <= 12
