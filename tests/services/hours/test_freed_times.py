"""What opens time writes it down for those who wait; what closes it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.words import Mode
from telehealth.models import FreedTime, HoursOverride, TimeOff, WeeklyHours
from telehealth.services.hours.hours_setting import (
    OverrideWish,
    TimeOffWish,
    WeeklyWish,
    add_hours_entry,
    change_hours_entry,
    remove_hours_entry,
)
from telehealth.services.practice import catalogue, places, therapists
from telehealth.services.practice.catalogue import ServiceFacts
from telehealth.services.practice.therapists import LicenceFacts, TherapistLimits
from telehealth.services.waitlist import waiting
from tests.factories import (
    BY_STAFF,
    Office,
    add_licence,
    add_override,
    add_time_off,
    cancel,
    make_contact,
    make_office,
    make_service,
    make_therapist,
    offers_to,
    wait,
)
from tests.factories.appointments import book
from tests.moments import DENVER, NOW, at

ONE_DAY = timedelta(days=1)
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
MODES = [Mode.VIRTUAL]


@pytest.fixture
def office(database: Session) -> Office:
    return make_office(service={"horizon_days": 14})


def whose(office: Office) -> dict[str, Any]:
    return {"practice_id": office.practice.id, "therapist_id": office.therapist.id, "now": NOW}


def periods(database: Session) -> list[tuple[str, str]]:
    """What was written down, on the therapist's wall."""
    rows = database.scalars(select(FreedTime).order_by(FreedTime.starts_at)).all()
    assert all(row.look_at == NOW + timedelta(minutes=5) for row in rows)
    return [
        (f"{row.starts_at.astimezone(DENVER):%d %H:%M}", f"{row.ends_at.astimezone(DENVER):%d %H:%M}") for row in rows
    ]


def test_a_cancelled_appointment(database: Session, office: Office) -> None:
    cancel(book(office, at(10)))
    assert periods(database) == [("24 10:00", "24 10:50")]


def test_new_weekly_hours_as_far_as_anything_can_be_booked(database: Session, office: Office) -> None:
    add_hours_entry(**whose(office), by=BY_STAFF, wish=WeeklyWish(5, time(10), time(14), MODES))
    assert periods(database) == [("28 10:00", "28 14:00"), ("05 10:00", "05 14:00")]


def test_weekly_hours_today_begin_now_and_a_night_runs_on(database: Session, office: Office) -> None:
    wish = WeeklyWish(0, time(8), time(2), MODES, valid_until=MONDAY)
    add_hours_entry(**whose(office), by=BY_STAFF, wish=wish)
    assert periods(database) == [("23 09:00", "24 02:00")]


def test_changed_weekly_hours(database: Session, office: Office) -> None:
    wish = WeeklyWish(5, time(10), time(14), MODES, every_weeks=2, anchor=MONDAY)
    made = add_hours_entry(**whose(office), by=BY_STAFF, wish=wish)
    assert periods(database) == [("28 10:00", "28 14:00")]
    later = WeeklyWish(6, time(10), time(14), MODES, every_weeks=2, anchor=MONDAY)
    change_hours_entry(**whose(office), by=BY_STAFF, public_id=made.public_id, wish=later)
    assert periods(database) == [("28 10:00", "28 14:00"), ("29 10:00", "29 14:00")]
    remove_hours_entry(WeeklyHours, **whose(office), by=BY_STAFF, public_id=made.public_id)
    assert len(periods(database)) == 2


def test_time_off_that_ends_early_or_not_at_all(database: Session, office: Office) -> None:
    away = TimeOffWish(datetime(2026, 11, 24, 9), datetime(2026, 11, 26, 12))
    made = add_hours_entry(**whose(office), by=BY_STAFF, wish=away)
    assert periods(database) == []
    shorter = replace(away, ends_local=datetime(2026, 11, 25))
    change_hours_entry(**whose(office), by=BY_STAFF, public_id=made.public_id, wish=shorter)
    assert periods(database) == [("24 09:00", "26 12:00")]
    remove_hours_entry(TimeOff, **whose(office), by=BY_STAFF, public_id=made.public_id)
    assert ("24 09:00", "25 00:00") in periods(database)


def test_other_hours_on_a_date(database: Session, office: Office) -> None:
    closed = add_hours_entry(**whose(office), by=BY_STAFF, wish=OverrideWish(TUESDAY, None, None))
    assert periods(database) == []
    change_hours_entry(
        **whose(office),
        by=BY_STAFF,
        public_id=closed.public_id,
        wish=OverrideWish(TUESDAY + ONE_DAY, time(18), time(20), MODES),
    )
    assert periods(database) == [("24 00:00", "25 00:00"), ("25 18:00", "25 20:00")]
    remove_hours_entry(HoursOverride, **whose(office), by=BY_STAFF, public_id=closed.public_id)
    assert ("25 00:00", "26 00:00") in periods(database)


