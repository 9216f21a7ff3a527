"""The page on which a therapist chooses where appointments are written, and how much that calendar is told."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.audit_words import AuditSubject
from telehealth.domain.calendar_words import CalendarKind
from telehealth.domain.icalendar import FeedDetail
from telehealth.models import ConnectedCalendar, PracticeEvent
from tests.factories import Office, make_office, make_therapist
from tests.factories.connections import connect_calendars
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist

pytestmark = pytest.mark.usefixtures("client")
PAGE = "/desk/calendars/writing"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def dana(app: Flask, office: Office) -> Staff:
    return as_therapist(app, office)


def written() -> list[ConnectedCalendar]:
    db.session.expire_all()
    return list(db.session.scalars(select(ConnectedCalendar).where(ConnectedCalendar.is_written)))


def test_a_calendar_is_chosen_changed_and_given_up(dana: Staff, office: Office) -> None:
    first, second = connect_calendars(office.therapist).calendars
    assert "Have appointments written into a calendar of yours" in dana.read("/desk/calendars")
    assert "“Busy” and the time" in dana.read(PAGE)
    typed = {"written": first.public_id, "detail": "code_name", "link": "y", "category": "Practice"}
    assert "stands there within the next minutes" in dana.send(PAGE, typed)
    (chosen,) = written()
    said = (chosen.writes_detail, chosen.writes_place, chosen.writes_link, chosen.writes_requests)
    assert (chosen.id, *said) == (first.id, FeedDetail.CODE_NAME, False, True, False)
    dana.send(PAGE, {"written": second.public_id, "detail": "busy"})
    assert [each.id for each in written()] == [second.id]
    assert "is taken out there" in dana.send(PAGE, {"written": "nowhere"})
    assert written() == []
    lines = select(PracticeEvent.details).where(PracticeEvent.subject == AuditSubject.CALENDAR_CONNECTION)
    assert len([each for each in db.session.scalars(lines) if "written" in each.get("after", {})]) == 3


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"written": "nonsense", "detail": "busy"}, "Please choose a calendar."),
        ({"detail": "busy"}, "Please choose a calendar."),
        ({"detail": "nonsense"}, "Please choose how much it may tell."),
    ],
)
def test_what_is_wrong_is_said_beside_it(dana: Staff, office: Office, typed: dict[str, str], said: str) -> None:
    calendar = connect_calendars(office.therapist).calendars[0]
    given = {"written": calendar.public_id, "category": "Mine", **typed} if "detail" in said else typed
    given = {"written": calendar.public_id, **typed} if said.startswith("Please choose how") else given
    answer = dana.post(PAGE, {"category": "Mine", **given})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Mine"' in answer.text
    assert written() == []


def test_an_address_that_can_only_be_read_is_not_offered(dana: Staff, office: Office) -> None:
    connect_calendars(office.therapist, CalendarKind.ICS, found=())
    assert "No calendar that can be written into" in dana.read(PAGE)


def test_it_is_the_therapists_own(app: Flask, office: Office) -> None:
    calendar = connect_calendars(office.therapist).calendars[0]
    whose = f"{PAGE}?therapist={office.therapist.public_id}"
    for somebody in (as_owner(app, office), as_front_desk(app, office)):
        assert somebody.get(whose).status_code in {403, 404}
        assert somebody.post(whose, {"written": calendar.public_id, "detail": "full"}).status_code in {403, 404}
    other = make_therapist(office.practice, office.service)
    theirs = connect_calendars(other, username="other@example.org").calendars[0]
    dana = as_therapist(app, office)
    assert dana.post(PAGE, {"written": theirs.public_id, "detail": "busy"}).status_code == 422
    assert written() == []
