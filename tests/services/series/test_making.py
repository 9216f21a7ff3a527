"""Standing slots: setting one up, what it keeps, and how its appointments come to be."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound, SlotTaken
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.domain.series.patterns import PROTECTED_DAYS, MonthWeek, read_obstacles
from telehealth.domain.words import Mode, Obstacle, OccurrenceStatus
from telehealth.models import (
    Appointment,
    AppointmentEvent,
    Message,
    Occupancy,
    Occurrence,
    Policy,
    Room,
    Series,
    TherapistService,
    TimeOff,
)
from telehealth.services.appointments.occupancies import Interval, Owner, take_time
from telehealth.services.series.materialising import materialise_series
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    add_licence,
    add_time_off,
    book,
    cancel,
    hold,
    make_contact,
    make_couple_office,
    make_group_office,
    make_office,
    make_plan,
    make_room,
    make_series,
    make_therapist,
    move,
)
from tests.factories.rows import keep
from tests.moments import DENVER, NOW, at

pytestmark = pytest.mark.usefixtures("database")

PLANNED, BOOKED, CONFLICT = OccurrenceStatus.PLANNED, OccurrenceStatus.BOOKED, OccurrenceStatus.CONFLICT
WEEK = timedelta(weeks=1)


def rows_of(made: Series, database: Session) -> list[Occurrence]:
    found = select(Occurrence).where(Occurrence.series_id == made.id).order_by(Occurrence.day)
    return list(database.scalars(found.execution_options(populate_existing=True)))


def row_on(made: Series, day: date, database: Session) -> Occurrence:
    return next(row for row in rows_of(made, database) if row.day == day)


def count(database: Session, model: type, *where: Any) -> int:
    return database.scalar(select(func.count()).select_from(model).where(*where)) or 0


def tuesday(week: int, hour: int = 15, minute: int = 0) -> datetime:
    """So many weeks after the first date, at a wall time in Denver."""
    return at(hour, minute, days=8 + 7 * week)


def day(week: int) -> date:
    return tuesday(week).astimezone(DENVER).date()


def test_dates_are_kept_for_more_than_a_year_and_appointments_made_some_weeks_ahead(database: Session) -> None:
    made = make_series(make_office())
    rows = rows_of(made, database)
    assert len(rows) == 57
    assert [row.status for row in rows] == [BOOKED] * 9 + [PLANNED] * 48
    assert rows[-1].starts_at <= NOW + timedelta(days=PROTECTED_DAYS + 1)
    assert {row.starts_at.astimezone(DENVER).time() for row in rows} == {time(15)}, "through every change of the clocks"
    assert len({row.starts_at.time() for row in rows}) == 2
    assert count(database, Occupancy) == 2 * 57


def test_each_appointment_is_an_event_of_its_own(database: Session) -> None:
    office = make_office()
    policy = keep(
        Policy(practice_id=office.practice.id, version=1, window_minutes=1440, when_late="mark", created_at=NOW)
    )
    office.service.policy = policy
    database.commit()
    contact = make_contact(name="Ana Ruiz")
    made = make_series(office, contacts=[contact], count=3)
    found = [row.appointment for row in rows_of(made, database) if row.appointment is not None]
    assert len({each.uid for each in found}) == len({each.video_name for each in found}) == 3
    for each in found:
        assert (each.sequence, each.status, each.policy_id) == (0, "booked", policy.id)
        assert (each.timezone, each.local_start.time()) == ("America/Denver", time(15))
        (seat,) = each.attendees
        assert (seat.name, seat.email, seat.jurisdiction) == ("Ana Ruiz", contact.email, "CO")
        assert (seat.text_consent_at, seat.status) == (NOW, "booked")
        assert "Reply STOP" in (seat.text_consent_wording or "")
        assert [event.action for event in each.events] == ["booked"]
        assert count(database, Message, Message.appointment_id == each.id) > 0
        assert count(database, Occupancy, Occupancy.appointment_id == each.id) == 2
    assert len({seat.public_id for each in found for seat in each.attendees}) == 3


def test_in_person_a_room_is_kept_and_handed_over(database: Session) -> None:
    office = make_office()
    second = make_room(office.location, "Room 2")
    second.kind, office.service.room_kind = "playroom", "Playroom"
    database.commit()
    made = make_series(office, mode=Mode.IN_PERSON, contacts=[make_contact(jurisdiction=None)], count=20)
    assert {row.appointment.room for row in rows_of(made, database) if row.appointment is not None} == {second}
    assert count(database, Occupancy, Occupancy.resource_id == second.resource_id) == 20


def test_time_for_notes_is_kept_as_it_is_for_bookings(database: Session) -> None:
    office = make_office(therapist={"note_minutes": 20}, service={"buffer_before_minutes": 5})
    make_series(office, count=1, starts_on=day(20))
    kept = database.scalars(select(Occupancy).where(Occupancy.resource_id == office.therapist.resource_id)).one()
    assert (kept.starts_at, kept.ends_at) == (tuesday(20, 14, 55), tuesday(20, 16, 10))


def test_nobody_books_the_time_that_is_kept_weeks_ahead() -> None:
    office = make_office(service={"horizon_days": 200})
    make_series(office)
    with pytest.raises(SlotTaken):
        book(office, tuesday(20))
    with pytest.raises(SlotTaken):
        book(office, tuesday(20, 14, 30))
    assert book(office, tuesday(20, 16)).status == "booked"


def test_the_database_itself_refuses_the_kept_time_three_hundred_days_ahead(database: Session) -> None:
    office = make_office()
    make_series(office)
    other = book(office, at(10))
    taken = take_time(
        database,
        Owner(office.practice.id, appointment_id=other.id),
        Interval(office.therapist.resource_id, tuesday(42), tuesday(42) + timedelta(minutes=50)),
        now=NOW,
    )
    assert not taken
    with pytest.raises(SlotTaken):
        book(office, tuesday(42), by=BY_STAFF, waived=frozenset({Obstacle.HORIZON}), reason="planning ahead")


def test_the_client_is_kept_free_too() -> None:
    office, contact = make_office(service={"horizon_days": 200}), make_contact()
    colleague = make_therapist(office.practice, office.service)
    make_series(office, contacts=[contact])
    with pytest.raises(SlotTaken):
        book(office, tuesday(15), therapist=colleague.public_id, contact=contact)


@pytest.mark.parametrize(("every", "expected"), [(1, 9), (2, 5), (3, 3)])
def test_every_so_many_weeks(database: Session, every: int, expected: int) -> None:
    made = make_series(make_office(), every_weeks=every)
    found = [row for row in rows_of(made, database) if row.status == BOOKED]
    assert len(found) == expected
    assert {(row.day - day(0)).days % (7 * every) for row in found} == {0}


def test_what_cannot_be_had_is_a_conflict_and_never_a_refusal_of_the_whole(database: Session) -> None:
    office = make_office()
    add_time_off(office.therapist, datetime(2026, 12, 21), datetime(2027, 1, 4))
    book(office, tuesday(1, 14, 30))
    made = make_series(office, count=8)
    stuck = [row for row in rows_of(made, database) if row.status == CONFLICT]
    assert [(row.day, read_obstacles(row.reason)) for row in stuck] == [
        (day(1), [Obstacle.TAKEN]),
        (day(3), [Obstacle.TIME_OFF]),
        (day(4), [Obstacle.TIME_OFF]),
    ]
    assert all(count(database, Occupancy, Occupancy.occurrence_id == row.id) == 0 for row in stuck)
    assert count(database, Appointment) == 1 + 5


def test_sent_twice_it_is_set_up_once(database: Session) -> None:
    office, contact = make_office(), make_contact()
    first, second = (make_series(office, contacts=[contact], count=8) for _ in range(2))
    assert first.id == second.id
    assert count(database, Occurrence, Occurrence.status == OccurrenceStatus.CONFLICT) == 0


def test_conflicts_are_answered_when_the_slot_is_set_up(database: Session) -> None:
    office = make_office()
    add_time_off(office.therapist, datetime(2026, 12, 8), datetime(2026, 12, 9))
    choices = {day(0): None, day(1): tuesday(1, 11) + timedelta(days=1)}
    made = make_series(office, count=3, choices=choices)
    assert [(row.status, row.starts_at) for row in rows_of(made, database)] == [
        (OccurrenceStatus.SKIPPED, tuesday(0)),
        (BOOKED, tuesday(1, 11) + timedelta(days=1)),
        (BOOKED, tuesday(2)),
    ]


def test_of_two_dates_at_one_instant_the_first_is_kept(database: Session) -> None:
    choices = {day(0): tuesday(0, 11), day(1): tuesday(0, 11)}
    made = make_series(make_office(), count=3, choices=choices)
    assert [(row.status, row.reason) for row in rows_of(made, database)] == [
        (BOOKED, ""),
        (CONFLICT, "taken"),
        (BOOKED, ""),
    ]
    assert count(database, Occupancy) == 4


def test_a_hold_that_has_run_out_is_in_no_dates_way(database: Session) -> None:
    """Whether or not it was swept away."""
    office = make_office(service={"horizon_days": 200})
    for week in (1, 3):
        hold(office, tuesday(week))
    made = make_series(office, count=5, now=NOW + timedelta(hours=1))
    assert {row.status for row in rows_of(made, database)} == {BOOKED}


def test_in_person_each_date_has_the_first_room_that_is_free(database: Session) -> None:
    office = make_office()
    second = make_room(office.location, "Room 2")
    colleague = make_therapist(office.practice, office.service, location=office.location)
    (first,) = {each for each in database.scalars(select(Room)) if each != second}
    taken: dict[str, Any] = {"mode": Mode.IN_PERSON, "location": office.location.public_id, "by": BY_STAFF}
    for week in (1, 2):
        book(office, tuesday(week), therapist=colleague.public_id, contact=make_contact(), **taken)
    made = make_series(office, mode=Mode.IN_PERSON, contacts=[make_contact(jurisdiction=None)], count=4)
    rooms = [row.appointment.room for row in rows_of(made, database) if row.appointment is not None]
    assert rooms == [first, second, second, first]


def test_the_past_is_left_alone_and_odd_times_are_agreed_freely(database: Session) -> None:
    made = make_series(make_office(), starts_on=date(2026, 11, 3), local_time=time(15, 10), count=5)
    assert [row.day for row in rows_of(made, database)] == [date(2026, 11, 24), date(2026, 12, 1)]


@pytest.mark.parametrize(
    ("given", "error", "field"),
    [
        ({"contacts": []}, InvalidInput, "clients"),
        ({"contacts": [make_contact(), make_contact()]}, InvalidInput, "clients"),
        ({"contacts": [make_contact(jurisdiction=None)]}, InvalidInput, "jurisdiction"),
        ({"mode": Mode.IN_PERSON, "location": None}, InvalidInput, "location"),
        ({"therapist": "nobody"}, NotFound, None),
        ({"by": BY_CLIENT}, NotAllowed, None),
        ({"every_weeks": 0}, InvalidInput, "every_weeks"),
    ],
)
def test_what_cannot_be_set_up(given: dict[str, Any], error: type[Exception], field: str | None) -> None:
    with pytest.raises(error) as refused:
        make_series(make_office(), **given)
    assert field is None or set(getattr(refused.value, "fields", ())) == {field}


def test_nothing_of_another_practice_can_be_used() -> None:
    office, other = make_office(), make_office()
    with pytest.raises(NotFound):
        make_series(office, therapist=other.therapist.public_id)
    with pytest.raises(NotFound):
        make_series(office, service=other.service.public_id)


def test_two_together_are_both_kept(database: Session) -> None:
    office = make_office(service={"therapists_needed": 2})
    colleague = make_therapist(office.practice, office.service)
    made = make_series(office, co_therapist=colleague.public_id, count=12)
    rows = rows_of(made, database)
    assert [row.status for row in rows] == [BOOKED] * 9 + [PLANNED] * 3
    assert {row.appointment.co_therapist for row in rows if row.appointment is not None} == {colleague}
    assert count(database, Occupancy, Occupancy.resource_id == colleague.resource_id) == 12


def test_all_states_of_a_couple_count(database: Session) -> None:
    office = make_couple_office()
    add_licence(office.therapist, "UT", valid_until=date(2026, 12, 10))
    made = make_series(office, contacts=[make_contact(), make_contact(name="John", jurisdiction="UT")], count=3)
    assert [(row.status, row.reason) for row in rows_of(made, database)] == [
        (BOOKED, ""),
        (BOOKED, ""),
        (CONFLICT, "licence"),
    ]
    seats = [len(row.appointment.attendees) for row in rows_of(made, database) if row.appointment is not None]
    assert seats == [2, 2]


# --- As time passes ---------------------------------------------------------------------------------------------------


def test_the_tick_makes_what_is_due_and_moves_the_known_dates_on(database: Session) -> None:
    made = make_series(make_office())
    assert materialise_series(now=NOW) == 0
    later = NOW + 3 * WEEK
    assert materialise_series(now=later) == 3
    assert materialise_series(now=later) == 0, "a second look finds nothing to do"
    rows = rows_of(made, database)
    assert len(rows) == 60
    assert rows[-1].starts_at > later + timedelta(days=PROTECTED_DAYS - 8)
    assert [row.status for row in rows] == [BOOKED] * 12 + [PLANNED] * 48


def test_weeks_without_a_tick_lose_nothing_and_the_end_is_the_end(database: Session) -> None:
    made = make_series(make_office(), until=date(2027, 6, 1))
    assert materialise_series(now=NOW + 9 * WEEK) == 9
    assert materialise_series(now=NOW + 18 * WEEK) == 9
    materialise_series(now=NOW + 60 * WEEK)
    assert len(rows_of(made, database)) == 27, "no date is added after the last"


def test_time_off_that_came_later_makes_a_conflict_and_its_time_is_free(database: Session) -> None:
    office = make_office()
    made = make_series(office)
    keep(time_off(office, "2027-02-01", "2027-02-14"))
    assert materialise_series(now=NOW + 3 * WEEK) == 1
    stuck = [row for row in rows_of(made, database) if row.status == CONFLICT]
    assert [(row.day, row.reason) for row in stuck] == [(day(9), "time_off"), (day(10), "time_off")]
    assert all(count(database, Occupancy, Occupancy.occurrence_id == row.id) == 0 for row in stuck)


def test_a_conflict_whose_obstacle_has_gone_is_kept_again(database: Session) -> None:
    office = make_office()
    off = keep(time_off(office, "2027-02-01", "2027-02-07"))
    made = make_series(office)
    assert row_on(made, day(9), database).reason == "time_off"
    materialise_series(now=NOW)
    assert row_on(made, day(9), database).status == CONFLICT
    database.delete(off)
    database.commit()
    materialise_series(now=NOW)
    assert row_on(made, day(9), database).status == PLANNED
    assert materialise_series(now=NOW + 2 * WEEK) == 2


def test_a_licence_that_ends_and_a_service_no_longer_given_are_found(database: Session) -> None:
    office = make_office(therapist={})
    made = make_series(office)
    office.therapist.licences[0].valid_until = date(2027, 2, 3)
    database.commit()
    materialise_series(now=NOW + 2 * WEEK)
    assert [row_on(made, day(week), database).reason for week in (9, 10)] == ["", "licence"]
    database.delete(database.get_one(TherapistService, (office.therapist.id, office.service.id)))
    database.commit()
    materialise_series(now=NOW + 3 * WEEK)
    assert row_on(made, day(11), database).reason == "licence, not_given"


def test_what_only_binds_new_bookings_does_not_stop_what_was_kept(database: Session) -> None:
    """Caps, notice and the therapist's own calendar."""
    office = make_office(therapist={"daily_cap": 1}, service={"notice_minutes": 100 * 24 * 60})
    made = make_series(office, count=12)
    assert [row.status for row in rows_of(made, database)] == [BOOKED] * 9 + [PLANNED] * 3
    assert materialise_series(now=NOW + 3 * WEEK) == 3


