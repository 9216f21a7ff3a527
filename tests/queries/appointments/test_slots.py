"""What is offered can be booked, and what is refused was not offered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy.orm import Session

from telehealth.domain.appointments.matching import Fit
from telehealth.domain.errors import SlotNotOffered, SlotTaken
from telehealth.domain.words import Mode, Obstacle
from telehealth.queries.appointments.slot_calendars import rooms_of
from telehealth.queries.appointments.slots import decide_at, free_at, offered
from telehealth.queries.practice.clients import find_own_therapist
from tests.factories import (
    Office,
    add_hours,
    add_licence,
    add_override,
    add_time_off,
    book,
    cancel,
    make_contact,
    make_office,
    make_room,
    make_therapist,
)
from tests.moments import DENVER, NOW, at
from tests.queries.appointments.asking import query


@pytest.fixture
def busy(database: Session) -> Office:
    """A practice with everything that can stand in the way of an appointment."""
    office = make_office(
        service={"step_minutes": 20, "buffer_after_minutes": 10, "notice_minutes": 180, "horizon_days": 4},
        therapist={"daily_cap": 3},
    )
    make_room(office.location, "Room 2")
    east = make_therapist(office.practice, office.service, timezone="America/New_York", licences=[])
    add_licence(east, valid_from=date(2026, 11, 25), valid_until=date(2026, 11, 26))
    add_time_off(east, datetime(2026, 11, 26, 12), datetime(2026, 11, 26, 14))
    night = make_therapist(office.practice, office.service, hours=(time(22), time(2)), location=office.location)
    add_override(night, date(2026, 11, 25), None, None)
    add_hours(office.therapist, time(18), time(19, 30), location=office.location, weekdays=[1])
    chance = Random(7)
    for mode in (Mode.VIRTUAL, Mode.IN_PERSON):
        starts = list(offered(query(office, mode), now=NOW))
        for start in chance.sample(starts, 5):
            try:
                book(office, start, mode=mode, therapist=None)
            except (SlotTaken, SlotNotOffered):
                continue
    return office


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("jurisdiction", ["CO", "UT", None])
def test_one_decision_for_the_list_and_for_the_booking(busy: Office, mode: Mode, jurisdiction: str | None) -> None:
    ask = query(busy, mode, jurisdiction=jurisdiction)
    listed = offered(ask, now=NOW)
    assert bool(listed) == (jurisdiction != "UT" or mode == Mode.IN_PERSON), "in person the place has the word"
    moment = ask.since
    while moment < ask.until:
        free = {who.therapist_id for who in free_at(replace(ask, since=moment), now=NOW)}
        assert (moment in listed) == bool(free), moment
        assert moment not in listed or listed[moment] in free
        moment += timedelta(minutes=10)


@pytest.mark.parametrize("mode", [Mode.VIRTUAL, Mode.IN_PERSON])
def test_whatever_is_listed_can_be_booked(busy: Office, mode: Mode) -> None:
    booked = 0
    while listed := offered(query(busy, mode), now=NOW):
        start = Random(booked).choice(list(listed))
        contact = make_contact(jurisdiction="CO" if mode == Mode.VIRTUAL else None)
        assert book(busy, start, mode=mode, therapist=None, contact=contact).starts_at == start
        booked += 1
    assert booked > 5


def test_a_licence_that_ends_in_the_middle_of_the_list_ends_the_list(database: Session) -> None:
    office = make_office(therapist={"licences": []})
    add_licence(office.therapist, valid_from=date(2026, 11, 25), valid_until=date(2026, 11, 25))
    days = {start.astimezone(DENVER).date() for start in offered(query(office), now=NOW)}
    assert days == {date(2026, 11, 25)}


def test_a_list_of_many_therapists_is_the_sum_of_their_lists(busy: Office) -> None:
    together = set(offered(query(busy), now=NOW))
    therapists = {who.therapist_id for who in free_at(query(busy, since=at(9, days=2)), now=NOW)} | set(
        offered(query(busy), now=NOW).values()
    )
    alone = [set(offered(query(busy, therapist_id=each), now=NOW)) for each in therapists]
    assert together == set().union(*alone)


def test_starts_come_in_order_and_inside_what_was_asked(busy: Office) -> None:
    ask = query(busy, since=at(9, days=1), until=at(9, days=2))
    starts = list(offered(ask, now=NOW))
    assert starts == sorted(starts)
    assert ask.since <= starts[0]
    assert starts[-1] < ask.until


def test_taken_and_closed_are_told_apart(database: Session) -> None:
    office = make_office()
    book(office, at(10))
    assert decide_at(query(office, since=at(10)), now=NOW).is_taken
    assert not decide_at(query(office, since=at(3)), now=NOW).is_taken


def test_another_practice_is_never_among_them(database: Session) -> None:
    mine, theirs = make_office(), make_office()
    book(theirs, at(10))
    assert at(10) in offered(query(mine), now=NOW)
    assert set(offered(query(mine), now=NOW).values()) == {mine.therapist.id}
    assert offered(query(mine, therapist_id=theirs.therapist.id), now=NOW) == {}
    elsewhere = query(mine, Mode.IN_PERSON, location_id=theirs.location.id)
    assert (offered(elsewhere, now=NOW), rooms_of(elsewhere, now=NOW)) == ({}, {})


# --- Two together ----------------------------------------------------------------------------------------------------


def test_a_service_for_two_is_offered_where_two_are_free(database: Session) -> None:
    office = make_office(service={"therapists_needed": 2})
    assert offered(query(office), now=NOW) == {}, "one alone cannot give it"
    second = make_therapist(office.practice, office.service, hours=(time(11), time(13)))
    listed = offered(query(office, since=at(8), until=at(20)), now=NOW)
    assert list(listed) == [at(11), at(11, 30), at(12)]
    named = query(office, since=at(11), therapist_id=second.id)
    assert [who.therapist_id for who in free_at(named, now=NOW)] == [second.id, office.therapist.id]
    assert free_at(replace(named, since=at(10)), now=NOW) == []
    assert set(offered(replace(named, since=at(8), until=at(20)), now=NOW).values()) == {second.id}


def test_the_second_may_be_named_as_well(database: Session) -> None:
    office = make_office(service={"therapists_needed": 2})
    second, third = (make_therapist(office.practice, office.service) for _ in range(2))
    ask = query(office, since=at(11), therapist_id=office.therapist.id, co_therapist_id=third.id)
    assert [who.therapist_id for who in free_at(ask, now=NOW)][:2] == [office.therapist.id, third.id]
    add_time_off(third, datetime(2026, 11, 24, 11), datetime(2026, 11, 24, 12))
    assert free_at(ask, now=NOW) == []
    assert at(11) not in offered(replace(ask, until=at(12)), now=NOW)
    assert at(11) in offered(replace(ask, until=at(12), co_therapist_id=second.id), now=NOW)
    waived = frozenset({Obstacle.TIME_OFF})
    assert [who.therapist_id for who in free_at(replace(ask, waived=waived), now=NOW)][:2] == [
        office.therapist.id,
        third.id,
    ]


# --- The best fit ----------------------------------------------------------------------------------------------------


def test_the_best_fit_comes_first_in_lists_and_bookings(database: Session) -> None:
    office = make_office(therapist={"languages": ["English"]})
    fits = make_therapist(
        office.practice, office.service, languages=["English", "Spanish"], modalities=["EMDR"], specialties=["Trauma"]
    )
    book(office, at(15), therapist=fits.public_id)
    ids = [office.therapist.id, fits.id]

    def order(fit: Fit, **given: Any) -> list[int]:
        found = [who.therapist_id for who in free_at(query(office, since=at(10), fit=fit, **given), now=NOW)]
        listed = offered(query(office, since=at(10), until=at(10, 1), fit=fit, **given), now=NOW)
        assert listed == ({at(10): found[0]} if found else {})
        return found

    assert order(Fit()) == ids, "the one with less to do"
    assert order(Fit(modalities=("emdr",))) == ids[::-1]
    assert order(Fit(specialties=("Trauma",))) == ids[::-1]
    assert order(Fit(therapist_id=fits.id)) == ids[::-1]
    assert order(Fit(languages=("Spanish",))) == [fits.id]
    assert order(Fit(languages=("Polish",))) == []
    assert order(Fit(languages=("Polish",)), therapist_id=office.therapist.id) == ids[:1], "named is named"


def test_whoever_has_the_least_to_do_then_comes_first_whatever_limits_there_are(database: Session) -> None:
    office = make_office(therapist={"weekly_cap": 30, "name": "Has limits"})
    other = make_therapist(office.practice, office.service)
    book(office, at(9))
    for hour in (9, 10, 11):
        book(office, at(hour, days=8), therapist=other.public_id)
    for ask in (query(office, since=at(10)), query(office, since=at(10), own_appointment_id=99)):
        assert [who.therapist_id for who in free_at(ask, now=NOW)] == [other.id, office.therapist.id]


def test_whose_client_somebody_is(database: Session) -> None:
    office = make_office()
    second = make_therapist(office.practice, office.service)
    contact = make_contact()
    first = book(office, at(10), contact=contact)
    client_id = first.attendees[0].client_id
    later = book(office, at(12), contact=contact, therapist=second.public_id)
    assert find_own_therapist(office.practice.id, client_id) == second
    cancel(later)
    assert find_own_therapist(office.practice.id, client_id) == office.therapist
    cancel(first)
    assert find_own_therapist(office.practice.id, client_id) is None
    assert find_own_therapist(office.practice.id + 1, client_id) is None


def test_without_an_end_a_question_is_about_one_start(database: Session) -> None:
    office = make_office()
    assert list(offered(query(office, since=at(10), until=None), now=NOW)) == [at(10)]
    assert list(offered(query(office, since=at(10, 10), until=None), now=NOW)) == []
