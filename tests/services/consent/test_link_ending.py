"""Links that went to the wrong person are ended; nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.errors import InvalidInput, LinkEnded, LinkInvalid, NotAllowed, NotFound
from telehealth.domain.links import Linked
from telehealth.domain.message_words import Purpose
from telehealth.domain.ports import Email, Gateways
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import (
    Appointment,
    AppointmentEvent,
    Attendee,
    Client,
    Message,
    PracticeEvent,
    SeriesMember,
    WaitlistEntry,
)
from telehealth.queries.appointments.appointments import find_seat_by_link
from telehealth.queries.calendars.feeds import find_feed_by_secret, list_feeds
from telehealth.queries.consent.opt_outs import find_client_by_link
from telehealth.queries.waitlist.waitlist_entries import find_entry_by_link, find_offer_and_reader
from telehealth.services.appointments.cancelling import cancel_appointment
from telehealth.services.consent.consents import set_texts
from telehealth.services.consent.contact_correcting import RightContact, correct_contact
from telehealth.services.consent.contact_preferences import ContactPreferences, change_contact_preferences
from telehealth.services.consent.link_ending import end_links_of_appointment, end_links_of_client
from telehealth.services.consent.merging import merge_clients
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.waitlist.waiting import offer_freed_times
from tests.delivering import deliver_one
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    make_client,
    make_contact,
    make_couple_office,
    make_office,
    make_series,
    offers_to,
    wait,
)
from tests.factories.feeds import make_feed
from tests.fakes import FakeClock, FakeEmails, FakeTexts
from tests.moments import NOW, at

WRONG, RIGHT = "jane.do@example.com", "jane.doe@example.com"


@dataclass
class Desk:
    """An office, the outbox, and the links that were sent."""

    office: Office
    addresses: Addresses
    gateways: Gateways
    clock: FakeClock
    database: Session

    def send(self) -> None:
        for each in claim_messages(worker="w", addresses=self.addresses, limit=100, now=self.clock()):
            deliver_one(each, gateways=self.gateways, now=self.clock())

    def opens(self, token: str, purpose: LinkPurpose = LinkPurpose.MANAGE) -> bool:
        self.database.expire_all()
        find: Callable[[Linked], object] = {
            LinkPurpose.MANAGE: find_seat_by_link,
            LinkPurpose.JOIN: find_seat_by_link,
            LinkPurpose.WAIT: find_entry_by_link,
            LinkPurpose.OFFER: find_offer_and_reader,
            LinkPurpose.NO_OFFERS: find_client_by_link,
        }[purpose]
        try:
            return bool(find(self.addresses.read(purpose, token)))
        except LinkEnded as refusal:
            return refusal.phone != self.office.practice.phone

    def correct(self, seat: Attendee, email: str = RIGHT, phone: str = "+13035550123") -> Client:
        return correct_contact(
            practice_id=self.office.practice.id,
            client_public_id=seat.client.public_id,
            wish=RightContact(email, phone),
            by=BY_STAFF,
            now=self.clock(),
        )


@pytest.fixture
def desk(database: Session, addresses: Addresses, gateways: Gateways, clock: FakeClock) -> Desk:
    office = make_office(practice={"grace_minutes": 0}, with_rules=False)
    return Desk(office, addresses, gateways, clock, database)


@pytest.fixture
def booked(desk: Desk) -> Appointment:
    return book(desk.office, at(10, days=3), contact=make_contact(email=WRONG))


def seat_of(appointment: Appointment) -> Attendee:
    return appointment.attendees[0]


def manage_url_in(email: Email) -> str:
    return next(url for _, url in email.letter.actions if "/m/" in url)


def actions_of(database: Session, appointment: Appointment) -> list[AuditAction]:
    lines = select(AppointmentEvent.action).where(AppointmentEvent.appointment_id == appointment.id)
    return list(database.scalars(lines.order_by(AppointmentEvent.id)))


def test_every_link_to_an_appointment_can_be_ended(desk: Desk, booked: Appointment, database: Session) -> None:
    seat = seat_of(booked)
    tokens = {purpose: desk.addresses.token(purpose, seat) for purpose in (LinkPurpose.MANAGE, LinkPurpose.JOIN)}
    end_links_of_appointment(practice_id=booked.practice_id, appointment_id=booked.id, by=BY_STAFF, now=NOW)
    assert not any(desk.opens(token, purpose) for purpose, token in tokens.items())
    assert all(desk.opens(desk.addresses.token(purpose, seat), purpose) for purpose in tokens)
    assert actions_of(database, booked)[-1] == AuditAction.LINKS_ENDED
    assert database.get_one(Appointment, booked.id).status == AppointmentStatus.BOOKED, "nothing is lost"


def test_what_is_planned_carries_the_new_link(desk: Desk, booked: Appointment, emails: FakeEmails) -> None:
    old = desk.addresses.manage(seat_of(booked))
    end_links_of_appointment(practice_id=booked.practice_id, appointment_id=booked.id, by=BY_STAFF, now=NOW)
    desk.send()
    url = next(manage_url_in(each) for each in emails.sent if each.to == WRONG)
    assert url == desk.addresses.manage(seat_of(booked)) != old


def test_ended_twice_the_link_in_between_is_ended_too(desk: Desk, booked: Appointment) -> None:
    tokens = []
    for _ in range(3):
        tokens.append(desk.addresses.token(LinkPurpose.MANAGE, seat_of(booked)))
        end_links_of_appointment(practice_id=booked.practice_id, appointment_id=booked.id, by=BY_STAFF, now=NOW)
    assert [desk.opens(each) for each in tokens] == [False] * 3
    assert len(set(tokens)) == 3


def test_of_a_couple_one_can_be_ended_alone(database: Session, addresses: Addresses, gateways: Gateways) -> None:
    office = make_couple_office()
    desk = Desk(office, addresses, gateways, FakeClock(NOW), database)
    both = book(office, at(10), contact=make_contact(), others=(make_contact(name="Sam Lee", email="s@example.com"),))
    first, second = both.attendees
    tokens = [desk.addresses.token(LinkPurpose.MANAGE, each) for each in (first, second)]
    end_links_of_appointment(
        practice_id=both.practice_id, appointment_id=both.id, attendee_id=second.id, by=BY_STAFF, now=NOW
    )
    assert [desk.opens(each) for each in tokens] == [True, False]
    end_links_of_appointment(practice_id=both.practice_id, appointment_id=both.id, by=BY_STAFF, now=NOW)
    assert [desk.opens(each) for each in tokens] == [False, False]


def test_every_link_of_a_client_can_be_ended(desk: Desk, booked: Appointment, database: Session) -> None:
    client = seat_of(booked).client
    past = book(desk.office, at(14), contact=make_contact(email=WRONG))
    entry = wait(desk.office, contact=make_contact(email=WRONG))
    other = book(desk.office, at(15), contact=make_contact(name="Sam Lee", email="sam@example.com"))
    tokens = [
        (LinkPurpose.MANAGE, desk.addresses.token(LinkPurpose.MANAGE, seat_of(booked))),
        (LinkPurpose.MANAGE, desk.addresses.token(LinkPurpose.MANAGE, seat_of(past))),
        (LinkPurpose.WAIT, desk.addresses.token(LinkPurpose.WAIT, entry)),
        (LinkPurpose.NO_OFFERS, desk.addresses.unsubscribe(client, Purpose.OFFERS).rpartition("/")[2]),
    ]
    end_links_of_client(practice_id=booked.practice_id, client_public_id=client.public_id, by=BY_STAFF, now=at(16))
    assert [desk.opens(token, purpose) for purpose, token in tokens] == [False] * 4
    assert desk.opens(desk.addresses.token(LinkPurpose.MANAGE, seat_of(other))), "somebody else's"
    line = database.scalars(select(PracticeEvent).where(PracticeEvent.subject == AuditSubject.CLIENT)).one()
    assert (line.action, line.subject_public_id) == (AuditAction.LINKS_ENDED, client.public_id)


@pytest.mark.parametrize("ends_by", ["ending", "correcting"])
def test_what_went_to_a_record_that_was_merged_into_theirs_ends_too(desk: Desk, ends_by: str) -> None:
    practice = desk.office.practice
    kept, other, stranger = (make_client(practice, name="Jane Doe", email=f"{each}@example.com") for each in "abc")
    _, theirs = make_feed(practice, other)
    left, _ = make_feed(practice, stranger)
    token = desk.addresses.unsubscribe(other, Purpose.OFFERS).rpartition("/")[2]
    given = {"practice_id": practice.id, "by": BY_STAFF, "now": NOW}
    merge_clients(kept_public_id=kept.public_id, other_public_id=other.public_id, sides={}, **given)
    assert desk.opens(token, LinkPurpose.NO_OFFERS)
    if ends_by == "ending":
        end_links_of_client(client_public_id=kept.public_id, **given)
    else:
        correct_contact(client_public_id=kept.public_id, wish=RightContact("safe@example.com"), **given)
    assert [each.id for each in list_feeds(practice.id)] == [left.id]
    with pytest.raises(LinkInvalid):
        find_feed_by_secret(theirs.removeprefix("/calendar/").removesuffix(".ics"))
    assert not desk.opens(token, LinkPurpose.NO_OFFERS), "it would stop what the kept one hears"


def test_an_offer_ends_with_the_links_of_its_wait(desk: Desk) -> None:
    taken = book(desk.office, at(10))
    entry = wait(desk.office, contact=make_contact(name="Sam Lee", email="sam@example.com"))
    cancel_appointment(practice_id=taken.practice_id, appointment_id=taken.id, by=BY_CLIENT, now=NOW)
    offer_freed_times(now=NOW + timedelta(hours=1))
    offer = offers_to(entry)[0]
    token = desk.addresses.token(LinkPurpose.OFFER, offer)
    client = desk.database.get_one(Client, entry.client_id)
    end_links_of_client(practice_id=entry.practice_id, client_public_id=client.public_id, by=BY_STAFF, now=NOW)
    assert not desk.opens(token, LinkPurpose.OFFER)


def test_only_staff_end_links_and_only_their_own_practices(desk: Desk, booked: Appointment) -> None:
    client = seat_of(booked).client.public_id
    given = {"practice_id": booked.practice_id, "now": NOW}
    with pytest.raises(NotAllowed):
        end_links_of_appointment(**given, appointment_id=booked.id, by=BY_CLIENT)
    with pytest.raises(NotAllowed):
        end_links_of_client(**given, client_public_id=client, by=BY_CLIENT)
    elsewhere = make_office(practice={"slug": "elsewhere"}).practice.id
    for attempt in (
        lambda: end_links_of_appointment(practice_id=elsewhere, appointment_id=booked.id, by=BY_STAFF, now=NOW),
        lambda: end_links_of_client(practice_id=elsewhere, client_public_id=client, by=BY_STAFF, now=NOW),
        lambda: end_links_of_appointment(**given, appointment_id=booked.id, attendee_id=10**6, by=BY_STAFF),
    ):
        with pytest.raises(NotFound):
            attempt()


class TestCorrecting:
    def test_a_mistyped_address_loses_its_power_and_the_right_one_is_told(
        self, desk: Desk, booked: Appointment, emails: FakeEmails, database: Session
    ) -> None:
        desk.send()
        stranger = next(manage_url_in(each) for each in emails.sent if each.to == WRONG).rpartition("/")[2]
        emails.sent.clear()
        desk.correct(seat_of(booked))
        assert not desk.opens(stranger)
        desk.send()
        told = [each for each in emails.sent if each.to == RIGHT]
        assert [each.invite is not None for each in told] == [True]
        assert desk.opens(manage_url_in(told[0]).rpartition("/")[2])
        assert [each.to for each in emails.sent] == [RIGHT], "the therapist knows, and the stranger hears nothing"
        assert actions_of(database, booked)[-2:] == [AuditAction.CONTACT_CHANGED, AuditAction.LINKS_ENDED]

    def test_it_holds_for_all_that_lies_ahead(self, desk: Desk, booked: Appointment, database: Session) -> None:
        client = seat_of(booked).client
        entry = wait(desk.office, contact=make_contact(email=WRONG))
        make_series(desk.office, contacts=[make_contact(email=WRONG)], count=4)
        desk.correct(seat_of(booked), phone="")
        database.expire_all()
        found = database.get_one(Client, client.id)
        assert (found.email, found.phone) == (RIGHT, None)
        seats = database.scalars(select(Attendee).where(Attendee.client_id == client.id)).all()
        rows = [*seats, database.get_one(WaitlistEntry, entry.id), *database.scalars(select(SeriesMember))]
        assert len(rows) > 3
        assert {(each.email, each.phone) for each in rows} == {(RIGHT, None)}

    def test_what_was_stays_as_it_was(self, desk: Desk, database: Session) -> None:
        past = book(desk.office, at(10), contact=make_contact(email=WRONG))
        correct_contact(
            practice_id=past.practice_id,
            client_public_id=seat_of(past).client.public_id,
            wish=RightContact(RIGHT),
            by=BY_STAFF,
            now=at(16),
        )
        database.expire_all()
        assert seat_of(past).email == WRONG

    def test_who_books_again_with_the_right_address_is_the_same_client(self, desk: Desk, booked: Appointment) -> None:
        desk.correct(seat_of(booked))
        again = book(desk.office, at(15), contact=make_contact(email=RIGHT))
        assert seat_of(again).client_id == seat_of(booked).client_id

    def test_a_file_that_has_the_right_address_already_stays_another_one(self, desk: Desk, booked: Appointment) -> None:
        other = book(desk.office, at(15), contact=make_contact(email=RIGHT))
        desk.correct(seat_of(booked))
        again = book(desk.office, at(16), contact=make_contact(email=RIGHT))
        assert seat_of(again).client_id == seat_of(other).client_id != seat_of(booked).client_id

    def test_nothing_new_changes_nothing(self, desk: Desk, booked: Appointment) -> None:
        token = desk.addresses.token(LinkPurpose.MANAGE, seat_of(booked))
        desk.correct(seat_of(booked), email=WRONG, phone=seat_of(booked).phone or "")
        assert desk.opens(token)

    def test_of_a_standing_slot_the_next_date_speaks_for_all(
        self, desk: Desk, clock: FakeClock, emails: FakeEmails, database: Session
    ) -> None:
        made = make_series(desk.office, contacts=[make_contact(email=WRONG)], count=6)
        desk.send()
        emails.sent.clear()
        before = database.scalars(select(Message.id)).all()
        seat = database.scalars(select(Attendee).order_by(Attendee.id)).first()
        assert seat is not None
        assert made.members[0].client_id == seat.client_id
        desk.correct(seat)
        new = database.scalars(select(Message).where(Message.id.not_in(before))).all()
        assert [each.attendee_id for each in new if each.copy] in ([seat.id], [])
        desk.send()
        assert len([each for each in emails.sent if each.to == RIGHT]) <= 1

    @pytest.mark.parametrize(
        ("email", "phone", "fields"),
        [("jane@", "", {"email"}), (RIGHT, "12", {"phone"}), ("", "x", {"email", "phone"})],
    )
    def test_what_cannot_be_is_said(
        self, desk: Desk, booked: Appointment, email: str, phone: str, fields: set[str]
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            desk.correct(seat_of(booked), email=email, phone=phone)
        assert set(refused.value.fields) == fields

    def test_who_is_called_keeps_a_number(self, desk: Desk) -> None:
        made = book(desk.office, at(15), mode=Mode.PHONE)
        with pytest.raises(InvalidInput, match="marked"):
            desk.correct(seat_of(made), phone="")

    def test_a_safe_address_ends_the_links_that_went_elsewhere(
        self, desk: Desk, booked: Appointment, emails: FakeEmails
    ) -> None:
        desk.send()
        emails.sent.clear()
        token = desk.addresses.token(LinkPurpose.MANAGE, seat_of(booked))
        wish = ContactPreferences(locale="en", safe_email=RIGHT)
        for _ in range(2):
            change_contact_preferences(
                practice_id=booked.practice_id,
                client_public_id=seat_of(booked).client.public_id,
                wish=wish,
                by=BY_STAFF,
                now=NOW,
            )
        assert not desk.opens(token)
        desk.send()
        assert [each.to for each in emails.sent] == [RIGHT], "once"

    def test_a_code_name_or_a_note_ends_none(self, desk: Desk, booked: Appointment) -> None:
        token = desk.addresses.token(LinkPurpose.MANAGE, seat_of(booked))
        wish = ContactPreferences(locale="es", code_name="Sam", contact_note="Call before five.")
        change_contact_preferences(
            practice_id=booked.practice_id,
            client_public_id=seat_of(booked).client.public_id,
            wish=wish,
            by=BY_STAFF,
            now=NOW,
        )
        assert desk.opens(token)

    def test_only_staff_correct(self, desk: Desk, booked: Appointment) -> None:
        with pytest.raises(NotAllowed):
            correct_contact(
                practice_id=booked.practice_id,
                client_public_id=seat_of(booked).client.public_id,
                wish=RightContact(RIGHT),
                by=BY_CLIENT,
                now=NOW,
            )


class TestTheClientsOwnNumber:
    def test_another_number_ends_what_was_texted_to_the_first(
        self, desk: Desk, booked: Appointment, texts: FakeTexts, emails: FakeEmails
    ) -> None:
        desk.send()
        assert len(texts.sent) == 1
        emails.sent.clear()
        token = desk.addresses.token(LinkPurpose.MANAGE, seat_of(booked))
        changed = self.change(booked, "(303) 555-0188", now=NOW)
        assert not desk.opens(token)
        assert desk.opens(desk.addresses.token(LinkPurpose.MANAGE, changed))
        desk.send()
        assert [each.to for each in emails.sent] == [WRONG], "their new link"

    def test_the_same_number_ends_nothing(self, desk: Desk, booked: Appointment) -> None:
        token = desk.addresses.token(LinkPurpose.MANAGE, seat_of(booked))
        self.change(booked, seat_of(booked).phone or "", now=NOW)
        assert desk.opens(token)

    def test_a_first_number_ends_nothing(self, desk: Desk) -> None:
        made = book(desk.office, at(15), contact=make_contact(wants_texts=False))
        token = desk.addresses.token(LinkPurpose.MANAGE, seat_of(made))
        self.change(made, "(303) 555-0188", now=NOW)
        assert desk.opens(token)

    @staticmethod
    def change(appointment: Appointment, phone: str, *, now: datetime) -> Attendee:
        seat = appointment.attendees[0]
        return set_texts(link=seat, phone=phone, wants=True, by=BY_CLIENT, now=now)


def test_a_client_without_anything_ahead_has_no_links_that_count(desk: Desk) -> None:
    client = make_client(desk.office.practice)
    token = desk.addresses.unsubscribe(client, Purpose.OFFERS).rpartition("/")[2]
    end_links_of_client(practice_id=client.practice_id, client_public_id=client.public_id, by=BY_STAFF, now=NOW)
    assert not desk.opens(token, LinkPurpose.NO_OFFERS)
