"""When the rooms of a practice can be entered: set by it, and asked by every door."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.appointments.joining import Door
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import InvalidInput, RoomClosed
from telehealth.domain.video.calls import LINGERS, CallerRole, CallerState
from telehealth.domain.video.whereabouts import Whereabout
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment, Caller, PracticeEvent
from telehealth.queries.video.doors import find_door
from telehealth.services.practice.practice_settings import RoomRules, set_room_rules
from telehealth.services.video.calling_instead import ask_for_call
from telehealth.services.video.coming import Came, Comer, come
from telehealth.services.video.whereabouts import say_whereabouts
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, make_office
from tests.factories.rows import change
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")

STARTS = at(10, days=3)
ENDS = STARTS + timedelta(minutes=50)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.fixture
def appointment(office: Office) -> Appointment:
    return book(office, STARTS)


def decide(office: Office, opens: int, stays: int) -> None:
    rules = RoomRules(room_opens_minutes=opens, room_stays_minutes=stays)
    set_room_rules(practice_id=office.practice.id, rules=rules, by=BY_STAFF, now=NOW)


def comes(appointment: Appointment, role: CallerRole, *, now: datetime) -> Came:
    seat = appointment.attendees[0]
    is_client = role == CallerRole.CLIENT
    comer = Comer(f"{role}:1", role, role.value, attendee_id=seat.id if is_client else None)
    return come(
        practice_id=appointment.practice_id,
        appointment_id=appointment.id,
        comer=comer,
        takes_over=True,
        by=BY_CLIENT if is_client else BY_STAFF,
        now=now,
    )


def both_inside(appointment: Appointment, *, now: datetime) -> None:
    for role in (CallerRole.THERAPIST, CallerRole.CLIENT):
        comes(appointment, role, now=now)
    for caller in db.session.scalars(select(Caller)).all():
        change(caller, state=CallerState.ADMITTED, admitted_at=now)


def test_a_practice_sets_its_hours_on_record(office: Office, appointment: Appointment) -> None:
    early, late = STARTS - 16 * MINUTE, ENDS + 31 * MINUTE
    assert (find_door(appointment, now=early), find_door(appointment, now=late)) == (Door.NOT_YET, Door.OVER)
    decide(office, opens=20, stays=45)
    assert (appointment.room_opens_at, appointment.room_closes_at) == (STARTS - 20 * MINUTE, ENDS + 45 * MINUTE)
    assert find_door(appointment, now=early) == find_door(appointment, now=late) == Door.OPEN
    line = db.session.scalars(select(PracticeEvent).filter_by(action=AuditAction.CHANGED)).one()
    assert line.details["before"] == {"room_opens_minutes": 15, "room_stays_minutes": 30}
    assert line.details["after"] == {"room_opens_minutes": 20, "room_stays_minutes": 45}


@pytest.mark.parametrize(
    ("opens", "stays", "field"),
    [(4, 30, "room_opens_minutes"), (121, 30, "room_opens_minutes"), (15, -1, "room_stays_minutes"),
     (15, 241, "room_stays_minutes")],
)  # fmt: skip
def test_what_is_out_of_bounds_is_said_by_field(office: Office, opens: int, stays: int, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        decide(office, opens, stays)
    assert set(refused.value.fields) == {field}


def test_every_way_in_keeps_the_same_hours(office: Office, appointment: Appointment) -> None:
    decide(office, opens=5, stays=0)
    for moment in (STARTS - 6 * MINUTE, ENDS):
        for way in (go_in, ask_to_be_called, say_where):
            with pytest.raises(RoomClosed):
                way(appointment, moment)
    for way in (go_in, ask_to_be_called, say_where):
        way(appointment, STARTS - 5 * MINUTE)


def go_in(appointment: Appointment, now: datetime) -> None:
    comes(appointment, CallerRole.CLIENT, now=now)


def ask_to_be_called(appointment: Appointment, now: datetime) -> None:
    seat = appointment.attendees[0]
    ask_for_call(attendee_public_id=seat.public_id, phone="+13035550123", by=BY_CLIENT, now=now)


def say_where(appointment: Appointment, now: datetime) -> None:
    answer = Whereabout("CO", "12 Main Street", "+13035550123")
    say_whereabouts(attendee_id=appointment.attendees[0].id, companion_id=None, answer=answer, by=BY_CLIENT, now=now)


def test_whoever_drops_out_of_a_session_that_runs_over_comes_back(appointment: Appointment) -> None:
    closed = appointment.room_closes_at
    both_inside(appointment, now=closed - MINUTE)
    dropped = closed + MINUTE
    assert find_door(appointment, now=dropped) == Door.OPEN
    came = comes(appointment, CallerRole.CLIENT, now=dropped)
    assert came.key
    assert find_door(appointment, now=closed + LINGERS) == Door.OVER
    with pytest.raises(RoomClosed):
        comes(appointment, CallerRole.CLIENT, now=closed + LINGERS)


@pytest.mark.parametrize("values", [{"status": AppointmentStatus.CANCELLED}, {"mode": Mode.PHONE}])
def test_what_has_no_room_any_more_is_not_kept_open(appointment: Appointment, values: dict[str, object]) -> None:
    both_inside(appointment, now=appointment.room_closes_at - MINUTE)
    change(appointment, **values)
    assert find_door(appointment, now=appointment.room_closes_at) == Door.OVER
