"""Joining the waitlist, one's place in it, and leaving."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.domain.companions import CompanionFacts, MessagesTo, Relationship
from telehealth.domain.errors import InvalidInput, NotFound, ServiceEnded
from telehealth.domain.waitlist.waiting import WeeklyWindow
from telehealth.domain.words import Mode, OfferStatus, WaitlistStatus
from telehealth.models import Consent, WaitlistEntry
from telehealth.queries.waitlist.waitlist_entries import place_in_line
from telehealth.services.series.materialising import materialise_series
from telehealth.services.waitlist.waiting import expire_waits, join_waitlist, leave_waitlist, offer_freed_times
from tests.factories import (
    BY_STAFF,
    Office,
    book,
    cancel,
    make_client,
    make_contact,
    make_office,
    make_series,
    make_service,
    make_therapist,
    make_wait_wish,
    offers_to,
    wait,
)
from tests.factories.rows import change
from tests.moments import NOW, at

MINUTE = timedelta(minutes=1)
QUIET = timedelta(minutes=6)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def test_a_wish_is_kept_as_it_was_said(office: Office) -> None:
    windows = (WeeklyWindow(0, time(9), time(12)), WeeklyWindow(4, time(22), time(2)))
    contact = make_contact(timezone="America/New_York")
    entry = wait(
        office,
        modes=(Mode.IN_PERSON, Mode.VIRTUAL),
        therapists=(office.therapist.public_id,),
        windows=windows,
        until=date(2026, 12, 24),
        contact=contact,
    )
    assert entry.status == WaitlistStatus.WAITING
    assert entry.modes == ["in_person", "virtual"]
    assert (entry.therapist_ids, entry.location_id) == ([office.therapist.id], office.location.id)
    assert tuple(WeeklyWindow.read(kept) for kept in entry.windows) == windows
    assert (entry.until, entry.timezone, entry.email) == (date(2026, 12, 24), "America/New_York", contact.email)
    assert entry.text_consent_at == NOW
    assert "Riverside Office" in (entry.text_consent_wording or "")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"modes": ()}, "modes"),
        ({"modes": (Mode.IN_PERSON,), "location": None}, "location"),
        ({"modes": (Mode.IN_PERSON,), "location": "nowhere"}, "location"),
        ({"modes": (Mode.PHONE,), "contact": make_contact(phone=None, wants_texts=False)}, "phone"),
        ({"contact": make_contact(jurisdiction=None)}, "jurisdiction"),
        ({"until": date(2026, 11, 22)}, "until"),
        ({"until": date(2028, 1, 1)}, "until"),
        ({"therapists": ("somebody",)}, "therapists"),
        ({"windows": (WeeklyWindow(0, time(9), time(10)),) * 36}, "windows"),
    ],
)
def test_what_cannot_be_waited_for(office: Office, change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        wait(office, **change)
    assert list(refused.value.fields) == [field]


def test_today_is_the_clients_own(office: Office) -> None:
    auckland = make_contact(timezone="Pacific/Auckland")  # Where it is the 24th already.
    with pytest.raises(InvalidInput):
        wait(office, contact=auckland, until=date(2026, 11, 23))
    assert wait(office, contact=auckland, until=date(2026, 11, 24)).until == date(2026, 11, 24)


def test_a_service_that_is_not_given_that_way_or_any_more(office: Office) -> None:
    by_video = make_service(office.practice, modes=["virtual"])
    ended = make_service(office.practice, ended_at=NOW)
    with pytest.raises(InvalidInput):
        wait(office, service=by_video.public_id, modes=(Mode.PHONE,))
    with pytest.raises(ServiceEnded):
        wait(office, service=ended.public_id)
    with pytest.raises(NotFound):
        wait(office, service="nothing")


def test_nothing_of_another_practice(office: Office) -> None:
    theirs = make_office()
    with pytest.raises(NotFound):
        wait(office, service=theirs.service.public_id)
    for wish in ({"therapists": (theirs.therapist.public_id,)}, {"location": theirs.location.public_id}):
        with pytest.raises(InvalidInput):
            wait(office, modes=(Mode.IN_PERSON,), **wish)
    seat = book(theirs, at(10)).attendees[0]
    with pytest.raises(NotFound):
        wait(office, replaces=seat.public_id)
    mine = wait(office)
    with pytest.raises(NotFound):
        leave_waitlist(practice_id=theirs.practice.id, entry_public_id=mine.public_id, now=NOW)


def test_a_therapist_who_does_not_give_the_service(office: Office) -> None:
    other = make_therapist(office.practice)
    with pytest.raises(InvalidInput):
        wait(office, therapists=(office.therapist.public_id, other.public_id))


def test_a_form_sent_twice_waits_once_and_keeps_the_place(database: Session, office: Office) -> None:
    contact = make_contact()
    first = wait(office, contact=contact)
    behind = wait(office, now=NOW + MINUTE)
    again = wait(office, contact=contact, now=NOW + 2 * MINUTE)
    assert (again.id, again.created_at) == (first.id, NOW)
    assert database.scalar(select(func.count()).select_from(WaitlistEntry)) == 2
    assert (place_in_line(again), place_in_line(behind)) == (1, 2)


def test_whoever_types_a_name_cannot_change_or_open_that_persons_wait(database: Session, office: Office) -> None:
    contact = make_contact()
    mine = wait(office, contact=contact)
    theirs = wait(office, contact=contact, until=date(2026, 12, 1), now=NOW + MINUTE)
    assert theirs.id != mine.id
    assert mine.until == date(2027, 3, 1)


def test_the_link_to_an_appointment_changes_the_wish_and_keeps_the_place(database: Session, office: Office) -> None:
    contact = make_contact()
    made = book(office, at(10, days=14), contact=contact)
    seat = made.attendees[0].public_id
    first = wait(office, contact=contact, replaces=seat)
    again = wait(office, contact=contact, replaces=seat, until=date(2026, 12, 1), now=NOW + 2 * MINUTE)
    assert (again.id, again.created_at, again.until) == (first.id, NOW, date(2026, 12, 1))
    assert again.changed_at == NOW + 2 * MINUTE


def test_the_place_counts_those_who_wait_for_the_same_service(office: Office) -> None:
    other = make_service(office.practice)
    entries = [wait(office, now=NOW + number * MINUTE) for number in range(3)]
    wait(office, service=other.public_id)
    wait(make_office())
    assert [place_in_line(entry) for entry in entries] == [1, 2, 3]
    leave_waitlist(practice_id=office.practice.id, entry_public_id=entries[0].public_id, now=NOW)
    assert [place_in_line(entry) for entry in entries[1:]] == [1, 2]


def test_a_seat_that_is_given_up_belongs_to_the_same_client(office: Office) -> None:
    contact = make_contact()
    appointment = book(office, at(10, days=9), contact=contact)
    seat = appointment.attendees[0]
    with pytest.raises(InvalidInput) as refusal:
        wait(office, replaces=seat.public_id, contact=make_contact(name="J. Doe"))
    assert list(refusal.value.fields) == ["replaces"]
    entry = wait(office, replaces=seat.public_id, contact=contact)
    assert (entry.replaces_id, entry.client_id) == (seat.id, seat.client_id)


def test_what_is_over_or_cancelled_is_not_given_up(office: Office) -> None:
    seat = cancel(book(office, at(10, days=9))).attendees[0]
    with pytest.raises(NotFound):
        wait(office, replaces=seat.public_id)
    seat = book(office, at(10)).attendees[0]
    with pytest.raises(NotFound):
        wait(office, replaces=seat.public_id, now=at(11))


def test_leaving_ends_the_wait_and_its_open_offer(office: Office) -> None:
    entry, behind = wait(office), wait(office, now=NOW + MINUTE)
    cancel(book(office, at(10)))
    assert offer_freed_times(now=NOW + QUIET) == 1
    left = leave_waitlist(practice_id=office.practice.id, entry_public_id=entry.public_id, now=NOW + QUIET)
    assert left.status == WaitlistStatus.LEFT
    assert [each.status for each in offers_to(entry)] == [OfferStatus.DECLINED]
    assert offer_freed_times(now=NOW + QUIET) == 1, "the next one is asked at once"
    assert [each.starts_at for each in offers_to(behind)] == [at(10)]
    assert (
        leave_waitlist(practice_id=office.practice.id, entry_public_id=entry.public_id, now=NOW).status
        == WaitlistStatus.LEFT
    )


def test_a_wait_ends_when_its_last_date_is_over_where_the_client_is(office: Office) -> None:
    denver = wait(office, until=date(2026, 11, 30))
    honolulu = wait(office, until=date(2026, 11, 30), contact=make_contact(timezone="Pacific/Honolulu"))
    evening = datetime(2026, 12, 1, 6, 59, tzinfo=UTC)  # 23:59 in Denver
    assert expire_waits(now=evening) == 0
    assert expire_waits(now=evening + MINUTE) == 1
    assert (denver.status, honolulu.status) == (WaitlistStatus.EXPIRED, WaitlistStatus.WAITING)
    assert expire_waits(now=evening + timedelta(hours=4)) == 1


class TestWhoBooksMeanwhile:
    """Whoever has what they waited for waits no longer, and is offered nothing that others wait for."""

    LATER = NOW + timedelta(hours=1)

    def look(self, entry: WaitlistEntry, database: Session) -> WaitlistStatus:
        offer_freed_times(now=self.LATER + QUIET)
        database.expire_all()
        return entry.status

    def test_leaves_the_list(self, office: Office, database: Session) -> None:
        ana = make_contact(email="ana@example.com")
        entry, other = wait(office, contact=ana), wait(office, contact=make_contact(email="ben@example.com"))
        book(office, at(14), contact=ana, now=self.LATER)
        assert self.look(entry, database) == WaitlistStatus.BOOKED
        assert other.status == WaitlistStatus.WAITING

    def test_what_a_stranger_books_in_their_name_says_nothing_until_staff_know_them(
        self, office: Office, database: Session
    ) -> None:
        ana = make_contact(email="ana@example.com")
        entry = wait(office, contact=ana)
        mia = CompanionFacts("Mia", Relationship.PARENT, email="mia@example.com", messages_to=MessagesTo.COMPANION)
        seat = book(office, at(14), contact=ana, booker=mia, now=self.LATER).attendees[0]
        assert seat.client_id == entry.client_id
        assert self.look(entry, database) == WaitlistStatus.WAITING
        change(seat.booked_by, known_at=self.LATER)
        assert self.look(entry, database) == WaitlistStatus.BOOKED

    def test_an_open_offer_goes_to_the_next_one(self, office: Office, database: Session) -> None:
        ana = make_contact(email="ana@example.com")
        entry = wait(office, contact=ana)
        cancel(book(office, at(10)))
        offer_freed_times(now=NOW + QUIET)
        assert [each.status for each in offers_to(entry)] == [OfferStatus.OPEN]
        book(office, at(14), contact=ana, now=self.LATER)
        assert self.look(entry, database) == WaitlistStatus.BOOKED
        assert [each.status for each in offers_to(entry)] == [OfferStatus.DECLINED]

    def test_what_was_booked_before_another_service_and_what_is_off_say_nothing(
        self, office: Office, database: Session
    ) -> None:
        ana = make_contact(email="ana@example.com")
        book(office, at(10), contact=ana, now=NOW - timedelta(days=1))
        entry = wait(office, contact=ana)
        other = make_service(office.practice, name="Couple session")
        make_therapist(office.practice, other)
        book(office, at(12), contact=ana, service=other.public_id, therapist=None, now=self.LATER)
        cancel(book(office, at(14), contact=ana, now=self.LATER), now=self.LATER)
        assert self.look(entry, database) == WaitlistStatus.WAITING

    def test_who_waits_for_something_earlier_goes_on_until_there_is(self, office: Office, database: Session) -> None:
        ana = make_contact(email="ana@example.com")
        later = book(office, at(10, days=21), contact=ana)
        entry = wait(office, contact=ana, replaces=later.attendees[0].public_id)
        book(office, at(10, days=25), contact=ana, now=self.LATER)
        assert self.look(entry, database) == WaitlistStatus.WAITING
        book(office, at(10, days=15), contact=ana, now=self.LATER)
        assert self.look(entry, database) == WaitlistStatus.BOOKED

    def test_dates_of_a_standing_slot_say_nothing(self, office: Office, database: Session) -> None:
        series = make_series(office, now=NOW - timedelta(days=1))
        client = series.members[0].client
        entry = wait(office, contact=make_contact(name=client.name, email=client.email))
        assert entry.client_id == client.id
        materialise_series(now=NOW + timedelta(days=8))
        assert self.look(entry, database) == WaitlistStatus.WAITING


def test_a_number_alone_is_no_way_in_online(database: Session) -> None:
    """Nobody has proved that a typed number is theirs, so nothing is written down, and it is not texted. The answer is
    the same whether or not there is such a client; staff take whom they know.
    """
    office = make_office(practice={"takes_phone_only": True, "books_phone_only": True})
    typed = {"email": "", "phone": "+13035550177"}
    make_client(office.practice, name="Vic Tim", **typed)
    for name in ("Vic Tim", "No Body"):
        with pytest.raises(InvalidInput) as refused:
            wait(office, contact=make_contact(name=name, **typed, wants_texts=True))
        assert refused.value.fields == {"email": "Please enter your e-mail address, or call us."}
    assert database.scalars(select(Consent)).all() == []
    wish = make_wait_wish(office, contact=make_contact(name="Vic Tim", **typed))
    assert join_waitlist(practice_id=office.practice.id, wish=wish, by=BY_STAFF, now=NOW).phone == typed["phone"]
