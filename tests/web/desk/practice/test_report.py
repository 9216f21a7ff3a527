"""The page with the practice in figures."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.domain.words import AppointmentStatus
from telehealth.services.appointments.attending import set_status
from tests.factories import BY_STAFF, Office, book, make_contact, make_office
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_owner

LATER = NOW + timedelta(days=3)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "=Dana & Rivera"}, service={"name": "Talk <b>"})


@pytest.fixture
def owner(app: Flask, office: Office, clock: FakeClock) -> Staff:
    made = book(office, at(10, days=1))
    book(office, at(13, days=1), contact=make_contact(name="Other Person"))
    clock.advance(LATER - NOW)
    set_status(
        practice_id=office.practice.id,
        appointment_id=made.id,
        status=AppointmentStatus.FULFILLED,
        by=BY_STAFF,
        now=LATER,
    )
    return as_owner(app, office)


def test_each_picture_has_a_name_and_its_numbers_beside_it(owner: Staff) -> None:
    page = owner.get("/desk/report").text
    assert 'aria-label="November 2026: Kept 50 %, Not marked 50 %"' in page
    assert 'aria-label="=Dana &amp; Rivera: Kept 50 %, Not marked 50 %"' in page
    assert "Talk &lt;b&gt;" in page
    assert "Talk <b>" not in page
    read = owner.read("/desk/report")
    assert "Days are in Mountain Time." in read
    assert "Kept, of those marked" in read
    assert "100%" in read


def test_dates_that_make_no_sense_are_said_and_kept_out(owner: Staff) -> None:
    answer = owner.get("/desk/report?since=2026-11-20&until=2026-11-01")
    assert answer.status_code == 422
    assert "Please give a last day that is not before the first" in answer.text
    assert owner.get("/desk/report?since=2020-01-01&until=2026-11-01").status_code == 422


def test_a_period_without_sessions_says_so(owner: Staff) -> None:
    assert "No sessions in these days" in owner.read("/desk/report?since=2026-10-01&until=2026-10-31")


@pytest.mark.parametrize("table", ["month", "therapist", "service", "lead", "channel", "hours"])
def test_each_table_is_a_file_that_runs_nothing(owner: Staff, table: str) -> None:
    answer = owner.get(f"/desk/report.csv?table={table}")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="report-{table}-')
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))
    assert len(rows) == 2
    if table in {"therapist", "hours"}:
        assert rows[1][0] == "'=Dana & Rivera"
    if table != "hours":
        assert rows[1][1:] == ["1", "0", "0", "0", "1"]


def test_only_owners_read_it(app: Flask, office: Office) -> None:
    staff = as_front_desk(app, office)
    assert staff.get("/desk/report").status_code == 403
    assert staff.get("/desk/report.csv").status_code == 403
