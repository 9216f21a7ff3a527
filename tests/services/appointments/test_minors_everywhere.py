"""That minors are booked by, or with, whoever acts for them holds at every way an appointment comes to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.errors import InvalidInput, PleaseCall, SlotNotOffered
from telehealth.domain.message_words import TaskKind
from telehealth.domain.series.patterns import SeriesChange, SeriesScope
from telehealth.domain.words import AppointmentStatus, Approval, Mode, Obstacle
from telehealth.models import Appointment, Client, Series, Task
from telehealth.services.appointments.approving import approve_request
from telehealth.services.appointments.attending import add_attendee
from telehealth.services.appointments.booking import book_by_own_link
from telehealth.services.appointments.moving import Destination, move_by_link
from telehealth.services.appointments.reassigning import ReassignmentOutcome, reassign_appointments
from telehealth.services.series.changing import change_series
from telehealth.services.series.making import create_series
from telehealth.services.series.members import add_member
from telehealth.services.waitlist.waiting import accept_offer, offer_freed_times
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    cancel,
    make_client,
    make_companion,
    make_contact,
    make_couple_office,
    make_group_office,
    make_office,
    make_therapist,
    make_wish,
    move,
    offers_to,
    wait,
)
from tests.factories.rows import change
from tests.factories.series import make_plan
from tests.moments import NOW, at

SOON = NOW + timedelta(minutes=6)
CHILD, ADULT = date(2018, 5, 4), date(1990, 5, 4)
LEO = make_contact(name="Leo Doe", email="leo@example.com", phone=None, wants_texts=False)
MIA = make_contact(name="Mia Doe", email="mia@example.com", phone=None, wants_texts=False)
WAIVED: dict[str, Any] = {"waived": frozenset({Obstacle.NO_GUARDIAN}), "reason": "The court has said so."}
WHY = "The court has said so."


def on_file(office: Office, who: Any = LEO, born_on: date | None = CHILD) -> Client:
    client = make_client(office.practice, name=who.name, email=who.email)
    change(client, born_on=born_on, known_at=NOW)
    return client


@pytest.fixture
def office(database: Session) -> Office:
    office = make_office(practice={"when_minor": WhenMinor.REQUIRE})
    on_file(office)
    return office


def alone(office: Office, start: Any = None) -> Appointment:
    """Staff have set aside that nobody acts for Leo."""
    return book(office, start or at(10), contact=LEO, by=BY_STAFF, **WAIVED)


def kept_before(office: Office) -> Appointment:
    """Booked when the practice did not want it yet."""
    change(office.practice, when_minor=WhenMinor.TELL)
    made = book(office, at(10), contact=LEO, by=BY_STAFF)
    change(office.practice, when_minor=WhenMinor.REQUIRE)
    return made


def test_staff_move_them_with_a_reason(office: Office) -> None:
    made = kept_before(office)
    with pytest.raises(SlotNotOffered):
        move(made, at(12), by=BY_STAFF)
    moved = move(made, at(12), by=BY_STAFF, **WAIVED)
    assert (moved.overrides, moved.override_reason) == (["no_guardian"], WHY)
    make_companion(db.session.get_one(Client, made.attendees[0].client_id))
    assert move(made, at(13), by=BY_STAFF).overrides == []


def test_what_stays_at_its_time_is_not_asked_again(office: Office) -> None:
    """Another length, another way to meet, and a colleague who takes over."""
    made = alone(office)
    moved = move(made, at(10), by=BY_STAFF, mode=Mode.IN_PERSON, location=office.location.public_id)
    assert (moved.overrides, moved.override_reason) == (["no_guardian"], WHY)


def test_a_colleague_takes_over(office: Office) -> None:
    made = kept_before(office)
    other = make_therapist(office.practice, office.service, location=office.location)
    which = {"practice_id": office.practice.id, "away": office.therapist.id, "by": BY_STAFF, "now": NOW}
    (done,) = reassign_appointments(**which, moves={made.id: other.public_id})
    assert done.outcome == ReassignmentOutcome.TAKEN_OVER


def own_move(made: Appointment, hour: int) -> Any:
    to = Destination(starts_at=at(hour), mode=Mode.VIRTUAL)
    return move_by_link(link=made.attendees[0], to=to, by=BY_CLIENT, now=NOW)


def own_again(office: Office, made: Appointment, hour: int) -> Any:
    return book_by_own_link(link=made.attendees[0], wish=make_wish(office, at(hour)), by=BY_CLIENT, now=NOW)


def test_a_minor_alone_neither_moves_nor_books_again(office: Office) -> None:
    made = kept_before(office)
    with pytest.raises(PleaseCall):
        own_move(made, 12)
    with pytest.raises(PleaseCall):
        own_again(office, made, 13)
    make_companion(made.attendees[0].client)
    own_move(made, 12)
    assert own_again(office, made, 14).attendees


def test_what_staff_set_aside_holds_for_them(office: Office) -> None:
    made = alone(office)
    own_move(made, 12)
    assert (made.overrides, made.override_reason) == (["no_guardian"], WHY)
    assert own_again(office, made, 14).attendees


def test_whoever_has_only_typed_a_name_learns_nothing(office: Office) -> None:
    made = book(office, at(10), contact=LEO, born_on=ADULT, by=BY_CLIENT)
    own_move(made, 12)
    assert made.starts_at == at(12)
    assert own_again(office, made, 14).attendees


def test_staff_hear_of_a_minor_who_says_they_are_of_age(office: Office) -> None:
    made = book(office, at(10), contact=LEO, born_on=ADULT, by=BY_CLIENT)
    task = db.session.scalars(select(Task)).one()
    assert (task.kind, task.appointment_id) == (TaskKind.CALL, made.id)
    assert "minor" in task.note
    book(office, at(12), contact=make_contact(), born_on=ADULT, by=BY_CLIENT)
    assert len(db.session.scalars(select(Task)).all()) == 1


def test_a_request_of_theirs_needs_a_reason(database: Session) -> None:
    office = make_office(practice={"when_minor": WhenMinor.REQUIRE}, service={"approval": Approval.ALWAYS})
    on_file(office)
    made = book(office, at(10), contact=LEO, born_on=ADULT, by=BY_CLIENT)
    which = {"practice_id": office.practice.id, "appointment_id": made.id, "by": BY_STAFF, "now": NOW}
    with pytest.raises(InvalidInput) as raised:
        approve_request(**which)
    assert set(raised.value.fields) == {"guardian_reason"}
    assert made.status == AppointmentStatus.PENDING
    said_yes = approve_request(**which, guardian_reason=WHY)
    assert (said_yes.overrides, said_yes.override_reason) == (["no_guardian"], WHY)
    line = next(each for each in said_yes.events if each.action == AuditAction.APPROVED)
    assert line.details["reason"] == WHY


def test_they_are_offered_nothing_from_the_waitlist(office: Office) -> None:
    entry = wait(office, contact=LEO, born_on=ADULT)
    taken = book(office, at(10), contact=make_contact(), by=BY_STAFF)
    cancel(taken, by=BY_STAFF)
    assert offer_freed_times(now=SOON) == 0
    assert offers_to(entry) == []


def test_an_offer_made_before_is_not_taken(office: Office) -> None:
    leo = db.session.scalars(select(Client).where(Client.name == LEO.name)).one()
    maria = make_companion(leo)
    entry = wait(office, contact=LEO, born_on=ADULT)
    cancel(book(office, at(10), contact=make_contact(), by=BY_STAFF), by=BY_STAFF)
    assert offer_freed_times(now=SOON) == 1
    change(maria, ended_at=SOON)
    with pytest.raises(PleaseCall):
        accept_offer(offer_public_id=offers_to(entry)[0].public_id, by=BY_CLIENT, now=SOON)
    change(maria, ended_at=None)
    assert accept_offer(offer_public_id=offers_to(entry)[0].public_id, by=BY_CLIENT, now=SOON).attendees


@pytest.mark.parametrize("born_on", [None, CHILD])
def test_a_minor_does_not_join_it_alone(office: Office, born_on: date | None) -> None:
    with pytest.raises(InvalidInput) as raised:
        wait(office, contact=MIA, born_on=born_on)
    assert set(raised.value.fields) == {"born_on"}


def test_whoever_joins_it_anew_is_on_file_with_their_age(office: Office) -> None:
    assert wait(office, contact=MIA, born_on=ADULT).client.born_on == ADULT
    assert wait(office, contact=LEO, born_on=ADULT).client.born_on == CHILD, "what is on file stays"


def make_slot(office: Office, *contacts: Any, **given: Any) -> Series:
    return create_series(
        practice_id=office.practice.id,
        plan=make_plan(office),
        contacts=contacts or [LEO],
        by=BY_STAFF,
        now=NOW,
        **given,
    )


def test_a_standing_slot_is_set_up_with_a_reason(office: Office) -> None:
    with pytest.raises(InvalidInput) as raised:
        make_slot(office)
    assert set(raised.value.fields) == {"guardian_reason"}
    assert db.session.scalars(select(Series)).all() == [], "nothing is kept of it"
    made = make_slot(office, guardian_reason=WHY)
    line = next(each for each in made.events if each.action == AuditAction.CREATED)
    assert line.details["guardian_reason"] == WHY


def test_a_standing_slot_for_somebody_with_a_parent_needs_none(office: Office) -> None:
    make_companion(db.session.scalars(select(Client)).one())
    assert make_slot(office).members


def changed(made: Series, **given: Any) -> Any:
    to = given.pop("to", SeriesChange(local_time=time(16)))
    which = {"practice_id": made.practice_id, "series_public_id": made.public_id, "scope": SeriesScope.ALL}
    return change_series(**which, to=to, by=BY_STAFF, now=NOW, **given)


def test_a_standing_slot_goes_to_another_time_with_a_reason(office: Office) -> None:
    made = make_slot(office, guardian_reason=WHY)
    with pytest.raises(InvalidInput):
        changed(made)
    done = changed(made, guardian_reason=WHY)
    assert done.series.local_time == time(16)
    assert {each.outcome.value for each in done.dates} <= {"moved", "kept", "planned"}


def test_at_the_same_time_a_standing_slot_is_not_asked_again(office: Office) -> None:
    made = make_slot(office, guardian_reason=WHY)
    place = office.location.public_id
    assert changed(made, to=SeriesChange(mode=Mode.IN_PERSON, location=place)).series.mode == Mode.IN_PERSON


def joins_slot(office: Office, **given: Any) -> Any:
    made = make_slot(office, MIA)
    which = {"practice_id": office.practice.id, "series_public_id": made.public_id}
    return add_member(**which, contact=LEO, by=BY_STAFF, now=NOW, **given)


def joins_group(office: Office, **given: Any) -> Any:
    made = book(office, at(12 if given else 10), contact=MIA, by=BY_STAFF)
    which = {"practice_id": office.practice.id, "appointment_id": made.id}
    return add_attendee(**which, contact=LEO, by=BY_STAFF, now=NOW, **given)


@pytest.mark.parametrize("joins", [joins_slot, joins_group])
def test_in_a_group_each_comes_alone(database: Session, joins: Callable[..., Any]) -> None:
    office = make_group_office()
    change(office.practice, when_minor=WhenMinor.REQUIRE)
    on_file(office)
    with pytest.raises(InvalidInput) as raised:
        joins(office)
    assert set(raised.value.fields) == {"guardian_reason"}
    assert joins(office, guardian_reason=WHY)


def test_two_come_together_and_one_of_them_is_of_age(database: Session) -> None:
    office = make_couple_office()
    change(office.practice, when_minor=WhenMinor.REQUIRE)
    on_file(office)
    mia = on_file(office, MIA, ADULT)
    both = {"contact": LEO, "others": (MIA,), "by": BY_STAFF}
    assert book(office, at(10), **both).overrides == []
    assert make_slot(office, LEO, MIA).members
    change(mia, born_on=CHILD)
    with pytest.raises(SlotNotOffered):
        book(office, at(12), **both)
    assert book(office, at(12), **both, **WAIVED).overrides == ["no_guardian"]


def test_somebody_new_may_be_of_age(database: Session) -> None:
    office = make_couple_office()
    change(office.practice, when_minor=WhenMinor.REQUIRE)
    on_file(office)
    new = replace(MIA, name="Maria Doe", email="maria@example.com")
    assert book(office, at(10), contact=LEO, others=(new,), by=BY_STAFF).overrides == []
