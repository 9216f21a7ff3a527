"""The practice decides who is told, and who is on duty: on its pages and over the API, with lines in the audit."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.audit_words import AuditSubject
from telehealth.domain.inbox.alert_steps import AlertStep, AlertTo, AlertWay
from telehealth.domain.inbox.alerting import AlertReason
from telehealth.domain.words import Role
from telehealth.models import DutyTurn, PracticeEvent
from telehealth.queries.inbox.alerts import list_own_steps
from tests.factories import Office, make_office, make_user
from tests.web.staff import Staff, as_front_desk, as_owner, filled_in, words_of

RULES = "/desk/alert-rules"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def step(place: int, who: str, **given: Any) -> dict[str, Any]:
    usual = {"way": "email", "minutes": "0", "days": [str(day) for day in range(7)], **given}
    return {f"who_{place}": who, **{f"{name}_{place}": value for name, value in usual.items()}}


def own(office: Office, reason: AlertReason = AlertReason.REQUEST) -> list[AlertStep]:
    return list(list_own_steps(office.practice.id, reason))


def test_the_page_says_the_usual_steps_of_every_kind(owner: Staff) -> None:
    page = owner.read(RULES)
    assert "At once: the therapist by text and e-mail." in page
    assert "After 2 hours: the front desk by e-mail, 8:00 AM to 8:00 PM." in page
    assert "Nobody is on duty yet" in page
    assert "Your own rules" not in page


def test_own_steps_are_kept_as_chosen_and_can_be_taken_back(owner: Staff, office: Office, database: Session) -> None:
    colleague = make_user(office.practice, Role.FRONT_DESK, name="Kim Doe")
    form = {
        **step(0, f"person:{colleague.public_id}", way="text", minutes="15"),
        **step(1, "owners", minutes="60", days=["5", "6"], starts="22:00", ends="06:00"),
    }
    page = owner.send(f"{RULES}/request", form)
    assert "After 15 minutes: Kim Doe by text." in page
    assert "Your own rules" in page
    assert own(office) == [
        AlertStep(AlertTo.PERSON, AlertWay.TEXT, 15, person=colleague.public_id),
        AlertStep(AlertTo.OWNERS, AlertWay.EMAIL, 60, (5, 6), 22 * 60, 6 * 60),
    ]
    assert set(filled_in(owner.get(f"{RULES}/request").text)) >= {"who_0", "who_1", "starts_1"}
    assert "Who is told" in owner.read("/desk/changes")
    owner.send(f"{RULES}/request", {"do": "usual"})
    assert own(office) == []
    lines = database.scalars(select(PracticeEvent).where(PracticeEvent.subject == AuditSubject.ALERTS)).all()
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (step(0, "owners", minutes="soon"), "Please enter a number of minutes."),
        (step(0, "owners", minutes="99999"), "Please choose from 0 to 2,880 minutes."),
        (step(0, "owners", days=[]), "Please choose at least one day."),
        (step(0, "person:nobody"), "Please choose somebody who can sign in here."),
        ({**step(0, "owners"), **step(1, "nobody")}, "please choose one of both"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    owner: Staff, office: Office, form: dict[str, Any], sentence: str
) -> None:
    answer = owner.post(f"{RULES}/request", {**form, **step(2, "front_desk", minutes="7")})
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert 'value="7"' in answer.text
    assert own(office) == []


def test_somebody_is_put_on_duty_and_taken_off(owner: Staff, office: Office, database: Session) -> None:
    colleague = make_user(office.practice, Role.FRONT_DESK, name="Kim Doe")
    form = {"person": colleague.public_id, "weekdays": ["4", "5"], "starts": "18:00", "ends": "08:00"}
    page = owner.send(f"{RULES}/duty", form)
    assert "Friday, 6:00 PM to 8:00 AM Kim Doe" in page
    turn = database.scalars(select(DutyTurn).order_by(DutyTurn.weekday)).first()
    assert turn is not None
    owner.send(f"{RULES}/duty/{turn.public_id}/remove")
    assert "Friday" not in owner.read(RULES).partition("On duty")[2].partition("On which days")[0]
    assert owner.post(f"{RULES}/duty", {**form, "person": "x"}).status_code == 422


def test_it_is_the_owners_to_decide(app: Flask, office: Office) -> None:
    desk = as_front_desk(app, office)
    assert desk.get(RULES).status_code == 403
    assert desk.post(f"{RULES}/request", step(0, "owners")).status_code == 403


def test_unknown_kinds_are_not_found(owner: Staff) -> None:
    for reason in ("unanswered", "weather"):
        assert owner.get(f"{RULES}/{reason}").status_code == 404
        assert owner.post(f"{RULES}/{reason}", step(0, "owners")).status_code == 404