def test_a_date_that_was_cancelled_is_not_made_again(database: Session) -> None:
    made = make_series(make_office())
    appointment = row_on(made, day(2), database).appointment
    assert appointment is not None
    cancel(appointment)
    assert materialise_series(now=NOW + WEEK) == 1
    row = row_on(made, day(2), database)
    assert (row.status, row.appointment_id) == (BOOKED, appointment.id)
    assert count(database, Appointment, Appointment.starts_at == tuesday(2)) == 1


def test_a_date_that_was_moved_alone_stays_with_its_slot(database: Session) -> None:
    made = make_series(make_office())
    appointment = row_on(made, day(2), database).appointment
    assert appointment is not None
    move(appointment, tuesday(2, 11))
    assert materialise_series(now=NOW + WEEK) == 1
    row = row_on(made, day(2), database)
    assert (row.appointment_id, row.starts_at) == (appointment.id, tuesday(2))
    assert count(database, Appointment) == 10


def test_one_slot_that_fails_does_not_keep_the_others_waiting(database: Session) -> None:
    office = make_office()
    broken, sound = make_series(office), make_series(office, local_time=time(10))
    broken.timezone = "Nowhere/Land"
    database.commit()
    assert materialise_series(now=NOW + WEEK) == 1
    assert row_on(sound, day(9), database).status == BOOKED


