"""What became free is offered to the one who fits best, slot by slot, and then to the next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.errors import SlotTaken
from telehealth.domain.message_words import Channel, ConsentSource, Purpose
from telehealth.domain.waitlist.waiting import WeeklyWindow
from telehealth.domain.words import Mode, OfferStatus, ServiceKind
from telehealth.models import FreedTime, Message, Occupancy, Offer
from telehealth.services.consent.consents import say_consent
from telehealth.services.hours.freed_times import note_freed
from telehealth.services.waitlist.waiting import accept_offer, decline_offer, expire_waits, offer_freed_times
from tests.factories import (
    BY_CLIENT,
    Office,
    add_licence,
    book,
    cancel,
    hold,
    make_contact,
    make_office,
    make_service,
    make_therapist,
    offers_to,
    wait,
)
from tests.factories.rows import keep
from tests.moments import DENVER, NOW, at

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SOON = NOW + 6 * MINUTE  # The practice's quiet minutes are over.
MORNING, AFTERNOON = WeeklyWindow(1, time(9), time(12)), WeeklyWindow(1, time(13), time(17))


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def free_up(office: Office, *starts: datetime, **given: Any) -> None:
    """Somebody had booked these and cancels."""
    for appointment in [book(office, start, **given) for start in starts or [at(10)]]:
        cancel(appointment)


def put_down(office: Office, starts_at: datetime, ends_at: datetime, *, look_at: datetime = NOW) -> FreedTime:
    row = FreedTime(
        practice_id=office.practice.id,
        therapist_id=office.therapist.id,
        starts_at=starts_at,
        ends_at=ends_at,
        look_at=look_at,
    )
    return keep(row)


def freed_rows(database: Session) -> list[FreedTime]:
    statement = select(FreedTime).order_by(FreedTime.id).execution_options(populate_existing=True)
    return list(database.scalars(statement))


def all_offers(database: Session) -> list[Offer]:
    statement = select(Offer).order_by(Offer.id).execution_options(populate_existing=True)
    return list(database.scalars(statement))


def channels(database: Session, offers: Iterable[Offer]) -> set[Channel]:
    ids = [offer.id for offer in offers]
    return set(database.scalars(select(Message.channel).where(Message.offer_id.in_(ids))))


def test_a_cancelled_hour_is_kept_for_the_one_who_waits(database: Session, office: Office) -> None:
    entry = wait(office)
    free_up(office)
    assert offer_freed_times(now=SOON) == 1
    (offer,) = offers_to(entry)
    assert (offer.starts_at, offer.ends_at) == (at(10), at(10, 50))
    assert (offer.therapist_id, offer.mode, offer.status) == (office.therapist.id, Mode.VIRTUAL, OfferStatus.OPEN)
    assert offer.expires_at == SOON + timedelta(minutes=office.practice.offer_minutes)
    assert offer.hold is not None
    assert offer.hold.expires_at == offer.expires_at
    assert channels(database, [offer]) == {Channel.TEXT, Channel.EMAIL}
    with pytest.raises(SlotTaken):
        book(office, at(10), now=SOON)
    assert freed_rows(database) == []
    assert offer_freed_times(now=SOON) == 0


def test_nobody_is_asked_within_the_quiet_minutes(office: Office) -> None:
    entry = wait(office)
    free_up(office)
    assert offer_freed_times(now=NOW + 4 * MINUTE) == 0
    assert offer_freed_times(now=NOW + 5 * MINUTE) == 1
    assert len(offers_to(entry)) == 1


def test_texts_only_with_consent_and_e_mail_always(database: Session, office: Office) -> None:
    entry = wait(office, contact=make_contact(wants_texts=False))
    free_up(office)
    offer_freed_times(now=SOON)
    assert channels(database, offers_to(entry)) == {Channel.EMAIL}


def test_nobody_waits(database: Session, office: Office) -> None:
    free_up(office)
    assert offer_freed_times(now=SOON) == 0
    assert freed_rows(database) == []


def test_named_and_own_come_before_those_who_wait_longer(office: Office) -> None:
    make_therapist(office.practice, office.service)
    contact = make_contact()
    book(office, at(9, days=21), contact=contact)
    longest = wait(office)
    own = wait(office, contact=contact, now=NOW + MINUTE)
    named = wait(office, therapists=(office.therapist.public_id,), now=NOW + 2 * MINUTE)
    free_up(office, at(10), at(12), at(14))
    assert offer_freed_times(now=SOON) == 3
    asked = [[each.starts_at for each in offers_to(entry)] for entry in (own, named, longest)]
    assert asked == [[at(10)], [at(12)], [at(14)]]


def test_who_named_somebody_else_is_not_asked(database: Session, office: Office) -> None:
    other = make_therapist(office.practice, office.service)
    entry = wait(office, therapists=(other.public_id,))
    free_up(office)
    assert offer_freed_times(now=SOON) == 0
    assert (offers_to(entry), freed_rows(database)) == ([], [])


def test_the_slot_lies_in_a_window_of_the_clients_own_clock(office: Office) -> None:
    afternoon = wait(office, windows=(AFTERNOON,))
    morning = wait(office, windows=(MORNING,), now=NOW + MINUTE)
    new_york = wait(office, windows=(AFTERNOON,), contact=make_contact(timezone="America/New_York"), now=NOW + MINUTE)
    free_up(office, at(11))  # 13:00 in New York.
    assert offer_freed_times(now=SOON) == 1
    assert [len(offers_to(entry)) for entry in (afternoon, morning, new_york)] == [0, 1, 0]
    decline_offer(offer_public_id=offers_to(morning)[0].public_id, now=SOON)
    assert offer_freed_times(now=SOON) == 1
    assert [len(offers_to(entry)) for entry in (afternoon, morning, new_york)] == [0, 1, 1]


def test_the_first_start_inside_the_window(office: Office) -> None:
    entry = wait(office, windows=(WeeklyWindow(1, time(10, 20), time(17)),))
    put_down(office, at(10), at(12))
    assert offer_freed_times(now=SOON) == 1
    assert [each.starts_at for each in offers_to(entry)] == [at(10, 30)]


def test_a_longer_service_uses_what_was_free_before_it(database: Session, office: Office) -> None:
    long = make_service(office.practice, duration_minutes=80)
    therapist = make_therapist(office.practice, long, office.service, hours=(time(9), time(11)))
    entry = wait(office, service=long.public_id)
    free_up(office, at(10), therapist=therapist.public_id)
    assert offer_freed_times(now=SOON) == 1
    assert [each.starts_at for each in offers_to(entry)] == [at(9, 30)]


def test_one_offer_a_slot_and_one_slot_an_offer(database: Session, office: Office) -> None:
    entries = [wait(office, now=NOW + number * MINUTE) for number in range(6)]
    put_down(office, at(9), at(12))
    put_down(office, at(10), at(11))
    assert offer_freed_times(now=SOON) >= 3
    starts = sorted(each.starts_at for each in all_offers(database))
    assert all(later - earlier >= 50 * MINUTE for earlier, later in pairwise(starts))
    assert all(len(offers_to(entry)) <= 1 for entry in entries)


def test_two_freed_rows_for_one_slot_are_one_offer(database: Session, office: Office) -> None:
    first, second = wait(office), wait(office, now=NOW + MINUTE)
    book(office, at(9))
    book(office, at(11))
    for _ in range(2):
        put_down(office, at(10), at(11))
    assert offer_freed_times(now=SOON) == 1
    assert (len(offers_to(first)), len(offers_to(second))) == (1, 0)


def test_who_sleeps_is_asked_in_the_morning_if_nobody_took_it(database: Session, office: Office) -> None:
    asleep = wait(office, contact=make_contact(timezone="Pacific/Honolulu"))  # 06:06 there.
    free_up(office)
    assert offer_freed_times(now=SOON) == 0
    (row,) = freed_rows(database)
    assert row.look_at == datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    assert offer_freed_times(now=row.look_at) == 1
    assert [each.starts_at for each in offers_to(asleep)] == [at(10)]


def test_who_is_awake_is_asked_instead(database: Session, office: Office) -> None:
    asleep = wait(office, contact=make_contact(timezone="Pacific/Honolulu"))
    awake = wait(office, now=NOW + MINUTE)
    free_up(office)
    assert offer_freed_times(now=SOON) == 1
    accept_offer(offer_public_id=offers_to(awake)[0].public_id, by=BY_CLIENT, now=SOON)
    assert offer_freed_times(now=NOW + 3 * HOUR) == 0
    assert (offers_to(asleep), freed_rows(database)) == ([], [])


def test_whoever_declines_keeps_the_place_and_the_next_one_is_asked(office: Office) -> None:
    first, second = wait(office), wait(office, now=NOW + MINUTE)
    free_up(office)
    offer_freed_times(now=SOON)
    declined = decline_offer(offer_public_id=offers_to(first)[0].public_id, now=SOON + MINUTE)
    assert (declined.status, declined.answered_at) == (OfferStatus.DECLINED, SOON + MINUTE)
    assert offer_freed_times(now=SOON + MINUTE) == 1
    assert [each.starts_at for each in offers_to(second)] == [at(10)]
    decline_offer(offer_public_id=offers_to(second)[0].public_id, now=SOON + 2 * MINUTE)
    assert offer_freed_times(now=SOON + 2 * MINUTE) == 0, "nobody is asked twice about one slot"
    free_up(office, at(13))
    assert offer_freed_times(now=SOON + 9 * MINUTE) == 1
    assert len(offers_to(first)) == 2


def test_an_offer_that_lapses_goes_to_the_next(database: Session, office: Office) -> None:
    first, second = wait(office), wait(office, now=NOW + MINUTE)
    free_up(office)
    offer_freed_times(now=SOON)
    over = offers_to(first)[0].expires_at
    assert expire_waits(now=over - MINUTE) == 0
    assert expire_waits(now=over) == 1
    assert offers_to(first)[0].status == OfferStatus.EXPIRED
    assert offer_freed_times(now=over) == 1
    assert [each.starts_at for each in offers_to(second)] == [at(10)]
    assert database.scalars(select(Occupancy.hold_id).distinct()).all() == [offers_to(second)[0].hold_id]


def test_who_considers_one_offer_hears_of_the_other_after_the_answer(database: Session, office: Office) -> None:
    entry = wait(office)
    free_up(office, at(10), at(14))
    assert offer_freed_times(now=SOON) == 1
    (offer,) = offers_to(entry)
    assert [row.look_at for row in freed_rows(database)] == [offer.expires_at]
    decline_offer(offer_public_id=offer.public_id, now=SOON + MINUTE)
    assert offer_freed_times(now=SOON + MINUTE) == 1
    assert [each.starts_at for each in offers_to(entry)] == [at(10), at(14)]


def test_an_answer_does_not_cut_the_quiet_minutes_of_something_else_short(office: Office) -> None:
    entry = wait(office)
    free_up(office)
    offer_freed_times(now=SOON)
    cancel(book(office, at(14), now=SOON), now=SOON)
    decline_offer(offer_public_id=offers_to(entry)[0].public_id, now=SOON + MINUTE)
    assert offer_freed_times(now=SOON + MINUTE) == 0
    assert offer_freed_times(now=SOON + 5 * MINUTE) == 1


def test_only_something_earlier_replaces_an_appointment(office: Office) -> None:
    contact = make_contact()
    seat = book(office, at(12), contact=contact).attendees[0]
    entry = wait(office, contact=contact, replaces=seat.public_id)
    free_up(office, at(14))
    assert offer_freed_times(now=SOON) == 0
    free_up(office, at(9))
    assert offer_freed_times(now=SOON) == 1
    assert [each.starts_at for each in offers_to(entry)] == [at(9)]


def test_a_date_that_is_too_late(office: Office) -> None:
    entry = wait(office, until=date(2026, 11, 24))
    free_up(office, at(10, days=2), at(10, days=1))
    assert offer_freed_times(now=SOON) == 1
    assert [each.starts_at for each in offers_to(entry)] == [at(10)]


def test_a_strangers_hold_is_waited_for(database: Session, office: Office) -> None:
    entry = wait(office)
    free_up(office)
    held = hold(office, at(10), now=NOW)
    assert offer_freed_times(now=SOON) == 0
    assert [row.look_at for row in freed_rows(database)] == [held.expires_at]
    assert offer_freed_times(now=held.expires_at) == 1
    assert len(offers_to(entry)) == 1


def test_the_services_notice_is_respected_and_a_coming_start_leaves_time_to_answer(database: Session) -> None:
    strict = make_office(service={"notice_minutes": 26 * 60})
    entry = wait(strict)
    put_down(strict, at(9), at(10))
    assert offer_freed_times(now=SOON) == 0, "that is less than 26 hours away"
    put_down(strict, at(12), at(13))
    assert offer_freed_times(now=SOON) == 1
    assert len(offers_to(entry)) == 1
    loose = make_office()
    soon = wait(loose)
    put_down(loose, at(9, 30, days=0), at(10, days=0))
    assert offer_freed_times(now=at(9, 10, days=0)) == 0
    put_down(loose, at(10, days=0), at(11, days=0))
    assert offer_freed_times(now=at(9, 10, days=0)) == 1
    assert [each.expires_at for each in offers_to(soon)] == [at(9, 45, days=0)]


def test_a_client_who_is_busy_then_is_passed_over(office: Office) -> None:
    other = make_therapist(office.practice, office.service)
    contact = make_contact()
    book(office, at(10), contact=contact, therapist=other.public_id)
    busy = wait(office, contact=contact)
    next_one = wait(office, now=NOW + MINUTE)
    book(office, at(9))
    book(office, at(11))
    free_up(office)
    assert offer_freed_times(now=SOON) == 1
    assert (len(offers_to(busy)), len(offers_to(next_one))) == (0, 1)


def test_only_where_the_therapist_may_treat(office: Office) -> None:
    utah = wait(office, contact=make_contact(jurisdiction="UT"))
    free_up(office)
    assert offer_freed_times(now=SOON) == 0
    add_licence(office.therapist, "UT")
    put_down(office, at(10), at(11))
    assert offer_freed_times(now=SOON) == 1
    assert len(offers_to(utah)) == 1


def test_in_person_needs_a_room_and_its_place(office: Office) -> None:
    other = make_therapist(office.practice, office.service, location=office.location)
    entry = wait(office, modes=(Mode.IN_PERSON,), contact=make_contact(jurisdiction=None))
    book(office, at(10), mode=Mode.IN_PERSON, therapist=other.public_id)
    put_down(office, at(10), at(10, 20))
    offer_freed_times(now=SOON)
    assert offers_to(entry) == [], "the only room is taken"
    by_video_too = wait(office, modes=(Mode.IN_PERSON, Mode.VIRTUAL), now=NOW + MINUTE)
    put_down(office, at(14), at(14, 50))
    put_down(office, at(10), at(10, 50))
    offer_freed_times(now=SOON)
    assert [(each.mode, each.starts_at) for each in offers_to(entry)] == [(Mode.IN_PERSON, at(14))]
    assert [(each.mode, each.starts_at) for each in offers_to(by_video_too)] == [(Mode.VIRTUAL, at(10))]


def test_a_seat_in_a_group_is_offered_when_one_frees(database: Session) -> None:
    office = make_office(service={"kind": ServiceKind.GROUP, "capacity": 2, "opened_by_staff": False})
    first = book(office, at(10), contact=make_contact())
    book(office, at(10), contact=make_contact())
    entry = wait(office, windows=(WeeklyWindow(1, time(10), time(11)),))
    assert offer_freed_times(now=SOON) == 0
    cancel(first, attendee_id=first.attendees[0].id)
    assert offer_freed_times(now=SOON) == 1
    (offer,) = offers_to(entry)
    assert offer.hold is not None
    assert (offer.starts_at, offer.hold.appointment_id) == (at(10), first.id)
    assert accept_offer(offer_public_id=offer.public_id, by=BY_CLIENT, now=SOON).id == first.id


def test_another_practice_hears_nothing(office: Office) -> None:
    stranger = wait(make_office())
    free_up(office)
    assert offer_freed_times(now=SOON) == 0
    assert offers_to(stranger) == []


def test_time_that_has_passed_is_forgotten(database: Session, office: Office) -> None:
    wait(office)
    put_down(office, at(10), at(11))
    assert offer_freed_times(now=at(11)) == 0
    assert freed_rows(database) == []


def test_what_is_not_worth_remembering(database: Session, office: Office) -> None:
    note_freed(database, office.practice, office.therapist.id, [(at(10, days=0), at(11, days=0))], now=at(11, days=0))
    assert freed_rows(database) == []
    note_freed(database, office.practice, office.therapist.id, [(at(9, days=0), at(11, days=0))], now=at(10, days=0))
    assert [row.starts_at for row in freed_rows(database)] == [at(10, days=0)], "what is over is cut off"


def test_thirty_people_and_a_free_day(database: Session, office: Office) -> None:
    entries = [wait(office, now=NOW + number * timedelta(seconds=1)) for number in range(30)]
    put_down(office, at(9), at(17))
    made = offer_freed_times(now=SOON)
    starts = sorted(each.starts_at.astimezone(DENVER).time() for each in all_offers(database))
    assert made == len(starts) == 8
    assert [bool(offers_to(entry)) for entry in entries] == [True] * 8 + [False] * 22


def test_no_time_is_kept_for_somebody_who_would_not_hear_of_it(office: Office) -> None:
    first, second = wait(office), wait(office)
    client = first.client
    for channel in Channel:
        say_consent(
            practice_id=office.practice.id,
            client_public_id=client.public_id,
            channel=channel,
            purpose=Purpose.OFFERS,
            is_given=False,
            source=ConsentSource.LINK,
            by=BY_CLIENT,
            now=NOW,
        )
    free_up(office)
    offer_freed_times(now=SOON)
    assert [len(offers_to(each)) for each in (first, second)] == [0, 1]