def test_who_waits_hears_of_a_therapist_who_is_there_after_all(office: Office) -> None:
    away = add_time_off(office.therapist, datetime(2026, 11, 24), datetime(2026, 11, 25))
    entry = wait(office, until=TUESDAY)
    remove_hours_entry(TimeOff, **whose(office), by=BY_STAFF, public_id=away.public_id)
    assert waiting.offer_freed_times(now=NOW + timedelta(minutes=5)) == 1
    assert [each.starts_at for each in offers_to(entry)] == [at(9)]


def test_who_waits_hears_of_a_date_that_opens(office: Office) -> None:
    closed = add_override(office.therapist, date(2026, 11, 28), None, None)
    entry = wait(office)
    wish = OverrideWish(date(2026, 11, 28), time(18), time(20), MODES)
    change_hours_entry(**whose(office), by=BY_STAFF, public_id=closed.public_id, wish=wish)
    assert waiting.offer_freed_times(now=NOW + timedelta(minutes=5)) == 1
    assert [each.starts_at for each in offers_to(entry)] == [at(18, days=5)]


def test_what_opens_but_is_taken_again_is_offered_to_nobody(database: Session, office: Office) -> None:
    away = add_time_off(office.therapist, datetime(2026, 11, 24), datetime(2026, 11, 25))
    wait(office, until=TUESDAY)
    remove_hours_entry(TimeOff, **whose(office), by=BY_STAFF, public_id=away.public_id)
    add_time_off(office.therapist, datetime(2026, 11, 24), datetime(2026, 11, 25))
    assert waiting.offer_freed_times(now=NOW + timedelta(minutes=5)) == 0
    assert periods(database) == []


def test_a_licence_opens_its_dates_as_far_as_anything_can_be_booked(database: Session, office: Office) -> None:
    until_december = LicenceFacts("UT", date(2026, 1, 1), date(2026, 12, 1))
    added = therapists.add_licence(**whose(office), facts=until_december, by=BY_STAFF)
    assert periods(database) == [("23 09:00", "02 00:00")]
    for last_day in (date(2026, 11, 30), date(2026, 12, 3), None):  # Shorter opens nothing.
        therapists.end_licence(**whose(office), licence_id=added.id, last_day=last_day, by=BY_STAFF)
    assert periods(database)[1:] == [("01 00:00", "04 00:00"), ("04 00:00", "08 00:00")]
    therapists.add_licence(**whose(office), facts=LicenceFacts("NM", date(2027, 1, 1)), by=BY_STAFF)
    assert len(periods(database)) == 3, "beyond the horizon"


def test_who_waits_hears_of_a_licence(office: Office) -> None:
    entry = wait(office, contact=make_contact(jurisdiction="UT"))
    therapists.add_licence(**whose(office), facts=LicenceFacts("UT", TUESDAY + ONE_DAY), by=BY_STAFF)
    assert waiting.offer_freed_times(now=NOW + timedelta(minutes=5)) == 1
    assert [each.starts_at for each in offers_to(entry)] == [at(9, days=2)]


def test_who_waits_hears_of_a_licence_that_goes_on(office: Office) -> None:
    held = add_licence(office.therapist, "UT", valid_until=MONDAY)
    entry = wait(office, contact=make_contact(jurisdiction="UT"))
    therapists.end_licence(**whose(office), licence_id=held.id, last_day=TUESDAY, by=BY_STAFF)
    assert waiting.offer_freed_times(now=NOW + timedelta(minutes=5)) == 1
    assert [each.starts_at for each in offers_to(entry)] == [at(9)]


def test_who_waits_hears_of_a_service_that_can_be_booked_again(database: Session, office: Office) -> None:
    colleague = make_therapist(office.practice, make_service(office.practice))
    entry = wait(office)
    given: dict[str, Any] = {
        "practice_id": office.practice.id,
        "service_public_id": office.service.public_id,
        "now": NOW,
    }
    catalogue.end_service(**given, by=BY_STAFF)
    assert periods(database) == []
    catalogue.reopen_service(**given, by=BY_STAFF)
    catalogue.reopen_service(**given, by=BY_STAFF)  # It is open: nothing more opens.
    assert [row.therapist_id for row in database.scalars(select(FreedTime))] == [office.therapist.id] != [colleague.id]
    assert waiting.offer_freed_times(now=NOW + timedelta(minutes=5)) == 1
    assert [each.starts_at for each in offers_to(entry)] == [at(9, 30, days=0)]


