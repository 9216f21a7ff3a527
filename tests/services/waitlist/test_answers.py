"""Accepting an offer: booked, or moved there, at once and only once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.domain.errors import NotFound, OfferGone, SlotTaken
from telehealth.domain.message_words import MessageKind, MessageStatus
from telehealth.domain.words import (
    AppointmentStatus,
    Approval,
    LateChange,
    Mode,
    OfferStatus,
    ServiceKind,
    WaitlistStatus,
)
from telehealth.models import Appointment, FreedTime, Message, Occupancy, Offer, Policy, WaitlistEntry
from telehealth.services.waitlist.waiting import accept_offer, decline_offer, expire_waits, offer_freed_times
from tests.factories import (
    BY_CLIENT,
    Office,
    book,
    cancel,
    make_contact,
    make_office,
    make_service,
    make_therapist,
    offers_to,
    wait,
)
from tests.factories.rows import keep
from tests.moments import NOW, at

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SOON = NOW + 6 * MINUTE
LATER = NOW + 30 * MINUTE


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def offered(office: Office, entry: WaitlistEntry, *, hour: int = 10, days: int = 1) -> Offer:
    """Somebody cancels, and the one who waits is asked."""
    cancel(book(office, at(hour, days=days), contact=make_contact()))
    assert offer_freed_times(now=SOON) == 1
    return offers_to(entry)[-1]


def taken_by(database: Session, appointment: Appointment) -> int:
    counted = select(func.count()).select_from(Occupancy).where(Occupancy.appointment_id == appointment.id)
    return database.scalar(counted) or 0


def appointments(database: Session) -> list[Appointment]:
    active = Appointment.status.in_((AppointmentStatus.BOOKED, AppointmentStatus.PENDING))
    return list(database.scalars(select(Appointment).where(active).order_by(Appointment.id)))


def test_accepting_books_what_was_offered(database: Session, office: Office) -> None:
    contact = make_contact(timezone="America/New_York")
    entry = wait(office, contact=contact)
    offer = offered(office, entry)
    made = accept_offer(offer_public_id=offer.public_id, by=BY_CLIENT, now=LATER)
    assert (made.starts_at, made.status, made.therapist_id) == (at(10), AppointmentStatus.BOOKED, office.therapist.id)
    seat = made.attendees[0]
    assert (seat.client_id, seat.email, seat.timezone) == (entry.client_id, contact.email, "America/New_York")
    assert seat.text_consent_at is not None
    (answered,) = offers_to(entry)
    assert (answered.status, answered.answered_at, answered.appointment_id) == (OfferStatus.ACCEPTED, LATER, made.id)
    assert entry.status == WaitlistStatus.BOOKED
    assert taken_by(database, made) == 2
    assert database.scalars(select(Occupancy.id).where(Occupancy.hold_id.is_not(None))).all() == []


def test_messages_of_the_offer_that_were_not_sent_are_taken_back(database: Session, office: Office) -> None:
    entry = wait(office)
    offer = offered(office, entry)
    accept_offer(offer_public_id=offer.public_id, by=BY_CLIENT, now=SOON)
    told = select(Message.status).where(Message.offer_id == offer.id)
    assert set(database.scalars(told)) == {MessageStatus.VOID}
    kinds = select(Message.kind).where(Message.appointment_id.is_not(None), Message.status == MessageStatus.PLANNED)
    assert MessageKind.CONFIRMATION in set(database.scalars(kinds))


def test_a_second_answer_is_told_so(office: Office) -> None:
    entry = wait(office)
    offer = offered(office, entry)
    accept_offer(offer_public_id=offer.public_id, by=BY_CLIENT, now=SOON)
    with pytest.raises(OfferGone, match="accepted this offer already"):
        accept_offer(offer_public_id=offer.public_id, by=BY_CLIENT, now=SOON)
    with pytest.raises(OfferGone):
        decline_offer(offer_public_id=offer.public_id, now=SOON)
    assert expire_waits(now=SOON + 3 * HOUR) == 0


def test_too_late_or_declined_is_gone(database: Session, office: Office) -> None:
    first = wait(office)
    offer = offered(office, first)
    with pytest.raises(OfferGone):
        accept_offer(offer_public_id=offer.public_id, by=BY_CLIENT, now=offer.expires_at)
    assert (offer.is_open(now=offer.expires_at - MINUTE), offer.is_open(now=offer.expires_at)) == (True, False)
    decline_offer(offer_public_id=offer.public_id, now=SOON)
    with pytest.raises(OfferGone):
        accept_offer(offer_public_id=offer.public_id, by=BY_CLIENT, now=SOON)
    with pytest.raises(OfferGone):
        decline_offer(offer_public_id=offer.public_id, now=SOON)
    with pytest.raises(NotFound):
        accept_offer(offer_public_id="nothing", by=BY_CLIENT, now=SOON)
    assert (appointments(database), first.status) == ([], WaitlistStatus.WAITING)


def test_what_was_declined_or_lapsed_is_free_for_anybody(office: Office) -> None:
    offer = offered(office, wait(office))
    with pytest.raises(SlotTaken):
        book(office, at(10), now=offer.expires_at - MINUTE)
    assert book(office, at(10), now=offer.expires_at).starts_at == at(10), "without waiting for the tick"


def test_the_later_appointment_moves_there(database: Session, office: Office) -> None:
    contact = make_contact()
    later = book(office, at(10, days=9), contact=contact)
    uid, sequence = later.uid, later.sequence
    entry = wait(office, contact=contact, replaces=later.attendees[0].public_id)
    offer = offered(office, entry)
    moved = accept_offer(offer_public_id=offer.public_id, by=BY_CLIENT, now=LATER)
    assert (moved.id, moved.uid, moved.starts_at, moved.sequence) == (later.id, uid, at(10), sequence + 1)
    assert [each.id for each in appointments(database)] == [later.id]
    assert taken_by(database, moved) == 2
    released = select(FreedTime).where(FreedTime.starts_at == at(10, days=9))
    assert len(database.scalars(released).all()) == 1, "the later time is offered to others"
    assert entry.status == WaitlistStatus.BOOKED
    assert book(office, at(10, days=9), now=LATER).starts_at == at(10, days=9)


def test_another_therapist_service_and_way_to_meet(database: Session, office: Office) -> None:
    other = make_therapist(office.practice, office.service, location=office.location)
    short = make_service(office.practice, duration_minutes=25)
    giver = make_therapist(office.practice, short, location=office.location)
    contact = make_contact()
    later = book(office, at(10, days=9), contact=contact, therapist=other.public_id)
    entry = wait(
        office,
        service=short.public_id,
        modes=(Mode.IN_PERSON,),
        contact=contact,
        replaces=later.attendees[0].public_id,
    )
    cancel(book(office, at(10), service=short.public_id, therapist=giver.public_id))
    assert offer_freed_times(now=SOON) == 1
    moved = accept_offer(offer_public_id=offers_to(entry)[0].public_id, by=BY_CLIENT, now=SOON)
    assert (moved.id, moved.service_id, moved.therapist_id, moved.mode) == (
        later.id,
        short.id,
        giver.id,
        Mode.IN_PERSON,
    )
    assert moved.ends_at - moved.starts_at == 25 * MINUTE
    assert moved.room_id == office.room.id


def test_if_the_later_one_was_cancelled_meanwhile_it_is_simply_booked(database: Session, office: Office) -> None:
    contact = make_contact()
    later = book(office, at(10, days=9), contact=contact)
    entry = wait(office, contact=contact, replaces=later.attendees[0].public_id)
    offer = offered(office, entry)
    cancel(later, now=SOON)
    made = accept_offer(offer_public_id=offer.public_id, by=BY_CLIENT, now=LATER)
    assert made.id != later.id
    assert [each.id for each in appointments(database)] == [made.id]


def test_the_terms_do_not_stand_in_the_way_of_what_the_practice_offers(database: Session, office: Office) -> None:
    terms = keep(
        Policy(
            practice_id=office.practice.id,
            version=1,
            window_minutes=10 * 24 * 60,
            when_late=LateChange.CALL,
            created_at=NOW,
        )
    )
    strict = make_service(office.practice, policy_id=terms.id)
    therapist = make_therapist(office.practice, strict)
    contact = make_contact()
    later = book(
        office, at(10, days=9), service=strict.public_id, therapist=therapist.public_id, contact=contact, now=NOW - HOUR
    )
    entry = wait(office, service=strict.public_id, contact=contact, replaces=later.attendees[0].public_id)
    cancel(
        book(office, at(10), service=office.service.public_id), now=NOW
    )  # Of a therapist who does not give the service.
    other = book(office, at(13), service=strict.public_id, therapist=therapist.public_id, now=NOW)
    cancel(other, now=NOW)
    assert offer_freed_times(now=SOON) == 1
    moved = accept_offer(offer_public_id=offers_to(entry)[0].public_id, by=BY_CLIENT, now=SOON)
    assert (moved.id, moved.starts_at) == (later.id, at(13))


def test_no_second_yes_is_needed(database: Session, office: Office) -> None:
    asked_for = make_service(office.practice, approval=Approval.ALWAYS)
    therapist = make_therapist(office.practice, asked_for)
    entry = wait(office, service=asked_for.public_id)
    cancel(book(office, at(10), service=asked_for.public_id, therapist=therapist.public_id))
    assert offer_freed_times(now=SOON) == 1
    made = accept_offer(offer_public_id=offers_to(entry)[0].public_id, by=BY_CLIENT, now=SOON)
    assert made.status == AppointmentStatus.BOOKED


def test_an_offer_within_the_notice_can_still_be_taken(database: Session) -> None:
    office = make_office(service={"notice_minutes": 25 * 60})
    entry = wait(office)
    offer = offered(office, entry, hour=11)
    assert offer.expires_at > at(11) - 25 * HOUR
    made = accept_offer(offer_public_id=offer.public_id, by=BY_CLIENT, now=offer.expires_at - MINUTE)
    assert made.starts_at == at(11)


def test_a_seat_in_a_later_group_is_given_up_and_the_group_stays(database: Session) -> None:
    office = make_office(service={"kind": ServiceKind.GROUP, "capacity": 2})
    contact = make_contact()
    later = book(office, at(10, days=8), contact=contact)
    book(office, at(10, days=8), contact=make_contact())
    sooner = book(office, at(10), contact=make_contact())
    book(office, at(10), contact=make_contact())
    mine = next(seat for seat in later.attendees if seat.email == contact.email)
    entry = wait(office, contact=contact, replaces=mine.public_id)
    cancel(sooner, attendee_id=sooner.attendees[0].id)
    assert offer_freed_times(now=SOON) >= 1
    taken = accept_offer(offer_public_id=offers_to(entry)[0].public_id, by=BY_CLIENT, now=SOON)
    assert taken.id == sooner.id
    database.refresh(later)
    assert (later.starts_at, later.status, len(later.seats)) == (at(10, days=8), AppointmentStatus.BOOKED, 1)


def test_a_client_who_has_become_busy_keeps_the_offer(office: Office) -> None:
    other = make_therapist(office.practice, office.service)
    contact = make_contact()
    entry = wait(office, contact=contact)
    offer = offered(office, entry)
    book(office, at(10), contact=contact, therapist=other.public_id, now=SOON)
    with pytest.raises(SlotTaken):
        accept_offer(offer_public_id=offer.public_id, by=BY_CLIENT, now=LATER)
    assert [each.status for each in offers_to(entry)] == [OfferStatus.OPEN]
