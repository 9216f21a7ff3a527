"""Appointments and messages as files, and who took them along."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.companions import CompanionFacts, Relationship
from telehealth.models import Message, PracticeEvent
from telehealth.queries.appointments import seat_lines
from telehealth.services.practice.exporting import LONGEST_DAYS
from telehealth.web.desk.appointments import exporting
from tests.factories import Office, book, cancel, make_contact, make_couple_office, make_office
from tests.factories.calls import make_visit
from tests.moments import NOW, at
from tests.statements import listening
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, filled_in, words_of

DAYS = {"since": "2026-11-23", "until": "2026-11-30"}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


def take(staff: Staff, what: str, **days: str) -> list[dict[str, str]]:
    answer = staff.post("/desk/export", {"what": what, **DAYS, **days})
    assert answer.status_code == 200, words_of(answer)
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def test_appointments_of_some_days(front_desk: Staff, office: Office) -> None:
    made = book(office, at(10, days=1), contact=make_contact(name="=Ana", email="ana@example.com"))
    cancel(book(office, at(12, days=1), contact=make_contact(name="Ben Ito", phone=None)))
    book(office, at(10, days=14))
    first, second = take(front_desk, "appointments")
    assert first["Appointment"] == made.public_id
    assert (first["Starts (America/Denver)"], first["Starts (UTC)"]) == ("2026-11-24 10:00", "2026-11-24T17:00:00Z")
    assert (first["Minutes"], first["Therapist"], first["What became of it"]) == ("50", "Dana Rivera", "Booked")
    # What somebody typed begins no formula.
    assert (first["Client's name"], first["Phone"]) == ("'=Ana", "(303) 555-0123")
    assert (second["Client's name"], second["What became of it"], second["Phone"]) == ("Ben Ito", "Cancelled", "")


def test_who_booked_for_somebody_stands_in_it(front_desk: Staff, office: Office) -> None:
    leo = make_contact(name="Leo Doe", email="leo@example.com", phone=None, wants_texts=False)
    maria = CompanionFacts("Maria Doe", Relationship.PARENT, "maria@example.com")
    book(office, at(9, days=1), contact=make_contact(name="Ana"))
    book(office, at(10, days=1), contact=leo, booker=maria)
    columns = ("Client's name", "Booked by", "What they are to the client")
    found = [tuple(each[name] for name in columns) for each in take(front_desk, "appointments")]
    assert found == [("Ana", "", ""), ("Leo Doe", "Maria Doe", "parent")]


def test_the_last_day_is_in_it_to_its_end(front_desk: Staff, office: Office) -> None:
    book(office, at(16, days=1))
    assert len(take(front_desk, "appointments", since="2026-11-24", until="2026-11-24")) == 1
    assert take(front_desk, "appointments", since="2026-11-25", until="2026-11-25") == []


def test_each_of_a_couple_has_a_line_and_no_line_is_lost_between_portions(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    couple = make_couple_office()
    for hour in (10, 12, 14):
        book(couple, at(hour, days=1), contact=make_contact(name="A"), others=[make_contact(name="B")])
    monkeypatch.setattr(seat_lines, "_LINES", seat_lines._LINES.limit(1))
    assert [each["Client's name"] for each in take(as_front_desk(app, couple), "appointments")] == ["A", "B"] * 3


def test_messages_of_some_days(front_desk: Staff, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    made = book(office, at(10, days=3), contact=make_contact(name="Ana Rivera"))
    rows = db.session.scalars(select(Message)).all()
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    found = take(front_desk, "messages")
    assert len(found) == len(rows) > 2
    assert {each["Appointment"] for each in found} == {made.public_id}
    assert {each["Message"] for each in found} == {each.public_id for each in rows}
    assert {each["State"] for each in found} == {"Planned"}
    assert "/manage/" not in str(found)


def test_it_is_written_down(front_desk: Staff, office: Office) -> None:
    take(front_desk, "messages")
    (line,) = db.session.scalars(select(PracticeEvent).filter_by(subject=AuditSubject.EXPORT)).all()
    assert (line.action, line.name, line.user_id is not None) == (AuditAction.CREATED, "messages", True)
    assert line.details == {"first_day": "2026-11-23", "last_day": "2026-11-30"}


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"until": "2026-11-22"}, "The last day is before the first one."),
        ({"since": str((NOW - timedelta(days=LONGEST_DAYS)).date())}, "at most three years"),
        ({"since": ""}, "Please choose a date."),
        ({"what": "everything"}, "Please choose one."),
    ],
)
def test_what_cannot_be_taken_is_said(front_desk: Staff, form: dict[str, str], sentence: str) -> None:
    answer = front_desk.post("/desk/export", {"what": "messages", **DAYS, **form})
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert db.session.scalars(select(PracticeEvent).filter_by(subject=AuditSubject.EXPORT)).all() == []


def test_the_form_has_the_last_days(front_desk: Staff) -> None:
    values = filled_in(front_desk.get("/desk/export").text)
    assert (values["what"], values["since"], values["until"]) == (["appointments"], ["2026-10-24"], ["2026-11-23"])


def test_it_is_the_desks_and_of_one_practice(app: Flask, office: Office) -> None:
    book(office, at(10, days=1))
    assert as_therapist(app, office).get("/desk/export").status_code == 403
    assert take(as_owner(app, make_office()), "appointments") == []


def test_a_longer_file_asks_no_more_often_a_line(front_desk: Staff, office: Office) -> None:
    book(office, at(10, days=1))
    with listening() as few:
        take(front_desk, "appointments")
    for hour in (11, 12, 14, 15):
        book(office, at(hour, days=1))
    with listening() as many:
        take(front_desk, "appointments")
    assert len(many) == len(few)


def test_when_they_met_stands_in_it_as_far_as_it_is_known(front_desk: Staff, office: Office) -> None:
    met = book(office, at(10, days=1), contact=make_contact(name="Ana"))
    book(office, at(14, days=1), contact=make_contact(name="Ben", email="ben@example.com"))
    make_visit(met, 0, 55)
    make_visit(met, 2, 20, seat=met.attendees[0], name="Ana")
    make_visit(met, 22, 51, seat=met.attendees[0], name="Ana")
    columns = ("Met from (America/Denver)", "Met until (America/Denver)", "Minutes face to face", "Who says so")
    first, second = take(front_desk, "appointments")
    assert [first[each] for each in columns] == ["2026-11-24 10:02", "2026-11-24 10:51", "47", "Our video room"]
    assert [second[each] for each in columns] == ["", "", "", ""]