def test_who_waits_hears_of_a_room_of_the_kind_that_is_needed(database: Session) -> None:
    office = make_office(service={"room_kind": "Playroom", "modes": [Mode.IN_PERSON]})
    entry = wait(office, modes=(Mode.IN_PERSON,))
    given: dict[str, Any] = {"practice_id": office.practice.id, "room_public_id": office.room.public_id, "now": NOW}
    places.set_room(**given, kind="large", by=BY_STAFF)
    assert periods(database) == []
    places.set_room(**given, kind="playroom", by=BY_STAFF)
    places.set_room(**given, kind="PLAYROOM", by=BY_STAFF)
    assert len(periods(database)) == 1
    assert waiting.offer_freed_times(now=NOW + timedelta(minutes=5)) == 1
    assert [each.mode for each in offers_to(entry)] == [Mode.IN_PERSON]


def change_service(office: Office, **given: Any) -> None:
    """Offer the office's service otherwise; what is not given stays as it is."""
    service = office.service
    facts = {name: getattr(service, name) for name in ServiceFacts.__slots__ if name != "therapists"}
    facts |= {"room_kind": service.room_kind or "", "modes": [Mode(each) for each in service.modes], **given}
    about: dict[str, Any] = {"practice_id": office.practice.id, "service_public_id": service.public_id, "now": NOW}
    catalogue.change_service(**about, facts=ServiceFacts(**facts), by=BY_STAFF)


def test_who_waits_hears_of_a_service_that_fits_where_it_did_not(database: Session, office: Office) -> None:
    add_time_off(office.therapist, datetime(2026, 11, 23), datetime(2026, 11, 24))
    add_time_off(office.therapist, datetime(2026, 11, 24, 9, 30), datetime(2026, 11, 25))
    entry = wait(office, until=TUESDAY)
    change_service(office, duration_minutes=30)
    assert periods(database) == [("23 09:00", "08 00:00")]
    assert waiting.offer_freed_times(now=NOW + timedelta(minutes=5)) == 1
    assert [(each.starts_at, each.ends_at) for each in offers_to(entry)] == [(at(9), at(9, 30))]


def test_who_waits_hears_of_times_further_ahead(database: Session, office: Office) -> None:
    add_time_off(office.therapist, datetime(2026, 11, 23), datetime(2026, 12, 8))
    entry = wait(office)
    change_service(office, horizon_days=30)
    assert [last for _, last in periods(database)] == ["24 00:00"], "as far as can be booked from now on"
    assert waiting.offer_freed_times(now=NOW + timedelta(minutes=5)) == 1
    assert [each.starts_at for each in offers_to(entry)] == [at(9, days=15)]


def test_who_waits_hears_of_a_therapist_who_gives_it_too(database: Session, office: Office) -> None:
    colleague = make_therapist(office.practice, make_service(office.practice))
    entry = wait(office)
    change_service(office, therapists=(office.therapist.public_id, colleague.public_id))
    assert [row.therapist_id for row in database.scalars(select(FreedTime))] == [colleague.id]
    assert waiting.offer_freed_times(now=NOW + timedelta(minutes=5)) == 1
    assert [each.therapist_id for each in offers_to(entry)] == [colleague.id]


def test_a_service_that_takes_more_or_only_says_more_opens_nothing(database: Session, office: Office) -> None:
    change_service(office, duration_minutes=60, horizon_days=7, name="One to one", description="As long as an hour")
    assert periods(database) == []
    catalogue.end_service(
        practice_id=office.practice.id, service_public_id=office.service.public_id, by=BY_STAFF, now=NOW
    )
    change_service(office, duration_minutes=30)
    assert periods(database) == [], "nobody can book it"


def test_who_waits_hears_of_a_therapist_who_takes_on_more(database: Session) -> None:
    office = make_office(service={"horizon_days": 14}, therapist={"daily_cap": 1})
    add_time_off(office.therapist, datetime(2026, 11, 23), datetime(2026, 11, 24))
    book(office, at(10))
    entry = wait(office, until=TUESDAY)
    therapists.change_limits(
        **whose(office), limits=TherapistLimits(daily_cap=1, weekly_cap=5, longest_run=2), by=BY_STAFF
    )
    assert periods(database) == []
    therapists.change_limits(
        **whose(office), limits=TherapistLimits(daily_cap=2, weekly_cap=5, longest_run=2), by=BY_STAFF
    )
    assert periods(database) == [("23 09:00", "08 00:00")]
    assert waiting.offer_freed_times(now=NOW + timedelta(minutes=5)) == 1
    assert [each.starts_at for each in offers_to(entry)] == [at(9)]