def test_one_date_that_fails_does_not_keep_the_others_back(database: Session, caplog: pytest.LogCaptureFixture) -> None:
    made = make_series(make_office())
    broken = row_on(made, day(9), database)
    broken.duration_minutes = 0
    database.commit()
    materialise_series(now=NOW + 3 * WEEK)
    assert [row_on(made, day(week), database).status for week in (9, 10, 11)] == [PLANNED, BOOKED, BOOKED]
    assert [record.message for record in caplog.records] == ["standing slot failed"]
    assert count(database, Appointment) == 11


def test_who_made_it_is_in_the_audit(database: Session) -> None:
    made = make_series(make_office())
    materialise_series(now=NOW + WEEK)
    lines = database.scalars(select(AppointmentEvent).order_by(AppointmentEvent.id)).all()
    assert [line.actor for line in lines] == ["staff"] * 9 + ["system"]
    assert {line.details["series"] for line in lines} == {made.public_id}


# --- Groups -----------------------------------------------------------------------------------------------------------


def test_a_group_stands_without_anybody_and_clients_book_its_seats(database: Session) -> None:
    office = make_group_office(opened_by_staff=True)
    made = make_series(office, contacts=[])
    first = row_on(made, day(0), database).appointment
    assert first is not None
    assert first.attendees == []
    seated = book(office, tuesday(0), therapist=None)
    assert (seated.id, len(seated.seats)) == (first.id, 1)


