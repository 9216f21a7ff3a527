"""Offers under contention: one winner each, clear answers to the rest, and nobody is asked twice."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.words import AppointmentStatus, OfferStatus, WaitlistStatus
from telehealth.models import Appointment, FreedTime, Offer, WaitlistEntry
from telehealth.services.appointments.cancelling import cancel_appointment
from telehealth.services.waitlist.waiting import accept_offer, expire_waits, leave_waitlist, offer_freed_times
from tests.concurrency.conftest import Race
from tests.concurrency.racing import look_again
from tests.concurrency.test_booking import booking, overlapping, winners
from tests.factories import (
    BY_CLIENT,
    Office,
    book,
    cancel,
    make_contact,
    make_office,
    make_therapist,
    make_wish,
    offers_to,
    wait,
)
from tests.moments import NOW, at

pytestmark = pytest.mark.concurrency

MINUTE = timedelta(minutes=1)
SOON = NOW + 6 * MINUTE
MANY = 8


def offered(office: Office, entry: WaitlistEntry, hour: int) -> Offer:
    cancel(book(office, at(hour)))
    assert offer_freed_times(now=SOON) == 1
    return offers_to(entry)[-1]


def booked() -> list[Appointment]:
    look_again()
    active = (AppointmentStatus.BOOKED, AppointmentStatus.PENDING)
    return list(db.session.scalars(select(Appointment).where(Appointment.status.in_(active))))


def test_one_offer_is_accepted_once(race: Race) -> None:
    office = make_office()
    for made, hour in enumerate((9, 11, 13), start=1):
        offer = offered(office, wait(office), hour)
        accepting = partial(accept_offer, offer_public_id=offer.public_id, by=BY_CLIENT, now=SOON)
        winners(race([accepting] * MANY), expected=1, refusals={"OfferGone"})
        assert len(booked()) == made
        assert overlapping() == 0


def test_accepting_and_letting_it_lapse(race: Race) -> None:
    office = make_office()
    for hour in (9, 11, 13):
        offer = offered(office, entry := wait(office), hour)
        accepting = partial(accept_offer, offer_public_id=offer.public_id, by=BY_CLIENT, now=offer.expires_at - MINUTE)
        lapsing = partial(expire_waits, now=offer.expires_at)
        outcomes = race([accepting, lapsing] * 3)
        assert {each.error for each in outcomes} <= {"", "OfferGone"}, outcomes
        look_again()
        (found,) = offers_to(entry)
        assert found.status in (OfferStatus.ACCEPTED, OfferStatus.EXPIRED)
        taken = [each for each in booked() if each.starts_at == at(hour)]
        assert len(taken) == (found.status == OfferStatus.ACCEPTED)
        assert overlapping() == 0
        leave_waitlist(practice_id=office.practice.id, entry_public_id=entry.public_id, now=NOW)


def test_accepting_and_booking_at_the_last_moment(race: Race) -> None:
    office = make_office()
    for made, hour in enumerate((9, 11, 13), start=1):
        offer = offered(office, wait(office), hour)
        accepting = partial(accept_offer, offer_public_id=offer.public_id, by=BY_CLIENT, now=offer.expires_at - MINUTE)
        wishes = [make_wish(office, at(hour)) for _ in range(3)]
        outcomes = race([accepting, *(booking(office, wish) for wish in wishes)])
        winners(outcomes, expected=1, refusals={"OfferGone", "SlotTaken", "SlotNotOffered"})
        assert len(booked()) == made
        assert overlapping() == 0


def test_many_workers_make_one_offer_a_slot(race: Race) -> None:
    office = make_office()
    entries = [wait(office, now=NOW + number * timedelta(seconds=1)) for number in range(MANY)]
    for hour in (9, 11, 13):
        cancel(book(office, at(hour)))
    outcomes = race([partial(offer_freed_times, now=SOON)] * 4)
    assert {each.error for each in outcomes} == {""}, outcomes
    look_again()
    open_offers = list(db.session.scalars(select(Offer).where(Offer.status == OfferStatus.OPEN)))
    assert len(open_offers) == sum(each.value for each in outcomes)
    asked = Counter(offer.entry_id for offer in open_offers)
    assert set(asked.values()) == {1}
    assert {at(hour) for hour in (9, 11, 13)} <= {offer.starts_at for offer in open_offers}
    assert set(asked) <= {entry.id for entry in entries}
    assert overlapping() == 0


def test_taking_something_earlier_and_cancelling_what_it_replaces(race: Race) -> None:
    office = make_office()
    other = make_therapist(office.practice, office.service)
    for hour in (9, 11, 13):
        contact = make_contact()
        later = book(office, at(hour, days=9), contact=contact, therapist=other.public_id)
        entry = wait(office, contact=contact, replaces=later.attendees[0].public_id)
        offer = offered(office, entry, hour)
        outcomes = race(
            [
                partial(accept_offer, offer_public_id=offer.public_id, by=BY_CLIENT, now=SOON),
                partial(
                    cancel_appointment,
                    practice_id=office.practice.id,
                    appointment_id=later.id,
                    by=BY_CLIENT,
                    now=SOON,
                ),
            ]
        )
        assert {each.error for each in outcomes} == {""}, outcomes
        assert [each for each in booked() if each.starts_at == at(hour, days=9)] == []
        assert overlapping() == 0
        look_again()
        assert db.session.get_one(WaitlistEntry, entry.id).status == WaitlistStatus.BOOKED


def test_joining_twice_at_once_is_one_place(race: Race) -> None:
    office = make_office()
    contact = make_contact()
    outcomes = race([partial(wait, office, contact=contact)] * MANY)
    winners(outcomes, expected=MANY, refusals=set())
    look_again()
    assert len(db.session.scalars(select(WaitlistEntry)).all()) == 1
    assert db.session.scalars(select(FreedTime)).all() == []
