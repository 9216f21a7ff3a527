"""Finding places and offers by their links, and the right one among those who wait."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy.orm import Session

from telehealth.domain.errors import LinkInvalid, NotFound
from telehealth.domain.links import Signed
from telehealth.domain.waitlist.waiting import Wait, WeeklyWindow
from telehealth.domain.words import Mode
from telehealth.queries.waitlist.freed_slots import Freed, WaitlistSearch
from telehealth.queries.waitlist.waitlist_entries import (
    find_entry,
    find_entry_by_link,
    find_offer_and_reader,
    list_waiting,
)
from telehealth.services.waitlist.waiting import decline_offer, leave_waitlist, offer_freed_times
from tests.factories import (
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
from tests.moments import NOW, at
from tests.statements import listening

MINUTE = timedelta(minutes=1)
SOON = NOW + 6 * MINUTE


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def search(office: Office, *, hour: int = 10) -> WaitlistSearch:
    """For an hour of tomorrow."""
    freed = Freed(0, office.practice.id, office.therapist.id, at(hour), at(hour + 1), NOW)
    return WaitlistSearch(freed, SOON)


def ranked(office: Office) -> list[Wait]:
    return search(office).ranked()


def test_by_its_link_with_everything_that_a_page_shows(office: Office) -> None:
    entry = wait(office)
    cancel(book(office, at(10)))
    offer_freed_times(now=SOON)
    (offer,) = offers_to(entry)
    found = find_entry_by_link(Signed(entry.public_id))
    assert (found.id, [each.id for each in found.offers]) == (entry.id, [offer.id])
    shown, _ = find_offer_and_reader(Signed(offer.public_id))
    assert (shown.id, shown.entry.service.name, shown.therapist.name) == (offer.id, office.service.name, "Dana Rivera")
    for ask in (find_entry_by_link, find_offer_and_reader):
        with pytest.raises(LinkInvalid):
            ask(Signed("nothing"))


def test_a_practice_sees_its_own(office: Office) -> None:
    stranger = make_office()
    entry = wait(office)
    assert find_entry(office.practice.id, entry.public_id).id == entry.id
    with pytest.raises(NotFound):
        find_entry(stranger.practice.id, entry.public_id)
    assert list_waiting(stranger.practice.id) == []


def test_those_who_wait_in_order(office: Office) -> None:
    other = make_service(office.practice)
    second, first = wait(office, now=NOW + MINUTE), wait(office)
    elsewhere = wait(office, service=other.public_id, now=NOW + 2 * MINUTE)
    gone = wait(office)
    leave_waitlist(practice_id=office.practice.id, entry_public_id=gone.public_id, now=NOW)
    everybody = list_waiting(office.practice.id)
    assert [each.id for each in everybody] == [first.id, second.id, elsewhere.id]
    assert [each.id for each in list_waiting(office.practice.id, service_id=other.id)] == [elsewhere.id]


def test_what_is_known_about_somebody_who_waits(office: Office) -> None:
    contact = make_contact(timezone="America/New_York")
    later = book(office, at(10, days=9), contact=contact)
    entry = wait(
        office, contact=contact, replaces=later.attendees[0].public_id, therapists=(office.therapist.public_id,)
    )
    (found,) = ranked(office)
    assert (found.entry_id, found.client_id, found.service_id) == (entry.id, entry.client_id, office.service.id)
    assert (found.modes, found.therapist_ids) == (("virtual",), frozenset({office.therapist.id}))
    assert (found.zone.key, found.jurisdiction, found.since) == ("America/New_York", "CO", int(NOW.timestamp()))
    assert (found.before, found.appointment_id) == (int(at(10, days=9).timestamp()), later.id)
    assert found.is_their_own
    assert (found.refused, found.asked_until) == ((), None)


def test_an_appointment_that_no_longer_stands_sets_no_limit(office: Office) -> None:
    contact = make_contact()
    later = book(office, at(10, days=9), contact=contact)
    wait(office, contact=contact, replaces=later.attendees[0].public_id)
    cancel(later)
    (found,) = ranked(office)
    assert (found.before, found.appointment_id, found.is_their_own) == (None, None, False)


def test_what_was_offered_before_and_what_is_offered_now(office: Office) -> None:
    entry = wait(office)
    cancel(book(office, at(10)))
    offer_freed_times(now=SOON)
    (offer,) = offers_to(entry)
    slot = (int(at(10).timestamp()), int(at(10, 50).timestamp()))
    (found,) = ranked(office)
    assert (found.refused, found.asked_until) == ((slot,), int(offer.expires_at.timestamp()))
    decline_offer(offer_public_id=offer.public_id, now=SOON)
    (found,) = ranked(office)
    assert (found.refused, found.asked_until) == ((slot,), None)


def test_only_services_that_the_therapist_gives(office: Office) -> None:
    other = make_service(office.practice)
    make_therapist(office.practice, other)
    wait(office, service=other.public_id)
    assert ranked(office) == []


def test_proposals_are_what_is_offered_and_suits(office: Office) -> None:
    wait(office, modes=(Mode.PHONE, Mode.VIRTUAL))
    book(office, at(11))
    asked = search(office)
    (found,) = asked.ranked()
    proposals = list(asked.proposals(found))
    assert [(each.mode, each.starts) for each in proposals] == [
        (mode, int(start.timestamp())) for mode in (Mode.PHONE, Mode.VIRTUAL) for start in (at(10), at(9, 30))
    ]


def test_the_number_of_statements_does_not_grow(database: Session, office: Office) -> None:
    for number in range(12):
        wait(office, now=NOW + number * MINUTE)
    with listening() as statements:
        asked = search(office)
        assert all(next(asked.proposals(found), None) for found in asked.ranked())
    assert len(statements) <= 12, statements


def test_who_names_others_or_has_no_time_then_is_passed_over_and_still_counted(office: Office) -> None:
    others = [make_therapist(office.practice, office.service) for _ in range(11)]
    mine = office.therapist.public_id
    named = wait(office, therapists=(others[-1].public_id, mine, others[0].public_id))
    wait(office, therapists=(others[-1].public_id, others[0].public_id))
    wait(office, windows=(WeeklyWindow((at(10).weekday() + 2) % 7, time(9), time(17)),))
    anybody = wait(office, windows=(WeeklyWindow(at(10).weekday(), time(9), time(17)),))
    asked = search(office)
    assert [found.entry_id for found in asked.ranked()] == [named.id, anybody.id]
    assert asked.waiting == 3
