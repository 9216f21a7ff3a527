"""Where clients are during video appointments, as their therapist sees it, and what follows without a licence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.domain.audit_words import Actor
from telehealth.domain.video.whereabouts import LicenceDecision, Whereabout
from telehealth.models import Appointment, Whereabouts
from telehealth.services.audit import ActedBy
from telehealth.services.video.whereabouts import say_whereabouts
from tests.factories import Office, book, make_contact, make_office
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import as_front_desk, as_therapist, words_of

STARTS = at(10)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def appointment(office: Office, clock: FakeClock) -> Appointment:
    booked = book(office, STARTS, contact=make_contact(name="Jane Doe"), now=NOW)
    clock.instant = STARTS - timedelta(minutes=5)
    return booked


def says(
    appointment: Appointment, state: str | None = "UT", place: str = "A motel in Moab", **given: Any
) -> Whereabouts:
    answer = Whereabout(state, place, "+13035550188", **given)
    seat, by = appointment.attendees[0].id, ActedBy(Actor.CLIENT)
    return say_whereabouts(attendee_id=seat, companion_id=None, answer=answer, by=by, now=STARTS - timedelta(minutes=6))


def test_a_therapist_without_a_licence_there_is_warned_and_decides(
    app: Flask, office: Office, appointment: Appointment
) -> None:
    staff = as_therapist(app, office)
    said, page = says(appointment, cannot_speak=True), f"/desk/appointments/{appointment.public_id}"
    assert f"Jane Doe is in Utah {office.therapist.name} has no licence in Utah on that day." in words_of(
        staff.get("/desk")
    )
    words = words_of(staff.get(page))
    for told in ("A motel in Moab, Utah", "(303) 555-0188", "Cannot speak freely", "you decide what follows"):
        assert told in words
    refused = staff.post(f"{page}/whereabouts", {"said": said.public_id, "decision": "reason", "reason": " "})
    assert refused.status_code == 422
    assert "Please say your reason in a few words." in words_of(refused)
    assert refused.text.count("<h1>") == 1
    kept = staff.post(f"{page}/whereabouts", {"said": said.public_id, "decision": "reason", "reason": "30 days a year"})
    assert kept.status_code == 303
    words = words_of(staff.get(page))
    assert "Decided to go on, for a reason: 30 days a year" in words
    assert "Decided without a licence where the client is by" in words
    assert "no licence in Utah" not in words_of(staff.get("/desk"))


def test_where_there_is_a_licence_the_place_is_told_without_a_warning(
    app: Flask, office: Office, appointment: Appointment
) -> None:
    staff = as_therapist(app, office)
    says(appointment, "CO")
    words = words_of(staff.get(f"/desk/appointments/{appointment.public_id}"))
    assert "A motel in Moab, Colorado" in words
    assert "no licence" not in words
    assert "no licence" not in words_of(staff.get("/desk"))


def test_the_front_desk_reads_it_and_decides_nothing(app: Flask, office: Office, appointment: Appointment) -> None:
    staff = as_front_desk(app, office)
    said, page = says(appointment), f"/desk/appointments/{appointment.public_id}"
    words = words_of(staff.get(page))
    assert "A therapist of this appointment decides." in words
    answer = staff.post(f"{page}/whereabouts", {"said": said.public_id, "decision": "next_steps"})
    assert answer.status_code == 403
    db.session.rollback()
    assert db.session.get_one(Whereabouts, said.id).decision is None


def test_the_part_for_the_room_stays_a_part(app: Flask, office: Office, appointment: Appointment) -> None:
    staff = as_therapist(app, office)
    said, part = says(appointment), f"/desk/appointments/{appointment.public_id}/whereabouts"
    assert "<html" not in staff.get(part).text
    typed = {"said": said.public_id, "in_room": "y"}
    refused = staff.post(part, {**typed, "decision": "reason", "reason": ""})
    assert (refused.status_code, "<html" in refused.text) == (422, False)
    kept = staff.post(part, {**typed, "decision": "next_steps"})
    assert (kept.status_code, "<html" in kept.text) == (200, False)
    assert "Decided to talk about the next steps only." in kept.text
    db.session.rollback()
    assert db.session.get_one(Whereabouts, said.id).decision == LicenceDecision.NEXT_STEPS


def test_whom_one_calls_there_stands_beside_the_place(app: Flask, office: Office, appointment: Appointment) -> None:
    staff = as_therapist(app, office)
    part = f"/desk/appointments/{appointment.public_id}/whereabouts"
    assert "Nobody has said yet where they are. Please ask." in staff.get(part).text
    change(appointment.attendees[0].client, emergency_contact="Ben Doe, brother, (303) 555-0199")
    says(appointment)
    words = words_of(staff.get(f"/desk/appointments/{appointment.public_id}"))
    assert "In an emergency call Ben Doe, brother, (303) 555-0199" in words
    assert "ask to be put through to the emergency services of Utah" in words
    says(appointment, None, place="Paris, France")
    assert "The emergency number in France is 112." in staff.get(part).text
    says(appointment, None, place="A boat")
    assert "We do not know the emergency number there." in staff.get(part).text
