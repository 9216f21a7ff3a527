"""Why not then, with whom, asked of the rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.words import Mode, Obstacle, OccurrenceStatus
from telehealth.models import Occupancy, Occurrence, Series
from telehealth.queries.appointments.slot_calendars import rooms_of
from telehealth.queries.appointments.slots import decide_at, free_at, obstacles_at, offered
from tests.factories import (
    Office,
    add_busy,
    add_licence,
    add_override,
    add_time_off,
    book,
    cancel,
    hold,
    make_contact,
    make_office,
    make_room,
    make_service,
    make_therapist,
)
from tests.factories.rows import keep
from tests.moments import NOW, at
from tests.queries.appointments.asking import query, who, why

MINUTES = timedelta(minutes=1)


def add_occurrence(office: Office, starts: datetime) -> Occurrence:
    """One date of a standing slot with its time kept, set up by hand."""
    slot = keep(
        Series(
            practice_id=office.practice.id,
            service_id=office.service.id,
            therapist_id=office.therapist.id,
            mode=Mode.VIRTUAL,
            timezone="America/Denver",
            local_time=time(10),
            starts_on=starts.date(),
            created_at=NOW,
            changed_at=NOW,
        )
    )
    made = keep(
        Occurrence(
            practice_id=office.practice.id,
            series_id=slot.id,
            day=starts.date(),
            starts_at=starts,
            duration_minutes=50,
            status=OccurrenceStatus.PLANNED,
        )
    )
    keep(
        Occupancy(
            practice_id=office.practice.id,
            resource_id=office.therapist.resource_id,
            occurrence_id=made.id,
            starts_at=starts,
            ends_at=starts + 50 * MINUTES,
        )
    )
    return made


# --- Each obstacle, as the rows show it ------------------------------------------------------------------------------


def test_what_can_be_booked_has_no_obstacle(database: Session) -> None:
    office = make_office()
    assert why(office, at(10)) == []
    assert obstacles_at(query(office, since=at(10)), now=NOW) == {office.therapist.id: []}


def test_hours_grid_time_off_and_days_off(database: Session) -> None:
    office = make_office()
    add_time_off(office.therapist, datetime(2026, 11, 24, 12), datetime(2026, 11, 24, 13))
    add_override(office.therapist, date(2026, 11, 25), None, None)
    assert why(office, at(7)) == [Obstacle.OUTSIDE_HOURS]
    assert why(office, at(10, 10)) == [Obstacle.OFF_GRID]
    assert why(office, at(10) + timedelta(microseconds=1)) == [Obstacle.OFF_GRID]
    assert why(office, at(12, 30)) == [Obstacle.TIME_OFF]
    assert why(office, at(10, days=2)) == [Obstacle.OUTSIDE_HOURS]


def test_notice_and_horizon(database: Session) -> None:
    office = make_office(service={"notice_minutes": 60, "horizon_days": 1})
    assert why(office, at(9, 30, days=0)) == [Obstacle.NOTICE]
    assert why(office, at(10, days=0)) == []
    assert why(office, at(10, days=2)) == [Obstacle.HORIZON]


@pytest.mark.parametrize(
    ("mode", "jurisdiction", "expected"),
    [
        (Mode.VIRTUAL, "UT", [Obstacle.LICENCE]),
        (Mode.VIRTUAL, "CO", []),
        (Mode.PHONE, "NE", [Obstacle.LICENCE]),
        (Mode.VIRTUAL, None, []),
        (Mode.IN_PERSON, "UT", []),
    ],
)
def test_a_licence_missing_or_over(
    database: Session, mode: Mode, jurisdiction: str | None, expected: list[Obstacle]
) -> None:
    office = make_office()
    add_licence(office.therapist, "NE", valid_until=date(2026, 11, 23))
    assert why(office, at(10), mode=mode, jurisdiction=jurisdiction) == expected


def test_what_the_therapist_does_not_give(database: Session) -> None:
    office, other = make_office(service={"modes": ["virtual"]}), make_office()
    another = make_therapist(office.practice)
    assert why(office, at(10), mode=Mode.PHONE) == [Obstacle.NOT_GIVEN]
    assert why(office, at(10), therapist_id=another.id) == [Obstacle.NOT_GIVEN]
    assert obstacles_at(query(office, since=at(10), therapist_id=other.therapist.id), now=NOW) == {}
    elsewhere = why(other, at(10), mode=Mode.IN_PERSON, location_id=None)
    assert Obstacle.NOT_GIVEN in elsewhere


def test_a_service_and_a_therapist_that_have_ended_are_not_given(database: Session) -> None:
    office = make_office(service={"ended_at": NOW})
    assert why(office, at(10)) == [Obstacle.NOT_GIVEN]
    gone = make_office(therapist={"ended_at": NOW})
    assert why(gone, at(10)) == [Obstacle.NOT_GIVEN]
    assert obstacles_at(query(gone, since=at(10)), now=NOW) == {}


def test_taken_and_only_the_buffers_touch(database: Session) -> None:
    office = make_office(service={"buffer_before_minutes": 5, "buffer_after_minutes": 10, "step_minutes": 10})
    book(office, at(11))
    assert why(office, at(10, 50)) == [Obstacle.TAKEN]
    assert why(office, at(10, 10)) == [Obstacle.BUFFER]
    assert why(office, at(9, 50)) == []
    assert why(office, at(11, 50)) == [Obstacle.BUFFER]
    assert why(office, at(12, 10)) == []


def test_time_for_notes_is_a_buffer_of_the_therapist(database: Session) -> None:
    office = make_office(service={"step_minutes": 10}, therapist={"note_minutes": 20})
    book(office, at(11))
    assert [why(office, at(12, minute)) for minute in (0, 10)] == [[Obstacle.BUFFER], []]
    assert why(office, at(9, 50)) == []
    assert why(office, at(10)) == [Obstacle.BUFFER], "their own notes would run into eleven"


def test_a_hold_stands_in_the_way_until_it_expires_and_never_of_itself(database: Session) -> None:
    office = make_office()
    kept = hold(office, at(10))
    assert why(office, at(10)) == [Obstacle.HELD]
    assert why(office, at(10), own_hold_id=kept.id) == []
    assert who(office, at(10)) == []
    assert who(office, at(10), own_hold_id=kept.id) == [office.therapist.id]
    assert why(office, at(10), now=kept.expires_at - MINUTES) == [Obstacle.HELD]
    assert why(office, at(10), now=kept.expires_at) == []
    assert at(10) in offered(query(office), now=kept.expires_at)


def test_a_standing_slot_keeps_its_time(database: Session) -> None:
    office = make_office()
    add_occurrence(office, at(10))
    assert why(office, at(10)) == [Obstacle.STANDING]
    assert at(10) not in offered(query(office), now=NOW)


def test_the_therapists_own_calendar_is_kept_clear_of_with_buffers(database: Session) -> None:
    office = make_office(service={"buffer_before_minutes": 10, "buffer_after_minutes": 10, "step_minutes": 10})
    add_busy(office.therapist, at(11), at(12))
    assert [why(office, at(10, minute)) for minute in (0, 10)] == [[], [Obstacle.BUSY]]
    assert [why(office, at(12, minute)) for minute in (0, 10)] == [[Obstacle.BUSY], []]
    starts = offered(query(office, therapist_id=office.therapist.id), now=NOW)
    assert [start for start in starts if at(10) <= start <= at(12, 10)] == [at(10), at(12, 10)]


def test_the_clients_must_have_time_too(database: Session) -> None:
    office = make_office()
    other = make_therapist(office.practice, office.service)
    contact = make_contact()
    made = book(office, at(10), contact=contact)
    client_id = made.attendees[0].client_id
    assert why(office, at(10), therapist_id=other.id, client_ids=(client_id,)) == [Obstacle.CLIENT_BUSY]
    assert at(10) not in offered(query(office, client_ids=(client_id,)), now=NOW)
    assert at(11) in offered(query(office, client_ids=(client_id,)), now=NOW)
    assert why(office, at(10), client_ids=(client_id,), own_appointment_id=made.id) == []


# --- Limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "starts", "expected"),
    [
        ({"daily_cap": 2}, [at(9), at(16)], Obstacle.DAILY_CAP),
        ({"weekly_cap": 2}, [at(9), at(16, days=2)], Obstacle.WEEKLY_CAP),
        ({"longest_run": 2}, [at(11), at(13)], Obstacle.LONGEST_RUN),
    ],
)
def test_limits_are_part_of_what_is_offered(
    database: Session, limit: dict[str, int], starts: list[datetime], expected: Obstacle
) -> None:
    office = make_office(therapist=limit)
    last = [book(office, start) for start in starts][-1]
    assert why(office, at(12)) == [expected]
    assert at(12) not in offered(query(office), now=NOW)
    assert why(office, at(12), own_appointment_id=last.id) == [], "what is moved does not count against itself"
    cancel(last)
    assert why(office, at(12)) == []


def test_the_week_is_counted_whole_wherever_the_question_lies(database: Session) -> None:
    office = make_office(therapist={"weekly_cap": 1})
    book(office, at(10, days=0))
    assert why(office, at(16, days=4)) == [Obstacle.WEEKLY_CAP]
    assert why(office, at(9, days=7)) == []


def test_intakes_weigh_more(database: Session) -> None:
    office = make_office(service={"load_percent": 150}, therapist={"daily_cap": 3})
    book(office, at(9))
    assert why(office, at(12)) == []
    book(office, at(11))
    assert why(office, at(13)) == [Obstacle.DAILY_CAP]
    light = make_service(office.practice, load_percent=0)
    office.therapist.services.append(light)
    database.flush()
    assert why(replace(office, service=light), at(13)) == []


def test_the_weight_of_today_counts_for_what_was_booked_before(database: Session) -> None:
    office = make_office(therapist={"daily_cap": 3})
    intake = make_service(office.practice, load_percent=100)
    office.therapist.services.append(intake)
    database.commit()
    book(replace(office, service=intake), at(9))
    book(office, at(11))
    assert why(office, at(13)) == []
    intake.load_percent = 150
    database.commit()
    assert why(office, at(13)) == [Obstacle.DAILY_CAP]
    assert who(office, at(13)) == []


def test_a_hold_keeps_what_it_weighs_when_it_becomes_an_appointment(database: Session) -> None:
    office = make_office(service={"buffer_before_minutes": 5}, therapist={"daily_cap": 1})
    hold(office, at(10))
    (kept,) = database.scalars(select(Occupancy).where(Occupancy.hold_id.is_not(None)))
    assert (kept.starts_at, kept.core_starts_at, kept.core_ends_at) == (at(9, 55), at(10), at(10, 50))
    assert kept.service_id == office.service.id


def test_a_hold_counts_towards_the_limits_it_will_count_towards(database: Session) -> None:
    office = make_office(therapist={"daily_cap": 1})
    kept = hold(office, at(10))
    assert why(office, at(12)) == [Obstacle.DAILY_CAP]
    assert why(office, at(10), own_hold_id=kept.id) == []
    assert why(office, at(12), now=kept.expires_at) == []


def test_a_pair_counts_for_both(database: Session) -> None:
    office = make_office(service={"therapists_needed": 2})
    second = make_therapist(office.practice, office.service, daily_cap=1)
    made = book(office, at(10))
    assert {made.therapist_id, made.co_therapist_id} == {office.therapist.id, second.id}
    assert why(office, at(12), therapist_id=second.id)[:1] == [Obstacle.DAILY_CAP]


# --- Rooms -----------------------------------------------------------------------------------------------------------


def test_a_room_of_the_kind_that_the_service_needs(database: Session) -> None:
    office = make_office(service={"room_kind": "Playroom"})
    there = {"mode": Mode.IN_PERSON, "therapist_id": office.therapist.id}
    assert why(office, at(10), **there) == [Obstacle.ROOM]
    assert not decide_at(query(office, since=at(10), **there), now=NOW).is_taken, "there is none at all"
    playroom = make_room(office.location, "Room 2")
    playroom.kind = "playroom"
    database.flush()
    ask = query(office, since=at(10), **there)
    assert list(rooms_of(ask, now=NOW)) == [playroom.id]
    assert why(office, at(10), **there) == []


def test_the_own_appointment_leaves_its_room_to_itself(database: Session) -> None:
    office = make_office()
    other = make_therapist(office.practice, office.service, location=office.location)
    made = book(office, at(10), mode=Mode.IN_PERSON)
    there: dict[str, Any] = {"mode": Mode.IN_PERSON, "therapist_id": other.id}
    assert why(office, at(10), **there) == [Obstacle.ROOM]
    assert decide_at(query(office, since=at(10), **there), now=NOW).is_taken
    assert why(office, at(10), **there, own_appointment_id=made.id) == []
    assert who(office, at(10), **there, own_appointment_id=made.id) == [other.id]


def test_an_appointment_may_move_onto_a_part_of_itself(database: Session) -> None:
    office = make_office(service={"buffer_after_minutes": 10})
    made = book(office, at(10))
    assert who(office, at(10, 30)) == []
    assert who(office, at(10, 30), own_appointment_id=made.id) == [office.therapist.id]
    assert at(10, 30) in offered(query(office, own_appointment_id=made.id), now=NOW)


# --- Waiving ---------------------------------------------------------------------------------------------------------


def test_staff_may_set_obstacles_aside_by_name(database: Session) -> None:
    office = make_office(therapist={"daily_cap": 1})
    book(office, at(10))
    both = frozenset({Obstacle.TAKEN, Obstacle.DAILY_CAP})
    assert why(office, at(10), waived=both) == [Obstacle.TAKEN, Obstacle.DAILY_CAP], "it is still there"
    assert who(office, at(10), waived=both) == [office.therapist.id]
    assert who(office, at(10), waived=frozenset({Obstacle.TAKEN})) == []
    assert who(office, at(12), waived=frozenset({Obstacle.DAILY_CAP})) == [office.therapist.id]


def test_waiving_the_licence_brings_in_whoever_has_none(database: Session) -> None:
    office = make_office(therapist={"licences": []})
    assert who(office, at(10)) == []
    assert who(office, at(10), waived=frozenset({Obstacle.LICENCE})) == [office.therapist.id]
    assert why(office, at(10)) == [Obstacle.LICENCE]


# --- Refused because taken -------------------------------------------------------------------------------------------


def test_taken_is_told_from_never_offered(database: Session) -> None:
    office = make_office(therapist={"daily_cap": 1})
    book(office, at(10))
    assert decide_at(query(office, since=at(10)), now=NOW).is_taken
    assert decide_at(query(office, since=at(12)), now=NOW).is_taken, "the day is full only because of others"
    assert not decide_at(query(office, since=at(3)), now=NOW).is_taken
    assert not decide_at(query(office, since=at(12), jurisdiction="UT"), now=NOW).is_taken
    nobody = make_office(therapist={"daily_cap": 0})
    assert not decide_at(query(nobody, since=at(10)), now=NOW).is_taken, "it would never be offered"


# --- One decision ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [Mode.VIRTUAL, Mode.IN_PERSON])
def test_offered_booked_and_explained_agree_at_every_start(database: Session, mode: Mode) -> None:
    office = make_office(
        service={"step_minutes": 20, "buffer_after_minutes": 10, "notice_minutes": 180},
        therapist={"daily_cap": 3, "weekly_cap": 4, "longest_run": 2, "note_minutes": 20},
    )
    other = make_therapist(office.practice, office.service, location=office.location)
    add_busy(other, at(10, days=2), at(12, days=2))
    made = [book(office, start, mode=mode) for start in (at(9), at(11), at(9, days=2))]
    cancel(made[1])
    hold(office, at(14))
    add_occurrence(office, at(14, days=3))
    ask = query(office, mode)
    listed = offered(ask, now=NOW)
    seen = set()
    for step in (day * 24 * 60 + minute for day in range(4) for minute in range(0, 9 * 60, 20)):
        here = replace(ask, since=NOW + step * MINUTES)
        found = obstacles_at(here, now=NOW)
        free = {each.therapist_id for each in free_at(here, now=NOW)}
        assert {therapist_id for therapist_id, names in found.items() if not names} == free
        assert (here.since in listed) == bool(free)
        seen |= {name for names in found.values() for name in names}
    assert len(seen) >= 7, seen