def test_a_member_keeps_the_seat_after_missing_one_date(database: Session) -> None:
    office = make_group_office()
    made = make_series(office, contacts=[make_contact(name="Ana"), make_contact(name="Ben")])
    first = row_on(made, day(0), database).appointment
    assert first is not None
    cancel(first, attendee_id=first.attendees[0].id)
    assert [seat.name for seat in first.seats] == ["Ben"]
    materialise_series(now=NOW + WEEK)
    later = row_on(made, day(9), database).appointment
    assert later is not None
    assert [seat.name for seat in later.seats] == ["Ana", "Ben"]


def test_a_group_goes_on_without_one_who_is_busy(database: Session) -> None:
    office = make_group_office()
    ana = make_contact(name="Ana")
    other = make_therapist(office.practice, office.service)
    book(office, tuesday(0), contact=ana, therapist=other.public_id, by=BY_STAFF)
    made = make_series(office, contacts=[ana, make_contact(name="Ben")], count=2)
    assert [
        [seat.name for seat in row.appointment.seats] for row in rows_of(made, database) if row.appointment is not None
    ] == [["Ben"], ["Ana", "Ben"]]


def time_off(office: Office, first: str, until: str) -> TimeOff:
    return TimeOff(
        practice_id=office.practice.id,
        therapist_id=office.therapist.id,
        starts_local=datetime.fromisoformat(first),
        ends_local=datetime.fromisoformat(until),
    )


