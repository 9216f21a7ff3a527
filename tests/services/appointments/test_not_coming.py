"""Proposing to mark who never came to our own video room."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.audit_words import Actor, AuditAction, Via
from telehealth.domain.errors import NotAllowed, NotFound
from telehealth.domain.video.calls import CallerRole
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment, AppointmentEvent, Attendee
from telehealth.queries.appointments.attendance import list_proposed
from telehealth.queries.to_do import count_to_do
from telehealth.services.appointments.attending import set_status
from telehealth.services.appointments.not_coming import propose_no_shows, put_away_absence
from telehealth.services.video.coming import Comer, come
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, make_contact, make_group_office, make_office
from tests.factories.calls import make_visit
from tests.factories.rows import change
from tests.moments import at

pytestmark = pytest.mark.usefixtures("database")

STARTS = at(10, days=3)


def minute(number: int) -> datetime:
    return STARTS + timedelta(minutes=number)


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.fixture
def appointment(office: Office) -> Appointment:
    return book(office, STARTS, contact=make_contact(name="Jane Doe"))


def proposed(office: Office) -> list[str]:
    found = [each.name for each in list_proposed(office.practice.id)]
    assert count_to_do(office.practice.id, now=minute(60)).absent == len(found)
    return found


def lines(action: AuditAction) -> list[AppointmentEvent]:
    return list(db.session.scalars(select(AppointmentEvent).filter_by(action=action)))


def test_who_never_came_is_proposed_once_and_marked_by_nobody(office: Office, appointment: Appointment) -> None:
    make_visit(appointment, -3, None, seen_at=minute(16))
    assert propose_no_shows(now=minute(14)) == 0
    assert propose_no_shows(now=minute(16)) == 1
    assert propose_no_shows(now=minute(17)) == 0
    assert proposed(office) == ["Jane Doe"]
    (seat,) = appointment.attendees
    assert seat.status == appointment.status == AppointmentStatus.BOOKED
    (line,) = lines(AuditAction.ABSENCE_PROPOSED)
    assert (line.actor, line.via) == (Actor.SYSTEM, Via.JOBS)


def test_the_practice_says_how_long_it_waits(office: Office, appointment: Appointment) -> None:
    change(office.practice, no_show_minutes=25)
    make_visit(appointment, -3, None, seen_at=minute(30))
    assert propose_no_shows(now=minute(24)) == 0
    assert propose_no_shows(now=minute(25)) == 1


def test_marking_them_ends_it_and_so_does_putting_it_away(office: Office, appointment: Appointment) -> None:
    make_visit(appointment, -3, 50)
    propose_no_shows(now=minute(51))
    which = {"practice_id": appointment.practice_id, "by": BY_STAFF, "now": minute(52)}
    seat = appointment.attendees[0].public_id
    with pytest.raises(NotFound):
        put_away_absence(**{**which, "practice_id": 0}, attendee_public_id=seat)
    with pytest.raises(NotAllowed):
        put_away_absence(**{**which, "by": BY_CLIENT}, attendee_public_id=seat)
    put_away_absence(**which, attendee_public_id=seat)
    put_away_absence(**which, attendee_public_id=seat)
    assert len(lines(AuditAction.ABSENCE_PUT_AWAY)) == 1
    assert proposed(office) == []
    assert propose_no_shows(now=minute(60)) == 0
    other = book(office, at(12, days=3), contact=make_contact(name="Ben", email="ben@example.com"))
    make_visit(other, 0, 50)
    later = other.ends_at + timedelta(minutes=1)
    assert propose_no_shows(now=later) == 1
    set_status(
        practice_id=other.practice_id, appointment_id=other.id, status=AppointmentStatus.NOSHOW, by=BY_STAFF, now=later
    )
    assert proposed(office) == []


def test_of_a_group_only_who_never_came(office: Office) -> None:
    group = make_group_office()
    book(group, STARTS, contact=make_contact(name="Here"))
    made = book(group, STARTS, contact=make_contact(name="Away", email="away@example.com"))
    here, away = made.attendees
    make_visit(made, 0, 50)
    make_visit(made, 0, 50, seat=here, name="Here")
    assert propose_no_shows(now=minute(51)) == 1
    assert proposed(group) == ["Away"]
    assert away.absence_proposed_at == minute(51)


@pytest.mark.parametrize("what", ["came", "called", "in person", "no therapist", "yesterday"])
def test_nothing_is_proposed_where_it_may_be_otherwise(appointment: Appointment, what: str) -> None:
    (jane,) = appointment.attendees
    if what != "no therapist":
        make_visit(appointment, -3, 50)
    if what == "came":  # And was never let in.
        comer = Comer(f"attendee:{jane.public_id}", CallerRole.CLIENT, "Jane", attendee_id=jane.id)
        come(practice_id=jane.practice_id, appointment_id=appointment.id, comer=comer, by=BY_CLIENT, now=minute(20))
    if what == "called":
        change(jane, call_asked_at=minute(3), call_phone="+13035550123")
    if what == "in person":
        change(appointment, mode=Mode.IN_PERSON)
    now = minute(51) if what != "yesterday" else STARTS + timedelta(hours=25)
    assert propose_no_shows(now=now) == 0
    assert db.session.get_one(Attendee, jane.id).absence_proposed_at is None
