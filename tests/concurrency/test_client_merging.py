"""A record becomes part of another just while its owner books, or it is parted again: nothing is lost or doubled."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from telehealth.database import db
from telehealth.domain.audit_words import Actor
from telehealth.domain.contact import Contact
from telehealth.models import Appointment, Attendee, Client, ClientMerge, Occupancy, WaitlistEntry
from telehealth.services.appointments.booking import book_appointment
from telehealth.services.audit import ActedBy
from telehealth.services.consent.erasing import agree_to_erase, ask_erasure
from telehealth.services.consent.merging import merge_clients, undo_merge
from telehealth.services.waitlist.waiting import join_waitlist
from tests.concurrency.conftest import Race
from tests.concurrency.invariants import require_all
from tests.concurrency.racing import Call
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    make_contact,
    make_office,
    make_service,
    make_therapist,
    make_user,
    make_wait_wish,
    make_wish,
)
from tests.factories.contacts import make_client
from tests.moments import NOW, at

pytestmark = pytest.mark.concurrency

ROUNDS = 3
MERGES = {"", "CannotMerge"}
BOOKINGS = {"", "SlotTaken"}


@pytest.fixture
def pair() -> list[Contact]:
    return [make_contact(name=name, email=f"{name}@example.com") for name in ("Ana", "Anna")]


def make_pair(office: Office, pair: list[Contact]) -> list[Client]:
    return [make_client(office.practice, name=each.name, email=each.email) for each in pair]


def merging(kept: Client, other: Client) -> Call:
    about = {"practice_id": kept.practice_id, "sides": {}, "by": BY_STAFF, "now": NOW}
    return partial(merge_clients, **about, kept_public_id=kept.public_id, other_public_id=other.public_id)


def booking(office: Office, contact: Contact, hour: int, **given: str) -> Call:
    wish = make_wish(office, at(hour), contact=contact, **given)
    return partial(book_appointment, practice=office.practice.id, wish=wish, by=BY_CLIENT, now=NOW)


def require_one_client(kept: Client, other: Client) -> None:
    """Everything is the kept one's, and so is the time of it."""
    db.session.rollback()
    for model in (Attendee, WaitlistEntry):
        assert db.session.scalar(select(func.count()).where(model.client_id == other.id)) == 0
    taken = select(Occupancy.appointment_id).where(Occupancy.resource_id == kept.resource_id)
    sits = select(Attendee.appointment_id).where(Attendee.client_id == kept.id)
    assert sorted(db.session.scalars(taken)) == sorted(db.session.scalars(sits))
    require_all(now=NOW)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_booking_while_the_record_is_given_up(race: Race, pair: list[Contact], round_: int) -> None:
    office = make_office()
    kept, other = make_pair(office, pair)
    hours = [9, 10, 11, 13, 14]
    calls = [booking(office, pair[1], hour) for hour in hours]
    calls.insert(round_, merging(kept, other))
    outcomes = race(calls)
    assert [each.error for each in outcomes] == [""] * len(calls)
    assert db.session.scalar(select(func.count()).select_from(Appointment)) == len(hours)
    require_one_client(kept, other)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_two_bookings_at_one_time_are_not_both_one_client_s(race: Race, pair: list[Contact], round_: int) -> None:
    """Each record books with another therapist at ten: either they stay two, or one of the bookings is refused."""
    office = make_office()
    colleague = make_therapist(office.practice, office.service, location=office.location)
    kept, other = make_pair(office, pair)
    calls = [booking(office, pair[0], 10), booking(office, pair[1], 10, therapist=colleague.public_id)]
    calls.insert(round_, merging(kept, other))
    outcomes = race(calls)
    merged = outcomes.pop(round_)
    assert merged.error in MERGES
    assert {each.error for each in outcomes} <= BOOKINGS
    refused = [each for each in outcomes if each.error]
    assert len(refused) == (merged.error == "")
    require_all(now=NOW)


def test_waiting_while_the_record_is_given_up(race: Race, pair: list[Contact]) -> None:
    office = make_office()
    kept, other = make_pair(office, pair)
    services = [make_service(office.practice) for _ in range(4)]
    about = {"practice_id": office.practice.id, "by": BY_CLIENT, "now": NOW}
    wishes = [make_wait_wish(office, contact=pair[1], service=each.public_id) for each in services]
    outcomes = race([*(partial(join_waitlist, **about, wish=each) for each in wishes), merging(kept, other)])
    assert [each.error for each in outcomes] == [""] * 5
    assert db.session.scalar(select(func.count()).where(WaitlistEntry.client_id == kept.id)) == 4
    require_one_client(kept, other)


def test_two_colleagues_merge_the_same_two_the_other_way_round(race: Race, pair: list[Contact]) -> None:
    office = make_office()
    one, two = make_pair(office, pair)
    outcomes = race([merging(one, two), merging(two, one), merging(one, two)])
    assert sorted(each.error for each in outcomes) == ["", "CannotMerge", "CannotMerge"]
    assert db.session.scalar(select(func.count()).select_from(ClientMerge)) == 1
    db.session.rollback()
    assert db.session.scalar(select(func.count()).where(Client.merged_into_id.is_not(None))) == 1


def test_it_is_undone_while_somebody_books(race: Race, pair: list[Contact]) -> None:
    """Every booking is of one of the two, with the time that it takes."""
    office = make_office()
    kept, other = make_pair(office, pair)
    booking(office, pair[1], 9)()
    done = merging(kept, other)()
    undoing = partial(
        undo_merge, practice_id=office.practice.id, merge_public_id=done.public_id, by=BY_STAFF,
        now=NOW + timedelta(hours=1),
    )  # fmt: skip
    outcomes = race([booking(office, pair[1], 10), undoing, booking(office, pair[1], 11), booking(office, pair[0], 13)])
    assert [each.error for each in outcomes] == [""] * 4
    db.session.rollback()
    for each in (kept, other):
        sits = select(Attendee.appointment_id).where(Attendee.client_id == each.id)
        taken = select(Occupancy.appointment_id).where(Occupancy.resource_id == each.resource_id)
        assert sorted(db.session.scalars(taken)) == sorted(db.session.scalars(sits))
    require_all(now=NOW)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_booking_while_the_record_is_erased(race: Race, pair: list[Contact], round_: int) -> None:
    """Each booking was there first, and is in the way; or it is of somebody new."""
    office = make_office()
    client, _ = make_pair(office, pair)
    owners = [ActedBy(Actor.STAFF, user_id=make_user(office.practice).id) for _ in range(2)]
    about = {"practice_id": office.practice.id, "now": NOW}
    asked = ask_erasure(client_public_id=client.public_id, reason="By phone.", by=owners[0], **about)
    calls = [booking(office, pair[0], hour) for hour in (9, 10, 11)]
    calls.insert(round_, partial(agree_to_erase, erasure_public_id=asked.public_id, by=owners[1], **about))
    outcomes = race(calls)
    erased = outcomes.pop(round_)
    assert [each.error for each in outcomes] == [""] * 3
    db.session.rollback()
    theirs = db.session.scalar(select(func.count()).where(Attendee.client_id == client.id))
    assert (erased.error, theirs) == ("", 0) or (erased.error == "CannotErase" and theirs > 0)
    require_all(now=NOW)
