"""Booking: what is decided, what is kept, and what is refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.audit_words import Actor
from telehealth.domain.errors import (
    IdempotencyMismatch,
    InvalidInput,
    NotFound,
    ServiceEnded,
    SlotNotOffered,
    SlotTaken,
    TelehealthError,
)
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import (
    Appointment,
    AppointmentEvent,
    Attendee,
    Client,
    IdempotencyKey,
    Message,
    Occupancy,
    Resource,
)
from telehealth.services.appointments.booking import book_appointment
from telehealth.services.audit import ActedBy
from tests.factories import (
    Office,
    add_hours,
    add_licence,
    add_time_off,
    book,
    cancel,
    make_contact,
    make_location,
    make_office,
    make_room,
    make_service,
    make_therapist,
    make_user,
    make_wish,
)
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")

KEPT = (Appointment, AppointmentEvent, Attendee, Client, IdempotencyKey, Message, Occupancy, Resource)


@pytest.fixture
def office() -> Office:
    return make_office()


def rows(database: Session) -> dict[str, int]:
    return {model.__name__: database.scalar(select(func.count()).select_from(model)) or 0 for model in KEPT}


def refused(database: Session, error: type[TelehealthError], office: Office, *args: object, **given: object) -> None:
    """It is refused, and nothing at all is left behind."""
    before = rows(database)
    with pytest.raises(error):
        book(office, *args, **given)  # type: ignore[arg-type]
    assert rows(database) == before


# What is kept


def test_a_booking_knows_its_instant_and_the_wish_behind_it(office: Office) -> None:
    made = book(office, at(10))
    assert made.status == AppointmentStatus.BOOKED
    assert (made.starts_at, made.ends_at) == (at(10), at(10, 50))
    assert (made.timezone, made.local_start) == ("America/Denver", datetime(2026, 11, 24, 10, 0))
    assert made.sequence == 0
    assert len(made.video_name) == 32


def test_in_person_the_wall_time_is_the_venues(database: Session) -> None:
    office = make_office()
    boston = make_location(office.practice, name="Boston", timezone="America/New_York", jurisdiction="MA")
    make_room(boston)
    add_licence(office.therapist, "MA")
    add_hours(office.therapist, time(18), time(20), location=boston)
    made = book(office, at(18), mode=Mode.IN_PERSON, location=boston.public_id)
    assert (made.timezone, made.local_start) == ("America/New_York", datetime(2026, 11, 24, 20, 0))


def test_the_wall_time_of_a_virtual_appointment_is_the_therapists(office: Office) -> None:
    made = book(office, contact=make_contact(timezone="Asia/Tokyo"))
    assert (made.timezone, made.attendees[0].timezone) == ("America/Denver", "Asia/Tokyo")


def test_the_seat_holds_what_was_typed_and_what_was_agreed(office: Office) -> None:
    seat = book(office, contact=make_contact(name="Ana Souza", email="ana@example.com")).attendees[0]
    assert (seat.name, seat.email, seat.phone, seat.jurisdiction) == (
        "Ana Souza",
        "ana@example.com",
        "+13035550123",
        "CO",
    )
    assert seat.text_consent_at == NOW
    assert seat.text_consent_wording is not None
    assert "texts about my appointments from Riverside Office" in seat.text_consent_wording


def test_without_consent_none_is_written_down(office: Office) -> None:
    seat = book(office, contact=make_contact(wants_texts=False)).attendees[0]
    assert (seat.text_consent_at, seat.text_consent_wording) == (None, None)


def test_therapist_and_client_are_taken_the_therapist_with_buffers(database: Session) -> None:
    office = make_office(service={"buffer_before_minutes": 5, "buffer_after_minutes": 10})
    made = book(office, at(10))
    taken = {row.resource_id: (row.starts_at, row.ends_at) for row in database.scalars(select(Occupancy))}
    assert taken == {
        office.therapist.resource_id: (at(9, 55), at(11)),
        made.attendees[0].client.resource_id: (at(10), at(10, 50)),
    }


def test_every_booking_leaves_an_audit_line(office: Office) -> None:
    user = make_user(office.practice)
    line = book(office, by=ActedBy(Actor.STAFF, user.id)).events[0]
    assert (line.action, line.actor, line.user_id, line.at, line.details) == (
        "booked",
        Actor.STAFF,
        user.id,
        NOW,
        {"sequence": 0, "starts_at": at(10).isoformat()},
    )


def test_uid_and_public_ids_are_their_own(office: Office) -> None:
    one, other = book(office, at(10)), book(office, at(11))
    ids = [one.uid, one.public_id, one.video_name, other.uid, other.public_id, other.video_name]
    assert len(set(ids)) == len(ids)


def test_the_same_person_stays_one_client_and_partners_stay_two(database: Session, office: Office) -> None:
    for hour, name, email in ((9, "Ana", "a@example.com"), (10, "ANA", "A@example.com"), (11, "Ben", "a@example.com")):
        book(office, at(hour), contact=make_contact(name=name, email=email))
    assert sorted(database.scalars(select(Client.name))) == ["Ana", "Ben"]
    assert database.scalar(select(func.count()).where(Resource.kind == "client").select_from(Resource)) == 2


def test_a_stranger_does_not_change_what_is_on_file(office: Office) -> None:
    book(office, at(9), contact=make_contact(email="a@example.com"))
    again = book(office, at(10), contact=make_contact(email="a@example.com", phone="+13035550199"))
    assert again.attendees[0].phone == "+13035550199"
    assert again.attendees[0].client.phone == "+13035550123"


# Messages


def planned(database: Session, appointment: Appointment) -> list[Message]:
    wanted = select(Message).where(Message.appointment_id == appointment.id).order_by(Message.id)
    return list(database.scalars(wanted))


def test_everybody_is_told_once_and_reminded_on_time(database: Session, office: Office) -> None:
    made = book(office, at(10, days=7))
    client = f"attendee:{made.attendees[0].public_id}"
    start = made.starts_at
    found = Counter(
        (row.recipient, row.kind, row.channel, row.due_at, row.not_after) for row in planned(database, made)
    )
    day, email, text = timedelta(days=1), Channel.EMAIL, Channel.TEXT
    reminder, confirmation = MessageKind.REMINDER, MessageKind.CONFIRMATION
    soon = NOW + timedelta(minutes=office.practice.grace_minutes)  # Nothing is said until the grace is over.
    assert found == Counter(
        [
            (f"therapist:{office.therapist.public_id}", confirmation, email, soon, start),
            (client, confirmation, email, soon, start),
            (client, confirmation, text, soon, start),
            (client, reminder, email, start - 3 * day, start - 1.5 * day),
            (client, reminder, text, start - 3 * day, start - 1.5 * day),
            (client, reminder, email, start - day, start - day / 2),
            (client, reminder, text, start - day, start - day / 2),
            (client, MessageKind.JOIN_LINK, text, start - timedelta(minutes=15), start),
        ]
    )


def test_planned_messages_are_new_and_say_nothing_yet(database: Session, office: Office) -> None:
    for row in planned(database, book(office, at(10, days=7))):
        assert (row.status, row.version, row.attempts, row.body) == (MessageStatus.PLANNED, 0, 0, "")
        assert row.planned_for == row.due_at


def test_whoever_wants_no_texts_gets_e_mails_only(database: Session, office: Office) -> None:
    made = book(office, at(10, days=7), contact=make_contact(wants_texts=False))
    assert {row.channel for row in planned(database, made)} == {Channel.EMAIL}


def test_a_message_cannot_be_planned_twice(database: Session, office: Office) -> None:
    first = planned(database, book(office))[0]
    columns = {column.key: getattr(first, column.key) for column in Message.__table__.columns}
    twin = Message(**{**columns, "id": None, "public_id": "another"})
    database.add(twin)
    with pytest.raises(Exception, match=r"(?i)unique"):
        database.flush()
    database.rollback()


# Refusals


def test_what_does_not_exist_is_not_found(database: Session, office: Office) -> None:
    refused(database, NotFound, office, service="nonsense")
    refused(database, NotFound, office, therapist="nonsense")
    refused(database, NotFound, office, mode=Mode.IN_PERSON, location="nonsense")


def test_what_belongs_to_another_practice_is_not_found(database: Session, office: Office) -> None:
    other = make_office()
    refused(database, NotFound, office, service=other.service.public_id)
    refused(database, NotFound, office, therapist=other.therapist.public_id)
    refused(database, NotFound, office, mode=Mode.IN_PERSON, location=other.location.public_id)


def test_a_service_that_ended_is_gone(database: Session) -> None:
    refused(database, ServiceEnded, make_office(service={"ended_at": NOW}))


def test_a_mode_the_service_does_not_have_is_explained(database: Session) -> None:
    office = make_office(service={"modes": ["virtual"]})
    with pytest.raises(InvalidInput) as problem:
        book(office, mode=Mode.PHONE)
    assert "mode" in problem.value.fields


def test_in_person_needs_a_place(database: Session, office: Office) -> None:
    with pytest.raises(InvalidInput) as problem:
        book(office, mode=Mode.IN_PERSON, location=None)
    assert "location" in problem.value.fields


@pytest.mark.parametrize(
    ("when", "why"),
    [
        (at(8, 30), "before the hours begin"),
        (at(16, 30), "it would end after the hours do"),
        (at(10, 7), "off the grid"),
        (at(10) + timedelta(seconds=1), "off the minute"),
        (at(10) + timedelta(microseconds=1), "off the second"),
        (at(10, days=5), "a Saturday"),
        (at(9, days=0) - timedelta(hours=1), "already over"),
        (at(10, days=90), "beyond the horizon"),
        (datetime(9999, 12, 31, 10, tzinfo=UTC), "the end of time"),
        (datetime(1, 1, 2, 10, tzinfo=UTC), "the beginning of time"),
    ],
)
def test_a_start_that_is_not_offered_is_refused(database: Session, office: Office, when: datetime, why: str) -> None:
    refused(database, SlotNotOffered, office, when)


def test_notice_is_elapsed_time_to_the_minute(database: Session) -> None:
    office = make_office(service={"notice_minutes": 120})
    refused(database, SlotNotOffered, office, at(10, 30, days=0))
    assert book(office, at(11, days=0)).starts_at == NOW + timedelta(hours=2)


def test_time_off_is_not_offered(database: Session, office: Office) -> None:
    add_time_off(office.therapist, datetime(2026, 11, 24, 10, 30), datetime(2026, 11, 24, 11))
    refused(database, SlotNotOffered, office, at(10))
    assert book(office, at(11))


def test_a_therapist_who_left_is_not_offered(database: Session) -> None:
    refused(database, SlotNotOffered, make_office(therapist={"ended_at": NOW}))


def test_a_therapist_who_does_not_give_the_service_is_not_offered(database: Session, office: Office) -> None:
    stranger = make_therapist(office.practice)
    refused(database, SlotNotOffered, office, therapist=stranger.public_id)


@pytest.mark.parametrize("minutes", [-30, 0, 30])
def test_overlaps_are_refused_and_named(database: Session, office: Office, minutes: int) -> None:
    book(office, at(11))
    refused(database, SlotTaken, office, at(11) + timedelta(minutes=minutes))


def test_another_service_of_the_therapist_overlaps_too(database: Session, office: Office) -> None:
    book(office, at(11))
    short = make_service(office.practice, duration_minutes=20, step_minutes=5)
    office.therapist.services.append(short)
    database.commit()
    refused(database, SlotTaken, office, at(11, 15), service=short.public_id)
    assert book(office, at(11, 50), service=short.public_id)


def test_buffers_keep_neighbours_away_and_touching_is_fine(database: Session) -> None:
    office = make_office(service={"step_minutes": 5, "buffer_before_minutes": 5, "buffer_after_minutes": 10})
    book(office, at(11))
    refused(database, SlotTaken, office, at(11) + timedelta(minutes=60))
    refused(database, SlotTaken, office, at(11) - timedelta(minutes=60))
    assert book(office, at(11) + timedelta(minutes=65))
    assert book(office, at(11) - timedelta(minutes=65))


def test_a_client_cannot_be_in_two_places(database: Session, office: Office) -> None:
    colleague = make_therapist(office.practice, office.service)
    contact = make_contact()
    book(office, at(11), contact=contact)
    refused(database, SlotTaken, office, at(11, 30), contact=contact, therapist=colleague.public_id)
    assert book(office, at(12), contact=contact, therapist=colleague.public_id)


def test_the_daily_cap_counts_the_therapists_own_days(database: Session) -> None:
    office = make_office(therapist={"daily_cap": 2})
    book(office, at(9))
    last = book(office, at(16))
    refused(database, SlotTaken, office, at(12))
    assert book(office, at(12, days=2))
    cancel(last)
    assert book(office, at(12))


def test_without_a_licence_where_the_client_is_nothing_is_offered(database: Session, office: Office) -> None:
    refused(database, SlotNotOffered, office, contact=make_contact(jurisdiction="UT"))


def test_a_licence_counts_on_its_dates(database: Session) -> None:
    from tests.factories import add_licence

    office = make_office()
    add_licence(office.therapist, "UT", valid_from=date(2026, 11, 25), valid_until=date(2026, 11, 26))
    utah = make_contact(jurisdiction="UT")
    refused(database, SlotNotOffered, office, at(10, days=1), contact=utah)
    assert book(office, at(10, days=2), contact=utah)
    assert book(office, at(16, days=3), contact=utah)
    refused(database, SlotNotOffered, office, at(10, days=4), contact=utah)


# In person


def in_person(office: Office, when: datetime, **given: object) -> Appointment:
    return book(office, when, mode=Mode.IN_PERSON, **given)  # type: ignore[arg-type]


def test_in_person_takes_a_room_without_the_buffers(database: Session) -> None:
    office = make_office(service={"buffer_after_minutes": 10})
    made = in_person(office, at(10))
    assert made.room is not None
    assert made.room.id == office.room.id
    taken = database.scalars(select(Occupancy).where(Occupancy.resource_id == office.room.resource_id)).one()
    assert (taken.starts_at, taken.ends_at) == (at(10), at(10, 50))


def test_virtual_takes_no_room(office: Office) -> None:
    assert book(office).room is None


def test_the_second_room_is_taken_when_the_first_is_not_free(database: Session, office: Office) -> None:
    second = make_room(office.location, "Room 2")
    colleague = make_therapist(office.practice, office.service, location=office.location)
    in_person(office, at(10))
    made = in_person(office, at(10), therapist=colleague.public_id)
    assert made.room is not None
    assert made.room.id == second.id


def test_no_room_no_appointment_in_person_but_by_video(database: Session, office: Office) -> None:
    colleague = make_therapist(office.practice, office.service, location=office.location)
    in_person(office, at(10))
    refused(database, SlotTaken, office, at(10), mode=Mode.IN_PERSON, therapist=colleague.public_id)
    assert book(office, at(10), therapist=colleague.public_id)


def test_the_therapist_must_be_at_the_place(database: Session, office: Office) -> None:
    elsewhere = make_location(office.practice)
    make_room(elsewhere)
    refused(database, SlotNotOffered, office, at(10), mode=Mode.IN_PERSON, location=elsewhere.public_id)


# First available


def test_first_available_goes_to_whoever_has_least_to_do(database: Session, office: Office) -> None:
    colleague = make_therapist(office.practice, office.service)
    book(office, at(15))
    first = book(office, at(10), therapist=None)
    assert first.therapist.id == colleague.id


def test_first_available_spreads(database: Session, office: Office) -> None:
    for _ in range(2):
        make_therapist(office.practice, office.service)
    starts = [at(hour) for hour in (9, 10, 11) for _ in range(3)]
    made = Counter(book(office, start, therapist=None).therapist_id for start in starts)
    assert sorted(made.values()) == [3, 3, 3]
    refused(database, SlotTaken, office, at(9), therapist=None)


def test_first_available_takes_whoever_is_licensed(database: Session, office: Office) -> None:
    colleague = make_therapist(office.practice, office.service, licences=["UT"])
    made = book(office, therapist=None, contact=make_contact(jurisdiction="UT"))
    assert made.therapist.id == colleague.id


def test_first_available_keeps_the_wall_time_of_whoever_it_is(database: Session, office: Office) -> None:
    book(office, at(10))
    make_therapist(office.practice, office.service, hours=(time(7), time(20)), timezone="America/New_York")
    made = book(office, at(10), therapist=None)
    assert (made.timezone, made.local_start) == ("America/New_York", datetime(2026, 11, 24, 12, 0))


# Once


def test_the_same_key_gives_the_same_appointment(database: Session, office: Office) -> None:
    wish = make_wish(office, idempotency_key="k")
    made = [
        book_appointment(practice=office.practice.id, wish=wish, by=ActedBy(Actor.CLIENT), now=now).id
        for now in (NOW, NOW + timedelta(seconds=1), NOW + timedelta(days=30))
    ]
    assert len(set(made)) == 1
    assert rows(database)["Appointment"] == 1


def test_the_same_key_with_another_request_is_refused(database: Session, office: Office) -> None:
    wish = make_wish(office, idempotency_key="k")
    by = ActedBy(Actor.CLIENT)
    book_appointment(practice=office.practice.id, wish=wish, by=by, now=NOW)
    for other in (
        replace(wish, starts_at=at(15)),
        replace(wish, contact=make_contact()),
        replace(wish, therapist=None),
    ):
        with pytest.raises(IdempotencyMismatch):
            book_appointment(practice=office.practice.id, wish=other, by=by, now=NOW)


def test_keys_of_two_practices_do_not_meet(office: Office) -> None:
    other = make_office()
    assert book(office, idempotency_key="k").id != book(other, idempotency_key="k").id


def test_a_refused_booking_leaves_its_key_free(database: Session, office: Office) -> None:
    book(office, at(10))
    refused(database, SlotTaken, office, at(10), idempotency_key="k")
    assert book(office, at(11), idempotency_key="k")


def test_instants_in_any_zone_are_the_same_wish(office: Office) -> None:
    wish = make_wish(office, idempotency_key="k")
    elsewhere = replace(wish, starts_at=wish.starts_at.astimezone(walltime.zone("Asia/Tokyo")))
    by = ActedBy(Actor.CLIENT)
    made = [book_appointment(practice=office.practice.id, wish=each, by=by, now=NOW) for each in (wish, elsewhere)]
    assert made[0].id == made[1].id
    assert made[0].starts_at.tzinfo == UTC


def test_in_person_the_place_decides_which_licence_counts(office: Office) -> None:
    for licence in list(office.therapist.licences):
        db.session.delete(licence)
    db.session.commit()
    with pytest.raises(SlotNotOffered):
        book(office, mode=Mode.IN_PERSON)
    add_licence(office.therapist, office.location.jurisdiction)
    assert book(office, mode=Mode.IN_PERSON).location_id == office.location.id
