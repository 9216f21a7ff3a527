"""Moving: the same event somewhere else, in one step, or nothing at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.errors import (
    ImpossibleStatus,
    InsideWindow,
    InvalidInput,
    NeedsReason,
    NotAllowed,
    NotFound,
    SlotNotOffered,
    SlotTaken,
    TooLate,
)
from telehealth.domain.words import LateChange, Mode, Obstacle, ServiceKind
from telehealth.models import FreedTime, Message, Occupancy, Policy
from telehealth.services.appointments.moving import change_room
from tests.factories import (
    BY_STAFF,
    Office,
    add_licence,
    book,
    cancel,
    make_contact,
    make_office,
    make_room,
    make_service,
    make_therapist,
    move,
)
from tests.factories.rows import keep
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def office() -> Office:
    return make_office()


def with_terms(office: Office, when_late: LateChange = LateChange.CALL) -> Office:
    policy = keep(
        Policy(practice_id=office.practice.id, version=1, window_minutes=24 * 60, when_late=when_late, created_at=NOW)
    )
    with transaction():
        office.service.policy_id = policy.id
    return office


def spans(database: Session, appointment_id: int) -> set[tuple[object, object]]:
    rows = database.scalars(select(Occupancy).where(Occupancy.appointment_id == appointment_id))
    return {(row.starts_at, row.ends_at) for row in rows}


def test_it_is_the_same_event_one_version_later(database: Session, office: Office) -> None:
    made = book(office)
    uid, key = made.uid, made.public_id
    moved = move(made, at(14))
    assert (moved.uid, moved.public_id, moved.sequence) == (uid, key, 1)
    assert (moved.starts_at, moved.ends_at) == (at(14), at(14, 50))
    assert moved.local_start.hour == 14
    assert {starts for starts, _ in spans(database, moved.id)} == {at(14)}


def test_the_old_time_is_free_and_written_down_for_those_who_wait(database: Session, office: Office) -> None:
    move(book(office), at(14))
    assert book(office)
    freed = database.scalars(select(FreedTime)).one()
    assert (freed.starts_at, freed.ends_at, freed.look_at) == (at(10), at(10, 50), NOW + timedelta(minutes=5))


@pytest.mark.parametrize("minutes", [-30, 30])
def test_onto_part_of_itself(office: Office, minutes: int) -> None:
    made = book(office)
    assert move(made, at(10) + timedelta(minutes=minutes)).sequence == 1


def test_a_full_day_is_no_obstacle_to_an_appointment_of_that_day(database: Session) -> None:
    office = make_office(therapist={"daily_cap": 1})
    assert move(book(office), at(14)).starts_at == at(14)


def test_when_the_new_slot_is_gone_the_old_one_is_untouched(database: Session, office: Office) -> None:
    made, _ = book(office), book(office, at(14))
    before = spans(database, made.id)
    with pytest.raises(SlotTaken):
        move(made, at(14))
    assert (made.starts_at, made.sequence, spans(database, made.id)) == (at(10), 0, before)
    assert not database.scalars(select(Message).where(Message.version == 1)).all()


def test_only_to_what_is_offered(office: Office) -> None:
    with pytest.raises(SlotNotOffered):
        move(book(office), at(20))


def test_virtual_to_in_person_takes_a_room_and_back_gives_it_up(database: Session, office: Office) -> None:
    made = move(book(office), at(10), mode=Mode.IN_PERSON, location=office.location.public_id)
    assert made.room_id == office.room.id
    assert made.location_id == office.location.id
    assert made.timezone == office.location.timezone
    assert len(spans(database, made.id)) == 1
    assert len(database.scalars(select(Occupancy)).all()) == 3
    made = move(made, at(10), mode=Mode.VIRTUAL)
    assert (made.room_id, made.location_id, made.sequence) == (None, None, 2)
    assert len(database.scalars(select(Occupancy)).all()) == 2


def test_meeting_by_video_after_all_asks_for_the_state(office: Office) -> None:
    made = book(office, mode=Mode.IN_PERSON)
    with pytest.raises(InvalidInput) as problem:
        move(made, at(10), mode=Mode.VIRTUAL)
    assert set(problem.value.fields) == {"jurisdiction"}
    assert move(made, at(10), mode=Mode.VIRTUAL, jurisdiction="CO").attendees[0].jurisdiction == "CO"


def test_meeting_by_phone_asks_for_a_number(office: Office) -> None:
    made = book(office, contact=make_contact(phone=None, wants_texts=False))
    with pytest.raises(InvalidInput) as problem:
        move(made, at(10), mode=Mode.PHONE)
    assert set(problem.value.fields) == {"phone"}
    assert move(made, at(10), mode=Mode.PHONE, phone="+13035550199").attendees[0].phone == "+13035550199"


def test_the_therapist_stays_when_possible(office: Office) -> None:
    made = book(office)
    make_therapist(office.practice, office.service)
    assert move(made, at(14)).therapist_id == office.therapist.id


def test_another_therapist_when_asked(office: Office) -> None:
    colleague = make_therapist(office.practice, office.service)
    assert move(book(office), at(10), therapist=colleague.public_id).therapist_id == colleague.id


def test_the_licence_counts_on_the_new_date(database: Session) -> None:
    office = make_office(therapist={"licences": ()})
    add_licence(office.therapist, "CO", valid_until=date(2026, 11, 25))
    made = book(office)
    with pytest.raises(SlotNotOffered):
        move(made, at(10, days=3))
    moved = move(
        made, at(10, days=3), by=BY_STAFF, waived=frozenset({Obstacle.LICENCE}), reason="renewal is on its way"
    )
    assert (moved.overrides, moved.override_reason) == (["licence"], "renewal is on its way")


def test_not_once_it_has_begun_nor_after_it_was_cancelled(office: Office) -> None:
    made = book(office)
    with pytest.raises(TooLate):
        move(made, at(14), now=at(10))
    cancel(made)
    with pytest.raises(ImpossibleStatus):
        move(made, at(14))


def test_inside_the_window_a_client_calls_and_staff_move(database: Session, office: Office) -> None:
    made = book(with_terms(office), at(10, days=2))
    inside = at(10) + timedelta(seconds=1)
    with pytest.raises(InsideWindow):
        move(made, at(14, days=2), now=inside)
    assert move(made, at(14, days=2), by=BY_STAFF, now=inside).starts_at == at(14, days=2)


def test_the_terms_are_those_agreed_to(office: Office) -> None:
    made = book(office, at(10))
    with_terms(office)
    assert move(made, at(14), now=NOW + timedelta(hours=10)).policy_id is None


def test_within_the_grace_nothing_is_late(office: Office) -> None:
    made = book(with_terms(office), at(9))  # tomorrow at nine is 24 hours ahead: inside a moment later
    assert move(made, at(14), now=NOW + timedelta(minutes=2, seconds=59)).sequence == 1
    with pytest.raises(InsideWindow):
        move(made, at(9), now=NOW + timedelta(hours=6))


def test_a_seat_in_a_group_is_not_moved_by_its_client(database: Session) -> None:
    office = make_office(service={"kind": ServiceKind.GROUP, "capacity": 4})
    with pytest.raises(NotAllowed):
        move(book(office), at(14))


def test_staff_may_set_rules_aside_with_a_reason(office: Office) -> None:
    made = book(office)
    evening = {"by": BY_STAFF, "waived": frozenset({Obstacle.OUTSIDE_HOURS})}
    with pytest.raises(NeedsReason):
        move(made, at(20), **evening)
    moved = move(made, at(20), **evening, reason="she cannot come earlier")
    assert moved.overrides == ["outside_hours"]


def test_clients_may_not(office: Office) -> None:
    with pytest.raises(NotAllowed):
        move(book(office), at(20), waived=frozenset({Obstacle.OUTSIDE_HOURS}), reason="please")


def test_a_deliberate_overlap_is_flagged(database: Session, office: Office) -> None:
    first, second = book(office), book(office, at(14))
    moved = move(second, at(10), by=BY_STAFF, waived=frozenset({Obstacle.TAKEN, Obstacle.BUFFER}), reason="crisis")
    flagged = database.scalars(select(Occupancy).where(Occupancy.overlap_allowed)).all()
    assert [row.appointment_id for row in flagged] == [moved.id]
    assert "taken" in moved.overrides
    assert first.overrides == []


def test_the_audit_says_from_where_to_where(office: Office) -> None:
    line = move(book(office), at(14)).events[-1]
    assert line.action == "moved"
    assert (line.details["before"]["starts_at"], line.details["after"]["starts_at"]) == (
        at(10).isoformat(),
        at(14).isoformat(),
    )


def test_moving_to_another_practices_therapist_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        move(book(office), at(14), therapist=make_office().therapist.public_id)


def test_another_room(office: Office) -> None:
    made, second = book(office, mode=Mode.IN_PERSON), make_room(office.location, "Room 2")
    changed = change_room(
        practice_id=made.practice_id, appointment_id=made.id, room_public_id=second.public_id, by=BY_STAFF, now=NOW
    )
    assert (changed.room_id, changed.sequence) == (second.id, 0)
    assert book(office, mode=Mode.IN_PERSON, therapist=make_therapist(
        office.practice, office.service, location=office.location).public_id).room_id == office.room.id  # fmt: skip


def test_a_room_that_is_taken_is_refused(office: Office) -> None:
    second = make_room(office.location, "Room 2")
    made = book(office, mode=Mode.IN_PERSON)
    colleague = make_therapist(office.practice, office.service, location=office.location)
    assert book(office, mode=Mode.IN_PERSON, therapist=colleague.public_id).room_id == second.id
    with pytest.raises(SlotTaken):
        change_room(
            practice_id=made.practice_id, appointment_id=made.id, room_public_id=second.public_id, by=BY_STAFF, now=NOW
        )
    assert made.room_id == office.room.id


def test_two_therapists_stay_together(database: Session) -> None:
    office = make_office(service={"therapists_needed": 2})
    colleague = make_therapist(office.practice, office.service)
    make_therapist(office.practice, office.service)
    made = book(office, co_therapist=colleague.public_id)
    moved = move(made, at(14))
    assert {moved.therapist_id, moved.co_therapist_id} == {office.therapist.id, colleague.id}


def test_one_of_two_is_replaced_by_name(database: Session) -> None:
    office = make_office(service={"therapists_needed": 2})
    colleague, third = (make_therapist(office.practice, office.service) for _ in range(2))
    made = book(office, co_therapist=colleague.public_id)
    moved = move(made, at(10), therapist=third.public_id, by=BY_STAFF)
    assert moved.therapist_id == third.id
    assert moved.co_therapist_id == colleague.id


def test_the_service_counts_by_its_own_length(office: Office) -> None:
    make_service(office.practice, duration_minutes=80)
    assert move(book(office), at(16)).ends_at == at(16, 50)
