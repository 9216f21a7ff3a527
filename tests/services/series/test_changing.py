"""Changing a standing slot: this date, this and the following, all."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound, SlotNotOffered, SlotTaken
from telehealth.domain.series.patterns import DateOutcome, DateResult, MonthWeek, SeriesChange, SeriesScope
from telehealth.domain.words import Mode, Obstacle, OccurrenceStatus
from telehealth.models import Appointment, Message, Occupancy, Occurrence, Series
from telehealth.services.series.changing import CHANGED, ChangedSeries, change_series
from telehealth.services.series.ending import (
    end_series,
    pause_series,
    restore_occurrence,
    settle_conflict,
    skip_occurrence,
)
from telehealth.services.series.materialising import materialise_series
from telehealth.services.series.members import add_member, remove_member
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    add_time_off,
    book,
    cancel,
    make_contact,
    make_couple_office,
    make_group_office,
    make_office,
    make_series,
    make_therapist,
    move,
)
from tests.moments import DENVER, NOW, at

pytestmark = pytest.mark.usefixtures("database")

PLANNED, BOOKED = OccurrenceStatus.PLANNED, OccurrenceStatus.BOOKED
CONFLICT, SKIPPED = OccurrenceStatus.CONFLICT, OccurrenceStatus.SKIPPED
LATER = NOW + timedelta(hours=1)


def rows_of(made: Series, database: Session) -> list[Occurrence]:
    found = select(Occurrence).where(Occurrence.series_id == made.id).order_by(Occurrence.day)
    return list(database.scalars(found.execution_options(populate_existing=True)))


def made_for(made: Series, week: int, database: Session) -> Appointment:
    row = next(row for row in rows_of(made, database) if row.day == day(week))
    assert row.appointment is not None
    return row.appointment


def tuesday(week: int, hour: int = 15, minute: int = 0, *, days: int = 0) -> datetime:
    return at(hour, minute, days=8 + 7 * week + days)


def day(week: int, *, days: int = 0) -> date:
    return tuesday(week, days=days).astimezone(DENVER).date()


def change(made: Series, scope: SeriesScope, on: date | None = None, **to: Any) -> ChangedSeries:
    return change_series(
        practice_id=made.practice_id,
        series_public_id=made.public_id,
        scope=scope,
        day=on,
        to=SeriesChange(**to),
        by=BY_STAFF,
        now=LATER,
    )


def outcomes(results: list[DateResult]) -> Counter[DateOutcome]:
    return Counter(each.outcome for each in results)


def uids(made: Series, database: Session) -> list[tuple[str, int]]:
    return [(each.appointment.uid, each.appointment.sequence) for each in rows_of(made, database) if each.appointment]


def walls(made: Series, database: Session) -> set[str]:
    """What the clock in Denver says at its dates."""
    return {f"{row.starts_at.astimezone(DENVER):%a %H:%M}" for row in rows_of(made, database)}


# --- All --------------------------------------------------------------------------------------------------------------


def test_all_dates_ahead_move_and_their_events_stay_the_same_ones(database: Session) -> None:
    made = make_series(make_office(), until=date(2027, 4, 6))
    before = uids(made, database)
    changed = change(made, SeriesScope.ALL, weekday=3, local_time=time(11))
    assert changed.series.id == made.id
    assert outcomes(changed.dates) == {DateOutcome.MOVED: 9, DateOutcome.PLANNED: 10}
    assert uids(made, database) == [(uid, 1) for uid, _ in before]
    rows = rows_of(made, database)
    assert [row.day for row in rows] == [day(week, days=2) for week in range(19)]
    assert walls(made, database) == {"Thu 11:00"}
    assert all(row.appointment.starts_at == row.starts_at for row in rows if row.appointment)
    kept = database.scalars(select(Occupancy.starts_at)).all()
    assert sorted(set(kept)) == [row.starts_at for row in rows]
    assert changed.series.until == date(2027, 4, 8)


def test_a_day_earlier_in_the_week(database: Session) -> None:
    made = make_series(make_office(), count=12)
    changed = change(made, SeriesScope.ALL, weekday=0)
    assert [each.day for each in changed.dates] == [day(week, days=-1) for week in range(12)]
    assert outcomes(changed.dates) == {DateOutcome.MOVED: 9, DateOutcome.PLANNED: 3}
    materialise_series(now=NOW + timedelta(weeks=3))
    assert len(uids(made, database)) == 12
    assert all(len(row.appointment.seats) == 1 for row in rows_of(made, database) if row.appointment)


def test_the_past_is_never_touched(database: Session) -> None:
    made = make_series(make_office(), count=4)
    changed = change_series(
        practice_id=made.practice_id,
        series_public_id=made.public_id,
        scope=SeriesScope.ALL,
        to=SeriesChange(local_time=time(10)),
        by=BY_STAFF,
        now=tuesday(1, 20),
    )
    assert [each.day for each in changed.dates] == [day(2), day(3)]
    assert [row.starts_at for row in rows_of(made, database)] == [
        tuesday(0),
        tuesday(1),
        tuesday(2, 10),
        tuesday(3, 10),
    ]


def test_conflicts_are_listed_one_by_one_with_the_nearest_free_times(database: Session) -> None:
    office = make_office()
    made = make_series(office, count=14)
    in_the_way = [book(office, tuesday(week, 11), by=BY_STAFF) for week in (2, 4)]
    add_time_off(office.therapist, datetime(2027, 2, 9), datetime(2027, 2, 10))
    changed = change(made, SeriesScope.ALL, local_time=time(11))
    stuck = {each.day: each for each in changed.dates if each.outcome == DateOutcome.CONFLICT}
    assert set(stuck) == {day(2), day(4), day(10)}
    assert stuck[day(2)].obstacles == (Obstacle.TAKEN,)
    assert stuck[day(2)].alternatives == (tuesday(2, 10), tuesday(2, 12), tuesday(2, 9, 30))
    assert stuck[day(10)].obstacles == (Obstacle.TIME_OFF,)
    assert stuck[day(10)].alternatives
    assert made_for(made, 2, database).starts_at == tuesday(2), "an appointment that cannot go along stays"
    assert made_for(made, 3, database).starts_at == tuesday(3, 11)
    assert all(each.status == "booked" for each in in_the_way)


def test_every_other_week_drops_dates_and_weekly_again_adds_them(database: Session) -> None:
    made = make_series(make_office(), until=date(2027, 3, 9))
    changed = change(made, SeriesScope.ALL, every_weeks=2)
    assert outcomes(changed.dates) == {
        DateOutcome.KEPT: 5,
        DateOutcome.CANCELLED: 4,
        DateOutcome.PLANNED: 3,
        DateOutcome.DROPPED: 3,
    }
    off = [row for row in rows_of(made, database) if row.status == SKIPPED]
    assert {row.appointment.status for row in off if row.appointment} == {"cancelled"}
    assert {row.appointment.cancel_reason for row in off if row.appointment} == {CHANGED}
    again = change(made, SeriesScope.ALL, every_weeks=1)
    assert outcomes(again.dates) == {DateOutcome.KEPT: 5, DateOutcome.SKIPPED: 4, DateOutcome.PLANNED: 6}


def test_another_therapist_takes_over(database: Session) -> None:
    office = make_office()
    colleague = make_therapist(office.practice, office.service, name="Sam Hale")
    made = make_series(office, count=12)
    add_time_off(colleague, datetime(2026, 12, 14), datetime(2026, 12, 19))
    changed = change(made, SeriesScope.ALL, therapist=colleague.public_id)
    assert outcomes(changed.dates) == {DateOutcome.MOVED: 8, DateOutcome.CONFLICT: 1, DateOutcome.PLANNED: 3}
    assert made_for(made, 2, database).therapist_id == office.therapist.id
    assert made_for(made, 3, database).therapist_id == colleague.id
    materialise_series(now=NOW + timedelta(weeks=3))
    assert made_for(made, 11, database).therapist_id == colleague.id
    assert made_for(made, 3, database).overrides == []


def test_from_video_to_the_office_and_back(database: Session) -> None:
    office = make_office()
    made = make_series(office, count=11)
    change(made, SeriesScope.ALL, mode=Mode.IN_PERSON, location=office.location.public_id)
    assert {made_for(made, week, database).room_id for week in range(9)} == {office.room.id}
    assert len(database.scalars(select(Occupancy).where(Occupancy.resource_id == office.room.resource_id)).all()) == 11
    change(made, SeriesScope.ALL, mode=Mode.VIRTUAL)
    assert database.scalars(select(Occupancy).where(Occupancy.resource_id == office.room.resource_id)).all() == []


def test_whoever_came_in_person_must_say_a_state(database: Session) -> None:
    office = make_office()
    made = make_series(office, mode=Mode.IN_PERSON, contacts=[make_contact(jurisdiction=None)], count=11)
    with pytest.raises(InvalidInput) as refused:
        change(made, SeriesScope.ALL, mode=Mode.VIRTUAL)
    assert set(refused.value.fields) == {"jurisdiction"}
    changed = change(made, SeriesScope.ALL, mode=Mode.VIRTUAL, jurisdiction="CO")
    assert outcomes(changed.dates) == {DateOutcome.MOVED: 9, DateOutcome.PLANNED: 2}
    assert made_for(made, 0, database).attendees[0].jurisdiction == "CO"


def test_what_was_moved_alone_keeps_its_time_and_what_was_cancelled_stays_so(database: Session) -> None:
    office = make_office()
    colleague = make_therapist(office.practice, office.service)
    made = make_series(office, count=4)
    move(made_for(made, 1, database), tuesday(1, 9))
    cancel(made_for(made, 2, database))
    changed = change(made, SeriesScope.ALL, local_time=time(10))
    assert [each.outcome for each in changed.dates] == [
        DateOutcome.MOVED,
        DateOutcome.KEPT,
        DateOutcome.KEPT,
        DateOutcome.MOVED,
    ]
    assert made_for(made, 1, database).starts_at == tuesday(1, 9)
    change(made, SeriesScope.ALL, therapist=colleague.public_id)
    moved = made_for(made, 1, database)
    assert (moved.starts_at, moved.therapist_id) == (tuesday(1, 9), colleague.id)


# --- This and the following -------------------------------------------------------------------------------------------


def test_from_one_date_on_a_new_slot_goes_on_with_the_same_members(database: Session) -> None:
    contact = make_contact(name="Ana Ruiz")
    made = make_series(make_office(), contacts=[contact], until=date(2027, 3, 30))
    changed = change(made, SeriesScope.FOLLOWING, day(4), weekday=4, local_time=time(9))
    goes_on = changed.series
    assert goes_on.id != made.id
    assert (made.until, goes_on.starts_on) == (day(4) - timedelta(days=1), day(4, days=3))
    assert [each.name for each in goes_on.members] == ["Ana Ruiz"]
    assert outcomes(changed.dates) == {DateOutcome.MOVED: 5, DateOutcome.PLANNED: 9}
    assert len(rows_of(made, database)) == 4
    assert {row.starts_at.astimezone(DENVER).strftime("%a %H:%M") for row in rows_of(goes_on, database)} == {
        "Fri 09:00"
    }
    materialise_series(now=NOW + timedelta(weeks=4))
    assert len(uids(goes_on, database)) == 9
    assert len(rows_of(made, database)) == 4


def test_from_the_first_date_on_is_the_same_slot(database: Session) -> None:
    made = make_series(make_office(), count=3)
    assert change(made, SeriesScope.FOLLOWING, day(0), local_time=time(9)).series.id == made.id


def test_further_notice_goes_on_after_a_split(database: Session) -> None:
    made = make_series(make_office())
    goes_on = change(made, SeriesScope.FOLLOWING, day(12), local_time=time(9)).series
    materialise_series(now=NOW + timedelta(weeks=10))
    assert len(rows_of(made, database)) == 12
    assert len(rows_of(goes_on, database)) == 57 - 12 + 10


# --- This one ---------------------------------------------------------------------------------------------------------


def test_this_one_alone(database: Session) -> None:
    made = make_series(make_office())
    booked = change(made, SeriesScope.THIS, day(1), local_time=time(10))
    planned = change(made, SeriesScope.THIS, day(20), weekday=2)
    assert [each.outcome for each in (*booked.dates, *planned.dates)] == [DateOutcome.MOVED, DateOutcome.PLANNED]
    rows = {row.day: row for row in rows_of(made, database)}
    assert rows[day(1)].appointment is not None
    assert rows[day(1)].appointment.starts_at == tuesday(1, 10)
    assert (rows[day(20)].starts_at, rows[day(20)].status) == (tuesday(20, days=1), PLANNED)
    materialise_series(now=tuesday(15))
    assert made_for(made, 20, database).starts_at == tuesday(20, days=1)


def test_a_colleague_stands_in_for_one_date(database: Session) -> None:
    office = make_office()
    colleague = make_therapist(office.practice, office.service)
    made = make_series(office)
    add_time_off(office.therapist, datetime(2027, 4, 20), datetime(2027, 4, 21))
    changed = change(made, SeriesScope.THIS, day(20), therapist=colleague.public_id)
    assert outcomes(changed.dates) == {DateOutcome.PLANNED: 1}
    assert made_for(made, 20, database).therapist_id == colleague.id
    assert made.therapist_id == office.therapist.id


def test_one_date_alone_on_a_later_day_keeps_its_clients(database: Session) -> None:
    office = make_office()
    colleague = make_therapist(office.practice, office.service)
    made = make_series(office)
    change(made, SeriesScope.THIS, day(20), weekday=3)
    planned = next(row for row in rows_of(made, database) if row.day == day(20))
    assert (planned.status, planned.starts_at) == (PLANNED, tuesday(20, days=2))
    kept = select(Occupancy.resource_id).where(Occupancy.occurrence_id == planned.id)
    client = made.members[0].client
    assert set(database.scalars(kept)) == {office.therapist.resource_id, client.resource_id}
    change(made, SeriesScope.THIS, day(21), weekday=3, therapist=colleague.public_id)
    assert [seat.client_id for seat in made_for(made, 21, database).attendees] == [client.id]


def test_one_date_that_cannot_change_stays_as_it_was(database: Session) -> None:
    office = make_office(service={"horizon_days": 300})
    made = make_series(office)
    book(office, tuesday(1, 10))
    book(office, tuesday(20, 10))
    for week in (1, 20):
        (result,) = change(made, SeriesScope.THIS, day(week), local_time=time(10)).dates
        assert (result.outcome, result.obstacles) == (DateOutcome.CONFLICT, (Obstacle.TAKEN,))
        assert tuesday(week, 9) in result.alternatives
    rows = {row.day: row for row in rows_of(made, database)}
    assert [(rows[day(week)].status, rows[day(week)].starts_at) for week in (1, 20)] == [
        (BOOKED, tuesday(1)),
        (PLANNED, tuesday(20)),
    ]


@pytest.mark.parametrize(
    ("scope", "on", "to", "field"),
    [
        (SeriesScope.THIS, None, {"local_time": time(9)}, "day"),
        (SeriesScope.THIS, date(2026, 12, 2), {"local_time": time(9)}, "day"),
        (SeriesScope.FOLLOWING, date(2029, 1, 1), {"local_time": time(9)}, "day"),
        (SeriesScope.ALL, None, {"weekday": 7}, "weekday"),
        (SeriesScope.ALL, None, {"every_weeks": 0}, "every_weeks"),
        (SeriesScope.ALL, None, {"mode": Mode.IN_PERSON}, "location"),
    ],
)
def test_what_cannot_be_changed(scope: SeriesScope, on: date | None, to: dict[str, Any], field: str) -> None:
    made = make_series(make_office(), count=3)
    with pytest.raises(InvalidInput) as refused:
        change(made, scope, on, **to)
    assert set(refused.value.fields) == {field}


def test_only_staff_of_the_practice_change_it() -> None:
    made, other = make_series(make_office(), count=3), make_office()
    wish = {
        "series_public_id": made.public_id,
        "scope": SeriesScope.ALL,
        "to": SeriesChange(local_time=time(9)),
        "now": LATER,
    }
    with pytest.raises(NotAllowed):
        change_series(practice_id=made.practice_id, by=BY_CLIENT, **wish)
    with pytest.raises(NotFound):
        change_series(practice_id=other.practice.id, by=BY_STAFF, **wish)


# --- Skipping, restoring, settling, pausing, ending -------------------------------------------------------------------


def given(made: Series, **more: Any) -> dict[str, Any]:
    return {"practice_id": made.practice_id, "series_public_id": made.public_id, "by": BY_STAFF, "now": LATER, **more}


def test_a_date_is_skipped_and_restored(database: Session) -> None:
    office = make_office(service={"horizon_days": 300})
    made = make_series(office)
    skipped = [skip_occurrence(**given(made, day=day(week), reason="on holiday")) for week in (1, 20)]
    assert [each.outcome for each in skipped] == [DateOutcome.CANCELLED, DateOutcome.SKIPPED]
    cancelled = made_for(made, 1, database)
    assert (cancelled.status, cancelled.cancel_reason) == ("cancelled", "on holiday")
    materialise_series(now=LATER)
    taken = book(office, tuesday(20))
    restored = [restore_occurrence(**given(made, day=day(week))) for week in (1, 20)]
    assert [(each.outcome, each.obstacles) for each in restored] == [
        (DateOutcome.PLANNED, ()),
        (DateOutcome.CONFLICT, (Obstacle.TAKEN,)),
    ]
    again = made_for(made, 1, database)
    assert (again.status, again.id != cancelled.id, again.uid != cancelled.uid) == ("booked", True, True)
    assert taken.status == "booked"
    with pytest.raises(InvalidInput):
        restore_occurrence(**given(made, day=day(2)))


def test_a_conflict_is_settled_with_another_time_or_skipped(database: Session) -> None:
    office = make_office()
    for week in (1, 2):
        book(office, tuesday(week))
    made = make_series(office, count=3)
    with pytest.raises(SlotTaken):
        settle_conflict(**given(made, day=day(1), alternative=tuesday(2)))
    with pytest.raises(SlotNotOffered):
        settle_conflict(**given(made, day=day(1), alternative=tuesday(1, 3)))
    with pytest.raises(SlotNotOffered):
        settle_conflict(**given(made, day=day(1), alternative=NOW))
    settled = settle_conflict(**given(made, day=day(1), alternative=tuesday(1, 10)))
    skipped = settle_conflict(**given(made, day=day(2), alternative=None))
    assert [settled.outcome, skipped.outcome] == [DateOutcome.PLANNED, DateOutcome.SKIPPED]
    assert made_for(made, 1, database).starts_at == tuesday(1, 10)
    with pytest.raises(InvalidInput):
        settle_conflict(**given(made, day=day(1), alternative=tuesday(1, 11)))


def test_a_pause_frees_its_dates_and_tells_everybody(database: Session) -> None:
    office = make_office(service={"horizon_days": 300})
    made = make_series(office)
    materialise_series(now=NOW)
    results = pause_series(**given(made, first=day(7), last=day(12), reason="summer holiday"))
    assert outcomes(results) == {DateOutcome.CANCELLED: 2, DateOutcome.SKIPPED: 4}
    off = made_for(made, 7, database)
    assert (off.status, off.cancel_reason) == ("cancelled", "summer holiday")
    waits = select(Message.kind).where(Message.appointment_id == off.id, Message.status == "planned")
    assert set(database.scalars(waits)) == set(), "nobody had been told of it when it was called off"
    assert book(office, tuesday(10)).status == "booked"
    assert [row.status for row in rows_of(made, database)[6:14]] == [BOOKED, *[SKIPPED] * 6, PLANNED]
    with pytest.raises(InvalidInput):
        pause_series(**given(made, first=day(8), last=day(7)))


@pytest.mark.parametrize(("scope", "on", "left"), [(SeriesScope.ALL, None, 0), (SeriesScope.FOLLOWING, 3, 3)])
def test_an_end(database: Session, scope: SeriesScope, on: int | None, left: int) -> None:
    made = make_series(make_office())
    results = end_series(**given(made, scope=scope, day=None if on is None else day(on)))
    assert outcomes(results) == {DateOutcome.CANCELLED: 9 - left, DateOutcome.DROPPED: 48}
    assert made.until == day(left) - timedelta(days=1)
    assert len([row for row in rows_of(made, database) if row.status == BOOKED]) == left
    assert len(database.scalars(select(Occupancy)).all()) == 2 * left
    assert materialise_series(now=NOW + timedelta(weeks=20)) == 0


def test_ending_one_date_skips_it(database: Session) -> None:
    made = make_series(make_office(), count=3)
    (result,) = end_series(**given(made, scope=SeriesScope.THIS, day=day(1)))
    assert result.outcome == DateOutcome.CANCELLED
    assert made.until == day(2)


def test_the_second_of_two_therapists_changes(database: Session) -> None:
    office = make_office(service={"therapists_needed": 2})
    second, third = (make_therapist(office.practice, office.service) for _ in range(2))
    made = make_series(office, co_therapist=second.public_id, count=12)
    results = change(made, SeriesScope.ALL, co_therapist=third.public_id).dates
    assert outcomes(results) == {DateOutcome.MOVED: 9, DateOutcome.PLANNED: 3}
    first = made_for(made, 0, database)
    assert (first.therapist_id, first.co_therapist_id) == (office.therapist.id, third.id)
    for therapist, dates in ((office.therapist, 12), (second, 0), (third, 12)):
        kept = database.scalars(select(Occupancy.id).where(Occupancy.resource_id == therapist.resource_id))
        assert len(kept.all()) == dates


# --- Members ----------------------------------------------------------------------------------------------------------


def test_somebody_joins_a_group(database: Session) -> None:
    made = make_series(make_group_office(capacity=2), contacts=[make_contact(name="Ana")], count=12)
    busy = made_for(made, 1, database)
    book_seat(busy, database)
    results = add_member(**given(made, contact=make_contact(name="Ben"), first_day=day(1)))
    assert outcomes(results) == {DateOutcome.JOINED: 10, DateOutcome.CONFLICT: 1}
    assert results[0].obstacles == (Obstacle.FULL,)
    assert [len(made_for(made, week, database).seats) for week in range(9)] == [1, 2, *[2] * 7]
    materialise_series(now=NOW + timedelta(weeks=3))
    assert [seat.name for seat in made_for(made, 11, database).seats] == ["Ana", "Ben"]


def book_seat(appointment: Appointment, database: Session) -> None:
    office = Office(appointment.practice, None, None, appointment.service, appointment.therapist)
    book(office, appointment.starts_at, therapist=None)


def test_somebody_leaves_a_group_which_goes_on_without_anybody(database: Session) -> None:
    made = make_series(make_group_office(), contacts=[make_contact()], count=12)
    results = remove_member(**given(made, member_public_id=made.members[0].public_id, last_day=day(2)))
    assert outcomes(results) == {DateOutcome.LEFT: 9}
    assert [len(made_for(made, week, database).seats) for week in range(9)] == [1, 1, 1, *[0] * 6]
    assert {made_for(made, week, database).status for week in range(9)} == {"booked"}
    materialise_series(now=NOW + timedelta(weeks=3))
    assert made_for(made, 11, database).attendees == []


@pytest.mark.parametrize(("rule", "ends"), [("goes_on", False), ("all_off", True)])
def test_one_of_a_couple_leaves(database: Session, rule: str, *, ends: bool) -> None:
    office = make_couple_office(when_one_cancels=rule)
    made = make_series(office, contacts=[make_contact(), make_contact(name="John")], count=12)
    results = remove_member(**given(made, member_public_id=made.members[1].public_id, last_day=day(3)))
    assert (made.until == day(4) - timedelta(days=1)) is ends
    expected = {DateOutcome.CANCELLED: 5, DateOutcome.DROPPED: 3} if ends else {DateOutcome.LEFT: 8}
    assert outcomes(results) == expected
    assert made_for(made, 5, database).status == ("cancelled" if ends else "booked")


def test_a_partner_joins_and_what_is_in_the_way_is_a_conflict(database: Session) -> None:
    office, partner = make_couple_office(horizon_days=300), make_contact(name="John")
    made = make_series(office, count=12)
    colleague = make_therapist(office.practice, office.service)
    for week in (1, 10):
        book(office, tuesday(week), contact=partner, therapist=colleague.public_id)
    results = add_member(**given(made, contact=partner))
    assert [each.day for each in results if each.outcome == DateOutcome.CONFLICT] == [day(1), day(10)]
    assert {each.obstacles for each in results if each.outcome == DateOutcome.CONFLICT} == {(Obstacle.CLIENT_BUSY,)}
    other = make_series(office, local_time=time(9))
    with pytest.raises(InvalidInput):
        add_member(**given(other, contact=make_contact(jurisdiction=None)))


def days_of(made: Series, database: Session) -> list[date]:
    """The dates that are kept, of whatever the slot has become."""
    rows = database.scalars(select(Occurrence).where(Occurrence.practice_id == made.practice_id))
    return sorted(row.day for row in rows if row.status in (PLANNED, BOOKED))


def test_monthly_dates_move_within_their_month(database: Session) -> None:
    made = make_series(make_office(), starts_on=date(2026, 12, 8), week_of_month=MonthWeek.SECOND)
    change(made, SeriesScope.ALL, weekday=3)
    assert days_of(made, database)[:3] == [date(2026, 12, 10), date(2027, 1, 14), date(2027, 2, 11)]


def test_a_weekly_slot_becomes_monthly_and_weekly_again(database: Session) -> None:
    made = make_series(make_office(), starts_on=date(2026, 12, 8))
    change(made, SeriesScope.ALL, week_of_month=MonthWeek.LAST)
    assert days_of(made, database)[:2] == [date(2026, 12, 29), date(2027, 1, 26)]
    weekly = change(made, SeriesScope.ALL, every_weeks=1).series
    assert weekly.week_of_month is None
    *_, first, second = days_of(made, database)
    assert (second - first).days == 7
