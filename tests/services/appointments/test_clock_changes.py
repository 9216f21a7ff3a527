"""When the rules of a zone change under what is booked: what was agreed is known, and staff say which time holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import ImpossibleStatus, NotAllowed, SlotTaken
from telehealth.domain.message_words import MessageKind, MessageStatus
from telehealth.domain.messages.told import slot_told
from telehealth.models import Appointment, AppointmentEvent, Message, Occupancy, Occurrence
from telehealth.queries.appointments.clock_changes import list_out_of_step
from telehealth.services.appointments.clock_changes import keep_instant, keep_wall_time
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, cancel, make_office, make_series
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")
HOUR = timedelta(hours=1)
LATER = NOW + HOUR


@pytest.fixture
def office() -> Office:
    return make_office()


def shift(*appointments: Appointment, by: timedelta = -HOUR) -> None:
    """As if the rules had changed since: the clock shows an hour more at the same instant than was agreed."""
    with transaction() as session:
        for each in appointments:
            agreed = each.local_start + by
            session.execute(update(Appointment).where(Appointment.id == each.id).values(local_start=agreed))


def tell_everybody(appointment: Appointment) -> None:
    """What was planned is handed over."""
    gone = update(Message).where(Message.appointment_id == appointment.id, Message.kind == MessageKind.CONFIRMATION)
    with transaction() as session:
        session.execute(gone.values(status=MessageStatus.SENT))


def news(session: Session, appointment: Appointment) -> list[MessageKind]:
    waits = select(Message.kind).where(
        Message.appointment_id == appointment.id,
        Message.status == MessageStatus.PLANNED,
        Message.kind.in_([MessageKind.MOVED, MessageKind.CONFIRMATION]),
    )
    return list(session.scalars(waits))


def asked(appointment: Appointment) -> dict[str, int]:
    return {"practice_id": appointment.practice_id, "appointment_id": appointment.id}


def test_nothing_is_out_of_step_by_itself(office: Office) -> None:
    made = book(office)
    assert list_out_of_step(made.practice_id, now=NOW) == []


def test_what_is_out_of_step_is_listed_the_soonest_first(office: Office) -> None:
    later, sooner, over = book(office, at(14, days=3)), book(office, at(14)), book(office, at(9))
    shift(later, sooner, over)
    cancel(over)
    found = list_out_of_step(office.practice.id, now=NOW)
    assert [each.id for each in found] == [sooner.id, later.id]
    assert list_out_of_step(office.practice.id, therapist_id=office.therapist.id, now=NOW) == found
    assert list_out_of_step(office.practice.id, therapist_id=-1, now=NOW) == []
    assert list_out_of_step(office.practice.id, now=at(14, days=2)) == [later]


def test_keeping_the_wall_time_moves_it_and_tells_them(database: Session, office: Office) -> None:
    made = book(office, at(10))
    tell_everybody(made)
    shift(made)
    kept = keep_wall_time(**asked(made), by=BY_STAFF, now=LATER)
    assert (kept.starts_at, kept.local_start.hour, kept.sequence) == (at(9), 9, 1)
    taken = database.scalars(select(Occupancy.starts_at).where(Occupancy.appointment_id == made.id)).all()
    assert set(taken) == {at(9)}
    assert set(news(database, made)) == {MessageKind.MOVED}
    assert list_out_of_step(office.practice.id, now=NOW) == []


def test_it_may_go_where_nobody_is_offered_anything_but_not_over_somebody(office: Office) -> None:
    early, other = book(office, at(9)), book(office, at(10))
    shift(early, other)
    assert keep_wall_time(**asked(early), by=BY_STAFF, now=LATER).starts_at == at(8)  # Hours begin at nine.
    third = book(office, at(11))
    shift(third)
    with pytest.raises(SlotTaken):
        keep_wall_time(**asked(third), by=BY_STAFF, now=LATER)
    assert keep_wall_time(**asked(other), by=BY_STAFF, now=LATER).starts_at == at(9)
    assert keep_wall_time(**asked(third), by=BY_STAFF, now=LATER).starts_at == at(10)


def test_keeping_the_instant_says_the_new_wall_time_to_everybody(database: Session, office: Office) -> None:
    made = book(office, at(10))
    tell_everybody(made)
    shift(made)
    kept = keep_instant(**asked(made), by=BY_STAFF, now=LATER)
    assert (kept.starts_at, kept.local_start.hour, kept.sequence) == (at(10), 10, 1)
    assert set(news(database, made)) == {MessageKind.MOVED}
    told = database.scalars(select(Message.says).where(Message.kind == MessageKind.CONFIRMATION))
    assert {slot[0] for says in told if (slot := slot_told(says)) is not None} == {at(9)}  # What they read as nine.
    line = database.scalars(select(AppointmentEvent).where(AppointmentEvent.action == AuditAction.INSTANT_KEPT)).one()
    assert (line.details["before"], line.details["after"]) == ("2026-11-24 09:00", "2026-11-24 10:00")
    assert list_out_of_step(office.practice.id, now=NOW) == []


def test_what_is_in_step_stays_as_it_is(database: Session, office: Office) -> None:
    made = book(office, at(10))
    tell_everybody(made)
    for use_case in (keep_wall_time, keep_instant):
        kept = use_case(**asked(made), by=BY_STAFF, now=LATER)
        assert (kept.starts_at, kept.sequence) == (at(10), 0)
    assert news(database, made) == []


def test_only_staff_choose_and_only_for_what_is_on(office: Office) -> None:
    made = book(office, at(10))
    shift(made)
    for use_case in (keep_wall_time, keep_instant):
        with pytest.raises(NotAllowed):
            use_case(**asked(made), by=BY_CLIENT, now=LATER)
    cancel(made)
    for use_case in (keep_wall_time, keep_instant):
        with pytest.raises(ImpossibleStatus):
            use_case(**asked(made), by=BY_STAFF, now=LATER)


def test_a_date_of_a_standing_slot_goes_along(database: Session, office: Office) -> None:
    make_series(office)
    made = database.scalars(select(Appointment).order_by(Appointment.starts_at)).first()
    assert made is not None
    shift(made)
    kept = keep_wall_time(**asked(made), by=BY_STAFF, now=LATER)
    date = database.scalars(select(Occurrence).where(Occurrence.appointment_id == made.id)).one()
    assert date.starts_at == kept.starts_at
