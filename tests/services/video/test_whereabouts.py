"""Keeping where clients are before video appointments, and what therapists without a licence there decide."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.audit_words import Actor, AuditAction, Via
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound, RoomClosed
from telehealth.domain.video.calls import CallerRole
from telehealth.domain.video.whereabouts import LicenceDecision, Whereabout
from telehealth.domain.words import Obstacle, Role
from telehealth.models import Appointment, AppointmentEvent, Caller, User, Whereabouts
from telehealth.queries.appointments.appointments import list_appointments
from telehealth.queries.delivery.client_copies import list_copy_sections
from telehealth.queries.video.whereabouts import (
    find_known_phone,
    find_last_said,
    is_said_for,
    list_said,
    list_undecided,
)
from telehealth.services.audit import ActedBy
from telehealth.services.video.coming import Comer, come
from telehealth.services.video.conducting import set_cannot_speak
from telehealth.services.video.whereabouts import decide_about_licence, say_whereabouts
from tests.factories import Office, add_licence, book, make_companion, make_contact, make_office, make_user
from tests.factories.rows import change
from tests.moments import at

pytestmark = pytest.mark.usefixtures("database")

STARTS = at(10, days=3)
NOW = STARTS - timedelta(minutes=5)
JANE = make_contact(name="Jane Doe", email="jane@example.com")
BY_CLIENT = ActedBy(Actor.CLIENT, via=Via.LINK)
IN_COLORADO = Whereabout("CO", "12 Main Street, Boulder", "+13035550123")
IN_UTAH = Whereabout("UT", "A motel in Moab", "+13035550188", cannot_speak=True)


@pytest.fixture
def office() -> Office:
    office = make_office()
    change(office.therapist, user_id=make_user(office.practice, Role.THERAPIST).id)
    return office


@pytest.fixture
def appointment(office: Office) -> Appointment:
    return book(office, STARTS, contact=JANE)


def says(appointment: Appointment, answer: Whereabout, *, after: int = 0, companion: int | None = None) -> Whereabouts:
    seat = appointment.attendees[0].id
    now = NOW + timedelta(seconds=after)
    return say_whereabouts(attendee_id=seat, companion_id=companion, answer=answer, by=BY_CLIENT, now=now)


def decides(said: Whereabouts, by: User, decision: LicenceDecision = LicenceDecision.REASON, reason: str = "") -> None:
    decide_about_licence(
        practice_id=said.practice_id, appointment_id=said.attendee.appointment_id, whereabouts_public_id=said.public_id,
        decision=decision, reason=reason, by=ActedBy(Actor.STAFF, user_id=by.id, via=Via.PAGE), now=NOW,
    )  # fmt: skip


def therapist_of(office: Office) -> User:
    return db.session.get_one(User, office.therapist.user_id)


def undecided(office: Office) -> list[str]:
    day = {"since": STARTS - timedelta(hours=2), "until": STARTS + timedelta(hours=2)}
    found = list_appointments(office.practice.id, **day, therapist_id=office.therapist.id)
    return [each.state for each in list_undecided(found, now=NOW)]


def test_it_is_kept_with_the_seat_and_a_line_that_tells_no_place(appointment: Appointment) -> None:
    said = says(appointment, IN_COLORADO)
    assert (said.practice_id, said.said_at, said.place) == (appointment.practice_id, NOW, "12 Main Street, Boulder")
    line = db.session.scalars(select(AppointmentEvent).filter_by(action=AuditAction.WHERE_SAID)).one()
    assert (line.actor, line.via) == (Actor.CLIENT, Via.LINK)
    assert "Main" not in str(line.details)
    assert line.details["state"] == "CO"


@pytest.mark.parametrize("moment", [STARTS - timedelta(minutes=16), STARTS + timedelta(hours=3)])
def test_nothing_is_taken_while_the_room_is_closed(appointment: Appointment, moment: object) -> None:
    change(appointment, starts_at=appointment.starts_at)
    with pytest.raises(RoomClosed):
        say_whereabouts(
            attendee_id=appointment.attendees[0].id, companion_id=None, answer=IN_UTAH, by=BY_CLIENT, now=moment,  # type: ignore[arg-type]
        )  # fmt: skip


def test_it_is_asked_every_time_and_the_last_answer_is_offered(office: Office, appointment: Appointment) -> None:
    said = says(appointment, IN_COLORADO)
    seat = appointment.attendees[0]
    assert is_said_for(find_last_said(seat, None), seat)
    again = book(office, STARTS + timedelta(days=7), contact=JANE).attendees[0]
    assert again.client_id == seat.client_id
    assert find_last_said(again, None) == said
    assert not is_said_for(said, again)
    assert find_known_phone(again, None, said) == IN_COLORADO.phone


def test_what_a_parent_said_is_not_shown_to_the_client(appointment: Appointment) -> None:
    seat = appointment.attendees[0]
    parent = make_companion(seat.client, phone="+13035550177")
    assert find_known_phone(seat, parent, None) == "+13035550177"
    says(appointment, IN_UTAH, companion=parent.id)
    assert find_last_said(seat, None) is None
    assert find_last_said(seat, parent) is not None
    says(appointment, IN_COLORADO, after=1)
    assert [each.where for each in list_said(appointment)] == ["12 Main Street, Boulder, Colorado"]


def test_only_where_no_licence_covers_that_day_somebody_has_to_decide(office: Office, appointment: Appointment) -> None:
    says(appointment, IN_COLORADO)
    assert undecided(office) == []
    says(appointment, IN_UTAH, after=1)
    assert undecided(office) == ["Utah"]
    assert list_said(appointment)[0].unlicensed == [office.therapist.name]
    add_licence(office.therapist, "UT", valid_until=STARTS.date() - timedelta(days=1))
    db.session.expire_all()
    assert undecided(office) == ["Utah"]
    add_licence(office.therapist, "UT", valid_from=STARTS.date(), valid_until=STARTS.date())
    db.session.expire_all()
    assert undecided(office) == []


def test_nobody_has_a_licence_outside_every_state(office: Office, appointment: Appointment) -> None:
    says(appointment, Whereabout(None, "Banff", "+13035550123"))
    assert undecided(office) == ["Outside the United States"]


def test_what_staff_booked_knowingly_is_no_news(office: Office, appointment: Appointment) -> None:
    change(appointment.attendees[0], jurisdiction="UT")
    change(appointment, overrides=[Obstacle.LICENCE])
    says(appointment, IN_UTAH)
    assert undecided(office) == []
    says(appointment, Whereabout("NV", "Reno", "+13035550123"), after=1)
    assert undecided(office) == ["Nevada"]


def test_a_decision_is_kept_with_who_made_it_and_holds_while_they_stay_there(
    office: Office, appointment: Appointment
) -> None:
    dana, said = therapist_of(office), says(appointment, IN_UTAH)
    with pytest.raises(InvalidInput):
        decides(said, dana)
    decides(said, dana, reason="30 days a year are allowed there")
    assert undecided(office) == []
    kept = list_said(appointment)[0].said
    assert (kept.decision, kept.decided_by_id, kept.decided_at) == (LicenceDecision.REASON, dana.id, NOW)
    line = db.session.scalars(select(AppointmentEvent).filter_by(action=AuditAction.LICENCE_DECIDED)).one()
    assert (line.user_id, line.details["decision"]) == (dana.id, "reason")
    assert line.details["reason"] == "30 days a year are allowed there"
    says(appointment, IN_UTAH, after=2)
    assert undecided(office) == []
    says(appointment, Whereabout("NV", "Reno", "+13035550123"), after=3)
    assert undecided(office) == ["Nevada"]


def test_only_a_therapist_of_the_appointment_decides(office: Office, appointment: Appointment) -> None:
    said = says(appointment, IN_UTAH)
    with pytest.raises(NotAllowed):
        decides(said, make_user(office.practice, Role.FRONT_DESK), LicenceDecision.NEXT_STEPS)
    other = book(office, STARTS + timedelta(days=1))
    with pytest.raises(NotFound):
        decide_about_licence(
            practice_id=said.practice_id, appointment_id=other.id, whereabouts_public_id=said.public_id,
            decision=LicenceDecision.NEXT_STEPS, by=ActedBy(Actor.STAFF, user_id=office.therapist.user_id), now=NOW,
        )  # fmt: skip
    assert undecided(office) == ["Utah"]


def test_who_cannot_speak_is_known_in_the_room_before_and_after_they_come(appointment: Appointment) -> None:
    seat = appointment.attendees[0]
    says(appointment, IN_UTAH)
    jane = Comer(f"attendee:{seat.public_id}", CallerRole.CLIENT, "Jane", attendee_id=seat.id)
    about = {"practice_id": appointment.practice_id, "appointment_id": appointment.id, "by": BY_CLIENT, "now": NOW}
    came = come(comer=jane, **about)  # type: ignore[arg-type]
    parent = make_companion(seat.client)
    come(comer=Comer(f"companion:{parent.public_id}", CallerRole.COMPANION, "Ida", attendee_id=seat.id), **about)  # type: ignore[arg-type]
    assert marks() == [True, False]
    says(appointment, IN_COLORADO, after=1)
    assert marks() == [False, False]
    set_cannot_speak(caller_public_id=came.caller_public_id, key=came.key, cannot_speak=True)
    assert marks() == [True, False]
    assert [each.said.cannot_speak for each in list_said(appointment)] == [True], "the desk reads the same"
    assert [each.cannot_speak for each in db.session.scalars(select(Whereabouts).order_by(Whereabouts.id))] == [
        True
    ] * 2
    set_cannot_speak(caller_public_id=came.caller_public_id, key=came.key, cannot_speak=False)
    assert [each.said.cannot_speak for each in list_said(appointment)] == [False]


def marks() -> list[bool]:
    db.session.expire_all()
    return list(db.session.scalars(select(Caller.cannot_speak).order_by(Caller.id)))


def test_it_stands_in_the_clients_copy(office: Office, appointment: Appointment) -> None:
    decides(says(appointment, IN_UTAH), therapist_of(office), reason="For staff only")
    client = appointment.attendees[0].client
    rows = {
        with_notes: list(
            next(
                each for each in list_copy_sections(client, with_notes=with_notes) if each.name == "whereabouts"
            ).read()
        )
        for with_notes in (False, True)
    }
    assert (rows[False][0]["place"], rows[False][0]["decision"]) == ("A motel in Moab", LicenceDecision.REASON)
    assert "decision_reason" not in rows[False][0]
    assert rows[True][0]["decision_reason"] == "For staff only"