def test_the_factory_makes_what_it_says() -> None:
    plan = make_plan(make_office())
    assert (plan.starts_on, plan.starts_on.weekday()) == (day(0), 1)


def test_every_date_plans_its_own_confirmation(database: Session) -> None:
    made = make_series(make_office(), contacts=[make_contact(wants_texts=True)])
    told = [
        (message.channel, message.status)
        for message in database.scalars(select(Message).where(Message.kind == MessageKind.CONFIRMATION))
        if message.attendee_id is not None
    ]
    booked = sum(row.status == BOOKED for row in rows_of(made, database))
    assert [told.count((channel, MessageStatus.PLANNED)) for channel in Channel] == [booked, booked]


def test_once_a_month(database: Session) -> None:
    """The second Tuesday of every month, and what is made of it stands on those dates."""
    office = make_office()
    series = make_series(office, starts_on=date(2026, 12, 8), week_of_month=MonthWeek.SECOND)
    rows = database.scalars(select(Occurrence).where(Occurrence.series_id == series.id).order_by(Occurrence.day))
    kept = [row.day for row in rows]
    assert kept[:4] == [date(2026, 12, 8), date(2027, 1, 12), date(2027, 2, 9), date(2027, 3, 9)]
    assert len(kept) == len({(day.year, day.month) for day in kept})
