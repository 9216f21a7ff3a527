"""Whoever leaves on a date promises nothing after it, and is taken out of booking on the day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.audit_words import Actor
from telehealth.domain.errors import InvalidInput, NotFound, SlotNotOffered
from telehealth.domain.series.patterns import read_obstacles
from telehealth.domain.words import AppointmentStatus, Approval, Mode, Obstacle, OccurrenceStatus, Role
from telehealth.models import FreedTime, Occurrence, PracticeEvent, Therapist
from telehealth.queries.appointments.groups import list_joinable_groups
from telehealth.queries.appointments.reassignments import propose_colleagues
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import obstacles_at, offered
from telehealth.queries.hours.outside_hours import list_outside_hours
from telehealth.queries.practice.ahead import find_first_day_after, list_booked_from, list_series_from
from telehealth.services.appointments.approving import approve_request
from telehealth.services.practice.leaving import end_those_who_leave, set_leaving, take_leaving_back
from telehealth.services.practice.therapists import reopen_therapist
from telehealth.services.series.materialising import materialise_series
from tests.factories import (
    BY_STAFF,
    Office,
    book,
    make_contact,
    make_group_office,
    make_office,
    make_series,
    make_therapist,
    move,
)
from tests.factories.rows import change
from tests.moments import NOW, at
from tests.services.practice.test_leaving import give_login

LEAVES = date(2026, 11, 26)
"""A Thursday, three days from now."""
LAST_DAY, GONE = at(10, days=2), at(10, days=3)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def leave(office: Office, day: date = LEAVES, *, now: datetime = NOW) -> Therapist:
    public_id = office.therapist.public_id
    return set_leaving(
        practice_id=office.practice.id, therapist_public_id=public_id, leaves_on=day, by=BY_STAFF, now=now
    )


def stay(office: Office, *, now: datetime = NOW) -> Therapist:
    public_id = office.therapist.public_id
    return take_leaving_back(practice_id=office.practice.id, therapist_public_id=public_id, by=BY_STAFF, now=now)


def days_offered(office: Office, **given: Any) -> set[date]:
    asked = SlotQuery.about(office.service, Mode.VIRTUAL, at(0, days=0), at(0, days=12), jurisdiction="CO", **given)
    return {start.date() for start in offered(asked, now=NOW)}


def why(office: Office, starts_at: datetime) -> list[Obstacle]:
    asked = SlotQuery.about(office.service, Mode.VIRTUAL, starts_at, therapist=office.therapist, jurisdiction="CO")
    return obstacles_at(asked, now=NOW)[office.therapist.id]


def test_nothing_is_offered_or_booked_from_that_date_on(office: Office) -> None:
    assert max(days_offered(office)) > LEAVES
    leave(office)
    assert max(days_offered(office)) == max(days_offered(office, therapist=office.therapist)) == date(2026, 11, 25)
    assert book(office, LAST_DAY).starts_at == LAST_DAY
    for by in ({}, {"by": BY_STAFF}):
        with pytest.raises(SlotNotOffered):
            book(office, GONE, **by)
    assert why(office, GONE) == [Obstacle.LEFT]


def test_the_date_is_one_of_their_own_calendar(office: Office) -> None:
    night = {"starts": time(22), "ends": time(2)}
    for hours in office.therapist.weekly_hours:
        change(hours, **night)
    leave(office)
    midnight = datetime(2026, 11, 26, 7, tzinfo=NOW.tzinfo)  # In Denver.
    last = midnight - timedelta(minutes=office.service.duration_minutes)
    assert Obstacle.LEFT not in why(office, last)
    assert Obstacle.LEFT in why(office, last + timedelta(minutes=15))


def test_staff_cannot_set_it_aside(office: Office) -> None:
    leave(office)
    with pytest.raises(InvalidInput, match="marked"):
        book(office, GONE, by=BY_STAFF, waived=frozenset({Obstacle.LEFT}), reason="They would come in.")


def test_nothing_is_moved_there(office: Office) -> None:
    made = book(office, LAST_DAY)
    leave(office)
    with pytest.raises(SlotNotOffered):
        move(made, GONE, by=BY_STAFF)


def test_a_colleague_is_the_first_available_and_can_take_over(office: Office) -> None:
    made = book(office, GONE)
    colleague = make_therapist(office.practice, office.service, name="Sam Okafor")
    leave(office)
    assert book(office, GONE, therapist=None, contact=make_contact()).therapist_id == colleague.id
    other = book(office, at(12, days=3), therapist=colleague.public_id, contact=make_contact())
    found = propose_colleagues(office.practice.id, colleague.id, at(11, days=3), at(13, days=3), now=NOW)
    assert [(each.appointment.id, each.colleagues) for each in found] == [(other.id, [])]
    found = propose_colleagues(office.practice.id, office.therapist.id, GONE, at(11, days=3), now=NOW)
    assert [(each.appointment.id, len(each.obstacles)) for each in found] == [(made.id, 1)]


def test_seats_in_their_groups_are_not_sold(database: Session) -> None:
    group = make_group_office()
    book(group, GONE)
    asked = SlotQuery.about(group.service, Mode.VIRTUAL, at(0, days=0), at(0, days=12), jurisdiction="CO")
    assert list_joinable_groups(asked, now=NOW)
    leave(group)
    assert not list_joinable_groups(asked, now=NOW)
    with pytest.raises(SlotNotOffered):
        book(group, GONE, contact=make_contact())


def test_standing_slots_promise_nothing_after_it(office: Office, database: Session) -> None:
    made = make_series(office, count=30)
    leave(office, date(2027, 2, 1))
    later = NOW + timedelta(weeks=12)
    materialise_series(now=later)
    rows = database.scalars(select(Occurrence).where(Occurrence.series_id == made.id).order_by(Occurrence.starts_at))
    after = [row for row in rows.all() if row.day >= date(2027, 2, 1) and row.starts_at > later]
    due = [row for row in after if row.status != OccurrenceStatus.PLANNED]
    assert due
    assert {row.status for row in due} == {OccurrenceStatus.CONFLICT}
    assert {Obstacle.LEFT} == {each for row in due for each in read_obstacles(row.reason)}


def test_a_request_after_it_cannot_be_said_yes_to(database: Session) -> None:
    office = make_office(service={"approval": Approval.ALWAYS, "approval_minutes": 600})
    made = book(office, GONE)
    leave(office)
    with pytest.raises(SlotNotOffered, match="not with the practice any more by then"):
        approve_request(practice_id=made.practice_id, appointment_id=made.id, by=BY_STAFF, now=NOW)
    assert made.status == AppointmentStatus.PENDING


def test_what_is_booked_after_it_stays_and_is_named(office: Office) -> None:
    before, after = book(office, LAST_DAY), book(office, GONE, contact=make_contact())
    series = make_series(office, local_time=time(15), count=None)
    make_series(office, local_time=time(16), count=1, starts_on=date(2026, 11, 24))
    leave(office)
    day = find_first_day_after(office.therapist, now=NOW)
    assert day == LEAVES
    found = list_booked_from(office.therapist, at(0, days=3))
    assert after in found
    assert before not in found
    assert [each.id for each in list_series_from(office.therapist, day)] == [series.id]
    assert after in list_outside_hours(office.therapist, now=NOW)
    assert before not in list_outside_hours(office.therapist, now=NOW)


def test_it_can_be_put_off_and_taken_back_and_those_who_wait_hear_of_it(office: Office, database: Session) -> None:
    leave(office)
    assert not database.scalars(select(FreedTime.id)).all()
    leave(office, date(2026, 11, 28))
    put_off = database.scalars(select(FreedTime)).one()
    assert (put_off.starts_at, put_off.ends_at) == (at(0, days=3), at(0, days=5))
    assert stay(office).leaves_on is None
    assert len(database.scalars(select(FreedTime.id)).all()) == 2
    assert max(days_offered(office)) > LEAVES
    lines = database.scalars(select(PracticeEvent.details).order_by(PracticeEvent.id)).all()
    assert [line["after"]["leaves_on"] for line in lines] == ["2026-11-26", "2026-11-28", None]


def test_on_the_day_they_are_taken_out_of_booking(office: Office, database: Session) -> None:
    user = give_login(office.therapist)
    leave(office)
    assert end_those_who_leave(now=at(23, 59, days=2)) == 0
    begins = at(0, days=3)
    assert end_those_who_leave(now=begins) == 1
    assert end_those_who_leave(now=begins) == 0
    database.expire_all()
    assert office.therapist.ended_at == begins
    assert not user.active
    last = database.scalars(select(PracticeEvent).order_by(PracticeEvent.id.desc())).first()
    assert last is not None
    assert (last.actor, last.action) == (Actor.SYSTEM, "ended")


def test_an_owner_who_leaves_as_a_therapist_stays_the_owner(office: Office, database: Session) -> None:
    user = give_login(office.therapist, Role.OWNER)
    leave(office)
    assert end_those_who_leave(now=at(1, days=3)) == 1
    database.expire_all()
    assert user.active


def test_whoever_comes_back_does_not_leave_again(office: Office, database: Session) -> None:
    leave(office)
    end_those_who_leave(now=at(1, days=3))
    with pytest.raises(InvalidInput):
        stay(office, now=at(2, days=3))
    with pytest.raises(InvalidInput):
        leave(office, date(2027, 1, 1), now=at(2, days=3))
    public_id = office.therapist.public_id
    back = reopen_therapist(
        practice_id=office.practice.id, therapist_public_id=public_id, by=BY_STAFF, now=at(3, days=3)
    )
    assert (back.ended_at, back.leaves_on) == (None, None)
    assert end_those_who_leave(now=at(4, days=3)) == 0


@pytest.mark.parametrize("day", [date(2026, 11, 23), date(2026, 1, 1), date(2029, 1, 1)])
def test_only_a_date_ahead_will_do(office: Office, day: date) -> None:
    with pytest.raises(InvalidInput) as refused:
        leave(office, day)
    assert set(refused.value.fields) == {"leaves_on"}


def test_another_practice_sends_nobody_away(office: Office, database: Session) -> None:
    other = make_office()
    with pytest.raises(NotFound):
        set_leaving(
            practice_id=other.practice.id,
            therapist_public_id=office.therapist.public_id,
            leaves_on=LEAVES,
            by=BY_STAFF,
            now=NOW,
        )
